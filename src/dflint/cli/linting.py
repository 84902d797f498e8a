"""What `dflint check` does, from what was asked for to the exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from msgspec.structs import replace

from dflint.cli.asked import Asked
from dflint.cli.choices import Level
from dflint.cli.console import FINDINGS, USAGE, colored, fail, say, show, tell, write
from dflint.cli.files import aimless, check_all, listed, noted, progress, tasks_of
from dflint.cli.reports import (
    live_format,
    outputs_of,
    print_run,
    run_of,
    sum_up,
    write_reports,
)
from dflint.cli.settings import (
    RESULTS,
    cache_folder,
    configured,
    cores,
    day,
    linter_of,
    shellcheck,
    split,
)
from dflint.disk import is_folder

if TYPE_CHECKING:
    from dflint.baseline import Baseline
    from dflint.checking import Plan, Task
    from dflint.config import Config
    from dflint.finding import FileReport, Safety
    from dflint.fixing import Mended
    from dflint.lint import Linter
    from dflint.outputs import Output
    from dflint.report import Counts


def lint(asked: Asked) -> NoReturn:
    """Lint, print what is asked for, and exit."""
    settings = _settings(asked)
    outputs = outputs_of(settings, asked.output or (), asked.output_format)
    linter = linter_of(settings)
    for note in () if asked.quiet else linter.config.notes:
        tell(note)
    plan = _plan(asked, settings, linter)
    stage = asked.target or settings.target
    found, absent = tasks_of(asked.names, linter, stage, asked.stdin_filename)
    more = () if asked.files_from is None else listed(asked.files_from, _end(asked), stage)
    sifting = settings.baseline is not None or asked.diff_base is not None
    collecting = asked.fixing or asked.statistics or bool(stage) or sifting
    live = None if collecting else live_format(outputs, found)
    if live is not None:
        counts, broken = _as_they_come(chain(found, more), absent, linter, plan, asked, live)
        sum_up(counts, live, quiet=asked.quiet)
    else:
        tasks = [*found, *more]
        counts, broken = _together(tasks, absent, linter, plan, asked, stage, outputs)
    _exit(counts, settings, asked, broken)


def _settings(asked: Asked) -> Config:
    from dflint.config import command_line

    settings = command_line(
        configured(asked.config, asked.no_config, asked.names or ["."]),
        select=split(asked.select),
        ignore=split(asked.ignore),
        extend_select=split(asked.extend_select),
        context=None if asked.context is None else str(asked.context),
        today=day(asked.today),
        baseline=None if asked.baseline is None else str(asked.baseline),
    )
    if asked.context is not None and not is_folder(asked.context):
        fail(f"{asked.context}: there is no such folder to take as the build context")
    return settings


def _plan(asked: Asked, settings: Config, linter: Linter) -> Plan:
    from dflint.checking import Plan

    cache = None if asked.no_cache else cache_folder()
    silent = asked.no_shellcheck or not linter.shell
    fixes: tuple[Safety, ...] = ("safe", "unsafe") if asked.unsafe_fixes else ("safe",)
    return Plan(
        fixes if asked.fixing else (),
        write=not asked.diff,
        tool=None if silent else shellcheck(settings, cache),
        jobs=asked.jobs or cores(),
        results=None if cache is None else cache / RESULTS,
    )


def _end(asked: Asked) -> bytes:
    """What ends a name in a list of files."""
    return b"\0" if asked.null else b"\n"


def _as_they_come(
    tasks: Iterable[Task],
    absent: Sequence[Path],
    linter: Linter,
    plan: Plan,
    asked: Asked,
    printed: str,
) -> tuple[Counts, bool]:
    """Print what comes of each file at once: how much that was, and whether a file failed."""
    from dflint.checking import missing
    from dflint.report import LIVE, count
    from dflint.workers import check

    counts, broken = count(()), False
    empty = run_of((), linter, asked.color, rules=False)
    found = check(tasks, aimless(linter), plan)
    done = chain((missing(path, linter) for path in absent), found)
    # On a terminal, what is printed tells how far it has come.
    for each in noted(progress(done, asked.quiet or sys.stdout.isatty())):
        report = _at_least(each.report, asked.severity)
        show(LIVE[printed](replace(empty, reports=(report,))))
        counts, broken = counts.plus(report), broken or each.failed or each.partial
    return counts, broken


def _together(
    tasks: Sequence[Task],
    absent: Sequence[Path],
    linter: Linter,
    plan: Plan,
    asked: Asked,
    stage: str | None,
    outputs: Sequence[Output],
) -> tuple[Counts, bool]:
    """Print or write what comes of all files: how much that was, and whether a file failed."""
    from dflint.cli.known import known_problems, sieves_of, sifted, tell_outdated
    from dflint.report import count

    known: Baseline | None = known_problems(linter.config)
    sieves = sieves_of(known, asked.diff_base, tasks, linter, plan)
    plan = replace(plan, sieves=tuple(sieves.values()))
    done = check_all(tasks, absent, linter, plan, stage, quiet=asked.quiet)
    tell_outdated(known, done, linter, plan.tool)
    wanted, left_out = sifted(done, sieves)
    reports = [_at_least(each, asked.severity) for each in wanted]
    mended = [each.mended for each in done if each.mended is not None]
    if asked.fixing:
        _tell_fixes(mended, asked.diff, colored(asked.color))
        if asked.diff:
            raise SystemExit(FINDINGS if any(each.changed for each in mended) else 0)
    run = replace(run_of(reports, linter, asked.color), left_out=left_out, target=stage)
    write_reports(run, outputs)
    if asked.fixing and "-" in asked.names:
        _print_mended_input(mended)
    else:
        print_run(run, outputs, statistics=asked.statistics, quiet=asked.quiet)
    return count(reports), any(each.failed or each.partial for each in done)


def _tell_fixes(mended: Sequence[Mended], diff: bool, color: bool) -> None:
    """Say what was fixed, and whose fixes were thrown away; the changes themselves for `--diff`."""
    from dflint.report import unified_diff

    for each in mended:
        if each.blamed:
            rules = ", ".join(each.blamed)
            say(
                f"dflint: {each.before.path}: left as it was, because a fix of {rules} would have "
                "broken it: this is a bug of the rule, please report it"
            )
        if diff and each.changed:
            show(unified_diff(each.before.path, each.before.text, each.text, color))
            if each.beside is not None and each.ignore_changed:
                text = each.ignore or ""
                show(unified_diff(str(each.beside.path), each.beside.text, text, color))
    count = sum(len(each.fixed) for each in mended)
    files = sum(each.changed for each in mended)
    if count:
        problems = "1 problem" if count == 1 else f"{count} problems"
        where = "1 file" if files == 1 else f"{files} files"
        say(f"{'Would fix' if diff else 'Fixed'} {problems} in {where}")


def _print_mended_input(mended: Sequence[Mended]) -> None:
    """Standard input goes to standard output, mended."""
    for each in mended:
        write(each.text.encode("utf-8", "surrogateescape"))


def _at_least(report: FileReport, level: Level) -> FileReport:
    from dflint.finding import FileReport, Severity

    least = Severity[level.name.upper()]
    if least is min(Severity):
        return report
    return FileReport(report.source, tuple(f for f in report.findings if f.severity >= least))


def _exit(counts: Counts, settings: Config, asked: Asked, broken: bool) -> NoReturn:
    from dflint.finding import Severity

    least = Severity[asked.fail_on.name.upper()] if asked.fail_on else settings.fail_on
    if broken:
        raise SystemExit(USAGE)
    found = any(number for each, number in counts.severities.items() if each >= least)
    raise SystemExit(FINDINGS if found and not (asked.exit_zero or settings.exit_zero) else 0)
