"""Markdown, read by a parser of GitHub's kind."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace

from dflint.report import FORMATS, Run
from dflint.report.terminal import one_line
from tests.report.samples import ALL, pip_finding, run_of, style_finding, venv_finding

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
TAGS = re.compile(r"<[^>]*>")


def rows(run: Run) -> list[list[Token]]:
    """The cells of the tables' bodies, as inline tokens."""
    found: list[list[Token]] = []
    inside = False
    for token in PARSER.parse(FORMATS["markdown"](run)):
        inside = (inside or token.type == "tbody_open") and token.type != "tbody_close"
        if inside and token.type == "tr_open":
            found.append([])
        elif inside and token.type == "inline":
            found[-1].append(token)
    return found


def plain(token: Token) -> str:
    """The text of a cell as it is shown."""
    shown = PARSER.renderer.render([token], PARSER.options, {})
    return html.unescape(TAGS.sub("", shown))


def test_markdown() -> None:
    assert FORMATS["markdown"](run_of(venv_finding(), path="a/D_x")) == (
        "## dflint\n\n"
        "Found 1 problem (1 error) in 1 file\n\n"
        "### <code>a/D&#95;x</code>\n\n"
        "| | Place | Rule | Problem |\n|---|---|---|---|\n"
        '| 🔴 error | 11:1 | <a href="https&#58;//example.org/rules/venv-python">'
        "venv-python (DF905)</a> "
        "| the virtual environment was made by Python 3.13 and is run by 3.12 |\n"
    )


def test_words_between_backticks_are_code() -> None:
    text = FORMATS["markdown"](run_of(pip_finding()))
    assert "| <code>pip install flask</code> keeps pip's download cache" in text


def test_the_closing_line_stands_first() -> None:
    text = FORMATS["markdown"](run_of(*ALL))
    first = html.unescape(text.split("\n")[2])
    assert first == FORMATS["full"](run_of(*ALL)).splitlines()[-1]


@pytest.mark.parametrize("count", [9, 10])
def test_a_long_table_is_folded_away(count: int) -> None:
    text = FORMATS["markdown"](run_of(*[style_finding()] * count))
    folded = (
        f"<details>\n<summary><code>Dockerfile</code> ({count} problems)</summary>\n\n|" in text
    )
    assert folded is (count == 10)
    assert text.endswith("\n\n</details>\n") is folded
    assert len(rows(run_of(*[style_finding()] * count))) == count


@pytest.mark.parametrize(
    "evil",
    [
        "a | b \\| c",
        "a\n\n| x |\n|---|\n| y |",
        "<script>alert(1)</script> <img src=x onerror=y>",
        "</details></td></table>",
        "[a](javascript:x) ![b](https://x/y.png) <https://x>",
        "`<b>` and ``c`` and ` left open <i>",
        "*a* _b_ ~~c~~ **d** $x$ :tada: #1 &lt;",
        "1. a",
    ],
)
def test_a_message_stays_in_its_cell(evil: str) -> None:
    run = run_of(replace(style_finding(), message=evil), path=evil)
    ((_, _, _, cell),) = rows(run)
    assert plain(cell) == re.sub(r"`([^`]+)`", r"\1", one_line(evil))
    assert {each.type for each in cell.children or ()} <= {"text", "html_inline", "text_special"}
    tags = {each.content for each in cell.children or () if each.type == "html_inline"}
    assert tags <= {"<code>", "</code>"}


def test_nobody_is_told() -> None:
    text = FORMATS["markdown"](run_of(replace(style_finding(), message="by @somebody")))
    assert "by @<!-- -->somebody |" in text


@settings(deadline=None)
@given(st.text(st.sampled_from("\n|`\\<>&[]()!*_~@#:- ab\x1b") | st.characters(), max_size=60))
def test_any_message_is_one_row(text: str) -> None:
    found = rows(
        run_of(replace(style_finding(), message=text, name=text or "x"), pip_finding(), path=text)
    )
    assert [len(row) for row in found] == [4, 4]
    expected = re.sub(r"`([^`]+)`", r"\1", one_line(text))
    assert plain(found[0][3]).strip() == expected.strip()
