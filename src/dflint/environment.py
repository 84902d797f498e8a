"""The variables in force at each instruction: ENV and ARG over time, within and across stages."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from dflint.source import Span


class Variable(Struct, frozen=True):
    """A variable's value (None: not known), its kind (env, arg or base), and where it was set.

    `partly` is the value as far as it is known: unknown variables in it stay as written.
    """

    value: str | None
    partly: str
    kind: str
    span: Span | None
    stage: int | None


DEEPEST = 150  # stages that stand on one another, before what they set is put together


class Timeline(Struct):
    """What one stage sets, by name and time; it grows while the model is built.

    `depth` is how many timelines there are below.
    """

    parent: Environment | None
    base: Mapping[str, str]
    changes: dict[str, list[tuple[int, Variable]]] = field(default_factory=dict)
    depth: int = 0

    def __post_init__(self) -> None:
        if self.parent is not None:
            self.depth = self.parent.timeline.depth + 1

    def set(self, now: int, name: str, variable: Variable) -> None:
        """Record a change that holds from the moment after `now` on."""
        self.changes.setdefault(name, []).append((now, variable))


class Environment(Mapping[str, Variable]):
    """The variables in force at one moment of a stage: a view on its timeline."""

    __slots__ = ("now", "timeline")

    def __init__(self, timeline: Timeline, now: int) -> None:
        self.timeline = timeline
        self.now = now

    def __getitem__(self, name: str) -> Variable:
        view = self
        while True:  # a loop, because stages may stand on one another hundreds deep
            changes = view.timeline.changes.get(name)
            if changes is not None:
                at = bisect_right(changes, view.now, key=lambda change: change[0])
                if at:
                    return changes[at - 1][1]
            if view.timeline.parent is None:
                value = view.timeline.base[name]
                return Variable(value, value, "base", None, None)
            view = view.timeline.parent

    def __iter__(self) -> Iterator[str]:
        names: dict[str, None] = {}
        view: Environment | None = self
        while view is not None:
            changes = view.timeline.changes.items()
            names.update((name, None) for name, made in changes if made[0][0] <= view.now)
            names.update(dict.fromkeys(view.timeline.base))
            view = view.timeline.parent
        return iter(names)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def value(self, name: str) -> str | None:
        """A variable's value; None when it is not set or not known."""
        found = self.get(name)
        return None if found is None else found.value


def flattened(environment: Environment) -> Environment:
    """The same environment, in which nothing is far away: for stages that stand on many others."""
    if environment.timeline.depth < DEEPEST:
        return environment
    views = [environment]
    while (below := views[-1].timeline.parent) is not None:
        views.append(below)
    found: dict[str, list[tuple[int, Variable]]] = {}
    for view in reversed(views):
        for name, changes in view.timeline.changes.items():
            at = bisect_right(changes, view.now, key=lambda change: change[0])
            if at == 1 and changes[0][0] == -1:
                found[name] = changes  # put together before
            elif at:
                found[name] = [(-1, changes[at - 1][1])]
    return Environment(Timeline(None, views[-1].timeline.base, found), 0)


class Values(Mapping[str, str | None]):
    """An environment seen as plain values, as the shell reader asks for them."""

    __slots__ = ("environment",)

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def __getitem__(self, name: str) -> str | None:
        return self.environment[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(self.environment)

    def __len__(self) -> int:
        return len(self.environment)


def path_folders(variable: Variable | None) -> tuple[tuple[str, ...], bool]:
    """The folders of a PATH in order, and whether these are all of them for certain.

    A folder that holds an unknown variable is left out; `$PATH` of an unknown base is such a one.
    """
    if variable is None:
        return (), False
    folders = [folder for folder in variable.partly.split(":") if folder]
    known = tuple(folder.rstrip("/") or "/" for folder in folders if "$" not in folder)
    return known, variable.value is not None
