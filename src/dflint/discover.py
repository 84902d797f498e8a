"""Which files are Dockerfiles: those named, and those found below folders."""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from dflint.disk import read_file
from dflint.glob import endless
from dflint.lazy import regex

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MOST_PATTERNS = 2_000  # of one ignore file
_NAMES = regex(
    r"(?:Dockerfile|Containerfile)(?:\..+)?|dockerfile|.+\.(?:[Dd]ockerfile|[Cc]ontainerfile)"
)
# Templates, left-overs of editors and merges, and other files that are named after a Dockerfile.
_NOT_DOCKERFILES = (
    ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".erb", ".mustache", ".in",
    ".dockerignore", ".md", ".bak", ".orig", ".swp", ".rej", ".sh", ".py", ".yml", ".yaml",
    ".json", ".txt", "~",
)  # fmt: skip
_NEVER_ENTERED = frozenset((".git", "node_modules", ".venv", "__pycache__", ".tox"))


class Found(Struct, frozen=True):
    """The Dockerfiles in the order of the paths given, and the paths that do not exist."""

    files: tuple[Path, ...]
    missing: tuple[Path, ...]


class _Layer(Struct, frozen=True):
    """Ignore patterns and the absolute folder (with a closing slash) that they are relative to."""

    base: str
    spec: GitIgnoreSpec


def discover(paths: Sequence[Path], exclude: Sequence[str] = (), base: Path | None = None) -> Found:
    """The Dockerfiles that paths name or hold; a file that is named is always taken.

    `exclude` are patterns as in a `.gitignore` in the folder `base` (the current one if None).
    Folders are walked without following links, and without what git ignores there.
    """
    files: dict[str, Path] = {}
    missing: list[Path] = []
    excluded = _layer(exclude, base or Path())
    for path in paths:
        mode = _mode(path)
        if mode is None:
            missing.append(path)
            continue
        found = _walk(path, excluded) if stat.S_ISDIR(mode) else (path,)
        for file in found:
            files.setdefault(os.path.normpath(file.absolute()), file)
    return Found(tuple(files.values()), tuple(missing))


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return None


def is_dockerfile_name(name: str) -> bool:
    """Whether a file of this name is taken for a Dockerfile when a folder is walked."""
    return _NAMES.fullmatch(name) is not None and not name.endswith(_NOT_DOCKERFILES)


def _walk(folder: Path, excluded: _Layer | None) -> Iterator[Path]:
    """The Dockerfiles below a folder, in the order of their names at every level."""
    top = _base(folder)
    if excluded is not None and not top.startswith(excluded.base):
        excluded = _Layer(top, excluded.spec)
    outer = _unless_named(top, [] if excluded is None else [excluded])
    # What is pending has its absolute path, with a closing slash if it is a folder.
    pending = [(top, folder, _unless_named(top, _above(top)))]
    while pending:
        absolute, path, layers = pending.pop()
        if not absolute.endswith("/"):
            yield path
            continue
        entries = _entries(absolute)
        names = {entry.name for entry in entries}
        if "pyvenv.cfg" in names and absolute != top:
            continue
        if ".gitignore" in names:
            layers = [*layers, *_read(absolute + ".gitignore", absolute)]
        for name in sorted(filter(None, map(_candidate, entries)), reverse=True):
            below = absolute + name
            if not _ignored(below, outer) and not _ignored(below, layers):
                pending.append((below, path / name, layers))


def _unless_named(top: str, layers: list[_Layer]) -> list[_Layer]:
    """The layers but those that ignore the folder: one that is named is walked all the same."""
    return [layer for layer in layers if not _says(layer, top)]


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # no permission, or gone in the meantime: there is nothing to lint
        return []


def _candidate(entry: os.DirEntry[str]) -> str | None:
    """The name of what may be a Dockerfile, or of what may hold some (then with a slash)."""
    name = entry.name
    try:
        if entry.is_dir(follow_symlinks=False):
            return None if name in _NEVER_ENTERED else name + "/"
        return name if is_dockerfile_name(name) and entry.is_file() else None
    except OSError:  # a loop of links, or gone in the meantime
        return None


def _ignored(path: str, layers: Sequence[_Layer]) -> bool:
    """Whether the last layer that says anything about an absolute path ignores it."""
    for layer in reversed(layers):
        said = _says(layer, path)
        if said is not None:
            return said
    return False


def _says(layer: _Layer, path: str) -> bool | None:
    if not path.startswith(layer.base) or path == layer.base:
        return None
    return layer.spec.check_file(path[len(layer.base) :]).include


def _base(folder: Path) -> str:
    """The absolute path of a folder with links resolved and a closing slash."""
    return folder.resolve().as_posix().rstrip("/") + "/"


def _above(top: str) -> list[_Layer]:
    """What the git repository around a folder ignores, as said by files outside of the folder."""
    folder = Path(top)
    for root in (folder, *folder.parents):
        if _mode(root / ".git") is not None:
            break
    else:
        return []
    between = [each for each in folder.parents if each == root or root in each.parents]
    layers = _read(str(_git_folder(root / ".git") / "info" / "exclude"), _base(root))
    for each in reversed(between):
        layers += _read(str(each / ".gitignore"), _base(each))
    return layers


def _git_folder(path: Path) -> Path:
    """The folder of a repository; in a worktree or a submodule `.git` is a file that points to it.

    Source: gitrepository-layout(5), "commondir" and "gitfile".
    """
    pointed = _text(path).removeprefix("gitdir:").strip() if path.is_file() else ""
    folder = path.parent / pointed if pointed else path
    common = _text(folder / "commondir").strip()
    return folder / common if common else folder


def _text(path: Path | str) -> str:
    """A file's text, empty where it cannot be read."""
    try:
        return read_file(path).decode("utf-8-sig", "surrogateescape")
    except OSError:
        return ""


def _read(path: str, base: str) -> list[_Layer]:
    if os.path.islink(path):  # noqa: PTH114
        return []  # git takes no ignore file that is a link (gitignore(5))
    layer = _layer(_text(path).split("\n"), Path(base))
    return [] if layer is None else [layer]


def _layer(lines: Iterable[str], base: Path) -> _Layer | None:
    """The layer of some patterns; lines that are none are left out, as git does. None if empty."""
    patterns = [line.rstrip("\r") for line in lines]
    patterns = [line for line in patterns if line.strip() and not line.startswith("#")]
    patterns = [line for line in patterns[:MOST_PATTERNS] if not endless(line)]
    if not patterns:
        return None
    spec = _spec(patterns)
    if spec is None:
        spec = _spec([line for line in patterns if _spec([line]) is not None])
    return None if spec is None else _Layer(_base(base), spec)


def _spec(patterns: list[str]) -> GitIgnoreSpec | None:
    """The patterns compiled; None if one of them is not valid."""
    # Loading pathspec takes longer than walking most folders.
    from pathspec import GitIgnoreSpec

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # `re` about `[[]`
        try:
            return GitIgnoreSpec.from_lines(patterns)
        except ValueError:
            return None
