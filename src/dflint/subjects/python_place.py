"""Subject `python-place`: each place of the product that Python packages lie in."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from msgspec import Struct

from dflint.image.files import NotThere, There
from dflint.image.state import ImageState, PythonPlace, ResolvedStart
from dflint.lazy import regex
from dflint.paths import covers
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Subject
from dflint.subjects.command import command_places
from dflint.subjects.common import STAGE, or_unknown
from dflint.subjects.modelled import images, in_words, span_of, stage_of


class PythonPlacePlace(Struct, frozen=True):
    """A Python place of the product."""

    facts: Facts
    place: PythonPlace

    @property
    def stage(self) -> object:
        """The product's stage."""
        return self.facts.build.stages[self.facts.build.product or 0]


def python_places(facts: Facts) -> Iterator[PythonPlacePlace]:
    """The Python places of the product."""
    product = images(facts).product
    if product is not None:
        for place in product.places:
            yield PythonPlacePlace(facts, place)


def _interpreter_found(at: PythonPlacePlace) -> object:
    product = images(at.facts).product
    if at.place.interpreter is None or product is None:
        return UNKNOWN
    return in_words(product.files.lookup(at.place.interpreter))


def _link(at: PythonPlacePlace) -> str | None:
    """Where the interpreter's link leads that leads nowhere."""
    product = images(at.facts).product
    if at.place.interpreter is None or product is None:
        return None
    found = product.files.lookup(at.place.interpreter)
    return found.path if isinstance(found, NotThere) and found.link is not None else None


PYTHON = regex(r"python[\d.]*")


def on_path(at: PythonPlacePlace) -> object:
    """Whether the product's PATH has the place's bin folder."""
    product = images(at.facts).product
    if product is None:
        return UNKNOWN
    if posixpath.join(at.place.prefix, "bin") in product.folders:
        return True
    return False if product.path_complete else UNKNOWN


def used(at: PythonPlacePlace) -> object:
    """What of the place the start runs: `python`, `scripts`, `other`, or None for nothing.

    `scripts` are those that pip makes, with the place's interpreter in their first line.
    """
    start, product = images(at.facts).start, images(at.facts).product
    if start is None or product is None:
        return None
    home = posixpath.join(at.place.prefix, "bin")
    if any(each.of is not None and covers([home], each.of) for each in start.missing):
        return "scripts"
    if not isinstance(start.found, There):
        return "scripts" if _only_there(product, start, home) else UNKNOWN
    if not covers([home], start.found.asked):
        return None
    return "python" if PYTHON.fullmatch(posixpath.basename(start.found.asked)) else "other"


# Commands that may write other first lines into the scripts of an environment.
EDITORS = (
    "sed",
    "perl",
    "awk",
    "find",
    "xargs",
    "python",
    "virtualenv-clone",
    "conda-unpack",
    "venv-pack",
)


def rewritten(at: PythonPlacePlace) -> bool:
    """Whether the scripts may have been made, or changed, to be independent of the path."""
    source = at.facts.build.source
    if "RELOCATABLE" in source.text.upper():
        return True
    name = posixpath.basename(at.place.home)
    return any(
        each.command.tool in EDITORS and name in source.slice(each.command.span)
        for each in command_places(at.facts)
    )


def _only_there(product: ImageState, start: ResolvedStart, home: str) -> bool:
    """Whether a well-known package's program can lie nowhere on the PATH but in that folder."""
    name = start.program or ""
    if start.package_name is None or start.module is not None or "/" in name or start.missing:
        return False
    if not product.path_complete or home not in product.folders:
        return False
    return all(
        isinstance(product.files.lookup(posixpath.join(folder, name)), NotThere)
        for folder in product.folders
        if folder != home
    )


def _started(at: PythonPlacePlace) -> object:
    start = images(at.facts).start
    return UNKNOWN if start is None else or_unknown(start.program)


def _start_span(at: PythonPlacePlace) -> Span | None:
    start = images(at.facts).start
    return None if start is None else start.span


def _span(at: PythonPlacePlace) -> Span:
    placed = span_of(at.place.placed) or span_of(at.place.made)
    return placed or at.facts.build.stages[at.facts.build.product or 0].image.span


PYTHON_PLACE = Subject(
    name="python-place",
    about="A place of the product that Python packages lie in: an interpreter, a venv, a folder.",
    each=python_places,
    attributes={
        **STAGE,
        "path": Attribute("text", "Its path.", lambda at: at.place.prefix),
        "kind": Attribute("text", "system, venv, user, prefix, target, tool or conda.", lambda at: at.place.kind),
        "version": Attribute("text", "The Python version, as in 3.13.", lambda at: or_unknown(at.place.version)),
        "libc": Attribute("text", "The libc that it was made with.", lambda at: or_unknown(at.place.libc)),
        "base.python": Attribute("text", "The Python version of the product's base.", lambda at: UNKNOWN if at.stage.base is None else or_unknown(at.stage.base.python)),
        "base.libc": Attribute("text", "The libc of the product's base.", lambda at: UNKNOWN if at.stage.base is None else or_unknown(at.stage.base.libc)),
        "packages": Attribute("list", "The packages that certainly lie there.", lambda at: tuple(at.place.packages)),
        "complete": Attribute("flag", "Whether these are all.", lambda at: at.place.complete),
        "moved": Attribute("flag", "Whether it lies at another path than the one it was made at.", lambda at: at.place.home != at.place.prefix),
        "home": Attribute("text", "The path that it was made at.", lambda at: at.place.home),
        "copied": Attribute("flag", "Whether a COPY put it there.", lambda at: at.place.placed is not None),
        "made.stage": Attribute("text", "The stage that made it.", lambda at: stage_of(at.facts, at.place.made)),
        "managed": Attribute("flag", "Whether its interpreter is one that uv downloaded.", lambda at: at.place.managed),
        "on-path": Attribute("flag", "Whether the product's PATH has its bin folder.", on_path),
        "used": Attribute("text", "What of it the start runs: `python`, `scripts` of its packages, or `other`.", used),
        "rewritten": Attribute("flag", "Whether its scripts may have been made independent of its path.", rewritten),
        "start.program": Attribute("text", "The program that the container starts.", _started),
        "interpreter": Attribute("text", "The path that the first line of its scripts names.", lambda at: or_unknown(at.place.interpreter)),
        "interpreter.found": Attribute("text", "Whether that is `there` or `missing` in the product.", _interpreter_found),
        "interpreter.link": Attribute("text", "Where the interpreter leads, a link that leads nowhere.", _link),
    },
    parts={
        "place": Part("The COPY that put it there, else what made it, else the base image.", _span),
        "made": Part("The command that made it.", lambda at: span_of(at.place.made)),
        "placed": Part("The COPY that put it there.", lambda at: span_of(at.place.placed)),
        "start": Part("The product's CMD or ENTRYPOINT.", _start_span),
        "base": Part("The image that the product's FROM names.", lambda at: at.facts.build.stages[at.facts.build.product or 0].image.span),
    },
    main="place",
)  # fmt: skip
