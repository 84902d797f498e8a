"""Which files a run is about, and what comes of them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from msgspec.structs import replace

from dflint.cli.console import fail, say, standard_input, tell

if TYPE_CHECKING:
    from dflint.checking import Checked, Plan, Task
    from dflint.lint import Linter

LONGEST_NAME = 1 << 16  # bytes, more than any system allows
PAUSE = 0.5  # seconds between two words about the progress


def tasks_of(
    names: Sequence[str], linter: Linter, target: str | None, stdin_filename: str | None
) -> tuple[list[Task], tuple[Path, ...]]:
    """The files that the names stand for, and the names of nothing."""
    from dflint.buildfiles import expand
    from dflint.checking import Task
    from dflint.discover import discover

    base = Path(linter.config.path).parent if linter.config.path else None
    folders = [Path(name) for name in names if name != "-"]
    found = discover(folders, exclude=linter.config.exclude, base=base)
    tasks = expand(found.files, folders, target)
    if "-" in names:
        source = standard_input(stdin_filename)
        tasks.insert(0, Task(Path(source.path), source, target=target))
    return tasks, found.missing


def listed(path: Path, end: bytes, target: str | None) -> Iterator[Task]:
    """The Dockerfiles that a list names, as it is read; `end` is what ends a name in it.

    `-` is standard input.
    """
    from dflint.checking import Task

    if str(path) == "-" and sys.stdin is None:
        fail("standard input is closed")
    try:
        file = sys.stdin.buffer if str(path) == "-" else path.open("rb")
    except OSError as error:
        fail(f"{path}: cannot be read: {error.strerror}")
    with file:
        for name in _names(file, end):
            name = name if end == b"\0" else name.removesuffix(b"\r")
            if name:
                yield Task(Path(os.fsdecode(name)), target=target)


def _names(file: BinaryIO, end: bytes) -> Iterator[bytes]:
    left = b""
    # Whatever has come so far, not a block.
    while line := file.readline(LONGEST_NAME):
        *whole, left = (left + line).split(end)
        yield from whole
        if len(left) > LONGEST_NAME:
            fail(f"a name in a list of files has more than {LONGEST_NAME:,} bytes")
    yield left


def check_all(
    tasks: Sequence[Task],
    absent: Sequence[Path],
    linter: Linter,
    plan: Plan,
    target: str | None,
    *,
    quiet: bool = False,
) -> list[Checked]:
    """What comes of all files."""
    from dflint.checking import missing, together
    from dflint.workers import check

    linter = aimless(linter)
    done = [missing(path, linter) for path in absent]
    done += noted(progress(check(tasks, linter, plan), quiet, len(tasks)))
    told = [each.stages for each in done[len(absent) :]]
    if target is not None and told and None not in told:
        fail(no_stage(target, [name for stages in told for name in stages or ()]))
    return together(done)


def noted(done: Iterable[Checked]) -> Iterator[Checked]:
    """What is done, while what there is to say of it is told, each thing once."""
    told: set[str] = set()
    for each in done:
        for note in each.notes:
            if note not in told:
                tell(note)
            told.add(note)
        yield each


def progress(done: Iterable[Checked], quiet: bool, total: int | None = None) -> Iterator[Checked]:
    """What is done; a terminal is told how far a long run has come."""
    if quiet or not sys.stderr.isatty():
        yield from done
        return
    of = "" if total is None else f" of {total}"
    last, shown = time.monotonic(), False
    for number, each in enumerate(done, 1):
        if time.monotonic() - last > PAUSE:
            say(f"\r{number}{of} files", end="")
            last, shown = time.monotonic(), True
        yield each
    if shown:
        say("\r\x1b[K", end="")


def aimless(linter: Linter) -> Linter:
    """The linter without a target: each task knows its own, and one without is built whole."""
    return replace(linter, config=replace(linter.config, target=None))


def no_stage(target: str, stages: Sequence[str]) -> str:
    names = ", ".join(dict.fromkeys(stages)) or "none"
    return f"there is no stage `{target}`; the stages are: {names}"
