"""What the plain commands on files do: cp, mv, ln, rm, mkdir, chmod, chown, tar, curl and the like.

Sources: the manual pages of coreutils, tar, curl, wget, unzip and git.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from dflint.image.at import At
from dflint.image.files import (
    CLOSED,
    Entry,
    Files,
    Node,
    NotThere,
    There,
    Unknown,
    merged,
    owned_rest,
)
from dflint.image.state import Machine
from dflint.paths import ALL_OF_IT
from dflint.shell import Word

Effect = Callable[[At, Machine], Machine]


def with_files(machine: Machine, files: Files) -> Machine:
    """The machine with other files."""
    return replace(machine, files=files)


def _lost(at: At, machine: Machine) -> Machine:
    """Where it is not known what a command works on: anything below its folder or the root."""
    why = at.why(f"it is not known what `{at.origin.text}` works on")
    return with_files(machine, machine.files.taint([at.cwd or "/"], why))


def make_folders(at: At, machine: Machine) -> Machine:
    """mkdir, install -d."""
    files = machine.files
    mode, owner = at.option("--mode", "-m"), at.option("--owner", "-o")
    bits = 0o755 if mode is None else _octal(mode.value)
    name = at.owner if owner is None else owner.value
    for word in _alternatives(at):
        path = at.path(word)
        if path is None:
            files = _lost(at, replace(machine, files=files)).files
            continue
        files = files.put(path, Entry("folder", at.origin, name, bits), CLOSED)
    return with_files(machine, files)


def _alternatives(at: At) -> list[Word]:
    """The arguments, those with braces taken apart."""
    found: list[Word] = []
    for word in at.command.arguments:
        start, end = word.value.find("{"), word.value.find("}")
        if 0 <= start < end and "," in word.value[start:end] and "$" not in word.value:
            for each in word.value[start + 1 : end].split(","):
                text = word.value[:start] + each + word.value[end + 1 :]
                found.append(replace(word, value=text, known="{" not in text))
        else:
            found.append(word)
    return found


def make_files(at: At, machine: Machine) -> Machine:
    """touch, tee."""
    files = machine.files
    for word in _alternatives(at):
        path = at.path(word)
        if path is None:
            files = _lost(at, replace(machine, files=files)).files
        elif not isinstance(files.lookup(path), There):
            files = files.put(path, Entry("file", at.origin, at.owner, 0o644))
    return with_files(machine, files)


def remove(at: At, machine: Machine) -> Machine:
    """rm, rmdir, unlink: what a wildcard may mean is not known any more."""
    files = machine.files
    why = at.why("it may have been removed")
    for word in _alternatives(at):
        folder, _, last = word.value.rpartition("/")
        if word.glob and last in ALL_OF_IT and "*" not in folder:
            path = at.absolute(folder or ("/" if word.value.startswith("/") else "."))
            if path is not None:
                files = _emptied(files, path, at)
            continue
        if word.glob or not word.known:
            files = _doubt_pattern(at, files, word.value, why)
            continue
        path = at.path(word)
        if path is not None and path != "/":
            files = files.remove(path, at.origin)
    return with_files(machine, files)


def _emptied(files: Files, path: str, at: At) -> Files:
    found = files.lookup(path)
    if not isinstance(found, There):
        return files
    return files.change(found.path, lambda node: Node(node.state), at.origin)


def _doubt_pattern(at: At, files: Files, text: str, why: Unknown) -> Files:
    """What is there and may be meant by a pattern is not certain any more."""
    stem = min((text.find(char) for char in "*?[$`{" if char in text), default=len(text))
    folder, _, start = text[:stem].rpartition("/")
    path = at.absolute(folder or ("/" if text.startswith("/") else "."))
    if path is None or (not text[:stem] and at.cwd is None):
        return files  # `rm $X`: nobody removes what the image needs
    inside = files.node(path)
    names = [name for name in inside.children if name.startswith(start)]
    if path == "/" and not start:
        return files
    return files.doubt([posixpath.join(path, name) for name in names], why)


def find(at: At, machine: Machine) -> Machine:
    """find: it removes what `-delete` or `-exec rm` says, below the folders it is given."""
    words = [word.value for word in at.command.words]
    if "-delete" not in words and "rm" not in words:
        return machine
    if any("pyc" in word or "cache" in word or "test" in word or "pyo" in word for word in words):
        return machine  # the caches that are removed so are nothing that the model tells of
    why = at.why("find may have removed it")
    folders = []
    for word in at.command.words[1:]:
        if word.value.startswith(("-", "(", "!", "\\")):
            break
        path = at.path(word)
        folders.append(path or at.cwd or "/")
    return with_files(machine, machine.files.doubt([each for each in folders if each != "/"], why))


# --- copying and moving ---


def copy(at: At, machine: Machine) -> Machine:
    """cp."""
    return _transfer(at, machine, moves=False)


def move(at: At, machine: Machine) -> Machine:
    """mv."""
    return _transfer(at, machine, moves=True)


def _transfer(at: At, machine: Machine, *, moves: bool) -> Machine:
    words = list(at.command.arguments)
    into = at.option("--target-directory", "-t")
    if into is None and len(words) < 2:
        return _lost(at, machine)
    target = at.path(into or words.pop())
    files = machine.files
    if target is None:
        return _lost(at, machine)
    written = (into or at.command.arguments[-1]).value
    state = files.lookup(target)
    folder = into is not None or written.endswith("/") or len(words) > 1
    for word in words:
        source = at.path(word)
        if source is None:
            files = _from_pattern(at, files, word, target)
            continue
        node = _made_anew(at, files.node(source), moves=moves)
        if node.state is None:
            node = Node(node.state)
        contents = word.value.endswith(("/.", "/./")) or word.value == "."
        files = _put_copy(
            at,
            files,
            source,
            node,
            target,
            state,
            folder=folder and not contents,
            contents=contents,
        )
        if moves:
            files = files.remove(source, at.origin)
    return with_files(machine, files)


def _put_copy(
    at: At,
    files: Files,
    source: str,
    node: Node,
    target: str,
    state: object,
    *,
    folder: bool,
    contents: bool,
) -> Files:
    name = posixpath.basename(source)
    if contents:
        return files.lay(target, node, at.origin)
    if node.state is None:
        return files  # the command fails
    if folder or (isinstance(state, There) and state.entry.kind == "folder"):
        return files.lay(posixpath.join(target, name), node, at.origin)
    if isinstance(state, Unknown):
        # It lands at the target, or in it where that is a folder.
        return files.doubt([target], at.why("it is not known where it was copied to"))
    return files.change(target, lambda lower: merged(lower, node), at.origin)


def _made_anew(at: At, node: Node, *, moves: bool) -> Node:
    """A copy belongs to who makes it, but what it comes from stays told."""
    if moves or not isinstance(node.state, Entry) or node.state.kind == "folder":
        return node
    return replace(node, state=replace(node.state, owner=at.owner))


def _from_pattern(at: At, files: Files, word: Word, target: str) -> Files:
    """`cp FOLDER/* TARGET` lays the folder over the target; other patterns may match anything."""
    folder, _, last = word.value.rpartition("/")
    path = at.absolute(folder or ".") if word.glob else None
    if path is not None and last in ALL_OF_IT and "*" not in folder:
        node = files.node(path)
        if isinstance(node.state, Entry) or node.state is None:
            return files.lay(
                target, replace(node, state=Entry("folder", at.origin, at.owner)), at.origin
            )
    return files.taint([target], at.why("it is not known what was copied there"))


def link(at: At, machine: Machine) -> Machine:
    """ln."""
    words = list(at.command.arguments)
    into = at.option("--target-directory", "-t")
    symbolic = at.has("--symbolic", "-s")
    if not words:
        return machine
    place = into or (words.pop() if len(words) > 1 else None)
    target = at.cwd if place is None else at.path(place)
    if target is None:
        return _lost(at, machine)
    files = machine.files
    state = files.lookup(target)
    inside = into is not None or place is None or len(words) > 1 or place.value.endswith("/")
    if (
        isinstance(state, There)
        and state.entry.kind == "folder"
        and not at.has("--no-dereference", "-n", "--no-target-directory", "-T")
    ):
        inside = True
    for word in words:
        path = posixpath.join(target, posixpath.basename(word.value)) if inside else target
        if not word.known or word.glob:
            files = files.taint([target], at.why("a link to what is not known"))
        elif symbolic:
            text = word.value
            aim = at.absolute(text) if text.startswith(("~", "$")) else text
            entry = Entry("link", at.origin, at.owner, 0o777, target=aim)
            files = files.change(path, lambda _, entry=entry: Node(entry), at.origin)
        else:
            node = files.node(at.absolute(word.value) or "/nowhere")
            files = files.change(path, lambda _, node=node: node, at.origin)
    return with_files(machine, files)


def install(at: At, machine: Machine) -> Machine:
    """install(1)."""
    if at.has("-d", "--directory"):
        return make_folders(at, machine)
    words = at.command.arguments
    if len(words) < 2:
        return _lost(at, machine)
    after = _transfer(at, machine, moves=False)
    target = at.path(words[-1])
    mode = at.option("--mode", "-m")
    if target is None or mode is None:
        return after
    return with_files(after, _with_mode(after.files, target, _octal(mode.value), at))


# --- modes and owners ---


def change_mode(at: At, machine: Machine) -> Machine:
    """chmod."""
    words = list(at.command.arguments)
    texts = [word.value for word in at.command.words[1:]]
    if words and not _is_path_like(words[0].value):
        words.pop(0)
    mode = next((_octal(text) for text in texts if _octal(text) is not None), None)
    adds = any(
        text.startswith(("+x", "a+x", "u+x", "ugo+x", "a+rx", "+rx", "755")) for text in texts
    )
    files = machine.files
    for word in words:
        path = at.path(word)
        if path is None:
            continue
        if adds and mode is None:
            files = _made_executable(files, path, at, deep=at.has("-R", "--recursive"))
        else:
            files = _with_mode(files, path, mode, at, deep=at.has("-R", "--recursive"))
    return with_files(machine, files)


def _is_path_like(text: str) -> bool:
    return text.startswith(("/", ".", "~"))


def _octal(text: str) -> int | None:
    return int(text, 8) if text and set(text) <= set("01234567") and len(text) in (3, 4) else None


def _each_entry(node: Node, change: Callable[[Entry], Entry], *, deep: bool) -> Node:
    if isinstance(node.state, Entry):
        node = replace(node, state=change(node.state))
    if deep:
        children = {
            name: _each_entry(child, change, deep=True) for name, child in node.children.items()
        }
        node = replace(node, children=children)
    return node


def _with_mode(files: Files, path: str, mode: int | None, at: At, *, deep: bool = False) -> Files:
    if isinstance(files.lookup(path), NotThere):
        return files
    return files.change(
        path,
        lambda node: _each_entry(node, lambda each: replace(each, mode=mode), deep=deep),
        at.origin,
    )


def _made_executable(files: Files, path: str, at: At, *, deep: bool) -> Files:
    def change(entry: Entry) -> Entry:
        return replace(entry, mode=None if entry.mode is None else entry.mode | 0o111)

    if isinstance(files.lookup(path), NotThere):
        return files
    return files.change(path, lambda node: _each_entry(node, change, deep=deep), at.origin)


def change_owner(at: At, machine: Machine) -> Machine:
    """chown, chgrp."""
    words = at.command.arguments
    if at.command.tool == "chgrp" or len(words) < 2:
        return machine
    owner = words[0].value.partition(":")[0].partition(".")[0] if words[0].known else ""
    deep = at.has("-R", "--recursive")
    files = machine.files
    for word in words[1:]:
        path = at.path(word)
        if path is None or not isinstance(files.lookup(path), There):
            continue

        def change(entry: Entry, who: str | None = owner or None) -> Entry:
            return replace(entry, owner=who)

        files = files.change(
            path, lambda node, change=change: _each_entry(node, change, deep=deep), at.origin
        )
        if deep:
            files = files.change(path, lambda node: _owned_rest(node, owner or None), at.origin)
    return with_files(machine, files)


def _owned_rest(node: Node, owner: str | None) -> Node:
    """The owner holds for what is not written down as well."""
    return replace(node, rest=owned_rest(node.rest, owner))


# --- what comes from elsewhere ---


def unpack(at: At, machine: Machine) -> Machine:
    """tar, unzip: what an archive holds is not known."""
    names = {option.name for option in at.command.options}
    if at.command.tool == "tar" and names & {"--create", "-c", "--list", "-t"}:
        return machine
    word = at.option("--directory", "-C", "-d")
    path = at.cwd if word is None else at.path(word)
    if path is None:
        return _lost(at, machine)
    return with_files(
        machine, _filled(at, machine.files, path, "what the archive holds is not known")
    )


def _filled(at: At, files: Files, path: str, text: str) -> Files:
    files = files.put(path, Entry("folder", at.origin, at.owner, 0o755), CLOSED)
    return files.taint([path], at.why(text))


def download(at: At, machine: Machine) -> Machine:
    """curl -o, -O; wget, wget -O."""
    word = at.option("--output", "-o", "--output-document", "-O")
    files = machine.files
    if word is not None:
        path = at.path(word)
        if path is None:
            return _lost(at, machine)
        if path.startswith("/dev/") or word.value == "-":
            return machine
        return with_files(machine, files.put(path, Entry("file", at.origin, at.owner, 0o644)))
    if at.command.tool == "curl" and not at.has("--remote-name", "--remote-name-all", "-O"):
        return machine
    folder = at.option("--output-dir", "--directory-prefix", "-P")
    path = at.cwd if folder is None else at.path(folder)
    if path is None:
        return _lost(at, machine)
    for each in at.command.arguments:
        name = posixpath.basename(each.value.partition("?")[0])
        if each.known and name and "://" in each.value:
            entry = Entry("file", at.origin, at.owner, 0o644)
            files = files.put(posixpath.join(path, name), entry)
        else:
            files = files.taint([path], at.why("a download whose name is not known"))
    return with_files(machine, files)


def clone(at: At, machine: Machine) -> Machine:
    """git clone."""
    words = [word for word in at.command.arguments if word.known]
    if not words or len(words) != len(at.command.arguments):
        return _lost(at, machine)
    text = words[-1].value
    if len(words) == 1:
        text = posixpath.basename(text.rstrip("/")).removesuffix(".git")
    path = at.absolute(text)
    if path is None:
        return _lost(at, machine)
    files = machine.files.put(path, Entry("folder", at.origin, at.owner, 0o755), CLOSED)
    return with_files(
        machine, files.taint([path], at.why("what the repository holds is not known"))
    )


def edit(at: At, machine: Machine) -> Machine:
    """sed -i, patch, dos2unix: what is in the files is no longer what the context has."""
    files = machine.files
    if at.command.tool == "sed" and not any(
        word.value.startswith(("-i", "--in-place")) for word in at.command.words
    ):
        return machine
    for word in at.command.arguments:
        path = at.path(word)
        found = files.lookup(path) if path is not None and not word.glob else None
        if isinstance(found, There) and found.entry.kind in ("file", "program"):
            changed = replace(found.entry, source=None, interpreter=None)
            files = files.change(found.path, lambda _, changed=changed: Node(changed), at.origin)
    return with_files(machine, files)


FILING: Mapping[str, Effect] = {
    "mkdir": make_folders,
    "touch": make_files,
    "tee": make_files,
    "rm": remove,
    "rmdir": remove,
    "unlink": remove,
    "find": find,
    "cp": copy,
    "mv": move,
    "ln": link,
    "install": install,
    "chmod": change_mode,
    "chown": change_owner,
    "chgrp": change_owner,
    "tar": unpack,
    "unzip": unpack,
    "curl": download,
    "wget": download,
    "git clone": clone,
    "sed": edit,
    "patch": edit,
    "dos2unix": edit,
}
