"""A Dockerfile's text as instructions: dockerfile-parse on a masked copy, as BuildKit reads it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping

from dockerfile_parse import DockerfileParser
from msgspec import Struct, field

from dflint.document import Document, Flag, Heredoc, Instruction, Pair, Problem
from dflint.folding import Folded, Logical, fold
from dflint.lazy import regex
from dflint.nearest import nearest
from dflint.source import Source, Span, Text
from dflint.words import Split, WordError, arguments, by_blanks, json_items, pairs, split_line, trim

KEYWORDS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
    "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip
# Instructions that the build rejects without arguments; RUN, CMD and ENTRYPOINT may be empty.
NEED_ARGUMENTS = frozenset(KEYWORDS) - {"RUN", "CMD", "ENTRYPOINT"}
# BuildKit's `instructions` package, for names in lower case; capitals are made so.
STAGE_NAME = regex(r"[A-Za-z][A-Za-z0-9_.-]*")
# Docker's reference for each instruction; the others take no flags.
FLAGS: Mapping[str, tuple[str, ...]] = {
    "ADD": ("checksum", "chmod", "chown", "exclude", "keep-git-dir", "link", "unpack"),
    "COPY": ("chmod", "chown", "exclude", "from", "link", "parents"),
    "FROM": ("platform",),
    "HEALTHCHECK": ("interval", "retries", "start-interval", "start-period", "timeout"),
    "RUN": ("device", "mount", "network", "security"),
}
NOT_ON_BUILD = ("ONBUILD", "FROM", "MAINTAINER")


class _Arguments(Struct, frozen=True):
    """What follows the keyword and flags, taken apart in the keyword's own way."""

    words: tuple[Text, ...] = ()
    json: tuple[Text, ...] | None = None
    pairs: tuple[Pair, ...] = ()


class _Reading(Struct):
    """What one pass over the logical lines gathers."""

    escape: str
    custom_frontend: bool
    problems: list[Problem] = field(default_factory=list)

    def problem(self, message: str, span: Span) -> None:
        """Note what the build would reject."""
        self.problems.append(Problem("syntax-error", message, span))


def read(source: Source) -> Document:
    """The instructions, comments and directives of a Dockerfile, and what is wrong with its form.

    Any text can be read: what BuildKit's parser or its instruction checks reject becomes a problem
    of the kind `syntax-error`, and the rest of the file is read all the same.
    """
    folded = fold(source)
    reading = _Reading(folded.escape, _custom_frontend(folded))
    instructions = tuple(_instruction(reading, line) for line in _logical_lines(folded))
    if not instructions:
        reading.problem("the file has no instructions", _first_line(source))
    _check_beginning(reading, instructions)
    problems = (*folded.problems, *reading.problems)
    return Document(
        source=source,
        escape=folded.escape,
        directives=folded.directives,
        instructions=instructions,
        comments=folded.comments,
        problems=tuple(sorted(problems, key=lambda each: each.span)),
    )


def _logical_lines(folded: Folded) -> Iterator[Logical]:
    """The logical lines that dockerfile-parse finds in the masked copy."""
    if not folded.lines:
        return
    by_line = {line.first: line for line in folded.lines}
    parser = DockerfileParser(fileobj=io.BytesIO(folded.masked.encode("ascii")))
    for found in parser.structure:
        line = by_line.get(found["startline"] + 1)
        if found["instruction"] != "COMMENT" or not found["content"].lstrip().startswith("#"):
            if line is None:
                raise AssertionError(f"line {found['startline'] + 1} begins no instruction")
            yield line


def _custom_frontend(folded: Folded) -> bool:
    """Whether a `# syntax=` names another frontend than Docker's, with instructions of its own."""
    return any(
        each.name == "syntax"
        and not each.value.startswith(("docker/dockerfile", "docker.io/docker/dockerfile"))
        for each in folded.directives
    )


def _first_line(source: Source) -> Span:
    return Span(0, len(source.line(1)))


def _instruction(reading: _Reading, line: Logical) -> Instruction:
    split = split_line(line.text)
    return _made(reading, split, line, inner=False)


def _made(reading: _Reading, split: Split, line: Logical, *, inner: bool) -> Instruction:
    keyword = split.keyword.value.upper()
    triggered = None
    if keyword == "ONBUILD" and split.rest.value and not inner:
        triggered = _triggered(reading, split, line)
    taken = _taken_apart(reading, keyword, split, inner=inner)
    _check_flags(reading, keyword, split.flags)
    end = max(
        split.keyword.span().end, split.rest.span().end, *(each.span.end for each in split.flags)
    )
    if line.heredocs:
        end = line.heredocs[-1].span.end
        _check_destination(reading, keyword, taken.words, line.heredocs)
    return Instruction(
        keyword=keyword,
        keyword_span=split.keyword.span(),
        flags=split.flags,
        text=split.rest,
        json=taken.json,
        words=taken.words,
        pairs=taken.pairs,
        heredocs=line.heredocs,
        span=Span(split.keyword.span().start, end),
        first_line=line.first,
        last_line=line.last,
        inner=triggered,
    )


def _triggered(reading: _Reading, split: Split, line: Logical) -> Instruction:
    """The instruction behind ONBUILD."""
    inner = split_line(split.rest)
    if inner.keyword.value.upper() in NOT_ON_BUILD:
        reading.problem(f"ONBUILD cannot trigger {inner.keyword.value}", inner.keyword.span())
    return _made(reading, inner, line, inner=True)


def _taken_apart(reading: _Reading, keyword: str, split: Split, *, inner: bool) -> _Arguments:
    """The arguments of an instruction; what is wrong with them becomes a problem."""
    take = TAKE.get(keyword)
    if take is None:
        if not reading.custom_frontend:
            reading.problem(_unknown(split.keyword.value), split.keyword.span())
        return _Arguments()
    if keyword in NEED_ARGUMENTS and not split.rest.value:
        reading.problem(f"{keyword} needs at least one argument", split.keyword.span())
        return _Arguments()
    try:
        taken = take(split.rest, keyword, reading.escape)
    except WordError as error:
        reading.problem(error.message, error.text.span())
        return _Arguments(words=(split.rest,))
    if keyword == "FROM" and not inner:
        _check_from(reading, split, taken.words)
    if keyword == "HEALTHCHECK":
        _check_healthcheck(reading, taken.words)
    return taken


def _short(word: str, most: int = 40) -> str:
    return word if len(word) <= most else word[: most - 1] + "…"


def _unknown(word: str) -> str:
    hint = nearest(word, KEYWORDS)
    return f"unknown instruction `{_short(word)}`" + (f": did you mean `{hint}`?" if hint else "")


def _check_flags(reading: _Reading, keyword: str, flags: tuple[Flag, ...]) -> None:
    """Flags of instructions that take none, and slips of the pen: a new one may be right."""
    if reading.custom_frontend or keyword not in KEYWORDS:
        return
    known = FLAGS.get(keyword, ())
    for flag in flags:
        shown = _short(flag.name, 20)
        hint = None if flag.name in known else nearest(flag.name, known)
        if not known:
            reading.problem(f"{keyword} takes no flags, as `--{shown}` is one", flag.span)
        elif hint is not None:
            reading.problem(f"unknown flag `--{shown}`: did you mean `--{hint}`?", flag.span)


def _check_from(reading: _Reading, split: Split, words: tuple[Text, ...]) -> None:
    named = len(words) == 3 and words[1].value.lower() == "as"
    if len(words) != 1 and not named:
        reading.problem("FROM takes an image, or `image AS name`", split.rest.span())
    elif named and not STAGE_NAME.fullmatch(words[2].value):
        name = _short(words[2].value)
        reading.problem(f"a stage cannot be called `{name}`", words[2].span())


def _check_destination(
    reading: _Reading, keyword: str, words: tuple[Text, ...], heredocs: tuple[Heredoc, ...]
) -> None:
    """What COPY and ADD write to is a path."""
    if keyword not in ("COPY", "ADD") or not words:
        return
    place = words[-1].span()
    if any(each.marker.start == place.start for each in heredocs):
        reading.problem(f"{keyword} cannot write to a here-document", place)


def _check_healthcheck(reading: _Reading, words: tuple[Text, ...]) -> None:
    kind = words[0].value
    if kind.upper() not in ("NONE", "CMD"):
        reading.problem(f"HEALTHCHECK takes CMD or NONE, not `{_short(kind)}`", words[0].span())
    elif kind.upper() == "NONE" and len(words) > 1:
        reading.problem("HEALTHCHECK NONE takes no arguments", words[0].span())
    elif kind.upper() == "CMD" and len(words) == 1:
        reading.problem("HEALTHCHECK CMD needs a command", words[0].span())


def _check_beginning(reading: _Reading, instructions: tuple[Instruction, ...]) -> None:
    """Only ARG may stand before the first FROM."""
    if reading.custom_frontend or not instructions:
        return
    known = (each for each in instructions if each.keyword in KEYWORDS and each.keyword != "ARG")
    first = next(known, instructions[0])
    if first.keyword == "FROM":
        return
    if any(each.keyword == "FROM" for each in instructions):
        what = f"{first.keyword} stands before the first FROM"
    else:
        what = "there is no FROM"
    reading.problem(f"{what}: a build begins with `FROM image`", first.keyword_span)


def _take_json_or_text(rest: Text, _keyword: str, _escape: str) -> _Arguments:
    items = json_items(rest)
    return _Arguments((rest,) if rest.value else ()) if items is None else _Arguments(items, items)


def _take_json_or_words(rest: Text, _keyword: str, _escape: str) -> _Arguments:
    items = json_items(rest)
    return _Arguments(by_blanks(rest)) if items is None else _Arguments(items, items)


def _take_words(rest: Text, _keyword: str, _escape: str) -> _Arguments:
    return _Arguments(by_blanks(rest))


def _take_text(rest: Text, _keyword: str, _escape: str) -> _Arguments:
    return _Arguments((rest,))


def _take_pairs(rest: Text, keyword: str, escape: str) -> _Arguments:
    return _Arguments(pairs=pairs(rest, keyword, escape))


def _take_arguments(rest: Text, _keyword: str, escape: str) -> _Arguments:
    return _Arguments(pairs=arguments(rest, escape))


def _take_healthcheck(rest: Text, _keyword: str, _escape: str) -> _Arguments:
    """The kind (NONE or CMD), and the command in either form."""
    kind = by_blanks(rest)[0]
    command = trim(rest.slice(len(kind.value), len(rest.value)))
    items = json_items(command)
    if items is not None:
        return _Arguments((kind, *items), items)
    return _Arguments((kind, command) if command.value else (kind,))


TAKE: Mapping[str, Callable[[Text, str, str], _Arguments]] = {
    "ADD": _take_json_or_words,
    "ARG": _take_arguments,
    "CMD": _take_json_or_text,
    "COPY": _take_json_or_words,
    "ENTRYPOINT": _take_json_or_text,
    "ENV": _take_pairs,
    "EXPOSE": _take_words,
    "FROM": _take_words,
    "HEALTHCHECK": _take_healthcheck,
    "LABEL": _take_pairs,
    "MAINTAINER": _take_text,
    "ONBUILD": _take_text,
    "RUN": _take_json_or_text,
    "SHELL": _take_json_or_text,
    "STOPSIGNAL": _take_text,
    "USER": _take_text,
    "VOLUME": _take_json_or_words,
    "WORKDIR": _take_text,
}
