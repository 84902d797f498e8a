"""Subject `resolved-start`: what the container starts, looked up in the image as Docker would."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dflint.image.files import Entry, NotThere, There
from dflint.image.pypi import normalized, package_of, read_text
from dflint.image.start import unreachable
from dflint.image.state import Missing, Package, PythonPlace, ResolvedStart, StageCopy
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage
from dflint.paths import covers
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Family, Part, Place, Subject
from dflint.subjects.command import command_places, option_names, removed_by, spoken
from dflint.subjects.common import STEP, STEP_PARTS, one_line, or_unknown
from dflint.subjects.copy import true_context
from dflint.subjects.left_behind import install_uses, left_behind, needed, product_empty
from dflint.subjects.modelled import images, in_words, span_of, stage_of
from dflint.subjects.start import effective_start


class ResolvedStartPlace(Place, frozen=True):
    """The product's start, as the image model sees it."""

    start: ResolvedStart


def resolved_start_places(facts: Facts) -> Iterator[ResolvedStartPlace]:
    """The product's start; nothing where neither CMD nor ENTRYPOINT says what it is."""
    if effective_start(facts) == (None, None):
        return
    start = images(facts).start
    if start is not None:
        yield ResolvedStartPlace(facts, start.stage, start.step, start)


def _missing(at: ResolvedStartPlace) -> Missing | None:
    return at.start.missing[0] if at.start.missing else None


def _state(at: ResolvedStartPlace) -> object:
    if at.start.missing:
        return "missing"
    return "there" if at.start.sound else UNKNOWN


def _package(at: ResolvedStartPlace) -> Package | None:
    return at.start.package


def _product(at: ResolvedStartPlace) -> Stage:
    return at.facts.build.stages[at.facts.build.product or 0]


def elsewhere(at: ResolvedStartPlace) -> tuple[str, Entry] | None:
    """The folder of the product, off the PATH, that a missing program lies in."""
    missing, product = _missing(at), images(at.facts).product
    if missing is None or missing.kind != "program" or "/" in missing.name or product is None:
        return None
    for place in product.places:
        folder = posixpath.join(place.prefix, "bin")
        found = product.files.lookup(posixpath.join(folder, missing.name))
        if isinstance(found, There):
            return folder, found.entry
    return None


def installed_for(at: ResolvedStartPlace) -> str | None:
    """The folder without a Python that an installed script names; None where its venv tells more."""
    missing, found = _missing(at), at.start.found
    if missing is None or missing.kind != "interpreter" or not isinstance(found, There):
        return None
    if found.entry.origin.kind != "command" or _of_venv(at, found.path):
        return None
    name = posixpath.basename(missing.name)
    return posixpath.dirname(missing.name) if name.startswith("python") else None


def leads_to(at: ResolvedStartPlace) -> str | None:
    """Where the program, a link, leads to without anything being there; None as above."""
    missing, found = _missing(at), at.start.found
    if missing is None or missing.kind != "interpreter" or not isinstance(found, NotThere):
        return None
    return None if found.link is None or _of_venv(at, found.link) else found.path


def _of_venv(at: ResolvedStartPlace, program: str) -> bool:
    """Whether a program lies in a virtual environment of the product that is all there."""
    product = images(at.facts).product
    venvs = [place for place in product.places if place.kind == "venv"] if product else []
    return any(posixpath.dirname(program) == posixpath.join(each.prefix, "bin") for each in venvs)


def _base_span(at: ResolvedStartPlace) -> Span | None:
    build = at.facts.build
    return build.stages[min(build.layers)].image.span


def _script_placed(at: ResolvedStartPlace) -> Span | None:
    found = at.start.found
    return span_of(found.entry.placed) if isinstance(found, There) else None


def read_as_file(at: ResolvedStartPlace) -> str | None:
    """What CMD has Python read, where the base image's ENTRYPOINT is Python and this is no Python.

    Docker puts the ENTRYPOINT of the base image before CMD; one set beside CMD takes its place.
    """
    entry, cmd = effective_start(at.facts)
    if entry is not None or cmd is None or not _python_is_entrypoint(at):
        return None
    words = cmd[1].instruction.json
    if words is None:
        return cmd[1].shell.words[0] if cmd[1].shell.words else None
    name = words[0].value if words else ""
    base = posixpath.basename(name)
    if base.rstrip("0123456789.") == "python":
        return name  # a program, which is no text
    if "/" in name or base.startswith("-") or package_of(name) is None:
        return None
    product, folder = images(at.facts).product, at.start.workdir
    here = None if product is None or folder is None else posixpath.join(folder, name)
    found = product.files.lookup(here) if product is not None and here is not None else None
    return None if isinstance(found, There) else name


def _python_is_entrypoint(at: ResolvedStartPlace) -> bool:
    build = at.facts.build
    images_ = [build.stages[index].image_name for index in build.layers]
    name = next((each for each in images_ if each is not None), None)
    if name is None or "debug" in (name.tag or ""):
        return False
    known = tuple(load("starts")["python-entrypoints"])
    return f"{name.registry}/{name.repository}".startswith(known)


def barred(at: ResolvedStartPlace) -> str | None:
    """The folder that the user may not enter and below which alone the program may lie.

    What lies there need not be known: no other folder of the PATH has the program.
    """
    missing, product = _missing(at), images(at.facts).product
    if missing is not None:
        return missing.of if missing.kind == "barred" else None
    name = at.start.program
    if product is None or not name or "/" in name or not at.start.searched:
        return None
    if not product.path_complete or isinstance(at.start.found, There) or "$" in name:
        return None
    found: str | None = None
    for folder in at.start.searched:
        path = posixpath.join(folder, name)
        if isinstance(product.files.lookup(path), NotThere):
            continue
        shut = unreachable(product, path)
        if shut is None:
            return None
        found = found or shut
    return found


def _put_into(at: ResolvedStartPlace) -> Span | None:
    """The first COPY that puts something below the folder that the user may not enter."""
    folder, product = barred(at), images(at.facts).product
    if folder is None or product is None:
        return None
    spans = [span_of(each.placed) for _, each in product.files.walk(folder)]
    return min((each for each in spans if each is not None), default=None)


def modules_copied(at: ResolvedStartPlace) -> StageCopy | None:
    """The COPY that brings the modules of a stage's Python, and none of its programs."""
    layers = at.facts.build.layers
    copies = [each for each in images(at.facts).stage_copies if each.stage.index in layers]
    for copy in copies:
        place = next((each for each in copy.places if each.kind in ("system", "prefix")), None)
        if place is None or copy.source is None:
            continue
        programs = posixpath.join(place.prefix, "bin")
        paths = [each.path or "/" for each in copies if each.source == copy.source]
        if not any(covers([path], programs) or covers([programs], path) for path in paths):
            return copy
    return None


def _modules_stage(at: ResolvedStartPlace) -> str | None:
    copy = modules_copied(at)
    if copy is None or copy.source is None:
        return None
    return at.facts.build.stages[copy.source].label


def _modules_span(at: ResolvedStartPlace) -> Span | None:
    copy = modules_copied(at)
    return None if copy is None else copy.word.span


def _elsewhere_span(at: ResolvedStartPlace) -> Span | None:
    found = elsewhere(at)
    return None if found is None else span_of(found[1].placed) or span_of(found[1].origin)


def cached(at: ResolvedStartPlace) -> bool:
    """Whether what is missing was made under a cache mount, which is no part of the image."""
    missing = _missing(at)
    if missing is None:
        return False
    wanted = [missing.name] if "/" in missing.name else [f"{each}/x" for each in at.start.searched]
    targets = [
        mount.target
        for index in at.facts.build.layers
        for step in at.facts.build.stages[index].steps
        for mount in step.mounts
        if mount.kind == "cache" and mount.target is not None
    ]
    return any(covers(targets, path) for path in wanted)


# What may change, in a shell, where programs are looked for or what is started.
CHANGES = regex(
    r"(?:^|[;&|(\s\"'])(?:\.|source|eval)\s|\bPATH=|activate|\bset --|\bconda\b|\bnvm\b"
)


def changes_path(at: ResolvedStartPlace) -> bool:
    """Whether the start's shell, or the entrypoint script that was read, may change its PATH."""
    text = one_line(at.facts.build.source, at.start.span)
    source = None if at.start.script is None else at.start.script.source
    context = true_context(at.facts)
    if source is not None and context is not None:
        text += "\n" + (read_text(context, source) or "")
    return CHANGES.search(text) is not None


def packages_left(at: ResolvedStartPlace) -> bool:
    """Whether all packages of a stage certainly stay behind that the start needs."""
    return any(
        needed(each) is True and product_empty(each) is True and install_uses(each) is False
        for each in left_behind(at.facts)
    )


def _package_elsewhere(at: ResolvedStartPlace) -> tuple[str, PythonPlace] | None:
    """The stage, no part of the product, in which the missing program is installed."""
    missing, build = _missing(at), at.facts.build
    if missing is None or missing.kind not in ("program", "module") or "/" in missing.name:
        return None
    for index in sorted(build.reachable - build.layers):
        for place in images(at.facts)[index].places:
            if missing.name in place.scripts:
                return build.stages[index].label, place
    return None


def _package_elsewhere_span(at: ResolvedStartPlace) -> Span | None:
    missing, found = _missing(at), _package_elsewhere(at)
    if missing is None or found is None:
        return None
    package = found[1].packages.get(found[1].scripts[missing.name])
    return span_of(found[1].made if package is None else package.origin)


def removal(at: ResolvedStartPlace) -> Span | None:
    """The command of the product that takes the missing program away."""
    missing, name = _missing(at), at.start.package_name
    if missing is None or missing.kind != "program":
        return None
    paths = [missing.name] if "/" in missing.name else []
    paths += [posixpath.join(each, missing.name) for each in at.start.searched if not paths]
    for place in command_places(at.facts):
        if place.stage.index not in at.facts.build.layers:
            continue
        words = {normalized(word.value) for word in place.command.arguments}
        if spoken(place.command) == "pip uninstall" and name in words:
            return place.command.span
        gone = [each for each in removed_by(place.command, place.step) if each != "/"]
        if any(covers(gone, path) for path in paths) and not place.command.guarded:
            return place.command.span
    return None


def _package_placed(at: ResolvedStartPlace) -> Span | None:
    product, name = images(at.facts).product, at.start.package_name
    for place in () if product is None else product.places:
        if name is not None and name in place.packages:
            return span_of(place.packages[name].placed)
    return None


def option_value(at: ResolvedStartPlace, name: str) -> object:
    """The value of an option; None without it, an empty text without a value."""
    command = at.start.command
    if command is None:
        return UNKNOWN
    for option in reversed(command.options):
        if option.name.lstrip("-") == name:
            if option.value is None:
                return ""
            return option.value.value if option.value.known else UNKNOWN
    return None


def variable(at: ResolvedStartPlace, name: str) -> object:
    """A variable as the started program sees it: its own before the image's; ARGs are gone."""
    for key, word in reversed(at.start.command.environment if at.start.command else ()):
        if key == name:
            return word.value if word.known else UNKNOWN
    product = at.facts.build.stages[at.facts.build.product or 0]
    found = product.environment.get(name)
    if found is None:
        return None if product.base is not None else UNKNOWN
    return None if found.kind == "arg" else or_unknown(found.value)


def _of_command(at: ResolvedStartPlace, name: str) -> object:
    return UNKNOWN if at.start.command is None else getattr(at.start.command, name)


def _program_span(at: ResolvedStartPlace) -> Span:
    command = at.start.command
    return at.start.span if command is None else command.program_span


RESOLVED_START = Subject(
    name="resolved-start",
    about="What the product's container starts, looked up on its PATH, as its user.",
    each=resolved_start_places,
    attributes={
        **STEP,
        "text": Attribute("text", "The CMD or ENTRYPOINT as written, on one line.", lambda at: one_line(at.facts.build.source, at.start.span)),
        "program": Attribute("text", "The program that runs in the end, as written.", lambda at: or_unknown(at.start.program)),
        "tool": Attribute("text", "Its canonical name.", lambda at: _of_command(at, "tool")),
        "action": Attribute("text", "The sub-command.", lambda at: _of_command(at, "action")),
        "module": Attribute("text", "The module of `python -m`.", lambda at: at.start.module),
        "shell-form": Attribute("flag", "Whether a shell runs it.", lambda at: at.start.shell_form),
        "through": Attribute("list", "What carries the program: sh, exec, tini, python, uv, …", lambda at: at.start.through),
        "options": Attribute("list", "The options, by their long names where they have one.", lambda at: UNKNOWN if at.start.command is None else option_names(at.start.command)),
        "arguments": Attribute("list", "The arguments.", lambda at: UNKNOWN if at.start.command is None else tuple(word.value for word in at.start.command.arguments)),
        "state": Attribute("text", "`there` where all that the start needs is there, `missing` where something is not.", _state),
        "found": Attribute("text", "Whether the program is `there` or `missing`.", lambda at: in_words(at.start.found)),
        "searched": Attribute("list", "The folders of the PATH that it was looked for in.", lambda at: at.start.searched),
        "missing": Attribute("text", "The name of the first thing that is missing.", lambda at: None if (found := _missing(at)) is None else found.name),
        "missing.kind": Attribute("text", "program, interpreter, shell, module, file, or barred: there, but in a folder that the user may not enter.", lambda at: None if (found := _missing(at)) is None else found.kind),
        "missing.of": Attribute("text", "The script whose interpreter is missing, the link that leads nowhere, or the folder that the user may not enter.", lambda at: None if (found := _missing(at)) is None else found.of),
        "ground": Attribute("flag", "Whether the product is made to be built upon: it has ONBUILD instructions.", lambda at: any(step.onbuild for index in at.facts.build.layers for step in at.facts.build.stages[index].steps)),
        "changes-path": Attribute("flag", "Whether its shell, or its script, may change the PATH.", changes_path),
        "barred": Attribute("text", "The folder that the user may not enter and below which alone the program may lie.", barred),
        "modules.stage": Attribute("text", "The stage of whose Python a COPY brings the modules without the programs.", _modules_stage),
        "missing.removed": Attribute("flag", "Whether a command of the product took it away.", lambda at: removal(at) is not None),
        "missing.cached": Attribute("flag", "Whether it was made under a cache mount, which is no part of the image.", cached),
        "installed-for": Attribute("text", "The folder, without a Python, whose Python an installed script names; not of a script in a virtual environment.", installed_for),
        "read-as-file": Attribute("text", "What Python would read as a script, because the base image's ENTRYPOINT is Python, and what is none.", read_as_file),
        "leads-to": Attribute("text", "Where the program, a link, leads to, and nothing is; not of one in a virtual environment.", leads_to),
        "elsewhere": Attribute("text", "The folder off the PATH that the missing program lies in.", lambda at: None if (found := elsewhere(at)) is None else found[0]),
        "packages.left": Attribute("flag", "Whether all packages of a stage stay behind that the start needs.", packages_left),
        "package": Attribute("text", "The Python package that brings the program or module.", lambda at: at.start.package_name),
        "package.stage": Attribute("text", "The stage that installs that package.", lambda at: None if (found := _package(at)) is None else stage_of(at.facts, found.origin)),
        "package.in-product": Attribute("flag", "Whether that package lies in the product.", lambda at: or_unknown(at.start.package_there)),
        "package.copied": Attribute("flag", "Whether a COPY put it there.", lambda at: _package_placed(at) is not None),
        "package.elsewhere": Attribute("text", "The stage, no part of the product, that installs the missing program.", lambda at: None if (found := _package_elsewhere(at)) is None else found[0]),
        "start.user": Attribute("text", "The user that it runs as.", lambda at: or_unknown(at.start.user)),
        "start.workdir": Attribute("text", "The folder that it starts in.", lambda at: or_unknown(at.start.workdir)),
        "script": Attribute("text", "The entrypoint script in the build context that was read.", lambda at: None if at.start.script is None else at.start.script.source),
    },
    parts={
        **STEP_PARTS,
        "program": Part("The program's name.", _program_span),
        "missing": Part("The word that names what is missing.", lambda at: None if (found := _missing(at)) is None else found.span),
        "cause": Part("What took the missing thing away or left it behind.", lambda at: None if (found := _missing(at)) is None else span_of(found.origin)),
        "modules": Part("The source of that COPY.", _modules_span),
        "base": Part("The product's base image.", _base_span),
        "script-placed": Part("The COPY that brings the program.", _script_placed),
        "removal": Part("The command that took the missing program away.", removal),
        "elsewhere": Part("What put the missing program where the PATH does not lead.", _elsewhere_span),
        "put-into": Part("The first COPY to below the folder that the user may not enter.", _put_into),
        "start-user": Part("The USER that it starts as.", lambda at: _product(at).user.span),
        "package-placed": Part("The COPY that brings the package.", _package_placed),
        "package-elsewhere": Part("The command that installs the missing program in another stage.", _package_elsewhere_span),
        "package": Part("The command that installs the package.", lambda at: None if (found := _package(at)) is None else span_of(found.origin)),
    },
    main="program",
    families={
        "env": Family("text", "A variable that the program sees.", variable),
        "option": Family("text", "An option's value.", option_value),
    },
)  # fmt: skip
