"""What package managers of distributions, npm, and the makers of users do.

Sources: apt-get(8), apk(8), dnf(8), useradd(8), adduser(8), docs.npmjs.com.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from dflint.image.at import At
from dflint.image.files import (
    CLOSED,
    Entry,
    Files,
    Node,
    PythonMark,
    Rest,
    There,
    Unknown,
    unknown_node,
)
from dflint.image.ground import NamedRest, console_scripts, is_apart
from dflint.image.state import Machine, User
from dflint.knowledge import load
from dflint.lazy import regex

Effect = Callable[[At, Machine], Machine]
MANAGERS = {
    "apt-get": "apt", "apt": "apt", "aptitude": "apt", "apk": "apk",
    "dnf": "dnf", "yum": "dnf", "microdnf": "dnf", "tdnf": "dnf", "zypper": "dnf",
}  # fmt: skip
BINS = ("/usr/bin", "/usr/sbin", "/bin", "/sbin")
PYTHON = regex(r"^(python|py3-|pypy|pip)")


class PackagedRest(Struct, frozen=True):
    """What else a folder of programs holds once packages are there that are not all known.

    `kept` are programs that they certainly do not bring; console scripts of PyPI's packages they
    bring under their own names alone (`named`), unless `python`.
    """

    inner: Rest
    why: Unknown
    kept: frozenset[str]
    python: bool
    named: frozenset[str]

    def child(self, name: str) -> Node:
        """See `Rest`."""
        script = name in console_scripts() and name not in self.named and not self.python
        found = self.inner.child(name)
        if script or name in self.kept or isinstance(found.state, Entry):
            return found
        return unknown_node(self.why)


@cache
def kept_by(manager: str, package: str) -> frozenset[str]:
    """The programs that a package certainly does not bring, with all that comes with it."""
    checked = load("programs")
    table = checked.get(manager, {})
    kept = set()
    if package in table.get("none", "").split() or package in table.get("some", {}):
        kept = set(checked["asked"]) - set(table.get("some", {}).get(package, ()))
    known = load("systems")
    if programs_of(manager, package) is not None or re.search(known["headers"], package):
        kept |= set(known["alone"].split()) - set(programs_of(manager, package) or ())
    return frozenset(kept)


def is_quiet(package: str) -> bool:
    """Whether a package brings no programs of note, and nothing that does."""
    known = load("systems")["quiet"]
    return (
        package in known["names"]
        or package.startswith(tuple(known["beginnings"]))
        or package.endswith(tuple(known["endings"]))
        or (package.startswith("lib") and re.search(known["libraries"], package) is not None)
    )


@cache
def programs_of(manager: str, package: str) -> tuple[str, ...] | None:
    """The programs that a package brings; None where they are not known."""
    known = load("systems")["packages"]
    for table in (known.get(manager, {}), known["any"]):
        if package in table:
            return tuple(table[package].split())
    if is_quiet(package):
        return ()
    return None


def install_packages(at: At, machine: Machine) -> Machine:
    """apt-get install, apk add, dnf install."""
    manager = MANAGERS.get(at.command.tool, "apt")
    if at.has("--help", "--download-only", "--simulate", "--dry-run"):
        return machine
    names: list[str] = []
    wild = "xargs" in at.command.through
    for word in at.command.arguments:
        wild = wild or not word.known or word.glob or "*" in word.value
        removes = manager == "apt" and word.value.endswith("-") and not word.value.endswith("--")
        if not removes:
            name = re.split(r"[=<>~:]", word.value)[0]
            if not name.startswith((".", "/")):
                name = name.partition("/")[0]  # the release that it is to come from
            # apt takes a `+` at the end for "install"; g++ is a name.
            names.append(name if name.endswith("++") else name.removesuffix("+"))
    files = _with_others(at, machine.files, manager, names, wild=wild)
    for name in names:
        files = _with_programs(at, replace(machine, files=files), manager, name)
    files = files.taint(["/etc", "/var", "/usr/lib", "/usr/share"], at.why("system packages"))
    group = at.option("--virtual")
    settings = machine.settings
    if group is not None:
        settings = {**settings, f"apk {group.value}": " ".join(names)}
    return replace(machine, files=files, settings=settings)


def _with_programs(at: At, machine: Machine, manager: str, package: str) -> Files:
    files = machine.files
    entry = Entry("program", at.origin, "root", 0o755, detail=f"{manager}:{package}")
    for name in programs_of(manager, package) or ():
        mark = _mark(machine.settings, name) if name.startswith("python") else None
        path = f"{folder_of(manager, name)}/{name}"
        if not isinstance(files.lookup(path), There) or mark is not None:
            files = files.put(path, replace(entry, python=mark))
        if (
            manager == "apk"
            and name in _apart()
            and is_apart("alpine", machine.settings.get("release"))
        ):
            files = files.remove(f"/usr/bin/{name}", at.origin)
    return files


@cache
def _apart() -> frozenset[str]:
    return frozenset(load("systems")["apart"]["programs"].split())


@cache
def folder_of(manager: str, program: str) -> str:
    """The folder that a package puts a program into."""
    table = load("systems")["elsewhere"].get(manager, {})
    return next((path for path, names in table.items() if program in names.split()), "/usr/bin")


def _mark(settings: Mapping[str, str], name: str) -> PythonMark:
    """The distribution's own Python."""
    version = name.removeprefix("python")
    path = f"/usr/bin/{name}"
    if "." not in version:
        version, path = settings.get("python", ""), "/usr/bin/python3"
    libc, release = settings.get("libc"), settings.get("release")
    return PythonMark("system", version or None, libc, release, path, "/usr")


def _with_others(at: At, files: Files, manager: str, names: list[str], *, wild: bool) -> Files:
    """With what comes along: other programs than those that are known of."""
    loud = [name for name in names if not is_quiet(name)]
    if not loud and not wild:
        return files
    headers = load("systems")["headers"]
    kept = (
        frozenset() if wild else frozenset.intersection(*(kept_by(manager, each) for each in loud))
    )
    unknown = [each for each in loud if programs_of(manager, each) is None]
    python = wild or any(PYTHON.search(name) and not re.search(headers, name) for name in unknown)
    parts = frozenset(each for name in unknown for each in (name, *name.split("-")))
    why = at.why("packages may bring it along: " + ", ".join(loud)[:60])

    def change(node: Node) -> Node:
        rest = PackagedRest(node.rest, why, kept, python, parts)
        children = {
            name: child if child.state is not None else unknown_node(why)
            for name, child in node.children.items()
        }
        return Node(node.state, children, rest, node.blur)

    for folder in BINS:
        found = files.lookup(folder, follow=False)
        if isinstance(found, There) and found.entry.kind == "folder":
            files = files.change(folder, change, at.origin)
    if wild or any(not re.search(headers, each) for each in unknown):
        files = files.taint(["/opt"], why)
    return files


def remove_packages(at: At, machine: Machine) -> Machine:
    """apt-get purge, apk del: what else goes with them is not known."""
    manager = MANAGERS.get(at.command.tool, "apt")
    why = at.why("it may have been removed with a package")
    gone: set[str] = set()
    wide = at.command.action in ("autoremove",) or at.has("--auto-remove", "--autoremove")
    for word in at.command.arguments:
        if not word.known or word.glob:
            wide = True
        group = machine.settings.get(f"apk {word.value}", "")
        gone.update({word.value, *group.split()})
    files = machine.files
    marked = machine.settings.get("apt-mark") is not None
    for folder in BINS:
        for path, entry in list(files.walk(folder)):
            package = (entry.detail or "").partition(":")[2]
            named = any(fnmatchcase(package, each) for each in gone)
            if entry.origin.kind == "command" and package and (named or (wide and marked)):
                files = files.doubt([path], why)
    programs = {each for name in gone for each in programs_of(manager, name) or ()}
    for name in programs:
        path = f"{folder_of(manager, name)}/{name}"
        found = files.lookup(path)
        if isinstance(found, There) and found.entry.origin.kind == "base":
            files = files.doubt([path], why)
    return replace(machine, files=files)


def mark_packages(at: At, machine: Machine) -> Machine:  # noqa: ARG001
    """apt-mark auto: what is marked goes with the next autoremove."""
    return replace(machine, settings={**machine.settings, "apt-mark": "auto"})


# --- users ---


# What of usermod's options leaves every user's name, number and home as they were.
SAME_USERS = frozenset(
    {
        "--append",
        "--groups",
        "--shell",
        "--comment",
        "--password",
        "--lock",
        "--unlock",
        "--expiredate",
        "--inactive",
    }
)
# What /etc/skel of the distributions holds, and nothing else.
SKELETON = NamedRest(frozenset(), r"^\.(bash|profile|cshrc|kshrc|mkshrc|zshrc|face|cloud|emacs)")


def add_user(at: At, machine: Machine) -> Machine:
    """useradd, adduser."""
    words = at.command.arguments
    busybox = machine.settings.get("libc") == "musl"
    adds_group = at.command.tool == "adduser" and len(words) == 2
    if not words or not all(word.known for word in at.command.words):
        return replace(machine, users_complete=False, files=_home_doubt(at, machine))
    name = (words[0] if adds_group else words[-1]).value
    if adds_group and any(each.name == name for each in machine.users.values()):
        return machine
    uid = at.option("--uid")
    number = int(uid.value) if uid is not None and uid.value.isdecimal() else None
    word = at.option("--home-dir", "--home")
    base = at.option("--base-dir")
    above = "/home" if base is None else at.path(base)
    home = at.path(word) if word is not None else above and posixpath.join(above, name)
    system = at.has("--system")
    files = machine.files
    makes = _makes_home(at, system=system)
    if home is not None and makes is True:
        files = files.put(home, Entry("folder", at.origin, name, None), SKELETON)
    elif home is not None and makes is None:
        files = files.doubt([home], at.why("whether the home folder is made"))
    if home is not None and word is None and system and at.command.tool == "adduser":
        home = None if not busybox else home
    users = {**machine.users, name: User(name, number, home)}
    return replace(machine, files=files, users=users)


def _makes_home(at: At, *, system: bool) -> bool | None:
    """Whether the command makes the home folder; None where not known."""
    if at.has("--no-create-home"):
        return False
    if at.has("--create-home"):
        return True
    if at.command.tool == "useradd":
        return False if system else None
    return None if system else True


def _home_doubt(at: At, machine: Machine) -> Files:
    return machine.files.taint(["/home"], at.why("a user's home folder"))


def change_users(at: At, machine: Machine) -> Machine:
    """usermod, userdel and the like; which groups a user is in says nothing of who there is."""
    names = {option.name for option in at.command.options}
    if at.command.tool == "usermod" and names and names <= SAME_USERS:
        return machine
    return replace(machine, users_complete=False, users={}, files=_home_doubt(at, machine))


# --- others ---


def npm_install(at: At, machine: Machine) -> Machine:
    """npm install, npm ci, yarn, pnpm: node_modules, or the global folder."""
    why = at.why("the programs of npm's packages are not known")
    if at.has("--global", "--location") or (at.command.action or "").startswith("global"):
        folders = ["/usr/local/bin", "/usr/local/lib/node_modules", "/usr/bin", "/usr/lib"]
        return replace(machine, files=machine.files.taint(folders, why))
    word = at.option("--prefix", "--cwd", "--dir")
    path = at.cwd if word is None else at.path(word)
    if path is None:
        return replace(machine, files=machine.files.taint(["/"], why))
    files = machine.files.put(
        f"{path}/node_modules", Entry("folder", at.origin, at.owner, 0o755), CLOSED
    )
    return replace(machine, files=files.taint([path], why))


def go_install(at: At, machine: Machine) -> Machine:
    """go build -o, go install."""
    word = at.option("-o")
    path = at.path(word) if word is not None else None
    if path is None:
        folders = ["/go", at.cwd or "/", "/root/go"]
        return replace(machine, files=machine.files.taint(folders, at.why("what go built")))
    found = machine.files.lookup(path)
    if isinstance(found, There) and found.entry.kind == "folder":
        return replace(machine, files=machine.files.taint([path], at.why("what go built")))
    entry = Entry("program", at.origin, at.owner, 0o755)
    return replace(machine, files=machine.files.put(path, entry))


SYSTEM: Mapping[str, Effect] = {
    **{
        f"{tool} {action}": install_packages
        for tool in MANAGERS
        for action in ("install", "add", "reinstall", "build-dep")
    },
    **{
        f"{tool} {action}": remove_packages
        for tool in MANAGERS
        for action in ("purge", "remove", "del", "erase", "autoremove")
    },
    "apt-mark": mark_packages,
    "useradd": add_user,
    "adduser": add_user,
    "usermod": change_users,
    "userdel": change_users,
    "deluser": change_users,
    "newusers": change_users,
    "npm install": npm_install,
    "npm i": npm_install,
    "npm ci": npm_install,
    "npm add": npm_install,
    "yarn": npm_install,
    "yarn install": npm_install,
    "yarn add": npm_install,
    "yarn global": npm_install,
    "pnpm install": npm_install,
    "pnpm add": npm_install,
    "bun install": npm_install,
    "go build": go_install,
    "go install": go_install,
}
