"""Text for HTML and XML, whatever is in it."""

from __future__ import annotations

from dflint.report.terminal import visible

# XML 1.0 has no characters for these, and `visible` leaves them.
NO_CHARACTERS = str.maketrans({"\ufffe": "\ufffd", "\uffff": "\ufffd"})
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def escape(text: str) -> str:
    """A text as content or attribute value; control characters become something to see."""
    return visible(text).translate(NO_CHARACTERS).translate(ENTITIES)
