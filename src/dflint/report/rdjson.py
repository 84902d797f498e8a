"""reviewdog's diagnostic format, which brings findings and fixes into reviews.

Form: `proto/rdf/reviewdog.proto` of reviewdog: lines from 1, columns from 1 in bytes of UTF-8, the
end excluded.
"""

from __future__ import annotations

from dflint.finding import Finding, Fix, Severity
from dflint.fix import apply
from dflint.report.json_report import dumps
from dflint.report.run import Run, each_report, portable, sentence
from dflint.report.terminal import one_line
from dflint.source import Source, Span

SEVERITIES = {
    Severity.ERROR: "ERROR",
    Severity.WARNING: "WARNING",
    Severity.INFO: "INFO",
    Severity.STYLE: "INFO",
}

Object = dict[str, object]


def rdjson(run: Run) -> str:
    """A JSON object with a diagnostic a finding; its fix is one suggestion."""
    urls = {rule.id: rule.url for rule in run.rules}
    diagnostics = [
        _diagnostic(finding, shown.source, report.source, urls.get(finding.rule))
        for report, shown in zip(run.reports, each_report(run), strict=True)
        for finding in shown.findings
    ]
    return dumps({"source": {"name": "dflint"}, "diagnostics": diagnostics})


def _diagnostic(finding: Finding, source: Source, original: Source, url: str | None) -> Object:
    code = {"value": finding.rule} if url is None else {"value": finding.rule, "url": url}
    made: Object = {
        "message": one_line(sentence(finding)),
        "location": {"path": portable(source.path), "range": _range(source, finding.span)},
        "severity": SEVERITIES[finding.severity],
        "code": code,
    }
    if finding.fix is not None and finding.fix.edits:
        span, text = _replacement(source, finding.fix)
        # Where a secret stands among the edits, the suggestion would show it, or lose it.
        if source.slice(span) == original.slice(span):
            made["suggestions"] = [{"range": _range(source, span), "text": text}]
    return made


def _replacement(source: Source, fix: Fix) -> tuple[Span, str]:
    """All edits of a fix as one, since reviewdog takes each suggestion for a fix of its own."""
    start = min(edit.span.start for edit in fix.edits)
    end = max(max(edit.span.start, edit.span.end) for edit in fix.edits)
    fixed = apply(source.text, [fix])
    return Span(start, end), fixed[start : len(fixed) - (len(source.text) - end)]


def _range(source: Source, span: Span) -> Object:
    return {
        "start": _position(source, span.start),
        "end": _position(source, max(span.start, span.end)),
    }


def _position(source: Source, offset: int) -> Object:
    line, column = source.position(offset)
    start = source.line_starts[line - 1]
    # A lone surrogate is a byte that is not UTF-8, and `?` one as well.
    before = source.text[start : start + column - 1].encode("utf-8", "replace")
    return {"line": line, "column": len(before) + 1}
