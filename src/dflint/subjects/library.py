"""Subject `library`: each shared library of the system that a Python package of the product needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from msgspec import Struct

from dflint.image.state import Package, PythonPlace
from dflint.knowledge import load
from dflint.model import Step, resolve
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Subject
from dflint.subjects.command import step_commands
from dflint.subjects.common import BASE, STAGE
from dflint.subjects.install import InstallPlace, as_install, install_places
from dflint.subjects.modelled import images, span_of, stage_of

SYSTEM_MANAGERS = {"debian": "apt", "ubuntu": "apt", "alpine": "apk"}
FOLLOWED = ("python", "pip", "venv", "virtualenv", "uv", "poetry", "pipenv", "pdm", "npm", "yarn")


class LibraryPlace(Struct, frozen=True):
    """A package of the product and the library that it needs; `data` is what `knowledge/` says."""

    facts: Facts
    place: PythonPlace
    package: Package
    data: Mapping[str, Any]

    @property
    def stage(self) -> object:
        """The product's stage."""
        return self.facts.build.stages[self.facts.build.product or 0]


def library_places(facts: Facts) -> Iterator[LibraryPlace]:
    """The packages of the product that need a library of the system."""
    if facts.build.product is None or not _mentioned(facts):
        return
    product = images(facts).product
    known = load("libraries")["packages"]
    for place in () if product is None else product.places:
        for name, package in place.packages.items():
            if name in known and known[name].get("also") not in place.packages:
                yield LibraryPlace(facts, place, package, known[name])


def _mentioned(facts: Facts) -> bool:
    """Whether Python packages are installed at all: the image model costs more than this question."""
    managers = load("installs")["python"]
    return any(at.manager in managers for at in install_places(facts))


def _distribution(at: LibraryPlace) -> str | None:
    """debian or alpine, after which the package's data is arranged."""
    base = at.facts.build.stages[at.facts.build.product or 0].base
    found = None if base is None else base.distribution
    return "debian" if found == "ubuntu" else found


def _patterns(at: LibraryPlace) -> tuple[str, ...] | None:
    """The distribution's packages that bring the library; None where nothing is known."""
    found = at.data.get(_distribution(at) or "")
    return None if found is None else tuple(found)


def found(at: LibraryPlace) -> object:
    """Whether the library is `there` or `missing` in the product; `UNKNOWN` when unsure."""
    patterns = _patterns(at)
    base = at.facts.build.stages[at.facts.build.product or 0].base
    if patterns is None or base is None:
        return UNKNOWN
    variants = load("libraries")["bases"].get(base.family, ())
    if variants != "any" and base.variant not in variants:
        return UNKNOWN
    installed = system_packages(at.facts)
    bring = re.compile("|".join(f"(?:{each})" for each in patterns))
    if any(bring.fullmatch(name) for name in installed.names):
        return "there"
    if not installed.complete or not all(_plain().match(name) for name in installed.names):
        return UNKNOWN
    return "missing"


@cache
def _plain() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in load("libraries")["plain"]))


class Installed(Struct, frozen=True):
    """The distribution's packages that commands install; `complete`: nothing else brings any."""

    names: frozenset[str]
    complete: bool


@lru_cache(maxsize=2)
def system_packages(facts: Facts) -> Installed:
    """What the product's layers install from the distribution."""
    names: set[str] = set()
    complete = True
    for index in sorted(facts.build.layers):
        stage = facts.build.stages[index]
        for step in stage.steps:
            if step.keyword in ("COPY", "ADD"):
                complete = complete and not _into_libraries(step)
            if step.keyword != "RUN":
                continue
            complete = complete and not facts.scripts[step].broken
            for at in step_commands(facts, stage, step):
                found = as_install(at)
                if found is not None and found.manager in SYSTEM_MANAGERS.values():
                    names |= {each.name for each in found.packages if each.kind == "name"}
                    complete = complete and _all_named(found)
                elif not _followed(at.command.tool):
                    complete = False
    return Installed(frozenset(names), complete)


def _all_named(at: InstallPlace) -> bool:
    return all(each.kind == "name" for each in at.packages)


@cache
def _harmless() -> frozenset[str]:
    starts = load("starts")
    names = {*starts["innocent"].split(), *starts["file-tools"].split(), *FOLLOWED}
    return frozenset(names - set(load("libraries")["installers"].split()))


def _followed(tool: str) -> bool:
    return tool in _harmless()


def _into_libraries(step: Step) -> bool:
    """Whether a COPY may bring libraries: from a stage or as files, to where the linker looks."""
    last = step.words[-1] if step.words else None
    target = None if last is None or not last.known else resolve(step.workdir.value, last.value)
    if target is None:
        return True
    folders = load("libraries")["folders"]
    below = target.startswith(("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/usr/local/lib/"))
    if below and re.search(r"python[\d.]+", target):
        return False
    return below or target in folders


def _package_to_install(at: LibraryPlace) -> object:
    patterns = _patterns(at)
    return UNKNOWN if not patterns else patterns[0]


def _command(at: LibraryPlace) -> str:
    return "apk add" if _distribution(at) == "alpine" else "apt-get install"


def _span(at: LibraryPlace) -> Span:
    product = at.facts.build.stages[at.facts.build.product or 0]
    return span_of(at.package.placed) or span_of(at.package.origin) or product.image.span


def _installed_span(at: LibraryPlace) -> Span | None:
    return span_of(at.package.origin) if at.package.placed is not None else None


LIBRARY = Subject(
    name="library",
    about="A shared library of the system that a Python package of the product needs.",
    each=library_places,
    attributes={
        **STAGE,
        **BASE,
        "package": Attribute("text", "The Python package.", lambda at: at.package.name),
        "library": Attribute("text", "The library's file name.", lambda at: at.data["library"]),
        "how": Attribute("text", "Why the package does not bring it: sdist (built against it), wheel (left out of it) or loaded (opened on import).", lambda at: at.data["how"]),
        "found": Attribute("text", "Whether the library is `there` or `missing` in the product.", found),
        "also": Attribute("text", "A package of PyPI that does the same without the library.", lambda at: at.data.get("also")),
        "install": Attribute("text", "The distribution's package that brings the library.", _package_to_install),
        "install.command": Attribute("text", "The distribution's command for installing.", _command),
        "copied": Attribute("flag", "Whether a COPY put the package there.", lambda at: at.package.placed is not None),
        "installed.stage": Attribute("text", "The stage that installs the package.", lambda at: stage_of(at.facts, at.package.origin)),
    },
    parts={
        "package": Part("The COPY that brings the package, else the command that installs it.", _span),
        "installed": Part("The command that installs a package that a COPY brings.", _installed_span),
        "base": Part("The image that the product's FROM names.", lambda at: at.facts.build.stages[at.facts.build.product or 0].image.span),
    },
    main="package",
)  # fmt: skip
