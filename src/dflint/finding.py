"""What dflint reports: a finding, its labelled spans and its fix."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

from msgspec import Struct

from dflint.source import Source, Span


class Severity(IntEnum):
    """How bad a finding is; a higher value is worse."""

    STYLE = 0
    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The name as rules, configuration and reports write it."""
        return self.name.lower()


CATEGORIES = ("security", "correctness", "reproducibility", "size", "speed", "style", "strict")

Safety = Literal["safe", "unsafe"]


class Edit(Struct, frozen=True):
    """Replace the text of a span; an empty span inserts, an empty text deletes."""

    span: Span
    text: str


class IgnoreLine(Struct, frozen=True):
    """A line to add at the end of the build context's ignore file, which it may be the first of."""

    text: str


class Fix(Struct, frozen=True):
    """Edits that mend a finding. `safe` ones leave what is built the same, minus the problem.

    `ignore` are lines for the build context's ignore file.
    """

    title: str
    safety: Safety
    edits: tuple[Edit, ...]
    ignore: tuple[str, ...] = ()


class Related(Struct, frozen=True):
    """A second place that belongs to a finding, its cause for instance."""

    span: Span
    label: str


class Finding(Struct, frozen=True):
    """One complaint about one place of one file.

    `label` is the short text to stand under the marked words in a code frame (may be empty);
    `stage` is the name of the build stage, or its number as text where it has no name. `secret` is
    a stretch of the file that no report may show. `yields_to` are the names of rules that speak in
    its place where they find the same instruction, and with which it is ignored.
    """

    rule: str
    name: str
    aliases: tuple[str, ...]
    severity: Severity
    category: str
    message: str
    advice: str
    span: Span
    label: str = ""
    related: tuple[Related, ...] = ()
    stage: str | None = None
    fix: Fix | None = None
    secret: Span | None = None
    yields_to: tuple[str, ...] = ()


class FileReport(Struct, frozen=True):
    """The findings of one file, in the order of their positions."""

    source: Source
    findings: tuple[Finding, ...]
