"""Copying what lists the dependencies first, and the rest of the source after they are installed.

The files that the installation reads have to be known: those that its options name, or those that
its tool always reads. With a build context they must be there, let in, and lead to no other file of
the project. Whatever else stands between must need nothing of the source.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from msgspec import structs

from dflint.context import Context, sources, unwanted
from dflint.dockerignore import ignored
from dflint.finding import Edit, IgnoreLine
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Step, resolve
from dflint.source import Source, Span
from dflint.subjects.base import Change
from dflint.subjects.command import CommandPlace, option_names, spoken, step_commands
from dflint.subjects.copy import (
    COPY as PLAIN_COPY,
)
from dflint.subjects.copy import (
    CopyPlace,
    dependency_install,
    destination,
    taken_along,
    true_context,
)
from dflint.subjects.ignoring import ignore_lines
from dflint.subjects.install import SYSTEM, as_install
from dflint.tree import UnreadableError

PLAIN = regex(r"[A-Za-z0-9_.${}/-]+")
STAYS = frozenset({"LABEL", "EXPOSE", "USER", "STOPSIGNAL", "HEALTHCHECK"})
VARIABLES = frozenset({"ENV", "ARG"})


class _UnsureError(Exception):
    """Something may need the source, or read a file that is not known."""


def dependencies_first(at: CopyPlace) -> tuple[Edit, ...] | None:
    """The edits that put the copy of the source below the installation; None where unsure."""
    install = dependency_install(at)
    target = destination(at)
    if install is None or target in (None, "/") or not _movable(at):
        return None
    assert target is not None
    try:
        last = next(
            step
            for step in at.stage.steps[at.step.number + 1 :]
            if install in at.facts.scripts[step].commands
        )
        between = at.stage.steps[at.step.number + 1 : last.number + 1]
        files = tuple(dict.fromkeys(_read_between(at, between, target)))
        _check_files(at, files)
    except _UnsureError:
        return None
    return _moved(at, last, files) if files else None


def _movable(at: CopyPlace) -> bool:
    """Whether it copies the context alone, to a place that is written plainly."""
    instruction = at.step.instruction
    flags = {flag.name for flag in instruction.flags}
    words = at.step.words
    return (
        len(words) == 2
        and instruction.json is None
        and not instruction.heredocs
        and words[0].value in (".", "./")
        and flags <= {"chown", "chmod", "link"}
        and PLAIN.fullmatch(words[1].text) is not None
    )


def _read_between(at: CopyPlace, steps: Sequence[Step], target: str) -> Iterator[str]:
    """The files of the context that these steps read. Raises _UnsureError."""
    text = at.facts.build.source.slice(at.step.instruction.span)
    for step in steps:
        plain = step.keyword in STAYS or (step.keyword in VARIABLES and "$" not in text)
        if step.keyword == "WORKDIR" and at.step.words[-1].value.startswith("/"):
            plain = True
        if plain and not step.onbuild:
            continue
        script = at.facts.scripts[step]
        if step.keyword != "RUN" or step.onbuild or script.broken or not script.commands:
            raise _UnsureError
        if step.instruction.heredocs or any(mount.kind == "bind" for mount in step.mounts):
            raise _UnsureError
        for command in step_commands(at.facts, at.stage, step):
            yield from _read(command, target)


def _read(at: CommandPlace, target: str) -> Iterator[str]:
    """The files of the context that a command reads, relative to it. Raises _UnsureError."""
    command = at.command
    if command.substituted or command.redirects or command.guarded:
        raise _UnsureError
    name = spoken(command)
    if name in load("dependencies")["quiet"]:
        return
    if command.tool in ("rm", "venv", "mkdir"):
        _check_outside(at, target)
        return
    install = as_install(at)
    if install is None or set(option_names(command)) & set(load("dependencies")["elsewhere"]):
        raise _UnsureError
    if any(package.kind != "name" for package in install.packages):
        raise _UnsureError
    if install.manager in SYSTEM:
        return
    if name == "pip install":
        yield from _named(at, target)
        return
    entry: Mapping[str, Any] | None = load("dependencies")["reads"].get(name)
    only_with = (entry or {}).get("only-with")
    if entry is None or install.packages or (only_with and only_with not in option_names(command)):
        raise _UnsureError
    yield from _of_project(at, entry, target)


def _check_outside(at: CommandPlace, target: str) -> None:
    """Raise _UnsureError unless all arguments are absolute paths beside the copied folder."""
    for word in at.command.arguments:
        path = word.value
        if (
            not word.known
            or not path.startswith("/")
            or f"{path.rstrip('/')}/".startswith(f"{target}/")
        ):
            raise _UnsureError


def _named(at: CommandPlace, target: str) -> Iterator[str]:
    """The files that pip is given with -r and -c."""
    for option in at.command.options:
        if option.name in ("--requirement", "--constraint"):
            if option.value is None or not option.value.known:
                raise _UnsureError
            path = resolve(at.step.workdir.value, option.value.value)
            if path is None or not path.startswith(f"{target}/"):
                raise _UnsureError
            yield path.removeprefix(f"{target}/")


def _of_project(at: CommandPlace, entry: Mapping[str, Any], target: str) -> Iterator[str]:
    """The files that a project's tool reads in the working folder, which must be what was copied."""
    context = true_context(at.facts)
    if context is None or at.step.workdir.value != target:
        raise _UnsureError
    apart = entry.get("apart")
    if apart is not None and not ignored(context.ignore, apart):
        raise _UnsureError
    if any(_there(context, name) for name in entry.get("not-with", ())):
        raise _UnsureError
    yield from entry["files"]
    yield from (name for name in entry.get("also", ()) if _there(context, name))


def _there(context: Context, name: str) -> bool:
    found = sources(context, name)
    return bool(found.entries) or found.unknown


def _check_files(at: CopyPlace, files: Sequence[str]) -> None:
    """Raise _UnsureError where a file is not there, or leads to others of the project.

    Without a context, as for standard input, the Dockerfile's word is taken.
    """
    if any(not PLAIN.fullmatch(name) or "$" in name for name in files):
        raise _UnsureError
    if at.facts.context is None:
        return
    context = true_context(at.facts)
    if context is None or any(
        each.kind in ("environment", "dependencies") for each in unwanted(context)
    ):
        raise _UnsureError
    for name in files:
        entries = sources(context, name).entries
        if len(entries) != 1 or entries[0].kind != "file":
            raise _UnsureError
        try:
            text = context.tree.read(entries[0].path).decode("utf-8", "replace")
        except UnreadableError:
            raise _UnsureError from None
        if _leading_on(posixpath.basename(name)).search(text):
            raise _UnsureError


@cache
def _leading_on(name: str) -> re.Pattern[str]:
    """What in a file of this name leads to further files of the project."""
    patterns: Mapping[str, str] = load("dependencies")["leads-on"]
    if name.endswith((".txt", ".in", ".pip")):
        return re.compile(patterns["requirements"])
    return re.compile(patterns.get(name, r"(?!)"))


def _moved(at: CopyPlace, last: Step, files: Sequence[str]) -> tuple[Edit, ...]:
    """The copy, with the comments right above it, put below the last step; the files in its place."""
    source, instruction = at.facts.build.source, at.step.instruction
    first = instruction.first_line
    comments = {each.line for each in at.facts.build.document.comments}
    while first - 1 in comments:
        first -= 1
    block = Span(source.line_starts[first - 1], _line_end(source, instruction.last_line))
    text = source.slice(block).replace("\r\n", "\n")
    blank = not source.line(instruction.last_line + 1).strip()
    end = _line_end(source, last.instruction.last_line)
    return (
        Edit(block, "\n".join(_copies(at, files))),
        Edit(Span(end, end), ("\n\n" if blank else "\n") + text),
    )


def _copies(at: CopyPlace, files: Sequence[str]) -> Iterator[str]:
    """The instructions that copy the files to where the whole would have put them, one a folder."""
    source, instruction = at.facts.build.source, at.step.instruction
    keyword = source.slice(instruction.keyword_span)
    flags = "".join(f"{source.slice(flag.span)} " for flag in instruction.flags)
    target = at.step.words[-1].text.rstrip("/")
    folders: dict[str, list[str]] = {}
    for name in files:
        folders.setdefault(posixpath.dirname(name), []).append(name)
    for folder, names in folders.items():
        place = f"{target}/{folder}/" if folder else f"{target}/"
        verb = "copy" if keyword.islower() else "COPY"
        yield f"{verb} {flags}{' '.join(names)} {place}"


def _line_end(source: Source, line: int) -> int:
    return source.line_starts[line - 1] + len(source.line(line))


def _kept_out(at: CopyPlace) -> tuple[IgnoreLine, ...] | None:
    found = taken_along(at)
    return ignore_lines(at.facts, found) if isinstance(found, tuple) else None


COPY = structs.replace(
    PLAIN_COPY,
    changes={
        "dependencies-first": Change(
            "Copy what lists the dependencies, install, and copy the rest below.",
            dependencies_first,
        ),
        "kept-out": Change(
            "Keep what is unwanted out by lines in the ignore file, where nothing names it.",
            _kept_out,
        ),
    },
)
