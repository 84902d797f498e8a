"""SARIF, held against the standard's own schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from dflint.finding import Finding, Severity
from dflint.fingerprint import fingerprints
from dflint.report import FORMATS, Run
from tests.report.samples import (
    ALL,
    DOCKERFILE,
    PIP,
    pip_finding,
    run_of,
    span_of,
    style_finding,
    venv_finding,
)
from tests.report.schemas import validate


def log_of(run: Run) -> Any:
    """The only run of a log, which the schema holds for."""
    log = json.loads(FORMATS["sarif"](run).encode("utf-8"))
    validate(log, "sarif-2.1.0")
    return log["runs"][0]


def result_of(finding: Finding, path: str = "Dockerfile", text: str = DOCKERFILE) -> Any:
    return log_of(run_of(finding, path=path, text=text))["results"][0]


@pytest.mark.parametrize("path", ["Dockerfile", "/srv/a b/Dockerfile", "x:y/D\udcff\udc80 ü"])
def test_the_standard_s_schema_holds(path: str) -> None:
    run = run_of(*ALL, path=path)
    log = log_of(run)
    rules = log["tool"]["driver"]["rules"]
    assert len(log["results"]) == len(ALL)
    for result, finding in zip(log["results"], ALL, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.rule
        at = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert log["artifacts"][at["index"]]["location"]["uri"] == at["uri"]
        assert log["originalUriBaseIds"].keys() >= {at.get("uriBaseId", "%SRCROOT%")}


def test_the_schema_can_fail() -> None:
    with pytest.raises(AssertionError):
        validate({"version": "2.1.0", "runs": [{"results": []}]}, "sarif-2.1.0")


def test_without_findings_the_rules_and_files_are_listed() -> None:
    log = log_of(run_of())
    assert log["results"] == []
    assert log["columnKind"] == "unicodeCodePoints"
    assert log["invocations"] == [{"executionSuccessful": True}]
    assert log["artifacts"] == [
        {
            "location": {"uri": "Dockerfile", "uriBaseId": "%SRCROOT%"},
            "roles": ["analysisTarget"],
            "sourceLanguage": "dockerfile",
        }
    ]
    driver = log["tool"]["driver"]
    assert driver["version"] == "1.2.3"
    pip, venv = driver["rules"]
    assert pip == {
        "id": "DF201",
        "name": "pip-no-cache",
        "shortDescription": {"text": "pip leaves its download cache in the image"},
        "fullDescription": {"text": "pip keeps every file that it downloads, for the next time."},
        "help": {
            "text": PIP.why,
            "markdown": "# pip-no-cache\n\npip leaves its download cache in the image.\n\n"
            f"## Why\n\n{PIP.why}",
        },
        "defaultConfiguration": {"level": "warning"},
        "properties": {
            "tags": ["size"],
            "aliases": ["hadolint:DL3042"],
            "precision": "very-high",
            "problem.severity": "warning",
        },
    }
    assert venv["helpUri"] == "https://example.org/rules/venv-python"
    assert venv["properties"]["problem.severity"] == "error"


def test_the_help_says_what_to_do_and_where_to_read_on() -> None:
    rule = replace(PIP, advice="Add `x`.", references=("https://example.org/a",))
    run = replace(run_of(), rules=(rule,))
    told = log_of(run)["tool"]["driver"]["rules"][0]["help"]
    assert told["text"].endswith("\n\nWhat to do: Add `x`.\n\nRead more:\nhttps://example.org/a")
    assert told["markdown"].endswith(
        "\n\n## What to do\n\nAdd `x`.\n\n## Read more\n\n- <https://example.org/a>"
    )


@pytest.mark.parametrize(
    ("category", "severity", "number"),
    [
        ("security", Severity.ERROR, "8.0"),
        ("security", Severity.WARNING, "5.5"),
        ("security", Severity.INFO, "3.0"),
        ("security", Severity.STYLE, "1.0"),
        ("size", Severity.ERROR, None),
    ],
)
def test_only_security_has_a_number(category: str, severity: Severity, number: str | None) -> None:
    rule = replace(PIP, category=category, severity=severity)
    found = log_of(replace(run_of(), rules=(rule,)))["tool"]["driver"]["rules"][0]["properties"]
    assert found.get("security-severity") == number
    assert found["tags"] == [category]


def test_a_file_that_cannot_be_read_makes_the_run_fail() -> None:
    failed = replace(style_finding(), name="unreadable", message="no such file")
    log = log_of(run_of(failed, path="a b", text=DOCKERFILE))
    (invocation,) = log["invocations"]
    assert invocation["executionSuccessful"] is False
    (told,) = invocation["toolExecutionNotifications"]
    assert told["level"] == "error"
    assert told["message"]["text"] == "no such file"
    at = told["locations"][0]["physicalLocation"]["artifactLocation"]
    assert at == {"uri": "a%20b", "uriBaseId": "%SRCROOT%"}


def test_a_result() -> None:
    result = result_of(pip_finding())
    artifact = {"uri": "Dockerfile", "uriBaseId": "%SRCROOT%", "index": 0}
    region = {"startLine": 4, "startColumn": 5, "endLine": 4, "endColumn": 22}
    assert result["level"] == "warning"
    assert result["message"]["text"].startswith(
        "`pip install flask` keeps pip's download cache in this layer. Add `--no-cache-dir`, or"
    )
    assert result["locations"] == [
        {"physicalLocation": {"artifactLocation": artifact, "region": region}}
    ]
    assert result["fixes"][0]["artifactChanges"] == [
        {
            "artifactLocation": artifact,
            "replacements": [
                {
                    "deletedRegion": {
                        "startLine": 4, "startColumn": 16, "endLine": 4, "endColumn": 16,
                    },
                    "insertedContent": {"text": " --no-cache-dir"},
                }
            ],
        }
    ]  # fmt: skip


def test_columns_are_counted_in_code_points() -> None:
    text = "FROM a\nRUN echo 𐐀é && x\n"
    finding = replace(style_finding(), span=span_of(text, "x"))
    region = result_of(finding, text=text)["locations"][0]["physicalLocation"]["region"]
    assert (region["startColumn"], region["endColumn"]) == (16, 17)


def test_related_places() -> None:
    places = result_of(venv_finding())["relatedLocations"]
    assert [(each["id"], each["message"]["text"]) for each in places] == [
        (1, "the Python that is here"),
        (2, "made with this"),
    ]
    assert places[1]["physicalLocation"]["region"]["startLine"] == 1


def test_a_message_makes_no_links() -> None:
    finding = replace(style_finding(), message="see [here](https://evil) and ${x[1]}", advice="")
    text = result_of(finding)["message"]["text"]
    assert text == "see \\[here](https://evil) and ${x[1]}."


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a/Dockerfile", "a/Dockerfile"),
        ("./a/Dockerfile", "a/Dockerfile"),
        ("../a b/Dockerfile", "../a%20b/Dockerfile"),
        ("c:d/100%#?", "c%3Ad/100%25%23%3F"),
        ("a\nb", "a%0Ab"),
        ("ü\udcff", "%C3%BC%FF"),
        ("a\ud800", "a%3F"),
    ],
)
def test_relative_paths(path: str, uri: str) -> None:
    location = result_of(style_finding(), path=path)["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": uri, "uriBaseId": "%SRCROOT%", "index": 0}


def test_absolute_paths() -> None:
    location = result_of(style_finding(), path="/a b/Dockerfile")["locations"][0]
    found = location["physicalLocation"]["artifactLocation"]
    assert found == {"uri": "file:///a%20b/Dockerfile", "index": 0}


def test_results_have_their_fingerprints() -> None:
    run = run_of(*ALL)
    found = [
        each["partialFingerprints"]["primaryLocationLineHash"] for each in log_of(run)["results"]
    ]
    assert tuple(found) == fingerprints(run.reports[0])


def test_a_rule_that_was_not_listed_is_described() -> None:
    log = log_of(Run(run_of(style_finding()).reports, (), "1", False, 80))
    rules = log["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["DF901"]
    assert rules[0]["defaultConfiguration"] == {"level": "note"}
