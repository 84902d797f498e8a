"""What drops root when the container starts, as far as the Dockerfile and its start scripts say."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dflint.context import sources
from dflint.environment import path_folders
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage, resolve
from dflint.subjects.base import Facts
from dflint.subjects.common import MOST_STEPS
from dflint.subjects.context_origin import brought, steps_before, text_of
from dflint.subjects.copy import CopyPlace, copied, from_context, true_context
from dflint.subjects.start import started_places
from dflint.tree import Entry

# `su app -c "$*"`, `sudo -u app "$@"`: another user gets what the container is to run.
HANDS_OVER = regex(r"(?m)^[ \t]*(?:exec[ \t]+)?(?:su|sudo)[ \t][^\n#]*\$\{?[@*]")


def dropped_by_scripts(facts: Facts) -> tuple[str, ...]:
    """The programs for dropping root that the files of the product's start speak of."""
    known: tuple[str, ...] = tuple(load("installs")["privilege-droppers"])
    found: dict[str, None] = {}
    for text in _start_texts(facts):
        found |= dict.fromkeys(name for name in known if name in text)
        if HANDS_OVER.search(text):
            found["su"] = None
    return tuple(found)


def _start_texts(facts: Facts) -> Iterator[str]:
    """The texts of the files that the product's start names and a COPY brings."""
    if true_context(facts) is None or facts.build.product is None:
        return
    product = facts.build.stages[facts.build.product]
    if len(product.steps) > MOST_STEPS:
        return
    for path in dict.fromkeys(_named(facts, product)):
        entry = _from_context(facts, product, path)
        text = None if entry is None else text_of(facts, entry)
        if text is not None:
            yield text


def _named(facts: Facts, product: Stage) -> Iterator[str]:
    """Where the files lie that the start may execute: its words, those without a folder on the PATH."""
    folders, _ = path_folders(product.environment.get("PATH"))
    for at in started_places(facts):
        for word in at.command.words:
            if not word.known or "$" in word.value:
                continue
            path = resolve(product.workdir.value, word.value)
            if path is not None:
                yield path
            if "/" not in word.value and "." in word.value:
                yield from (posixpath.join(folder, word.value) for folder in folders)


def _from_context(facts: Facts, product: Stage, path: str) -> Entry | None:
    """The file of the context that the last COPY of it lays at a path, whatever became of its mode."""
    for stage, step in steps_before(facts, product, len(product.steps)):
        if step.keyword in ("COPY", "ADD"):
            at = CopyPlace(facts, stage, step)
            found = brought(at, path)
            if isinstance(found, Entry):
                return found
            if found is not None:
                return _by_name(at, posixpath.basename(path))
    return None


def _by_name(at: CopyPlace, name: str) -> Entry | None:
    """The file of that name among the sources: where it comes to lie is not known for certain."""
    context = true_context(at.facts)
    if context is None or not from_context(at):
        return None
    for word in copied(at):
        if word.known and not word.glob and posixpath.basename(word.value) == name:
            entries = sources(context, word.value).entries
            return entries[0] if len(entries) == 1 else None
    return None
