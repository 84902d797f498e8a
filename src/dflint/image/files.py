"""What a stage's file system holds, as far as that can be known: there, not there, or unknown.

`Files` is immutable; every change gives a new one that shares what it did not touch. A folder's
`rest` answers for the names that nothing is written down about.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from dflint.image.modes import changed
from dflint.source import Span

OriginKind = Literal["base", "context", "command", "copy", "unknown"]
EntryKind = Literal["file", "folder", "link", "program", "package"]
DEEPEST = 100  # folders within one another; what is below is not known
MOST_LINKS = 16
MOST_RESTS = 24  # that one rest is made of; real builds need a handful


class Origin(Struct, frozen=True):
    """Where a thing, or a doubt, comes from: the stage's index and the place in the Dockerfile.

    `text` says it in words. Without a span it comes from the base image.
    """

    kind: OriginKind
    stage: int | None = None
    span: Span | None = None
    text: str = ""


PlaceKind = Literal["system", "venv", "user", "prefix", "target", "tool", "conda"]


class PythonMark(Struct, frozen=True):
    """Which Python something was made with or for; None where not known.

    `version` is as in 3.12, `interpreter` the path that scripts name, `home` the prefix at which
    it was made. `managed`: uv downloaded the interpreter.
    """

    kind: PlaceKind
    version: str | None = None
    libc: str | None = None
    release: str | None = None
    interpreter: str | None = None
    home: str = ""
    managed: bool = False


class Entry(Struct, frozen=True):
    """A thing in the file system. `origin` made it; `placed` is the COPY that put it here, if any.

    `target` is a link's; `interpreter` is what a script's first line names, and an empty text for
    a script without such a line. `source` is its path in the build context. `detail` is an
    installed package's name. `owner` and `mode` are None where not known.
    """

    kind: EntryKind
    origin: Origin
    owner: str | None = None
    mode: int | None = None
    target: str | None = None
    interpreter: str | None = None
    source: str | None = None
    detail: str | None = None
    python: PythonMark | None = None
    placed: Origin | None = None


class There(Struct, frozen=True):
    """It is there, at this path; `asked` is the path before links were followed."""

    path: str
    entry: Entry
    asked: str = ""


class NotThere(Struct, frozen=True):
    """It is certainly not there. `link` is the link that leads nowhere, where one does."""

    path: str
    link: str | None = None
    removed: Origin | None = None


class Unknown(Struct, frozen=True):
    """It cannot be told without building, and why."""

    reason: str
    origin: Origin | None = None


Answer = There | NotThere | Unknown


class Rest(Protocol):
    """What holds of the names in a folder that nothing is written down about."""

    def child(self, name: str) -> Node:
        """What is at that name."""


class Node(Struct, frozen=True):
    """A place in the tree. `state` is the thing, None for nothing, or why it is not known.

    `blur`: an unknown command may have added to all below; it is pushed down when needed.
    """

    state: Entry | Unknown | None
    children: Mapping[str, Node] = field(default_factory=lambda: MappingProxyType({}))
    rest: Rest = field(default_factory=lambda: _closed())
    blur: Unknown | None = None

    def child(self, name: str) -> Node:
        """What lies at a name in this folder."""
        found = self.children.get(name)
        if found is None:
            found = self.rest.child(name)
        return found if self.blur is None else blurred(found, self.blur)


class Thingless(Struct, frozen=True):
    """A rest that holds no thing for certain, so that there is nothing to give anything to."""


class Closed(Thingless, frozen=True):
    """Nothing else is there."""

    def child(self, name: str) -> Node:  # noqa: ARG002
        """See `Rest`."""
        return NOTHING


class Open(Thingless, frozen=True):
    """Anything else may be there."""

    why: Unknown

    def child(self, name: str) -> Node:  # noqa: ARG002
        """See `Rest`."""
        return unknown_node(self.why)


class Both(Struct, frozen=True):
    """Two folders laid over each other, `upper` last."""

    lower: Rest
    upper: Rest

    def child(self, name: str) -> Node:
        """See `Rest`."""
        return merged(self.lower.child(name), self.upper.child(name))


class Either(Struct, frozen=True):
    """One folder or the other: a command may have run or not."""

    one: Rest
    other: Rest
    why: Unknown

    def child(self, name: str) -> Node:
        """See `Rest`."""
        return either(self.one.child(name), self.other.child(name), self.why)


class Gift(Struct, frozen=True):
    """What chown and chmod give: an owner (None: not known whom), a mode as chmod writes it."""

    kind: Literal["owner", "mode"]
    text: str | None

    def to(self, entry: Entry) -> Entry:
        """A thing afterwards; a link has no mode of its own."""
        if self.kind == "owner":
            return replace(entry, owner=self.text)
        if entry.kind == "link":
            return entry
        is_folder = entry.kind == "folder"
        mode = None if self.text is None else changed(entry.mode, self.text, folder=is_folder)
        return replace(entry, mode=mode)


class GivenRest(Struct, frozen=True):
    """A rest all of which was given something; with `like`, those names alone, and not deeply."""

    inner: Rest
    gift: Gift
    like: str | None = None

    def child(self, name: str) -> Node:
        """See `Rest`."""
        node = self.inner.child(name)
        if not isinstance(node.state, Entry):
            return node
        if self.like is None:
            return given(node, self.gift, deep=True)
        return given(node, self.gift, deep=False) if shell_matches(self.like, name) else node


def given_rest(rest: Rest, gift: Gift, like: str | None = None) -> Rest:
    """A rest to all of which something is given; who had it before does not matter."""
    if isinstance(rest, Thingless):
        return rest
    if isinstance(rest, GivenRest) and rest.like is None and like is None:
        again = rest.gift == gift or (gift.kind == rest.gift.kind == "owner")
        rest = rest.inner if again else rest
    return Open(Unknown("too many changes")) if _deep(rest) else GivenRest(rest, gift, like)


def given(node: Node, gift: Gift, *, deep: bool) -> Node:
    """A node to which something is given, and to all below it where `deep`."""
    if isinstance(node.state, Entry):
        node = replace(node, state=gift.to(node.state))
    if not deep:
        return node
    children = {name: given(child, gift, deep=True) for name, child in node.children.items()}
    return Node(node.state, children, given_rest(node.rest, gift), node.blur)


def owned_rest(rest: Rest, owner: str | None) -> Rest:
    """A rest that was given to a user."""
    return given_rest(rest, Gift("owner", owner))


class MatchedRest(Struct, frozen=True):
    """A rest in which something happened to what the parts of a pattern mean."""

    inner: Rest
    parts: tuple[str, ...]
    what: Gift | Unknown
    deep: bool

    def child(self, name: str) -> Node:
        """See `Rest`."""
        node = self.inner.child(name)
        return _met(node, name, self.parts, self.what, deep=self.deep)


def matched(node: Node, parts: tuple[str, ...], what: Gift | Unknown, *, deep: bool) -> Node:
    """A folder in which something happened to all that the parts of a pattern mean.

    It was given a mode or an owner (with `deep`, what is below it too), or may be gone.
    """
    node = pushed(node)
    children = {
        name: _met(child, name, parts, what, deep=deep) for name, child in node.children.items()
    }
    rest = node.rest
    if not isinstance(rest, Thingless):
        again = isinstance(rest, MatchedRest) and (rest.parts, rest.what) == (parts, what)
        rest = rest if again else MatchedRest(rest, parts, what, deep)
        rest = Open(Unknown("too many changes")) if _deep(rest) else rest
    return Node(node.state, children, rest)


def _met(
    node: Node, name: str, parts: tuple[str, ...], what: Gift | Unknown, *, deep: bool
) -> Node:
    if not isinstance(node.state, Entry) or not _may_mean(parts[0], name):
        return node
    if len(parts) > 1:
        return node if node.state.kind == "link" else matched(node, parts[1:], what, deep=deep)
    return unknown_node(what) if isinstance(what, Unknown) else given(node, what, deep=deep)


def _may_mean(pattern: str, name: str) -> bool:
    """Whether a pattern means a name; where this one stands for any version, whether it may."""
    if "*" not in name:
        return shell_matches(pattern, name)
    start, other = re.split(r"[*?[]", pattern)[0], name.partition("*")[0]
    return start.startswith(other) or other.startswith(start)


class DotRest(Struct, frozen=True):
    """Of a rest those names that begin with a dot, or the others, which a shell's `*` means."""

    inner: Rest
    dotted: bool

    def child(self, name: str) -> Node:
        """See `Rest`."""
        return self.inner.child(name) if name.startswith(".") == self.dotted else NOTHING


def shell_matches(pattern: str, name: str) -> bool:
    """Whether a shell's pattern means a name: a dot at its start must be written."""
    return fnmatchcase(name, pattern) and (pattern.startswith(".") or not name.startswith("."))


def with_dots(node: Node, *, dotted: bool) -> Node:
    """A folder with those of its names that begin with a dot, or with the others."""
    node = pushed(node)
    children = {
        name: child for name, child in node.children.items() if name.startswith(".") == dotted
    }
    rest = node.rest if isinstance(node.rest, Closed) else DotRest(node.rest, dotted)
    return Node(node.state, children, rest)


def _closed() -> Rest:
    return CLOSED


CLOSED: Final = Closed()
NOTHING: Final = Node(None)


@lru_cache(maxsize=64)
def unknown_node(why: Unknown) -> Node:
    """A place of which nothing is known."""
    return Node(why, rest=Open(why))


def blurred(node: Node, why: Unknown) -> Node:
    """The node after something unknown may have added to it: what is there stays there."""
    if node.blur is not None or (isinstance(node.state, Unknown) and not node.children):
        return node
    return Node(why if node.state is None else node.state, node.children, node.rest, why)


def blurred_around(node: Node, why: Unknown) -> Node:
    """As `blurred`, but virtual environments stay as they are."""
    if "pyvenv.cfg" in node.children:
        return node
    if not _holds_environment(node):
        return blurred(node, why)
    node = pushed(node)
    children = {name: blurred_around(child, why) for name, child in node.children.items()}
    return Node(node.state, children, blurred_rest(node.rest, why))


def _holds_environment(node: Node) -> bool:
    return "pyvenv.cfg" in node.children or any(map(_holds_environment, node.children.values()))


def merged(lower: Node, upper: Node) -> Node:
    """A node with another laid over it, as COPY lays a folder over what is there."""
    if upper.state is None or upper is lower:
        return lower
    if lower.state is None:
        return upper
    if isinstance(upper.state, Entry) and upper.state.kind != "folder":
        return upper
    if isinstance(lower.state, Entry) and lower.state.kind not in ("folder", "link"):
        if isinstance(upper.state, Entry):
            return upper
        return Node(lower.state, {}, Open(upper.state))
    state = lower.state if isinstance(lower.state, Entry) else upper.state
    if isinstance(lower.state, Unknown) and isinstance(state, Entry):
        state = replace(state, owner=None, mode=None)  # a folder that is there keeps its own
    elif isinstance(upper.state, Entry) and isinstance(state, Entry):
        state = _with_mark(state, upper.state)
    lower, upper = pushed(lower), pushed(upper)
    children = {
        name: merged(lower.child(name), upper.child(name))
        for name in {**lower.children, **upper.children}
    }
    return Node(state, children, both_rests(lower.rest, upper.rest))


def _with_mark(lower: Entry, upper: Entry) -> Entry:
    """A folder of packages that is laid over one that WORKDIR made, say: its owner stays."""
    if lower.python is not None or upper.python is None:
        return lower
    return replace(upper, owner=lower.owner, mode=lower.mode)


def both_rests(lower: Rest, upper: Rest) -> Rest:
    """Two rests laid over each other."""
    if isinstance(upper, Closed) or lower == upper:
        return lower
    if isinstance(lower, Closed) or isinstance(upper, Open):
        return upper
    return Open(Unknown("too much lies over each other")) if _deep(lower) else Both(lower, upper)


def either(one: Node, other: Node, why: Unknown) -> Node:
    """What is known where only one of two nodes holds, and it is not known which."""
    if one is other:
        return one
    state: Entry | Unknown | None = one.state
    if one.state != other.state:
        state = why
        mine, theirs = one.state, other.state
        if isinstance(mine, Entry) and isinstance(theirs, Entry) and mine.kind == theirs.kind:
            state = replace(mine, owner=None, mode=None)
    one, other = pushed(one), pushed(other)
    children = {
        name: either(one.child(name), other.child(name), why)
        for name in {**one.children, **other.children}
    }
    return Node(state, children, _either_rest(one.rest, other.rest, why))


def pushed(node: Node) -> Node:
    """The same node with its blur handed down to its children."""
    if node.blur is None:
        return node
    children = {name: blurred(child, node.blur) for name, child in node.children.items()}
    return Node(node.state, children, blurred_rest(node.rest, node.blur))


class _Blurred(Struct, frozen=True):
    """A rest after something unknown may have added to it."""

    rest: Rest
    why: Unknown

    def child(self, name: str) -> Node:
        """See `Rest`."""
        return blurred(self.rest.child(name), self.why)


def blurred_rest(rest: Rest, why: Unknown) -> Rest:
    """A rest after something unknown may have added to it; once more makes no difference."""
    return rest if isinstance(rest, (_Blurred, Open)) else _Blurred(rest, why)


def _either_rest(one: Rest, other: Rest, why: Unknown) -> Rest:
    """What is known where only one of two rests holds."""
    if one is other or one == other:
        return one
    if isinstance(other, _Blurred) and other.rest == one:
        return other  # it may have been added to, or not
    if isinstance(one, _Blurred) and one.rest == other:
        return one
    return Open(why) if _deep(one) or _deep(other) else Either(one, other, why)


def _deep(rest: Rest) -> bool:
    """Whether a rest is made of more than a few others: then asking it costs too much."""
    waiting, count = [rest], 0
    while waiting and count <= MOST_RESTS:
        each = waiting.pop()
        count += 1
        if isinstance(each, _Blurred):
            waiting.append(each.rest)
        elif isinstance(each, GivenRest | DotRest | MatchedRest):
            waiting.append(each.inner)
        elif isinstance(each, Either):
            waiting += (each.one, each.other)
        elif isinstance(each, Both):
            waiting += (each.lower, each.upper)
    return count > MOST_RESTS


@lru_cache(maxsize=4096)
def names_of(path: str) -> tuple[str, ...]:
    """The names that an absolute path is made of, `..` resolved."""
    return tuple(name for name in posixpath.normpath(path).split("/") if name)


class Files(Struct, frozen=True):
    """A file system at one moment."""

    root: Node

    # --- asking ---

    def lookup(self, path: str, *, follow: bool = True) -> Answer:
        """What is at an absolute path, links followed (the last one too, unless told not to)."""
        return _look(self.root, path, follow)

    def find_program(
        self, name: str, folders: Sequence[str], *, complete: bool = True, workdir: str = "/"
    ) -> Answer:
        """A program by its name on the folders of a PATH, or by its path.

        `complete` says that the folders are all; without that, nothing is certainly missing.
        """
        if "/" in name:
            return self.lookup(posixpath.join(workdir, name))
        doubt: Unknown | None = None
        dangling: NotThere | None = None
        for folder in folders:
            found = self.lookup(posixpath.join(workdir, folder, name))
            if isinstance(found, There) and found.entry.kind != "folder":
                return found
            if isinstance(found, Unknown):
                doubt = doubt or found
            elif isinstance(found, NotThere) and found.link is not None:
                dangling = dangling or found
        if not complete:
            return doubt or Unknown("the PATH is not known")
        return doubt or dangling or NotThere(name)

    def node(self, path: str) -> Node:
        """The node at a path, links in the folders above it followed."""
        return _find(self.root, path, follow=False)[1]

    def real(self, path: str) -> str | None:
        """A path without `..`, which leads to the folder above the one that a link names.

        None where it is not known where a link leads.
        """
        names: list[str] = []
        if path.count("..") > DEEPEST:
            return None
        for name in path.split("/"):
            if name != "..":
                names += [name] if name not in ("", ".") else []
                continue
            at, node, link = _find(self.root, "/" + "/".join(names), follow=True)
            if link is not None and isinstance(node.state, Unknown):
                return None
            names = list(names_of(at))[:-1]
        return "/" + "/".join(names)

    def walk(self, path: str = "/") -> Iterator[tuple[str, Entry]]:
        """The things below a path that are written down, with their paths."""
        waiting = [(path.rstrip("/"), self.node(path))]
        while waiting:
            at, node = waiting.pop()
            for name, child in sorted(node.children.items()):
                if isinstance(child.state, Entry):
                    yield f"{at}/{name}", child.state
                waiting.append((f"{at}/{name}", child))

    # --- changing ---

    def put(self, path: str, entry: Entry, rest: Rest | None = None) -> Files:
        """With a thing at a path; folders above it are made where there are none.

        A folder that is there keeps what it holds; `rest` is that of a new one.
        """

        def change(node: Node) -> Node:
            kept = entry.kind == "folder" and (
                not isinstance(node.state, Entry) or node.state.kind == "folder"
            )
            if not kept or node.state is None:
                return Node(entry, rest=CLOSED if rest is None else rest)
            state = node.state if isinstance(node.state, Entry) else entry
            return Node(state, node.children, node.rest, node.blur)

        return self.change(path, change, entry.origin)

    def change(
        self, path: str, change: Change, origin: Origin, made: Unknown | None = None
    ) -> Files:
        """With the node at a path changed by a function; `origin` makes the folders above it.

        With `made` these are not certain to be made.
        """
        names = _real_names(self.root, path)
        if len(names) > DEEPEST:
            why = Unknown("the folders are too deep", origin)
            names, change = names[:DEEPEST], lambda _: unknown_node(why)
        return Files(_rewrite(self.root, names, 0, change, origin, made))

    def match(
        self, folder: str, pattern: str, what: Gift | Unknown, *, deep: bool = False
    ) -> Files:
        """After something happened to what a pattern means in a folder.

        Links to folders are followed where the pattern goes on below them.
        """
        files = self
        waiting = [(folder, tuple(part for part in pattern.split("/") if part not in ("", ".")))]
        origin = what.origin if isinstance(what, Unknown) else None
        for _ in range(MOST_LINKS):
            if not waiting:
                break
            path, parts = waiting.pop()
            found = files.lookup(path)
            if not isinstance(found, There) or not parts:
                continue
            waiting += _links_below(files, found.path, parts)
            files = files.change(
                found.path,
                lambda node, parts=parts: matched(node, parts, what, deep=deep),
                origin or found.entry.origin,
            )
        return files

    def remove(self, path: str, origin: Origin) -> Files:
        """Without what is at a path."""
        if isinstance(self.lookup(path, follow=False), NotThere):
            return self
        return self.change(path, lambda _: NOTHING, origin)

    def lay(self, path: str, node: Node, origin: Origin) -> Files:
        """With a node laid over what is at a path."""
        return self.change(path, lambda lower: merged(lower, node), origin)

    def taint(self, paths: Sequence[str], why: Unknown) -> Files:
        """After something unknown may have added to what is below the paths."""
        return self._each(paths, why, lambda node: blurred(node, why))

    def taint_project(self, system: Sequence[str], why: Unknown) -> Files:
        """After a command of the project's own: it may have written anywhere but in the system.

        `system` are the names of the folders of the root that it leaves alone.
        """
        root = pushed(self.root)
        children = {
            name: child if name in system else blurred_around(child, why)
            for name, child in root.children.items()
        }
        return Files(Node(root.state, children, blurred_rest(root.rest, why)))

    def doubt(self, paths: Sequence[str], why: Unknown) -> Files:
        """After something unknown may have changed or removed what is at the paths."""
        return self._each(paths, why, lambda _: unknown_node(why))

    def _each(self, paths: Sequence[str], why: Unknown, change: Change) -> Files:
        files = self
        origin = why.origin or Origin("unknown")
        for path in paths:
            names = _real_names(files.root, path)
            files = Files(_rewrite(files.root, names[:DEEPEST], 0, change, origin, made=why))
        return files


def _links_below(
    files: Files, folder: str, parts: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The links that a pattern leads through, with what is left of it behind them."""
    waiting = [(folder, files.node(folder), parts)]
    while waiting:
        at, node, (first, *rest) = waiting.pop()
        for name, child in node.children.items() if rest else ():
            if not isinstance(child.state, Entry) or not _may_mean(first, name):
                continue
            path = posixpath.join(at, name)
            if child.state.kind == "link":
                yield path, tuple(rest)
            else:
                waiting.append((path, child, tuple(rest)))


class Change(Protocol):
    """What happens to a node."""

    def __call__(self, node: Node, /) -> Node:
        """The node afterwards."""


def _rewrite(
    node: Node,
    names: Sequence[str],
    at: int,
    change: Change,
    origin: Origin,
    made: Unknown | None = None,
) -> Node:
    """The tree with one node changed; `made`: the folders above it may not be made after all."""
    if at == len(names):
        return change(node)
    node = pushed(node)
    below = _rewrite(node.child(names[at]), names, at + 1, change, origin, made)
    if below.state is None and node.state is None:
        return node
    state: Entry | Unknown | None = node.state
    if state is None:
        state = made or Entry("folder", origin, mode=0o755)
    elif made is not None or not isinstance(below.state, Entry):
        pass
    elif isinstance(state, Unknown) or state.kind != "folder":
        state = Entry("folder", origin)
    return Node(state, {**node.children, names[at]: below}, node.rest)


def _real_names(root: Node, path: str) -> tuple[str, ...]:
    """The names of a path whose folders are no links, as far as the links are known."""
    names = names_of(path)
    node = root
    for name in names[:-1][:DEEPEST]:
        node = node.child(name)
        if isinstance(node.state, Entry) and node.state.kind == "link":
            folder = _find(root, posixpath.dirname(posixpath.normpath(path)), follow=True)[0]
            return (*names_of(folder), names[-1])
        if node.state is None:
            break
    return names


def _find(root: Node, path: str, *, follow: bool) -> tuple[str, Node, str | None]:
    """Where a path leads, what is there, and the last link that was followed."""
    link: str | None = None
    names = names_of(path)
    for _ in range(MOST_LINKS):
        node, turned = root, False
        for number, name in enumerate(names):
            node = node.child(name)
            state = node.state
            if state is None:
                break
            last = number == len(names) - 1
            if isinstance(state, Entry) and state.kind == "link" and (follow or not last):
                at = "/" + "/".join(names[: number + 1])
                if state.target is None:
                    why = Unknown("a link leads to an unknown place", state.origin)
                    return path, unknown_node(why), at
                link = at if last else link
                there = posixpath.join(posixpath.dirname(at), state.target)
                names = (*names_of(there), *names[number + 1 :])
                turned = True
                break
        if not turned:
            return "/" + "/".join(names), node, link
    return path, unknown_node(Unknown("links lead in a circle")), link


def _look(root: Node, path: str, follow: bool) -> Answer:
    at, node, link = _find(root, path, follow=follow)
    if isinstance(node.state, Entry):
        return There(at, node.state, posixpath.normpath(path))
    if node.state is None:
        return NotThere(at, link)
    return node.state
