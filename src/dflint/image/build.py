"""Puts the model together: each stage interpreted in order, once, when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dflint.context import Context
from dflint.environment import path_folders
from dflint.image.files import Entry, Files, Node, Open, Origin, Unknown
from dflint.image.state import ImageState, ResolvedStart, StageCopy
from dflint.model import Build
from dflint.scripts import Scripts


@dataclass(frozen=True)
class Images:
    """The model of a build; stages are worked out when they are first asked for."""

    build: Build
    scripts: Scripts
    context: Context | None

    @cached_property
    def _states(self) -> dict[int, ImageState]:
        return {}

    def __getitem__(self, index: int) -> ImageState:
        if index not in self._states:
            stage = self.build.stages[index]
            why = Unknown("not worked out yet")
            folders, complete = path_folders(stage.environment.get("PATH"))
            self._states[index] = ImageState(
                stage=stage,
                files=Files(Node(Entry("folder", Origin("base")), rest=Open(why))),
                places=(),
                users={},
                users_complete=False,
                user=stage.user.value,
                workdir=stage.workdir.value,
                folders=folders,
                path_complete=complete,
            )
        return self._states[index]

    @property
    def product(self) -> ImageState | None:
        """The stage that is built; None without any."""
        return None if self.build.product is None else self[self.build.product]

    @cached_property
    def start(self) -> ResolvedStart | None:
        """What the product's container starts; None where nothing says."""
        return None

    @cached_property
    def stage_copies(self) -> tuple[StageCopy, ...]:
        """Every source of every COPY --from of the stages that the product needs."""
        return ()


def model_images(build: Build, scripts: Scripts, context: Context | None) -> Images:
    """The model of a build; `context` is the folder that its COPY and ADD take from, if known."""
    return Images(build, scripts, context)
