"""The report for people, held against whole outputs."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from dflint.finding import FileReport, Related, Severity
from dflint.report import FORMATS, Run
from dflint.source import Span, make_source
from tests.report.samples import (
    DOCKERFILE,
    apt_finding,
    pip_finding,
    run_of,
    span_of,
    style_finding,
    venv_finding,
)

full = FORMATS["full"]


def body(text: str) -> str:
    """The rows between header and summary, trimmed of what every frame has."""
    return "\n".join(text.split("\n")[1:-3]) + "\n"


def test_label_advice_and_fix() -> None:
    assert full(run_of(pip_finding(), width=80)) == (
        "Dockerfile:4:5: warning[DF201] pip-no-cache: "
        "`pip install flask` keeps pip's download cache in this layer\n"
        "   |\n"
        " 3 | COPY . .\n"
        " 4 | RUN pip install flask\n"
        "   |     ^^^^^^^^^^^^^^^^^ every downloaded wheel stays in the layer\n"
        "   |\n"
        "   = help: Add `--no-cache-dir`, or mount a cache with\n"
        "           `RUN --mount=type=cache,target=/root/.cache/pip`.\n"
        "   = fix:  Add --no-cache-dir (safe)\n"
        "           - RUN pip install flask\n"
        "           + RUN pip install --no-cache-dir flask\n"
        "\n"
        "Found 1 problem (1 warning) in 1 file; --fix mends 1\n"
    )


def test_colors() -> None:
    text = full(run_of(style_finding(), color=True))
    assert text == (
        "\x1b[1mDockerfile:12:1:\x1b[0m \x1b[36mstyle[DF901]\x1b[0m cmd-style: "
        "\x1b[1ma matter of taste\x1b[0m\n"
        "\x1b[1;34m    |\x1b[0m\n"
        "\x1b[1;34m 11 |\x1b[0m COPY --from=build /app/.venv /app/.venv\n"
        '\x1b[1;34m 12 |\x1b[0m CMD ["gunicorn", "app:app"]\n'
        "\x1b[1;34m    |\x1b[0m \x1b[36m^^^\x1b[0m\n"
        "\x1b[1;34m    |\x1b[0m\n"
        "\n"
        "Found 1 problem (1 style) in 1 file\n"
    )


@pytest.mark.parametrize(
    ("severity", "style"),
    [
        (Severity.ERROR, "1;31"),
        (Severity.WARNING, "1;33"),
        (Severity.INFO, "1;34"),
        (Severity.STYLE, "36"),
    ],
)
def test_each_severity_has_a_color(severity: Severity, style: str) -> None:
    text = full(run_of(replace(pip_finding(), severity=severity), color=True))
    assert f"\x1b[{style}m{severity.label}[DF201]\x1b[0m" in text
    assert f"\x1b[{style}m^^^^^^^^^^^^^^^^^\x1b[0m" in text


def test_colors_change_nothing_but_colors() -> None:
    findings = (pip_finding(), apt_finding(), venv_finding(), style_finding())
    colored = full(run_of(*findings, color=True, width=60))
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == full(run_of(*findings, width=60))


def test_several_lines_are_underlined_without_continuation_marks() -> None:
    assert body(full(run_of(apt_finding()))) == (
        "   |\n"
        " 6 |     # what the application needs\n"
        " 7 |     apt-get install -y \\\n"
        "   |     ^^^^^^^^^^^^^^^^^^\n"
        " 8 |         curl \\\n"
        "   |         ^^^^\n"
        " 9 |         git\n"
        "   |         ^^^\n"
        "   |\n"
        "   = help: Add `--no-install-recommends`.\n"
        "   = fix:  Add --no-install-recommends (unsafe)\n"
    )


def test_comments_and_blank_lines_inside_are_not_underlined() -> None:
    text = "RUN a && \\\n  # why\n\n  b\n"
    span = Span(4, text.index("b") + 1)
    report = full(run_of(replace(style_finding(), span=span), text=text))
    assert body(report) == (
        "   |\n 1 | RUN a && \\\n   |     ^^^^\n 2 |   # why\n 3 |\n 4 |   b\n   |   ^\n   |\n"
    )


def test_long_stretches_show_beginning_and_end() -> None:
    text = "\n".join(["RUN a \\", *(f"    b{number} \\" for number in range(12)), "    c"])
    span = Span(4, len(text))
    finding = replace(style_finding(), span=span, label="too much")
    assert body(full(run_of(finding, text=text))) == (
        "    |\n"
        "  1 | RUN a \\\n"
        "    |     ^\n"
        "  2 |     b0 \\\n"
        "    |     ^^\n"
        "  3 |     b1 \\\n"
        "    |     ^^\n"
        "...\n"
        " 13 |     b11 \\\n"
        "    |     ^^^\n"
        " 14 |     c\n"
        "    |     ^ too much\n"
        "    |\n"
    )


def test_related_places_stand_in_the_same_frame() -> None:
    assert body(full(run_of(venv_finding()))) == (
        "    |\n"
        "  1 | FROM python:3.13-slim AS build\n"
        "    |      ---------------- made with this\n"
        "...\n"
        " 10 | FROM python:3.12-slim\n"
        "    |      ---------------- the Python that is here\n"
        " 11 | COPY --from=build /app/.venv /app/.venv\n"
        "    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ links to a Python that is not here\n"
        "    |\n"
        "    = help: Use the same Python in both stages\n"
    )


def test_related_places_on_the_same_line_have_their_own_row() -> None:
    finding = replace(
        pip_finding(), related=(Related(span_of(DOCKERFILE, "flask"), "without a version"),)
    )
    rows = full(run_of(finding)).split("\n")
    assert rows[4] == "   |     ^^^^^^^^^^^^^^^^^ every downloaded wheel stays in the layer"
    assert rows[5] == "   |                 ----- without a version"


def test_a_hidden_line_between_two_shown_ones_is_shown() -> None:
    text = "A\nB\nC\nD\n"
    finding = replace(style_finding(), span=Span(0, 1), related=(Related(Span(4, 5), "here"),))
    assert " 2 | B\n" in full(run_of(finding, text=text))


def test_a_blank_line_is_no_context() -> None:
    text = "FROM a\n\nRUN b\n"
    assert " 2 |" not in full(run_of(replace(style_finding(), span=Span(8, 11)), text=text))


def test_a_label_that_does_not_fit_goes_below() -> None:
    report = full(run_of(pip_finding(), width=40))
    assert (
        "   |     ^^^^^^^^^^^^^^^^^\n   |     every downloaded wheel stays in\n   |     the layer\n"
    ) in report


def test_tabs_and_wide_characters_are_aligned() -> None:
    text = "RUN\techo\t日本 e\u0301 pip\n"
    report = full(run_of(replace(style_finding(), span=span_of(text, "pip")), text=text))
    assert f" 1 | RUN    echo    日本 e\u0301 pip\n   | {' ' * 22}^^^\n" in report


def test_wide_characters_are_underlined_whole() -> None:
    text = "LABEL a=日本\n"
    report = full(run_of(replace(style_finding(), span=span_of(text, "日本")), text=text))
    assert f"   | {' ' * 8}^^^^\n" in report


def test_nothing_raw_reaches_the_terminal() -> None:
    text = "RUN echo \x1b[31mred\x1b[0m \x07 \x9b \u202e \udcff\n"
    finding = replace(style_finding(), span=Span(4, 8), message=text, advice=text, label=text)
    report = full(run_of(finding, text=text, path="a\x1b[2J\nb"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", report)
    assert " 1 | RUN echo \\x1b[31mred\\x1b[0m \\x07 \\x9b \\u202e \\xff\n" in report
    assert report.startswith("a\\x1b[2J\\nb:1:5: ")


def test_windows_line_ends_leave_no_trace() -> None:
    text = "FROM a\r\nRUN b\r\nRUN c\r\n"
    finding = replace(style_finding(), span=Span(8, len(text)))
    assert body(full(run_of(finding, text=text))) == (
        "   |\n 1 | FROM a\n 2 | RUN b\n   | ^^^^^\n 3 | RUN c\n   | ^^^^^\n   |\n"
    )


def test_a_byte_order_mark_takes_no_room() -> None:
    text = "\ufeffFROM a\n"
    report = full(run_of(replace(style_finding(), span=span_of(text, "a")), text=text))
    assert " 1 | FROM a\n   |      ^\n" in report


def test_long_lines_are_cut_around_the_words() -> None:
    text = "RUN " + "x" * 200 + " pip install " + "y" * 200 + "\n"
    finding = replace(style_finding(), span=span_of(text, "pip install"))
    assert body(full(run_of(finding, text=text, width=60))) == (
        "   |\n"
        " 1 | …xxxxxxxxxxxxxxxxxxxx pip install yyyyyyyyyyyyyyyyyyyy…\n"
        "   |                       ^^^^^^^^^^^\n"
        "   |\n"
    )


def test_words_longer_than_the_terminal_are_cut() -> None:
    text = "RUN " + "x" * 200 + "\n"
    finding = replace(style_finding(), span=Span(0, 204))
    source, marks = full(run_of(finding, text=text, width=60)).split("\n")[2:4]
    assert source == " 1 | RUN " + "x" * 49 + "…"
    assert marks == "   | " + "^" * 53


def test_words_at_the_end_of_a_long_line_keep_what_leads_to_them() -> None:
    text = "RUN " + "x" * 200 + " pip"
    finding = replace(style_finding(), span=span_of(text, "pip"))
    source, marks = full(run_of(finding, text=text, width=60)).split("\n")[2:4]
    assert source == " 1 | …" + "x" * 48 + " pip"
    assert marks == "   | " + " " * 50 + "^^^"


@pytest.mark.parametrize("text", ["FROM a", "FROM a\n"])
def test_the_end_of_the_file_can_be_marked(text: str) -> None:
    report = full(run_of(replace(style_finding(), span=Span(99, 99)), text=text))
    number, column = (1, 6) if text == "FROM a" else (2, 0)
    assert report.startswith(f"Dockerfile:{number}:{column + 1}: ")
    assert f"   | {' ' * column}^\n" in report


def test_an_empty_file_has_no_frame() -> None:
    finding = replace(style_finding(), span=Span(0, 0), advice="Write something.")
    assert full(run_of(finding, text="")) == (
        "Dockerfile:1:1: style[DF901] cmd-style: a matter of taste\n"
        "  = help: Write something.\n"
        "\n"
        "Found 1 problem (1 style) in 1 file\n"
    )


def test_long_advice_hangs_under_itself() -> None:
    finding = replace(style_finding(), advice="one two three " * 12)
    notes = [row for row in full(run_of(finding, width=50)).split("\n") if "one" in row]
    assert notes[0].startswith("    = help: one two three")
    assert all(row.startswith(" " * 12) for row in notes[1:])
    assert all(len(row) <= 50 for row in notes)


def test_code_in_advice_is_not_torn() -> None:
    finding = replace(style_finding(), advice="Now please write `RUN a b c` at this place.")
    assert "\n            `RUN a b c`" in full(run_of(finding, width=38))


def test_findings_of_several_files_are_apart() -> None:
    source = make_source("other/Dockerfile", DOCKERFILE)
    one = run_of(style_finding())
    run = Run((*one.reports, FileReport(source, (style_finding(),))), (), "1", False, 80)
    assert "\n    |\n\nother/Dockerfile:12:1: style" in full(run)
    assert full(run).endswith("\n\nFound 2 problems (2 style) in 2 files\n")
