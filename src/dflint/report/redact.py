"""Taking secrets out of what a report shows: its output often ends in a log that many can read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import structs

from dflint.finding import FileReport, Finding, Fix
from dflint.source import Source, Span

DOT = "•"
LONG = 20  # characters from which on the first ones may be shown: they tell what it is
SHOWN = 4
SHORTEST = 5  # a shorter secret is no word to look for in messages
CUT = "…"  # what stands where a message has shortened a text


def redacted(report: FileReport) -> FileReport:
    """The report without the secrets that its findings name: dots stand for their characters.

    Offsets, lines and columns stay as they are.
    """
    spans = sorted({each.secret for each in report.findings if each.secret is not None})
    if not spans:
        return report
    source = hidden(report.source, spans)
    secrets = sorted({report.source.slice(span) for span in spans}, key=len, reverse=True)
    return FileReport(source, tuple(_without(each, secrets) for each in report.findings))


def hidden(source: Source, spans: Sequence[Span]) -> Source:
    """A source of the same length and lines in which dots stand for the characters of the spans."""
    text = source.text
    for span in spans:
        text = text[: span.start] + _dots(source.slice(span)) + text[span.end :]
    return Source(source.path, text, source.line_starts)


def _dots(secret: str) -> str:
    shown = SHOWN if len(secret) >= LONG else 0
    return secret[:shown] + re.sub(r"[^\s\\]", DOT, secret[shown:])


def _without(finding: Finding, secrets: Sequence[str]) -> Finding:
    """The finding with no secret in any of its texts."""
    words = [each for each in secrets if len(each) >= SHORTEST]
    return structs.replace(
        finding,
        message=_clean(finding.message, words),
        advice=_clean(finding.advice, words),
        label=_clean(finding.label, words),
        related=tuple(
            structs.replace(each, label=_clean(each.label, words)) for each in finding.related
        ),
        fix=None if finding.fix is None else _fix(finding.fix, secrets, words),
    )


def _fix(fix: Fix, secrets: Sequence[str], words: Sequence[str]) -> Fix:
    """The fix; without its edits where they write a secret anew, as dots would be written then."""
    told = any(secret in edit.text for edit in fix.edits for secret in secrets)
    return Fix(_clean(fix.title, words), fix.safety, () if told else fix.edits, fix.ignore)


def _clean(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        # A password is often a part of other words too: `passwd` of `chpasswd`.
        alone = rf"(?<![A-Za-z0-9]){re.escape(secret)}(?![A-Za-z0-9])"
        text = re.sub(alone, DOT * 3, text)
        cut = text.find(CUT)
        for length in range(min(len(secret) - 1, cut), SHORTEST - 1, -1):
            before = text[cut - length - 1 : cut - length]
            if text.endswith(secret[:length], 0, cut) and not before.isalnum():
                text = text[: cut - length] + DOT * 3 + text[cut:]
                break
    return text
