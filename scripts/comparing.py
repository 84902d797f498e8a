"""What the comparisons with other linters share: findings by rule and place, and tables of them.

A finding counts once for a rule of the other tool and an instruction, because other tools report
most things on an instruction's first line.
"""

from __future__ import annotations

import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dflint.lint import Linter
from dflint.match import match
from dflint.model import make_build
from dflint.reader import read
from dflint.scripts import make_scripts
from dflint.source import decode
from dflint.subjects.base import Facts

Key = tuple[str, int]  # a rule of the other tool, and an instruction's first line


@dataclass(frozen=True, slots=True)
class Compared:
    """One file: what each found, and why dflint leaves out what it does."""

    path: Path
    both: frozenset[Key]
    ours: frozenset[Key]
    theirs: frozenset[Key]
    reasons: Mapping[Key, str] = field(default_factory=dict)


def program_of(name: str, given: str | None) -> str | None:
    """Where a program is: as given, beside Python, or on the PATH; None when it is nowhere."""
    beside = shutil.which(name, path=f"{Path(sys.executable).parent}")
    return given or beside or shutil.which(name)


def facts_of(path: Path, linter: Linter) -> Facts:
    """What is true of the build of a file."""
    document = read(decode(str(path), path.read_bytes()))
    build = make_build(document)
    return Facts(build, make_scripts(build), None, linter.today, document.problems)


def dflint(facts: Facts, linter: Linter, tool: str) -> list[Key]:
    """dflint's findings under another tool's names, as rule and line."""
    found = []
    for finding in match(linter.table, facts):
        line = facts.build.source.position(finding.span.start)[0]
        for alias in finding.aliases:
            of, _, name = alias.partition(":")
            if of == tool:
                found.append((name, line))
    return found


def by_instruction(facts: Facts, found: Iterable[Key]) -> frozenset[Key]:
    """Findings with the first line of their instruction."""
    firsts = [each.first_line for each in facts.build.document.instructions]
    return frozenset(
        (code, max((first for first in firsts if first <= line), default=line))
        for code, line in found
    )


def table(results: Sequence[Compared], tool: str, width: int = 8) -> str:
    """The counts by rule, one a line, and their sum; the last is the share that both find."""
    both, ours, theirs, explained = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for each in results:
        both.update(code for code, _ in each.both)
        ours.update(code for code, _ in each.ours)
        theirs.update(code for code, _ in each.theirs)
        explained.update(code for code, _ in each.reasons)
    rows = [f"{'':{width}}{'both':>7}{'dflint':>8}{tool:>10}{'explained':>11}{'agreed':>9}"]
    for code in sorted(both | ours | theirs):
        counts = (both[code], ours[code], theirs[code], explained[code])
        rows.append(_row(f"{code:{width}}", *counts))
    sums = (both.total(), ours.total(), theirs.total(), explained.total())
    return "\n".join([*rows, _row(f"{'all':{width}}", *sums)])


def _row(name: str, both: int, ours: int, theirs: int, explained: int) -> str:
    whole = both + theirs
    share = f"{100 * both / whole:.1f} %" if whole else "–"
    return f"{name}{both:7}{ours:8}{theirs:10}{explained:11}{share:>9}"


def reasons_given(results: Sequence[Compared]) -> str:
    """How often each reason leaves something out."""
    counts = Counter((name, code) for each in results for (code, _), name in each.reasons.items())
    names = defaultdict(list)
    for (name, code), number in sorted(counts.items()):
        names[name].append(f"{code} {number}")
    return "\n".join(f"{name}: {', '.join(codes)}" for name, codes in names.items())


def shown(results: Sequence[Compared], code: str, tool: str) -> str:
    """The places of one rule that differ, with the first line of the instruction."""
    rows = []
    for each in results:
        lines = each.path.read_text("utf-8", "surrogateescape").split("\n")
        for side, keys in (("dflint alone", each.ours), (f"{tool} alone", each.theirs)):
            for found, line in sorted(keys):
                if found == code:
                    why = each.reasons.get((found, line), "")
                    text = lines[line - 1].strip()[:100] if 0 < line <= len(lines) else ""
                    rows.append(f"{each.path}:{line}: {side}{f' ({why})' if why else ''}: {text}")
    return "\n".join(rows)
