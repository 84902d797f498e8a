"""Subject `from`: each FROM instruction, with what is known of the image that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from msgspec import Struct

from dflint.document import Flag, Instruction
from dflint.environment import Environment
from dflint.expand import expand
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import PLATFORM_ARGS, Stage, flag
from dflint.nearest import nearest
from dflint.source import Span, Text
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Subject
from dflint.subjects.common import BASE, STAGE, base_date, base_fact, one_line
from dflint.subjects.reference import Reference, references

# The grammar of image names: distribution's reference format, which Docker's manual of `docker image
# tag` tells in words.
IMAGE = regex(
    r"([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d+)?/)?"
    r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*"
    r"(:\w[\w.-]{0,127})?(@[A-Za-z0-9+._-]+:[0-9a-fA-F]{32,})?"
)

# Microsoft's base images, by their repositories: windows/nanoserver, windows/servercore, …
WINDOWS = regex(r"(^|/)windows(/|$)|(^|[/:-])(nanoserver|(windows)?servercore)")


class FromPlace(Struct, frozen=True):
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


def published(at: FromPlace) -> object:
    """Whether some registry can have the image.

    A bare name is one of Docker's official images, or of an image that was built on the machine.
    """
    name = at.stage.image_name
    if name is None:
        return UNKNOWN
    registry, _, last = f"{name.registry}/{name.repository}".partition("/")
    if registry == "localhost":
        return False
    folder, _, last = last.partition("/")
    return registry != "docker.io" or folder != "library" or last in _official()


@cache
def _official() -> frozenset[str]:
    return frozenset(load("images")["official"].split())


def same_name(at: FromPlace) -> Stage | None:
    """An earlier stage of the same name; names are compared without regard to case."""
    name = at.stage.name
    if name is None:
        return None
    key = ("first of a name", -1)
    memo = at.facts.memo
    if key not in memo:
        stages = reversed(at.facts.build.stages)
        memo[key] = {each.name.lower(): each for each in stages if each.name}
    first: Mapping[str, Stage] = memo[key]
    found = first.get(name.lower())
    return None if found is at.stage else found


def bottom(at: FromPlace) -> bool:
    """Whether the product stands on this very image."""
    return at.stage.parent is None and at.stage.index in at.facts.build.layers


def as_word(at: FromPlace) -> Text | None:
    """The word AS; None in a FROM without a name."""
    return at.instruction.words[1] if at.stage.name is not None else None


def as_fitting(at: FromPlace) -> str | None:
    """The word AS in the case of the word FROM."""
    if as_word(at) is None:
        return None
    written = at.facts.build.source.slice(at.instruction.keyword_span)
    return "as" if written.islower() else "AS"


def platform_flag(at: FromPlace) -> Flag | None:
    """The flag --platform with its value."""
    found = flag(at.instruction, "platform")
    return found if found is not None and found.value is not None else None


def platform_text(at: FromPlace) -> str | None:
    """The platform as written; None without one."""
    found = platform_flag(at)
    return None if found is None or found.value is None else found.value.value


def platform_named(at: FromPlace) -> bool:
    """Whether the stage's name has the platform's system or processor in it, or what that is called."""
    words = [word for word in (platform_text(at) or "").lower().split("/") if word != "linux"]
    words += [name for word in words for name in load("variables")["platforms"].get(word, ())]
    name = (at.stage.name or "").lower()
    return any(word in name for word in words)


def platform_fits(at: FromPlace) -> object:
    """Whether the platform's operating system is the image's; `UNKNOWN` when that is not known."""
    platform = at.stage.platform
    if platform is None or not platform.known or at.stage.parent is not None:
        return UNKNOWN
    system = platform.value.partition("/")[0].lower()
    windows = WINDOWS.search(at.stage.image.value) is not None
    if system == "windows":
        known = at.stage.base is not None and at.stage.base.libc is not None
        return False if known and not windows else UNKNOWN
    return not windows if system == "linux" else UNKNOWN


def undeclared(at: FromPlace) -> tuple[Reference, ...]:
    """The variables of image and platform that no ARG before the first FROM declares."""
    found = []
    texts = [at.instruction.words[0]] if at.instruction.words else []
    platform = platform_flag(at)
    if platform is not None and platform.value is not None:
        texts.append(platform.value)
    for text in texts:
        for each in references(text, at.facts.build.document.escape):
            if not _declared(at, each.name):
                found.append(each)
    return tuple(found)


def _has_default(reference: Reference) -> bool:
    return reference.modifier.startswith((":-", "-"))


def _declared(at: FromPlace, name: str) -> bool:
    return name in at.facts.build.global_args or name in load("variables")["always"]


def valid_by_default(at: FromPlace) -> object:
    """Whether the image's name is a valid one without any build argument given."""
    if not at.instruction.words:
        return UNKNOWN
    text = at.instruction.words[0].value
    if "?" in text:
        return UNKNOWN  # `${BASE:?which?}` stops the build with its own words
    arguments = at.facts.build.global_args
    word = expand(
        at.instruction.words[0],
        lambda name: _default(arguments, name),
        at.facts.build.document.escape,
    )
    return IMAGE.fullmatch(word.value) is not None if word.known else UNKNOWN


def _default(arguments: Environment, name: str) -> str | None:
    """An argument's default, empty without one; None where it depends on something unknown."""
    found = arguments.get(name)
    if found is None or found.value is not None:
        return "" if found is None else found.value
    return None if found.partly or found.span is None else ""


def near_argument(at: FromPlace) -> str | None:
    """The declared argument whose name is nearly that of the one that is not declared."""
    found = undeclared(at)
    names = [name for name, each in at.facts.build.global_args.items() if each.span is not None]
    names += PLATFORM_ARGS
    return nearest(found[0].name, names) if len(found) == 1 else None


def locked_digest(at: FromPlace) -> str | None:
    """The digest that the user's lock file has for the image and tag, written without variables."""
    name = at.stage.image_name
    if name is None or name.tag is None or at.stage.image.text != at.stage.image.value:
        return None
    return at.facts.digests.get((name.registry, name.repository, name.tag))


def tag_span(at: FromPlace) -> Span | None:
    """The tag as written; None where it comes from a variable or is not there."""
    name = at.stage.image_name
    if name is None or name.tag is None or at.stage.image.text != at.stage.image.value:
        return None
    text = at.stage.image.text.partition("@")[0]
    start = at.stage.image.span.start + len(text) - len(name.tag)
    return Span(start, start + len(name.tag))


def _platform_and_blank(at: FromPlace) -> Span | None:
    found = platform_flag(at)
    if found is None:
        return None
    text = at.facts.build.source.text
    end = found.span.end
    while end < len(text) and text[end] in " \t":
        end += 1
    return Span(found.span.start, end)


ATTRIBUTES: Mapping[str, Attribute] = {
    **STAGE,
    **BASE,
    "text": Attribute("text", "The instruction as written, on one line.", lambda at: one_line(at.facts.build.source, at.instruction.span)),
    "image": Attribute("text", "The image as written.", lambda at: at.stage.image.text),
    "image.value": Attribute("text", "The image with build arguments' defaults put in.", lambda at: at.stage.image.value if at.stage.image.known else UNKNOWN),
    "image.known": Attribute("flag", "Whether the image's name is known.", lambda at: at.stage.image.known),
    "image.is-image": Attribute("flag", "Whether it is an image: neither a stage nor scratch.", is_image),
    "image.published": Attribute("flag", "Whether a registry can have it: no bare name beside those of Docker's official images.", published),
    "image.from-argument": Attribute("flag", "Whether its name is put together from arguments.", lambda at: "$" in at.stage.image.text),
    "registry": Attribute("text", "The image's registry: docker.io, ghcr.io, …", lambda at: name_part(at, "registry")),
    "repository": Attribute("text", "The image's repository: library/python, …", lambda at: name_part(at, "repository")),
    "tag": Attribute("text", "The image's tag.", lambda at: name_part(at, "tag")),
    "digest": Attribute("text", "The image's digest.", lambda at: name_part(at, "digest")),
    "digest.locked": Attribute("text", "The digest that the user's lock file has for it.", locked_digest),
    "slim-tag": Attribute("text", "The tag of the slim image to use in its place.", lambda at: UNKNOWN if at.stage.base is None else at.stage.base.slim_tag),
    "end-of-life": Attribute("date", "When the image's distribution or runtime is no longer mended.", lambda at: base_date(at.stage.base, "end_of_life")),
    "end-of-life.of": Attribute("text", "What ends then: Debian 10 (buster), Node.js 18, …", lambda at: base_fact(at.stage, "eol_name")),
    "python.end-of-life": Attribute("date", "When its Python version is no longer mended.", lambda at: base_date(at.stage.base, "python_end_of_life")),
    "as": Attribute("text", "The word AS as written.", lambda at: None if (found := as_word(at)) is None else found.value),
    "as.fitting": Attribute("text", "The word AS in the case of the word FROM.", as_fitting),
    "as.fits": Attribute("flag", "Whether AS has the case of FROM.", lambda at: (found := as_word(at)) is None or found.value == as_fitting(at)),
    "name.lower": Attribute("text", "The stage's name in lower case.", lambda at: None if at.stage.name is None else at.stage.name.lower()),
    "name.lowercase": Attribute("flag", "Whether the stage's name has no capital letters.", lambda at: at.stage.name is None or at.stage.name == at.stage.name.lower()),
    "platform": Attribute("text", "The platform as written.", platform_text),
    "platform.constant": Attribute("flag", "Whether the platform is written without variables.", lambda at: (found := platform_text(at)) is not None and "$" not in found),
    "platform.in-name": Attribute("flag", "Whether the stage's name tells the platform.", platform_named),
    "platform.fits": Attribute("flag", "Whether the platform's operating system is the image's.", platform_fits),
    "undeclared": Attribute("list", "The variables in it that no ARG before the first FROM declares.", lambda at: tuple(each.name for each in undeclared(at))),
    "undeclared.default": Attribute("flag", "Whether each of these has a default of its own: `${NAME:-default}`.", lambda at: all(map(_has_default, undeclared(at)))),
    "undeclared.near": Attribute("text", "A declared one with nearly the name of the only one that is not.", near_argument),
    "valid-by-default": Attribute("flag", "Whether the image's name is valid without any build argument.", valid_by_default),
    "product-base": Attribute("flag", "Whether the product stands on this very image.", bottom),
    "duplicate": Attribute("flag", "Whether an earlier stage has the same name.", lambda at: same_name(at) is not None),
}  # fmt: skip

PARTS: Mapping[str, Part] = {
    "instruction": Part("The whole instruction.", lambda at: at.instruction.span),
    "keyword": Part("The word FROM.", lambda at: at.instruction.keyword_span),
    "image": Part("The image.", lambda at: at.stage.image.span),
    "tag": Part("The image's tag.", tag_span),
    "as": Part("The word AS.", lambda at: None if (found := as_word(at)) is None else found.span()),
    "platform": Part(
        "The flag --platform.",
        lambda at: None if (found := platform_flag(at)) is None else found.span,
    ),
    "platform-with-blank": Part("The flag --platform and the blank after it.", _platform_and_blank),
    "undeclared": Part(
        "The first variable that no ARG declares.",
        lambda at: found[0].span if (found := undeclared(at)) else None,
    ),
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
