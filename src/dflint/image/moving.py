"""What cp, mv, install and ln do: where things land, and whose they are afterwards.

Source: the manual of coreutils. What is written over keeps its owner and its mode.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from dflint.image.at import At
from dflint.image.files import (
    CLOSED,
    DEEPEST,
    NOTHING,
    Answer,
    Entry,
    Files,
    Node,
    NotThere,
    There,
    Unknown,
    merged,
    owned_rest,
    with_dots,
)
from dflint.image.modes import changed, copied
from dflint.image.state import Machine
from dflint.paths import ALL_OF_IT
from dflint.shell import Word

Made = Callable[[Node, Node], Node]


class _How(Struct, frozen=True):
    """A kind of transfer: `made` gives the node that lands, of what is taken and what is there.

    `through`: it writes into the file that a link at its target leads to. `follow`: links are
    taken as what they lead to.
    """

    made: Made
    through: bool = False
    follow: bool = False
    removes: bool = False


def lost(at: At, machine: Machine) -> Machine:
    """Where it is not known what a command works on: anything below its folder or the root."""
    why = at.why(f"it is not known what `{at.origin.text}` works on")
    words = [*at.command.words, *(each.target for each in at.command.redirects if each.target)]
    folders = {_folder_before(at, word.value) for word in words if not word.known}
    return replace(machine, files=machine.files.taint([at.cwd or "/", *sorted(folders)], why))


def _folder_before(at: At, text: str) -> str:
    """The folder that what is not known in a word may lie below: a variable may hold any path."""
    start = re.split(r"[$`]", text)[0]
    folder = start.rpartition("/")[0] or "/"
    return at.absolute(folder if start.startswith(("/", "~")) else start and ".") or "/"


def copy(at: At, machine: Machine) -> Machine:
    """cp."""
    keeps = at.has("--archive", "--preserve")
    deep = at.has("--archive", "--recursive")
    how = _How(
        lambda node, over: _copy_of(at, node, over, keeps=keeps, deep=deep),
        through=True,
        follow=(not deep and not at.has("--no-dereference")) or at.has("--dereference"),
    )
    return _transfer(at, machine, how)


def move(at: At, machine: Machine) -> Machine:
    """mv."""
    return _transfer(at, machine, _How(lambda node, _: node, removes=True))


def install(at: At, machine: Machine) -> Machine:
    """install(1) of files: each is made anew, and executable unless a mode is given."""
    mode, owner = at.option("--mode"), at.option("--owner")
    bits = 0o755 if mode is None else changed(0, mode.value, folder=False) if mode.known else None
    name = at.owner if owner is None else owner.value if owner.known else None
    how = _How(lambda node, _: _given(node, name, bits), follow=True)
    into = at.option("--target-directory")
    if at.has("-D"):
        place = into or (at.command.arguments[-1] if at.command.arguments else None)
        path = None if place is None else at.path(place)
        if path is not None:
            above = path if into is None else posixpath.join(path, "any")
            files = with_folders_above(at, machine.files, above)
            machine = replace(machine, files=files)
    return _transfer(at, machine, how)


def with_folders_above(at: At, files: Files, path: str) -> Files:
    """With the folders above a path, where they are not there: they belong to who makes them."""
    missing: list[str] = []
    folder = posixpath.dirname(path)
    while len(missing) < DEEPEST and isinstance(files.lookup(folder), NotThere):
        missing.append(folder)
        folder = posixpath.dirname(folder)
    for each in reversed(missing):
        files = files.put(each, Entry("folder", at.origin, at.owner, 0o755), CLOSED)
    return files


def _given(node: Node, owner: str | None, mode: int | None) -> Node:
    if not isinstance(node.state, Entry):
        return node
    return replace(node, state=replace(node.state, owner=owner, mode=mode))


def _copy_of(at: At, node: Node, over: Node, *, keeps: bool, deep: bool) -> Node:
    """A copy belongs to who makes it, but what it comes from stays told."""
    state, there = node.state, over.state
    if not isinstance(state, Entry) or keeps:
        return node
    if state.kind == "folder":
        children = {
            name: _copy_of(at, child, over.child(name), keeps=keeps, deep=deep)
            for name, child in node.children.items()
        }
        made = replace(state, owner=at.owner, mode=copied(state.mode, folder=True))
        return Node(made, children, owned_rest(node.rest, at.owner), node.blur)
    owner, mode = at.owner, copied(state.mode)
    if state.kind == "link":
        mode = state.mode
    elif isinstance(there, Entry) and there.kind in ("file", "program"):
        owner, mode = there.owner, there.mode
    return replace(node, state=replace(state, owner=owner, mode=mode))


def _transfer(at: At, machine: Machine, how: _How) -> Machine:
    words = list(at.command.arguments)
    into = at.option("--target-directory")
    if into is None and len(words) < 2:
        return lost(at, machine)
    place = into or words.pop()
    target = at.path(place)
    if target is None:
        return lost(at, machine)
    files = machine.files
    state = files.lookup(target)
    folder = into is not None or place.value.endswith("/") or len(words) > 1
    if at.has("--no-target-directory"):
        folder, state = False, NotThere(target)
    for word in words:
        source = at.path(word)
        if source is None:
            files = _from_pattern(at, files, word, target, how)
            continue
        inside = posixpath.basename(word.value.rstrip("/")) in (".", "..")
        # What ends so is a folder, also where the name before it is a link to one.
        node = _taken(files, source, follow=how.follow or inside or word.value.endswith("/"))
        if inside:
            files = _laid(at, files, target, node, how)
        elif node.state is not None:  # else the command fails
            files = _landed(at, files, target, node, state, how, (source, folder))
        if how.removes:
            files = files.remove(source, at.origin)
    return replace(machine, files=files)


def _taken(files: Files, source: str, *, follow: bool) -> Node:
    found = files.lookup(source)
    path = found.path if follow and isinstance(found, There) else source
    node = files.node(path)
    return NOTHING if node.state is None else node


def _landed(
    at: At,
    files: Files,
    target: str,
    node: Node,
    state: Answer,
    how: _How,
    source: tuple[str, bool],
) -> Files:
    """With a thing at its target, or in it where that is a folder."""
    path, folder = source
    if folder or (isinstance(state, There) and state.entry.kind == "folder"):
        real = state.path if isinstance(state, There) else target
        return _laid(at, files, posixpath.join(real, posixpath.basename(path)), node, how)
    if isinstance(state, Unknown):
        # It lands at the target, or in it where that is a folder.
        return files.doubt([target], at.why("it is not known where it was copied to"))
    return _laid(at, files, target, node, how)


def _laid(at: At, files: Files, path: str, node: Node, how: _How) -> Files:
    """With a thing laid over what is at a path."""
    found = files.lookup(path)
    if how.through and isinstance(found, There):
        path = found.path
    if isinstance(found, Unknown) and isinstance(node.state, Entry) and node.state.kind != "folder":
        # Where a file was there before, it may have kept its owner and its mode.
        landed = _given(node, None, None) if how.through else how.made(node, NOTHING)
        return files.change(path, lambda _: landed, at.origin)
    return files.change(path, lambda lower: merged(lower, how.made(node, lower)), at.origin)


def _from_pattern(at: At, files: Files, word: Word, target: str, how: _How) -> Files:
    """`cp FOLDER/* TARGET` lays the folder over the target; other patterns may match anything."""
    folder, _, last = word.value.rpartition("/")
    path = at.absolute(folder or ".") if word.glob else None
    if path is not None and last in ALL_OF_IT and not set("*?[") & set(folder):
        node = files.node(path)
        if isinstance(node.state, Entry) or node.state is None:
            if not last.startswith("{"):
                node = with_dots(node, dotted=last.startswith("."))
            house = replace(node, state=Entry("folder", at.origin, at.owner, 0o755))
            files = _laid(at, files, target, house, how)
            return emptied(files, path, last, at) if how.removes else files
    if how.removes:
        files = doubt_pattern(at, files, word.value, at.why("it may have been moved away"))
    return files.taint([target], at.why("it is not known what was copied there"))


def emptied(files: Files, path: str, pattern: str, at: At) -> Files:
    """Without what a pattern for all of a folder means: `*` does not mean names with a dot."""
    found = files.lookup(path)
    if not isinstance(found, There):
        return files
    if pattern.startswith("{"):
        return files.change(found.path, lambda node: Node(node.state), at.origin)
    dotted = not pattern.startswith(".")
    return files.change(found.path, lambda node: with_dots(node, dotted=dotted), at.origin)


def doubt_pattern(at: At, files: Files, text: str, why: Unknown) -> Files:
    """What is there and may be meant by a pattern is not certain any more."""
    stem = min((text.find(char) for char in "*?[$`{" if char in text), default=len(text))
    folder, _, start = text[:stem].rpartition("/")
    path = at.absolute(folder or ("/" if text.startswith("/") else "."))
    if path is None or (not text[:stem] and at.cwd is None):
        return files  # `rm $X`: nobody removes what the image needs
    if not set("$`{") & set(text) and ".." not in text[stem:].split("/"):
        return files.match(path, text[len(folder) :], why)
    if path == "/" and not start:
        return files
    names = [name for name in files.node(path).children if name.startswith(start)]
    return files.doubt([posixpath.join(path, name) for name in names], why)


# --- links ---


def link(at: At, machine: Machine) -> Machine:
    """ln."""
    words = list(at.command.arguments)
    into = at.option("--target-directory")
    if not words:
        return machine
    place = into or (words.pop() if len(words) > 1 else None)
    target = at.cwd if place is None else at.path(place)
    if target is None:
        return lost(at, machine)
    files = machine.files
    found = files.lookup(target)
    inside = into is not None or place is None or len(words) > 1 or place.value.endswith("/")
    plain = not at.has("--no-dereference", "--no-target-directory")
    is_folder = isinstance(found, There) and found.entry.kind == "folder"
    here = files.lookup(target, follow=False)
    really = isinstance(here, There) and here.entry.kind == "folder"
    if is_folder and (plain or (really and not at.has("--no-target-directory"))):
        inside = True
    for word in words:
        path = posixpath.join(target, posixpath.basename(word.value)) if inside else target
        files = _linked(at, files, word, path, target)
    return replace(machine, files=files)


def _linked(at: At, files: Files, word: Word, path: str, target: str) -> Files:
    if not word.known or word.glob:
        return files.taint([target], at.why("a link to what is not known"))
    if not at.has("--symbolic"):
        node = files.node(at.absolute(word.value) or "/nowhere")
        return files.change(path, lambda _: node, at.origin)
    text = word.value
    aim = at.absolute(text) if text.startswith(("~", "$")) else text
    if at.has("--relative"):
        full = at.absolute(text)
        aim = None if full is None else posixpath.relpath(full, posixpath.dirname(path))
    entry = Entry("link", at.origin, at.owner, 0o777, target=aim)
    return files.change(path, lambda _: Node(entry), at.origin)
