"""Splitting what follows a keyword into flags, words, pairs and JSON items, as BuildKit does.

All functions take a `Text` and give `Text`s, so that every word knows where it stands in the file.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

from msgspec import Struct

from dflint.document import Flag, Pair
from dflint.lazy import regex
from dflint.source import Text, pick

# What Go's unicode.IsSpace accepts, which is less than Python's str.isspace.
SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
SPACES = frozenset(SPACE)
BLANKS = regex(r"[\t\v\f\r ]+")
JSON_STRING = regex(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
JSON_ESCAPE = regex(r"\\u[0-9a-fA-F]{4}|\\.", re.DOTALL)


class WordError(Exception):
    """Words that the build rejects; `text` is the part that is wrong."""

    def __init__(self, message: str, text: Text) -> None:
        super().__init__(message)
        self.message = message
        self.text = text


class Split(Struct, frozen=True):
    """A logical line taken apart: keyword, flags, and the rest without blanks around it."""

    keyword: Text
    flags: tuple[Flag, ...]
    rest: Text


def trim(text: Text) -> Text:
    """A text without the white space around it."""
    value = text.value
    start = len(value) - len(value.lstrip(SPACE))
    return text.slice(start, max(start, len(value.rstrip(SPACE))))


def split_line(line: Text) -> Split:
    """The keyword, flags and rest of a logical line."""
    line = trim(line)
    blank = BLANKS.search(line.value)
    if blank is None:
        end = len(line.value)
        return Split(line, (), line.slice(end, end))
    args = line.slice(blank.end(), len(line.value))
    flags, start = _flags(args)
    return Split(line.slice(0, blank.start()), flags, trim(args.slice(start, len(args.value))))


def _flags(args: Text) -> tuple[tuple[Flag, ...], int]:
    """The builder flags at the start, and where the rest begins; `--` alone ends them."""
    value = args.value
    found: list[Flag] = []
    at = 0
    while True:
        while at < len(value) and value[at] in SPACES:
            at += 1
        if not value.startswith("--", at):
            return tuple(found), at
        chars, end = _flag_word(value, at)
        word = pick(args, chars)
        if word.value == "--":
            return tuple(found), end
        found.append(_flag(args, word, at, end))
        at = end


def _flag_word(value: str, at: int) -> tuple[list[int], int]:
    """The characters of a flag, quotes and escapes taken out, and where it ends.

    The builder takes a backslash for the escape here, whatever `# escape=` says.
    """
    chars: list[int] = []
    quote = ""
    while at < len(value):
        char = value[at]
        if not quote and char in SPACES:
            break
        if quote and char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif char == "\\":
            at += 1
            if at < len(value):
                chars.append(at)
        else:
            chars.append(at)
        at += 1
    return chars, min(at, len(value))


def _flag(args: Text, word: Text, start: int, end: int) -> Flag:
    name, equals, _ = word.value.removeprefix("--").partition("=")
    value = word.slice(2 + len(name) + 1, len(word.value)) if equals else None
    return Flag(name, value, args.span(start, end))


def by_blanks(text: Text) -> tuple[Text, ...]:
    """The words between blanks, quotes not considered."""
    words = []
    at = 0
    if not text.value:
        return ()
    for blank in BLANKS.finditer(text.value):
        words.append(text.slice(at, blank.start()))
        at = blank.end()
    words.append(text.slice(at, len(text.value)))
    return tuple(words)


def quoted_words(text: Text, escape: str) -> tuple[Text, ...]:
    """The words of ENV, LABEL and ARG: blanks within quotes or after an escape do not divide."""
    words: list[Text] = []
    chars: list[int] = []
    value = text.value
    quote = ""
    at = 0
    while at < len(value):
        char = value[at]
        if not quote and char in SPACES:
            if chars:
                words.append(pick(text, chars))
            chars = []
        elif char == escape and quote != "'":
            if at + 1 < len(value):  # an escape character at the very end is dropped
                chars += [at, at + 1]
            at += 1
        else:
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            chars.append(at)
        at += 1
    if chars:
        words.append(pick(text, chars))
    return tuple(words)


def pairs(text: Text, keyword: str, escape: str) -> tuple[Pair, ...]:
    """The pairs of ENV and LABEL. Raises WordError."""
    words = quoted_words(text, escape)
    if not words:
        return ()
    if "=" not in words[0].value:
        blank = BLANKS.search(text.value)
        if blank is None:
            raise WordError(f"{keyword} must have two arguments, or `name=value`", text)
        name = text.slice(0, blank.start())
        return (Pair(name, text.slice(blank.end(), len(text.value)), True),)
    for word in words:
        if "=" not in word.value:
            raise WordError(f"`{word.value}` has no `=`: {keyword} takes `name=value` pairs", word)
    return tuple(_pair(word) for word in words)


def arguments(text: Text, escape: str) -> tuple[Pair, ...]:
    """The pairs of ARG, whose values may be missing."""
    return tuple(_pair(word) for word in quoted_words(text, escape))


def _pair(word: Text) -> Pair:
    name, equals, _ = word.value.partition("=")
    value = word.slice(len(name) + 1, len(word.value)) if equals else None
    return Pair(word.slice(0, len(name)), value, False)


def json_items(text: Text) -> tuple[Text, ...] | None:
    """The strings of a JSON list; None for anything else. Raises WordError for other items."""
    value = text.value.lstrip(SPACE)
    if not value.startswith("["):
        return None
    try:
        items = json.loads(value, parse_constant=_not_json)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(item, str) for item in items):
        raise WordError("a JSON list here must hold strings only", text)
    found = []
    at = len(text.value) - len(value)
    for item in items:
        match = JSON_STRING.search(text.value, at)
        if match is None:  # json.loads has seen one string for each item
            raise AssertionError(text.value)
        found.append(_unescaped(text, match.start(1), match.end(1), item))
        at = match.end()
    return tuple(found)


def _not_json(_: str) -> NoReturn:
    raise ValueError  # NaN and Infinity are Python's own


def _unescaped(text: Text, start: int, end: int, item: str) -> Text:
    """A JSON string's value, each character with the origin of what it was written as."""
    raw = text.value[start:end]
    if "\\" not in raw:
        return text.slice(start, end)
    indices: list[int] = []
    at = 0
    for escape in JSON_ESCAPE.finditer(raw):
        indices.extend(range(start + at, start + escape.start()))
        indices.append(start + escape.start())
        at = escape.end()
    indices.extend(range(start + at, end))
    # Two \u escapes may make one character: the second half has no place of its own.
    return (
        pick(text, indices[: len(item)], item)
        if len(indices) >= len(item)
        else text.slice(start, end)
    )
