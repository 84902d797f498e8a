"""Which findings a change brought: those on its lines, and those that were not there before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dflint.checking import Plan, Task, check
from dflint.finding import FileReport, Finding
from dflint.fingerprint import fingerprints
from dflint.lint import Linter
from dflint.repository import (
    Git,
    GitError,
    Hunk,
    Repository,
    hunks,
    locate,
    open_repository,
    read_blob,
)
from dflint.source import Source, Span, decode


@dataclass(frozen=True, slots=True)
class Changes:
    """Files as they were: `earlier` has the report of each by its present path, None for a new one.

    Nothing that bears on the files of `same` changed.
    """

    git: Git
    earlier: Mapping[str, FileReport | None]
    same: frozenset[str] = frozenset()


def changes_since(
    reference: str, tasks: Sequence[Task], linter: Linter, plan: Plan, git: Git
) -> Changes:
    """How the tasks' files were where HEAD left the history of `reference`. Raises GitError.

    Earlier texts are linted as the present ones are.
    """
    places = [(task, *locate(task.path)) for task in tasks]
    repositories = {
        top: open_repository(top, reference, git)
        for top in dict.fromkeys(top for _, top, _ in places)
    }
    same: set[str] = set()
    earlier: dict[str, FileReport | None] = {}
    before: list[Task] = []
    for task, top, path in places:
        repository = repositories[top]
        _must_be_known(task.path, path, repository)
        name = str(task.path) if task.source is None else task.source.path
        found = _earlier(task, name, path, repository, git)
        if found is None:
            earlier[name] = None
        elif found is task:
            same.add(name)
        else:
            before.append(found)
    plan = replace(plan, fixes=(), write=False, sieves=())
    for done in check(before, linter, plan):
        earlier[done.report.source.path] = done.report
    return Changes(git, earlier, frozenset(same))


def _must_be_known(given: Path, path: str, repository: Repository) -> None:
    known = path in repository.tracked or path in repository.changed
    if not known and given.exists():
        raise GitError(f"{given}: git ignores this file and cannot tell what changed in it")


def _earlier(task: Task, name: str, path: str, repository: Repository, git: Git) -> Task | None:
    """The task for a file as it was; None for a new file, and the task itself for the same file."""
    if path not in repository.changed:
        return task if path in repository.tracked else None
    blob = repository.changed[path]
    if blob is None:
        return None
    source = decode(name, read_blob(blob, git))
    return replace(task, source=source)


def brought(changes: Changes, report: FileReport) -> tuple[bool, ...]:
    """Whether each finding of a file came with the change. Raises GitError."""
    path = report.source.path
    if path in changes.same:
        return (False,) * len(report.findings)
    before = changes.earlier.get(path)
    if before is None:
        return (True,) * len(report.findings)
    found = hunks(before.source.text, report.source.text, changes.git)
    return brought_by(found, before, report)


def brought_by(found: Sequence[Hunk], before: FileReport, after: FileReport) -> tuple[bool, ...]:
    """Whether each finding of a file came with a change of these lines.

    It did if it marks a changed line. Of the others it did if there was none of its fingerprint,
    or if one place that belongs to it changed and its message with it.
    """
    new = _numbers((each.new_start, each.new_count) for each in found)
    old = _numbers((each.old_start, each.old_count) for each in found)
    on_lines = [_touches(after.source, each.span, new) for each in after.findings]
    # Equal findings are told apart by counting, so that those on lines that are gone, or new, must
    # not be counted.
    stayed = _only(before, [not _begins_in(before.source, each, old) for each in before.findings])
    there = _messages(stayed)
    rest = _only(after, [not each for each in on_lines])
    others = iter(zip(rest.findings, fingerprints(rest), strict=True))
    told = []
    for on_line in on_lines:
        if on_line:
            told.append(True)
            continue
        finding, fingerprint = next(others)
        message = there.get(fingerprint)
        caused = any(_touches(after.source, each.span, new) for each in finding.related)
        told.append(message is None or (caused and message != finding.message))
    return tuple(told)


def _numbers(stretches: Iterable[tuple[int, int]]) -> frozenset[int]:
    return frozenset(line for start, count in stretches for line in range(start, start + count))


def _touches(source: Source, span: Span, lines: frozenset[int]) -> bool:
    """Whether a stretch of a text has a character, or stands, on one of the lines."""
    first = source.position(span.start)[0]
    last = source.position(max(span.start, span.end - 1))[0]
    return any(line in lines for line in range(first, last + 1))


def _begins_in(source: Source, finding: Finding, lines: frozenset[int]) -> bool:
    return source.position(finding.span.start)[0] in lines


def _only(report: FileReport, keep: Sequence[bool]) -> FileReport:
    pairs = zip(report.findings, keep, strict=True)
    return FileReport(report.source, tuple(each for each, kept in pairs if kept))


def _messages(report: FileReport) -> dict[str, str]:
    pairs = zip(fingerprints(report), report.findings, strict=True)
    return {fingerprint: finding.message for fingerprint, finding in pairs}
