"""Go's path patterns, and the two ways of running them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dflint import glob
from dflint.glob import BadPatternError, clean, go_matcher, has_wildcard, moby_matcher


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", "."),
        (".", "."),
        ("/", "/"),
        ("//", "/"),
        ("a", "a"),
        ("a/", "a"),
        ("./a", "a"),
        ("a//b", "a/b"),
        ("a/./b", "a/b"),
        ("a/../b", "b"),
        ("a/..", "."),
        ("..", ".."),
        ("../a", "../a"),
        ("a/../../b", "../b"),
        ("/..", "/"),
        ("/../a", "/a"),
    ],
)
def test_clean(path: str, expected: str) -> None:
    assert clean(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a", False),
        ("a*", True),
        ("a?", True),
        ("a[b]", True),
        ("a]", False),
        ("a\\*", False),
        ("a\\\\*", True),
        ("a\\", False),
    ],
)
def test_has_wildcard(path: str, expected: bool) -> None:
    assert has_wildcard(path) is expected


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("abc", "abc", True),
        ("abc", "abd", False),
        ("*", "abc", True),
        ("*", "", True),
        ("**", "abc", True),
        ("*c", "abc", True),
        ("a*", "abc", True),
        ("a*b*c*d*e*", "axbxcxdxexxx", True),
        ("a*b*c*d*e*", "axbxcxdxf", False),
        ("a*b?c*x", "abxbbxdbxebxczzx", True),
        ("a*b?c*x", "abxbbxdbxebxczzy", False),
        ("ab[c]", "abc", True),
        ("ab[b-d]", "abc", True),
        ("ab[e-g]", "abc", False),
        ("ab[^c]", "abc", False),
        ("ab[^e-g]", "abc", True),
        ("a\\*b", "a*b", True),
        ("a\\*b", "ab", False),
        ("a?b", "a☺b", True),
        ("a[^a]b", "a☺b", True),
        ("a???b", "a☺b", False),
        ("[a-ζ]*", "α", True),
        ("*[a-ζ]", "A", False),
        ("[\\]a]", "]", True),
        ("[\\-x]", "-", True),
        ("[x\\-]", "x", True),
        ("[\\-x]", "a", False),
        ("[b-a]", "a", False),
        ("[^b-a]", "a", True),
        ("[*]", "*", True),
        ("[*]", "a", False),
        ("arr[[]0].txt", "arr[0].txt", True),
        ("*x", "xxx", True),
        ("a.c", "abc", False),
    ],
)
def test_go(pattern: str, name: str, expected: bool) -> None:
    assert go_matcher(pattern)(name) is expected


@pytest.mark.parametrize(
    "pattern",
    ["[]a]", "[-]", "[x-]", "[-x]", "[", "[^", "[^bc", "a[", "[a-b-c]", "a\\", "[\\", "[a"],
)
def test_patterns_that_go_refuses(pattern: str) -> None:
    with pytest.raises(BadPatternError):
        go_matcher(pattern)
    with pytest.raises(BadPatternError):
        moby_matcher(pattern)


PATTERNS = st.lists(
    st.sampled_from(["a", "b", "*", "**", "**/", "/", "?", "[ab]", "[^a]", ".", "^", "\\*"]),
    min_size=1,
).map("".join)


@given(PATTERNS, st.text(alphabet="ab/.*", max_size=10))
def test_the_automaton_agrees_with_python(pattern: str, path: str) -> None:
    shape, regex = glob._moby_regex(pattern)
    pieces = glob._regex_pieces(regex) if shape == "regex" else glob._go_pieces(pattern)
    text = "".join(glob._REGEX[piece.kind].format(piece.chars) for piece in pieces)
    assert glob._automaton(pieces)(path) is (re.fullmatch(text, path) is not None)
