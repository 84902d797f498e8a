"""Path patterns as Go and moby match them, in time linear in the path.

Two dialects meet in a build: `COPY` sources follow Go's `filepath.Match`, and `.dockerignore` lines
follow moby's patternmatcher, which rewrites a pattern into a Go regular expression, odd corners
included (`**foo` matches by suffix, `[*]` is not a star in brackets). Python's `re` would backtrack
on patterns with many stars, so those run on a small automaton instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import Enum, auto
from functools import lru_cache

from msgspec import Struct

from dflint.lazy import regex

Matcher = Callable[[str], bool]

# A path of 4,096 characters costs two nested repetitions about 8 million steps at the very worst.
_MOST_REPEATS = 2
_MOST_STARS = 3  # that pathspec, which tries all ways, is given in one pattern
_STARS = regex(r"\*+")


class BadPatternError(ValueError):
    """A pattern that Go refuses: the build fails on it."""


class UnclearPatternError(ValueError):
    """A pattern whose meaning is not worked out here, `\\b` for instance."""


class _Kind(Enum):
    ONE = auto()  # one character of a set
    STAR = auto()  # any number of characters of a set
    DIRS = auto()  # nothing, or any text up to and with a slash
    REST = auto()  # any text
    START = auto()  # nothing, and only at the beginning


class _Piece(Struct, frozen=True):
    """A part of a pattern; `chars` is one character's regular expression."""

    kind: _Kind
    chars: str = ""


_ANY = r"[^\n]"
_COUNT = regex(r"\{\d+(,\d*)?\}")
_REGEX = {
    _Kind.ONE: "{}",
    _Kind.STAR: "{}*",
    _Kind.DIRS: "(?:.*/)?",
    _Kind.REST: ".*",
    _Kind.START: r"\A",
}
_REPEATS = frozenset({_Kind.STAR, _Kind.DIRS, _Kind.REST})


def clean(path: str) -> str:
    """The shortest equal path, as Go's `filepath.Clean` gives it; `.` for an empty one."""
    rooted = path.startswith("/")
    kept: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            if kept and kept[-1] != "..":
                kept.pop()
                continue
            if rooted:
                continue
        kept.append(part)
    joined = "/".join(kept)
    return f"/{joined}" if rooted else joined or "."


def has_wildcard(path: str) -> bool:
    """Whether BuildKit would expand a `COPY` source: an unescaped `*`, `?` or `[` in it."""
    return re.search(r"[*?\[]", re.sub(r"(?s)\\.", "", path)) is not None


def go_matcher(pattern: str) -> Matcher:
    """What Go's `filepath.Match` says of a pattern for one name, without a slash.

    Raises BadPatternError. Source: https://pkg.go.dev/path/filepath#Match.
    """
    return _matcher(_go_pieces(pattern))


def check_go(pattern: str) -> None:
    """Raise BadPatternError where Go's `filepath.Match` calls the pattern malformed."""
    _go_pieces(pattern)


@lru_cache(maxsize=4_096)
def moby_matcher(pattern: str) -> Matcher:
    """What moby's patternmatcher says of one cleaned pattern against a whole path.

    Raises BadPatternError, and UnclearPatternError for the few escapes (`\\b`, `\\p`) and signs
    that mean something to Go's regular expressions alone. Source:
    https://docs.docker.com/build/concepts/context/#syntax and the behaviour of
    github.com/moby/patternmatcher.
    """
    check_go(pattern)
    shape, regex = _moby_regex(pattern.removeprefix("\ufeff"))  # Go's scanner drops it
    if shape == "exact":
        return pattern.__eq__
    if shape == "prefix":
        prefix = pattern[:-2]
        return lambda path: path.startswith(prefix)
    if shape == "suffix":
        suffix = pattern[2:]
        whole = suffix[1:] if suffix.startswith("/") else None
        return lambda path: path.endswith(suffix) or path == whole
    return _matcher(_regex_pieces(regex))


# --- Go's filepath.Match ---


def _go_pieces(pattern: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            if not (pieces and pieces[-1].kind is _Kind.STAR):
                pieces.append(_Piece(_Kind.STAR, "[^/]"))
        elif char == "?":
            pieces.append(_Piece(_Kind.ONE, "[^/]"))
        elif char == "[":
            chars, at = _go_set(pattern, at)
            pieces.append(_Piece(_Kind.ONE, chars))
        else:
            if char == "\\":
                char, at = _go_char(pattern, at - 1, closed=False)
            pieces.append(_Piece(_Kind.ONE, re.escape(char)))
    return pieces


def _go_set(pattern: str, at: int) -> tuple[str, int]:
    """The set that begins after a `[`, and the offset after its `]`."""
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[tuple[str, str]] = []
    while not (ranges and pattern.startswith("]", at)):
        low, at = _go_char(pattern, at, closed=True)
        high = low
        if pattern.startswith("-", at):
            high, at = _go_char(pattern, at + 1, closed=True)
        ranges.append((low, high))
    return _set(negated, [_range(low, high) for low, high in ranges if low <= high]), at + 1


def _go_char(pattern: str, at: int, *, closed: bool) -> tuple[str, int]:
    """One character, perhaps escaped; in a set (`closed`) something must follow it."""
    if closed and (at >= len(pattern) or pattern[at] in "-]"):
        raise BadPatternError(pattern)
    at += pattern[at] == "\\"
    if at >= len(pattern) or (closed and at + 1 >= len(pattern)):
        raise BadPatternError(pattern)
    return pattern[at], at + 1


# --- moby's way through a regular expression ---


def _moby_regex(pattern: str) -> tuple[str, str]:
    """How moby compares (`exact`, `prefix`, `suffix`, `regex`), and its expression for `regex`.

    The expression stands without its anchors. Sets are copied as they are, yet stars in them are
    rewritten all the same; the shape is what the last special character made of it.
    """
    shape, regex = "exact", ""
    at = 0
    while at < len(pattern):
        begins, char = at == 0, pattern[at]
        at += 1
        if char == "*" and pattern.startswith("*", at):
            at += 2 if pattern.startswith("/", at + 1) else 1
            if at < len(pattern):
                shape, regex = "regex", regex + "(.*/)?"
            elif shape == "exact":
                shape = "prefix"
            else:
                shape, regex = "regex", regex + ".*"
            if begins:
                shape = "suffix"
        elif char in "*?":
            shape, regex = "regex", regex + ("[^/]*" if char == "*" else "[^/]")
        elif char == "\\":
            shape, regex = "regex", regex + pattern[at - 1 : at + 1]
            at += 1
        elif char in "[]":
            shape, regex = "regex", regex + char
        else:
            # `|`, `{` and `}` ought to be escaped as well, but slip through moby's table.
            regex += f"\\{char}" if char in ".+()$" else char
    return shape, regex


def _regex_pieces(regex: str) -> list[_Piece]:
    """The parts of a Go regular expression of the kind that moby writes."""
    pieces: list[_Piece] = []
    at = 0
    while at < len(regex):
        if regex.startswith("(.*/)?", at):
            pieces.append(_Piece(_Kind.DIRS))
            at += 6
        elif regex.startswith(".*", at):
            pieces.append(_Piece(_Kind.REST))
            at += 2
        elif regex[at] == "^":
            pieces.append(_Piece(_Kind.START))
            at += 1
        else:
            chars, at = _regex_atom(regex, at)
            star = regex.startswith("*", at)
            pieces.append(_Piece(_Kind.STAR if star else _Kind.ONE, chars))
            at += star
    return pieces


def _regex_atom(regex: str, at: int) -> tuple[str, int]:
    """A set, an escape or a plain character at an offset, and the offset after it."""
    if regex[at] == "[":
        return _regex_set(regex, at + 1)
    if regex[at] == "\\":
        return f"[{_escape(regex[at + 1])}]", at + 2
    if regex[at] == "|" or _COUNT.match(regex, at):
        raise UnclearPatternError(regex)
    return re.escape(regex[at]), at + 1


def _regex_set(regex: str, at: int) -> tuple[str, int]:
    negated = regex.startswith("^", at)
    at += negated
    items: list[str] = []
    while not (items and regex.startswith("]", at)):
        if regex.startswith("[:", at) and ":]" in regex[at + 2 :]:
            raise UnclearPatternError(regex)
        low, at = _regex_char(regex, at)
        if len(low) == 1 and regex.startswith("-", at) and not regex.startswith("-]", at):
            high, at = _regex_char(regex, at + 1)
            if len(high) > 1 or high < low:
                raise BadPatternError(regex)
            items.append(_range(low, high))
        else:
            items.append(low if len(low) > 1 else re.escape(low))
    return _set(negated, items), at + 1


def _regex_char(regex: str, at: int) -> tuple[str, int]:
    """One character of a set, or a longer text that already is a list of ranges."""
    if at >= len(regex):
        raise BadPatternError(regex)
    if regex[at] != "\\":
        return regex[at], at + 1
    if at + 1 >= len(regex):
        raise BadPatternError(regex)
    items = _escape(regex[at + 1])
    return (items.removeprefix("\\") if len(items) == 2 else items), at + 2


# Go's classes, which are ASCII, as the inside of a Python set.
_CLASSES = {
    "d": "0-9",
    "D": "\x00-/:-\U0010ffff",
    "w": "0-9A-Za-z_",
    "W": "\x00-/:-@\\[-\\^`{-\U0010ffff",
    "s": "\t\n\f\r ",
    "S": "\x00-\x08\x0b\x0e-\x1f!-\U0010ffff",
}
_CONTROLS = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}


def _escape(char: str) -> str:
    """What a backslash and a character mean to Go, as the inside of a Python set."""
    if char in _CLASSES:
        return _CLASSES[char]
    if char in _CONTROLS:
        return "\\" + _CONTROLS[char]
    if char in "AbBCzQpPx01234567":
        raise UnclearPatternError(char)
    if not char.isascii() or char.isalnum():
        raise BadPatternError(char)
    return "\\" + char


def _range(low: str, high: str) -> str:
    return re.escape(low) if low == high else f"{re.escape(low)}-{re.escape(high)}"


def _set(negated: bool, items: list[str]) -> str:
    """A Python set; Go's ranges that run backwards leave it empty."""
    if not items:
        return r"[\s\S]" if negated else r"[^\s\S]"
    return f"[{'^' if negated else ''}{''.join(items)}]"


# --- running ---


def _matcher(pieces: list[_Piece]) -> Matcher:
    if sum(piece.kind in _REPEATS for piece in pieces) > _MOST_REPEATS:
        return _automaton(pieces)
    regex = "".join(_REGEX[piece.kind].format(piece.chars) for piece in pieces)
    full = re.compile(regex).fullmatch
    return lambda path: full(path) is not None


def _automaton(pieces: list[_Piece]) -> Matcher:
    """Match by following all positions in the pattern at once; steps are remembered.

    A position is an index into the pieces, or its complement (`~index`) while inside a `DIRS`
    piece, where only a slash leads out.
    """
    end = len(pieces)
    tests = [re.compile(piece.chars or _ANY).fullmatch for piece in pieces]
    steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def spread(positions: Iterable[int], begins: bool) -> frozenset[int]:
        reached: set[int] = set()
        for at in positions:
            reached.add(at)
            while 0 <= at < end and _passable(pieces[at].kind, begins):
                at += 1
                if at in reached:
                    break
                reached.add(at)
        return frozenset(reached)

    def step(positions: frozenset[int], char: str) -> frozenset[int]:
        following: set[int] = set()
        for at in positions:
            index = at if at >= 0 else ~at
            if index == end:
                continue
            kind = pieces[index].kind
            if kind is _Kind.DIRS:
                following.update((~index, index + 1) if char == "/" else (~index,))
            elif kind is not _Kind.START and tests[index](char):
                following.add(index + 1 if kind is _Kind.ONE else index)
        return spread(following, begins=False)

    first = spread([0], begins=True)

    def matches(path: str) -> bool:
        positions = first
        for char in path:
            key = (positions, char)
            known = steps.get(key)
            if known is None:
                known = steps[key] = step(positions, char)
            positions = known
            if not positions:
                return False
        return end in positions

    return matches


def _passable(kind: _Kind, begins: bool) -> bool:
    """Whether a piece may stand for nothing."""
    return kind in _REPEATS or (kind is _Kind.START and begins)


def endless(pattern: str) -> bool:
    """Whether pathspec may take as good as for ever to hold a name against a pattern.

    Each `*` may stand for as many texts as the name has letters.
    """
    return len(_STARS.findall(pattern)) > _MOST_STARS


@lru_cache(maxsize=256)
def file_matcher(pattern: str) -> Matcher:
    """The matcher of a pattern of files as users write it.

    `*` and `?` stay within a name, `**` spans folders; a pattern that ends in a
    slash stands for all that is below. Raises BadPatternError and UnclearPatternError.
    """
    cleaned = pattern.removeprefix("./").removeprefix("/")
    return moby_matcher(cleaned + "**" if cleaned.endswith("/") else cleaned)
