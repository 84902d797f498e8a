"""Subjects `project-install` and `copied-venv`: what the context's project says about a build."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from dflint.lazy import regex
from dflint.model import Stage, Step, resolve
from dflint.paths import covers
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Place, Subject
from dflint.subjects.command import (
    ATTRIBUTES,
    COMMAND,
    PARTS,
    CommandPlace,
    command_places,
    option_names,
    spoken,
    step_commands,
    variable,
)
from dflint.subjects.common import STEP, STEP_FAMILIES, STEP_PARTS, one_line
from dflint.subjects.context_origin import brought, seen_at, steps_before, toml_of
from dflint.subjects.copy import CopyPlace, copy_places, destination, from_context, true_context
from dflint.subjects.start import started_places
from dflint.subjects.venv import VenvPlace, folder_in_force, venvs
from dflint.tree import Entry

# --- versions ---

CLAUSE = regex(r"(~=|===|==|!=|<=|>=|<|>|\^|~|)\s*v?(\d+(?:\.\d+)*)((?:\.\*)?)")


# Options after which a command installs nothing, elsewhere, or with another Python.
NO_PROJECT = frozenset(
    {"--help", "--ignore-requires-python", "--python", "--python-version", "--dry-run", "--no-root"}
    | {"--directory", "--project", "--target"}
)
FOLDER = regex(r"\.{1,2}|(?:\.{0,2}/)[^.]*")


def excludes(specifier: str, python: str) -> bool | None:
    """Whether a requirement on Python certainly excludes every release of `X.Y`; None if unclear.

    Understood are PEP 440's specifiers and, for poetry, `^`, `~`, `*` and `||`.
    """
    answers = [_all_excluded(part, python) for part in specifier.split("||")]
    if None in answers:
        return None
    return all(answers)


def _all_excluded(text: str, python: str) -> bool | None:
    text = text.strip()
    if text in ("", "*"):
        return False
    found = False
    for clause in filter(None, re.split(r"\s*,\s*|\s+(?=[<>=!~^])", text)):
        match = CLAUSE.fullmatch(clause.strip())
        if match is None:
            return None
        found = found or _excluded(match[1], _numbers(match[2]), bool(match[3]), _numbers(python))
    return found


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split("."))


def _excluded(sign: str, wanted: tuple[int, ...], star: bool, minor: tuple[int, ...]) -> bool:
    """Whether one clause excludes all of `minor.0`, `minor.1`, …"""
    pair = (*wanted, 0)[:2]
    if sign in (">=", ">"):
        return minor < pair
    if sign == "<":
        return minor > pair or (minor == pair and not any(wanted[2:]))
    if sign == "<=":
        return minor > pair
    if sign in ("==", "===", ""):
        return minor[: len(wanted)] != wanted[:2]
    if sign == "!=":
        return star and len(wanted) <= 2 and minor[: len(wanted)] == wanted
    if sign == "~=" and len(wanted) > 1:
        return minor < pair or (minor[0] != pair[0] if len(wanted) == 2 else minor != pair)
    if sign == "^":
        return minor < pair or minor[0] != pair[0]
    return sign == "~" and minor[: len(wanted)] != wanted[:2]


# What brings another Python, or chooses one, before a project is installed.
OTHER_PYTHON = regex(
    r"python\d\.\d|python[-\s]\d|pyenv|pypy|conda|mamba|deadsnakes|python\s+install|env\s+use|--python|asdf|mise"
    r"|uv\s+venv|python3-(?:dev|pip|venv|full)|\b(?:apt|apt-get|apk|dnf|yum)\s.*\bpython3?\b"
)


# --- the project that a command installs ---


class ProjectPlace(CommandPlace, frozen=True):
    """A command that installs the project of a folder with this stage's Python; its file, parsed."""

    file: str
    data: Mapping[str, Any]


def project_places(facts: Facts) -> Iterator[ProjectPlace]:
    """The commands that install a project whose `pyproject.toml` is known."""
    if true_context(facts) is None:
        return
    for at in command_places(facts):
        folder = _project_folder(at)
        path = None if folder is None else resolve(folder_in_force(at), folder)
        if path is None or not _own_python(at):
            continue
        entry = seen_at(facts, at, posixpath.join(path, "pyproject.toml"))
        data = toml_of(facts, entry) if isinstance(entry, Entry) else None
        if data is not None and isinstance(entry, Entry):
            yield ProjectPlace(
                facts, at.stage, at.step, at.script, at.number, at.command, entry.path, data
            )


def _project_folder(at: CommandPlace) -> str | None:
    """The folder whose project the command installs, with the Python that the stage has."""
    command, names = at.command, set(option_names(at.command))
    if command.guarded or NO_PROJECT & names:
        return None
    if spoken(command) in ("poetry install", "poetry sync"):
        # A full image has the distribution's Python too, and poetry looks for another.
        slim = at.stage.base is not None and at.stage.base.variant in ("slim", "alpine")
        return "." if slim else None
    if spoken(command) != "pip install" or ("uv" in command.through and "--system" not in names):
        return None
    editable = [each.value for each in command.options if each.name == "--editable" and each.value]
    for word in (*command.arguments, *editable):
        path = re.sub(r"\[[^\]]*\]$", "", word.value)
        if word.known and FOLDER.fullmatch(path):
            return path
    return None


def _own_python(at: CommandPlace) -> bool:
    """Whether the only Python of the stage up to here is the base image's own."""
    base = at.stage.base
    if base is None or base.family != "python" or base.python is None:
        return False
    if (
        variable(at, "PIP_IGNORE_REQUIRES_PYTHON") is not None
        or variable(at, "UV_PYTHON") is not None
    ):
        return False
    source = at.facts.build.source
    steps = [at.step, *(step for _, step in steps_before(at.facts, at.stage, at.step.number))]
    return not any(OTHER_PYTHON.search(one_line(source, step.instruction.span)) for step in steps)


def _table(data: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        found = data.get(name)
        data = found if isinstance(found, dict) else {}
    return data


def requires_python(at: ProjectPlace) -> str | None:
    """What the project says of the Python that it runs on; None where it says nothing."""
    found = _table(at.data, "project").get("requires-python")
    if found is None:
        found = _table(at.data, "tool", "poetry", "dependencies").get("python")
    return found if isinstance(found, str) else None


def excluded(at: ProjectPlace) -> object:
    """Whether that certainly excludes the stage's Python."""
    wanted, base = requires_python(at), at.stage.base
    if wanted is None or base is None or base.python is None:
        return False if wanted is None else UNKNOWN
    answer = excludes(wanted, base.python)
    return UNKNOWN if answer is None else answer


# --- the host's environment over the image's ---


class CopiedVenvPlace(Place, frozen=True):
    """A COPY of the context that lays the host's environment over one made before at `path`.

    `file` is where the host's lies in the context, `made` what has made the image's.
    """

    path: str
    file: str
    made: Span


def copied_venv_places(facts: Facts) -> Iterator[CopiedVenvPlace]:
    """The environments that a COPY or ADD of the context covers with the host's own."""
    if true_context(facts) is None:
        return
    for at in copy_places(facts):
        if at.step.onbuild or not from_context(at):
            continue
        for path, span in _environments_before(at):
            entry = brought(at, posixpath.join(path, "pyvenv.cfg"))
            if isinstance(entry, Entry) and not _made_again(at, path):
                file = entry.path.rpartition("/")[0]
                yield CopiedVenvPlace(facts, at.stage, at.step, path, file, span)


def _environments_before(at: CopyPlace) -> Iterator[tuple[str, Span]]:
    """The environments in the image before a COPY, by path, with what put them there."""
    seen = set()
    for stage, step in steps_before(at.facts, at.stage, at.step.number):
        for place in venvs(at.facts):
            path = place.path if place.step is step else _copied_to(place, stage, step)
            if path is not None and path not in seen:
                seen.add(path)
                span = place.command.span if place.step is step else step.instruction.span
                yield path, span


def _copied_to(place: VenvPlace, stage: Stage, step: Step) -> str | None:
    """Where a COPY from the environment's stage puts it; None where it does not."""
    if step.keyword != "COPY" or not any(use.stage == place.stage.index for use in step.uses):
        return None
    into = destination(CopyPlace(place.facts, stage, step)) if step.words else None
    if place.path is None or into is None:
        return None
    for word in step.words[:-1]:
        source = resolve("/", word.value) if word.known and not word.glob else None
        if source is not None and covers([source], place.path):
            return posixpath.normpath(posixpath.join(into, posixpath.relpath(place.path, source)))
    return None


def _made_again(at: CopyPlace, path: str) -> bool:
    """Whether something later makes or removes the environment: a command, another COPY, uv's run."""
    build = at.facts.build
    if any("uv" in each.command.through for each in started_places(at.facts)):
        return True
    for stage in build.stages[at.stage.index :]:
        for step in stage.steps:
            if stage is at.stage and step.number <= at.step.number:
                continue
            if any(each.step is step and each.path in (path, None) for each in venvs(at.facts)):
                return True
            if step.keyword == "COPY" and any(use.kind == "copy" for use in step.uses):
                into = destination(CopyPlace(at.facts, stage, step)) if step.words else None
                if stage.index in build.layers and (into is None or covers([into], path)):
                    return True
            if any("uv" in each.command.through for each in step_commands(at.facts, stage, step)):
                return True
            text = build.source.slice(step.instruction.span)
            if step.keyword == "RUN" and re.search(
                rf"\brm\b.*{re.escape(path.rpartition('/')[2])}", text
            ):
                return True
    return False


COPIED_VENV = Subject(
    name="copied-venv",
    about="A COPY of the context that lays the host's virtual environment over the image's.",
    each=copied_venv_places,
    attributes={
        **STEP,
        "text": Attribute("text", "The instruction as written, on one line.", lambda at: one_line(at.facts.build.source, at.step.instruction.span)),
        "path": Attribute("text", "Where both environments lie in the image.", lambda at: at.path),
        "file": Attribute("text", "Where the host's lies in the build context.", lambda at: at.file),
    },
    parts={
        **STEP_PARTS,
        "made": Part("What has made the image's environment, or copied it there.", lambda at: at.made),
    },
    main="instruction",
    families=STEP_FAMILIES,
)  # fmt: skip

PROJECT_INSTALL = Subject(
    name="project-install",
    about="A command that installs the context's project with the Python of the stage's base image.",
    each=project_places,
    attributes={
        **ATTRIBUTES,
        "file": Attribute("text", "The project's file in the context.", lambda at: at.file),
        "requires-python": Attribute("text", "What the project says of its Python.", requires_python),
        "python-excluded": Attribute("flag", "Whether that certainly excludes the base image's Python.", excluded),
        "image": Attribute("text", "The stage's image as written.", lambda at: at.stage.image.text),
    },
    parts=PARTS,
    main="command",
    families=COMMAND.families,
)  # fmt: skip

SUBJECTS: Mapping[str, Subject] = {each.name: each for each in (COPIED_VENV, PROJECT_INSTALL)}
