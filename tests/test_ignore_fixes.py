"""Fixes that write a .dockerignore: what goes in, what stays out of it, and never a harmful one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dflint.cli.app import make_app
from dflint.fixing import with_lines

SELECT = "--select=dockerignore-missing,dockerignore-incomplete,copied-file-ignored,keyword-casing"
TREE = {
    "app.py": "",
    "requirements.txt": "flask==3.1.2\n",
    ".git/HEAD": "ref: refs/heads/main\n",
    ".env": "PASSWORD=xyzzy\n",
    "pkg/__pycache__/app.cpython-313.pyc": "x",
    ".venv/pyvenv.cfg": "home = /usr\n",
    "node_modules/a/package.json": "{}",
}
PIP = "RUN pip install --no-cache-dir -r requirements.txt\n"


def check(folder: Path, text: str, *words: str, name: str = "Dockerfile") -> Result:
    (folder / name).write_text(text, newline="")
    command = ["check", "--no-config", "--no-shellcheck", SELECT, *words, str(folder / name)]
    result = CliRunner().invoke(make_app(), command)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def lay(folder: Path, tree: dict[str, str]) -> None:
    for name, content in tree.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, newline="")


def test_a_new_file_has_what_is_there_and_unwanted(tmp_path: Path) -> None:
    lay(tmp_path, TREE)
    text = f"FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\n{PIP}"
    path = tmp_path / ".dockerignore"
    shown = check(tmp_path, text, "--unsafe-fixes", "--diff")
    assert not path.exists()
    assert f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,4 @@\n+" in shown.stdout
    assert shown.exit_code == 1
    check(tmp_path, text, "--fix")
    assert not path.exists()
    done = check(tmp_path, text, "--unsafe-fixes")
    # The Dockerfile installs nothing with npm, so its modules may be meant.
    lines = path.read_text().splitlines()
    assert sorted(lines) == ["**/.env", "**/.git", "**/.venv", "**/__pycache__"]
    assert "Fixed 1 problem in 1 file" in done.stderr
    assert (tmp_path / "Dockerfile").read_text() == text
    again = check(tmp_path, text, "--unsafe-fixes", "--diff")
    assert (again.stdout, path.read_text().splitlines()) == ("", lines)


@pytest.mark.parametrize(
    ("steps", "files", "missing"),
    [
        ("COPY .env /x\n", {}, ".env"),
        ("COPY --chown=1 .git/HEAD /x\n", {}, ".git"),
        ("RUN --mount=type=bind,source=.git,target=/x ls\n", {}, ".git"),
        ("RUN git describe\n", {}, ".git"),
        ("", {"pyproject.toml": '[build-system]\nrequires = ["setuptools-scm"]\n'}, ".git"),
        ("COPY .venv /x\n", {}, ".venv"),
        ("", {}, "node_modules"),
    ],
)
def test_what_is_named_or_needed_is_let_in(
    tmp_path: Path, steps: str, files: dict[str, str], missing: str
) -> None:
    lay(tmp_path, TREE | files)
    check(tmp_path, f"FROM python:3.13-slim\nCOPY . /app\n{PIP}{steps}", "--unsafe-fixes")
    written = (tmp_path / ".dockerignore").read_text()
    assert missing not in written
    assert "__pycache__" in written


@pytest.mark.parametrize("last", ["", "\n", "\r\n"])
def test_lines_are_added_to_the_file_in_use(tmp_path: Path, last: str) -> None:
    lay(tmp_path, TREE)
    ending = "\r\n" if last == "\r\n" else "\n"
    before = f"# ours{ending}dist{ending}*.env{ending}!.env{last}"
    (tmp_path / "prod.Dockerfile.dockerignore").write_text(before, newline="")
    (tmp_path / ".dockerignore").write_text("other\n")
    text = f"FROM python:3.13-slim\nCOPY . /app\n{PIP}"
    check(tmp_path, text, "--unsafe-fixes", name="prod.Dockerfile")
    after = (tmp_path / "prod.Dockerfile.dockerignore").read_bytes().decode()
    assert after.startswith(before if last else f"{before}\n")
    added = after.removeprefix(before).split(ending)
    assert sorted(each for each in added if each) == ["**/.git", "**/.venv", "**/__pycache__"]
    assert after.count("\n") == after.count(ending)
    assert (tmp_path / ".dockerignore").read_text() == "other\n"


def test_an_ignore_file_and_the_dockerfile_are_mended_together(tmp_path: Path) -> None:
    lay(tmp_path, {".git/HEAD": "x\n", "app.py": ""})
    check(tmp_path, "FROM python:3.13-slim\nCOPY . /app\nUser 1000\n", "--unsafe-fixes")
    assert (tmp_path / ".dockerignore").read_text() == "**/.git\n"
    assert "USER 1000" in (tmp_path / "Dockerfile").read_text()


def test_json_tells_the_lines(tmp_path: Path) -> None:
    lay(tmp_path, {".git/HEAD": "x\n", "app.py": ""})
    result = check(tmp_path, "FROM python:3.13-slim\nCOPY . /app\n", "--output-format=json")
    (finding,) = json.loads(result.stdout)
    assert finding["fix"] == {
        "title": "Write a .dockerignore",
        "safety": "unsafe",
        "edits": [],
        "ignore_lines": ["**/.git"],
    }


def test_a_file_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path, {".git/HEAD": "x\n", "app.py": ""})

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refused)
    result = check(tmp_path, "FROM python:3.13-slim\nCOPY . /app\n", "--unsafe-fixes")
    assert result.exit_code == 2
    assert f"{tmp_path / '.dockerignore'}: cannot be written: Permission denied" in result.stderr
    assert not (tmp_path / ".dockerignore").exists()


def test_a_clean_context_needs_no_file(tmp_path: Path) -> None:
    lay(tmp_path, {"app.py": ""})
    check(tmp_path, "FROM python:3.13-slim\nCOPY . /app\n", "--unsafe-fixes")
    assert not (tmp_path / ".dockerignore").exists()


def test_lines_that_are_there_are_not_added_again() -> None:
    assert with_lines(None, ["a", "b", "a"]) == "a\nb\n"
    assert with_lines("a\r\nb", ["a", "c"]) == "a\r\nb\r\nc\r\n"
    assert with_lines("a", ["a"]) == "a"
