"""A shell word's value: quotes, escapes and variables (POSIX shell, section 2.2 and 2.6)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

from dflint.expand import LONGEST, expand_text
from dflint.lazy import regex
from dflint.shell import Word
from dflint.source import Span, Text, join

Lookup = Callable[[str], str | None]

SPECIAL = regex(r"[\\'\"$`*?\[]|[<>]\(")
NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*")
WHOLE_VARIABLE = regex(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\})")
# What a modifier may hold so that the Dockerfile's own expansion and the shell's agree.
SIMPLE_MODIFIER = regex(r"[^$`'\"\\]*")
CLOSING = {"(": ")", "{": "}"}
ANSI = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}


class Token(NamedTuple):
    """A word with the stretch `text.value[start:end]` that it was read from."""

    word: Word
    text: Text
    start: int
    end: int


def place(text: Text, start: int, end: int) -> Span:
    """As `Text.span`, quicker where the stretch lies in one piece, as most words do."""
    starts = text.starts
    run = bisect_right(starts, start) - 1 if len(starts) > 1 else 0
    if start < end and (run + 1 == len(starts) or end <= starts[run + 1]):
        begin = text.origins[run] + start - starts[run]
        return Span(begin, begin + end - start)
    return text.span(start, end)


def read_tokens(text: Text, start: int, end: int, lookup: Lookup) -> list[Token]:
    """The word that stands at `text.value[start:end]`.

    It is several (or none) only where it is one unquoted variable whose known value has white
    space (or nothing) in it, because the shell splits such a value.
    """
    raw = text.value[start:end]
    span = place(text, start, end)
    if SPECIAL.search(raw) is None:
        return [Token(Word(raw, span, raw, True, False), text, start, end)]
    value, known, glob = evaluate(raw, lookup)
    if known and WHOLE_VARIABLE.fullmatch(raw):
        return [
            Token(
                Word(raw, span, part, True, any(char in "*?[" for char in part)), text, start, end
            )
            for part in value.split()
        ]
    return [Token(Word(raw, span, value, known, glob), text, start, end)]


def read_word(text: Text, start: int, end: int, lookup: Lookup) -> Word:
    """As `read_tokens` where the shell does not split: after `=` and in redirections."""
    raw = text.value[start:end]
    value, known, glob = evaluate(raw, lookup)
    return Word(raw, place(text, start, end), value, known, glob)


def literal_token(text: Text) -> Token:
    """A word that no shell has a say in: one string of a JSON form."""
    return Token(Word(text.value, text.span(), text.value, True, False), text, 0, len(text.value))


def tail(token: Token, length: int) -> Token:
    """What follows the first `length` characters of a token's value, as in `--file=NAME`.

    Where quotes stand in the way of telling the place, the span is the whole word's.
    """
    word = token.word
    raw = token.text.value[token.start : token.end]
    value = word.value[length:]
    if raw == word.value or raw[:length] == word.value[:length]:
        start, end = token.start + length, token.end
    elif raw[:1] in "'\"" and raw[1 : length + 1] == word.value[:length]:
        start, end = token.start + length + 1, token.end - 1
    else:
        return Token(Word(raw, word.span, value, word.known, word.glob), token.text, 0, 0)
    text = token.text.value[start:end]
    span = token.text.span(start, end) if start < end else Span(word.span.end, word.span.end)
    return Token(Word(text, span, value, word.known, word.glob), token.text, start, end)


def letter(token: Token, index: int) -> Span:
    """Where the character at `index` of a token's value stands; the whole word when unsure."""
    raw = token.text.value[token.start : token.end]
    if raw[: index + 1] != token.word.value[: index + 1]:
        return token.word.span
    return token.text.span(token.start + index, token.start + index + 1)


def evaluate(raw: str, lookup: Lookup) -> tuple[str, bool, bool]:
    """A word's value, whether it is known, and whether it has a wildcard that is not quoted."""
    if SPECIAL.search(raw) is None:
        return raw, True, False
    out: list[str] = []
    known, glob, quoted = True, False, False
    at, length, put_in = 0, len(raw), 0
    while at < length:
        char = raw[at]
        if char == "'" and not quoted:
            end = raw.find("'", at + 1)
            end = length if end == -1 else end
            out.append(raw[at + 1 : end])
            at = end + 1
        elif char == '"':
            quoted = not quoted
            at += 1
        elif raw.startswith("\\\n", at):
            at += 2  # a line continued inside a heredoc
        elif char == "\\":
            kept = at if quoted and raw[at + 1 : at + 2] not in ("$", "`", '"', "\\") else at + 1
            out.append(raw[kept : at + 2])
            at += 2
        elif char in "$`" or (char in "<>" and not quoted and raw.startswith("(", at + 1)):
            value, end = _expansion(raw, at, quoted, lookup)
            known = known and value is not None
            glob = glob or (not quoted and value is not None and any(c in "*?[" for c in value))
            out.append(raw[at:end] if value is None else value)
            put_in += 0 if value is None else len(value)
            if put_in > LONGEST:  # see there
                return raw, False, glob
            at = end
        else:
            glob = glob or (not quoted and char in "*?[")
            out.append(char)
            at += 1
    return "".join(out), known, glob


def _expansion(raw: str, at: int, quoted: bool, lookup: Lookup) -> tuple[str | None, int]:
    """The value (None: unknown) and the end of what starts with `$`, a backtick, `<(` or `>(`."""
    if raw[at] != "$":
        return None, closing(raw, at if raw[at] == "`" else at + 1)
    following = raw[at + 1 : at + 2]
    if following == "{":
        end = closing(raw, at + 1)
        return _braces(raw[at:end], lookup), end
    if following == "(":
        return None, closing(raw, at + 1)
    if following == "'" and not quoted:
        return _ansi(raw, at + 2)
    if following == '"' and not quoted:
        return "", at + 1
    name = NAME.match(raw, at + 1)
    if name is not None:
        return lookup(name[0]), name.end()
    if following and following in "@*#?-$!0123456789":
        return None, at + 2
    return "$", at + 1


def _braces(piece: str, lookup: Lookup) -> str | None:
    """`${NAME}` and its modifiers; None where the name or the modifier is beyond us."""
    name = NAME.match(piece, 2)
    if name is None:
        return None
    if name.end() == len(piece) - 1:
        return lookup(name[0])
    modifier = piece[name.end() : -1]
    if lookup(name[0]) is None or SIMPLE_MODIFIER.fullmatch(modifier) is None:
        return None
    if modifier[:1] == ":" and modifier[1:2] not in ("-", "+", "?"):
        return None  # bash's ${NAME:offset}
    return expand_text(piece, lookup)


def _ansi(raw: str, at: int) -> tuple[str, int]:
    """The value of `$'…'` from behind the quote on; octal and hexadecimal escapes stay."""
    out: list[str] = []
    while at < len(raw) and raw[at] != "'":
        if raw[at] == "\\" and at + 1 < len(raw):
            char = raw[at + 1]
            out.append(ANSI.get(char, char if char in "\\'\"?" else raw[at : at + 2]))
            at += 2
        else:
            out.append(raw[at])
            at += 1
    return "".join(out), at + 1


def closing(raw: str, at: int) -> int:
    """The offset behind what closes the bracket or backtick at `at`; the end where nothing does."""
    stack = [CLOSING.get(raw[at], "`")]
    at += 1
    while at < len(raw) and stack:
        char = raw[at]
        if char == "\\":
            at += 1
        elif char == stack[-1]:
            stack.pop()
        elif char == "'" and stack[-1] != '"':
            end = raw.find("'", at + 1)
            at = len(raw) if end == -1 else end
        elif char in '"`':
            stack.append(char)
        elif char == "$" and raw[at + 1 : at + 2] in CLOSING:
            stack.append(CLOSING[raw[at + 1]])
            at += 1
        elif char == "(" and stack[-1] == ")":
            stack.append(")")
        at += 1
    return min(at, len(raw))


def unquoted(token: Token) -> Text:
    """A token's text without its quotes, variables left as they are: what `sh -c` gets to read."""
    raw = token.text.value
    kept: list[Text] = []
    quoted = False
    at = begin = token.start

    def keep(end: int, following: int) -> int:
        kept.append(token.text.slice(begin, end))
        return following

    while at < token.end:
        char = raw[at]
        if char == "'" and not quoted:
            begin = keep(at, at + 1)
            end = raw.find("'", at + 1, token.end)
            at = token.end if end == -1 else end
            begin = keep(at, at + 1)
        elif char == '"':
            quoted = not quoted
            begin = keep(at, at + 1)
        elif raw.startswith("\\\n", at):
            begin = keep(at, at + 2)
            at += 1
        elif char == "\\":
            if not quoted or raw[at + 1 : at + 2] in ("$", "`", '"', "\\"):
                begin = keep(at, at + 1)
            at += 1
        elif char == "`" or (char == "$" and raw[at + 1 : at + 2] in CLOSING):
            at = min(closing(raw, at if char == "`" else at + 1), token.end) - 1
        at += 1
    keep(token.end, token.end)
    return join(kept, token.word.span.start)


def unescaped(text: Text) -> Text:
    """The body of an unquoted heredoc as its reader gets it, variables left as they are."""
    kept: list[Text] = []
    begin = 0
    for match in re.finditer(r"\\[$`\\]", text.value):
        kept.append(text.slice(begin, match.start()))
        begin = match.start() + 1
    kept.append(text.slice(begin, len(text.value)))
    return join(kept, text.span().start)
