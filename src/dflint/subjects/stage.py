"""Subject `stage`: each build stage as a whole, and the state that it ends in."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Build, Stage, Step, Use
from dflint.reader import STAGE_NAME
from dflint.source import Span
from dflint.subjects.accounts import ready_user, ready_user_written
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Place, Subject
from dflint.subjects.command import step_commands
from dflint.subjects.common import BASE, STAGE, base_fact, is_root, one_line, or_unknown
from dflint.subjects.copy import destination, whole_root
from dflint.subjects.dropping import dropped_by_scripts
from dflint.subjects.install import as_install
from dflint.subjects.mending import product_start
from dflint.subjects.start import cmd_text, effective_start, started_places, starts_shell

VARIABLE = regex(r"\$\{[^}]*\}|\$\w+")


class StagePlace(Struct, frozen=True):
    """A stage."""

    facts: Facts
    stage: Stage


def stage_places(facts: Facts) -> Iterator[StagePlace]:
    """All stages."""
    return (StagePlace(facts, stage) for stage in facts.build.stages)


def chain(facts: Facts, stage: Stage) -> list[Stage]:
    """The stage and those that it stands on, the lowest first."""
    found = [stage]
    while found[-1].parent is not None:
        found.append(facts.build.stages[found[-1].parent])
    return found[::-1]


def last_step(at: StagePlace, *keywords: str) -> Step | None:
    """The last instruction of these keywords in the stage and those it stands on."""
    for stage in reversed(chain(at.facts, at.stage)):
        for step in reversed(stage.steps):
            if step.keyword in keywords and not step.onbuild:
                return step
    return None


def droppers(at: StagePlace) -> tuple[str, ...]:
    """The programs for dropping root, such as gosu, that the stage or a script that it starts mentions."""
    source = at.facts.build.source
    text = " ".join(
        source.slice(step.instruction.span)
        for stage in chain(at.facts, at.stage)
        for step in stage.steps
        if step.keyword in ("RUN", "COPY", "ADD", "CMD", "ENTRYPOINT", "ENV", "ARG")
    )
    found = tuple(name for name in load("installs")["privilege-droppers"] if name in text)
    if found or at.stage.index != at.facts.build.product:
        return found
    return dropped_by_scripts(at.facts)


def used_by_others(at: StagePlace) -> object:
    """Whether any other stage stands on it or copies from it, also one further up.

    `UNKNOWN` when a name with variables may turn out to be this stage's.
    """
    used, unsure = _used(at.facts.build)
    if at.stage.index in used:
        return True
    own = at.stage.index
    may = any(index != own and _may_mean(text, at.stage) for index, text in unsure)
    return UNKNOWN if may else False


@lru_cache(maxsize=2)
def _used(build: Build) -> tuple[frozenset[int], tuple[tuple[int, str], ...]]:
    """The stages that others use, and the names with variables by which stages use something."""
    used: set[int] = set()
    unsure: dict[tuple[int, str], None] = {}
    for stage in build.stages:
        used |= {
            each for each in (stage.parent, *(use.stage for use in stage.uses)) if each is not None
        } - {stage.index}
        for text in (stage.image.text, *(use.text for use in stage.uses)):
            if "$" in text:
                unsure[stage.index, text] = None
    return frozenset(used), tuple(unsure)


def other_unused(at: StagePlace) -> bool:
    """Whether other stages, too, are in nobody's use: then they are targets, by the look."""
    build = at.facts.build
    return any(
        used_by_others(StagePlace(at.facts, stage)) is not True
        for stage in build.stages
        if stage.index not in build.reachable and stage.index != at.stage.index
    )


def _may_mean(text: str, stage: Stage) -> bool:
    """Whether a name with variables fits the stage's name, whatever the variables hold."""
    if stage.name is None:
        return False
    name = stage.name.lower()
    first, *pieces = VARIABLE.split(text.lower())
    last = pieces.pop() if pieces else ""
    if not (name.startswith(first) and name.endswith(last)):
        return False
    at, end = len(first), len(name) - len(last)
    for piece in pieces:  # no regular expression: `$A$B$C…` would take it for ever
        found = name.find(piece, at, end)
        if found == -1:
            return False
        at = found + len(piece)
    return at <= end and (bool(VARIABLE.search(text)) or name == first)


def installs_python(at: StagePlace) -> bool:
    """Whether a command of the stage, or of those it stands on, installs Python packages."""
    return any(
        found.manager in load("installs")["python"]
        for stage in chain(at.facts, at.stage)
        for step in stage.steps
        for command in step_commands(at.facts, stage, step)
        if (found := as_install(command)) is not None
    )


def _user_span(at: StagePlace) -> Span | None:
    return at.stage.user.span


def _has(at: StagePlace, *keywords: str) -> bool:
    return last_step(at, *keywords) is not None


def tells_usage(at: StagePlace) -> bool:
    """Whether CMD hands the entrypoint nothing but the question for its usage."""
    entry, _ = effective_start(at.facts)
    text = cmd_text(at.facts)
    asked = text is not None and text.rpartition(" ")[2] in load("starts")["usage"]
    return asked and (entry is not None or text not in load("starts")["usage"])


def started(at: StagePlace) -> tuple[str, ...]:
    """The programs that the product starts, and what CMD hands to an entrypoint of any name."""
    tools = [place.command.tool for place in started_places(at.facts)]
    _, cmd = effective_start(at.facts)
    words = None if cmd is None else cmd[1].instruction.json
    handed = [posixpath.basename(words[0].value)] if words else []
    return tuple(dict.fromkeys((*tools, *handed)))


def _start_span(at: StagePlace) -> Span | None:
    step = last_step(at, "ENTRYPOINT") or last_step(at, "CMD")
    return None if step is None else step.instruction.span


STAGE_SUBJECT = Subject(
    name="stage",
    about="A build stage as a whole, with the state that it ends in.",
    each=stage_places,
    attributes={
        **STAGE,
        **BASE,
        "user": Attribute("text", "The user that the stage ends as.", lambda at: or_unknown(at.stage.user.value)),
        "user.set": Attribute("flag", "Whether a USER instruction set that user.", lambda at: at.stage.user.span is not None),
        "user.root": Attribute("flag", "Whether that user is root.", lambda at: is_root(at.stage.user)),
        "ready-user": Attribute("text", "A user besides root that the product has for its application: made by its commands, or the base image's.", lambda at: ready_user(at.facts, at.stage)),
        "ready-user.written": Attribute("text", "What USER would say for that user: its number where that is known.", lambda at: ready_user_written(at.facts, at.stage)),
        "privilege-droppers": Attribute("list", "Programs for dropping root (gosu, …) that it mentions, or that a script which it starts uses.", droppers),
        "used": Attribute("flag", "Whether another stage stands on it or copies from it.", used_by_others),
        "others-unused": Attribute("flag", "Whether nothing uses some other stage either.", other_unused),
        "product-last": Attribute("flag", "Whether the product is the file's last stage.", lambda at: at.facts.build.product == len(at.facts.build.stages) - 1),
        "starts": Attribute("flag", "Whether it has a CMD or ENTRYPOINT of its own or inherits one.", lambda at: _has(at, "CMD", "ENTRYPOINT")),
        "started": Attribute("list", "The programs that the product starts, and the one that a list after CMD begins with.", started),
        "starts-shell": Attribute("flag", "Whether the product starts nothing but a shell or interpreter to type into.", lambda at: starts_shell(at.facts)),
        "tells-usage": Attribute("flag", "Whether all that CMD asks for is the program's usage: `--help`.", tells_usage),
        "healthcheck": Attribute("flag", "Whether it has a HEALTHCHECK of its own or inherits one.", lambda at: _has(at, "HEALTHCHECK")),
        "installs-python": Attribute("flag", "Whether it installs Python packages.", installs_python),
        "from-scratch": Attribute("flag", "Whether it stands on scratch.", lambda at: at.stage.base is not None and at.stage.base.family == "scratch"),
        "bottom-image": Attribute("text", "The image below all stages that it stands on, arguments' defaults put in.", lambda at: chain(at.facts, at.stage)[0].image.value),
        "image": Attribute("text", "The image that FROM names, as written.", lambda at: at.stage.image.text),
    },
    parts={
        "from": Part("The stage's FROM instruction.", lambda at: at.stage.start.span),
        "base": Part("The image that FROM names.", lambda at: at.stage.image.span),
        "bottom-image": Part("The image below all stages that it stands on.", lambda at: chain(at.facts, at.stage)[0].image.span),
        "name": Part("The stage's name.", lambda at: at.stage.name_span),
        "user": Part("The USER instruction in force at its end.", _user_span),
        "start": Part("Its last ENTRYPOINT, or else its last CMD.", _start_span),
        "product-start": Part("The place before the product's own first CMD or ENTRYPOINT.", lambda at: product_start(at.facts)),
        "user-or-from": Part("The USER instruction in force, or FROM without one.", lambda at: at.stage.user.span or at.stage.start.span),
    },
    main="from",
)  # fmt: skip


class UsePlace(Place, frozen=True):
    """One stage's use of another stage or image by `COPY --from` or `--mount=from=`."""

    use: Use


def use_places(facts: Facts) -> Iterator[UsePlace]:
    """Every COPY --from, ADD --from and RUN --mount=from=."""
    for stage in facts.build.stages:
        for step in stage.steps:
            for use in step.uses:
                yield UsePlace(facts, stage, step, use)


def names(at: UsePlace) -> object:
    """What the name stands for: stage, itself, later, no-such-number, variable or image.

    `UNKNOWN` for a variable in a mount, where newer builders put its value in. That COPY does not is
    said by BuildKit: "variable expansion is not supported for --from".
    """
    text = at.use.text
    if "$" in text:
        return "variable" if at.use.kind == "copy" else UNKNOWN
    if at.use.stage is None:
        return "no-such-number" if text.isdecimal() else "image"
    if at.use.stage == at.stage.index:
        return "itself"
    return "later" if at.use.stage > at.stage.index else "stage"


def used_system(at: UsePlace) -> object:
    """Whether the used stage holds a distribution's file system; `UNKNOWN` when its base is unknown."""
    if at.use.stage is None:
        return UNKNOWN
    return holds_system(at.facts.build.stages[at.use.stage])


def holds_system(stage: Stage) -> object:
    """Whether a stage holds a distribution's file system: one from scratch does not."""
    family = base_fact(stage, "family")
    return UNKNOWN if family is UNKNOWN else family != "scratch"


def near_stage(at: UsePlace) -> str | None:
    """The earlier stage whose name is so near that a slip of the pen is likely."""
    from dflint.nearest import nearest

    text = at.use.text
    if at.use.stage is not None or any(char in text for char in ":/@.$") or len(text) < 4:
        return None
    names = (stage.name for stage in at.facts.build.stages[: at.stage.index])
    earlier = [name for name in names if name and STAGE_NAME.fullmatch(name)]
    return nearest(text, earlier)


def _later_name(at: UsePlace) -> Span | None:
    text = at.use.text.lower()
    if text.isdecimal():
        stages = at.facts.build.stages
        return stages[int(text)].start.span if int(text) < len(stages) else None
    for stage in at.facts.build.stages[at.stage.index :]:
        if stage.name is not None and stage.name.lower() == text:
            return stage.name_span
    return None


def _near_name(at: UsePlace) -> Span | None:
    name = near_stage(at)
    return next(
        (stage.name_span for stage in at.facts.build.stages if name and stage.name == name), None
    )


USE = Subject(
    name="stage-use",
    about="A `COPY --from` or `RUN --mount=from=`: the use of another stage or image.",
    each=use_places,
    attributes={
        **STAGE,
        "keyword": Attribute("text", "The instruction's name.", lambda at: at.step.keyword),
        "name": Attribute("text", "The name as written.", lambda at: at.use.text),
        "text": Attribute("text", "The instruction as written, on one line.", lambda at: one_line(at.facts.build.source, at.step.instruction.span)),
        "names": Attribute("text", "What it names: stage, itself, later, no-such-number, variable or image.", names),
        "whole-root": Attribute("flag", "Whether COPY takes the whole file system.", lambda at: at.use.kind == "copy" and len(at.step.words) > 1 and whole_root(at)),
        "destination": Attribute("text", "Where COPY puts it, as an absolute path.", lambda at: or_unknown(destination(at)) if at.use.kind == "copy" and at.step.words else None),
        "used.system": Attribute("flag", "Whether the used stage stands on a distribution.", used_system),
        "onto-system": Attribute("flag", "Whether the using stage stands on a distribution.", lambda at: holds_system(at.stage)),
        "near": Attribute("text", "The earlier stage with nearly the same name.", near_stage),
    },
    parts={
        "name": Part("The name.", lambda at: at.use.span),
        "instruction": Part("The whole instruction.", lambda at: at.step.instruction.span),
        "later": Part("The later stage of that name.", _later_name),
        "near": Part("The earlier stage with nearly the same name.", _near_name),
    },
    main="name",
)  # fmt: skip

SUBJECTS: Mapping[str, Subject] = {each.name: each for each in (STAGE_SUBJECT, USE)}
