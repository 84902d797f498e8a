"""`dflint check`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from msgspec import Struct
from msgspec.structs import replace

from dflint.cli.console import FINDINGS, USAGE, Color, colored, fail, show, tell
from dflint.cli.files import aimless, check_all, listed, noted, progress, tasks_of
from dflint.cli.known import known_problems, sieves_of, sifted, tell_outdated
from dflint.cli.options import (
    ConfigPath,
    Day,
    Format,
    Level,
    NoConfig,
    Paths,
    Selectors,
    Target,
)
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

if TYPE_CHECKING:
    from dflint.checking import Plan, Task
    from dflint.config import Config
    from dflint.finding import FileReport, Safety
    from dflint.fixing import Mended
    from dflint.lint import Linter
    from dflint.report import Counts


class _View(Struct, frozen=True):
    """What a person wants to see of the findings."""

    severity: Level
    color: Color
    quiet: bool


def check(
    paths: Paths = None,
    select: Annotated[
        Selectors,
        typer.Option(
            help="Rules to run: ids, names, categories, aliases, other tools (hadolint), or ALL "
            "(comma-separated)."
        ),
    ] = None,
    ignore: Annotated[Selectors, typer.Option(help="Rules to leave out.")] = None,
    extend_select: Annotated[
        Selectors, typer.Option(help="Rules to run beside those already chosen.")
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            help="Leave out the known problems that this file holds (see `dflint baseline`).",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    diff_base: Annotated[
        str | None,
        typer.Option(
            help="Report only what came since this commit, branch or tag of git.",
            metavar="REF",
            show_default=False,
        ),
    ] = None,
    severity: Annotated[
        Level, typer.Option(help="Report findings of this severity or worse.")
    ] = Level.style,
    fail_on: Annotated[
        Level | None,
        typer.Option(
            help="Exit with 1 from this severity on. [default: warning]", show_default=False
        ),
    ] = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 in spite of findings.")
    ] = False,
    output_format: Annotated[
        Format | None,
        typer.Option(help="How to print findings. [default: full]", show_default=False),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            help="A report to print, or to write to a file; may be given several times.",
            metavar="FORMAT[=PATH]",
            show_default=False,
        ),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Make the safe fixes.")] = False,
    unsafe_fixes: Annotated[
        bool,
        typer.Option("--unsafe-fixes", help="Make also fixes that could change what is built."),
    ] = False,
    diff: Annotated[
        bool,
        typer.Option("--diff", help="Show what fixes would change, and write nothing."),
    ] = False,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Count findings by rule instead.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print findings and errors, and nothing else.")
    ] = False,
    color: Annotated[Color, typer.Option(help="When to colour the full report.")] = Color.auto,
    target: Target = None,
    context: Annotated[
        Path | None,
        typer.Option(
            help="The build context. [default: each Dockerfile's folder]",
            metavar="DIR",
            show_default=False,
        ),
    ] = None,
    files_from: Annotated[
        Path | None,
        typer.Option(
            help="A list of more Dockerfiles, one a line; `-` is standard input.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    null: Annotated[
        bool, typer.Option("--null", "-0", help="Names in that list end with NUL, not newline.")
    ] = False,
    stdin_filename: Annotated[
        str | None, typer.Option(help="The name to report for standard input.", metavar="PATH")
    ] = None,
    no_shellcheck: Annotated[
        bool, typer.Option("--no-shellcheck", help="Do not ask ShellCheck about scripts.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many processes may work side by side. [default: one a core]",
            show_default=False,
        ),
    ] = None,
    no_cache: Annotated[
        bool,
        typer.Option("--no-cache", help="Neither use nor keep what earlier runs have found."),
    ] = False,
    today: Day = None,
    config: ConfigPath = None,
    no_config: NoConfig = False,
) -> None:
    """Lint Dockerfiles: files, folders, or standard input.

    Exit codes: 0 nothing found, 1 findings at or above --fail-on, 2 wrong usage, a broken
    configuration or rule file, or a file that cannot be read.
    """  # fmt: skip
    from dflint.checking import Plan
    from dflint.config import command_line
    from dflint.report import count

    names = paths or ([] if files_from else ["."])
    settings = command_line(
        configured(config, no_config, names or ["."]),
        select=split(select),
        ignore=split(ignore),
        extend_select=split(extend_select),
        context=None if context is None else str(context),
        today=day(today),
        baseline=None if baseline is None else str(baseline),
    )
    if context is not None and not context.is_dir():
        fail(f"{context}: there is no such folder to take as the build context")
    known = known_problems(settings)
    outputs = outputs_of(settings, output or (), output_format)
    linter = linter_of(settings)
    for note in () if quiet else linter.config.notes:
        tell(note)
    cache = None if no_cache else cache_folder()
    tool = None if no_shellcheck or not linter.shell else shellcheck(settings, cache)
    fixing = fix or unsafe_fixes or diff
    fixes: tuple[Safety, ...] = ("safe", "unsafe") if unsafe_fixes else ("safe",)
    plan = Plan(
        fixes if fixing else (),
        write=not diff,
        tool=tool,
        jobs=jobs or cores(),
        results=None if cache is None else cache / RESULTS,
    )
    stage = target or settings.target
    view = _View(severity, color, quiet)
    found, absent = tasks_of(names, linter, stage, stdin_filename)
    more = () if files_from is None else listed(files_from, b"\0" if null else b"\n", stage)
    live = None if fixing or statistics or stage or known else live_format(outputs, found)
    if live is not None and diff_base is None:
        counts, broken = _as_they_come(chain(found, more), absent, linter, plan, view, live)
        sum_up(counts, live, quiet=quiet)
        _exit(counts, settings, fail_on, exit_zero or settings.exit_zero, broken)
    tasks = [*found, *more]
    sieves = sieves_of(known, diff_base, tasks, linter, plan)
    plan = replace(plan, sieves=tuple(sieves.values()))
    done = check_all(tasks, absent, linter, plan, stage, quiet=quiet)
    tell_outdated(known, done, linter, tool)
    wanted, left_out = sifted(done, sieves)
    reports = [_at_least(each, severity) for each in wanted]
    mended = [each.mended for each in done if each.mended is not None]
    if fixing:
        _tell_fixes(mended, diff, colored(color))
        if diff:
            raise typer.Exit(FINDINGS if any(each.changed for each in mended) else 0)
    run = replace(run_of(reports, linter, color), left_out=left_out, target=stage)
    write_reports(run, outputs)
    if fixing and "-" in names:
        _print_mended_input(mended)
    else:
        print_run(run, outputs, statistics=statistics, quiet=quiet)
    broken = any(each.failed for each in done)
    _exit(count(reports), settings, fail_on, exit_zero or settings.exit_zero, broken)


def _as_they_come(
    tasks: Iterable[Task],
    absent: Sequence[Path],
    linter: Linter,
    plan: Plan,
    view: _View,
    printed: str,
) -> tuple[Counts, bool]:
    """Print what comes of each file at once: how much that was, and whether a file failed."""
    from dflint.checking import check, missing
    from dflint.report import LIVE, count

    counts, broken = count(()), False
    empty = run_of((), linter, view.color, rules=False)
    found = check(tasks, aimless(linter), plan)
    done = chain((missing(path, linter) for path in absent), found)
    # On a terminal, what is printed tells how far it has come.
    for each in noted(progress(done, view.quiet or sys.stdout.isatty())):
        report = _at_least(each.report, view.severity)
        show(LIVE[printed](replace(empty, reports=(report,))))
        counts, broken = counts.plus(report), broken or each.failed
    return counts, broken


def _tell_fixes(mended: Sequence[Mended], diff: bool, color: bool) -> None:
    """Say what was fixed, and whose fixes were thrown away; the changes themselves for `--diff`."""
    from dflint.report import unified_diff

    for each in mended:
        if each.blamed:
            rules = ", ".join(each.blamed)
            typer.echo(
                f"dflint: {each.before.path}: left as it was, because a fix of {rules} would have "
                "broken it: this is a bug of the rule, please report it",
                err=True,
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
        typer.echo(f"{'Would fix' if diff else 'Fixed'} {problems} in {where}", err=True)


def _print_mended_input(mended: Sequence[Mended]) -> None:
    """Standard input goes to standard output, mended."""
    for each in mended:
        sys.stdout.buffer.write(each.text.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()


def _at_least(report: FileReport, level: Level) -> FileReport:
    from dflint.finding import FileReport, Severity

    least = Severity[level.name.upper()]
    if least is min(Severity):
        return report
    return FileReport(report.source, tuple(f for f in report.findings if f.severity >= least))


def _exit(
    counts: Counts,
    settings: Config,
    fail_on: Level | None,
    exit_zero: bool,
    broken: bool,
) -> NoReturn:
    from dflint.finding import Severity

    least = Severity[fail_on.name.upper()] if fail_on else settings.fail_on
    if broken:
        raise typer.Exit(USAGE)
    found = any(number for each, number in counts.severities.items() if each >= least)
    raise typer.Exit(FINDINGS if found and not exit_zero else 0)
