"""A fingerprint stays with its finding, and with no other."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from dflint.finding import FileReport, Finding, Severity
from dflint.fingerprint import fingerprints
from dflint.source import Span, make_source

FINDING = Finding(
    rule="DF1",
    name="one",
    aliases=(),
    severity=Severity.INFO,
    category="style",
    message="a",
    advice="",
    span=Span(0, 0),
)
TEXT = "FROM a\nRUN make && \\\n    pip install b\nRUN c\n"


def prints(text: str, *words: str, path: str = "Dockerfile", rule: str = "DF1") -> tuple[str, ...]:
    """The fingerprints of findings of a rule at these words, each sought after the one before."""
    findings, at = [], 0
    for word in words:
        at = text.index(word, at)
        findings.append(replace(FINDING, rule=rule, span=Span(at, at + len(word))))
        at += 1
    return fingerprints(FileReport(make_source(path, text), tuple(findings)))


def test_a_fingerprint_is_hexadecimal() -> None:
    (only,) = prints(TEXT, "RUN c")
    assert len(only) == 32
    assert set(only) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "text",
    [
        "# new\n\nARG x\n" + TEXT,
        TEXT.replace("    pip install b", "\t\tpip  install\tb"),
        TEXT.replace("\n", "\r\n"),
        "FROM a:2\nRUN c\nRUN make && \\\n    pip install b\n",
        TEXT.replace("pip install b\n", "pip install b \\\n  && rm x\n"),
        TEXT.replace("make", "cmake"),
    ],
    ids=["above", "indentation", "line ends", "order", "continued", "line above changed"],
)
def test_it_survives(text: str) -> None:
    words = next(each for each in ("pip install b", "pip  install\tb") if each in text)
    assert prints(text, words) == prints(TEXT, "pip install b")


@pytest.mark.parametrize(
    "other",
    [
        prints(TEXT, "pip install b", rule="DF2"),
        prints(TEXT, "pip install b", path="other/Dockerfile"),
        prints(TEXT, "install b"),
        prints(TEXT.replace("install b", "install c"), "pip install c"),
    ],
    ids=["rule", "path", "marked words", "words"],
)
def test_it_tells_apart(other: tuple[str, ...]) -> None:
    assert other != prints(TEXT, "pip install b")


def test_equal_findings_differ() -> None:
    one = "FROM a\nRUN b\n"
    two = "FROM a\nRUN b\nUSER c\nRUN b\n"
    first, second = prints(two, "RUN b", "RUN b")
    assert first != second
    assert prints(one, "RUN b") == (first,)


def test_a_path_may_be_written_in_several_ways() -> None:
    assert prints(TEXT, "RUN c", path="./a//Dockerfile") == prints(
        TEXT, "RUN c", path="a/Dockerfile"
    )


def test_no_secret_goes_into_it() -> None:
    def of(secret: str) -> tuple[str, ...]:
        text = f"ENV TOKEN={secret}\n"
        span = Span(10, 10 + len(secret))
        named = replace(FINDING, span=span, secret=span)
        beside = replace(FINDING, rule="DF2", span=Span(0, len(text)))
        return fingerprints(FileReport(make_source("D", text), (named, beside)))

    assert of("hunter2") == of("correct horse")


def test_any_text_has_one() -> None:
    assert len(prints("RUN \udcff\ud800", "\udcff", path="\udcfe")[0]) == 32
    assert len(prints("", "")[0]) == 32
