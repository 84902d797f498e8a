"""What the product's container starts: ENTRYPOINT and CMD resolved, and looked up in the image.

Source: https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from dflint.commands import parse_exec, parse_script
from dflint.context import Context
from dflint.environment import Values
from dflint.image.files import Answer, Entry, NotThere, There, Unknown
from dflint.image.installing import INSTALLING
from dflint.image.pypi import normalized, package_of, package_of_module, read_text
from dflint.image.state import ImageState, Missing, Package, PythonPlace, ResolvedStart
from dflint.image.system import SYSTEM
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Build, Stage, Where, effective_start
from dflint.paths import covers
from dflint.scripts import read_script
from dflint.shell import Command, Script, Word
from dflint.source import Text, make_source, stretch

UNREADABLE = Script((), (), (), broken=True)
# How a script hands its own arguments on.
PASSED_ON = ('"$@"', "$@", '"${@}"')
SHELLS = ("sh", "bash", "dash", "ash", "zsh", "ksh")
OPTIONS = regex(r"--login|-[a-zA-Z]+")
# Commands that put programs in place, besides those that install packages.
FETCHING = {"curl", "wget", "tar", "unzip", "git clone", "cp", "mv", "ln", "install"}
CARRIERS = ("tini", "dumb-init", "catatonit", "env")
NOT_WORKED_OUT = Unknown("what is started could not be worked out")


class _Line(Struct, frozen=True):
    """A command line as the container starts it: its script, and the program that is executed."""

    where: Where
    script: Script
    first: Word | None
    rest: Sequence[Text]
    shell: str | None


def resolve_start(
    build: Build, state: ImageState, installed: Sequence[ImageState], context: Context | None
) -> ResolvedStart | None:
    """What the product starts; `installed` are the stages that may have installed its package."""
    entry, cmd = effective_start(build)
    line = _line(build, entry, cmd)
    if line is None:
        return None
    if entry is None and not _starts_plainly(state.stage):
        return _unresolved(state, line, "the base image may have an ENTRYPOINT of its own")
    if any(step.onbuild for index in build.layers for step in build.stages[index].steps):
        return _unresolved(state, line, "ONBUILD adds to the image before it is started")
    script, wrapper, before = _read_entrypoint(state, line, context)
    commands = tuple(
        each for each in script.commands if not each.substituted and not _is_builtin(each)
    )
    # In a `case`, or after `||`, it cannot be told which command is the one that runs.
    sure = bool(commands) and not script.broken and not commands[-1].guarded
    main = commands[-1] if sure else None
    missing = list(_missing_before(state, line, wrapper))
    found: Answer = NOT_WORKED_OUT
    doubt = _doubt(build, state, line, before, main)
    workdir = state.workdir
    if any(each.tool in ("cd", "pushd") for each in (*before, *line.script.commands)):
        state = replace(state, workdir=None)
    if main is not None and doubt is not None:
        found = _find(state, main)
        found = found if isinstance(found, There) else doubt
    elif main is not None:
        found = _find(state, main)
        for each in _must_run(commands) if doubt is None else ():
            missing.extend(_missing(state, each))
    module = _module(main) if main is not None else None
    name = _package_name(main, module)
    return ResolvedStart(
        step=line.where[1],
        stage=line.where[0],
        span=line.where[1].instruction.span,
        words=main.words if main is not None else (),
        command=main,
        program=None if main is None else main.program,
        through=() if main is None else main.through,
        shell_form=line.shell is not None,
        module=module,
        found=found,
        path=found.path if isinstance(found, There | NotThere) else None,
        searched=state.folders,
        missing=tuple(missing),
        sound=not missing
        and main is not None
        and (wrapper is None or _runs(state, wrapper))
        and _is_sound(state, line, commands, main),
        user=state.user,
        workdir=workdir,
        script=None if wrapper is None else wrapper.entry,
        package_name=name,
        package=_installation(installed, name),
        package_there=_package_there(state, name),
        commands=commands,
    )


def _doubt(
    build: Build,
    state: ImageState,
    line: _Line,
    before: Sequence[Command],
    main: Command | None,
) -> Unknown | None:
    """Why what is not in the image may be there after all, once the container has started."""
    if _reads_profile(state, line):
        return Unknown("the shell reads files that may change the PATH")
    if any(each is not main and _brings(each) for each in (*before, *line.script.commands)):
        return Unknown("a command at the start may bring it")
    program = "" if main is None else main.program
    path = posixpath.join(state.workdir or "/", program)
    for step in (step for index in build.layers for step in build.stages[index].steps):
        if step.keyword == "VOLUME" and "/" in program and covers(map(_value, step.words), path):
            return Unknown("a volume may bring it")
    return None


def _value(word: Word) -> str:
    return word.value


def _reads_profile(state: ImageState, line: _Line) -> bool:
    """Whether a shell is one for logins or terminals, or bash is told of a file to read."""
    words = [] if line.first is None else [line.first.value, *(each.value for each in line.rest)]
    if line.shell is not None:
        words = list(line.where[1].shell.words)
    for number, word in enumerate(words):
        if posixpath.basename(word) not in SHELLS:
            continue
        options = [each for each in words[number + 1 : number + 5] if OPTIONS.fullmatch(each)]
        return any(each == "--login" or {"l", "i"} & set(each.lstrip("-")) for each in options) or (
            posixpath.basename(word) == "bash" and "BASH_ENV" in state.stage.environment
        )
    return False


def _brings(command: Command) -> bool:
    """Whether a command of a start puts programs in place."""
    spoken = command.tool if command.action is None else f"{command.tool} {command.action}"
    return bool({spoken, command.tool} & (INSTALLING.keys() | SYSTEM.keys() | FETCHING))


def _starts_plainly(stage: Stage) -> bool:
    """Whether the base image certainly has no ENTRYPOINT of its own, which CMD only feeds."""
    base = stage.base
    if base is None or base.family not in load("effects")["plain-starts"].split():
        return False
    name = "" if stage.image_name is None else stage.image_name.repository
    return not any(each in name for each in ("python3", "nodejs", "java", "/uv")) or (
        base.family == "uv" and base.variant != "distroless"
    )


def _unresolved(state: ImageState, line: _Line, text: str) -> ResolvedStart:
    """A start of which nothing is certain."""
    why = Unknown(text)
    commands = () if line.script.broken else line.script.commands
    return ResolvedStart(
        step=line.where[1],
        stage=line.where[0],
        span=line.where[1].instruction.span,
        words=commands[-1].words if commands else (),
        command=commands[-1] if commands else None,
        program=commands[-1].program if commands else None,
        through=commands[-1].through if commands else (),
        shell_form=line.shell is not None,
        module=None,
        found=why,
        path=None,
        searched=state.folders,
        missing=(),
        sound=False,
        user=state.user,
        workdir=state.workdir,
        commands=tuple(commands),
    )


def _line(build: Build, entry: Where | None, cmd: Where | None) -> _Line | None:
    """ENTRYPOINT and CMD put together as Docker does."""
    where = entry or cmd
    if where is None:
        return None
    words = where[1].instruction.json
    if words is None:
        return _shell_line(build, where)
    if entry is not None and cmd is not None:
        more = cmd[1].instruction.json
        if more is None and not words:
            return _shell_line(build, cmd)
        if more is None and _only_carries([word.value for word in words]):
            return replace(_shell_line(build, cmd), first=_word(words[0]))
        words = (*words, *(more or ()))
        where = cmd if more else entry
    if not words:
        return None
    script = parse_exec(words, Values(where[1].environment))
    return _Line(where, script, _word(words[0]), words[1:], None)


def _only_carries(words: Sequence[str]) -> bool:
    """Whether an ENTRYPOINT such as `tini --` runs what CMD says, in a shell where CMD has one."""
    name = posixpath.basename(words[0]) if words else ""
    return name in CARRIERS and all(word.startswith("-") for word in words[1:])


def _shell_line(build: Build, where: Where) -> _Line:
    script = read_script(build.source, where[1])
    shell = where[1].shell.words[0] if where[1].shell.words else "/bin/sh"
    return _Line(where, script, None, (), shell)


def _word(text: Text) -> Word:
    return Word(text.value, text.span(), text.value, True, False)


# --- a script of the project's own ---


def _read_entrypoint(
    state: ImageState, line: _Line, context: Context | None
) -> tuple[Script, There | None, Sequence[Command]]:
    """The commands of an entrypoint script of the context; what it is given stands for `$@`.

    The last are those that the script runs itself.
    """
    path, rest = _script_word(line)
    if path is None or context is None:
        return line.script, None, ()
    found = state.find(path)
    if not isinstance(found, There) or not found.entry.source:
        return line.script, None, ()
    interpreter = posixpath.basename((found.entry.interpreter or "").split(" ")[-1].strip())
    plain = not interpreter and path.endswith(".sh")
    if interpreter not in ("sh", "bash", "dash", "ash") and not plain:
        return line.script, None, ()
    text = read_text(context, found.entry.source)
    if text is None:
        return line.script, None, ()
    script = _parsed(text, line)
    last = script.commands[-1] if script.commands else None
    if script.broken or last is None:
        return UNREADABLE, found, script.commands
    if not any(word.text in PASSED_ON for word in last.words):
        return script, found, script.commands
    if len(last.words) > 1 and last.words[0].text not in PASSED_ON:
        return UNREADABLE, found, script.commands
    inner = parse_exec(tuple(rest), Values(line.where[1].environment)) if rest else None
    return inner or UNREADABLE, found, script.commands


def _script_word(line: _Line) -> tuple[str | None, Sequence[Text]]:
    """The script that the line runs, with what it is given; None where it runs none."""
    if line.first is None:
        commands = line.script.commands
        if len(commands) == 1 and commands[0].program.endswith(".sh"):
            return commands[0].program, ()
        return None, ()
    words = [line.first.value, *(text.value for text in line.rest)]
    for number, word in enumerate(words):
        if posixpath.basename(word) in (
            "sh",
            "bash",
            "dash",
            "ash",
            "tini",
            "dumb-init",
            "--",
            "env",
        ):
            continue
        if word in ("-e", "-x", "-ex", "-g", "-s"):
            continue
        if word.startswith("-"):
            return None, ()
        return word, line.rest[number:]
    return None, ()


def _parsed(text: str, line: _Line) -> Script:
    """The script of a file, all of whose places are those of the instruction."""
    start = line.where[1].instruction.span.start
    source = make_source("entrypoint", text)
    whole = stretch(source, type(line.where[1].instruction.span)(0, len(text)))
    script = parse_script(whole, {}, errexit=False, pipefail=False)
    span = line.where[1].instruction.span
    commands = tuple(replace(each, span=span, program_span=span) for each in script.commands)
    assert start <= span.end
    return replace(script, commands=commands)


# --- looking things up ---


@cache
def _builtins() -> frozenset[str]:
    return frozenset(load("effects")["builtins"].split())


def _is_builtin(command: Command) -> bool:
    return command.tool in _builtins()


def _find(state: ImageState, command: Command) -> Answer:
    program = command.program
    if not program or any(char in program for char in "$`*") or program.endswith(".wasm"):
        return Unknown("the program's name is not known")
    if any(key == "PATH" for key, _ in command.environment):
        return Unknown("the PATH is set at the start")
    if "conda" in command.through or "micromamba" in command.through:
        return Unknown("conda looks in an environment of its own")
    if {"uv", "poetry", "pipenv", "pdm", "hatch", "rye"} & set(command.through):
        inside = _in_project(state, command)
        return (
            inside
            if isinstance(inside, There)
            else Unknown("it may lie in the project's environment")
        )
    if state.workdir is None and "/" in program and not program.startswith("/"):
        return NOT_WORKED_OUT
    return state.find(program)


def _in_project(state: ImageState, command: Command) -> Answer:
    """A program in the project's environment, or wherever else; Python itself is in that alone."""
    variable = state.stage.environment.get("UV_PROJECT_ENVIRONMENT")
    folder = ".venv" if variable is None else variable.value
    if folder is None or state.workdir is None:
        return NOT_WORKED_OUT
    found = state.files.lookup(posixpath.join(state.workdir, folder, "bin", command.program))
    if isinstance(found, There):
        return found
    return NOT_WORKED_OUT if "python" in command.through else state.find(command.program)


def _must_run(commands: Sequence[Command]) -> list[Command]:
    """The commands that the start fails without: the last one, and those before an `&&` to it."""
    needed: list[Command] = []
    for number in range(len(commands) - 1, -1, -1):
        each = commands[number]
        if each.guarded:
            break
        needed.append(each)
        if each.connector != "&&":
            break
    return needed[::-1]


def _missing_before(state: ImageState, line: _Line, wrapper: There | None) -> list[Missing]:
    """What is missing of that which carries the program: the shell, the first word, a script."""
    keyword = line.where[1].instruction.keyword_span
    if line.shell is not None and isinstance(state.find(line.shell), NotThere):
        return [Missing("shell", line.shell, None, None, keyword)]
    if line.first is None:
        return []
    if wrapper is not None and wrapper.asked == posixpath.normpath(_asked(state, line.first.value)):
        return _broken_script(state, wrapper, line.first)
    if not _carries(line):
        return []
    answer = state.find(line.first.value)
    if isinstance(answer, NotThere):
        return [Missing("program", line.first.value, None, None, line.first.span)]
    return _broken_script(state, answer, line.first) if isinstance(answer, There) else []


def _asked(state: ImageState, program: str) -> str:
    return posixpath.join(state.workdir or "/", program)


def _carries(line: _Line) -> bool:
    """Whether the first word only carries the program, which is looked up by itself."""
    first = line.first
    if first is None or "$" in first.value:
        return False
    return all(each.program_span != first.span for each in line.script.commands)


def _missing(state: ImageState, command: Command) -> list[Missing]:
    answer = _find(state, command)
    word = Word(command.program, command.program_span, command.program, True, False)
    if isinstance(answer, NotThere):
        if answer.link is not None:
            return [Missing("interpreter", answer.path, answer.link, None, command.program_span)]
        return [Missing("program", command.program, None, None, command.program_span)]
    if not isinstance(answer, There):
        return []
    found = _broken_script(state, answer, word)
    if found:
        return found
    script = _python_file(state, command)
    if isinstance(script, NotThere) and script.link is None:
        return [Missing("file", script.path, None, script.removed, command.span)]
    module = _module(command)
    if module is not None and _module_there(state, answer, module) is False:
        return [Missing("module", module, answer.asked, None, command.program_span)]
    return []


def _broken_script(state: ImageState, answer: There, word: Word) -> list[Missing]:
    """What is missing of a program that is there: its interpreter, or the way to it."""
    barred = unreachable(state, answer.path)
    if barred is not None:
        return [Missing("barred", word.value, barred, answer.entry.origin, word.span)]
    needed = interpreter_of(answer.entry)
    if needed is None:
        return []
    found = state.find(needed)
    if isinstance(found, There):
        barred = unreachable(state, found.path)
        if barred is not None:
            return [Missing("barred", found.path, barred, answer.entry.origin, word.span)]
    if not isinstance(found, NotThere) or _same_python_there(state, needed):
        return []
    return [
        Missing(
            "interpreter",
            found.path if found.link else needed,
            answer.path,
            answer.entry.origin,
            word.span,
        )
    ]


def _same_python_there(state: ImageState, path: str) -> bool:
    """Whether a Python lies in the folder under another name, which scripts may name as well."""
    folder, name = posixpath.split(path)
    if not folder or not name.startswith("python"):
        return False
    names = [each for each in state.files.node(folder).children if each.startswith("python")]
    found = [state.files.lookup(f"{folder}/{each}") for each in names]
    return any(isinstance(each, There) and each.entry.python is not None for each in found)


def interpreter_of(entry: Entry) -> str | None:
    """The program that a script's first line asks for; None without one, or where not known."""
    text = entry.interpreter
    if not text:
        return None
    return text.removeprefix("env ") if text.startswith("env ") else text


def unreachable(state: ImageState, path: str) -> str | None:
    """The folder on the way to a path that the stage's user certainly may not enter."""
    user = (state.user or "").partition(":")[0]
    if state.user is None or user in ("", "root", "0"):
        return None
    folder = posixpath.dirname(path)
    while folder.strip("/"):  # a path may begin with two slashes, or with none
        found = state.files.lookup(folder)
        if isinstance(found, There):
            entry = found.entry
            closed = entry.mode is not None and not entry.mode & 0o011
            if closed and entry.owner == "root" and entry.kind == "folder":
                return folder
        folder = posixpath.dirname(folder)
    return None


# --- Python ---


def _module(command: Command | None) -> str | None:
    """The module of `python -m`."""
    if command is None or "python" not in command.through:
        return None
    words = [word.value for word in command.words]
    if "-m" not in words[:-1]:
        return None
    return words[words.index("-m") + 1]


def _package_name(command: Command | None, module: str | None) -> str | None:
    if command is None:
        return None
    if module is not None:
        return package_of_module(module)
    return package_of(posixpath.basename(command.program))


def _python_file(state: ImageState, command: Command) -> Answer | None:
    """Whether the file is there that Python is given; None where it is given none."""
    names = [word for word in command.words[:4] if word.value.endswith(".py")]
    python = command.tool == "python" or "python" in command.through
    if not python or not names or _module(command) is not None:
        return None
    word = names[0]
    before = command.words[1 : command.words.index(word)]
    if not word.known or any(not each.value.startswith("-") for each in before):
        return NOT_WORKED_OUT
    if state.workdir is None and not word.value.startswith("/"):
        return NOT_WORKED_OUT
    return state.files.lookup(posixpath.join(state.workdir or "/", word.value))


def _place_of(state: ImageState, found: There) -> PythonPlace | None:
    """The Python place of an interpreter."""
    prefix = posixpath.dirname(posixpath.dirname(found.asked))
    version = None if found.entry.python is None else found.entry.python.version
    places = [each for each in state.places if each.prefix == prefix]
    if len(places) > 1:
        places = [each for each in places if each.version == version]
    return places[0] if len(places) == 1 else None


def _module_there(state: ImageState, found: There, module: str) -> bool | None:
    name = package_of_module(module)
    place = _place_of(state, found)
    if name is None or place is None or "PYTHONPATH" in state.stage.environment:
        return None
    if any(each.kind == "user" for each in state.places):
        return None
    if _may_lie_here(state, module, normalized(name)):
        return None
    version = found.entry.python.version if found.entry.python else None
    if version is None or place.version != version:
        return None
    if normalized(name) in place.packages:
        return True
    config = state.files.lookup(f"{place.site_packages}/{name.replace('-', '_')}-*.dist-info")
    return False if isinstance(config, NotThere) else None


def _may_lie_here(state: ImageState, module: str, package: str) -> bool:
    """Whether a module may lie in the folder that `python -m` runs in, which it looks in first.

    The project's own files are taken not to be named like a package of PyPI.
    """
    if state.workdir is None:
        return True
    here = [each for each in state.places if each.site_packages == state.workdir]
    if here:
        return any(package in each.packages or not each.complete for each in here)
    top = module.partition(".")[0]
    for name in (top, f"{top}.py"):
        found = state.files.lookup(posixpath.join(state.workdir, name))
        if isinstance(found, There):
            return True
        kind = found.origin.kind if isinstance(found, Unknown) and found.origin else "base"
        if kind not in ("context", "base"):
            return True
    return False


def _package_there(state: ImageState, name: str | None) -> bool | None:
    """Whether the product has a package anywhere; None where not known."""
    if name is None:
        return None
    if any(name in place.packages for place in state.places):
        return True
    known = bool(state.places) and all(place.complete for place in state.places)
    return False if known and state.stage.base is not None else None


def _installation(states: Sequence[ImageState], name: str | None) -> Package | None:
    """The installation of a package in the product, or else in any other stage."""
    if name is None:
        return None
    for state in states:
        for place in state.places:
            found = place.packages.get(name)
            if found is not None and found.origin.kind == "command":
                return found
    return None


def _is_sound(state: ImageState, line: _Line, commands: Sequence[Command], main: Command) -> bool:
    """Whether all that the start needs is certainly there."""
    if line.shell is not None and not isinstance(state.find(line.shell), There):
        return False
    if (
        line.first is not None
        and _carries(line)
        and not isinstance(state.find(line.first.value), There)
    ):
        return False
    for each in _must_run(commands):
        found = _find(state, each)
        if not isinstance(found, There) or not _runs(state, found):
            return False
        script = _python_file(state, each)
        if script is not None and not isinstance(script, There):
            return False
        module = _module(each)
        if module is not None and _module_there(state, found, module) is not True:
            return False
    return not main.guarded


def _runs(state: ImageState, found: There) -> bool:
    entry = found.entry
    if entry.kind not in ("program", "file"):
        return False
    if entry.mode is None and entry.kind == "file":
        return False
    if entry.mode is not None and not entry.mode & 0o111:
        return False
    needed = interpreter_of(entry)
    if entry.kind == "file" and entry.interpreter is None:
        return False
    return needed is None or isinstance(state.find(needed), There)
