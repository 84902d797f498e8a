"""From the files that name builds to the Dockerfiles to look at, with what each is given."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from msgspec.structs import replace

from dflint.builds import BAKE_NAMES, COMPOSE_NAMES, BuildFile, NamedBuild, is_private
from dflint.checking import Inside, Task
from dflint.disk import read_file
from dflint.document import Problem
from dflint.model import UnknownTargetError, make_build
from dflint.reader import read
from dflint.source import Source, decode, make_source


def expand(files: Sequence[Path], named: Collection[Path], target: str | None) -> list[Task]:
    """The tasks for files: those of them that are named and name builds stand for these builds.

    A Dockerfile that such a file names is looked at as it says, once for all of its builds, and
    not by itself as well. Every other file is a Dockerfile, built up to `target`.
    """
    plain: dict[str, Task] = {}
    built: dict[str, Task] = {}
    order: list[Task] = []
    for path in files:
        told = _told(path) if path in named else None
        if told is None:
            plain[_key(path)] = Task(path, target=target)
            order.append(plain[_key(path)])
            continue
        for task in _tasks(path, told):
            key = _key(task.path) if task.source is None else str(len(order))
            before = built.get(key)
            built[key] = task if before is None else _also(before, task)
            if before is None:
                order.append(task)
    found: dict[str, Task] = {}
    for number, task in enumerate(order):
        key = _key(task.path) if task.source is None else str(number)
        found.setdefault(key, built.get(key, task))
    return list(found.values())


def _key(path: Path) -> str:
    return os.path.normpath(path.absolute())


def _also(task: Task, other: Task) -> Task:
    """The task with another build of its file, unless that differs in nothing."""
    ways = (replace(task, also=()), *task.also)
    new = [way for way in (replace(other, also=()), *other.also) if way not in ways]
    return replace(task, also=(*task.also, *new))


def _told(path: Path) -> BuildFile | None:
    """What a file says of builds; None for one that is no such file, or cannot be read."""
    name = path.name.lower()
    is_yaml = name.endswith((".yml", ".yaml"))
    if not is_yaml and not BAKE_NAMES.fullmatch(name):
        return None
    try:
        source = decode(str(path), read_file(path))
    except OSError:
        return None  # told of like any other file
    if not is_yaml:
        from dflint.bake import read_bake

        return read_bake(source, path.parent)
    from dflint.compose import read_compose  # brings the YAML library, which others do without

    found = read_compose(source, path.parent, _settings(path.parent))
    if found is None and COMPOSE_NAMES.fullmatch(name):
        return BuildFile(source, notes=(f"{path}: there are no services in it",))
    return found


def _settings(folder: Path) -> dict[str, str]:
    """The variables of the `.env` file in a folder."""
    from dflint.compose import read_settings

    try:
        text = read_file(folder / ".env").decode("utf-8-sig", "surrogateescape")
    except (OSError, ValueError):
        return {}
    return read_settings(text)


def _tasks(path: Path, told: BuildFile) -> Iterable[Task]:
    """The tasks of a file that names builds: first for what is wrong with it, then for each."""
    problems = list(told.problems)
    tasks = []
    for build in told.builds:
        task = _task(path, told.source, build)
        if isinstance(task, Problem):
            problems.append(task)
            continue
        problem = _wrong_target(task, build)
        if problem is not None:
            problems.append(problem)
            task = replace(task, target=None)
        tasks.append(task)
    if problems or told.notes:
        yield Task(path, told.source, trouble=tuple(problems), notes=told.notes)
    yield from tasks


def _task(path: Path, source: Source, build: NamedBuild) -> Task | Problem:
    """The task of one build; what is wrong where its Dockerfile is not there."""
    task = Task(
        path,
        context=build.context,
        target=build.target,
        arguments={
            name: None if value is None or is_private(name, value) else value
            for name, value in build.arguments.items()
        },
        named_contexts=build.named_contexts,
    )
    if build.inline is not None:
        text = make_source(source.path, build.inline.value)
        return replace(task, source=text, inside=Inside(source, build.inline))
    assert build.dockerfile is not None
    dockerfile = _existing(build.dockerfile)
    if dockerfile is None:
        said = f"there is no `{build.dockerfile}`, the Dockerfile of {build.name}"
        return Problem("unreadable", said, build.span)
    return replace(task, path=dockerfile)


def _existing(path: Path) -> Path | None:
    """The Dockerfile of a name; as for Docker, `dockerfile` where there is no `Dockerfile`."""
    if path.is_file():
        return path
    small = path.with_name("dockerfile")
    return small if path.name == "Dockerfile" and small.is_file() else None


def _wrong_target(task: Task, build: NamedBuild) -> Problem | None:
    """What there is to say where no stage has the name of the one to build."""
    if build.target is None:
        return None
    try:
        source = task.source or decode(str(task.path), read_file(task.path))
        make_build(read(source), build.target)
    except OSError:
        return None  # told of when the file is looked at
    except UnknownTargetError as error:
        names = ", ".join(error.names) or "none"
        said = f"{build.name} builds `{build.target}`, and the stages are: {names}"
        return Problem("syntax-error", said, build.target_span or build.span)
    return None
