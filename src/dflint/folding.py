"""Folding physical lines into logical ones as BuildKit does, and masking them for the parser.

A logical line is an instruction without its continuation marks, comment lines and blank lines; its
here-documents follow it. The mask is a copy with the same number of lines in which nothing is left
that dockerfile-parse would read in another way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from dflint.document import Comment, Directive, Heredoc, Problem
from dflint.lazy import regex
from dflint.source import Source, Span, Text, join, stretch
from dflint.words import SPACE, WordError, json_items, split_line

CONTINUED = {
    "\\": regex(r"(?<![\\])\\[ \t]*\Z"),
    "`": regex(r"(?<![`])`[ \t]*\Z"),
}
DIRECTIVE = regex(rf"#[{SPACE}]*([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(.+?)[\t\n\f\r ]*\Z")
DIRECTIVES = ("syntax", "escape", "check")
HEREDOC = regex(r"\d*<<(-?)[\t\n\f\r ]*([^<]+)\Z", re.DOTALL)
LONGEST_LINE = 65_535  # bytes; BuildKit's parser reads no longer one
DEEPEST = 100  # `${…}` within one another; nobody writes more
KEEP = regex(r"[^\t -~]")


class Logical(Struct, frozen=True):
    """A logical line: its text, its first and last line (from 1, heredocs included), heredocs."""

    text: Text
    first: int
    last: int
    heredocs: tuple[Heredoc, ...]


class Folded(Struct, frozen=True):
    """A file folded: its logical lines, what stands between them, and the mask."""

    escape: str
    lines: tuple[Logical, ...]
    comments: tuple[Comment, ...]
    directives: tuple[Directive, ...]
    problems: tuple[Problem, ...]
    masked: str


def fold(source: Source) -> Folded:
    """The logical lines of a Dockerfile, whatever text it is."""
    folder = _Folder(source)
    lines = tuple(folder.logical_lines())
    return Folded(
        escape=folder.escape,
        lines=lines,
        comments=tuple(folder.comments),
        directives=tuple(folder.directives),
        problems=tuple(folder.problems),
        masked="\n".join(folder.mask) + "\n",
    )


class _Folder:
    """One walk over a file's lines."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.escape = "\\"
        self.number = 0  # of the line read last, from 1
        self.count = len(source.line_starts)
        if self.count > 1 and source.line_starts[-1] == len(source.text):
            self.count -= 1  # what follows the last line ending is no line
        if not source.text:
            self.count = 0
        self.comments: list[Comment] = []
        self.directives: list[Directive] = []
        self.problems: list[Problem] = []
        self.directives_over = False
        self.mask = [""] * self.count

    def _next(self) -> Text | None:
        """The next line without its ending; None after the last."""
        if self.number >= self.count:
            return None
        self.number += 1
        start = self.source.line_starts[self.number - 1]
        if self.number == 1 and self.source.text.startswith("\ufeff"):
            start += 1
        end = self._end(self.number)
        text = self.source.text
        if end - start > LONGEST_LINE // 4:
            self._check_length(start, end)
        while end > start and text[end - 1] in "\r\n":
            end -= 1
        return stretch(self.source, Span(start, end))

    def _end(self, number: int) -> int:
        starts = self.source.line_starts
        return starts[number] if number < len(starts) else len(self.source.text)

    def _check_length(self, start: int, end: int) -> None:
        line = self.source.text[start:end].removesuffix("\n")
        size = len(line.encode("utf-8", "replace"))  # a byte that is no text counts as one
        if size > LONGEST_LINE:
            self._problem(
                f"a line of {size} bytes: docker build reads no line above {LONGEST_LINE}",
                Span(start, end),
            )

    def _problem(self, message: str, span: Span) -> None:
        self.problems.append(Problem("syntax-error", message, span))

    def logical_lines(self) -> Iterator[Logical]:
        """All logical lines, in order."""
        while (line := self._next()) is not None:
            line = self._stripped(line)
            first = self.number
            self._directive(line)
            if self._comment(line, inside=False):
                continue
            line, more = self._continued(line)
            if more or line.value:
                yield self._logical(line, first, more)

    def _stripped(self, line: Text) -> Text:
        start = len(line.value) - len(line.value.lstrip(SPACE))
        return line.slice(start, len(line.value)) if start else line

    def _logical(self, line: Text, first: int, more: bool) -> Logical:
        pieces = [line]
        body = [first]
        while more and (following := self._next()) is not None:
            self._directive(following)
            if self._comment(following, inside=True) or not following.value.strip(SPACE):
                continue
            following, more = self._continued(following)
            pieces.append(following)
            body.append(self.number)
        last = self.number
        text = join(pieces, line.span().start) if len(pieces) > 1 else line
        self._mask_lines(pieces, body, first, last)
        heredocs = tuple(self._heredocs(text))
        return Logical(text, first, self.number, heredocs)

    def _mask_lines(self, pieces: list[Text], body: list[int], first: int, last: int) -> None:
        """Give the parser the same lines with plain characters and plain continuation marks."""
        for number in range(first, last + 1):
            self.mask[number - 1] = "#"
        for piece, number in zip(pieces, body, strict=True):
            plain = KEEP.sub("?", piece.value).rstrip("\\` \t")
            if number == first and not plain.strip():
                plain = (
                    "?"  # a line with nothing but a continuation mark begins no instruction there
                )
            elif plain.lstrip().startswith("#"):
                plain = "?"
            self.mask[number - 1] = plain + (" \\" if number < last else "")
        self.mask[last - 1] = (
            self.mask[last - 1].removesuffix("\\") if self.mask[last - 1] != "#" else "?"
        )

    def _directive(self, line: Text) -> None:
        """Take a parser directive; only before the first line that is none, each only once."""
        if self.directives_over:
            return
        match = DIRECTIVE.match(line.value) if line.value.startswith("#") else None
        name = match[1].lower() if match else ""
        if match is None or name not in DIRECTIVES:
            self.directives_over = True
            return
        if any(each.name == name for each in self.directives):
            self._problem(f"the directive `{name}` may stand only once", line.span())
            return
        self.directives.append(Directive(name, match[2], line.span()))
        if name == "escape":
            if match[2] in CONTINUED:
                self.escape = match[2]
            else:
                self._problem(f"the escape character is ` or \\, not `{match[2]}`", line.span())

    def _comment(self, line: Text, *, inside: bool) -> bool:
        stripped = self._stripped(line)
        if not stripped.value.startswith("#"):
            return False
        text = stripped.value[1:].strip()
        self.comments.append(Comment(stripped.span(), text, self.number, inside))
        return True

    def _continued(self, line: Text) -> tuple[Text, bool]:
        match = CONTINUED[self.escape].search(line.value)
        return (line, False) if match is None else (line.slice(0, match.start()), True)

    def _heredocs(self, line: Text) -> Iterator[Heredoc]:
        """Take the lines of the here-documents that a logical line begins."""
        if "<<" not in line.value or not _may_have_heredocs(line):
            return
        for name, word, tabs, expand in heredoc_words(line.value):
            marker = line.span(*word)
            start = self.number
            lines: list[Text] = []
            terminated = False
            while (following := self._next()) is not None:
                value = following.value.lstrip("\t") if tabs else following.value
                if value == name:
                    terminated = True
                    break
                lines.append(self._with_ending(tabs))
            begin = self._end(start)
            end = self._end(self.number)
            text = self.source.text
            while end > begin and text[end - 1] in "\r\n":
                end -= 1
            if not terminated:
                self._problem(
                    f"the here-document `{name}` has no end: no line is just `{name}`", marker
                )
            body = join(lines, begin)
            yield Heredoc(name, expand, tabs, marker, body, Span(min(begin, end), end))

    def _with_ending(self, tabs: bool) -> Text:
        """The line read last, its ending kept, its leading tabs removed if `tabs`."""
        start = self.source.line_starts[self.number - 1]
        whole = stretch(self.source, Span(start, self._end(self.number)))
        cut = len(whole.value) - len(whole.value.lstrip("\t")) if tabs else 0
        return whole.slice(cut, len(whole.value)) if cut else whole


def _may_have_heredocs(line: Text) -> bool:
    """Whether an instruction is one that takes here-documents, and is not in JSON form."""
    split = split_line(line)
    if split.keyword.value.upper() == "ONBUILD":
        split = split_line(split.rest)
    if split.keyword.value.upper() not in ("RUN", "COPY", "ADD"):
        return False
    try:
        return json_items(split.rest) is None
    except WordError:
        return False


def heredoc_words(line: str) -> list[tuple[str, tuple[int, int], bool, bool]]:
    """The here-documents of a line: name, where the word stands, `<<-`, unquoted."""
    found = []
    for start, end in _shell_words(line):
        match = HEREDOC.match(line[start:end])
        if match is None:
            continue
        name = unquoted(match[2])
        if name is not None:
            quoted = any(match[2].count(quote) != name.count(quote) for quote in "'\"")
            found.append((name, (start, end), match[1] == "-", not quoted))
    return found


def _shell_words(line: str) -> list[tuple[int, int]]:
    """Where the words of a line stand, quotes respected; none where a quote is left open."""
    words: list[tuple[int, int]] = []
    begin = -1
    at = 0
    while at < len(line):
        char = line[at]
        if char in SPACE:
            if begin != -1:
                words.append((begin, at))
            begin = -1
            at += 1
            continue
        if begin == -1:
            begin = at
        end = _past(line, at)
        if end == -1:
            return []
        at = end
    if begin != -1:
        words.append((begin, len(line)))
    return words


def _past(line: str, at: int, depth: int = 0) -> int:
    """Past the character, escape, quoted stretch or `${…}` at `at`; -1 where it has no end."""
    if depth > DEEPEST:
        return -1
    char = line[at]
    if char == "\\":
        return min(at + 2, len(line))
    if char == "'":
        return line.find("'", at + 1) + 1 or -1
    if char == '"':
        at += 1
        while at < len(line) and line[at] != '"':
            at = _past_in_quotes(line, at, depth)
            if at == -1:
                return -1
        return at + 1 if at < len(line) else -1
    if line.startswith("${", at):
        return _past_brace(line, at + 2, depth + 1)
    return at + 1


def _past_in_quotes(line: str, at: int, depth: int) -> int:
    if line[at] == "\\":
        return at + 2
    return _past_brace(line, at + 2, depth + 1) if line.startswith("${", at) else at + 1


SUBSTITUTION = regex(r"(?:[A-Za-z_]\w*|[0-9@*#?$!-])(\}|:?[-+?]|##?|%%?|//?)", re.ASCII)


def _past_brace(line: str, at: int, depth: int) -> int:
    """Past the `${` that was opened before `at`; -1 for one that BuildKit's word reader rejects."""
    match = SUBSTITUTION.match(line, at)
    if match is None:
        return -1
    at = match.end()
    if match[1] == "}":
        return at
    while at < len(line) and line[at] != "}":
        at = _past(line, at, depth)
        if at == -1:
            return -1
    return at + 1 if at < len(line) else -1


def unquoted(text: str) -> str | None:
    """A here-document's delimiter without quotes and escapes; None unless it is one word."""
    out: list[str] = []
    quote = ""
    at = 0
    text = text.rstrip(SPACE)
    while at < len(text):
        char = text[at]
        if quote:
            if char == quote:
                quote = ""
            elif char == "\\" and quote == '"' and text[at + 1 : at + 2] in ('"', "\\", "$"):
                at += 1
                out.append(text[at])
            else:
                out.append(char)
        elif char in "'\"":
            quote = char
        elif char in SPACE:
            return None
        elif char == "\\" and at + 1 < len(text):
            at += 1
            out.append(text[at])
        elif char != "\\":
            out.append(char)
        at += 1
    return None if quote or not out else "".join(out)
