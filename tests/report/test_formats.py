"""The formats that programs read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from dflint.finding import Severity
from dflint.report import FORMATS, Run, unified_diff
from dflint.source import Span
from tests.report.samples import (
    DOCKERFILE,
    pip_finding,
    run_of,
    style_finding,
    venv_finding,
)


def parsed(name: str, run: Run) -> Any:
    text = FORMATS[name](run)
    assert text.endswith("\n")
    return json.loads(text.encode("utf-8"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("full", "No problems found in 1 file\n"),
        ("concise", ""),
        ("gnu", ""),
        ("json", "[]\n"),
        ("jsonl", ""),
        ("github", ""),
        ("gitlab", "[]\n"),
        ("markdown", "## dflint\n\nNo problems found in 1 file\n"),
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


def test_gnu() -> None:
    finding = replace(pip_finding(), message="a\n::error::b")
    assert FORMATS["gnu"](run_of(finding, path="a\tb/Docker\nfile")) == (
        "a    b/Docker\\nfile:4:5: DF201 warning: a ::error::b\n"
    )


# Where a program that reads a log takes a new line to begin.
ENDS = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
BREAKS = ("\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028")
OURS = re.compile(r"::(error|warning|notice) file=")


# A page is no log, whoever prints it there.
@pytest.mark.parametrize("name", [name for name in FORMATS if name != "html"])
@pytest.mark.parametrize(
    "evil",
    [
        *(f"x{end}::set-output name=a::b{end}" for end in BREAKS),
        "::set-output name=a::b",
        "\t::set-output name=a::b",
        "a ##[error]b ##vso[task.setvariable]c ##TeamCity[d]",
        "`" + "word " * 20 + " ::set-output name=a::b" * 4,
    ],
)
def test_nobody_slips_a_command_into_a_log(name: str, evil: str) -> None:
    finding = replace(pip_finding(), message=evil, advice=evil, label=evil)
    run = run_of(finding, path=evil, text=DOCKERFILE.replace("flask", f"flask {evil}"), width=60)
    for row in ENDS.split(FORMATS[name](run)):
        assert not row.lstrip().startswith("::") or (name == "github" and OURS.match(row))
        assert not re.search(r"##(vso|teamcity)?\[", row, re.IGNORECASE)


def test_a_diff_slips_no_command_into_a_log() -> None:
    before = "RUN <<E\n::error::a\n ##[b]\nE\n"
    rows = unified_diff("D", before, before + "RUN c\n", False).splitlines()
    assert " \\x3a:error::a" in rows
    assert "  #\\x23[b]" in rows


def test_json_keeps_what_looks_like_a_command() -> None:
    run = run_of(replace(style_finding(), message="##[x] ##vso[y] ## ###"))
    assert parsed("json", run)[0]["message"] == "##[x] ##vso[y] ## ###"


def test_json_lines_are_the_rows_of_json() -> None:
    run = run_of(pip_finding(), venv_finding())
    lines = FORMATS["jsonl"](run).splitlines()
    assert [json.loads(line) for line in lines] == parsed("json", run)


def test_json_lines_tell_of_a_file_that_failed() -> None:
    failed = replace(style_finding(), name="unreadable", message="cannot be read: no such file")
    assert FORMATS["jsonl"](run_of(failed, path="x")) == (
        '{"path": "x", "error": "cannot be read: no such file"}\n'
    )


def test_json_escapes_what_a_terminal_acts_on() -> None:
    run = run_of(replace(style_finding(), message="a\x9b\u202e\u2028b"))
    text = FORMATS["json"](run)
    assert "a\\u009b\\u202e\\u2028b" in text
    assert parsed("json", run)[0]["message"] == "a\x9b\u202e\u2028b"


FORMATS_PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


def test_the_page_about_formats_names_each() -> None:
    assert set(re.findall(r"^\| `([a-z]+)` \| ", FORMATS_PAGE, re.MULTILINE)) >= FORMATS.keys()


def test_the_page_s_problem_matcher_reads_gnu() -> None:
    (task,) = re.findall(r"```json\n(.*?)```", FORMATS_PAGE, re.DOTALL)
    pattern = json.loads(task)["problemMatcher"]["pattern"]
    finding = replace(pip_finding(), message="a: b")
    found = re.fullmatch(pattern["regexp"], FORMATS["gnu"](run_of(finding)).rstrip("\n"))
    assert found is not None
    read = {key: found[number] for key, number in pattern.items() if key != "regexp"}
    assert read == {
        "file": "Dockerfile", "line": "4", "column": "5", "code": "DF201", "severity": "warning",
        "message": "a: b",
    }  # fmt: skip


def test_the_page_tells_every_key_of_json() -> None:
    table = FORMATS_PAGE[FORMATS_PAGE.index("| key | value |") :]
    told = set(re.findall(r"`([a-z_]+)`", table[: table.index("\n\n")]))
    assert parsed("json", run_of(pip_finding()))[0].keys() <= told


def test_the_page_s_commands_are_understood() -> None:
    told = re.findall(r"--output ([a-z]+)(?:=\S+)?|--output-format ([a-z]+)", FORMATS_PAGE)
    assert told
    assert {first or second for first, second in told} <= FORMATS.keys()
