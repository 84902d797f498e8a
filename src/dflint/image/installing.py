"""What Python's installers do: pip, venv, virtualenv, uv, poetry, pipenv, pdm, conda, pipx.

Sources: pip.pypa.io (pip install, user guide), docs.python.org/3/library/venv.html,
virtualenv.pypa.io, docs.astral.sh/uv (environment variables, CLI reference), python-poetry.org
(configuration), pipenv.pypa.io, pdm-project.org, docs.conda.io.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from dflint.image.at import At, source_of
from dflint.image.files import (
    CLOSED,
    Answer,
    Entry,
    Files,
    Node,
    NotThere,
    PythonMark,
    There,
    Unknown,
)
from dflint.image.pypi import (
    Closure,
    Wanted,
    allows,
    closure,
    is_package,
    known_scripts,
    normalized,
    not_known,
    parse_requirement,
    pipfile_lock,
    poetry_lock,
    project_of,
    project_requirements,
    requirements_file,
    together,
    uv_lock,
)
from dflint.image.python import (
    Target,
    install,
    make_venv,
    opened,
    site_folder,
    target_of,
    uninstall,
    version_in,
)
from dflint.image.state import Machine
from dflint.lazy import regex
from dflint.shell import Word

Effect = Callable[[At, Machine], Machine]
FALSE = frozenset({"", "0", "false", "no", "off", "f", "n"})
# As uv takes it: 3.12, 3.12.1, python3.12, cpython@3.12, cpython-3.12.1-linux-x86_64-gnu.
VERSION = regex(r"(?:c?python)?[-@=]{0,2}(\d+\.\d+)(?![\d*])")
ANY_PYTHON = ("3", "python", "python3", "cpython")
NO_MARK = PythonMark("system")


class Found(Struct, frozen=True):
    """An interpreter that a command runs: its path as asked for, and what is known of it."""

    path: str
    mark: PythonMark


def _truthy(text: str | None) -> bool:
    return text is not None and text.lower() not in FALSE


def interpreter(at: At, machine: Machine, program: str) -> Found | None:
    """The Python that a program is; None where it is not known."""
    found = at.find(machine, program)
    if not isinstance(found, There):
        return None
    mark = _mark_of(machine, found)
    return None if mark is None else Found(found.asked, mark)


def _mark_of(machine: Machine, found: There) -> PythonMark | None:
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


def _guessed(at: At, machine: Machine, program: str) -> PythonMark:
    """What is known of a Python that was not found: its version where the name says it."""
    found = interpreter(at, machine, program)
    if found is not None:
        return found.mark
    return PythonMark("system", version_in(program))


# --- virtual environments ---


def venv(at: At, machine: Machine) -> Machine:
    """python -m venv, virtualenv."""
    if at.has("--help", "--version") or not at.command.arguments:
        return machine
    word = at.option("--python") if at.command.tool == "virtualenv" else None
    program = word.value if word is not None else at.command.words[0].value
    if at.command.tool == "virtualenv" and word is None:
        program = _python_of(at, machine, program) or "python3"
    for argument in at.command.arguments:
        path = at.path(argument)
        if path is None:
            return _somewhere(at, machine, "an environment at a path that is not known")
        mark = _guessed(at, machine, program)
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


def _python_of(at: At, machine: Machine, program: str) -> str | None:
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
        return _somewhere(at, machine, "an environment at a path that is not known")
    machine, mark = _uv_python(at, machine)
    if at.has("--clear") or _truthy(at.variable("UV_VENV_CLEAR")):
        machine = replace(machine, files=machine.files.remove(path, at.origin))
    files = make_venv(machine.files, path, mark, at.origin, at.owner, pip=at.has("--seed"))
    machine = replace(machine, files=files)
    return _open_venv(at, machine, path) if at.has("--system-site-packages") else machine


def _uv_python(at: At, machine: Machine) -> tuple[Machine, PythonMark]:
    """The Python that uv makes an environment with: the system's where it fits, else a download."""
    word = at.option("--python")
    wanted = word.value if word is not None and word.known else at.variable("UV_PYTHON")
    if word is not None and not word.known:
        return machine, NO_MARK
    only_managed = (
        at.has("--managed-python") or at.variable("UV_PYTHON_PREFERENCE") == "only-managed"
    )
    only_managed = only_managed or _truthy(at.variable("UV_MANAGED_PYTHON"))
    if wanted is None and at.is_set("UV_PYTHON"):
        return machine, NO_MARK
    if wanted is not None and "/" in wanted:
        return machine, _guessed(at, machine, wanted)
    version = _version(wanted) if wanted else None
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


def _version(text: str) -> str | None:
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
    return _somewhere(at, machine, "it is not known where uv put the Python"), mark


def uv_python_install(at: At, machine: Machine) -> Machine:
    """uv python install."""
    word = at.command.arguments[0] if len(at.command.arguments) == 1 else None
    version = _version(word.value) if word is not None and word.known else None
    place = at.option("--install-dir")
    if version is None or place is not None:
        folder = _python_folder(at) if place is None else at.path(place)
        why = at.why("the Python that uv downloaded")
        machine = replace(machine, settings={**machine.settings, "uv-python": "?"})
        files = machine.files.taint([folder] if folder else [at.home or "/"], why)
        return replace(machine, files=files)
    machine, _ = _fetch_python(at, machine, version)
    folder = _uv_bin(at)
    if folder is None:
        return machine
    why = at.why("uv links the Python here in newer versions")
    return replace(machine, files=machine.files.taint([folder], why))


def _uv_bin(at: At) -> str | None:
    return None if at.home is None else f"{at.home}/.local/bin"


# --- where packages go ---


def pip_target(at: At, machine: Machine) -> Target | None:
    """Where `pip install` puts packages; None where that is not known."""
    program = at.command.words[0].value if "python" in at.command.through else at.command.program
    found = _pip_python(at, machine, program)
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
    if at.has("--user") or _truthy(at.variable("PIP_USER")):
        return _user_target(at, mark)
    system = mark.kind == "system" and not mark.managed
    if system and at.root is None:
        return None
    if system and at.root is False:
        return _user_or_system(at, machine, prefix, mark)
    return _own_target(machine, prefix, mark)


def _own_target(machine: Machine, prefix: str, mark: PythonMark) -> Target | None:
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
        return _own_target(machine, prefix, mark)
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


def _pip_python(at: At, machine: Machine, program: str) -> tuple[str, PythonMark] | None:
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
    mark = _mark_of(machine, found)
    python = at.find(machine, _python_of(at, machine, program) or program)
    if mark is None and isinstance(python, There) and python.entry.python is not None:
        folder, mark = posixpath.dirname(python.asked), _mark_of(machine, python)
        prefix = posixpath.dirname(folder)
        config = machine.files.lookup(f"{prefix}/pyvenv.cfg")
        if isinstance(config, There) and config.entry.python is not None:
            return prefix, config.entry.python
    if mark is None:
        for name in ("python3", "python"):
            beside = machine.files.lookup(f"{folder}/{name}")
            if isinstance(beside, There) and beside.entry.python is not None:
                mark = _mark_of(machine, beside)
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


def _venv_target(machine: Machine, path: str | None) -> Target | None:
    if path is None:
        return None
    found = machine.files.lookup(f"{path}/pyvenv.cfg")
    if isinstance(found, There) and found.entry.python is not None:
        return target_of(machine.files, path, found.entry.python)
    return None


def uv_pip_target(at: At, machine: Machine) -> Target | None:
    """Where `uv pip install` puts packages; None where that is not known."""
    system = at.has("--system") or (
        _truthy(at.variable("UV_SYSTEM_PYTHON")) and not at.has("--no-system")
    )
    word = at.option("--python")
    mark: PythonMark | None = None
    prefix = ""
    if word is not None or at.is_set("UV_PYTHON"):
        text = word.value if word is not None and word.known else at.variable("UV_PYTHON") or ""
        path = at.absolute(text) if "/" in text else None
        target = _venv_target(machine, path) if path else None
        target = target or (
            _venv_target(machine, posixpath.dirname(posixpath.dirname(path))) if path else None
        )
        if target is not None:
            return target
        found = _pip_python(at, machine, text) if text and "/" in text else None
        if found is None and system:
            version = _version(text)
            found = _pip_python(at, machine, f"python{version}" if version else "python3")
    elif system:
        found = _pip_python(at, machine, "python3") or _pip_python(at, machine, "python")
    else:
        path = active_environment(at) or at.absolute(".venv")
        return _venv_target(machine, path)
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
    return _own_target(machine, prefix, mark)


# --- what is installed ---


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
        return _somewhere(at, machine, "it is not known where the packages went", found)
    return replace(machine, files=install(machine.files, target, found, at.origin, at.owner))


def _somewhere(at: At, machine: Machine, text: str, what: Closure | None = None) -> Machine:
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
        return _somewhere(at, machine, "wheels at a path that is not known")
    files = machine.files.put(path, Entry("folder", at.origin, at.owner, 0o755), CLOSED)
    return replace(machine, files=files.taint([path], at.why("the names of the wheels")))


# --- uv, poetry, pipenv, pdm, conda ---


def uv_sync(at: At, machine: Machine) -> Machine:
    """uv sync."""
    if at.has("--help", "--dry-run", "--check"):
        return machine
    path = active_environment(at) if at.has("--active") else _uv_project(at)
    word = at.option("--project", "--directory")
    folder = at.cwd if word is None else at.path(word)
    if path is None or folder is None:
        return _somewhere(at, machine, "it is not known where the packages went")
    config = machine.files.lookup(f"{path}/pyvenv.cfg")
    found = closure(_synced(at, machine, folder))
    if path in ("/usr/local", "/usr"):
        target = _system_target(at, machine, path)
        if target is None:
            return _somewhere(at, machine, "it is not known which Python got the packages", found)
        return replace(machine, files=install(machine.files, target, found, at.origin, at.owner))
    if not isinstance(config, There):
        machine, mark = _uv_python(at, machine)
        files = make_venv(machine.files, path, mark, at.origin, at.owner, pip=False)
        machine = replace(machine, files=files)
    target = _venv_target(machine, path)
    if target is None:
        return _somewhere(at, machine, "it is not known where the packages went", found)
    return replace(machine, files=install(machine.files, target, found, at.origin, at.owner))


def _system_target(at: At, machine: Machine, prefix: str) -> Target | None:
    found = interpreter(at, machine, f"{prefix}/bin/python3")
    return None if found is None else _own_target(machine, prefix, found.mark)


def _uv_project(at: At) -> str | None:
    value = at.variable("UV_PROJECT_ENVIRONMENT")
    if at.is_set("UV_PROJECT_ENVIRONMENT") and not value:
        return None
    word = at.option("--project", "--directory")
    folder = at.cwd if word is None else at.path(word)
    if value and value.startswith("/"):
        return at.absolute(value)
    return None if folder is None else posixpath.normpath(posixpath.join(folder, value or ".venv"))


def _synced(at: At, machine: Machine, folder: str) -> Wanted:
    """What `uv sync` installs; the default group `dev` goes in unless it is left out."""
    source = source_of(machine, f"{folder}/uv.lock")
    if source is None:
        return not_known("the project's uv.lock is not known")
    folder_in_context = posixpath.dirname(source)
    if at.has(
        "--all-packages", "--package", "--all-groups", "--only-group", "--no-group", "--script"
    ):
        return not_known("which groups and packages are meant is not worked out")
    groups = [word.value for word in at.values("--group")]
    if not (at.has("--no-dev", "--no-default-groups") or _truthy(at.variable("UV_NO_DEV"))):
        groups.append("dev")
    extras = [word.value for word in at.values("--extra")]
    if at.has("--all-extras"):
        return not_known("the project's extras are not worked out")
    found = uv_lock(at.context, folder_in_context, groups, extras)
    if at.has("--no-install-project", "--no-install-workspace", "--no-install-package"):
        return found
    if is_package(at.context, folder_in_context) is False:
        return found
    project = project_of(at.context, folder_in_context)
    if project is None:
        return found + not_known("the project itself is not known")
    return replace(found, project=(project,))


def uv_add(at: At, machine: Machine) -> Machine:
    """uv add, poetry add: into the project's environment."""
    if at.command.tool == "poetry":
        return poetry(at, machine)
    path = _uv_project(at)
    target = _venv_target(machine, path)
    if target is None and path is not None:
        machine, mark = _uv_python(at, machine)
        files = make_venv(machine.files, path, mark, at.origin, at.owner, pip=False)
        machine = replace(machine, files=files)
        target = _venv_target(machine, path)
    if target is None:
        return _somewhere(at, machine, "it is not known where the packages went")
    what = closure(wanted(at, machine) + not_known("what the project requires besides"))
    return replace(machine, files=install(machine.files, target, what, at.origin, at.owner))


def uv_tool_install(at: At, machine: Machine) -> Machine:
    """uv tool install, pipx install: each in an environment of its own, its scripts linked."""
    path = _tool_bin(at)
    if path is None:
        return _somewhere(at, machine, "it is not known where the tool went")
    tools = _tool_home(at)
    machine, python = _tool_python(at, machine)
    files = machine.files.put(path, Entry("folder", at.origin, at.owner, 0o755))
    for word in at.command.arguments:
        found = parse_requirement(word.value) if word.known else None
        known = closure(Wanted((found,))) if found is not None else None
        if known is None or found is None or known_scripts(found.name) is None:
            files = files.taint([path], at.why("the tool's programs are not known"))
        if known is None or found is None:
            continue
        for name, package in known.programs.items():
            if package == found.name:
                house = None if tools is None else f"{tools}/{package}"
                script = Entry("program", at.origin, at.owner, 0o755, detail=package)
                files = _with_tool(files, f"{path}/{name}", house, script, python)
    if {"--with-executables-from", "--include-deps", "--suffix"} & {
        option.name for option in at.command.options
    }:
        files = files.taint([path], at.why("the tool's programs are not known"))
    house = None if at.home is None else f"{at.home}/.local"
    folders = [
        each for each in (house and f"{house}/share", house and f"{house}/pipx", tools) if each
    ]
    return replace(machine, files=files.taint(folders, at.why("the tool's own environment")))


def _tool_bin(at: At) -> str | None:
    """The folder that the scripts of tools are linked into; None where it is not known."""
    name = "UV_TOOL_BIN_DIR" if at.command.tool == "uv" else "PIPX_BIN_DIR"
    if at.has("--global"):
        return None if at.is_set("PIPX_GLOBAL_BIN_DIR") else "/usr/local/bin"
    if at.is_set(name):
        return at.absolute(at.variable(name) or "$")
    return _uv_bin(at)


def _tool_home(at: At) -> str | None:
    """The folder of the tools' environments; None where it is not known.

    That of pipx was moved within the home folder, from one version to another.
    """
    if at.has("--global"):
        return None if at.is_set("PIPX_GLOBAL_HOME") else "/opt/pipx/venvs"
    if at.command.tool != "uv":
        home = at.absolute(at.variable("PIPX_HOME") or "$")
        return home and f"{home}/venvs"
    if at.is_set("UV_TOOL_DIR"):
        return at.absolute(at.variable("UV_TOOL_DIR") or "$")
    if at.is_set("XDG_DATA_HOME"):
        return None
    return None if at.home is None else f"{at.home}/.local/share/uv/tools"


def _tool_python(at: At, machine: Machine) -> tuple[Machine, str | None]:
    """The interpreter that a tool's environment is made with; None where it is not known."""
    if at.command.tool == "uv":
        machine, mark = _uv_python(at, machine)
        return machine, mark.interpreter
    if at.has("--python") or at.is_set("PIPX_DEFAULT_PYTHON"):
        return machine, None
    program = _python_of(at, machine, at.command.words[0].value)
    found = None if program is None else interpreter(at, machine, program)
    return machine, None if found is None else found.path


def _with_tool(
    files: Files, path: str, house: str | None, script: Entry, python: str | None
) -> Files:
    """With a tool's script in its environment (`house`), and the link that leads to it."""
    if house is None:
        return files.put(path, script)
    link = Entry("link", script.origin, script.owner, 0o777, target=python)
    files = files.change(f"{house}/bin/python", lambda _: Node(link), script.origin)
    target = f"{house}/bin/{posixpath.basename(path)}"
    files = files.put(target, replace(script, interpreter=f"{house}/bin/python"))
    return files.change(path, lambda _: Node(replace(link, target=target)), script.origin)


def poetry(at: At, machine: Machine) -> Machine:
    """poetry install: into the active environment, the system, the project's, or its cache."""
    if at.has("--help", "--dry-run"):
        return machine
    target, machine = _poetry_target(at, machine)
    found = closure(_poetry_wanted(at, machine))
    if target is None:
        return _somewhere(at, machine, "it is not known where poetry put the packages", found)
    return replace(machine, files=install(machine.files, target, found, at.origin, at.owner))


def _poetry_target(at: At, machine: Machine) -> tuple[Target | None, Machine]:
    active = active_environment(at)
    if active is not None:
        return _venv_target(machine, active), machine
    create = _setting(at, machine, "poetry", "virtualenvs.create")
    inside = _setting(at, machine, "poetry", "virtualenvs.in-project")
    if create is not None and create.lower() in FALSE:
        found = _pip_python(at, machine, "python3") or _pip_python(at, machine, "python")
        if found is None or at.root is not True:
            return None, machine
        return _own_target(machine, *found), machine
    if (_truthy(inside) and at.cwd is not None and create is None) or (
        _truthy(create) and _truthy(inside)
    ):
        if at.cwd is None:
            return None, machine
        path = posixpath.join(at.cwd, ".venv")
        mark = _guessed(at, machine, "python3")
        files = make_venv(machine.files, path, mark, at.origin, at.owner, pip=False)
        machine = replace(machine, files=files)
        return _venv_target(machine, path), machine
    return None, machine


def _setting(at: At, machine: Machine, tool: str, name: str) -> str | None:
    variable = f"{tool}_{name}".upper().replace(".", "_").replace("-", "_")
    if at.is_set(variable):
        return at.variable(variable) or "?"
    return machine.settings.get(f"{tool} {name}")


def poetry_config(at: At, machine: Machine) -> Machine:
    """poetry config NAME VALUE."""
    words = [word.value for word in at.command.arguments]
    if len(words) >= 2:
        settings = {**machine.settings, f"poetry {words[0]}": words[1]}
        return replace(machine, settings=settings)
    return machine


def _poetry_wanted(at: At, machine: Machine) -> Wanted:
    if at.command.action not in ("install", "sync"):
        return wanted(at, machine) + not_known("what the project requires besides")
    word = at.option("--directory", "--project")
    folder = at.cwd if word is None else at.path(word)
    source = source_of(machine, f"{folder}/poetry.lock") if folder is not None else None
    if source is None:
        return not_known("the project's poetry.lock is not known")
    found = poetry_lock(at.context, posixpath.dirname(source))
    if at.has("--no-root"):
        return found
    project = project_of(at.context, posixpath.dirname(source))
    return found + (Wanted(project=(project,)) if project else not_known("the project itself"))


def pipenv(at: At, machine: Machine) -> Machine:
    """pipenv install, pipenv sync."""
    if at.has("--help"):
        return machine
    found = closure(_pipenv_wanted(at, machine))
    if at.has("--system") or _truthy(at.variable("PIPENV_SYSTEM")):
        python = _pip_python(at, machine, "python3") or _pip_python(at, machine, "python")
        if python is None or at.root is not True:
            return _somewhere(at, machine, "it is not known where pipenv put the packages", found)
        target = _own_target(machine, *python)
    else:
        active = active_environment(at)
        inside = _truthy(at.variable("PIPENV_VENV_IN_PROJECT"))
        if active is None and inside and at.cwd is not None:
            active = posixpath.join(at.cwd, ".venv")
            mark = _guessed(at, machine, "python3")
            files = make_venv(machine.files, active, mark, at.origin, at.owner, pip=True)
            machine = replace(machine, files=files)
        target = _venv_target(machine, active)
    if target is None:
        return _somewhere(at, machine, "it is not known where pipenv put the packages", found)
    return replace(machine, files=install(machine.files, target, found, at.origin, at.owner))


def _pipenv_wanted(at: At, machine: Machine) -> Wanted:
    if at.command.arguments or at.option("--requirements") is not None:
        return wanted(at, machine) + not_known("what the Pipfile requires besides")
    source = source_of(machine, f"{at.cwd}/Pipfile.lock") if at.cwd is not None else None
    if source is None:
        return not_known("the project's Pipfile.lock is not known")
    return pipfile_lock(at.context, posixpath.dirname(source), dev=at.has("--dev"))


def elsewhere(at: At, machine: Machine) -> Machine:
    """pdm, conda and others: packages, of which and where little is known."""
    return _somewhere(at, machine, "what was installed is not known")


def conda(at: At, machine: Machine) -> Machine:
    """conda and its like: an environment below the root prefix, or at the path given."""
    why = at.why("what conda installed is not known")
    word = at.option("--prefix")
    path = at.path(word) if word is not None else None
    folders = ["/opt/conda", "/opt/miniconda3", "/opt/mamba", "/root/miniconda3"]
    root = at.variable("MAMBA_ROOT_PREFIX") or at.variable("CONDA_DIR")
    folders += [each for each in (path, root, at.home) if each]
    folders += [
        posixpath.dirname(each) for each in at.folders if each.endswith("/bin") and "conda" in each
    ]
    return replace(machine, files=machine.files.taint(folders, why))


INSTALLING: Mapping[str, Effect] = {
    "venv": venv,
    "virtualenv": venv,
    "uv venv": uv_venv,
    "uv sync": uv_sync,
    "uv add": uv_add,
    "uv tool install": uv_tool_install,
    "uv python install": uv_python_install,
    "pipx install": uv_tool_install,
    "pip install": pip_install,
    "pip sync": elsewhere,
    "pip-sync": elsewhere,
    "pip uninstall": pip_uninstall,
    "pip wheel": pip_wheel,
    "pip download": pip_wheel,
    "poetry install": poetry,
    "poetry sync": poetry,
    "poetry update": poetry,
    "poetry add": poetry,
    "poetry config": poetry_config,
    "pipenv install": pipenv,
    "pipenv sync": pipenv,
    "pdm install": elsewhere,
    "pdm sync": elsewhere,
    "pdm add": elsewhere,
    "easy_install": elsewhere,
    "conda": conda,
    "mamba": conda,
    "micromamba": conda,
    "ensurepip": elsewhere,
}
