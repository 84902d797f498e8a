"""What uv, poetry and pdm install besides the dependencies: development groups, the project itself."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from dflint.knowledge import load
from dflint.model import Step
from dflint.shell import Script
from dflint.subjects.base import UNKNOWN
from dflint.subjects.command import CommandPlace, option_names, variable
from dflint.subjects.context_origin import seen_at, steps_before, toml_of
from dflint.subjects.copy import CopyPlace, copied, from_context, true_context
from dflint.subjects.venv import folder_in_force
from dflint.tree import Entry, UnreadableError


@cache
def _words(kind: str, tool: str | None = None) -> frozenset[str]:
    found = load("groups")[kind]
    text: str = found if tool is None else found.get(tool, "")
    return frozenset(text.split())


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return re.compile(load("groups")[kind])


def _project_file(at: CommandPlace) -> Entry | None:
    """The context's `pyproject.toml` that the command reads; None where it is not known."""
    folder = folder_in_force(at)
    if folder is None or _words("elsewhere") & set(option_names(at.command)):
        return None
    entry = seen_at(at.facts, at, posixpath.join(folder, "pyproject.toml"))
    return entry if isinstance(entry, Entry) else None


def _project(at: CommandPlace) -> Mapping[str, Any] | None:
    """What that file says; None where it is not known."""
    entry = _project_file(at)
    return None if entry is None else toml_of(at.facts, entry)


def _table(data: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        found = data.get(name)
        data = found if isinstance(found, dict) else {}
    return data


def chooses(at: CommandPlace) -> object:
    """Whether the command, or a variable, says which groups of dependencies are wanted."""
    tool = at.command.tool
    if _words("options", tool) & set(option_names(at.command)) or _other_branch_chooses(at):
        return True
    values = [variable(at, name) for name in sorted(_words("variables", tool))]
    if any(value is UNKNOWN for value in values):
        return UNKNOWN
    return any(value not in (None, "", "0", "false") for value in values)


def _other_branch_chooses(at: CommandPlace) -> bool:
    """Whether a condition decides, as of `if …; then poetry install; else poetry install --no-dev`."""
    tool, script = at.command.tool, at.script
    if not at.command.guarded:
        return False
    key = (f"a branch chooses {tool}'s groups", at.step.instruction.keyword_span.start)
    found: tuple[Script, bool] | None = at.facts.memo.get(key)
    if found is None or found[0] is not script:
        choices = _words("options", tool)
        there = (each for each in script.commands if each.guarded and each.tool == tool)
        chosen = any(choices & set(option_names(each)) for each in there)
        found = at.facts.memo[key] = script, chosen
    return found[1]


def dev_packages(at: CommandPlace) -> object:
    """The packages for development that the command installs unasked; `UNKNOWN` without its file."""
    data = _project(at) if _words("options", at.command.tool) else None
    if data is None:
        return UNKNOWN
    found = [name for group in _groups(at.command.tool, data) for name in group]
    return tuple(dict.fromkeys(found))


def _groups(tool: str, data: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    """The packages of each group for development that a tool installs by default."""
    groups, own = _table(data, "dependency-groups"), _table(data, "tool", tool)
    if tool == "poetry":
        yield list(_table(own, "dev-dependencies"))
        for name, group in _table(own, "group").items():
            if (
                _pattern("development").match(name)
                and isinstance(group, dict)
                and not group.get("optional")
            ):
                yield list(_table(group, "dependencies"))
        return
    default = own.get("default-groups", ["dev"]) if tool == "uv" else "all"
    for name, group in groups.items():
        if _pattern("development").match(name) and (default == "all" or name in default):
            yield _names(group)
    old = own.get("dev-dependencies")
    for group in old.values() if isinstance(old, dict) else [old]:
        if default == "all" or "dev" in default:
            yield _names(group)


def _names(group: object) -> list[str]:
    """The names of the packages of a list of requirements."""
    texts = [each for each in group if isinstance(each, str)] if isinstance(group, list) else []
    found = [re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", text.strip()) for text in texts]
    return [match[0] for match in found if match is not None]


def packaged(at: CommandPlace) -> object:
    """Whether the command installs the project itself too; `UNKNOWN` without its file."""
    data = _project(at) if _words("options", at.command.tool) else None
    if data is None:
        return UNKNOWN
    own = _table(data, "tool", at.command.tool)
    if at.command.tool == "poetry":
        named = bool(own.get("name") or "project" in data)
        return named and own.get("package-mode") is not False and _has_modules(at, data)
    return bool(
        own.get("package" if at.command.tool == "uv" else "distribution", "build-system" in data)
    )


def _has_modules(at: CommandPlace, data: Mapping[str, Any]) -> bool:
    """Whether a project has what Poetry would install, as far as the context does not deny it.

    Without `packages`, that is a module of the project's name beside `pyproject.toml` or in `src`
    (python-poetry.org/docs/pyproject, "packages"). Where there is none, older versions install
    nothing without a word, and Poetry 2 stops.
    """
    own, entry, context = _table(data, "tool", "poetry"), _project_file(at), true_context(at.facts)
    name = own.get("name") or _table(data, "project").get("name")
    if own.get("packages") or entry is None or context is None or not isinstance(name, str):
        return True
    module = re.sub(r"[-_.]+", "_", name).lower()
    folder = entry.path.rpartition("/")[0]
    places = (module, f"{module}.py", f"src/{module}", f"src/{module}.py")
    try:
        found = [context.tree.entry(posixpath.join(folder, place)) for place in places]
    except UnreadableError:
        return True
    return any(each is not None for each in found)


def source_copied_later(at: CommandPlace) -> Step | None:
    """The first later COPY of the stage that brings sources, where none before has brought any."""
    before = [step for _, step in steps_before(at.facts, at.stage, at.step.number)]
    brought = [step for step in before if step.keyword in ("COPY", "ADD")]
    if any(_brings_sources(at, step) for step in brought) or _mounts_more(at.step):
        return None
    if any(
        step.keyword == "RUN" and "git" in at.facts.build.source.slice(step.instruction.span)
        for step in before
    ):
        return None
    for step in at.stage.steps[at.step.number + 1 :]:
        if step.keyword in ("COPY", "ADD") and not step.onbuild and _brings_sources(at, step):
            return step if from_context(CopyPlace(at.facts, at.stage, step)) else None
    return None


def _brings_sources(at: CommandPlace, step: Step) -> bool:
    place = CopyPlace(at.facts, at.stage, step)
    if len(step.words) < 2:
        return False
    if not from_context(place):
        return not any("uv" in word.value for word in copied(place))
    return any(
        not _pattern("descriptions").match(posixpath.basename(word.value.rstrip("*?")))
        for word in copied(place)
    )


def _mounts_more(step: Step) -> bool:
    """Whether a bind mount shows more than the files that describe the project."""
    return any(
        mount.kind == "bind"
        and (
            mount.target is None
            or not _pattern("descriptions").match(posixpath.basename(mount.target))
        )
        for mount in step.mounts
    )
