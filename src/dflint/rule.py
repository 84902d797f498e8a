"""What a rule is: its parts as a file gives them, the keys of the format, and what can be wrong.

Whatever is wrong with a rule file is a `RuleError` that names the file, the line and, where there
is one, the nearest right word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct, field

from dflint.finding import CATEGORIES, Severity
from dflint.lazy import regex
from dflint.nearest import nearest

SEVERITIES: Mapping[str, Severity] = {each.label: each for each in Severity}
ID = regex(r"[A-Z]{1,8}[0-9]{1,5}")
NAME = regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
OPTION_TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "flag": (bool,),
    "list": (list,),
}


class RuleError(Exception):
    """A rule file that cannot be used: where it is wrong, and how."""

    def __init__(self, path: str, line: int | None, message: str) -> None:
        place = path if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {message}")
        self.path = path
        self.line = line
        self.message = message


class Option(Struct, frozen=True):
    """A parameter of a rule that a user may set; one with `choices` takes nothing else."""

    type: str
    default: object
    about: str
    choices: tuple[str, ...] = ()


class Example(Struct, frozen=True):
    """A Dockerfile that a rule must complain about (`bad`) or must leave alone.

    `at` are the exact positions of the findings, `line:column` or `line:column-column`; `fixed` is
    the text that the rule's fix makes of it. `files` and `dockerignore` are the build context;
    `executable` are the files that may be run.
    """

    bad: bool
    text: str
    at: tuple[str, ...]
    fixed: str | None
    message: str | None
    files: Mapping[str, str] | None
    executable: frozenset[str]
    dockerignore: str | None
    day: date | None
    target: str | None
    options: Mapping[str, object]
    line: int


class Rule(Struct, frozen=True):
    """A rule as its file says it. `where`, `fix` and `cases` are still YAML's values.

    One that is `shipped` is dflint's own.
    """

    path: str
    id: str
    name: str
    summary: str
    severity: Severity
    category: str
    subject: str
    where: Mapping[str, Any]
    message: str
    advice: str
    why: str
    aliases: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    since: str = ""
    default: bool = True
    label: str = ""
    at: str = ""
    redact: str = ""
    related: tuple[tuple[str, str], ...] = ()
    fix: Mapping[str, Any] | None = None
    cases: tuple[Mapping[str, Any], ...] = ()
    references: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    shipped: bool = False


class Field(Struct, frozen=True):
    """A key of the rule format: what it takes and what it is for."""

    types: tuple[type, ...]
    about: str
    required: bool = False


FIELDS: Mapping[str, Field] = {
    "id": Field((str,), "Short id, capital letters and a number: `DF301`.", required=True),
    "name": Field(
        (str,), "The rule's name, lower case with dashes: `pip-no-cache`.", required=True
    ),
    "summary": Field((str,), "What is wrong, in one line.", required=True),
    "severity": Field((str,), "error, warning, info or style.", required=True),
    "category": Field((str,), f"One of {', '.join(CATEGORIES)}.", required=True),
    "aliases": Field((list,), "The same complaint under other tools' names."),
    "yields-to": Field(
        (list,), "The rules that speak in its place, where they find the same instruction."
    ),
    "since": Field((str,), "The version that brought the rule."),
    "default": Field((bool,), "Whether the rule runs unless it is switched off (true)."),
    "subject": Field((str,), "What the rule looks at, one at a time.", required=True),
    "where": Field((dict,), "The conditions; all must hold.", required=True),
    "message": Field((str,), "The complaint; `{attribute}` puts in a fact.", required=True),
    "advice": Field((str,), "What to do about it.", required=True),
    "label": Field((str,), "A short text under the marked words."),
    "at": Field((str,), "The part of the subject that is marked."),
    "redact": Field((str,), "The part that no report may show, as it is a secret."),
    "related": Field((list,), "Further parts to show, each with a label."),
    "fix": Field((dict,), "How to mend it."),
    "cases": Field((list,), "Other words or another severity where more conditions hold."),
    "why": Field((str,), "Why it matters, for a sceptical reader, in Markdown.", required=True),
    "references": Field((list,), "Pages that support the rule."),
    "options": Field((dict,), "Parameters that a user may set."),
    "examples": Field(
        (list,), "Dockerfiles that are bad or good: the rule's tests.", required=True
    ),
}
CASE_FIELDS = (
    "where", "severity", "aliases", "message", "advice", "label", "at", "related", "fix",
)  # fmt: skip
FIX_FIELDS = (
    "title", "safety", "insert", "before", "after", "replace", "with", "delete", "change", "edits",
)  # fmt: skip
EXAMPLE_FIELDS = (
    "bad", "good", "at", "fixed", "message", "files", "dockerignore", "day", "target", "options",
)  # fmt: skip
FILE_FIELDS = ("text", "executable")


class FormatError(Exception):
    """Something wrong at a place inside a rule; becomes a RuleError with a line."""

    def __init__(self, keys: Sequence[str | int], message: str) -> None:
        super().__init__(message)
        self.keys = tuple(keys)
        self.message = message


def known_keys(
    data: Mapping[Any, Any], allowed: Iterable[str], keys: Sequence[str | int], what: str
) -> None:
    """Raise FormatError for a key that is not allowed, with the nearest that is."""
    allowed = tuple(allowed)
    for key in data:
        if key not in allowed:
            hint = nearest(str(key), allowed)
            message = f"unknown key `{key}` in {what}"
            message += f": did you mean `{hint}`?" if hint else ""
            raise FormatError((*keys, key), message)


def one_of(value: str, allowed: Iterable[str], keys: Sequence[str | int], what: str) -> str:
    """The value, which must be one of the allowed. Raises FormatError, with the nearest."""
    allowed = tuple(allowed)
    if value not in allowed:
        hint = nearest(str(value), allowed)
        tail = f": did you mean `{hint}`?" if hint else f" (one of {', '.join(allowed)})"
        raise FormatError(keys, f"unknown {what} `{value}`{tail}")
    return value


def fits(value: object, kind: str) -> bool:
    """Whether a value is of one of the `OPTION_TYPES`."""
    if isinstance(value, bool) and kind != "flag":
        return False
    return isinstance(value, OPTION_TYPES[kind])


def option_values(rule: Rule, given: Mapping[str, object]) -> dict[str, object]:
    """The values of a rule's options. Raises ValueError for an unknown option or a wrong type."""
    values = {name: option.default for name, option in rule.options.items()}
    for name, value in given.items():
        if name not in rule.options:
            hint = nearest(name, rule.options)
            tail = f": did you mean `{hint}`?" if hint else ""
            raise ValueError(f"rule `{rule.name}` has no option `{name}`{tail}")
        if not fits(value, rule.options[name].type):
            raise ValueError(f"option `{name}` of `{rule.name}` is a {rule.options[name].type}")
        choices = rule.options[name].choices
        if choices and value not in choices:
            allowed = " or ".join(f"`{each}`" for each in choices)
            raise ValueError(f"option `{name}` of `{rule.name}` is {allowed}, not `{value}`")
        values[name] = value
    return values
