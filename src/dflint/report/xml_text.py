"""Text inside XML. XML cannot hold control characters at all, so they are shown as escapes."""

from __future__ import annotations

from collections.abc import Mapping

from dflint.report.terminal import visible

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def escaped(text: str) -> str:
    """A text on one line, for an attribute or between tags."""
    return visible(text).translate(ENTITIES)


def tag(name: str, attributes: Mapping[str, str | int], inside: str | None = None) -> str:
    """An element; what is `inside` is XML already, None makes it empty."""
    listed = "".join(f' {key}="{escaped(str(value))}"' for key, value in attributes.items())
    return f"<{name}{listed}/>" if inside is None else f"<{name}{listed}>{inside}</{name}>"
