"""What comes of a few files in one process: each on its own, and one that fails stops no other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, field, structs

from dflint.context import Context, ignore_place, open_context, with_ignore
from dflint.disk import read_file
from dflint.document import Problem
from dflint.finding import FileReport, Finding, Related, Safety
from dflint.lint import (
    Draft,
    Linter,
    draft,
    ignored_codes,
    report,
    troubled,
    unreadable,
    with_codes,
)
from dflint.model import UnknownTargetError
from dflint.rule import RuleError
from dflint.source import Source, Span, Text, decode, make_source
from dflint.tree import MOST_ENTRIES, DiskTree

if TYPE_CHECKING:
    from dflint.fixing import IgnoreFile, Mended
    from dflint.model import Build
    from dflint.results import Results
    from dflint.shellbodies import Body
    from dflint.shellcheck import Checks
    from dflint.shellprocess import Tool

MOST_WAYS = 100  # builds of one Dockerfile that are looked at; a file may name any number

T = TypeVar("T")
Sieve = Callable[[FileReport], Sequence[bool]]
"""Says of each finding of a file whether it is wanted."""


class Inside(Struct, frozen=True):
    """The file that a Dockerfile is part of, and where there each of its characters stands."""

    source: Source
    text: Text


class Task(Struct, frozen=True):
    """A Dockerfile to look at.

    `source` is its text where it is not a file's own (standard input). `context` is the build
    context or its folder, None for the one configured, else the Dockerfile's folder; `target` the
    stage to build; `arguments` and `named_contexts` are as for `make_build`. `also` are other
    builds of the same file. `inside` is where a Dockerfile stands that is part of another file:
    `source` is its text, and findings are told of the other file. `trouble` is all that there is to
    say of a `source` that is no Dockerfile; `notes` are for the person who runs it.
    """

    path: Path
    source: Source | None = None
    context: Path | Context | None = None
    target: str | None = None
    arguments: Mapping[str, str | None] = field(default_factory=dict)
    named_contexts: frozenset[str] = frozenset()
    also: tuple[Task, ...] = ()
    inside: Inside | None = None
    trouble: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


class Plan(Struct, frozen=True):
    """What to do with the files: mend them (`fixes`, written only with `write`), ask ShellCheck.

    Only what all `sieves` want is mended. `jobs` is how many processes may work side by side,
    `results` the folder in which to keep what is found (None: keep nothing).
    """

    fixes: tuple[Safety, ...] = ()
    write: bool = False
    tool: Tool | None = None
    jobs: int = 1
    sieves: tuple[Sieve, ...] = ()
    results: Path | None = None


class Checked(Struct, frozen=True):
    """What came of a file.

    `failed` says that it could not be read or written, `partial` that not every rule could be held
    against it; `stages` names its stages where the one to build is not among them, and the last was
    taken; `notes` are for the person who runs it.
    """

    report: FileReport
    failed: bool = False
    mended: Mended | None = None
    stages: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    partial: bool = False


class _Look(Struct, frozen=True):
    """A file that was looked at, before ShellCheck has answered.

    `known` is what an earlier run has found; `key` is where to keep what comes of it otherwise,
    together with what the `context` was asked.
    """

    draft: Draft
    mended: Mended | None = None
    stages: tuple[str, ...] | None = None
    failed: bool = False
    notes: tuple[str, ...] = ()
    inside: Inside | None = None
    known: tuple[Finding, ...] | None = None
    key: str | None = None
    context: Context | None = None


def open_results(linter: Linter, plan: Plan) -> Results | None:
    """What earlier runs have found; None where nothing is kept, or files are mended."""
    if plan.results is None or plan.fixes:
        return None
    from dflint.results import Results, identity

    tool = ""
    if plan.tool is not None:
        from dflint.shellprocess import identity as identity_of_tool

        tool = identity_of_tool(plan.tool.path)
    try:
        return Results(plan.results, identity(linter, (tool,)))
    except OSError:  # rules that are gone in the meantime
        return None


def missing(path: Path, linter: Linter) -> Checked:
    """What there is to say of a path that leads nowhere."""
    return Checked(report(unreadable(str(path), "no such file or folder", linter), linter), True)


def _checks(plan: Plan) -> Checks | None:
    if plan.tool is None:
        return None
    from dflint.shellcheck import Checks

    return Checks(plan.tool)


def check_chunk(
    chunk: Sequence[Task], linter: Linter, plan: Plan, results: Results | None
) -> Iterator[Checked]:
    """What comes of a few files."""
    checks = _checks(plan)
    looks: list[tuple[Task, _Look | Checked, tuple[Body, ...]]] = []
    try:
        for number, task in enumerate(chunk, 1):
            shell = None if checks is None else _Shell(checks, number == len(chunk))
            look = _guarded(partial(_look, task, linter, plan, results, shell), task)
            bodies: tuple[Body, ...] = ()
            if shell is not None and not isinstance(look, Checked):
                found = _guarded(partial(_bodies, look, shell), task)
                look, bodies = (found, ()) if isinstance(found, Checked) else (look, found)
            looks.append((task, look, bodies))
        if checks is not None:
            checks.finish()
    finally:
        if checks is not None:
            checks.give_up()
    for task, look, bodies in looks:
        if isinstance(look, Checked):
            yield look
        else:
            yield _guarded(partial(_finished, look, bodies, linter, checks, results), task)
    if results is not None:
        results.save()


class _Shell(Struct):
    """ShellCheck's part in looking at a file, the `last` of those that are looked at together.

    It reads the scripts while rules are held against their file. `known` are those of a build.
    """

    checks: Checks
    last: bool
    known: tuple[Build, tuple[Body, ...]] | None = None

    def bodies(self, build: Build) -> tuple[Body, ...]:
        """The scripts of a build, which ShellCheck reads from now on."""
        if self.known is None or self.known[0] is not build:
            from dflint.shellbodies import shell_bodies

            self.known = build, shell_bodies(build)
            self.checks.add(self.known[1], now=self.last)
        return self.known[1]


def _guarded(work: Callable[[], T], task: Task) -> T | Checked:
    """What comes of work on one file; where dflint itself fails, that is told of this file alone.

    The one place that catches whatever is raised: a defect that one file brings out, in dflint or
    in a library, must not keep the others from being linted.
    """
    try:
        return work()
    except RuleError as error:
        return _told(task, str(error))
    except Exception as error:  # noqa: BLE001
        return crashed(task, error)


def crashed(task: Task, error: Exception) -> Checked:
    """What there is to say of a file on which dflint itself failed.

    The exception's words are left out, because they may quote what the file holds.
    """
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = ""
    if place is not None:
        where = f" in {Path(place.tb_frame.f_code.co_filename).name}, line {place.tb_lineno}"
    return lost(task, f"dflint failed with {type(error).__name__}{where}")


def lost(task: Task, reason: str) -> Checked:
    """What there is to say of a file that was to be linted and is not, through no fault of its."""
    return _told(task, f"{reason}: this is a bug of dflint, please report it")


def _told(task: Task, reason: str) -> Checked:
    note = f"{task.path}: not linted: {reason}"
    return Checked(FileReport(make_source(str(task.path), ""), ()), failed=True, notes=(note,))


def _bodies(look: _Look, shell: _Shell) -> tuple[Body, ...]:
    """The scripts of a file that ShellCheck is asked about."""
    if look.draft.build is None or look.known is not None:
        return ()
    return shell.bodies(look.draft.build)


def _finished(
    look: _Look,
    bodies: Sequence[Body],
    linter: Linter,
    checks: Checks | None,
    results: Results | None,
) -> Checked:
    """What came of a file that was looked at, ShellCheck's findings with it."""
    made = _known(look) or _reported(look.draft, bodies, linter, checks)
    if look.inside is not None:
        made = _told_of(look.inside, made)
    slow = look.draft.slow
    told = tuple(f"{look.draft.source.path}: {each}" for each in slow)
    notes = (*look.notes, *told, *_unchecked(checks), *_crowded(look.context))
    if results is not None and look.key is not None and look.known is None and not notes:
        results.keep(look.key, look.context, made.findings)
    return Checked(made, look.failed, look.mended, look.stages, notes, bool(slow))


def _known(look: _Look) -> FileReport | None:
    return None if look.known is None else FileReport(look.draft.source, look.known)


def _crowded(context: Context | None) -> Iterator[str]:
    """What of the build context was too much to be looked at."""
    tree = None if context is None else context.tree
    if isinstance(tree, DiskTree):
        for folder in tree.crowded:
            place = os.path.normpath(f"{tree.root}/{folder}")
            yield f"{place}: more than {MOST_ENTRIES:,} entries, so what is in it is not known"


def _unchecked(checks: Checks | None) -> tuple[str, ...]:
    """What kept ShellCheck from its work, if anything."""
    if checks is None or checks.problem is None:
        return ()
    return (f"ShellCheck ({checks.tool.path}) left scripts unchecked: {checks.problem}",)


def _reported(
    draft: Draft, bodies: Sequence[Body], linter: Linter, checks: Checks | None
) -> FileReport:
    """The report of a file, with what ShellCheck says."""
    if checks is None:
        return report(draft, linter)
    from dflint.shellcheck import findings

    found: list[Finding] = []
    for body in bodies:
        found += findings(body, checks.comments(body))
    codes = {each.rule for each in found}
    if checks.problem is None:  # otherwise nobody knows which of the ignores are for nothing
        codes |= ignored_codes(draft)
    if codes:
        linter = with_codes(linter, codes)
    return report(draft, linter, [each for each in found if each.rule in linter.enabled])


def _look(
    task: Task, linter: Linter, plan: Plan, results: Results | None, shell: _Shell | None
) -> _Look:
    """A file looked at, and mended if that is the plan."""
    if task.source is not None and (task.trouble or task.notes):
        made = troubled(task.source, task.trouble, linter)
        return _Look(
            made, failed=any(each.kind == "unreadable" for each in task.trouble), notes=task.notes
        )
    if task.inside is not None:
        return _look_inside(task, task.inside, linter, plan)
    try:
        source = task.source or decode(str(task.path), read_file(task.path))
    except OSError as error:
        return _unread(task, error, linter)
    context = context_of(task, linter)
    key = None if results is None else _key(task, source, results)
    if results is not None and key is not None:
        known = results.recall(key, context)
        if known is not None:
            return _Look(Draft(source, ()), known=known)
    try:
        look = _mended(task, source, context, task.target, linter, plan, shell)
        return structs.replace(look, key=key, context=context)
    except UnknownTargetError as error:
        look = _mended(task, source, context, None, linter, plan, shell)
        return structs.replace(look, stages=error.names)


def _key(task: Task, source: Source, results: Results) -> str | None:
    """Where what is found in a file is kept; None for what is looked at in several ways."""
    if task.also or isinstance(task.context, Context):
        return None
    arguments = sorted(task.arguments.items(), key=lambda each: each[0])
    given = (task.context, task.target, arguments, sorted(task.named_contexts))
    whole = os.path.abspath(source.path)  # noqa: PTH100  (patterns of the configuration go by it)
    beside = task.source is None  # the context of standard input is another
    return results.key(source.path, whole, source.text, beside, *given)


def _look_inside(task: Task, inside: Inside, linter: Linter, plan: Plan) -> _Look:
    """A Dockerfile in another file looked at; it is never mended."""
    source = task.source or make_source(inside.source.path, inside.text.value)
    made = _drafted(task, source, linter, context_of(task, linter), task.target)
    notes: tuple[str, ...] = ()
    if any(each.fix is not None and each.fix.safety in plan.fixes for each in made.findings):
        notes = (f"{inside.source.path}: a Dockerfile that is part of it is not mended",)
    return _Look(made, notes=notes, inside=inside)


def _drafted(
    task: Task,
    source: Source,
    linter: Linter,
    context: Context | None,
    target: str | None,
    on_build: Callable[[Build], object] | None = None,
) -> Draft:
    """What is found in a text, in all builds of it, each thing once. Raises UnknownTargetError.

    A stage that a build leaves out is judged by those that build it.
    """
    made = draft(source, linter, context, target, task.arguments, task.named_contexts, on_build)
    if not task.also:
        return made
    drafts = [made]
    known = [_way(task)]
    for way in task.also:
        if len(known) == MOST_WAYS or _way(way) in known:
            continue
        known.append(_way(way))
        seen = context_of(structs.replace(way, source=task.source), linter)
        drafts.append(draft(source, linter, seen, way.target, way.arguments, way.named_contexts))
    built = {label for each in drafts for label in _stages_built(each)}
    found: dict[tuple[Span, str, str], Finding] = {}
    for each in drafts:
        left_out = built - _stages_built(each)
        for finding in each.findings:
            if finding.stage not in left_out:
                found.setdefault((finding.span, finding.rule, finding.message), finding)
    slow = {str(error): error for each in drafts for error in each.slow}
    return structs.replace(made, findings=tuple(found.values()), slow=tuple(slow.values()))


def _way(task: Task) -> object:
    """What tells one build of a Dockerfile from another."""
    return task.context, task.target, task.arguments, task.named_contexts


def _stages_built(made: Draft) -> set[str]:
    build = made.build
    return set() if build is None else {build.stages[index].label for index in build.reachable}


def _told_of(inside: Inside, made: FileReport) -> FileReport:
    """The findings of a Dockerfile in another file, told of that file, without their fixes."""

    def moved(span: Span) -> Span:
        return inside.text.span(span.start, span.end)

    told = [
        structs.replace(
            each,
            span=moved(each.span),
            related=tuple(Related(moved(also.span), also.label) for also in each.related),
            fix=None,
            secret=None if each.secret is None else moved(each.secret),
        )
        for each in made.findings
    ]
    return FileReport(inside.source, tuple(told))


def together(done: Iterable[Checked]) -> list[Checked]:
    """What came of each file: several that are told of the same one are put into one."""
    found: dict[str, Checked] = {}
    for each in done:
        path = each.report.source.path
        before = found.get(path)
        found[path] = each if before is None else _both(before, each)
    return list(found.values())


def _both(first: Checked, second: Checked) -> Checked:
    findings = sorted(
        (*first.report.findings, *second.report.findings),
        key=lambda each: (each.span, each.rule, each.message),
    )
    return structs.replace(
        first,
        report=FileReport(first.report.source, tuple(dict.fromkeys(findings))),
        failed=first.failed or second.failed,
        mended=first.mended or second.mended,
        partial=first.partial or second.partial,
        notes=(*first.notes, *second.notes),
    )


def _unread(task: Task, error: OSError, linter: Linter) -> _Look:
    reason = error.strerror or str(error)
    return _Look(unreadable(str(task.path), reason, linter), failed=True)


def context_of(task: Task, linter: Linter) -> Context | None:
    """The build context of a task's Dockerfile, None where it is not known."""
    folder = task.context
    if isinstance(folder, Context):
        return folder
    if folder is None and linter.config.context is not None:
        folder = Path(linter.config.context)
    return open_context(task.path if task.source is None else None, folder)


def _mended(
    task: Task,
    source: Source,
    context: Context | None,
    target: str | None,
    linter: Linter,
    plan: Plan,
    shell: _Shell | None,
) -> _Look:
    """A text looked at. Raises UnknownTargetError."""
    if not plan.fixes:
        on_build = None if shell is None else shell.bodies
        return _Look(_drafted(task, source, linter, context, target, on_build))
    from dflint.fixing import mend

    def lint(text: Source, ignore: str | None = None) -> FileReport:
        seen = context if context is None or ignore is None else with_ignore(context, ignore)
        return _without_fixes(
            report(_drafted(task, text, linter, seen, target), linter), plan.sieves
        )

    beside = None if task.source is not None else _ignore_file(context, lint)
    made = mend(source, lint, plan.fixes, beside)
    if plan.write and task.source is None:
        note = _written(task.path, made)
        if note is not None:
            context = context_of(task, linter)  # of two files one may be written
            return _Look(
                _drafted(task, source, linter, context, target), failed=True, notes=(note,)
            )
    if context is not None and made.ignore_changed:
        context = with_ignore(context, made.ignore or "")
    return _Look(_drafted(task, make_source(source.path, made.text), linter, context, target), made)


def _ignore_file(
    context: Context | None, lint: Callable[[Source, str], FileReport]
) -> IgnoreFile | None:
    """The context's ignore file, which fixes may change; None where it is not known."""
    path = None if context is None else ignore_place(context)
    if context is None or path is None:
        return None
    from dflint.fixing import IgnoreFile

    given = context.ignore.source
    return IgnoreFile(path, None if given is None else given.text, lint)


def _written(path: Path, made: Mended) -> str | None:
    """Write what was mended: None, or what went wrong."""
    from dflint.writing import write_atomically

    files = [(path, made.text)] if made.text != made.before.text else []
    if made.beside is not None and made.ignore_changed:
        files.insert(0, (made.beside.path, made.ignore or ""))
    for place, text in files:
        try:
            write_atomically(place, text.encode("utf-8", "surrogateescape"))
        except OSError as error:
            return f"{place}: cannot be written: {error.strerror or error}"
    return None


def _without_fixes(made: FileReport, sieves: Sequence[Sieve]) -> FileReport:
    """The report in which the findings that are not wanted have no fix."""
    if not sieves:
        return made
    wanted = zip(*(sieve(made) for sieve in sieves), strict=True)
    return FileReport(
        made.source,
        tuple(
            each if all(says) else structs.replace(each, fix=None)
            for each, says in zip(made.findings, wanted, strict=True)
        ),
    )


def sift(done: Checked, sieves: Sequence[Sieve]) -> tuple[FileReport, tuple[int, ...]]:
    """What is wanted of a file's report, and how much each sieve left out; it goes by their order.

    That a file cannot be read or written is always wanted.
    """
    report, counts = done.report, []
    for sieve in sieves:
        wanted = [True] * len(report.findings) if done.failed else sieve(report)
        pairs = zip(report.findings, wanted, strict=True)
        kept = tuple(each for each, is_wanted in pairs if is_wanted)
        counts.append(len(report.findings) - len(kept))
        report = FileReport(report.source, kept)
    return report, tuple(counts)
