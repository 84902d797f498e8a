"""Which files are taken for Dockerfiles, and what git ignores."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dflint.discover import discover, is_dockerfile_name


def tree(root: Path, files: str) -> None:
    """Make files, one a line: a path, or `path: first line, second line`."""
    for line in files.strip().splitlines():
        name, _, text = line.strip().partition(": ")
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{each}\n" for each in text.split(", ")), encoding="utf-8")


def names(root: Path, *paths: str, exclude: tuple[str, ...] = (), base: str = ".") -> list[str]:
    """The files found from paths below a folder, as paths below it."""
    found = discover([root / each for each in paths or ("",)], exclude, root / base)
    return [each.relative_to(root).as_posix() for each in found.files]


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("Dockerfile", True),
        ("dockerfile", True),
        ("Containerfile", True),
        ("Dockerfile.dev", True),
        ("Dockerfile.3.12-slim", True),
        ("Containerfile.dev", True),
        ("app.Dockerfile", True),
        ("app.dockerfile", True),
        ("app.Containerfile", True),
        ("a.b.dockerfile", True),
        ("Dockerfile.", False),
        (".Dockerfile", False),
        ("Dockerfile-dev", False),
        ("DOCKERFILE", False),
        ("MyDockerfile", False),
        ("dockerfile.go", False),
        ("Dockerfile.j2", False),
        ("Dockerfile.dev.jinja2", False),
        ("Dockerfile.in", False),
        ("Dockerfile.dockerignore", False),
        ("app.Dockerfile.dockerignore", False),
        ("Dockerfile.md", False),
        ("Dockerfile.txt", False),
        ("Dockerfile.bak", False),
        ("Dockerfile.dev~", False),
        ("Dockerfile~", False),
        ("Dockerfile.yaml", False),
        ("Dockerfile.main", True),
        ("Dockerfile\n", False),
    ],
)
def test_names(name: str, taken: bool) -> None:
    assert is_dockerfile_name(name) is taken


def test_a_folder_is_walked_in_the_order_of_names(tmp_path: Path) -> None:
    tree(tmp_path, "b/Dockerfile\nDockerfile\na/x/Dockerfile\na/Dockerfile.dev\nz.Dockerfile\na/y")
    expected = ["Dockerfile", "a/Dockerfile.dev", "a/x/Dockerfile", "b/Dockerfile", "z.Dockerfile"]
    assert names(tmp_path) == expected


def test_folders_that_hold_other_peoples_files(tmp_path: Path) -> None:
    tree(
        tmp_path,
        """
        .git/Dockerfile
        node_modules/a/Dockerfile
        a/node_modules/Dockerfile
        .venv/Dockerfile
        .tox/Dockerfile
        __pycache__/Dockerfile
        env/pyvenv.cfg
        env/lib/Dockerfile
        .devcontainer/Dockerfile
        """,
    )
    assert names(tmp_path) == [".devcontainer/Dockerfile"]
    assert names(tmp_path, "env", "node_modules") == [
        "env/lib/Dockerfile",
        "node_modules/a/Dockerfile",
    ]


def test_a_file_that_is_named_is_always_taken(tmp_path: Path) -> None:
    tree(tmp_path, ".gitignore: *\na/Dockerfile.j2\nnotes.md")
    assert names(tmp_path, "a/Dockerfile.j2", "notes.md", exclude=("notes.md",)) == [
        "a/Dockerfile.j2",
        "notes.md",
    ]


def test_missing_paths(tmp_path: Path) -> None:
    tree(tmp_path, "Dockerfile")
    (tmp_path / "dangling").symlink_to("nowhere")
    paths = [tmp_path / each for each in ("x", "Dockerfile", "dangling", "Dockerfile/y", "a\0b")]
    found = discover(paths)
    assert found.files == (tmp_path / "Dockerfile",)
    assert found.missing == (paths[0], *paths[2:])


def test_paths_come_back_as_they_are_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "Dockerfile\na/Dockerfile")
    monkeypatch.chdir(tmp_path)
    assert list(map(str, discover([Path()]).files)) == ["Dockerfile", "a/Dockerfile"]
    assert list(map(str, discover([Path("./a")]).files)) == ["a/Dockerfile"]
    monkeypatch.chdir(tmp_path / "a")
    assert list(map(str, discover([Path("../")]).files)) == ["../Dockerfile", "../a/Dockerfile"]
    assert list(map(str, discover([tmp_path / "a"]).files)) == [f"{tmp_path}/a/Dockerfile"]


def test_no_file_comes_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "Dockerfile\na/Dockerfile")
    monkeypatch.chdir(tmp_path)
    paths = [Path("a"), Path(), Path("a/Dockerfile"), Path("a/../Dockerfile"), tmp_path]
    assert list(map(str, discover(paths).files)) == ["a/Dockerfile", "Dockerfile"]


def test_links(tmp_path: Path) -> None:
    tree(tmp_path, "a/Dockerfile\nelsewhere/b/Dockerfile")
    root = tmp_path / "a"
    (root / "loop").symlink_to(root)
    (root / "up").symlink_to("..")
    (root / "linked").symlink_to(tmp_path / "elsewhere")
    (root / "Dockerfile.self").symlink_to("Dockerfile.self")
    (root / "Dockerfile.gone").symlink_to("nowhere")
    (root / "Dockerfile.link").symlink_to("Dockerfile")
    (root / "Dockerfile.folder").symlink_to(tmp_path / "elsewhere")
    assert names(root) == ["Dockerfile", "Dockerfile.link"]
    assert names(root, "linked") == ["linked/b/Dockerfile"]


def test_a_folder_that_cannot_be_listed_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(tmp_path, "a/Dockerfile\nb/Dockerfile")
    scandir = os.scandir

    def guarded(path: str) -> object:
        if path.endswith("/a/"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("dflint.discover.os.scandir", guarded)
    assert names(tmp_path) == ["b/Dockerfile"]


# A tree, and what is found in it.
IGNORES = {
    "names": (".gitignore: Dockerfile.old\nDockerfile\nDockerfile.old\na/Dockerfile.old", ["Dockerfile"]),
    "a folder": (".gitignore: build/\nbuild/Dockerfile\nsrc/build/Dockerfile\nb/Dockerfile", ["b/Dockerfile"]),
    "anchored": (".gitignore: /build\nbuild/Dockerfile\nb/build/Dockerfile", ["b/build/Dockerfile"]),
    "a folder pattern is not for files": (".gitignore: Dockerfile/\nDockerfile", ["Dockerfile"]),
    "negation": (
        ".gitignore: Dockerfile.*, !Dockerfile.keep\nDockerfile.keep\nDockerfile.x",
        ["Dockerfile.keep"],
    ),
    "negation below an ignored folder has no effect": (
        ".gitignore: build/, !build/Dockerfile\nbuild/Dockerfile",
        [],
    ),
    "negation of a folder's contents": (
        ".gitignore: build/*, !build/keep/\nbuild/keep/Dockerfile\nbuild/x/Dockerfile",
        ["build/keep/Dockerfile"],
    ),
    "nested files have the last word": (
        ".gitignore: Dockerfile.x\na/.gitignore: !Dockerfile.x\na/Dockerfile.x\nb/Dockerfile.x",
        ["a/Dockerfile.x"],
    ),
    "nested files speak of what is below them": (
        "a/.gitignore: Dockerfile, /b\na/Dockerfile\na/b/x.Dockerfile\nDockerfile\nb/Dockerfile",
        ["Dockerfile", "b/Dockerfile"],
    ),
    "comments and lines that are no patterns": (
        ".gitignore: # Dockerfile, !, \\\\, , a\nDockerfile\na/Dockerfile",
        ["Dockerfile"],
    ),
    "two stars": (
        ".gitignore: **/gen/**/x.Dockerfile\nx.Dockerfile\ngen/x.Dockerfile\nq/gen/a/b/x.Dockerfile",
        ["x.Dockerfile"],
    ),
    "info/exclude": (
        ".git/info/exclude: a, b\n.gitignore: !b\na/Dockerfile\nb/Dockerfile",
        ["b/Dockerfile"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", IGNORES)
def test_git_ignores(tmp_path: Path, case: str) -> None:
    files, expected = IGNORES[case]
    tree(tmp_path, files)
    assert names(tmp_path) == expected


def test_the_repository_around_a_folder_counts(tmp_path: Path) -> None:
    tree(
        tmp_path,
        """
        .gitignore: outside
        repo/.git/HEAD
        repo/.git/info/exclude: secret
        repo/.gitignore: *.Dockerfile, /a/b/anchored
        repo/a/.gitignore: !good.Dockerfile
        repo/a/b/Dockerfile
        repo/a/b/bad.Dockerfile
        repo/a/b/good.Dockerfile
        repo/a/b/anchored/Dockerfile
        repo/a/b/secret/Dockerfile
        repo/a/b/outside/Dockerfile
        """,
    )
    expected = ["Dockerfile", "good.Dockerfile", "outside/Dockerfile"]
    assert names(tmp_path / "repo/a/b") == expected


def test_without_a_repository_files_above_do_not_count(tmp_path: Path) -> None:
    tree(tmp_path, ".gitignore: Dockerfile\na/Dockerfile")
    assert names(tmp_path, "a") == ["a/Dockerfile"]


@pytest.mark.parametrize("pattern", ["build", "build/", "/build", "*", "build/docker"])
def test_a_folder_that_is_named_is_walked_even_if_ignored(tmp_path: Path, pattern: str) -> None:
    tree(tmp_path, f".git/HEAD\n.gitignore: {pattern}\nbuild/docker/Dockerfile")
    assert names(tmp_path) == []
    assert names(tmp_path, "build/docker") == ["build/docker/Dockerfile"]
    assert names(tmp_path, "build/docker", exclude=(pattern,)) == ["build/docker/Dockerfile"]


def test_a_worktree_shares_info_exclude(tmp_path: Path) -> None:
    tree(
        tmp_path,
        f"""
        main/.git/info/exclude: secret
        main/.git/worktrees/w/commondir: ../..
        w/.git: gitdir: {tmp_path}/main/.git/worktrees/w
        w/secret/Dockerfile
        w/a/Dockerfile
        """,
    )
    assert names(tmp_path, "w") == ["w/a/Dockerfile"]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ((), ["Dockerfile", "a/Dockerfile", "a/b/Dockerfile", "b/Dockerfile"]),
        (("b",), ["Dockerfile", "a/Dockerfile"]),
        (("/b",), ["Dockerfile", "a/Dockerfile", "a/b/Dockerfile"]),
        (("a/b/",), ["Dockerfile", "a/Dockerfile", "b/Dockerfile"]),
        (("a/*", "!a/b"), ["Dockerfile", "a/b/Dockerfile", "b/Dockerfile"]),
        (("Dockerfile",), []),
        (("!Dockerfile.ignored",), ["Dockerfile", "a/Dockerfile", "a/b/Dockerfile", "b/Dockerfile"]),
    ],
)  # fmt: skip
def test_exclude(tmp_path: Path, patterns: tuple[str, ...], expected: list[str]) -> None:
    tree(
        tmp_path,
        """
        .gitignore: Dockerfile.ignored
        Dockerfile
        Dockerfile.ignored
        a/Dockerfile
        a/b/Dockerfile
        b/Dockerfile
        """,
    )
    assert names(tmp_path, exclude=patterns) == expected


def test_exclude_is_relative_to_its_base(tmp_path: Path) -> None:
    tree(tmp_path, "p/a/Dockerfile\np/q/a/Dockerfile")
    assert names(tmp_path, "p", exclude=("/p/a",)) == ["p/q/a/Dockerfile"]
    assert names(tmp_path, "p", exclude=("/a",), base="p/q") == ["p/q/a/Dockerfile"]
    assert names(tmp_path, "p/q", exclude=("/q/a",), base="p") == []


LINES = st.lists(st.text("ab/*!?[]\\ #\r", max_size=6), max_size=5)


@given(LINES)
def test_any_patterns_will_do(lines: list[str]) -> None:
    assert discover([Path(__file__)], lines).files == (Path(__file__),)
