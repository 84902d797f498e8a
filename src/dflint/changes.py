"""Which findings a change brought: those on its lines, and those that were not there before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from dflint.checking import Plan, Task, context_of
from dflint.disk import read_file
from dflint.earlier import earlier_context
from dflint.finding import FileReport, Finding
from dflint.fingerprint import fingerprints
from dflint.lazy import regex
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
from dflint.workers import check

_CONTINUED = " \t\r\\`"
_NUMBER = regex(r"\b\d[\d.,]*(?: (?:bytes?|[kMG]B|files?)\b)?")


class Earlier(Struct, frozen=True):
    """A file as it was. `same` says that nothing that bears on it changed.

    `other_context` says that its build context was another. `linted` is False where only its text
    is known and not its findings, as for a Compose file.
    """

    report: FileReport
    same: bool = False
    other_context: bool = False
    linted: bool = True


class Changes(Struct, frozen=True):
    """Files as they were, by their present paths; None for a new one."""

    git: Git
    earlier: Mapping[str, Earlier | None]


def changes_since(
    reference: str, tasks: Sequence[Task], linter: Linter, plan: Plan, git: Git
) -> Changes:
    """How the tasks' files were where HEAD left the history of `reference`. Raises GitError.

    Earlier texts are linted as the present ones are, with their build contexts as they were.
    """
    places = [(task, *locate(task.path)) for task in tasks]
    repositories = {
        top: open_repository(top, reference, git)
        for top in dict.fromkeys(top for _, top, _ in places)
    }
    earlier: dict[str, Earlier | None] = {}
    before: list[Task] = []
    for task, top, path in places:
        name = _name(task)
        earlier[name], was = _before(task, name, path, linter, repositories[top], git)
        before += [] if was is None else [was]
    plan = replace(plan, fixes=(), write=False, sieves=())
    for done in check(before, linter, plan):
        known = earlier[done.report.source.path]
        if known is not None:
            earlier[done.report.source.path] = replace(known, report=done.report)
    return Changes(git, earlier)


def _name(task: Task) -> str:
    """The path that a task's findings are told of."""
    if task.inside is not None:
        return task.inside.source.path
    return str(task.path) if task.source is None else task.source.path


def _before(
    task: Task, name: str, path: str, linter: Linter, repository: Repository, git: Git
) -> tuple[Earlier | None, Task | None]:
    """What is known of a file as it was, and the task to find out more. Raises GitError."""
    text = _earlier_text(task, path, repository, git)
    if text is None:
        return None, None
    source = decode(name, text)
    bare = FileReport(source, ())
    if task.inside is not None or task.trouble or task.notes:
        return Earlier(bare, linted=False), None
    was, other_context = _as_it_was(task, linter, repository, git)
    if not other_context and task.source is None and path not in repository.changed:
        return Earlier(bare, same=True), None
    return Earlier(bare, other_context=other_context), replace(was, source=source)


def _as_it_was(task: Task, linter: Linter, repository: Repository, git: Git) -> tuple[Task, bool]:
    """The task with its build contexts as they were, and whether one of them was another."""
    context = context_of(task, linter)
    other = None if context is None else earlier_context(context, repository, git)
    also = [_as_it_was(way, linter, repository, git) for way in task.also]
    was = replace(task, context=other or context, also=tuple(way for way, _ in also))
    return was, other is not None or any(changed for _, changed in also)


def _earlier_text(task: Task, path: str, repository: Repository, git: Git) -> bytes | None:
    """What a file held; None for a new one, or one that cannot be read. Raises GitError."""
    if path in repository.changed:
        blob = repository.changed[path]
        return None if blob is None else read_blob(blob, git)
    if path not in repository.tracked and task.path.exists():
        raise GitError(f"{task.path}: git ignores this file and cannot tell what changed in it")
    try:
        return read_file(task.path)
    except OSError:
        return None


def brought(changes: Changes, report: FileReport) -> tuple[bool, ...]:
    """Whether each finding of a file came with the change. Raises GitError."""
    before = changes.earlier.get(report.source.path)
    if before is None or before.same:
        return (before is None,) * len(report.findings)
    old, new = before.report.source.text, report.source.text
    found = hunks(plain(old), plain(new), changes.git)
    if not before.linted:
        lines = _new_lines(found)
        return tuple(_touches(report.source, each.span, lines) for each in report.findings)
    return brought_by(found, before.report, report, before.other_context)


def plain(text: str) -> str:
    """A text, line by line without what is no word: indentation, line ends, continuation marks.

    Whoever adds a line to a RUN has to change the end of the one above, and means nothing by it.
    """
    return "\n".join(" ".join(line.rstrip(_CONTINUED).split()) for line in text.split("\n"))


def brought_by(
    found: Sequence[Hunk], before: FileReport, after: FileReport, other_context: bool = False
) -> tuple[bool, ...]:
    """Whether each finding of a file came with a change of these lines.

    It did if it marks a changed line. Of the others it did if there was none of its fingerprint,
    or if the words of its message changed, and a place that belongs to it or the context did.
    """
    new = _new_lines(found)
    on_lines = [_touches(after.source, each.span, new) for each in after.findings]
    there = {
        fingerprint: _words(finding)
        for fingerprint, finding in zip(fingerprints(before), before.findings, strict=True)
    }
    # Equal findings are told apart by counting: one on a new line must not count, or the last of
    # those that were there would seem new.
    pairs = zip(after.findings, on_lines, strict=True)
    rest = FileReport(after.source, tuple(each for each, on_line in pairs if not on_line))
    others = iter(zip(rest.findings, fingerprints(rest), strict=True))
    told = []
    for on_line in on_lines:
        if on_line:
            told.append(True)
            continue
        finding, fingerprint = next(others)
        message = there.get(fingerprint)
        caused = other_context or any(
            _touches(after.source, each.span, new) for each in finding.related
        )
        told.append(message is None or (caused and message != _words(finding)))
    return tuple(told)


def _new_lines(found: Iterable[Hunk]) -> frozenset[int]:
    stretches = (range(each.new_start, each.new_start + each.new_count) for each in found)
    return frozenset(line for stretch in stretches for line in stretch)


def _touches(source: Source, span: Span, lines: frozenset[int]) -> bool:
    """Whether a stretch of a text has a character, or stands, on one of the lines."""
    first = source.position(span.start)[0]
    last = source.position(max(span.start, span.end - 1))[0]
    return any(line in lines for line in range(first, last + 1))


def _words(finding: Finding) -> str:
    """A message without its numbers: that a folder grew is nothing new."""
    return _NUMBER.sub("", finding.message)
