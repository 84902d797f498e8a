"""Subject `left-behind`: each stage that the product copies from, and whose packages stay there."""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from dflint.image.files import There
from dflint.image.pypi import read_text
from dflint.image.state import PythonPlace, ResolvedStart, StageCopy
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage
from dflint.paths import covers
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Subject
from dflint.subjects.command import step_commands
from dflint.subjects.common import STAGE, one_line
from dflint.subjects.copy import true_context
from dflint.subjects.install import (
    InstallPlace,
    as_install,
    lands,
    named,
    only_tools,
    requirement_files,
)
from dflint.subjects.modelled import images
from dflint.subjects.stage import chain

# Programs that a builder's packages are for, without the product having any need of them.
SERVERS = (
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "daphne",
    "celery",
    "flask",
    "waitress-serve",
    "streamlit",
    "granian",
)


class LeftBehindPlace(Struct, frozen=True):
    """A stage whose packages the product leaves behind, the first COPY from it, what installs."""

    facts: Facts
    stage: Stage
    copies: tuple[StageCopy, ...]
    installs: tuple[InstallPlace, ...]


def left_behind_places(facts: Facts) -> Iterator[LeftBehindPlace]:
    """The stages of which the product takes something, but no Python package."""
    return iter(left_behind(facts))


@lru_cache(maxsize=2)
def left_behind(facts: Facts) -> tuple[LeftBehindPlace, ...]:
    """As `left_behind_places`; kept, because the start is held against it too."""
    build = facts.build
    wanted = {
        use.stage
        for index in build.layers
        for use in build.stages[index].uses
        if use.kind == "copy"
    }
    found = []
    for index in sorted(each for each in wanted if each is not None):
        stage = build.stages[index]
        installs = _installs(facts, stage)
        if installs and index not in build.layers:
            copies = tuple(
                each
                for each in images(facts).stage_copies
                if each.source == index and each.stage.index in build.layers
            )
            if copies and all(_brings_nothing(each, installs) for each in copies):
                found.append(LeftBehindPlace(facts, stage, copies, installs))
    return tuple(found)


def _installs(facts: Facts, stage: Stage) -> tuple[InstallPlace, ...]:
    """What installs Python packages for the application, in the stage's own lines."""
    found = []
    for each in chain(facts, stage):
        if each.index in facts.build.layers:
            continue
        for step in each.steps:
            for at in step_commands(facts, each, step) if step.keyword == "RUN" else ():
                install = as_install(at)
                if install is None or install.manager not in load("installs")["python"]:
                    continue
                if not only_tools(install):
                    found.append(install)
    return tuple(found)


def _brings_nothing(copy: StageCopy, installs: Sequence[InstallPlace]) -> bool:
    """Whether the COPY certainly brings no modules of the places that these commands install to."""
    if copy.path is None or copy.to is None or copy.state is None or copy.brings:
        return False
    if copy.path == "/" or copy.word.glob:
        return False
    kinds = {each.kind for each in copy.state.places}
    if not all(lands(at) in (kinds & {"system", "venv", "user", "prefix"}) for at in installs):
        return False
    return not any(_touches(copy.path, each) for each in (*copy.state.places, *copy.places))


def _touches(path: str, place: PythonPlace) -> bool:
    """Whether a path is, lies above, or lies in a place's folder of modules."""
    return bool(covers([path], place.site_packages) or covers([place.site_packages], path))


def _brings_programs(at: LeftBehindPlace) -> bool:
    """Whether it takes the programs of a Python place, which are of no use without its modules."""
    return any(
        place.kind != "system" and covers([posixpath.join(place.prefix, "bin")], copy.path or "")
        for copy in at.copies
        for place in copy.places
    )


def install_uses(at: LeftBehindPlace) -> object:
    """Whether the product mounts the stage, or installs packages itself, or may do so."""
    build = at.facts.build
    for index in build.layers:
        stage = build.stages[index]
        if any(use.kind != "copy" and use.stage == at.stage.index for use in stage.uses):
            return True
        if _installs_any(at.facts, stage):
            return True
    return False


def _installs_any(facts: Facts, stage: Stage) -> bool:
    """Whether a stage may install Python packages: by a command that does, or one not known."""
    known = {*load("starts")["innocent"].split(), *load("starts")["file-tools"].split(), "python"}
    for step in stage.steps:
        if step.keyword != "RUN":
            continue
        if facts.scripts[step].broken or not step.shell.posix:
            return True
        for at in step_commands(facts, stage, step):
            found = as_install(at)
            if found is None and at.command.tool not in known:
                return True
            if found is None and at.command.tool in ("conda", "mamba", "micromamba"):
                return True
            if (
                found is not None
                and found.manager in load("installs")["python"]
                and not only_tools(found)
            ):
                return True
            if found is not None and any(
                "python" in each.name or each.name.startswith("py3") for each in found.packages
            ):
                return True
    return False


def product_empty(at: LeftBehindPlace) -> object:
    """Whether no Python place of the product holds a package that was installed."""
    product = images(at.facts).product
    if product is None or not any(each.kind == "system" for each in product.places):
        return UNKNOWN
    for place in product.places:
        if set(place.packages) - set(load("installs")["python-tools"]):
            return False
        doubt = None if place.why is None else place.why.origin
        if not place.complete and (doubt is None or doubt.kind != "base"):
            return UNKNOWN
    return True


def needed(at: LeftBehindPlace) -> object:
    """Whether the product certainly starts Python code that came from the stage, or its packages.

    So it does where it starts one of the well-known servers, or a file or module that lies in what
    it copied from there.
    """
    start = images(at.facts).start
    if start is None:
        return False
    package = start.package_name
    names = {name.lower() for each in at.installs for name in named(each)}
    whole = any(requirement_files(each) or each.manager != "pip" for each in at.installs)
    if package is not None and (package in names or (whole and package in SERVERS)):
        return True
    return _starts_code(at, start)


def _starts_code(at: LeftBehindPlace, start: ResolvedStart) -> object:
    command = start.command
    if command is None or start.script is not None:
        return UNKNOWN
    if start.module is not None:
        if start.module.partition(".")[0] in sys.stdlib_module_names:
            return False
        path = start.module.replace(".", "/")
        candidates = [f"{path}.py", path]
    elif "python" in start.through or command.tool == "python":
        words = [word for word in command.words if word.value.endswith(".py")]
        if not words or not words[0].known:
            return UNKNOWN
        candidates = [words[0].value]
    else:
        return UNKNOWN
    if _brings_programs(at):
        return True
    if start.workdir is None:
        return UNKNOWN
    paths = [posixpath.join(start.workdir, each) for each in candidates]
    targets = [each.to for each in at.copies if each.to is not None]
    if not any(covers(targets, path) for path in paths):
        return UNKNOWN
    return UNKNOWN if any(_plain(at.facts, path) for path in paths) else True


IMPORT = regex(r"^\s*(?:import|from)\s+([A-Za-z_]\w*)", re.MULTILINE)


def _plain(facts: Facts, path: str) -> bool:
    """Whether a file of the build context lies there that imports only Python's own modules."""
    product, context = images(facts).product, true_context(facts)
    found = None if product is None else product.files.lookup(path)
    if context is None or not isinstance(found, There) or found.entry.source is None:
        return False
    text = read_text(context, found.entry.source)
    return text is not None and set(IMPORT.findall(text)) <= sys.stdlib_module_names


def _install_text(at: LeftBehindPlace) -> str:
    source = at.facts.build.source
    return " ".join(source.slice(at.installs[0].command.span).split())


def _start_span(at: LeftBehindPlace) -> Span | None:
    start = images(at.facts).start
    return None if start is None else start.span


def _start_text(at: LeftBehindPlace) -> object:
    start = images(at.facts).start
    return UNKNOWN if start is None else one_line(at.facts.build.source, start.span)


LEFT_BEHIND = Subject(
    name="left-behind",
    about="A stage that the product copies from, without any of the Python packages it installs.",
    each=left_behind_places,
    attributes={
        **STAGE,
        "install": Attribute("text", "The first command that installs packages there, as written.", _install_text),
        "packages": Attribute("list", "The packages that commands there name.", lambda at: tuple(name for each in at.installs for name in named(each))),
        "lands": Attribute("list", "Where these commands install to: system, venv.", lambda at: tuple(lands(each) for each in at.installs)),
        "brings": Attribute("text", "What the product takes from there first.", lambda at: at.copies[0].path),
        "product.installs": Attribute("flag", "Whether the product may install packages itself, or mounts the stage.", install_uses),
        "product.empty": Attribute("flag", "Whether no Python of the product holds an installed package.", product_empty),
        "needed": Attribute("flag", "Whether the product starts code from that stage, or a server that it installs.", needed),
        "start": Attribute("text", "The product's CMD or ENTRYPOINT, as written.", _start_text),
    },
    parts={
        "copy": Part("The first source that the product copies from there.", lambda at: at.copies[0].word.span),
        "install": Part("The first command that installs packages there.", lambda at: at.installs[0].command.span),
        "start": Part("The product's CMD or ENTRYPOINT.", _start_span),
        "from": Part("The FROM of that stage.", lambda at: at.stage.start.span),
    },
    main="copy",
)  # fmt: skip
