"""Asking ShellCheck about scripts, in few processes side by side; its answers as findings."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from msgspec import Struct, field

from dflint.finding import Finding, Severity
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.shards import digest, shard_of
from dflint.shellanswers import Comment, Comments, read_answers, write_answers
from dflint.shellbodies import UNKNOWN_SHELL, Body
from dflint.shellcodes import CATEGORY, WIKI
from dflint.shellprocess import Asking, ShellCheckError, Tool, answers, identity, start
from dflint.source import Source, Span, Text, join, make_source

# Scripts a process: enough that starting it costs little, few enough to share out.
LEAST, BATCH = 8, 24
# ShellCheck's time and memory grow with the square of these; no such script was ever written.
LONGEST = 100_000  # characters
DEEPEST = 60
_SEVERITIES = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "info": Severity.INFO,
    "style": Severity.STYLE,
}
_OPENS = regex(r"([({]|\b(?:if|do|case)\b)|[)}]|\b(?:fi|done|esac)\b")
_LEADING_COMMENTS = regex(r"(?:[ \t\r]*(?:#[^\n]*)?\n)*")


def program(body: Body) -> tuple[Text, Span]:
    """The text that ShellCheck reads for a script, and which stretch of it is dflint's own.

    A first line tells of `-e`, and every variable that is set is assigned. That stands below the
    comments at the beginning, because a directive above all commands holds for the whole script.
    """
    at = body.text.span().start
    first = f"#!/bin/sh{' -e' if body.errexit else ''}\n# shellcheck shell={body.dialect}\n"
    match = _LEADING_COMMENTS.match(body.text.value)
    cut = match.end() if match else 0
    exports = "".join(f"export {name}=1\n" for name in body.names)
    pieces = (
        Text(first, (0,), (at,)),
        body.text.slice(0, cut),
        Text(exports, (0,), (at,)),
        body.text.slice(cut, len(body.text.value)),
    )
    begin = len(first) + cut
    return join(pieces, at), Span(begin, begin + len(exports))


def findings(body: Body, comments: Comments) -> list[Finding]:
    """What ShellCheck says of a script, as findings at their places in the Dockerfile."""
    text, own = program(body)
    lines = make_source("", text.value)
    first = len(text.value) - len(body.text.value) - (own.end - own.start)
    across = _knowledge()["excluded-across-lines"]
    found = []
    for comment in comments:
        code = f"SC{comment.code}"
        start = _index(lines, comment.line, comment.column)
        end = max(_index(lines, comment.end_line, comment.end_column), start)
        if start < first or own.start <= start < own.end or _left_out(code, body):
            continue
        if code in across and _continued(text, start, end):
            continue
        found.append(_finding(code, comment, text.span(start, end), body.stage))
    return found


def _continued(text: Text, start: int, end: int) -> bool:
    """Whether lines that the Dockerfile continues were joined within a stretch."""
    return text.origin(end - 1) - text.origin(start) != end - 1 - start


def _index(lines: Source, line: int, column: int) -> int:
    line = max(1, min(line, len(lines.line_starts)))
    return min(lines.line_starts[line - 1] + column - 1, len(lines.text))


def _finding(code: str, comment: Comment, span: Span, stage: str) -> Finding:
    return Finding(
        rule=code,
        name=code,
        aliases=(f"shellcheck:{code}",),
        severity=_SEVERITIES.get(comment.level, Severity.WARNING),
        category=CATEGORY,
        message=comment.message,
        advice=f"Read {WIKI}{code}",
        span=span,
        stage=stage,
    )


def _left_out(code: str, body: Body) -> bool:
    knowledge = _knowledge()
    if code in knowledge["excluded"]:
        return True
    if body.at_run_time and code in knowledge["excluded-at-run-time"]:
        return True
    unsure = tuple(knowledge["excluded-for-unknown-shell"])
    return body.dialect == UNKNOWN_SHELL and code.startswith(unsure)


@cache
def _knowledge() -> Any:
    return load("shellcheck")


# ---- the processes


class _Batch(Struct):
    """Scripts that a process reads: the keys of their answers."""

    keys: tuple[str, ...]
    asking: Asking


class Checks(Struct):
    """The scripts of one run on their way through ShellCheck.

    `add` starts processes whenever there are enough scripts, or `now`, so that they are checked
    while dflint goes on with its own work; `finish` waits for the answers.
    """

    tool: Tool
    problem: str | None = None
    _known: dict[str, Comments] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)
    _waiting: list[tuple[str, str]] = field(default_factory=list)
    _running: list[_Batch] = field(default_factory=list)
    _fresh: dict[str, Comments] = field(default_factory=dict)
    _shards: dict[str, dict[str, Comments]] = field(default_factory=dict)
    _identity: str = ""

    def add(self, bodies: Iterable[Body], *, now: bool = False) -> None:
        """Have scripts checked, unless the answer is known."""
        for body in filter(_is_askable, bodies):
            text = program(body)[0].value
            key = self._key(text)
            if key in self._asked:
                continue
            self._asked.add(key)
            known = self._cached(key)
            if known is not None:
                self._known[key] = known
            else:
                self._waiting.append((key, text))
        for each in [each for each in self._running if each.asking.ended]:
            self._take(each)
        self._start_some(1 if now else BATCH)

    def finish(self) -> None:
        """Wait for all answers and remember them; `problem` says what went wrong, if anything."""
        self._start_some(1)
        while self._running:
            self._take(self._running[0])
            self._start_some(1)
        self._known.update(self._fresh)
        if self.tool.cache is not None:
            write_answers(self.tool.cache, self._fresh)
        self._fresh = {}

    def give_up(self) -> None:
        """End all processes."""
        while self._running:
            self._running.pop().asking.give_up()

    def comments(self, body: Body) -> Comments:
        """What ShellCheck says of a script; nothing where it gave no answer."""
        return self._known.get(self._key(program(body)[0].value), ())

    def _key(self, text: str) -> str:
        if self.tool.cache is None:  # a checksum's library takes longer to load than a file to lint
            return text
        if not self._identity:
            self._identity = identity(self.tool.path)
        return digest(
            self._identity.encode("utf-8", "surrogateescape"),
            text.encode("utf-8", "surrogateescape"),
        )

    def _cached(self, key: str) -> Comments | None:
        if self.tool.cache is None:
            return None
        shard = shard_of(key)
        if shard not in self._shards:
            self._shards[shard] = read_answers(self.tool.cache, shard)
        return self._shards[shard].get(key)

    def _start_some(self, least: int) -> None:
        """Start processes, as many as may run, while so many scripts wait."""
        free = self.tool.processes - len(self._running)
        while free > 0 and len(self._waiting) >= least and self.problem is None:
            share = min(BATCH, max(LEAST, least, -(-len(self._waiting) // free)))
            batch, self._waiting = self._waiting[:share], self._waiting[share:]
            try:
                asking = start(self.tool, [text for _, text in batch])
            except ShellCheckError as error:
                self.problem = str(error)  # those that still wait need not try
                return
            self._running.append(_Batch(tuple(key for key, _ in batch), asking))
            free -= 1

    def _take(self, batch: _Batch) -> None:
        """Take the answers of a process, when it has them."""
        self._running.remove(batch)
        try:
            self._fresh.update(zip(batch.keys, answers(batch.asking), strict=True))
        except ShellCheckError as error:
            self.problem = self.problem or str(error)


def _is_askable(body: Body) -> bool:
    """Whether a script is neither too long nor too deep to be read in bounded time."""
    text = body.text.value
    if len(text) > LONGEST:
        return False
    depth = 0
    for match in _OPENS.finditer(text):
        depth = depth + 1 if match[1] else max(0, depth - 1)
        if depth > DEEPEST:
            return False
    return True
