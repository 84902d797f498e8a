"""SonarQube's generic issue format, for `sonar.externalIssuesReportPaths`.

Form: "Generic formatted reports", docs.sonarsource.com, as it is since SonarQube 10.3: what a rule
is about stands with the rule, once.
"""

from __future__ import annotations

from dflint.finding import Finding, Severity
from dflint.report.json_report import dumps
from dflint.report.run import RuleInfo, Run, each_finding, portable, rules_of, sentence
from dflint.report.terminal import one_line
from dflint.source import Source, Span

ENGINE = "dflint"
ATTRIBUTES = {
    "security": "TRUSTWORTHY",
    "correctness": "LOGICAL",
    "reproducibility": "COMPLETE",
    "size": "EFFICIENT",
    "speed": "EFFICIENT",
    "style": "CONVENTIONAL",
}
QUALITIES = {"security": "SECURITY", "correctness": "RELIABILITY", "reproducibility": "RELIABILITY"}
TYPES = {"security": "VULNERABILITY", "correctness": "BUG"}
IMPACTS = {
    Severity.ERROR: "HIGH",
    Severity.WARNING: "MEDIUM",
    Severity.INFO: "LOW",
    Severity.STYLE: "INFO",
}
SEVERITIES = {
    Severity.ERROR: "CRITICAL",
    Severity.WARNING: "MAJOR",
    Severity.INFO: "MINOR",
    Severity.STYLE: "INFO",
}

Object = dict[str, object]


def sonarqube(run: Run) -> str:
    """A JSON object: the rules that found something, and the issues."""
    found = list(each_finding(run))
    named = {finding.rule for _, finding in found}
    return dumps(
        {
            "rules": [_rule(rule) for rule in rules_of(run) if rule.id in named],
            "issues": [_issue(source, finding) for source, finding in found],
        }
    )


def _rule(rule: RuleInfo) -> Object:
    quality = QUALITIES.get(rule.category, "MAINTAINABILITY")
    return {
        "id": rule.id,
        "name": rule.summary,
        "description": rule.why.strip() or rule.summary,
        "engineId": ENGINE,
        "cleanCodeAttribute": ATTRIBUTES.get(rule.category, "CONVENTIONAL"),
        # Servers in standard mode go by type and severity, others by impacts.
        "type": TYPES.get(rule.category, "CODE_SMELL"),
        "severity": SEVERITIES[rule.severity],
        "impacts": [{"softwareQuality": quality, "severity": IMPACTS[rule.severity]}],
    }


def _issue(source: Source, finding: Finding) -> Object:
    return {
        "ruleId": finding.rule,
        "primaryLocation": _location(source, finding.span, sentence(finding)),
        "secondaryLocations": [
            _location(source, each.span, each.label or finding.name) for each in finding.related
        ],
    }


def _location(source: Source, span: Span, message: str) -> Object:
    line, column = _position(source, span.start)
    end_line, end_column = _position(source, max(span.start, span.end))
    extent: Object = {"startLine": line}
    # Sonar rejects the whole report for an empty range; without columns it marks the line.
    if (line, column) != (end_line, end_column):
        extent |= {"endLine": end_line, "startColumn": column, "endColumn": end_column}
    return {"message": one_line(message), "filePath": portable(source.path), "textRange": extent}


def _position(source: Source, offset: int) -> tuple[int, int]:
    """The line from 1 and the column from 0 in UTF-16 units, as Java counts; none in line ends."""
    line, column = source.position(offset)
    text = source.line(line)[: column - 1]
    return line, len(text) + sum(character > "\uffff" for character in text)
