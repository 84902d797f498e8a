"""Subject `resolved-start`: what the container starts, looked up in the image as Docker would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dflint.image.state import Missing, Package, ResolvedStart
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Family, Part, Place, Subject
from dflint.subjects.command import option_names
from dflint.subjects.common import STEP, STEP_PARTS, one_line, or_unknown
from dflint.subjects.modelled import images, in_words, span_of, stage_of


@dataclass(frozen=True, slots=True)
class ResolvedStartPlace(Place):
    """The product's start, as the image model sees it."""

    start: ResolvedStart


def resolved_start_places(facts: Facts) -> Iterator[ResolvedStartPlace]:
    """The product's start; nothing where neither CMD nor ENTRYPOINT says what it is."""
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
        "missing.kind": Attribute("text", "program, interpreter, shell, module or file.", lambda at: None if (found := _missing(at)) is None else found.kind),
        "missing.of": Attribute("text", "The script whose interpreter, or the link whose target, is missing.", lambda at: None if (found := _missing(at)) is None else found.of),
        "package": Attribute("text", "The Python package that brings the program or module.", lambda at: at.start.package_name),
        "package.stage": Attribute("text", "The stage that installs that package.", lambda at: None if (found := _package(at)) is None else stage_of(at.facts, found.origin)),
        "package.in-product": Attribute("flag", "Whether that package lies in the product.", lambda at: or_unknown(at.start.package_there)),
        "start.user": Attribute("text", "The user that it runs as.", lambda at: or_unknown(at.start.user)),
        "start.workdir": Attribute("text", "The folder that it starts in.", lambda at: or_unknown(at.start.workdir)),
        "script": Attribute("text", "The entrypoint script in the build context that was read.", lambda at: None if at.start.script is None else at.start.script.source),
    },
    parts={
        **STEP_PARTS,
        "program": Part("The program's name.", _program_span),
        "missing": Part("The word that names what is missing.", lambda at: None if (found := _missing(at)) is None else found.span),
        "cause": Part("What took the missing thing away or left it behind.", lambda at: None if (found := _missing(at)) is None else span_of(found.origin)),
        "package": Part("The command that installs the package.", lambda at: None if (found := _package(at)) is None else span_of(found.origin)),
    },
    main="program",
    families={
        "env": Family("text", "A variable that the program sees.", variable),
        "option": Family("text", "An option's value.", option_value),
    },
)  # fmt: skip
