"""Subject `venv`: each virtual environment that a command of the build makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dflint.environment import path_folders
from dflint.model import Stage, resolve
from dflint.paths import covers
from dflint.shell import Word
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Subject
from dflint.subjects.command import (
    ATTRIBUTES,
    COMMAND,
    PARTS,
    CommandPlace,
    command_places,
    earlier,
    option_names,
    spoken,
)
from dflint.subjects.common import one_line


@dataclass(frozen=True, slots=True)
class VenvPlace(CommandPlace):
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
    if command.tool not in ("venv", "virtualenv") and spoken(command) != "uv venv":
        return None
    if {"--help", "--version"} & set(option_names(command)):
        return None
    if command.arguments:
        return command.arguments[-1]
    if command.tool == "uv":
        return Word(".venv", command.program_span, ".venv", True, False)
    return None


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
    variable = build.stages[build.product].environment.get("PATH")
    if variable is None or variable.kind == "base":
        return False
    folders, complete = path_folders(variable)
    if at.path + "/bin" in folders:
        return True
    return False if complete or variable.partly.rstrip("/").endswith(":$PATH") else UNKNOWN


def product_text(facts: Facts) -> str:
    """What the product's stages say after FROM, on one line, to look for mentions."""
    build = facts.build
    return " ".join(
        one_line(build.source, step.instruction.span)
        for index in sorted(build.layers)
        for step in build.stages[index].steps
    )


def starts_with_it(at: VenvPlace) -> object:
    """Whether CMD, ENTRYPOINT or HEALTHCHECK name the environment, or a script that may do so."""
    build = at.facts.build
    if at.path is None or build.product is None:
        return UNKNOWN
    stages: list[Stage] = [build.stages[index] for index in sorted(build.layers)]
    starts = [
        step.instruction.text.value
        for stage in stages
        for step in stage.steps
        if step.keyword in ("CMD", "ENTRYPOINT")
    ]
    if not starts:
        return UNKNOWN
    name = at.path.rpartition("/")[2]
    text = " ".join(starts)
    if at.path in text or f"{name}/bin" in text or "activate" in text:
        return True
    return UNKNOWN if ".sh" in text or "entrypoint" in text or "$" in text else False


VENV = Subject(
    name="venv",
    about="A command that makes a virtual environment: venv, virtualenv or `uv venv`.",
    each=venv_places,
    attributes={
        **ATTRIBUTES,
        "path": Attribute("text", "The environment's absolute path.", lambda at: UNKNOWN if at.path is None else at.path),
        "arrives": Attribute("flag", "Whether it is in the product at its own path.", arrives),
        "on-path": Attribute("flag", "Whether the product's PATH has its bin folder.", on_path),
        "started": Attribute("flag", "Whether the product's start names it.", starts_with_it),
        "product-text": Attribute("text", "What the product's stages say.", lambda at: product_text(at.facts)),
    },
    parts=PARTS,
    main="command",
    families=COMMAND.families,
)  # fmt: skip


