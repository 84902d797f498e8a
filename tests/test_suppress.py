"""Ignore comments: which findings they cover, and what is said of those that are wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dflint.finding import Finding, Severity
from dflint.reader import read
from dflint.source import Span, make_source
from dflint.suppress import Bad, Ignore, Unused, apply_ignores, parse_ignores

RULES = {
    "DF201": ("pip-no-cache", ("hadolint:DL3042",)),
    "DF202": ("apt-lists-left", ("hadolint:DL3009",)),
    "DF003": ("bad-ignore", ()),
    "DF004": ("unused-ignore", ()),
}
IDS = {key: id_ for id_, (name, aliases) in RULES.items() for key in (id_, name, *aliases)}


def parse(text: str, commands: tuple[str, ...] = ()) -> tuple[tuple[Ignore, ...], tuple[Bad, ...]]:
    """The ignores of a text; commands are given by their own text, which stands there once."""
    source = make_source("Dockerfile", text)
    document = read(source)
    spans = [Span(text.index(each), text.index(each) + len(each)) for each in commands]
    return parse_ignores(source, document.comments, document.instructions, spans, IDS)


def finding(text: str, words: str, rule: str = "DF201") -> Finding:
    start = text.index(words)
    name, aliases = RULES[rule]
    span = Span(start, start + len(words))
    return Finding(rule, name, aliases, Severity.WARNING, "size", words, "", span)


def kept(text: str, places: list[str], commands: tuple[str, ...] = ()) -> list[str]:
    """Of the places with a finding of `pip-no-cache`, those where it is kept."""
    ignores, _ = parse(text, commands)
    findings = [finding(text, each) for each in places]
    return [each.message for each in apply_ignores(findings, ignores, IDS, set(RULES))[0]]


def unused(text: str, enabled: set[str], *findings: Finding) -> list[tuple[str, str]]:
    """The messages about unused ignores, each with the words that it marks."""
    ignores, _ = parse(text)
    source = make_source("Dockerfile", text)
    found = apply_ignores(findings, ignores, IDS, enabled)[1]
    return [(each.message, source.slice(each.span)) for each in found]


@pytest.mark.parametrize(
    "comment",
    [
        "# dflint: ignore[pip-no-cache] we mount a cache",
        "# dflint: ignore[pip-no-cache]",
        "#dflint:ignore[pip-no-cache]",
        "## dflint: ignore [pip-no-cache]",
        "# Dflint : ignore[ pip-no-cache ]",
        "# dflint: ignore[DF201]",
        "# dflint: ignore[df201]",
        "# dflint: ignore[hadolint:DL3042]",
        "# dflint: ignore[DL3042]",
        "# dflint: ignore[apt-lists-left, pip-no-cache]",
        "# dflint: ignore[pip-no-cache,]",
        "   # dflint: ignore[pip-no-cache]",
        "# dflint: ignore[pip-no-cache] see [the docs]",
        "# dflint: ignore[pip-no-cache]\r",
        "# dflint: ignore-file[pip-no-cache]",
        "# hadolint ignore=DL3042",
        "# hadolint ignore=DL3009,DL3042",
        "# hadolint ignore = DL3009, DL3042",
        "#hadolint ignore=DL3042",
        "# hadolint global ignore=DL3042",
        "# dflint: ignore[pip-no-cache]\n# another comment\n\n# and one more",
    ],
)
def test_comment_covers_the_next_instruction(comment: str) -> None:
    text = f"FROM a\n{comment}\nRUN pip install b\n"
    assert kept(text, ["pip install b"]) == []
    assert parse(text)[1] == ()


def test_only_the_next_instruction_is_covered() -> None:
    text = "RUN one\n# dflint: ignore[pip-no-cache]\nRUN two \\\n  three\nRUN four\n"
    assert kept(text, ["one", "RUN two", "two", "three", "four"]) == ["one", "four"]


def test_a_heredoc_belongs_to_its_instruction() -> None:
    text = "FROM a\n# dflint: ignore[pip-no-cache]\nRUN <<EOF\none\nEOF\nRUN two\n"
    assert kept(text, ["one", "two"]) == ["two"]


def test_an_ignore_for_the_file_covers_what_stands_above() -> None:
    text = "FROM a\nRUN one\n# dflint: ignore-file[pip-no-cache]"
    assert kept(text, ["FROM", "one", "ignore-file"]) == []


def test_other_rules_are_kept() -> None:
    text = "# dflint: ignore[pip-no-cache]\nRUN one\n"
    findings = [finding(text, "one", "DF202"), finding(text, "one", "DF201")]
    result = apply_ignores(findings, parse(text)[0], IDS, set(RULES))
    assert result == ((findings[0],), ())


INSIDE = """\
RUN one && \\
  # dflint: ignore[pip-no-cache]
  # why

  two && three \\
    four && \\
  five
RUN six
"""


def test_inside_an_instruction_the_commands_of_the_next_line_are_covered() -> None:
    commands = ("one", "two", "three \\\n    four", "five", "six")
    places = ["RUN one", "one", "two", "three", "four", "five", "six"]
    assert kept(INSIDE, places, commands) == ["RUN one", "one", "five", "six"]


def test_inside_an_instruction_the_next_line_is_covered_where_no_command_begins() -> None:
    places = ["RUN one", "one", "two", "three", "four", "five", "six"]
    assert kept(INSIDE, places) == ["RUN one", "one", "four", "five", "six"]


def test_a_comment_at_the_end_of_an_instruction_does_not_reach_the_next() -> None:
    text = "RUN one && \\\n  two\\\n  # dflint: ignore[pip-no-cache]\n\nRUN six\n"
    assert kept(text, ["one", "two"]) == ["one", "two"]
    assert unused(text, set(RULES), finding(text, "one")) == [
        ("`pip-no-cache` is ignored here, but nothing is found", "pip-no-cache")
    ]


HEREDOC = """\
RUN <<EOF
one
  # dflint: ignore[pip-no-cache]
  # why

two && three
four
# hadolint ignore=DL3042
five
# dflint: ingore[x]
EOF
COPY <<EOF /x
# dflint: ignore[pip-no-cache]
# dflint: ingore[x]
EOF
RUN six
"""


def test_comments_in_the_heredocs_of_run() -> None:
    places = ["RUN <<", "one", "two", "three", "four", "five", "six"]
    assert kept(HEREDOC, places) == ["RUN <<", "one", "four", "six"]
    assert [each.span.start for each in parse(HEREDOC)[1]] == [HEREDOC.index("# dflint: ing")]


def test_an_alias_covers_every_rule_that_has_it() -> None:
    text = "# hadolint ignore=DL3042\nRUN one\n"
    other = Finding(
        "X1", "x", ("hadolint:DL3042",), Severity.INFO, "size", "", "", Span(text.index("one"), 30)
    )
    assert apply_ignores([other], parse(text)[0], IDS, set(RULES)) == ((), ())


WHOLE = "<whole>"


@pytest.mark.parametrize(
    ("comment", "message", "marked"),
    [
        (
            "# dflint: ignore",
            "name the rules to ignore, as in `ignore[rule-name]`",
            WHOLE,
        ),
        (
            "# dflint: ignore because of the proxy",
            "name the rules to ignore, as in `ignore[rule-name]`",
            WHOLE,
        ),
        (
            "# dflint: ignore pip-no-cache, DL3009",
            "name the rules to ignore, as in `ignore[pip-no-cache, DL3009]`",
            WHOLE,
        ),
        (
            "# dflint: ignore=DF201",
            "name the rules to ignore, as in `ignore[DF201]`",
            WHOLE,
        ),
        (
            "# dflint: ignore-file",
            "name the rules to ignore, as in `ignore-file[rule-name]`",
            WHOLE,
        ),
        (
            "# dflint: ignore[ ]",
            "the brackets are empty: name the rules to ignore, as in `ignore[rule-name]`",
            WHOLE,
        ),
        (
            "# dflint: ignore[pip-no-cache",
            "the bracket after `ignore` is not closed",
            WHOLE,
        ),
        (
            "# dflint: ingore[pip-no-cache]",
            "dflint knows no `ingore`: did you mean `ignore`?",
            WHOLE,
        ),
        (
            "# dflint: ignorefile[pip-no-cache]",
            "dflint knows no `ignorefile`: did you mean `ignore-file`?",
            WHOLE,
        ),
        (
            "# dflint: off",
            "dflint knows no `off`; write `ignore[rule-name]` or `ignore-file[rule-name]`",
            WHOLE,
        ),
        (
            "# dflint:",
            "nothing follows `dflint:`; write `ignore[rule-name]` or `ignore-file[rule-name]`",
            WHOLE,
        ),
        (
            "# dflint ignore[pip-no-cache]",
            "a colon is missing: `# dflint: ignore[…]`",
            WHOLE,
        ),
        (
            "# dflint: ignore[pip-no-cahce] why",
            "there is no rule `pip-no-cahce`: did you mean `pip-no-cache`?",
            "pip-no-cahce",
        ),
        (
            "# dflint: ignore[pip-no-cache, zzz]",
            "there is no rule `zzz`",
            "zzz",
        ),
    ],
)  # fmt: skip
def test_bad_comments(comment: str, message: str, marked: str) -> None:
    text = f"FROM a\n  {comment}  \nRUN one\n"
    source = make_source("Dockerfile", text)
    bad = parse(text)[1]
    assert [(each.kind, each.message) for each in bad] == [("bad-ignore", message)]
    assert source.slice(bad[0].span) == (comment if marked == WHOLE else marked)


@pytest.mark.parametrize(
    "comment",
    [
        "# dflint is what we lint with",
        "# dflint ignores this",
        "# we use dflint: ignore[nothing]",
        "# hadolint is another linter",
        "# hadolint ignore=",
        "# hadolint ignore=ABC",
        "# lint me",
    ],
)
def test_comments_that_only_speak_about_linters(comment: str) -> None:
    text = f"FROM a\n{comment}\nRUN one\n"
    assert parse(text) == ((), ())


def test_one_bad_name_does_not_spoil_the_others() -> None:
    text = "# dflint: ignore[nonsense, pip-no-cache]\nRUN one\n"
    assert kept(text, ["one"]) == []


def test_every_unused_name_is_marked() -> None:
    text = "# dflint: ignore[DF201, apt-lists-left]\nRUN one\n# dflint: ignore-file[DL3042]\n"
    assert unused(text, set(RULES)) == [
        ("`DF201` is ignored here, but nothing is found", "DF201"),
        ("`apt-lists-left` is ignored here, but nothing is found", "apt-lists-left"),
        ("`DL3042` is ignored in this file, but nothing is found", "DL3042"),
    ]
    assert unused(text, set(RULES), finding(text, "one")) == [
        ("`apt-lists-left` is ignored here, but nothing is found", "apt-lists-left"),
    ]


def test_rules_that_do_not_run_are_never_unused() -> None:
    text = "# dflint: ignore[DF201, apt-lists-left]\nRUN one\n"
    assert unused(text, {"DF202"}) == [
        ("`apt-lists-left` is ignored here, but nothing is found", "apt-lists-left"),
    ]
    assert unused(text, set()) == []


def test_comments_for_hadolint_are_never_unused() -> None:
    text = "# hadolint ignore=DL3042\nRUN one\n# hadolint global ignore=DL3009\n"
    assert unused(text, set(RULES)) == []


def test_a_file_may_refuse_to_hear_of_unused_ignores() -> None:
    text = "# dflint: ignore-file[unused-ignore]\n# dflint: ignore[DF201]\nRUN one\n"
    assert unused(text, set(RULES)) == []


def test_a_comment_may_refuse_to_be_called_unused() -> None:
    text = "# dflint: ignore[DF201, unused-ignore]\nRUN one\n"
    assert unused(text, set(RULES)) == []
    message = "`unused-ignore` is ignored here, but nothing is found"
    assert unused(text, set(RULES), finding(text, "one")) == [(message, "unused-ignore")]
    assert unused(text, {"DF004"}) == [(message, "unused-ignore")]
    assert unused(text, {"DF201"}) == []


def test_a_file_may_refuse_to_hear_of_bad_ignores() -> None:
    text = "# dflint: ignore-file[bad-ignore]\n# dflint: ingore[DF201]\nRUN one\n"
    ignores, bad = parse(text)
    findings = [finding(text, text[each.span.start : each.span.end], "DF003") for each in bad]
    assert len(findings) == 1
    assert apply_ignores(findings, ignores, IDS, set(RULES)) == ((), ())


def test_without_ignores_all_is_kept() -> None:
    text = "RUN one\n"
    findings = [finding(text, "one")]
    assert apply_ignores(findings, (), IDS, set(RULES)) == (tuple(findings), ())


def test_unused_is_a_message_with_a_place() -> None:
    text = "# dflint: ignore[DF201]\nRUN one\n"
    found = apply_ignores((), parse(text)[0], IDS, set(RULES))[1]
    assert found == (Unused("`DF201` is ignored here, but nothing is found", Span(17, 22)),)


PIECES = st.sampled_from(
    [
        "# dflint: ", "#dflint:", "ignore", "ignore-file", "ingore", "[", "]", ",", " ", "\n", "\r\n",
        "pip-no-cache", "DL3042", "RUN a && \\\n", "RUN <<E\n", "E\n", "b\n", "# hadolint ignore=",
        "global ", "# hadolint ", "\t", "\ufeff", "é", "\udc80", "FROM x\n", "\\", "`",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    source = make_source("Dockerfile", text)
    document = read(source)
    ignores, bad = parse_ignores(source, document.comments, document.instructions, (), IDS)
    for ignore in ignores:
        for name in ignore.names:
            assert source.slice(name.span) == name.text
    for each in bad:
        assert source.slice(each.span).strip() != ""
    assert apply_ignores((), ignores, IDS, set(RULES))[0] == ()
