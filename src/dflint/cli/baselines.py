"""`dflint baseline`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dflint.cli.console import fail, say, write_file
from dflint.cli.files import check_all, tasks_of
from dflint.cli.options import ConfigPath, Day, NoConfig, Paths, Target
from dflint.cli.settings import cache_folder, configured, cores, day, linter_of, shellcheck


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
        if each.partial:
            fail(f"{each.report.source.path}: not every rule could be held against it")
    path = output or Path(settings.baseline or NAME)
    made = make_baseline(path, [each.report for each in done])
    write_file(path, baseline_json(made))
    count = len(made.entries)
    say(f"Wrote {count} known {'problem' if count == 1 else 'problems'} to {path}")
