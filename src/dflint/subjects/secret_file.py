"""Subject `secret-file`: each private key or file of passwords that COPY takes or RUN writes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from msgspec import Struct

from dflint.context import Context, sources
from dflint.image.copying import REMOTE
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage, Step, resolve
from dflint.paths import covers
from dflint.shell import Command, Word
from dflint.source import Span
from dflint.subjects.base import Attribute, Facts, Part, Place, Subject
from dflint.subjects.command import (
    CommandPlace,
    both_spellings,
    removed_by,
    removed_later,
    step_commands,
)
from dflint.subjects.common import (
    STEP,
    STEP_FAMILIES,
    STEP_PARTS,
    command_line,
    one_line,
    places,
)
from dflint.subjects.copy import (
    WHOLE,
    CopyPlace,
    copied,
    copy_places,
    folder_like,
    from_context,
    true_context,
)
from dflint.subjects.tokens import placeholder
from dflint.tree import UnreadableError

# Keys and passwords that only tests need stand in such places.
FOR_TESTS = regex(
    r"(?i)(^|[/_.-])(tests?|testing|testdata|fixtures?|examples?|samples?|demo|e2e|mocks?|dummy|fake"
    r"|snakeoil|self-?signed|dev|local(host)?)([/_.-]|$)"
)
WRITES = frozenset({">", ">>", ">|", "&>", "&>>"})


class SecretFilePlace(Place, frozen=True):
    """A secret file in an image: what it is, where that is said, and where it comes to lie.

    `seen`: its content was looked at and bears the name out. `removed` is the command of a later
    instruction that takes it away again. `origin` is context, stage or command.
    """

    id: str
    title: str
    path: str
    span: Span
    target: str | None
    seen: bool
    origin: str
    removed: Command | None


class _Kind(Struct, frozen=True):
    id: str
    title: str
    names: tuple[str, ...]
    besides: tuple[str, ...]
    sure: tuple[str, ...]
    holds: re.Pattern[bytes] | None


@cache
def _kinds() -> tuple[_Kind, ...]:
    known = load("secrets")
    items: list[Mapping[str, Any]] = [
        *(item for item in load("context")["items"] if item["kind"] == "secret"),
        *known["contents"],
    ]
    return tuple(
        _Kind(
            item["id"],
            item["title"],
            tuple(item["names"]),
            tuple(item.get("besides", ())),
            tuple(known["files"].get(item["id"], ())),
            re.compile(item["holds"].encode(), re.MULTILINE) if "holds" in item else None,
        )
        for item in items
    )


def _named(path: str, names: tuple[str, ...]) -> bool:
    """Whether a path ends in one of the names, each one or more parts long."""
    for name in names:
        tail = "/".join(path.strip("/").split("/")[-1 - name.count("/") :])
        if fnmatchcase(tail, name):
            return True
    return False


def by_name(path: str) -> _Kind | None:
    """What a file is by its name alone; None where the content would have to decide."""
    if FOR_TESTS.search(path):
        return None
    return next((kind for kind in _kinds() if _named(path, kind.sure)), None)


def by_content(context: Context, path: str) -> _Kind | None:
    """What a file of the context is, by its name and its content."""
    if FOR_TESTS.search(path):
        return None
    for kind in _kinds():
        if _named(path, kind.names) and not _named(path, kind.besides):
            try:
                head = context.tree.head(path)
            except UnreadableError:
                return None
            if (kind.holds is None or kind.holds.search(head)) and _worth(kind, head):
                return kind
    return None


@cache
def _dotenv() -> re.Pattern[str]:
    return re.compile(load("secrets")["dotenv-secrets"])


def _worth(kind: _Kind, head: bytes) -> bool:
    """Whether an environment file holds a secret: most hold harmless settings."""
    if kind.id != "dotenv":
        return True
    found = _dotenv().findall(head.decode("utf-8", "replace"))
    return any(not placeholder(value) and "/" not in value[:1] for _, value in found)


def secret_file_places(facts: Facts) -> Iterator[SecretFilePlace]:
    """The secret files that are copied, and those that one RUN writes and a later one removes."""
    context = true_context(facts)
    for at in copy_places(facts):
        if at.step.onbuild:
            continue
        for word in copied(at):
            if word.known and word.value not in WHOLE and not REMOTE.search(word.value):
                yield from _copied(at, word, context)
    for stage, step in places(facts):
        if step.keyword == "RUN" and not step.onbuild:
            for place in step_commands(facts, stage, step):
                yield from _written(place)


def _copied(at: CopyPlace, word: Word, context: Context | None) -> Iterator[SecretFilePlace]:
    if not from_context(at):
        found = [(by_name(word.value), word.value, False)]
        origin = "stage"
    else:
        found, origin = _of_context(word, context), "context"
    for kind, path, seen in found:
        if kind is None:
            continue
        target = _target(at, path)
        removed = None if target is None else removal(at.facts, at.stage, at.step, target)
        yield SecretFilePlace(
            at.facts, at.stage, at.step, kind.id, kind.title, path, word.span, target, seen, origin, removed
        )  # fmt: skip


def _of_context(word: Word, context: Context | None) -> list[tuple[_Kind | None, str, bool]]:
    if context is None:
        return [(by_name(word.value), word.value, False)]
    matches = sources(context, word.value)
    if matches.unknown or matches.ignored:
        return []
    if matches.missing and not matches.wildcard:
        return [(by_name(word.value), word.value, False)]
    files = [each.path for each in matches.entries if each.kind == "file"]
    return [(by_content(context, path), path, True) for path in files]


def _target(at: CopyPlace, path: str) -> str | None:
    """Where a copied file lies afterwards; None where that is not known."""
    word = at.step.words[-1]
    folder = resolve(at.step.workdir.value, word.value) if word.known else None
    if folder is None:
        return None
    inside = len(at.step.words) > 2 or folder_like(at) is True
    return posixpath.join(folder, posixpath.basename(path)) if inside else folder


def removal(facts: Facts, stage: Stage, after: Step, path: str) -> Command | None:
    """The command of a later RUN in the stage that removes a file; None without one."""
    for step in stage.steps[after.number + 1 :]:
        if step.keyword == "RUN" and not step.onbuild:
            for place in step_commands(facts, stage, step):
                if covers(list(removed_by(place.command, step)), path):
                    return place.command
    return None


def _written(at: CommandPlace) -> Iterator[SecretFilePlace]:
    """A secret file that a command writes and only a later instruction removes."""
    for redirect in at.command.redirects:
        word = redirect.target
        if redirect.operator not in WRITES or word is None:
            continue
        kind = _written_kind(at, word)
        path = _full(at, word.value)
        if kind is None or path is None or covers(list(removed_later(at)), path):
            continue
        removed = removal(at.facts, at.stage, at.step, path)
        if removed is not None:
            yield SecretFilePlace(
                at.facts, at.stage, at.step, kind.id, kind.title, word.value, redirect.span, path, False, "command", removed
            )  # fmt: skip


def _written_kind(at: CommandPlace, word: Word) -> _Kind | None:
    """What the file is; an .npmrc only counts with a token in it."""
    found = by_name(word.value)
    if found is None and word.value.endswith(".npmrc"):
        source = at.facts.build.source.slice(at.command.span)
        if "_auth" in source or "_password" in source:
            return next((kind for kind in _kinds() if kind.id == "npmrc"), None)
    return None if found is not None and found.id == "dotenv" else found


def _full(at: CommandPlace, path: str) -> str | None:
    """A path as absolute; those below `~` and `$HOME` need the user."""
    return next(both_spellings(path, at.step), None)


SECRET_FILE = Subject(
    name="secret-file",
    about="A private key or file of passwords that a COPY takes, or that one RUN writes and another removes.",
    each=secret_file_places,
    attributes={
        **STEP,
        "text": Attribute("text", "The instruction as written, on one line.", lambda at: one_line(at.facts.build.source, at.step.instruction.span)),
        "id": Attribute("text", "What it is, in a word: private-key, dotenv, netrc, …", lambda at: at.id),
        "title": Attribute("text", "What it is, as in `a private key`.", lambda at: at.title),
        "path": Attribute("text", "The file.", lambda at: at.path),
        "target": Attribute("text", "Where it lies in the image, as an absolute path.", lambda at: at.target),
        "seen": Attribute("flag", "Whether its content was looked at and bears the name out.", lambda at: at.seen),
        "origin": Attribute("text", "Where it comes from: context, stage or command.", lambda at: at.origin),
        "removed": Attribute("text", "The command of a later instruction that removes it.", lambda at: None if at.removed is None else command_line(at.facts.build.source, at.removed)),
    },
    parts={
        **STEP_PARTS,
        "file": Part("The file where it is named.", lambda at: at.span),
        "removed": Part("The command of a later instruction that removes it.", lambda at: None if at.removed is None else at.removed.span),
    },
    main="file",
    families=STEP_FAMILIES,
)  # fmt: skip
