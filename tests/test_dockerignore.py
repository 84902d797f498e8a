"""`.dockerignore`: patterns, exceptions, and the odd corners of moby's matcher."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dflint.dockerignore import (
    NOTHING_YET,
    Ignore,
    decide,
    decide_below,
    deciding_pattern,
    ignored,
    may_reinclude,
    parse_ignore,
)
from dflint.source import make_source

# The lines of a file, a path, whether it is kept out.
TABLE = [
    # plain names match at the root only, and take what is below along
    ("a", "a", True),
    ("a", "b", False),
    ("a", "b/a", False),
    ("a", "a/b", True),
    ("a", "a/b/c", True),
    ("a", "ab", False),
    ("a/b", "a/b", True),
    ("a/b", "a/b/c", True),
    ("a/b", "a", False),
    ("a/b", "c/a/b", False),
    ("A", "a", False),
    ("README.md", "README.md", True),
    ("README.md", "READMExmd", False),
    # cleaning
    ("/a", "a", True),
    ("/a/b", "a/b", True),
    ("a/", "a", True),
    ("a/", "a/b", True),
    ("./a", "a", True),
    ("a//b", "a/b", True),
    ("a/./b", "a/b", True),
    ("a/../b", "b", True),
    ("a/../b", "a/b", False),
    ("/../a", "a", True),
    ("../a", "a", False),
    ("..", "a", False),
    (".", "a", False),
    ("/", "a", False),
    ("  a  ", "a", True),
    ("\ta\r", "a", True),
    ("\u00a0a", "a", True),
    ("a b", "a b", True),
    ("/ a", "a", True),
    # `*` and `?` stay within one part
    ("*", "a", True),
    ("*", ".a", True),
    ("*", "a/b", True),
    ("*/b", "a/b", True),
    ("*/b", "b", False),
    ("*/b", "x/a/b", False),
    ("*.md", "a.md", True),
    ("*.md", "b/a.md", False),
    ("*.md", ".md", True),
    ("*.md", "a.md/b", True),
    ("a*", "a", True),
    ("a*", "abc", True),
    ("a*c", "abc", True),
    ("a*c", "ab/c", False),
    ("*/temp*", "some/temporary.txt", True),
    ("*/temp*", "some/dir/temporary.txt", False),
    ("*/*/temp*", "some/dir/temporary.txt", True),
    ("temp?", "tempa", True),
    ("temp?", "temp", False),
    ("temp?", "tempab", False),
    ("a?b", "a/b", False),
    ("a+b", "a+b", True),
    ("a+b", "aab", False),
    ("a.(b)*", "a.(b)c", True),
    ("a$", "a$", True),
    ("*.{js,ts}", "a.{js,ts}", True),
    ("*.{js,ts}", "a.js", False),
    ("é?", "éé", True),
    # sets
    ("[ab]", "a", True),
    ("[ab]", "c", False),
    ("[a-c]x", "bx", True),
    ("[a-c]x", "dx", False),
    ("[^a-c]x", "dx", True),
    ("[^a-c]x", "ax", False),
    ("[!a]", "!", True),
    ("[!a]", "b", False),
    ("*.py[cod]", "a.pyc", True),
    ("*.py[cod]", "a.py", False),
    ("[a.]b", ".b", True),
    ("[a.]b", "xb", False),
    ("[a\\-c]", "-", True),
    ("[a\\-c]", "b", False),
    ("[\\]]", "]", True),
    ("a]", "a]", True),
    ("[*]", "*", False),  # moby rewrites the star even here: `[[^/]*]`
    ("[*]", "[/]", True),
    # escapes
    ("\\*", "*", True),
    ("\\*", "a", False),
    ("a\\?", "a?", True),
    ("a\\?", "ab", False),
    ("\\#a", "#a", True),
    ("\\!a", "!a", True),
    ("a\\d", "a7", True),  # a class for Go's regular expressions
    ("a\\d", "ad", False),
    # `**`
    ("**", "a", True),
    ("**", "a/b/c", True),
    ("**/", "a/b", True),
    ("**/a", "a", True),
    ("**/a", "b/a", True),
    ("**/a", "b/c/a", True),
    ("**/a", "b/a/c", True),
    ("**/a", "ba", False),
    ("**/a", "b/ca", False),
    ("**a", "ba", True),
    ("**a", "x/ba", True),
    ("**a*", "xab", False),
    ("**a*", "ab", True),
    ("**a*", "x/ab", True),
    ("**/*.go", "a.go", True),
    ("**/*.go", "x/y/a.go", True),
    ("**/*.go", "x/y/a.goo", False),
    ("a/**", "a", False),
    ("a/**", "a/b", True),
    ("a/**", "a/b/c", True),
    ("a/**", "ab", False),
    ("a**", "a", True),
    ("a**", "abc/d", True),
    ("a**", "ba", False),
    ("a/**/b", "a/b", True),
    ("a/**/b", "a/x/y/b", True),
    ("a/**/b", "a/xb", False),
    ("a**/b", "ab", True),
    ("a**b", "axb", False),
    ("a**b", "ax/b", True),
    ("**/a/**", "a/b", True),
    ("**/a/**", "x/a/b", True),
    ("**/a/**", "x/a", False),
    ("**/a/*/b", "x/a/y/b", True),
    ("**/.*", ".a", True),
    ("**/.*", "x/.a/y", True),
    ("**/.*", "x/a.b", False),
    ("**/**", "a/b", True),
    ("**/a.b", "x/axb", False),
    ("**/a?c/**/d*", "x/abc/y/z/de", True),
    ("**/a?c/**/d*", "x/abc/y/z/ed", False),
    # comments and blank lines
    ("#a", "#a", False),
    (" #a", "#a", True),
    ("\n\n \na", "a", True),
    ("\ufeffa", "a", True),
    ("\ufeff#a", "#a", False),
    ("a\r\nb\r\n", "b", True),
    # exceptions: the last to match decides
    ("*.md\n!README.md", "README.md", False),
    ("*.md\n!README.md", "a.md", True),
    ("!README.md\n*.md", "README.md", True),
    ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", True),
    ("*.md\n!README*.md\nREADME-secret.md", "README-a.md", False),
    ("*.md\nREADME-secret.md\n!README*.md", "README-secret.md", False),
    ("*\n!src", "src/a/b", False),
    ("*\n!src", "src", False),
    ("*\n!src", "a", True),
    ("*\n!src/a", "src", True),
    ("*\n!src/a", "src/a", False),
    ("*\n!src/a", "src/b", True),
    ("*\n!src\nsrc/*.pyc", "src/a.pyc", True),
    ("*\n!src\nsrc/*.pyc", "src/x/a.pyc", False),
    ("*\n!**/*.py", "x/y/a.py", False),
    ("**\n!a", "a", False),
    ("a\n! a", "a", False),
    ("a\n!/a", "a", False),
    ("a\n!a/", "a", False),
    ("a\n!./a", "a", False),
    ("a\n!!a", "a", True),
    ("a\n/!a", "a", False),  # the slash goes before the mark is looked for
    ("!a", "a", False),
    ("a/b\n!a", "a/b", True),  # `a` was not ignored, so the exception was never tried on it
    ("a\n!a/b\na", "a/b", False),
    ("a\n!a", "a/b", False),
    # paths are cleaned, and the context itself is never kept out
    ("a", "/a", True),
    ("a", "./a/", True),
    ("*", "", False),
    ("*", ".", False),
]


def _ignore(text: str) -> Ignore:
    return parse_ignore(make_source(".dockerignore", text))


@pytest.mark.parametrize(("lines", "path", "expected"), TABLE)
def test_table(lines: str, path: str, expected: bool) -> None:
    ignore = _ignore(lines)
    assert not ignore.problems
    assert ignored(ignore, path) is expected


def test_lines_and_spans() -> None:
    source = make_source(".dockerignore", "\ufeff# top\n\n  a/b/  \r\n!  ./c\n")
    first, second = parse_ignore(source).patterns
    assert (first.text, first.cleaned, first.negated, first.line) == ("a/b/", "a/b", False, 3)
    assert source.slice(first.span) == "a/b/"
    assert (second.text, second.cleaned, second.negated, second.line) == ("!  ./c", "c", True, 4)
    assert source.position(second.span.start) == (4, 1)


def test_a_byte_order_mark_is_not_part_of_the_first_pattern() -> None:
    source = make_source(".dockerignore", "\ufeffa")
    (pattern,) = parse_ignore(source).patterns
    assert source.slice(pattern.span) == "a"


@pytest.mark.parametrize(
    "line",
    [
        "[",
        "a[",
        "[]",
        "[a",
        "[]a]",
        "[a-]",
        "[-a]",
        "[^]",
        "a\\",
        "[b-a]",
        "!",
        "! ",
        "!/",
        "a\\y*",
    ],
)
def test_lines_that_fail_the_build(line: str) -> None:
    source = make_source(".dockerignore", f"fine\n {line}\nalso\n")
    ignore = parse_ignore(source)
    (problem,) = ignore.problems
    assert problem.line == 2
    assert problem.text == line.strip()
    assert source.slice(problem.span) == line.strip()
    assert [pattern.text for pattern in ignore.patterns] == ["fine", "also"]


@pytest.mark.parametrize("line", ["a\\bc*", "a|b*", "a{2}*", "[[:alpha:]]"])
def test_what_means_something_to_go_alone_is_not_judged(line: str) -> None:
    ignore = _ignore(line)
    assert not ignore.problems
    assert [pattern.clear for pattern in ignore.patterns] == [False]
    assert not ignored(ignore, line)


def test_the_pattern_that_decides() -> None:
    ignore = _ignore("*.md\n!README.md\ndocs\n")

    def decides(path: str) -> str | None:
        pattern = deciding_pattern(ignore, path)
        return None if pattern is None else pattern.text

    assert decides("a.md") == "*.md"
    assert decides("README.md") == "!README.md"
    assert decides("docs/x/y") == "docs"
    assert decides("a.txt") is None


def test_the_first_of_two_patterns_that_say_the_same_decides() -> None:
    pattern = deciding_pattern(_ignore("a/b\na"), "a/b")
    assert pattern is not None
    assert pattern.text == "a/b"


@pytest.mark.parametrize(
    ("lines", "folder", "expected"),
    [
        ("*", "a", False),
        ("*\n!a/b", "a", True),
        ("*\n!a/b", "a/b", False),
        ("*\n!a/b/c", "a/b", True),
        ("*\n!a", "a", False),
        ("*\n!a", "b", False),
        ("*\n!a/*", "a", True),
        ("*\n!a/**", "a/x", True),
        ("*\n!a/**", "b", False),
        ("*\n!**/x", "b/c", True),
        ("*\n!*.md", "docs", True),
        ("*\n!do?s/a", "docs", True),
        ("*\n!doc*/a", "src", False),
        ("*\n!d[o]cs/a", "docs", True),
        ("*\n!d\\.cs/a", "d.cs", True),
    ],
)
def test_may_reinclude(lines: str, folder: str, expected: bool) -> None:
    assert may_reinclude(_ignore(lines), folder) is expected


NASTY = st.lists(
    st.sampled_from(
        ["a", "b", "*", "**", "/", "?", "[", "]", "^", "-", "!", "\\", ".", "\n", "#", " "]
    )
).map("".join)
PARTS = st.text(alphabet="ab.*[", min_size=1, max_size=4).filter(
    lambda part: part not in (".", "..")
)
PATHS = st.lists(PARTS, min_size=1, max_size=5).map("/".join)


@given(st.text() | NASTY, st.text() | PATHS)
def test_any_text_is_read_and_any_path_judged(text: str, path: str) -> None:
    ignore = _ignore(text)
    assert len(ignore.patterns) + len(ignore.problems) <= text.count("\n") + 1
    for pattern in ignore.patterns:
        assert text[pattern.span.start : pattern.span.end] == pattern.text
    for problem in ignore.problems:
        assert text[problem.span.start : problem.span.end] == problem.text
    assert ignored(ignore, path) in (True, False)


@given(NASTY, PATHS)
def test_a_decision_made_step_by_step_is_the_decision_for_the_path(text: str, path: str) -> None:
    ignore = _ignore(text)
    decision = NOTHING_YET
    parts = path.split("/")
    for end in range(1, len(parts) + 1):
        decision = decide_below(ignore, decision, "/".join(parts[:end]))
    assert decision == decide(ignore, path)


@given(NASTY, PATHS, PATHS)
def test_nothing_comes_back_where_no_exception_can_reach(text: str, folder: str, path: str) -> None:
    ignore = _ignore(text)
    if ignored(ignore, folder) and not may_reinclude(ignore, folder):
        assert ignored(ignore, f"{folder}/{path}")


@given(st.lists(PATHS, max_size=4), PATHS)
def test_an_exception_alone_keeps_nothing_out(patterns: list[str], path: str) -> None:
    assert not ignored(_ignore("\n".join(f"!{pattern}" for pattern in patterns)), path)


@pytest.mark.parametrize(
    "pattern", ["*a" * 40 + "b", "**/a" * 40 + "/*b", "a**/" * 30 + "*b", "?*" * 60 + "b"]
)
def test_many_stars_do_not_run_away(pattern: str) -> None:
    ignore = _ignore(pattern)
    assert not ignored(ignore, "a" * 4000)
    assert not ignored(ignore, "/".join("a" * 40 for _ in range(60)))
