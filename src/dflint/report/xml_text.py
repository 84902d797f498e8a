"""XML documents, put together from texts."""

from __future__ import annotations

from collections.abc import Mapping

from dflint.report.markup import escape

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def tag(name: str, attributes: Mapping[str, str | int], inside: str | None = None) -> str:
    """An element; what is `inside` is XML already, None makes it empty."""
    listed = "".join(f' {key}="{escape(str(value))}"' for key, value in attributes.items())
    return f"<{name}{listed}/>" if inside is None else f"<{name}{listed}>{inside}</{name}>"
