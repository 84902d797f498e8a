"""Variables and quotes in a Dockerfile's own words (not those of a shell).

The facts are those of Docker's reference, "Environment replacement": `$NAME`, `${NAME}` and the
modifiers `:-  -  :+  +  :?  ?  #  ##  %  %%  /  //`; single quotes keep all as it is, double quotes
keep everything but variables and escapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate

from msgspec import Struct

from dflint.lazy import regex
from dflint.shell import Word
from dflint.source import Text

NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*")
MODIFIER = regex(r"(:[-+?]|//|##|%%|[-+?#%/])")

SPECIAL = tuple("0123456789@*#?!-")  # parameters of a shell, which no Dockerfile sets
DEEPEST = 50  # `${…}` within one another; nobody writes more
LONGEST = 8_192
"""How many characters the value of a word with variables may have; a longer one is not known.

Each of a hundred lines `ENV A=$B$B` doubles the one before; no such value fits into any computer.
"""
LONGEST_TRIMMED = 1_024  # of a value that is held against a pattern, once for each character

Lookup = Callable[[str], str | None]


class _Piece(Struct, frozen=True):
    """What a stretch of a word stands for; `value` is None when that is unknown."""

    value: str | None
    end: int


def expand(text: Text, lookup: Lookup, escape: str = "\\") -> Word:
    """A word of the Dockerfile with quotes removed and known variables replaced.

    `lookup` gives a variable's value, or None when it is not known; what is not known stays in the
    value as it was written, and the word's `known` is then false.
    """
    value, known = _expand(text.value, lookup, escape)
    return Word(text.value, text.span(), value, known, any(char in "*?[" for char in value))


def expand_text(text: str, lookup: Lookup, escape: str = "\\") -> str | None:
    """As `expand`, for a plain string; None when something in it is not known."""
    value, known = _expand(text, lookup, escape)
    return value if known else None


def _expand(text: str, lookup: Lookup, escape: str, depth: int = 0) -> tuple[str, bool]:
    if depth > DEEPEST:
        return text, False
    if not any(char in text for char in ("$", "'", '"', escape)):
        return text, True
    out: list[str] = []
    known = True
    quote = ""
    length = at = 0
    while at < len(text):
        char = text[at]
        if quote == "'":
            at += 1
            if char == "'":
                quote = ""
            else:
                out.append(char)
        elif char == escape and at + 1 < len(text) and (not quote or text[at + 1] in f'"${escape}'):
            out.append(text[at + 1])
            at += 2
        elif char in "'\"" and (not quote or char == quote):
            quote = "" if quote else char
            at += 1
        elif char == "$":
            piece = _variable(text, at, lookup, escape, depth)
            known = known and piece.value is not None
            out.append(text[at : piece.end] if piece.value is None else piece.value)
            length += len(out[-1])
            if length > LONGEST:
                return text, False
            at = piece.end
        else:
            out.append(char)
            at += 1
    return "".join(out), known


def _variable(text: str, at: int, lookup: Lookup, escape: str, depth: int) -> _Piece:
    plain = NAME.match(text, at + 1)
    if plain:
        return _Piece(lookup(plain[0]), plain.end())
    if not text.startswith("${", at):
        special = text[at + 1 : at + 2] in SPECIAL
        return _Piece(None, at + 2) if special else _Piece("$", at + 1)
    name = NAME.match(text, at + 2)
    end = _closing(text, at + 2)
    if name is None or end == -1 or name.end() > end:
        return _Piece(None, len(text) if end == -1 else end + 1)
    if end - at > LONGEST:
        return _Piece(None, end + 1)
    body = text[name.end() : end]
    return _Piece(_modified(lookup(name[0]), body, lookup, escape, depth), end + 1)


def _closing(text: str, at: int) -> int:
    """Where the brace that was opened before `at` is closed, or -1."""
    depth = 1
    for index in range(at, len(text)):
        if text[index] == "{" and text[index - 1] == "$":
            depth += 1
        elif text[index] == "}":
            depth -= 1
            if depth == 0:
                return index
    return -1


def _modified(value: str | None, body: str, lookup: Lookup, escape: str, depth: int) -> str | None:
    if not body:
        return value
    modifier = MODIFIER.match(body)
    if modifier is None:
        return None
    kind = modifier[0]
    if kind in ("//", "/"):
        return _replaced(value, body[len(kind) :], every=kind == "//")
    inner, known = _expand(body[len(kind) :], lookup, escape, depth + 1)
    word = inner if known else None
    if value is None:
        # Not known covers "not set" too: a default is then what a plain build gets.
        return word if kind in (":-", "-") else None
    if kind in (":-", "-"):
        return value if value or kind == "-" else word
    if kind in (":+", "+"):
        return word if value or kind == "+" else ""
    if kind in (":?", "?"):
        return value
    return None if word is None else _trimmed(value, kind, word)


def _trimmed(value: str, kind: str, pattern: str) -> str | None:
    """`#` and `%`: the value without the shortest (doubled: longest) matching start or end."""
    if max(len(value), len(pattern)) > LONGEST_TRIMMED:
        return None
    match = re.compile(translate(pattern)).match
    if kind[0] == "#":
        cuts = range(len(value) + 1) if kind == "#" else range(len(value), -1, -1)
        return next((value[cut:] for cut in cuts if match(value[:cut])), value)
    cuts = range(len(value), -1, -1) if kind == "%" else range(len(value) + 1)
    return next((value[:cut] for cut in cuts if match(value[cut:])), value)


def _replaced(value: str | None, body: str, *, every: bool) -> str | None:
    pattern, slash, replacement = body.partition("/")
    if value is None or not slash or any(char in pattern for char in "*?[\\$"):
        return None
    count = value.count(pattern) if every else 1
    if count * len(replacement) > LONGEST:
        return None
    return value.replace(pattern, replacement, count)
