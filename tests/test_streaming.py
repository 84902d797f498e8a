"""Findings are printed as they come, lists of files are read as they come, and nothing is lost."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dflint.cli.app import make_app

BAD = "FROM python:3.13\nRUN pip install flask\n"
CLEAN = "FROM scratch\nCOPY a /a\nUSER 1000\n"


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    options = ["--no-config", "--no-shellcheck", "--color", "never"]
    return CliRunner().invoke(make_app(), ["check", *arguments, *options], input=stdin)


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    names = []
    for number in range(70):
        folder = tmp_path / f"{number:02}"
        folder.mkdir()
        text = CLEAN if number % 10 == 0 else BAD + f"ENV A{number}=1\n"
        (folder / "Dockerfile").write_text(text)
        names.append(f"{number:02}/Dockerfile")
    return names


@pytest.mark.parametrize("form", ["full", "concise", "gnu", "jsonl"])
def test_parts_make_the_whole_report(form: str, many: list[str], tmp_path: Path) -> None:
    live = run(*many, "--output-format", form, "--jobs", "1")
    written = tmp_path / "report"
    run(*many, "--output", f"{form}={written}")
    assert live.stdout == written.read_text(encoding="utf-8")
    assert live.exit_code == 1


def test_processes_side_by_side_change_nothing(many: list[str]) -> None:
    for form in ("full", "jsonl", "json"):
        outputs = {
            run(*many, "--output-format", form, "--no-cache", "--jobs", jobs).stdout
            for jobs in ("1", "2", "5")
        }
        assert len(outputs) == 1


def test_a_list_of_files(many: list[str]) -> None:
    whole = run(*many, "--output-format", "jsonl").stdout
    assert (
        run("--files-from", "-", "--output-format", "jsonl", stdin="\n".join(many)).stdout == whole
    )
    assert (
        run("--files-from", "-", "--output-format", "jsonl", "-0", stdin="\0".join(many)).stdout
        == whole
    )
    Path("list").write_bytes("\r\n".join([*many, "", ""]).encode())
    assert run("--files-from", "list", "--output-format", "jsonl").stdout == whole
    for form in ("json", "concise"):
        assert (
            run("--files-from", "list", "--output-format", form).stdout
            == run(*many, "--output-format", form).stdout
        )


def test_a_name_with_a_newline_in_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a\nb").write_text(BAD)
    result = run("--files-from", "-", "--output-format", "jsonl", "--null", stdin="a\nb\0")
    assert {json.loads(line)["path"] for line in result.stdout.splitlines()} == {"a\nb"}


def test_a_file_of_a_list_that_fails_stops_no_other(many: list[str]) -> None:
    Path("folder").mkdir()
    names = ["missing", *many[:3], "folder", *many[3:5]]
    result = run("--files-from", "-", "--output-format", "jsonl", stdin="\n".join(names))
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["path"] for row in rows if "error" in row] == ["missing", "folder"]
    assert {row["path"] for row in rows} == {"missing", "folder", *many[1:5]}
    assert result.exit_code == 2


def test_a_list_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    result = run("--files-from", str(tmp_path / "none"))
    assert (result.exit_code, "cannot be read" in result.output) == (2, True)


def test_an_empty_list_looks_at_nothing(many: list[str]) -> None:
    assert many
    result = run("--files-from", "-", stdin="")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "No Dockerfiles found" in result.stderr


def test_results_come_before_the_list_has_ended(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(BAD)
    command = [sys.executable, "-m", "dflint", "check", "--files-from", "-"]
    options = ["--output-format", "jsonl", "--no-shellcheck", "--no-config", "--jobs", "1"]
    with subprocess.Popen(
        [*command, *options], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"Dockerfile\n" * 200)
        process.stdin.flush()
        first = process.stdout.readline()  # would wait for ever if all had to be read before
        process.stdin.close()
        rest = process.stdout.read()
    assert json.loads(first)["path"] == "Dockerfile"
    assert rest.count(b"\n") + 1 == 200 * len(
        run(str(tmp_path), "--output-format", "json", "-q").stdout.split('"rule"')[1:]
    )


def test_quiet_prints_findings_alone(many: list[str]) -> None:
    loud, quiet = run(many[1]), run(many[1], "--quiet")
    assert loud.stdout.startswith(quiet.stdout)
    assert "Found" in loud.stdout
    assert "Found" not in quiet.output
    assert (run(many[0]).stderr != "", run(many[0], "-q").output) == (True, "")
    assert quiet.exit_code == 1


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_for_terminals(terminal: bool, many: list[str]) -> None:
    code = "import dflint.cli.files as files; files.PAUSE = 0; from dflint.cli import main; main()"
    arguments = ["check", *many, "--no-config", "--no-shellcheck", "--jobs", "1"]
    reader, writer = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=writer if terminal else subprocess.PIPE,
    ) as process:
        os.close(writer)
        out, error = process.communicate()
    told = os.read(reader, 65536) if terminal else error
    os.close(reader)
    assert b"files" in out
    assert (b"70 files" in told) is terminal
    assert (b"\x1b[K" in told) is terminal


@pytest.mark.parametrize(
    ("environment", "leads"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "6800"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "4800"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM_PROGRAM": "vscode", "FORCE_HYPERLINK": "0"}, False),
        ({"TERM": "dumb", "FORCE_HYPERLINK": "1"}, False),
        ({"TERM": "linux", "FORCE_HYPERLINK": "1"}, True),
    ],
)
def test_rules_lead_to_their_pages(
    environment: dict[str, str], leads: bool, many: list[str]
) -> None:
    known = {"TERM", "TERM_PROGRAM", "VTE_VERSION", "WT_SESSION", "KONSOLE_VERSION", "NO_COLOR"}
    kept = {key: value for key, value in os.environ.items() if key not in known}
    reader, writer = pty.openpty()
    command = [sys.executable, "-m", "dflint", "check", many[1], "--no-config", "--no-shellcheck"]
    with subprocess.Popen(command, stdout=writer, env={**kept, **environment}) as process:
        os.close(writer)
        printed = b""
        while b"Found" not in printed:
            printed += os.read(reader, 65536)
        process.wait()
    os.close(reader)
    address = b"\x1b]8;;https://dflint.github.io/dflint/rules/root-user/\x1b\\root-user"
    assert (address in printed) is leads
    assert (b"\x1b]8;" in printed) is leads
