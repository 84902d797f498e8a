"""Subject `venv`: each virtual environment that a command of the build makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from dflint.environment import path_folders
from dflint.model import Step, resolve
from dflint.paths import covers
from dflint.shell import Word
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
from dflint.subjects.common import MOST_STEPS, one_line
from dflint.subjects.start import StartedPlace, effective_start, started_places

SYSTEM_PREFIXES = frozenset({"/", "/usr", "/usr/local"})


class VenvPlace(CommandPlace, frozen=True):
    """A command that makes a virtual environment; `path` is None when it is not known."""

    path: str | None


def venv_places(facts: Facts) -> Iterator[VenvPlace]:
    """The virtual environments that commands of the build make."""
    return iter(venvs(facts))


@lru_cache(maxsize=2)
def venvs(facts: Facts) -> tuple[VenvPlace, ...]:
    """As `venv_places`; kept, because other subjects ask for it at every command."""
    found = []
    for at in command_places(facts):
        made = _made_at(at)
        if made is not None:
            path = resolve(folder_in_force(at), made.value) if made.known else None
            found.append(
                VenvPlace(at.facts, at.stage, at.step, at.script, at.number, at.command, path)
            )
    return tuple(found)


def _made_at(at: CommandPlace) -> Word | None:
    command = at.command
    if spoken(command) == "uv sync":
        return _synced_at(at)
    if command.tool not in ("venv", "virtualenv") and spoken(command) != "uv venv":
        return None
    if {"--help", "--version"} & set(option_names(command)):
        return None
    if command.arguments:
        return command.arguments[-1]
    if command.tool == "uv":
        return Word(".venv", command.program_span, ".venv", True, False)
    return None


def _synced_at(at: CommandPlace) -> Word | None:
    """Where `uv sync` makes the project's environment; None for one of the system's folders.

    Source: https://docs.astral.sh/uv/concepts/projects/config/#project-environment-path.
    """
    names = option_names(at.command)
    if {"--help", "--dry-run", "--check", "--active"} & set(names):
        return None
    value = variable(at, "UV_PROJECT_ENVIRONMENT")
    known = value is not UNKNOWN and not {"--project", "--directory"} & set(names)
    path = value if isinstance(value, str) and value else ".venv"
    if resolve("/", path) in SYSTEM_PREFIXES:
        return None
    return Word(path, at.command.program_span, path, known, False)


def folder_in_force(at: CommandPlace) -> str | None:
    """The working folder, after any `cd` before the command in the same instruction."""
    folder = at.step.workdir.value
    for command in earlier(at):
        if command.tool in ("cd", "pushd"):
            word = command.arguments[0] if command.arguments else None
            folder = resolve(folder, word.value) if word is not None and word.known else None
    return folder


def arrives(at: VenvPlace) -> object:
    """Whether the environment is in the product at the same path; `UNKNOWN` when unsure.

    It is when the product stands on its stage, or copies it, or a folder above it, to its own path.
    """
    build = at.facts.build
    if at.stage.index in build.layers:
        return True
    if at.path is None:
        return UNKNOWN
    answer: object = False
    for index in build.layers:
        for step in build.stages[index].steps:
            if step.keyword != "COPY" or not step.uses or not step.words:
                continue
            if step.uses[0].stage != at.stage.index:
                continue
            same = _copied_to_itself(at, step.words, step.workdir.value)
            if same is True:
                return True
            answer = UNKNOWN if same is UNKNOWN else answer
    return answer


def _copied_to_itself(at: VenvPlace, words: tuple[Word, ...], workdir: str | None) -> object:
    *sources, destination = words
    target = resolve(workdir, destination.value) if destination.known else None
    for source in sources:
        if not source.known or target is None:
            return UNKNOWN
        path = resolve("/", source.value)
        if path is not None and at.path is not None and covers([path], at.path) and target == path:
            return True
    return False


def on_path(at: VenvPlace) -> object:
    """Whether the product's PATH has the environment's `bin`; `UNKNOWN` when unsure."""
    build = at.facts.build
    if at.path is None or build.product is None:
        return UNKNOWN
    folders, complete = path_folders(build.stages[build.product].environment.get("PATH"))
    if at.path + "/bin" in folders:
        return True
    return False if complete else UNKNOWN


def _product_steps(at: VenvPlace) -> list[Step]:
    build = at.facts.build
    return [step for index in sorted(build.layers) for step in build.stages[index].steps]


def mentioned(at: VenvPlace) -> object:
    """Whether the product names the environment's programs, activates or removes it, anywhere.

    In CMD and ENTRYPOINT, in a RUN or ENV, as a SHELL, or as what a link or a `.pth` file leads to.
    Installing into it, by its own pip or after activating it for that RUN, does not count.
    """
    if at.path is None or len(at.stage.steps) > MOST_STEPS:
        return UNKNOWN
    name = re.escape(at.path.rpartition("/")[2])
    place = rf"(?:{re.escape(at.path)}|(?<![\w/.-])(?:\./)?{name})"
    installing = re.compile(
        rf"{place}/bin/(?:pip[\d.]*|python[\d.]*\s+-m\s+pip)(?![\w.-])"
        rf"|(?:\.|\bsource)\s+[\"']?{place}/bin/activate"
    )
    marks = re.compile(rf"{name}/(?:bin|lib)|activate|\brm\b[^&|;]*{place}")
    for step in _product_steps(at):
        text = one_line(at.facts.build.source, step.instruction.span)
        if marks.search(installing.sub(" ", text) if step.keyword == "RUN" else text):
            return True
    return False


def start_tools(at: VenvPlace) -> object:
    """The programs that the product's container starts; `UNKNOWN` where a path hides them."""
    found = _started(at)
    return UNKNOWN if found is None else tuple(each.command.tool for each in found)


def start_carriers(at: VenvPlace) -> object:
    """What carries those programs: python, sh, exec, uv, poetry, …"""
    found = _started(at)
    if found is None:
        return UNKNOWN
    return tuple(name for each in found for name in each.command.through)


def _started(at: VenvPlace) -> tuple[StartedPlace, ...] | None:
    """What the product starts; None without any, or where one is a file named by its path."""
    found = tuple(started_places(at.facts))
    if not found or any("/" in each.command.program for each in found):
        return None
    return found


def start_text(at: VenvPlace) -> str | None:
    """The CMD or ENTRYPOINT in force that comes last, as written."""
    entry, cmd = effective_start(at.facts)
    found = cmd or entry
    return None if found is None else one_line(at.facts.build.source, found[1].instruction.span)


def _start_span(at: VenvPlace) -> Span | None:
    entry, cmd = effective_start(at.facts)
    found = cmd or entry
    return None if found is None else found[1].instruction.span


VENV = Subject(
    name="venv",
    about="A command that makes a virtual environment: venv, virtualenv, `uv venv`, `uv sync`.",
    each=venv_places,
    attributes={
        **ATTRIBUTES,
        "path": Attribute("text", "The environment's absolute path.", lambda at: UNKNOWN if at.path is None else at.path),
        "arrives": Attribute("flag", "Whether it is in the product at its own path.", arrives),
        "on-path": Attribute("flag", "Whether the product's PATH has its bin folder.", on_path),
        "mentioned": Attribute("flag", "Whether the product names its programs or activates it.", mentioned),
        "start": Attribute("text", "The product's CMD or ENTRYPOINT as written.", start_text),
        "start.tools": Attribute("list", "The programs that the product starts.", start_tools),
        "start.through": Attribute("list", "What carries those programs: python, sh, exec, uv, …", start_carriers),
    },
    parts={**PARTS, "start": Part("The product's CMD or ENTRYPOINT.", _start_span)},
    main="command",
    families=COMMAND.families,
)  # fmt: skip
