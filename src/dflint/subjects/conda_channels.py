"""Which channels a command of conda certainly asks."""

from __future__ import annotations

from dflint.knowledge import load
from dflint.model import Stage
from dflint.subjects.base import Facts
from dflint.subjects.command import CommandPlace, option_names, variable


def channels(at: CommandPlace) -> tuple[str, ...]:
    """The channels that `-c` names, and conda's own default where nothing seems to set others."""
    given = [
        each.value.value
        for each in at.command.options
        if each.name == "--channel" and each.value is not None and each.value.known
    ]
    if "--override-channels" not in option_names(at.command) and _as_delivered(at):
        given.append("defaults")
    return tuple(dict.fromkeys(given))


def _as_delivered(at: CommandPlace) -> bool:
    """Whether conda comes with Anaconda's image, and the Dockerfile does not speak of its settings."""
    if at.command.tool != "conda" or variable(at, "CONDA_CHANNELS") is not None:
        return False
    text = at.facts.build.source.text
    if "condarc" in text or "conda config" in text or "miniforge" in text.lower():
        return False
    return _bottom(at.facts, at.stage).startswith(tuple(load("groups")["anaconda-images"].split()))


def _bottom(facts: Facts, stage: Stage) -> str:
    """The name of the image that a stage stands on in the end."""
    while stage.parent is not None:
        stage = facts.build.stages[stage.parent]
    return (stage.image.value or "").removeprefix("docker.io/") if stage.image.known else ""
