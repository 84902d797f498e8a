"""How many problems there are: the closing line, and the table by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from dflint.finding import FileReport, Severity
from dflint.report.run import Run, each_finding

PLURALS = {Severity.ERROR: "errors", Severity.WARNING: "warnings"}


class Counts(Struct, frozen=True):
    """How much was found: in `files`, of which so many are `bad`, by severity and safety of fix."""

    files: int = 0
    bad: int = 0
    severities: Mapping[Severity, int] = field(default_factory=dict)
    safeties: Mapping[str, int] = field(default_factory=dict)

    def plus(self, report: FileReport) -> Counts:
        """With the findings of one more file."""
        found = report.findings
        if not found:
            return replace(self, files=self.files + 1)
        severities = Counter(self.severities) + Counter(each.severity for each in found)
        fixes = (each.fix for each in found)
        safeties = Counter(self.safeties) + Counter(fix.safety for fix in fixes if fix is not None)
        return Counts(self.files + 1, self.bad + 1, severities, safeties)


def count(reports: Iterable[FileReport]) -> Counts:
    """How much was found in files."""
    counts = Counts()
    for report in reports:
        counts = counts.plus(report)
    return counts


def summary(counts: Counts, left_out: Sequence[str] = ()) -> str:
    """One line: how many problems, how bad, in how many files, how many `--fix` would mend."""
    if not counts.files:
        return "No Dockerfiles found"
    also = f" ({', '.join(left_out)} left out)" if left_out else ""
    if not counts.severities:
        return f"No problems found in {_count(counts.files, 'file', 'files')}{also}"
    kinds = ", ".join(
        _count(number, each.label, PLURALS.get(each, each.label))
        for each, number in sorted(counts.severities.items(), reverse=True)
    )
    problems = _count(sum(counts.severities.values()), "problem", "problems")
    files = _count(counts.bad, "file", "files")
    fixable = _fixable(counts.safeties.get("safe", 0), counts.safeties.get("unsafe", 0))
    return f"Found {problems} ({kinds}) in {files}{fixable}{also}"


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
        return summary(count(run.reports), run.left_out) + "\n"
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    digits = len(str(counts.total()))
    ids = max(len(rule) for rule, _ in counts)
    lines = [f"{count:>{digits}}  {rule:<{ids}}  {name}" for (rule, name), count in rows]
    return "\n".join([*lines, f"{counts.total()}  total"]) + "\n"
