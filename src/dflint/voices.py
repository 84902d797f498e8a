"""Rules as functions: conditions, and what a finding says and does.

A rule's texts are templates, its parts and changes are looked up in the tables of its subject.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache, partial
from typing import Any

from msgspec import Struct

from dflint.conditions import (
    Condition,
    Settings,
    attribute,
    compile_certain,
)
from dflint.finding import Edit, Fix, IgnoreLine, Related, Safety, Severity
from dflint.lazy import regex
from dflint.nearest import nearest
from dflint.rule import (
    FIX_FIELDS,
    SEVERITIES,
    FormatError,
    Rule,
    known_keys,
    one_of,
    option_values,
)
from dflint.source import Span
from dflint.subjects import SUBJECTS
from dflint.subjects.base import UNKNOWN, Attribute, Part, Subject

PLACEHOLDER = regex(r"\{\{|\}\}|\{([a-z][a-z0-9-]*(?:\.[A-Za-z_][\w-]*)*)\}")
LONGEST = 72  # characters of a value that a message quotes

Render = Callable[[Any], str | None]


class Voice(Struct, frozen=True):
    """What a finding says and does, compiled; a case of a rule may replace any of it.

    `aliases` are the other tools' names for this very finding.
    """

    severity: Severity
    aliases: tuple[str, ...]
    message: Render
    advice: Render
    label: Render
    at: Part
    related: tuple[tuple[Part, Render], ...]
    fix: Callable[[Any], Fix | None]


Cases = tuple[tuple[Condition, Voice], ...]


class CompiledRule(Struct, frozen=True):
    """A rule ready to run; `redact` is the part that no report may show.

    `voices` answers with the rule's voice, and those of its cases with their conditions.
    """

    rule: Rule
    subject: Subject
    condition: Condition
    voices: Callable[[], tuple[Voice, Cases]]
    redact: Part | None = None

    @property
    def voice(self) -> Voice:
        return self.voices()[0]

    @property
    def cases(self) -> Cases:
        return self.voices()[1]


def compile_rule(
    rule: Rule, options: Mapping[str, object], today: date, *, proven: bool = False
) -> CompiledRule:
    """A rule as functions, with the options that a user gave. Raises ConditionError, ValueError.

    One that is `proven`, compiled before with these options, is made ready as far as it is used.
    """
    subject = SUBJECTS[rule.subject]
    settings = Settings(option_values(rule, options), today, proven, rule.shipped)
    voices = cache(partial(_voices, rule, subject, settings))
    if not proven:
        voices()
    return CompiledRule(
        rule=rule,
        subject=subject,
        condition=compile_certain(subject, rule.where, settings),
        voices=voices,
        redact=_part(subject, rule.redact, ("redact",)) if rule.redact else None,
    )


def _voices(rule: Rule, subject: Subject, settings: Settings) -> tuple[Voice, Cases]:
    raw = {
        "severity": rule.severity.label,
        "aliases": rule.aliases,
        "message": rule.message,
        "advice": rule.advice,
        "label": rule.label,
        "at": rule.at or subject.main,
        "related": [{"part": part, "label": label} for part, label in rule.related],
        "fix": rule.fix,
    }
    voice = _voice(subject, raw, (), settings)  # first: what a case inherits must be right by then
    cases = tuple(
        (
            compile_certain(subject, case["where"], settings, ("cases", index, "where")),
            _voice(subject, {**raw, **case}, ("cases", index), settings),
        )
        for index, case in enumerate(rule.cases)
    )
    return voice, cases


def index_of(rule: Rule) -> frozenset[str] | None:
    """The values of its subject's index that a rule can apply to; None: whatever the value."""
    return _index(SUBJECTS[rule.subject], rule.where)


def _index(subject: Subject, where: Any) -> frozenset[str] | None:
    """The values of the subject's index that a `where` allows; None where it allows any."""
    if subject.index is None or not isinstance(where, dict):
        return None
    wanted = where.get(subject.index)
    if isinstance(wanted, str):
        return frozenset((wanted,))
    if isinstance(wanted, list):
        return frozenset(map(str, wanted))
    alternatives = where.get("any")
    if not isinstance(alternatives, list):
        return None
    found = [_index(subject, each) for each in alternatives]
    return frozenset().union(*(each for each in found if each)) if None not in found else None


def _voice(
    subject: Subject, raw: Mapping[str, Any], keys: tuple[str | int, ...], settings: Settings
) -> Voice:
    def said(name: str) -> Render:
        return template(subject, raw[name], (*keys, name), settings=settings)

    return Voice(
        severity=SEVERITIES[raw["severity"]],
        aliases=tuple(raw["aliases"]),
        message=said("message"),
        advice=said("advice"),
        label=said("label"),
        at=_part(subject, raw["at"], (*keys, "at")),
        related=tuple(
            (
                _part(subject, each["part"], (*keys, "related", index)),
                template(subject, each["label"], (*keys, "related", index)),
            )
            for index, each in enumerate(raw["related"])
        ),
        fix=_fix(subject, raw["fix"], (*keys, "fix")),
    )


def _part(subject: Subject, name: str, keys: Sequence[str | int]) -> Part:
    found = subject.parts.get(name)
    if found is None:
        hint = nearest(name, subject.parts)
        message = f"`{subject.name}` has no part `{name}`"
        raise FormatError(keys, message + (f": did you mean `{hint}`?" if hint else ""))
    return found


def template(
    subject: Subject,
    text: str,
    keys: Sequence[str | int],
    *,
    exact: bool = False,
    settings: Settings | None = None,
) -> Render:
    """A function that fills in a text's `{attribute}`s, and its `{parameter.NAME}`s from options.

    With `exact`, values are put in whole, and an unknown or missing one makes the result None.
    """
    pieces: list[str | Attribute] = []
    end = 0
    for match in PLACEHOLDER.finditer(text):
        pieces.append(text[end : match.start()])
        end = match.end()
        name = match[1]
        pieces.append(match[0][0] if name is None else attribute(subject, name, keys, settings))
    pieces.append(text[end:])
    written = [piece for piece in pieces if isinstance(piece, str)]
    if any(len(piece) > 1 and re.search("[{}]", piece) for piece in written):
        raise FormatError(keys, "a brace alone: `{attribute}` puts in a fact, `{{` is a brace")
    if len(written) == len(pieces):
        plain = "".join(written)
        return lambda _: plain

    def render(thing: object) -> str | None:
        out = []
        for piece in pieces:
            if isinstance(piece, str):
                out.append(piece)
                continue
            value = piece.get(thing)
            if exact and (value is UNKNOWN or value is None):
                return None
            out.append(str(value) if exact else shown(value))
        return "".join(out)

    return render


def shown(value: object) -> str:
    """A value as a message shows it: one line, not too long."""
    if value is None or value is UNKNOWN:
        return "?"
    if isinstance(value, (list, tuple, frozenset, set)):
        items = [str(item) for item in value]
        tail = f" and {len(items) - 4} more" if len(items) > 5 else ""
        return ", ".join(items[: 4 if tail else 5]) + tail
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _fix(
    subject: Subject, raw: Mapping[str, Any] | None, keys: tuple[str | int, ...]
) -> Callable[[Any], Fix | None]:
    if raw is None:
        return lambda _: None
    known_keys(raw, FIX_FIELDS, keys, "a fix")
    title = template(subject, str(raw.get("title", "")), (*keys, "title"))
    safety: Safety = "safe" if raw.get("safety") == "safe" else "unsafe"
    if not raw.get("title") or raw.get("safety") not in ("safe", "unsafe"):
        raise FormatError(keys, "a fix has a `title` and a `safety` (safe or unsafe)")
    edits = raw.get("edits", [raw])
    makers = [_edits(subject, each, keys) for each in edits]

    def make(thing: object) -> Fix | None:
        whole: list[Edit | IgnoreLine] = []
        for maker in makers:
            made = maker(thing)
            if made is None:
                return None
            whole += made
        found = tuple(each for each in whole if isinstance(each, Edit))
        lines = tuple(each.text for each in whole if isinstance(each, IgnoreLine))
        return Fix(title(thing) or "", safety, found, lines)

    return make


def _edits(
    subject: Subject, raw: Mapping[str, Any], keys: tuple[str | int, ...]
) -> Callable[[Any], tuple[Edit | IgnoreLine, ...] | None]:
    """An edit of a fix, or the edits of the subject's own change that it names."""
    if "change" in raw:
        name = one_of(raw["change"], subject.changes, (*keys, "change"), "change")
        return subject.changes[name].get
    one = _edit(subject, raw, keys)

    def make(thing: object) -> tuple[Edit, ...] | None:
        edit = one(thing)
        return None if edit is None else (edit,)

    return make


def _edit(
    subject: Subject, raw: Mapping[str, Any], keys: tuple[str | int, ...]
) -> Callable[[Any], Edit | None]:
    action = next((each for each in ("insert", "replace", "delete") if each in raw), None)
    if action is None:
        raise FormatError(keys, "a fix has one of `insert`, `replace`, `delete` and `change`")
    side = "after" if "after" in raw else "before"
    if action == "insert" and side not in raw:
        raise FormatError(keys, "`insert` needs `before` or `after`: the part that it goes to")
    if action == "replace" and "with" not in raw:
        raise FormatError(keys, "`replace` names a part and needs `with`: the new text")
    part = _part(subject, raw[side] if action == "insert" else raw[action], keys)
    new = {"insert": raw.get("insert"), "replace": raw.get("with"), "delete": ""}[action]
    text = template(subject, str(new), keys, exact=True)

    def make(thing: object) -> Edit | None:
        span, value = part.get(thing), text(thing)
        if span is None or value is None:
            return None
        if action == "insert":
            at = span.end if side == "after" else span.start
            span = Span(at, at)
        return Edit(span, value)

    return make


def related_places(voice: Voice, thing: object) -> tuple[Related, ...]:
    """The further places of a finding; parts that the subject does not have are left out."""
    found = []
    for part, label in voice.related:
        span = part.get(thing)
        if span is not None:
            found.append(Related(span, label(thing) or ""))
    return tuple(found)
