"""JSON Lines: a finding a line, for programs that read while dflint writes and for `jq`."""

from __future__ import annotations

from dflint.report.json_report import dumps, row
from dflint.report.run import UNREADABLE, Run, each_finding


def jsonl(run: Run) -> str:
    """A line a finding with the keys of `json`, and `{"path", "error"}` for a file that failed."""
    return "".join(
        dumps(
            {"path": source.path, "error": finding.message}
            if finding.name == UNREADABLE
            else row(source, finding),
            indent=None,
        )
        for source, finding in each_finding(run)
    )
