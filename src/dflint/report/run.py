"""What a report is made from: the findings of all files and the rules that looked for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dflint.finding import FileReport, Finding, Severity
from dflint.report.redact import redacted
from dflint.source import Source


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What a report says of a rule; `why` is Markdown, `url` its page or None."""

    id: str
    name: str
    summary: str
    why: str
    severity: Severity
    category: str
    aliases: tuple[str, ...]
    url: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run: every file looked at, also clean ones, and every rule that was on.

    `version` is dflint's own; `width` is that of the terminal, in columns.
    """

    reports: tuple[FileReport, ...]
    rules: tuple[RuleInfo, ...]
    version: str
    color: bool
    width: int


def each_finding(run: Run) -> Iterator[tuple[Source, Finding]]:
    """Every finding with the file that it is in, by file and place; no secret is left in."""
    for report in map(redacted, run.reports):
        for finding in report.findings:
            yield report.source, finding
