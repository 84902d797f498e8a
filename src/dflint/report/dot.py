"""A graph of stages in DOT, the language of Graphviz.

Form: "DOT Language" and "escString", graphviz.org.
"""

from __future__ import annotations

from dflint.graph import Edge, Graph, Node
from dflint.report.drawing import IMAGE, edge_lines, node_lines
from dflint.report.terminal import visible

HEADER = (
    "digraph stages {",
    '  graph [rankdir=TB, ranksep=0.5, nodesep=0.4, fontname="Helvetica,Arial,sans-serif"]',
    '  node [shape=box, style="rounded", fontname="Helvetica,Arial,sans-serif", fontsize=11]',
    '  edge [fontname="Helvetica,Arial,sans-serif", fontsize=9, arrowsize=0.7]',
)
PLAIN, PRODUCT, SPARE = "#475569", "#2563eb", "#b4bcc8"


def dot(graph: Graph) -> str:
    """A digraph from the images at the top to the product below."""
    rows = [*HEADER]
    rows += [f"  {_node(node)}" for node in graph.nodes]
    rows += [f"  {_edge(edge)}" for edge in graph.edges]
    return "\n".join([*rows, "}"]) + "\n"


def _node(node: Node) -> str:
    style = "filled" if node.kind == IMAGE else "rounded"
    facts = {"label": _text(node_lines(node)), "color": f'"{PLAIN}"'}
    if node.kind == IMAGE:
        facts |= {"shape": "oval", "fillcolor": '"#f1f5f9"'}
    if node.product:
        facts |= {"color": f'"{PRODUCT}"', "penwidth": "2"}
    if not node.needed:
        facts |= {"color": f'"{SPARE}"', "fontcolor": f'"{SPARE}"'}
        style += ",dashed"
    facts["style"] = f'"{style}"'
    return f"{node.key} {_attributes(facts)}"


def _edge(edge: Edge) -> str:
    color = PLAIN if edge.needed else SPARE
    facts = {"color": f'"{color}"', "fontcolor": f'"{color}"'}
    if edge.kind != "from":
        facts["style"] = '"dashed"' if edge.kind == "copy" else '"dotted"'
    lines = edge_lines(edge)
    if lines:
        facts["label"] = _text(lines)
    return f"{edge.source} -> {edge.target} {_attributes(facts)}"


def _attributes(facts: dict[str, str]) -> str:
    return "[" + ", ".join(f"{name}={value}" for name, value in facts.items()) + "]"


def _text(lines: tuple[str, ...]) -> str:
    return '"' + "\\n".join(_escape(line) for line in lines) + '"'


def _escape(text: str) -> str:
    """Backslashes begin escapes in labels, and `&` begins entities as in HTML."""
    shown = visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return shown.replace("&", "&amp;")
