"""The formats in XML: JUnit and Checkstyle."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from dflint.finding import FileReport
from dflint.report import FORMATS, Run
from dflint.source import make_source
from tests.report.samples import (
    ALL,
    apt_finding,
    pip_finding,
    run_of,
    style_finding,
    venv_finding,
)


def tree(name: str, run: Run) -> ElementTree.Element:
    return ElementTree.fromstring(FORMATS[name](run).encode())


def with_clean(run: Run) -> Run:
    """The run with a clean file behind it."""
    return replace(run, reports=(*run.reports, FileReport(make_source("clean", "FROM a\n"), ())))


def test_checkstyle() -> None:
    root = tree("checkstyle", with_clean(run_of(pip_finding(), style_finding(), path="a/D")))
    assert (root.tag, root.attrib) == ("checkstyle", {"version": "4.3"})
    assert [each.attrib for each in root] == [{"name": "a/D"}, {"name": "clean"}]
    assert root[0][0].attrib == {
        "line": "4",
        "column": "5",
        "severity": "warning",
        "message": "pip-no-cache: `pip install flask` keeps pip's download cache in this layer",
        "source": "dflint.DF201",
    }
    assert root[0][1].attrib["severity"] == "info"
    assert len(root[1]) == 0


def test_checkstyle_severities() -> None:
    rows = tree("checkstyle", run_of(*ALL))[0]
    assert [each.attrib["severity"] for each in rows] == ["warning", "info", "error", "info"]


def test_junit() -> None:
    root = tree("junit", with_clean(run_of(pip_finding(), venv_finding())))
    assert root.attrib == {
        "name": "dflint", "tests": "3", "failures": "2", "errors": "0", "time": "0",
    }  # fmt: skip
    first, second = root
    assert first.attrib == {
        "name": "Dockerfile", "tests": "2", "failures": "2", "errors": "0", "skipped": "0",
        "time": "0",
    }  # fmt: skip
    assert first[0].attrib == {
        "classname": "Dockerfile",
        "name": "pip-no-cache (DF201), line 4, column 5",
        "file": "Dockerfile",
        "line": "4",
        "time": "0",
    }
    (failure,) = first[0]
    assert failure.tag == "failure"
    assert failure.attrib == {
        "message": "`pip install flask` keeps pip's download cache in this layer",
        "type": "warning",
    }
    assert failure.text is not None
    assert failure.text.splitlines()[1:] == [
        "Add `--no-cache-dir`, or mount a cache with "
        "`RUN --mount=type=cache,target=/root/.cache/pip`.",
        "Dockerfile: line 4, column 5",
    ]
    assert second.attrib["failures"] == "0"
    (passed,) = second
    assert len(passed) == 0


def test_junit_errors_are_files_that_failed() -> None:
    root = tree("junit", run_of(replace(style_finding(), name="unreadable")))
    assert (root.attrib["failures"], root.attrib["errors"]) == ("0", "1")
    assert root[0][0][0].tag == "error"


@pytest.mark.parametrize("name", ["junit", "checkstyle"])
def test_xml_escapes(name: str) -> None:
    evil = "<a b=\"c\"> & 'd' ]]> --> \x00\x1b\x0b\x85\udcff\ud800\ufffe\uffff\n&lt;"
    run = run_of(replace(apt_finding(), message=evil, advice=evil), path=evil)
    text = FORMATS[name](run)
    assert "]]>" not in text
    found = [value for each in tree(name, run).iter() for value in each.attrib.values()]
    shown = "<a b=\"c\"> & 'd' ]]> --> \\x00\\x1b"
    assert sum(value.startswith(shown) for value in found) == (4 if name == "junit" else 1)
    assert any(shown in value and value.endswith("&lt;") for value in found)
