"""The image model of a build, made once and only where a rule asks for it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from dflint.context import Context
from dflint.image.build import Images, model_images
from dflint.image.files import Answer, NotThere, Origin, There
from dflint.model import make_build
from dflint.reader import read
from dflint.scripts import make_scripts
from dflint.source import Source, Span
from dflint.subjects.base import UNKNOWN, Facts
from dflint.subjects.copy import true_context


@lru_cache(maxsize=2)
def images(facts: Facts) -> Images:
    """The image model of a build; kept, because several subjects ask for it."""
    return model_images(facts.build, facts.scripts, true_context(facts))


def in_words(answer: Answer) -> object:
    """An answer of the model as `there` or `missing`; `UNKNOWN` where it is not known."""
    if isinstance(answer, There):
        return "there"
    return "missing" if isinstance(answer, NotThere) else UNKNOWN


def stage_of(facts: Facts, origin: Origin | None) -> str | None:
    """The name of the stage that something comes from."""
    if origin is None or origin.stage is None:
        return None
    return facts.build.stages[origin.stage].label


def span_of(origin: Origin | None) -> Span | None:
    """The place in the Dockerfile that something comes from."""
    return None if origin is None else origin.span


def images_of(source: Source, context: Context | None, target: str | None) -> Images:
    """The image model of a text. Raises UnknownTargetError."""
    build = make_build(read(source), target)
    return images(Facts(build, make_scripts(build), context, date.min))
