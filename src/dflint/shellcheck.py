"""Asking ShellCheck about scripts, in few processes side by side; its answers as findings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from dflint.finding import Finding, Severity
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.shards import digest, shard_of
from dflint.shellanswers import Comment, Comments, make_comment, read_answers, write_answers
from dflint.shellbodies import UNKNOWN_SHELL, Body
from dflint.shellcodes import CATEGORY, WIKI
from dflint.source import Source, Span, Text, join, make_source

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

BATCH = 24  # scripts a process: enough that starting it costs little, few enough to share out
VERSION_TIMEOUT = 10.0  # seconds
# ShellCheck's time and memory grow with the square of these; no such script was ever written.
LONGEST = 100_000  # characters
DEEPEST = 60
_KEYS = ("line", "endLine", "column", "endColumn", "level", "code", "message")
_SEVERITIES = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "info": Severity.INFO,
    "style": Severity.STYLE,
}
_BUSYBOX = "shell=busybox\n"
_OPENS = regex(r"([({]|\b(?:if|do|case)\b)|[)}]|\b(?:fi|done|esac)\b")
_LEADING_COMMENTS = regex(r"(?:[ \t\r]*(?:#[^\n]*)?\n)*")


class ShellCheckError(Exception):
    """ShellCheck cannot be run, fails, or does not answer."""


class Tool(Struct, frozen=True):
    """A ShellCheck program and how to run it.

    `cache` is the folder for its answers (None: keep none), `environment` the variables that the
    process gets, `timeout` the seconds that it may take for a batch, `memory` the bytes that it may
    have, `processes` how many may run at once.
    """

    path: str
    cache: Path | None
    environment: Mapping[str, str]
    processes: int = 2
    timeout: float = 60.0
    memory: int = 2 << 30


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


class Checks(Struct):
    """The scripts of one run on their way through ShellCheck.

    `add` starts a process whenever there are enough scripts, so that they are checked while dflint
    goes on with its own work; `finish` waits for the answers.
    """

    tool: Tool
    problem: str | None = None
    _known: dict[str, Comments] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)
    _waiting: list[tuple[str, str]] = field(default_factory=list)
    _running: list[Future[dict[str, Comments]]] = field(default_factory=list)
    _pool: ThreadPoolExecutor | None = None
    _shards: dict[str, dict[str, Comments]] = field(default_factory=dict)
    _identity: str = ""

    def add(self, bodies: Iterable[Body]) -> None:
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
        while len(self._waiting) >= BATCH:
            self._start(BATCH)

    def finish(self) -> None:
        """Wait for all answers and remember them; `problem` says what went wrong, if anything."""
        share = -(-len(self._waiting) // self.tool.processes)
        while self._waiting:
            self._start(share)
        fresh: dict[str, Comments] = {}
        failed = 0
        for future in self._running:
            try:
                fresh.update(future.result())
            except ShellCheckError as error:
                self.problem = self.problem or str(error)
                failed += 1
        if self._pool is not None:
            self._pool.shutdown()
        self._running.clear()
        self._known.update(fresh)
        if self.tool.cache is not None:
            write_answers(self.tool.cache, fresh)

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

    def _start(self, count: int) -> None:
        from concurrent.futures import ThreadPoolExecutor

        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.tool.processes)
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        self._running.append(self._pool.submit(self._run, batch))

    def _run(self, batch: Sequence[tuple[str, str]]) -> dict[str, Comments]:
        if self.problem is not None:
            return {}
        try:
            answers = ask(self.tool, [text for _, text in batch])
        except ShellCheckError as error:
            self.problem = str(error)  # the batches that still wait need not try
            raise
        return {key: answer for (key, _), answer in zip(batch, answers, strict=True)}


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


def identity(path: str) -> str:
    """What tells one ShellCheck program from another without starting it."""
    try:
        status = Path(path).stat()
    except OSError:
        return path
    return f"{path}\0{status.st_size}\0{status.st_mtime_ns}"


def ask(tool: Tool, texts: Sequence[str]) -> list[Comments]:
    """What ShellCheck says of program texts, from one process. Raises ShellCheckError."""
    import subprocess
    import tempfile

    if any(_BUSYBOX in text for text in texts) and not _knows_busybox(tool):
        texts = [text.replace(_BUSYBOX, "shell=dash\n", 1) for text in texts]
    try:
        with tempfile.TemporaryDirectory(prefix="dflint-") as folder:
            for number, text in enumerate(texts):
                (Path(folder) / str(number)).write_bytes(text.encode("utf-8", "replace"))
            names = [str(number) for number in range(len(texts))]
            with subprocess.Popen(
                [tool.path, "--norc", "--format=json1", *names],
                cwd=folder,
                env=dict(tool.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            ) as process:
                _limit(process.pid, tool.timeout, tool.memory)
                try:
                    said, complained = process.communicate(timeout=tool.timeout)
                finally:
                    process.kill()
    except subprocess.TimeoutExpired:
        raise ShellCheckError(f"no answer within {tool.timeout:g} s") from None
    except OSError as error:
        raise ShellCheckError(error.strerror or str(error)) from None
    why = complained.decode("utf-8", "replace").strip().partition("\n")[0]
    why = f": {why}" if why else ""
    if process.returncode not in (0, 1):
        raise ShellCheckError(f"it failed with exit code {process.returncode}{why}")
    try:
        return _answers(said, len(texts))
    except ShellCheckError as error:
        raise ShellCheckError(f"{error}{why}") from None


def _limit(pid: int, seconds: float, memory: int) -> None:
    """Have a process end some time, and when it takes too much memory (Linux).

    It ends even if this one is killed and cannot see to it. What counts is memory that may be
    written to: programs made by GHC set aside a terabyte of addresses when they start.
    """
    try:
        import resource

        most = int(2 * seconds) + 1
        resource.prlimit(pid, resource.RLIMIT_CPU, (most, most))
        resource.prlimit(pid, resource.RLIMIT_DATA, (memory, memory))
    except (ImportError, AttributeError, OSError):  # another system, or the process has ended
        return


@cache
def _version(tool_path: str, environment: tuple[tuple[str, str], ...]) -> tuple[int, ...]:
    """ShellCheck's version; empty if it does not say."""
    import subprocess

    try:
        done = subprocess.run(
            [tool_path, "--version"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=VERSION_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(rb"version: (\d+(?:\.\d+)*)", done.stdout)
    return tuple(int(part) for part in found[1].split(b".")) if found else ()


def _knows_busybox(tool: Tool) -> bool:
    version = _version(tool.path, tuple(sorted(tool.environment.items())))
    return version >= tuple(_knowledge()["busybox-since"])


def _answers(data: bytes, count: int) -> list[Comments]:
    """What json1 says of each of the files 0, 1, 2, …. Raises ShellCheckError."""
    answers: list[list[Comment]] = [[] for _ in range(count)]
    try:
        for row in json.loads(data)["comments"]:
            answers[int(row["file"])].append(make_comment([row[key] for key in _KEYS]))
    except (ValueError, KeyError, TypeError, IndexError):
        raise ShellCheckError("its answer is not the JSON that it should be") from None
    return [tuple(each) for each in answers]
