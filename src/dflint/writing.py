"""Writing a file so that nothing is lost: either the new content is whole, or the old one stays."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file's content in one step, or make the file; mode and owner stay. Raises OSError.

    Links are followed. The content goes to a temporary file beside the target, is flushed to the
    disk, and takes the target's name: a kill or a full disk leaves the old file as it was. What is
    no file (a pipe, `/dev/null`) is written to as it is.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    target = path.resolve()
    told = target.stat() if target.exists() else None
    number, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _take_over(temporary, told)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _take_over(file: Path, told: os.stat_result | None) -> None:
    """Give a file the mode and the owner that another had; a new one may be read by everybody."""
    if told is None:
        file.chmod(0o644)
        return
    file.chmod(told.st_mode & 0o7777)
    if hasattr(os, "chown") and (told.st_uid, told.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(file, told.st_uid, told.st_gid)
        file.chmod(told.st_mode & 0o7777)  # chown takes the set-id bits away
