"""The report for people: what is wrong, the words that it is about, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from dflint.finding import Finding, Fix, Severity
from dflint.report.change import change
from dflint.report.frame import Mark, frame, gutter_width
from dflint.report.run import Run, each_finding
from dflint.report.summary import count, summary
from dflint.report.terminal import (
    BLUE,
    BOLD,
    CYAN,
    GREEN,
    RED,
    YELLOW,
    link,
    one_line,
    opening,
    paint,
    visible,
    wrap,
)
from dflint.source import Source

STYLES = {
    Severity.ERROR: RED,
    Severity.WARNING: YELLOW,
    Severity.INFO: BLUE,
    Severity.STYLE: CYAN,
}
WIDEST = 100  # columns of prose: longer lines are hard to read, however wide the terminal
RELATED = 5  # further places shown


def full(run: Run) -> str:
    """Every finding with a code frame, then one line that sums up."""
    return frames(run) + summary(count(run.reports), run.left_out) + "\n"


def frames(run: Run) -> str:
    """Every finding with a code frame, and an empty line after each."""
    blocks = ["\n".join(_block(source, finding, run)) for source, finding in each_finding(run)]
    return "".join(f"{block}\n\n" for block in blocks)


def _block(source: Source, finding: Finding, run: Run) -> list[str]:
    rows = [_header(source, finding, run)]
    indent = 2
    if source.text:
        marks = _marks(finding)
        rows += frame(source, marks, run.width, run.color)
        indent = gutter_width(source, marks)
    rows += _note("help", finding.advice, indent, run)
    if finding.fix is not None:
        rows += _note("fix", f"{finding.fix.title} ({finding.fix.safety})", indent, run)
        rows += _changed(source, finding.fix, indent, run)
    return rows


def _changed(source: Source, fix: Fix, indent: int, run: Run) -> list[str]:
    """The lines that the fix would take away and put there."""
    styles = {"-": RED, "+": GREEN}
    room = max(24, run.width - indent - 10)
    rows = []
    for sign, line in change(source, fix):
        text = visible(line.removesuffix("\r"))
        text = text if len(text) <= room else text[: room - 1] + "…"
        rows.append(f"{' ' * (indent + 8)}" + paint(f"{sign} {text}", styles[sign], run.color))
    return rows


def _header(source: Source, finding: Finding, run: Run) -> str:
    color = run.color
    line, column = source.position(finding.span.start)
    place = paint(f"{opening(visible(source.path))}:{line}:{column}:", BOLD, color)
    what = paint(f"{finding.severity.label}[{finding.rule}]", STYLES[finding.severity], color)
    name = link(finding.name, run.links.get(finding.rule))
    return f"{place} {what} {name}: {paint(one_line(finding.message), BOLD, color)}"


def _marks(finding: Finding) -> Sequence[Mark]:
    style = STYLES[finding.severity]
    main = Mark(finding.span, finding.label, "^", style)
    others = [Mark(each.span, each.label, "-", BLUE) for each in finding.related[:RELATED]]
    return (main, *others)


def _note(kind: str, text: str, indent: int, run: Run) -> list[str]:
    """A labelled remark under a frame, wrapped."""
    if not text.strip():
        return []
    lead = f"{' ' * indent}= "
    hang = " " * (indent + 8)
    first, *rest = wrap(text, max(24, min(run.width, WIDEST) - len(hang)))
    name = f"{kind}:".ljust(6)
    return [
        paint(lead, BLUE, run.color) + paint(name, BOLD, run.color) + first,
        *(hang + opening(line) for line in rest),
    ]
