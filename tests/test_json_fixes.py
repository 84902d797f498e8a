"""Fixes where a command stands in the JSON form, and text beside a word would not be a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from dflint.examples import EXAMPLE_DAY, _linter
from dflint.fix import apply
from dflint.lint import lint_source
from dflint.rules import load_file
from dflint.source import make_source

RULES = Path(__file__).parent.parent / "rules"
CASES = [
    ("packages/apt-get-yes", "apt-get", "install", "curl"),
    ("packages/apt-no-recommends", "apt-get", "install", "curl"),
    ("caches/pip-no-cache", "pip", "install", "flask"),
]


def fixed(name: str, text: str) -> tuple[int, str]:
    """How many findings a rule has in a text, and the text with their fixes."""
    rule = load_file(RULES / f"{name}.yaml")
    findings = lint_source(make_source("Dockerfile", text), _linter(rule, {}, EXAMPLE_DAY)).findings
    return len(findings), apply(text, [each.fix for each in findings if each.fix is not None])


@pytest.mark.parametrize(("name", "words"), [(each[0], each[1:]) for each in CASES])
def test_words_of_the_json_form_are_left_alone(name: str, words: tuple[str, ...]) -> None:
    quoted = ", ".join(f'"{word}"' for word in words)
    text = f"FROM debian:bookworm-slim\nRUN [{quoted}]\n"
    assert fixed(name, text) == (1, text)


@pytest.mark.parametrize(("name", "words"), [(each[0], each[1:]) for each in CASES])
def test_a_script_in_the_json_form_is_mended(name: str, words: tuple[str, ...]) -> None:
    text = f'FROM debian:bookworm-slim\nRUN ["sh", "-c", "{" ".join(words)}"]\n'
    count, new = fixed(name, text)
    assert count == 1
    assert new.startswith('FROM debian:bookworm-slim\nRUN ["sh", "-c", "')
    assert new.endswith(f'{words[-1]}"]\n')
    assert new != text
    assert fixed(name, new) == (0, new)
