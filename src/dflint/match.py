"""Holding compiled rules against the facts of a build."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from dflint.bounded import SlowRegexError
from dflint.finding import Finding
from dflint.rule import Rule, RuleError
from dflint.subjects import SUBJECTS
from dflint.subjects.base import Facts, Subject
from dflint.voices import CompiledRule, Voice, index_of, related_places


class RuleTable(Struct, frozen=True):
    """Rules by subject, and there by the value of the subject's index; None: by no value.

    A rule is compiled when something first turns up that it could apply to: `ready` are those.
    """

    subjects: tuple[Subject, ...]
    rules: Mapping[tuple[str, str | None], tuple[Rule, ...]]
    compile: Callable[[Rule], CompiledRule]
    ready: dict[tuple[str, str | None], tuple[CompiledRule, ...]] = field(default_factory=dict)


def make_table(rules: Iterable[Rule], compile_: Callable[[Rule], CompiledRule]) -> RuleTable:
    """The table that `match` works from; `compile_` makes a rule ready to run."""
    subjects: dict[str, Subject] = {}
    found: dict[tuple[str, str | None], list[Rule]] = defaultdict(list)
    for rule in rules:
        subjects[rule.subject] = SUBJECTS[rule.subject]
        for value in index_of(rule) or (None,):
            found[rule.subject, value].append(rule)
    made: dict[str, CompiledRule] = {}

    def once(rule: Rule) -> CompiledRule:
        if rule.id not in made:
            made[rule.id] = compile_(rule)
        return made[rule.id]

    table = {key: tuple(each) for key, each in found.items()}
    return RuleTable(tuple(subjects.values()), table, once)


def _ready(table: RuleTable, subject: str, value: str | None) -> tuple[CompiledRule, ...]:
    key = (subject, value)
    found = table.ready.get(key)
    if found is None:
        found = table.ready[key] = tuple(map(table.compile, table.rules.get(key, ())))
    return found


def match(
    table: RuleTable,
    facts: Facts,
    only: str | None = None,
    slow: dict[str, RuleError] | None = None,
) -> list[Finding]:
    """The findings of the table's rules, or of those about the subject `only`, in no order.

    A user's rule that takes too long is left out and told in `slow`, by its id. Raises RuleError
    where that is not given.
    """
    findings: list[Finding] = []
    for subject in table.subjects:
        if only is not None and subject.name != only:
            continue
        key = _key(subject)
        for thing in subject.each(facts):
            rules = _ready(table, subject.name, None)
            if key is not None:
                rules += _ready(table, subject.name, str(key(thing)))
            for rule in rules:
                try:
                    if rule.condition(thing):
                        findings.append(_finding(rule, thing))
                except SlowRegexError as error:
                    _left_out(rule.rule, error, slow)
    return _without_yielding(findings, facts)


def _without_yielding(findings: list[Finding], facts: Facts) -> list[Finding]:
    """The findings but those of rules that yield to another which finds the same instruction."""
    if not any(each.yields_to for each in findings):
        return findings
    starts = [each.span.start for each in facts.build.document.instructions]

    def instruction(finding: Finding) -> int:
        return bisect_right(starts, finding.span.start)

    told = {(each.name, instruction(each)) for each in findings}
    return [
        each
        for each in findings
        if not any((name, instruction(each)) in told for name in each.yields_to)
    ]


def _left_out(rule: Rule, error: SlowRegexError, slow: dict[str, RuleError] | None) -> None:
    wrong = RuleError(rule.path, None, f"the rule `{rule.name}` is left out: {error}")
    if slow is None:
        raise wrong from None
    slow[rule.id] = wrong


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
        yields_to=rule.yields_to,
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
    usual, cases = compiled.voices()
    for condition, voice in cases:
        if condition(thing):
            return voice
    return usual
