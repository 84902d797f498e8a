"""Subject `context-file`: what the build context holds, no image should get, and a COPY takes."""

from __future__ import annotations

from collections.abc import Iterator

from dflint.context import Context, Unwanted, sources, unwanted
from dflint.subjects.base import Attribute, Change, Facts, Part, Place, Subject
from dflint.subjects.common import STEP, STEP_PARTS, one_line
from dflint.subjects.copy import (
    WHOLE,
    CopyPlace,
    copied,
    copy_places,
    extent,
    from_context,
    has_ignore_file,
    ignore_name,
    readable_size,
    true_context,
    whole_context,
)
from dflint.subjects.copy import first_source as source_span
from dflint.subjects.ignoring import ignore_lines


class ContextFilePlace(Place, frozen=True):
    """Something unwanted that a COPY or ADD takes along with the folder it names."""

    context: Context
    found: Unwanted
    whole: bool


def context_file_places(facts: Facts) -> Iterator[ContextFilePlace]:
    """What is unwanted, at the first instruction of the build that takes it along.

    Things that an instruction names itself (`COPY .git /src/.git`) are wanted and not among them.
    """
    context = true_context(facts)
    if context is None:
        return
    seen: set[str] = set()
    for at in copy_places(facts):
        if at.step.onbuild or not from_context(at) or not _all_of_it(at):
            continue
        if at.stage.index not in facts.build.reachable:
            continue
        for found in unwanted(context, _folders(context, at)):
            if found.id not in seen:
                seen.add(found.id)
                yield ContextFilePlace(facts, at.stage, at.step, context, found, whole_context(at))


def _all_of_it(at: CopyPlace) -> bool:
    """Whether it takes all of the folders it names: no `--exclude` leaves anything out."""
    return all(flag.name != "exclude" for flag in at.step.instruction.flags)


def _folders(context: Context, at: CopyPlace) -> tuple[str, ...]:
    """The folders that it copies, `""` for the whole context; none that is itself unwanted."""
    if whole_context(at):
        return ("",)
    found: list[str] = []
    for word in copied(at):
        if not word.known or word.value in WHOLE:
            continue
        matches = sources(context, word.value)
        if matches.wildcard:
            continue
        found.extend(each.path for each in matches.entries if each.kind == "folder")
    return tuple(path for path in found if not _is_unwanted(context, path))


def _is_unwanted(context: Context, path: str) -> bool:
    return any(path in each.paths for each in unwanted(context, (path,)))


CONTEXT_FILE = Subject(
    name="context-file",
    about="Something in the build context that no image should get, and that a COPY takes along.",
    each=context_file_places,
    attributes={
        **STEP,
        "text": Attribute("text", "The COPY or ADD as written, on one line.", lambda at: one_line(at.facts.build.source, at.step.instruction.span)),
        "id": Attribute("text", "What it is, in a word: git, venv, dotenv, …", lambda at: at.found.id),
        "title": Attribute("text", "What it is, as in `the Git repository`.", lambda at: at.found.title),
        "kind": Attribute("text", "secret, vcs, environment, dependencies, cache or data.", lambda at: at.found.kind),
        "paths": Attribute("list", "Where it is.", lambda at: at.found.paths),
        "files": Attribute("number", "How many files, at least.", lambda at: at.found.files),
        "bytes": Attribute("number", "How many bytes, at least.", lambda at: at.found.size),
        "size": Attribute("text", "How many bytes, as people say it.", lambda at: readable_size(at.found.size)),
        "extent": Attribute("text", "Where it is and how much: `.git, 1,204 files, 35 MB`.", lambda at: extent(at.found)),
        "patterns": Attribute("list", "The lines for the ignore file.", lambda at: at.found.patterns),
        "whole-context": Attribute("flag", "Whether the instruction copies all of the context.", lambda at: at.whole),
        "dockerignore": Attribute("flag", "Whether the context has a .dockerignore.", lambda at: has_ignore_file(at.context)),
        "ignore-file": Attribute("text", "The name of the ignore file.", lambda at: ignore_name(at.context)),
    },
    parts={
        **STEP_PARTS,
        "source": Part("The first source of the COPY or ADD.", source_span),
    },
    main="instruction",
    index="kind",
    changes={
        "kept-out": Change("Keep it out by lines in the ignore file, where nothing names it.", lambda at: ignore_lines(at.facts, (at.found,))),
    },
)  # fmt: skip
