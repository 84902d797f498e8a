"""The text of a YAML scalar, each character with its place in the file."""

from __future__ import annotations

import yaml

from dflint.builds import coarse
from dflint.lazy import regex
from dflint.source import Source, Span, Text, join

# YAML 1.2, "Escaped Characters"; those by number have their digits behind them.
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f",
    "r": "\r", "e": "\x1b", " ": " ", '"': '"', "\\": "\\", "/": "/", "N": "\x85", "_": "\xa0",
    "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_DIGITS = {"x": 2, "u": 4, "U": 8}
_HEADER = regex(r"\|[-+0-9]*[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|$)")


def scalar_text(source: Source, node: yaml.ScalarNode) -> Text:
    """The value of a scalar with the origin of every character.

    Where the style makes that hard (folded text, quoted text of several lines), all of it has its
    origin at the place where the scalar begins.
    """
    start, end = node.start_mark.index, node.end_mark.index
    raw = Text(source.text[start:end], (0,), (start,))
    if node.style == "|":
        found = _literal(raw, node.value)
    elif node.style == '"':
        found = _double(raw)
    elif node.style == "'":
        found = _single(raw)
    else:
        found = raw
    if found is not None and found.value == node.value:
        return found
    return coarse(node.value, Span(start, end))


def _literal(raw: Text, value: str) -> Text | None:
    """A literal block: the lines after the header, each without its indentation."""
    header = _HEADER.match(raw.value)
    if header is None:
        return None
    pieces: list[Text] = []
    at = header.end()
    indent = _indentation(raw.value, at, value)
    lines = value.split("\n")
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        if last and not line:
            break
        end = raw.value.find("\n", at)
        end = len(raw.value) if end == -1 else end
        stop = end - raw.value.endswith("\r", at, end)
        first = at + indent if line else min(at + indent, stop)
        if raw.value[first:stop] != line:
            return None
        pieces.append(raw.slice(first, first + len(line)))
        if not last:
            # A line that is empty and ends in CRLF has its newline at the first of the two.
            pieces.append(Text("\n", (0,), (raw.origin(first + len(line)),)))
        at = end + 1
    return join(pieces, raw.origin(0))


def _indentation(raw: str, at: int, value: str) -> int:
    """How far the lines of a literal block are indented: what its first text line has more."""
    wanted = next((line for line in value.split("\n") if line), "")
    for line in raw[at:].split("\n"):
        line = line.removesuffix("\r")
        if wanted and line.endswith(wanted) and not line[: len(line) - len(wanted)].strip(" "):
            return len(line) - len(wanted)
    return 0


def _single(raw: Text) -> Text | None:
    """Text in single quotes on one line, in which two of them stand for one."""
    inside = raw.slice(1, len(raw.value) - 1)
    pieces = []
    at = 0
    while (found := inside.value.find("''", at)) != -1:
        pieces.append(inside.slice(at, found + 1))
        at = found + 2
    pieces.append(inside.slice(at, len(inside.value)))
    return join(pieces, raw.origin(0))


def _double(raw: Text) -> Text | None:
    """Text in double quotes on one line, its escapes undone."""
    pieces = []
    at, last = 1, len(raw.value) - 1
    while at < last:
        found = raw.value.find("\\", at, last)
        if found == -1:
            break
        pieces.append(raw.slice(at, found))
        sign = raw.value[found + 1]
        at = found + 2 + _DIGITS.get(sign, 0)
        if sign in _DIGITS:
            try:
                character = chr(int(raw.value[found + 2 : at], 16))
            except (ValueError, OverflowError):
                return None
        elif sign in _ESCAPES:
            character = _ESCAPES[sign]
        else:
            return None
        pieces.append(Text(character, (0,), (raw.origin(found),)))
    pieces.append(raw.slice(at, last))
    return join(pieces, raw.origin(0))
