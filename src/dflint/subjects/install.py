"""Subject `install`: each command that installs packages, with what and where to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from dflint.environment import path_folders
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage, Step, resolve
from dflint.shell import Command, Word
from dflint.shellwords import WHOLE_VARIABLE
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Subject
from dflint.subjects.command import (
    ATTRIBUTES,
    COMMAND,
    PARTS,
    CommandPlace,
    command_places,
    earlier,
    later,
    once_before,
    once_for_all,
    option_names,
    said_so_far,
    spoken,
    step_commands,
    steps_before,
    variable,
)
from dflint.subjects.conda_channels import channels
from dflint.subjects.context_origin import seen_at, text_of
from dflint.subjects.dev_groups import chooses, dev_packages, packaged, source_copied_later
from dflint.subjects.indexes import place as place_of_option
from dflint.subjects.locks import lock_missing, lock_name
from dflint.subjects.requirement_file import few, loose, mixed, plain, unhashed
from dflint.subjects.start import build_commands, effective_start, started_places, starts_shell
from dflint.subjects.venv import folder_in_force, venvs
from dflint.tree import Entry

BYTECODE = regex(r"__pycache__|\.py\[?[co]")
# A requirement's name and extras (PEP 508), and what may follow it.
REQUIREMENT = regex(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(.*)", re.DOTALL)
LOCAL = regex(r"^(\.{0,2}/|\.{1,2}$|\.{1,2}\[|/|~|file:|\$)|\.(whl|zip|tar\.gz|tar\.bz2|tgz)(\[|$)")
# An address of a repository with no `@ref` behind its path; one on this machine is as it is.
REPOSITORY = regex(
    r"(?:[\w.-]+(?:\[[^\]]*\])?\s*@\s*)?(?P<address>(?:git|hg)\+(?!file:)[a-z+]+://[^/\s]*/[^@#?\s$]+)(?:[#?].*)?"
)
REMOTE = regex(r"^(git|hg|svn|bzr)\+|^https?://|@\s*(git\+|https?:)", re.IGNORECASE)


# The packages' folder of an interpreter that belongs to the system.
SITE_PACKAGES = regex(r"^/?usr/(local/)?lib/python[\d.*]+(/(site|dist)-packages)?/?$")


VENVS = frozenset({".venv", "venv"})

# Managers of a distribution's packages, and of other languages' than Python.
SYSTEM = frozenset({"apt", "apk", "dnf", "zypper"})
OTHER_LANGUAGES = frozenset({"npm", "gem", "go"})
RPM_VERSION = regex(r"-(\d\S*)$")
NPM_NAME = regex(r"(@[\w.~-]+/)?[\w.~-]+")
# Words that stand for whatever is newest: npm's dist-tags, Go's version queries and usual branches.
NEWEST = frozenset({"latest", "next", "*", "x", "upgrade", "patch", "main", "master", "HEAD"})


class Package(Struct, frozen=True):
    """A package as a command names it: `version` is the text after the name, empty without one.

    `kind` is name, local (a path or wheel), remote (an address), or unknown.
    """

    name: str
    version: str
    kind: str
    span: Span


class InstallPlace(CommandPlace, frozen=True):
    """A command that installs, the manager that it belongs to, and the packages that it names."""

    manager: str
    packages: tuple[Package, ...]


def install_places(facts: Facts) -> Iterator[InstallPlace]:
    """The installing commands of all RUN instructions."""
    for at in command_places(facts):
        found = as_install(at)
        if found is not None:
            yield found


def as_install(at: CommandPlace) -> InstallPlace | None:
    """A command as an installation; None when it is none."""
    manager = load("installs")["commands"].get(spoken(at.command))
    if manager is None or manager == "none" or "--help" in option_names(at.command):
        return None
    packages = tuple(package(word, manager) for word in at.command.arguments)
    return InstallPlace(
        at.facts, at.stage, at.step, at.script, at.number, at.command, manager, packages
    )


def package(word: Word, manager: str) -> Package:
    """A package from a word of the command line."""
    text = word.value
    if not word.known and not re.match(r"[A-Za-z0-9._-]+(\[[^\]]*\])?[=<>~!@]", text):
        return Package(text, "", "unknown", word.span)
    if manager in SYSTEM:
        if len(text.split()) != 1:  # what a variable holds may be several words for the shell
            return Package(text, "", "unknown", word.span)
        return _system_package(word, manager)
    if manager in OTHER_LANGUAGES:
        return _foreign_package(word, manager)
    if REMOTE.search(text):
        return Package(text, "", "remote", word.span)
    if LOCAL.search(text) or "/" in text:
        return Package(text, "", "local", word.span)
    match = REQUIREMENT.fullmatch(text)
    if match is None or (word.glob and "[" not in text):
        return Package(text, "", "unknown", word.span)
    return Package(match[1], match[3].strip(), "name", word.span)


def _system_package(word: Word, manager: str) -> Package:
    """A package of the distribution: `name=1.2`, and for RPM `name-1.2` as well."""
    text = word.value
    name, sign, version = re.match(r"([^=<>~]*)([=<>~]*)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if (
        "/" in name
        or "(" in name
        or name.startswith("@")
        or text.endswith((".deb", ".apk", ".rpm"))
    ):
        return Package(name, "", "local", word.span)
    if manager in ("dnf", "zypper") and not sign and (found := RPM_VERSION.search(name)):
        return Package(name[: found.start()], found[1], "name", word.span)
    return Package(name, version if sign else "", "name", word.span)


def _foreign_package(word: Word, manager: str) -> Package:
    """A package of npm (`@scope/name@1`), RubyGems (`name:1`) or Go (`example.org/name@v1`)."""
    text = word.value
    name, _, version = text.rpartition(":" if manager == "gem" else "@")
    if not name:
        name, version = text, ""
    if manager == "gem":
        kind = "local" if "/" in text or text.endswith(".gem") else "name"
    elif manager == "go":
        kind = "name" if "." in name.partition("/")[0].strip(".") else "local"
    elif text.startswith((".", "/", "~", "file:")) or text.endswith((".tgz", ".tar.gz")):
        kind = "local"
    else:
        kind = "name" if NPM_NAME.fullmatch(name) else "remote"
    return Package(name, version, kind, word.span)


def _compiles(package: str) -> bool:
    """Whether a package exists to compile others."""
    tools = load("installs")["build-tools"]
    if package in tools["names"] or package.endswith(tuple(tools["suffixes"])):
        return True
    # What is left are names with a version.
    return any(char.isdigit() for char in package) and any(
        re.search(pattern, package) for pattern in tools["patterns"]
    )


def build_tools(at: InstallPlace) -> tuple[str, ...]:
    """The compilers and headers that a system package manager installs and that stay.

    Those removed later in the same instruction do not count; when it cannot be told what a removal
    takes away (`apk del .build-deps` of that very group, `$BUILD_DEPS`), none do. Nor do those that
    an ENV names: images that stand on this one see it, and are meant to build with them.
    """
    if at.manager not in ("apt", "apk", "dnf"):
        return ()
    found = [
        each.name
        for each in at.packages
        if each.kind == "name" and _compiles(each.name) and not _from_environment(at, each)
    ]
    gone = _purged(at)
    return () if gone is None else tuple(name for name in found if name not in gone)


def _from_environment(at: InstallPlace, package: Package) -> bool:
    """Whether a variable that an ENV sets for good names the package."""
    text = at.facts.build.source.slice(package.span).strip('"')
    whole = WHOLE_VARIABLE.fullmatch(text) is not None
    found = at.step.environment.get(text.strip("${}")) if whole else None
    return found is not None and found.kind == "env"


def _purged(at: InstallPlace) -> frozenset[str] | None:
    """The packages that later commands of the instruction remove; None when not known."""
    virtual = {
        opt.value.value for opt in at.command.options if opt.name == "--virtual" and opt.value
    }
    gone: set[str] = set()
    for command in later(at):
        if command.tool == "apt-mark":
            return None  # what is marked as automatic goes with the next --auto-remove
        if command.tool not in ("apt-get", "apt", "apk", "dnf", "yum", "microdnf"):
            continue
        if command.action not in ("purge", "remove", "del", "erase", "autoremove"):
            continue
        if any(not word.known or word.glob for word in command.arguments):
            return None
        names = {word.value for word in command.arguments}
        if names & virtual:
            return None
        gone |= names
    return frozenset(gone)


def named(at: InstallPlace) -> tuple[str, ...]:
    """The packages that the command names (no paths, no addresses)."""
    return tuple(each.name for each in at.packages if each.kind == "name")


def bytecode_removed(at: InstallPlace) -> bool:
    """Whether a command after it, in the same stage, removes files of bytecode, or names them so."""
    source = at.facts.build.source
    texts = [source.slice(Span(at.command.span.end, at.step.instruction.span.end))]
    texts += [
        source.slice(step.instruction.span)
        for step in at.stage.steps[at.step.number + 1 :]
        if step.keyword == "RUN"
    ]
    return any(BYTECODE.search(text) for text in texts)


def system_packages(at: InstallPlace) -> tuple[str, ...]:
    """What the system's package manager was told to install before, here and in earlier steps."""
    before = [
        CommandPlace(at.facts, at.stage, at.step, at.script, number, command)
        for number, command in enumerate(earlier(at))
    ]
    for step in steps_before(at):
        if step.keyword == "RUN" and not step.onbuild:
            before += step_commands(at.facts, at.stage, step)
    found = filter(None, map(as_install, before))
    return tuple(name for each in found if each.manager in SYSTEM for name in named(each))


def environment_removed(at: InstallPlace) -> bool:
    """Whether the instruction removes a virtual environment again, by its name."""
    return any(
        command.tool == "rm"
        and any(posixpath.basename(word.value.rstrip("/")) in VENVS for word in command.arguments)
        for command in later(at)
    )


def unpinned(at: InstallPlace) -> object:
    """The named packages without a version; `UNKNOWN` when a constraints file may pin them."""
    if "--constraint" in option_names(at.command) or variable(at, "PIP_CONSTRAINT") is not None:
        return UNKNOWN
    lost = {package.span for package, _ in redirected(at)}
    lost |= {each.span for each in at.packages if not each.version and _of_project(at, each.name)}
    return tuple(
        each.name
        for each in at.packages
        if each.kind == "name"
        and (not each.version or (each.version in NEWEST and at.manager in OTHER_LANGUAGES))
        and each.span not in lost
    )


def loose_repositories(at: InstallPlace) -> tuple[tuple[str, Span], ...]:
    """The repositories that a Python installer builds from without a commit, tag or branch.

    With their places. pip's documentation, "VCS Support": `git+https://host/path@ref#egg=name`.
    """
    if at.manager not in ("pip", "uv-tool"):
        return ()
    options = (each.value for each in at.command.options if each.name == "--editable")
    words = (*at.command.arguments, *(word for word in options if word is not None))
    found = ((word, REPOSITORY.fullmatch(word.value)) for word in words if word.known)
    return tuple((match["address"], word.span) for word, match in found if match is not None)


def _of_project(at: InstallPlace, name: str) -> bool:
    """Whether the project's `package.json` gives, or may give, the version that npm then takes.

    Only npm keeps to it (docs.npmjs.com/cli/commands/npm-install); yarn and pnpm take the newest.
    """
    if at.command.tool != "npm" or "--global" in option_names(at.command):
        return False
    folder = folder_in_force(at)
    if folder is None:
        return True
    brings = f"package.json to {folder}"
    if not once_before(at, brings, lambda step: _brings_project(step, folder)):
        return False
    entry = seen_at(at.facts, at, posixpath.join(folder, "package.json"))
    text = text_of(at.facts, entry) if isinstance(entry, Entry) else None
    return text is None or f'"{name}"' in text


def _brings_project(step: Step, folder: str) -> bool:
    """Whether a COPY to the folder brings `package.json`, or a whole folder in which it may be."""
    if step.keyword not in ("COPY", "ADD") or len(step.words) < 2:
        return False
    target = resolve(step.workdir.value, step.words[-1].value)
    names = [posixpath.basename(word.value.rstrip("/")) for word in step.words[:-1]]
    if any(name.startswith("package") for name in names):
        return target in (None, folder, posixpath.join(folder, "package.json"))
    return target == folder and any("." not in name.strip(".") for name in names)


def chosen_unpinned(at: InstallPlace) -> object:
    """The named packages without a version, but not the installer itself and what it brings."""
    found = unpinned(at)
    if not isinstance(found, tuple):
        return UNKNOWN
    taken = load("installs")["taken-as-they-are"].get(at.manager, ())
    return tuple(name for name in found if name.lower() not in taken)


def redirected(at: InstallPlace) -> tuple[tuple[Package, Span], ...]:
    """The packages whose version the shell takes for a file to write to: `flask>=3` without quotes.

    With the whole of what was meant as one word.
    """
    if at.manager not in ("pip", "uv-tool", "conda"):
        return ()
    ends = {each.span.end: each for each in at.packages if each.kind == "name"}
    found = []
    for redirect in at.command.redirects:
        package = ends.get(redirect.span.start)
        target = redirect.target
        if package is None or target is None or redirect.operator != ">":
            continue
        if re.match(r"=|\d", target.text) and target.span.start == redirect.span.start + 1:
            found.append((package, Span(package.span.start, redirect.span.end)))
    return tuple(found)


def _redirected_texts(at: InstallPlace) -> tuple[str, ...]:
    source = at.facts.build.source
    return tuple(source.slice(span) for _, span in redirected(at))


def _first_redirected(at: InstallPlace) -> Span | None:
    found = redirected(at)
    return found[0][1] if found else None


def _first_name(found: object) -> object:
    return (found[0] if found else None) if isinstance(found, tuple) else UNKNOWN


def product_name(at: InstallPlace) -> str | None:
    """The name of the stage that is built."""
    product = at.facts.build.product
    return None if product is None else at.facts.build.stages[product].label


def product_starts(at: InstallPlace) -> bool:
    """Whether the product has a CMD or ENTRYPOINT of its own."""
    return effective_start(at.facts) != (None, None)


FOREIGN = regex(r"sources\.list\.d|(add-)?apt(-add)?-repository|nodesource|packagecloud|apt-key")
APT_SETTINGS: Mapping[str, re.Pattern[str]] = {
    "recommends": regex(r"apt::install-recommends|apt\s*\{", re.IGNORECASE),
    "yes": regex(r"apt::get::(assume-yes|force-yes)|apt\s*\{", re.IGNORECASE),
    "versions": regex(
        r"snapshot\.(debian|ubuntu)\.|--snapshot|apt::snapshot|pin:\s*version",
        re.IGNORECASE,
    ),
}


def apt_set(at: InstallPlace, setting: str) -> object:
    """Whether the command, or anything before it, mentions a setting of apt's configuration.

    `UNKNOWN` when a file is copied to where apt keeps its configuration.
    """
    source = at.facts.build.source
    search = APT_SETTINGS[setting].search

    def says_so(step: Step) -> bool:
        told = step.keyword in ("RUN", "COPY", "ADD")
        return told and search(source.slice(step.instruction.span)) is not None

    def may_say_so(step: Step) -> bool:
        copied = step.keyword in ("COPY", "ADD")
        return copied and ("apt" in source.slice(step.instruction.span) or _onto_root(step))

    if once_for_all(at, setting, says_so) or once_before(at, setting, says_so):
        return True
    return UNKNOWN if once_before(at, "apt's settings", may_say_so) else False


def foreign(at: InstallPlace) -> bool:
    """Whether the instruction, or one before it, tells apt of a repository besides the system's."""
    return said_so_far(at, "foreign", FOREIGN)


def may_recommend(at: InstallPlace) -> bool:
    """Whether a package may recommend others: those of a short list are known to bring nothing."""
    free = load("installs")["recommend-nothing"]
    return not at.packages or any(
        each.kind != "name" or each.name not in free for each in at.packages
    )


def _onto_root(step: Step) -> bool:
    """Whether a COPY puts a folder's tree over the root or /etc, where it may configure anything."""
    if not step.words:
        return False
    target = resolve(step.workdir.value, step.words[-1].value)
    return target in ("/", "/etc") and any(
        "." not in word.value.strip("./") for word in step.words[:-1]
    )


def fed(at: InstallPlace) -> bool:
    """Whether something is piped, or given as a file, to the command's input."""
    if any(each.operator.startswith("<") for each in at.command.redirects):
        return True
    return any(at.command in pipeline.commands[1:] for pipeline in at.script.pipelines)


def options_known(at: InstallPlace) -> bool:
    """Whether no word of the command may turn out to be an option that is not seen here."""
    return all(word.known or not word.value.startswith("$") for word in at.command.words)


def requirement_files(at: InstallPlace) -> tuple[str, ...]:
    """The files of requirements that `-r` names."""
    return tuple(
        option.value.value
        for option in at.command.options
        if option.name == "--requirement" and option.value is not None
    )


def _requirement_option(at: InstallPlace) -> Span | None:
    return next(
        (place_of_option(each) for each in at.command.options if each.name == "--requirement"), None
    )


def lands(at: InstallPlace) -> object:
    """Where Python packages land: system, venv, user, prefix, target, or `UNKNOWN`.

    The order is pip's: an explicit place, then the interpreter that runs it, which is a venv's when
    it is named by path, activated in the same instruction, or first on the PATH.
    """
    names = option_names(at.command)
    for option, place in (
        ("--target", "target"),
        ("--prefix", "prefix"),
        ("--root", "prefix"),
        ("--user", "user"),
    ):
        if option in names or (
            at.manager == "pip" and variable(at, f"PIP_{option[2:].upper()}") is not None
        ):
            return place
    if at.manager != "pip":
        return _project_tool_lands(at)
    if "uv" in at.command.through:
        return _uv_pip_lands(at)
    program = at.command.program
    if "python" in at.command.through:
        program = at.command.words[0].value if at.command.words else program
    return _interpreter_lands(at, program)


def _interpreter_lands(at: InstallPlace, program: str) -> object:
    if "/" in program:
        folder = program.rpartition("/")[0]
        if program.startswith(("/usr/bin/", "/usr/local/bin/", "/bin/")):
            return "system"
        return "venv" if folder.endswith("bin") and not folder.startswith("/opt/conda") else UNKNOWN
    if any(_activates(command.tool, command.arguments) for command in earlier(at)):
        return "venv"
    if any(
        command.tool not in KNOWN_BEFORE
        and command.tool not in load("users")["harmless"]
        and command.tool not in load("users")["installers"]
        for command in earlier(at)
    ):
        return UNKNOWN  # something unknown may have changed the shell's PATH
    folders, _ = path_folders(at.step.environment.get("PATH"))
    if variable(at, "VIRTUAL_ENV") is not None:
        return "venv" if any(folder.endswith("/bin") for folder in folders) else UNKNOWN
    if folders and venv_folder(at.facts, folders[0]):
        return "venv"
    if folders and not folders[0].startswith(SYSTEM_FOLDERS):
        return UNKNOWN  # a folder that something else made; its pip may be anybody's
    base = at.stage.base
    if base is not None and base.family == "ubi" and base.python is not None:
        return UNKNOWN  # Red Hat's Python images bring a venv, which their shells activate
    return "system" if base is not None else UNKNOWN


SYSTEM_FOLDERS = ("/usr/", "/bin", "/sbin", "/root/.local/bin", "/home/", "~")
KNOWN_BEFORE = frozenset({"python", "pip", "venv", "virtualenv", "gcc"})


def venv_folder(facts: Facts, folder: str) -> bool:
    """Whether a folder of the PATH is the `bin` of a venv that some command of the build made."""
    return any(place.path is not None and folder == place.path + "/bin" for place in venvs(facts))


def _activates(tool: str, arguments: tuple[Word, ...]) -> bool:
    return (
        tool in (".", "source") and bool(arguments) and arguments[0].value.endswith("bin/activate")
    )


def _uv_pip_lands(at: InstallPlace) -> object:
    names = option_names(at.command)
    if "--system" in names or "--break-system-packages" in names:
        return "system"
    if variable(at, "UV_SYSTEM_PYTHON") not in (None, "0", "false"):
        return "system"
    return UNKNOWN if "--python" in names else "venv"


def _project_tool_lands(at: InstallPlace) -> object:
    if at.manager != "uv" and any(
        _activates(command.tool, command.arguments) for command in earlier(at)
    ):
        return "venv"  # poetry, pipenv and pdm use the environment that is active
    if at.manager == "pipenv":
        return (
            "system"
            if "--system" in option_names(at.command) or variable(at, "PIPENV_SYSTEM")
            else "venv"
        )
    if at.manager == "poetry":
        return _poetry_lands(at)
    if at.manager == "uv":
        return (
            "system" if variable(at, "UV_PROJECT_ENVIRONMENT") in ("/usr/local", "/usr") else "venv"
        )
    return UNKNOWN


def _poetry_lands(at: InstallPlace) -> object:
    value = variable(at, "POETRY_VIRTUALENVS_CREATE")
    if value is not None:
        return "system" if value in ("false", "0", "False") else "venv"
    for stage, step in _before(at):
        for each in step_commands(at.facts, stage, step):
            words = [word.value for word in each.command.words]
            if each.command.tool == "poetry" and "virtualenvs.create" in words:
                return "system" if words[-1].lower() == "false" else "venv"
    return UNKNOWN


def checked_out(at: CommandPlace) -> bool:
    """Whether git checks something out after the command, in its instruction or a later one."""
    if any(spoken(command) == "git checkout" for command in later(at)):
        return True
    key = ("git checkout", at.stage.index)
    memo = at.facts.memo
    if key not in memo:
        memo[key] = max(
            (
                step.number
                for step in at.stage.steps
                if step.keyword == "RUN"
                and any(spoken(each) == "git checkout" for each in at.facts.scripts[step].commands)
            ),
            default=-1,
        )
    return int(memo[key]) > at.step.number


def _before(at: CommandPlace) -> list[tuple[Stage, Step]]:
    """The steps of the command's stage and of those it stands on, this one included."""
    found: list[tuple[Stage, Step]] = []
    stage: Stage | None = at.stage
    limit = at.step.number + 1
    while stage is not None:
        found.extend((stage, step) for step in stage.steps[:limit] if step.keyword == "RUN")
        stage = None if stage.parent is None else at.facts.build.stages[stage.parent]
        limit = len(stage.steps) if stage is not None else 0
    return found


def only_tools(at: InstallPlace) -> bool:
    """Whether it installs nothing but tools for installing: pip, setuptools, uv, poetry, …"""
    tools = load("installs")["python-tools"]
    return (
        bool(at.packages)
        and not requirement_files(at)
        and all(each.kind == "name" and each.name.lower() in tools for each in at.packages)
    )


def first_to_land(at: InstallPlace) -> bool:
    """Whether no earlier command installs packages to the same place.

    The product's layers are one in this, and every other stage is its own.
    """
    return any(first is at.command for first in _first_landings(at.facts))


@lru_cache(maxsize=2)
def _first_landings(facts: Facts) -> tuple[Command, ...]:
    """The first command that installs Python packages, for each place."""
    found: dict[object, Command] = {}
    for at in install_places(facts):
        if at.manager in load("installs")["python"] and not only_tools(at):
            where = -1 if at.stage.index in facts.build.layers else at.stage.index
            found.setdefault((where, lands(at)), at.command)
    return tuple(found.values())


def picked_out(at: InstallPlace) -> Step | None:
    """The COPY of the product that takes site-packages out of the stage's own Python."""
    build = at.facts.build
    if at.stage.index in build.layers:
        return None
    steps = [step for index in sorted(build.layers) for step in build.stages[index].steps]
    for step in steps:
        if step.keyword != "COPY" or not step.uses or step.uses[0].stage != at.stage.index:
            continue
        if any(SITE_PACKAGES.search(word.value) for word in step.words[:-1]):
            return step
    return None


def _picked_out_span(at: InstallPlace) -> Span | None:
    step = picked_out(at)
    return None if step is None else step.instruction.span


def python_builder(at: InstallPlace) -> bool:
    """Whether the product copies from a stage, not its own, that installs Python packages."""
    return _python_builder(at.facts)


@lru_cache(maxsize=2)
def _python_builder(facts: Facts) -> bool:
    build = facts.build
    return any(
        at.manager in load("installs")["python"] and not only_tools(at)
        for at in install_places(facts)
        if at.stage.index in build.reachable and at.stage.index not in build.layers
    )


ATTRIBUTES_OF_INSTALL: Mapping[str, Attribute] = {
    **ATTRIBUTES,
    "manager": Attribute("text", "apt, apk, dnf, zypper, pip, uv, uv-tool, poetry, pipenv, pdm, conda, npm, gem or go.", lambda at: at.manager),
    "python": Attribute("flag", "Whether it installs Python packages.", lambda at: at.manager in load("installs")["python"]),
    "packages": Attribute("list", "The packages that it names.", named),
    "system-packages": Attribute("list", "What apt, apk, dnf or zypper were told to install before it in the stage.", system_packages),
    "redirected": Attribute("list", "The packages whose version the shell takes for a file to write to: `flask>=3` without quotes.", _redirected_texts),
    "unpinned": Attribute("list", "The named packages without a version, or with one that stands for the newest.", unpinned),
    "unpinned.first": Attribute("text", "The first of these.", lambda at: _first_name(unpinned(at))),
    "unpinned.chosen": Attribute("list", "These without the installer itself and what it brings along: pip, setuptools, conda, …", chosen_unpinned),
    "unpinned.chosen.first": Attribute("text", "The first of these.", lambda at: _first_name(chosen_unpinned(at))),
    "repositories.loose": Attribute("list", "The repositories that pip builds from without a commit, tag or branch.", lambda at: tuple(each for each, _ in loose_repositories(at))),
    "repositories.loose.first": Attribute("text", "The first of these.", lambda at: next((each for each, _ in loose_repositories(at)), None)),
    "requirement-files": Attribute("list", "The files that `-r` names.", requirement_files),
    "requirements.loose": Attribute("list", "The packages that these files, read from the context, give no upper bound.", lambda at: loose(at, requirement_files(at))),
    "requirements.loose.few": Attribute("text", "The first of these, and how many more.", lambda at: few(loose(at, requirement_files(at)))),
    "requirements.plain": Attribute("text", "The host that these files name without TLS, or with its certificate unchecked.", lambda at: plain(at, requirement_files(at))),
    "requirements.unhashed": Attribute("list", "The packages of the requirement files without a hash, where pip wants one for each.", lambda at: unhashed(at, requirement_files(at))),
    "requirements.mixed": Attribute("text", "The host of the private index that these files have pip ask besides PyPI.", lambda at: mixed(at, requirement_files(at))),
    "channels": Attribute("list", "The channels that conda is told to ask, and `defaults` where it certainly asks those.", channels),
    "start.tools": Attribute("list", "The programs that the product's container starts.", lambda at: tuple(each.command.tool for each in started_places(at.facts))),
    "build.commands": Attribute("list", "The commands that the product's stages run, as `uv sync` and, with each option, `uv sync --no-dev`.", lambda at: build_commands(at.facts)),
    "lock": Attribute("text", "The lock file of uv, poetry, pdm or pipenv.", lock_name),
    "lock.missing": Attribute("flag", "Whether that certainly is not there, while the project's file is.", lock_missing),
    "build-tools": Attribute("list", "The compilers and headers that it leaves in the layer.", build_tools),
    "only-tools": Attribute("flag", "Whether it installs only tools for installing: pip, setuptools, uv, poetry, …", only_tools),
    "first-to-land": Attribute("flag", "Whether it is the first in the product, or in its stage, to install Python packages to that place.", first_to_land),
    "picked-out": Attribute("flag", "Whether the product copies site-packages out of the Python that it installs to.", lambda at: picked_out(at) is not None),
    "python-builder": Attribute("flag", "Whether the product copies from another stage that installs Python packages.", python_builder),
    "bytecode-removed": Attribute("flag", "Whether a command after it in the stage names files of bytecode, as `find -name __pycache__ … rm` does.", bytecode_removed),
    "environment-removed": Attribute("flag", "Whether the instruction removes a folder `.venv` or `venv` again.", environment_removed),
    "checked-out": Attribute("flag", "Whether git checks something out after it, in the same stage.", checked_out),
    "lands": Attribute("text", "Where Python packages land: system, venv, user, prefix or target.", lands),
    "product.name": Attribute("text", "The name of the stage that is built, or its number.", product_name),
    "product-starts-shell": Attribute("flag", "Whether it starts nothing but a shell or interpreter to type into.", lambda at: starts_shell(at.facts)),
    "product-starts": Attribute("flag", "Whether the product has a CMD or ENTRYPOINT of its own.", product_starts),
    "options-known": Attribute("flag", "Whether no variable among its words may hold options.", options_known),
    "groups.chosen": Attribute("flag", "Whether it says itself which groups of dependencies it wants.", chooses),
    "groups.development": Attribute("list", "The packages for development that uv, poetry or pdm install unasked, by the project's file.", dev_packages),
    "project.packaged": Attribute("flag", "Whether uv, poetry or pdm install the project itself too, by its file.", packaged),
    "source-later": Attribute("flag", "Whether the project's sources are copied only after it.", lambda at: source_copied_later(at) is not None),
    "fed": Attribute("flag", "Whether something is piped to its input.", fed),
    "apt.recommends-set": Attribute("flag", "Whether a setting of apt decides about recommended packages.", lambda at: apt_set(at, "recommends")),
    "apt.may-recommend": Attribute("flag", "Whether anything that it installs may recommend other packages.", may_recommend),
    "apt.foreign": Attribute("flag", "Whether the instruction, or one before it, tells apt of a repository besides the system's.", foreign),
    "apt.versions-set": Attribute("flag", "Whether a snapshot of the archive, or apt's preferences, decide about versions.", lambda at: apt_set(at, "versions")),
    "apt.yes-set": Attribute("flag", "Whether a setting of apt answers its questions.", lambda at: apt_set(at, "yes")),
}  # fmt: skip


def _first_of(at: InstallPlace, names: object) -> Span | None:
    wanted = frozenset(names) if isinstance(names, tuple) else frozenset()
    return next((each.span for each in at.packages if each.name in wanted), None)


INSTALL = Subject(
    name="install",
    about="A command that installs packages, with what it installs and where to.",
    each=install_places,
    attributes=ATTRIBUTES_OF_INSTALL,
    parts={
        **PARTS,
        "picked-out": Part("The COPY that takes site-packages out of the Python that it installs to.", _picked_out_span),
        "source-later": Part("The later COPY that brings the project's sources.", lambda at: None if (found := source_copied_later(at)) is None else found.instruction.span),
        "requirement-option": Part("The first `-r` with its file.", _requirement_option),
        "first-loose-repository": Part("The first repository without a commit, tag or branch.", lambda at: found[0][1] if (found := loose_repositories(at)) else None),
        "first-package": Part("The first package that it names.", lambda at: at.packages[0].span if at.packages else None),
        "first-redirected": Part("The first package whose version the shell takes for a file.", _first_redirected),
        "first-unpinned": Part("The first package without a version.", lambda at: _first_of(at, unpinned(at))),
        "first-chosen-unpinned": Part("The first of `unpinned.chosen`.", lambda at: _first_of(at, chosen_unpinned(at))),
        "first-build-tool": Part("The first compiler or header package.", lambda at: _first_of(at, build_tools(at))),
    },
    main="command",
    families=COMMAND.families,
    index="manager",
)  # fmt: skip
