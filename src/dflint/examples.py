"""Running the examples of rules, which are the rules' tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from dflint.config import default_config
from dflint.context import Context, memory_context
from dflint.finding import Finding
from dflint.fix import apply
from dflint.lint import Linter, lint_source
from dflint.match import make_table
from dflint.rule import Example, Rule
from dflint.source import Source, make_source
from dflint.voices import compile_rule

# The day of examples that name none: those of our own rules were written then.
EXAMPLE_DAY = date(2026, 11, 21)


class Failure(Struct, frozen=True):
    """An example that does not do what its rule says: the rule, the example's number, and why."""

    rule: Rule
    number: int
    text: str


def run_examples(rule: Rule) -> tuple[Failure, ...]:
    """The failures among a rule's examples; a rule needs at least one of each kind.

    A rule about problems may do without a bad one: a file that cannot be read has no text to show.
    """
    failures = []
    for kind in (False,) if rule.subject == "problem" else (True, False):
        if not any(example.bad is kind for example in rule.examples):
            missing = "bad" if kind else "good"
            failures.append(Failure(rule, 0, f"the rule has no {missing} example"))
    for number, example in enumerate(rule.examples, 1):
        failures.extend(Failure(rule, number, text) for text in _problems(rule, example))
    return tuple(failures)


def advice_for(rule: Rule) -> str:
    """What to do, in the words that the rule has for its first bad example."""
    example = next((each for each in rule.examples if each.bad), None)
    if example is None:
        return rule.advice
    linter = _linter(rule, example.options, example.day or EXAMPLE_DAY)
    source = make_source("Dockerfile", example.text)
    found = lint_source(source, linter, example_context(example), example.target).findings
    return found[0].advice if found else rule.advice


def _linter(rule: Rule, options: Mapping[str, object], day: date) -> Linter:
    ids = {rule.id: rule.id, rule.name: rule.id}
    table = make_table([rule], lambda each: compile_rule(each, options, day))
    return Linter(default_config(), (rule,), frozenset((rule.id,)), table, ids, day)


def example_context(example: Example) -> Context | None:
    """The build context that an example describes, None if it describes none."""
    if example.files is None and example.dockerignore is None:
        return None
    return memory_context(example.files or {}, example.dockerignore, executable=example.executable)


def _problems(rule: Rule, example: Example) -> list[str]:
    linter = _linter(rule, example.options, example.day or EXAMPLE_DAY)
    context = example_context(example)

    def findings_in(text: str) -> tuple[Source, tuple[Finding, ...]]:
        source = make_source("Dockerfile", text)
        return source, lint_source(source, linter, context, example.target).findings

    source, findings = findings_in(example.text)
    if not example.bad:
        return [f"good, but found at {place(source, each)}: {each.message}" for each in findings]
    problems = _place_problems(example, source, findings)
    if example.message is not None and findings and findings[0].message != example.message:
        problems.append(f"the message is {findings[0].message!r}, not {example.message!r}")
    if example.fixed is None:
        return problems
    fixes = [each.fix for each in findings if each.fix is not None]
    fixed = apply(example.text, fixes)
    if fixed != example.fixed:
        return [*problems, f"the fix makes {fixed!r}, not {example.fixed!r}"]
    source, left = findings_in(fixed)
    problems.extend(f"still found after the fix at {place(source, each)}" for each in left)
    return problems


def _place_problems(example: Example, source: Source, findings: tuple[Finding, ...]) -> list[str]:
    found = [place(source, each) for each in findings]
    wanted = list(example.at)
    matches = len(found) == len(wanted) and all(
        spot == want or spot.partition("-")[0] == want
        for spot, want in zip(found, wanted, strict=True)
    )
    if matches:
        return []
    return [f"expected at {', '.join(wanted)}; found at {', '.join(found) or 'no place'}"]


def place(source: Source, finding: Finding) -> str:
    """A finding's place as examples write it: `line:column-column` or `line:column-line:column`.

    The end column is the first after the finding.
    """
    line, column = source.position(finding.span.start)
    end_line, end_column = source.position(finding.span.end)
    end = f"{end_column}" if end_line == line else f"{end_line}:{end_column}"
    return f"{line}:{column}-{end}"
