"""Variables and quotes in a Dockerfile's words, held against Docker's reference."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dflint.expand import expand, expand_text
from dflint.source import Span, make_source, stretch

VALUES = {"name": "value", "empty": "", "path": "/a/b/c.tar.gz", "x": "*"}

CASES = {
    "$name": "value",
    "${name}": "value",
    "a$name/b": "avalue/b",
    "${name}_x": "value_x",
    "$empty": "",
    "${empty:-other}": "other",
    "${empty-other}": "",
    "${name:-other}": "value",
    "${unset:-other}": "other",
    "${unset-other}": "other",
    "${unset:-}": "",
    "${unset:-$name}": "value",
    "${unset:-${empty:-deep}}": "deep",
    "${name:+other}": "other",
    "${empty:+other}": "",
    "${empty+other}": "other",
    "${name:?message}": "value",
    "${path#*/}": "a/b/c.tar.gz",
    "${path##*/}": "c.tar.gz",
    "${path%.*}": "/a/b/c.tar",
    "${path%%.*}": "/a/b/c",
    "${path%/}": "/a/b/c.tar.gz",
    "${path##/a/b/c.tar.g}": "z",
    "${path##/?/b/c.tar.gz}": "",
    "${path%%z}": "/a/b/c.tar.g",
    "${path%%gz}": "/a/b/c.tar.",
    "${path#nowhere}": "/a/b/c.tar.gz",
    "${path/a/z}": "/z/b/c.tar.gz",
    "${path//\\//-}": None,
    "${name//a/o}": "volue",
    "'$name'": "$name",
    '"$name"': "value",
    "\"'$name'\"": "'value'",
    "'\"$name\"'": '"$name"',
    "\\$name": "$name",
    '"\\$name"': "$name",
    '"a\\"b"': 'a"b',
    "a\\ b": "a b",
    "'a'b\"c\"": "abc",
    "\"a\"'b'": "ab",
    '"a"\\ b': "a b",
    '"a""$name"': "avalue",
    "$": "$",
    "a$": "a$",
    "$1": None,
    "a$1": None,
    "$name$@": None,
    "1$(x)": "1$(x)",
    "$(name)": "$(name)",
    "plain": "plain",
    "": "",
    "$unset": None,
    "${unset}": None,
    "a-$unset": None,
    "${name": None,
    "${}": None,
    "${name^}": None,
    "${unset:+other}": None,
    "${unset#x}": None,
}


@pytest.mark.parametrize(("text", "wanted"), CASES.items())
def test_expansion(text: str, wanted: str | None) -> None:
    assert expand_text(text, VALUES.get) == wanted


def test_other_escape_characters() -> None:
    assert expand_text("C:\\$name", VALUES.get, "`") == "C:\\value"
    assert expand_text("a`$name", VALUES.get, "`") == "a$name"


def test_what_is_not_known_stays_as_written() -> None:
    source = make_source("Dockerfile", "FROM $registry/$name:1")
    word = expand(stretch(source, Span(5, 22)), VALUES.get)
    assert (word.value, word.known) == ("$registry/value:1", False)
    assert source.slice(word.span) == word.text == "$registry/$name:1"


@pytest.mark.parametrize(
    ("text", "value"), [("$1$name", "$1value"), ("${1}$name", "${1}value"), ("$@/$x", "$@/*")]
)
def test_what_follows_something_unknown_is_expanded(text: str, value: str) -> None:
    word = expand(stretch(make_source("Dockerfile", text), Span(0, len(text))), VALUES.get)
    assert (word.value, word.known) == (value, False)


def test_wildcards_are_told() -> None:
    source = make_source("Dockerfile", "a*.py")
    assert expand(stretch(source, Span(0, 5)), VALUES.get).glob
    assert not expand(stretch(source, Span(0, 1)), VALUES.get).glob


@given(st.text(alphabet="ab$(){}:-+?#%/'\"\\` *") | st.text())
def test_any_text_is_expanded(text: str) -> None:
    known = expand_text(text, VALUES.get)
    assert known is None or isinstance(known, str)


@given(st.text(alphabet=st.characters(exclude_characters="$'\"\\", exclude_categories=["Cs"])))
def test_text_without_special_characters_is_itself(text: str) -> None:
    assert expand_text(text, VALUES.get) == text


def test_nested_defaults_end_somewhere() -> None:
    expand_text("${a:-" * 3000, VALUES.get)
    expand_text("${a:-" * 3000 + "}" * 3000, VALUES.get)


def test_a_default_without_end_is_not_known() -> None:
    none: Callable[[str], str | None] = dict[str, str]().get
    assert expand_text("${A:-" + "x" * 8_000 + "}b", none) == "x" * 8_000 + "b"
    assert expand_text("${A:-" + "x" * 9_000 + "}b", none) is None
    assert expand_text("${A:-" * 5_000 + "x" + "}" * 5_000, none) is None
