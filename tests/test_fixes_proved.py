"""The promise of fixing, held on every Dockerfile of our own: fixtures, and all rules' examples."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dflint.config import command_line, default_config
from dflint.examples import example_context
from dflint.lint import builtin_rules, make_linter
from dflint.rule import Rule
from dflint.source import decode, make_source
from scripts.compare_with_buildkit import dockerfiles
from scripts.prove_fixes import LEVELS, proof

HERE = Path(__file__).parent
LINTER = make_linter(command_line(default_config(), select=("ALL",)), date(2026, 11, 21))
FILES = [*dockerfiles(HERE / "fixtures"), *dockerfiles(HERE.parent / "sample_app")]


def test_there_are_files() -> None:
    assert len(FILES) >= 5


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE.parent)))
def test_fixtures(path: Path, level: str) -> None:
    _, found = proof(decode("Dockerfile", path.read_bytes()), LINTER, LEVELS[level])
    assert found == []


@pytest.mark.parametrize("rule", builtin_rules(), ids=lambda rule: rule.name)
def test_examples_of_rules(rule: Rule) -> None:
    for number, example in enumerate(rule.examples, 1):
        # The safe fixes alone are made where the rule has something to mend.
        for level in ("--fix", "--unsafe-fixes") if example.bad else ("--unsafe-fixes",):
            source = make_source("Dockerfile", example.text)
            _, found = proof(source, LINTER, LEVELS[level], example_context(example))
            assert found == [], f"example {number} with {level}"
