"""Folders to look into, on disk or in memory, read only as far as they are asked about."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from itertools import islice
from types import ModuleType
from typing import Literal, Protocol

from msgspec import Struct, field

from dflint.glob import clean

MOST_ENTRIES = 50_000
"""How many entries one walk looks at, and the most that one folder may hold."""
HEAD = 4096
"""How many bytes of a file are looked at."""
MOST_BYTES = 4_000_000
"""How large a file may be that is read as a whole."""

Kind = Literal["file", "folder", "link", "other"]
Question = tuple[Literal["entry", "children", "head", "read"], str]
"""Something that was asked of a tree, and about which path."""


class Entry(Struct, frozen=True):
    """One thing in a tree: path relative to the root with `/`, size in bytes, permission bits."""

    path: str
    kind: Kind
    size: int = 0
    mode: int = 0o644

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


class UnreadableError(Exception):
    """A part of a tree that cannot be looked at, so that nothing can be said of it."""


class Tree(Protocol):
    """A folder's content. Paths are clean and relative; `""` is the folder itself."""

    def entry(self, path: str) -> Entry | None:
        """What is at a path; None for nothing. Raises UnreadableError."""

    def children(self, folder: str) -> tuple[Entry, ...]:
        """What lies directly in a folder, by name. Raises UnreadableError."""

    def head(self, path: str) -> bytes:
        """The first 4,096 bytes of a file. Raises UnreadableError."""

    def read(self, path: str) -> bytes:
        """All of a file; one of more than 4 MB is unreadable. Raises UnreadableError."""


class DiskTree(Struct, frozen=True):
    """A folder on disk; what was read once is remembered, and so is what was asked, in order.

    The folders that turned out to hold too much are `crowded`.
    """

    root: str
    asked: dict[Question, None] = field(default_factory=dict)
    _entries: dict[str, Entry | None] = field(default_factory=dict)
    _children: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    crowded: dict[str, None] = field(default_factory=dict)

    def entry(self, path: str) -> Entry | None:
        """See `Tree`. A path that leads through a symbolic link is unreadable."""
        self.asked["entry", path] = None
        if path not in self._entries:
            self._entries[path] = self._look(path)
        return self._entries[path]

    def _look(self, path: str) -> Entry | None:
        if path:
            parent = self.entry(path.rpartition("/")[0])
            if parent is None:
                return None
            if parent.kind == "link":
                raise UnreadableError(path)
        try:
            status = os.lstat(self._real(path)) if path else os.stat(self.root)  # noqa: PTH116
        except (FileNotFoundError, NotADirectoryError, ValueError):
            if not path:
                raise UnreadableError(path) from None
            return None
        except OSError as error:
            raise UnreadableError(path) from error
        return _disk_entry(path, status)

    def children(self, folder: str) -> tuple[Entry, ...]:
        """See `Tree`. A folder with more entries than a walk may look at is unreadable."""
        self.asked["children", folder] = None
        if folder in self.crowded:
            raise UnreadableError(folder)
        if folder not in self._children:
            prefix = f"{folder}/" if folder else ""
            try:
                with os.scandir(self._real(folder)) as listing:
                    found = list(islice(listing, MOST_ENTRIES + 1))
                if len(found) > MOST_ENTRIES:
                    self.crowded[folder] = None
                    raise UnreadableError(folder)
                entries = [
                    _disk_entry(prefix + one.name, one.stat(follow_symlinks=False)) for one in found
                ]
            except OSError as error:
                raise UnreadableError(folder) from error
            self._children[folder] = tuple(sorted(entries, key=_path))
        return self._children[folder]

    def head(self, path: str) -> bytes:
        """See `Tree`."""
        self.asked["head", path] = None
        return self._read(path, HEAD)

    def read(self, path: str) -> bytes:
        """See `Tree`."""
        self.asked["read", path] = None
        data = self._read(path, MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise UnreadableError(path)
        return data

    def _read(self, path: str, most: int) -> bytes:
        entry = self.entry(path)
        if entry is None or entry.kind != "file":
            raise UnreadableError(path)  # a link leads elsewhere, a pipe would not end
        try:
            with open(self._real(path), "rb") as file:  # noqa: PTH123
                return file.read(most)
        except OSError as error:
            raise UnreadableError(path) from error

    def _real(self, path: str) -> str:
        return f"{self.root}/{path}" if path else self.root


def answer(tree: Tree, question: Question) -> bytes:
    """The answer to a question as bytes, to be compared with what it was at another time."""
    kind, path = question
    try:
        if kind == "entry":
            return _told(tree.entry(path))
        if kind == "children":
            return b"\0".join(map(_told, tree.children(path)))
        return tree.head(path) if kind == "head" else tree.read(path)
    except UnreadableError:
        return b"unreadable"


def _told(entry: Entry | None) -> bytes:
    if entry is None:
        return b""
    told = f"{entry.kind} {entry.size} {entry.mode} {entry.path}"
    return told.encode("utf-8", "surrogateescape")


def _disk_entry(path: str, status: os.stat_result) -> Entry:
    mode = status.st_mode
    if os.name == "nt":
        mode |= 0o111  # as the build gives all files from Windows, which has no such bit
    kind: Kind = "other"
    if stat.S_ISREG(mode):
        kind = "file"
    elif stat.S_ISDIR(mode):
        kind = "folder"
    elif stat.S_ISLNK(mode):
        kind = "link"
    return Entry(path, kind, status.st_size if kind == "file" else 0, stat.S_IMODE(mode))


def _path(entry: Entry) -> str:
    return entry.path


class MemoryTree(Struct, frozen=True):
    """A folder that exists only as a mapping of paths to contents."""

    contents: Mapping[str, bytes]
    entries: Mapping[str, Entry]
    listings: Mapping[str, tuple[Entry, ...]]

    def entry(self, path: str) -> Entry | None:
        """See `Tree`."""
        return self.entries.get(path)

    def children(self, folder: str) -> tuple[Entry, ...]:
        """See `Tree`."""
        return self.listings.get(folder, ())

    def head(self, path: str) -> bytes:
        """See `Tree`."""
        return self.read(path)[:HEAD]

    def read(self, path: str) -> bytes:
        """See `Tree`."""
        if path not in self.contents:
            raise UnreadableError(path)
        return self.contents[path]


def memory_tree(files: Mapping[str, str | bytes], executable: Collection[str] = ()) -> MemoryTree:
    """A tree of the files given; a path that ends in `/` is an empty folder.

    Files are of mode 0644, those that `executable` names of mode 0755.
    """
    contents: dict[str, bytes] = {}
    entries = {"": Entry("", "folder", mode=0o755)}
    for path, content in files.items():
        name = relative(path)
        for end in (at for at, char in enumerate(name) if char == "/"):
            entries[name[:end]] = Entry(name[:end], "folder", mode=0o755)
        if path.endswith("/"):
            entries[name] = Entry(name, "folder", mode=0o755)
        else:
            data = content.encode() if isinstance(content, str) else content
            contents[name] = data
            mode = 0o755 if path in executable else 0o644
            entries[name] = Entry(name, "file", len(data), mode)
    listings: dict[str, list[Entry]] = {}
    for path in sorted(entries):
        if path:
            listings.setdefault(path.rpartition("/")[0], []).append(entries[path])
    return MemoryTree(contents, entries, {path: tuple(found) for path, found in listings.items()})


def way(path: str, folder: str, flavour: ModuleType = os.path) -> str | None:
    """The way from a folder to an absolute path, with `/`; None where there is none.

    On Windows (`ntpath`) that is so on another drive.
    """
    try:
        return str(flavour.relpath(path, folder)).replace(flavour.sep, "/")
    except ValueError:
        return None


def relative(path: str) -> str:
    """A path cleaned and clipped at the root, without a leading slash; `""` is the root."""
    return clean(f"/{path}")[1:]
