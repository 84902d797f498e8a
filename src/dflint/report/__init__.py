"""Reports: what a run found, as text. One module a format, and this one table of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dflint.report.change import unified_diff
from dflint.report.checkstyle import checkstyle
from dflint.report.concise import concise
from dflint.report.full import full
from dflint.report.github import github
from dflint.report.gitlab import gitlab
from dflint.report.gnu import gnu
from dflint.report.html import html
from dflint.report.json_report import json_report
from dflint.report.jsonl import jsonl
from dflint.report.junit import junit
from dflint.report.markdown import markdown
from dflint.report.rdjson import rdjson
from dflint.report.run import RuleInfo, Run
from dflint.report.sarif import sarif
from dflint.report.sonarqube import sonarqube
from dflint.report.summary import statistics_table, summary

__all__ = ["FORMATS", "RuleInfo", "Run", "statistics_table", "summary", "unified_diff"]

FORMATS: Mapping[str, Callable[[Run], str]] = {
    "full": full,
    "concise": concise,
    "gnu": gnu,
    "json": json_report,
    "jsonl": jsonl,
    "github": github,
    "gitlab": gitlab,
    "sarif": sarif,
    "junit": junit,
    "checkstyle": checkstyle,
    "sonarqube": sonarqube,
    "rdjson": rdjson,
    "markdown": markdown,
    "html": html,
}
