"""The closing line and the table of counts."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from dflint.finding import FileReport, Finding, Severity
from dflint.report import Run, count, statistics_table, summary
from dflint.source import make_source
from tests.report.samples import apt_finding, pip_finding, run_of, style_finding, venv_finding


def run_with(*files: tuple[Finding, ...]) -> Run:
    source = make_source("Dockerfile", "FROM a\n")
    return Run(tuple(FileReport(source, findings) for findings in files), (), "1", False, 80)


def of(severity: Severity) -> Finding:
    return replace(style_finding(), severity=severity)


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ((), "No Dockerfiles found"),
        (((),), "No problems found in 1 file"),
        (((), ()), "No problems found in 2 files"),
        (((of(Severity.ERROR),),), "Found 1 problem (1 error) in 1 file"),
        (
            ((of(Severity.STYLE), of(Severity.ERROR)), (), (of(Severity.INFO), of(Severity.ERROR))),
            "Found 4 problems (2 errors, 1 info, 1 style) in 2 files",
        ),
        (
            ((of(Severity.WARNING), of(Severity.WARNING), of(Severity.INFO), of(Severity.INFO)),),
            "Found 4 problems (2 warnings, 2 info) in 1 file",
        ),
        (((pip_finding(),),), "Found 1 problem (1 warning) in 1 file; --fix mends 1"),
        (
            ((pip_finding(), apt_finding()),),
            "Found 2 problems (1 warning, 1 info) in 1 file; --fix mends 1, --unsafe-fixes mends 2",
        ),
        (
            ((pip_finding(), pip_finding()),),
            "Found 2 problems (2 warnings) in 1 file; --fix mends 2",
        ),
    ],
)
def test_summary(files: tuple[tuple[Finding, ...], ...], line: str) -> None:
    assert summary(count(run_with(*files).reports)) == line


def test_statistics_count_by_rule() -> None:
    pips = [pip_finding()] * 11
    assert statistics_table(run_of(venv_finding(), *pips, style_finding())) == (
        "11  DF201  pip-no-cache\n 1  DF901  cmd-style\n 1  DF905  venv-python\n13  total\n"
    )


def test_statistics_of_nothing() -> None:
    assert statistics_table(run_of()) == "No problems found in 1 file\n"
