"""Paths of an image as texts: what covers what."""

from __future__ import annotations

from collections.abc import Iterable

# The last part of a path that stands for all that a folder holds.
ALL_OF_IT = ("*", "**", ".*", "{,.}*", "..?*", ".[!.]*")


def parts(path: str) -> tuple[str, ...]:
    """The names that a path is made of."""
    return tuple(part for part in path.split("/") if part not in ("", "."))


def covers(paths: Iterable[object], wanted: str) -> bool:
    """Whether one of the paths is the wanted one, a folder above it, or all of what it holds."""
    target = parts(wanted)
    for path in paths:
        names = parts(str(path))
        if names and names[-1] in ALL_OF_IT:
            names = names[:-1]
        if names == target[: len(names)] and (names or str(path).startswith("/")):
            return True
    return False
