"""The text of one file, and positions in it.

Offsets into the original text are the only positions that dflint keeps; line and column are
worked out when something is printed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from msgspec import Struct


class Span(Struct, frozen=True, order=True):
    """A stretch of the original text: offsets in characters, `end` excluded."""

    start: int
    end: int


class Source(Struct, frozen=True):
    """A file's text with the offsets at which its lines begin.

    Lines end at `\\n` alone, as they do for BuildKit; a byte order mark stays in the text.
    """

    path: str
    text: str
    line_starts: tuple[int, ...]

    def position(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset, both counted from 1, columns in characters."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.line_starts, offset) - 1
        return line + 1, offset - self.line_starts[line] + 1

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its line ending."""
        start = self.line_starts[number - 1]
        following = number < len(self.line_starts)
        end = self.line_starts[number] - 1 if following else len(self.text)
        return self.text[start:end].removesuffix("\r")

    def slice(self, span: Span) -> str:
        """The original text of a span."""
        return self.text[span.start : span.end]


def make_source(path: str, text: str) -> Source:
    """A `Source` of a text that is already decoded."""
    starts = [0]
    at = text.find("\n")
    while at != -1:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return Source(path, text, tuple(starts))


def decode(path: str, data: bytes) -> Source:
    """A `Source` of a file's bytes.

    Bytes that are not UTF-8 become lone surrogates (PEP 383), so that the text can be written
    back byte for byte and every other offset stays right.
    """
    return make_source(path, data.decode("utf-8", "surrogateescape"))


class Text(Struct, frozen=True):
    """A text put together from stretches of the source, which knows where each came from.

    `value[starts[i]:starts[i + 1]]` stands in the source from offset `origins[i]` on. A Dockerfile
    instruction without its continuation marks is such a text, and so is an unescaped JSON string.
    """

    value: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]

    def origin(self, index: int) -> int:
        """The offset in the source of the character at `index` (or of the end, for `len`)."""
        if not self.starts:
            return 0
        if index >= len(self.value) and index > 0:
            return self.origin(len(self.value) - 1) + 1
        run = bisect_right(self.starts, index) - 1
        return self.origins[run] + index - self.starts[run]

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Where `value[start:end]` stands in the source."""
        end = len(self.value) if end is None else end
        if end <= start:
            at = self.origin(start)
            return Span(at, at)
        first, last = self.origin(start), self.origin(end - 1)
        return Span(min(first, last), max(first, last) + 1)  # stretches may have changed places

    def slice(self, start: int, end: int) -> Text:
        """The part `value[start:end]`, with its origins."""
        end = min(end, len(self.value))
        if end <= start:
            return Text("", (0,), (self.origin(start),))
        if len(self.starts) == 1:
            return Text(self.value[start:end], (0,), (self.origins[0] + start,))
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, end - 1)
        starts = (0, *(at - start for at in self.starts[first + 1 : last]))
        origins = (self.origin(start), *self.origins[first + 1 : last])
        return Text(self.value[start:end], starts, origins)


def stretch(source: Source, span: Span) -> Text:
    """The `Text` that is one stretch of the source, unchanged."""
    return Text(source.text[span.start : span.end], (0,), (span.start,))


def join(pieces: Iterable[Text], at: int) -> Text:
    """Texts one after another; `at` is the offset that an empty result stands for."""
    values: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    length = 0
    for piece in pieces:
        if piece.value:
            values.append(piece.value)
            starts.extend(start + length for start in piece.starts)
            origins.extend(piece.origins)
            length += len(piece.value)
    if not values:
        return Text("", (0,), (at,))
    return Text("".join(values), tuple(starts), tuple(origins))


def pick(text: Text, indices: Iterable[int], values: str | None = None) -> Text:
    """The characters of a text at these indices, in order, each with its origin.

    `values` gives other characters to stand in their places, as an unescaped string does.
    """
    chosen = list(indices)
    if not chosen:
        return Text("", (0,), (text.origin(0),))
    starts, origins = [], []
    before = None
    for at, index in enumerate(chosen):
        origin = text.origin(index)
        if before is None or origin != before + 1:
            starts.append(at)
            origins.append(origin)
        before = origin
    value = "".join(text.value[index] for index in chosen) if values is None else values
    return Text(value, tuple(starts), tuple(origins))
