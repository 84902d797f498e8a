"""ShellCheck's answers, and a cache of them: 256 files of lines, `key checksum JSON`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST_SHARD = 1 << 19  # bytes; a fuller part of the cache is begun anew


@dataclass(frozen=True, slots=True)
class Comment:
    """One thing that ShellCheck says of a program text: lines and columns from 1, end excluded."""

    line: int
    end_line: int
    column: int
    end_column: int
    level: str
    code: int
    message: str


Comments = tuple[Comment, ...]


def make_comment(row: Sequence[Any]) -> Comment:
    """A comment from the values of its fields, in their order. Raises TypeError, ValueError."""
    line, end_line, column, end_column, level, code, message = row
    numbers = int(line), int(end_line), int(column), int(end_column)
    return Comment(*numbers, str(level), int(code), str(message))


def read_shard(folder: Path, shard: str) -> dict[str, Comments]:
    """The answers in one part of the cache; what is not whole is passed over."""
    try:
        data = (folder / shard).read_bytes()
    except OSError:
        return {}
    found: dict[str, Comments] = {}
    for line in data.split(b"\n"):
        key, _, rest = line.partition(b" ")
        check, _, payload = rest.partition(b" ")
        if check and check == _checksum(key, payload):
            rows = json.loads(payload)
            found[key.decode("ascii")] = tuple(make_comment(row) for row in rows)
    return found


def write_cache(folder: Path, answers: Mapping[str, Comments]) -> None:
    """Add answers to the cache; where it cannot be written, nothing happens.

    A part is one write to the end of a file, so that several runs may write at once; a torn line
    fails its checksum.
    """
    parts: dict[str, list[bytes]] = {}
    for key, comments in answers.items():
        parts.setdefault(key[:2], []).append(_line(key, comments))
    try:
        if parts:
            folder.mkdir(parents=True, exist_ok=True)
        for shard, lines in parts.items():
            path = folder / shard
            full = path.exists() and path.stat().st_size > LARGEST_SHARD
            with path.open("wb" if full else "ab", buffering=0) as file:
                # A newline first: whatever was torn off before ends there.
                file.write(b"\n" + b"".join(lines))
    except OSError:
        return


def _line(key: str, comments: Comments) -> bytes:
    rows = [[getattr(each, name) for name in Comment.__dataclass_fields__] for each in comments]
    payload = json.dumps(rows, separators=(",", ":")).encode("ascii")
    name = key.encode("ascii")
    return b" ".join((name, _checksum(name, payload), payload)) + b"\n"


def _checksum(key: bytes, payload: bytes) -> bytes:
    return hashlib.blake2b(key + payload, digest_size=8).hexdigest().encode("ascii")
