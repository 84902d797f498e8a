"""Subject `command`: each command that a RUN instruction runs, wherever it hides."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Mount, Stage, Step, resolve
from dflint.paths import ALL_OF_IT, covers, parts
from dflint.shell import Command, Script
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Family, Part, Place, Subject
from dflint.subjects.common import (
    STEP,
    STEP_FAMILIES,
    STEP_PARTS,
    command_line,
    environment,
    home,
    places,
)
from dflint.subjects.indexes import mixed_index, place, plain_index, trusting, written
from dflint.subjects.mending import script_end

# Docker's reference, RUN --mount: the names of the option that says where.
TARGETS = ("target", "dst", "destination")
SUDO = regex(r"sudo(\s+(-[EHnS]+|--preserve-env|--non-interactive))*\s+")
POETRY_CACHE = regex(r"\bpoetry[\s\",]+config\b[^&|;\n]*[\s\",]cache-dir[\s\",]+[^\s&|;)]")
PIP_SETTINGS = regex(r"pip\.conf\b|pip\.ini\b|\bpip[\d.]*[\s\",]+config\b|PIP_CONFIG_FILE")
PLAIN_PATH = regex(r"(/[A-Za-z0-9._-]+)+")
REDIRECTION = regex(r"(?P<from>\d*|&)(?P<sign>>>|>\||>&|>)")
LOGGED = frozenset({"/dev/stdout", "/dev/stderr", "/dev/tty", "/proc/self/fd/1", "/proc/self/fd/2"})
# A script of the project's own that says what it does.
CLEANS = regex(r"(?i)(^|[^a-z])(clean|purge|prune|tidy)")
# What apt needs its lists for, and how many stages are looked through for it.
INSTALLS = ("install", "upgrade", "dist-upgrade", "full-upgrade", "build-dep", "satisfy")
MOST_STAGES = 100


class CommandPlace(Place, frozen=True):
    """A command, with the script that it is part of and its number there."""

    script: Script
    number: int
    command: Command


def command_places(facts: Facts) -> Iterator[CommandPlace]:
    """The commands of all RUN instructions; none of a script that could not be read for certain."""
    for stage, step in places(facts):
        if step.keyword == "RUN":
            yield from step_commands(facts, stage, step)


def step_commands(facts: Facts, stage: Stage, step: Step) -> Iterator[CommandPlace]:
    """The commands of one RUN instruction."""
    script = facts.scripts[step]
    if not script.broken:
        for number, command in enumerate(script.commands):
            yield CommandPlace(facts, stage, step, script, number, command)


def spoken(command: Command) -> str:
    """A command by tool and action, as in `apt-get install`."""
    return command.tool if command.action is None else f"{command.tool} {command.action}"


def called(command: Command) -> str:
    """A command's program as the file calls it: `python3.13`, `uv pip` for the pip that uv brings."""
    of_uv = command.tool == "pip" and "uv" in command.through
    return "uv pip" if of_uv else posixpath.basename(command.program) or command.tool


def all_spoken(at: CommandPlace) -> tuple[str, ...]:
    """All commands of the instruction, by tool and action."""
    key = ("spoken", at.step.instruction.keyword_span.start)
    found: tuple[Script, tuple[str, ...]] | None = at.facts.memo.get(key)
    if found is None or found[0] is not at.script:
        found = at.facts.memo[key] = at.script, tuple(map(spoken, at.script.commands))
    return found[1]


def later(at: CommandPlace) -> Sequence[Command]:
    """The commands that follow in the same instruction."""
    return at.script.commands[at.number + 1 :]


def earlier(at: CommandPlace) -> Sequence[Command]:
    """The commands that come before in the same instruction."""
    return at.script.commands[: at.number]


def variable(at: CommandPlace, name: str) -> object:
    """A variable as the command sees it: its own and the script's before the instruction's."""
    for key, word in reversed(at.command.environment):
        if key == name:
            return word.value if word.known else UNKNOWN
    return environment(at, name)


def removed_later(at: CommandPlace) -> tuple[str, ...]:
    """The absolute or `~` paths that later commands of the same instruction remove."""
    found: list[str] = []
    for command in later(at):
        found.extend(removed_by(command, at.step))
    return tuple(found)


def removed_by(command: Command, step: Step) -> Iterator[str]:
    """The paths that a command removes: those of `rm`, `find … -delete` and the like."""
    if command.tool in ("rm", "shred", "unlink", "rmdir"):
        words: Iterable[Any] = command.arguments
    elif command.tool == "find" and any(
        word.value in ("-delete", "rm", "-exec") for word in command.words
    ):
        words = command.arguments[:1]
    else:
        return
    for word in words:
        for path in alternatives(word.value):
            yield from both_spellings(path, step)


def argument_removed(at: CommandPlace) -> object:
    """Whether a later command of the same instruction removes what the first argument names."""
    words, gone = at.command.arguments, removed_later(at)
    if not words or not gone:
        return False
    path = resolve(at.step.workdir.value, words[0].value) if words[0].known else None
    return UNKNOWN if path is None else covers(gone, path)


@cache
def alternatives(path: str) -> tuple[str, ...]:
    """A path with braces, taken apart: `/tmp/{a,b}` is `/tmp/a` and `/tmp/b`."""
    start, end = path.find("{"), path.find("}")
    if start == -1 or end < start or "," not in path[start:end] or path[start - 1 : start] == "$":
        return (path,)
    middle = path[start + 1 : end].split(",")
    return tuple(path[:start] + each + path[end + 1 :] for each in middle)


def both_spellings(path: str, step: Step) -> Iterator[str]:
    """A path as absolute and, below the user's home, with `~`."""
    house = home(step.user.value) or "/root"
    for prefix in ("$HOME", "${HOME}", "~"):
        if path == prefix or path.startswith(prefix + "/"):
            path = house + path[len(prefix) :]
    absolute = resolve(step.workdir.value, path) or path
    yield absolute
    if absolute == house or absolute.startswith(house + "/"):
        yield "~" + absolute[len(house) :]


def mounted(at: CommandPlace) -> tuple[str, ...]:
    """The targets of cache and tmpfs mounts: what is written there is not in the layer."""
    found: list[str] = []
    for mount in at.step.mounts:
        if mount.kind in ("cache", "tmpfs"):
            if mount.target is None:
                found.append("/")  # not known where: it may be anywhere
            else:
                found.extend(both_spellings(mount.target, at.step))
    return tuple(found)


def read_only(at: CommandPlace) -> tuple[str, ...]:
    """The targets of bind mounts that nothing can be written to; as written where they are not known."""
    found = (
        mount.target or next((mount.options[key] for key in TARGETS if key in mount.options), None)
        for mount in at.step.mounts
        if mount.kind == "bind" and not _writable(mount)
    )
    return tuple(target for target in found if target is not None)


def _writable(mount: Mount) -> bool:
    """Docker's reference, RUN --mount=type=bind: `rw,readwrite` allows writes."""
    options = {key.lower(): value.lower() for key, value in mount.options.items()}
    return any(options.get(key, "false") != "false" for key in ("rw", "readwrite")) or any(
        options.get(key) == "false" for key in ("ro", "readonly")
    )


def errors_elsewhere(at: CommandPlace) -> bool | object:
    """Whether what the command writes to standard error goes to a file, not to the build's log.

    `UNKNOWN` where it goes into a pipe.
    """
    following = later(at)[:1]
    out: bool | object = False
    errors: bool | object = False
    if following and following[0].connector in ("|", "|&"):
        out = UNKNOWN
        errors = UNKNOWN if following[0].connector == "|&" else False
    for redirect in at.command.redirects:
        found = REDIRECTION.match(at.facts.build.source.slice(redirect.span))
        if found is None or redirect.target is None:
            continue
        target = redirect.target.value
        if found["sign"] == ">&" and target in ("1", "2"):
            if found["from"] == "2" and target == "1":
                errors = out
            elif found["from"] in ("", "1") and target == "2":
                out = errors
            continue
        both = found["from"] == "&" or found["sign"] == ">&"
        if both or found["from"] == "2":
            errors = target not in LOGGED
        if both or found["from"] in ("", "1"):
            out = target not in LOGGED
    return errors


def cache_folders(at: CommandPlace, tool: str | None = None) -> tuple[str, ...]:
    """Where the command's tool keeps its cache, with the variables in force."""
    known: Mapping[str, Any] | None = load("caches").get(tool or at.command.tool)
    if known is None:
        return ()
    for move in known["moved-by"]:
        value = variable(at, move["variable"])
        if isinstance(value, str) and value:
            return tuple(both_spellings(value + move["under"], at.step))
    return tuple(known["folders"])


def cache_mounted(at: CommandPlace, tool: str | None = None) -> bool:
    """Whether the tool's cache lies below a cache or tmpfs mount."""
    there = mounted(at)
    return any(covers(there, folder) for folder in cache_folders(at, tool))


def cache_place(at: CommandPlace) -> str | None:
    """Where a cache mount for the command's tool has to lie; None where that is not certain.

    For root alone: the mount of another user would need his number as well.
    """
    folders = cache_folders(at)
    root = at.step.user.value in ("root", "0")
    if not folders or not root or at.step.onbuild or at.stage.windows:
        return None
    if any(name in ("sudo", "su", "gosu", "su-exec") for name in at.command.through):
        return None
    folder = folders[0]  # of two spellings the absolute one is first
    if folder.startswith("~"):
        if variable(at, "HOME") not in (None, "/root"):
            return None
        folder = "/root" + folder.removeprefix("~")
    return folder if PLAIN_PATH.fullmatch(folder) else None


def cache_removed(at: CommandPlace, tool: str | None = None) -> bool | object:
    """Whether a later command of the same instruction empties the tool's cache.

    `UNKNOWN` after a script that says it cleans, such as `clean-layer.sh`, where what is removed may
    be the cache of a home folder that is not known, and where a pattern picks some of it.
    """
    gone = removed_later(at)
    folders = cache_folders(at, tool)
    if any(covers(gone, folder) for folder in folders):
        return True
    if any(_some_of(path, folder) for path in gone for folder in folders):
        return UNKNOWN
    known = load("caches").get(tool or at.command.tool)
    cleaners = frozenset(known["cleaned-by"]) if known else frozenset()
    if any(spoken(command) in cleaners for command in later(at)):
        return True
    if any(_may_be_cache(path, folder) for path in gone for folder in folders):
        return UNKNOWN
    return UNKNOWN if any(CLEANS.search(command.tool) for command in later(at)) else False


def _some_of(path: str, folder: str) -> bool:
    """Whether a removed path picks from a folder by a pattern, as `/var/lib/apt/lists/*_*` does."""
    above, _, name = path.rpartition("/")
    return above == folder and any(sign in name for sign in "*?[")


def _may_be_cache(path: str, folder: str) -> bool:
    """Whether a removed path may be, or hold, a folder below a home: `.npm`, `$H/.cache`, `$CACHE`."""
    if "$" in path and "cache" in path.lower():
        return True
    tail, names = parts(folder.removeprefix("~")), parts(path)
    if not folder.startswith("~") or tail[0] not in names:
        return False
    below = [name for name in names[names.index(tail[0]) :] if name not in ALL_OF_IT]
    return tuple(below) == tail[: len(below)]


def inner_tools(at: CommandPlace) -> tuple[str, ...]:
    """The tools of the commands that are substituted into this one, as in `sh -c "$(curl …)"`."""
    span = at.command.span
    return tuple(
        command.tool
        for command in at.script.commands
        if command.substituted
        and command is not at.command
        and span.start <= command.span.start
        and command.span.end <= span.end
    )


def named_version(at: CommandPlace) -> bool:
    """Whether a later command of the instruction has `--version …` or a variable of such a name."""
    return any(
        any(word.value.partition("=")[0] == "--version" for word in command.words)
        or any(name.endswith("_VERSION") for name, _ in command.environment)
        for command in later(at)
    )


def steps_before(at: CommandPlace) -> Iterator[Step]:
    """The steps before this one, of its stage and of those it stands on."""
    stage: Stage | None = at.stage
    limit = at.step.number
    while stage is not None:
        yield from stage.steps[:limit]
        stage = None if stage.parent is None else at.facts.build.stages[stage.parent]
        limit = len(stage.steps) if stage is not None else 0


def once_before(at: CommandPlace, name: str, test: Callable[[Step], object]) -> bool:
    """Whether a test holds for a step before this one, of its stage or of those it stands on.

    Each stage is looked through once for each `name` of a test, however many places ask.
    """
    stage: Stage | None = at.stage
    limit = at.step.number
    while stage is not None:
        key = (name, stage.index)
        memo = at.facts.memo
        if key not in memo:
            steps = stage.steps
            memo[key] = next((step.number for step in steps if test(step)), len(steps))
        if memo[key] < limit:
            return True
        stage = None if stage.parent is None else at.facts.build.stages[stage.parent]
        limit = len(stage.steps) if stage is not None else 0
    return False


def lists_used_later(at: CommandPlace) -> bool:
    """Whether a later RUN installs with apt by the lists that this one leaves there.

    It may be in another stage that stands on this one; a RUN that updates first has lists anew.
    """
    stages = at.facts.build.stages
    heirs = {at.stage.index}
    for stage in stages[at.stage.index : at.stage.index + MOST_STAGES]:
        own = stage.index == at.stage.index
        if not own and stage.parent not in heirs:
            continue
        later_ones = (
            does
            for number, does in _apt_runs(at.facts, stage)
            if not own or number > at.step.number
        )
        does = next(later_ones, None)
        if does == "install":
            return True
        if does is None:
            heirs.add(stage.index)
        elif own:
            return False
    return False


def _apt_runs(facts: Facts, stage: Stage) -> tuple[tuple[int, str], ...]:
    """What the RUNs of a stage do first with apt's lists, `update` or `install`, by their numbers."""
    key = ("apt's lists", stage.index)
    if key not in facts.memo:
        found = []
        for step in stage.steps:
            script = facts.scripts[step]
            apt = (each.action for each in script.commands if each.tool in ("apt-get", "apt"))
            first = next((each for each in apt if each in ("update", *INSTALLS)), None)
            if first is not None and not step.onbuild:
                found.append((step.number, "update" if first == "update" else "install"))
        facts.memo[key] = tuple(found)
    made: tuple[tuple[int, str], ...] = facts.memo[key]
    return made


def once_for_all(at: CommandPlace, name: str, test: Callable[[Step], bool]) -> bool:
    """Whether a test holds for the instruction itself, asked once for all of its commands."""
    key = (f"{name} itself", at.step.instruction.keyword_span.start)
    memo = at.facts.memo
    if key not in memo:
        memo[key] = test(at.step)
    found: bool = memo[key]
    return found


def pip_configured(at: CommandPlace) -> bool:
    """Whether the instruction, or one before it, names a configuration file of pip's."""
    return said_so_far(at, "pip's settings", PIP_SETTINGS)


def poetry_cache_set(at: CommandPlace) -> bool:
    """Whether the instruction, or one before it, tells Poetry to keep its cache elsewhere."""
    return said_so_far(at, "poetry's cache", POETRY_CACHE)


def said_so_far(at: CommandPlace, name: str, pattern: re.Pattern[str]) -> bool:
    """Whether a pattern is found in the instruction or in one before it."""
    source = at.facts.build.source

    def says(step: Step) -> bool:
        return pattern.search(source.slice(step.instruction.span)) is not None

    return once_for_all(at, name, says) or once_before(at, name, says)


def tools_before(at: CommandPlace) -> tuple[str, ...]:
    """The tools that ran before it in the stage, those of the same instruction included."""
    found = {command.tool for command in earlier(at)}
    first = _first_runs(at)
    found.update(tool for tool, number in first.items() if number < at.step.number)
    return tuple(sorted(found))


def _first_runs(at: CommandPlace) -> Mapping[str, int]:
    """For every tool that runs in the stage, the number of the first step in which it does."""
    key = ("tools", at.stage.index)
    memo = at.facts.memo
    if key not in memo:
        first: dict[str, int] = {}
        for step in at.stage.steps:
            if step.keyword == "RUN" and not at.facts.scripts[step].broken:
                for command in at.facts.scripts[step].commands:
                    first.setdefault(command.tool, step.number)
        memo[key] = first
    found: Mapping[str, int] = memo[key]
    return found


def group(at: CommandPlace) -> bool:
    """Whether it runs in a shell of its own, `( … )`, whose folder and variables end with it."""
    return at.command.scope != 0


def product_scratch(at: CommandPlace) -> bool:
    """Whether the product stands on nothing, as one does that only hands files out."""
    build = at.facts.build
    return build.product is not None and build.stages[build.product].image.text == "scratch"


def option_names(command: Command) -> tuple[str, ...]:
    """The canonical names of a command's options, in order."""
    return tuple(option.name for option in command.options)


def option_value(at: CommandPlace, name: str) -> object:
    """The value of the option `--name` or `-name`; None without it, an empty text without value."""
    for option in reversed(at.command.options):
        if option.name.lstrip("-") == name:
            if option.value is None:
                return ""
            return option.value.value if option.value.known else UNKNOWN
    return None


def option_place(at: CommandPlace, word: Span | None) -> Span | None:
    """A word that text may be put in beside; None in the JSON form, where that would not be a word.

    A script inside the JSON form (`["sh", "-c", "…"]`) is one string, and there it may.
    """
    strings = at.step.instruction.json
    if strings is None or word is None:
        return word
    whole = at.command.span
    inside = any(
        each.span().start <= whole.start and whole.end <= each.span().end for each in strings
    )
    return word if inside and len(at.command.words) > 1 else None


def _last_argument(at: CommandPlace) -> Span | None:
    return at.command.arguments[-1].span if at.command.arguments else None


def _sudo(at: CommandPlace) -> Span | None:
    command = at.command
    before = at.facts.build.source.slice(Span(command.span.start, command.program_span.start))
    if at.step.instruction.json is not None or not SUDO.fullmatch(before):
        return None
    return Span(command.span.start, command.program_span.start)


def activated(at: CommandPlace) -> object:
    """The environment that the instruction activates and does nothing more with; None for others."""
    if len(at.script.commands) != 1 or at.command.tool not in (".", "source"):
        return None
    word = at.command.arguments[0] if at.command.arguments else None
    if word is None or not word.value.endswith("/bin/activate"):
        return None
    path = resolve(at.step.workdir.value, word.value) if word.known else None
    return UNKNOWN if path is None else path.removesuffix("/bin/activate")


def whole_with_joint(at: CommandPlace) -> Span | None:
    """The command with what joins it to the one before, or to the next when it is the first.

    None where its neighbour stands on the other side of a quote, a `fi` or a bracket.
    """
    command = at.command
    before = earlier(at)
    if command.separator is not None:
        touches = bool(before) and before[-1].span.end == command.separator.start
        return Span(command.separator.start, command.span.end) if touches else None
    following = later(at)
    joint = following[0].separator if following else None
    if joint is None or joint.start != command.span.end:
        return None
    return Span(command.span.start, following[0].span.start)


ATTRIBUTES: Mapping[str, Attribute] = {
    **STEP,
    "tool": Attribute("text", "The program's canonical name: pip, apt-get, …", lambda at: at.command.tool),
    "program": Attribute("text", "The program as written: /opt/venv/bin/pip3.", lambda at: at.command.program),
    "action": Attribute("text", "The sub-command: install, clean, …", lambda at: at.command.action),
    "text": Attribute("text", "The command as written, on one line.", lambda at: command_line(at.facts.build.source, at.command)),
    "options": Attribute("list", "The options, by their long names where they have one.", lambda at: option_names(at.command)),
    "arguments": Attribute("list", "The arguments after the action.", lambda at: tuple(word.value for word in at.command.arguments)),
    "words": Attribute("list", "All words.", lambda at: tuple(word.value for word in at.command.words)),
    "through": Attribute("list", "What carries the command: sudo, env, sh, uv, xargs, …", lambda at: at.command.through),
    "guarded": Attribute("flag", "Whether it may not run: in if, loops, functions, after ||.", lambda at: at.command.guarded),
    "substituted": Attribute("flag", "Whether it stands in $( ).", lambda at: at.command.substituted),
    "errexit": Attribute("flag", "Whether set -e is in force.", lambda at: at.command.errexit),
    "before": Attribute("list", "The commands before it in the same instruction, as `tool action`.", lambda at: all_spoken(at)[: at.number]),
    "after": Attribute("list", "The commands after it in the same instruction, as `tool action`.", lambda at: all_spoken(at)[at.number + 1 :]),
    "flags": Attribute("list", "The names of the instruction's flags: mount, network, security.", lambda at: tuple(flag.name for flag in at.step.instruction.flags)),
    "tools-before": Attribute("list", "The tools that ran before it in the stage.", tools_before),
    "number": Attribute("number", "Which command of the instruction it is, from 0.", lambda at: at.number),
    "subshell": Attribute("flag", "Whether it runs in a shell of its own, as in `( … )`.", group),
    "commands": Attribute("number", "How many commands the instruction has.", lambda at: len(at.script.commands)),
    "activated": Attribute("text", "The environment that the instruction activates, and does nothing more.", activated),
    "substitutes": Attribute("list", "The tools run in $( ) or <( ) within its words.", inner_tools),
    "removed-later": Attribute("paths", "What later commands of the same instruction remove.", removed_later),
    "argument-removed": Attribute("flag", "Whether later commands of the same instruction remove what its first argument names.", argument_removed),
    "mounted": Attribute("paths", "Where cache and tmpfs mounts lie.", mounted),
    "mounted-read-only": Attribute("list", "Where bind mounts lie that nothing can be written to.", read_only),
    "errors-elsewhere": Attribute("flag", "Whether its standard error goes to a file, as with `2>/dev/null`.", errors_elsewhere),
    "product.scratch": Attribute("flag", "Whether the product is `FROM scratch`.", product_scratch),
    "named-version": Attribute("flag", "Whether a later command of the instruction is given a version, by an option or a variable.", named_version),
    "index.plain": Attribute("text", "The package index that it asks over plain HTTP, on another network.", lambda at: written(plain_index(at))),
    "index.mixed": Attribute("text", "The private package index that it asks besides PyPI, where all are known.", lambda at: written(mixed_index(at))),
    "pip-configured": Attribute("flag", "Whether it, or an instruction before it, names a configuration file of pip's.", pip_configured),
    "poetry-cache-set": Attribute("flag", "Whether it, or an instruction before it, has `poetry config cache-dir` with a folder.", poetry_cache_set),
    "cache.folders": Attribute("paths", "Where its tool keeps what it downloads.", cache_folders),
    "lists.used-later": Attribute("flag", "Whether a later RUN, in this stage or one upon it, installs with apt and does not update the lists first.", lists_used_later),
    "cache.place": Attribute("text", "Where a cache mount for it has to lie.", cache_place),
    "cache.mounted": Attribute("flag", "Whether that place is a cache mount.", cache_mounted),
    "cache.removed": Attribute("flag", "Whether that place is emptied later in the same instruction.", cache_removed),
}  # fmt: skip

PARTS: Mapping[str, Part] = {
    **STEP_PARTS,
    "command": Part("The whole command.", lambda at: at.command.span),
    "program": Part("The program's name.", lambda at: at.command.program_span),
    "program-place": Part(
        "The program's name; none in the JSON form.",
        lambda at: option_place(at, at.command.program_span),
    ),
    "action": Part(
        "The sub-command; none in the JSON form.",
        lambda at: option_place(at, at.command.action_span),
    ),
    "head": Part(
        "From the program's name to its sub-command.",
        lambda at: Span(
            at.command.program_span.start,
            (at.command.action_span or at.command.program_span).end,
        ),
    ),
    "index.plain": Part("The option with that index.", lambda at: place(plain_index(at))),
    "index.mixed": Part("The option with that index.", lambda at: place(mixed_index(at))),
    "trusted-host": Part(
        "The first option that switches off the check of a certificate.",
        lambda at: place(trusting(at)),
    ),
    "last-argument": Part("The last argument.", _last_argument),
    "sudo": Part("The word sudo and its options before the program.", _sudo),
    "script-end": Part(
        "The place right after the instruction's last command, where `&& …` can follow.",
        lambda at: script_end(at.step, at.script),
    ),
    "with-joint": Part(
        "The command and the `&&` that joins it to its neighbour.", whole_with_joint
    ),
}

COMMAND = Subject(
    name="command",
    about="A command that a RUN instruction runs: also in heredocs, `sh -c`, `if` and `$( )`.",
    each=command_places,
    attributes=ATTRIBUTES,
    parts=PARTS,
    main="command",
    families={
        **STEP_FAMILIES,
        "env": Family("text", "A variable as the command sees it.", variable),
        "option": Family("text", "An option's value, as in `option.index-url`.", option_value),
    },
    index="tool",
)
