"""Facts about the container and the process, each collected by one function as plain values."""

from __future__ import annotations

import grp
import json
import os
import platform
import pwd
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("/", "/app", "/opt/venv", "/tmp", "/dev/shm")
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class User:
    """Whom the process runs as; names are None where /etc/passwd or /etc/group has none."""

    name: str | None
    uid: int
    gid: int
    groups: tuple[str, ...]
    home: str | None


@dataclass(frozen=True, slots=True)
class Python:
    version: str
    executable: str
    prefix: str
    base_prefix: str
    venv: bool


@dataclass(frozen=True, slots=True)
class System:
    distribution: str
    machine: str
    hostname: str
    cpus: int
    root_read_only: bool


@dataclass(frozen=True, slots=True)
class Worker:
    """The process that answered: a server with several workers has several of these."""

    pid: int
    server: str
    worker_class: str | None
    uptime_seconds: int
    requests_served: int


@dataclass(frozen=True, slots=True)
class Version:
    commit: str
    built: str

    @property
    def known(self) -> bool:
        return UNKNOWN not in (self.commit, self.built)


@dataclass(frozen=True, slots=True)
class Folder:
    path: str
    exists: bool
    writable: bool


class Tally:
    """How long this worker runs and how many requests it has served; safe between threads."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._served = 0
        self._lock = threading.Lock()

    def count(self) -> None:
        with self._lock:
            self._served += 1

    @property
    def served(self) -> int:
        return self._served

    @property
    def uptime_seconds(self) -> int:
        return int(time.monotonic() - self._started)


def user() -> User:
    uid = os.geteuid()
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:  # `docker run --user 12345`: a number alone is enough for the kernel
        return User(None, uid, os.getegid(), _groups(), os.environ.get("HOME"))
    return User(entry.pw_name, uid, os.getegid(), _groups(), entry.pw_dir)


def _groups() -> tuple[str, ...]:
    return tuple(_group(gid) for gid in sorted({os.getegid(), *os.getgroups()}))


def _group(gid: int) -> str:
    try:
        return f"{grp.getgrgid(gid).gr_name} ({gid})"
    except KeyError:
        return str(gid)


def python() -> Python:
    return Python(
        version=platform.python_version(),
        executable=sys.executable,
        prefix=sys.prefix,
        base_prefix=sys.base_prefix,
        venv=sys.prefix != sys.base_prefix,
    )


def system() -> System:
    try:
        distribution = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        distribution = UNKNOWN
    return System(
        distribution=distribution,
        machine=platform.machine(),
        hostname=platform.node(),
        cpus=len(os.sched_getaffinity(0)),
        root_read_only=bool(os.statvfs("/").f_flag & os.ST_RDONLY),
    )


def worker(tally: Tally, server: str, worker_class: str | None) -> Worker:
    return Worker(os.getpid(), server, worker_class, tally.uptime_seconds, tally.served)


def version(path: Path) -> Version:
    """What the build wrote into the version file; "unknown" for what is not there."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict):
        content = {}
    return Version(commit=_text(content.get("commit")), built=_text(content.get("built")))


def _text(value: object) -> str:
    return value[:80] if isinstance(value, str) and value else UNKNOWN


def folders(home: str | None) -> tuple[Folder, ...]:
    """The folders that matter, and the user's home unless it is one of them."""
    paths = dict.fromkeys((*FOLDERS, home) if home else FOLDERS)
    return tuple(
        Folder(path, exists=Path(path).is_dir(), writable=os.access(path, os.W_OK))
        for path in paths
    )
