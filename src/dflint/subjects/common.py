"""Attributes that many subjects share: those of the stage, of its base image, and of the step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

from dflint.images import Base
from dflint.lazy import regex
from dflint.model import Setting, Stage, Step
from dflint.shell import Command
from dflint.source import Source, Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Family, Part, Place
from dflint.subjects.mending import product_start, whole_lines


def one_line(source: Source, span: Span) -> str:
    """The source of a span as one line, without continuation marks and comment lines.

    A word that goes on in the next line stays whole.
    """
    pieces: list[str] = []
    joint = ""
    for number, raw in enumerate(source.slice(span).split("\n")):
        line = raw.rstrip("\r")
        if number and line.lstrip().startswith("#"):
            continue
        text = line.strip().removesuffix("\\")
        if text.strip():
            pieces += ["" if joint == "" and not line[:1].isspace() else " ", text.strip()]
        within = line.endswith("\\") and text == text.rstrip()
        joint = "" if within else " "
    return "".join(pieces).strip()


# What stands between two items of a JSON list.
# Where a question goes through all of a stage, longer ones get no answer: no one writes them.
MOST_STEPS = 400
ITEMS = regex(r'"\s*,\s*"')


def command_line(source: Source, command: Command) -> str:
    """A command as one line: as written, and the items of a JSON list as words."""
    text = one_line(source, command.span)
    gaps = (Span(a.span.end, b.span.start) for a, b in pairwise(command.words))
    listed = any(ITEMS.fullmatch(one_line(source, gap)) for gap in gaps)
    return ITEMS.sub(" ", text) if listed else text


def in_product(facts: Facts, stage: Stage) -> bool:
    """Whether what the stage makes is part of the product's own layers."""
    return stage.index in facts.build.layers


def multi_stage(facts: Facts) -> bool:
    """Whether the product takes something from another stage than those it stands on."""
    build = facts.build
    return len(build.reachable) > len(build.layers)


def stage_name(stage: Stage) -> str | None:
    """The stage's name; its number as text in a Dockerfile of several stages without names."""
    return stage.label


def is_root(setting: Setting) -> bool | object:
    """Whether a USER setting is root; `UNKNOWN` when the user is not known."""
    if setting.value is None:
        return UNKNOWN
    return setting.value.partition(":")[0] in ("root", "0", "")


def or_unknown(value: object) -> object:
    """None of the model means "not known": say so."""
    return UNKNOWN if value is None else value


def base_fact(stage: Stage, name: str) -> object:
    """What is known of the stage's base image; `UNKNOWN` when the image or the fact is not known."""
    if stage.base is None:
        return UNKNOWN
    return or_unknown(getattr(stage.base, name))


def base_date(base: Base | None, name: str) -> date | object:
    """A day from the base image's facts; `UNKNOWN` where there is none."""
    return UNKNOWN if base is None else or_unknown(getattr(base, name))


def home(user: str | None) -> str | None:
    """The usual home folder of a user; None for a number or an unknown user."""
    name = (user or "").partition(":")[0]
    if name in ("root", "0"):
        return "/root"
    return None if not name or name.isdecimal() else f"/home/{name}"


def file_name(facts: Facts) -> str:
    """The Dockerfile's name with the two folders that it lies in, as far as the path given tells.

    Of a path from the root the folders further up may be the machine's, and only the last counts.
    """
    path = facts.build.source.path.replace("\\", "/")
    from_root = path.startswith("/") or path[1:2] == ":"
    return "/".join(path.split("/")[-2 if from_root else -3 :])


STAGE: Mapping[str, Attribute] = {
    "file.name": Attribute("text", "The Dockerfile's name with the two folders that it lies in, of a path from the root with one: docker/Dockerfile.dev.", lambda at: file_name(at.facts)),
    "file.path": Attribute("text", "The Dockerfile's path as given to dflint.", lambda at: at.facts.build.source.path.replace("\\", "/")),
    "stage.name": Attribute("text", "The stage's name, or its number.", lambda at: stage_name(at.stage)),
    "stage.named": Attribute("flag", "Whether the stage has a name.", lambda at: at.stage.name is not None),
    "stage.index": Attribute("number", "The stage's number, from 0.", lambda at: at.stage.index),
    "stage.product": Attribute(
        "flag", "Whether this is the stage that is built (the last, or the target).",
        lambda at: at.stage.index == at.facts.build.product,
    ),
    "stage.in-product": Attribute(
        "flag", "Whether its layers are part of the product: the product or a stage it stands on.",
        lambda at: in_product(at.facts, at.stage),
    ),
    "stage.reachable": Attribute(
        "flag", "Whether the product is, stands on, or copies from it, directly or not.",
        lambda at: at.stage.index in at.facts.build.reachable,
    ),
    "stage.windows": Attribute("flag", "Whether the stage is a Windows image.", lambda at: at.stage.windows),
    "build.stages": Attribute("number", "How many stages there are.", lambda at: len(at.facts.build.stages)),
    "build.multi-stage": Attribute(
        "flag", "Whether the product takes something from a stage that it does not stand on.",
        lambda at: multi_stage(at.facts),
    ),
}  # fmt: skip

BASE: Mapping[str, Attribute] = {
    "base.family": Attribute("text", "What the base image is: python, node, debian, …", lambda at: base_fact(at.stage, "family")),
    "base.variant": Attribute("text", "Its variant: full, slim, alpine, distroless, …", lambda at: base_fact(at.stage, "variant")),
    "base.python": Attribute("text", "The Python version inside, as in 3.13.", lambda at: base_fact(at.stage, "python")),
    "base.distribution": Attribute("text", "debian, ubuntu, alpine, fedora, …", lambda at: base_fact(at.stage, "distribution")),
    "base.release": Attribute("text", "The distribution's release: bookworm, 3.22, …", lambda at: base_fact(at.stage, "release")),
    "base.libc": Attribute("text", "glibc or musl.", lambda at: base_fact(at.stage, "libc")),
    "base.user": Attribute("text", "The user that the base image itself runs as.", lambda at: base_fact(at.stage, "user")),
    "base.build-tools": Attribute("flag", "Whether the base brings a compiler.", lambda at: base_fact(at.stage, "has_build_tools")),
    "base.known": Attribute("flag", "Whether dflint knows the base image.", lambda at: at.stage.base is not None),
}  # fmt: skip

STEP: Mapping[str, Attribute] = {
    **STAGE,
    **BASE,
    "keyword": Attribute("text", "The instruction's name in upper case.", lambda at: at.step.keyword),
    "onbuild": Attribute("flag", "Whether ONBUILD triggers it.", lambda at: at.step.onbuild),
    "user": Attribute("text", "The user that it runs as.", lambda at: or_unknown(at.step.user.value)),
    "user.root": Attribute("flag", "Whether that user is root.", lambda at: is_root(at.step.user)),
    "workdir": Attribute("text", "The working folder in force.", lambda at: or_unknown(at.step.workdir.value)),
    "shell": Attribute("text", "The SHELL in force.", lambda at: " ".join(at.step.shell.words)),
    "shell.set": Attribute("flag", "Whether a SHELL instruction is in force.", lambda at: at.step.shell.span is not None),
    "shell.posix": Attribute("flag", "Whether the shell is a POSIX one.", lambda at: at.step.shell.posix),
}  # fmt: skip


def environment(place: Place, name: str) -> object:
    """A variable in force: its value, None when nothing sets it, `UNKNOWN` when the value is."""
    found = place.step.environment.get(name)
    return None if found is None else or_unknown(found.value)


STEP_FAMILIES: Mapping[str, Family] = {
    "env": Family("text", "An ENV or ARG in force, as in `env.PATH`.", environment),
}

STEP_PARTS: Mapping[str, Part] = {
    "instruction": Part("The whole instruction.", lambda at: at.step.instruction.span),
    "keyword": Part("The instruction's name.", lambda at: at.step.instruction.keyword_span),
    "lines": Part(
        "All lines of the instruction, with the last one's ending.",
        lambda at: whole_lines(at.facts.build.source, at.step),
    ),
    "product-start": Part(
        "The place above the product's own first CMD or ENTRYPOINT and its comments.",
        lambda at: product_start(at.facts),
    ),
    "user": Part("The USER instruction in force.", lambda at: at.step.user.span),
    "workdir": Part("The WORKDIR instruction in force.", lambda at: at.step.workdir.span),
    "shell": Part("The SHELL instruction in force.", lambda at: at.step.shell.span),
    "from": Part("The stage's FROM instruction.", lambda at: at.stage.start.span),
    "base": Part("The image that FROM names.", lambda at: at.stage.image.span),
}


def places(facts: Facts) -> list[tuple[Stage, Step]]:
    """Every step of every stage, in order."""
    return [(stage, step) for stage in facts.build.stages for step in stage.steps]
