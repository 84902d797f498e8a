"""Where pip, and uv in its place, puts packages.

Sources: pip.pypa.io (pip install, user guide), docs.astral.sh/uv (environment variables).
"""

from __future__ import annotations

import posixpath

from msgspec.structs import replace

from dflint.image.at import At
from dflint.image.files import (
    Answer,
    PythonMark,
    There,
    Unknown,
)
from dflint.image.python import (
    Target,
    site_folder,
    target_of,
)
from dflint.image.state import Machine
from dflint.image.venvs import interpreter, mark_of, named_version, python_of, truthy


def pip_target(at: At, machine: Machine) -> Target | None:
    """Where `pip install` puts packages; None where that is not known."""
    program = at.command.words[0].value if "python" in at.command.through else at.command.program
    found = pip_python(at, machine, program)
    if found is None:
        return None
    prefix, mark = found
    place = _option_or_variable(at, "--target", "PIP_TARGET")
    if place is not None:
        return (
            None
            if place == ""
            else Target(place, f"{place}/bin", replace(mark, kind="target", home=place))
        )
    place = _option_or_variable(at, "--prefix", "PIP_PREFIX")
    if place is not None:
        if place == "" or (mark.interpreter or "/usr/bin/python").startswith("/usr/bin/python"):
            return None
        site = site_folder(place, mark.version)
        return Target(site, f"{place}/bin", replace(mark, kind="prefix", home=place))
    if at.option("--root") is not None or at.is_set("PIP_ROOT"):
        return None
    if at.has("--user") or truthy(at.variable("PIP_USER")):
        return _user_target(at, mark)
    system = mark.kind == "system" and not mark.managed
    if system and at.root is None:
        return None
    if system and at.root is False:
        return _user_or_system(at, machine, prefix, mark)
    return own_target(machine, prefix, mark)


def own_target(machine: Machine, prefix: str, mark: PythonMark) -> Target | None:
    """Where a Python's own packages go; None where that is not known.

    A distribution's own Python installs into /usr/local. Debian's takes one folder there, those of
    Fedora and its kin two, depending on whether a package has compiled parts.
    """
    glibc = mark.kind == "system" and prefix == "/usr" and mark.libc != "musl"
    if glibc and not isinstance(machine.files.lookup("/usr/bin/apt-get"), There):
        return None
    return target_of(machine.files, prefix, mark)


def _user_or_system(at: At, machine: Machine, prefix: str, mark: PythonMark) -> Target | None:
    """Who cannot write to the system's packages gets them in the home folder."""
    site = machine.files.lookup(site_folder(prefix, mark.version))
    if isinstance(site, There) and site.entry.owner == "root" and site.entry.origin.kind == "base":
        return _user_target(at, mark)
    scripts = machine.files.lookup(f"{prefix}/bin")
    folders = [each for each in (site, scripts) if isinstance(each, There)]
    if len(folders) == 2 and all(each.entry.owner == at.user for each in folders):
        return own_target(machine, prefix, mark)
    return None


def _user_target(at: At, mark: PythonMark) -> Target | None:
    value = at.variable("PYTHONUSERBASE")
    if at.is_set("PYTHONUSERBASE") and not value:
        return None
    base = value or (None if at.home is None else f"{at.home}/.local")
    if base is None:
        return None
    return Target(
        site_folder(base, mark.version), f"{base}/bin", replace(mark, kind="user", home=base)
    )


def _option_or_variable(at: At, option: str, variable: str) -> str | None:
    """The absolute path that an option or variable gives; empty where it is not known."""
    word = at.option(option)
    if word is not None:
        return at.path(word) or ""
    if at.is_set(variable):
        return at.absolute(at.variable(variable) or "$") or ""
    return None


def pip_python(at: At, machine: Machine, program: str) -> tuple[str, PythonMark] | None:
    """The prefix and the Python of a pip, or of the Python that runs pip as a module."""
    found: Answer = at.find(machine, program)
    if isinstance(found, Unknown) or not isinstance(found, There):
        return None
    path = found.asked
    folder = posixpath.dirname(path)
    prefix = posixpath.dirname(folder)
    if posixpath.basename(folder) != "bin":
        return None
    config = machine.files.lookup(f"{prefix}/pyvenv.cfg")
    if isinstance(config, There) and config.entry.python is not None:
        return prefix, config.entry.python
    mark = mark_of(machine, found)
    python = at.find(machine, python_of(at, machine, program) or program)
    if mark is None and isinstance(python, There) and python.entry.python is not None:
        folder, mark = posixpath.dirname(python.asked), mark_of(machine, python)
        prefix = posixpath.dirname(folder)
        config = machine.files.lookup(f"{prefix}/pyvenv.cfg")
        if isinstance(config, There) and config.entry.python is not None:
            return prefix, config.entry.python
    if mark is None:
        for name in ("python3", "python"):
            beside = machine.files.lookup(f"{folder}/{name}")
            if isinstance(beside, There) and beside.entry.python is not None:
                mark = mark_of(machine, beside)
                break
    if mark is None or (isinstance(config, Unknown) and prefix not in ("/usr", "/usr/local")):
        return None
    return prefix, mark


def active_environment(at: At) -> str | None:
    """The environment that is active: activated in the instruction, or named by VIRTUAL_ENV."""
    if at.activated is not None:
        return at.activated
    value = at.variable("VIRTUAL_ENV")
    return at.absolute(value) if value else None


def venv_target(machine: Machine, path: str | None) -> Target | None:
    """Where packages of the virtual environment at a path go; None where none is seen there."""
    if path is None:
        return None
    found = machine.files.lookup(f"{path}/pyvenv.cfg")
    if isinstance(found, There) and found.entry.python is not None:
        return target_of(machine.files, path, found.entry.python)
    return None


def uv_pip_target(at: At, machine: Machine) -> Target | None:
    """Where `uv pip install` puts packages; None where that is not known."""
    system = at.has("--system") or (
        truthy(at.variable("UV_SYSTEM_PYTHON")) and not at.has("--no-system")
    )
    word = at.option("--python")
    mark: PythonMark | None = None
    prefix = ""
    if word is not None or at.is_set("UV_PYTHON"):
        text = word.value if word is not None and word.known else at.variable("UV_PYTHON") or ""
        path = at.absolute(text) if "/" in text else None
        target = venv_target(machine, path) if path else None
        target = target or (
            venv_target(machine, posixpath.dirname(posixpath.dirname(path))) if path else None
        )
        if target is not None:
            return target
        found = pip_python(at, machine, text) if text and "/" in text else None
        if found is None and system:
            version = named_version(text)
            found = pip_python(at, machine, f"python{version}" if version else "python3")
    elif system:
        found = pip_python(at, machine, "python3") or pip_python(at, machine, "python")
    else:
        path = active_environment(at) or at.absolute(".venv")
        return venv_target(machine, path)
    if found is None:
        return None
    prefix, mark = found
    place = _option_or_variable(at, "--target", "UV_TARGET_NOT_A_VARIABLE")
    if place is not None:
        return (
            None
            if not place
            else Target(place, f"{place}/bin", replace(mark, kind="target", home=place))
        )
    place = _option_or_variable(at, "--prefix", "UV_PREFIX_NOT_A_VARIABLE")
    if place is not None:
        site = site_folder(place, mark.version)
        return (
            None
            if not place
            else Target(site, f"{place}/bin", replace(mark, kind="prefix", home=place))
        )
    return own_target(machine, prefix, mark)


def system_target(at: At, machine: Machine, prefix: str) -> Target | None:
    """Where packages of the Python at a prefix go; None where it is not known."""
    found = interpreter(at, machine, f"{prefix}/bin/python3")
    return None if found is None else own_target(machine, prefix, found.mark)
