"""Subject `uv-project`: each command of uv that works on the project's environment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dflint.environment import path_folders
from dflint.lazy import regex
from dflint.model import Stage, resolve
from dflint.paths import covers
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Subject
from dflint.subjects.command import (
    ATTRIBUTES,
    COMMAND,
    PARTS,
    CommandPlace,
    command_places,
    earlier,
    option_names,
    spoken,
    variable,
)
from dflint.subjects.start import started_places
from dflint.subjects.venv import folder_in_force

SETTING = regex(r"\bUV_PROJECT_ENVIRONMENT=\S+")


class UvProjectPlace(CommandPlace, frozen=True):
    """`uv sync` and the like, where the project's environment and VIRTUAL_ENV are both known."""

    project: str
    active: str


def uv_project_places(facts: Facts) -> Iterator[UvProjectPlace]:
    """The commands that make the project's environment while VIRTUAL_ENV is set."""
    for at in command_places(facts):
        if spoken(at.command) not in ("uv sync", "uv add"):
            continue
        names = option_names(at.command)
        if {
            "--active",
            "--no-active",
            "--project",
            "--directory",
            "--help",
            "--dry-run",
            "--script",
        } & set(names):
            continue
        project, active = _project(at), _active(at)
        if project is not None and active is not None and not _of_workspace(at, active):
            yield UvProjectPlace(
                facts, at.stage, at.step, at.script, at.number, at.command, project, active
            )


def _project(at: CommandPlace) -> str | None:
    """Where uv makes the project's environment.

    Source: https://docs.astral.sh/uv/concepts/projects/config/#project-environment-path.
    """
    value = variable(at, "UV_PROJECT_ENVIRONMENT")
    if value is UNKNOWN or variable(at, "UV_PROJECT") is not None:
        return None
    if (
        variable(at, "UV_WORKING_DIRECTORY") is not None
        or variable(at, "UV_WORKING_DIR") is not None
    ):
        return None
    path = value if isinstance(value, str) and value else ".venv"
    if path == ".venv" and any(each.tool in ("cd", "pushd") for each in earlier(at)):
        return None
    return resolve(folder_in_force(at), path)


def _of_workspace(at: CommandPlace, active: str) -> bool:
    """Whether VIRTUAL_ENV may be the environment of a workspace that the project is a member of."""
    folder = folder_in_force(at)
    above, _, name = active.rpartition("/")
    return folder is not None and name == ".venv" and covers([above or "/"], folder)


def _active(at: CommandPlace) -> str | None:
    """The environment that VIRTUAL_ENV names, where nothing else of the RUN sets it."""
    value = variable(at, "VIRTUAL_ENV")
    if not isinstance(value, str) or not value:
        return None
    if any(each.tool in (".", "source") for each in earlier(at)):
        return None
    return resolve(folder_in_force(at), value)


def _product(at: UvProjectPlace) -> Stage:
    return at.facts.build.stages[at.facts.build.product or 0]


def product_expects(at: UvProjectPlace) -> object:
    """Whether the product's PATH has VIRTUAL_ENV's `bin` and not the project environment's."""
    folders, complete = path_folders(_product(at).environment.get("PATH"))
    if f"{at.active}/bin" not in folders or f"{at.project}/bin" in folders:
        return False
    return True if complete else UNKNOWN


def project_used(at: UvProjectPlace) -> bool:
    """Whether anything else in the Dockerfile names the project's environment, or starts with uv."""
    if any(
        "uv" in each.command.through or each.command.tool == "uv"
        for each in started_places(at.facts)
    ):
        return True
    name = re.compile(rf"(?<![\w-]){re.escape(at.project.rpartition('/')[2])}(?![\w-])")
    source = at.facts.build.source
    for stage in at.facts.build.stages:
        for step in stage.steps:
            text = source.slice(step.instruction.span)
            other = step is not at.step or len(at.script.commands) > 1
            if other and name.search(_without(text, at.active, at)):
                return True
    return False


def _without(text: str, path: str, at: UvProjectPlace) -> str:
    """A text without the paths of the environment that VIRTUAL_ENV names, and without the command."""
    command = at.facts.build.source.slice(at.command.span)
    return SETTING.sub(" ", text.replace(command, " ")).replace(path, " ")


def _span(at: UvProjectPlace, name: str) -> Span | None:
    found = at.step.environment.get(name)
    return None if found is None else found.span


UV_PROJECT = Subject(
    name="uv-project",
    about="`uv sync` or `uv add` while VIRTUAL_ENV is set, both environments being known.",
    each=uv_project_places,
    attributes={
        **ATTRIBUTES,
        "project-environment": Attribute("text", "Where uv makes the project's environment.", lambda at: at.project),
        "virtual-env": Attribute("text", "The environment that VIRTUAL_ENV names.", lambda at: at.active),
        "mixed": Attribute("flag", "Whether these are two.", lambda at: at.project != at.active),
        "product-expects": Attribute("flag", "Whether the product's PATH has VIRTUAL_ENV's programs and not the project environment's.", product_expects),
        "project-used": Attribute("flag", "Whether anything else names the project's environment, or the product starts with uv.", project_used),
    },
    parts={
        **PARTS,
        "virtual-env": Part("What sets VIRTUAL_ENV.", lambda at: _span(at, "VIRTUAL_ENV")),
        "project-environment": Part("What sets UV_PROJECT_ENVIRONMENT.", lambda at: _span(at, "UV_PROJECT_ENVIRONMENT")),
    },
    main="command",
    families=COMMAND.families,
)  # fmt: skip
