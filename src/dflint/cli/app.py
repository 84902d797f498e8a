"""The commands of `dflint`, put together."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from dflint import __version__
from dflint.cli import cache, check, known, migration, pictures, rules


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


def make_app() -> typer.Typer:
    """The whole command line."""
    made = typer.Typer(
        name="dflint",
        help="Lint Dockerfiles with rules that know what the build puts into the image.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    made.callback()(root)
    made.command("check")(check.check)
    made.command("explain")(rules.explain)
    made.command("image")(pictures.image)
    made.command("graph")(pictures.graph)
    made.command("baseline")(known.write_baseline)
    made.command("migrate")(migration.migrate)
    made.add_typer(_rules(), name="rules")
    made.add_typer(_cache(), name="cache")
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
    made.command("dir")(cache.cache_dir)
    made.command("clear")(cache.cache_clear)
    return made


app = make_app()


def main() -> None:
    """The entry point of the `dflint` command."""
    # Nothing here makes cycles worth looking for; looking takes a tenth of a long run.
    gc.set_threshold(50_000, 20, 50)
    app(prog_name="dflint")
