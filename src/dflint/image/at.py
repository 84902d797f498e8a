"""A command at the moment it runs: its folder, its user, its variables, and what it may name."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from dflint.context import Context
from dflint.environment import path_folders
from dflint.image.files import Answer, Files, Origin, There, Unknown
from dflint.image.state import Machine
from dflint.model import LONGEST_PATH, Step, resolve
from dflint.shell import Command, Script, Word


class At(Struct, frozen=True):
    """A command, with what is in force for it; None where that is not known.

    `folders` are those of its PATH, the activated environment's first. `files` are those that
    it finds.
    """

    step: Step
    script: Script
    number: int
    command: Command
    cwd: str | None
    user: str | None
    home: str | None
    folders: tuple[str, ...]
    complete: bool
    activated: str | None
    files: Files
    context: Context | None
    origin: Origin

    @property
    def root(self) -> bool | None:
        """Whether it runs as root; None where not known."""
        return None if self.user is None else self.user in ("root", "0", "")

    @property
    def owner(self) -> str | None:
        """Who owns what it makes."""
        return "root" if self.root else self.user

    def path(self, word: Word) -> str | None:
        """The absolute path that a word means; None where it is not known."""
        at_home = word.value.startswith(("$HOME", "${HOME}"))
        return self.absolute(word.value) if (word.known or at_home) and not word.glob else None

    def absolute(self, text: str, *, logical: bool = False) -> str | None:
        """The absolute path that a text means; None where it is not known.

        The folder above that of a link is the link's own for `cd` alone (`logical`).
        """
        for prefix in ("~", "$HOME", "${HOME}"):
            if text == prefix or text.startswith(prefix + "/"):
                if self.home is None:
                    return None
                text = self.home + text[len(prefix) :]
        if "$" in text or "`" in text or not text or text.startswith("~"):
            return None
        if logical or ".." not in text:
            return resolve(self.cwd, text)
        whole = text if text.startswith("/") else None if self.cwd is None else f"{self.cwd}/{text}"
        return None if whole is None or len(whole) > LONGEST_PATH else self.files.real(whole)

    def variable(self, name: str) -> str | None:
        """A variable's value as the command sees it; None where it is not set or not known."""
        for key, word in reversed(self.command.environment):
            if key == name:
                return word.value if word.known else None
        return self.step.environment.value(name)

    def is_set(self, name: str) -> bool:
        """Whether a variable is set, known or not."""
        if any(key == name for key, _ in self.command.environment):
            return True
        return name in self.step.environment

    def option(self, *names: str) -> Word | None:
        """The value of the last option of these names."""
        for option in reversed(self.command.options):
            if option.name in names and option.value is not None:
                return option.value
        return None

    def has(self, *names: str) -> bool:
        """Whether one of these options is given."""
        return any(option.name in names for option in self.command.options)

    def values(self, name: str) -> Iterator[Word]:
        """The values of all options of a name."""
        for option in self.command.options:
            if option.name == name and option.value is not None:
                yield option.value

    def find(self, machine: Machine, program: str) -> Answer:
        """A program as the command would find it."""
        if "/" in program and self.cwd is None and not program.startswith("/"):
            return Unknown("the working folder is not known")
        return machine.files.find_program(
            program, self.folders, complete=self.complete, workdir=self.cwd or "/"
        )

    def why(self, text: str) -> Unknown:
        """Why something is not known after this command."""
        return Unknown(text, self.origin)


def folders_of(step: Step, command: Command, activated: str | None) -> tuple[tuple[str, ...], bool]:
    """The folders of the PATH that a command sees, and whether these are all."""
    folders, complete = path_folders(step.environment.get("PATH"))
    for key, word in command.environment:
        if key == "PATH":
            parts = [part.rstrip("/") or "/" for part in word.value.split(":") if part]
            known = tuple(part for part in parts if part.startswith("/") and "$" not in part)
            folders, complete = known, word.known or len(known) == len(parts)
    if activated is not None:
        folders = (f"{activated}/bin", *folders)
    return folders, complete


def source_of(machine: Machine, path: str | None) -> str | None:
    """The path in the build context of a file in the image; None where it comes from elsewhere."""
    if path is None:
        return None
    found = machine.files.lookup(path)
    if not isinstance(found, There) or found.entry.source is None:
        return None
    return found.entry.source or "."
