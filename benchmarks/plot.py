"""Bars for the cases in which programs were compared, and for growth, as SVG."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
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


GROWTH = re.compile(r"(one file of )?([\d,]+) (files|lines)")


class Bar(NamedTuple):
    """One bar: what stands before it, how long it is, what stands after it."""

    label: str
    length: float
    value: str
    colour: str


def plot(figures: Sequence[Figure]) -> str:
    """Groups of bars as SVG, each with its own scale.

    A group for each case that has several programs, and one each for the cost of a file, and of a
    line, as their number grows.
    """
    groups = {**_compared(figures), **_growth(figures)}
    rows, top = [], 8
    for name, bars in groups.items():
        rows.append(f'<text class="case" x="8" y="{top + 15}">{escape(name)}</text>')
        top += ROW + 4
        longest = max(each.length for each in bars)
        for each in bars:
            rows += _bar(each, top, longest)
            top += ROW
        top += GAP - ROW
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" role="img">'
    title = "<title>Time by case and program; shorter is better</title>"
    return "\n".join([head, title, f"<style>{STYLE}</style>", *rows, "</svg>"]) + "\n"


def _compared(figures: Sequence[Figure]) -> dict[str, list[Bar]]:
    cases: dict[str, list[Bar]] = {}
    for each in figures:
        value = f"{each.seconds * 1000:.0f} ms" if each.seconds < 1 else f"{each.seconds:.2f} s"
        colour = COLOURS.get(each.program, "#c8ccd1")
        cases.setdefault(each.case, []).append(Bar(each.program, each.seconds, value, colour))
    return {case: bars for case, bars in cases.items() if len(bars) > 1}


def _growth(figures: Sequence[Figure]) -> dict[str, list[Bar]]:
    """The cost of one of many: bars of the same length mean that cost grows with the number."""
    groups: dict[str, list[Bar]] = {}
    for each in figures:
        found = GROWTH.fullmatch(each.case)
        if found is None:
            continue
        cost = each.seconds * 1000 / int(found[2].replace(",", ""))
        name = (
            "dflint, milliseconds a line of one file" if found[1] else "dflint, milliseconds a file"
        )
        bar = Bar(f"{found[2]} {found[3]}", cost, f"{cost:.2g} ms", COLOURS["dflint"])
        groups.setdefault(name, []).append(bar)
    return groups


def _bar(bar: Bar, top: int, longest: float) -> list[str]:
    room = WIDTH - LABEL - 90
    length = max(1.0, room * bar.length / longest) if longest else 1.0
    middle = top + 15
    return [
        f'<text x="{LABEL - 10}" y="{middle}" text-anchor="end">{escape(bar.label)}</text>',
        f'<rect x="{LABEL}" y="{top + 3}" width="{length:.1f}" height="15" rx="2" '
        f'fill="{bar.colour}"/>',
        f'<text class="value" x="{LABEL + length + 8:.1f}" y="{middle}">{bar.value}</text>',
    ]
