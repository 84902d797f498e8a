"""What every drawing of a graph says: the lines in a box and beside an arrow, and their widths."""

from __future__ import annotations

import unicodedata

from dflint.graph import Edge, Node
from dflint.lazy import regex

IMAGE = "image"
LONGEST_TITLE = 46  # characters; a longer image name loses its middle
LONGEST_LABEL = 30
LABELS = 3  # paths beside an arrow; the rest are counted
ELLIPSIS = "…"
# A digest tells by its first figures, as a commit does.
DIGEST = regex(r"@sha256:([0-9a-f]{7})[0-9a-f]{57}")


def node_lines(node: Node) -> tuple[str, ...]:
    """The lines in a node's box: a stage's name, and where it stands.

    What it stands on is the arrow's to tell, except for `scratch`, which has none.
    """
    title = shorten(DIGEST.sub(rf"@\1{ELLIPSIS}", node.title), LONGEST_TITLE)
    if node.kind == IMAGE:
        return (title,)
    facts = [f"line {node.line}"]
    if node.detail == "scratch":
        facts.append("from scratch")
    if node.product:
        facts.append("the product")
    return (title, " · ".join(facts))


def edge_lines(edge: Edge) -> tuple[str, ...]:
    """The lines beside an arrow: the first few paths."""
    shown = tuple(shorten(label, LONGEST_LABEL) for label in edge.labels[:LABELS])
    more = len(edge.labels) - LABELS
    return (*shown, f"and {more} more") if more > 0 else shown


def shorten(text: str, longest: int) -> str:
    """A text without its middle where it is too long: both ends of a path or an image tell most."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    head = (longest - 1) // 2
    return text[:head] + ELLIPSIS + text[len(text) - (longest - 1 - head) :]


def text_width(text: str, size: float) -> float:
    """The width of a text in a proportional font of a size, a little more rather than less."""
    return size * sum(_em(character) for character in text)


def mono_width(text: str, size: float) -> float:
    """The width of a text in a monospaced font of a size."""
    return size * 0.61 * sum(2 if _wide(character) else 1 for character in text)


def _em(character: str) -> float:
    if character in "iljtfrI.,:;|!'()[]/ ":
        return 0.37
    if character in "mwMW@%…":
        return 0.93
    if _wide(character):
        return 1.05
    return 0.7 if character.isupper() else 0.6


def _wide(character: str) -> bool:
    return not character.isascii() and unicodedata.east_asian_width(character) in ("W", "F")
