"""The stages of a build as a graph: what stands on what, and what is taken from where.

Nothing here is drawn; `report/` knows how a graph becomes Mermaid, DOT or SVG.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from dflint.model import Build, Stage, Step, Use

EdgeKind = Literal["from", "copy", "mount"]


class Node(Struct, frozen=True):
    """A stage, or an image from outside the file.

    `detail` is what a stage's FROM names, as far as it is known, and empty for an image; `line` is
    the line of FROM, counted from 1; `needed` says whether the product is made from it.
    """

    key: str
    kind: Literal["stage", "image"]
    title: str
    detail: str = ""
    line: int | None = None
    product: bool = False
    needed: bool = True


class Edge(Struct, frozen=True):
    """`target` is made with something of `source`: both are keys of nodes.

    `labels` are the paths that are copied or mounted, each once, in the order of the file.
    """

    source: str
    target: str
    kind: EdgeKind
    labels: tuple[str, ...] = ()
    needed: bool = True


class Graph(Struct, frozen=True):
    """Stages in the order of the file, each image before the first stage that uses it.

    `scratch` is no image, and stages stand on it without an edge.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def make_graph(build: Build) -> Graph:
    """The graph of a build; empty where it has no stages."""
    images = _images(build)
    nodes: list[Node] = []
    drawn: set[str] = set()
    edges: dict[tuple[str, str, EdgeKind], Edge] = {}
    for stage in build.stages:
        needed = stage.index in build.reachable
        for use, kind, labels in _uses(stage):
            source = _key(use, images)
            if use.stage is None and source not in drawn:
                drawn.add(source)
                nodes.append(Node(source, "image", use.text, needed=False))
            place = (source, _stage_key(stage.index), kind)
            before = edges[place].labels if place in edges else ()
            edges[place] = Edge(*place, tuple(dict.fromkeys((*before, *labels))), needed)
        nodes.append(_stage_node(build, stage))
    wanted = {edge.source for edge in edges.values() if edge.needed}
    return Graph(
        tuple(
            Node(each.key, "image", each.title, needed=each.key in wanted)
            if each.kind == "image"
            else each
            for each in nodes
        ),
        tuple(edges.values()),
    )


def _stage_key(index: int) -> str:
    return f"s{index}"


def _key(use: Use, images: dict[str, str]) -> str:
    return images[use.text] if use.stage is None else _stage_key(use.stage)


def _images(build: Build) -> dict[str, str]:
    """A key for every image that a stage stands on or copies from, by its text."""
    texts: dict[str, str] = {}
    for stage in build.stages:
        for use, _, _ in _uses(stage):
            if use.stage is None:
                texts.setdefault(use.text, f"i{len(texts)}")
    return texts


def _stage_node(build: Build, stage: Stage) -> Node:
    return Node(
        _stage_key(stage.index),
        "stage",
        stage.name if stage.name is not None else f"stage {stage.index}",
        _base_text(stage),
        build.source.position(stage.start.span.start)[0],
        stage.index == build.product,
        stage.index in build.reachable,
    )


def _base_text(stage: Stage) -> str:
    """What FROM names: as it is when known, otherwise as it is written."""
    if stage.image.known or not stage.start.words:
        return stage.image.value
    return stage.start.words[0].value


def _uses(stage: Stage) -> Iterator[tuple[Use, EdgeKind, tuple[str, ...]]]:
    """Everything that a stage uses: its base, then what it copies and mounts, with the paths."""
    if stage.parent is not None:
        yield from ((use, "from", ()) for use in stage.uses if use.kind == "from")
    elif _base_text(stage) != "scratch":
        # An image is no use of another stage, but the picture shows it all the same.
        yield Use("from", _base_text(stage), stage.image.span, None), "from", ()
    for step in stage.steps:
        for number, use in enumerate(step.uses):
            if use.kind == "copy":
                yield use, "copy", _copied(step)
            else:
                yield use, "mount", _mounted(step, number)


def _copied(step: Step) -> tuple[str, ...]:
    """The sources of a COPY, as written; its destination is what every copy has."""
    words = step.instruction.words
    return tuple(word.value for word in words[:-1])


def _mounted(step: Step, number: int) -> tuple[str, ...]:
    """Where the mounted files appear; BuildKit's default is the root of the mounted stage."""
    mounts = [mount for mount in step.mounts if "from" in mount.options]
    if number >= len(mounts):
        return ()
    options = mounts[number].options
    target = next((options[key] for key in ("target", "dst", "destination") if key in options), "")
    return (f"mount {target}",) if target else ()
