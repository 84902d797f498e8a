"""Holding compiled rules against the facts of a build."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dflint.finding import Finding
from dflint.rules import CompiledRule, Voice, related_places
from dflint.subjects.base import Facts, Subject


@dataclass(frozen=True, slots=True)
class RuleTable:
    """Compiled rules by subject, and there by the value of the subject's index."""

    subjects: tuple[Subject, ...]
    indexed: Mapping[tuple[str, str], tuple[CompiledRule, ...]]
    general: Mapping[str, tuple[CompiledRule, ...]]


def make_table(rules: Sequence[CompiledRule]) -> RuleTable:
    """The table that `match` works from."""
    subjects: dict[str, Subject] = {}
    indexed: dict[tuple[str, str], list[CompiledRule]] = defaultdict(list)
    general: dict[str, list[CompiledRule]] = defaultdict(list)
    for rule in rules:
        subjects[rule.subject.name] = rule.subject
        if rule.index is None:
            general[rule.subject.name].append(rule)
        for value in rule.index or ():
            indexed[rule.subject.name, value].append(rule)
    return RuleTable(
        subjects=tuple(subjects.values()),
        indexed={key: tuple(found) for key, found in indexed.items()},
        general={key: tuple(found) for key, found in general.items()},
    )


def match(table: RuleTable, facts: Facts, only: str | None = None) -> list[Finding]:
    """The findings of the table's rules, or of those about the subject `only`, in no order."""
    findings: list[Finding] = []
    for subject in table.subjects:
        if only is not None and subject.name != only:
            continue
        general = table.general.get(subject.name, ())
        key = _key(subject)
        for thing in subject.each(facts):
            rules = general
            if key is not None:
                rules += table.indexed.get((subject.name, str(key(thing))), ())
            findings.extend(_finding(rule, thing) for rule in rules if rule.condition(thing))
    return findings


def _key(subject: Subject) -> Callable[[Any], object] | None:
    return subject.attributes[subject.index].get if subject.index is not None else None


def _finding(compiled: CompiledRule, thing: object) -> Finding:
    rule = compiled.rule
    voice = _voice(compiled, thing)
    span = voice.at.get(thing) or compiled.subject.parts[compiled.subject.main].get(thing)
    if span is None:  # the main part is always there
        raise AssertionError(f"{compiled.subject.name} has no place")
    stage = compiled.subject.attributes.get("stage.name")
    label = stage.get(thing) if stage is not None else None
    return Finding(
        rule=rule.id,
        name=rule.name,
        aliases=voice.aliases,
        severity=voice.severity,
        category=rule.category,
        message=voice.message(thing) or "",
        advice=voice.advice(thing) or "",
        span=span,
        label=voice.label(thing) or "",
        related=related_places(voice, thing),
        stage=label if isinstance(label, str) else None,
        fix=voice.fix(thing),
        secret=None if compiled.redact is None else compiled.redact.get(thing),
    )


def _voice(compiled: CompiledRule, thing: object) -> Voice:
    for condition, voice in compiled.cases:
        if condition(thing):
            return voice
    return compiled.voice
