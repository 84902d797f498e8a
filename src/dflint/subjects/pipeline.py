"""Subjects `pipeline` and `fetched-script`: each `a | b` of a RUN, each script run while fetched."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage, Step
from dflint.shell import Command, Pipeline, Script, Word
from dflint.source import Span
from dflint.subjects.base import Attribute, Facts, Part, Place, Subject
from dflint.subjects.command import called
from dflint.subjects.common import STEP, STEP_FAMILIES, STEP_PARTS, one_line, places

WRITES = frozenset({">", ">>", ">|"})
APART = regex(r"[\s\"'*]+")
# Their exit status tells that a file is not what it should be.
CHECKS = frozenset(
    {
        "sha256sum",
        "sha512sum",
        "sha384sum",
        "sha224sum",
        "sha1sum",
        "md5sum",
        "b2sum",
        "shasum",
        "gpg",
        "gpgv",
    }
)


class PipelinePlace(Place, frozen=True):
    """A pipeline of two commands or more, and the script that it is part of."""

    script: Script
    pipeline: Pipeline


def pipeline_places(facts: Facts) -> Iterator[PipelinePlace]:
    """The pipelines of all RUN instructions that could be read for certain."""
    for stage, step in places(facts):
        script = facts.scripts[step]
        if step.keyword == "RUN" and not script.broken:
            for pipeline in script.pipelines:
                yield PipelinePlace(facts, stage, step, script, pipeline)


def status_counts(at: PipelinePlace) -> bool:
    """Whether the pipeline's exit status can end the build.

    It can when nothing but `&&` follows, or with `set -e`; it cannot before `||`, nor before `;` and
    line ends without `set -e`.
    """
    last = at.pipeline.commands[-1]
    following = [
        command
        for command in at.script.commands
        if command.span.start >= at.pipeline.span.end and not command.substituted
    ]
    for command in following:
        if command.connector == "||":
            return False
        if command.connector not in ("&&", "|", "|&"):
            return last.errexit
    return True


def in_word(at: PipelinePlace) -> bool:
    """Whether it stands in a `$( )` whose status nobody sees, as in a word of a command.

    The status of a substitution counts where its value is assigned and nothing more is done.
    """
    if not at.pipeline.commands[0].substituted:
        return False
    span = at.pipeline.span
    within = any(_holds(each.span, span) for each in at.script.commands)
    return within or not any(_holds(each.word.span, span) for each in at.script.assignments)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end and outer != inner


def feeding_called(at: PipelinePlace) -> str:
    """The programs but the last as people call them: `wget` or `gpg`, each in backticks."""
    *others, last = dict.fromkeys(f"`{called(each)}`" for each in at.pipeline.commands[:-1])
    return f"{', '.join(others)} or {last}" if others else last


def written_files(command: Command) -> Iterator[Word]:
    """The files that the end of a pipeline writes what comes through it to."""
    for redirect in command.redirects:
        if redirect.target is not None and redirect.operator in WRITES:
            yield redirect.target
    if command.tool == "tee":
        yield from command.arguments


def checked_later(at: PipelinePlace) -> bool:
    """Whether a later command holds the file that it writes against a checksum or a signature.

    The file's name is a word of the check, or of what is piped into it: `echo "$SUM  /x" | sha256sum -c`.
    """
    last = at.pipeline.commands[-1]
    names = {posixpath.basename(word.text.strip("\"'")) for word in written_files(last)} - {
        "",
        "null",
    }
    checks = [
        each
        for each in at.script.commands
        if each.tool in CHECKS and not each.guarded and each.span.start >= last.span.end
    ]
    for check in checks if names else ():
        fed = (each.span for each in at.script.pipelines if check in each.commands)
        text = at.facts.build.source.slice(next(fed, check.span))
        if any(posixpath.basename(word) in names for word in APART.split(text)):
            return True
    return False


PIPELINE = Subject(
    name="pipeline",
    about="Commands of a RUN instruction that are joined by `|`.",
    each=pipeline_places,
    attributes={
        **STEP,
        "text": Attribute("text", "The pipeline as written.", lambda at: one_line(at.facts.build.source, at.pipeline.span)),
        "tools": Attribute("list", "The tools, in order.", lambda at: tuple(each.tool for each in at.pipeline.commands)),
        "feeding": Attribute("list", "The tools but the last.", lambda at: tuple(each.tool for each in at.pipeline.commands[:-1])),
        "feeding-called": Attribute("text", "The programs but the last, as people call them, in backticks.", feeding_called),
        "last-called": Attribute("text", "The last program, as people call it: `uv pip`.", lambda at: called(at.pipeline.commands[-1])),
        "first": Attribute("text", "The first tool.", lambda at: at.pipeline.commands[0].tool),
        "last": Attribute("text", "The last tool.", lambda at: at.pipeline.commands[-1].tool),
        "last-options": Attribute("list", "The last command's options.", lambda at: tuple(each.name for each in at.pipeline.commands[-1].options)),
        "last-arguments": Attribute("list", "The last command's arguments.", lambda at: tuple(each.value for each in at.pipeline.commands[-1].arguments)),
        "pipefail": Attribute("flag", "Whether pipefail is in force.", lambda at: at.pipeline.pipefail),
        "errexit": Attribute("flag", "Whether set -e is in force.", lambda at: at.pipeline.commands[-1].errexit),
        "guarded": Attribute("flag", "Whether it may not run: in if, loops, functions, after ||.", lambda at: at.pipeline.commands[-1].guarded),
        "substituted": Attribute("flag", "Whether it stands in $( ).", lambda at: at.pipeline.commands[0].substituted),
        "in-word": Attribute("flag", "Whether it stands in a $( ) whose status nobody sees, as in a word of a command.", in_word),
        "checked-later": Attribute("flag", "Whether a later command of the instruction checks the sum or signature of the file that it writes.", checked_later),
        "status-counts": Attribute("flag", "Whether its exit status can end the build.", status_counts),
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


class FetchedPlace(Place, frozen=True):
    """A script that an interpreter runs straight from the network: who fetches, who runs, where."""

    fetcher: Command
    interpreter: str
    span: Span


def fetched_places(facts: Facts) -> Iterator[FetchedPlace]:
    """Scripts that go from a download to an interpreter by a pipe, `$( )` or `<( )`."""
    for stage, step in places(facts):
        script = facts.scripts[step]
        if step.keyword == "RUN" and not script.broken:
            yield from _piped(facts, stage, step, script)
            yield from _substituted(facts, stage, step, script)


def _piped(facts: Facts, stage: Stage, step: Step, script: Script) -> Iterator[FetchedPlace]:
    known = load("fetching")
    for pipeline in script.pipelines:
        fetcher: Command | None = None
        for command in pipeline.commands:
            if command.tool in known["checkers"]:
                fetcher = None
            elif command.tool in known["fetchers"]:
                fetcher = command
            elif fetcher is not None and reads_script_from_input(command):
                yield FetchedPlace(facts, stage, step, fetcher, called(command), pipeline.span)
                break


def _words_after_program(command: Command) -> list[Word]:
    return [word for word in command.words if word.span.start >= command.program_span.end]


def reads_script_from_input(command: Command) -> bool:
    """Whether an interpreter is given no script, so that it runs what comes through its input."""
    interpreters: Mapping[str, Mapping[str, list[str]]] = load("fetching")["interpreters"]
    known = interpreters.get(command.tool)
    if known is None:
        return False
    words = [word.value for word in _words_after_program(command)]
    at = 0
    while at < len(words):
        word = words[at]
        if word in ("-", "--", "-s", "/dev/stdin") or word in known["input"]:
            return True
        if word in known["with-value"]:
            at += 2
            continue
        if not word.startswith(("-", "+")) or any(letter in word[1:] for letter in known["inline"]):
            return False
        at += 1
    return "." not in command.tool and command.tool != "source"


def _substituted(facts: Facts, stage: Stage, step: Step, script: Script) -> Iterator[FetchedPlace]:
    known = load("fetching")
    inner = [
        each for each in script.commands if each.substituted and each.tool in known["fetchers"]
    ]
    for fetcher in inner:
        for command in script.commands:
            runs = _runs_word(command, fetcher)
            if runs and command is not fetcher:
                yield FetchedPlace(facts, stage, step, fetcher, called(command), command.span)
                break


def _runs_word(command: Command, fetcher: Command) -> bool:
    """Whether the word that the download stands in is what the command runs."""
    interpreters: Mapping[str, Mapping[str, list[str]]] = load("fetching")["interpreters"]
    known = interpreters.get(command.tool)
    if known is None:
        return False
    before: list[str] = []
    for word in _words_after_program(command):
        if word.span.start <= fetcher.span.start and fetcher.span.end <= word.span.end:
            if word.text.startswith(("<(", '"<(')):
                return not before or all(each.startswith("-") for each in before)
            if not word.text.lstrip("\"'").startswith(("$(", "`")):
                return False
            if command.tool == "eval":
                return not before
            return (
                bool(before) and before[-1].startswith("-") and before[-1][-1:] in known["inline"]
            )
        before.append(word.value)
    return False


FETCHED = Subject(
    name="fetched-script",
    about="A script that is run straight from the network: `curl … | sh`, `sh -c \"$(curl …)\"`.",
    each=fetched_places,
    attributes={
        **STEP,
        "text": Attribute("text", "The commands as written.", lambda at: one_line(at.facts.build.source, at.span)),
        "fetcher": Attribute("text", "What fetches it: curl, wget, …", lambda at: at.fetcher.tool),
        "interpreter": Attribute("text", "What runs it: sh, bash, python3, …", lambda at: at.interpreter),
        "guarded": Attribute("flag", "Whether it may not run: in if, loops, functions, after ||.", lambda at: at.fetcher.guarded),
    },
    parts={
        **STEP_PARTS,
        "commands": Part("The commands that fetch and run it.", lambda at: at.span),
        "fetcher": Part("The command that fetches it.", lambda at: at.fetcher.span),
    },
    main="commands",
    families=STEP_FAMILIES,
)  # fmt: skip

SUBJECTS: Mapping[str, Subject] = {each.name: each for each in (PIPELINE, FETCHED)}
