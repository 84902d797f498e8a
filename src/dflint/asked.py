"""What a build context was asked, so that the same can be asked again: has any answer changed?"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from dflint.context import Context, read_ignore
from dflint.shards import digest
from dflint.tree import DiskTree, Question, answer


class Questions(Struct, frozen=True):
    """All that was asked of a context: of its tree, and of places outside."""

    tree: tuple[Question, ...]
    outside: tuple[str, ...]


def questions(context: Context) -> Questions | None:
    """What a context on disk was asked so far; None for one that is not."""
    if not isinstance(context.tree, DiskTree) or context.given is not None:
        return None
    return Questions(tuple(context.tree.asked), tuple(context.looked_for))


def answers(context: Context, asked: Questions) -> str:
    """What the questions are answered with now: equal texts for equal answers.

    The ignore files count as asked for.
    """
    parts = [answer(context.tree, each) for each in asked.tree]
    for place in asked.outside:
        try:
            parts.append(b"there" if Path(place).exists() else b"not there")
        except OSError:
            parts.append(b"unreadable")
    for path in context.ignore_files:
        try:
            parts.append(b"file " + read_ignore(path))
        except (OSError, ValueError) as error:
            parts.append(type(error).__name__.encode())
    return digest(*parts)
