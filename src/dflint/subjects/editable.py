"""Subject `editable`: each editable install of a project whose environment reaches the product."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from dflint.image.files import Closed, Files, NotThere, There
from dflint.image.pypi import normalized, project_file
from dflint.image.state import PythonPlace
from dflint.lazy import regex
from dflint.model import resolve
from dflint.paths import covers
from dflint.shell import Command
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Subject
from dflint.subjects.command import (
    ATTRIBUTES,
    COMMAND,
    PARTS,
    CommandPlace,
    command_places,
    option_names,
    spoken,
    variable,
)
from dflint.subjects.context_origin import names_file, seen_at
from dflint.subjects.copy import true_context
from dflint.subjects.modelled import images, span_of
from dflint.subjects.start import effective_start
from dflint.subjects.venv import folder_in_force, venvs
from dflint.tree import Entry

EXTRAS = regex(r"\[[^\]]*\]$")
ELSEWHERE = regex(r"^(git|hg|svn|bzr)\+|://")
UV_NONE = {
    "--no-editable", "--no-install-project", "--no-install-local", "--no-install-workspace",
    "--only-group", "--only-dev", "--dry-run", "--check", "--project", "--directory", "--package",
    "--script",
}  # fmt: skip
POETRY_NONE = {"--no-root", "--only", "--only-root", "--dry-run", "--help", "--no-directory"}


class EditablePlace(CommandPlace, frozen=True):
    """An editable install: the project's folder, its name if known, and where it lies."""

    source: str
    project: str | None
    scripts: tuple[str, ...] | None
    place: PythonPlace | None


def editable_places(facts: Facts) -> Iterator[EditablePlace]:
    """The editable installs of the stages that the product stands on or copies from."""
    for at in command_places(facts):
        if at.stage.index not in facts.build.reachable:
            continue
        source = _source(at)
        if source is None:
            continue
        table = _project(facts, at, source)
        if _is_install(at.command) or _is_package(at.command, table):
            name, scripts = _names(table)
            yield EditablePlace(
                at.facts, at.stage, at.step, at.script, at.number, at.command,
                source, name, scripts, _arrived(facts, at),
            )  # fmt: skip


def _is_install(command: Command) -> bool:
    return command.tool == "pip" and command.action == "install"


def _source(at: CommandPlace) -> str | None:
    """The folder of the project that a command installs in place; None where there is none."""
    command, names = at.command, set(option_names(at.command))
    if _is_install(command):
        values = [each.value for each in command.options if each.name == "--editable"]
        word = values[0] if values else None
        if word is None or not word.known or ELSEWHERE.search(word.value):
            return None
        path = EXTRAS.sub("", word.value).removeprefix("file://")
        return resolve(folder_in_force(at), path or ".")
    if spoken(command) == "uv sync" and not UV_NONE & names:
        return folder_in_force(at) if variable(at, "UV_NO_EDITABLE") in (None, "0", "") else None
    if spoken(command) == "poetry install" and not POETRY_NONE & names:
        return folder_in_force(at)
    return None


def _project(facts: Facts, at: CommandPlace, source: str) -> Mapping[str, Any] | None:
    """The project's pyproject.toml, as the command sees it; None where it cannot be read."""
    entry = seen_at(facts, at, posixpath.join(source, "pyproject.toml"))
    if not isinstance(entry, Entry):
        return None
    return project_file(true_context(facts), posixpath.dirname(entry.path))


def _is_package(command: Command, table: Mapping[str, Any] | None) -> bool:
    """Whether uv or poetry installs the project itself.

    Sources: https://docs.astral.sh/uv/concepts/projects/config/#project-packaging and
    https://python-poetry.org/docs/pyproject/#package-mode.
    """
    if table is None:
        return False
    tool = _table(table, "tool", "uv" if command.tool == "uv" else "poetry")
    if command.tool == "uv":
        return bool(tool.get("package", "build-system" in table))
    return tool.get("package-mode", True) is True and _names(table)[0] is not None


def _names(table: Mapping[str, Any] | None) -> tuple[str | None, tuple[str, ...] | None]:
    """The project's name and its console scripts."""
    if table is None:
        return None, None
    for project in (_table(table, "project"), _table(table, "tool", "poetry")):
        if isinstance(project.get("name"), str):
            return normalized(project["name"]), tuple(map(str, _table(project, "scripts")))
    return None, None


def _table(table: object, *names: str) -> Mapping[str, Any]:
    for name in names:
        table = table.get(name) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def _arrived(facts: Facts, at: CommandPlace) -> PythonPlace | None:
    """The place of the product that a COPY made of what the command installed into."""
    product = images(facts).product
    if product is None or at.stage.index in facts.build.layers:
        return None
    venv = next((each.path for each in venvs(facts) if each.command is at.command), None)
    for place in product.places:
        if place.placed is None or place.made.stage != at.stage.index:
            continue
        if venv is not None and place.home == venv:
            return place
        if _runs_in(at, place) or _installed_by(at, place):
            return place
    return None


def _installed_by(at: CommandPlace, place: PythonPlace) -> bool:
    """Whether something that lies there is the command's work."""
    mine = at.command.span
    spans = [span_of(each.origin) for each in place.packages.values()]
    return any(span is not None and mine.start <= span.start < mine.end for span in spans)


def _runs_in(at: CommandPlace, place: PythonPlace) -> bool:
    """Whether the command is a program of the environment, or has it first on its PATH."""
    program = at.command.words[0].value if at.command.words else ""
    folders = str(variable(at, "PATH") or "").split(":")
    first = folders[0] if folders else ""
    home = f"{place.home}/bin"
    return place.kind == "venv" and (program.startswith(f"{home}/") or first == home)


def state(at: EditablePlace) -> object:
    """Whether the project's source is `there` or `missing` in the product, at the same path."""
    product = images(at.facts).product
    if product is None:
        return UNKNOWN
    found = product.files.lookup(at.source)
    if isinstance(found, NotThere):
        return "missing"
    if not isinstance(found, There):
        return UNKNOWN
    wanted = _code(at)
    if wanted:
        answers = [product.files.lookup(path) for path in wanted]
        if all(isinstance(each, NotThere) for each in answers):
            return "missing"
        return "there" if any(isinstance(each, There) for each in answers) else UNKNOWN
    return "missing" if _holds_nothing_else(product.files, at) else UNKNOWN


def _code(at: EditablePlace) -> list[str]:
    """The folders that the project's modules certainly lie in, in its own stage."""
    files = images(at.facts)[at.stage.index].files
    names = [f"{at.source}/src"]
    if at.project is not None:
        names.append(f"{at.source}/{at.project.replace('-', '_')}")
    return [path for path in names if isinstance(files.lookup(path), There)]


def _holds_nothing_else(files: Files, at: EditablePlace) -> bool:
    """Whether the project's folder certainly holds nothing in the product but the environment."""
    node = files.node(at.source)
    if not isinstance(node.rest, Closed) or node.blur is not None or at.place is None:
        return False
    return all(
        child.state is None or covers([f"{at.source}/{name}"], at.place.prefix)
        for name, child in node.children.items()
    )


def source_elsewhere(at: EditablePlace) -> bool:
    """Whether the product may have the project's source at another path.

    So it is where one of its COPY or ADD brings a folder that is not the environment.
    """
    build = at.facts.build
    for index in build.layers:
        for step in build.stages[index].steps:
            if step.keyword in ("COPY", "ADD") and len(step.words) >= 2:
                for word in step.words[:-1]:
                    path = resolve("/", word.value) or ""
                    if at.place is not None and covers([at.place.home], path):
                        continue
                    if word.glob or not names_file(word.value):
                        return True
    return False


def _starts_it(at: EditablePlace) -> object:
    """Whether the product starts a console script, or a module, of the project."""
    start = images(at.facts).start
    if start is None or at.project is None:
        return False if start is None else UNKNOWN
    if start.module is not None:
        return start.module.partition(".")[0] == at.project.replace("-", "_")
    name = posixpath.basename(start.program or "")
    return name in (at.scripts or ())


def _placed_span(at: EditablePlace) -> Span | None:
    return None if at.place is None else span_of(at.place.placed)


def _start_span(at: EditablePlace) -> Span | None:
    entry, cmd = effective_start(at.facts)
    found = cmd or entry
    return None if found is None else found[1].instruction.span


EDITABLE = Subject(
    name="editable",
    about="An editable install of a project: `pip install -e`, `uv sync`, `poetry install`.",
    each=editable_places,
    attributes={
        **ATTRIBUTES,
        "source": Attribute("text", "The project's folder, which the install leads to.", lambda at: at.source),
        "project": Attribute("text", "The project's name.", lambda at: UNKNOWN if at.project is None else at.project),
        "arrives": Attribute("flag", "Whether a COPY brings the environment that it installs into to the product.", lambda at: at.place is not None),
        "path": Attribute("text", "Where that environment lies in the product.", lambda at: None if at.place is None else at.place.prefix),
        "found": Attribute("text", "Whether the project's source is `there` or `missing` in the product, at the same path.", state),
        "elsewhere": Attribute("flag", "Whether the product may have the source at another path.", source_elsewhere),
        "started": Attribute("flag", "Whether the product starts a console script or module of the project.", _starts_it),
    },
    parts={
        **PARTS,
        "placed": Part("The COPY that brings the environment.", _placed_span),
        "start": Part("The product's CMD or ENTRYPOINT.", _start_span),
    },
    main="command",
    families=COMMAND.families,
)  # fmt: skip
