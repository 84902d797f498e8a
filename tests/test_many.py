"""Linting as a function of bytes: what the guide for a great many repositories promises."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import pytest

from examples.lint_with_ray import Lint

SCRIPT = Path(__file__).parents[1] / "examples" / "lint_with_ray.py"
GUIDE = (Path(__file__).parents[1] / "docs" / "many-repositories.md").read_text(encoding="utf-8")
DAY = date(2026, 11, 21)
BAD = b"FROM python:3.13\nRUN pip install flask\n"


def rows(data: bytes) -> list[dict[str, Any]]:
    return Lint(DAY)({"path": "a/Dockerfile", "bytes": data})


def test_a_row_a_finding() -> None:
    found = rows(BAD)
    assert {
        "path": "a/Dockerfile",
        "line": 2,
        "column": 17,
        "name": "requirements-not-pinned",
    }.items() <= (next(row for row in found if row["rule"] == "DF704").items())
    assert json.loads(json.dumps(found)) == found
    assert rows(b"FROM scratch\nUSER 1000\n") == []


def test_bytes_that_are_no_dockerfile_are_findings() -> None:
    assert {row["name"] for row in rows(b"\xff\xfe\0")} == {"syntax-error"}


def test_nothing_is_read_once_the_linter_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    lint = Lint(DAY)
    lint({"path": "a", "bytes": BAD})

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("linting bytes needs no files and no network")

    for name in ("open", "read_bytes", "read_text", "exists", "is_file", "stat"):
        monkeypatch.setattr(Path, name, refuse)
    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("os.scandir", refuse)
    monkeypatch.setattr(socket, "socket", refuse)
    assert lint({"path": "b", "bytes": BAD}) == [{**row, "path": "b"} for row in rows_of(lint)]


def rows_of(lint: Lint) -> list[dict[str, Any]]:
    return lint({"path": "a", "bytes": BAD})


def test_the_python_of_the_guide_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    exec(code, {})
    assert "2:17 requirements-not-pinned: No version is given for flask" in capsys.readouterr().out


def test_ray_finds_the_same(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    for number in range(20):
        (tmp_path / "in" / str(number)).mkdir(parents=True)
        (tmp_path / "in" / str(number) / "Dockerfile").write_bytes(BAD)
    command = [sys.executable, str(SCRIPT), str(tmp_path / "in"), str(tmp_path / "out")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    written = [
        json.loads(line)
        for path in (tmp_path / "out").iterdir()
        for line in path.read_text().splitlines()
    ]
    alone = Lint(date.today())({"path": "Dockerfile", "bytes": BAD})
    assert f"{len(written)} findings" in done.stdout
    assert len(written) == 20 * len(alone)
    assert {Path(row["path"]).parent.name for row in written} == {str(each) for each in range(20)}
