"""Prove on every Dockerfile below some folders that fixes break nothing.

    python scripts/prove_fixes.py FOLDER [FOLDER …]

For `--fix` and for `--unsafe-fixes`, all rules switched on: BuildKit's own parser (the package
`dockerfile`) takes the result if it took the file; instructions that no fixed finding named are the
same; a second run changes nothing; no new finding of error or warning appears; what was fixed is
not found again. Prints each breach, then the counts; exits with 1 when there is one.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dockerfile

from dflint.config import command_line, default_config
from dflint.context import Context
from dflint.finding import FileReport, Safety, Severity
from dflint.fixing import Mended, mend
from dflint.lint import Linter, lint_source, make_linter
from dflint.reader import read
from dflint.source import Source, decode, make_source
from scripts.compare_with_buildkit import dockerfiles

LEVELS: dict[str, tuple[Safety, ...]] = {"--fix": ("safe",), "--unsafe-fixes": ("safe", "unsafe")}


def parses(text: str) -> bool | None:
    """Whether BuildKit's parser takes a text; None where its binding cannot show it."""
    try:
        dockerfile.parse_string(text)
    except dockerfile.GoParseError:
        return False
    except UnicodeError:
        return None
    return True


def proof(
    source: Source, linter: Linter, safeties: tuple[Safety, ...], context: Context | None = None
) -> tuple[Mended, list[str]]:
    """A text mended, and what the promise of fixing is broken by."""

    def lint(text: Source) -> FileReport:
        return lint_source(text, linter, context)

    made = mend(source, lint, safeties)
    again = mend(make_source(source.path, made.text), lint, safeties)
    return made, list(breaches(source, made, again, linter, context))


def breaches(
    source: Source, made: Mended, again: Mended, linter: Linter, context: Context | None = None
) -> Iterator[str]:
    """What the promise of fixing is broken by."""
    if made.blamed:
        yield f"thrown away: {', '.join(made.blamed)}"
    if again.changed:
        yield "a second run changes it again"
    if parses(source.text) and parses(made.text) is False:
        yield "BuildKit's parser no longer takes it"
    yield from _strangers(made)
    before, after = (
        _serious(lint_source(source, linter, context)),
        _serious(lint_source(make_source(source.path, made.text), linter, context)),
    )
    for name, count in (after - before).items():
        yield f"{count} new finding of {name}"


def _serious(report: FileReport) -> Counter[str]:
    return Counter(each.name for each in report.findings if each.severity >= Severity.WARNING)


def _strangers(made: Mended) -> Iterator[str]:
    """Instructions that a round changed although no finding that was fixed in it names them."""
    texts = [*(source for source, _ in made.rounds), make_source("", made.text)]
    for (source, found), after in zip(made.rounds, texts[1:], strict=True):
        edits = [edit for each in found if each.fix for edit in each.fix.edits]
        left = Counter(after.slice(each.span) for each in read(after).instructions)
        kept = Counter(
            source.slice(each.span)
            for each in read(source).instructions
            if not any(
                edit.span.start <= each.span.end and each.span.start <= edit.span.end
                for edit in edits
            )
        )
        for text in kept - left:
            yield f"changed, but nothing was found in it: {text[:80]!r}"


def main(folders: list[str]) -> int:
    """Fix all files in memory; the number of breaches decides the exit code."""
    settings = command_line(default_config(), select=("ALL",))
    linter = make_linter(settings, date(2026, 11, 21))
    files = [path for folder in folders for path in dockerfiles(Path(folder))]
    broken = 0
    for level, safeties in LEVELS.items():
        changed, fixed = 0, Counter[str]()
        for path in files:
            source = decode(str(path), path.read_bytes())
            made, found = proof(source, linter, safeties)
            for breach in found:
                print(f"{path}: {level}: {breach}")
                broken += 1
            changed += made.changed
            fixed.update(each.name for each in made.fixed)
        print(f"{level}: {len(files)} files, {changed} changed, {fixed.total()} findings fixed")
        print("   " + ", ".join(f"{name} {count}" for name, count in sorted(fixed.items())))
    print(f"{broken} breaches")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
