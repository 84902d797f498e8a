"""A graph of stages as a Mermaid flowchart, which GitHub and many others draw in Markdown.

Form: "Flowcharts - Basic Syntax", mermaid.js.org, with its entity codes for special characters.
"""

from __future__ import annotations

import re

from dflint.graph import Edge, Graph, Node
from dflint.lazy import regex
from dflint.report.drawing import IMAGE, edge_lines, node_lines
from dflint.report.terminal import visible

# All that Mermaid's lexer or its HTML labels could take for something else. A `#` begins an entity
# code, a backtick at the start makes Markdown, `%` begins comments and directives.
SPECIAL = regex(r"""["'`#&<>\\%;|~^]""")
# In front of these words Mermaid strips what it takes for CSS.
STYLING = regex("style|classdef", re.IGNORECASE)

CLASSES = (
    "  classDef image fill:#8881,stroke:#8889",
    "  classDef product stroke:#2563eb,stroke-width:3px",
    "  classDef spare opacity:0.5,stroke-dasharray:4 3",
)


def mermaid(graph: Graph) -> str:
    """A flowchart from the images at the top to the product below."""
    rows = ["flowchart TD"]
    rows += [f"  {_node(node)}" for node in graph.nodes]
    rows += [f"  {_edge(edge)}" for edge in graph.edges]
    rows += CLASSES
    for name, keys in _classes(graph).items():
        if keys:
            rows.append(f"  class {','.join(keys)} {name}")
    faded = [str(number) for number, edge in enumerate(graph.edges) if not edge.needed]
    if faded:
        rows.append(f"  linkStyle {','.join(faded)} opacity:0.5")
    return "\n".join(rows) + "\n"


def _classes(graph: Graph) -> dict[str, list[str]]:
    return {
        "image": [node.key for node in graph.nodes if node.kind == IMAGE],
        "product": [node.key for node in graph.nodes if node.product],
        "spare": [node.key for node in graph.nodes if not node.needed],
    }


def _node(node: Node) -> str:
    text = "<br/>".join(_escape(line) for line in node_lines(node))
    return f'{node.key}(["{text}"])' if node.kind == IMAGE else f'{node.key}["{text}"]'


def _edge(edge: Edge) -> str:
    arrow = {"from": "-->", "copy": "-.->", "mount": "-.->"}[edge.kind]
    text = "<br/>".join(_escape(line) for line in edge_lines(edge))
    label = f'|"{text}"|' if text else ""
    return f"{edge.source} {arrow}{label} {edge.target}"


def _escape(text: str) -> str:
    # Mermaid breaks lines at a backslash and an n, even one from an entity: C:\new is a path.
    parted = visible(text).replace("\\n", "\\\u2060n")
    shown = SPECIAL.sub(lambda match: f"#{ord(match[0])};", parted)
    return shown.replace(":", "#58;") if STYLING.search(shown) else shown
