"""The sample app keeps every rule, and its lock files name no one's private mirror."""

from __future__ import annotations

import json
import re
from pathlib import Path

from typer.testing import CliRunner

from dflint.cli.app import make_app

SAMPLE = Path(__file__).parent.parent / "sample_app"


def test_no_rule_finds_anything() -> None:
    options = [
        "--select",
        "ALL",
        "--no-config",
        "--output-format",
        "concise",
        "--today",
        "2026-11-21",
    ]
    result = CliRunner().invoke(make_app(), ["check", str(SAMPLE), *options])
    assert (result.exit_code, result.stdout) == (0, "")


def test_every_ignore_gives_its_reason() -> None:
    text = (SAMPLE / "Dockerfile").read_text()
    ignores = re.findall(r"^# dflint: ignore(?:-file)?\[[^\]]*\](.*)$", text, re.MULTILINE)
    assert ignores
    assert all(len(reason.split()) >= 4 for reason in ignores)


def test_lock_files_name_public_registries_alone() -> None:
    uv = re.findall(r"https?://([^/\"]+)", (SAMPLE / "uv.lock").read_text())
    assert set(uv) == {"pypi.org", "files.pythonhosted.org"}
    npm = json.loads((SAMPLE / "frontend/package-lock.json").read_text())["packages"]
    hosts = {each["resolved"].split("/")[2] for each in npm.values() if "resolved" in each}
    assert hosts == {"registry.npmjs.org"}


def test_the_context_lets_in_what_is_named_and_no_more() -> None:
    patterns = (SAMPLE / ".dockerignore").read_text().split("\n")
    first = next(line for line in patterns if line and not line.startswith("#"))
    assert first == "*"
