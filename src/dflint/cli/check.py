"""`dflint check`, as typer understands it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dflint.cli.asked import Asked
from dflint.cli.choices import Color, Format, Level
from dflint.cli.options import ConfigPath, Day, NoConfig, Paths, Selectors, Target


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
    from dflint.cli.linting import lint

    lint(
        Asked(
            paths=paths,
            select=select,
            ignore=ignore,
            extend_select=extend_select,
            baseline=baseline,
            diff_base=diff_base,
            severity=severity,
            fail_on=fail_on,
            exit_zero=exit_zero,
            output_format=output_format,
            output=output,
            fix=fix,
            unsafe_fixes=unsafe_fixes,
            diff=diff,
            statistics=statistics,
            quiet=quiet,
            color=color,
            target=target,
            context=context,
            files_from=files_from,
            null=null,
            stdin_filename=stdin_filename,
            no_shellcheck=no_shellcheck,
            jobs=jobs,
            no_cache=no_cache,
            today=today,
            config=config,
            no_config=no_config,
        )
    )
