"""Whether a program is certainly missing in the product: the base lacks it, and nothing brings it."""

from __future__ import annotations

import posixpath
from functools import lru_cache

from dflint.environment import path_folders
from dflint.knowledge import load
from dflint.model import Stage, Step, resolve
from dflint.paths import covers
from dflint.shell import Command
from dflint.subjects.base import UNKNOWN, Facts, Unknown
from dflint.subjects.command import CommandPlace, spoken, step_commands
from dflint.subjects.context_origin import brought, may_change
from dflint.subjects.copy import CopyPlace, copied, from_context, true_context
from dflint.subjects.install import as_install


@lru_cache(maxsize=8)
def certainly_missing(facts: Facts, program: str) -> bool | Unknown:
    """Whether the product has no program of the name; False where its base brings it.

    True is certain; `UNKNOWN` where anything in the Dockerfile may bring it.
    """
    build = facts.build
    if build.product is None:
        return UNKNOWN
    product = build.stages[build.product]
    if product.base is None or program not in load("programs")["asked"]:
        return UNKNOWN
    if program not in product.base.absent:
        return False if program in product.base.programs else UNKNOWN
    folders = _folders(product)
    if folders is None:
        return UNKNOWN
    for index in build.layers:
        stage = build.stages[index]
        for step in stage.steps:
            if not step.onbuild and _may_bring(facts, stage, step, program, folders):
                return UNKNOWN
    return True


def bottom(facts: Facts) -> Stage:
    """The stage at the bottom of the product, whose FROM names an image."""
    stage = facts.build.stages[facts.build.product or 0]
    while stage.parent is not None:
        stage = facts.build.stages[stage.parent]
    return stage


def _folders(product: Stage) -> tuple[str, ...] | None:
    """The folders that the program is looked for in; None where the PATH is not known."""
    folders, complete = path_folders(product.environment.get("PATH"))
    if not complete:
        return None
    return tuple(dict.fromkeys((*folders, *load("programs")["program-folders"])))


def _may_bring(
    facts: Facts, stage: Stage, step: Step, program: str, folders: tuple[str, ...]
) -> bool:
    """Whether an instruction may put the program into one of the folders."""
    if step.keyword in ("COPY", "ADD"):
        return _copy_may_bring(CopyPlace(facts, stage, step), program, folders)
    if step.keyword != "RUN":
        return False
    script = facts.scripts[step]
    if not step.shell.posix or script.broken or not script.commands:
        return True
    return any(_command_may_bring(at, program, folders) for at in step_commands(facts, stage, step))


def _copy_may_bring(at: CopyPlace, program: str, folders: tuple[str, ...]) -> bool:
    if not at.step.words:
        return False  # the build stops there
    last = at.step.words[-1]
    target = resolve(at.step.workdir.value, last.value) if last.known else None
    if target is None:
        return True
    near = [each for each in folders if covers([target], each) or covers([each], target)]
    if not near:
        return False
    if from_context(at) and true_context(at.facts) is not None:
        return any(brought(at, posixpath.join(each, program)) is not None for each in folders)
    if target in folders or target == "/":
        return not _single_files(at, program)
    if any(posixpath.dirname(target) == each for each in folders):
        return posixpath.basename(target) == program
    return any(covers([target], each) for each in load("programs")["program-folders"])


def _single_files(at: CopyPlace, program: str) -> bool:
    """Whether all that is copied are files, by their names, and none is the program."""
    singles = load("programs")["single-files"]
    names = [posixpath.basename(word.value.rstrip("/")) for word in copied(at)]
    return all(
        name != program
        and (name in singles or "/bin/" in word.value.rstrip("/") or "." in name.strip("."))
        for word, name in zip(copied(at), names, strict=True)
    )


def _command_may_bring(at: CommandPlace, program: str, folders: tuple[str, ...]) -> bool:
    command = at.command
    known = load("programs")
    if command.tool == program:
        return True  # that it is called says that it is there, whatever is thought to be known
    if any(_may_redirect_to(at, command, posixpath.join(each, program)) for each in folders):
        return True
    if spoken(command) in known["harmless-actions"] or command.tool in known["keep-out"].split():
        return False
    install = as_install(at)
    if install is None:
        return any(may_change(at, command, posixpath.join(each, program)) for each in folders)
    table = known.get(install.manager)
    if table is None:
        return install.manager not in ("pip", "uv", "uv-tool", "poetry", "pipenv", "pdm", "npm")
    none = table["none"].split()
    return not install.packages or any(
        each.kind != "name"
        or (each.name not in none and program in table["some"].get(each.name, (program,)))
        for each in install.packages
    )


def _may_redirect_to(at: CommandPlace, command: Command, path: str) -> bool:
    """Whether a redirection of the command may write to the path."""
    return any(
        redirect.target is not None
        and redirect.operator not in ("<", "<<<")
        and (
            not redirect.target.known
            or resolve(at.step.workdir.value, redirect.target.value) == path
        )
        for redirect in command.redirects
    )
