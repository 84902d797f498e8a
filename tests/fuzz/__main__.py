"""The driver: `python -m tests.fuzz [TARGET …] [--seconds N] [--jobs N] [--seed N]`.

Runs each target for so many seconds, with atheris where it is installed (`dflint[fuzz]`) and
wanted (`--atheris`), else with random mutation alone. What does not hold is written to a folder
and told of; the program then exits with 1.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz.run import Failure, fuzz
from tests.fuzz.targets import TARGETS

TOGETHER = 50  # failures after which a target is given up


def _one(name: str, seconds: float, seed: int, folder: Path) -> int:
    """Fuzz one target; the number of failures."""
    until = time.monotonic() + seconds
    seen: set[str] = set()
    runs = 0

    def told(failure: Failure) -> bool:
        if failure.kind not in seen:
            seen.add(failure.kind)
            path = folder / f"{name}-{len(seen)}-{seed}"
            path.write_bytes(failure.data)
            print(f"{name}: {failure.kind}\n  {path}", flush=True)
        return len(seen) < TOGETHER

    while time.monotonic() < until and len(seen) < TOGETHER:
        runs += fuzz(name, seed, 100, told)
        seed += 1
    print(f"{name}: {runs} inputs, {len(seen)} kinds of failure", flush=True)
    return len(seen)


def _with_atheris(name: str, seconds: float, folder: Path) -> int:
    """Fuzz one target with atheris, which ends the process."""
    from random import Random

    import atheris

    from tests.fuzz.mutation import CORPUS, mutated, seeds

    target = TARGETS[name]
    others = seeds(target.seeds)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        return mutated(Random(seed), data, others)[:most]

    atheris.instrument_all()
    options = [
        f"-max_total_time={int(seconds)}",
        "-timeout=10",
        f"-artifact_prefix={folder}/{name}-",
    ]
    grown = folder / "corpus" / name  # the first folder is where it keeps what brings new coverage
    grown.mkdir(parents=True, exist_ok=True)
    places = [str(grown), str(CORPUS / target.seeds)]
    atheris.Setup([name, *options, *places], target.run, custom_mutator=mutate)
    atheris.Fuzz()
    return 0


def main(arguments: list[str]) -> int:
    """Fuzz the targets, several at a time; 1 where anything does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--folder", type=Path, default=Path("fuzz-failures"))
    parser.add_argument("--atheris", action="store_true")
    options = parser.parse_args(arguments)
    names = options.targets or list(TARGETS)
    for name in names:
        if name not in TARGETS:
            parser.error(f"there is no target `{name}`; there are {', '.join(TARGETS)}")
    options.folder.mkdir(parents=True, exist_ok=True)
    if len(names) == 1:
        if options.atheris:
            return _with_atheris(names[0], options.seconds, options.folder)
        return 1 if _one(names[0], options.seconds, options.seed, options.folder) else 0
    rest = ["--seconds", str(options.seconds), "--seed", str(options.seed)]
    rest += ["--folder", str(options.folder), *(["--atheris"] if options.atheris else [])]
    return _side_by_side(names, rest, options.jobs)


def _side_by_side(names: list[str], rest: list[str], jobs: int) -> int:
    waiting, failed = list(names), False
    going: list[subprocess.Popen[bytes]] = []
    while waiting or going:
        while waiting and len(going) < jobs:
            command = [sys.executable, "-m", "tests.fuzz", waiting.pop(0), *rest]
            going.append(subprocess.Popen(command, env=dict(os.environ)))
        done = [each for each in going if each.poll() is not None]
        failed |= any(each.returncode for each in done)
        going = [each for each in going if each not in done]
        time.sleep(0.2)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
