from __future__ import annotations

import grp
import os
import pwd
import sys
import threading
from pathlib import Path

import pytest

from porthole import facts
from porthole.text import duration, show


def test_user_is_the_one_of_this_process() -> None:
    user = facts.user()
    assert (user.uid, user.gid) == (os.geteuid(), os.getegid())
    assert any(str(user.gid) in group for group in user.groups)


def test_a_number_without_a_name_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    monkeypatch.setattr(os, "getegid", lambda: 54322)
    monkeypatch.setattr(os, "getgroups", lambda: [7])
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(grp, "getgrgid", unknown)
    monkeypatch.setenv("HOME", "/somewhere")
    assert facts.user() == facts.User(None, 54321, 54322, ("7", "54322"), "/somewhere")


def test_python_is_this_one() -> None:
    python = facts.python()
    assert python.executable == sys.executable
    assert python.version.startswith(f"{sys.version_info.major}.{sys.version_info.minor}.")
    assert python.venv == (python.prefix != python.base_prefix)


def test_system_without_a_release_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> dict[str, str]:
        raise OSError("no os-release")

    monkeypatch.setattr("platform.freedesktop_os_release", missing)
    assert facts.system().distribution == "unknown"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"commit": "abc", "built": "today"}', facts.Version("abc", "today")),
        ('{"commit": "abc"}', facts.Version("abc", "unknown")),
        ('{"commit": "", "built": 5}', facts.Version("unknown", "unknown")),
        ('["abc"]', facts.Version("unknown", "unknown")),
        ("not json", facts.Version("unknown", "unknown")),
        (b"\xff\xfe", facts.Version("unknown", "unknown")),
    ],
)
def test_version_file(tmp_path: Path, content: str | bytes, expected: facts.Version) -> None:
    file = tmp_path / "version.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert facts.version(file) == expected


def test_a_version_is_known_when_both_parts_are() -> None:
    assert facts.Version("abc", "today").known
    assert not facts.Version("abc", "unknown").known


def test_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = str(tmp_path / "missing")
    monkeypatch.setattr(facts, "FOLDERS", (str(tmp_path), missing))
    assert facts.folders(str(tmp_path)) == (
        facts.Folder(str(tmp_path), exists=True, writable=True),
        facts.Folder(missing, exists=False, writable=False),
    )
    assert len(facts.folders(None)) == 2


def test_tally_loses_nothing_between_threads() -> None:
    tally = facts.Tally()

    def count() -> None:
        for _ in range(1000):
            tally.count()

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tally.served == 8000


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (67, "1 min 07 s"),
        (3599, "59 min 59 s"),
        (7500, "2 h 05 min"),
        (385_200, "4 d 11 h"),
    ],
)
def test_duration(seconds: int, text: str) -> None:
    assert duration(seconds) == text


def test_show() -> None:
    assert [show(value) for value in (None, True, False, 0, ("a", 1), "b")] == [
        "none",
        "yes",
        "no",
        "0",
        "a, 1",
        "b",
    ]
