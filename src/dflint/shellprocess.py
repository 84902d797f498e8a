"""One ShellCheck process: program texts in, what it says of each out."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from dflint.knowledge import load
from dflint.shellanswers import Comment, Comments, make_comment

if TYPE_CHECKING:
    from subprocess import Popen

VERSION_TIMEOUT = 10.0  # seconds
BUSYBOX = "shell=busybox\n"
_KEYS = ("line", "endLine", "column", "endColumn", "level", "code", "message")


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


class _Files(Struct):
    """What a process reads, by the names that it is given, and where it writes.

    `numbers` are the open files that it must inherit; `folder` is where it runs.
    """

    names: tuple[str, ...]
    answer: BinaryIO
    folder: str
    numbers: tuple[int, ...] = ()


class Asking(Struct):
    """A process that reads program texts. `answers` must be asked of it, or it be given up."""

    process: Popen[bytes]
    files: _Files
    stack: ExitStack
    timeout: float

    @property
    def ended(self) -> bool:
        """Whether it has read all."""
        return self.process.poll() is not None

    def give_up(self) -> None:
        """End the process, if it has not ended."""
        self.process.kill()
        if self.process.stderr is not None:
            self.process.stderr.close()
        self.process.wait()
        self.stack.close()


def start(tool: Tool, texts: Sequence[str]) -> Asking:
    """A process that reads program texts, while we do something else. Raises ShellCheckError."""
    import subprocess

    if any(BUSYBOX in text for text in texts) and not _knows_busybox(tool):
        texts = [text.replace(BUSYBOX, "shell=dash\n", 1) for text in texts]
    data = [text.encode("utf-8", "replace") for text in texts]
    with ExitStack() as stack:
        try:
            files = _in_memory(data, stack) or _in_folder(data, stack)
            process = subprocess.Popen(
                [tool.path, "--norc", "--format=json1", *files.names],
                cwd=files.folder,
                env=dict(tool.environment),
                stdin=subprocess.DEVNULL,
                stdout=files.answer,
                stderr=subprocess.PIPE,
                pass_fds=files.numbers,
            )
        except OSError as error:
            raise ShellCheckError(error.strerror or str(error)) from None
        _limit(process.pid, tool.timeout, tool.memory)
        return Asking(process, files, stack.pop_all(), tool.timeout)


def answers(asking: Asking) -> list[Comments]:
    """What ShellCheck says of each of the texts, in their order. Raises ShellCheckError."""
    import subprocess

    try:
        # Its output goes to a file, so that it never waits for us; the end of this is its end.
        _, complained = asking.process.communicate(timeout=asking.timeout)
        asking.files.answer.seek(0)
        said = asking.files.answer.read()
    except subprocess.TimeoutExpired:
        raise ShellCheckError(f"no answer within {asking.timeout:g} s") from None
    except OSError as error:
        raise ShellCheckError(error.strerror or str(error)) from None
    finally:
        asking.give_up()
    why = complained.decode("utf-8", "replace").strip().partition("\n")[0]
    why = f": {why}" if why else ""
    if asking.process.returncode not in (0, 1):
        raise ShellCheckError(f"it failed with exit code {asking.process.returncode}{why}")
    try:
        return _read(said, asking.files.names)
    except ShellCheckError as error:
        raise ShellCheckError(f"{error}{why}") from None


def ask(tool: Tool, texts: Sequence[str]) -> list[Comments]:
    """What ShellCheck says of program texts, from one process. Raises ShellCheckError."""
    return answers(start(tool, texts))


def _in_memory(texts: Sequence[bytes], stack: ExitStack) -> _Files | None:
    """Files that exist in memory alone, where the system has such (Linux).

    Nothing that a script holds comes to lie on a disk, and no disk need be there.
    """
    if sys.platform != "linux" or not os.path.isdir("/proc/self/fd"):  # noqa: PTH112
        return None
    try:
        made = [
            stack.enter_context(open(os.memfd_create("dflint"), "w+b", 0))  # noqa: PTH123, SIM115
            for _ in range(len(texts) + 1)
        ]
    except OSError:  # forbidden, or too many
        return None
    *scripts, answer = made
    for file, text in zip(scripts, texts, strict=True):
        file.write(text)
    numbers = tuple(file.fileno() for file in scripts)
    names = tuple(f"/proc/self/fd/{number}" for number in numbers)
    return _Files(names, answer, "/", numbers)


def _in_folder(texts: Sequence[bytes], stack: ExitStack) -> _Files:
    """Files in a folder that is there for the time. Raises OSError."""
    import tempfile

    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dflint-"))
    names = tuple(str(number) for number in range(len(texts)))
    for name, text in zip(names, texts, strict=True):
        (Path(folder) / name).write_bytes(text)
    answer = stack.enter_context((Path(folder) / "answer").open("w+b"))
    return _Files(names, answer, folder)


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
    return version >= tuple(load("shellcheck")["busybox-since"])


def _read(data: bytes, names: Sequence[str]) -> list[Comments]:
    """What json1 says of each of the files, in their order. Raises ShellCheckError."""
    found: dict[str, list[Comment]] = {name: [] for name in names}
    try:
        for row in json.loads(data)["comments"]:
            found[row["file"]].append(make_comment([row[key] for key in _KEYS]))
    except (ValueError, KeyError, TypeError, IndexError):
        raise ShellCheckError("its answer is not the JSON that it should be") from None
    return [tuple(each) for each in found.values()]


def identity(path: str) -> str:
    """What tells one ShellCheck program from another without starting it."""
    try:
        status = Path(path).stat()
    except OSError:
        return path
    return f"{path}\0{status.st_size}\0{status.st_mtime_ns}"
