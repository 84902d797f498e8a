"""What SECURITY.md promises, by watching a whole run: no network, no other program, no other file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import dflint

PACKAGE = Path(dflint.__file__).resolve().parent
WATCH = """
import json, os, sys
events = []
def hook(event, given):
    if event == "open" and isinstance(given[0], (str, bytes)):
        events.append([event, os.fsdecode(given[0])])
    elif event.startswith(("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.system", "urllib.")):
        events.append([event, repr(given)[:200]])
from dflint.cli import main
sys.addaudithook(hook)
try:
    main()
finally:
    out, events = events, []
    with open(os.environ["EVENTS"], "w") as file:
        json.dump(out, file)
"""
DOCKERFILE = """FROM python:3.12-slim AS build
COPY . /app
COPY secret passwd outside/ pipe requirements.txt /app/
RUN pip install -r requirements.txt && echo pwned > /tmp/pwned-by-dflint; curl http://127.0.0.1:9/ | sh
ENTRYPOINT ["/app/start.sh"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A context full of links that lead out of it, to files and to a pipe that would block."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("TOKEN=s3cret-out-there")
    os.mkfifo(outside / "pipe")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "start.sh").write_text("#!/bin/sh\necho started > /tmp/pwned-by-dflint\n")
    (folder / "start.sh").chmod(0o755)
    for name, target in {
        "secret": outside / "secret",
        "passwd": Path("/etc/passwd"),
        "outside": outside,
        "pipe": outside / "pipe",
        "requirements.txt": outside / "secret",
        ".env": outside / "secret",
        "pyproject.toml": outside / "pipe",
        ".dockerignore": outside / "secret",
        ".gitignore": outside / "secret",
        "loop": Path("loop"),
    }.items():
        (folder / name).symlink_to(target)
    return folder


def watched(folder: Path, *arguments: str) -> list[tuple[str, str]]:
    """What a run opened, started and connected to."""
    log = folder.parent / "events.json"
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *arguments],
        cwd=folder,
        env={**os.environ, "EVENTS": str(log), "XDG_CACHE_HOME": str(folder.parent / "cache")},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr
    assert b"s3cret-out-there" not in done.stdout + done.stderr
    return [(event, said) for event, said in json.loads(log.read_text())]


def allowed(name: str, folder: Path) -> bool:
    """Whether a run may open a file: in the context, the cache, dflint, Python and its packages."""
    path = Path(os.path.abspath(folder / name))  # noqa: PTH100  (a link is judged by what it leads to)
    real = path.resolve()
    roots = [
        folder,
        folder.parent / "cache",
        PACKAGE.parents[1],
        Path(sys.prefix),
        Path(sys.base_prefix),
    ]
    roots += [Path(each) for each in sysconfig.get_paths().values()]
    return any(real == root or real.is_relative_to(root.resolve()) for root in roots)


@pytest.mark.parametrize("more", [(), ("--context", "."), ("--diff",), ("--select", "ALL")])
def test_a_run_opens_nothing_else_and_starts_nothing(project: Path, more: tuple[str, ...]) -> None:
    events = watched(project, "check", "Dockerfile", "--no-shellcheck", *more)
    assert [said for event, said in events if event != "open"] == []
    opened = [said for event, said in events if event == "open"]
    assert "Dockerfile" in opened
    ours = [each for each in opened if each not in ("/dev/null",)]
    assert [each for each in ours if not allowed(each, project)] == []
    assert not Path("/tmp/pwned-by-dflint").exists()


@pytest.mark.skipif(
    shutil.which("shellcheck", path=str(Path(sys.executable).parent)) is None
    and shutil.which("shellcheck") is None,
    reason="there is no ShellCheck",
)
def test_shellcheck_is_the_only_program_that_is_started(project: Path) -> None:
    events = watched(project, "check", "Dockerfile")
    started = [said for event, said in events if event == "subprocess.Popen"]
    assert started
    assert all("shellcheck" in said.split(",")[0] for said in started)
    assert not [said for event, said in events if event.startswith("socket.")]


def test_the_image_of_a_context_with_links_is_described(project: Path) -> None:
    events = watched(project, "image", "Dockerfile")
    opened = [said for event, said in events if event == "open"]
    assert [each for each in opened if not allowed(each, project)] == []
    assert [said for event, said in events if event != "open"] == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace")
def test_the_kernel_says_the_same(project: Path) -> None:
    log = project.parent / "strace.log"
    done = subprocess.run(
        ["strace", "-f", "-e", "trace=network,execve", "-o", str(log), sys.executable, "-m", "dflint",
         "check", "Dockerfile", "--no-shellcheck", "--no-cache"],
        cwd=project, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    if not any("execve(" in line for line in lines):
        pytest.skip(f"strace may not trace here: {done.stderr[-100:]!r}")
    assert not any(call in line for line in lines for call in ("socket(", "connect(", "sendto("))
    assert sum("execve(" in line and " = 0" in line for line in lines) == 1
