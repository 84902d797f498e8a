"""A build context as it was at a commit: the present one, less what came, with what was there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from dflint.context import Context, read_ignore
from dflint.dockerignore import Ignore, parse_ignore
from dflint.repository import LINK, Blob, Git, Repository, read_blob
from dflint.source import decode
from dflint.tree import HEAD, MOST_BYTES, Entry, Tree, UnreadableError


class EarlierTree(Struct, frozen=True):
    """A folder of which some paths were another: `files` has what each held, None for nothing.

    `folders` are those that files were in, `fresh` those that something new is in. What git does
    not track is taken to have been there.
    """

    now: Tree
    git: Git
    files: Mapping[str, Blob | None]
    folders: frozenset[str]
    fresh: frozenset[str]

    def entry(self, path: str) -> Entry | None:
        """See `Tree`."""
        if path in self.folders:
            return Entry(path, "folder", mode=0o755)
        if path in self.files:
            blob = self.files[path]
            return None if blob is None else _entry(path, blob)
        found = self.now.entry(path)
        if found is not None and path in self.fresh and path and not self.children(path):
            return None
        return found

    def children(self, folder: str) -> tuple[Entry, ...]:
        """See `Tree`."""
        present = self.now.entry(folder)
        paths = set()
        if present is not None and present.kind == "folder":
            paths = {each.path for each in self.now.children(folder)}
        paths |= {each for each in (*self.files, *self.folders) if _folder(each) == folder and each}
        found = (self.entry(path) for path in sorted(paths))
        return tuple(each for each in found if each is not None)

    def head(self, path: str) -> bytes:
        """See `Tree`."""
        blob = self.files.get(path)
        return self._read(path, blob)[:HEAD] if path in self.files else self.now.head(path)

    def read(self, path: str) -> bytes:
        """See `Tree`."""
        if path not in self.files:
            return self.now.read(path)
        return self._read(path, self.files[path])

    def _read(self, path: str, blob: Blob | None) -> bytes:
        if blob is None or blob.mode == LINK or blob.size > MOST_BYTES:
            raise UnreadableError(path)
        return read_blob(blob, self.git)


def _entry(path: str, blob: Blob) -> Entry:
    if blob.mode == LINK:
        return Entry(path, "link", blob.size, 0o777)
    return Entry(path, "file", blob.size, blob.mode & 0o777)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def earlier_context(context: Context, repository: Repository, git: Git) -> Context | None:
    """The context as it was; None where nothing in it changed, or it is not in the repository."""
    if context.root is None:
        return None
    root = _within(context.root, repository.top)
    if root is None:
        return None
    prefix = f"{root}/" if root else ""
    inside = {
        path.removeprefix(prefix): blob
        for path, blob in repository.changed.items()
        if path.startswith(prefix)
    }
    places = [(path, _within(path, repository.top)) for path in context.ignore_files]
    other_ignore = any(place in repository.changed for _, place in places)
    if not inside and not other_ignore:
        return None
    folders = {each for path, blob in inside.items() if blob for each in _above(path)}
    fresh = {each for path, blob in inside.items() if blob is None for each in _above(path)}
    tree = EarlierTree(context.tree, git, inside, frozenset(folders), frozenset(fresh))
    context = replace(context, tree=tree)
    if other_ignore:
        path, ignore = _earlier_ignore(places, repository, git)
        context = replace(context, given=ignore, given_path=path)
    return context


def _above(path: str) -> Iterator[str]:
    """The folders that a path is in, the root (`""`) too."""
    while path:
        path = _folder(path)
        yield path


def _within(path: Path, top: Path) -> str | None:
    """A path as seen from the top of a repository, links to its folder followed."""
    follow = path.is_dir() or not path.name
    whole = Path(os.path.realpath(path if follow else path.parent), "" if follow else path.name)
    try:
        place = whole.relative_to(top).as_posix()
    except ValueError:
        return None
    return "" if place == "." else place


def _earlier_ignore(
    places: list[tuple[Path, str | None]], repository: Repository, git: Git
) -> tuple[Path | None, Ignore]:
    """The `.dockerignore` that was in use, with its patterns; the first place wins."""
    for path, place in places:
        if place is not None and place in repository.changed:
            blob = repository.changed[place]
            data = None if blob is None else read_blob(blob, git)
        else:
            data = read_ignore(path) if path.is_file() else None
        if data is not None:
            return path, parse_ignore(decode(str(path), data))
    return None, Ignore()
