"""Applying edits to a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dflint.finding import Edit, Fix


def apply(text: str, fixes: Iterable[Fix]) -> str:
    """The text with the fixes' edits made; one that touches an earlier one's edits is left out."""
    taken: list[Edit] = []
    for fix in fixes:
        if not any(_touch(edit, other) for edit in fix.edits for other in taken):
            taken.extend(fix.edits)
    return replace(text, taken)


def _touch(one: Edit, other: Edit) -> bool:
    if one.span == other.span:
        return True
    return one.span.start < other.span.end and other.span.start < one.span.end


def replace(text: str, edits: Sequence[Edit]) -> str:
    """The text with edits that do not overlap, made from the end."""
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text
