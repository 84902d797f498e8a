"""A `.dockerignore`: its patterns, and which paths they keep out of a build.

The rules are those of BuildKit, which walks the context from the top and asks of every entry
whether a pattern matches it or matched a folder above it; the last pattern to match decides.
Source: https://docs.docker.com/build/concepts/context/#dockerignore-files, checked against
github.com/moby/patternmatcher.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from dflint.glob import BadPatternError, UnclearPatternError, clean, moby_matcher
from dflint.lazy import regex
from dflint.source import Source, Span

# What Go's strings.TrimSpace removes; Python's str.strip removes \x1c to \x1f as well.
_SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_BEFORE_SPECIAL = regex(r"[^*?\[\]\\^]*")


class Pattern(Struct, frozen=True):
    """One line of the file.

    `text` is the line as written without surrounding space, `cleaned` the pattern that paths are
    compared with, without its `!`. A pattern that is not `clear` is valid but not understood, and
    matches nothing here.
    """

    text: str
    cleaned: str
    negated: bool
    line: int
    span: Span
    clear: bool = True

    def matches(self, path: str) -> bool:
        """Whether the pattern, without its `!`, matches a cleaned path."""
        return self.clear and moby_matcher(self.cleaned)(path)


class Problem(Struct, frozen=True):
    """A line that makes the build fail."""

    message: str
    text: str
    line: int
    span: Span


class Ignore(Struct, frozen=True):
    """The patterns in the order of the file, and the lines that BuildKit refuses."""

    source: Source | None = None
    patterns: tuple[Pattern, ...] = ()
    problems: tuple[Problem, ...] = ()


class Decision(Struct, frozen=True):
    """What the patterns say of one path.

    `hits` has a bit for every pattern that matched the path or a folder above it, and is what the
    decisions for a folder's children start from.
    """

    ignored: bool
    by: Pattern | None
    hits: int


NOTHING_YET = Decision(ignored=False, by=None, hits=0)


def parse_ignore(source: Source) -> Ignore:
    """The patterns of a `.dockerignore`. Raises nothing: bad lines are in `problems`."""
    patterns: list[Pattern] = []
    problems: list[Problem] = []
    for number, start, line in _lines(source):
        text = line.strip(_SPACES)
        if line.startswith("#") or not text:
            continue
        start += line.index(text)
        span = Span(start, start + len(text))
        negated, cleaned = _normalise(text)
        if negated and not cleaned:
            message = "`!` needs a pattern after it"
            problems.append(Problem(message, text, number, span))
        elif cleaned:
            try:
                moby_matcher(cleaned)
            except UnclearPatternError:
                patterns.append(Pattern(text, cleaned, negated, number, span, clear=False))
            except BadPatternError:
                problems.append(Problem("this pattern is malformed", text, number, span))
            else:
                patterns.append(Pattern(text, cleaned, negated, number, span))
    return Ignore(source, tuple(patterns), tuple(problems))


def ignored(ignore: Ignore, path: str) -> bool:
    """Whether a path, relative to the context and with `/`, is kept out of the build."""
    return decide(ignore, path).ignored


def deciding_pattern(ignore: Ignore, path: str) -> Pattern | None:
    """The pattern that has the last word on a path; None where none matches it."""
    return decide(ignore, path).by


def decide(ignore: Ignore, path: str) -> Decision:
    """The decision for a path, made from the top of the context down as BuildKit does.

    The context itself is never ignored.
    """
    decision = NOTHING_YET
    cleaned = clean(f"/{path}")
    at = cleaned.find("/", 1)
    while at != -1:
        decision = decide_below(ignore, decision, cleaned[1:at])
        at = cleaned.find("/", at + 1)
    return decision if cleaned == "/" else decide_below(ignore, decision, cleaned[1:])


def decide_below(ignore: Ignore, above: Decision, path: str) -> Decision:
    """The decision for a cleaned path, given the one for the folder that holds it.

    A pattern that could change nothing is not tried, so it does not count for the children
    either: after `a/b` and `!a`, the file `a/b` stays out, as it does in a build.
    """
    is_ignored, by, hits, bit = False, None, 0, 1
    for pattern in ignore.patterns:
        if above.hits & bit or (pattern.negated == is_ignored and pattern.matches(path)):
            hits |= bit
            if pattern.negated == is_ignored:
                is_ignored, by = not is_ignored, pattern
        bit <<= 1
    return Decision(is_ignored, by, hits)


def may_reinclude(ignore: Ignore, folder: str) -> bool:
    """Whether an exception (`!`) could let something below a folder in again."""
    below = f"{folder}/"
    for pattern in ignore.patterns:
        if pattern.negated:
            special = _BEFORE_SPECIAL.match(pattern.cleaned)
            start = special[0] if special else ""
            if start.startswith(below) or (
                len(start) < len(pattern.cleaned) and below.startswith(start)
            ):
                return True
    return False


def _lines(source: Source) -> Iterator[tuple[int, int, str]]:
    """Number, offset and text of every line, without a byte order mark."""
    for number, start in enumerate(source.line_starts, 1):
        line = source.line(number)
        if number == 1 and line.startswith("\ufeff"):
            start, line = 1, line[1:]
        yield number, start, line


def _normalise(text: str) -> tuple[bool, str]:
    """Whether a line is an exception, and its pattern: empty where there is none.

    BuildKit cleans a line twice, first while reading the file and again when it compiles the
    patterns, with different ideas of where the `!` is; `/!a` is an exception for that reason.
    """
    marked = text.startswith("!")
    body = text[1:].strip(_SPACES) if marked else text
    if body:
        body = clean(body)
        if len(body) > 1:
            body = body.removeprefix("/")
    body = ("!" + body if marked else body).strip(_SPACES)
    if not body:
        return False, ""
    body = clean(body)
    return (True, body[1:]) if body.startswith("!") else (False, body)
