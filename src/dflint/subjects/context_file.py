"""Subject `context-file`: what the build context holds and should not send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dflint.context import Unwanted, unwanted
from dflint.subjects.base import Attribute, Facts, Place, Subject
from dflint.subjects.common import STEP, STEP_PARTS
from dflint.subjects.copy import copy_places, ignore_name, true_context, whole_context


@dataclass(frozen=True, slots=True)
class ContextFilePlace(Place):
    """Something unwanted that a copy of the whole context takes along."""

    found: Unwanted


def context_file_places(facts: Facts) -> Iterator[ContextFilePlace]:
    """What is unwanted, at the first instruction that copies the whole context."""
    context = true_context(facts)
    whole = next((at for at in copy_places(facts) if whole_context(at) and not at.step.onbuild), None)
    if context is None or whole is None:
        return
    for found in unwanted(context):
        yield ContextFilePlace(facts, whole.stage, whole.step, found)


def size(count: int) -> str:
    """Bytes as people say them."""
    amount = float(count)
    for unit in ("bytes", "KB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"




CONTEXT_FILE = Subject(
    name="context-file",
    about="Something in the build context that no image should get, and that is let in.",
    each=context_file_places,
    attributes={
        **STEP,
        "kind": Attribute("text", "secret, vcs, environment, cache, dependencies or data.", lambda at: at.found.kind),
        "paths": Attribute("list", "Where it is.", lambda at: at.found.paths),
        "files": Attribute("number", "How many files.", lambda at: at.found.files),
        "bytes": Attribute("number", "How many bytes.", lambda at: at.found.bytes),
        "size": Attribute("text", "How many bytes, as people say it.", lambda at: size(at.found.bytes)),
        "pattern": Attribute("text", "The line to add to the .dockerignore.", lambda at: at.found.pattern),
        "dockerignore": Attribute("flag", "Whether the context has a .dockerignore.", lambda at: at.facts.context is not None and at.facts.context.ignore.source is not None),
        "ignore-file": Attribute("text", "The name of the ignore file.", lambda at: ignore_name(at.facts.context)),
    },
    parts=STEP_PARTS,
    main="instruction",
    index="kind",
)  # fmt: skip
