"""The commands of `dflint`, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated

import typer

from dflint import __version__
from dflint.cli import baselines, check, kept, migration, pictures, rules


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dflint {__version__}")
        raise typer.Exit


def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Lint Dockerfiles with rules that know what the build puts into the image."""


@cache
def make_app(only: str | None = None) -> typer.Typer:
    """The command line; with `only`, no other command than that, which is quicker to make."""
    made = typer.Typer(
        name="dflint",
        help="Lint Dockerfiles with rules that know what the build puts into the image.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    made.callback()(root)
    for name, command in COMMANDS.items():
        if only in (None, name):
            made.command(name)(command)
    for name, group in GROUPS.items():
        if only in (None, name):
            made.add_typer(group(), name=name)
    return made


def _rules() -> typer.Typer:
    made = typer.Typer(
        help="List the rules, test them by their examples, or print the rule format's schema.",
        rich_markup_mode=None,
    )
    made.callback(invoke_without_command=True)(rules.rules)
    made.command("test")(rules.run_examples_of)
    made.command("schema")(rules.schema)
    return made


def _cache() -> typer.Typer:
    made = typer.Typer(
        help="What earlier runs have found, kept to be quicker.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    made.command("dir")(kept.cache_dir)
    made.command("clear")(kept.cache_clear)
    return made


COMMANDS: Mapping[str, Callable[..., None]] = {
    "check": check.check,
    "explain": rules.explain,
    "image": pictures.image,
    "graph": pictures.graph,
    "baseline": baselines.write_baseline,
    "migrate": migration.migrate,
}
GROUPS: Mapping[str, Callable[[], typer.Typer]] = {"rules": _rules, "cache": _cache}
