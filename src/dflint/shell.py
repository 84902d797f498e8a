"""What a piece of shell text is made of: words, commands, pipelines, with exact places."""

from __future__ import annotations

from msgspec import Struct

from dflint.source import Span


class Word(Struct, frozen=True):
    """A word of a command line, or of a Dockerfile instruction.

    `text` is the word as written, `value` what it stands for: without quotes, known variables put
    in. A word whose value is not `known` keeps what is unknown as it is written. `glob`: it has a
    wildcard that is not quoted.
    """

    text: str
    span: Span
    value: str
    known: bool
    glob: bool


class Redirect(Struct, frozen=True):
    """A redirection; heredocs have no target."""

    operator: str
    target: Word | None
    span: Span


class Assignment(Struct, frozen=True):
    """A variable that the script sets or exports for the commands after it."""

    name: str
    word: Word
    span: Span


class Option(Struct, frozen=True):
    """An option by its canonical name (`--yes` for `-y`); `spelled` is the name as written."""

    name: str
    value: Word | None
    span: Span
    word: Word
    spelled: str


class Command(Struct, frozen=True):
    """One command that a script runs, without what carries it (`through`: sudo, env, sh, …).

    `span` includes the carriers and leaves out redirections; `separator` is the text that joins
    the command to the one before it, white space included.
    """

    program: str
    tool: str
    action: str | None
    options: tuple[Option, ...]
    arguments: tuple[Word, ...]
    environment: tuple[tuple[str, Word], ...]
    redirects: tuple[Redirect, ...]
    words: tuple[Word, ...]
    through: tuple[str, ...]
    span: Span
    program_span: Span
    action_span: Span | None
    connector: str
    separator: Span | None
    guarded: bool
    substituted: bool
    scope: int
    errexit: bool
    pipefail: bool


class Pipeline(Struct, frozen=True):
    """Two or more commands joined by `|`."""

    commands: tuple[Command, ...]
    span: Span
    pipefail: bool


class Script(Struct, frozen=True):
    """What a piece of shell text runs, in the order of the source.

    A `broken` script does not parse for certain: nothing should be concluded from it.
    """

    commands: tuple[Command, ...]
    pipelines: tuple[Pipeline, ...]
    assignments: tuple[Assignment, ...]
    broken: bool
