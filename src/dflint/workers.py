"""Checking many files, in one process or in several side by side; the results keep their order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

from msgspec import structs

from dflint.checking import Checked, Plan, Task, check_chunk, lost, open_results
from dflint.lint import Linter, make_linter

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

    from dflint.config import Config
    from dflint.results import Results

CHUNK = 32  # files that are looked at together: their scripts go to ShellCheck side by side
PAYS = 50  # from so many files on, processes side by side are worth their start


def check(tasks: Iterable[Task], linter: Linter, plan: Plan) -> Iterator[Checked]:
    """What comes of each task, in their order; tasks are taken as results are."""
    waiting = iter(tasks)
    first = list(islice(waiting, PAYS))
    chunks = _chunks(chain(first, waiting))
    if plan.jobs > 1 and len(first) == PAYS and not plan.fixes:
        yield from _side_by_side(chunks, linter, plan)
        return
    results = open_results(linter, plan)
    for chunk in chunks:
        yield from check_chunk(chunk, linter, plan, results)


def _chunks(tasks: Iterator[Task]) -> Iterator[list[Task]]:
    while chunk := list(islice(tasks, CHUNK)):
        yield chunk


def _side_by_side(chunks: Iterator[list[Task]], linter: Linter, plan: Plan) -> Iterator[Checked]:
    """What comes of the chunks, in their order, from several processes.

    Only a few chunks more than there are processes are on their way at a time, so that memory does
    not grow with the number of files.
    """
    import multiprocessing
    from collections import deque
    from concurrent.futures import ProcessPoolExecutor

    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    where = multiprocessing.get_context(method)
    config = structs.replace(linter.config, today=linter.today)
    single = structs.replace(plan, jobs=1, sieves=())
    if plan.tool is not None:
        single = structs.replace(single, tool=structs.replace(plan.tool, processes=1))

    def start(jobs: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(jobs, where, _prepare, (config, single))

    with start(plan.jobs) as pool:
        going: deque[tuple[list[Task], Future[list[Checked]]]] = deque()
        for chunk in chunks:
            going.append((chunk, _submitted(pool, chunk)))
            if len(going) > 2 * plan.jobs:
                yield from _came(*going.popleft(), start)
        while going:
            yield from _came(*going.popleft(), start)


def _submitted(pool: ProcessPoolExecutor, chunk: list[Task]) -> Future[list[Checked]]:
    """A chunk on its way; where the processes are gone, that is what comes of it."""
    from concurrent.futures import BrokenExecutor, Future

    try:
        return pool.submit(_work, chunk)
    except BrokenExecutor as error:
        lost: Future[list[Checked]] = Future()
        lost.set_exception(error)
        return lost


def _came(
    chunk: list[Task], future: Future[list[Checked]], start: Callable[[int], ProcessPoolExecutor]
) -> list[Checked]:
    """What came of a chunk.

    A process that is killed takes everything on its way with it; those files are then looked at
    one by one, so that only the one is lost that kills its process.
    """
    from concurrent.futures import BrokenExecutor

    try:
        return future.result()
    except BrokenExecutor:
        pass
    found: list[Checked] = []
    pool = start(1)
    for task in chunk:
        try:
            found += pool.submit(_work, [task]).result()
        except BrokenExecutor:
            found.append(lost(task, "its process was killed"))
            pool.shutdown()
            pool = start(1)
    pool.shutdown()
    return found


# Of a worker process: set once, when it starts.
_PREPARED: list[tuple[Linter, Plan, Results | None]] = []


def _prepare(config: Config, plan: Plan) -> None:
    # Ctrl-C reaches all processes; the one that the user sees has the last word.
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _end_with_parent()
    linter = make_linter(config)
    _PREPARED[:] = [(linter, plan, open_results(linter, plan))]


def _end_with_parent() -> None:
    """Have this process end when the one that started it is gone, even if that was killed.

    It would wait for work for ever, since it has both ends of the pipe that work comes through.
    """
    from multiprocessing import parent_process
    from multiprocessing.connection import wait
    from threading import Thread

    parent = parent_process()
    assert parent is not None
    sentinel = parent.sentinel

    def watch() -> None:
        wait([sentinel])
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _work(chunk: list[Task]) -> list[Checked]:
    linter, plan, results = _PREPARED[0]
    return list(check_chunk(chunk, linter, plan, results))
