"""What a base image holds: the file system that a stage begins with, from `knowledge/`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from dflint.image.files import (
    CLOSED,
    NOTHING,
    Entry,
    Files,
    Node,
    Open,
    Origin,
    PythonMark,
    Rest,
    Thingless,
    Unknown,
    unknown_node,
)
from dflint.image.state import Machine, User
from dflint.images import Base, ImageName, lookup
from dflint.knowledge import load

BASE = Origin("base", text="the base image")
SYSTEM_BINS = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")
ANYTHING = Unknown("the base image is not known", Origin("unknown", text="the base image"))
OWN_TREE = Unknown("it may come with the base image", BASE)
UNSEEN = Unknown("the packages that it holds are not told apart", BASE)


class ProgramsRest(Struct, frozen=True):
    """What else a folder of a distribution's own programs holds."""

    there: frozenset[str]
    absent: frozenset[str]
    why: Unknown = OWN_TREE

    def child(self, name: str) -> Node:
        """See `Rest`."""
        if name in self.there:
            return PROGRAM
        return NOTHING if name in self.absent else unknown_node(self.why)


class NamedRest(Thingless, frozen=True):
    """What else a folder holds: nothing but names that may be."""

    may: frozenset[str]
    like: str | None

    def child(self, name: str) -> Node:
        """See `Rest`."""
        if name in self.may or (self.like is not None and re.match(self.like, name)):
            return unknown_node(OWN_TREE)
        return NOTHING


class LibRest(Struct, frozen=True):
    """What else a `lib` folder holds: the folders of no other Python."""

    inner: Rest

    def child(self, name: str) -> Node:
        """See `Rest`."""
        return NOTHING if re.fullmatch(r"python\d\.\d+t?", name) else self.inner.child(name)


class PackagesRest(Thingless, frozen=True):
    """What else a site-packages folder holds: no package, and modules that are not told apart."""

    def child(self, name: str) -> Node:
        """See `Rest`."""
        return NOTHING if name.endswith("-*.dist-info") else unknown_node(UNSEEN)


PROGRAM_ENTRY = Entry("program", BASE, "root", 0o755)
PROGRAM = Node(PROGRAM_ENTRY)
PACKAGES = PackagesRest()


def folder(children: Mapping[str, Node], rest: Rest = CLOSED) -> Node:
    """A folder of the base image."""
    return Node(Entry("folder", BASE, "root", 0o755), children, rest)


def ground(name: ImageName | None, *, empty: bool = False) -> Machine:
    """What a stage that is FROM an image begins with."""
    if empty:
        return Machine(Files(_scratch_root()), {}, users_complete=True)
    if name is None:
        return _unknown_ground()
    return _known(name)


@cache
def _unknown_ground() -> Machine:
    return Machine(Files(folder({}, Open(ANYTHING))), {}, users_complete=False)


@cache
def _scratch_root() -> Node:
    # What the engine mounts and writes when a container starts.
    return folder({each: unknown_node(OWN_TREE) for each in ("proc", "sys", "dev", "etc")})


@cache
def _known(name: ImageName) -> Machine:
    base = lookup(name)
    if base is None:
        return _unknown_ground()
    if base.family in ("python", "uv") and (base.python or "") not in (name.tag or ""):
        base = replace(base, python=None)  # a tag such as `3` names another one next year
    users = {each: User(each, _uid(each), _home(each)) for each in base.users}
    return Machine(Files(_root(base)), users, base.users_complete, _settings(base))


def _settings(base: Base) -> Mapping[str, str]:
    """What the distribution's own packages are like."""
    release = base.release or ""
    python = load("systems")["pythons"].get(base.distribution, {}).get(release)
    known = {"python": python, "libc": base.libc, "release": base.release}
    return {name: value for name, value in known.items() if value is not None}


def _uid(user: str) -> int | None:
    return {"root": 0, "node": 1000, "ubuntu": 1000, "nonroot": 65532}.get(user)


def _home(user: str) -> str | None:
    if user == "root":
        return "/root"
    return f"/home/{user}" if user in ("node", "ubuntu", "nonroot") else None


def is_clean(base: Base) -> bool:
    """Whether the image's own trees are known well enough to say what else is not there."""
    families = load("systems")["trees"]["families"].split()
    return base.family in families and (bool(base.absent) or base.family == "scratch")


def _root(base: Base) -> Node:
    if base.family == "uv" and base.variant == "distroless":  # it is made of scratch
        return _with_python(_scratch_root(), base)
    if not is_clean(base):
        children: dict[str, Node] = {"usr": folder({}, Open(OWN_TREE))}
        children.update(_bins(base))
        if base.python_path is not None:
            return _with_python(folder(children, Open(OWN_TREE)), base)
        return folder(children, Open(OWN_TREE))
    trees = load("systems")["trees"]
    children = {each: folder({}, Open(OWN_TREE)) for each in trees["folders"].split()}
    children.update({each: unknown_node(OWN_TREE) for each in trees["perhaps"].split()})
    children["tmp"] = replace(children["tmp"], state=Entry("folder", BASE, "root", 0o1777))
    for each in trees["empty"].split():
        if base.family != "node":
            children[each.strip("/")] = folder({})
    people = [each for each in ("node", "ubuntu") if each in base.users]
    children["home"] = folder({each: _house(each) for each in people})
    if base.family == "distroless":
        children["home"] = folder({}, Open(OWN_TREE))
    children["root"] = _house("root", 0o700)
    children.update(_bins(base))
    return _with_python(folder(children), base)


def _house(owner: str, mode: int | None = None) -> Node:
    """A home folder of the base image: it holds dot files, but no environments."""
    empty = (".local", ".venv", "venv", "app", ".virtualenvs", "miniconda3", ".poetry", ".cargo")
    return Node(Entry("folder", BASE, owner, mode), dict.fromkeys(empty, NOTHING), Open(OWN_TREE))


def _bins(base: Base) -> dict[str, Node]:
    """/bin, /sbin and /usr of an image."""
    known = load("systems")
    merged = base.release in known["merged"].get(base.distribution, "").split()
    python = {"python", "python3", "pip", "pip3"}
    local = _local_programs(base)
    there = base.programs - python - local
    absent = frozenset(_absent(base) - there)
    if base.variant in ("slim", "alpine") and base.family in ("python", "uv"):
        absent |= python  # the image's own lies in /usr/local/bin
    clean, unseen = is_clean(base), folder({}, Open(OWN_TREE))
    own = _own_programs(base, there)
    if is_apart(base.distribution, base.release):
        apart = frozenset(known["apart"]["programs"].split())
        usr_bin = ProgramsRest(own["/usr/bin"], absent | apart)
    else:
        usr_bin = ProgramsRest(own["/usr/bin"], absent)
    children = {
        "bin": folder({}, usr_bin),
        "sbin": folder({}, ProgramsRest(own["/usr/sbin"], absent)),
        "local": folder({"bin": unseen, "sbin": folder({}) if clean else unseen}, Open(OWN_TREE)),
    }
    usr = folder(children, Open(OWN_TREE))
    if merged:
        return {"usr": usr, "bin": _link("usr/bin"), "sbin": _link("usr/sbin")}
    return {
        "usr": usr,
        "bin": folder({}, ProgramsRest(own["/bin"], absent)),
        "sbin": folder({}, ProgramsRest(own["/sbin"], absent)),
    }


def is_apart(distribution: str | None, release: str | None) -> bool:
    """Whether it is an Alpine whose /bin is certainly no link to /usr/bin."""
    known = load("systems")["apart"]["releases"].split()
    return distribution == "alpine" and release in known


def _own_programs(base: Base, there: frozenset[str]) -> Mapping[str, frozenset[str]]:
    """The programs of the distribution, by the folder that they lie in; others may as well."""
    known = load("systems")
    none: frozenset[str] = frozenset()
    if base.release in known["merged"].get(base.distribution, "").split():
        return {"/usr/bin": there, "/usr/sbin": none}
    in_bin = frozenset(known["in-bin"].split()) & there
    if base.distribution != "alpine":
        # Fedora and its kin have links as well; where they do not lead is nothing to tell of.
        others = there - in_bin if base.distribution in ("debian", "ubuntu") else there
        return {"/bin": in_bin, "/sbin": none, "/usr/bin": others, "/usr/sbin": none}
    table = known["busybox-elsewhere"]
    own = {path: frozenset(names.split()) & there for path, names in table.items()}
    own["/bin"] |= in_bin
    return {**own, "/usr/bin": there - none.union(*own.values())}


def _link(target: str) -> Node:
    return Node(Entry("link", BASE, "root", 0o777, target=target))


def _local_programs(base: Base) -> frozenset[str]:
    """The programs that the image has in /usr/local/bin."""
    if base.family == "node":
        return frozenset({"node", "npm", "npx"})
    return frozenset({"uv", "uvx"}) if base.family == "uv" else frozenset()


def _absent(base: Base) -> set[str]:
    """The programs that the image certainly has not in the folders of the distribution."""
    if not base.absent:
        return set()
    absent = set(base.absent)
    if is_clean(base):
        absent |= console_scripts()
        if base.distribution in ("debian", "ubuntu") and base.variant != "full":
            absent |= set(load("systems")["watched"].split())
        elif base.distribution == "alpine":
            programs = load("systems")
            absent |= set(programs["watched"].split()) - set(programs["busybox"].split())
        elif base.family == "debian":
            absent |= set(load("systems")["watched"].split())
    return absent - base.programs


@cache
def console_scripts() -> frozenset[str]:
    """All programs that `scripts.yaml` tells of, less those that systems have as well."""
    known = load("scripts")
    found: set[str] = set()
    for entry in known["packages"].values():
        found.update(entry.get("scripts", "").split())
    return frozenset(found - set(known["also-systems"].split()) - SYSTEMS)


# Console scripts whose names some distribution's own packages use as well.
SYSTEMS = frozenset({"pip", "pip3", "jsonschema", "conch", "trial"})


def _with_python(root: Node, base: Base) -> Node:
    """The root with the image's own Python and what else lies in /usr/local/bin."""
    files = Files(root)
    clean = is_clean(base)
    known = load("systems")["local-bin"].get(base.family) if clean else None
    if base.family == "uv" and base.variant == "distroless":
        for each in ("/uv", "/uvx"):
            files = files.put(each, PROGRAM_ENTRY)
    elif known is not None:
        rest = NamedRest(frozenset(known.get("may", "").split()), known.get("like"))
        files = files.change("/usr/local/bin", lambda node: Node(node.state, {}, rest), BASE)
        for each in (*known.get("has", "").split(), *_local_programs(base)):
            files = files.put(f"/usr/local/bin/{each}", PROGRAM_ENTRY)
    if base.python_path is None or base.family in ("conda", "distroless"):
        if base.family == "distroless" and base.python_path is not None:
            mark = PythonMark(
                "system", base.python, base.libc, base.release, base.python_path, "/usr"
            )
            files = files.put(base.python_path, replace(PROGRAM_ENTRY, python=mark))
        return files.root
    return _own_python(files, base, clean).root


def _own_python(files: Files, base: Base, clean: bool) -> Files:
    """With the Python that the image is made for, its pip, and the packages that come with it."""
    assert base.python_path is not None
    bin_folder = posixpath.dirname(base.python_path)
    prefix = posixpath.dirname(bin_folder)
    version = base.python
    path = f"{bin_folder}/python{'' if (version or '3').startswith('2.') else '3'}"
    mark = PythonMark("system", version, base.libc, base.release, path, prefix)
    names: list[str] = [each for each in ("python", "python3") if each in base.programs]
    if version is not None:
        names.append(f"python{version}")
    for each in names:
        files = files.put(f"{bin_folder}/{each}", replace(PROGRAM_ENTRY, python=mark))
    for each in {"pip", "pip3"} & base.programs:
        script = replace(PROGRAM_ENTRY, interpreter=path, detail="pip")
        files = files.put(f"{bin_folder}/{each}", script)
    site = f"{prefix}/lib/python{version or '*'}/site-packages"
    house = Entry("folder", BASE, "root", 0o755, python=mark)
    rest: Rest = PACKAGES if clean else Open(OWN_TREE)
    files = files.change(site, lambda _: Node(house, rest=rest), BASE)
    if not clean:
        return files
    for each in _with_pip(version):
        files = put_package(files, site, each, Entry("package", BASE, python=mark, detail=each))
    if version is None or base.variant not in ("slim", "alpine"):
        return files
    return files.change(f"{prefix}/lib", _no_other_python, BASE)


def _no_other_python(lib: Node) -> Node:
    return Node(lib.state, lib.children, LibRest(lib.rest))


def _with_pip(version: str | None) -> Iterable[str]:
    """What comes with pip: setuptools and wheel are gone from python:3.12 on."""
    if version is not None and tuple(map(int, version.split("."))) >= (3, 12):
        return ("pip",)
    return ("pip", "setuptools", "wheel")


def put_package(files: Files, site: str, name: str, entry: Entry) -> Files:
    """With a package in a site-packages folder, under a name that stands for any version."""
    return files.put(f"{site}/{name.replace('-', '_')}-*.dist-info", entry)
