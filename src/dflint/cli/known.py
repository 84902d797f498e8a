"""What a run leaves out: known problems, and those that were there before a change."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dflint.cli.console import fail, write_file
from dflint.cli.files import aimless, check_all, tasks_of
from dflint.cli.options import ConfigPath, Day, NoConfig, Paths, Target
from dflint.cli.settings import cache_folder, configured, cores, day, linter_of, shellcheck

if TYPE_CHECKING:
    from dflint.baseline import Baseline
    from dflint.checking import Checked, Plan, Sieve, Task
    from dflint.config import Config
    from dflint.finding import FileReport
    from dflint.lint import Linter
    from dflint.shellcheck import Tool


def write_baseline(
    paths: Paths = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="The file to write. [default: the configured one, else .dflint-baseline.json]",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    target: Target = None,
    no_shellcheck: Annotated[
        bool, typer.Option("--no-shellcheck", help="Do not ask ShellCheck about scripts.")
    ] = False,
    today: Day = None,
    config: ConfigPath = None,
    no_config: NoConfig = False,
) -> None:
    """Write down all present findings as known problems, which `check --baseline` leaves out."""
    from dflint.baseline import NAME, baseline_json, make_baseline
    from dflint.checking import Plan
    from dflint.config import command_line

    names = paths or ["."]
    if "-" in names:
        fail("a baseline is of files, not of standard input")
    settings = command_line(configured(config, no_config, names), today=day(today))
    linter = linter_of(settings)
    tool = None if no_shellcheck or not linter.shell else shellcheck(settings, cache_folder())
    tasks, absent = tasks_of(names, linter, target or settings.target, None)
    plan = Plan(tool=tool, jobs=cores())
    done = check_all(tasks, absent, linter, plan, target or settings.target)
    for each in done:
        if each.failed:
            fail(f"{each.report.source.path}: cannot be read")
    path = output or Path(settings.baseline or NAME)
    made = make_baseline(path, [each.report for each in done])
    write_file(path, baseline_json(made))
    count = len(made.entries)
    typer.echo(f"Wrote {count} known {'problem' if count == 1 else 'problems'} to {path}", err=True)


def known_problems(settings: Config) -> Baseline | None:
    if settings.baseline is None:
        return None
    from dflint.baseline import BaselineError, load_baseline

    try:
        return load_baseline(Path(settings.baseline))
    except BaselineError as error:
        fail(str(error))


def sieves_of(
    known: Baseline | None,
    diff_base: str | None,
    tasks: Sequence[Task],
    linter: Linter,
    plan: Plan,
) -> dict[str, Sieve]:
    """What leaves findings out, by the word for what it leaves out."""
    from functools import partial

    sieves: dict[str, Sieve] = {}
    if known is not None:
        from dflint.baseline import unknown

        sieves["known"] = partial(unknown, known)
    if diff_base is not None:
        sieves["older"] = _since(diff_base, tasks, linter, plan)
    return sieves


def _since(reference: str, tasks: Sequence[Task], linter: Linter, plan: Plan) -> Sieve:
    """What leaves out the findings that were there before a change."""
    from dflint.changes import brought, changes_since
    from dflint.repository import Git, GitError

    program = shutil.which("git")
    if program is None:
        fail("--diff-base needs git, and there is none")
    if any(task.source is not None and task.source.path == "-" for task in tasks):
        fail("--diff-base needs --stdin-filename to know which file standard input is")
    git = Git(program, dict(os.environ))
    try:
        changes = changes_since(reference, tasks, aimless(linter), plan, git)
    except GitError as error:
        fail(str(error))

    def since(report: FileReport) -> Sequence[bool]:
        try:
            return brought(changes, report)
        except GitError as error:
            fail(str(error))

    return since


def sifted(
    done: Sequence[Checked], sieves: Mapping[str, Sieve]
) -> tuple[list[FileReport], tuple[str, ...]]:
    """What is wanted of the reports, and in words how much is not."""
    from dflint.checking import sift

    made = [sift(each, tuple(sieves.values())) for each in done]
    told = []
    for place, word in enumerate(sieves):
        count = sum(counts[place] for _, counts in made)
        if count:
            told.append(f"{count} {word} {'problem' if count == 1 else 'problems'}")
    return [report for report, _ in made], tuple(told)


def tell_outdated(
    known: Baseline | None, done: Sequence[Checked], linter: Linter, tool: Tool | None
) -> None:
    """Say which entries of a baseline match nothing any more."""
    if known is None:
        return
    from dflint.baseline import outdated, outdated_text
    from dflint.shellcodes import code_of

    reports = [each.report for each in done if not each.failed]
    found = outdated(
        known,
        reports,
        lambda rule: rule in linter.enabled or (tool is not None and code_of(rule) is not None),
    )
    if found:
        typer.echo(f"dflint: {outdated_text(known, found)}", err=True)
