"""What a run leaves out: known problems, and those that were there before a change."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dflint.cli.console import fail, say
from dflint.cli.files import aimless

if TYPE_CHECKING:
    from dflint.baseline import Baseline
    from dflint.checking import Checked, Plan, Sieve, Task
    from dflint.config import Config
    from dflint.finding import FileReport
    from dflint.lint import Linter
    from dflint.shellprocess import Tool


def known_problems(settings: Config) -> Baseline | None:
    if settings.baseline is None:
        return None
    from dflint.baseline import BaselineError, load_baseline

    try:
        return load_baseline(Path(settings.baseline))
    except BaselineError as error:
        fail(str(error))


def sieves_of(
    known: Baseline | None,
    diff_base: str | None,
    tasks: Sequence[Task],
    linter: Linter,
    plan: Plan,
) -> dict[str, Sieve]:
    """What leaves findings out, by the word for what it leaves out."""
    from functools import partial

    sieves: dict[str, Sieve] = {}
    if known is not None:
        from dflint.baseline import unknown

        sieves["known"] = partial(unknown, known)
    if diff_base is not None:
        sieves["older"] = _since(diff_base, tasks, linter, plan)
    return sieves


def _since(reference: str, tasks: Sequence[Task], linter: Linter, plan: Plan) -> Sieve:
    """What leaves out the findings that were there before a change."""
    from dflint.changes import brought, changes_since
    from dflint.repository import Git, GitError

    program = shutil.which("git")
    if program is None:
        fail("--diff-base needs git, and there is none")
    if any(task.source is not None and task.source.path == "-" for task in tasks):
        fail("--diff-base needs --stdin-filename to know which file standard input is")
    git = Git(program, dict(os.environ))
    try:
        changes = changes_since(reference, tasks, aimless(linter), plan, git)
    except GitError as error:
        fail(str(error))

    def since(report: FileReport) -> Sequence[bool]:
        try:
            return brought(changes, report)
        except GitError as error:
            fail(str(error))

    return since


def sifted(
    done: Sequence[Checked], sieves: Mapping[str, Sieve]
) -> tuple[list[FileReport], tuple[str, ...]]:
    """What is wanted of the reports, and in words how much is not."""
    from dflint.checking import sift

    made = [sift(each, tuple(sieves.values())) for each in done]
    told = []
    for place, word in enumerate(sieves):
        count = sum(counts[place] for _, counts in made)
        if count:
            told.append(f"{count} {word} {'problem' if count == 1 else 'problems'}")
    return [report for report, _ in made], tuple(told)


def tell_outdated(
    known: Baseline | None, done: Sequence[Checked], linter: Linter, tool: Tool | None
) -> None:
    """Say which entries of a baseline match nothing any more."""
    if known is None:
        return
    from dflint.baseline import outdated, outdated_text
    from dflint.shellcodes import code_of

    reports = [each.report for each in done if not (each.failed or each.partial)]
    found = outdated(
        known,
        reports,
        lambda rule: rule in linter.enabled or (tool is not None and code_of(rule) is not None),
    )
    if found:
        say(f"dflint: {outdated_text(known, found)}")
