"""Comments that ignore rules: reading them, and leaving out the findings that they cover."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

from msgspec import Struct

from dflint.document import Comment, Directive, Instruction
from dflint.finding import Finding
from dflint.hadolint import alias_of
from dflint.lazy import regex
from dflint.nearest import nearest
from dflint.selection import spelt
from dflint.source import Source, Span

WORDS = ("ignore", "ignore-file")
_HOW = "write `ignore[rule-name]` or `ignore-file[rule-name]`"
_DFLINT = regex(r"#+\s*(?i:dflint)(?P<colon>\s*:)?\s*(?P<word>[\w-]*)[^\S\n]*(?P<rest>[^\n]*)")
_IN_HEREDOC = regex(r"(?im)^[ \t]*(?P<comment>#+[ \t]*(?:dflint|hadolint|trivy)\b[^\n]*)")
_MENTIONS = regex(r"(?i)dflint|hadolint|trivy:")
_NAME = regex(r"[^\s,][^,]*")
# https://github.com/hadolint/hadolint#ignoring-rules, "inline ignores" and "global ignores"
_HADOLINT = regex(r"#+\s*hadolint\s+(?P<whole>global\s+)?ignore\s*=\s*(?P<codes>[\w, \t]+)")
_CODE = regex(r"[A-Z]+[0-9]+")
_SHELLCHECK = regex(r"(?:shellcheck:)?(SC\d{4,})", re.IGNORECASE)
# https://trivy.dev/latest/docs/configuration/filtering/, "By Inline Comments", with a last day
_TRIVY = regex(r"trivy:ignore:(?P<code>\*|[\w-]+)(?::exp:(?P<day>\d{4}-\d\d-\d\d))?")
# https://docs.docker.com/build/checks/, "Skip checks" and "Error build on check violations"
_SKIP = regex(r"(?:^|;)\s*skip\s*=(?P<names>[^;]*)")
_ERROR = regex(r"(?:^|;)\s*error\s*=\s*(?i:true|1)\s*(?:;|$)")


class Name(Struct, frozen=True):
    """One rule that an ignore names: as written, where, and what findings are looked up by.

    `key` is a rule's id, another tool's name for it (`hadolint:DL3042`), or `tool:*` for all that
    the tool has a name for.
    """

    text: str
    span: Span
    key: str


class Ignore(Struct, frozen=True):
    """One comment that ignores rules for findings that start within one of the `ranges`.

    `foreign` ones are written for another linter: nobody is told when they ignore nothing.
    """

    names: tuple[Name, ...]
    ranges: tuple[Span, ...]
    whole_file: bool = False
    foreign: bool = False


class Pragma(Struct, frozen=True):
    """What a comment for hadolint ignores, by hadolint's codes, and the words that follow them."""

    codes: tuple[str, ...]
    whole_file: bool
    reason: str


class Bad(Struct, frozen=True):
    """A comment for dflint that cannot be understood."""

    kind: str
    message: str
    span: Span


class Unused(Struct, frozen=True):
    """A rule's name in a comment that ignored nothing."""

    message: str
    span: Span


class _Places(Struct, frozen=True):
    """Where instructions, commands and lines of code begin, to find what stands below a comment."""

    source: Source
    instructions: Sequence[Instruction]
    starts: Sequence[int]
    commands: Sequence[Span]
    code_lines: Sequence[int]


def parse_ignores(
    source: Source,
    comments: Sequence[Comment],
    instructions: Sequence[Instruction],
    command_spans: Sequence[Span],
    ids: Mapping[str, str],
    today: date | None = None,
) -> tuple[tuple[Ignore, ...], tuple[Bad, ...]]:
    """The ignores among the comments, and the comments for dflint that say nothing it knows.

    Comments in the heredocs of RUN are read as well. `ids` gives the id of a rule by its id, its
    name, or another tool's name for it. Instructions come in the order of the file. A comment that
    holds until a day before `today` is none. Raises nothing.
    """
    wanted = comments_for_linters(source, comments, instructions)
    if not wanted:
        return (), ()
    found: list[Ignore] = []
    bad: list[Bad] = []
    places = _places(source, wanted, instructions, command_spans)
    known = _known(ids)
    for comment in sorted(wanted, key=lambda each: each.span):
        ignore, problems = _read(comment, places, known, ids, today)
        bad.extend(problems)
        if ignore is not None:
            found.append(ignore)
    return tuple(found), tuple(bad)


def comments_for_linters(
    source: Source, comments: Sequence[Comment], instructions: Sequence[Instruction]
) -> list[Comment]:
    """The comments that may be for a linter, those in the heredocs of RUN last."""
    wanted = [each for each in comments if _MENTIONS.search(each.text) is not None]
    return [*wanted, *_in_heredocs(source, instructions)]


def _in_heredocs(source: Source, instructions: Sequence[Instruction]) -> Iterator[Comment]:
    """What looks like a comment for a linter in the scripts that RUN gets as heredocs."""
    for instruction in instructions:
        for heredoc in instruction.heredocs if instruction.keyword == "RUN" else ():
            for match in _IN_HEREDOC.finditer(source.slice(heredoc.span)):
                start, end = (heredoc.span.start + at for at in match.span("comment"))
                line = source.position(start)[0]
                text = match["comment"].lstrip("#").strip()
                yield Comment(Span(start, end), text, line, inside=True)


def _read(
    comment: Comment,
    places: _Places,
    known: Mapping[str, str],
    ids: Mapping[str, str],
    today: date | None,
) -> tuple[Ignore | None, list[Bad]]:
    """What one comment ignores, and what is wrong with it."""
    text = places.source.slice(comment.span)
    names: tuple[Name, ...] = ()
    bad: list[Bad] = []
    ours, whole = _DFLINT.match(text), False
    if ours is not None:
        names, bad = _directive(ours, comment.span.start, known, ids)
        whole = ours["word"] == "ignore-file"
    elif (match := _HADOLINT.match(text)) is not None:
        names = _foreign_names(match, comment.span.start)
        whole = match["whole"] is not None
    else:
        names = tuple(_trivy_names(text, comment.span.start, today))
    if not names:
        return None, bad
    end = len(places.source.text)
    ranges = (Span(0, end + 1),) if whole else _below(comment, places)
    return Ignore(names, ranges, whole, foreign=ours is None), bad


def _known(ids: Mapping[str, str]) -> dict[str, str]:
    """What findings are looked up by for each word: an id, or another tool's whole name.

    Other tools' names are known without the tool as well: `DL3042` for `hadolint:DL3042`.
    """
    found = {key.partition(":")[2]: key for key in ids if ":" in key}
    return {**found, **{key: key if ":" in key else id_ for key, id_ in ids.items()}}


def _key(text: str, known: Mapping[str, str]) -> str | None:
    """What the findings of a rule are looked up by; None for a word that names none."""
    found = known.get(text) or known.get(text.upper())
    if found is None:
        tool, colon, code = text.rpartition(":")
        found = known.get(f"{tool}{colon}{spelt(code)}")
    shellcheck = _SHELLCHECK.fullmatch(text) if found is None else None
    return found if shellcheck is None else f"shellcheck:{shellcheck[1].upper()}"


def _directive(
    match: re.Match[str], start: int, known: Mapping[str, str], ids: Mapping[str, str]
) -> tuple[tuple[Name, ...], list[Bad]]:
    """The names in a comment for dflint, and what is wrong with it."""
    word, rest = match["word"], match["rest"]
    whole = Span(start, start + len(match[0].rstrip()))
    if match["colon"] is None:
        # Only what looks like an ignore is one: comments may speak about dflint.
        if nearest(word, WORDS) is None or not rest.startswith("["):
            return (), []
        return (), [_bad(f"a colon is missing: `# dflint: {_meant(word)}[…]`", whole)]
    if word not in WORDS:
        return (), [_bad(_unknown_word(word), whole)]
    if not rest.startswith("["):
        return (), [_bad(_no_brackets(word, rest, known), whole)]
    inner, closed, _ = rest[1:].partition("]")
    if not closed:
        return (), [_bad(f"the bracket after `{word}` is not closed", whole)]
    names: list[Name] = []
    bad: list[Bad] = []
    offset = start + match.start("rest") + 1
    for each in _NAME.finditer(inner):
        text = each[0].rstrip()
        span = Span(offset + each.start(), offset + each.start() + len(text))
        key = _key(text, known)
        if key is None:
            bad.append(_bad(_unknown_rule(text, ids), span))
        else:
            names.append(Name(text, span, key))
    if not names and not bad:
        bad.append(_bad(f"the brackets are empty: {_example(word)}", whole))
    return tuple(names), bad


def _bad(message: str, span: Span) -> Bad:
    return Bad("bad-ignore", message, span)


def _meant(word: str) -> str:
    return nearest(word, WORDS) or word


def _example(word: str, name: str = "rule-name") -> str:
    return f"name the rules to ignore, as in `{word}[{name}]`"


def _unknown_word(word: str) -> str:
    if not word:
        return f"nothing follows `dflint:`; {_HOW}"
    hint = nearest(word, WORDS)
    tail = f": did you mean `{hint}`?" if hint else f"; {_HOW}"
    return f"dflint knows no `{word}`{tail}"


def _unknown_rule(text: str, ids: Mapping[str, str]) -> str:
    hint = nearest(text, ids)
    return f"there is no rule `{text}`" + (f": did you mean `{hint}`?" if hint else "")


def _no_brackets(word: str, rest: str, known: Mapping[str, str]) -> str:
    """What to say of `ignore pip-no-cache` or `ignore=DL3042`: the brackets are missing."""
    named = [part for part in re.split(r"[\s,=:]+", rest) if part in known]
    return _example(word, ", ".join(named[:3]) or "rule-name")


def _foreign_names(match: re.Match[str], start: int) -> tuple[Name, ...]:
    offset = start + match.start("codes")
    return tuple(
        Name(code[0], Span(offset + code.start(), offset + code.end()), alias_of(code[0]))
        for code in _CODE.finditer(match["codes"])
    )


def hadolint_pragma(text: str) -> Pragma | None:
    """What a comment ignores if it is one for hadolint that names rules."""
    match = _HADOLINT.match(text)
    codes = [] if match is None else list(_CODE.finditer(match["codes"]))
    if match is None or not codes:
        return None
    reason = text[match.start("codes") + codes[-1].end() :].strip(" \t\r,#")
    return Pragma(tuple(each[0] for each in codes), match["whole"] is not None, reason)


def _trivy_names(text: str, start: int, today: date | None) -> Iterator[Name]:
    """The rules that a comment for trivy ignores, without those whose last day is over."""
    for match in _TRIVY.finditer(text):
        last = match["day"]
        if last is None or today is None or last >= today.isoformat():
            first, end = (start + at for at in match.span("code"))
            yield Name(match["code"], Span(first, end), f"trivy:{spelt(match['code'])}")


def skipped_checks(source: Source, directives: Sequence[Directive]) -> tuple[Ignore, ...]:
    """What `# check=skip=…` keeps BuildKit from checking in this file."""
    found = []
    for directive in directives:
        skip = _SKIP.search(directive.value) if directive.name == "check" else None
        if skip is not None:
            at = source.text.index(directive.value, directive.span.start) + skip.start("names")
            names = tuple(_check_names(skip["names"], at))
            found.append(Ignore(names, (Span(0, len(source.text) + 1),), True, True))
    return tuple(found)


def _check_names(text: str, start: int) -> Iterator[Name]:
    for match in _NAME.finditer(text):
        name = match[0].rstrip()
        span = Span(start + match.start(), start + match.start() + len(name))
        yield Name(name, span, "buildkit:*" if name == "all" else f"buildkit:{name}")


def checks_are_errors(directives: Sequence[Directive]) -> bool:
    """Whether `# check=error=true` makes what BuildKit checks stop the build."""
    return any(each.name == "check" and _ERROR.search(each.value) for each in directives)


def _places(
    source: Source,
    comments: Sequence[Comment],
    instructions: Sequence[Instruction],
    command_spans: Sequence[Span],
) -> _Places:
    inside = any(comment.inside for comment in comments)
    return _Places(
        source=source,
        instructions=instructions,
        starts=[each.span.start for each in instructions],
        commands=sorted(command_spans) if inside else (),
        code_lines=list(_code_lines(source)) if inside else (),
    )


def _code_lines(source: Source) -> Iterator[int]:
    for number in range(1, len(source.line_starts) + 1):
        text = source.line(number).strip()
        if text and not text.startswith("#"):
            yield number


def _below(comment: Comment, places: _Places) -> tuple[Span, ...]:
    """What a comment covers: the next instruction or, inside of one, the next line's commands."""
    if comment.inside:
        return _next_line(comment, places)
    index = bisect_left(places.starts, comment.span.end)
    if index == len(places.starts):
        return ()
    instruction = places.instructions[index]
    end = places.source.line_starts[instruction.last_line - 1]
    end += len(places.source.line(instruction.last_line))
    return (Span(instruction.span.start, max(end, instruction.span.end)),)


def _next_line(comment: Comment, places: _Places) -> tuple[Span, ...]:
    """The next line of an instruction that is no comment, and the commands that begin on it."""
    index = bisect_left(places.starts, comment.span.end) - 1
    line = bisect_left(places.code_lines, comment.line + 1)
    if index < 0 or line == len(places.code_lines):
        return ()
    number = places.code_lines[line]
    if number > places.instructions[index].last_line:
        return ()
    start = places.source.line_starts[number - 1]
    end = start + len(places.source.line(number))
    first = bisect_left(places.commands, Span(start, start))
    last = bisect_left(places.commands, Span(end, end))
    return (Span(start, end), *places.commands[first:last])


def apply_ignores(
    findings: Sequence[Finding],
    ignores: Sequence[Ignore],
    ids: Mapping[str, str],
    enabled: AbstractSet[str],
) -> tuple[tuple[Finding, ...], tuple[Unused, ...]]:
    """The findings that no comment ignores, and the names in comments that ignored nothing.

    A name whose rule does not run (its id is not in `enabled`) is never unused. A comment that
    names `unused-ignore` as well is not called unused.
    """
    if not ignores:
        return tuple(findings), ()
    by_key = _by_key(findings, ids)
    dropped: set[int] = set()
    unused: list[Unused] = []
    about_unused = ids.get("unused-ignore")
    for ignore in ignores:
        idle: list[Name] = []
        for name in ignore.names:
            covered = set(_covered(by_key.get(name.key, ()), ignore.ranges))
            dropped |= covered
            if not covered and ids.get(name.key, name.key) in enabled:
                idle.append(name)
        if not ignore.foreign:
            unused.extend(_unused(ignore, idle, about_unused))
    kept = tuple(each for index, each in enumerate(findings) if index not in dropped)
    return kept, () if _unwanted(ignores, about_unused) else tuple(unused)


def _unused(ignore: Ignore, idle: Sequence[Name], about_unused: str | None) -> Iterator[Unused]:
    """What to say of the names in a comment that ignored nothing."""
    rest = [name for name in idle if name.key != about_unused]
    if rest and any(name.key == about_unused for name in ignore.names):
        return
    where = "in this file" if ignore.whole_file else "here"
    for name in rest or idle:
        message = f"`{name.text}` is ignored {where}, but nothing is found"
        yield Unused(message, name.span)


def _by_key(
    findings: Sequence[Finding], ids: Mapping[str, str]
) -> Mapping[str, Sequence[tuple[int, int]]]:
    """Start and index of findings by rule id and by other tools' names, in the order of starts.

    The rules that a finding's rule yields to stand for it as well.
    """
    by_key: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for index, each in enumerate(findings):
        tools = {f"{alias.partition(':')[0]}:*" for alias in each.aliases}
        above = (ids.get(name, name) for name in each.yields_to)
        for key in (each.rule, *above, *each.aliases, *tools):
            by_key[key].append((each.span.start, index))
    for places in by_key.values():
        places.sort()
    return by_key


def _covered(places: Sequence[tuple[int, int]], ranges: Sequence[Span]) -> Iterator[int]:
    for span in ranges:
        first = bisect_left(places, (span.start, -1))
        last = bisect_left(places, (span.end, -1))
        for _, index in places[first:last]:
            yield index


def _unwanted(ignores: Sequence[Ignore], key: str | None) -> bool:
    """Whether the file says that it does not want to hear of the rule with this id."""
    whole = [ignore for ignore in ignores if ignore.whole_file]
    return any(name.key == key for ignore in whole for name in ignore.names)
