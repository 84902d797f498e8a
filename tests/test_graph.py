"""The graph of stages, and its drawings in Mermaid, DOT and SVG."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from dflint.cli.app import make_app
from dflint.graph import Edge, Graph, Node, make_graph
from dflint.model import make_build
from dflint.reader import read
from dflint.report.dot import dot
from dflint.report.layout import lay_out
from dflint.report.mermaid import mermaid
from dflint.report.svg import description, svg
from dflint.source import make_source
from tests.report.test_any_text import RAW

DOCKERFILE = """\
ARG TAG=3.13
FROM python:$TAG AS base
FROM base AS builder
COPY . .
FROM alpine AS unused
FROM scratch AS empty
COPY --from=busybox:1.37 /bin/busybox /
FROM python:$TAG
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /app/a /app/b /srv/
COPY --from=0 /x /x
RUN --mount=type=bind,from=builder,target=/wheels --mount=type=cache,target=/c --mount=from=node:24,dst=/n true
ONBUILD COPY --from=empty /y /y
"""
SVG = "{http://www.w3.org/2000/svg}"


def graph_of(text: str, target: str | None = None) -> Graph:
    return make_graph(make_build(read(make_source("Dockerfile", text)), target))


def node(graph: Graph, title: str) -> Node:
    (found,) = [each for each in graph.nodes if each.title == title]
    return found


def edges(graph: Graph) -> set[tuple[str, str, str, tuple[str, ...]]]:
    titles = {each.key: each.title for each in graph.nodes}
    return {
        (each.kind, titles[each.source], titles[each.target], each.labels) for each in graph.edges
    }


def test_stages_and_images() -> None:
    graph = graph_of(DOCKERFILE)
    assert [(each.kind, each.title) for each in graph.nodes] == [
        ("image", "python:3.13"),
        ("stage", "base"),
        ("stage", "builder"),
        ("image", "alpine"),
        ("stage", "unused"),
        ("image", "busybox:1.37"),
        ("stage", "empty"),
        ("image", "node:24"),
        ("stage", "stage 4"),
    ]
    assert node(graph, "builder") == Node("s1", "stage", "builder", "base", 3)
    assert node(graph, "stage 4").product
    assert node(graph, "empty").detail == "scratch"


def test_edges_tell_what_is_taken() -> None:
    assert edges(graph_of(DOCKERFILE)) == {
        ("from", "python:3.13", "base", ()),
        ("from", "base", "builder", ()),
        ("from", "alpine", "unused", ()),
        ("copy", "busybox:1.37", "empty", ("/bin/busybox",)),
        ("from", "python:3.13", "stage 4", ()),
        ("copy", "builder", "stage 4", ("/opt/venv", "/app/a", "/app/b")),
        ("copy", "base", "stage 4", ("/x",)),
        ("mount", "builder", "stage 4", ("mount /wheels",)),
        ("mount", "node:24", "stage 4", ("mount /n",)),
        ("copy", "empty", "stage 4", ("/y",)),
    }


def test_what_the_product_does_not_need() -> None:
    graph = graph_of(DOCKERFILE)
    assert {each.title for each in graph.nodes if not each.needed} == {"unused", "alpine"}
    assert [each.target for each in graph.edges if not each.needed] == ["s2"]
    other = graph_of(DOCKERFILE, "builder")
    assert node(other, "builder").product
    assert not node(other, "stage 4").needed
    assert node(other, "python:3.13").needed


def test_files_without_stages() -> None:
    empty = graph_of("ARG A=1\n")
    assert empty == Graph((), ())
    assert mermaid(empty).startswith("flowchart TD\n")
    assert dot(empty).endswith("}\n")
    ElementTree.fromstring(svg(empty))


def test_an_image_that_is_not_known_is_shown_as_written() -> None:
    assert graph_of("ARG A\nFROM python:${A}-slim\n").nodes[0].title == "python:${A}-slim"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a AS x\nCOPY --from=y /a /a\nFROM b AS y\n",
        "FROM a AS x\nCOPY --from=x /a /a\n",
        "FROM a AS x\nCOPY --from=y /a /a\nFROM x AS y\n",
    ],
)
def test_copies_from_later_stages_and_from_itself_are_drawn(text: str) -> None:
    graph = graph_of(text)
    assert len(lay_out(graph).routes) == len(graph.edges)
    ElementTree.fromstring(svg(graph))


def test_nothing_overlaps() -> None:
    layout = lay_out(graph_of(DOCKERFILE))
    boxes = [*layout.boxes.values(), *(each.label for each in layout.routes if each.label)]
    for number, one in enumerate(boxes):
        assert one.width / 2 <= one.x <= layout.width - one.width / 2
        assert one.height / 2 <= one.y <= layout.height - one.height / 2
        for other in boxes[number + 1 :]:
            apart = (
                abs(one.x - other.x) >= (one.width + other.width) / 2
                or abs(one.y - other.y) >= (one.height + other.height) / 2
            )
            assert apart, (one, other)


def test_arrows_go_down_and_stay_in_the_drawing() -> None:
    layout = lay_out(graph_of(DOCKERFILE))
    for route in layout.routes:
        heights = [y for _, y in route.points]
        assert heights == sorted(heights)
        assert all(0 <= x <= layout.width for x, _ in route.points)


def test_a_straight_line_of_stages_is_drawn_straight() -> None:
    layout = lay_out(graph_of("FROM python AS a\nFROM a AS bb\nFROM bb AS ccc\n"))
    assert len({x for route in layout.routes for x, _ in route.points}) == 1


def test_the_words_of_the_drawing() -> None:
    words = description(graph_of(DOCKERFILE))
    assert "builder is a stage, stands on base." in words
    assert "unused is not needed, stands on alpine." in words
    assert "stage 4 is the product, stands on python:3.13, takes files from builder, base" in words


def test_the_svg_names_the_classes() -> None:
    root = ElementTree.fromstring(svg(graph_of(DOCKERFILE), "Dockerfile"))
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == "Stages of Dockerfile"
    classes = [each.get("class") for each in root.iter(f"{SVG}g")]
    for wanted in (
        "stage product",
        "stage spare",
        "image",
        "edge copy",
        "edge mount",
        "label copy",
    ):
        assert wanted in classes


ODD = "\"'`#&<>\\%;|~^[](){}$:*_-/ \n\t\x1b\u202e\ufffe日"
NAMES = st.text(st.sampled_from(ODD + "abn") | st.characters(), min_size=1, max_size=30)


@given(st.lists(NAMES, min_size=1, max_size=5), st.data())
def test_any_text_can_be_drawn(names: list[str], data: st.DataObject) -> None:
    nodes = tuple(Node(f"s{number}", "stage", name, name, 1) for number, name in enumerate(names))
    keys = st.sampled_from([each.key for each in nodes])
    kinds = st.sampled_from(["from", "copy", "mount"])
    made = st.builds(Edge, keys, keys, kinds, st.lists(NAMES, max_size=5).map(tuple), st.booleans())
    graph = Graph(nodes, tuple(data.draw(st.lists(made, max_size=6))))
    ElementTree.fromstring(svg(graph, names[0]).encode())
    for text in (svg(graph), dot(graph), mermaid(graph)):
        assert not RAW.search(text)
    for line in mermaid(graph).splitlines():
        assert line.count('"') in (0, 2)
        assert "<" not in line.replace("<br/>", "")
    for line in dot(graph).splitlines():
        assert re.sub(r"\\.", "", line).count('"') % 2 == 0


HOSTILE = [
    'a"b[c](d){e}<f>',
    "</script><b>#quot;",
    "back\\slash\\n\\N\\",
    "`md` **b** %%{init}%%",
    'mystyle:x"#y;',
    "x|y;z&amp;&",
    "&#x41; ${A:-b}",
    "end",
]


@pytest.mark.skipif(shutil.which("dot") is None, reason="no Graphviz here")
def test_graphviz_reads_back_every_text() -> None:
    nodes = tuple(Node(f"i{number}", "image", text) for number, text in enumerate(HOSTILE))
    edge = Edge("i0", "i1", "copy", tuple(HOSTILE[:3]))
    drawn = subprocess.run(
        ["dot", "-Tsvg"], input=dot(Graph(nodes, (edge,))).encode(), capture_output=True, check=True
    )
    assert drawn.stderr == b""
    texts = {
        unescape(each) for each in re.findall("<text[^>]*>(.*?)</text>", drawn.stdout.decode())
    }
    assert texts == set(HOSTILE)


def test_mermaid_takes_no_character_for_its_own() -> None:
    for text in HOSTILE:
        row = mermaid(Graph((Node("i0", "image", text),), ())).splitlines()[1]
        quoted = row[row.index('"') + 1 : row.rindex('"')]
        back = re.sub(r"#(\d+);", lambda match: chr(int(match[1])), quoted)
        assert back.replace("\u2060", "") == text
        assert not re.search(r"""["'`<>&\\%;|]|#(?!\d+;)""", re.sub(r"#\d+;", "", quoted))


def test_the_sample_app_s_picture_is_what_it_is() -> None:
    root = Path(__file__).parent.parent
    text = (root / "sample_app/Dockerfile").read_text(encoding="utf-8")
    shown = (root / "docs/sample-app-stages.svg").read_text(encoding="utf-8")
    assert shown == svg(graph_of(text))


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Dockerfile").write_text(DOCKERFILE)
    graph = graph_of(DOCKERFILE)
    run = CliRunner().invoke
    assert run(make_app(), ["graph"]).stdout == mermaid(graph)
    assert run(make_app(), ["graph", "-"], input=DOCKERFILE).stdout == mermaid(graph)
    assert run(make_app(), ["graph", "--output-format", "dot"]).stdout == dot(graph)
    target = run(
        make_app(), ["graph", "--target", "builder", "--output-format", "svg", "-o", "a.svg"]
    )
    assert (target.exit_code, target.stdout) == (0, "")
    assert Path("a.svg").read_text(encoding="utf-8") == svg(graph_of(DOCKERFILE, "builder"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--target", "nobody"], "there is no stage `nobody`; the stages are: base, builder,"),
        (["nothing"], "nothing: cannot be read"),
        (["--output", "no/folder"], "no/folder: cannot be written"),
    ],
)
def test_what_the_command_cannot_do(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Dockerfile").write_text(DOCKERFILE)
    result = CliRunner().invoke(make_app(), ["graph", *words])
    assert result.exit_code == 2
    assert said in result.stderr
