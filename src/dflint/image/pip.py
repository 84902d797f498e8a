"""What pip installs, and what it takes away again.

Sources: pip.pypa.io (pip install, user guide).
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from msgspec.structs import replace

from dflint.image.at import At, source_of
from dflint.image.files import (
    CLOSED,
    Entry,
)
from dflint.image.pypi import (
    Wanted,
    closure,
    normalized,
    not_known,
    parse_requirement,
    project_of,
    project_requirements,
    requirements_file,
    together,
)
from dflint.image.python import (
    install,
    uninstall,
)
from dflint.image.state import Machine
from dflint.image.targets import pip_target, uv_pip_target
from dflint.image.venvs import somewhere
from dflint.shell import Word


def wanted(at: At, machine: Machine) -> Wanted:
    """What the words of an installing command require."""
    found: list[Wanted] = []
    for option in at.command.options:
        value = option.value
        if option.name == "--requirement" and value is not None:
            found.append(_listed(at, machine, value))
        elif option.name == "--editable" and value is not None:
            found.append(_project(at, machine, value.value, at.path(value)))
        elif option.name == "--group":
            found.append(not_known("the group's packages are not known"))
    found += [_argument(at, machine, word) for word in at.command.arguments]
    if "xargs" in at.command.through or not all(
        word.known or not word.value.startswith("$") for word in at.command.words
    ):
        found.append(not_known("some words are not known"))
    return together(found)


def _listed(at: At, machine: Machine, value: Word) -> Wanted:
    source = source_of(machine, at.path(value))
    if source is None:
        return not_known(f"what {value.text} lists is not known")
    if source.endswith("pyproject.toml"):
        return project_requirements(at.context, posixpath.dirname(source))
    return requirements_file(at.context, source)


def _argument(at: At, machine: Machine, word: Word) -> Wanted:
    text = word.value
    if not word.known and not text[:1].isalnum():
        return not_known(f"it is not known what {word.text} is")
    path, bracket, rest = text.partition("[")
    if path in (".", "..") or path.startswith(("/", "./", "../", "~", "file:")):
        if text.endswith((".whl", ".gz", ".zip")) or (word.glob and "*" in text):
            return not_known(f"what {word.text} brings is not known")
        extras = tuple(rest.rstrip("]").split(",")) if bracket else ()
        return _project(at, machine, path, at.absolute(path), extras)
    found = parse_requirement(text)
    if found is None:
        return not_known(f"what {word.text} brings is not known")
    return Wanted((found if word.known else replace(found, version="?"),))


def _project(
    at: At, machine: Machine, text: str, path: str | None, extras: Sequence[str] = ()
) -> Wanted:
    file = source_of(machine, f"{path}/pyproject.toml") if path is not None else None
    source = "" if file is None else posixpath.dirname(file)
    project = project_of(at.context, source) if file is not None else None
    if project is None:
        return not_known(f"what the project at {text} brings is not known")
    return project_requirements(at.context, source, extras) + Wanted(project=(project,))


def pip_install(at: At, machine: Machine) -> Machine:
    """pip install."""
    if at.has("--help", "--dry-run", "--download"):
        return machine
    through_uv = "uv" in at.command.through and "python" not in at.command.through
    target = uv_pip_target(at, machine) if through_uv else pip_target(at, machine)
    found = closure(wanted(at, machine))
    if target is None:
        return somewhere(at, machine, "it is not known where the packages went", found)
    return replace(machine, files=install(machine.files, target, found, at.origin, at.owner))


def pip_uninstall(at: At, machine: Machine) -> Machine:
    """pip uninstall."""
    target = pip_target(at, machine)
    if target is None or any(not word.known for word in at.command.arguments):
        return machine
    names = [normalized(word.value) for word in at.command.arguments]
    return replace(machine, files=uninstall(machine.files, target, names, at.origin))


def pip_wheel(at: At, machine: Machine) -> Machine:
    """pip wheel, pip download: files in a folder."""
    word = at.option("--wheel-dir", "--dest")
    path = at.cwd if word is None else at.path(word)
    if path is None:
        return somewhere(at, machine, "wheels at a path that is not known")
    files = machine.files.put(path, Entry("folder", at.origin, at.owner, 0o755), CLOSED)
    return replace(machine, files=files.taint([path], at.why("the names of the wheels")))
