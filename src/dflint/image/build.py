"""Puts the model together: each stage interpreted in order, once, when it is first asked for."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import zip_longest

from msgspec import Struct
from msgspec.structs import replace

from dflint.context import Context, sources
from dflint.environment import path_folders
from dflint.glob import has_wildcard
from dflint.image.copying import (
    KEPT,
    NO_CONTEXT,
    REMOTE,
    Given,
    context_node,
    entry_node,
    excluded,
    given_from,
    is_archive,
    mode_of,
    named_interpreter,
    owner_of,
    place,
    placed,
)
from dflint.image.files import (
    CLOSED,
    Answer,
    Entry,
    Files,
    Node,
    NotThere,
    Open,
    Origin,
    There,
    Unknown,
    unknown_node,
)
from dflint.image.ground import ground
from dflint.image.python import places
from dflint.image.running import run
from dflint.image.start import resolve_start
from dflint.image.state import (
    ImageState,
    Machine,
    Package,
    PythonPlace,
    ResolvedStart,
    StageCopy,
)
from dflint.images import parse_image
from dflint.model import Build, Stage, Step, flag, resolve
from dflint.scripts import Scripts
from dflint.shell import Word

LONGEST_LINE = 4096  # of a heredoc that are looked at for its interpreter
MOST_COPIES = 300  # sources of COPY --from that are looked into
SAME_IMAGE = Unknown("a stage that is not built before")


class _Taken(Struct, frozen=True):
    """A source of a COPY --from: what it names in the other stage, and where it lands."""

    stage: int
    step: Step
    word: Word
    source: int | None
    path: str | None
    to: str | None
    nodes: tuple[tuple[str, Node], ...]
    whole: bool


class Images(Struct, frozen=True, dict=True):
    """The model of a build; stages are worked out when they are first asked for."""

    build: Build
    scripts: Scripts
    context: Context | None

    @cached_property
    def _machines(self) -> dict[int, Machine | None]:
        return {}

    @cached_property
    def _states(self) -> dict[int, ImageState]:
        return {}

    @cached_property
    def _taken(self) -> list[_Taken]:
        return []

    def __getitem__(self, index: int) -> ImageState:
        if index not in self._states:
            machine = self.machine(index)
            assert machine is not None
            self._states[index] = _state(self.build.stages[index], machine)
        return self._states[index]

    @property
    def product(self) -> ImageState | None:
        """The stage that is built; None without any."""
        return None if self.build.product is None else self[self.build.product]

    @cached_property
    def start(self) -> ResolvedStart | None:
        """What the product's container starts; None where nothing says."""
        product = self.product
        if product is None:
            return None
        others = [self[index] for index in sorted(self.build.reachable)]
        return resolve_start(self.build, product, [product, *others], self.context)

    @cached_property
    def stage_copies(self) -> tuple[StageCopy, ...]:
        """Every source of every COPY --from of the stages that the product needs."""
        for index in sorted(self.build.reachable):
            self.machine(index)
        if len(self._taken) > MOST_COPIES:
            return ()
        return tuple(
            _stage_copy(self, each) for each in self._taken if each.stage in self.build.reachable
        )

    def machine(self, index: int) -> Machine | None:
        """A stage after its last instruction; None while it is being worked out."""
        # First those that it stands on or takes from: they may be hundreds deep.
        for each in sorted(self._needed(index)):
            self._machines[each] = None
            self._machines[each] = _interpret(self, self.build.stages[each])
        return self._machines[index]

    def _needed(self, index: int) -> set[int]:
        """The stages that are still to be worked out for one, all of them before it, and itself."""
        needed: set[int] = set()
        waiting = [index]
        while waiting:
            each = waiting.pop()
            if each in needed or each in self._machines:
                continue
            needed.add(each)
            stage = self.build.stages[each]
            used = [use.stage for step in stage.steps for use in step.uses]
            waiting += [
                other for other in (stage.parent, *used) if other is not None and other < each
            ]
        return needed

    def node_from(self, name: str, path: str, stage: int, used: int | None) -> Files | None:
        """The files of another stage or image; None where they are not known."""
        if used is not None:
            machine = self.machine(used) if used < stage else None
            return None if machine is None else machine.files
        if "$" in name or path == "":
            return None
        if name == "scratch":
            return None
        image = parse_image(name)
        return None if image is None else ground(image).files


def model_images(build: Build, scripts: Scripts, context: Context | None) -> Images:
    """The model of a build; `context` is the folder that its COPY and ADD take from, if known."""
    return Images(build, scripts, context)


def _state(stage: Stage, machine: Machine) -> ImageState:
    folders, complete = path_folders(stage.environment.get("PATH"))
    return ImageState(
        stage=stage,
        files=machine.files,
        places=places(machine.files),
        users=machine.users,
        users_complete=machine.users_complete,
        user=stage.user.value,
        workdir=stage.workdir.value,
        folders=folders,
        path_complete=complete,
    )


# --- one stage ---


def _interpret(images: Images, stage: Stage) -> Machine:
    if stage.parent is not None:
        above = images.machine(stage.parent)
        assert above is not None
        machine = above
    elif stage.windows:
        machine = ground(None)
    else:
        machine = ground(
            stage.image_name, empty=stage.base is not None and stage.base.family == "scratch"
        )
    for step in stage.steps:
        if step.onbuild:
            continue
        if step.keyword == "RUN":
            machine = _run(images, machine, step)
        elif step.keyword in ("COPY", "ADD") and len(step.words) >= 2:
            machine = _copy(images, machine, step)
        elif step.keyword == "WORKDIR":
            machine = _workdir(machine, step)
    return machine


def _run(images: Images, machine: Machine, step: Step) -> Machine:
    uses = {use.text: use.stage for use in step.uses}

    def taken(name: str, path: str) -> Node | None:
        if name not in uses:  # a build context with a name: not the image of that name
            return None
        files = images.node_from(name, path, step.stage, uses.get(name))
        return None if files is None else files.node(resolve("/", path) or "/")

    return run(machine, step, images.scripts[step], images.context, images.build.source, taken)


def _workdir(machine: Machine, step: Step) -> Machine:
    if not step.words or not step.words[0].known:
        return machine
    path = resolve(step.workdir.value, step.words[0].value)
    if path is None or path == "/":
        return machine
    origin = Origin("command", step.stage, step.instruction.span, f"WORKDIR {path}")
    if not isinstance(machine.files.lookup(path), NotThere):
        return machine
    # BuildKit makes it for the user in force, other builders for root
    # (https://github.com/moby/buildkit/pull/1002).
    root = (step.user.value or "").partition(":")[0] in ("root", "0")
    entry = Entry("folder", origin, "root" if root else None, 0o755)
    return replace(machine, files=machine.files.put(path, entry, CLOSED))


# --- COPY and ADD ---


def _copy(images: Images, machine: Machine, step: Step) -> Machine:
    text = f"{step.keyword} {' '.join(word.text for word in step.words)}"[:80]
    origin = Origin("context", step.stage, step.instruction.span, text)
    heredocs = {images.build.source.slice(each.marker): each for each in step.instruction.heredocs}
    given: list[Given] = []
    for word in step.words[:-1]:
        if word.text in heredocs:
            body = heredocs[word.text].body.value
            given.append(Given(word, None, _heredoc(body, origin, step), word.value.strip("<-\"'")))
        else:
            given.extend(_given(images, step, word, origin))
    exclude = flag(step.instruction, "exclude")
    if exclude is not None:
        why = Unknown("--exclude may have left it out", origin)
        given = [replace(each, node=excluded(each.node, why)) for each in given]
    machine, landed = place(machine, step, given, origin)
    if flag(step.instruction, "from") is not None:
        _note(images, step, given, landed, whole=exclude is None)
    return machine


def _heredoc(body: str, origin: Origin, step: Step) -> Node:
    interpreter = named_interpreter(body[:LONGEST_LINE].encode("utf-8", "replace"))
    mode = mode_of(step)
    mode = 0o644 if mode == KEPT else mode
    return Node(Entry("file", origin, owner_of(step), mode, interpreter=interpreter))


def _given(images: Images, step: Step, word: Word, origin: Origin) -> Sequence[Given]:
    owner = owner_of(step)
    mode = mode_of(step)
    name = posixpath.basename(word.value.rstrip("/"))
    why = Unknown("it is not known what is copied", origin)
    if not word.known:
        return [Given(word, None, unknown_node(why), name)]
    if flag(step.instruction, "from") is not None:
        use = step.uses[0] if step.uses else None
        path = resolve("/", word.value)
        if use is None or path is None:
            return [Given(word, None, unknown_node(why), name)]
        files = images.node_from(use.text, path, step.stage, use.stage)
        found = given_from(
            files, word, path, replace(why, reason="what that image holds is not known")
        )
        by = Origin("copy", step.stage, step.instruction.span, origin.text)
        return [replace(each, node=placed(each.node, by, owner, mode)) for each in found]
    if step.keyword == "ADD" and REMOTE.search(word.value):
        return [_fetched(word, origin, owner, 0o600 if mode == KEPT else mode)]
    if step.keyword == "ADD" and is_archive(word.value):
        house = Entry("folder", origin, owner, 0o755)
        inside = Unknown("what the archive holds is not known", origin)
        return [Given(word, word.value, Node(house, rest=Open(inside)), name)]
    return _from_context(images.context, word, origin, owner, mode)


def _fetched(word: Word, origin: Origin, owner: str | None, mode: int | None) -> Given:
    name = posixpath.basename(word.value.partition("?")[0].partition("#")[0])
    if word.value.endswith(".git") or "#" in word.value or not name:
        why = Unknown("what is fetched is not known", origin)
        return Given(word, None, unknown_node(why), name)
    return Given(word, None, Node(Entry("file", origin, owner, mode)), name)


def _from_context(
    context: Context | None, word: Word, origin: Origin, owner: str | None, mode: int | None
) -> list[Given]:
    name = posixpath.basename(word.value.rstrip("/"))
    if context is None:
        return [Given(word, word.value, _guess(name, word, origin, owner, mode), name)]
    if not has_wildcard(word.value):
        return [
            Given(word, word.value, context_node(context, word.value, origin, owner, mode), name)
        ]
    found = sources(context, word.value)
    if found.unknown:
        return [Given(word, word.value, unknown_node(NO_CONTEXT), name)]
    return [
        Given(word, each.path, entry_node(context, each, origin, owner, mode), each.name)
        for each in found.entries
    ]


def _guess(name: str, word: Word, origin: Origin, owner: str | None, mode: int | None) -> Node:
    """A source of a context that is not known: a build that ends well has it, file or folder."""
    stem, dot, end = name.rpartition(".")
    plain = dot and stem and end.isalnum() and not word.glob and not word.value.endswith("/")
    if plain and 1 <= len(end) <= 5 and not end.isdecimal() and end != "d":
        return Node(Entry("file", origin, owner, None if mode == KEPT else mode))
    return unknown_node(NO_CONTEXT)


# --- what COPY --from brings ---


def _note(
    images: Images,
    step: Step,
    given: Sequence[Given],
    landed: Sequence[str | None],
    *,
    whole: bool,
) -> None:
    """Remember what a COPY --from takes, by its words."""
    use = step.uses[0] if step.uses else None
    source = (
        use.stage if use is not None and use.stage is not None and use.stage < step.stage else None
    )
    by_word: dict[Word, list[tuple[Given, str | None]]] = {}
    for each, to in zip(given, landed, strict=True):
        by_word.setdefault(each.word, []).append((each, to))
    for word, parts in by_word.items():
        nodes = tuple((each.path or "", each.node) for each, _ in parts)
        to = parts[0][1]
        path = resolve("/", word.value) if word.known else None
        images._taken.append(_Taken(step.stage, step, word, source, path, to, nodes, whole))


def _stage_copy(images: Images, taken: _Taken) -> StageCopy:
    state = None if taken.source is None else images[taken.source]
    target = images[taken.stage]
    packages = _packages(taken)
    scripts = _scripts(taken)
    brought: dict[str, Package] = {}
    brought_scripts: dict[str, str] = {}
    for each in images._taken:
        if each.stage == taken.stage:
            brought.update(_packages(each))
            brought_scripts.update(_scripts(each))
    there = {name for place in target.places for name in place.packages}
    leaves: dict[str, Package] = {}
    left: dict[str, str] = {}
    touched: list[PythonPlace] = []
    for python in state.places if state is not None else ():
        own = {
            name: package
            for name, package in python.packages.items()
            if package.origin.kind == "command"
        }
        if _touches(taken, python):
            site = _of_any_version(python.site_packages, taken.path or "")
            touched.append(replace(python, site_packages=site))
        if any(each.stage == taken.stage and _may_bring(each, python) for each in images._taken):
            continue  # what is left behind cannot be told
        leaves.update(
            {name: each for name, each in own.items() if name not in brought and name not in there}
        )
        left.update(
            {
                name: each
                for name, each in python.scripts.items()
                if each in packages and name not in brought_scripts
            }
        )
    return StageCopy(
        step=taken.step,
        stage=images.build.stages[taken.stage],
        word=taken.word,
        source=taken.source,
        path=taken.path,
        to=taken.to,
        state=state,
        found=_answer(taken, state),
        places=tuple(touched),
        brings=packages,
        leaves=leaves,
        scripts=scripts,
        left_scripts=left,
        moved=_moved(taken, touched),
    )


def _touches(taken: _Taken, python: PythonPlace) -> bool:
    """Whether a copy takes the packages' folder, something above it, or something in it."""
    path = taken.path
    if path is None:
        return False
    site = _of_any_version(python.site_packages, path)
    inside = path == "/" or site == path or site.startswith(path + "/")
    return inside or path.startswith(site + "/") or path == f"{python.prefix}/bin"


def _of_any_version(site: str, path: str) -> str:
    """A packages' folder of a version that is not known (`*`), as the path names it if it may."""
    names = [
        theirs if "*" in mine and fnmatchcase(theirs, mine) else mine
        for mine, theirs in zip_longest(site.split("/"), path.split("/"), fillvalue="")
    ]
    return "/".join(names).rstrip("/")


def _may_bring(taken: _Taken, python: PythonPlace) -> bool:
    """Whether a copy may take packages of a place, of which it is not known which."""
    if taken.path is None:
        return True
    unknown = any(isinstance(node.state, Unknown) for _, node in taken.nodes)
    return (unknown or not taken.whole) and _touches(taken, python)


def _answer(taken: _Taken, state: ImageState | None) -> Answer:
    """Whether the source is there."""
    for path, node in taken.nodes:
        if isinstance(node.state, Entry):
            return There(path, node.state, path)
        if isinstance(node.state, Unknown):
            return node.state
    if state is None:
        return Unknown("what that image holds is not known")
    return NotThere(taken.path or "") if taken.path else Unknown("the source is not known")


def _entries(taken: _Taken) -> list[tuple[str, Entry]]:
    return [pair for _, node in taken.nodes for pair in Files(node).walk()]


def _packages(taken: _Taken) -> dict[str, Package]:
    found = {}
    for _, entry in _entries(taken):
        if entry.kind == "package" and entry.detail and entry.origin.kind == "command":
            found[entry.detail] = Package(entry.detail, entry.origin, entry.placed)
    return found


def _scripts(taken: _Taken) -> dict[str, str]:
    found = {}
    pairs = _entries(taken)
    pairs += [(path, node.state) for path, node in taken.nodes if isinstance(node.state, Entry)]
    for path, entry in pairs:
        if entry.kind == "program" and entry.detail and entry.origin.kind == "command":
            found[posixpath.basename(path)] = entry.detail
    return found


def _moved(taken: _Taken, touched: Sequence[PythonPlace]) -> tuple[tuple[PythonPlace, str], ...]:
    """The environments that a copy takes whole and puts at another path."""
    moved = []
    if taken.path is None or taken.to is None:
        return ()
    for each in touched:
        inside = each.prefix == taken.path or each.prefix.startswith(taken.path.rstrip("/") + "/")
        if each.kind != "venv" or not inside:
            continue
        rest = each.prefix[len(taken.path.rstrip("/")) :]
        new = posixpath.normpath(f"{taken.to}/{rest}")
        if new != each.home:
            moved.append((each, new))
    return tuple(moved)
