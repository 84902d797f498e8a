"""Subject `stage`: each build stage as a whole, and the state that it ends in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dflint.knowledge import load
from dflint.model import Stage, Step, Use
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Subject
from dflint.subjects.command import step_commands
from dflint.subjects.common import BASE, STAGE, is_root, or_unknown
from dflint.subjects.install import as_install


@dataclass(frozen=True, slots=True)
class StagePlace:
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
    """The programs for dropping root, such as gosu, that the stage mentions anywhere."""
    source = at.facts.build.source
    text = " ".join(
        source.slice(step.instruction.span)
        for stage in chain(at.facts, at.stage)
        for step in stage.steps
        if step.keyword in ("RUN", "COPY", "ADD", "CMD", "ENTRYPOINT", "ENV", "ARG")
    )
    return tuple(name for name in load("installs")["privilege-droppers"] if name in text)


def used_by_others(at: StagePlace) -> bool:
    """Whether any other stage stands on it or copies from it."""
    return any(
        use.stage == at.stage.index
        for other in at.facts.build.stages
        if other.index != at.stage.index
        for use in other.uses
    )


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


def _start_span(at: StagePlace) -> Span | None:
    step = last_step(at, "CMD", "ENTRYPOINT")
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
        "privilege-droppers": Attribute("list", "Programs for dropping root (gosu, …) that it mentions.", droppers),
        "used": Attribute("flag", "Whether another stage stands on it or copies from it.", used_by_others),
        "starts": Attribute("flag", "Whether it has a CMD or ENTRYPOINT of its own or inherits one.", lambda at: _has(at, "CMD", "ENTRYPOINT")),
        "healthcheck": Attribute("flag", "Whether it has a HEALTHCHECK of its own or inherits one.", lambda at: _has(at, "HEALTHCHECK")),
        "installs-python": Attribute("flag", "Whether it installs Python packages.", installs_python),
        "from-scratch": Attribute("flag", "Whether it stands on scratch.", lambda at: at.stage.base is not None and at.stage.base.family == "scratch"),
        "image": Attribute("text", "The image that FROM names, as written.", lambda at: at.stage.image.text),
    },
    parts={
        "from": Part("The stage's FROM instruction.", lambda at: at.stage.start.span),
        "base": Part("The image that FROM names.", lambda at: at.stage.image.span),
        "name": Part("The stage's name.", lambda at: at.stage.name_span),
        "user": Part("The USER instruction in force at its end.", _user_span),
        "start": Part("Its last CMD or ENTRYPOINT.", _start_span),
        "user-or-from": Part("The USER instruction in force, or FROM without one.", lambda at: at.stage.user.span or at.stage.start.span),
    },
    main="from",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UsePlace:
    """One stage's use of another stage or image by `COPY --from` or `--mount=from=`."""

    facts: Facts
    stage: Stage
    step: Step
    use: Use


def use_places(facts: Facts) -> Iterator[UsePlace]:
    """Every COPY --from, ADD --from and RUN --mount=from=."""
    for stage in facts.build.stages:
        for step in stage.steps:
            for use in step.uses:
                yield UsePlace(facts, stage, step, use)


def names(at: UsePlace) -> object:
    """What the name stands for: stage, itself, later, no-such-number, image; `UNKNOWN` with `$`."""
    text = at.use.text
    if "$" in text:
        return UNKNOWN
    if at.use.stage is not None:
        return "stage"
    if text.isdecimal():
        return "itself" if int(text) == at.stage.index else "no-such-number"
    if at.stage.name is not None and at.stage.name.lower() == text.lower():
        return "itself"
    later = at.facts.build.stages[at.stage.index + 1 :]
    if any(stage.name and stage.name.lower() == text.lower() for stage in later):
        return "later"
    return "image"


def near_stage(at: UsePlace) -> str | None:
    """The earlier stage whose name is so near that a slip of the pen is likely."""
    from dflint.nearest import nearest

    text = at.use.text
    if at.use.stage is not None or any(char in text for char in ":/@.$") or len(text) < 4:
        return None
    earlier = [stage.name for stage in at.facts.build.stages[: at.stage.index] if stage.name]
    return nearest(text, earlier)


def _later_name(at: UsePlace) -> Span | None:
    text = at.use.text.lower()
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
        "names": Attribute("text", "What it names: stage, itself, later, no-such-number or image.", names),
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
