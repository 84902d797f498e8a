"""Subject `from`: each FROM instruction, with what is known of the image that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dflint.document import Instruction
from dflint.model import Stage
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Subject
from dflint.subjects.common import BASE, STAGE, base_date, base_fact, one_line


@dataclass(frozen=True, slots=True)
class FromPlace:
    """A stage's FROM."""

    facts: Facts
    stage: Stage

    @property
    def instruction(self) -> Instruction:
        """The FROM instruction."""
        return self.stage.start


def from_places(facts: Facts) -> Iterator[FromPlace]:
    """The FROM instructions of all stages."""
    return (FromPlace(facts, stage) for stage in facts.build.stages)


def is_image(at: FromPlace) -> bool | object:
    """Whether FROM names an image: neither an earlier stage nor `scratch`."""
    if at.stage.parent is not None:
        return False
    if not at.stage.image.known:
        return UNKNOWN
    return at.stage.image.value != "scratch"


def name_part(at: FromPlace, part: str) -> object:
    """A part of the image's name; None without one, `UNKNOWN` when the name is not known."""
    if at.stage.image_name is None:
        return UNKNOWN if is_image(at) is UNKNOWN or at.stage.image_name is None else None
    return getattr(at.stage.image_name, part)


def same_name(at: FromPlace) -> Stage | None:
    """An earlier stage of the same name; names are compared without regard to case."""
    name = at.stage.name
    if name is None:
        return None
    earlier = at.facts.build.stages[: at.stage.index]
    return next((each for each in earlier if each.name and each.name.lower() == name.lower()), None)


def bottom(at: FromPlace) -> bool:
    """Whether the product stands on this very image."""
    return at.stage.parent is None and at.stage.index in at.facts.build.layers


def tag_span(at: FromPlace) -> Span | None:
    """The tag as written; None where it comes from a variable or is not there."""
    name = at.stage.image_name
    if name is None or name.tag is None or at.stage.image.text != at.stage.image.value:
        return None
    text = at.stage.image.text.partition("@")[0]
    start = at.stage.image.span.start + len(text) - len(name.tag)
    return Span(start, start + len(name.tag))


ATTRIBUTES: Mapping[str, Attribute] = {
    **STAGE,
    **BASE,
    "text": Attribute("text", "The instruction as written, on one line.", lambda at: one_line(at.facts.build.source, at.instruction.span)),
    "image": Attribute("text", "The image as written.", lambda at: at.stage.image.text),
    "image.value": Attribute("text", "The image with build arguments' defaults put in.", lambda at: at.stage.image.value if at.stage.image.known else UNKNOWN),
    "image.known": Attribute("flag", "Whether the image's name is known.", lambda at: at.stage.image.known),
    "image.is-image": Attribute("flag", "Whether it is an image: neither a stage nor scratch.", is_image),
    "image.from-argument": Attribute("flag", "Whether its name is put together from arguments.", lambda at: "$" in at.stage.image.text),
    "registry": Attribute("text", "The image's registry: docker.io, ghcr.io, …", lambda at: name_part(at, "registry")),
    "repository": Attribute("text", "The image's repository: library/python, …", lambda at: name_part(at, "repository")),
    "tag": Attribute("text", "The image's tag.", lambda at: name_part(at, "tag")),
    "digest": Attribute("text", "The image's digest.", lambda at: name_part(at, "digest")),
    "slim-tag": Attribute("text", "The tag of the slim image to use in its place.", lambda at: UNKNOWN if at.stage.base is None else at.stage.base.slim_tag),
    "end-of-life": Attribute("date", "When the image's distribution or runtime is no longer mended.", lambda at: base_date(at.stage.base, "end_of_life")),
    "end-of-life.of": Attribute("text", "What ends then: Debian 10 (buster), Node.js 18, …", lambda at: base_fact(at.stage, "eol_name")),
    "python.end-of-life": Attribute("date", "When its Python version is no longer mended.", lambda at: base_date(at.stage.base, "python_end_of_life")),
    "product-base": Attribute("flag", "Whether the product stands on this very image.", bottom),
    "duplicate": Attribute("flag", "Whether an earlier stage has the same name.", lambda at: same_name(at) is not None),
}  # fmt: skip

PARTS: Mapping[str, Part] = {
    "instruction": Part("The whole instruction.", lambda at: at.instruction.span),
    "keyword": Part("The word FROM.", lambda at: at.instruction.keyword_span),
    "image": Part("The image.", lambda at: at.stage.image.span),
    "tag": Part("The image's tag.", tag_span),
    "name": Part("The stage's name.", lambda at: at.stage.name_span),
    "duplicate": Part(
        "The earlier stage's name.",
        lambda at: None if (found := same_name(at)) is None else found.name_span,
    ),
}

FROM = Subject(
    name="from",
    about="A FROM instruction and the image that it names.",
    each=from_places,
    attributes=ATTRIBUTES,
    parts=PARTS,
    main="image",
)
