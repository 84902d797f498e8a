"""What the plain commands on files do: cp, mv, ln, rm, mkdir, chmod, chown, tar, curl and the like.

Sources: the manual pages of coreutils, tar, curl, wget, unzip and git.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from dflint.image.at import At
from dflint.image.files import (
    CLOSED,
    Entry,
    Files,
    Gift,
    Node,
    NotThere,
    There,
    Unknown,
    given,
)
from dflint.image.modes import changed, is_mode, octal
from dflint.image.moving import (
    copy,
    doubt_pattern,
    emptied,
    install,
    link,
    lost,
    move,
    with_folders_above,
)
from dflint.image.state import Machine
from dflint.paths import ALL_OF_IT
from dflint.shell import Word

Effect = Callable[[At, Machine], Machine]
MAKING = frozenset(
    {"mkdir", "touch", "tee", "cp", "mv", "ln", "install", "curl", "wget", "git clone"}
)
MOST_NAMES = 24  # of a path that are looked at for `..`
WRITING = (">", ">>", "&>", ">|", "&>>")


def with_files(machine: Machine, files: Files) -> Machine:
    """The machine with other files."""
    return replace(machine, files=files)


def make_folders(at: At, machine: Machine) -> Machine:
    """mkdir, install -d."""
    files = machine.files
    mode, owner = at.option("--mode"), at.option("--owner")
    name = at.owner if owner is None else owner.value if owner.known else None
    installs = at.command.tool == "install"
    base = 0 if installs else 0o777  # what clauses such as u=rwx start from
    bits = 0o755 if mode is None else changed(base, mode.value, folder=True)
    for word in _alternatives(at):
        path = at.path(word)
        if path is None:
            files = lost(at, replace(machine, files=files)).files
            continue
        was = files.lookup(path)
        if installs or at.has("--parents"):
            files = _with_folders_between(at, files, word.value)
        files = with_folders_above(at, files, path)
        if not isinstance(was, There) or was.entry.kind != "folder":  # also one behind a link
            files = files.put(path, Entry("folder", at.origin, name, bits), CLOSED)
        if installs and isinstance(was, There):
            # install -d changes a folder that is there as well, mkdir -p does not.
            kept = was.entry.owner if owner is None else name
            plain = mode is None or octal(mode.value) is not None
            entry = replace(was.entry, owner=kept, mode=bits if plain else None)
            files = files.change(was.path, lambda node, new=entry: _with(node, new), at.origin)
    return with_files(machine, files)


def _with_folders_between(at: At, files: Files, text: str) -> Files:
    """With the folders that `mkdir -p a/../b` makes on its way."""
    names = text.split("/")
    for number in range(1, min(len(names), MOST_NAMES)):
        path = at.absolute("/".join(names[:number])) if names[number] == ".." else None
        if path is not None:
            files = with_folders_above(at, files, f"{path}/any")
    return files


def _with(node: Node, entry: Entry) -> Node:
    return replace(node, state=entry)


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
    if at.has("--no-create"):
        return machine
    for word in _alternatives(at):
        path = at.path(word)
        if path is None:
            files = lost(at, replace(machine, files=files)).files
        elif at.command.tool == "tee":
            files = written(at, files, path, appends=at.has("--append"))
        elif not isinstance(files.lookup(path), There):
            files = written(at, files, path)
    return with_files(machine, files)


def written(at: At, files: Files, path: str, *, appends: bool = False) -> Files:
    """With a file that a command writes: one that is there keeps its owner and its mode."""
    if path.startswith("/dev/"):
        return files
    found = files.lookup(path)
    if isinstance(found, NotThere):
        return files.put(found.path, Entry("file", at.origin, at.owner, 0o644))
    if isinstance(found, Unknown):
        return files.put(path, Entry("file", at.origin))
    if found.entry.kind == "folder":
        return files  # the command fails
    entry = Entry("file", at.origin, found.entry.owner, found.entry.mode)
    if appends:
        entry = replace(found.entry, source=None)
    return files.change(found.path, lambda _: Node(entry), at.origin)


def redirected(at: At, machine: Machine) -> Machine:
    """The files that a command's redirections write."""
    for redirect in at.command.redirects:
        if redirect.target is None or redirect.operator not in WRITING:
            continue
        path = at.path(redirect.target)
        if path is None:
            machine = _written_somewhere(at, machine, redirect.target)
        else:
            files = written(at, machine.files, path, appends=redirect.operator in (">>", "&>>"))
            machine = with_files(machine, files)
    return machine


def _written_somewhere(at: At, machine: Machine, word: Word) -> Machine:
    """A file whose name is not known: in the folder that is written, or in the one it runs in."""
    folder = word.value.rpartition("/")[0]
    path = at.absolute(folder) if folder and not set(folder) & set("*?[") else None
    if path is None or path == "/":
        return lost(at, machine)
    return with_files(machine, machine.files.taint([path], at.why("a file of an unknown name")))


def remove(at: At, machine: Machine) -> Machine:
    """rm, rmdir, unlink: what a wildcard may mean is not known any more."""
    files = machine.files
    why = at.why("it may have been removed")
    for word in _alternatives(at):
        folder, _, last = word.value.rpartition("/")
        if word.glob and last in ALL_OF_IT and not set("*?[") & set(folder):
            path = at.absolute(folder or ("/" if word.value.startswith("/") else "."))
            if path is not None:
                files = emptied(files, path, last, at)
            continue
        if word.glob or not word.known:
            files = doubt_pattern(at, files, word.value, why)
            continue
        path = at.path(word)
        if path is not None and path != "/":
            files = files.remove(path, at.origin)
    return with_files(machine, files)


def find(at: At, machine: Machine) -> Machine:
    """find: it removes what `-delete` or `-exec rm` says, below the folders it is given."""
    words = [word.value for word in at.command.words]
    if "-delete" not in words and "rm" not in words:
        return machine
    if any("pyc" in word or "cache" in word or "test" in word or "pyo" in word for word in words):
        return machine  # the caches that are removed so are nothing that the model tells of
    why = at.why("find may have removed it")
    folders: list[str] = []
    for word in at.command.words[1:]:
        if word.value.startswith(("-", "(", "!", "\\")):
            break
        path = at.path(word)
        folders.append(path or at.cwd or "/")
    folders = folders or [at.cwd or "/"]
    return with_files(machine, machine.files.doubt([each for each in folders if each != "/"], why))


# --- modes and owners ---


def change_mode(at: At, machine: Machine) -> Machine:
    """chmod."""
    words = list(at.command.arguments)
    # `chmod -x` looks like an option, `chmod go= a` like a path.
    dashed = [word.value for word in at.command.words[1:] if _takes_away(word.value)]
    text: str | None = dashed[0] if dashed else None
    if not dashed and not at.has("--reference") and words:
        first = words.pop(0)
        text = first.value if first.known and is_mode(first.value) else None
    return _give(at, machine, Gift("mode", text), words, follow=True)


def _takes_away(text: str) -> bool:
    return text.startswith("-") and not text.startswith("--") and is_mode(text)


def change_owner(at: At, machine: Machine) -> Machine:
    """chown, chgrp."""
    words = list(at.command.arguments)
    if at.command.tool == "chgrp" or not words:
        return machine
    owner: str | None = None
    if not at.has("--reference"):
        first, *words = words
        owner = first.value.partition(":")[0].partition(".")[0] if first.known else None
        if owner == "":
            return machine  # a group alone
    # With -R what a link leads to stays as it is.
    follow = not at.has("--no-dereference", "--recursive")
    return _give(at, machine, Gift("owner", owner), words, follow=follow)


def _give(at: At, machine: Machine, gift: Gift, words: Sequence[Word], *, follow: bool) -> Machine:
    """A mode or an owner for all that the words mean."""
    files = machine.files
    deep = at.has("--recursive")
    for word in words:
        if word.glob:
            files = _give_pattern(at, files, gift, word.value, deep=deep)
            continue
        path = at.path(word)
        found = None if path is None else files.lookup(path, follow=follow)
        if isinstance(found, There):
            files = files.change(found.path, lambda node: given(node, gift, deep=deep), at.origin)
    return with_files(machine, files)


def _give_pattern(at: At, files: Files, gift: Gift, text: str, *, deep: bool) -> Files:
    """A mode or an owner for what a pattern means, as far as that is known."""
    stem = min(text.find(char) for char in "*?[" if char in text)
    folder = text[:stem].rpartition("/")[0]
    path = at.absolute(folder or ("/" if text.startswith("/") else "."))
    if path is None or set("$`{") & set(text) or ".." in text[stem:].split("/"):
        return files
    return files.match(path, text[len(folder) :], gift, deep=deep)


# --- what comes from elsewhere ---


def unpack(at: At, machine: Machine) -> Machine:
    """tar, unzip: what an archive holds is not known."""
    names = {option.name for option in at.command.options}
    if at.command.tool == "tar" and names & {"--create", "--list"}:
        return machine
    word = at.option("--directory", "-d")
    path = at.cwd if word is None else at.path(word)
    if path is None:
        return lost(at, machine)
    return with_files(
        machine, _filled(at, machine.files, path, "what the archive holds is not known")
    )


def _filled(at: At, files: Files, path: str, text: str) -> Files:
    files = files.put(path, Entry("folder", at.origin, at.owner, 0o755), CLOSED)
    return files.taint([path], at.why(text))


def download(at: At, machine: Machine) -> Machine:
    """curl -o, -O; wget, wget -O."""
    word = at.option("--output", "--output-document")
    files = machine.files
    if word is not None:
        path = at.path(word)
        if path is None:
            return lost(at, machine)
        if word.value == "-":
            return machine
        return with_files(machine, written(at, files, path))
    if at.command.tool == "curl" and not at.has("--remote-name", "--remote-name-all"):
        return machine
    folder = at.option("--output-dir", "--directory-prefix")
    path = at.cwd if folder is None else at.path(folder)
    if path is None:
        return lost(at, machine)
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
        return lost(at, machine)
    text = words[-1].value
    if len(words) == 1:
        text = posixpath.basename(text.rstrip("/")).removesuffix(".git")
    path = at.absolute(text)
    if path is None:
        return lost(at, machine)
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


def install_all(at: At, machine: Machine) -> Machine:
    """install(1)."""
    return make_folders(at, machine) if at.has("--directory") else install(at, machine)


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
    "install": install_all,
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
