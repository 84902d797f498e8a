"""Subjects `problem` and `ignore`: what is wrong with the file as such, and comments for dflint."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from dflint.document import Problem
from dflint.lazy import regex
from dflint.source import Source, Span
from dflint.subjects.base import Attribute, Facts, Part, Subject


class ProblemPlace(Struct, frozen=True):
    """Something that keeps the file, or a comment for dflint, from being understood."""

    problem: Problem
    source: Source


def problem_places(facts: Facts) -> Iterator[ProblemPlace]:
    """All problems of the file."""
    return (ProblemPlace(each, facts.build.source) for each in facts.problems)


def _span(at: ProblemPlace) -> Span:
    return at.problem.span


# A comment that ignores rules, alone on its line: the names, and what is said of them.
COMMENT = regex(r"[ \t]*#+\s*(?i:dflint)\s*:?\s*ignore(?:-file)?[ \t]*\[([^\]\n]*)\](.*)")


def _line(at: ProblemPlace) -> tuple[Span, re.Match[str]] | None:
    """The line of an ignore comment, with its ending, and what it says."""
    text, place = at.source.text, at.problem.span
    start = text.rfind("\n", 0, place.start) + 1
    end = text.find("\n", place.end) + 1 or len(text)
    found = COMMENT.fullmatch(text[start:end].rstrip("\r\n"))
    return None if found is None else (Span(start, end), found)


def _line_text(at: ProblemPlace) -> str:
    """The line on which the problem begins."""
    return at.source.line(at.source.position(at.problem.span.start)[0])


def _named(at: ProblemPlace) -> Span | None:
    """One of several names in an ignore comment, with the comma that parts it from its neighbour."""
    found = _line(at)
    if found is None or "," not in found[1][1]:
        return None
    line, match = found
    first, last = line.start + match.start(1), line.start + match.end(1)
    text, name = at.source.text, at.problem.span
    comma = text.find(",", name.end, last)
    if comma != -1 and not text[name.end : comma].strip():
        end = comma + 1
        while end < last and text[end] in " \t":
            end += 1
        return Span(name.start, end)
    comma = text.rfind(",", first, name.start)
    return None if comma == -1 else Span(comma, name.end)


def _whole(at: ProblemPlace) -> Span | None:
    """The line of a comment with one name alone."""
    found = _line(at)
    return None if found is None or "," in found[1][1] else found[0]


def _removable(at: ProblemPlace) -> Span | None:
    return _named(at) or _whole(at)


def _alone(at: ProblemPlace) -> bool:
    found = _line(at)
    return found is not None and "," not in found[1][1] and not found[1][2].strip()


PROBLEM = Subject(
    name="problem",
    about="Something that keeps a file, or a comment for dflint in it, from being understood.",
    each=problem_places,
    attributes={
        "kind": Attribute("text", "syntax-error, unreadable, bad-ignore or unused-ignore.", lambda at: at.problem.kind),
        "text": Attribute("text", "What is wrong.", lambda at: at.problem.message),
        "line": Attribute("text", "The line on which it begins.", _line_text),
        "reason": Attribute("flag", "Whether an ignore comment of one name gives a reason as well.", lambda at: _whole(at) is not None and not _alone(at)),
    },
    parts={
        "place": Part("Where.", _span),
        "ignore": Part("A name of an ignore comment with its comma; the whole line of the only name.", _removable),
    },
    main="place",
    index="kind",
)  # fmt: skip

SUBJECTS: Mapping[str, Subject] = {PROBLEM.name: PROBLEM}
