"""Subject `pipeline`: each `a | b` of a RUN instruction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dflint.shell import Pipeline
from dflint.subjects.base import Attribute, Facts, Part, Place, Subject
from dflint.subjects.common import STEP, STEP_FAMILIES, STEP_PARTS, one_line, places


@dataclass(frozen=True, slots=True)
class PipelinePlace(Place):
    """A pipeline of two commands or more."""

    pipeline: Pipeline


def pipeline_places(facts: Facts) -> Iterator[PipelinePlace]:
    """The pipelines of all RUN instructions that could be read for certain."""
    for stage, step in places(facts):
        script = facts.scripts[step]
        if step.keyword == "RUN" and not script.broken:
            for pipeline in script.pipelines:
                yield PipelinePlace(facts, stage, step, pipeline)


PIPELINE = Subject(
    name="pipeline",
    about="Commands of a RUN instruction that are joined by `|`.",
    each=pipeline_places,
    attributes={
        **STEP,
        "text": Attribute("text", "The pipeline as written.", lambda at: one_line(at.facts.build.source, at.pipeline.span)),
        "tools": Attribute("list", "The tools, in order.", lambda at: tuple(each.tool for each in at.pipeline.commands)),
        "feeding": Attribute("list", "The tools but the last.", lambda at: tuple(each.tool for each in at.pipeline.commands[:-1])),
        "first": Attribute("text", "The first tool.", lambda at: at.pipeline.commands[0].tool),
        "last": Attribute("text", "The last tool.", lambda at: at.pipeline.commands[-1].tool),
        "last-options": Attribute("list", "The last command's options.", lambda at: tuple(each.name for each in at.pipeline.commands[-1].options)),
        "last-arguments": Attribute("list", "The last command's arguments.", lambda at: tuple(each.value for each in at.pipeline.commands[-1].arguments)),
        "pipefail": Attribute("flag", "Whether pipefail is in force.", lambda at: at.pipeline.pipefail),
        "errexit": Attribute("flag", "Whether set -e is in force.", lambda at: at.pipeline.commands[-1].errexit),
        "guarded": Attribute("flag", "Whether it may not run: in if, loops, functions, after ||.", lambda at: at.pipeline.commands[-1].guarded),
        "substituted": Attribute("flag", "Whether it stands in $( ).", lambda at: at.pipeline.commands[0].substituted),
    },
    parts={
        **STEP_PARTS,
        "pipeline": Part("The whole pipeline.", lambda at: at.pipeline.span),
        "first": Part("The first command.", lambda at: at.pipeline.commands[0].span),
        "last": Part("The last command.", lambda at: at.pipeline.commands[-1].span),
        "body": Part("What the RUN instruction hands to the shell.", lambda at: at.step.instruction.text.span()),
    },
    main="pipeline",
    families=STEP_FAMILIES,
)  # fmt: skip
