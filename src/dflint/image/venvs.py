"""Interpreters, and the virtual environments that venv, virtualenv and uv make of them.

Sources: docs.python.org/3/library/venv.html, virtualenv.pypa.io, docs.astral.sh/uv (CLI reference,
environment variables).
"""

from __future__ import annotations

import posixpath

from msgspec import Struct
from msgspec.structs import replace

from dflint.image.at import At, source_of
from dflint.image.files import (
    Entry,
    NotThere,
    PythonMark,
    There,
    Unknown,
)
from dflint.image.pypi import (
    Closure,
    allows,
)
from dflint.image.python import (
    make_venv,
    opened,
    target_of,
    version_in,
)
from dflint.image.state import Machine
from dflint.lazy import regex

FALSE = frozenset({"", "0", "false", "no", "off", "f", "n"})
# As uv takes it: 3.12, 3.12.1, python3.12, cpython@3.12, cpython-3.12.1-linux-x86_64-gnu.
VERSION = regex(r"(?:c?python)?[-@=]{0,2}(\d+\.\d+)(?![\d*])")
ANY_PYTHON = ("3", "python", "python3", "cpython")
NO_MARK = PythonMark("system")


class Found(Struct, frozen=True):
    """An interpreter that a command runs: its path as asked for, and what is known of it."""

    path: str
    mark: PythonMark


def truthy(text: str | None) -> bool:
    """Whether a variable's text switches something on, as pip and uv read it."""
    return text is not None and text.lower() not in FALSE


def interpreter(at: At, machine: Machine, program: str) -> Found | None:
    """The Python that a program is; None where it is not known."""
    found = at.find(machine, program)
    if not isinstance(found, There):
        return None
    mark = mark_of(machine, found)
    return None if mark is None else Found(found.asked, mark)


def mark_of(machine: Machine, found: There) -> PythonMark | None:
    """What is known of an interpreter, by the path that leads to it.

    It was moved, or another one lies at its usual path, where that is no Python of its version.
    """
    mark = found.entry.python
    if mark is None or mark.interpreter is None:
        return mark
    usual = machine.files.lookup(mark.interpreter)
    if isinstance(usual, There) and usual.entry.python is not None:
        if usual.entry.python.version == mark.version:
            return mark
    elif isinstance(usual, Unknown):
        return mark
    return replace(mark, interpreter=found.asked)


def guessed(at: At, machine: Machine, program: str) -> PythonMark:
    """What is known of a Python that was not found: its version where the name says it."""
    found = interpreter(at, machine, program)
    if found is not None:
        return found.mark
    return PythonMark("system", version_in(program))


def venv(at: At, machine: Machine) -> Machine:
    """python -m venv, virtualenv."""
    if at.has("--help", "--version") or not at.command.arguments:
        return machine
    word = at.option("--python") if at.command.tool == "virtualenv" else None
    program = word.value if word is not None else at.command.words[0].value
    if at.command.tool == "virtualenv" and word is None:
        program = python_of(at, machine, program) or "python3"
    for argument in at.command.arguments:
        path = at.path(argument)
        if path is None:
            return somewhere(at, machine, "an environment at a path that is not known")
        mark = guessed(at, machine, program)
        pip = not at.has("--without-pip", "--no-pip")
        if at.has("--clear"):
            machine = replace(machine, files=machine.files.remove(path, at.origin))
        files = make_venv(machine.files, path, mark, at.origin, at.owner, pip=pip)
        if at.has("--copies", "--always-copy"):
            files = files.doubt([f"{path}/bin/python"], at.why("a copy of the interpreter"))
        machine = replace(machine, files=files)
        if at.has("--system-site-packages"):
            machine = _open_venv(at, machine, path)
    return machine


def python_of(at: At, machine: Machine, program: str) -> str | None:
    """The interpreter that a tool written in Python runs on; None where it is not known."""
    found = at.find(machine, program)
    if not isinstance(found, There):
        return None
    if found.entry.python is not None:
        return program
    if found.entry.interpreter:
        return found.entry.interpreter.removeprefix("env ")
    packaged = (found.entry.detail or "").startswith(("apt:", "apk:", "dnf:"))
    return "/usr/bin/python3" if packaged else None


def _open_venv(at: At, machine: Machine, path: str) -> Machine:
    found = machine.files.lookup(f"{path}/pyvenv.cfg")
    if not isinstance(found, There) or found.entry.python is None:
        return machine
    target = target_of(machine.files, path, found.entry.python)
    why = at.why("the environment sees the system's packages as well")
    return replace(machine, files=opened(machine.files, target, why))


def uv_venv(at: At, machine: Machine) -> Machine:
    """uv venv."""
    if at.has("--help"):
        return machine
    word = at.command.arguments[-1] if at.command.arguments else None
    path = at.absolute(".venv") if word is None else at.path(word)
    if word is None and at.variable("UV_PROJECT_ENVIRONMENT"):
        path = at.absolute(at.variable("UV_PROJECT_ENVIRONMENT") or "")
    if path is None:
        return somewhere(at, machine, "an environment at a path that is not known")
    machine, mark = uv_python(at, machine)
    if at.has("--clear") or truthy(at.variable("UV_VENV_CLEAR")):
        machine = replace(machine, files=machine.files.remove(path, at.origin))
    files = make_venv(machine.files, path, mark, at.origin, at.owner, pip=at.has("--seed"))
    machine = replace(machine, files=files)
    return _open_venv(at, machine, path) if at.has("--system-site-packages") else machine


def uv_python(at: At, machine: Machine) -> tuple[Machine, PythonMark]:
    """The Python that uv makes an environment with: the system's where it fits, else a download."""
    word = at.option("--python")
    wanted = word.value if word is not None and word.known else at.variable("UV_PYTHON")
    if word is not None and not word.known:
        return machine, NO_MARK
    only_managed = (
        at.has("--managed-python") or at.variable("UV_PYTHON_PREFERENCE") == "only-managed"
    )
    only_managed = only_managed or truthy(at.variable("UV_MANAGED_PYTHON"))
    if wanted is None and at.is_set("UV_PYTHON"):
        return machine, NO_MARK
    if wanted is not None and "/" in wanted:
        return machine, guessed(at, machine, wanted)
    version = named_version(wanted) if wanted else None
    name = f"python{version}" if version and "." in version else "python3"
    system = interpreter(at, machine, name)
    managed = machine.settings.get("uv-python")
    if system is not None and not only_managed and managed is None:
        # `.python-version` and requires-python may ask for another one, which is downloaded then.
        if wanted is None:
            fits = not _may_differ(at, machine, system.mark.version)
        else:  # a range of versions is not worked out
            fits = wanted in ANY_PYTHON or (version is not None and version == system.mark.version)
        return machine, system.mark if fits else NO_MARK
    if managed is not None and (version is None or managed == version):
        return machine, _managed_mark(machine, managed)
    if (only_managed or isinstance(at.find(machine, name), NotThere)) and version is not None:
        return _fetch_python(at, machine, version)
    return machine, NO_MARK


def _may_differ(at: At, machine: Machine, version: str | None) -> bool:
    """Whether the project may ask for another Python than the one that is there."""
    folder = at.cwd
    if folder is None:
        return True
    answers = [
        machine.files.lookup(f"{folder}/{name}") for name in (".python-version", "pyproject.toml")
    ]
    if isinstance(answers[0], NotThere) and isinstance(answers[1], There) and version is not None:
        source = source_of(machine, f"{folder}/pyproject.toml")
        return source is None or allows(at.context, posixpath.dirname(source), version) is not True
    return not all(isinstance(each, NotThere) for each in answers)


def named_version(text: str) -> str | None:
    """The version that a text asks for, as in 3.13; None where it names none."""
    found = VERSION.match(text)
    return None if found is None else found[1]


def _python_folder(at: At) -> str | None:
    """Where uv keeps the interpreters that it downloads."""
    value = at.variable("UV_PYTHON_INSTALL_DIR")
    if value:
        return at.absolute(value)
    data = at.variable("XDG_DATA_HOME")
    if data:
        return at.absolute(f"{data}/uv/python")
    if at.is_set("UV_PYTHON_INSTALL_DIR") or at.is_set("XDG_DATA_HOME"):
        return None
    return None if at.home is None else f"{at.home}/.local/share/uv/python"


def _managed_mark(machine: Machine, version: str) -> PythonMark:
    libc = machine.settings.get("libc")
    if version == "?":
        return PythonMark("system", None, libc, managed=True)
    folder = machine.settings.get("uv-python-folder")
    path = f"{folder}/cpython-{version}-*/bin/python{version}" if folder else None
    return PythonMark("system", version, libc, None, path, folder or "", managed=True)


def _fetch_python(at: At, machine: Machine, version: str) -> tuple[Machine, PythonMark]:
    folder = _python_folder(at)
    settings = {**machine.settings, "uv-python": version}
    if folder is not None:
        settings["uv-python-folder"] = folder
    machine = replace(machine, settings=settings)
    mark = _managed_mark(machine, version)
    if mark.interpreter is not None:
        program = Entry("program", at.origin, at.owner, 0o755, python=mark)
        files = machine.files.put(folder or "/", Entry("folder", at.origin, at.owner, 0o755))
        files = files.taint([folder or "/"], at.why("the Python that uv downloaded"))
        return replace(machine, files=files.put(mark.interpreter, program)), mark
    return somewhere(at, machine, "it is not known where uv put the Python"), mark


def uv_python_install(at: At, machine: Machine) -> Machine:
    """uv python install."""
    word = at.command.arguments[0] if len(at.command.arguments) == 1 else None
    version = named_version(word.value) if word is not None and word.known else None
    place = at.option("--install-dir")
    if version is None or place is not None:
        folder = _python_folder(at) if place is None else at.path(place)
        why = at.why("the Python that uv downloaded")
        machine = replace(machine, settings={**machine.settings, "uv-python": "?"})
        files = machine.files.taint([folder] if folder else [at.home or "/"], why)
        return replace(machine, files=files)
    machine, _ = _fetch_python(at, machine, version)
    folder = uv_bin(at)
    if folder is None:
        return machine
    why = at.why("uv links the Python here in newer versions")
    return replace(machine, files=machine.files.taint([folder], why))


def uv_bin(at: At) -> str | None:
    """Where uv links programs; None where the user's home is not known."""
    return None if at.home is None else f"{at.home}/.local/bin"


def somewhere(at: At, machine: Machine, text: str, what: Closure | None = None) -> Machine:
    """Packages went where it is not known: to any environment, or the system's folders."""
    why = at.why(text)
    folders = ["/usr/local", "/usr/lib", "/usr/bin", "/opt", "/root", "/home", "/venv", "/app"]
    folders += [each for each in (at.cwd, at.home) if each is not None and each != "/"]
    folders += [posixpath.dirname(each) for each in at.folders if each.endswith("/bin")]
    for option in at.command.options:
        if option.name in ("--target", "--prefix", "--root") and option.value is not None:
            path = at.path(option.value)
            if path is not None:
                folders.append(path)
    if what is not None and at.root is False:
        folders = [each for each in folders if not _is_roots(machine, each)]
    return replace(
        machine, files=machine.files.taint([each for each in folders if each != "/"], why)
    )


def _is_roots(machine: Machine, folder: str) -> bool:
    """Whether a folder of the system's belongs to root, so that nobody else writes there."""
    found = machine.files.lookup(folder)
    given = isinstance(found, There) and found.entry.owner != "root"
    return folder.startswith("/usr") and not given
