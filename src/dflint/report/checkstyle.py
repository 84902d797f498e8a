"""Checkstyle's XML, which Jenkins and many others read.

Form: "XMLLogger", checkstyle.org: files with errors in them, lines and columns from 1.
"""

from __future__ import annotations

from dflint.finding import FileReport, Finding, Severity
from dflint.report.run import Run, each_report
from dflint.report.terminal import one_line
from dflint.report.xml_text import DECLARATION, tag
from dflint.source import Source

SEVERITIES = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "info",
    Severity.STYLE: "info",
}


def checkstyle(run: Run) -> str:
    """An XML document with an element a file, clean ones too, and an element a finding in it."""
    files = "".join(f"  {_file(report)}\n" for report in each_report(run))
    return DECLARATION + tag("checkstyle", {"version": "4.3"}, f"\n{files}") + "\n"


def _file(report: FileReport) -> str:
    errors = "".join(f"    {_error(report.source, each)}\n" for each in report.findings)
    return tag("file", {"name": report.source.path}, f"\n{errors}  " if errors else None)


def _error(source: Source, finding: Finding) -> str:
    line, column = source.position(finding.span.start)
    attributes: dict[str, str | int] = {
        "line": line,
        "column": column,
        "severity": SEVERITIES[finding.severity],
        "message": one_line(f"{finding.name}: {finding.message}"),
        # Readers take what is before the last dot for a package.
        "source": f"dflint.{finding.rule}",
    }
    return tag("error", attributes)
