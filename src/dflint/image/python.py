"""Python in an image: interpreters, virtual environments, and where packages come to lie."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from dflint.image.files import (
    CLOSED,
    Closed,
    Entry,
    Files,
    Node,
    Open,
    Origin,
    PythonMark,
    Rest,
    There,
    Unknown,
    blurred_rest,
    unknown_node,
)
from dflint.image.ground import PACKAGES, NamedRest, PackagesRest, put_package
from dflint.image.pypi import Closure, known_scripts, packages_of
from dflint.image.state import Package, PythonPlace
from dflint.knowledge import load
from dflint.lazy import regex

PYTHON_NAME = regex(r"python(\d\.\d+)")
SITE = regex(r"(.*)/lib/python([\d.*]+)t?/(?:site|dist)-packages")
PIP_LIKE = r"^(python|pip|wheel|easy_install|[Aa]ctivate|deactivate|pydoc|pypy)"


class Target(Struct, frozen=True):
    """Where packages come to lie: their folder, that of their scripts, and their Python."""

    site: str
    bin: str
    mark: PythonMark


class PypiRest(Struct, frozen=True):
    """What else a folder of scripts holds once packages are there of which nothing is known.

    `listed` are all these packages, None where others may be there too.
    """

    inner: Rest
    why: Unknown
    listed: frozenset[str] | None = None

    def child(self, name: str) -> Node:
        """See `Rest`."""
        if _never_from_pypi(name) or self._comes_from_another(name):
            return self.inner.child(name)
        return unknown_node(self.why)

    def _comes_from_another(self, name: str) -> bool:
        """Whether all packages are known, and that which brings the program is not among them."""
        brought_by = packages_of(name)
        return self.listed is not None and bool(brought_by) and not brought_by & self.listed


@cache
def _never_from_pypi(name: str) -> bool:
    """Whether a program is one of a system's, which no package of PyPI brings."""
    known = load("systems")
    if name in known["in-bin"].split():
        return True
    listed = {
        each
        for table in known["packages"].values()
        for texts in table.values()
        for each in texts.split()
    }
    pypi = load("scripts")
    scripts = {
        each for entry in pypi["packages"].values() for each in entry.get("scripts", "").split()
    }
    return name in listed - scripts - set(pypi["also-systems"].split())


def version_in(name: str) -> str | None:
    """The version in a program's name such as python3.12; None without one."""
    found = PYTHON_NAME.match(posixpath.basename(name))
    return found[1] if found else None


def site_folder(prefix: str, version: str | None, name: str = "site-packages") -> str:
    """The packages' folder of a prefix; `*` stands for a version that is not known."""
    return posixpath.join(prefix, f"lib/python{version or '*'}", name)


def make_venv(
    files: Files, path: str, base: PythonMark, origin: Origin, owner: str | None, *, pip: bool
) -> Files:
    """With a virtual environment of an interpreter at a path; one that is there stays."""
    if isinstance(files.lookup(f"{path}/pyvenv.cfg"), There):
        return files
    mark = replace(base, kind="venv", interpreter=f"{path}/bin/python", home=path)
    what = Unknown("what its packages bring is not told apart", origin)
    files = files.put(path, Entry("folder", origin, owner, 0o755), CLOSED)
    plain = Entry("file", origin, owner, 0o644)
    files = files.put(f"{path}/pyvenv.cfg", replace(plain, python=mark))
    rest = NamedRest(frozenset(), PIP_LIKE)
    files = files.put(f"{path}/bin", Entry("folder", origin, owner, 0o755), rest)
    files = files.put(f"{path}/bin/activate", plain)
    link = Entry("link", origin, owner, 0o777, target=base.interpreter)
    files = files.put(f"{path}/bin/python", link)
    files = files.put(f"{path}/bin/python3", replace(link, target="python"))
    lib: Rest = Open(what)
    if base.version is not None:
        files = files.put(f"{path}/bin/python{base.version}", replace(link, target="python"))
        lib = CLOSED
    files = files.put(f"{path}/lib", Entry("folder", origin, owner, 0o755), lib)
    site = site_folder(path, base.version)
    files = files.put(site, Entry("folder", origin, owner, 0o755, python=mark), PACKAGES)
    files = files.change(path, lambda node: replace(node, rest=Open(what)), origin)
    if not pip:
        return files
    script = Entry("program", origin, owner, 0o755, interpreter=mark.interpreter, detail="pip")
    for name in ("pip", "pip3"):
        files = files.put(f"{path}/bin/{name}", script)
    entry = Entry("package", origin, owner, 0o755, python=mark, detail="pip")
    return put_package(files, site, "pip", entry)


def target_of(files: Files, prefix: str, mark: PythonMark) -> Target:
    """Where an interpreter's own packages lie, at its prefix."""
    version = mark.version
    if mark.kind == "system" and prefix == "/usr" and mark.libc != "musl":
        # Debian's Python keeps what pip installs apart from its own packages.
        return Target(site_folder("/usr/local", version, "dist-packages"), "/usr/local/bin", mark)
    site = site_folder(prefix, version)
    found = files.lookup(site)
    if isinstance(found, There) and found.entry.python is not None:
        mark = replace(found.entry.python, interpreter=mark.interpreter)
    return Target(site, posixpath.join(prefix, "bin"), mark)


def install(
    files: Files, target: Target, what: Closure, origin: Origin, owner: str | None
) -> Files:
    """With packages, and the scripts that they bring, as far as these are known."""
    folder = Entry("folder", origin, owner, 0o755)
    files = files.put(target.site, replace(folder, python=target.mark), PACKAGES)
    files = files.change(target.site, lambda node: _marked(node, target.mark, origin), origin)
    entry = Entry("package", origin, owner, 0o755, python=target.mark)
    for name in what.packages:
        files = put_package(files, target.site, name, replace(entry, detail=name))
    why = Unknown(what.why or "a marker decides whether it is installed", origin)
    doubtful = [f"{target.site}/{name.replace('-', '_')}-*.dist-info" for name in what.maybe]
    files = files.doubt([path for path in doubtful if not _there(files, path)], why)
    script = Entry("program", origin, owner, 0o755, interpreter=target.mark.interpreter or None)
    if what.programs or what.may_programs or not what.all_programs:
        files = files.put(target.bin, folder)
    for name, package in what.programs.items():
        files = files.put(f"{target.bin}/{name}", replace(script, detail=package))
    may = [f"{target.bin}/{name}" for name in what.may_programs]
    files = files.doubt([path for path in may if not _there(files, path)], why)
    # What a package brings that is named like a system's program, and not known otherwise.
    alike = [each for each in (*what.packages, *what.maybe) if _never_from_pypi(each)]
    paths = [f"{target.bin}/{each}" for each in alike if known_scripts(each) is None]
    files = files.doubt([path for path in paths if not _there(files, path)], why)
    if not what.whole:
        return opened(files, target, why)
    if not what.all_programs:
        listed = frozenset(what.packages) | what.maybe
        return _opened_bin(files, target, why, listed)
    return files


def _marked(node: Node, mark: PythonMark, origin: Origin) -> Node:
    """A folder that was there before packages were put into it."""
    if not isinstance(node.state, Entry) or node.state.python is not None:
        return node
    why = Unknown("what the packages in it bring is not told apart", origin)
    rest = PACKAGES if isinstance(node.rest, Closed) else blurred_rest(node.rest, why)
    return Node(replace(node.state, python=mark, origin=origin), node.children, rest, node.blur)


def _there(files: Files, path: str) -> bool:
    return isinstance(files.lookup(path, follow=False), There)


def opened(files: Files, target: Target, why: Unknown) -> Files:
    """With other packages and scripts perhaps."""
    origin = why.origin or Origin("unknown")
    if "*" in target.site:
        folder = posixpath.dirname(posixpath.dirname(target.site))
        files = files.taint([folder], why)

    def open_site(node: Node) -> Node:
        rest = Open(why) if isinstance(node.rest, PackagesRest | Closed) else node.rest
        return Node(node.state, node.children, rest, node.blur)

    return _opened_bin(files.change(target.site, open_site, origin), target, why, None)


def _opened_bin(files: Files, target: Target, why: Unknown, listed: frozenset[str] | None) -> Files:
    def change(node: Node) -> Node:
        settled = isinstance(node.rest, Open) or (
            isinstance(node.rest, PypiRest) and node.rest.listed is None
        )
        rest = node.rest if settled else PypiRest(node.rest, why, listed)
        return Node(node.state or why, node.children, rest, node.blur)

    return files.change(target.bin, change, why.origin or Origin("unknown"))


def uninstall(files: Files, target: Target, names: Sequence[str], origin: Origin) -> Files:
    """Without packages and their scripts, as far as these are known."""
    for name in names:
        files = files.remove(f"{target.site}/{name.replace('-', '_')}-*.dist-info", origin)
    for path, entry in list(files.walk(target.bin)):
        if entry.kind == "program" and entry.detail in names:
            files = files.remove(path, origin)
    return files


def places(files: Files) -> tuple[PythonPlace, ...]:
    """The Python places of a file system, by path."""
    found = [
        _place(files, path, entry)
        for path, entry in files.walk()
        if entry.kind == "folder" and entry.python is not None
    ]
    return tuple(sorted(found, key=lambda each: each.prefix))


def _place(files: Files, site: str, entry: Entry) -> PythonPlace:
    mark = entry.python
    assert mark is not None
    inside = SITE.fullmatch(site)
    prefix = inside[1] or "/" if inside else site
    kind, version = mark.kind, mark.version
    config = files.lookup(f"{prefix}/pyvenv.cfg")
    if inside is None:
        kind = "target"
    elif kind == "venv" and not isinstance(config, There):
        kind = "prefix"
    if inside and "*" not in inside[2]:
        version = inside[2]
    node = files.node(site)
    packages = {
        each.detail: Package(each.detail, each.origin, each.placed)
        for _, each in files.walk(site)
        if each.kind == "package" and each.detail is not None
    }
    complete = isinstance(node.rest, PackagesRest) and node.blur is None
    why = node.blur or (node.rest.why if isinstance(node.rest, Open) else None)
    scripts = {
        posixpath.basename(path): each.detail
        for path, each in files.walk(posixpath.join(prefix, "bin"))
        if each.kind == "program"
        and each.detail is not None
        # Two Pythons at one prefix share the folder of scripts.
        and (each.detail in packages or each.interpreter in (None, mark.interpreter))
    }
    return PythonPlace(
        prefix=prefix,
        kind=kind,
        version=version,
        libc=mark.libc,
        interpreter=mark.interpreter,
        site_packages=site,
        packages=packages,
        complete=complete,
        why=None if complete else why or Unknown("other packages may lie there"),
        scripts=scripts,
        made=entry.origin,
        placed=entry.placed,
        home=mark.home or prefix,
        managed=mark.managed,
    )
