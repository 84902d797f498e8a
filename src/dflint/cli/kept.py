"""`dflint cache`."""

from __future__ import annotations

import shutil

import typer

from dflint.cli.console import fail
from dflint.cli.settings import ANSWERS, RESULTS, cache_folder


def cache_dir() -> None:
    """Print where the cache is."""
    folder = cache_folder()
    if folder is None:
        fail("there is no cache: neither XDG_CACHE_HOME nor the home folder is known")
    typer.echo(folder)


def cache_clear() -> None:
    """Delete what dflint has kept."""
    folder = cache_folder()
    for part in () if folder is None else (folder / RESULTS, folder / ANSWERS):
        if part.is_symlink() or not part.is_dir():
            continue
        try:
            shutil.rmtree(part)
        except OSError as error:
            fail(f"{part}: cannot be deleted: {error.strerror}")
