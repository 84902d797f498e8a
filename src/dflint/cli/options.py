"""Options that several commands share, and the words that some take."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How findings are printed."""

    full = "full"
    concise = "concise"
    gnu = "gnu"
    json = "json"
    jsonl = "jsonl"
    github = "github"
    gitlab = "gitlab"
    sarif = "sarif"
    junit = "junit"
    checkstyle = "checkstyle"
    sonarqube = "sonarqube"
    rdjson = "rdjson"
    markdown = "markdown"
    html = "html"


class ImageFormat(StrEnum):
    """How the image model is printed."""

    text = "text"
    json = "json"


class GraphFormat(StrEnum):
    """How the graph of stages is drawn."""

    mermaid = "mermaid"
    dot = "dot"
    svg = "svg"


class Level(StrEnum):
    """A severity."""

    error = "error"
    warning = "warning"
    info = "info"
    style = "style"


Paths = Annotated[
    list[str] | None,
    typer.Argument(
        help="Dockerfiles, folders to look in, Compose and Bake files; `-` is standard input. "
        "[default: .]"
    ),
]


Selectors = list[str] | None


ConfigPath = Annotated[
    Path | None, typer.Option("--config", help="Use this configuration file.", metavar="FILE")
]


NoConfig = Annotated[bool, typer.Option("--no-config", help="Use no configuration file.")]


Day = Annotated[
    str | None,
    typer.Option("--today", help="Hold end-of-life dates against this day.", metavar="YYYY-MM-DD"),
]
Dockerfile = Annotated[str, typer.Argument(help="A Dockerfile; `-` is standard input.")]
Target = Annotated[
    str | None,
    typer.Option(
        "--target",
        "--stage",
        help="The stage that is built. [default: the last]",
        metavar="NAME",
        show_default=False,
    ),
]
