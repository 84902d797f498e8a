"""Five kinds of Dockerfile for Python services, each with its complete expected report.

To write a report anew: `cd tests/fixtures/a && dflint check Dockerfile --no-config --no-shellcheck
--color never --today 2026-11-21 > ../a.txt`, and read it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dflint.cli.app import make_app

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_report(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FIXTURES / name)
    monkeypatch.setenv("COLUMNS", "100")
    options = ["--no-config", "--no-shellcheck", "--color", "never", "--today", "2026-11-21"]
    result = CliRunner().invoke(make_app(), ["check", "Dockerfile", *options])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.output == (FIXTURES / f"{name}.txt").read_text(encoding="utf-8")


def test_all_five_are_there() -> None:
    assert NAMES == ["a", "b", "c", "d", "e"]
