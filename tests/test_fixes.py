"""Fixes: how edits are applied, and places where text beside a word would not be a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from dflint.examples import EXAMPLE_DAY, _linter
from dflint.finding import Edit, Fix
from dflint.fix import apply
from dflint.lint import lint_source
from dflint.rules import load_file
from dflint.source import Span, make_source

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


JOINTS = {
    "RUN pip install -U pip && echo b": "RUN echo b",
    "RUN echo a && pip install -U pip && echo b": "RUN echo a && echo b",
    "RUN echo a && pip install -U pip": "RUN echo a",
    "RUN echo a; \\\n    pip install -U pip; \\\n    echo b": "RUN echo a; \\\n    echo b",
    # Across a bracket, a quote or a `fi` nothing can be cut out without breaking what is left.
    "RUN (echo a) && pip install -U pip": None,
    "RUN if true; then echo b; fi && pip install -U pip": None,
    'RUN echo a && sh -c "pip install -U pip" && echo b': None,
    "RUN pip install -U pip": None,
}


@pytest.mark.parametrize(("before", "after"), JOINTS.items())
def test_a_command_is_cut_out_with_what_joins_it(before: str, after: str | None) -> None:
    head = "FROM python:3.13-slim\n"
    count, new = fixed("venv/pip-upgrade-in-place", f"{head}{before}\n")
    assert count == 1
    assert new == f"{head}{before if after is None else after}\n"


def test_edits_are_made_from_the_end_and_never_over_one_another() -> None:
    def fix(*edits: tuple[int, int, str]) -> Fix:
        return Fix("", "safe", tuple(Edit(Span(start, end), text) for start, end, text in edits))

    assert apply("abcdef", [fix((1, 2, "B"), (4, 4, "-")), fix((5, 6, ""))]) == "aBcd-e"
    assert apply("abcdef", [fix((1, 4, "x")), fix((3, 5, "y"))]) == "axef"
    assert apply("abcdef", [fix((1, 1, "x")), fix((1, 1, "x"))]) == "axbcdef"
    # Nothing is put at the edge of what goes; stretches side by side both go.
    assert apply("abcdef", [fix((1, 4, "x")), fix((4, 4, "y"))]) == "axef"
    assert apply("abcdef", [fix((1, 4, "x")), fix((1, 1, "y"))]) == "axef"
    assert apply("abcdef", [fix((4, 4, "y")), fix((1, 4, "x"))]) == "abcdyef"
    assert apply("abcdef", [fix((1, 3, "x")), fix((3, 5, "y"))]) == "axyf"
    assert apply("abcdef", [fix((3, 5, "y")), fix((1, 3, "x"))]) == "axyf"
    assert apply("abcdef", [fix((2, 2, "x")), fix((3, 3, "y"))]) == "abxcydef"
    assert apply("abcdef", []) == "abcdef"


@pytest.mark.parametrize("key", ['n"a"b', 'n"a', "n\\a", "n\u2028a=b"])
def test_a_key_that_is_no_plain_word_gets_no_equals_sign(key: str) -> None:
    text = f"FROM debian:13\nLABEL {key} c\n"
    found, after = fixed("labels/legacy-label-format", text)
    assert after == text
    assert found <= 1
