"""What a subject is: a typed thing of a build that rules look at, with documented attributes.

Attributes answer in three ways: with a value, with None for "there is none", or with `UNKNOWN` for
"this cannot be known without building". A condition on an unknown value never holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import Enum
from typing import Any, Final, Literal

from msgspec import Struct, field

from dflint.context import Context
from dflint.document import Problem
from dflint.finding import Edit, IgnoreLine
from dflint.model import Build, Stage, Step
from dflint.scripts import Scripts
from dflint.source import Span


class Unknown(Enum):
    """The type of `UNKNOWN`."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN

Kind = Literal["text", "flag", "number", "date", "list", "paths"]


class Facts(Struct, frozen=True, eq=False):
    """Everything that rules may ask about: the build, its context (None without one), the day.

    `digests` are those that the user takes images to be, by registry, repository and tag. `memo`
    keeps what was found out by looking through a whole stage, which many places of it ask.
    """

    build: Build
    scripts: Scripts
    context: Context | None
    today: date
    problems: tuple[Problem, ...] = ()
    digests: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    memo: dict[tuple[str, int], Any] = field(default_factory=dict)


class Attribute(Struct, frozen=True):
    """A fact about a subject. `get` gives a value of the kind, None, or `UNKNOWN`."""

    kind: Kind
    about: str
    get: Callable[[Any], object]


class Family(Struct, frozen=True):
    """Attributes whose last part the rule's author chooses, such as `env.PATH`."""

    kind: Kind
    about: str
    get: Callable[[Any, str], object]


class Part(Struct, frozen=True):
    """A named stretch of a subject: where a finding points, or where a fix works."""

    about: str
    get: Callable[[Any], Span | None]


class Change(Struct, frozen=True):
    """Edits that need more reasoning than parts and texts can say: all of a fix, or None."""

    about: str
    get: Callable[[Any], tuple[Edit | IgnoreLine, ...] | None]


class Subject(Struct, frozen=True):
    """A kind of thing that rules look at, one at a time.

    `each` gives all of them in a build; `main` is the part that findings point at unless the rule
    says otherwise; `changes` are what a fix may name; `index` names the attribute by which rules are looked up, so that a rule about
    one tool costs nothing where that tool does not run.
    """

    name: str
    about: str
    each: Callable[[Facts], Iterable[Any]]
    attributes: Mapping[str, Attribute]
    parts: Mapping[str, Part]
    main: str
    families: Mapping[str, Family] = field(default_factory=dict)
    changes: Mapping[str, Change] = field(default_factory=dict)
    index: str | None = None


class Place(Struct, frozen=True):
    """Where a subject stands: base class of the subjects that belong to an instruction."""

    facts: Facts
    stage: Stage
    step: Step
