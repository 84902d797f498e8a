"""A cache on disk: 256 files of lines, `key checksum value`, that several runs may share.

A write is one append, so that runs do not disturb each other; a line that is torn or was changed
fails its checksum and counts for nothing. Where it cannot be written, nothing happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LARGEST = 1 << 18  # bytes; a fuller part of the cache is begun anew


def digest(*parts: bytes) -> str:
    """A key for what the parts say: 32 hexadecimal digits."""
    made = _blake2b()(digest_size=16)
    for part in parts:
        made.update(len(part).to_bytes(8, "little"))
        made.update(part)
    found: str = made.hexdigest()
    return found


def shard_of(key: str) -> str:
    """The name of the file that a key is in."""
    return key[:2]


def read_shard(folder: Path, shard: str) -> dict[str, bytes]:
    """The values in one part of the cache by key; what is not whole is passed over."""
    path = folder / shard
    try:
        data = path.read_bytes() if path.is_file() else b""  # a device might never end
    except OSError:
        return {}
    found: dict[str, bytes] = {}
    for line in data.split(b"\n"):
        key, _, rest = line.partition(b" ")
        check, _, value = rest.partition(b" ")
        if check and check == _checksum(key, value):
            found[key.decode("ascii")] = value
    return found


def append(folder: Path, values: Mapping[str, bytes]) -> None:
    """Add values, which hold no newline, to the cache."""
    parts: dict[str, list[bytes]] = {}
    for key, value in values.items():
        parts.setdefault(shard_of(key), []).append(_line(key.encode("ascii"), value))
    try:
        if parts:
            folder.mkdir(parents=True, exist_ok=True)
        for shard, lines in parts.items():
            path = folder / shard
            if path.exists() and not path.is_file():
                continue
            full = path.exists() and path.stat().st_size > LARGEST
            with path.open("wb" if full else "ab", buffering=0) as file:
                # A newline first: whatever was torn off before ends there.
                file.write(b"\n" + b"".join(lines))
    except OSError:
        return


def _line(key: bytes, value: bytes) -> bytes:
    return b" ".join((key, _checksum(key, value), value)) + b"\n"


def _checksum(key: bytes, value: bytes) -> bytes:
    found: str = _blake2b()(key + value, digest_size=8).hexdigest()
    return found.encode("ascii")


@cache
def _blake2b() -> Any:
    """The hash; its module takes longer to load than a small file takes to be linted."""
    from hashlib import blake2b

    return blake2b
