"""Any text with any marks can be reported, and nothing raw or endless comes out."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dflint.finding import Edit, Finding, Fix, Related, Severity
from dflint.report import FORMATS
from dflint.report.terminal import cells, visible, width_of, wrap
from dflint.source import Span, make_source
from tests.report.samples import run_over, style_finding

RAW = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
ODD = "\t\r\n\n\n\x00\x1b\x7f\x9b\\`#\u0301\u200b\u200d\u202e\u2028\ufeff日\udcff\ud800é "
ONE_LINE = ("concise", "gnu", "github", "jsonl")
XML = ("junit", "checkstyle")
JSON = ("json", "sarif", "gitlab", "sonarqube", "rdjson")
TEXTS = st.text(st.sampled_from(ODD + "abcdef") | st.characters(), max_size=400)
SPANS = st.builds(Span, st.integers(0, 420), st.integers(0, 420))
FINDINGS = st.builds(
    Finding,
    rule=st.just("DF901"),
    name=st.just("any"),
    aliases=st.just(()),
    severity=st.sampled_from(Severity),
    category=st.just("style"),
    message=TEXTS,
    advice=TEXTS,
    span=SPANS,
    label=TEXTS,
    related=st.lists(st.builds(Related, SPANS, TEXTS), max_size=3).map(tuple),
    stage=st.none() | TEXTS,
    fix=st.none()
    | st.builds(
        Fix, TEXTS, st.just("safe"), st.lists(st.builds(Edit, SPANS, TEXTS), max_size=2).map(tuple)
    ),
)


@settings(deadline=None)
@given(TEXTS, TEXTS, st.lists(FINDINGS, max_size=3), st.integers(0, 120), st.booleans())
def test_every_format_takes_anything(
    text: str, path: str, findings: list[Finding], width: int, color: bool
) -> None:
    run = run_over(make_source(path, text), *findings, color=color, width=width)
    for name, report in FORMATS.items():
        printed = report(run)
        assert printed == "" or printed.endswith("\n")
        printed.encode("utf-8")
        assert not RAW.search(re.sub(r"\x1b\[[0-9;]*m", "", printed) if name == "full" else printed)
        if name in ONE_LINE:
            assert printed.count("\n") == len(findings)
        if name in XML:
            root = ElementTree.fromstring(printed.encode())
            assert sum(each.tag in ("error", "failure") for each in root.iter()) == len(findings)
        if name in JSON:
            json.loads(printed)
        if name == "jsonl":
            assert all(isinstance(json.loads(line), dict) for line in printed.split("\n")[:-1])
    assert {*ONE_LINE, *XML, *JSON} <= FORMATS.keys()


@given(TEXTS, SPANS, st.lists(SPANS, max_size=3), st.integers(0, 120))
def test_frames_keep_to_the_width(text: str, span: Span, others: list[Span], width: int) -> None:
    related = tuple(Related(other, "other words") for other in others)
    finding = replace(style_finding(), span=span, label="some words", related=related)
    run = run_over(make_source("D", text), finding, width=width)
    rows = FORMATS["full"](run).split("\n")[1:-3]
    assert all(width_of(row) <= max(width, 31) for row in rows)


@given(TEXTS, SPANS)
def test_a_mark_stands_under_its_words(text: str, span: Span) -> None:
    source = make_source("D", text)
    line, column = source.position(span.start)
    run = run_over(
        source, replace(style_finding(), span=Span(span.start, span.start + 1)), width=10**4
    )
    rows = FORMATS["full"](run).split("\n")
    if not text:
        return
    mark = next(row for row in rows if "^" in row.partition("|")[2] and row.strip("| ^") == "")
    gutter = rows[1].index("|") + 2
    before = source.line(line)[: column - 1]
    assert mark.index("^") - gutter == width_of(before)


@given(TEXTS)
def test_cells_add_up(text: str) -> None:
    measured = cells(text)
    assert len(measured.shown) == len(text)
    assert len(measured.columns) == len(text) + 1
    assert list(measured.columns) == sorted(measured.columns)
    assert visible(text) == "".join(measured.shown)


@given(TEXTS, st.integers(1, 60))
def test_wrapping_keeps_every_word(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert " ".join(lines).split() == visible(" ".join(text.split())).split()
    assert all(width_of(line) <= width or len(line.split("`")[0].split()) <= 1 for line in lines)


@pytest.mark.parametrize(
    ("character", "shown", "width"),
    [
        ("a", "a", 1),
        ("\t", "    ", 4),
        ("\x1b", "\\x1b", 4),
        ("\x00", "\\x00", 4),
        ("\n", "\\n", 2),
        ("\r", "\\r", 2),
        ("\x7f", "\\x7f", 4),
        ("\x9b", "\\x9b", 4),
        ("\udcff", "\\xff", 4),
        ("\ud800", "\\ud800", 6),
        ("\u202e", "\\u202e", 6),
        ("\uffff", "\\uffff", 6),
        ("\U000e0001", "\\U000e0001", 10),
        ("\u0301", "\u0301", 0),
        ("\ufeff", "", 0),
        ("日", "日", 2),
        ("Ａ", "Ａ", 2),
        ("é", "é", 1),
    ],
)
def test_cells_of_characters(character: str, shown: str, width: int) -> None:
    measured = cells(character)
    assert ("".join(measured.shown), measured.columns[-1]) == (shown, width)
