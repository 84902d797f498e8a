"""Mending a whole file, round by round; a result that is not sure is thrown away.

After every round the text is read again. The instructions that no edit touched must be there, word
for word and in their places, and nothing may be wrong with the file's form that was not before. A
fix that breaks this is a bug of its rule: the file then stays as it was, and the rule is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from dflint.document import Document
from dflint.finding import Edit, FileReport, Finding, Fix, Safety, Severity
from dflint.fix import chosen, replaced
from dflint.model import make_build
from dflint.reader import read
from dflint.scripts import make_scripts
from dflint.source import Source, Span, make_source

ROUNDS = 10  # what has not settled by then never does

Lint = Callable[[Source], FileReport]


class IgnoreFile(Struct, frozen=True):
    """The ignore file of the build context, which fixes may add lines to.

    `text` is None where there is no such file yet; `lint` looks at the Dockerfile as it would be
    with another text of this file.
    """

    path: Path
    text: str | None
    lint: Callable[[Source, str], FileReport]


class Mended(Struct, frozen=True):
    """What fixing made of a file: its text, what was fixed in order, and what is left to find.

    `rounds` are the texts on the way, each with what was fixed in it. `blamed` names the rules
    whose fixes would have broken the file, which is then as it was. `ignore` is what became of the
    text of the ignore file `beside`, None where there is none.
    """

    before: Source
    text: str
    fixed: tuple[Finding, ...]
    report: FileReport
    blamed: tuple[str, ...] = ()
    rounds: tuple[tuple[Source, tuple[Finding, ...]], ...] = ()
    beside: IgnoreFile | None = None
    ignore: str | None = None

    @property
    def changed(self) -> bool:
        """Whether the text is another than before, or that of the ignore file."""
        return self.text != self.before.text or self.ignore_changed

    @property
    def ignore_changed(self) -> bool:
        """Whether the ignore file is another than before, or new."""
        return self.beside is not None and self.ignore != self.beside.text


def mend(
    source: Source, lint: Lint, safeties: Sequence[Safety], beside: IgnoreFile | None = None
) -> Mended:
    """The file with all fixes of these safeties made, round by round until none applies.

    Fixes that need the context's ignore file are made if that is given.
    """
    first = _State(source, None if beside is None else beside.text)
    report = whole = _looked(first, lint, beside)
    current = first
    rounds: list[tuple[Source, tuple[Finding, ...]]] = []
    for _ in range(ROUNDS):
        found = _fixable(report, current.source, safeties, beside)
        following = _with(current, found)
        if _harm(current.source, following.source, _edits(found)):
            blamed = _blamed(current, found)
            return Mended(source, source.text, (), whole, blamed, (), beside, first.ignore)
        after = _looked(following, lint, beside) if found else report
        if _worse(report, after):
            # A fix that brings another problem to light, or about, is not worth making.
            alone = [(each, _looked(_with(current, [each]), lint, beside)) for each in found]
            found = [each for each, then in alone if not _worse(report, then)]
            following = _with(current, found)
            after = _looked(following, lint, beside)
        if not found or _worse(report, after):
            return _done(source, current, report, rounds, beside)
        rounds.append((current.source, tuple(found)))
        current, report = following, after
    names = {each.name for each in _fixable(report, current.source, safeties, beside)}
    if not names:
        return _done(source, current, report, rounds, beside)
    return Mended(source, source.text, (), whole, tuple(sorted(names)), (), beside, first.ignore)


class _State(Struct, frozen=True):
    """The texts of the file and of the ignore file beside it."""

    source: Source
    ignore: str | None


def _looked(state: _State, lint: Lint, beside: IgnoreFile | None) -> FileReport:
    if beside is None or state.ignore is None or state.ignore == beside.text:
        return lint(state.source)
    return beside.lint(state.source, state.ignore)


def _done(
    source: Source,
    current: _State,
    report: FileReport,
    rounds: Sequence[tuple[Source, tuple[Finding, ...]]],
    beside: IgnoreFile | None,
) -> Mended:
    fixed = tuple(finding for _, found in rounds for finding in found)
    text, ignore = current.source.text, current.ignore
    return Mended(source, text, fixed, report, (), tuple(rounds), beside, ignore)


def _with(state: _State, findings: Sequence[Finding]) -> _State:
    source = state.source
    lines = [line for each in findings if each.fix for line in each.fix.ignore]
    ignore = with_lines(state.ignore, lines) if lines else state.ignore
    return _State(make_source(source.path, replaced(source.text, _edits(findings))), ignore)


def with_lines(text: str | None, lines: Sequence[str]) -> str:
    """An ignore file's text with these lines at its end, those that it has not got yet."""
    text = text or ""
    ending = "\r\n" if "\r\n" in text else "\n"
    there = {line.strip() for line in text.split("\n")}
    new = [line for line in dict.fromkeys(lines) if line not in there]
    gap = ending if text and not text.endswith("\n") and new else ""
    return text + gap + "".join(f"{line}{ending}" for line in new)


def _worse(before: FileReport, after: FileReport) -> bool:
    """Whether there are errors or warnings of a rule that were not there before.

    Where the ignore file alone has changed, what another rule finds in the place of a problem no
    less bad is what is left of that.
    """
    gone: set[tuple[Span, str, Severity]] = set()
    if before.source.text == after.source.text:
        gone = _places(before) - _places(after)
    old = Counter(each.rule for each in _serious(before))
    new = Counter(
        each.rule
        for each in _serious(after)
        if not any(each.span == span and each.severity <= severity for span, _, severity in gone)
    )
    return bool(new - old)


def _places(report: FileReport) -> set[tuple[Span, str, Severity]]:
    return {(each.span, each.rule, each.severity) for each in report.findings}


def _serious(report: FileReport) -> list[Finding]:
    return [each for each in report.findings if each.severity >= Severity.WARNING]


def _fixable(
    report: FileReport,
    source: Source,
    safeties: Sequence[Safety],
    beside: IgnoreFile | None,
) -> list[Finding]:
    """The findings whose fixes can be made together, each with the file's own line endings."""
    ending = "\r\n" if "\r\n" in source.text else "\n"
    wanted = [
        replace(each, fix=_with_endings(each.fix, ending))
        for each in report.findings
        if each.fix is not None
        and each.fix.safety in safeties
        and (beside is not None or not each.fix.ignore)
    ]
    fixes = chosen([each.fix for each in wanted if each.fix is not None])
    return [each for each in wanted if any(each.fix is fix for fix in fixes)]


def _with_endings(fix: Fix, ending: str) -> Fix:
    edits = tuple(replace(edit, text=edit.text.replace("\n", ending)) for edit in fix.edits)
    return replace(fix, edits=edits)


def _edits(findings: Sequence[Finding]) -> list[Edit]:
    return [edit for each in findings if each.fix is not None for edit in each.fix.edits]


def _harm(before: Source, after: Source, edits: Sequence[Edit]) -> bool:
    """Whether the edits did more to the file than they were meant to do."""
    old, new = read(before), read(after)
    if len(new.problems) > len(old.problems) or _unreadable(new) > _unreadable(old):
        return True
    there = {(each.span, each.keyword) for each in new.instructions}
    for each in old.instructions:
        start, end = each.span.start, each.span.end
        if any(edit.span.start <= end and start <= edit.span.end for edit in edits):
            continue
        shift = sum(
            len(edit.text) - (edit.span.end - edit.span.start)
            for edit in edits
            if edit.span.end < start
        )
        moved = replace(each.span, start=start + shift, end=end + shift)
        if (moved, each.keyword) not in there or after.slice(moved) != before.slice(each.span):
            return True
    return False


def _unreadable(document: Document) -> int:
    """How many of the scripts in a file could not be read for certain."""
    scripts = make_scripts(make_build(document)).by_step.values()
    return sum(script.broken for script in scripts)


def _blamed(state: _State, findings: Sequence[Finding]) -> tuple[str, ...]:
    """The rules whose fix alone does harm; all of them where only their company does."""
    alone = {
        each.name
        for each in findings
        if _harm(state.source, _with(state, [each]).source, _edits([each]))
    }
    return tuple(sorted(alone or {each.name for each in findings}))
