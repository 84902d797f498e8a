"""JUnit's XML: a test suite a file, for whatever shows test results.

Form: the one that Jenkins' JUnit plugin and GitLab ("Unit test reports") read.
"""

from __future__ import annotations

from dflint.finding import FileReport, Finding
from dflint.report.markup import escape
from dflint.report.run import UNREADABLE, Run, each_report
from dflint.report.terminal import one_line, opening
from dflint.report.xml_text import DECLARATION, tag
from dflint.source import Source

Attributes = dict[str, str | int]


def junit(run: Run) -> str:
    """An XML document: each finding is a test that failed, each clean file one that passed."""
    suites = "".join(f"  {_suite(report)}\n" for report in each_report(run))
    counts = _counts([each for report in run.reports for each in report.findings])
    tests = sum(max(1, len(report.findings)) for report in run.reports)
    attributes: Attributes = {"name": "dflint", "tests": tests, **counts, "time": "0"}
    return DECLARATION + tag("testsuites", attributes, f"\n{suites}") + "\n"


def _counts(findings: list[Finding]) -> dict[str, int]:
    errors = sum(each.name == UNREADABLE for each in findings)
    return {"failures": len(findings) - errors, "errors": errors}


def _suite(report: FileReport) -> str:
    path = report.source.path
    cases = [_case(report.source, each) for each in report.findings]
    cases = cases or [tag("testcase", {"classname": path, "name": "no findings", "time": "0"})]
    counts = _counts(list(report.findings))
    attributes: Attributes = {
        "name": path,
        "tests": len(cases),
        **counts,
        "skipped": 0,
        "time": "0",
    }
    body = "".join(f"    {case}\n" for case in cases)
    return tag("testsuite", attributes, f"\n{body}  ")


def _case(source: Source, finding: Finding) -> str:
    line, column = source.position(finding.span.start)
    place = f"line {line}, column {column}"
    attributes: Attributes = {
        "classname": source.path,
        "name": f"{finding.name} ({finding.rule}), {place}",
        "file": source.path,
        "line": line,
        "time": "0",
    }
    text = "\n".join(
        escape(opening(one_line(row)))
        for row in (finding.message, finding.advice, f"{source.path}: {place}")
        if row
    )
    what: Attributes = {"message": one_line(finding.message), "type": finding.severity.label}
    return tag(
        "testcase",
        attributes,
        tag("error" if finding.name == UNREADABLE else "failure", what, text),
    )
