"""What the terminal sees: messages, texts, colours, and the end of a run."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

from dflint.cli.choices import Color

if TYPE_CHECKING:
    from dflint.source import Source

FINDINGS, USAGE = 1, 2
# What terminals that know OSC 8 call themselves, in TERM_PROGRAM or TERM.
LINKING = frozenset({
    "iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio", "Tabby", "WarpTerminal",
    "xterm-kitty", "xterm-ghostty", "alacritty", "foot", "foot-direct", "contour",
})  # fmt: skip


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and exit with 2."""
    tell(message)
    raise SystemExit(USAGE)


def tell(message: str) -> None:
    """Say something on standard error; a path in it may hold anything."""
    from dflint.report.terminal import opening, visible

    text = "\n".join(opening(visible(line)) for line in message.split("\n"))
    say(f"dflint: {text}")


def say(text: str, end: str = "\n") -> None:
    """Print on standard error, at once; nothing where nobody reads it, or it cannot be written."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text + end)
        sys.stderr.flush()
    except OSError:
        _to_nowhere(sys.stderr)


def show(text: str) -> None:
    """Print as UTF-8 whatever the terminal's encoding is, so that no character stops a report.

    Nothing is printed where standard output is closed (`>&-`); where it cannot be written, as on a
    full disk, that is told, and the run ends.
    """
    write(text.encode("utf-8", "backslashreplace"))


def write(data: bytes) -> None:
    """As `show`, of bytes."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough (`dflint check | head`): no more output, and no traceback.
        _to_nowhere(sys.stdout)
    except OSError as error:
        unwritten(error)


def unwritten(error: OSError) -> NoReturn:
    """End because standard output cannot be written."""
    if sys.stdout is not None:
        _to_nowhere(sys.stdout)
    fail(f"standard output cannot be written: {error.strerror or error}")


def _to_nowhere(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def fill_streams() -> None:
    """Have the three standard streams be there.

    Where one is closed (`2>&-`), the next file that is opened would take its number, and what is
    meant for the stream would be written into that file. A closed standard input stays None.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        nowhere = os.open(os.devnull, os.O_RDWR)
        if nowhere != number:
            os.dup2(nowhere, number)
            os.close(nowhere)
        if number:
            # Until the process ends.
            setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115


def colored(color: Color) -> bool:
    if color is not Color.auto:
        return color is Color.always
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def linked(color: Color) -> bool:
    """Whether standard output is a terminal that makes a text lead to a page (OSC 8).

    `FORCE_HYPERLINK` says so, or not (0), where a terminal does not make itself known.
    """
    if color is Color.never or not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return False
    wanted = os.environ.get("FORCE_HYPERLINK")
    if wanted is not None:
        return wanted not in ("", "0")
    if os.environ.get("TERM_PROGRAM") in LINKING or os.environ.get("TERM") in LINKING:
        return True
    version = os.environ.get("VTE_VERSION", "")
    return (version.isdecimal() and int(version) >= 5000) or any(
        name in os.environ for name in ("WT_SESSION", "KONSOLE_VERSION", "KITTY_WINDOW_ID")
    )


def write_file(path: Path, text: str) -> None:
    from dflint.writing import write_atomically

    try:
        write_atomically(path, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        fail(f"{path}: cannot be written: {error.strerror}")


def standard_input(name: str | None) -> Source:
    from dflint.disk import LARGEST
    from dflint.source import decode

    if sys.stdin is None:
        fail("standard input is closed")
    data = sys.stdin.buffer.read(LARGEST + 1)
    if len(data) > LARGEST:
        fail(f"standard input is larger than {LARGEST / 1_000_000:g} MB")
    return decode(name or "-", data)
