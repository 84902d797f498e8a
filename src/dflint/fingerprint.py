"""What tells a finding from others from one run to the next, wherever its lines have moved."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath

from dflint.finding import FileReport, Finding
from dflint.source import Source, Span


def fingerprints(report: FileReport) -> tuple[str, ...]:
    """One text of 32 hexadecimal digits a finding, in order; no two of a file are the same.

    It stands for the rule, the path, the words of the finding's first line, those of them that it
    marks, and which of the equal ones it is. Other lines and white space make no difference, and
    no secret goes into it.
    """
    seen: Counter[str] = Counter()
    path = PurePath(report.source.path).as_posix()
    secrets = [each.secret for each in report.findings if each.secret is not None]
    made = []
    for finding in report.findings:
        identity = "\0".join([finding.rule, path, *_words(report.source, finding, secrets)])
        seen[identity] += 1
        made.append(_digest(f"{identity}\0{seen[identity]}"))
    return tuple(made)


def _words(source: Source, finding: Finding, secrets: list[Span]) -> tuple[str, str]:
    """The first line of a finding and what it marks there, with one space between words."""
    number, column = source.position(finding.span.start)
    start = source.line_starts[number - 1]
    line = source.line(number)
    for secret in secrets:
        first, last = max(secret.start - start, 0), min(secret.end - start, len(line))
        if first < last:
            line = line[:first] + " " * (last - first) + line[last:]
    length = max(0, finding.span.end - finding.span.start)
    marked = line[column - 1 : column - 1 + length]
    return _plain(line), _plain(marked)


def _plain(text: str) -> str:
    # The mark that a line goes on is no word: it comes and goes with the lines below.
    return " ".join(text.rstrip().removesuffix("\\").split())


def _digest(text: str) -> str:
    from hashlib import sha256  # only reports and baselines pay for it

    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
