"""Python packages by name: what a requirement brings along, and what files of the context require.

Sources: packaging.python.org/specifications (names, dependency specifiers), pip.pypa.io
(requirements file format), docs.astral.sh/uv, python-poetry.org, pipenv.pypa.io (lock files).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from json import JSONDecodeError, loads
from typing import Any

from msgspec import Struct

from dflint.context import Context, sources
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.tree import UnreadableError

REQUIREMENT = regex(
    r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*([^;]*)(;.*)?$",
    re.DOTALL,
)
DEEPEST = 10
COMMENT = regex(r"(^|\s)#.*$")
FILE_OPTION = regex(r"^(?:-r|--requirement)[ =]?\s*(\S+)")
EDITABLE = regex(r"^(?:-e|--editable)[ =]?\s*(\S+)")
EGG = regex(r"#egg=([A-Za-z0-9._-]+)")
LOCKED = regex(r"--hash=|#\s+via\b")


def normalized(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Requirement(Struct, frozen=True):
    """A package that something requires; `maybe` where a marker decides."""

    name: str
    extras: tuple[str, ...] = ()
    version: str = ""
    maybe: bool = False


class Wanted(Struct, frozen=True):
    """What a command or a file requires.

    `whole` says that nothing else is required; `closed` that what they bring along is listed too.
    `why` says what is not known. `project` is the package that the project itself is, with the
    scripts that it has; None where these are not known.
    """

    requirements: tuple[Requirement, ...] = ()
    whole: bool = True
    closed: bool = False
    why: str = ""
    maybe: frozenset[str] = frozenset()
    project: tuple[tuple[str, tuple[str, ...] | None], ...] = ()

    def __add__(self, other: Wanted) -> Wanted:
        return Wanted(
            self.requirements + other.requirements,
            self.whole and other.whole,
            (self.closed or not self.requirements) and (other.closed or not other.requirements),
            self.why or other.why,
            self.maybe | other.maybe,
            self.project + other.project,
        )


def together(parts: Iterable[Wanted]) -> Wanted:
    """All that the parts require, added two by two: a sum copies what it is made of."""
    left = [Wanted(), *parts]
    while len(left) > 1:
        pairs = [first + second for first, second in zip(left[::2], left[1::2], strict=False)]
        left = [*pairs, *left[len(pairs) * 2 :]]
    return left[0]


def not_known(why: str) -> Wanted:
    """Nothing that is known."""
    return Wanted(whole=False, why=why)


def parse_requirement(text: str) -> Requirement | None:
    """A requirement from its text; None for a path, an address, or what is not understood."""
    found = REQUIREMENT.match(text)
    if found is None or "/" in text.partition("@")[0].partition(";")[0]:
        return None
    name, extras, version, marker = found.groups()
    if version and version[0] not in "=<>!~@(":
        return None
    listed = tuple(normalized(each) for each in (extras or "").split(",") if each.strip())
    return Requirement(normalized(name), listed, version.strip(), bool(marker))


def allows(context: Context | None, folder: str, version: str) -> bool | None:
    """Whether the project in a folder runs on a Python, by its requires-python."""
    table = project_file(context, folder)
    if table is None:
        return None
    text = _table(table, "project").get("requires-python")
    if text is None:
        return True
    have = tuple(int(part) for part in version.split("."))
    for each in str(text).split(","):
        each = re.sub(r"^(\s*(?:>=|<)\s*\d+)\s*$", r"\1.0", each)  # <4 is <4.0
        found = re.fullmatch(r"\s*(>=|<|==|~=|<=|>)\s*(\d+)\.(\d+)(\.\*|\.\d+)?\s*", each)
        if found is None:
            return None
        wanted = (int(found[2]), int(found[3]))
        if have == wanted and (found[1] in ("<=", ">") or (found[4] or ".*") not in (".*", ".0")):
            return None
        # ~=3.11 is 3.11 or later, ~=3.11.2 is a 3.11.
        fits = {
            ">=": have >= wanted, "<": have < wanted, "==": have == wanted,
            "~=": have == wanted if found[4] else have >= wanted,
            "<=": have <= wanted, ">": have > wanted,
        }  # fmt: skip
        if not fits[found[1]]:
            return False
    return True


def requirements_file(
    context: Context | None, path: str, read: tuple[str, ...] = (), seen: set[str] | None = None
) -> Wanted:
    """What a requirements file of the context requires, with those that it includes.

    `read` are the files that include this one; of those `seen` all is known already.
    """
    seen = set() if seen is None else seen
    if path in seen and path not in read:
        return Wanted()
    seen.add(path)
    text = read_text(context, path)
    if text is None or path in read or len(read) > DEEPEST:
        return not_known(f"{path} could not be read")
    lines = text.replace("\\\n", " ").splitlines()
    read = (*read, path)
    wanted = together(
        _line(context, path, COMMENT.sub("", line).strip(), read, seen) for line in lines
    )
    if wanted.whole and len(LOCKED.findall(text)) >= len(wanted.requirements) > 0:
        return Wanted(wanted.requirements, True, True, "", wanted.maybe, wanted.project)
    return wanted


def _line(
    context: Context | None, path: str, line: str, read: tuple[str, ...], seen: set[str]
) -> Wanted:
    if not line or line.startswith(("-c", "--constraint")):
        return Wanted()
    other = FILE_OPTION.match(line)
    if other is not None:
        there = posixpath.normpath(posixpath.join(posixpath.dirname(path), other[1]))
        return requirements_file(context, there, read, seen)
    editable = EDITABLE.match(line)
    if editable is not None:
        egg = EGG.search(line)
        named = (Requirement(normalized(egg[1])),) if egg else ()
        return Wanted(named, whole=False, why=f"{path} holds a project of its own")
    if line.startswith("-"):
        return Wanted()
    found = parse_requirement(line.partition(" --")[0])
    if found is None:
        egg = EGG.search(line)
        named = (Requirement(normalized(egg[1])),) if egg else ()
        return Wanted(named, whole=False, why=f"{path} holds an address or a path")
    return Wanted((found,))


def read_text(context: Context | None, path: str) -> str | None:
    """A text file of the context that the build is given; None where it cannot be known."""
    if context is None or path.startswith(("/", "..")):
        return None
    found = sources(context, path)
    if found.unknown or len(found.entries) != 1 or found.entries[0].kind != "file":
        return None
    try:
        data = context.tree.read(found.entries[0].path)
    except UnreadableError:
        return None
    return data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")


# --- what packages bring along ---


class Closure(Struct, frozen=True):
    """All that comes with some requirements: packages for certain, perhaps, and their programs.

    `whole` says that no other package comes, `why` what may bring more. `programs` are the console
    scripts for certain, with the package that each belongs to; `may_programs` those that are not
    certain, and `all_programs` says that there are no others.
    """

    packages: tuple[str, ...]
    maybe: frozenset[str]
    programs: Mapping[str, str]
    may_programs: frozenset[str]
    whole: bool
    all_programs: bool
    why: str


@cache
def _plain() -> frozenset[str]:
    return frozenset(load("scripts")["plain"].split())


@cache
def _open() -> frozenset[str]:
    return frozenset(load("scripts")["open"].split())


def known_scripts(name: str) -> tuple[str, ...] | None:
    """The console scripts of a package; None where they are not known."""
    entry = load("scripts")["packages"].get(name)
    if entry is not None:
        return tuple(entry.get("scripts", "").split())
    return () if name in _plain() else None


@cache
def package_of(program: str) -> str | None:
    """The well-known package that brings a program."""
    for name, entry in load("scripts")["packages"].items():
        if program in entry.get("scripts", "").split():
            return str(name)
    return None


@cache
def packages_of(program: str) -> frozenset[str]:
    """All well-known packages that bring a program."""
    known = load("scripts")["packages"].items()
    return frozenset(name for name, entry in known if program in entry.get("scripts", "").split())


@cache
def package_of_module(module: str) -> str | None:
    """The well-known package whose module `python -m` runs."""
    top = module.partition(".")[0]
    for name, entry in load("scripts")["packages"].items():
        if top in entry.get("modules", name.replace("-", "_")).split():
            return str(name)
    return None


def closure(wanted: Wanted) -> Closure:
    """What comes with some requirements, as far as the knowledge goes."""
    certain: dict[str, None] = {}
    maybe = set(wanted.maybe)
    whole, why = wanted.whole, wanted.why
    waiting = [(each, each.maybe) for each in wanted.requirements]
    seen: set[tuple[str, tuple[str, ...], bool]] = set()
    while waiting:
        each, unsure = waiting.pop(0)
        if (each.name, each.extras, unsure) in seen:
            continue
        seen.add((each.name, each.extras, unsure))
        if unsure:
            maybe.add(each.name)
        else:
            certain[each.name] = None
        if wanted.closed:
            continue
        entry = load("scripts")["packages"].get(each.name)
        known = each.name in _plain() if entry is None else each.name not in _open()
        known = known and not each.version.startswith("@")
        if entry is not None:
            waiting.extend(_brought(each, entry, unsure))
            known = known and all(extra in entry.get("extras", {}) for extra in each.extras)
        elif each.extras:
            known = False
        if not known and whole:
            whole, why = False, f"what `{each.name}` brings along is not known"
    return _closure(certain, frozenset(maybe - set(certain)), whole, why, wanted)


def _brought(
    each: Requirement, entry: Mapping[str, Any], unsure: bool
) -> Iterator[tuple[Requirement, bool]]:
    names = entry.get("requires", "").split()
    for extra in each.extras:
        names += entry.get("extras", {}).get(extra, "").split()
    # An older version may bring other libraries along; programs of others it brings as ever.
    older = bool(each.version) and not each.version.startswith(">")
    for name in names:
        library = not known_scripts(name)
        yield Requirement(name), unsure or (library and (older or each.name in _open()))
    if each.version and not each.version.startswith(">"):
        for name in entry.get("doubt", "").split():
            yield Requirement(name), True


def _closure(
    certain: Iterable[str], maybe: frozenset[str], whole: bool, why: str, wanted: Wanted
) -> Closure:
    programs: dict[str, str] = {}
    may: set[str] = set()
    known = whole
    for name in certain:
        found = known_scripts(name)
        if found is None:
            known, why = False, why or f"the programs of `{name}` are not known"
        for script in found or ():
            programs[script] = name
    for name in maybe:
        found = known_scripts(name)
        if found is None:
            known, why = False, why or f"the programs of `{name}` are not known"
        may.update(found or ())
    names = dict.fromkeys(certain)
    for project, scripts in wanted.project:
        names[project] = None
        if scripts is None:
            known, why = False, why or "the programs of the project are not known"
        for script in scripts or ():
            programs[script] = project
    return Closure(tuple(names), maybe, programs, frozenset(may - set(programs)), whole, known, why)


# --- files that lock or describe a project ---


def project_of(context: Context | None, folder: str) -> tuple[str, tuple[str, ...] | None] | None:
    """The name of the project in a folder of the context, and its scripts (None: not known)."""
    table = project_file(context, folder)
    if table is None:
        return None
    project = _table(table, "project")
    poetry = _table(table, "tool", "poetry")
    name = project.get("name") or poetry.get("name")
    if not isinstance(name, str) or not name:
        return None
    dynamic = project.get("dynamic", [])
    scripts = {**_table(poetry, "scripts"), **_table(project, "scripts")}
    scripts.update(_table(project, "gui-scripts"))
    if isinstance(dynamic, list) and ("scripts" in dynamic or "entry-points" in dynamic):
        return normalized(name), None
    return normalized(name), tuple(map(str, scripts))


def project_file(context: Context | None, folder: str) -> Mapping[str, Any] | None:
    """The tables of the `pyproject.toml` in a folder of the context."""
    text = read_text(context, posixpath.normpath(posixpath.join(folder, "pyproject.toml")))
    if text is None:
        return None
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _table(table: object, *names: str) -> Mapping[str, Any]:
    for name in names:
        table = table.get(name) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def is_package(context: Context | None, folder: str) -> bool | None:
    """Whether uv takes the project in a folder for a package, and installs it as well."""
    table = project_file(context, folder)
    if table is None:
        return None
    said = _table(table, "tool", "uv").get("package")
    return said if isinstance(said, bool) else "build-system" in table


def project_requirements(
    context: Context | None, folder: str, extras: Sequence[str] = ()
) -> Wanted:
    """What the project in a folder of the context requires, by its `[project]` table."""
    table = project_file(context, folder)
    if table is None:
        return not_known("the project's pyproject.toml could not be read")
    project = _table(table, "project")
    listed = project.get("dependencies", [])
    dynamic = project.get("dynamic", [])
    if "project" not in table or (isinstance(dynamic, list) and "dependencies" in dynamic):
        return not_known("what the project requires is not written in its pyproject.toml")
    texts = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    for extra in extras:
        more = _table(project, "optional-dependencies").get(extra)
        if not isinstance(more, list):
            return not_known(f"the project's extra `{extra}` is not known")
        texts.extend(each for each in more if isinstance(each, str))
    found = [parse_requirement(each) for each in texts]
    whole = None not in found
    return Wanted(
        tuple(each for each in found if each is not None),
        whole,
        why="" if whole else "the project requires an address",
    )


PACKAGE = regex(r"^\[\[package\]\]\s*$", re.MULTILINE)
NAME = regex(r'^name = "([^"]+)"', re.MULTILINE)
UV_DEPENDENCIES = regex(r"^dependencies = \[(.*?)^\]", re.MULTILINE | re.DOTALL)
UV_DEPENDENCY = regex(r'\{ name = "([^"]+)"([^\n]*)\}')
UV_EXTRAS = regex(r"extra = \[([^\]]*)\]")
WINDOWS = regex(
    r"marker = \"(sys_platform|os_name|platform_system) == '(win32|nt|Windows)'( and [^\"]*)?\""
)
UV_ROOT = regex(r'^source = \{ (?:editable|virtual|directory) = "([^"]*)" \}', re.MULTILINE)
UV_OPTIONAL = regex(
    r"^\[package\.optional-dependencies\]\n(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL
)
UV_GROUPS = regex(r"^\[package\.dev-dependencies\]\n(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
UV_LIST = regex(r"^([\w-]+) = \[(.*?)^\]", re.MULTILINE | re.DOTALL)


class _Locked(Struct, frozen=True):
    """A package of a lock file: what it needs, and by extra, as (name, extras, maybe)."""

    needs: tuple[Requirement, ...]
    extras: Mapping[str, tuple[Requirement, ...]]
    groups: Mapping[str, tuple[Requirement, ...]]
    root: str | None


def uv_lock(
    context: Context | None, folder: str, groups: Sequence[str], extras: Sequence[str]
) -> Wanted:
    """What `uv sync` installs by the `uv.lock` in a folder of the context; the project aside."""
    text = read_text(context, posixpath.normpath(posixpath.join(folder, "uv.lock")))
    if text is None:
        return not_known("the project's uv.lock could not be read")
    packages = _uv_packages(text)
    roots = [each for each in packages.values() if each.root in (".", "./", "")]
    if len(roots) != 1:
        return not_known("the project's uv.lock holds several projects")
    wanted = list(roots[0].needs)
    for extra in extras:
        wanted += roots[0].extras.get(extra, ())
    for group in groups:
        wanted += roots[0].groups.get(group, ())
    return _from_lock(wanted, packages)


def _uv_packages(text: str) -> dict[str, _Locked]:
    packages = {}
    for block in PACKAGE.split(text)[1:]:
        name = NAME.search(block)
        if name is None:
            continue
        needs = UV_DEPENDENCIES.search(block)
        root = UV_ROOT.search(block)
        packages[normalized(name[1])] = _Locked(
            _uv_list(needs[1] if needs else ""),
            _uv_lists(UV_OPTIONAL.search(block)),
            _uv_lists(UV_GROUPS.search(block)),
            root[1] if root else None,
        )
    return packages


def _uv_lists(table: re.Match[str] | None) -> dict[str, tuple[Requirement, ...]]:
    return {each[1]: _uv_list(each[2]) for each in UV_LIST.finditer(table[1] if table else "")}


def _uv_list(text: str) -> tuple[Requirement, ...]:
    found = []
    for each in UV_DEPENDENCY.finditer(text):
        if WINDOWS.search(each[2]):
            continue
        extras = UV_EXTRAS.search(each[2])
        listed = re.findall(r'"([^"]+)"', extras[1]) if extras else []
        found.append(Requirement(normalized(each[1]), tuple(listed), "", "marker = " in each[2]))
    return tuple(found)


def _from_lock(wanted: Sequence[Requirement], packages: Mapping[str, _Locked]) -> Wanted:
    """The certain packages by walking the lock file; those that a marker decides are perhaps."""
    certain: dict[str, None] = {}
    maybe: set[str] = set()
    waiting = list(wanted)
    seen: set[Requirement] = set()
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        if each.maybe:
            maybe.add(each.name)
        else:
            certain[each.name] = None
        locked = packages.get(each.name)
        if locked is None:
            continue
        needs = list(locked.needs)
        for extra in each.extras:
            needs += locked.extras.get(extra, ())
        waiting.extend(
            Requirement(need.name, need.extras, "", need.maybe or each.maybe) for need in needs
        )
    found = tuple(Requirement(name) for name in certain)
    return Wanted(found, True, True, "", frozenset(maybe - set(certain)))


POETRY_NEEDS = regex(r"^\[package\.dependencies\]\n(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
POETRY_NEED = regex(r'^"?([\w.-]+)"? = (.*)$', re.MULTILINE)


def poetry_lock(context: Context | None, folder: str) -> Wanted:
    """What `poetry install` brings: the main dependencies for certain, all others perhaps."""
    text = read_text(context, posixpath.normpath(posixpath.join(folder, "poetry.lock")))
    table = project_file(context, folder)
    if text is None or table is None:
        return not_known("the project's poetry.lock could not be read")
    packages: dict[str, _Locked] = {}
    for block in PACKAGE.split(text)[1:]:
        name = NAME.search(block)
        if name is not None:
            needs = POETRY_NEEDS.search(block)
            found = _poetry_needs(needs[1] if needs else "")
            packages[normalized(name[1])] = _Locked(found, {}, {}, None)
    wanted = _from_lock(_poetry_roots(table), packages)
    certain = {each.name for each in wanted.requirements}
    others = frozenset(packages) - certain
    kept = tuple(each for each in wanted.requirements if each.name in packages)
    return Wanted(kept, True, True, "", others)


def _poetry_needs(text: str) -> tuple[Requirement, ...]:
    # A table may carry a marker or be optional; a plain text is always installed.
    return tuple(
        Requirement(normalized(each[1]), (), "", not each[2].startswith('"'))
        for each in POETRY_NEED.finditer(text)
    )


def _poetry_roots(table: Mapping[str, Any]) -> tuple[Requirement, ...]:
    found = []
    for name, value in _table(table, "tool", "poetry", "dependencies").items():
        plain = isinstance(value, str)
        if isinstance(value, dict):
            plain = not {"markers", "python", "platform", "optional"} & set(value)
        if name.lower() != "python":
            found.append(Requirement(normalized(name), (), "", not plain))
    listed = _table(table, "project").get("dependencies", [])
    for text in listed if isinstance(listed, list) else ():
        each = parse_requirement(text) if isinstance(text, str) else None
        if each is not None:
            found.append(Requirement(each.name, (), "", each.maybe))
    return tuple(found)


def pipfile_lock(context: Context | None, folder: str, *, dev: bool) -> Wanted:
    """What `pipenv install` brings by the `Pipfile.lock` in a folder of the context."""
    text = read_text(context, posixpath.normpath(posixpath.join(folder, "Pipfile.lock")))
    if text is None:
        return not_known("the project's Pipfile.lock could not be read")
    try:
        table = loads(text)
    except (JSONDecodeError, RecursionError):
        return not_known("the project's Pipfile.lock could not be read")
    found: dict[str, Requirement] = {}
    for section in ("default", "develop") if dev else ("default",):
        for name, entry in _table(table, section).items():
            maybe = isinstance(entry, dict) and "markers" in entry
            found[normalized(name)] = Requirement(
                normalized(name), (), "", maybe and not _only_python(entry)
            )
    return Wanted(tuple(found.values()), True, True)


def _only_python(entry: Mapping[str, Any]) -> bool:
    """Whether a marker only repeats the oldest Python, as pipenv writes it for all packages."""
    return re.fullmatch(r"python_version >= '3(\.\d)?'", str(entry["markers"])) is not None
