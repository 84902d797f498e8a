"""What Python's installers do: uv, poetry, pipenv, pdm, conda, pipx; and all of them by command.

Sources: docs.astral.sh/uv (environment variables, CLI reference), python-poetry.org
(configuration), pipenv.pypa.io, pdm-project.org, docs.conda.io.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from dflint.image.at import At, source_of
from dflint.image.files import (
    Entry,
    Files,
    Node,
    There,
)
from dflint.image.pip import pip_install, pip_uninstall, pip_wheel, wanted
from dflint.image.pypi import (
    Wanted,
    closure,
    is_package,
    known_scripts,
    not_known,
    parse_requirement,
    pipfile_lock,
    poetry_lock,
    project_of,
    uv_lock,
)
from dflint.image.python import (
    Target,
    install,
    make_venv,
)
from dflint.image.state import Machine
from dflint.image.targets import (
    active_environment,
    own_target,
    pip_python,
    system_target,
    venv_target,
)
from dflint.image.venvs import (
    FALSE,
    guessed,
    interpreter,
    python_of,
    somewhere,
    truthy,
    uv_bin,
    uv_python,
    uv_python_install,
    uv_venv,
    venv,
)

Effect = Callable[[At, Machine], Machine]


def uv_sync(at: At, machine: Machine) -> Machine:
    """uv sync."""
    if at.has("--help", "--dry-run", "--check"):
        return machine
    path = active_environment(at) if at.has("--active") else _uv_project(at)
    word = at.option("--project", "--directory")
    folder = at.cwd if word is None else at.path(word)
    if path is None or folder is None:
        return somewhere(at, machine, "it is not known where the packages went")
    config = machine.files.lookup(f"{path}/pyvenv.cfg")
    found = closure(_synced(at, machine, folder))
    if path in ("/usr/local", "/usr"):
        target = system_target(at, machine, path)
        if target is None:
            return somewhere(at, machine, "it is not known which Python got the packages", found)
        return replace(machine, files=install(machine.files, target, found, at.origin, at.owner))
    if not isinstance(config, There):
        machine, mark = uv_python(at, machine)
        files = make_venv(machine.files, path, mark, at.origin, at.owner, pip=False)
        machine = replace(machine, files=files)
    target = venv_target(machine, path)
    if target is None:
        return somewhere(at, machine, "it is not known where the packages went", found)
    return replace(machine, files=install(machine.files, target, found, at.origin, at.owner))


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
    if not (at.has("--no-dev", "--no-default-groups") or truthy(at.variable("UV_NO_DEV"))):
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
    target = venv_target(machine, path)
    if target is None and path is not None:
        machine, mark = uv_python(at, machine)
        files = make_venv(machine.files, path, mark, at.origin, at.owner, pip=False)
        machine = replace(machine, files=files)
        target = venv_target(machine, path)
    if target is None:
        return somewhere(at, machine, "it is not known where the packages went")
    what = closure(wanted(at, machine) + not_known("what the project requires besides"))
    return replace(machine, files=install(machine.files, target, what, at.origin, at.owner))


def uv_tool_install(at: At, machine: Machine) -> Machine:
    """uv tool install, pipx install: each in an environment of its own, its scripts linked."""
    path = _tool_bin(at)
    if path is None:
        return somewhere(at, machine, "it is not known where the tool went")
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
    return uv_bin(at)


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
        machine, mark = uv_python(at, machine)
        return machine, mark.interpreter
    if at.has("--python") or at.is_set("PIPX_DEFAULT_PYTHON"):
        return machine, None
    program = python_of(at, machine, at.command.words[0].value)
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
        return somewhere(at, machine, "it is not known where poetry put the packages", found)
    return replace(machine, files=install(machine.files, target, found, at.origin, at.owner))


def _poetry_target(at: At, machine: Machine) -> tuple[Target | None, Machine]:
    active = active_environment(at)
    if active is not None:
        return venv_target(machine, active), machine
    create = _setting(at, machine, "poetry", "virtualenvs.create")
    inside = _setting(at, machine, "poetry", "virtualenvs.in-project")
    if create is not None and create.lower() in FALSE:
        found = pip_python(at, machine, "python3") or pip_python(at, machine, "python")
        if found is None or at.root is not True:
            return None, machine
        return own_target(machine, *found), machine
    if (truthy(inside) and at.cwd is not None and create is None) or (
        truthy(create) and truthy(inside)
    ):
        if at.cwd is None:
            return None, machine
        path = posixpath.join(at.cwd, ".venv")
        mark = guessed(at, machine, "python3")
        files = make_venv(machine.files, path, mark, at.origin, at.owner, pip=False)
        machine = replace(machine, files=files)
        return venv_target(machine, path), machine
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
    if at.has("--system") or truthy(at.variable("PIPENV_SYSTEM")):
        python = pip_python(at, machine, "python3") or pip_python(at, machine, "python")
        if python is None or at.root is not True:
            return somewhere(at, machine, "it is not known where pipenv put the packages", found)
        target = own_target(machine, *python)
    else:
        active = active_environment(at)
        inside = truthy(at.variable("PIPENV_VENV_IN_PROJECT"))
        if active is None and inside and at.cwd is not None:
            active = posixpath.join(at.cwd, ".venv")
            mark = guessed(at, machine, "python3")
            files = make_venv(machine.files, active, mark, at.origin, at.owner, pip=True)
            machine = replace(machine, files=files)
        target = venv_target(machine, active)
    if target is None:
        return somewhere(at, machine, "it is not known where pipenv put the packages", found)
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
    return somewhere(at, machine, "what was installed is not known")


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
