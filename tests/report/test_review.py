"""The formats that review tools read: GitLab, SonarQube, reviewdog."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dflint.finding import Edit, FileReport, Finding, Fix
from dflint.fingerprint import fingerprints
from dflint.fix import apply
from dflint.report import FORMATS, Run
from dflint.source import Span, make_source
from tests.report.samples import (
    ALL,
    DOCKERFILE,
    VENV,
    pip_finding,
    run_of,
    run_over,
    span_of,
    style_finding,
    venv_finding,
)


def parsed(name: str, run: Run) -> Any:
    return json.loads(FORMATS[name](run).encode("utf-8"))


def test_gitlab() -> None:
    run = run_of(pip_finding(), path="./a/Dockerfile")
    assert parsed("gitlab", run) == [
        {
            "description": "pip-no-cache: `pip install flask` keeps pip's download cache in "
            "this layer",
            "check_name": "DF201",
            "fingerprint": fingerprints(run.reports[0])[0],
            "severity": "major",
            "location": {"path": "a/Dockerfile", "lines": {"begin": 4, "end": 4}},
        }
    ]


def test_gitlab_severities_and_fingerprints() -> None:
    rows = parsed("gitlab", run_of(*ALL))
    assert [each["severity"] for each in rows] == ["major", "minor", "critical", "info"]
    first = FileReport(make_source("a", DOCKERFILE), ALL)
    second = FileReport(make_source("b", DOCKERFILE), ALL)
    both = parsed("gitlab", replace(run_of(), reports=(first, second)))
    assert len({each["fingerprint"] for each in both}) == 2 * len(ALL)


def test_sonarqube() -> None:
    made = parsed("sonarqube", run_of(venv_finding()))
    assert made["rules"] == [
        {
            "id": "DF905",
            "name": VENV.summary,
            "description": VENV.why,
            "engineId": "dflint",
            "cleanCodeAttribute": "LOGICAL",
            "type": "BUG",
            "severity": "CRITICAL",
            "impacts": [{"softwareQuality": "RELIABILITY", "severity": "HIGH"}],
        }
    ]
    (issue,) = made["issues"]
    assert issue["ruleId"] == "DF905"
    assert issue["primaryLocation"] == {
        "message": "the virtual environment was made by Python 3.13 and is run by 3.12. "
        "Use the same Python in both stages",
        "filePath": "Dockerfile",
        "textRange": {"startLine": 11, "endLine": 11, "startColumn": 0, "endColumn": 39},
    }
    assert [each["message"] for each in issue["secondaryLocations"]] == [
        "the Python that is here",
        "made with this",
    ]


# The words of "Generic formatted reports", docs.sonarsource.com.
QUALITIES = {"SECURITY", "RELIABILITY", "MAINTAINABILITY"}
IMPACTS = {"BLOCKER", "HIGH", "MEDIUM", "LOW", "INFO"}
ATTRIBUTES = {
    "FORMATTED", "CONVENTIONAL", "IDENTIFIABLE", "CLEAR", "LOGICAL", "COMPLETE", "EFFICIENT",
    "FOCUSED", "DISTINCT", "MODULAR", "TESTED", "LAWFUL", "TRUSTWORTHY", "RESPECTFUL",
}  # fmt: skip


def test_sonarqube_knows_its_words() -> None:
    categories = ("security", "correctness", "reproducibility", "size", "speed", "style", "mine")
    findings = [
        replace(each, category=category, rule=f"DF{number}{category}")
        for number, each in enumerate(ALL)
        for category in categories
    ]
    made = parsed("sonarqube", run_of(*findings))
    assert len(made["rules"]) == len(findings)
    assert {each["ruleId"] for each in made["issues"]} == {each["id"] for each in made["rules"]}
    for rule in made["rules"]:
        assert rule["cleanCodeAttribute"] in ATTRIBUTES
        assert rule["impacts"][0]["softwareQuality"] in QUALITIES
        assert rule["impacts"][0]["severity"] in IMPACTS


def test_sonarqube_counts_columns_from_0_in_utf_16() -> None:
    text = "RUN 𐐀é x\r\nRUN y\n"
    finding = replace(style_finding(), span=span_of(text, "x\r"))
    made = parsed("sonarqube", run_of(finding, text=text))
    assert made["issues"][0]["primaryLocation"]["textRange"] == {
        "startLine": 1, "endLine": 1, "startColumn": 8, "endColumn": 9,
    }  # fmt: skip


def test_sonarqube_gets_no_empty_range() -> None:
    made = parsed("sonarqube", run_of(replace(style_finding(), span=Span(5, 5))))
    assert made["issues"][0]["primaryLocation"]["textRange"] == {"startLine": 1}


def test_rdjson() -> None:
    made = parsed("rdjson", run_of(pip_finding(), venv_finding()))
    assert made["source"] == {"name": "dflint"}
    first, second = made["diagnostics"]
    assert first["message"].startswith("`pip install flask` keeps pip's")
    assert first["location"] == {
        "path": "Dockerfile",
        "range": {"start": {"line": 4, "column": 5}, "end": {"line": 4, "column": 22}},
    }
    assert first["severity"] == "WARNING"
    assert first["code"] == {"value": "DF201"}
    at = {"line": 4, "column": 16}
    assert first["suggestions"] == [{"range": {"start": at, "end": at}, "text": " --no-cache-dir"}]
    assert second["code"] == {"value": "DF905", "url": VENV.url}
    assert "suggestions" not in second


def test_rdjson_counts_columns_in_bytes() -> None:
    text = "RUN a𐐀é\udcff b\n"
    finding = replace(style_finding(), span=span_of(text, "b"))
    made = parsed("rdjson", run_of(finding, text=text))
    start = made["diagnostics"][0]["location"]["range"]["start"]
    assert start == {"line": 1, "column": 14}


def test_a_suggestion_neither_shows_nor_loses_a_secret() -> None:
    text = "ENV A=hunter2 B=1\n"
    secret = span_of(text, "hunter2")
    edits = (Edit(Span(4, 4), "X=1 "), Edit(Span(14, 14), "Y=1 "))
    across = replace(style_finding(), secret=secret, span=secret, fix=Fix("x", "safe", edits))
    beside = replace(across, fix=Fix("x", "safe", edits[:1]))
    first, second = parsed("rdjson", run_of(across, beside, text=text))["diagnostics"]
    assert "suggestions" not in first
    assert second["suggestions"][0]["text"] == "X=1 "


@settings(deadline=None)
@given(
    st.text(st.sampled_from("ab é𐐀\n"), min_size=1, max_size=40),
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 40), st.text("xé\n", max_size=3)), max_size=3
    ),
)
def test_a_suggestion_makes_the_fix(text: str, spans: list[tuple[int, int, str]]) -> None:
    edits: list[Edit] = []
    last = 0
    for first, second, new in sorted(spans):
        start, end = sorted((min(first, len(text)), min(second, len(text))))
        if edits and start <= last:
            continue
        edits.append(Edit(Span(start, end), new))
        last = end
    fix = Fix("x", "safe", tuple(edits))
    run = run_over(make_source("D", text), replace(style_finding(), span=Span(0, 1), fix=fix))
    (made,) = parsed("rdjson", run)["diagnostics"]
    if not edits:
        assert "suggestions" not in made
        return
    (suggestion,) = made["suggestions"]
    lines = text.encode().split(b"\n")

    def offset(at: dict[str, int]) -> int:
        before = lines[: at["line"] - 1]
        return sum(len(line) + 1 for line in before) + at["column"] - 1

    data = text.encode()
    start, end = (offset(suggestion["range"][key]) for key in ("start", "end"))
    changed = data[:start] + suggestion["text"].encode() + data[end:]
    assert changed.decode() == apply(text, [fix])


@pytest.mark.parametrize("name", ["gitlab", "sonarqube", "rdjson"])
def test_messages_are_one_line_without_control_characters(name: str) -> None:
    evil: Finding = replace(style_finding(), message="a\n\x1b[31mb\x00", advice="c\u202ed")
    text = FORMATS[name](run_of(evil))
    assert "a \\\\x1b[31mb\\\\x00" in text
    assert not {"\x1b", "\u202e"} & set(text)
