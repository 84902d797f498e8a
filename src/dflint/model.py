"""What a Dockerfile means: stages and their graph, and what is in force at every instruction.

Nothing here is an opinion. What cannot be known without building (an unknown base image's user, a
build argument without a default) is None.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from dflint.document import Document, Flag, Instruction, Pair
from dflint.environment import Environment, Timeline, Variable, flattened
from dflint.expand import expand
from dflint.images import Base, ImageName, lookup, parse_image, scratch
from dflint.lazy import regex
from dflint.shell import Word
from dflint.source import Source, Span, Text

# Docker's reference, "Automatic platform ARGs in the global scope".
PLATFORM_ARGS = (
    "TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT",
    "BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT",
)  # fmt: skip
# Docker's reference, "Predefined ARGs": usable without an ARG instruction.
PREDEFINED_ARGS = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")

# Docker's reference, "Environment replacement": these are left to the shell, or to nobody. The JSON
# form of the others (COPY, ADD, VOLUME) is expanded all the same.
NOT_EXPANDED = frozenset({"RUN", "CMD", "ENTRYPOINT", "SHELL", "HEALTHCHECK"})

# hadolint's README, "Non-Posix Shells": a comment says which shell it is that the base image has
# set. Anything after the shell's name, or a second `#`, and hadolint 2.15 takes it for prose.
_SHELL_COMMENT = regex(r"#\s*hadolint\s+shell\s*=\s*(\S+)\s*")

NO_ARGUMENTS: Mapping[str, str | None] = {}
LONGEST_PATH = 4_096  # Linux's PATH_MAX: where WORKDIRs add up to more, the folder is not known

POSIX_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "busybox"})


class Setting(Struct, frozen=True):
    """A value in force (None: not known), the place that set it, and that place's stage.

    Without a span the value comes from the base image, or is Docker's default.
    """

    value: str | None
    span: Span | None = None
    stage: int | None = None


class Shell(Struct, frozen=True):
    """The SHELL in force; `posix` is false for cmd, PowerShell and whatever is no POSIX shell."""

    words: tuple[str, ...]
    posix: bool
    errexit: bool
    pipefail: bool
    span: Span | None = None


class Mount(Struct, frozen=True):
    """A `RUN --mount`: its type, absolute target (None: not known) and the stage it comes from."""

    kind: str
    target: str | None
    options: Mapping[str, str]
    span: Span


class Use(Struct, frozen=True):
    """One stage's use of another stage or image: `FROM x`, `COPY --from=x`, `--mount=from=x`.

    `stage` is the used stage's index; where there is none, `text` names an image, a named build
    context, or nothing that exists.
    """

    kind: str
    text: str
    span: Span
    stage: int | None


class Step(Struct, frozen=True, eq=False):
    """An instruction of a stage, with what is in force when it runs.

    For ONBUILD, `instruction` is the one that it triggers and `onbuild` is true.
    """

    number: int
    stage: int
    instruction: Instruction
    onbuild: bool
    user: Setting
    workdir: Setting
    shell: Shell
    environment: Environment
    words: tuple[Word, ...]
    mounts: tuple[Mount, ...]
    uses: tuple[Use, ...]

    @property
    def keyword(self) -> str:
        """The instruction's name in upper case."""
        return self.instruction.keyword


class Stage(Struct, frozen=True, eq=False):
    """A build stage: its FROM, what it stands on, its steps, and the state that it ends in.

    `base` is what is known of the image at the bottom, below any local stages; `parent` is the
    local stage that FROM names.
    """

    index: int
    name: str | None
    name_span: Span | None
    start: Instruction
    image: Word
    image_name: ImageName | None
    platform: Word | None
    parent: int | None
    base: Base | None
    steps: tuple[Step, ...]
    user: Setting
    workdir: Setting
    shell: Shell
    environment: Environment
    uses: tuple[Use, ...]
    windows: bool

    @property
    def label(self) -> str:
        """The stage's name, or its number as text."""
        return self.name if self.name is not None else str(self.index)


class Build(Struct, frozen=True, eq=False):
    """A whole Dockerfile. `product` is the index of the stage that is built (None: no stages).

    `layers` are the product and the stages it stands on; `reachable` adds those it copies from.
    """

    document: Document
    global_args: Environment
    global_steps: tuple[Step, ...]
    stages: tuple[Stage, ...]
    product: int | None
    layers: frozenset[int]
    reachable: frozenset[int]

    @property
    def source(self) -> Source:
        """The text that the build was read from."""
        return self.document.source


class Given(Struct, frozen=True):
    """What a build is given besides its Dockerfile: build arguments, and contexts with a name."""

    arguments: Mapping[str, str | None]
    contexts: frozenset[str]

    def value(self, name: str) -> tuple[str | None, str] | None:
        """The value given to an ARG and that value as far as it is known; None without any."""
        if name not in self.arguments:
            return None
        value = self.arguments[name]
        return value, f"${{{name}}}" if value is None else value

    def is_context(self, name: str) -> bool:
        """Whether a name after FROM or `--from` is a context's.

        Source: Docker's reference of `docker buildx build`, "--build-context".
        """
        lower = name.lower()
        return lower in self.contexts or lower.removesuffix(":latest") in self.contexts


class UnknownTargetError(Exception):
    """The target stage that was asked for does not exist; `names` are those that do."""

    def __init__(self, target: str, names: Sequence[str]) -> None:
        super().__init__(f"there is no stage `{target}`")
        self.target = target
        self.names = tuple(names)


def make_build(
    document: Document,
    target: str | None = None,
    arguments: Mapping[str, str | None] = NO_ARGUMENTS,
    named_contexts: Collection[str] = (),
) -> Build:
    """The build that a Dockerfile describes. Raises UnknownTargetError.

    `target` names the stage to build, by name or number; without it the last one is built.
    `arguments` are the build arguments given (None: given, but the value is not known), which stand
    in place of an ARG's default. What `named_contexts` name is no stage and no image, but a build
    context of its own, of which nothing is known.
    """
    given = Given(arguments, frozenset(name.lower() for name in named_contexts))
    groups = _groups(document.instructions)
    scope = Timeline(None, {})
    for name in PLATFORM_ARGS:
        scope.set(-1, name, Variable(None, "", "arg", None, None))
    global_steps = _global_steps(groups[0], scope, document, given)
    global_args = Environment(scope, len(groups[0]))
    stages: list[Stage] = []
    names = _stage_names(groups[1:])
    shells = _shell_comments(document)
    called: dict[str, Stage] = {}
    for group in groups[1:]:
        builder = _Builder(document, stages, global_args, group, names, called, shells, given)
        stages.append(builder.stage())
        if builder.name is not None:
            called[builder.name.lower()] = stages[-1]
    product = _product(stages, target)
    layers = _layers(stages, product)
    return Build(
        document=document,
        global_args=global_args,
        global_steps=tuple(global_steps),
        stages=tuple(stages),
        product=product,
        layers=layers,
        reachable=_reachable(stages, layers),
    )


def _groups(instructions: Sequence[Instruction]) -> list[list[Instruction]]:
    """The instructions before the first FROM, then those of each stage, FROM first."""
    groups: list[list[Instruction]] = [[]]
    for instruction in instructions:
        if instruction.keyword == "FROM":
            groups.append([])
        groups[-1].append(instruction)
    return groups


def _stage_names(groups: Sequence[Sequence[Instruction]]) -> Mapping[str, int]:
    """The stages by what `--from` may call them: number, or name in lower case.

    BuildKit looks among all stages of the file, later ones too, and takes the last of a name.
    """
    names = {str(number): number for number in range(len(groups))}
    for number, group in enumerate(groups):
        words = group[0].words
        if len(words) >= 3 and words[1].value.lower() == "as":
            names[words[2].value.lower()] = number
    return names


def _global_steps(
    instructions: Sequence[Instruction], scope: Timeline, document: Document, given: Given
) -> list[Step]:
    shell = default_shell(windows=False)
    steps = []
    for number, instruction in enumerate(instructions):
        now = Environment(scope, number - 1)
        if instruction.keyword == "ARG":
            for pair in instruction.pairs:
                name = pair.name.value
                value, partly = given.value(name) or _pair_value(pair, now, document.escape)
                variable = Variable(value, partly, "arg", pair.name.span(), None)
                scope.set(number, pair.name.value, variable)
        words = tuple(expand(word, now.value, document.escape) for word in instruction.words)
        nothing = Setting(None)
        steps.append(
            Step(number, -1, instruction, False, nothing, nothing, shell, now, words, (), ())
        )
    return steps


def _shell_comments(document: Document) -> tuple[tuple[int, Shell], ...]:
    """The shells that comments tell of, by where the comments stand, in order.

    No instruction sets such a shell, so it has no span.
    """
    found = []
    for comment in document.comments:
        if comment.inside or "shell" not in comment.text:
            continue
        match = _SHELL_COMMENT.fullmatch(document.source.slice(comment.span))
        if match is not None:
            shell = make_shell([match[1]], None)
            words = (match[1], "-c") if shell.posix else (match[1],)
            found.append((comment.span.start, Shell(words, shell.posix, False, False)))
    return tuple(found)


def _pair_value(pair: Pair, environment: Environment, escape: str) -> tuple[str | None, str]:
    """The value, None when it is not known, and the value as far as it is."""
    if pair.value is None:
        return None, ""
    word = expand(pair.value, environment.value, escape)
    return word.value if word.known else None, word.value


def default_shell(*, windows: bool) -> Shell:
    """Docker's SHELL where no instruction sets one."""
    if windows:
        return Shell(("cmd", "/S", "/C"), False, False, False)
    return Shell(("/bin/sh", "-c"), True, False, False)


def make_shell(words: Sequence[str], span: Span | None) -> Shell:
    """A SHELL from its words, with the `set` options that they switch on."""
    posix = bool(words) and _program(words[0]) in POSIX_SHELLS
    errexit = pipefail = False
    for at, word in enumerate(words[1:], 1):
        if not word.startswith("-") or word.startswith("--"):
            continue
        errexit = errexit or "e" in word
        if word.endswith("o") and at + 1 < len(words):
            pipefail = pipefail or words[at + 1] == "pipefail"
            errexit = errexit or words[at + 1] == "errexit"
    return Shell(tuple(words), posix, errexit, pipefail, span)


def _program(word: str) -> str:
    """A program's name without its folder and `.exe`."""
    return posixpath.basename(word.replace("\\", "/")).lower().removesuffix(".exe")


def _windows_shell(instruction: Instruction) -> bool:
    """Whether a SHELL names a program that Windows alone has; `pwsh` is on Linux as well."""
    words = instruction.json or ()
    return bool(words) and _program(words[0].value) in ("cmd", "powershell")


def flag(instruction: Instruction, name: str) -> Flag | None:
    """The last flag of a name, as BuildKit takes it."""
    return next((flag for flag in reversed(instruction.flags) if flag.name == name), None)


class _Builder:
    """Walks one stage's instructions in order; lives only while `make_build` runs."""

    def __init__(
        self,
        document: Document,
        earlier: Sequence[Stage],
        global_args: Environment,
        group: Sequence[Instruction],
        names: Mapping[str, int],
        called: Mapping[str, Stage],
        shells: Sequence[tuple[int, Shell]],
        given: Given,
    ) -> None:
        self.document = document
        self.given = given
        self.names = names
        self.called = called
        self.shells = shells
        self.earlier = earlier
        self.global_args = global_args
        self.start, *self.rest = group
        self.told = 0  # how far comments about the shell have been read
        self.index = len(earlier)
        self.uses: list[Use] = []
        self._read_from()
        parent = None if self.parent is None else earlier[self.parent]
        self.timeline = Timeline(
            None if parent is None else flattened(parent.environment),
            self.base.environment if parent is None and self.base is not None else {},
        )
        if parent is None:
            root = Setting(self.base.user if self.base else None)
            self.user, self.workdir = root, Setting(self.base.workdir if self.base else None)
            self.shell = self._first_shell()
            self._told_shell((earlier[0].start if earlier else self.start).span.start)
        else:
            self.user, self.workdir, self.shell = parent.user, parent.workdir, parent.shell
        self.told = self.start.span.start

    def _first_shell(self) -> Shell:
        """The base image's own SHELL, which holds in what stands on it, or Docker's."""
        words = self.base.shell if self.base else None
        shell = make_shell(words, None) if words else None
        if shell is None or not shell.posix or self.windows:
            return default_shell(windows=self.windows)
        return shell

    def _told_shell(self, until: int) -> None:
        """Take over what the comments up to here say of the shell, those not yet read.

        One above the first FROM holds for every stage.
        """
        if self.shells:
            first, last = (bisect_left(self.shells, (at,)) for at in (self.told, until))
            if last > first:
                self.shell = self.shells[last - 1][1]
            self.told = until

    def _read_from(self) -> None:
        """Take the FROM instruction apart: image or stage, name, platform."""
        words = self.start.words
        lookup_arg = self.global_args.value
        escape = self.document.escape
        text = words[0] if words else self.start.text
        self.image = expand(text, lookup_arg, escape)
        self.name = self.name_span = None
        if len(words) >= 3 and words[1].value.lower() == "as":
            self.name, self.name_span = words[2].value, words[2].span()
        platform = flag(self.start, "platform")
        self.platform = (
            expand(platform.value, lookup_arg, escape) if platform and platform.value else None
        )
        if self.image.known and self.given.is_context(self.image.value):
            # Not an image, whatever the name: what it holds is not known.
            self.image = replace(self.image, known=False)
        self.parent = self._stage_named(self.image.value) if self.image.known else None
        self.image_name = None
        self.base: Base | None = None
        if self.parent is not None:
            above = self.earlier[self.parent]
            self.base, self.windows = above.base, above.windows
            self.uses.append(Use("from", self.image.value, self.image.span, self.parent))
            return
        if self.image.known and self.image.value == "scratch":
            self.base = scratch()
        elif self.image.known:
            self.image_name = parse_image(self.image.value)
            self.base = lookup(self.image_name) if self.image_name else None
        self.windows = self._looks_windows()

    def _looks_windows(self) -> bool:
        if self.base is not None and self.base.distribution == "windows":
            return True
        platform = self.platform.value if self.platform else ""
        if platform.startswith("windows"):
            return True
        text = self.image.value.lower()
        if any(sign in text for sign in ("windows", "nanoserver", "ltsc20")):
            return True
        if any(_windows_shell(each) for each in self.rest if each.keyword == "SHELL"):
            self.base = None  # what is known are the facts of the Linux image of that name
            return True
        # The escape directive exists for Windows paths; on a Linux base it says nothing.
        return self.document.escape == "`" and self.base is None

    def _stage_named(self, name: str) -> int | None:
        """The last earlier stage of that name; names are compared without regard to case."""
        found = self.called.get(name.lower())
        return None if found is None else found.index

    def stage(self) -> Stage:
        """The finished stage."""
        steps = [self._step(number, each) for number, each in enumerate(self.rest)]
        return Stage(
            index=self.index,
            name=self.name,
            name_span=self.name_span,
            start=self.start,
            image=self.image,
            image_name=self.image_name,
            platform=self.platform,
            parent=self.parent,
            base=self.base,
            steps=tuple(steps),
            user=self.user,
            workdir=self.workdir,
            shell=self.shell,
            environment=Environment(self.timeline, len(steps)),
            uses=tuple(self.uses),
            windows=self.windows,
        )

    def _step(self, number: int, outer: Instruction) -> Step:
        self._told_shell(outer.span.start)
        inner = outer.inner if outer.keyword == "ONBUILD" else None
        instruction = inner or outer
        now = Environment(self.timeline, number - 1)
        escape = self.document.escape
        if instruction.keyword not in NOT_EXPANDED:
            words = tuple(expand(word, now.value, escape) for word in instruction.words)
        else:
            words = tuple(_plain(word) for word in instruction.words)
        uses = self._step_uses(instruction)
        self.uses.extend(uses)
        step = Step(
            number=number,
            stage=self.index,
            instruction=instruction,
            onbuild=inner is not None,
            user=self.user,
            workdir=self.workdir,
            shell=self.shell,
            environment=now,
            words=words,
            mounts=tuple(self._mounts(instruction, now)),
            uses=uses,
        )
        change = CHANGES.get(instruction.keyword)
        if change is not None and inner is None:
            change(self, step)
        return step

    def _step_uses(self, instruction: Instruction) -> tuple[Use, ...]:
        if instruction.keyword in ("COPY", "ADD"):
            source = flag(instruction, "from")
            if source is None or source.value is None:
                return ()
            name = source.value.value
            if self.given.is_context(name):
                return ()
            return (Use("copy", name, source.value.span(), self.names.get(name.lower())),)
        if instruction.keyword != "RUN":
            return ()
        uses = []
        for each in instruction.flags:
            if each.name == "mount" and each.value is not None:
                for key, value in _mount_options(each.value):
                    if key == "from" and not self.given.is_context(value.value):
                        index = self.names.get(value.value.lower())
                        uses.append(Use("mount", value.value, value.span(), index))
        return tuple(uses)

    def _mounts(self, instruction: Instruction, now: Environment) -> list[Mount]:
        mounts = []
        for each in instruction.flags:
            if each.name != "mount" or each.value is None:
                continue
            options = dict(_mount_options(each.value))
            target = next(
                (options[key] for key in ("target", "dst", "destination") if key in options), None
            )
            place = None if target is None else expand(target, now.value, self.document.escape)
            known = place.value if place is not None and place.known else None
            if known is not None and not known.startswith("/"):
                known = resolve(self.workdir.value, known)
            kind = options["type"].value if "type" in options else "bind"
            plain = {key: value.value for key, value in options.items()}
            mounts.append(Mount(kind, known, plain, each.span))
        return mounts

    def set_variables(self, step: Step) -> None:
        """ENV and ARG. ENV wins over ARG of the same name, whichever comes first."""
        kind = step.keyword.lower()
        for pair in step.instruction.pairs:
            name = pair.name.value
            value, partly = _pair_value(pair, step.environment, self.document.escape)
            if kind == "arg":
                before = step.environment.get(name)
                if before is not None and before.kind != "arg":
                    continue
                over = self.given.value(name)
                if over is not None:
                    value, partly = over
                elif pair.value is None:
                    value = self.global_args.value(name)
                    partly = value or ""
            variable = Variable(value, partly, kind, pair.name.span(), self.index)
            self.timeline.set(step.number, name, variable)

    def set_user(self, step: Step) -> None:
        """USER."""
        word = step.words[0] if step.words else None
        value = word.value if word is not None and word.known else None
        self.user = Setting(value, step.instruction.span, self.index)

    def set_workdir(self, step: Step) -> None:
        """WORKDIR, which adds to the one before unless it is absolute."""
        value = None
        if step.words and step.words[0].known:
            value = resolve(self.workdir.value, step.words[0].value)
        self.workdir = Setting(value, step.instruction.span, self.index)

    def set_shell(self, step: Step) -> None:
        """SHELL, which has a JSON form only."""
        if step.instruction.json:
            words = [text.value for text in step.instruction.json]
            self.shell = make_shell(words, step.instruction.span)


CHANGES: Mapping[str, Callable[[_Builder, Step], None]] = {
    "ENV": _Builder.set_variables,
    "ARG": _Builder.set_variables,
    "USER": _Builder.set_user,
    "WORKDIR": _Builder.set_workdir,
    "SHELL": _Builder.set_shell,
}


def _plain(text: Text) -> Word:
    return Word(
        text.value, text.span(), text.value, True, any(char in "*?[" for char in text.value)
    )


Where = tuple[Stage, Step]


def effective_start(build: Build) -> tuple[Where | None, Where | None]:
    """The ENTRYPOINT and the CMD in force in the product.

    An ENTRYPOINT resets a CMD that comes from a lower stage.
    Source: https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact.
    """
    entry: Where | None = None
    cmd: Where | None = None
    for index in sorted(build.layers):
        stage = build.stages[index]
        for step in stage.steps:
            if step.onbuild:
                continue
            if step.keyword == "ENTRYPOINT":
                entry = (stage, step)
                if cmd is not None and cmd[0] is not stage:
                    cmd = None
            elif step.keyword == "CMD":
                cmd = (stage, step)
    return entry, cmd


def resolve(workdir: str | None, path: str) -> str | None:
    """An absolute path from one that may be relative to the WORKDIR; None when not known."""
    if path.startswith("/"):
        return posixpath.normpath(path).replace("//", "/")
    if workdir is None or len(workdir) + len(path) > LONGEST_PATH:
        return None
    return posixpath.normpath(posixpath.join(workdir, path))


def _mount_options(value: Text) -> list[tuple[str, Text]]:
    """The `key=value` pairs of a --mount; a key without a value gets an empty one."""
    pairs = []
    at = 0
    for field in value.value.split(","):
        name, equals, _ = field.partition("=")
        start = at + len(name) + len(equals)
        end = at + len(field)
        pairs.append((name.strip().lower().strip('"'), value.slice(start, end)))
        at = end + 1
    return pairs


def _product(stages: Sequence[Stage], target: str | None) -> int | None:
    if target is None:
        return len(stages) - 1 if stages else None
    for stage in reversed(stages):
        if stage.name is not None and stage.name.lower() == target.lower():
            return stage.index
    if target.isdecimal() and int(target) < len(stages):
        return int(target)
    raise UnknownTargetError(target, [stage.label for stage in stages])


def _layers(stages: Sequence[Stage], product: int | None) -> frozenset[int]:
    found = set()
    while product is not None:
        found.add(product)
        product = stages[product].parent
    return frozenset(found)


def _reachable(stages: Sequence[Stage], start: frozenset[int]) -> frozenset[int]:
    found = set(start)
    waiting = list(start)
    while waiting:
        for use in stages[waiting.pop()].uses:
            if use.stage is not None and use.stage not in found:
                found.add(use.stage)
                waiting.append(use.stage)
    return frozenset(found)
