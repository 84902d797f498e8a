"""The formats that programs read."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from dflint.finding import Finding, Severity
from dflint.report import FORMATS, Run
from dflint.source import Span, make_source
from tests.report.samples import (
    ALL,
    DOCKERFILE,
    PIP,
    VENV,
    pip_finding,
    run_of,
    run_over,
    style_finding,
    venv_finding,
)


def parsed(name: str, run: Run) -> Any:
    text = FORMATS[name](run)
    assert text.endswith("\n")
    return json.loads(text.encode("utf-8"))


def result_of(finding: Finding, path: str = "Dockerfile", text: str = DOCKERFILE) -> Any:
    return parsed("sarif", run_of(finding, path=path, text=text))["runs"][0]["results"][0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("full", "No problems found in 1 file\n"),
        ("concise", ""),
        ("json", "[]\n"),
        ("github", ""),
    ],
)
def test_nothing_found(name: str, text: str) -> None:
    assert FORMATS[name](run_of()) == text


def test_concise() -> None:
    assert FORMATS["concise"](run_of(pip_finding(), style_finding(), path="a/Dockerfile")) == (
        "a/Dockerfile:4:5: warning[DF201] pip-no-cache: "
        "`pip install flask` keeps pip's download cache in this layer\n"
        "a/Dockerfile:12:1: style[DF901] cmd-style: a matter of taste\n"
    )


def test_concise_is_one_line_a_finding() -> None:
    finding = replace(style_finding(), message="a\n  b\r\n\x1bc\u2028d")
    text = FORMATS["concise"](run_of(finding, path="x\ny"))
    assert text == "x\\ny:12:1: style[DF901] cmd-style: a b \\x1bc d\n"


def test_json() -> None:
    assert parsed("json", run_of(pip_finding())) == [
        {
            "path": "Dockerfile",
            "line": 4,
            "column": 5,
            "end_line": 4,
            "end_column": 22,
            "rule": "DF201",
            "name": "pip-no-cache",
            "aliases": ["hadolint:DL3042"],
            "severity": "warning",
            "category": "size",
            "message": "`pip install flask` keeps pip's download cache in this layer",
            "advice": "Add `--no-cache-dir`, or mount a cache with "
            "`RUN --mount=type=cache,target=/root/.cache/pip`.",
            "label": "every downloaded wheel stays in the layer",
            "stage": "build",
            "related": [],
            "fix": {
                "title": "Add --no-cache-dir",
                "safety": "safe",
                "edits": [
                    {
                        "line": 4,
                        "column": 16,
                        "end_line": 4,
                        "end_column": 16,
                        "text": " --no-cache-dir",
                    }
                ],
            },
        }
    ]


def test_json_related_places_and_no_fix() -> None:
    row = parsed("json", run_of(venv_finding()))[0]
    assert row["fix"] is None
    assert row["related"][1] == {
        "line": 1,
        "column": 6,
        "end_line": 1,
        "end_column": 22,
        "label": "made with this",
    }


def test_json_of_bytes_that_are_no_text() -> None:
    run = run_of(replace(style_finding(), message="caf\udce9 日本 \x00"), path="D\udcff")
    row = parsed("json", run)[0]
    assert row["path"] == "D\ufffd"
    assert row["message"] == "caf\ufffd 日本 \x00"


def test_github() -> None:
    assert FORMATS["github"](run_of(pip_finding())) == (
        "::warning file=Dockerfile,line=4,col=5,endLine=4,endColumn=22,"
        "title=pip-no-cache (DF201)::"
        "`pip install flask` keeps pip's download cache in this layer. "
        "Add `--no-cache-dir`, or mount a cache with "
        "`RUN --mount=type=cache,target=/root/.cache/pip`.\n"
    )


@pytest.mark.parametrize(
    ("severity", "command"),
    [
        (Severity.ERROR, "::error "),
        (Severity.WARNING, "::warning "),
        (Severity.INFO, "::notice "),
        (Severity.STYLE, "::notice "),
    ],
)
def test_github_commands(severity: Severity, command: str) -> None:
    text = FORMATS["github"](run_of(replace(style_finding(), severity=severity)))
    assert text.startswith(command)


def test_github_escapes() -> None:
    finding = replace(style_finding(), message="100%: a,\nb\x1b", name="x")
    assert FORMATS["github"](run_of(finding, path="a,b:c%/D")) == (
        "::notice file=a%2Cb%3Ac%25/D,line=12,col=1,endLine=12,endColumn=4,"
        "title=x (DF901)::100%25: a, b\\x1b.\n"
    )


def test_github_gives_no_columns_over_several_lines() -> None:
    text = FORMATS["github"](run_of(replace(style_finding(), span=Span(0, 40))))
    assert text.startswith("::notice file=Dockerfile,line=1,endLine=2,title=cmd-style (DF901)::")


REGION = {
    "type": "object",
    "required": ["startLine", "startColumn", "endLine", "endColumn"],
    "additionalProperties": False,
    "properties": {
        key: {"type": "integer", "minimum": 1}
        for key in ("startLine", "startColumn", "endLine", "endColumn")
    },
}
TEXT = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1}},
}
ARTIFACT = {
    "type": "object",
    "required": ["uri"],
    "additionalProperties": False,
    "properties": {
        "uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~%/:-]+$"},
        "uriBaseId": {"const": "%SRCROOT%"},
    },
}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer", "minimum": 0},
        "message": TEXT,
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation", "region"],
            "properties": {"artifactLocation": ARTIFACT, "region": REGION},
        },
    },
}
CHANGE = {
    "type": "object",
    "required": ["artifactLocation", "replacements"],
    "properties": {
        "artifactLocation": ARTIFACT,
        "replacements": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["deletedRegion"],
                "additionalProperties": False,
                "properties": {
                    "deletedRegion": REGION,
                    "insertedContent": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"text": {"type": "string"}},
                    },
                },
            },
        },
    },
}
RESULT = {
    "type": "object",
    "required": ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"],
    "additionalProperties": False,
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": TEXT,
        "locations": {"type": "array", "minItems": 1, "items": LOCATION},
        "relatedLocations": {"type": "array", "uniqueItems": True, "items": LOCATION},
        "partialFingerprints": {
            "type": "object",
            "additionalProperties": {"type": "string"},
        },
        "fixes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["artifactChanges"],
                "properties": {
                    "description": TEXT,
                    "artifactChanges": {"type": "array", "minItems": 1, "items": CHANGE},
                },
            },
        },
    },
}
RULE = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "shortDescription": TEXT,
        "fullDescription": TEXT,
        "help": TEXT,
        "helpUri": {"type": "string", "format": "uri"},
        "defaultConfiguration": {
            "type": "object",
            "properties": {"level": {"enum": ["none", "note", "warning", "error"]}},
        },
        "properties": {
            "type": "object",
            "properties": {
                "tags": {"type": "array", "uniqueItems": True, "items": {"type": "string"}}
            },
        },
    },
}
# The part of the standard's schema that this tool writes.
LOG = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"const": "unicodeCodePoints"},
                    "results": {"type": "array", "items": RESULT},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"const": "dflint"},
                                    "version": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": RULE,
                                    },
                                },
                            }
                        },
                    },
                },
            },
        },
    },
}


@pytest.mark.parametrize("path", ["Dockerfile", "/srv/a b/Dockerfile", "x:y/D\udcff\udc80 ü"])
def test_sarif_has_the_shape_of_the_standard(path: str) -> None:
    log = parsed("sarif", run_of(*ALL, path=path))
    jsonschema.validate(log, LOG)
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    for result in log["runs"][0]["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_without_findings_lists_the_rules() -> None:
    log = parsed("sarif", run_of())
    jsonschema.validate(log, LOG)
    assert log["runs"][0]["results"] == []
    driver = log["runs"][0]["tool"]["driver"]
    assert driver["version"] == "1.2.3"
    assert driver["rules"] == [
        {
            "id": "DF201",
            "name": "pip-no-cache",
            "shortDescription": {"text": "pip leaves its download cache in the image"},
            "fullDescription": {
                "text": "pip keeps every file that it downloads, for the next time."
            },
            "help": {"text": PIP.why, "markdown": PIP.why},
            "defaultConfiguration": {"level": "warning"},
            "properties": {"tags": ["size"], "aliases": ["hadolint:DL3042"]},
        },
        {
            "id": "DF905",
            "name": "venv-python",
            "shortDescription": {"text": "A virtual environment meets another Python"},
            "fullDescription": {"text": VENV.why},
            "help": {"text": VENV.why, "markdown": VENV.why},
            "defaultConfiguration": {"level": "error"},
            "properties": {"tags": ["correctness"], "aliases": []},
            "helpUri": "https://example.org/rules/venv-python",
        },
    ]


def test_sarif_result() -> None:
    result = result_of(pip_finding())
    artifact = {"uri": "Dockerfile", "uriBaseId": "%SRCROOT%"}
    region = {"startLine": 4, "startColumn": 5, "endLine": 4, "endColumn": 22}
    assert result["level"] == "warning"
    assert result["message"]["text"].startswith(
        "`pip install flask` keeps pip's download cache in this layer. Add `--no-cache-dir`, or"
    )
    assert result["locations"] == [
        {"physicalLocation": {"artifactLocation": artifact, "region": region}}
    ]
    assert result["fixes"][0]["artifactChanges"][0]["replacements"] == [
        {
            "deletedRegion": {"startLine": 4, "startColumn": 16, "endLine": 4, "endColumn": 16},
            "insertedContent": {"text": " --no-cache-dir"},
        }
    ]


def test_sarif_related_places() -> None:
    places = result_of(venv_finding())["relatedLocations"]
    assert [(each["id"], each["message"]["text"]) for each in places] == [
        (1, "the Python that is here"),
        (2, "made with this"),
    ]
    assert places[1]["physicalLocation"]["region"]["startLine"] == 1


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a/Dockerfile", "a/Dockerfile"),
        ("./a/Dockerfile", "a/Dockerfile"),
        ("../a b/Dockerfile", "../a%20b/Dockerfile"),
        ("c:d/100%#?", "c%3Ad/100%25%23%3F"),
        ("ü\udcff", "%C3%BC%FF"),
        ("a\ud800", "a%3F"),
    ],
)
def test_sarif_relative_paths(path: str, uri: str) -> None:
    location = result_of(style_finding(), path=path)["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_sarif_absolute_paths() -> None:
    location = result_of(style_finding(), path="/a b/Dockerfile")["locations"][0]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "file:///a%20b/Dockerfile"}


def fingerprints(text: str, *words: str) -> list[str]:
    """The fingerprints of findings of one rule at these words, each sought after the one before."""
    findings, at = [], 0
    for word in words:
        at = text.index(word, at)
        findings.append(replace(style_finding(), span=Span(at, at + len(word))))
        at += 1
    log = parsed("sarif", run_over(make_source("Dockerfile", text), *findings))
    return [
        result["partialFingerprints"]["primaryLocationLineHash"]
        for result in log["runs"][0]["results"]
    ]


def test_fingerprints_survive_moved_lines() -> None:
    before = fingerprints("FROM a\nRUN b\n", "RUN b")
    assert fingerprints("# new\n\nFROM a:2\n  RUN  b\r\n", "b") == before
    assert fingerprints("FROM a\nRUN c\n", "RUN c") != before


def test_fingerprints_of_equal_lines_are_numbered() -> None:
    first, second = fingerprints("RUN b\nRUN b\n", "RUN b", "RUN b")
    assert first.endswith(":1")
    assert second == first.removesuffix(":1") + ":2"


def test_fingerprints_tell_rules_apart() -> None:
    one = style_finding()
    log = parsed("sarif", run_of(one, replace(one, rule="DF999")))
    first, second = (each["partialFingerprints"] for each in log["runs"][0]["results"])
    assert first != second


def test_sarif_describes_a_rule_that_was_not_listed() -> None:
    log = parsed("sarif", Run(run_of(style_finding()).reports, (), "1", False, 80))
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["DF901"]
    assert rules[0]["defaultConfiguration"] == {"level": "note"}
