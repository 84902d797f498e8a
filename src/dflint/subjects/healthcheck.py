"""Subject `healthcheck`: the program that the product's HEALTHCHECK runs first."""

from __future__ import annotations

from collections.abc import Iterator

from dflint.lazy import regex
from dflint.model import Stage, Step
from dflint.scripts import read_script
from dflint.shell import Command, Script
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Place, Subject
from dflint.subjects.common import STEP, STEP_FAMILIES, STEP_PARTS, one_line
from dflint.subjects.programs import bottom, certainly_missing

ADDRESS = regex(r"https?://[^\s'\"$`\\]+")
# What stands after `||` when a check has failed, and is no other way of checking.
GIVING_UP = frozenset({"exit", "false", "kill", "echo", "return"})


class HealthcheckPlace(Place, frozen=True):
    """A command of the HEALTHCHECK that certainly runs, first or after others."""

    script: Script
    command: Command


def healthcheck_places(facts: Facts) -> Iterator[HealthcheckPlace]:
    """The commands of the product's HEALTHCHECK that its answer depends on."""
    found = in_force(facts)
    if found is None:
        return
    stage, step = found
    script = read_script(facts.build.source, step)
    if script.broken or any(_other_way(command) for command in script.commands):
        return
    for command in script.commands:
        if not command.guarded and not command.substituted and command.connector in ("", "&&", "|"):
            yield HealthcheckPlace(facts, stage, step, script, command)


def in_force(facts: Facts) -> tuple[Stage, Step] | None:
    """The product's last HEALTHCHECK, also one of a stage that it stands on."""
    found = None
    for index in sorted(facts.build.layers):
        stage = facts.build.stages[index]
        for step in stage.steps:
            if step.keyword == "HEALTHCHECK" and not step.onbuild:
                found = (stage, step)
    return found


def _other_way(command: Command) -> bool:
    """Whether it is tried when what stands before it fails."""
    return command.connector == "||" and command.tool not in GIVING_UP


def missing(at: HealthcheckPlace) -> object:
    """Whether the product certainly lacks the program."""
    if "/" in at.command.program:
        return UNKNOWN
    return certainly_missing(at.facts, at.command.program)


def address(at: HealthcheckPlace) -> str | None:
    """The first word of the command that is a whole address, plain enough to stand in quotes."""
    words = (word.value for word in at.command.words if word.known)
    return next((text for text in words if ADDRESS.fullmatch(text)), None)


HEALTHCHECK = Subject(
    name="healthcheck",
    about="A command that the product's HEALTHCHECK runs for certain.",
    each=healthcheck_places,
    attributes={
        **STEP,
        "program": Attribute("text", "The program as written.", lambda at: at.command.program),
        "program.missing": Attribute("flag", "Whether the product certainly lacks it.", missing),
        "tool": Attribute("text", "The program's canonical name.", lambda at: at.command.tool),
        "text": Attribute("text", "The HEALTHCHECK as written, on one line.", lambda at: one_line(at.facts.build.source, at.step.instruction.span)),
        "address": Attribute("text", "The address that the command asks, where it is known.", address),
        "base": Attribute("text", "The base image of the product as written.", lambda at: bottom(at.facts).image.text),
    },
    parts={
        **STEP_PARTS,
        "program": Part("The program.", lambda at: at.command.program_span),
        "command": Part("The command.", lambda at: at.command.span),
        "product-base": Part("The base image of the product.", lambda at: bottom(at.facts).image.span),
    },
    main="program",
    families=STEP_FAMILIES,
    index="tool",
)  # fmt: skip
