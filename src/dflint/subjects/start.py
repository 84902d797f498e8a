"""Subjects `start` and `run-on-start`: CMD and ENTRYPOINT, and the commands that they start."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from dflint.commands import SHELLS, parse_exec
from dflint.environment import Values
from dflint.image.files import There
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage, Step, Where
from dflint.model import effective_start as start_in_force
from dflint.paths import covers
from dflint.scripts import read_script
from dflint.shell import Command, Script
from dflint.source import Span, Text
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Family, Part, Place, Subject
from dflint.subjects.command import option_names, spoken
from dflint.subjects.common import STEP, STEP_PARTS, one_line, or_unknown
from dflint.subjects.mending import as_json
from dflint.subjects.modelled import images

# A word in shell text or in a JSON list.
WORD = regex(r"""[^\s"',\[\]]+""")
# What a shell takes as it is, and a shell that is handed a script in quotes.
QUOTED = regex(r"""\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*\"""")
ESCAPED = regex(r"\\[\s\S]")
INNER_SHELL = regex(r"(?:\S*/)?(?:ba|da|a|z|k)?sh\s+-")
UV_RUN = regex(r"""\buv["',\s]+(run)\b""")


class StartPlace(Place, frozen=True):
    """A CMD or ENTRYPOINT that no later one of its stage replaces, and what it runs."""

    script: Script


def start_places(facts: Facts) -> Iterator[StartPlace]:
    """The CMD and ENTRYPOINT of every stage, where they are the last of their kind."""
    for stage in facts.build.stages:
        last = {step.keyword: step for step in stage.steps if not step.onbuild}
        for step in last.values():
            if step.keyword in ("CMD", "ENTRYPOINT"):
                yield StartPlace(facts, stage, step, read_script(facts.build.source, step))


def form(at: Place) -> str:
    """`json` or `shell`."""
    return "shell" if at.step.instruction.json is None else "json"


def replaces_shell(at: StartPlace) -> object:
    """Whether the shell form is a single `exec …`, so that the program takes the shell's place."""
    if at.script.broken:
        return UNKNOWN
    return len(at.script.commands) == 1 and "exec" in at.script.commands[0].through


def unquoted(at: Place) -> str:
    """What follows the keyword, without what is quoted; the `$` and backticks in "…" stay.

    The script that a second shell is handed, as in `sh -c "a && b"`, is no mere text and stays.
    """
    text: str = at.step.instruction.text.value.strip()
    return text if INNER_SHELL.match(text) else QUOTED.sub(_live, text)


def _live(quoted: re.Match[str]) -> str:
    """The signs that a shell heeds in a quoted text."""
    if not quoted[0].startswith('"'):
        return ""
    return "".join(sign for sign in ESCAPED.sub("", quoted[0]) if sign in "$`")


START = Subject(
    name="start",
    about="A CMD or ENTRYPOINT, where no later one in its stage replaces it.",
    each=start_places,
    attributes={
        **STEP,
        "form": Attribute("text", "`json` or `shell`.", form),
        "text": Attribute("text", "The instruction as written, on one line.", lambda at: one_line(at.facts.build.source, at.step.instruction.span)),
        "value": Attribute("text", "What follows the keyword.", lambda at: at.step.instruction.text.value.strip()),
        "unquoted": Attribute("text", "The same without what stands in quotes, but for the script of `sh -c`.", unquoted),
        "empty": Attribute("flag", "Whether it starts nothing: `CMD []`.", lambda at: not at.step.instruction.json if at.step.instruction.json is not None else not at.step.instruction.text.value.strip()),
        "commands": Attribute("list", "The tools that it runs.", lambda at: tuple(each.tool for each in at.script.commands)),
        "as-json": Attribute("text", "The same command as a JSON list, where both certainly do the same.", lambda at: as_json(at.step, at.script, at.facts.build.source)),
        "execs": Attribute("flag", "Whether the shell form is one `exec` command.", replaces_shell),
        "readable": Attribute("flag", "Whether its shell command could be read for certain.", lambda at: not at.script.broken),
    },
    parts={**STEP_PARTS, "value": Part("What follows the keyword.", lambda at: at.step.instruction.text.span())},
    main="instruction",
    index="keyword",
)  # fmt: skip


class StartedPlace(Place, frozen=True):
    """A command that the product's container starts with."""

    command: Command


def started_places(facts: Facts) -> Iterator[StartedPlace]:
    """The commands of the product's start, ENTRYPOINT and CMD put together as Docker does."""
    entry, cmd = effective_start(facts)
    for where, script in _scripts(facts, entry, cmd):
        if not script.broken:
            for command in script.commands:
                yield StartedPlace(facts, where[0], where[1], command)


def effective_start(facts: Facts) -> tuple[Where | None, Where | None]:
    """The ENTRYPOINT and the CMD in force in the product."""
    key = ("start in force", -1)
    if key not in facts.memo:
        facts.memo[key] = start_in_force(facts.build)
    found: tuple[Where | None, Where | None] = facts.memo[key]
    return found


def cmd_text(facts: Facts) -> str | None:
    """The words of CMD's list, the program without its folder; None for the shell form."""
    _, cmd = effective_start(facts)
    words = None if cmd is None else cmd[1].instruction.json
    if not words:
        return None
    first, *others = (word.value for word in words)
    return " ".join((posixpath.basename(first), *others))


def _whole_text(facts: Facts) -> str | None:
    """The words of ENTRYPOINT's and CMD's lists, the program without its folder."""
    entry, cmd = effective_start(facts)
    if entry is None:
        return cmd_text(facts)
    words = entry[1].instruction.json
    more = () if cmd is None else cmd[1].instruction.json or ()
    if not words:
        return None
    program, *others = (word.value for word in (*words, *more))
    return " ".join((posixpath.basename(program), *others))


def starts_shell(facts: Facts) -> bool:
    """Whether the product starts nothing but a shell or interpreter for somebody to type into."""
    commands = [place.command for place in started_places(facts)]
    texts = (cmd_text(facts), _whole_text(facts))
    return any(text in load("starts")["interactive"] for text in texts) or (
        len(commands) == 1
        and commands[0].tool in SHELLS
        and not commands[0].arguments
        and all(option.spelled in ("-i", "-l", "--login") for option in commands[0].options)
    )


def _scripts(
    facts: Facts, entry: tuple[Stage, Step] | None, cmd: tuple[Stage, Step] | None
) -> Sequence[tuple[tuple[Stage, Step], Script]]:
    source = facts.build.source
    if entry is None:
        return [] if cmd is None else [(cmd, read_script(source, cmd[1]))]
    entry_words = entry[1].instruction.json
    if entry_words is None:
        return [(entry, read_script(source, entry[1]))]  # the shell form ignores CMD
    cmd_words: tuple[Text, ...] = ()
    if cmd is not None:
        cmd_words = cmd[1].instruction.json or ()
    words = (*entry_words, *cmd_words)
    values = Values(entry[1].environment)
    return [(entry if cmd is None else cmd, parse_exec(words, values))] if words else []


def variable(at: StartedPlace, name: str) -> object:
    """A variable as the started program sees it: its own before the image's; ARGs are gone."""
    for key, word in reversed(at.command.environment):
        if key == name:
            return word.value if word.known else UNKNOWN
    product = at.facts.build.stages[at.facts.build.product or 0]
    found = product.environment.get(name)
    return None if found is None or found.kind == "arg" else or_unknown(found.value)


def option_value(at: StartedPlace, name: str) -> object:
    """The value of an option; None without it, an empty text without a value."""
    for option in reversed(at.command.options):
        if option.name.lstrip("-") == name:
            if option.value is None:
                return ""
            return option.value.value if option.value.known else UNKNOWN
    return None


def carriers(at: StartedPlace) -> tuple[str, ...]:
    """The words before the program, such as `uv run --frozen`."""
    between = Span(at.command.span.start, at.command.program_span.start)
    return tuple(WORD.findall(at.facts.build.source.slice(between)))


def _carrying_run(at: StartedPlace) -> Span | None:
    """The word `run` of `uv run`, where words can be put in after it as before it."""
    begin, end = at.command.span.start, at.command.program_span.start
    found = UV_RUN.search(at.facts.build.source.slice(Span(begin, end)))
    return None if found is None else Span(begin + found.start(1), begin + found.end(1))


def build_commands(facts: Facts) -> tuple[str, ...]:
    """The commands that the product's stages run, as `tool action`, and so with each option."""
    found: dict[str, None] = {}
    for index in sorted(facts.build.reachable):
        for step in facts.build.stages[index].steps:
            if step.keyword == "RUN" and not facts.scripts[step].broken:
                for command in facts.scripts[step].commands:
                    found[spoken(command)] = None
                    found.update(
                        (f"{spoken(command)} {name}", None) for name in option_names(command)
                    )
    return tuple(found)


def project_synced(at: StartedPlace) -> object:
    """Whether a project that uv syncs lies where the container starts, or above."""
    build = at.facts.build
    product = build.stages[build.product or 0]
    here = product.workdir.value
    if here is None:
        return UNKNOWN
    if any(covers([each], here) for each in _synced(at.facts)):
        return True
    image = images(at.facts).product
    answer = None if image is None else image.files.lookup(posixpath.join(here, "pyproject.toml"))
    return True if isinstance(answer, There) else UNKNOWN


def _synced(facts: Facts) -> Iterator[str]:
    """The folders in which the product's own layers run `uv sync` without anything mounted there."""
    for index in sorted(facts.build.layers):
        for step in facts.build.stages[index].steps:
            if step.keyword != "RUN" or facts.scripts[step].broken or step.workdir.value is None:
                continue
            commands = facts.scripts[step].commands
            moved = any(each.tool in ("cd", "pushd") for each in commands)
            if moved or any(mount.kind == "bind" for mount in step.mounts):
                continue
            if any(spoken(each) == "uv sync" and not _elsewhere(each) for each in commands):
                yield step.workdir.value


def _elsewhere(command: Command) -> bool:
    return bool({"--project", "--directory", "--help"} & set(option_names(command)))


STARTED = Subject(
    name="started-command",
    about="A command that the product's container starts with, from ENTRYPOINT and CMD together.",
    each=started_places,
    attributes={
        **STEP,
        "tool": Attribute("text", "The program's canonical name.", lambda at: at.command.tool),
        "program": Attribute("text", "The program as written.", lambda at: at.command.program),
        "action": Attribute("text", "The sub-command.", lambda at: at.command.action),
        "text": Attribute("text", "The command as written.", lambda at: " ".join(word.text for word in at.command.words)),
        "options": Attribute("list", "The options, by their long names where they have one.", lambda at: option_names(at.command)),
        "arguments": Attribute("list", "The arguments after the action.", lambda at: tuple(word.value for word in at.command.arguments)),
        "words": Attribute("list", "All words.", lambda at: tuple(word.value for word in at.command.words)),
        "through": Attribute("list", "What carries the command: sh, exec, python, uv, …", lambda at: at.command.through),
        "carriers": Attribute("list", "The words before the program: `uv run --frozen`.", carriers),
        "form": Attribute("text", "`json` or `shell`.", form),
        "project.synced": Attribute("flag", "Whether a project that uv syncs lies in the working folder, or above.", project_synced),
        "build.commands": Attribute("list", "The commands that the product's stages run, as `uv sync` and, with each option, `uv sync --no-dev`.", lambda at: build_commands(at.facts)),
    },
    parts={
        **STEP_PARTS,
        "command": Part("The command.", lambda at: at.command.span),
        "program": Part("The program's name.", lambda at: at.command.program_span),
        "uv-run": Part("The word `run`, where the command begins with `uv run`.", _carrying_run),
    },
    main="command",
    families={
        "env": Family("text", "A variable that the program sees.", variable),
        "option": Family("text", "An option's value.", option_value),
    },
    index="tool",
)  # fmt: skip

SUBJECTS: Mapping[str, Subject] = {each.name: each for each in (START, STARTED)}
