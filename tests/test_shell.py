"""The words of a shell: quotes, and what `sh -c` gets to read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dflint.shell import Script, Word
from dflint.shellwords import Token, closing, evaluate, place, unescaped, unquoted
from dflint.source import Span, Text, make_source, stretch


def token(text: str) -> Token:
    source = make_source("Dockerfile", text)
    piece = stretch(source, Span(0, len(text)))
    return Token(Word(text, piece.span(), text, True, False), piece, 0, len(text))


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("'a \"b\" $c'", 'a "b" $c'),
        ('"a \\"b\\" \\$c \\\\ \\n"', 'a "b" $c \\ \\n'),
        ("a\\ b", "a b"),
        ("'a '\"$b\"' c'", "a $b c"),
        ('"$(a "b")"', '$(a "b")'),
        ("''", ""),
    ],
)
def test_unquoted(text: str, inner: str) -> None:
    found = unquoted(token(text))
    assert found.value == inner
    for index, char in enumerate(inner):
        assert text[found.origin(index)] == char


def test_unescaped() -> None:
    text = "a \\$b \\`c\\` \\\\ \\n $d"
    found = unescaped(token(text).text)
    assert found.value == "a $b `c` \\ \\n $d"
    assert text[found.origin(found.value.index("d"))] == "d"


@pytest.mark.parametrize(
    ("text", "end"),
    [("(a)b", 3), ("(a (b) ')' \")\")c", 15), ("{a}b", 3), ("`a\\`b`c", 6), ("(a", 2)],
)
def test_closing(text: str, end: int) -> None:
    assert closing(text, 0) == end


@given(st.text(alphabet="ab$\"'\\`(){}<>*~", max_size=30))
def test_any_word_has_a_value(raw: str) -> None:
    value, known, _ = evaluate(raw, lambda _: None)
    assert isinstance(value, str)
    assert known or any(char in raw for char in "$`<>")


@given(st.integers(0, 9), st.integers(0, 9))
def test_place_is_the_span_of_the_text(start: int, end: int) -> None:
    text = Text("0123456789", (0, 3, 7), (5, 20, 30))
    if start <= end:
        assert place(text, start, end) == text.span(start, end)


def test_values_are_frozen() -> None:
    script = Script((), (), (), False)
    with pytest.raises(AttributeError):
        script.broken = True  # type: ignore[misc]
