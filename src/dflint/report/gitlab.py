"""GitLab's Code Quality report.

Form: "Code Quality", docs.gitlab.com, section on importing results of other tools.
"""

from __future__ import annotations

from dflint.finding import FileReport, Severity
from dflint.fingerprint import fingerprints
from dflint.report.json_report import dumps, place
from dflint.report.run import Run, each_report, portable
from dflint.report.terminal import one_line

SEVERITIES = {
    Severity.ERROR: "critical",
    Severity.WARNING: "major",
    Severity.INFO: "minor",
    Severity.STYLE: "info",
}


def gitlab(run: Run) -> str:
    """A JSON list of objects, one a finding; GitLab tells old from new by their fingerprints."""
    return dumps([each for report in each_report(run) for each in _rows(report)])


def _rows(report: FileReport) -> list[dict[str, object]]:
    # GitLab shows a finding only where the path is as in the repository, without `./`.
    path = portable(report.source.path)
    rows: list[dict[str, object]] = []
    for finding, fingerprint in zip(report.findings, fingerprints(report), strict=True):
        at = place(report.source, finding.span)
        rows.append(
            {
                "description": one_line(f"{finding.name}: {finding.message}"),
                "check_name": finding.rule,
                "fingerprint": fingerprint,
                "severity": SEVERITIES[finding.severity],
                "location": {
                    "path": path,
                    "lines": {"begin": at["line"], "end": at["end_line"]},
                },
            }
        )
    return rows
