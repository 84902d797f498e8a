"""The little Markdown of messages and explanations as HTML."""

from __future__ import annotations

import re

from dflint.lazy import regex
from dflint.report.markup import escape

CODE = regex(r"`([^`]+)`")
ITEM = regex(r"^\s*[-*] ")


def inline(text: str) -> str:
    """One line: white space is folded, and what stands between backticks is code."""
    parts = CODE.split(" ".join(text.split()))
    return "".join(
        f"<code>{escape(part)}</code>" if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


def paragraphs(text: str) -> str:
    """Paragraphs, lists and fenced or indented code, which is all that explanations have."""
    blocks = []
    for block in re.split(r"\n[ \t]*\n", text.strip("\n")):
        lines = block.split("\n")
        if lines[0].startswith("```"):
            code = "\n".join(line for line in lines if not line.startswith("```"))
            blocks.append(_code(code))
        elif all(line.startswith("    ") for line in lines):
            blocks.append(_code("\n".join(line[4:] for line in lines)))
        elif ITEM.match(lines[0]):
            blocks.append(_list(lines))
        elif block.strip():
            blocks.append(f"<p>{inline(block)}</p>")
    return "".join(blocks)


def _code(text: str) -> str:
    lines = "\n".join(escape(line) for line in text.split("\n"))
    return f"<pre><code>{lines}</code></pre>"


def _list(lines: list[str]) -> str:
    items: list[str] = []
    for line in lines:
        if ITEM.match(line):
            items.append(ITEM.sub("", line))
        else:
            items[-1] += f" {line}"
    return "<ul>" + "".join(f"<li>{inline(item)}</li>" for item in items) + "</ul>"
