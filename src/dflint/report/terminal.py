"""Text for a terminal: nothing that moves its cursor, and widths in columns.

A Dockerfile may hold anything: escape sequences, marks that turn the direction of writing round,
bytes that are no text. A report shows them and never passes them on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from dflint.lazy import regex

TAB = "    "
SHORT = {"\n": "\\n", "\r": "\\r"}
# A byte order mark is nothing to look at, and joiners only make sense inside what they join.
SILENT = frozenset("\ufeff\u200c\u200d\u2060")

# What build servers obey when it stands in a log: `##[` (GitHub) and `##vso[` (Azure) anywhere in a
# line, `##teamcity[` and `::` (GitHub) at its start. See ActionCommand.cs of actions/runner.
COMMAND = regex(r"(?<=#)#(?=(?:vso|teamcity)?\[)", re.IGNORECASE)

# Code between backticks is one word, so that a command is not torn apart where lines are wrapped.
WORDS = regex(r"(?:`[^`]{1,60}`|\S)+")

BOLD = "1"
RED = "1;31"
YELLOW = "1;33"
BLUE = "1;34"
CYAN = "36"
GREEN = "1;32"


class Cells(Struct, frozen=True):
    """A line as a terminal shows it: what stands for each character, and from which column on.

    `columns` has one more entry than `shown`: the width of the whole.
    """

    shown: Sequence[str]
    columns: Sequence[int]


def cells(line: str) -> Cells:
    """What a terminal shows of a line without its line ending."""
    if _is_plain(line):
        return Cells(line, range(len(line) + 1))
    shown, columns, column = [], [0], 0
    commands = {found.start() for found in COMMAND.finditer(line)}
    for at, character in enumerate(line):
        text, width = ("\\x23", 4) if at in commands else _cell(character)
        column += width
        shown.append(text)
        columns.append(column)
    return Cells(shown, columns)


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and "##" not in text


def _cell(character: str) -> tuple[str, int]:
    # Letters of most texts, and the dashes, quotes and dots of good print.
    if " " <= character <= "~" or "\u2010" <= character <= "\u2027":
        return character, 1
    if character == "\t":
        return TAB, len(TAB)
    if character in SILENT:
        return "", 0
    import unicodedata  # a large table, and most files are plain

    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Zl", "Zp") or ord(character) & 0xFFFE == 0xFFFE:
        text = _escape(character)
        return text, len(text)
    if category in ("Mn", "Me"):
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _escape(character: str) -> str:
    """A character as Python writes it in a string; a byte that is no text as that byte."""
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    if code < 0x100:
        return SHORT.get(character) or f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str) -> str:
    """A text with control characters and whatever else must not be passed on as `\\x1b`, `\\n` etc.

    What reports take from a Dockerfile or a path goes through here, or is escaped by JSON.
    """
    if _is_plain(text):
        return text
    return "".join(cells(text).shown)


def opening(text: str) -> str:
    """A text for the beginning of a line, where `::` would make it a command to GitHub."""
    rest = text.lstrip()
    if not rest.startswith("::"):
        return text
    return text[: len(text) - len(rest)] + "\\x3a" + rest[1:]


def one_line(text: str) -> str:
    """As `visible`, with every stretch of white space, line ends included, one space."""
    return visible(" ".join(text.split()))


def width_of(text: str) -> int:
    """The columns that a text takes."""
    return cells(text).columns[-1]


def wrap(text: str, width: int) -> list[str]:
    """The words of a text in lines of at most so many columns; a longer word has its own line."""
    lines: list[str] = []
    room = 0
    for word in WORDS.findall(one_line(text)):
        needed = width_of(word)
        if lines and needed < room:
            lines[-1] += " " + word
            room -= needed + 1
        else:
            lines.append(word)
            room = width - needed
    return lines


def link(text: str, address: str | None) -> str:
    """A text that leads to a page in terminals that can: the escape sequence OSC 8.

    Source: the proposal that terminals follow, "Hyperlinks in terminal emulators".
    """
    return text if address is None else f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\"


def paint(text: str, style: str, color: bool) -> str:
    """A text in a style (the numbers of an SGR sequence), or as it is."""
    return f"\x1b[{style}m{text}\x1b[0m" if color and text else text
