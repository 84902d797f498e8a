"""No report shows a secret, whichever finding's words or lines it stands in."""

from __future__ import annotations

import pytest
from msgspec import structs

from dflint.finding import FileReport, Finding, Fix, Related
from dflint.lint import lint_source, make_linter
from dflint.report import FORMATS, Run
from dflint.report.redact import redacted
from dflint.report.run import each_finding
from dflint.source import Span, make_source
from tests.report.samples import pip_finding, run_over

PASSWORD = "hunter2-hunter2"
TOKEN = "ghp_" + "A" * 36


def run_on(text: str) -> Run:
    linter = make_linter()
    report = lint_source(make_source("Dockerfile", text), linter, None)
    return run_over(report.source, *report.findings)


def test_a_secret_is_gone_from_every_format() -> None:
    run = run_on(f"FROM debian:13\nENV DB_PASSWORD {PASSWORD}\n")
    assert {f.name for _, f in each_finding(run)} >= {"secret-in-env", "legacy-env-format"}
    for name, made in FORMATS.items():
        assert PASSWORD not in made(run), name


def test_no_fix_shows_a_secret() -> None:
    run = run_on(f"FROM debian:13\nCMD serve --token {TOKEN}\n")
    fixes = [f.fix.edits for _, f in each_finding(run) if f.name == "shell-form-cmd" and f.fix]
    assert fixes == [()]
    for name, made in FORMATS.items():
        assert TOKEN not in made(run), name


def test_the_frame_keeps_its_columns() -> None:
    text = f"FROM debian:13\nENV DB_PASSWORD={PASSWORD} B=1\n"
    shown = FORMATS["full"](run_on(text))
    assert f"ENV DB_PASSWORD={'•' * len(PASSWORD)} B=1\n" in shown
    assert "^^^^^^^^^^^ readable with" in shown


def test_a_long_secret_keeps_the_characters_that_tell_what_it_is() -> None:
    source = make_source("Dockerfile", f"RUN x {TOKEN}\n")
    report = FileReport(source, (finding(source.text, TOKEN, "bad"),))
    assert redacted(report).source.text == f"RUN x ghp_{'•' * 36}\n"


def test_continuation_marks_and_lines_stay() -> None:
    source = make_source("Dockerfile", 'RUN x "one\\\ntwo"\n')
    report = FileReport(source, (finding(source.text, '"one\\\ntwo"', "bad"),))
    assert redacted(report).source.text == "RUN x ••••\\\n••••\n"
    assert redacted(report).source.line_starts == source.line_starts


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"`x {PASSWORD}` is bad", "`x •••` is bad"),
        ("`x hunter2-hun…` is bad", "`x •••…` is bad"),
        ("`xhunter2-hunter2` is bad", "`xhunter2-hunter2` is bad"),
        ("`xhunter2-hun…` is bad", "`xhunter2-hun…` is bad"),
        ("`x hunt…` is bad", "`x hunt…` is bad"),
        ("the hunter is bad…", "the hunter is bad…"),
    ],
)
def test_a_secret_is_gone_from_messages(said: str, shown: str) -> None:
    source = make_source("Dockerfile", f"RUN x {PASSWORD}\n")
    (found,) = redacted(FileReport(source, (finding(source.text, PASSWORD, said),))).findings
    assert found.message == found.advice == found.label == shown
    assert found.related[0].label == shown
    assert found.fix is not None
    assert found.fix.title == shown


def test_a_report_without_secrets_is_left_alone() -> None:
    report = FileReport(make_source("Dockerfile", "RUN pip install flask"), ())
    assert redacted(report) is report


def finding(text: str, secret: str, words: str) -> Finding:
    at = text.index(secret)
    span = Span(at, at + len(secret))
    return structs.replace(
        pip_finding(text, secret),
        message=words,
        advice=words,
        label=words,
        related=(Related(span, words),),
        fix=Fix(words, "safe", ()),
        secret=span,
    )
