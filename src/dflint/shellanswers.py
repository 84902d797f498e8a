"""ShellCheck's answers, and a cache of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from dflint import shards


class Comment(Struct, frozen=True):
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


def read_answers(folder: Path, shard: str) -> dict[str, Comments]:
    """The answers in one part of the cache."""
    return {
        key: tuple(make_comment(row) for row in json.loads(value))
        for key, value in shards.read_shard(folder, shard).items()
    }


def write_answers(folder: Path, answers: Mapping[str, Comments]) -> None:
    """Add answers to the cache; where it cannot be written, nothing happens."""
    shards.append(folder, {key: _value(comments) for key, comments in answers.items()})


def _value(comments: Comments) -> bytes:
    rows = [[getattr(each, name) for name in Comment.__struct_fields__] for each in comments]
    return json.dumps(rows, separators=(",", ":")).encode("ascii")
