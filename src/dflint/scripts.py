"""The commands of an instruction: what RUN, CMD, ENTRYPOINT and HEALTHCHECK run."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from dflint.commands import parse_exec, parse_script
from dflint.environment import Values
from dflint.model import Build, Step
from dflint.shell import Script
from dflint.source import Source, Text, join, stretch

NOTHING = Script((), (), (), False)


class Scripts(Struct, frozen=True):
    """The scripts of all RUN steps of a build, by step."""

    by_step: Mapping[Step, Script]

    def __getitem__(self, step: Step) -> Script:
        return self.by_step.get(step, NOTHING)


def make_scripts(build: Build) -> Scripts:
    """The scripts of all RUN instructions of a build, those that ONBUILD triggers included."""
    return Scripts(
        {
            step: read_script(build.source, step)
            for stage in build.stages
            for step in stage.steps
            if step.keyword == "RUN"
        }
    )


def read_script(source: Source, step: Step) -> Script:
    """What an instruction runs; nothing where the shell in force is not a POSIX one."""
    instruction = step.instruction
    values = Values(step.environment)
    if instruction.json is not None:
        words = instruction.json
        if step.keyword == "HEALTHCHECK" and words and words[0].value.upper() == "CMD":
            words = words[1:]
        return parse_exec(words, values) if words else NOTHING
    if not step.shell.posix:
        return NOTHING
    text = shell_text(source, step)
    if text is None:
        return NOTHING
    return parse_script(text, values, errexit=step.shell.errexit, pipefail=step.shell.pipefail)


def shell_text(source: Source, step: Step) -> Text | None:
    """The text that the shell gets; None where another interpreter gets it.

    `RUN <<EOF` alone makes the body the script, whose first line may name its interpreter; with a
    command beside it the heredoc is the shell's own (Docker's reference, "Here-Documents").
    """
    instruction = step.instruction
    text = instruction.text
    if step.keyword == "HEALTHCHECK":
        return _healthcheck_text(text)
    if not instruction.heredocs:
        return text
    first = instruction.heredocs[0]
    if len(instruction.heredocs) == 1 and text.value.strip() == source.slice(first.marker):
        line = first.body.value.split("\n", 1)[0]
        if line.startswith("#!") and not line.rstrip().endswith(
            ("sh", "sh -e", "sh -ex", "sh -eux")
        ):
            return None
        return first.body
    pieces = [text]
    for heredoc in instruction.heredocs:
        pieces.append(Text("\n", (0,), (max(heredoc.span.start - 1, 0),)))
        pieces.append(stretch(source, heredoc.span))
    return join(pieces, instruction.text.span().start)


def _healthcheck_text(text: Text) -> Text | None:
    word, _, _ = text.value.lstrip().partition(" ")
    if word.upper() != "CMD":
        return None
    start = len(text.value) - len(text.value.lstrip()) + len(word)
    return text.slice(start, len(text.value))
