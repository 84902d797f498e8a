"""Whether anything that a build installs brings a server's program: requirement and lock files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from dflint.context import unwanted
from dflint.image.copying import REMOTE
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage, Step, resolve
from dflint.subjects.base import Facts
from dflint.subjects.command import CommandPlace, option_names, spoken, step_commands
from dflint.subjects.context_origin import seen_at, text_of
from dflint.subjects.copy import CopyPlace, copied, from_context, true_context
from dflint.subjects.install import InstallPlace, as_install, requirement_files
from dflint.subjects.venv import folder_in_force
from dflint.tree import Entry

NAME = regex(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(?:$|[=<>~!;(])")
FEEDING = frozenset({"xargs", "find", "parallel"})  # what gives a command words of its own
QUIET = regex(
    r"(?:-i|--index-url|--extra-index-url|--trusted-host|-f|--find-links|--no-binary|--only-binary|--pre"
    r"|--prefer-binary|--require-hashes|--no-index|--use-feature)\b"
)
OF_PYTHON = regex(r"python3?-|py3-|gunicorn|uvicorn")
NESTED = regex(r"(?:-r\s*|--requirement[=\s]\s*)(\S+)$")
DEEPEST = 8
MOST_FILES = 50  # each of ten files may include the next a thousand times


class Installs(Struct, frozen=True):
    """What a build installs for Python, all of it known: files of the context, and names.

    `complete` are the texts of files that list dependencies too, as lock files do; `names` are
    packages that are named, whose dependencies count as well. `last` is the last that installs.
    """

    files: tuple[str, ...]
    complete: tuple[tuple[str, str], ...]
    names: frozenset[str]
    last: InstallPlace


class _UnclearError(Exception):
    """Something may install what cannot be known."""


@lru_cache(maxsize=2)
def installs(facts: Facts) -> Installs | None:
    """What the product's stages install for Python; None where not all of that is known."""
    build = facts.build
    if true_context(facts) is None or build.product is None:
        return None
    found = _Found()
    try:
        for index in sorted(build.reachable):
            stage = build.stages[index]
            _check_base(stage)
            for step in stage.steps:
                if not step.onbuild:
                    _step(facts, stage, step, found)
    except _UnclearError:
        return None
    if found.last is None:
        return None
    files, names = tuple(dict.fromkeys(found.files)), frozenset(found.names)
    return Installs(files, tuple(found.complete), names, found.last)


def lacks(facts: Facts, server: str) -> bool | None:
    """Whether nothing that the build installs brings a server; None where that is not certain."""
    known = load("requirements")
    programs: list[str] = known["programs"].get(server, [])
    found = installs(facts) if programs else None
    if found is None:
        return None
    if found.names & set(programs):
        return False
    none = {*known["none"].split(), *load("installs")["python-tools"]}
    for name in found.names:
        brought = () if name in none else known["brings"].get(name)
        if brought is None or set(brought) & set(programs):
            return None
    return not any(
        re.search(pattern.replace("{name}", re.escape(name).replace(r"\-", "[-_.]")), text)
        for text, pattern in found.complete
        for name in programs
    )


class _Found:
    """What has been found while the steps are walked; lives only in `installs`."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.complete: list[tuple[str, str]] = []
        self.names: set[str] = set()
        self.last: InstallPlace | None = None


def _check_base(stage: Stage) -> None:
    """Only bases that bring no Python packages of their own are understood."""
    families = load("starts")["bases-without-packages"].split()
    if stage.base is None or stage.base.family not in families:
        raise _UnclearError


def _step(facts: Facts, stage: Stage, step: Step, found: _Found) -> None:
    if step.keyword in ("COPY", "ADD"):
        _check_copy(CopyPlace(facts, stage, step))
    if step.keyword != "RUN":
        return
    script = facts.scripts[step]
    if not step.shell.posix or script.broken or not script.commands:
        raise _UnclearError
    for at in step_commands(facts, stage, step):
        _command(at, found)


def _check_copy(at: CopyPlace) -> None:
    """Nothing that a COPY brings may be a program that is not known."""
    singles = load("programs")["single-files"]
    if from_context(at):
        context = true_context(at.facts)
        assert context is not None
        environments = [each for each in unwanted(context) if each.kind == "environment"]
        if environments or any(REMOTE.search(word.value) for word in copied(at)):
            raise _UnclearError
        if at.step.keyword == "ADD" and any(".t" in word.value for word in copied(at)):
            raise _UnclearError
        return
    of_stage = all(use.stage is not None for use in at.step.uses)
    names = [posixpath.basename(word.value.rstrip("/")) for word in copied(at)]
    if not of_stage and any(name not in singles for name in names):
        raise _UnclearError


def _command(at: CommandPlace, found: _Found) -> None:
    install = as_install(at)
    if install is not None and FEEDING & set(at.command.through):
        raise _UnclearError
    if install is None:
        if not _installs_nothing(at):
            raise _UnclearError
    elif install.manager in ("apt", "apk", "dnf"):
        packages = install.packages
        if any(each.kind != "name" or OF_PYTHON.search(each.name) for each in packages):
            raise _UnclearError
    elif install.manager == "pip":
        _pip(install, found)
    elif install.manager != "npm":
        _locked(install, found)


def _installs_nothing(at: CommandPlace) -> bool:
    """Whether a command that is no installation certainly brings no program of Python's."""
    tool = at.command.tool
    known = load("requirements")
    if spoken(at.command) in known["unclear"] or tool in known["fetching"]:
        return False
    if "uv" in at.command.through:
        return False  # `uv run` installs the project first
    starts = load("starts")
    quiet = (load("programs")["keep-out"], starts["innocent"], starts["file-tools"])
    return any(tool in names.split() for names in quiet)


def _pip(at: InstallPlace, found: _Found) -> None:
    """`pip install` of names and of requirement files."""
    names = option_names(at.command)
    if at.command.guarded or {"--editable", "--group", "--requirements-from-script"} & set(names):
        raise _UnclearError
    if any(not word.known for word in at.command.words):
        raise _UnclearError
    for package in at.packages:
        match = NAME.match(package.name) if package.kind == "name" else None
        if match is None:
            raise _UnclearError
        found.names.add(_normal(match[1]))
    for name in requirement_files(at):
        path = resolve(folder_in_force(at), name)
        if path is None:
            raise _UnclearError
        _file(at, path, found)
    found.last = at


def _file(at: InstallPlace, path: str, found: _Found, way: tuple[str, ...] = ()) -> None:
    """Take over what a requirement file lists, those that it names included."""
    entry = seen_at(at.facts, at, path)
    text = text_of(at.facts, entry) if isinstance(entry, Entry) else None
    if text is None or not isinstance(entry, Entry) or path in way or len(way) > DEEPEST:
        raise _UnclearError
    if entry.path in found.files:
        return
    if len(found.files) >= MOST_FILES:
        raise _UnclearError
    found.files.append(entry.path)
    complete = re.search(load("requirements")["complete"], text[:600]) is not None
    for line in _lines(text):
        nested = NESTED.match(line)
        if nested is not None:
            _file(
                at,
                posixpath.normpath(posixpath.join(posixpath.dirname(path), nested[1])),
                found,
                (*way, path),
            )
            continue
        if line.startswith(("-c", "--constraint")) or QUIET.match(line):
            continue
        match = NAME.match(line)
        if match is None or " @ " in line or "${" in line:
            raise _UnclearError
        if complete:
            found.complete.append((f"{_normal(match[1])}\n", r"^{name}\n"))
        else:
            found.names.add(_normal(match[1]))


def _lines(text: str) -> Iterator[str]:
    """The lines of a requirement file that say something, comments and hashes taken away."""
    for line in re.sub(r"\\\r?\n", " ", text.removeprefix("\ufeff")).splitlines():
        plain = re.sub(r"(?:^|\s)#.*|\s--hash=\S+", "", line).strip()
        if plain:
            yield plain


def _normal(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _locked(at: InstallPlace, found: _Found) -> None:
    """A project tool that installs what its lock file lists."""
    locks: Mapping[str, Any] = load("requirements")["locks"]
    lock = locks.get(spoken(at.command))
    options = {"--project", "--directory", "--package", "--script", "-P", "-C"} & set(
        option_names(at.command)
    )
    folder = folder_in_force(at)
    if lock is None or options or folder is None or at.packages or at.command.guarded:
        raise _UnclearError
    for name in (lock["file"], "pyproject.toml"):
        entry = seen_at(at.facts, at, posixpath.join(folder, name))
        text = text_of(at.facts, entry) if isinstance(entry, Entry) else None
        if text is None or not isinstance(entry, Entry):
            if name == "pyproject.toml" and lock["file"] == "Pipfile.lock":
                continue
            raise _UnclearError
        # The project's own file counts wherever it only mentions the name: its lock may be old.
        pattern = lock["entry"] if name == lock["file"] else r"(?i)\b{name}\b"
        found.complete.append((text, pattern))
        if name == lock["file"]:
            found.files.append(entry.path)
    found.last = at
