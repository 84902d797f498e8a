"""Code frames: the lines of a file that a finding is about, with the exact words underlined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from dflint.report.terminal import BLUE, cells, paint, width_of, wrap
from dflint.source import Source, Span

LONGEST = 6  # lines of one mark that are shown before the middle is left out
HEAD, TAIL = 3, 2  # lines shown of a longer one
NARROWEST = 24  # columns of source shown however narrow the terminal
LEAD = 6  # columns shown before marked words that alone are wider than the terminal
ELLIPSIS = "…"


class Mark(Struct, frozen=True):
    """Words to underline, with what, in which style, and the text to stand beside."""

    span: Span
    label: str
    symbol: str
    style: str


class _Stroke(Struct, frozen=True):
    """The part of a mark on one line: characters `start` to `end` of it, at least one column."""

    start: int
    end: int
    mark: Mark
    last: bool


class _Page(Struct, frozen=True):
    """How rows are laid out: digits of a line number, columns of source, colours or not."""

    digits: int
    room: int
    color: bool

    def row(self, number: int | None, text: str) -> str:
        """A row of the frame; without a number it stands under a line of source."""
        gutter = f" {'' if number is None else number:>{self.digits}} |"
        return paint(gutter, BLUE, self.color) + (f" {text}" if text else "")


def frame(source: Source, marks: Sequence[Mark], width: int, color: bool) -> list[str]:
    """The rows of a code frame; the first mark is the one that context is shown for."""
    numbers = _shown_lines(source, marks)
    digits = len(str(numbers[-1]))
    page = _Page(digits, max(NARROWEST, width - digits - 4), color)
    rows = [page.row(None, "")]
    previous = numbers[0]
    for number in numbers:
        if number > previous + 1:
            rows.append(paint("...", BLUE, color))
        previous = number
        line = source.line(number)
        strokes = [
            stroke for mark in marks if (stroke := _stroke(source, mark, number, line)) is not None
        ]
        rows.extend(_line_rows(page, number, line, strokes))
    rows.append(page.row(None, ""))
    return rows


def gutter_width(source: Source, marks: Sequence[Mark]) -> int:
    """The columns before the `|` of a frame."""
    return len(str(_shown_lines(source, marks)[-1])) + 2


def _lines_of(source: Source, span: Span) -> tuple[int, int]:
    """The first and the last line that a span has characters on."""
    first = source.position(span.start)[0]
    last = source.position(max(span.start, span.end - 1))[0]
    return first, last


def _shown_lines(source: Source, marks: Sequence[Mark]) -> list[int]:
    wanted: set[int] = set()
    for mark in marks:
        first, last = _lines_of(source, mark.span)
        if last - first < LONGEST:
            wanted.update(range(first, last + 1))
        else:
            wanted.update(range(first, first + HEAD))
            wanted.update(range(last - TAIL + 1, last + 1))
    before = _lines_of(source, marks[0].span)[0] - 1
    if before >= 1 and source.line(before).strip():
        wanted.add(before)
    # A line alone between two shown ones takes no more room than the dots in its place.
    wanted.update(number + 1 for number in tuple(wanted) if number + 2 in wanted)
    return sorted(wanted)


def _stroke(source: Source, mark: Mark, number: int, line: str) -> _Stroke | None:
    first, last = _lines_of(source, mark.span)
    if not first <= number <= last:
        return None
    offset = source.line_starts[number - 1]
    start = min(max(mark.span.start - offset, 0), len(line))
    end = min(max(mark.span.end - offset, start), len(line))
    if first == last:
        return _Stroke(start, end, mark, True)
    text = line[start:end]
    if number < last:
        # The backslash at the end only says that the words go on.
        text = text.rstrip().removesuffix("\\").removesuffix("`")
    text = text.rstrip()
    start += len(text) - len(text.lstrip())
    text = text.lstrip()
    if (not text or text.startswith("#")) and number != last:
        return None
    return _Stroke(start, start + len(text), mark, number == last)


def _line_rows(page: _Page, number: int, line: str, strokes: Sequence[_Stroke]) -> Iterator[str]:
    first = min((stroke.start for stroke in strokes), default=0)
    last = max((stroke.end for stroke in strokes), default=0)
    text, columns, low = _window(line, first, last, page.room)
    yield page.row(number, text.rstrip())
    for stroke in strokes:
        start = columns[min(max(stroke.start - low, 0), len(columns) - 1)]
        end = columns[min(max(stroke.end - low, 0), len(columns) - 1)]
        yield from _underline(page, stroke, start, max(end, start + 1))


def _window(line: str, first: int, last: int, room: int) -> tuple[str, list[int], int]:
    """A line cut to fit around some of its characters.

    Gives the text, the column that each character from the third value on is shown at, and
    that first character.
    """
    low = max(0, first - 2 * room)  # no need to measure a line of a megabyte
    high = min(len(line), first + 3 * room)
    measured = cells(line[low:high])
    columns = measured.columns
    if low == 0 and high == len(line) and columns[-1] < room:
        return "".join(measured.shown), list(columns), 0
    start, end = columns[first - low], columns[min(last, high) - low]
    inner = room - 2  # an ellipsis on either side
    if end < inner:
        left = 0
    elif end - start > inner - LEAD:
        left = max(0, start - LEAD)
    else:
        left = start - (inner - (end - start)) // 2
        if high == len(line):
            left = max(0, min(left, columns[-1] - inner + 1))
    kept = [i for i in range(high - low) if columns[i] >= left and columns[i + 1] <= left + inner]
    if not kept:
        return ELLIPSIS, [0], first
    begin, stop = kept[0], kept[-1] + 1
    before = ELLIPSIS if begin + low > 0 else ""
    after = ELLIPSIS if stop + low < len(line) else ""
    text = before + "".join(measured.shown[begin:stop]) + after
    shift = len(before) - columns[begin]
    return text, [columns[i] + shift for i in range(begin, stop + 1)], begin + low


def _underline(page: _Page, stroke: _Stroke, start: int, end: int) -> Iterator[str]:
    mark = stroke.mark
    line = " " * start + paint(mark.symbol * (end - start), mark.style, page.color)
    if not (stroke.last and mark.label):
        yield page.row(None, line)
        return
    label = wrap(mark.label, page.room)
    if len(label) == 1 and end + 1 + width_of(label[0]) <= page.room:
        yield page.row(None, f"{line} {paint(label[0], mark.style, page.color)}")
        return
    yield page.row(None, line)
    indent = min(start, page.room // 2)
    for text in wrap(mark.label, page.room - indent):
        yield page.row(None, " " * indent + paint(text, mark.style, page.color))
