"""Subject `cache-mount`: each `RUN --mount=type=cache`, and what later looks for its content."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from msgspec import Struct

from dflint.environment import path_folders
from dflint.knowledge import load
from dflint.model import Mount, Stage, Step, resolve
from dflint.paths import covers
from dflint.source import Span
from dflint.subjects.base import Attribute, Facts, Part, Place, Subject
from dflint.subjects.command import spoken, step_commands
from dflint.subjects.common import MOST_STEPS, STEP, STEP_FAMILIES, STEP_PARTS, one_line
from dflint.subjects.context_origin import brought, may_change, steps_before
from dflint.subjects.copy import CopyPlace, destination
from dflint.subjects.start import started_places
from dflint.subjects.venv import venvs


class LaterUse(Struct, frozen=True):
    """Something that looks for what was written to a cache mount: where, what it names, and how.

    `how` is copy, mount, run, start or path.
    """

    span: Span
    path: str
    how: str


class CacheMountPlace(Place, frozen=True):
    """A cache mount of a RUN, its absolute target, and the first later use of what is below it."""

    mount: Mount
    target: str
    use: LaterUse | None


def cache_mount_places(facts: Facts) -> Iterator[CacheMountPlace]:
    """The cache mounts whose target is known."""
    for stage in facts.build.stages:
        for step in stage.steps:
            for mount in step.mounts:
                if mount.kind == "cache" and mount.target is not None and not step.onbuild:
                    target = posixpath.normpath(mount.target)
                    use = _use(facts, stage, step, target)
                    yield CacheMountPlace(facts, stage, step, mount, target, use)


def _use(facts: Facts, stage: Stage, step: Step, target: str) -> LaterUse | None:
    """The first use of what lies below the target, where nothing else can have put it there."""
    if stage.base is None or len(stage.steps) > MOST_STEPS or _of_the_system(target):
        return None
    found = _run_use(facts, stage, step, target)
    if found is not None or _filled(facts, stage, len(stage.steps), target):
        return found
    found = _copy_use(facts, stage, target)
    if found is not None or facts.build.product is None:
        return found
    for place in _places_in_product(facts, stage, target):
        found = _start_use(facts, place) or _path_use(facts, place)
        if found is not None:
            return found
    return None


def _of_the_system(target: str) -> bool:
    """Whether the base image may have content of its own at the target, above or below it."""
    known = load("starts")
    folders, roots = known["system-folders"], known["system-roots"]
    return covers(folders, target) or any(covers([target], each) for each in (*folders, *roots))


def _has_mount(step: Step, target: str) -> bool:
    return any(
        each.kind == "cache" and each.target is not None and covers([each.target], target)
        for each in step.mounts
    )


def _filled(facts: Facts, stage: Stage, number: int, target: str, but: Step | None = None) -> bool:
    """Whether anything but a cache mount may put something below the target, before a step."""
    return any(
        step is not but and _may_fill(facts, where, step, target)
        for where, step in steps_before(facts, stage, number)
    )


def _may_fill(facts: Facts, stage: Stage, step: Step, target: str) -> bool:
    if step.keyword in ("COPY", "ADD"):
        at = CopyPlace(facts, stage, step)
        into = destination(at)
        if into is None or covers([target], into):
            return True
        return covers([into], target) and brought(at, target) is not None
    if step.keyword != "RUN" or _has_mount(step, target):
        return False
    script = facts.scripts[step]
    if not step.shell.posix or script.broken or not script.commands:
        return True
    if any(place.step is step and covers([target], place.path or target) for place in venvs(facts)):
        return True
    makers = load("starts")["project-tools"]
    return any(
        at.command.tool in makers
        or spoken(at.command) in makers
        or any(each in makers for each in at.command.through)
        or may_change(at, at.command, target)
        for at in step_commands(facts, stage, step)
    )


def _run_use(facts: Facts, stage: Stage, step: Step, target: str) -> LaterUse | None:
    """A later RUN of the stage, without the mount, that starts a program below the target."""
    for later in stage.steps[step.number + 1 :]:
        if later.keyword != "RUN" or later.onbuild or _has_mount(later, target):
            continue
        for at in step_commands(facts, stage, later):
            program = at.command.program
            path = resolve(later.workdir.value, program) if "/" in program else None
            if path is None or "$" in program or not covers([target], path) or at.command.guarded:
                continue
            if any(each.tool in ("cd", "pushd") for each in at.script.commands):
                continue
            if at.number or _filled(facts, stage, later.number, target):
                continue
            return LaterUse(at.command.program_span, path, "run")
    return None


def _copy_use(facts: Facts, stage: Stage, target: str) -> LaterUse | None:
    """A COPY, or bind mount, of a stage that the product needs, from below the target."""
    build = facts.build
    for index in sorted(build.reachable):
        for step in build.stages[index].steps:
            if step.onbuild or not any(use.stage == stage.index for use in step.uses):
                continue
            if step.keyword == "COPY":
                for word in step.words[:-1]:
                    path = resolve("/", word.value) if word.known else None
                    if path is not None and covers([target], path):
                        return LaterUse(word.span, path, "copy")
            for mount in step.mounts:
                source = mount.options.get("source", mount.options.get("src", ""))
                name = mount.options.get("from", "").lower()
                own = name in (str(stage.index), (stage.name or "").lower())
                if own and source and "$" not in source and covers([target], source):
                    return LaterUse(mount.span, source, "mount")
    return None


def _places_in_product(facts: Facts, stage: Stage, target: str) -> Iterable[str]:
    """Where the product has the target, empty: in its own layers, or copied with what holds it."""
    build = facts.build
    if build.product is None:
        return
    product = build.stages[build.product]
    if stage.index in build.layers:
        if product is stage or not _filled(facts, product, len(product.steps), target):
            yield target
        return
    for step in product.steps:
        if step.keyword != "COPY" or not any(use.stage == stage.index for use in step.uses):
            continue
        into = destination(CopyPlace(facts, product, step)) if step.words else None
        for word in step.words[:-1]:
            source = resolve("/", word.value) if word.known and not word.glob else None
            if source is None or into is None or not covers([source], target):
                continue
            place = posixpath.normpath(posixpath.join(into, posixpath.relpath(target, source)))
            known = product.base is not None and not _of_the_system(place)
            if known and not _filled(facts, product, len(product.steps), place, but=step):
                yield place


def _start_use(facts: Facts, target: str) -> LaterUse | None:
    """The start of the product, where it names a program below the target."""
    product = facts.build.stages[facts.build.product or 0]
    for at in started_places(facts):
        if at.command.tool in ("cd", "pushd"):
            return None
        program = at.command.program
        path = resolve(product.workdir.value, program) if "/" in program else None
        if path is not None and "$" not in program and covers([target], path):
            return LaterUse(at.command.program_span, path, "start")
    return None


def _path_use(facts: Facts, target: str) -> LaterUse | None:
    """The ENV that puts a folder below the target on the product's PATH."""
    product = facts.build.stages[facts.build.product or 0]
    variable = product.environment.get("PATH")
    if variable is None or variable.span is None or product.base is None:
        return None
    of_base = product.base.environment.get("PATH", "").split(":")
    for folder in path_folders(variable)[0]:
        if covers([target], folder) and folder not in of_base:
            return LaterUse(variable.span, folder, "path")
    return None


CACHE_MOUNT = Subject(
    name="cache-mount",
    about="A `--mount=type=cache` of a RUN.",
    each=cache_mount_places,
    attributes={
        **STEP,
        "text": Attribute("text", "The instruction as written, on one line.", lambda at: one_line(at.facts.build.source, at.step.instruction.span)),
        "target": Attribute("text", "Where it is mounted, as an absolute path.", lambda at: at.target),
        "used-later": Attribute("text", "How something later looks for its content: copy, mount, run, start or path.", lambda at: None if at.use is None else at.use.how),
        "used-later.path": Attribute("text", "What that looks for.", lambda at: None if at.use is None else at.use.path),
    },
    parts={
        **STEP_PARTS,
        "mount": Part("The mount.", lambda at: at.mount.span),
        "used-later": Part("What looks for its content.", lambda at: None if at.use is None else at.use.span),
    },
    main="mount",
    families=STEP_FAMILIES,
)  # fmt: skip
