"""A graph of stages as SVG: a file of its own, or a part of a page.

Colours stand in rules for classes, so that the file follows the reader's light or dark scheme and
a page can bring its own.
"""

from __future__ import annotations

from dflint.graph import Graph, Node
from dflint.report.drawing import IMAGE
from dflint.report.layout import LINE, Box, Layout, Route, lay_out
from dflint.report.markup import escape

STYLE = """\
text { font: 11px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: #57606a }
.name { font-size: 13px; font-weight: 600; fill: #1f2328 }
.image .name { font-weight: 400; fill: #424a53 }
.label text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
.stage rect { fill: #ffffff; stroke: #8c959f }
.image rect { fill: #eaeef2; stroke: none }
.product rect { fill: #ddf4ff; stroke: #0969da; stroke-width: 2 }
.edge path { fill: none; stroke: #6e7781; stroke-width: 1.4 }
.edge .tip { fill: #6e7781; stroke: none }
.copy path { stroke: #0969da; stroke-dasharray: 5 3 }
.mount path { stroke: #8250df; stroke-dasharray: 2 3 }
.copy .tip { fill: #0969da }
.mount .tip { fill: #8250df }
.spare { opacity: 0.5 }
.spare rect { stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 }
  .name { fill: #f0f6fc }
  .image .name { fill: #c9d1d9 }
  .stage rect { fill: #161b22; stroke: #656c76 }
  .image rect { fill: #2a313c }
  .product rect { fill: #0c2d6b; stroke: #4493f8 }
  .edge path { stroke: #8b949e }
  .edge .tip { fill: #8b949e }
  .copy path { stroke: #4493f8 }
  .mount path { stroke: #ab7df8 }
  .copy .tip { fill: #4493f8 }
  .mount .tip { fill: #ab7df8 }
}
"""


def svg(graph: Graph, title: str = "") -> str:
    """A drawing that needs nothing else; `title` names the file, for those who cannot see it."""
    named = f"Stages of {title}" if title else "Build stages"
    return svg_element(graph, lay_out(graph), named, f"<style>\n{STYLE}</style>\n", "stages", None)


def svg_element(
    graph: Graph, layout: Layout, title: str, style: str, key: str, lines: str | None
) -> str:
    """The drawing as one element. `key` begins its ids.

    `lines` begins the address of a line on the page, to which each stage then leads.
    """
    wide, high = _number(layout.width), _number(layout.height)
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" role="img" aria-labelledby="{key}-title {key}-desc">\n'
        f'<title id="{key}-title">{escape(title)}</title>\n'
        f'<desc id="{key}-desc">{escape(description(graph))}</desc>\n{style}'
    ]
    rows += [_edge(route) for route in layout.routes]
    rows += [_label(route) for route in layout.routes if route.label is not None]
    rows += [_node(node, layout, lines) for node in graph.nodes]
    return "".join([*rows, "</svg>\n"])


def description(graph: Graph) -> str:
    """The drawing in words."""
    titles = {node.key: node.title for node in graph.nodes}
    sentences = []
    for node in graph.nodes:
        if node.kind == IMAGE:
            continue
        sources = [
            titles[e.source] for e in graph.edges if e.target == node.key and e.kind != "from"
        ]
        takes = f", takes files from {', '.join(dict.fromkeys(sources))}" if sources else ""
        kind = (
            "is the product" if node.product else "is a stage" if node.needed else "is not needed"
        )
        sentences.append(f"{node.title} {kind}, stands on {node.detail}{takes}.")
    return " ".join(sentences)


def _node(node: Node, layout: Layout, lines: str | None) -> str:
    box = layout.boxes[node.key]
    left, top = box.x - box.width / 2, box.y - box.height / 2
    classes = [
        node.kind,
        *(["product"] if node.product else []),
        *([] if node.needed else ["spare"]),
    ]
    radius = box.height / 2 if node.kind == IMAGE else 7
    rect = (
        f'<rect x="{_number(left)}" y="{_number(top)}" width="{_number(box.width)}" '
        f'height="{_number(box.height)}" rx="{_number(radius)}"/>'
    )
    start = box.y + 4.5 if len(box.lines) == 1 else box.y - 3.5
    texts = _text(box.x, start, box.lines[0], "name")
    texts += "".join(_text(box.x, start + 17, line) for line in box.lines[1:])
    shape = rect + texts
    if lines is not None and node.line is not None:
        shape = f'<a href="{escape(lines)}{node.line}">{shape}</a>'
    tip = f"<title>{escape(node.title)}</title>"
    return f'<g class="{" ".join(classes)}">{tip}{shape}</g>\n'


def _edge(route: Route) -> str:
    points = route.points
    parts = [f"M{_pair(points[0])}"]
    end = points[-1]
    up = points[0][1] > end[1]
    stop = (end[0], end[1] + (6 if up else -6))  # the tip begins here
    for (x, y), (u, v) in zip(points, (*points[1:-1], stop), strict=False):
        if abs(x - u) < 0.5:
            parts.append(f"V{_number(v)}")
        else:
            middle = (y + v) / 2
            parts.append(f"C{_pair((x, middle))} {_pair((u, middle))} {_pair((u, v))}")
    back = 7 if up else -7
    tip = f"M{_pair(end)}l-4 {back}h8z"
    spare = "" if route.edge.needed else " spare"
    return (
        f'<g class="edge {route.edge.kind}{spare}"><path d="{"".join(parts)}"/>'
        f'<path class="tip" d="{tip}"/></g>\n'
    )


def _label(route: Route) -> str:
    box = route.label
    if box is None:
        return ""
    spare = "" if route.edge.needed else " spare"
    return f'<g class="label {route.edge.kind}{spare}">{_lines(box)}</g>\n'


def _lines(box: Box) -> str:
    """A label's lines, to the right of its arrow."""
    first = box.y - LINE * (len(box.lines) - 1) / 2 + 4
    left = box.x - box.width / 2 + 9
    return "".join(
        f'<text x="{_number(left)}" y="{_number(first + LINE * number)}">{escape(line)}</text>'
        for number, line in enumerate(box.lines)
    )


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return (
        f'<text x="{_number(x)}" y="{_number(y)}" text-anchor="middle"{named}>{escape(text)}</text>'
    )


def _pair(point: tuple[float, float]) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
