"""Subjects `copy` and `copy-source`: COPY and ADD, and each thing that they copy."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from dflint.context import (
    Context,
    Matches,
    Unwanted,
    is_there,
    plausible,
    sources,
    survey,
    unwanted,
)
from dflint.dockerignore import Pattern
from dflint.image.copying import REMOTE, is_archive
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage, Step, flag, resolve
from dflint.nearest import slip
from dflint.paths import covers
from dflint.shell import Command, Word
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Place, Subject
from dflint.subjects.command import CommandPlace, called, later, spoken, step_commands
from dflint.subjects.common import (
    MOST_STEPS,
    STEP,
    STEP_FAMILIES,
    STEP_PARTS,
    command_line,
    is_root,
    one_line,
    places,
)
from dflint.tree import UnreadableError

PLAIN_PATH = regex(r"[A-Za-z0-9_./-]+")
BUILD_FILES = regex(
    r"(?i)dockerfile|containerfile|compose|docker-bake|^makefile$|^readme|\.(dockerignore|hcl|sh|conf)$"
)
WHOLE = frozenset({".", "./", "*", "./*", "/", "./."})


class CopyPlace(Place, frozen=True):
    """A COPY or ADD with at least one source and a destination."""


def copy_places(facts: Facts) -> Iterator[CopyPlace]:
    """Every COPY and ADD."""
    for stage, step in places(facts):
        if step.keyword in ("COPY", "ADD") and len(step.words) >= 2:
            yield CopyPlace(facts, stage, step)


def copied(at: Place) -> tuple[Word, ...]:
    """The sources, heredocs left out."""
    markers = {at.facts.build.source.slice(each.marker) for each in at.step.instruction.heredocs}
    return tuple(word for word in at.step.words[:-1] if word.text not in markers)


def from_context(at: Place) -> bool:
    """Whether it copies from the build context rather than from a stage or an image."""
    return flag(at.step.instruction, "from") is None


def remote(at: Place) -> tuple[str, ...]:
    """The sources that ADD fetches over the network."""
    if at.step.keyword != "ADD":
        return ()
    return tuple(word.value for word in copied(at) if REMOTE.search(word.value))


def archives(at: Place) -> tuple[str, ...]:
    """The local archives that ADD unpacks."""
    if at.step.keyword != "ADD":
        return ()
    return tuple(
        word.value
        for word in copied(at)
        if is_archive(word.value) and not REMOTE.search(word.value)
    )


def whole_context(at: Place) -> bool:
    """Whether it copies all of the build context."""
    return from_context(at) and any(word.value in WHOLE for word in copied(at))


def whole_root(at: Place) -> bool:
    """Whether it copies the whole file system of another stage or image."""
    return not from_context(at) and any(
        word.value in ("/", "/.", "/*", ".", "./") for word in copied(at)
    )


def destination(at: Place) -> str | None:
    """The absolute destination; None when it is not known."""
    if not at.step.words:
        return None  # the build stops there
    word = at.step.words[-1]
    return resolve(at.step.workdir.value, word.value) if word.known else None


def _flag_value(at: Place, name: str) -> str | None:
    found = flag(at.step.instruction, name)
    return None if found is None or found.value is None else found.value.value


def dependency_install(at: CopyPlace) -> Command | None:
    """The command that installs listed dependencies only after this copy of the whole context.

    None where the stage installs them before as well, where the files that list them come from a
    bind mount, where the command may not run, and where what is installed is the project itself.
    """
    if not whole_context(at) or at.step.onbuild or len(at.stage.steps) > MOST_STEPS:
        return None
    return _first_install(at, at.stage)


def _first_install(at: CopyPlace, stage: Stage) -> Command | None:
    table: Mapping[str, Mapping[str, object]] = load("dependencies")["commands"]
    for step in stage.steps:
        if step.keyword != "RUN" or step.onbuild:
            continue
        for place in step_commands(at.facts, stage, step):
            if place.command.guarded:
                continue
            if spoken(place.command) in table and _lists(
                place.command, table[spoken(place.command)]
            ):
                late = step.number > at.step.number and not any(
                    mount.kind == "bind" for mount in step.mounts
                )
                return place.command if late else None
    return None


def _lists(command: Command, entry: Mapping[str, object]) -> bool:
    """Whether the command installs what a file of the context lists."""
    needs = entry.get("option")
    if needs is not None:
        return any(option.name == needs for option in command.options)
    return entry.get("arguments") == "any" or not command.arguments


def installed_after(at: CopyPlace) -> str | None:
    """That command as people call it: `npm ci`, `uv pip install`."""
    found = dependency_install(at)
    return None if found is None else spoken(found).replace(found.tool, called(found), 1)


def _install_span(at: CopyPlace) -> Span | None:
    found = dependency_install(at)
    return None if found is None else found.span


def written_later(at: CopyPlace) -> tuple[Command, ...]:
    """The later commands of the stage that change what this copied, as an unprivileged user.

    Only commands that name a path at or below the destination count.
    """
    target = destination(at)
    if target is None or at.step.onbuild or is_root(at.step.user) is not False:
        return ()
    if _flag_value(at, "chown") is not None:
        return ()
    names = [posixpath.basename(word.value.rstrip("/")) for word in copied(at)]
    owned = [
        posixpath.join(target, name) if at.step.words[-1].value.endswith(("/", ".")) else target
        for name in names
    ]
    return tuple(
        command
        for step in at.stage.steps[at.step.number + 1 :]
        if step.keyword == "RUN" and step.user.value == at.step.user.value and not step.onbuild
        for command in _writers(at, step, [target] if whole_context(at) else owned)
    )


def _writers(at: CopyPlace, step: Step, owned: list[str]) -> Iterator[Command]:
    for place in step_commands(at.facts, at.stage, step):
        command = place.command
        if command.tool not in ("chmod", "chown", "chgrp") or "sudo" in command.through:
            continue
        if not _stops_the_build(place):
            continue
        for word in command.arguments[1:]:
            path = resolve(step.workdir.value, word.value) if word.known else None
            if path is not None and covers(owned, path):
                yield command
                break


def _stops_the_build(at: CommandPlace) -> bool:
    """Whether the instruction fails when the command does, as far as that is certain."""
    if at.command.guarded or at.command.substituted:
        return False
    following = [command.connector for command in later(at)]
    return all(each == "&&" for each in following) or (at.command.errexit and "||" not in following)


def _written_span(at: CopyPlace) -> Span | None:
    found = written_later(at)
    return found[0].span if found else None


def first_source(at: Place) -> Span:
    """Where the first source stands."""
    found = copied(at)
    return found[0].span if found else at.step.instruction.span


def dockerfile_sources(facts: Facts) -> list[str]:
    """What the whole Dockerfile copies from its context, to judge whether a folder is that."""
    found: list[str] = []
    for stage, step in places(facts):
        if step.keyword in ("COPY", "ADD") and len(step.words) >= 2:
            at = CopyPlace(facts, stage, step)
            if from_context(at):
                found.extend(
                    word.value
                    for word in copied(at)
                    if word.known and not REMOTE.search(word.value)
                )
    return found


@lru_cache(maxsize=2)
def true_context(facts: Facts) -> Context | None:
    """The build context, if there is one and the Dockerfile's own copies make it likely."""
    context = facts.context
    if context is None:
        return None
    copied_from_it = dockerfile_sources(facts)
    if not plausible(context, copied_from_it):
        return None
    if not context.certain and _fits_above(context, copied_from_it):
        return None
    if context.certain or any(re.search(r"\w", source) for source in copied_from_it):
        return context
    return None if _probably_elsewhere(context) else context


def _fits_above(context: Context, copied_from_it: Sequence[str]) -> bool:
    """Whether a source that is missing here is there from a folder above, up to the repository's.

    Then the build is probably given that folder: `docker build -f frontend/Dockerfile .`
    """
    if context.root is None:
        return False
    above = list(context.root.absolute().parents)[:8]
    for source in copied_from_it:
        path = source.strip("/")
        if not re.search(r"\w", path) or any(char in path for char in "*?[\\") or ".." in path:
            continue
        found = sources(context, source)
        if found.entries or found.ignored or found.unknown:
            continue
        for folder in above:
            try:
                if is_there(context, folder / path):
                    return True
                if is_there(context, folder / ".git"):
                    break
            except OSError:  # a folder above that may not be looked into
                return True
    return False


def _probably_elsewhere(context: Context) -> bool:
    """Whether a folder that nobody named is unlikely to be the context of a `COPY . .`.

    So where it holds nothing but what belongs to building images, as a folder `docker/` does, where
    it is a tool's, such as `.devcontainer`, and where a folder above it, up to the repository's, has
    the `.dockerignore`.
    """
    try:
        names = [each.name for each in context.tree.children("") if each.kind != "other"]
    except UnreadableError:
        return True
    if all(BUILD_FILES.search(name) for name in names):
        return True
    if context.root is None or context.ignore.source is not None:
        return False
    root = context.root.absolute()
    try:
        if _for_a_tool(context, root):
            return True
        for folder in (root, *root.parents):
            if is_there(context, folder / ".dockerignore"):
                return True
            if is_there(context, folder / ".git"):
                return False
    except OSError:  # a folder above that may not be looked into
        return True
    return False


def _for_a_tool(context: Context, root: Path) -> bool:
    """Whether the folder, or the one above it within the repository, is a hidden one."""
    for folder in (root, root.parent):
        if is_there(context, folder / ".git"):
            return False
        if folder.name.startswith("."):
            return True
    return False


def has_ignore_file(context: Context) -> object:
    """Whether the context has a .dockerignore; `UNKNOWN` where it cannot be read."""
    return context.ignore.source is not None if context.known else UNKNOWN


def ignore_file(at: Place) -> object:
    """Whether the context has a .dockerignore; `UNKNOWN` without a context."""
    context = true_context(at.facts)
    return UNKNOWN if context is None else has_ignore_file(context)


def ignore_name(context: Context | None) -> str:
    """The ignore file's name, for messages."""
    if context is None or context.ignore_path is None:
        return ".dockerignore"
    return context.ignore_path.name


def readable_size(count: int) -> str:
    """A number of bytes as people say it: `35 MB`."""
    if count < 1000:
        return "1 byte" if count == 1 else f"{count} bytes"
    amount = float(count)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.5 or unit == "GB":
            break
    return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:.0f} {unit}"


def readable_count(files: int, size: int, *, counted: bool) -> str:
    """A number of files and bytes as people say it: `1,204 files, 35 MB`."""
    text = f"{files:,} file{'' if files == 1 else 's'}, {readable_size(size)}"
    return text if counted else f"at least {text}"


def extent(found: Unwanted) -> str:
    """Where something unwanted is and how much of it: `.git, 1,204 files, 35 MB`."""
    paths = found.paths if len(found.paths) <= 3 else found.paths[:2]
    more = len(found.paths) - len(paths)
    where = ", ".join(paths) + (f" and {more:,} more" if more else "")
    if found.kind in ("secret", "data") and found.files == 1:  # the path is that of the file
        return f"{where}, {readable_size(found.size)}"
    return f"{where}, {readable_count(found.files, found.size, counted=found.counted)}"


def taken_along(at: CopyPlace) -> object:
    """What is unwanted and a copy of the whole context takes along, secrets first."""
    context = true_context(at.facts)
    if context is None or not context.known:
        return UNKNOWN
    if not whole_context(at) or flag(at.step.instruction, "exclude") is not None:
        return ()
    return tuple(sorted(unwanted(context), key=lambda each: each.kind != "secret"))


def relative(at: Place) -> object:
    """Whether the destination is relative to the working folder; `UNKNOWN` behind a variable."""
    word = at.step.words[-1]
    text = word.value
    if text.startswith(("/", "\\")) or text[1:2] == ":":
        return False
    return UNKNOWN if not word.known and text.startswith("$") else True


def absolute_destination(at: CopyPlace) -> str | None:
    """The destination as an absolute path, written as it is; None with variables or quotes in it."""
    word, found = at.step.words[-1], destination(at)
    if found is None or word.text != word.value or not PLAIN_PATH.fullmatch(word.text):
        return None
    if at.step.instruction.json is not None or at.step.workdir.value is None:
        return None
    folder = word.text.endswith(("/", "/.")) or word.text in (".", "..")
    return f"{found.rstrip('/')}/" if folder else found


def folder_like(at: Place) -> object:
    """Whether the destination is written as a folder: it ends with a slash, or is `.` or `..`."""
    word = at.step.words[-1]
    if word.value.endswith(("/", "\\")) or word.value.rpartition("/")[2] in (".", ".."):
        return True
    return False if word.known else UNKNOWN


def extracted_later(at: CopyPlace) -> Command | None:
    """The later command of the stage that unpacks an archive which this copied from the context."""
    names = {
        word.value.rpartition("/")[2]
        for word in copied(at)
        if word.known and is_archive(word.value)
    }
    if at.step.keyword != "COPY" or not from_context(at) or not names:
        return None
    target = at.step.words[-1].value.rpartition("/")[2]
    names |= {target} if is_archive(target) else set()
    for step in at.stage.steps[at.step.number + 1 :]:
        if step.keyword != "RUN" or step.onbuild:
            continue
        for place in step_commands(at.facts, at.stage, step):
            if place.command.tool == "tar" and _unpacks(place.command, names):
                return place.command
    return None


def _unpacks(command: Command, names: set[str]) -> bool:
    words = [word.value for word in command.words[1:]]
    extracts = any(
        word in ("--extract", "--get") or re.fullmatch(r"-?[A-Za-z]*x[A-Za-z]*", word)
        for word in words
    )
    return extracts and any(word.rpartition("/")[2] in names for word in words)


def _extracted_span(at: CopyPlace) -> Span | None:
    found = extracted_later(at)
    return None if found is None else found.span


def _taken_titles(at: CopyPlace) -> object:
    found = taken_along(at)
    if not isinstance(found, tuple):
        return found
    return tuple(f"{each.title} ({extent(each)})" for each in found)


def _taken_kinds(at: CopyPlace) -> object:
    found = taken_along(at)
    if not isinstance(found, tuple):
        return found
    return tuple(dict.fromkeys(each.kind for each in found))


def _taken_patterns(at: CopyPlace) -> object:
    found = taken_along(at)
    if not isinstance(found, tuple):
        return found
    return tuple(dict.fromkeys(line for each in found for line in each.patterns))


def context_total(at: CopyPlace) -> object:
    """How many files and bytes the context lets in; `UNKNOWN` without a context."""
    context = true_context(at.facts)
    if context is None or not context.known:
        return UNKNOWN
    found = survey(context)
    return readable_count(found.files, found.size, counted=found.complete)


COPY = Subject(
    name="copy",
    about="A COPY or ADD instruction.",
    each=copy_places,
    attributes={
        **STEP,
        "text": Attribute("text", "The instruction as written, on one line.", lambda at: one_line(at.facts.build.source, at.step.instruction.span)),
        "sources": Attribute("list", "What it copies.", lambda at: tuple(word.value for word in copied(at))),
        "destination": Attribute("text", "Where to, as an absolute path.", lambda at: UNKNOWN if (found := destination(at)) is None else found),
        "destination.written": Attribute("text", "Where to, as written.", lambda at: at.step.words[-1].text),
        "from-context": Attribute("flag", "Whether it copies from the build context.", from_context),
        "heredocs": Attribute("flag", "Whether it has heredocs.", lambda at: bool(at.step.instruction.heredocs)),
        "remote": Attribute("list", "The addresses that ADD fetches.", remote),
        "archives": Attribute("list", "The local archives that ADD unpacks.", archives),
        "sources.known": Attribute("flag", "Whether all sources are known.", lambda at: all(word.known for word in copied(at))),
        "whole-context": Attribute("flag", "Whether it copies all of the build context.", whole_context),
        "whole-root": Attribute("flag", "Whether it copies another stage's or image's whole file system.", whole_root),
        "destination.relative": Attribute("flag", "Whether the destination is relative to the working folder.", relative),
        "destination.absolute": Attribute("text", "Where to, written as an absolute path; none with variables or quotes in it.", absolute_destination),
        "destination.folder": Attribute("flag", "Whether the destination is written as a folder: `/app/`, `.`.", folder_like),
        "workdir.set": Attribute("flag", "Whether a WORKDIR of this file sets the working folder.", lambda at: at.step.workdir.span is not None),
        "sources.number": Attribute("number", "How many sources it has, heredocs included.", lambda at: len(at.step.words) - 1),
        "extracted-later": Attribute("text", "The later command that unpacks an archive which it copied.", lambda at: None if (found := extracted_later(at)) is None else command_line(at.facts.build.source, found)),
        "flags": Attribute("list", "The names of the flags.", lambda at: tuple(flag.name for flag in at.step.instruction.flags)),
        "from": Attribute("text", "The stage or image that --from names.", lambda at: _flag_value(at, "from")),
        "chown": Attribute("text", "The owner that --chown gives.", lambda at: _flag_value(at, "chown")),
        "install-after": Attribute("text", "The command that installs listed dependencies only after it.", lambda at: installed_after(at)),
        "written-later": Attribute("list", "Later commands, as the same unprivileged user, that change what it copied.", lambda at: tuple(map(spoken, written_later(at)))),
        "context.known": Attribute("flag", "Whether the build context is there to look into.", lambda at: true_context(at.facts) is not None),
        "context.dockerignore": Attribute("flag", "Whether the context has a .dockerignore.", ignore_file),
        "context.total": Attribute("text", "What the context lets in: `1,204 files, 35 MB`.", context_total),
        "context.unwanted": Attribute("list", "What a copy of the whole context takes along and should not.", _taken_titles),
        "context.unwanted.kinds": Attribute("list", "Of which kinds that is: secret, vcs, environment, …", _taken_kinds),
        "context.unwanted.patterns": Attribute("list", "The lines of a .dockerignore that keep it out.", _taken_patterns),
    },
    parts={
        **STEP_PARTS,
        "sources": Part("The first source.", first_source),
        "from": Part("The flag --from.", lambda at: None if (found := flag(at.step.instruction, "from")) is None else found.span),
        "destination": Part("The destination.", lambda at: at.step.words[-1].span),
        "extracted-later": Part("The later command that unpacks what it copied.", _extracted_span),
        "install-after": Part("The command that installs dependencies after it.", _install_span),
        "written-later": Part("The first later command that changes what it copied.", _written_span),
    },
    main="instruction",
    families=STEP_FAMILIES,
    index="keyword",
)  # fmt: skip


class SourcePlace(Place, frozen=True):
    """One source that COPY or ADD takes from the context, and what is there of it."""

    context: Context
    word: Word
    found: Matches


def source_places(facts: Facts) -> Iterator[SourcePlace]:
    """Every source that is known, and is neither fetched nor the whole context."""
    context = true_context(facts)
    if context is None:
        return
    for at in copy_places(facts):
        if at.step.onbuild or not from_context(at):
            continue
        for word in copied(at):
            if word.known and word.value not in WHOLE and not REMOTE.search(word.value):
                found = sources(context, word.value)
                yield SourcePlace(facts, at.stage, at.step, context, word, found)


def _deciding(at: SourcePlace) -> Pattern | None:
    return at.found.ignored[0][1] if at.found.ignored else None


def _deciding_text(at: SourcePlace) -> str | None:
    found = _deciding(at)
    return None if found is None else found.text


def _deciding_line(at: SourcePlace) -> int | None:
    found = _deciding(at)
    return None if found is None else found.line


def _state(at: SourcePlace) -> object:
    found = at.found
    if found.unknown:
        return UNKNOWN
    if found.entries:
        return "there"
    return "ignored" if found.ignored else "missing"


def near_path(at: SourcePlace) -> str | None:
    """A path of the context that is nearly the one written: other case, or a slip of the pen."""
    if not at.found.missing or at.found.wildcard:
        return None
    folder, _, name = at.found.pattern.rpartition("/")
    try:
        siblings = [each.name for each in at.context.tree.children(folder)]
    except UnreadableError:
        return None
    close = slip(name, siblings)
    if close is None or any(char in close for char in " \t\"'$\\"):
        return None
    head, slash, _ = at.word.value.rstrip("/").rpartition("/")
    tail = "/" if at.word.value.endswith("/") else ""
    return f"{head}{slash}{close}{tail}"


COPY_SOURCE = Subject(
    name="copy-source",
    about="A file or folder that COPY or ADD takes from the build context.",
    each=source_places,
    attributes={
        **STEP,
        "path": Attribute("text", "The source as written.", lambda at: at.word.text),
        "state": Attribute("text", "there, missing, or ignored by the .dockerignore.", _state),
        "text": Attribute("text", "The instruction as written, on one line.", lambda at: one_line(at.facts.build.source, at.step.instruction.span)),
        "wildcard": Attribute("flag", "Whether it has wildcards.", lambda at: at.found.wildcard),
        "near": Attribute("text", "A path that is there and nearly the same.", near_path),
        "pattern": Attribute("text", "The pattern that keeps it out.", _deciding_text),
        "pattern.line": Attribute("number", "The line of that pattern in the ignore file.", _deciding_line),
        "ignore-file": Attribute("text", "The name of the ignore file.", lambda at: ignore_name(at.context)),
    },
    parts={**STEP_PARTS, "path": Part("The source.", lambda at: at.word.span)},
    main="path",
)  # fmt: skip

SUBJECTS: Mapping[str, Subject] = {each.name: each for each in (COPY, COPY_SOURCE)}
