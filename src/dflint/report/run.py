"""What a report is made from: the findings of all files and the rules that looked for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath

from msgspec import Struct, field

from dflint.finding import FileReport, Finding, Severity
from dflint.report.redact import redacted
from dflint.source import Source


class RuleInfo(Struct, frozen=True):
    """What a report says of a rule; `why` and `advice` are Markdown, `url` its page or None."""

    id: str
    name: str
    summary: str
    why: str
    severity: Severity
    category: str
    aliases: tuple[str, ...]
    url: str | None
    advice: str = ""
    references: tuple[str, ...] = ()


class Run(Struct, frozen=True):
    """One run: every file looked at, also clean ones, and every rule that was on.

    `version` is dflint's own; `width` is that of the terminal, in columns; `left_out` tells what
    is not in the reports though it was found; `target` is the stage that was to be built, None for
    the last. `links` are the pages of rules by id, for a terminal that can lead there.
    """

    reports: tuple[FileReport, ...]
    rules: tuple[RuleInfo, ...]
    version: str
    color: bool
    width: int
    left_out: tuple[str, ...] = ()
    target: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)


def portable(path: str, flavour: type[PurePath] = PurePath) -> str:
    """A path with `/`, as programs on other systems read it; without `./` before it."""
    return flavour(path).as_posix()


UNREADABLE = "unreadable"  # the rule that stands for a file that was not looked at


def each_report(run: Run) -> Iterator[FileReport]:
    """Every file with its findings; no secret is left in."""
    return map(redacted, run.reports)


def each_finding(run: Run) -> Iterator[tuple[Source, Finding]]:
    """Every finding with the file that it is in, by file and place; no secret is left in."""
    for report in each_report(run):
        for finding in report.findings:
            yield report.source, finding


def sentence(finding: Finding) -> str:
    """What is wrong and what to do, as prose."""
    stop = "" if finding.message.endswith((".", "!", "?")) else "."
    return f"{finding.message}{stop} {finding.advice}".strip()


def rules_of(run: Run) -> list[RuleInfo]:
    """The rules of the run, and the bare facts of any other that a finding names."""
    rules = {rule.id: rule for rule in run.rules}
    for _, found in each_finding(run):
        if found.rule not in rules:
            rules[found.rule] = RuleInfo(
                id=found.rule,
                name=found.name,
                summary=found.name,
                why="",
                severity=found.severity,
                category=found.category,
                aliases=found.aliases,
                url=None,
            )
    return list(rules.values())
