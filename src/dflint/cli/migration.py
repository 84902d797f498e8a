"""`dflint migrate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dflint.cli.choices import Color
from dflint.cli.console import colored, fail, show, write_file
from dflint.cli.settings import linter_of


def migrate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Dockerfiles and folders to look in. [default: .]", show_default=False),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write the files. [default: show a diff]")
    ] = False,
    color: Annotated[Color, typer.Option(help="When to colour the diff.")] = Color.auto,
) -> None:
    """Turn hadolint's configuration and comments into dflint's own.

    A .hadolint.yaml becomes a dflint.toml beside it, and comments such as `# hadolint ignore=…`
    become `# dflint: ignore[…]`. What cannot be carried over is listed on standard error.
    """
    from dflint.config import ConfigError, default_config
    from dflint.migrate import migrate as plan
    from dflint.report import unified_diff

    try:
        made = plan(paths or [Path()], linter_of(default_config()).rules)
    except ConfigError as error:
        fail(str(error))
    for missing in made.missing:
        fail(f"{missing}: no such file or folder")
    for each in made.changes:
        if write:
            write_file(each.path, each.after)
            typer.echo(f"Wrote {each.path}")
        else:
            show(unified_diff(str(each.path), each.before, each.after, colored(color)))
    for line in made.left:
        typer.echo(line, err=True)
    if not made.changes:
        typer.echo("Nothing to migrate", err=True)
