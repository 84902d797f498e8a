"""Subject `secret-kept`: each command that writes a mounted secret into the layer."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cache

from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Mount, Stage, Step, resolve
from dflint.paths import covers
from dflint.shell import Command, Script, Word
from dflint.source import Span
from dflint.subjects.base import Attribute, Facts, Part, Place, Subject
from dflint.subjects.command import (
    CommandPlace,
    both_spellings,
    later,
    mounted,
    removed_later,
    step_commands,
)
from dflint.subjects.common import STEP, STEP_FAMILIES, STEP_PARTS, command_line, places

WRITES = frozenset({">", ">>", ">|"})
COPIES = frozenset({"cp", "mv", "install", "rsync"})
PRINTS = frozenset(
    {"echo", "printf", "cat", "base64", "tr", "sed", "envsubst", "jq", "head", "tail"}
)
UNDOING = frozenset({"logout", "remove", "delete", "set-url"})
QUOTED = regex(r"(\"(?:\\.|[^\"\\])*\")|'[^']*'|\\.", re.DOTALL)
ESCAPED = regex(r"\\.", re.DOTALL)
PASSING = ("/dev/", "/proc/", "/run/secrets/", "/dev/shm/")


class KeptPlace(Place, frozen=True):
    """A command that writes a secret of a mount to where it stays.

    `how` is copied (as a file), output, address (a clone's remote) or configuration.
    """

    mount: Mount
    command: Command
    how: str
    to: str | None
    span: Span


def kept_places(facts: Facts) -> Iterator[KeptPlace]:
    """The commands of RUN instructions with secret mounts that certainly keep a secret."""
    for stage, step in places(facts):
        secrets = [mount for mount in step.mounts if mount.kind == "secret"]
        if step.keyword != "RUN" or not secrets:
            continue
        for at in step_commands(facts, stage, step):
            for mount in secrets:
                found = _kept(facts, stage, step, at, mount)
                if found is not None:
                    yield found
                    break


def secret_name(mount: Mount) -> str | None:
    """The secret's id, which is its file's name where none is given."""
    target = mount.target
    return mount.options.get("id") or (None if target is None else posixpath.basename(target))


def secret_path(mount: Mount) -> str | None:
    """Where the secret is mounted as a file; None where it is a variable alone."""
    if mount.target is not None:
        return mount.target
    name = secret_name(mount)
    if "env" in mount.options or name is None:
        return None
    return f"/run/secrets/{name}"


@cache
def _mention(path: str | None, names: tuple[str, ...]) -> re.Pattern[str]:
    """An expression for a text that puts in the secret: by a variable or by `$(cat FILE)`."""
    ways = [rf"\$(?:{name}(?![A-Za-z0-9_])|\{{{name}\}})" for name in map(re.escape, names)]
    if path is not None:
        ways.append(rf"(?:\$\(\s*(?:cat\s+|<\s*)|`cat\s+)[\"']?{re.escape(path)}[\"']?\s*[)`]")
    return re.compile("|".join(ways) or r"(?!)")


def _live(text: str) -> str:
    """A word without what the shell takes as it is: single quotes and escaped characters."""
    return QUOTED.sub(lambda found: ESCAPED.sub("", found[1] or ""), text)


def _names(mount: Mount, script: Script) -> tuple[str, ...]:
    """The variables that hold the secret: the mount's own, and those that the script sets to it."""
    own = tuple(name for name in (mount.options.get("env"),) if name)
    direct = _mention(secret_path(mount), own)
    held = (
        each.name for each in script.assignments if direct.fullmatch(each.word.text.strip("\"'"))
    )
    return tuple(dict.fromkeys((*own, *held)))


def _kept(
    facts: Facts, stage: Stage, step: Step, at: CommandPlace, mount: Mount
) -> KeptPlace | None:
    command, path = at.command, secret_path(mount)
    if command.substituted:
        return None
    mention = _mention(path, _names(mount, at.script))

    def place(how: str, to: str | None) -> KeptPlace:
        return KeptPlace(facts, stage, step, mount, command, how, to, command.span)

    target = _copy_target(at, path)
    if target is not None:
        return place("copied", target)
    target = _output(at, path, mention) or _heredoc(at, mention)
    if target is not None:
        return place("output", target)
    if not any(mention.search(_live(word.text)) for word in command.words):
        return None
    if _clones(at, mention):
        return place("address", None)
    return place("configuration", None) if _configures(at) else None


def _stays(at: CommandPlace, path: str | None) -> bool:
    """Whether a written file is in the layer: neither on a mount nor removed in the instruction."""
    if path is None or "$" in path or path.startswith(PASSING):
        return False
    if covers(list(mounted(at)), path):
        return False
    others = [each.target for each in at.step.mounts if each.target and each.target != "/"]
    if covers(others, path):
        return False
    names = {posixpath.basename(path)}
    gone = list(removed_later(at))
    return not covers(gone, path) and not any(posixpath.basename(each) in names for each in gone)


def _full(at: CommandPlace, path: str) -> str | None:
    return next(both_spellings(path, at.step), None)


def _copy_target(at: CommandPlace, path: str | None) -> str | None:
    """Where `cp` and the like put the secret's file."""
    words = at.command.arguments
    if path is None or at.command.tool not in COPIES or len(words) < 2:
        return None
    if not any(resolve(at.step.workdir.value, word.value) == path for word in words[:-1]):
        return None
    if not words[-1].known and not words[-1].value.startswith(("$HOME/", "${HOME}/", "~/")):
        return None
    target = _full(at, words[-1].value)
    if words[-1].value.endswith("/") and target is not None:
        target = posixpath.join(target, posixpath.basename(path))
    return target if _stays(at, target) else None


def _output(at: CommandPlace, path: str | None, mention: re.Pattern[str]) -> str | None:
    """The file that a command writes the secret to: `cat SECRET > FILE`, `echo "$SECRET" > FILE`."""
    command = at.command
    if command.tool not in PRINTS:
        return None
    reads = command.tool in ("cat", "base64", "envsubst") and any(
        word.value == path for word in (*command.arguments, *_inputs(command))
    )
    if not reads and not (
        command.tool in ("echo", "printf")
        and any(mention.search(_live(word.text)) for word in command.words)
    ):
        return None
    return _file_after(at)


def _heredoc(at: CommandPlace, mention: re.Pattern[str]) -> str | None:
    """The file that `cat <<EOF > FILE` writes a text with the secret to."""
    if at.command.tool not in ("cat", "tee"):
        return None
    for heredoc in at.step.instruction.heredocs:
        given = any(
            each.operator in ("<<", "<<-")
            and each.span.start <= heredoc.marker.start + 2 <= each.span.end
            for each in at.command.redirects
        )
        if given and heredoc.expand and mention.search(ESCAPED.sub("", heredoc.body.value)):
            return _file_after(at)
    return None


def _file_after(at: CommandPlace) -> str | None:
    """The file that a command's output certainly ends up in, and stays."""
    command, last = at.command, _end_of_pipe(at)
    files = [each.target for each in last.redirects if each.operator in WRITES and each.target]
    if last is not command and last.tool not in PRINTS | {"tee"}:
        return None
    if last.tool == "tee":
        files += list(last.arguments)
    for word in files:
        target = _full(at, word.value)
        if _stays(at, target):
            return target
    return None


def _inputs(command: Command) -> list[Word]:
    return [each.target for each in command.redirects if each.operator == "<" and each.target]


def _end_of_pipe(at: CommandPlace) -> Command:
    for pipeline in at.script.pipelines:
        if at.command in pipeline.commands:
            return pipeline.commands[-1]
    return at.command


def _clones(at: CommandPlace, mention: re.Pattern[str]) -> bool:
    """Whether a clone keeps the secret as part of its remote's address, in `.git/config`."""
    command = at.command
    if command.tool != "git" or command.action != "clone" or at.command.substituted:
        return False
    if not any(
        mention.search(_live(word.text)) and "://" in word.text for word in command.arguments
    ):
        return False
    return not any(_undoes(each) for each in later(at)) and not mounted_home(at)


def mounted_home(at: CommandPlace) -> bool:
    """Whether the working folder is a cache or tmpfs mount."""
    return bool(at.step.workdir.value and covers(list(mounted(at)), at.step.workdir.value))


def _undoes(command: Command) -> bool:
    """Whether a later command may take the secret away again: it removes, moves or sets something."""
    words = [word.value for word in command.words]
    if command.tool in ("rm", "shred", "unlink", "find", "mv", "sed", "unset"):
        return True
    return any("unset" in word or word in UNDOING for word in words)


def _configures(at: CommandPlace) -> bool:
    """Whether the command writes what it is given to a file of settings that stays."""
    known: dict[str, str] = load("secrets")["keeps"]
    pattern = known.get(at.command.tool)
    words = [
        word.value for word in at.command.words if word.span.start >= at.command.program_span.end
    ]
    if pattern is None or not re.match(pattern, " ".join(words)):
        return False
    return not any(_undoes(each) for each in later(at)) and not mounted(at)


SECRET_KEPT = Subject(
    name="secret-kept",
    about="A command that writes a secret from `RUN --mount=type=secret` to where it stays in the layer.",
    each=kept_places,
    attributes={
        **STEP,
        "text": Attribute("text", "The command as written.", lambda at: command_line(at.facts.build.source, at.command)),
        "tool": Attribute("text", "The command's program.", lambda at: at.command.tool),
        "how": Attribute("text", "How it is kept: copied, output, address or configuration.", lambda at: at.how),
        "to": Attribute("text", "The file that it is written to.", lambda at: at.to),
        "secret": Attribute("text", "The secret's id.", lambda at: secret_name(at.mount)),
    },
    parts={
        **STEP_PARTS,
        "command": Part("The command.", lambda at: at.span),
        "mount": Part("The mount that brings the secret.", lambda at: at.mount.span),
    },
    main="command",
    families=STEP_FAMILIES,
    index="how",
)  # fmt: skip
