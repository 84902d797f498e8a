"""Applying edits to a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dflint.finding import Edit, Fix


def apply(text: str, fixes: Iterable[Fix]) -> str:
    """The text with the fixes' edits made; one that touches an earlier one's edits is left out."""
    return replaced(text, [edit for fix in chosen(fixes) for edit in fix.edits])


def chosen(fixes: Iterable[Fix]) -> list[Fix]:
    """The fixes that can be made together: none touches what an earlier one does."""
    taken: list[Edit] = []
    found = []
    for fix in fixes:
        if not any(_touch(edit, other) for edit in fix.edits for other in taken):
            taken.extend(fix.edits)
            found.append(fix)
    return found


def _touch(one: Edit, other: Edit) -> bool:
    if one.span == other.span:
        return True
    if one.span.start == one.span.end or other.span.start == other.span.end:
        # An insertion at the edge of a stretch that goes would be left without its neighbour.
        return one.span.start <= other.span.end and other.span.start <= one.span.end
    return one.span.start < other.span.end and other.span.start < one.span.end


def replaced(text: str, edits: Sequence[Edit]) -> str:
    """The text with edits that do not overlap."""
    pieces: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        pieces += (text[at : edit.span.start], edit.text)
        at = edit.span.end
    return "".join([*pieces, text[at:]])
