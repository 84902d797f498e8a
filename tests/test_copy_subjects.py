"""What `copy`, `copy-source` and `context-file` say of a build context on disk."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dflint.config import command_line, default_config
from dflint.context import Unwanted, memory_context, open_context
from dflint.lint import lint, make_linter
from dflint.model import make_build
from dflint.reader import read
from dflint.scripts import make_scripts
from dflint.source import make_source
from dflint.subjects.base import Facts
from dflint.subjects.context_file import context_file_places
from dflint.subjects.copy import (
    extent,
    near_path,
    readable_count,
    readable_size,
    source_places,
    true_context,
)


def facts_of(text: str, folder: Path | None = None, files: dict[str, str] | None = None) -> Facts:
    build = make_build(read(make_source("Dockerfile", text)))
    context = memory_context(files) if files is not None else None
    if folder is not None:
        context = open_context(folder / "Dockerfile", None)
    return Facts(build, make_scripts(build), context, date(2026, 11, 21))


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (9940, "9.9 kB"),
        (9960, "10 kB"),
        (999_400, "999 kB"),
        (999_600, "1.0 MB"),
        (35_000_000, "35 MB"),
        (2_340_000_000, "2.3 GB"),
        (5_000_000_000_000, "5000 GB"),
    ],
)
def test_sizes_are_said_as_people_say_them(count: int, text: str) -> None:
    assert readable_size(count) == text


def test_what_was_not_counted_to_the_end_is_at_least_so_much() -> None:
    assert readable_count(1204, 35_000_000, counted=True) == "1,204 files, 35 MB"
    assert readable_count(1, 10, counted=False) == "at least 1 file, 10 bytes"


def test_many_places_are_cut_short() -> None:
    paths = tuple(f"{name}/__pycache__" for name in "abcdef")
    found = Unwanted("pycache", "compiled Python files", "cache", paths, 9, 90, True, ())
    assert extent(found) == "a/__pycache__, b/__pycache__ and 4 more, 9 files, 90 bytes"


def test_a_folder_of_dockerfiles_alone_is_not_taken_for_the_context(tmp_path: Path) -> None:
    for name in ("Dockerfile", "docker-compose.yml", "entrypoint.sh"):
        (tmp_path / name).write_text("x")
    whole = "FROM scratch\nCOPY . /app\n"
    assert true_context(facts_of(whole, tmp_path)) is None
    assert true_context(facts_of("FROM scratch\nCOPY entrypoint.sh /\n", tmp_path)) is not None
    (tmp_path / "app.py").write_text("x")
    assert true_context(facts_of(whole, tmp_path)) is not None


@pytest.mark.parametrize("below", [".devcontainer", ".molecule/default", "service/.ci"])
def test_a_tools_folder_is_not_taken_for_the_context(below: str, tmp_path: Path) -> None:
    folder = tmp_path / below
    folder.mkdir(parents=True)
    (folder / "app.py").write_text("x")
    whole = "FROM scratch\nCOPY . /app\n"
    assert true_context(facts_of(whole, folder)) is None
    assert true_context(facts_of("FROM scratch\nCOPY app.py /\n", folder)) is not None
    (folder / ".git").mkdir()
    assert true_context(facts_of(whole, folder)) is not None


def test_a_repository_in_a_hidden_folder_is_taken_for_the_context(tmp_path: Path) -> None:
    folder = tmp_path / ".worktrees" / "mine"
    folder.mkdir(parents=True)
    (folder / "app.py").write_text("x")
    (folder / ".git").write_text("gitdir: x")
    assert true_context(facts_of("FROM scratch\nCOPY . /app\n", folder)) is not None


def test_an_ignore_file_further_up_makes_the_folder_doubtful(tmp_path: Path) -> None:
    folder = tmp_path / "repository" / "service"
    folder.mkdir(parents=True)
    (folder / "app.py").write_text("x")
    (tmp_path / ".dockerignore").write_text(".git\n")
    whole = "FROM scratch\nCOPY . /app\n"
    assert true_context(facts_of(whole, folder)) is None
    (tmp_path / "repository" / ".git").mkdir()
    assert true_context(facts_of(whole, folder)) is not None
    (tmp_path / "repository" / ".dockerignore").write_text(".git\n")
    assert true_context(facts_of(whole, folder)) is None
    (folder / ".dockerignore").write_text(".git\n")
    assert true_context(facts_of(whole, folder)) is not None


@pytest.mark.parametrize(
    ("written", "near"),
    [
        ("Src/App.py", None),
        ("src/App.py", "src/app.py"),
        ("./src/ap.py", "./src/app.py"),
        ("SRC/", "src/"),
        ("elsewhere", None),
        ("src/pap.py", "src/app.py"),
        ("src/apq.py", "src/app.py"),
        ("src/pp.pi", None),
        ("src/app2.py", None),
    ],
)
def test_the_nearest_path_keeps_the_way_it_was_written(written: str, near: str | None) -> None:
    facts = facts_of(f"FROM scratch\nCOPY {written} /app/\n", files={"src/app.py": "x"})
    assert [near_path(at) for at in source_places(facts)] == [near]


def test_what_is_unwanted_is_reported_at_the_first_copy_that_takes_it() -> None:
    text = "FROM scratch\nCOPY src /a\nCOPY src /b\nCOPY . /c\n"
    files = {"src/.env": "TOKEN=b\n", ".git/HEAD": "ref: x\n"}
    places = [
        (at.found.id, at.step.words[-1].value, at.whole)
        for at in context_file_places(facts_of(text, files=files))
    ]
    assert places == [("dotenv", "/a", False), ("git", "/c", True)]


def test_a_folder_above_that_has_what_is_missing_is_the_context(tmp_path: Path) -> None:
    """`docker build -f frontend/Dockerfile .` from the repository's root."""
    front = tmp_path / "frontend"
    front.mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "bun.lock").touch()
    (front / "package.json").touch()
    dockerfile = front / "Dockerfile"
    text = "FROM node:24-slim\nCOPY package.json bun.lock /app/\nCOPY frontend/package.json /app/frontend/\n"
    dockerfile.write_text(text)
    linter = make_linter(command_line(default_config(), select=("copy-source-missing",)))
    assert lint(dockerfile, linter).findings == ()
    dockerfile.write_text(
        text.replace("bun.lock", "bun.lokc").replace("frontend/package.json", "other")
    )
    assert [each.name for each in lint(dockerfile, linter).findings] == ["copy-source-missing"] * 2
