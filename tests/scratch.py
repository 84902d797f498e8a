"""Scratch repositories and copies of this checkout, for tests of what others run."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
BAD = "FROM alpine:3.22\nRUN apk add curl=8.14.1-r2\nUSER 1000\n"
CLEAN = "FROM alpine:3.22\nRUN apk add --no-cache curl=8.14.1-r2\nUSER 1000\n"

# Nothing of the user's own, and nothing of a hook that runs these tests.
SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "test",
    "GIT_AUTHOR_EMAIL": "test@example.org",
    "GIT_COMMITTER_NAME": "test",
    "GIT_COMMITTER_EMAIL": "test@example.org",
}
NOT_OURS = ("GIT_", "GITHUB_", "RUNNER_", "DFLINT_")


def run(
    *words: str | Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program as on a machine that knows nothing of us."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(NOT_OURS)}
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**clean, **SETTINGS, **(env or {})},
        capture_output=True,
        encoding="utf-8",
    )


def git(*words: str | Path, cwd: Path) -> str:
    """What git prints."""
    done = run("git", *words, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(folder: Path, message: str = "a change") -> str:
    """Commit everything; the commit's name."""
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--message", message, cwd=folder)
    return git("rev-parse", "HEAD", cwd=folder)


def copy_checkout(folder: Path) -> Path:
    """A copy of this checkout as a repository, without what is not part of it."""
    # Whoever runs the tests need not own the checkout.
    words = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    listed = git("-c", "safe.directory=*", *words, cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git("init", "--quiet", "--initial-branch", "main", cwd=folder)
    commit(folder)
    return folder
