"""The reasons for which dflint leaves out what hadolint finds, as tests on a place in a file.

Each is a row of `docs/compared-with-hadolint.md`, where the reason is given in full.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dflint.model import Stage, Step
from dflint.subjects.base import Facts

Keys = frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Where:
    """An instruction of a stage (FROM has no step) and its text."""

    facts: Facts
    stage: Stage
    step: Step | None
    line: int

    @classmethod
    def at(cls, facts: Facts, line: int) -> Where | None:
        """The instruction that begins on a line; None outside all stages."""
        for stage in facts.build.stages:
            if stage.start.first_line == line:
                return cls(facts, stage, None, line)
            for step in stage.steps:
                if step.instruction.first_line == line:
                    return cls(facts, stage, step, line)
        return None

    @property
    def in_product(self) -> bool:
        """Whether the stage's layers are the product's own."""
        return self.stage.index in self.facts.build.layers

    @property
    def text(self) -> str:
        """The instruction as written."""
        instruction = self.stage.start if self.step is None else self.step.instruction
        return self.facts.build.source.slice(instruction.span)


Reason = tuple[str, frozenset[str], Callable[[Where, Keys], bool]]

REASONS: tuple[Reason, ...] = ()
