"""Bars for the cases in which programs were compared, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from benchmarks.run import Figure

WIDTH, LABEL, ROW, GAP = 720, 190, 22, 34
COLOURS = {
    "dflint": "#2f6fde",
    "dflint, 1 process": "#7fa8ee",
    "hadolint": "#8a8f98",
    "tally": "#b9a26a",
}
STYLE = """\
text{font:13px system-ui,sans-serif;fill:#1f2328}.case{font-weight:600}.value{fill:#59636e}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.value{fill:#9198a1}}"""


def plot(figures: Sequence[Figure]) -> str:
    """A group of bars for each case that has several programs; every group has its own scale."""
    cases: dict[str, list[Figure]] = {}
    for each in figures:
        cases.setdefault(each.case, []).append(each)
    compared = {case: found for case, found in cases.items() if len(found) > 1}
    rows, top = [], 8
    for case, found in compared.items():
        rows.append(f'<text class="case" x="8" y="{top + 15}">{escape(case)}</text>')
        top += ROW + 4
        longest = max(each.seconds for each in found)
        for each in found:
            rows += _bar(each, top, longest)
            top += ROW
        top += GAP - ROW
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" role="img">'
    title = "<title>Seconds by case and program; shorter is better</title>"
    return "\n".join([head, title, f"<style>{STYLE}</style>", *rows, "</svg>"]) + "\n"


def _bar(figure: Figure, top: int, longest: float) -> list[str]:
    room = WIDTH - LABEL - 90
    length = max(1.0, room * figure.seconds / longest) if longest else 1.0
    colour = COLOURS.get(figure.program, "#c8ccd1")
    seconds = f"{figure.seconds * 1000:.0f} ms" if figure.seconds < 1 else f"{figure.seconds:.2f} s"
    middle = top + 15
    return [
        f'<text x="{LABEL - 10}" y="{middle}" text-anchor="end">{escape(figure.program)}</text>',
        f'<rect x="{LABEL}" y="{top + 3}" width="{length:.1f}" height="15" rx="2" '
        f'fill="{colour}"/>',
        f'<text class="value" x="{LABEL + length + 8:.1f}" y="{middle}">{seconds}</text>',
    ]
