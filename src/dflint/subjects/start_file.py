"""Subject `start-file`: a file of the context that the product's container is to execute."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from dflint.environment import path_folders
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage, Step, flag, resolve
from dflint.paths import covers
from dflint.shell import Command
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Subject
from dflint.subjects.command import CommandPlace, step_commands
from dflint.subjects.context_origin import (
    Origin,
    brought,
    may_change,
    run_may_change,
    steps_before,
)
from dflint.subjects.copy import CopyPlace, true_context
from dflint.subjects.programs import bottom, certainly_missing
from dflint.subjects.start import STARTED, StartedPlace, effective_start, started_places
from dflint.subjects.venv import folder_in_force
from dflint.tree import Entry, UnreadableError

OCTAL = regex(r"[0-7]{3,4}")
ADDS = regex(r"(?:^|,)[ugoa]*[+=][rwst]*x")
MAY_END_IN_CR = regex(rb"#!\s*(?:\S+|/usr/bin/env [^-\s]\S*|\S*/(?:sh|bash|dash|ash) .*)\r\n")


class StartFilePlace(StartedPlace, frozen=True):
    """A command of the start that executes a file, which a COPY brings from the context."""

    path: str
    origin: Origin
    executable: bool | None


def start_file_places(facts: Facts) -> Iterator[StartFilePlace]:
    """The files of the context that the product's start executes for certain."""
    if true_context(facts) is None or facts.build.product is None:
        return
    product = facts.build.stages[facts.build.product]
    moved = False
    for at in started_places(facts):
        path = None if moved else _executed(at, product)
        moved = moved or at.command.tool in ("cd", "pushd")
        if path is not None:
            found = _history(facts, product, path)
            if found is not None:
                origin, mode = found
                yield StartFilePlace(facts, at.stage, at.step, at.command, path, origin, mode)


def _executed(at: StartedPlace, product: Stage) -> str | None:
    """The path that a command of the start hands to the system; None where that is not certain."""
    command = at.command
    launchers = load("starts")["launchers"]
    if command.guarded or command.substituted or not _whole_start(at):
        return None
    if any(each not in launchers for each in command.through):
        return None
    word = next((each for each in command.words if each.span == command.program_span), None)
    if word is None or not word.known or "$" in word.value:
        return None
    if "/" in command.program:
        return resolve(product.workdir.value, command.program)
    return _looked_up(at, product, command)


def _whole_start(at: StartedPlace) -> bool:
    """Whether nothing of the base image comes before: its ENTRYPOINT would get our words."""
    entry, _ = effective_start(at.facts)
    if entry is not None:
        return True
    base = at.facts.build.stages[at.facts.build.product or 0].base
    return base is not None and base.family in load("starts")["bases-without-entrypoint"].split()


def _looked_up(at: StartedPlace, product: Stage, command: Command) -> str | None:
    """Where a program without a folder lies, if a COPY of the context puts it on the PATH."""
    folders, complete = path_folders(product.environment.get("PATH"))
    base = product.base
    if (
        not complete
        or base is None
        or "." not in command.program
        or command.program in base.programs
    ):
        return None
    for folder in folders:
        path = posixpath.join(folder, command.program)
        if _history(at.facts, product, path) is not None:
            return path
    return None


def _history(facts: Facts, product: Stage, path: str) -> tuple[Origin, bool | None] | None:
    """The file of the context at a path, and whether its mode lets it be executed (None: unsure).

    None altogether where something may have made or changed it, other than its mode.
    """
    last: str | None = None
    for stage, step in steps_before(facts, product, len(product.steps)):
        if step.keyword in ("COPY", "ADD"):
            found = brought(CopyPlace(facts, stage, step), path)
            if found is UNKNOWN or (isinstance(found, Entry) and found.kind != "file"):
                return None
            if isinstance(found, Entry):
                origin = Origin(stage, step, found)
                if last is None:
                    return origin, _may_execute(origin.mode)
                return origin, True if last == "executable" else None
        elif step.keyword == "RUN" and run_may_change(facts, stage, step, path):
            mode = _mode_change(facts, stage, step, path)
            if mode is None:
                return None
            last = last or mode
    return None


def _may_execute(mode: int | None) -> bool | None:
    return None if mode is None else bool(mode & 0o111)


def _mode_change(facts: Facts, stage: Stage, step: Step, path: str) -> str | None:
    """What the commands of a RUN make of a file's mode; None where one may do something else."""
    if not step.shell.posix or facts.scripts[step].broken or not facts.scripts[step].commands:
        return None
    found = "unclear"
    for at in step_commands(facts, stage, step):
        if may_change(at, at.command, path):
            if at.command.tool != "chmod":
                return None
            found = "unclear" if at.command.guarded else _chmod(at, path)
    return found


def _chmod(at: CommandPlace, path: str) -> str:
    """`executable` where a chmod certainly makes the path so, else `unclear`."""
    mode, *paths = at.command.arguments or (None,)
    folder = folder_in_force(at)
    named = [resolve(folder, word.value) for word in paths if word and word.known and not word.glob]
    recursive = any(option.name == "--recursive" for option in at.command.options)
    hit = path in named or (recursive and covers([each for each in named if each], path))
    if mode is None or not mode.known or not hit:
        return "unclear"
    bits = int(mode.value, 8) & 0o111 if OCTAL.fullmatch(mode.value) else ADDS.search(mode.value)
    return "executable" if bits else "unclear"


def executable(at: StartFilePlace) -> object:
    """Whether the file may be executed in the image."""
    return UNKNOWN if at.executable is None else at.executable


def _head(at: StartFilePlace) -> bytes | None:
    context = true_context(at.facts)
    if context is None:
        return None
    try:
        return context.tree.head(at.origin.entry.path)
    except UnreadableError:
        return None


def windows_lines(at: StartFilePlace) -> object:
    """Whether the first line names an interpreter and ends as on Windows: no such program exists."""
    head = _head(at)
    return UNKNOWN if head is None else MAY_END_IN_CR.match(head) is not None


def interpreter(at: StartFilePlace) -> object:
    """The program that the first line names, `env` looked through; None without such a line."""
    head = _head(at)
    if head is None:
        return UNKNOWN
    line = re.match(rb"#![ \t]*([^\r\n]+)", head)
    words = line[1].decode("utf-8", "replace").split() if line else []
    if not words:
        return None
    if words[0].endswith("/env") and len(words) > 1:
        return UNKNOWN if words[1].startswith("-") else words[1]
    return words[0]


def interpreter_missing(at: StartFilePlace) -> object:
    """Whether the image certainly lacks the shell that the first line names."""
    found = interpreter(at)
    if not isinstance(found, str):
        return UNKNOWN if found is UNKNOWN else False
    name = found.rpartition("/")[2]
    if name != "bash":
        return UNKNOWN
    return certainly_missing(at.facts, name)


def _single_copy(at: StartFilePlace) -> Span | None:
    """The keyword of a COPY that brings this file alone and says nothing of its mode."""
    step = at.origin.step
    if flag(step.instruction, "chmod") is not None or len(step.words) != 2 or step.onbuild:
        return None
    source = step.words[0]
    same = posixpath.normpath(source.value.lstrip("/")) == at.origin.entry.path
    return step.instruction.keyword_span if source.known and same else None


START_FILE = Subject(
    name="start-file",
    about="A file of the build context that the product's container executes when it starts.",
    each=start_file_places,
    attributes={
        **STARTED.attributes,
        "path": Attribute("text", "Where it lies in the image.", lambda at: at.path),
        "file": Attribute("text", "Where it lies in the build context.", lambda at: at.origin.entry.path),
        "executable": Attribute("flag", "Whether its mode in the image lets anybody execute it.", executable),
        "windows-lines": Attribute("flag", "Whether its first line names an interpreter and ends with CR LF.", windows_lines),
        "interpreter": Attribute("text", "The program that its first line names.", interpreter),
        "interpreter.missing": Attribute("flag", "Whether the image certainly lacks that program.", interpreter_missing),
        "copied-by": Attribute("text", "The keyword of the instruction that brings it.", lambda at: at.origin.step.keyword),
    },
    parts={
        **STARTED.parts,
        "copy": Part("The COPY that brings it.", lambda at: at.origin.step.instruction.span),
        "copy-keyword": Part("The keyword of the COPY that brings it.", lambda at: at.origin.step.instruction.keyword_span),
        "single-copy": Part("The keyword of a COPY of this file alone, without a mode.", _single_copy),
        "product-base": Part("The base image of the product.", lambda at: bottom(at.facts).image.span),
    },
    main="program",
)  # fmt: skip
