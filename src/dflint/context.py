"""The build context: the folder that a build is given, less what `.dockerignore` keeps out.

Nothing is read from disk before a question is asked, nothing is ever written, and symbolic links
are not followed. Where the answer cannot be known (no permission, too many files, a path through a
link) it is unknown, never a guess.
"""

from __future__ import annotations

import errno
import os
import re
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from dflint.disk import read_file
from dflint.dockerignore import (
    Decision,
    Ignore,
    Pattern,
    decide,
    decide_below,
    may_reinclude,
    parse_ignore,
)
from dflint.glob import BadPatternError, go_matcher, has_wildcard
from dflint.knowledge import load
from dflint.source import decode, make_source
from dflint.tree import (
    MOST_ENTRIES,
    DiskTree,
    Entry,
    Tree,
    UnreadableError,
    memory_tree,
    relative,
    way,
)

_IGNORE = ".dockerignore"
# A walk holds every entry against every pattern.
MOST_PATTERNS = 500
MOST_DECISIONS = 5_000_000


class Context(Struct, frozen=True, dict=True):
    """A build context. `certain` says that the folder was named, not taken to be the Dockerfile's.

    `root` is None for a context in memory; `dockerfile` is its path in the context, None where it
    lies outside or has none. `ignore_files` are the places of a `.dockerignore`, the first wins,
    unless its patterns are `given`.
    """

    tree: Tree
    root: Path | None
    dockerfile: str | None
    certain: bool
    ignore_files: tuple[Path, ...] = ()
    given: Ignore | None = None
    given_path: Path | None = None

    @cached_property
    def _ignore_file(self) -> tuple[Path | None, Ignore, bool]:
        """The file in use, its patterns, and whether that much is known."""
        if self.given is not None:
            return self.given_path, self.given, True
        for path in self.ignore_files:
            try:
                data = read_ignore(path)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (OSError, ValueError):
                return None, Ignore(), False
            found = parse_ignore(decode(str(path), data))
            if len(found.patterns) > MOST_PATTERNS:
                return None, Ignore(), False
            return path, found, True
        return None, Ignore(), True

    @property
    def ignore(self) -> Ignore:
        """The patterns of the `.dockerignore` in use; none where there is no file."""
        return self._ignore_file[1]

    @property
    def ignore_path(self) -> Path | None:
        """The `.dockerignore` in use, or None."""
        return self._ignore_file[0]

    @property
    def known(self) -> bool:
        """Whether it is known what is kept out: False where the file cannot be read."""
        return self._ignore_file[2]

    @cached_property
    def looked_for(self) -> dict[str, None]:
        """The places outside of the tree that were looked for, in order."""
        return {}

    @cached_property
    def surveys(self) -> dict[str, Survey]:
        """The walks made so far, by the path below which they went."""
        return {}


def read_ignore(path: Path) -> bytes:
    """The bytes of an ignore file. Raises OSError, also where it is a link out of its folder.

    The build is not sent what such a link leads to.
    """
    if path.is_symlink():
        folder = os.path.realpath(path.parent)
        if os.path.commonpath((folder, os.path.realpath(path))) != folder:
            raise OSError(errno.ELOOP, "a link that leads out of its folder", os.fspath(path))
    return read_file(path)


def is_there(context: Context, path: Path) -> bool:
    """Whether there is anything at a path outside of the context. Raises OSError."""
    context.looked_for[os.fspath(path)] = None
    return path.exists()


def open_context(dockerfile: Path | None, folder: Path | None) -> Context | None:
    """The context of a Dockerfile: the folder given, else the one that the Dockerfile is in.

    None where neither is known, as for a Dockerfile from standard input. As for BuildKit,
    `NAME.dockerignore` beside a Dockerfile called NAME wins over the context's `.dockerignore`.
    Source: https://docs.docker.com/build/concepts/context/#filename-and-location.
    """
    if dockerfile is None:
        if folder is None:
            return None
        return Context(_disk(folder), folder, None, certain=True, ignore_files=(folder / _IGNORE,))
    root = dockerfile.parent if folder is None else folder
    beside = dockerfile.with_name(dockerfile.name + _IGNORE)
    return Context(
        tree=_disk(root),
        root=root,
        dockerfile=_inside(dockerfile, root),
        certain=folder is not None,
        ignore_files=(beside, root / _IGNORE),
    )


def with_ignore(context: Context, text: str) -> Context:
    """The same context as it would be with another text of its ignore file."""
    path = str(context.ignore_path or _IGNORE)
    return replace(context, given=parse_ignore(make_source(path, text)))


def ignore_place(context: Context) -> Path | None:
    """The ignore file in use, or where a new one goes; None where that is not known."""
    if not context.known or context.root is None:
        return None
    return context.ignore_path or context.root / _IGNORE


def _disk(root: Path) -> Tree:
    return DiskTree(os.fspath(root))


def memory_context(
    files: Mapping[str, str | bytes],
    dockerignore: str | None = None,
    dockerfile: str | None = None,
    executable: Collection[str] = (),
) -> Context:
    """A context that exists only in memory, for examples and tests.

    Files are of mode 0644, those that `executable` names of mode 0755.
    """
    if dockerignore is not None:
        files = {**files, _IGNORE: dockerignore}
    content = files.get(_IGNORE)
    ignore = Ignore()
    if content is not None:
        text = content.decode("utf-8", "surrogateescape") if isinstance(content, bytes) else content
        ignore = parse_ignore(make_source(_IGNORE, text))
    return Context(memory_tree(files, executable), None, dockerfile, certain=True, given=ignore)


def _inside(path: Path, root: Path) -> str | None:
    found = way(os.path.abspath(path), os.path.abspath(root))  # noqa: PTH100
    return None if found is None or found == ".." or found.startswith("../") else found


# --- what is there ---


def exists(context: Context, path: str) -> bool | None:
    """Whether a path is in the folder, ignored or not; None where that cannot be known."""
    try:
        return context.tree.entry(relative(path)) is not None
    except UnreadableError:
        return None


class Matches(Struct, frozen=True):
    """What a `COPY` or `ADD` source names in the context.

    `entries` are let in, `ignored` are on disk but kept out, each with the pattern that says so.
    A wildcard that matches nothing is no error to BuildKit.
    """

    pattern: str
    wildcard: bool
    entries: tuple[Entry, ...] = ()
    ignored: tuple[tuple[Entry, Pattern], ...] = ()
    unknown: bool = False

    @property
    def missing(self) -> bool:
        """Whether it is known that nothing of the name is there."""
        return not (self.unknown or self.entries or self.ignored)


def sources(context: Context, pattern: str) -> Matches:
    """Resolve a `COPY` or `ADD` source, variables expanded, as BuildKit does.

    Source: https://docs.docker.com/reference/dockerfile/#copy.
    """
    cleaned = relative(pattern)
    wildcard = has_wildcard(cleaned)
    entries: list[Entry] = []
    ignored: list[tuple[Entry, Pattern]] = []
    try:
        if not context.known or ("\\" in cleaned and not wildcard):
            raise UnreadableError(cleaned)
        for entry in _expand(context.tree, cleaned) if wildcard else _single(context.tree, cleaned):
            decision = decide(context.ignore, entry.path)
            if decision.by is None or _let_in(context, entry, decision):
                entries.append(entry)
            else:
                ignored.append((entry, decision.by))
    except (UnreadableError, BadPatternError):
        return Matches(cleaned, wildcard, unknown=True)
    return Matches(cleaned, wildcard, tuple(entries), tuple(ignored))


def plausible(context: Context, sources_copied: Sequence[str]) -> bool:
    """Whether the folder is likely to be the one that the build is given.

    True for a folder that was named, and where one of the sources that the Dockerfile copies is
    there, or where it copies nothing but the whole context (`.`, `*`).
    """
    if context.certain:
        return True
    named = [source for source in sources_copied if re.search(r"\w", source)]
    if not named:
        return bool(sources_copied)
    found = (sources(context, source) for source in named)
    return any(matches.entries or matches.ignored for matches in found)


def _single(tree: Tree, path: str) -> list[Entry]:
    entry = tree.entry(path)
    return [] if entry is None else [entry]


def _expand(tree: Tree, pattern: str) -> list[Entry]:
    """The entries that a pattern with wildcards matches, part by part."""
    found = _single(tree, "")
    for part in pattern.split("/"):
        matches = go_matcher(part)
        folders = [entry for entry in found if entry.kind == "folder"]
        if len(folders) < len(found) and any(entry.kind == "link" for entry in found):
            raise UnreadableError(pattern)
        found = [
            child
            for folder in folders
            for child in tree.children(folder.path)
            if matches(child.name)
        ]
    return found


def _let_in(context: Context, entry: Entry, decision: Decision) -> bool:
    """Whether an entry is sent: itself, or as the folder of something that is."""
    if not decision.ignored:
        return True
    if entry.kind != "folder" or not may_reinclude(context.ignore, entry.path):
        return False
    left = _most_entries(context)
    waiting = deque([(entry.path, decision)])
    while waiting:
        folder, above = waiting.popleft()
        for child, below in _judged(context, folder, above):
            left -= 1
            if not below.ignored:
                return True
            if left < 0:
                raise UnreadableError(entry.path)
            if child.kind == "folder" and may_reinclude(context.ignore, child.path):
                waiting.append((child.path, below))
    return False


def _judged(context: Context, folder: str, above: Decision) -> Iterator[tuple[Entry, Decision]]:
    for child in context.tree.children(folder):
        yield child, decide_below(context.ignore, above, child.path)


# --- what should not be there ---


class Unwanted(Struct, frozen=True):
    """Things of one sort that the context lets in although a build has no use for them.

    `kind` is secret, vcs, environment, dependencies, cache or data; `files` and `size` (bytes)
    are what is let in of `paths`, at least, and exactly where `counted`. `patterns` are the lines
    that keep them out.
    """

    id: str
    title: str
    kind: str
    paths: tuple[str, ...]
    files: int
    size: int
    counted: bool
    patterns: tuple[str, ...]


class Survey(Struct, frozen=True):
    """What a walk of the context, or of a part of it, has come upon.

    `files` and `size` (bytes) are all that is let in. Where not `complete`, some of it could not be
    read, or was too much.
    """

    found: tuple[_Found, ...]
    files: int
    size: int
    complete: bool


class _Found(Struct, frozen=True):
    item: _Item
    path: str
    tail: str
    files: int
    size: int
    counted: bool


class _Item(Struct, frozen=True):
    """An entry of the knowledge file; `names` gives the matched tail of a path as its group."""

    id: str
    title: str
    several: str
    kind: str
    names: re.Pattern[str]
    besides: re.Pattern[str]
    folder: bool
    contains: frozenset[str]
    holds: re.Pattern[bytes] | None
    pattern: str
    not_below: frozenset[str]


def unwanted(context: Context, below: Sequence[str] = ("",)) -> tuple[Unwanted, ...]:
    """What lies in the context, or below the paths given, and should not.

    An unwanted folder counts as one thing. Nothing where the `.dockerignore` cannot be read.
    """
    if not context.known or not all(pattern.clear for pattern in context.ignore.patterns):
        return ()
    groups: dict[str, dict[str, _Found]] = {}
    for root in below:
        for found in survey(context, root).found:
            groups.setdefault(found.item.id, {})[found.path] = found
    return tuple(
        _unwanted(list(groups[item.id].values())) for item in _items() if item.id in groups
    )


def _unwanted(found: list[_Found]) -> Unwanted:
    item = found[0].item
    found.sort(key=lambda one: one.path)
    lines = dict.fromkeys(item.pattern.replace("{name}", _literal(one.tail)) for one in found)
    return Unwanted(
        id=item.id,
        title=item.title if len(found) == 1 else item.several,
        kind=item.kind,
        paths=tuple(one.path for one in found),
        files=sum(one.files for one in found),
        size=sum(one.size for one in found),
        counted=all(one.counted for one in found),
        patterns=tuple(lines),
    )


def _literal(name: str) -> str:
    """A name as a pattern that matches it alone."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", name)


def survey(context: Context, root: str = "") -> Survey:
    """Walk what the context lets in below a path, once; asked again, the same answer.

    Wide before deep, so that what lies on top is seen where there is too much. Unwanted folders are
    counted last, with what is left of the limit.
    """
    root = relative(root)
    known = context.surveys.get(root)
    if known is None:
        known = context.surveys[root] = _survey(context, root)
    return known


class _Tally(Struct):
    """What a walk has let in so far, and how many more entries it may look at."""

    left: int
    files: int = 0
    size: int = 0
    complete: bool = True


def _most_entries(context: Context) -> int:
    return min(MOST_ENTRIES, MOST_DECISIONS // (1 + len(context.ignore.patterns)))


def _survey(context: Context, root: str) -> Survey:
    tally = _Tally(_most_entries(context))
    found: list[_Found] = []
    aside: list[tuple[_Item, str, str, Decision]] = []

    def put_aside(folder: str, decision: Decision) -> bool:
        item, tail = _recognise_folder(context.tree, folder)
        if item is not None:
            aside.append((item, folder, tail, decision))
        return item is not None

    for entry in _sent(context, root, tally, put_aside):
        item, tail = _recognise_file(context.tree, entry)
        if item is not None:
            found.append(_Found(item, entry.path, tail, 1, entry.size, counted=True))
    for item, path, tail, decision in aside:
        part = _Tally(tally.left)
        for _ in _sent(context, path, part, _never):
            pass
        if part.files or not (part.complete or decision.ignored):
            found.append(_Found(item, path, tail, part.files, part.size, part.complete))
        tally.left = part.left
        tally.files += part.files
        tally.size += part.size
        tally.complete &= part.complete
    return Survey(tuple(found), tally.files, tally.size, tally.complete)


def _never(_folder: str, _decision: Decision) -> bool:
    return False


def _sent(
    context: Context, root: str, tally: _Tally, skip: Callable[[str, Decision], bool]
) -> Iterator[Entry]:
    """What is let in at or below a path, folders aside; adds to the tally.

    Folders that `skip` answers for, and those that no pattern lets in again, are not entered.
    """
    decision = decide(context.ignore, root)
    try:
        top = context.tree.entry(root)
    except UnreadableError:
        tally.complete = False
        return
    if top is None or (decision.ignored and not may_reinclude(context.ignore, root)):
        return
    if top.kind != "folder":
        yield _add(tally, top)
        return
    waiting = deque([(root, decision)])
    while waiting:
        folder, above = waiting.popleft()
        try:
            if skip(folder, above):
                continue
            children = context.tree.children(folder)
        except UnreadableError:
            tally.complete = False
            continue
        for child in children:
            tally.left -= 1
            if tally.left < 0:
                tally.complete = False
                return
            decision = decide_below(context.ignore, above, child.path)
            if child.kind == "folder":
                if not decision.ignored or may_reinclude(context.ignore, child.path):
                    waiting.append((child.path, decision))
            elif not decision.ignored:
                yield _add(tally, child)


def _add(tally: _Tally, entry: Entry) -> Entry:
    tally.files += 1
    tally.size += entry.size
    return entry


# --- recognising it ---


@cache
def _items() -> tuple[_Item, ...]:
    return tuple(
        _Item(
            id=item["id"],
            title=item["title"],
            several=item.get("several", item["title"]),
            kind=item["kind"],
            names=_tail(item["names"]),
            besides=_tail(item.get("besides", ())),
            folder=item.get("folder", False),
            contains=frozenset(item.get("contains", ())),
            holds=re.compile(item["holds"].encode(), re.MULTILINE) if "holds" in item else None,
            pattern=item["pattern"],
            not_below=frozenset(item.get("not-below", ())),
        )
        for item in load("context")["items"]
    )


@cache
def _file_items() -> tuple[re.Pattern[str], tuple[_Item, ...]]:
    """The items that are files, and an expression that the path of any of them matches."""
    items = tuple(item for item in _items() if not item.folder)
    return re.compile("|".join(f"(?:{item.names.pattern})" for item in items)), items


def _tail(names: Sequence[str]) -> re.Pattern[str]:
    """An expression for paths that end in one of the names; its last group is the name."""
    parts = (re.escape(name).replace(r"\*", "[^/]*").replace(r"\?", "[^/]") for name in names)
    return re.compile(rf"(?:.*/)?({'|'.join(parts)})") if names else re.compile(r"(?!)()")


def _recognise_folder(tree: Tree, folder: str) -> tuple[_Item | None, str]:
    """The item that a folder is, and the part of its path that was matched."""
    if not folder:
        return None, ""
    inside: frozenset[str] | None = None
    for item in _items():
        named = item.names.fullmatch(folder) if item.folder else None
        if named is None or item.besides.fullmatch(folder):
            continue
        if item.contains:
            if inside is None:
                inside = frozenset(child.name for child in tree.children(folder))
            if not item.contains <= inside:
                continue
        return item, named[1]
    return None, ""


def _recognise_file(tree: Tree, entry: Entry) -> tuple[_Item | None, str]:
    """The item that a file is, and the part of its path that was matched."""
    any_of, items = _file_items()
    if entry.kind != "file" or not any_of.fullmatch(entry.path):
        return None, ""
    for item in items:
        named = item.names.fullmatch(entry.path)
        if named is not None and not item.besides.fullmatch(entry.path):
            if not item.not_below.isdisjoint(entry.path.lower().split("/")[:-1]):
                continue
            try:
                if item.holds is None or item.holds.search(tree.head(entry.path)):
                    return item, named[1]
            except UnreadableError:
                continue
    return None, ""
