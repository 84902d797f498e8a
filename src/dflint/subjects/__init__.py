"""The things of a build that rules look at: one explicit table of them."""

from __future__ import annotations

from collections.abc import Mapping

from dflint.subjects import (
    context_project,
    copy,
    instruction,
    label,
    pipeline,
    problem,
    spelling,
    stage,
    start,
)
from dflint.subjects.base import Subject
from dflint.subjects.base_image import FROM
from dflint.subjects.cache_mount import CACHE_MOUNT
from dflint.subjects.command import COMMAND
from dflint.subjects.context_file import CONTEXT_FILE
from dflint.subjects.editable import EDITABLE
from dflint.subjects.expose import EXPOSE
from dflint.subjects.healthcheck import HEALTHCHECK
from dflint.subjects.install import INSTALL
from dflint.subjects.left_behind import LEFT_BEHIND
from dflint.subjects.library import LIBRARY
from dflint.subjects.python_place import PYTHON_PLACE
from dflint.subjects.reference import REFERENCE
from dflint.subjects.reordering import COPY
from dflint.subjects.resolved_start import RESOLVED_START
from dflint.subjects.search_path import SEARCH_PATH
from dflint.subjects.secret import SECRET
from dflint.subjects.secret_file import SECRET_FILE
from dflint.subjects.secret_mount import SECRET_KEPT
from dflint.subjects.server import SERVER
from dflint.subjects.stage_copy import STAGE_COPY
from dflint.subjects.start_file import START_FILE
from dflint.subjects.uv_environment import UV_PROJECT
from dflint.subjects.venv import VENV
from dflint.subjects.writing import WRITE

SUBJECTS: Mapping[str, Subject] = {
    FROM.name: FROM,
    **stage.SUBJECTS,
    **instruction.SUBJECTS,
    **label.SUBJECTS,
    EXPOSE.name: EXPOSE,
    REFERENCE.name: REFERENCE,
    **spelling.SUBJECTS,
    SECRET.name: SECRET,
    SECRET_FILE.name: SECRET_FILE,
    SECRET_KEPT.name: SECRET_KEPT,
    COMMAND.name: COMMAND,
    **pipeline.SUBJECTS,
    INSTALL.name: INSTALL,
    VENV.name: VENV,
    **copy.SUBJECTS,
    COPY.name: COPY,
    CONTEXT_FILE.name: CONTEXT_FILE,
    STAGE_COPY.name: STAGE_COPY,
    PYTHON_PLACE.name: PYTHON_PLACE,
    RESOLVED_START.name: RESOLVED_START,
    LEFT_BEHIND.name: LEFT_BEHIND,
    EDITABLE.name: EDITABLE,
    SEARCH_PATH.name: SEARCH_PATH,
    LIBRARY.name: LIBRARY,
    WRITE.name: WRITE,
    **start.SUBJECTS,
    SERVER.name: SERVER,
    START_FILE.name: START_FILE,
    CACHE_MOUNT.name: CACHE_MOUNT,
    UV_PROJECT.name: UV_PROJECT,
    **context_project.SUBJECTS,
    HEALTHCHECK.name: HEALTHCHECK,
    **problem.SUBJECTS,
}
