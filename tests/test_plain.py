"""Everyday command lines mean the same with and without typer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import typer
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs
from typer.testing import CliRunner

from dflint.cli import linting
from dflint.cli.app import make_app
from dflint.cli.asked import Asked
from dflint.cli.choices import Color, Format, Level
from dflint.cli.plain import FLAGS, LISTS, VALUES, plain_check


class SeenError(Exception):
    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self.asked = asked


def understood(words: Sequence[str]) -> Asked | None:
    """What typer makes of a command line; None for a mistake or a request for help."""

    def lint(asked: Asked) -> None:
        raise SeenError(asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linting, "lint", lint)
        result = CliRunner().invoke(make_app(), list(words))
    return result.exception.asked if isinstance(result.exception, SeenError) else None


def parameters() -> list[Any]:
    command: Any = typer.main.get_command(make_app())
    return [each for each in command.commands["check"].params if each.name != "help"]


VALUE = st.sampled_from([
    "full", "sarif", "json=a", "error", "info", "ERROR", "always", "auto", "3", "0", "-1", "007", "3x", "٣",
    "", "-", "-q", "--fix", "a,b", "a b", "=", "a=b", "Dockerfile", "2026-11-21", "HEAD~1", "é",
])  # fmt: skip
OPTION = st.sampled_from(
    [*FLAGS, *LISTS, *VALUES, "--help", "--", "-x", "-0q", "--fixx", "--no-fix"]
)
WORDS = st.lists(
    st.one_of(
        OPTION,
        VALUE,
        st.tuples(st.sampled_from([*LISTS, *VALUES]), VALUE).map(list),
        st.tuples(OPTION, VALUE).map("=".join),
    ),
    max_size=6,
).map(
    lambda found: [word for each in found for word in ([each] if isinstance(each, str) else each)]
)


@given(WORDS)
@example(["--select", "--fix"])
@example(["--jobs=3", "a", "--jobs", "4", "b"])
@example(["--output", "json=x", "--output=full", "-q"])
@example(["--fix="])
def test_a_plain_line_is_understood_as_typer_does(words: list[str]) -> None:
    made = plain_check(["check", *words])
    if made is not None:
        assert made == understood(["check", *words])


GIVEN: dict[object, tuple[str, object]] = {
    Level: ("info", Level.info),
    Format: ("json", Format.json),
    Color: ("never", Color.never),
}


def test_every_option_is_plain() -> None:
    names = {name for each in parameters() for name in each.opts if name.startswith("-")}
    assert names == {*FLAGS, *LISTS, *VALUES}
    for name, (key, make) in VALUES.items():
        text, value = GIVEN[make] if make in GIVEN else ("7", make("7"))
        asked = plain_check(["check", name, text])
        assert asked is not None
        assert getattr(asked, key) == value
    for name, key in LISTS.items():
        asked = plain_check(["check", name, "a", f"{name}=b,c"])
        assert asked is not None
        assert getattr(asked, key) == ["a", "b,c"]
    for name, key in FLAGS.items():
        asked = plain_check(["check", name])
        assert asked is not None
        assert getattr(asked, key) is True


def test_what_is_asked_has_the_names_and_values_that_typer_knows() -> None:
    known = {each.name: each.default for each in parameters()}
    fields = {each.name: each.default for each in structs.fields(Asked)}
    assert {name: value or None for name, value in known.items()} == {
        name: value or None for name, value in fields.items()
    }


@pytest.mark.parametrize(
    "words",
    [
        [], ["rules"], ["--version"], ["--help"], ["check", "--help"], ["check", "--fixx"],
        ["check", "--jobs", "0"], ["check", "--jobs", "many"], ["check", "--severity", "bad"],
        ["check", "--select"], ["check", "--select="], ["check", "--select", "--fix"], ["check", "--"],
        ["check", "-q0"], ["check", "--fix=1"], ["check", ""], ["Dockerfile"],
    ],
)  # fmt: skip
def test_the_rest_is_left_to_typer(words: list[str]) -> None:
    assert plain_check(words) is None
