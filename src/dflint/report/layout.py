"""Where everything stands in a drawing: boxes in layers from top to bottom, arrows between them.

The classic layered method of Sugiyama and others: longest-path layers, an order within each layer
by the mean place of the neighbours, then places that keep arrows straight. Between two layers of
boxes lies one for labels, so that no label meets a box or another label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

from msgspec import Struct, field

from dflint.graph import Edge, Graph
from dflint.report.drawing import IMAGE, edge_lines, mono_width, node_lines, text_width

TITLE, SMALL = 13.0, 11.0  # font sizes
BOLD = 1.1  # how much wider bold letters are
LINE = 14.0  # the height of a line of a label
PADDING = 12.0
GAP = 22.0  # between boxes of a layer
LANE = 14.0  # between arrows that pass beside each other
DROP = 20.0  # between layers
MARGIN = 8.0
SWEEPS = 12
LIMIT = 1e6
NEAR = 40.0  # how far an arrow may be moved for the sake of being straight


class Box(Struct, frozen=True):
    """A node's or a label's rectangle: its centre, its size and the lines in it.

    A label's arrow passes at its left edge, and its lines begin right of it.
    """

    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]


class Route(Struct, frozen=True):
    """An arrow: stretches of points to pass, from top to bottom, and its label if any.

    Every two points that follow each other are (from, to) of one curve or straight stretch.
    """

    edge: Edge
    points: tuple[tuple[float, float], ...]
    label: Box | None


class Layout(Struct, frozen=True):
    """A drawing's size, its boxes by node key, and its arrows."""

    width: float
    height: float
    boxes: Mapping[str, Box]
    routes: tuple[Route, ...]


class _Item(Struct):
    """Something that takes room in a layer: a node, a label, or a place that an arrow passes."""

    layer: int
    width: float
    height: float
    lines: tuple[str, ...] = ()
    box: bool = False
    x: float = 0.0
    above: list[_Item] = field(default_factory=list)
    below: list[_Item] = field(default_factory=list)

    @property
    def lane(self) -> float:
        """The x of an arrow here: left of the label that it has."""
        return self.x if self.box or not self.lines else self.x - self.width / 2 + 2


def lay_out(graph: Graph) -> Layout:
    """Places for all that a graph holds; a node without arrows stands in the first layer."""
    layers = _layers(graph)
    items: dict[str, _Item] = {}
    for node in graph.nodes:
        lines = node_lines(node)
        sizes = [
            text_width(lines[0], TITLE * BOLD),
            *(text_width(line, SMALL) for line in lines[1:]),
        ]
        height = 30.0 if node.kind == IMAGE else 46.0
        width = max(sizes) + 2 * PADDING + (8 if node.kind == IMAGE else 0)
        items[node.key] = _Item(2 * layers[node.key], width, height, lines, True)
    chains = _chains(graph, items)
    rows = _rows([*items.values(), *(item for chain, _ in chains for item in chain)])
    _order(rows)
    _place(rows, chains)
    return _drawn(graph, items, chains, rows)


def _layers(graph: Graph) -> dict[str, int]:
    """The layer of each node: below all that it is made from.

    Nodes stand in an order in which only wrong files have arrows backwards; those do not count.
    """
    layers: dict[str, int] = {}
    into: dict[str, list[str]] = {}
    for edge in graph.edges:
        into.setdefault(edge.target, []).append(edge.source)
    for node in graph.nodes:
        sources = [layers[source] for source in into.get(node.key, ()) if source in layers]
        layers[node.key] = max(sources, default=-1) + 1
    # An image goes down to just above the first stage that needs it.
    for node in graph.nodes:
        below = [layers[edge.target] for edge in graph.edges if edge.source == node.key]
        if node.kind == IMAGE and below:
            layers[node.key] = max(0, min(below) - 1)
    return layers


Chain = tuple[list[_Item], "_Item | None"]


def _chains(graph: Graph, items: Mapping[str, _Item]) -> list[Chain]:
    """For each edge the places that it passes between its ends, and the one that is its label."""
    taken: dict[int, float] = {}
    chains: list[Chain] = []
    for edge in graph.edges:
        top, bottom = sorted((items[edge.source], items[edge.target]), key=lambda item: item.layer)
        between = range(top.layer + 1, bottom.layer)
        chain = [_Item(layer, 2.0, 0.0) for layer in between]
        lines = edge_lines(edge)
        label = None
        if lines and chain:
            # Labels stand between layers of boxes, where the fewest stand already.
            label = min(chain[::2], key=lambda item: (taken.get(item.layer, 0), -item.layer))
            label.lines = lines
            label.width = max(mono_width(line, SMALL) for line in lines) + 12
            label.height = LINE * len(lines) + 6
            taken[label.layer] = taken.get(label.layer, 0) + label.width
        way = [top, *chain, bottom]
        for upper, lower in pairwise(way):
            if upper.layer < lower.layer:
                upper.below.append(lower)
                lower.above.append(upper)
        chains.append((chain, label))
    return chains


def _rows(items: Sequence[_Item]) -> list[list[_Item]]:
    rows: list[list[_Item]] = [
        [] for _ in range(max((item.layer for item in items), default=-1) + 1)
    ]
    for item in items:
        rows[item.layer].append(item)
    return rows


def _order(rows: list[list[_Item]]) -> None:
    """Order each row by the mean place of its neighbours, down and up, and keep the best."""
    best, fewest = [list(row) for row in rows], _crossings(rows)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            neighbours = [item.above if down else item.below for item in row]
            ranks = {id(item): at for other in rows for at, item in enumerate(other)}
            means = {
                id(item): sum(ranks[id(other)] for other in others) / len(others)
                if others
                else float(ranks[id(item)])
                for item, others in zip(row, neighbours, strict=True)
            }
            row.sort(key=lambda item, means=means: means[id(item)])  # type: ignore[misc]
        crossings = _crossings(rows)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    for row, ordered in zip(rows, best, strict=True):
        row[:] = ordered


def _crossings(rows: Sequence[Sequence[_Item]]) -> int:
    count = 0
    for upper, lower in pairwise(rows):
        ranks = {id(item): at for at, item in enumerate(lower)}
        ends = [ranks[id(item)] for each in upper for item in _sorted_by(each.below, ranks)]
        seen: list[int] = []
        for end in ends:
            count += sum(other > end for other in seen)
            seen.append(end)
    return count


def _sorted_by(items: Sequence[_Item], ranks: Mapping[int, int]) -> list[_Item]:
    """Items in the order of their ranks."""
    return sorted(items, key=lambda item: ranks[id(item)])


def _place(rows: Sequence[Sequence[_Item]], chains: Sequence[Chain]) -> None:
    """Give every item an x: near its neighbours, in the order of its row, nothing overlapping."""
    for row in rows:
        _keep_apart(row, [0.0] * len(row), [1.0] * len(row))
    for sweep in range(SWEEPS * 2):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wishes, weights = [], []
            for item in row:
                others = [*item.above, *item.below]
                if sweep < SWEEPS:
                    others = (item.above if sweep % 2 == 0 else item.below) or others
                pulls = [(other.lane, 1.0 if item.box or other.box else 4.0) for other in others]
                total = sum(pull for _, pull in pulls)
                if pulls:
                    wish = sum(x * pull for x, pull in pulls) / total
                    wishes.append(wish + item.x - item.lane)
                else:  # a node without arrows stands close to the one before it
                    wishes.append(wishes[-1] if wishes else item.x)
                weights.append(total or 0.01)
            _keep_apart(row, wishes, weights)
    _straighten(rows, chains)


def _keep_apart(row: Sequence[_Item], wishes: Sequence[float], weights: Sequence[float]) -> None:
    gaps = [_gap(left, right) for left, right in pairwise(row)]
    for item, x in zip(row, _spread(wishes, weights, gaps), strict=True):
        item.x = x


def _gap(left: _Item, right: _Item) -> float:
    """How far apart the centres of two neighbours are at least."""
    return (left.width + right.width) / 2 + (GAP if left.box or right.box else LANE)


def _straighten(rows: Sequence[Sequence[_Item]], chains: Sequence[Chain]) -> None:
    """Move the places that an arrow passes to as few different x as their neighbours allow."""
    neighbours = {
        id(item): (row[at - 1] if at else None, row[at + 1] if at + 1 < len(row) else None)
        for row in rows
        for at, item in enumerate(row)
    }
    for chain, _ in chains:
        run: list[_Item] = []
        low, high = -LIMIT, LIMIT
        for item in chain:
            before, after = neighbours[id(item)]
            shift = item.lane - item.x
            least = -LIMIT if before is None else before.x + _gap(before, item) + shift
            most = LIMIT if after is None else after.x - _gap(item, after) + shift
            if run and max(low, least) > min(high, most):
                _align(run, low, high)
                run, low, high = [], -LIMIT, LIMIT
            run.append(item)
            low, high = max(low, least), min(high, most)
        _align(run, low, high)


def _align(run: Sequence[_Item], low: float, high: float) -> None:
    """One x for a run of places: in a line with the boxes at its ends where that is possible."""
    if not run:
        return
    # The narrower a box, the less an arrow may stray from its middle.
    ends = [(item.x, item.width**-2) for item in (*run[0].above, *run[-1].below) if item.box]
    ends = ends or [(item.lane, 1.0) for item in run]
    wish = sum(x * weight for x, weight in ends) / sum(weight for _, weight in ends)
    lanes = sorted(item.lane for item in run)
    wish = min(max(wish, lanes[0] - NEAR), lanes[-1] + NEAR)
    lane = min(max(wish, low), high)
    for item in run:
        item.x += lane - item.lane


def _spread(
    wishes: Sequence[float], weights: Sequence[float], gaps: Sequence[float]
) -> list[float]:
    """The places nearest to the wishes (least squares) that are in order and so far apart."""
    offsets = list(accumulate(gaps, initial=0.0))
    # Pool adjacent violators: blocks of places that touch move together.
    blocks: list[tuple[float, float, int]] = []  # place, weight, count
    for wish, weight, offset in zip(wishes, weights, offsets, strict=False):
        block = (wish - offset, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            place, heavy, count = blocks.pop()
            total = heavy + block[1]
            block = ((place * heavy + block[0] * block[1]) / total, total, count + block[2])
        blocks.append(block)
    places = [place for place, _, count in blocks for _ in range(count)]
    return [place + offset for place, offset in zip(places, offsets, strict=False)]


def _drawn(
    graph: Graph,
    items: Mapping[str, _Item],
    chains: Sequence[Chain],
    rows: Sequence[Sequence[_Item]],
) -> Layout:
    left = min((item.x - item.width / 2 for row in rows for item in row), default=0.0) - MARGIN
    right = max((item.x + item.width / 2 for row in rows for item in row), default=0.0) + MARGIN
    tops: list[tuple[float, float]] = []  # y and height of each row
    y = MARGIN
    for row in rows:
        height = max((item.height for item in row), default=0.0)
        tops.append((y, height))
        y += height + DROP
    height = y - DROP + MARGIN

    def box(item: _Item) -> Box:
        top, tall = tops[item.layer]
        return Box(item.x - left, top + tall / 2, item.width, item.height, item.lines)

    boxes = {key: box(item) for key, item in items.items()}
    ports = _ports(graph, items, chains, left)
    # A row without labels is no more than a gap, which an arrow crosses in one curve.
    chains = [([item for item in chain if tops[item.layer][1]], label) for chain, label in chains]
    routes = []
    for number, (edge, (chain, label)) in enumerate(zip(graph.edges, chains, strict=True)):
        out, into = ports[number]
        first, last = boxes[edge.source], boxes[edge.target]
        up = items[edge.source].layer > items[edge.target].layer
        points = [(out, first.y + (-1 if up else 1) * first.height / 2)]
        for item in reversed(chain) if up else chain:
            top, tall = tops[item.layer]
            ends = [(item.lane - left, top), (item.lane - left, top + tall)]
            points += reversed(ends) if up else ends
        points.append((into, last.y + (1 if up else -1) * last.height / 2))
        routes.append(Route(edge, tuple(points), None if label is None else box(label)))
    return Layout(right - left, height, boxes, tuple(routes))


def _ports(
    graph: Graph, items: Mapping[str, _Item], chains: Sequence[Chain], left: float
) -> list[tuple[float, float]]:
    """Where each edge leaves its source and enters its target, side by side and uncrossed."""
    out: dict[str, list[tuple[float, int]]] = {}
    into: dict[str, list[tuple[float, int]]] = {}
    for number, (edge, (chain, _)) in enumerate(zip(graph.edges, chains, strict=True)):
        source, target = items[edge.source], items[edge.target]
        up = source.layer > target.layer
        ends = [item.lane for item in (reversed(chain) if up else chain)]
        out.setdefault(edge.source, []).append((ends[0] if ends else target.x, number))
        into.setdefault(edge.target, []).append((ends[-1] if ends else source.x, number))
    places = [[0.0, 0.0] for _ in graph.edges]
    for side, all_ends in enumerate((out, into)):
        for key, found in all_ends.items():
            for number, x in _side(items[key], sorted(found)):
                places[number][side] = x - left
    return [(a, b) for a, b in places]


def _side(item: _Item, found: Sequence[tuple[float, int]]) -> list[tuple[int, float]]:
    """Places on one side of a box for arrows, each as near as can be to where it comes from."""
    corner = PADDING if len(item.lines) > 1 else item.height / 2  # an image has round ends
    room = item.width / 2 - corner
    step = min(LANE + 2, 2 * room / len(found))
    wishes = [min(max(x, item.x - room), item.x + room) for x, _ in found]
    places = _spread(wishes, [1.0] * len(found), [step] * (len(found) - 1))
    shift = max(0.0, item.x - room - places[0]) - max(0.0, places[-1] - item.x - room)
    return [(number, x + shift) for (_, number), x in zip(found, places, strict=True)]
