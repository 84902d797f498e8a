"""Subject `search-path`: each folder that PATH, PYTHONPATH or VIRTUAL_ENV of the product names."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from dflint.environment import Variable
from dflint.image.files import NotThere, Origin, There
from dflint.model import Stage, resolve
from dflint.paths import covers
from dflint.source import Span
from dflint.subjects.base import Attribute, Facts, Part, Subject
from dflint.subjects.common import STAGE
from dflint.subjects.modelled import images, in_words, span_of

NAMES = ("PATH", "PYTHONPATH", "VIRTUAL_ENV")


class SearchPathPlace(Struct, frozen=True):
    """A folder that a variable of the product names; `span` is where the Dockerfile sets it."""

    facts: Facts
    stage: Stage
    variable: str
    folder: str
    span: Span


def search_path_places(facts: Facts) -> Iterator[SearchPathPlace]:
    """The folders that the Dockerfile itself puts into these variables of the product."""
    if facts.build.product is None:
        return
    stage = facts.build.stages[facts.build.product]
    for name in NAMES:
        found = stage.environment.get(name)
        if found is None or found.span is None or found.kind != "env":
            continue
        given = {each.rstrip("/") for each in _inherited(stage, name).split(":")}
        seen = set()
        for each in _folders(name, found):
            path = resolve(stage.workdir.value, each)
            if path is not None and path not in given and path not in seen:
                seen.add(path)
                yield SearchPathPlace(facts, stage, name, path, found.span)


def _folders(name: str, variable: Variable) -> list[str]:
    parts = [variable.partly] if name == "VIRTUAL_ENV" else variable.partly.split(":")
    return [each for each in parts if each and "$" not in each]


def _inherited(stage: Stage, name: str) -> str:
    """The base image's own value, whose folders are nobody's mistake here."""
    if stage.base is None:
        return ""
    return stage.base.environment.get(name, "")


def found(at: SearchPathPlace) -> object:
    """Whether the folder is `there` or `missing` in the product."""
    product = images(at.facts).product
    assert product is not None
    return in_words(product.files.lookup(at.folder))


def mounted(at: SearchPathPlace) -> bool:
    """Whether a VOLUME of the product is, or lies above or below, the folder."""
    for index in at.facts.build.layers:
        for step in at.facts.build.stages[index].steps:
            if step.keyword != "VOLUME":
                continue
            for word in step.words:
                path = resolve(step.workdir.value, word.value)
                if path is None or covers([path], at.folder) or covers([at.folder], path):
                    return True
    return False


def _made(at: SearchPathPlace) -> tuple[Stage, Origin] | None:
    """The stage, other than the product, that has the folder, and what made it there."""
    build = at.facts.build
    for index in sorted(build.reachable - build.layers):
        state = images(at.facts)[index]
        answer = state.files.lookup(at.folder)
        if isinstance(answer, There) and answer.entry.origin.span is not None:
            return build.stages[index], answer.entry.origin
    return None


def _cause(at: SearchPathPlace) -> Span | None:
    """What removed it, or what made it in the stage that it stayed in."""
    product = images(at.facts).product
    answer = None if product is None else product.files.lookup(at.folder)
    if isinstance(answer, NotThere) and answer.removed is not None:
        return span_of(answer.removed)
    made = _made(at)
    return None if made is None else made[1].span


def _made_in(at: SearchPathPlace) -> str | None:
    made = _made(at)
    return None if made is None else made[0].label


SEARCH_PATH = Subject(
    name="search-path",
    about="A folder that this Dockerfile puts into the product's PATH, PYTHONPATH or VIRTUAL_ENV.",
    each=search_path_places,
    attributes={
        **STAGE,
        "variable": Attribute("text", "PATH, PYTHONPATH or VIRTUAL_ENV.", lambda at: at.variable),
        "folder": Attribute("text", "The folder, as an absolute path.", lambda at: at.folder),
        "found": Attribute("text", "Whether it is `there` or `missing` in the product.", found),
        "mounted": Attribute("flag", "Whether a VOLUME is, or lies above or below, it.", mounted),
        "made.stage": Attribute("text", "The stage that has the folder, where the product has it not.", _made_in),
    },
    parts={
        "value": Part("Where the Dockerfile sets the variable.", lambda at: at.span),
        "cause": Part("What removed the folder, or made it in another stage.", _cause),
    },
    main="value",
    index="variable",
)  # fmt: skip
