"""What a RUN does to the file system: its commands in order, the unknown ones included."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from functools import cache

from msgspec.structs import replace

from dflint.context import Context
from dflint.image.at import At, folders_of
from dflint.image.copying import context_node
from dflint.image.files import (
    Entry,
    Files,
    Node,
    Open,
    Origin,
    Unknown,
    blurred_around,
    either,
    unknown_node,
)
from dflint.image.filing import FILING, MAKING, redirected
from dflint.image.installing import INSTALLING
from dflint.image.moving import lost
from dflint.image.state import Machine
from dflint.image.system import SYSTEM
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Mount, Step
from dflint.shell import Command, Script
from dflint.source import Source, Span

Effect = Callable[[At, Machine], Machine]
NodeOf = Callable[[str, str], Node | None]
EFFECTS: Mapping[str, Effect] = {**FILING, **INSTALLING, **SYSTEM}
# As root, an unknown command may add to all of these.
SYSTEM_FOLDERS = (
    "/usr", "/etc", "/bin", "/sbin", "/lib", "/lib64", "/opt", "/var", "/home", "/root", "/srv",
    "/tmp",
)  # fmt: skip
# A command of the project's own leaves these folders of the root alone, unless it is in one.
SYSTEM_NAMES = (
    "usr", "etc", "bin", "sbin", "lib", "lib64", "opt", "proc", "sys", "dev", "boot", "root",
    "home",
)  # fmt: skip
OTHER_USERS = {
    "su", "runuser", "gosu", "su-exec", "chroot", "setpriv", "chpst", "s6-setuidgid",
}  # fmt: skip
AS_USER = regex(r"\b(sudo|doas)\s[^;&|]*?(?<!\S)(--user|-[A-Za-z]*u)")
PATHS = regex(r"(?:(?<=^)|(?<=[=:\s\"'(]))(?:~|\.{1,2})?/[\w.@+/-]*")


def run(
    machine: Machine, step: Step, script: Script, context: Context | None, source: Source,
    taken: NodeOf,
) -> Machine:  # fmt: skip
    """The machine after a RUN; `taken` gives the node that `--mount=from=` brings in."""
    before = machine
    machine = _with_mounts(machine, step, context, taken)
    origin = Origin("command", step.stage, step.instruction.span, "RUN")
    if script.broken or (not script.commands and not _says_nothing(step)):
        machine = _unknown(machine, origin)
    else:
        machine = _commands(machine, step, script, context, source)
    return _without_mounts(machine, before, step, origin)


def _says_nothing(step: Step) -> bool:
    """Whether there is no command because none is written."""
    return (
        step.shell.posix
        and not step.instruction.heredocs
        and (not step.instruction.text.value.strip())
    )


def _unknown(machine: Machine, origin: Origin) -> Machine:
    """After a script that could not be read."""
    why = Unknown("a command that could not be read", origin)
    return replace(machine, files=machine.files.taint(["/"], why), users_complete=False)


# --- mounts ---


def _with_mounts(machine: Machine, step: Step, context: Context | None, taken: NodeOf) -> Machine:
    for mount in step.mounts:
        origin = Origin("command", step.stage, mount.span, f"--mount={mount.kind}")
        target = mount.target
        if target is None or target == "/" or mount.kind in ("secret", "ssh"):
            continue
        node = _mounted(mount, context, origin, taken)
        files = machine.files.change(target, lambda _, node=node: node, origin)
        machine = replace(machine, files=files)
    return machine


def _mounted(mount: Mount, context: Context | None, origin: Origin, taken: NodeOf) -> Node:
    """What lies at a mount's target while the command runs."""
    why = Unknown(f"a {mount.kind} mount", origin)
    house = Entry("folder", origin)
    source = mount.options.get("source", mount.options.get("src", ""))
    if mount.kind == "bind" and "from" in mount.options:
        found = taken(mount.options["from"], source or "/")
        return found if found is not None and found.state is not None else unknown_node(why)
    if mount.kind == "bind" and "$" not in source:
        return context_node(context, source or ".", origin)
    return Node(house, rest=Open(why))


def _without_mounts(machine: Machine, before: Machine, step: Step, origin: Origin) -> Machine:
    """Mounts are not part of the layer: what lay at their targets before lies there again."""
    files = machine.files
    for mount in reversed(step.mounts):
        target = mount.target
        if mount.kind in ("secret", "ssh"):
            continue
        if target is None or target == "/":
            why = Unknown("a mount at a place that is not known", origin)
            files = files.taint(["/"], why)
            continue
        old = before.files.node(target)
        if old.state is None:
            # BuildKit leaves the empty place that it mounted to, buildah does not.
            old = Node(Unknown("a mount may leave the empty place behind", origin))
        files = files.change(target, lambda _, old=old: old, origin)
    return replace(machine, files=files)


# --- commands ---


class _Walk:
    """Where the shell stands while a script is walked; lives only while `run` does."""

    def __init__(self, machine: Machine, step: Step) -> None:
        self.machine = machine
        self.step = step
        self.folders: dict[int, str | None] = {0: step.workdir.value}
        self.moved: set[int] = set()
        self.activated: dict[int, str | None] = {0: None}
        self.user = step.user.value

    def enter(self, scope: int) -> None:
        """Forget what deeper scopes did."""
        for table in (self.folders, self.activated):
            for each in [each for each in table if each > scope]:
                del table[each]
        self.moved = {each for each in self.moved if each <= scope}

    def cwd(self, scope: int) -> str | None:
        """The folder of a scope: its own, else that of the one around it."""
        return self.folders[max(each for each in self.folders if each <= scope)]

    def active(self, scope: int) -> str | None:
        """The environment that a scope has activated."""
        return self.activated[max(each for each in self.activated if each <= scope)]


def _commands(
    machine: Machine, step: Step, script: Script, context: Context | None, source: Source
) -> Machine:
    walk = _Walk(machine, step)
    for number, command in enumerate(script.commands):
        walk.enter(command.scope)
        if not command.redirects and _is_harmless(command):
            continue
        at = _at(walk, script, number, command, context, source)
        if command.tool in ("cd", "pushd", "popd"):
            _change_folder(walk, at)
            continue
        if command.tool in (".", "source") and _activate(walk, at):
            continue
        after = redirected(at, effect_of(at)(at, walk.machine))
        if _may_not_run(script, number):
            after = _perhaps(walk.machine, after, at)
        walk.machine = after
    return walk.machine


def _is_harmless(command: Command) -> bool:
    spoken = command.tool if command.action is None else f"{command.tool} {command.action}"
    return spoken not in EFFECTS and _kinds().get(command.tool) == "harmless"


def _at(
    walk: _Walk,
    script: Script,
    number: int,
    command: Command,
    context: Context | None,
    source: Source,
) -> At:
    text = " ".join(source.slice(command.span).split())[:80]
    activated = walk.active(command.scope)
    folders, complete = folders_of(walk.step, command, activated)
    user = _user(walk, command, source)
    return At(
        step=walk.step,
        script=script,
        number=number,
        command=command,
        cwd=walk.cwd(command.scope),
        user=user,
        home=_home(walk, command, user),
        folders=folders,
        complete=complete,
        activated=activated,
        files=walk.machine.files,
        context=context,
        origin=Origin("command", walk.step.stage, command.span, text),
    )


def _user(walk: _Walk, command: Command, source: Source) -> str | None:
    """Who runs a command; None where that is not known."""
    through = set(command.through)
    if through & OTHER_USERS:
        return None
    if through & {"sudo", "doas"}:
        carried = source.slice(Span(command.span.start, command.program_span.start))
        if not re.search(r"\b(sudo|doas)\b", carried):  # it runs a shell that runs the command
            carried = walk.step.instruction.text.value
        return None if AS_USER.search(carried) else "root"
    return None if walk.user is None else walk.user.partition(":")[0]


def _home(walk: _Walk, command: Command, user: str | None) -> str | None:
    for name, word in reversed(command.environment):
        if name == "HOME":
            return word.value if word.known else None
    variable = walk.step.environment.get("HOME")
    if variable is not None:
        return variable.value
    return home_of(walk.machine, user)


def home_of(machine: Machine, user: str | None) -> str | None:
    """A user's home folder as far as it is known."""
    if user is None:
        return None
    if user in ("root", "0", ""):
        return "/root"
    for each in machine.users.values():
        if each.name == user or (each.uid is not None and str(each.uid) == user):
            return each.home
    return None


def _change_folder(walk: _Walk, at: At) -> None:
    scope = at.command.scope
    word = at.command.arguments[0] if at.command.arguments else None
    relative = word is None or not word.value.startswith(("/", "~", "$HOME"))
    if word is None and at.command.tool == "cd":
        to = at.home
    elif word is None or at.command.guarded or word.value == "-":
        to = None
    elif relative and scope > 0 and scope in walk.moved:
        to = None  # it may be another subshell of the same depth
    else:
        known = word.known or word.value.startswith(("$HOME", "${HOME}"))
        to = at.absolute(word.value, logical=True) if known and not word.glob else None
    walk.folders[scope] = to
    walk.moved.add(scope)


def _activate(walk: _Walk, at: At) -> bool:
    if not at.command.arguments:
        return False
    path = at.path(at.command.arguments[0])
    if path is None or not path.endswith("/bin/activate"):
        return False
    walk.activated[at.command.scope] = path.removesuffix("/bin/activate")
    return True


def _may_not_run(script: Script, number: int) -> bool:
    command = script.commands[number]
    if command.guarded or "xargs" in command.through:
        return True
    following = script.commands[number + 1] if number + 1 < len(script.commands) else None
    return following is not None and following.connector == "||"


def _perhaps(before: Machine, after: Machine, at: At) -> Machine:
    """Where it is not known whether a command ran, or ran well."""
    why = at.why("a command that may not have run")
    root = either(before.files.root, after.files.root, why)
    complete = before.users_complete and after.users_complete and before.users == after.users
    return replace(after, files=Files(root), users_complete=complete, settings=before.settings)


def effect_of(at: At) -> Effect:
    """What a command does; what an unknown one may do."""
    command = at.command
    kinds = _kinds()
    spoken = command.tool if command.action is None else f"{command.tool} {command.action}"
    effect = EFFECTS.get(spoken) or EFFECTS.get(command.tool)
    if effect is not None:
        # What xargs adds to the words is not known.
        return lost if "xargs" in command.through and spoken in MAKING else effect
    kind = kinds.get(spoken) or kinds.get(command.tool)
    if kind == "harmless":
        return _nothing
    if kind == "local" or (command.tool == "make" and not _installs(command)):
        return local_command
    return unknown_command


def _installs(command: Command) -> bool:
    return any("install" in word.value or not word.known for word in command.words[1:])


@cache
def _kinds() -> Mapping[str, str]:
    known = load("effects")
    kinds = dict.fromkeys(known["harmless"].split(), "harmless")
    kinds.update(dict.fromkeys(map(str.strip, known["local"].split(",")), "local"))
    kinds.update(dict.fromkeys(map(str.strip, known["quiet"].split(",")), "harmless"))
    return kinds


def _nothing(at: At, machine: Machine) -> Machine:  # noqa: ARG001
    return machine


def local_command(at: At, machine: Machine) -> Machine:
    """A command of the project's own, which leaves the system's folders and programs alone."""
    why = at.why(f"it may come from `{at.origin.text}`")
    machine = replace(machine, files=machine.files.taint_project(SYSTEM_NAMES, why))
    return _tainted(at, machine, [], around=True)


def unknown_command(at: At, machine: Machine) -> Machine:
    """A command that is not known: it may add wherever its user can write."""
    if at.root is False:
        own = [
            path
            for path, entry in machine.files.walk()
            if entry.kind == "folder" and entry.owner == at.user
        ]
        return _tainted(at, machine, ["/tmp", *own])
    return replace(_tainted(at, machine, list(SYSTEM_FOLDERS)), users_complete=False)


def _tainted(at: At, machine: Machine, folders: list[str], *, around: bool = False) -> Machine:
    why = at.why(f"a command that is not known: `{at.origin.text}`")
    folders += [each for each in (at.cwd, at.home) if each is not None]
    if at.cwd is None and not around:
        folders.append("/")
    for word in at.command.words:
        for text in PATHS.findall(word.value):
            path = at.absolute(text)
            if path is not None and path != "/":
                folders.append(posixpath.normpath(path))
    files = machine.files
    for folder in folders:
        if around and folder == "/":
            continue
        if around:
            files = files.change(folder, lambda node: blurred_around(node, why), at.origin, why)
        else:
            files = files.taint([folder], why)
    return replace(machine, files=files)
