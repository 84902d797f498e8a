"""COPY and ADD: from the context, from stages, from images, as BuildKit puts things in place.

Source: https://docs.docker.com/reference/dockerfile/#copy.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from dflint.context import Context, sources
from dflint.glob import BadPatternError, go_matcher, has_wildcard
from dflint.image.files import (
    NOTHING,
    Closed,
    Entry,
    Files,
    Gift,
    Node,
    Open,
    Origin,
    There,
    Unknown,
    given_rest,
    owned_rest,
    pushed,
    unknown_node,
)
from dflint.image.modes import octal
from dflint.image.state import Machine
from dflint.lazy import regex
from dflint.model import Step, flag, resolve
from dflint.shell import Word
from dflint.tree import Entry as TreeEntry
from dflint.tree import UnreadableError, relative

ARCHIVES = (".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tgz", ".tbz", ".tbz2", ".txz")
REMOTE = regex(r"^(https?|ftp)://|^git@|^git://|\.git(#|$)", re.IGNORECASE)
SHEBANG = regex(rb"#![ \t]*(\S+)[ \t]*([^\r\n]*)")

KEPT = -1  # in the place of a mode: each thing keeps the one that it has
NO_CONTEXT = Unknown("the build context is not known", Origin("context", text="the build context"))


def is_archive(path: str) -> bool:
    """Whether ADD unpacks a local file of this name."""
    return path.lower().endswith(ARCHIVES)


# --- the context as a part of the tree ---


class ContextRest(Struct, frozen=True, eq=False):
    """What a folder copied from the context holds: what the context holds and lets in."""

    context: Context
    path: str
    origin: Origin
    owner: str | None
    mode: int | None

    def child(self, name: str) -> Node:
        """See `Rest`."""
        if has_wildcard(name) or name in ("", ".", ".."):
            return NOTHING
        path = f"{self.path}/{name}" if self.path else name
        return _context_entry(self.context, path, self.origin, self.owner, self.mode)


def context_node(
    context: Context | None,
    path: str,
    origin: Origin,
    owner: str | None = "root",
    mode: int | None = KEPT,
) -> Node:
    """A file or folder of the context as it lies in an image."""
    if context is None:
        return unknown_node(NO_CONTEXT)
    return _context_entry(context, relative(path), origin, owner, mode)


def _context_entry(
    context: Context, path: str, origin: Origin, owner: str | None, mode: int | None
) -> Node:
    if not path:
        house = Entry("folder", origin, owner, 0o755 if mode == KEPT else mode, source="")
        return Node(house, rest=ContextRest(context, "", origin, owner, mode))
    found = sources(context, path)
    if found.unknown:
        return unknown_node(Unknown("it could not be read in the build context", origin))
    if not found.entries:
        return NOTHING
    return entry_node(context, found.entries[0], origin, owner, mode)


def entry_node(
    context: Context, entry: TreeEntry, origin: Origin, owner: str | None, mode: int | None
) -> Node:
    """An entry of the context as it lies in an image."""
    kept = entry.mode if mode == KEPT else mode
    if entry.kind == "folder":
        house = Entry("folder", origin, owner, kept, source=entry.path)
        return Node(house, rest=ContextRest(context, entry.path, origin, owner, mode))
    if entry.kind == "link":
        return Node(Entry("link", origin, owner, 0o777, source=entry.path))
    made = Entry("file", origin, owner, kept, source=entry.path)
    return Node(replace(made, interpreter=shebang(context, entry.path)))


def shebang(context: Context, path: str) -> str | None:
    """The interpreter that a file's first line names; an empty text without such a line."""
    try:
        return named_interpreter(context.tree.head(path))
    except UnreadableError:
        return None


def named_interpreter(head: bytes) -> str | None:
    """The interpreter that the first line of a text names; an empty text without such a line."""
    found = SHEBANG.match(head)
    if found is None:
        return ""
    line = head.split(b"\n", 1)[0]
    end = "\r" if line.endswith(b"\r") else ""
    program = found[1].decode("utf-8", "replace").rstrip("\r")
    rest = found[2].decode("utf-8", "replace").split()
    if posixpath.basename(program) == "env" and rest:
        word = next((each for each in rest if not each.startswith("-") and "=" not in each), "")
        return f"env {word}{end}" if word else None
    return program + end


# --- the instruction ---


class Given(Struct, frozen=True):
    """A source of a COPY: the word, the path that it names, and the node that it brings.

    `contents`: the node is a folder whose contents are copied, as for any folder.
    """

    word: Word
    path: str | None
    node: Node
    name: str


class Copied(Struct, frozen=True):
    """A COPY or ADD: what it takes, and where each part lands (None: not known)."""

    given: tuple[Given, ...]
    to: tuple[str | None, ...]


def copied_words(step: Step, markers: set[str]) -> tuple[Word, ...]:
    """The sources as words, without heredocs."""
    return tuple(word for word in step.words[:-1] if word.text not in markers)


def owner_of(step: Step) -> str | None:
    """Who owns what a COPY puts in place; None where not known."""
    found = flag(step.instruction, "chown")
    if found is None or found.value is None:
        return "root"
    text = found.value.value.partition(":")[0]
    return None if "$" in text or not text else text


def mode_of(step: Step) -> int | None:
    """The mode that --chmod gives: KEPT without one, None where it is not known (as u+x is)."""
    found = flag(step.instruction, "chmod")
    if found is None or found.value is None:
        return KEPT
    return octal(found.value.value)


def place(
    machine: Machine, step: Step, given: Sequence[Given], origin: Origin
) -> tuple[Machine, tuple[str | None, ...]]:
    """The machine with what a COPY brings, and where each source lands."""
    if not step.words:
        return machine, ()  # the build stops there
    word = step.words[-1]
    target = resolve(step.workdir.value, word.value) if word.known else None
    if target is None:
        why = Unknown("it is not known where a COPY puts things", origin)
        root = step.workdir.value if not word.value.startswith(("/", "$")) else None
        files = machine.files.taint([root or "/"], why)
        return replace(machine, files=files), (None,) * len(given)
    files = machine.files
    into = word.value.endswith(("/", "/.")) or word.value == "." or len(given) > 1
    landed: list[str | None] = []
    for each in given:
        files, at = _place_one(files, each, target, origin, into=into, step=step)
        landed.append(at)
    return replace(machine, files=files), tuple(landed)


def _place_one(
    files: Files, given: Given, target: str, origin: Origin, *, into: bool, step: Step
) -> tuple[Files, str | None]:
    node = given.node
    state = node.state
    found = files.lookup(target)
    real = found.path if isinstance(found, There) else target
    if state is None:
        return files, None
    if flag(step.instruction, "parents") is not None:
        return _with_parents(files, given, real, origin)
    if isinstance(state, Unknown):
        return _place_unknown(files, given, real, origin, into=into)
    if state.kind == "folder":
        house = Entry("folder", origin, owner_of(step), 0o755)
        return files.lay(
            real, replace(node, state=replace(state, owner=house.owner)), origin
        ), target
    folder = into or (isinstance(found, There) and found.entry.kind == "folder")
    if not folder and isinstance(found, Unknown):
        why = Unknown("it lies here, or in it where this is a folder", origin)
        return files.doubt([real], why), None
    path = posixpath.join(real, given.name) if folder else real
    return files.change(path, lambda _: node, origin), posixpath.join(
        target, given.name
    ) if folder else target


def _place_unknown(
    files: Files, given: Given, target: str, origin: Origin, *, into: bool
) -> tuple[Files, str | None]:
    """A source that may be a file or a folder, of which nothing is known."""
    assert isinstance(given.node.state, Unknown)
    why = Unknown(given.node.state.reason, origin)
    if into:
        files = files.put(target, Entry("folder", origin, "root", 0o755), Closed())
    return files.taint([target], why), target


def _with_parents(
    files: Files, given: Given, target: str, origin: Origin
) -> tuple[Files, str | None]:
    if given.path is None:
        return files.taint([target], Unknown("what was copied is not known", origin)), None
    kept = given.path.rpartition("/./")[2] if "/./" in given.path else given.path.strip("/")
    path = posixpath.normpath(posixpath.join(target, kept))
    if isinstance(given.node.state, Unknown):
        return files.taint([path], given.node.state), path
    return files.lay(path, given.node, origin), path


def given_from(files: Files | None, word: Word, path: str, why: Unknown) -> list[Given]:
    """What a source names in another file system, wildcards resolved as far as they can be."""
    name = posixpath.basename(path)
    if files is None:
        return [Given(word, path, unknown_node(why), name)]
    if not has_wildcard(path):
        found = files.lookup(path)
        real = found.path if isinstance(found, There) else path
        node = files.node(real)
        if "/./" in word.value:
            path = word.value
        return [Given(word, path, node, name)]
    return _matching(files, word, path)


def _matching(files: Files, word: Word, path: str) -> list[Given]:
    """The matches of a pattern whose wildcards stand in its last part; else nothing is known."""
    folder, _, last = path.rpartition("/")
    guess = Unknown("what a wildcard matches is not known", Origin("unknown", None, word.span))
    if has_wildcard(folder):
        return _deep_matching(files, word, path, guess)
    found = files.lookup(folder or "/")
    if not isinstance(found, There):
        return [Given(word, path, unknown_node(guess), last)]
    node = pushed(files.node(found.path))
    try:
        matches = go_matcher(last)
    except BadPatternError:  # the build stops there
        return [Given(word, path, unknown_node(guess), last)]
    given = [
        Given(word, posixpath.join(folder, name), child, name)
        for name, child in node.children.items()
        if child.state is not None and matches(name)
    ]
    if not isinstance(node.rest, Closed):
        given.append(Given(word, path, unknown_node(guess), "*"))
    return given


def _deep_matching(files: Files, word: Word, path: str, guess: Unknown) -> list[Given]:
    """`/usr/local/lib/python3.*/site-packages`: the folders that are written down and match."""
    parts = [part for part in path.split("/") if part]
    found: list[tuple[str, Node]] = [("", files.root)]
    for part in parts:
        try:
            matches = go_matcher(part)
        except BadPatternError:
            return [Given(word, path, unknown_node(guess), parts[-1])]
        found = [
            (f"{at}/{name}", child)
            for at, node in found
            for name, child in (
                pushed(node).children.items() if has_wildcard(part) else [(part, node.child(part))]
            )
            if child.state is not None and matches(name)
        ]
    given = [Given(word, at, node, posixpath.basename(at)) for at, node in found]
    return [*given, Given(word, path, unknown_node(guess), "*")]


def excluded(node: Node, why: Unknown) -> Node:
    """A node of which `--exclude` may have left something out."""
    if isinstance(node.state, Entry) and node.state.kind == "folder":
        children = {name: excluded(child, why) for name, child in node.children.items()}
        return Node(node.state, children, Open(why))
    return unknown_node(why)


def placed(node: Node, by: Origin, owner: str | None, mode: int | None) -> Node:
    """A node as a COPY --from puts it in place: told of as such, and with its owner and mode."""
    state = node.state
    if isinstance(state, Entry):
        kept = state.mode if mode == KEPT or state.kind == "link" else mode
        state = replace(state, placed=by, owner=owner, mode=kept)
    children = {name: placed(child, by, owner, mode) for name, child in node.children.items()}
    rest = owned_rest(node.rest, owner)
    if mode != KEPT:
        rest = given_rest(rest, Gift("mode", None if mode is None else f"{mode:o}"))
    return Node(state, children, rest, node.blur)
