"""The pre-commit hooks, really run on a scratch repository."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from dflint.discover import is_dockerfile_name
from tests.scratch import BAD, CLEAN, ROOT, copy_checkout, git, run

HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
NAMES = [
    first + last
    for first, last in itertools.product(
        ("Dockerfile", "dockerfile", "Containerfile", "containerfile", "DOCKERFILE", "myDockerfile",
         "api.Dockerfile", "api.dockerfile", "api.Containerfile", "api.containerfile", ".Dockerfile",
         "Dockerfile.api.Dockerfile", "Dockerfile ü", "web app.Dockerfile"),
        ("", ".prod", ".a.b", ".", "-dev", "~", ".j2", ".jinja", ".jinja2", ".jinja3", ".tmpl", ".tpl",
         ".template", ".erb", ".mustache", ".in", ".main", ".dockerignore", ".md", ".cmd", ".bak", ".orig",
         ".swp", ".rej", ".sh", ".py", ".yml", ".yaml", ".yaaml", ".json", ".txt", ".J2", ".prod~"),
    )
]  # fmt: skip


class Repository:
    """A git repository whose pre-commit has a hook of this checkout."""

    def __init__(self, folder: Path, checkout: Path, home: Path) -> None:
        self.folder, self.checkout, self.home = folder, checkout, home
        (folder / "web app").mkdir(parents=True)
        (folder / "web app" / "Dockerfile").write_text(BAD)
        (folder / "worker.Dockerfile").write_text(CLEAN)
        (folder / "Dockerfile.j2").write_text(BAD)
        (folder / "notes.txt").write_text(BAD)
        git("init", "--quiet", cwd=folder)

    def hook(self, name: str, *args: str) -> subprocess.CompletedProcess[str]:
        revision = git("rev-parse", "HEAD", cwd=self.checkout)
        hook = {"id": name, **({"args": list(args)} if args else {})}
        hooks = {"repos": [{"repo": str(self.checkout), "rev": revision, "hooks": [hook]}]}
        (self.folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(hooks))
        git("add", ".", cwd=self.folder)
        program = (sys.executable, "-m", "pre_commit", "run", "--all-files")
        return run(*program, cwd=self.folder, env={"PRE_COMMIT_HOME": str(self.home)})


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """This checkout's copy, and where pre-commit keeps the environment it makes of it, once."""
    folder = tmp_path_factory.mktemp("hooks")
    return copy_checkout(folder / "dflint"), folder / "home"


@pytest.fixture
def repository(tmp_path: Path, installed: tuple[Path, Path]) -> Repository:
    return Repository(tmp_path / "repository", *installed)


def test_the_hook_passes_and_fails(repository: Repository) -> None:
    failed = repository.hook("dflint")
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "web app/Dockerfile:2:5: warning[DF203] apk-no-cache" in failed.stdout
    assert failed.stdout.count("DF203") == 1
    (repository.folder / "web app" / "Dockerfile").write_text(CLEAN)
    passed = repository.hook("dflint")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "Passed" in passed.stdout


def test_the_hook_takes_arguments(repository: Repository) -> None:
    passed = repository.hook("dflint", "--fail-on=error")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    failed = repository.hook("dflint", "--output-format=concise", "--select=DF203")
    assert failed.returncode == 1
    assert failed.stdout.count("DF203") == 1


def test_the_hook_mends(repository: Repository) -> None:
    mended = repository.hook("dflint-fix")
    assert mended.returncode == 1, mended.stdout + mended.stderr
    assert "files were modified by this hook" in mended.stdout
    assert (repository.folder / "web app" / "Dockerfile").read_text() == CLEAN
    assert (repository.folder / "Dockerfile.j2").read_text() == BAD
    again = repository.hook("dflint-fix")
    assert again.returncode == 0, again.stdout + again.stderr


def test_the_hook_sees_no_other_files(repository: Repository) -> None:
    (repository.folder / "web app" / "Dockerfile").unlink()
    (repository.folder / "worker.Dockerfile").unlink()
    skipped = repository.hook("dflint")
    assert skipped.returncode == 0
    assert "(no files to check)Skipped" in skipped.stdout


@pytest.mark.parametrize("hook", HOOKS, ids=[hook["id"] for hook in HOOKS])
@pytest.mark.parametrize("folder", ["", "a/", "Dockerfile/", "a.j2/b c/"])
def test_the_hooks_take_what_a_folder_is_searched_for(hook: dict[str, Any], folder: str) -> None:
    files, exclude = re.compile(hook["files"]), re.compile(hook["exclude"])

    def taken(path: str) -> bool:
        return files.search(path) is not None and exclude.search(path) is None

    told = {name: taken(folder + name) for name in NAMES}
    assert told == {name: is_dockerfile_name(name) for name in NAMES}
    assert set(told.values()) == {True, False}


def test_pre_commit_accepts_the_hooks() -> None:
    program = (sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml")
    done = run(*program, cwd=ROOT)
    assert done.returncode == 0, done.stdout
    for hook in HOOKS:
        assert hook["require_serial"] is True
        assert hook["types"] == ["text"]
