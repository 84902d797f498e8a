"""Workflow commands that GitHub Actions turns into annotations of a pull request.

Form and escapes: "Workflow commands for GitHub Actions", docs.github.com, and the escaping that the
actions toolkit does (`@actions/core`, command.ts).
"""

from __future__ import annotations

from dflint.finding import Finding, Severity
from dflint.report.json_report import place
from dflint.report.run import Run, each_finding, portable, sentence
from dflint.report.terminal import one_line, visible
from dflint.source import Source

COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
    Severity.STYLE: "notice",
}


def github(run: Run) -> str:
    """A workflow command a finding; nothing when clean."""
    return "".join(_command(source, finding) for source, finding in each_finding(run))


def _command(source: Source, finding: Finding) -> str:
    at = place(source, finding.span)
    # An annotation over several lines has no columns: GitHub drops them with a remark in the log.
    one = at["line"] == at["end_line"]
    properties = {
        "file": visible(portable(source.path)),
        "line": at["line"],
        **({"col": at["column"]} if one else {}),
        "endLine": at["end_line"],
        **({"endColumn": at["end_column"]} if one else {}),
        "title": f"{finding.name} ({finding.rule})",
    }
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{COMMANDS[finding.severity]} {listed}::{_data(one_line(sentence(finding)))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
