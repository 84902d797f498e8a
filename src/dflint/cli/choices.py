"""The words that some options take."""

from __future__ import annotations

from enum import StrEnum


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


class Color(StrEnum):
    """When to colour."""

    auto = "auto"
    always = "always"
    never = "never"
