"""Where the `dflint` command starts."""

from __future__ import annotations

import errno
import gc
import os
import sys

# All else is imported when what it takes to end quietly stands ready: Ctrl-C may come at once.
CANNOT_WRITE = (errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EBADF)
UNWRITTEN = 2
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells tell it


def command() -> None:
    """The `dflint` command: as `main`, and then the process ends at once.

    Giving back every object of a run takes a fifth of the time of a small one, and the system does
    it anyway. Where there are other processes, they are waited for as Python does; after Ctrl-C
    they end by themselves, since this one is gone.
    """
    try:
        main()
    except SystemExit as ended:
        others = "multiprocessing" in sys.modules and ended.code != INTERRUPTED
        if others or not isinstance(ended.code, int):
            raise
        os._exit(_flushed(ended.code))


def _flushed(code: int) -> int:
    """Flush what was printed: the exit code, 2 where standard output cannot be written."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except OSError:
        return UNWRITTEN
    return code


def main() -> None:
    """Do what the command line says, and raise SystemExit."""
    # Nothing here makes cycles worth looking for; looking takes a tenth of a long run.
    gc.set_threshold(50_000, 20, 50)
    try:
        _run(sys.argv[1:])
    except OSError as error:
        # Typer prints its help itself.
        if error.errno not in CANNOT_WRITE:
            raise
        from dflint.cli.console import unwritten

        unwritten(error)
    except KeyboardInterrupt:
        from dflint.cli.console import say

        say("Aborted!")
        raise SystemExit(INTERRUPTED) from None


def _run(words: list[str]) -> None:
    from dflint.cli.console import fill_streams
    from dflint.cli.plain import plain_check

    fill_streams()
    # Loading typer takes as long as linting a file: what is plainly said is understood without.
    asked = None if COMPLETING in os.environ else plain_check(words)
    if asked is not None:
        from dflint.cli.linting import lint

        lint(asked)
    from dflint.cli.app import COMMANDS, GROUPS, make_app

    # Typer makes all commands before it runs one; that too takes longer than linting a file.
    word = words[0] if words else ""
    chosen = make_app(word if word in COMMANDS or word in GROUPS else None)
    chosen(prog_name="dflint")


COMPLETING = "_DFLINT_COMPLETE"  # set by shells' completion, for typer to answer
