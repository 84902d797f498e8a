"""The parts of a Dockerfile as written: instructions and their words, directives, comments."""

from __future__ import annotations

from msgspec import Struct

from dflint.source import Source, Span, Text


class Flag(Struct, frozen=True):
    """A builder flag: `--from=builder` is name `from` and value `builder`; None without `=`."""

    name: str
    value: Text | None
    span: Span


class Heredoc(Struct, frozen=True):
    """A here-document of RUN, COPY or ADD.

    `marker` is the word `<<EOF` in the instruction, `body` the text between (leading tabs removed
    for `<<-`), `span` the lines of body and terminator. Without `expand` the delimiter is quoted.
    """

    name: str
    expand: bool
    strip_tabs: bool
    marker: Span
    body: Text
    span: Span


class Pair(Struct, frozen=True):
    """A `name=value` of ENV, LABEL or ARG as written; `legacy` for `ENV name value`."""

    name: Text
    value: Text | None
    legacy: bool


class Comment(Struct, frozen=True):
    """A comment line: `span` from `#` to its end, `text` without `#`, line counted from 1.

    `inside` says whether it stands between the lines of a continued instruction.
    """

    span: Span
    text: str
    line: int
    inside: bool


class Directive(Struct, frozen=True):
    """A parser directive such as `# escape=` + a backtick."""

    name: str
    value: str
    span: Span


class Problem(Struct, frozen=True):
    """What keeps a part of a file from being understood, or a comment for dflint that is wrong."""

    kind: str
    message: str
    span: Span


class Instruction(Struct, frozen=True, eq=False):
    """One instruction.

    `text` is what follows keyword and flags, joined as the shell would get it; `json` its items
    where it is a JSON list; `words` its words as BuildKit splits them for this keyword; `inner` the
    instruction that ONBUILD triggers. Lines are counted from 1 and include heredocs.
    """

    keyword: str
    keyword_span: Span
    flags: tuple[Flag, ...]
    text: Text
    json: tuple[Text, ...] | None
    words: tuple[Text, ...]
    pairs: tuple[Pair, ...]
    heredocs: tuple[Heredoc, ...]
    span: Span
    first_line: int
    last_line: int
    inner: Instruction | None = None


class Document(Struct, frozen=True, eq=False):
    """A Dockerfile as written. `escape` is the escape character in force."""

    source: Source
    escape: str
    directives: tuple[Directive, ...]
    instructions: tuple[Instruction, ...]
    comments: tuple[Comment, ...]
    problems: tuple[Problem, ...]
