"""Lines for the ignore file of the build context: for what is there, unwanted, and not needed.

Nothing that an instruction names is kept out, nothing that the user has let in with an exception,
and no installed packages where the Dockerfile installs none itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import structs

from dflint.context import Context, Unwanted, sources
from dflint.dockerignore import decide, ignored, parse_ignore
from dflint.finding import IgnoreLine
from dflint.lazy import regex
from dflint.model import Step
from dflint.source import make_source
from dflint.subjects.base import Facts
from dflint.subjects.command import command_places
from dflint.subjects.common import places
from dflint.subjects.copy import WHOLE, CopyPlace, copied, from_context, true_context
from dflint.subjects.install import OTHER_LANGUAGES, SYSTEM, install_places
from dflint.tree import UnreadableError

# Builds that ask git for the version of the project.
BY_GIT = regex(
    rb"(?i)setuptools[_-]scm|hatch-vcs|versioneer|versioningit|dynamic-versioning|\bpbr\b|dunamai"
    rb"|uv-dynamic|pdm-pep517|\[tool\.pdm\.version\]|miniver|vcs-versioning"
)
PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py", "Makefile", "package.json")


def ignore_lines(facts: Facts, found: Sequence[Unwanted]) -> tuple[IgnoreLine, ...] | None:
    """The lines that keep these things out, as far as they may be; None where there are none."""
    context = true_context(facts)
    if context is None or not context.known or context.root is None:
        return None
    there = {each.text for each in context.ignore.patterns}
    lines = [
        line
        for each in found
        if _unneeded(facts, each) and not _let_in(context, each)
        for line in each.patterns
        if line not in there and _harmless(facts, context, line)
    ]
    return tuple(map(IgnoreLine, dict.fromkeys(lines))) or None


def _unneeded(facts: Facts, found: Unwanted) -> bool:
    """Whether the Dockerfile brings by itself what it would have of this."""
    if found.kind == "vcs":
        return not _asks_git(facts)
    if found.kind not in ("environment", "dependencies"):
        return True
    managers = {at.manager for at in install_places(facts)} - SYSTEM
    wanted = OTHER_LANGUAGES if found.kind == "dependencies" else managers - OTHER_LANGUAGES
    return bool(managers & wanted)


@lru_cache(maxsize=2)
def _asks_git(facts: Facts) -> bool:
    """Whether the build may ask git something about the project."""
    context = true_context(facts)
    if context is None:
        return True
    for at in command_places(facts):
        if at.command.tool == "git" and at.command.action not in ("clone", "config", "lfs"):
            return True
    for name in PROJECT_FILES:
        try:
            if context.tree.entry(name) and BY_GIT.search(context.tree.read(name)):
                return True
        except UnreadableError:
            return True
    return False


def _let_in(context: Context, found: Unwanted) -> bool:
    """Whether an exception of the user's lets one of these in by its own name."""
    for path in found.paths:
        by = decide(context.ignore, path).by
        if by is not None and by.negated and by.matches(path):
            return True
    return False


def _harmless(facts: Facts, context: Context, line: str) -> bool:
    """Whether a line keeps out nothing that an instruction names."""
    before = "" if context.ignore.source is None else context.ignore.source.text
    ignore = parse_ignore(make_source("", f"{before}\n{line}\n"))
    if ignore.problems:
        return False
    after = structs.replace(context, given=ignore)
    for name in _named(facts):
        old, new = sources(context, name), sources(after, name)
        if old.unknown or len(old.entries) != len(new.entries):
            return False
    if context.dockerfile is not None and ignored(ignore, context.dockerfile):
        return ignored(context.ignore, context.dockerfile)
    return True


def _named(facts: Facts) -> Iterator[str]:
    """What COPY, ADD and bind mounts name of the context, but for all of it."""
    for stage, step in places(facts):
        if step.keyword in ("COPY", "ADD") and len(step.words) >= 2:
            at = CopyPlace(facts, stage, step)
            if from_context(at):
                yield from (word.value for word in copied(at) if word.value not in WHOLE)
        yield from _mounted(step)


def _mounted(step: Step) -> Iterator[str]:
    for mount in step.mounts:
        name = mount.options.get("source", mount.options.get("src", ""))
        if mount.kind == "bind" and "from" not in mount.options and name not in ("", *WHOLE):
            yield name
