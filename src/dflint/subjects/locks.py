"""Whether the lock file that a project's installer reads is there."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from dflint.knowledge import load
from dflint.paths import parts
from dflint.subjects.command import CommandPlace, earlier, option_names
from dflint.subjects.context_origin import seen_at, steps_before
from dflint.subjects.venv import folder_in_force


def lock_name(at: CommandPlace) -> str | None:
    """The lock file of the command's tool; None for tools without one."""
    found: Mapping[str, str] | None = load("groups")["lock-files"].get(at.command.tool)
    return None if found is None else found["lock"]


def lock_missing(at: CommandPlace) -> bool:
    """Whether the lock file certainly is not there, and the file that describes the project is.

    Looked for in the working folder and all above it, where a workspace may have it.
    """
    found = load("groups")["lock-files"].get(at.command.tool)
    folder = folder_in_force(at)
    elsewhere = {*load("groups")["elsewhere"].split(), "--lockfile"}
    if found is None or folder is None or elsewhere & set(option_names(at.command)):
        return False
    if at.stage.base is None or at.command.guarded or _written_before(at):
        return False
    if seen_at(at.facts, at, posixpath.join(folder, found["project"])) is None:
        return False
    names = parts(folder)
    above = ("/" + "/".join(names[:count]) for count in range(len(names), -1, -1))
    return all(seen_at(at.facts, at, posixpath.join(each, found["lock"])) is None for each in above)


def _written_before(at: CommandPlace) -> bool:
    """Whether an earlier command of the same tool may have written the lock."""
    actions = load("groups")["lock-writers"].split()
    steps = [step for _, step in steps_before(at.facts, at.stage, at.step.number)]
    before = [
        each for step in steps if step.keyword == "RUN" for each in at.facts.scripts[step].commands
    ]
    return any(
        each.tool == at.command.tool and each.action in actions for each in (*earlier(at), *before)
    )
