"""Reading files that anybody may have put there: regular ones only, and not without end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

LARGEST = 4_000_000  # bytes; the longest Dockerfiles that anybody wrote have some ten thousand
# Whoever gives a pipe by one of these names has its other end open: `dflint check <(…)`.
_GIVEN = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
# Without it, opening a pipe waits for somebody to write into it; on Windows, files are binary.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_PART = 65_536  # bytes that are asked for where a file is longer than it said
_KINDS = {
    stat.S_IFIFO: "a pipe, not a file",
    stat.S_IFSOCK: "a socket, not a file",
    stat.S_IFCHR: "a device, not a file",
    stat.S_IFBLK: "a device, not a file",
}


def read_file(path: str | os.PathLike[str], largest: int = LARGEST) -> bytes:
    """A file's bytes. Raises OSError, also for what is no file, and for one above `largest`.

    Links are followed. A pipe is read only where the process was given its end.
    """
    name = os.fspath(path)
    try:
        mode = os.stat(name).st_mode  # noqa: PTH116  (this runs hundreds of times at every start)
    except ValueError:  # there is a NUL in the name
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", name) from None
    given = stat.S_ISFIFO(mode) and name.startswith(_GIVEN)
    if not given:
        _check(name, mode)
    number = os.open(name, os.O_RDONLY if given else _FLAGS)
    try:
        status = os.fstat(number)
        if not given:
            _check(name, status.st_mode)  # it may be something else by now
        return _bounded(_read(number, status.st_size, largest + 1), largest)
    finally:
        os.close(number)


def _read(number: int, size: int, most: int) -> bytes:
    """The bytes of an open file, up to so many; the file says that it has `size`.

    Asking for the most at once would have the system make room for it, which takes longer.
    """
    parts: list[bytes] = []
    left, ask = most, size + 1
    while left and (part := os.read(number, min(left, ask))):
        parts.append(part)
        left -= len(part)
        ask = _PART
    return b"".join(parts)


def read_text(path: str | os.PathLike[str], largest: int = LARGEST) -> str:
    """A file's text, without a byte order mark. Raises OSError, and UnicodeDecodeError."""
    return read_file(path, largest).decode("utf-8-sig").replace("\r\n", "\n")


def _check(name: str, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "Is a directory", name)
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, _KINDS.get(stat.S_IFMT(mode), "not a file"), name)


def _bounded(data: bytes, largest: int) -> bytes:
    if len(data) > largest:
        raise OSError(errno.EFBIG, f"larger than {largest / 1_000_000:g} MB")
    return data


def is_there(path: Path) -> bool:
    """Whether there is something at a path, by links as well; False where it cannot be told."""
    try:
        return path.exists()
    except OSError:  # such as a name that is too long
        return False


def is_folder(path: Path) -> bool:
    """Whether a path is a folder; False, too, where it cannot be told."""
    try:
        return path.is_dir()
    except OSError:
        return False
