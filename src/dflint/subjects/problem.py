"""Subjects `problem` and `ignore`: what is wrong with the file as such, and comments for dflint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dflint.document import Problem
from dflint.source import Span
from dflint.subjects.base import Attribute, Facts, Part, Subject


@dataclass(frozen=True, slots=True)
class ProblemPlace:
    """Something that keeps the file, or a comment for dflint, from being understood."""

    problem: Problem


def problem_places(facts: Facts) -> Iterator[ProblemPlace]:
    """All problems of the file."""
    return map(ProblemPlace, facts.problems)


def _span(at: ProblemPlace) -> Span:
    return at.problem.span


PROBLEM = Subject(
    name="problem",
    about="Something that keeps a file, or a comment for dflint in it, from being understood.",
    each=problem_places,
    attributes={
        "kind": Attribute("text", "syntax-error, unreadable, bad-ignore or unused-ignore.", lambda at: at.problem.kind),
        "text": Attribute("text", "What is wrong.", lambda at: at.problem.message),
    },
    parts={"place": Part("Where.", _span)},
    main="place",
    index="kind",
)  # fmt: skip

SUBJECTS: Mapping[str, Subject] = {PROBLEM.name: PROBLEM}
