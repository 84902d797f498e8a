"""Markdown for job summaries and comments on pull requests, as GitHub and GitLab show it.

Form: "GitHub Flavored Markdown Spec", tables. Text of a Dockerfile goes in as HTML with character
references, which Markdown leaves alone.
"""

from __future__ import annotations

from dflint.finding import FileReport, Finding, Severity
from dflint.lazy import regex
from dflint.report.run import Run, each_report
from dflint.report.summary import count, summary
from dflint.report.terminal import one_line
from dflint.source import Source

LONG = 10  # findings of a file from which on its table is folded away
MARKS = {
    Severity.ERROR: "🔴",
    Severity.WARNING: "🟠",
    Severity.INFO: "🔵",
    Severity.STYLE: "⚪",
}
CODE = regex(r"`([^`]+)`")
SPECIAL = regex(r"[&<>|\\`*_~\[\]!#:$\"]")
MENTION = "@<!-- -->"  # nobody is told when their name stands in a Dockerfile


def markdown(run: Run) -> str:
    """The closing line of `full`, then a table a file that has findings, folded away when long."""
    pages = {rule.id: rule.url for rule in run.rules}
    parts = ["## dflint", _plain(summary(count(run.reports), run.left_out))]
    for report in each_report(run):
        if report.findings:
            parts.append(_file(report, pages))
    return "\n\n".join(parts) + "\n"


def _file(report: FileReport, pages: dict[str, str | None]) -> str:
    path = f"<code>{_plain(one_line(report.source.path))}</code>"
    rows = ["| | Place | Rule | Problem |", "|---|---|---|---|"]
    rows += [_row(report.source, finding, pages.get(finding.rule)) for finding in report.findings]
    table = "\n".join(rows)
    count = len(report.findings)
    if count < LONG:
        return f"### {path}\n\n{table}"
    return f"<details>\n<summary>{path} ({count} problems)</summary>\n\n{table}\n\n</details>"


def _row(source: Source, finding: Finding, page: str | None) -> str:
    line, column = source.position(finding.span.start)
    severity = f"{MARKS[finding.severity]} {finding.severity.label}"
    rule = _plain(one_line(f"{finding.name} ({finding.rule})"))
    rule = rule if page is None else f'<a href="{_plain(page)}">{rule}</a>'
    return f"| {severity} | {line}:{column} | {rule} | {prose(finding.message)} |"


def prose(text: str) -> str:
    """A message with what stands between backticks as code, and everything else as plain text."""
    parts = CODE.split(one_line(text))
    return "".join(
        f"<code>{_plain(part)}</code>" if index % 2 else _plain(part).replace("@", MENTION)
        for index, part in enumerate(parts)
    )


def _plain(text: str) -> str:
    return SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text)
