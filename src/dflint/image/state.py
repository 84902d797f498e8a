"""What the model says of a stage, of its COPY --from, and of what the container starts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from msgspec import Struct, field

from dflint.image.files import Answer, Entry, Files, Origin, PlaceKind, Unknown
from dflint.model import Stage, Step
from dflint.shell import Command, Word
from dflint.source import Span


class Package(Struct, frozen=True):
    """An installed Python package: its normalized name, what installed it, and the COPY that put
    it where it is (None where it was installed there)."""

    name: str
    origin: Origin
    placed: Origin | None = None


class PythonPlace(Struct, frozen=True):
    """A place that Python packages lie in: an interpreter's prefix, a venv, a --target folder.

    `version` is as in 3.12, None where not known. `interpreter` is the path that the first line of
    its scripts names, None where not known. `complete`: `packages` are all that lie there, else
    `why` says what may have added others. `made` is what made it, `placed` the COPY that put it
    here. `home` is the path at which it was made; where it was not moved, that is `prefix`.
    """

    prefix: str
    kind: PlaceKind
    version: str | None
    libc: str | None
    interpreter: str | None
    site_packages: str
    packages: Mapping[str, Package]
    complete: bool
    why: Unknown | None
    scripts: Mapping[str, str]
    made: Origin
    placed: Origin | None
    home: str
    managed: bool = False


class User(Struct, frozen=True):
    """A user of the image: the number and the home folder, None where not known."""

    name: str
    uid: int | None
    home: str | None


class Machine(Struct, frozen=True):
    """What a stage is at one moment: its files, users, and settings that commands have made."""

    files: Files
    users: Mapping[str, User]
    users_complete: bool
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class ImageState(Struct, frozen=True):
    """A stage after its last instruction.

    `folders` are those of its PATH and `path_complete` says whether these are all. `users` are
    those that are known, `users_complete` whether no others can be.
    """

    stage: Stage
    files: Files
    places: tuple[PythonPlace, ...]
    users: Mapping[str, User]
    users_complete: bool
    user: str | None
    workdir: str | None
    folders: tuple[str, ...]
    path_complete: bool

    def find(self, program: str) -> Answer:
        """A program by name on the stage's PATH, or by path, as its last USER in its WORKDIR."""
        return self.files.find_program(
            program, self.folders, complete=self.path_complete, workdir=self.workdir or "/"
        )


class StageCopy(Struct, frozen=True):
    """One source of a COPY --from: what of the source it brings, and what stays behind.

    `path` is the source and `to` where it lands, both absolute; None where not known. `state` is
    the source stage when the copy is made, None for an image. `found` tells whether the source
    is there. `brings` and `leaves` are the packages; `scripts`, `left_scripts` the programs that
    these packages brought, by name; `moved` are the venvs that land at another path, as pairs of
    old and new.
    """

    step: Step
    stage: Stage
    word: Word
    source: int | None
    path: str | None
    to: str | None
    state: ImageState | None
    found: Answer
    places: tuple[PythonPlace, ...] = ()
    brings: Mapping[str, Package] = field(default_factory=lambda: MappingProxyType({}))
    leaves: Mapping[str, Package] = field(default_factory=lambda: MappingProxyType({}))
    scripts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    left_scripts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    moved: tuple[tuple[PythonPlace, str], ...] = ()


class ResolvedStart(Struct, frozen=True):
    """What the container starts, ENTRYPOINT and CMD put together as Docker does.

    `command` is the program that runs in the end, without what carries it (`through`); `found`
    tells whether it is there, `path` the place where it is or was looked for. `missing` is what
    is certainly not there: a carrier, the program, its interpreter, the shell, a module. `sound`
    says that all of it certainly is. `package_name` is the Python package that brings the program,
    `package` its installation in any stage, `package_there` whether the product has it.
    """

    step: Step
    stage: Stage
    span: Span
    words: tuple[Word, ...]
    command: Command | None
    program: str | None
    through: tuple[str, ...]
    shell_form: bool
    module: str | None
    found: Answer
    path: str | None
    searched: tuple[str, ...]
    missing: tuple[Missing, ...]
    sound: bool
    user: str | None
    workdir: str | None
    script: Entry | None = None
    package_name: str | None = None
    package: Package | None = None
    package_there: bool | None = None
    commands: tuple[Command, ...] = ()


class Missing(Struct, frozen=True):
    """A thing that the start needs and that is certainly not there.

    `kind`: program, interpreter (of the script at `of`), shell, module, file, or barred: it is
    there, but the user may not enter the folder `of` that it lies below.
    """

    kind: Literal["program", "interpreter", "shell", "module", "file", "barred"]
    name: str
    of: str | None
    origin: Origin | None
    span: Span | None = None
