"""Reports: what a run found, as text. One module a format, and this one table of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from dflint.report.change import unified_diff
from dflint.report.run import RuleInfo, Run
from dflint.report.summary import Counts, count, statistics_table, summary

__all__ = [
    "FORMATS", "LIVE", "Counts", "RuleInfo", "Run", "count", "statistics_table", "summary",
    "unified_diff",
]  # fmt: skip

Report = Callable[[Run], str]


def _late(name: str, module: str | None = None) -> Report:
    """The function of a module of the same name, imported when it is called.

    A run writes a report or two, and must not wait for the modules of a dozen.
    """

    def report(run: Run) -> str:
        made: str = getattr(import_module(f"dflint.report.{module or name}"), name)(run)
        return made

    return report


FORMATS: Mapping[str, Report] = {
    "full": _late("full"),
    "concise": _late("concise"),
    "gnu": _late("gnu"),
    "json": _late("json_report"),
    "jsonl": _late("jsonl"),
    "github": _late("github"),
    "gitlab": _late("gitlab"),
    "sarif": _late("sarif"),
    "junit": _late("junit"),
    "checkstyle": _late("checkstyle"),
    "sonarqube": _late("sonarqube"),
    "rdjson": _late("rdjson"),
    "markdown": _late("markdown"),
    "html": _late("html"),
}

LIVE: Mapping[str, Report] = {
    "full": _late("frames", "full"),
    "concise": FORMATS["concise"],
    "gnu": FORMATS["gnu"],
    "jsonl": FORMATS["jsonl"],
}
"""The formats in which a run's report is that of its files, one after the other.

That for people is closed by a line that sums up.
"""
