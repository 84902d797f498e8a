"""Findings as JSON, for other programs."""

from __future__ import annotations

from dflint.finding import Finding, Fix
from dflint.lazy import regex
from dflint.report.run import Run, each_finding
from dflint.report.terminal import COMMAND
from dflint.source import Source, Span

SURROGATES = regex("[\ud800-\udfff]")
# What a terminal or an editor would act on; JSON itself escapes only what is below a space.
ODD = regex("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def json_report(run: Run) -> str:
    """A JSON list of objects, one a finding, in the order of files and positions."""
    return dumps([row(source, finding) for source, finding in each_finding(run)])


def dumps(value: object, indent: int | None = 2) -> str:
    """A value as JSON that every parser reads, indented or on one line."""
    import json  # only these formats pay for it

    text = json.dumps(value, indent=indent, ensure_ascii=False)
    # JSON has no lone surrogates: they stand for bytes that are not UTF-8.
    text = COMMAND.sub(r"\\u0023", SURROGATES.sub("\ufffd", text))
    return ODD.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def row(source: Source, finding: Finding) -> dict[str, object]:
    """The object that stands for a finding."""
    return {
        "path": source.path,
        **place(source, finding.span),
        "rule": finding.rule,
        "name": finding.name,
        "aliases": list(finding.aliases),
        "severity": finding.severity.label,
        "category": finding.category,
        "message": finding.message,
        "advice": finding.advice,
        "label": finding.label,
        "stage": finding.stage,
        "related": [{**place(source, each.span), "label": each.label} for each in finding.related],
        "fix": None if finding.fix is None else _fix(source, finding.fix),
    }


def _fix(source: Source, fix: Fix) -> dict[str, object]:
    edits = [{**place(source, edit.span), "text": edit.text} for edit in fix.edits]
    row: dict[str, object] = {"title": fix.title, "safety": fix.safety, "edits": edits}
    return row | {"ignore_lines": list(fix.ignore)} if fix.ignore else row


def place(source: Source, span: Span) -> dict[str, int]:
    """Lines and columns from 1, columns in characters, the end excluded."""
    line, column = source.position(span.start)
    end_line, end_column = source.position(max(span.start, span.end))
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}
