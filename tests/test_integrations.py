"""The pre-commit hook and the GitHub Action, each really run on a scratch repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
BAD = "FROM python:3.13-slim\nRUN pip install flask==3.1.2\nUSER 1000\n"
CLEAN = "FROM python:3.13-slim\nRUN pip install --no-cache-dir flask==3.1.2\nUSER 1000\n"


def run(
    *words: str | Path, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
    )


def git(*words: str | Path, cwd: Path) -> None:
    identity = [
        "-c",
        "user.name=test",
        "-c",
        "user.email=test@example.org",
        "-c",
        "commit.gpgsign=false",
    ]
    done = run("git", *identity, *words, cwd=cwd)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout, without what is not part of it."""
    copy = tmp_path_factory.mktemp("checkout") / "dflint"
    unwanted = shutil.ignore_patterns(
        ".git", ".venv", "*cache*", "dist", "build", "__pycache__", "*.egg-info", ".hypothesis"
    )
    shutil.copytree(
        ROOT,
        copy,
        ignore=lambda folder, names: unwanted(folder, names) if Path(folder) == ROOT else [],
    )
    return copy


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with two Dockerfiles, the second of them clean."""
    folder = tmp_path / "repository"
    (folder / "web app").mkdir(parents=True)
    (folder / "web app" / "Dockerfile").write_text(BAD)
    (folder / "worker.Dockerfile").write_text(CLEAN)
    (folder / "notes.txt").write_text(BAD)
    git("init", "--quiet", cwd=folder)
    git("add", ".", cwd=folder)
    return folder


def test_the_hook_passes_and_fails(checkout: Path, repository: Path, tmp_path: Path) -> None:
    if not (checkout / ".git").exists():
        git("init", "--quiet", cwd=checkout)
        git("add", ".", cwd=checkout)
        git("commit", "--quiet", "--message", "all", cwd=checkout)
    revision = run("git", "rev-parse", "HEAD", cwd=checkout).stdout.strip()
    hooks = {"repos": [{"repo": str(checkout), "rev": revision, "hooks": [{"id": "dflint"}]}]}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(hooks))
    git("add", ".", cwd=repository)
    home = {"PRE_COMMIT_HOME": str(tmp_path / "hooks")}

    def hook() -> subprocess.CompletedProcess[str]:
        return run(
            sys.executable, "-m", "pre_commit", "run", "--all-files", cwd=repository, env=home
        )

    failed = hook()
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "web app/Dockerfile:2:5: warning[DF201] pip-no-cache" in failed.stdout
    assert "notes.txt" not in failed.stdout
    (repository / "web app" / "Dockerfile").write_text(CLEAN)
    passed = hook()
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "Passed" in passed.stdout


def test_the_hook_takes_dockerfiles_and_nothing_else() -> None:
    hook, fixing = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert {key: hook[key] for key in ("files", "exclude", "types")} == {
        key: fixing[key] for key in ("files", "exclude", "types")
    }
    files, exclude = re.compile(hook["files"]), re.compile(hook["exclude"])

    def taken(path: str) -> bool:
        return files.search(path) is not None and exclude.search(path) is None

    for path in (
        "Dockerfile",
        "a/Dockerfile.prod",
        "a/api.Dockerfile",
        "Containerfile",
        "x/dockerfile",
    ):
        assert taken(path), path
    for path in (
        "Dockerfile.j2",
        "Dockerfile.dockerignore",
        "docs/Dockerfile.md",
        "myDockerfile",
        "dockerfile/x.py",
    ):
        assert not taken(path), path


def lint(
    checkout: Path, repository: Path, tmp_path: Path, **inputs: str
) -> subprocess.CompletedProcess[str]:
    env = {"GITHUB_ACTION_PATH": str(checkout), "RUNNER_TEMP": str(tmp_path), **inputs}
    return run(checkout / "action" / "lint.sh", cwd=repository, env=env)


def test_the_action_annotates_and_fails(checkout: Path, repository: Path, tmp_path: Path) -> None:
    done = lint(checkout, repository, tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "::warning file=web app/Dockerfile,line=2," in done.stdout
    assert lint(checkout, repository, tmp_path, DFLINT_FAIL_ON="error").returncode == 0
    assert lint(checkout, repository, tmp_path, DFLINT_PATHS="worker.Dockerfile").returncode == 0
    both = lint(checkout, repository, tmp_path, DFLINT_PATHS="web app\nworker.Dockerfile")
    assert "web app/Dockerfile" in both.stdout
    assert lint(checkout, repository, tmp_path, DFLINT_PATHS="missing").returncode == 2
    (tmp_path / "own.toml").write_text('ignore = ["pip-no-cache"]\n')
    own = lint(checkout, repository, tmp_path, DFLINT_CONFIG=str(tmp_path / "own.toml"))
    assert "pip-no-cache" not in own.stdout


def test_the_action_hands_every_input_to_its_script() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    (step,) = action["runs"]["steps"]
    script = (ROOT / "action" / "lint.sh").read_text()
    handed = {name: value.strip("${} ") for name, value in step["env"].items()}
    assert set(handed.values()) == {f"inputs.{name}" for name in action["inputs"]}
    assert all(f"${{{name}:-" in script for name in handed)
    assert (ROOT / "action" / "lint.sh").stat().st_mode & 0o111
