"""A Dockerfile's source with the words of its findings marked, and the findings below their lines.

A line's number is an attribute, so that nobody copies it with the code. Stretches far from every
finding are folded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from dflint.document import Document, Instruction
from dflint.finding import Finding, Severity
from dflint.report.markup import escape
from dflint.source import Source, Span

CONTEXT = 4  # lines shown around marked ones
FOLDED = 8  # fewer lines than these are not worth folding
LONG = 6  # a finding over more lines stands below its first one


class _Part(Struct, frozen=True):
    """Characters `start` to `end` of a line in a class; marks have the finding's number."""

    start: int
    end: int
    kind: str
    finding: int | None = None
    severity: Severity = Severity.STYLE


class _Listing(Struct, frozen=True):
    """What is to be shown: the parts and the findings of each line, and the lines with an id."""

    source: Source
    key: str
    parts: dict[int, list[_Part]]
    below: dict[int, list[int]]
    named: frozenset[int]


def code(
    document: Document,
    findings: Sequence[Finding],
    key: str,
    below: Callable[[int], str],
) -> str:
    """The source as HTML; `below` gives the HTML of a finding by its number.

    Lines that something leads to have the id `KEY-L` and their number.
    """
    source = document.source
    parts: dict[int, list[_Part]] = {}
    _colour(document, parts)
    under: dict[int, list[int]] = {}
    named = {each.first_line for each in document.instructions if each.keyword == "FROM"}
    marked: set[int] = set()
    for number, finding in enumerate(findings):
        first, last = _lines_of(source, finding.span)
        under.setdefault(last if last - first < LONG else first, []).append(number)
        marked.update(_mark(source, finding.span, number, finding.severity, parts))
        for each in finding.related:
            named.add(_lines_of(source, each.span)[0])
            marked.update(_mark(source, each.span, number, None, parts))
    listing = _Listing(source, key, parts, under, frozenset(named))
    shown = _shown(len(source.line_starts), marked | set(under))
    return "".join(_stretches(listing, shown, below))


def _lines_of(source: Source, span: Span) -> tuple[int, int]:
    first = source.position(span.start)[0]
    return first, max(first, source.position(max(span.start, span.end - 1))[0])


def _colour(document: Document, parts: dict[int, list[_Part]]) -> None:
    """Instructions' names and comments: enough to find one's way."""

    def add(span: Span, kind: str) -> None:
        line, column = document.source.position(span.start)
        length = span.end - span.start
        parts.setdefault(line, []).append(_Part(column - 1, column - 1 + length, kind))

    def keyword(instruction: Instruction) -> None:
        add(instruction.keyword_span, "k")
        if instruction.inner is not None:
            keyword(instruction.inner)

    for instruction in document.instructions:
        keyword(instruction)
    for comment in document.comments:
        add(comment.span, "r")
    for directive in document.directives:
        add(directive.span, "r")


def _mark(
    source: Source,
    span: Span,
    number: int,
    severity: Severity | None,
    parts: dict[int, list[_Part]],
) -> Iterator[int]:
    """Mark the words of a span, line by line; without a severity it is a related place."""
    first, last = _lines_of(source, span)
    for line in range(first, last + 1):
        text = source.line(line)
        offset = source.line_starts[line - 1]
        start = min(max(span.start - offset, 0), len(text))
        end = min(max(span.end - offset, start), len(text))
        if first != last:
            words = text[start:end].rstrip()
            if line < last:  # the backslash at the end only says that the words go on
                words = words.rstrip("\\`").rstrip()
            start += len(words) - len(words.lstrip())
            end = start + len(words.lstrip())
            if end <= start or (text[start] == "#" and line not in (first, last)):
                continue
        end = max(end, start + 1)
        kind = "m" if severity is not None else "o"
        part = _Part(start, end, kind, number, severity or Severity.STYLE)
        parts.setdefault(line, []).append(part)
        yield line


def _shown(count: int, marked: set[int]) -> list[bool]:
    """Whether each line is shown at once; the first entry stands for line 1."""
    shown = [False] * count
    for line in marked:
        for near in range(max(1, line - CONTEXT), min(count, line + CONTEXT) + 1):
            shown[near - 1] = True
    at = 0
    while at < count:
        end = at
        while end < count and shown[end] == shown[at]:
            end += 1
        if not shown[at] and end - at < FOLDED:
            shown[at:end] = [True] * (end - at)
        at = end
    return shown


def _stretches(
    listing: _Listing, shown: Sequence[bool], below: Callable[[int], str]
) -> Iterator[str]:
    """Stretches of lines, each as far as the next finding or fold, with findings between."""
    count = len(shown)
    if count > 1 and not listing.source.line(count):
        count -= 1  # what follows the last line end is no line to a reader
    first = 1
    for line in range(1, count + 1):
        under = listing.below.get(line, ())
        if not under and line < count and shown[line] == shown[line - 1]:
            continue
        lines = _lines(listing, first, line)
        if shown[line - 1]:
            yield lines
        else:
            what = f"{line - first + 1} lines"
            yield f'<details class="fold"><summary>{what}</summary>{lines}</details>'
        yield from map(below, under)
        first = line + 1
    for line in sorted(each for each in listing.below if each > count):
        yield from map(below, listing.below[line])


def _lines(listing: _Listing, first: int, last: int) -> str:
    rows = (
        f'<span data-n="{line}">{_line(listing, line)}\n</span>' for line in range(first, last + 1)
    )
    return f'<pre class="src"><code>{"".join(rows)}</code></pre>'


def _line(listing: _Listing, line: int) -> str:
    text = listing.source.line(line)
    anchor = f'<i id="{listing.key}-L{line}"></i>' if line in listing.named else ""
    parts = listing.parts.get(line)
    if parts is None:
        return anchor + escape(text)
    ends = {0, len(text), *(each.start for each in parts), *(each.end for each in parts)}
    points = sorted(ends)
    pieces = [anchor]
    for start, end in pairwise(points):
        over = [each for each in parts if each.start <= start and each.end >= end]
        pieces.append(_piece(escape(text[start:end]) or " ", over))
    return "".join(pieces)


def _piece(text: str, over: Sequence[_Part]) -> str:
    """Characters that the same parts cover."""
    for each in over:
        if each.finding is None:
            text = f'<span class="{each.kind}">{text}</span>'
    marks = [each for each in over if each.finding is not None]
    if not marks:
        return text
    main = [each for each in marks if each.kind == "m"]
    others = [each for each in marks if each.kind != "m"]
    kind = max(main, key=lambda each: each.severity).severity.label if main else "related"
    found = "".join(
        f' data-{name}="{" ".join(str(each.finding) for each in some)}"'
        for name, some in (("f", main), ("related", others))
        if some
    )
    return f'<mark class="{kind}"{found}>{text}</mark>'
