"""What the terminal sees: messages, texts, colours, and the end of a run."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from dflint.source import Source

FINDINGS, USAGE = 1, 2


class Color(StrEnum):
    """When to colour."""

    auto = "auto"
    always = "always"
    never = "never"


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and exit with 2."""
    tell(message)
    raise typer.Exit(USAGE)


def tell(message: str) -> None:
    """Say something on standard error; a path in it may hold anything."""
    from dflint.report.terminal import opening, visible

    text = "\n".join(opening(visible(line)) for line in message.split("\n"))
    typer.echo(f"dflint: {text}", err=True)


def show(text: str) -> None:
    """Print as UTF-8 whatever the terminal's encoding is, so that no character stops a report."""
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough (`dflint check | head`): no more output, and no traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def colored(color: Color) -> bool:
    if color is not Color.auto:
        return color is Color.always
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def write_file(path: Path, text: str) -> None:
    from dflint.writing import write_atomically

    try:
        write_atomically(path, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        fail(f"{path}: cannot be written: {error.strerror}")


def standard_input(name: str | None) -> Source:
    from dflint.source import decode

    return decode(name or "-", sys.stdin.buffer.read())
