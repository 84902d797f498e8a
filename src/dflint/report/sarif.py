"""SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), for code scanning services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import PurePath

from dflint.finding import Finding, Fix, Severity
from dflint.report.json_report import dumps, place
from dflint.report.run import RuleInfo, Run, each_finding
from dflint.source import Source, Span

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ROOT = "%SRCROOT%"
LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
    Severity.STYLE: "note",
}

Object = dict[str, object]


def sarif(run: Run) -> str:
    """A SARIF log of one run: its rules and its results."""
    rules = _rules(run)
    index = {rule.id: number for number, rule in enumerate(rules)}
    seen: Counter[tuple[str, str]] = Counter()
    results = [_result(source, finding, index, seen) for source, finding in each_finding(run)]
    driver: Object = {
        "name": "dflint",
        "version": run.version,
        "rules": [_descriptor(rule) for rule in rules],
    }
    log: Object = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return dumps(log)


def _rules(run: Run) -> list[RuleInfo]:
    """The rules of the run, and the bare facts of any other that a finding names."""
    rules = {rule.id: rule for rule in run.rules}
    for _, found in each_finding(run):
        if found.rule not in rules:
            rules[found.rule] = RuleInfo(
                id=found.rule,
                name=found.name,
                summary=found.name,
                why="",
                severity=found.severity,
                category=found.category,
                aliases=found.aliases,
                url=None,
            )
    return list(rules.values())


def _descriptor(rule: RuleInfo) -> Object:
    why = rule.why.strip() or rule.summary
    found: Object = {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": " ".join(why.split("\n\n")[0].split())},
        "help": {"text": why, "markdown": why},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": [rule.category], "aliases": list(rule.aliases)},
    }
    if rule.url is not None:
        found["helpUri"] = rule.url
    return found


def _result(
    source: Source, finding: Finding, index: Mapping[str, int], seen: Counter[tuple[str, str]]
) -> Object:
    artifact = _artifact(source.path)
    result: Object = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(source, finding.span, artifact)],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(source, finding, seen)},
    }
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": number,
                **_location(source, each.span, artifact),
                "message": {"text": each.label or finding.name},
            }
            for number, each in enumerate(finding.related, 1)
        ]
    if finding.fix is not None and finding.fix.edits:
        result["fixes"] = [_fix(source, finding.fix, artifact)]
    return result


def _message(finding: Finding) -> str:
    stop = "" if finding.message.endswith((".", "!", "?")) else "."
    return f"{finding.message}{stop} {finding.advice}".strip()


def _location(source: Source, span: Span, artifact: Object) -> Object:
    return {"physicalLocation": {"artifactLocation": artifact, "region": _region(source, span)}}


def _region(source: Source, span: Span) -> Object:
    at = place(source, span)
    return {
        "startLine": at["line"],
        "startColumn": at["column"],
        "endLine": at["end_line"],
        "endColumn": at["end_column"],
    }


def _fix(source: Source, fix: Fix, artifact: Object) -> Object:
    replacements = [
        {
            "deletedRegion": _region(source, edit.span),
            "insertedContent": {"text": edit.text},
        }
        for edit in fix.edits
    ]
    return {
        "description": {"text": f"{fix.title} ({fix.safety})"},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}],
    }


def _artifact(path: str) -> Object:
    """Where a file is: below the root of the sources, or anywhere when its path is absolute."""
    from urllib.parse import quote  # only this format pays for it

    pure = PurePath(path)
    parts = pure.as_posix()
    try:
        data = parts.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = parts.encode("utf-8", "replace")
    if pure.is_absolute():
        return {"uri": f"file:///{quote(data, safe='/:').lstrip('/')}"}
    # A colon in the first part of a relative URI would make it a scheme.
    return {"uri": quote(data, safe="/"), "uriBaseId": ROOT}


def _fingerprint(source: Source, finding: Finding, seen: Counter[tuple[str, str]]) -> str:
    """What stays the same when lines move: rule, words of the line, and which of equal ones."""
    from hashlib import sha256  # only this format pays for it

    line = source.line(source.position(finding.span.start)[0])
    text = "\0".join([finding.rule, *line.split()])
    digest = sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    seen[source.path, digest] += 1
    return f"{digest}:{seen[source.path, digest]}"
