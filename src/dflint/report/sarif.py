"""SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), for code scanning services."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from dflint.finding import Finding, Fix, Severity
from dflint.fingerprint import fingerprints
from dflint.lazy import regex
from dflint.report.json_report import dumps, place
from dflint.report.run import (
    UNREADABLE,
    RuleInfo,
    Run,
    each_finding,
    each_report,
    rules_of,
    sentence,
)
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

# GitHub sorts alerts of security rules by a number as CVSS has it: 7.0 is high, 4.0 medium.
# "SARIF support for code scanning", docs.github.com.
SECURITY = {
    Severity.ERROR: "8.0",
    Severity.WARNING: "5.5",
    Severity.INFO: "3.0",
    Severity.STYLE: "1.0",
}
PROBLEMS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "recommendation",
    Severity.STYLE: "recommendation",
}
LINK = regex(r"\[(?=[^\]]*\]\()")

Object = dict[str, object]


def sarif(run: Run) -> str:
    """A SARIF log of one run: its rules, its files, clean ones too, and its results."""
    rules = rules_of(run)
    log: Object = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "dflint",
                        "version": run.version,
                        "rules": [_descriptor(rule) for rule in rules],
                    }
                },
                "invocations": [_invocation(run)],
                "originalUriBaseIds": {
                    ROOT: {"description": {"text": "The folder that dflint was started in."}}
                },
                "artifacts": [_artifact(report.source.path) for report in run.reports],
                "columnKind": "unicodeCodePoints",
                "results": _results(run, rules),
            }
        ],
    }
    return dumps(log)


def _artifact(path: str) -> Object:
    return {
        "location": _location_of(path),
        "roles": ["analysisTarget"],
        "sourceLanguage": "dockerfile",
    }


def _invocation(run: Run) -> Object:
    """Whether every file could be read, and which could not."""
    failed = [
        (source, finding) for source, finding in each_finding(run) if finding.name == UNREADABLE
    ]
    notifications = [
        {
            "level": "error",
            "message": {"text": _text(finding.message)},
            "locations": [{"physicalLocation": {"artifactLocation": _location_of(source.path)}}],
        }
        for source, finding in failed
    ]
    made: Object = {"executionSuccessful": not failed}
    return made | {"toolExecutionNotifications": notifications} if failed else made


def _descriptor(rule: RuleInfo) -> Object:
    why = rule.why.strip() or rule.summary
    properties: Object = {
        "tags": [rule.category],
        "aliases": list(rule.aliases),
        "precision": "very-high",
        "problem.severity": PROBLEMS[rule.severity],
    }
    if rule.category == "security":
        properties["security-severity"] = SECURITY[rule.severity]
    found: Object = {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": " ".join(why.split("\n\n")[0].split())},
        "help": _help(rule, why),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": properties,
    }
    if rule.url is not None:
        found["helpUri"] = rule.url
    return found


def _help(rule: RuleInfo, why: str) -> Object:
    """Why, what to do and where to read on, as plain text and as Markdown."""
    plain, marked = [why], [f"# {rule.name}\n\n{rule.summary}.\n\n## Why\n\n{why}"]
    if rule.advice:
        plain.append(f"What to do: {rule.advice}")
        marked.append(f"## What to do\n\n{rule.advice}")
    if rule.references:
        plain.append("\n".join(["Read more:", *rule.references]))
        rows = "\n".join(f"- <{each}>" for each in rule.references)
        marked.append(f"## Read more\n\n{rows}")
    return {"text": "\n\n".join(plain), "markdown": "\n\n".join(marked)}


def _results(run: Run, rules: Sequence[RuleInfo]) -> list[Object]:
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    return [
        _result(report.source, finding, number, numbers[finding.rule], fingerprint)
        for number, report in enumerate(each_report(run))
        for finding, fingerprint in zip(report.findings, fingerprints(report), strict=True)
    ]


def _result(source: Source, finding: Finding, file: int, rule: int, fingerprint: str) -> Object:
    artifact = {**_location_of(source.path), "index": file}
    result: Object = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": LEVELS[finding.severity],
        "message": {"text": _text(sentence(finding))},
        "locations": [_location(source, finding.span, artifact)],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
    }
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": number,
                **_location(source, each.span, artifact),
                "message": {"text": _text(each.label or finding.name)},
            }
            for number, each in enumerate(finding.related, 1)
        ]
    if finding.fix is not None and finding.fix.edits:
        result["fixes"] = [_fix(source, finding.fix, artifact)]
    return result


def _text(text: str) -> str:
    """A plain message. `[words](target)` in one is a link, which a Dockerfile must not make."""
    return LINK.sub(r"\\[", text)


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


def _location_of(path: str) -> Object:
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
