"""How many problems there are: the closing line, and the table by rule."""

from __future__ import annotations

from collections import Counter

from dflint.finding import Severity
from dflint.report.run import Run, each_finding

PLURALS = {Severity.ERROR: "errors", Severity.WARNING: "warnings"}


def summary(run: Run) -> str:
    """One line: how many problems, how bad, in how many files, how many `--fix` would mend."""
    if not run.reports:
        return "No Dockerfiles found"
    left_out = f" ({', '.join(run.left_out)} left out)" if run.left_out else ""
    findings = [finding for _, finding in each_finding(run)]
    if not findings:
        return f"No problems found in {_count(len(run.reports), 'file', 'files')}{left_out}"
    by_severity = Counter(finding.severity for finding in findings)
    kinds = ", ".join(
        _count(by_severity[each], each.label, PLURALS.get(each, each.label))
        for each in sorted(by_severity, reverse=True)
    )
    problems = _count(len(findings), "problem", "problems")
    files = _count(sum(bool(each.findings) for each in run.reports), "file", "files")
    safeties = Counter(each.fix.safety for each in findings if each.fix is not None)
    fixable = _fixable(safeties["safe"], safeties["unsafe"])
    return f"Found {problems} ({kinds}) in {files}{fixable}{left_out}"


def _fixable(safe: int, unsafe: int) -> str:
    if not safe and not unsafe:
        return ""
    if not unsafe:
        return f"; --fix mends {safe}"
    both = f"--unsafe-fixes mends {safe + unsafe}"
    return f"; --fix mends {safe}, {both}" if safe else f"; {both}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def statistics_table(run: Run) -> str:
    """A line a rule that found something: count, id and name, the most frequent first."""
    counts = Counter((finding.rule, finding.name) for _, finding in each_finding(run))
    if not counts:
        return summary(run) + "\n"
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    digits = len(str(counts.total()))
    ids = max(len(rule) for rule, _ in counts)
    lines = [f"{count:>{digits}}  {rule:<{ids}}  {name}" for (rule, name), count in rows]
    return "\n".join([*lines, f"{counts.total()}  total"]) + "\n"
