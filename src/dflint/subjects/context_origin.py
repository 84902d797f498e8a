"""Which file of the build context lies at a path of an image, as far as that is certain."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from dflint.context import Context, sources
from dflint.glob import has_wildcard
from dflint.image.copying import REMOTE, is_archive
from dflint.knowledge import load
from dflint.model import Stage, Step, flag, resolve
from dflint.paths import covers
from dflint.shell import Command, Word
from dflint.subjects.base import UNKNOWN, Facts, Unknown
from dflint.subjects.command import CommandPlace, spoken, step_commands
from dflint.subjects.common import MOST_STEPS
from dflint.subjects.copy import CopyPlace, copied, from_context, true_context
from dflint.tree import Entry, UnreadableError


@cache
def _file_endings() -> frozenset[str]:
    return frozenset(load("file-names")["endings"].split())


def names_file(name: str) -> bool:
    """Whether a name, without its folder, is one that only a file has."""
    _, dot, ending = name.rpartition(".")
    return name in load("file-names")["names"] or bool(dot and ending in _file_endings())


class Origin(Struct, frozen=True):
    """A file of the context, the COPY that put it into the image, and the mode that this gives."""

    stage: Stage
    step: Step
    entry: Entry

    @property
    def mode(self) -> int | None:
        """The permission bits in the image; None where `--chmod` says something unusual."""
        found = flag(self.step.instruction, "chmod")
        if found is None or found.value is None:
            return self.entry.mode
        text = found.value.value
        return int(text, 8) if re.fullmatch(r"0?[0-7]{3,4}", text) else None


def steps_before(facts: Facts, stage: Stage, number: int) -> Iterator[tuple[Stage, Step]]:
    """The steps before a number, of the stage and then of those it stands on, last first."""
    at: Stage | None = stage
    limit = number
    while at is not None:
        for step in reversed(at.steps[:limit]):
            if not step.onbuild:
                yield at, step
        at = None if at.parent is None else facts.build.stages[at.parent]
        limit = len(at.steps) if at is not None else 0


def file_at(facts: Facts, stage: Stage, number: int, path: str) -> Origin | Unknown | None:
    """The file of the context that lies at a path before a step of a stage.

    None where no instruction puts one there; `UNKNOWN` where one may have, or may have changed it.
    """
    if number > MOST_STEPS:
        return UNKNOWN
    for where, step in steps_before(facts, stage, number):
        if step.keyword in ("COPY", "ADD"):
            found = brought(CopyPlace(facts, where, step), path)
            if isinstance(found, Entry):
                return Origin(where, step, found)
            if found is UNKNOWN:
                return UNKNOWN
        elif step.keyword == "RUN" and run_may_change(facts, where, step, path):
            return UNKNOWN
    return None


def folder_known(facts: Facts, stage: Stage, step: Step, path: str) -> bool:
    """Whether a path is certainly a folder when a step runs: a WORKDIR, or one of the usual ones."""
    if path in load("starts")["folders"]:
        return True
    return any(
        each.keyword == "WORKDIR"
        and each.words
        and resolve(each.workdir.value, each.words[0].value) == path
        for _, each in steps_before(facts, stage, step.number)
    )


def brought(at: CopyPlace, path: str) -> Entry | Unknown | None:
    """What a COPY or ADD of the context lays at a path; None for nothing."""
    if not at.step.words:
        return None  # the build stops there
    last = at.step.words[-1]
    target = resolve(at.step.workdir.value, last.value) if last.known else None
    if target is None:
        return UNKNOWN
    if not covers([target], path):
        return None
    if not from_context(at) or at.step.instruction.heredocs or flag(at.step.instruction, "parents"):
        return UNKNOWN
    context = true_context(at.facts)
    words = copied(at)
    into = last.value.endswith(("/", "/.")) or last.value == "." or len(words) > 1
    found: Entry | None = None
    for word in words:
        one = _source_brings(at, context, word, target, into=into, path=path)
        if one is UNKNOWN:
            return UNKNOWN
        found = one if isinstance(one, Entry) else found
    if found is not None and flag(at.step.instruction, "exclude") is not None:
        return UNKNOWN
    return found


def _source_brings(
    at: CopyPlace, context: Context | None, word: Word, target: str, *, into: bool, path: str
) -> Entry | Unknown | None:
    """What one source of a COPY lays at a path at or below its destination."""
    if not word.known or REMOTE.search(word.value):
        return UNKNOWN
    if at.step.keyword == "ADD" and is_archive(word.value):
        return UNKNOWN
    if context is None:
        return _by_name(at, word, target, into=into, path=path)
    matches = sources(context, word.value)
    if matches.unknown:
        return UNKNOWN
    found: Entry | None = None
    for entry in matches.entries:
        one = _entry_brings(at, context, entry, target, into=into, path=path)
        if one is UNKNOWN:
            return UNKNOWN
        found = one if isinstance(one, Entry) else found
    return found


def _entry_brings(
    at: CopyPlace, context: Context, entry: Entry, target: str, *, into: bool, path: str
) -> Entry | Unknown | None:
    if entry.kind == "folder":
        inner = posixpath.relpath(path, target)
        return _inside(context, entry.path if inner == "." else f"{entry.path}/{inner}")
    if entry.kind != "file":
        return UNKNOWN
    lies = _lies_at(at, entry.name, target, into=into, path=path)
    return entry if lies is True else (UNKNOWN if lies is None else None)


def _lies_at(at: CopyPlace, name: str, target: str, *, into: bool, path: str) -> bool | None:
    """Whether a file of a name that is copied to a target comes to lie at a path; None if unsure."""
    below = posixpath.join(target, name) == path
    if into or folder_known(at.facts, at.stage, at.step, target):
        return below
    if target == path:
        return True
    return None if below else False


def _by_name(at: CopyPlace, word: Word, target: str, *, into: bool, path: str) -> Unknown | None:
    """Without a context: nothing where a source that can only be a file lies elsewhere."""
    name = posixpath.basename(word.value.rstrip("/"))
    if word.glob or not names_file(name):
        return UNKNOWN
    return None if _lies_at(at, name, target, into=into, path=path) is False else UNKNOWN


def _inside(context: Context, path: str) -> Entry | Unknown | None:
    """What the context lets in at a path; None for nothing."""
    if has_wildcard(path) or "\\" in path:
        return UNKNOWN
    found = sources(context, path)
    if found.unknown:
        return UNKNOWN
    if not found.entries:
        return None
    return found.entries[0] if found.entries[0].kind in ("file", "folder") else UNKNOWN


def mounted_at(facts: Facts, step: Step, path: str) -> Entry | Unknown | None:
    """What a bind mount of the context shows at a path while a RUN runs; None for nothing."""
    context = true_context(facts)
    for mount in step.mounts:
        if mount.target is None:
            return UNKNOWN
        if not covers([mount.target], path):
            continue
        if mount.kind != "bind" or "from" in mount.options or context is None:
            return UNKNOWN
        source = mount.options.get("source", mount.options.get("src", ""))
        if "$" in source:
            return UNKNOWN
        inner = posixpath.relpath(path, mount.target)
        whole = posixpath.normpath(posixpath.join("/", source, inner))
        return _inside(context, whole[1:])
    return None


def seen_at(facts: Facts, at: CommandPlace, path: str) -> Entry | Unknown | None:
    """The file of the context that a command sees at a path: mounted, or copied before.

    `UNKNOWN` also where an earlier command of the same instruction may have changed it.
    """
    for command in at.script.commands[: at.number]:
        if may_change(at, command, path):
            return UNKNOWN
    shown = mounted_at(facts, at.step, path)
    if shown is not None:
        return shown
    found = file_at(facts, at.stage, at.step.number, path)
    return found.entry if isinstance(found, Origin) else found


def text_of(facts: Facts, entry: Entry) -> str | None:
    """A file of the context as text; None where it cannot be read."""
    context = true_context(facts)
    if context is None or entry.kind != "file":
        return None
    try:
        return context.tree.read(entry.path).decode("utf-8")
    except (UnreadableError, UnicodeDecodeError):
        return None


def toml_of(facts: Facts, entry: Entry) -> Mapping[str, Any] | None:
    """A file of the context as TOML; None where it cannot be read."""
    import tomllib

    text = text_of(facts, entry)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


# --- what commands may do to a file ---


def run_may_change(facts: Facts, stage: Stage, step: Step, path: str) -> bool:
    """Whether a RUN may make, change or remove the file at a path, its mode included."""
    if not step.shell.posix or facts.scripts[step].broken:
        return True
    if step.instruction.heredocs and not facts.scripts[step].commands:
        return True
    return any(may_change(at, at.command, path) for at in step_commands(facts, stage, step))


@cache
def _sets() -> tuple[frozenset[str], frozenset[str]]:
    known = load("starts")
    return frozenset(known["innocent"].split()), frozenset(known["file-tools"].split())


def may_change(at: CommandPlace, command: Command, path: str) -> bool:
    """Whether a command may make, change or remove the file at a path."""
    innocent, file_tools = _sets()
    name = posixpath.basename(path)
    for redirect in command.redirects:
        if redirect.operator in ("<", "<<", "<<-", "<<<", "<&", ">&"):
            continue
        if redirect.target is None or _may_name(at, redirect.target, path, name):
            return True
    if command.tool in innocent or spoken(command) in load("starts")["innocent-actions"]:
        return False
    if command.tool not in file_tools:
        return True
    words = command.words[1:]
    if any(_may_name(at, word, path, name) for word in words):
        return True
    return command.tool in ("tar", "unzip", "git", "patch", "find", "xargs") and _unpacks(at, path)


def _unpacks(at: CommandPlace, path: str) -> bool:
    """Whether the working folder of a command is one that holds the path."""
    folder = at.step.workdir.value
    return (
        folder is None
        or covers([folder], path)
        or any(each.tool in ("cd", "pushd") for each in at.script.commands)
    )


def _may_name(at: CommandPlace, word: Word, path: str, name: str) -> bool:
    """Whether a word may be the path, a folder above it, or part of an expression about it."""
    value = word.value
    if value.startswith("-") and word.known:
        value = value.partition("=")[2]
        if not value:
            return False
    if not word.known or word.glob:
        return True
    if name in value:
        return True
    full = resolve(at.step.workdir.value, value)
    return full is None or covers([full], path)
