"""From findings to reports, on the terminal and in files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dflint import __version__
from dflint.cli.choices import Color, Format
from dflint.cli.console import colored, fail, linked, say, show, write_file
from dflint.disk import is_folder

if TYPE_CHECKING:
    from dflint.checking import Task
    from dflint.config import Config
    from dflint.finding import FileReport
    from dflint.lint import Linter
    from dflint.outputs import Output
    from dflint.report import Counts, RuleInfo, Run
    from dflint.rule import Rule

WIDTH = 100  # columns where there is no terminal to ask


def run_of(
    reports: Sequence[FileReport], linter: Linter, color: Color, *, rules: bool = True
) -> Run:
    """A run for reports; without `rules` for those that say nothing of them."""
    from dflint.report import Run

    infos = (*_infos(linter), *_code_infos(reports)) if rules else ()
    width = _columns()
    links = _links(linter) if linked(color) else {}
    return Run(tuple(reports), infos, __version__, colored(color), width, links=links)


def _columns() -> int:
    """The width of the terminal; COLUMNS says it where that is set."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    try:
        return os.get_terminal_size(1).columns or WIDTH
    except OSError:  # no terminal
        return WIDTH


def _links(linter: Linter) -> dict[str, str]:
    """The pages of rules by id."""
    from dflint.catalog import rule_url

    pages = ((rule.id, rule_url(rule)) for rule in linter.rules if rule.id in linter.enabled)
    return {id_: page for id_, page in pages if page is not None}


def _infos(linter: Linter) -> tuple[RuleInfo, ...]:
    return tuple(_info(rule) for rule in linter.rules if rule.id in linter.enabled)


def _code_infos(reports: Sequence[FileReport]) -> tuple[RuleInfo, ...]:
    """What a report says of ShellCheck's codes, those that were found."""
    from dflint.shellcodes import code_of, code_rule

    found = {each.rule for report in reports for each in report.findings if code_of(each.rule)}
    return tuple(_info(code_rule(code)) for code in sorted(found))


def _info(rule: Rule) -> RuleInfo:
    from dflint.catalog import rule_url
    from dflint.report import RuleInfo

    return RuleInfo(
        id=rule.id,
        name=rule.name,
        summary=rule.summary,
        why=rule.why,
        severity=rule.severity,
        category=rule.category,
        aliases=rule.aliases,
        url=rule_url(rule),
        advice="" if "{" in rule.advice else rule.advice,  # facts go where a finding is
        references=rule.references,
    )


def outputs_of(
    settings: Config, wanted: Sequence[str], standard: Format | None
) -> tuple[Output, ...]:
    """The reports to make; every file's folder is there."""
    from dflint.outputs import OutputError, chosen_outputs, parse_output

    try:
        given = [parse_output(text) for text in wanted]
        chosen = chosen_outputs(settings.outputs, given, standard and standard.value)
    except OutputError as error:
        fail(str(error))
    for each in chosen:
        if each.path is not None and not is_folder(each.path.parent):
            fail(f"{each.path}: there is no such folder to write to")
    return chosen


def write_reports(run: Run, outputs: Sequence[Output]) -> None:
    """Write the reports that go to files, for no terminal."""
    from msgspec.structs import replace

    from dflint.report import FORMATS

    plain = replace(run, color=False, width=WIDTH, links={})
    for each in outputs:
        if each.path is not None:
            write_file(each.path, FORMATS[each.format](plain))


def print_run(run: Run, outputs: Sequence[Output], *, statistics: bool, quiet: bool) -> None:
    """Print what goes to standard output."""
    from dflint.report import FORMATS, LIVE, count, statistics_table

    printed = next((each.format for each in outputs if each.path is None), None)
    if statistics:
        show(statistics_table(run))
    elif printed is not None and printed in LIVE:
        show(LIVE[printed](run))
        sum_up(count(run.reports), printed, run.left_out, quiet=quiet)
    elif printed is None:
        sum_up(count(run.reports), printed, run.left_out, quiet=quiet)
    else:
        show(FORMATS[printed](run))


def live_format(outputs: Sequence[Output], tasks: Sequence[Task]) -> str | None:
    """The format whose parts can be printed as they come, if that is all that is wanted.

    What is said of one file must not wait for another that holds several Dockerfiles.
    """
    from dflint.report import LIVE

    if len(outputs) != 1 or outputs[0].path is not None or outputs[0].format not in LIVE:
        return None
    whole = all(each.inside is None and not each.trouble for each in tasks)
    return outputs[0].format if whole else None


def sum_up(
    counts: Counts, printed: str | None, left_out: Sequence[str] = (), *, quiet: bool
) -> None:
    """The closing line of the report for people; a clean run leaves standard output empty."""
    from dflint.report import summary

    if quiet or printed not in ("full", None):
        return
    text = summary(counts, left_out)
    if printed == "full" and counts.severities:
        show(f"{text}\n")
    else:
        say(text)
