"""`--diff-base` tells what a change brought and nothing else, held against real repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner, Result

from dflint.changes import brought_by, plain
from dflint.cli.app import make_app
from dflint.finding import FileReport, Finding, Related, Severity
from dflint.repository import (
    LINK,
    Blob,
    Git,
    GitError,
    Hunk,
    hunks,
    locate,
    open_repository,
    parse_hunks,
    parse_raw,
)
from dflint.source import Span, make_source

RULES = "pip-no-cache,root-user,apt-no-recommends,dockerignore-missing,unreadable,unused-ignore"
OLD = "FROM python:3.13-slim\nRUN pip install flask==3.1.2\nUSER 1000\nENV A=1\nENV B=1\nENV C=1\n"
PROGRAM = shutil.which("git") or "git"
IDENTITY = ("-c", "user.name=test", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of the user's, and none of the variables of a hook."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(tmp_path / "none"))


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, which is the current folder."""
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "--quiet", "--initial-branch=main")
    return folder


def git(*words: str, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [PROGRAM, *IDENTITY, *words], cwd=cwd, check=True, capture_output=True, text=True
    )
    return done.stdout


def commit(cwd: Path | None = None) -> None:
    git("add", "--all", cwd=cwd)
    git("commit", "--quiet", "--allow-empty", "--message=x", cwd=cwd)


def write(path: str, text: str | bytes = OLD) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(text.encode() if isinstance(text, str) else text)


def run(*words: str, base: str = "main", stdin: str | None = None) -> Result:
    given = ["check", "--no-config", "--no-shellcheck", "--diff-base", base]
    if "--select" not in words:
        given += ["--select", RULES]
    result = CliRunner().invoke(make_app(), [*given, *words], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def told(*words: str, base: str = "main", stdin: str | None = None) -> list[str]:
    """`path:line rule` of each finding."""
    result = run("--output-format", "concise", *words, base=base, stdin=stdin)
    assert result.exit_code in (0, 1), result.output
    found = []
    for line in result.stdout.splitlines():
        place, _, rest = line.partition(": ")
        found.append(f"{place.rpartition(':')[0]} {rest.split(' ')[1].rstrip(':')}")
    return found


# ---- what counts


@pytest.mark.usefixtures("top")
def test_nothing_changed_and_nothing_is_told() -> None:
    write("Dockerfile")
    commit()
    result = run()
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No problems found in 1 file (1 older problem left out)\n"


@pytest.mark.usefixtures("top")
def test_a_change_of_other_lines_is_told_nothing() -> None:
    write("Dockerfile")
    commit()
    write("Dockerfile", "# a comment\n" + OLD.replace("C=1", "C=2"))
    assert told() == []


@pytest.mark.usefixtures("top")
def test_what_stands_on_a_changed_line_is_told() -> None:
    write("Dockerfile")
    commit()
    write("Dockerfile", OLD + "RUN pip install django==5.2\n")
    assert told() == ["Dockerfile:7 pip-no-cache"]
    write("Dockerfile", OLD.replace("3.1.2", "3.1.3"))
    assert told() == ["Dockerfile:2 pip-no-cache"]


@pytest.mark.usefixtures("top")
def test_one_more_of_the_same_is_one_finding() -> None:
    line = "RUN pip install flask==3.1.2\n"
    write("Dockerfile")
    commit()
    write("Dockerfile", OLD.replace("ENV A=1\n", line))
    assert told() == ["Dockerfile:4 pip-no-cache"]
    write("Dockerfile", OLD.replace(line, line + "ENV X=1\n" + line))
    assert len(told()) == 1


@pytest.mark.usefixtures("top")
def test_a_deleted_line_that_brings_a_problem_elsewhere_is_told() -> None:
    write("Dockerfile")
    commit()
    write("Dockerfile", OLD.replace("USER 1000\n", ""))
    assert told() == ["Dockerfile:1 root-user"]


@pytest.mark.usefixtures("top")
def test_a_line_deleted_inside_an_instruction() -> None:
    start = "FROM debian:13\nRUN apt-get update && apt-get install -y curl"
    write("Dockerfile", start + " \\\n    && rm -rf /var/lib/apt/lists/*\nUSER 1\n")
    commit()
    write("Dockerfile", start + "\nUSER 1\n")
    assert told("--select", "apt-lists-left,apt-no-recommends") == ["Dockerfile:2 apt-lists-left"]


@pytest.mark.usefixtures("top")
def test_all_lines_moved() -> None:
    write("Dockerfile")
    commit()
    write("Dockerfile", "# a\n" * 50 + OLD)
    assert told() == []


@pytest.mark.usefixtures("top")
def test_an_ignore_that_is_taken_away_brings_its_finding() -> None:
    comment = "# dflint: ignore[pip-no-cache]\n"
    write("Dockerfile", OLD.replace("RUN", comment + "RUN"))
    commit()
    assert told() == []
    write("Dockerfile", OLD)
    assert told() == ["Dockerfile:2 pip-no-cache"]


@pytest.mark.usefixtures("top")
def test_line_endings_alone_are_no_change() -> None:
    write("Dockerfile")
    commit()
    write("Dockerfile", OLD.replace("\n", "\r\n"))
    assert told() == []
    write("Dockerfile", (OLD + "RUN pip install a==1\n").replace("\n", "\r\n"))
    assert told() == ["Dockerfile:7 pip-no-cache"]


@pytest.mark.usefixtures("top")
def test_white_space_and_continuation_marks_are_no_change() -> None:
    start = "FROM debian:13\nRUN apt-get update && apt-get install -y curl"
    write("Dockerfile", start + "\nUSER 1\n")
    commit()
    assert run().stderr.endswith("(1 older problem left out)\n")
    write("Dockerfile", start.replace(" &&", "  &&") + " \\\n    && true\nUSER 1\n")
    assert told() == []
    assert plain(" a  b \\ \r\n\tc `\n") == "a b\nc\n"


# ---- the build context


@pytest.mark.usefixtures("top")
def test_a_dockerignore_that_is_taken_away() -> None:
    write("Dockerfile", "FROM debian:13\nCOPY . .\nUSER 1\n")
    write(".dockerignore", "*\n")
    commit()
    assert told() == []
    Path(".dockerignore").unlink()
    assert told() == ["Dockerfile:2 dockerignore-missing"]


@pytest.mark.usefixtures("top")
def test_a_file_that_comes_into_the_context() -> None:
    write("Dockerfile", "FROM debian:13\nCOPY . .\nUSER 1\n")
    write("app.py", "1")
    commit()
    write("app.py", "12345")
    assert told() == []
    write("deep/.env", "TOKEN=x")
    assert told() == ["Dockerfile:2 dockerignore-missing"]
    commit()
    assert told() == []


@pytest.mark.usefixtures("top")
def test_a_copied_file_that_goes() -> None:
    write("Dockerfile", "FROM debian:13\nCOPY conf/a.txt /b.txt\nUSER 1\n")
    write("conf/a.txt", "a")
    commit()
    select = ("--select", "copy-source-missing", "--context", ".")
    assert told(*select) == []
    shutil.rmtree("conf")
    assert told(*select) == ["Dockerfile:2 copy-source-missing"]


@pytest.mark.usefixtures("top")
def test_files_that_name_builds() -> None:
    build = "services:\n  a:\n    build:\n      context: .\n      dockerfile: a.Dockerfile\n      target: end\n"
    other = "  b:\n    build: {context: ., dockerfile: a.Dockerfile}\n"
    inline = "  c:\n    build:\n      context: .\n      dockerfile_inline: |\n        FROM python:3.13-slim\n"
    first, second = (f"        RUN pip install {name}==1\n" for name in ("one", "two"))
    user = "        USER 1000\n"
    stages = "FROM python:3.13-slim AS end\nRUN pip install flask==3.1.2\nUSER 1\nFROM end\n"
    write("a.Dockerfile", stages)
    write("compose.yaml", build + other + inline + first + user)
    commit()
    assert told("compose.yaml") == []
    write("compose.yaml", build + other + inline + first + second + user)
    write("a.Dockerfile", stages + "USER root\nRUN pip install django==5\n")
    expected = [
        "a.Dockerfile:5 root-user",
        "a.Dockerfile:6 pip-no-cache",
        "compose.yaml:15 pip-no-cache",
    ]
    assert sorted(told("compose.yaml")) == expected


# ---- what the change is


@pytest.mark.usefixtures("top")
def test_it_begins_where_the_branches_parted() -> None:
    write("Dockerfile")
    commit()
    git("checkout", "--quiet", "-b", "topic")
    write("Dockerfile", OLD + "RUN pip install topic==1\n")
    commit()
    git("checkout", "--quiet", "main")
    write("other/Dockerfile", OLD)
    write("Dockerfile", OLD.replace("flask==3.1.2", "main==1"))
    commit()
    git("checkout", "--quiet", "topic")
    assert told() == ["Dockerfile:7 pip-no-cache"]
    assert told(base="HEAD") == []


@pytest.mark.usefixtures("top")
def test_staged_and_not_staged_and_untracked() -> None:
    write("a/Dockerfile")
    write("b/Dockerfile")
    commit()
    write("a/Dockerfile", OLD + "RUN pip install staged==1\n")
    git("add", "a")
    write("b/Dockerfile", OLD + "RUN pip install unstaged==1\n")
    write("c/Dockerfile")
    assert told() == [
        f"{each} pip-no-cache" for each in ("a/Dockerfile:7", "b/Dockerfile:7", "c/Dockerfile:2")
    ]


@pytest.mark.usefixtures("top")
def test_a_renamed_file_is_not_new() -> None:
    write("Dockerfile")
    commit()
    Path("build").mkdir()
    git("mv", "Dockerfile", "build/app.Dockerfile")
    assert told() == []
    write("build/app.Dockerfile", OLD + "RUN pip install a==1\n")
    assert told() == ["build/app.Dockerfile:7 pip-no-cache"]


@pytest.mark.usefixtures("top")
@pytest.mark.parametrize(
    "folder", ["with space", "Gärten", "a\tb", 'qu"ote', "[x]*", ":(top)", "-dash", "line\nbreak"]
)
def test_paths_of_any_name(folder: str) -> None:
    write(f"{folder}/Dockerfile")
    write("x/Dockerfile")
    commit()
    assert run(".").exit_code == 0
    write(f"{folder}/Dockerfile", OLD + "RUN pip install a==1\n")
    result = run("--output-format", "json", ".")
    assert result.exit_code == 1
    assert result.stdout.count('"pip-no-cache"') == 1


def test_a_folder_below_the_top(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a/b/Dockerfile")
    write("c/Dockerfile")
    commit()
    write("a/b/Dockerfile", OLD + "RUN pip install a==1\n")
    monkeypatch.chdir(top / "a")
    git("config", "diff.relative", "true")
    assert told() == ["b/Dockerfile:7 pip-no-cache"]
    assert told("../c") == []


def test_a_link_to_the_repository(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("Dockerfile")
    commit()
    write("Dockerfile", OLD.replace("USER 1000\n", ""))
    (top.parent / "link").symlink_to(top)
    monkeypatch.chdir(top.parent / "link")
    assert told() == ["Dockerfile:1 root-user"]
    assert told(str(top.parent / "link" / "Dockerfile"))[0].endswith("link/Dockerfile:1 root-user")


def test_several_repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        write(f"{name}/Dockerfile")
        git("init", "--quiet", "--initial-branch=main", cwd=tmp_path / name)
        commit(tmp_path / name)
    write("two/Dockerfile", OLD + "RUN pip install a==1\n")
    # As in a hook: what git says there of its own repository must not reach the others.
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "one" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert told("one", "two") == ["two/Dockerfile:7 pip-no-cache"]


@pytest.mark.usefixtures("top")
def test_many_files_side_by_side() -> None:
    for number in range(60):
        write(f"{number:02}/Dockerfile")
    commit()
    for number in range(0, 60, 6):
        write(f"{number:02}/Dockerfile", OLD.replace("USER 1000\n", ""))
    expected = [f"{number:02}/Dockerfile:1 root-user" for number in range(0, 60, 6)]
    assert told("--jobs", "2") == expected
    assert told("--jobs", "1") == expected


@pytest.mark.usefixtures("top")
def test_standard_input_is_compared_by_its_name() -> None:
    write("Dockerfile")
    commit()
    text = OLD + "RUN pip install a==1\n"
    assert told("--stdin-filename", "Dockerfile", "-", stdin=text) == ["Dockerfile:7 pip-no-cache"]
    assert told("--stdin-filename", "Dockerfile", "-", stdin=OLD) == []
    result = run("-", stdin=text)
    assert result.exit_code == 2
    assert "--stdin-filename" in result.stderr


@pytest.mark.usefixtures("top")
def test_users_settings_of_git_change_nothing() -> None:
    write("Dockerfile")
    commit()
    for key, value in {
        "diff.external": "false",
        "diff.noprefix": "true",
        "diff.interHunkContext": "100",
        "diff.context": "9",
        "color.ui": "always",
        "core.quotepath": "true",
        "core.fsmonitor": "false",
        "diff.renames": "false",
    }.items():
        git("config", key, value)
    write(".gitattributes", "Dockerfile -diff\n")
    write("Dockerfile", "# a\n" + OLD + "RUN pip install a==1\n")
    assert told() == ["Dockerfile:8 pip-no-cache"]


def test_git_writes_nothing(top: Path) -> None:
    write("Dockerfile")
    commit()
    write("Dockerfile", OLD + "RUN pip install a==1\n")
    before = {path: path.stat().st_mtime_ns for path in sorted(top.rglob("*"))}
    run()
    assert {path: path.stat().st_mtime_ns for path in sorted(top.rglob("*"))} == before


# ---- fixes


@pytest.mark.usefixtures("top")
def test_only_what_the_change_brought_is_mended() -> None:
    write("Dockerfile")
    commit()
    write("Dockerfile", OLD + "RUN pip install a==1\n")
    assert run("--fix").exit_code == 0
    assert Path("Dockerfile").read_text() == OLD + "RUN pip install --no-cache-dir a==1\n"


# ---- what cannot be told


@pytest.mark.parametrize(
    "base", ["", "nope", "-x", "--output=x", "HEAD:Dockerfile", "a..b", "^HEAD", "\0"]
)
def test_what_is_no_commit(top: Path, base: str) -> None:
    write("Dockerfile")
    commit()
    with pytest.raises(GitError, match="git knows no commit"):
        open_repository(top, base, Git(PROGRAM, dict(os.environ)))
    assert sorted(each.name for each in top.iterdir()) == [".git", "Dockerfile"]


def test_an_unknown_commit_is_wrong_usage(top: Path) -> None:
    write("Dockerfile")
    commit()
    result = run(base="nope")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"dflint: {top}: git knows no commit `nope`\n"


@pytest.mark.usefixtures("top")
def test_a_repository_without_commits() -> None:
    write("Dockerfile")
    assert run(base="main").exit_code == 2


@pytest.mark.usefixtures("top")
def test_branches_that_share_nothing() -> None:
    write("Dockerfile")
    commit()
    git("checkout", "--quiet", "--orphan", "other")
    write("other", "a")
    commit()
    result = run()
    assert result.exit_code == 2
    assert "`main` and HEAD have no commit in common\n" in result.stderr


def test_a_shallow_clone_says_what_to_do(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("Dockerfile")
    commit()
    git("checkout", "--quiet", "-b", "topic")
    write("Dockerfile", OLD + "RUN pip install a==1\n")
    commit()
    clone = top.parent / "clone"
    git(
        "clone",
        "--quiet",
        "--depth=1",
        "--branch=topic",
        "--no-single-branch",
        top.as_uri(),
        str(clone),
    )
    monkeypatch.chdir(clone)
    for base in ("origin/main", "origin/gone"):
        result = run(base=base)
        assert result.exit_code == 2
        assert "`fetch-depth: 0`" in result.stderr
    git("fetch", "--quiet", "--unshallow")
    assert told(base="origin/main") == ["Dockerfile:7 pip-no-cache"]


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("Dockerfile")
    result = run()
    assert result.exit_code == 2
    assert result.stderr.startswith("dflint: Dockerfile: not in a git repository")


@pytest.mark.usefixtures("top")
def test_a_file_that_git_ignores() -> None:
    write("Dockerfile")
    write(".gitignore", "Dockerfile\n")
    commit()
    result = run("Dockerfile")
    assert result.exit_code == 2
    assert "Dockerfile: git ignores this file" in result.stderr
    git("add", "--force", "Dockerfile")
    assert told("Dockerfile") == ["Dockerfile:2 pip-no-cache"]


def test_without_git(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("Dockerfile")
    monkeypatch.setenv("PATH", str(top))
    result = run()
    assert result.exit_code == 2
    assert "--diff-base needs git" in result.stderr


@pytest.mark.usefixtures("top")
def test_git_is_not_asked_without_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    write("Dockerfile")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(subprocess, "run", refuse)
    result = CliRunner().invoke(
        make_app(), ["check", "--no-config", "--no-shellcheck", "--select", RULES]
    )
    assert result.exit_code == 1


@pytest.mark.usefixtures("top")
def test_a_file_that_is_missing_is_told_all_the_same() -> None:
    write("Dockerfile")
    commit()
    result = run("--output-format", "concise", "Dockerfile", "gone")
    assert result.exit_code == 2
    assert "gone:1:1: error[DF002] unreadable" in result.stdout
    assert "pip-no-cache" not in result.stdout


# ---- reading what git prints


def test_raw_output() -> None:
    listing = (
        b":100644 100755 aa bb M\0m\0:000000 100644 00 bb A\0new\0:100644 000000 aa 00 D\0gone\0"
        b":100644 100644 aa bb R090\0old\0now\0:120000 100644 aa bb T\0link\0:160000 160000 a b M\0sub\0"
        b":100644 100644 aa bb C100\0from\0to\0"
    )
    top = Path("/r")
    assert dict(parse_raw(listing, top)) == {
        "m": Blob(top, "aa", 0o100644),
        "new": None,
        "gone": Blob(top, "aa", 0o100644),
        "old": Blob(top, "aa", 0o100644),
        "now": Blob(top, "aa", 0o100644),
        "link": Blob(top, "aa", LINK),
        "to": Blob(top, "aa", 0o100644),
    }


def test_hunks_are_read() -> None:
    diff = (
        b"--- a\n+++ b\n@@ -1,0 +2,3 @@ FROM x\n+@@ -7 +7 @@\n+a\r\n@@ -4 +8 @@\n@@ -9,2 +12,0 @@\n"
    )
    assert parse_hunks(diff) == (Hunk(1, 0, 2, 3), Hunk(4, 1, 8, 1), Hunk(9, 2, 12, 0))


def test_texts_are_compared() -> None:
    program = Git(PROGRAM, dict(os.environ))
    assert hunks("a\nb\n", "a\nb\n", program) == ()
    assert hunks("a\nb\n", "a\r\nb\r\n", program) == ()
    assert hunks("a\n\udcff\0b", "a\n\udcff\0c", program) == (Hunk(2, 1, 2, 1),)
    assert hunks("", "a\nb\n", program) == (Hunk(0, 0, 1, 2),)


def test_a_file_s_repository_is_the_nearest(top: Path) -> None:
    write("inner/deep/Dockerfile")
    assert locate(Path("inner/deep/Dockerfile")) == (top.resolve(), "inner/deep/Dockerfile")
    git("init", "--quiet", "inner")
    assert locate(Path("inner/deep/Dockerfile")) == (top.resolve() / "inner", "deep/Dockerfile")


# ---- which findings

FINDING = Finding("DF1", "one", (), Severity.INFO, "style", "a", "", Span(0, 1))
TEXT = "FROM a\nRUN b\nRUN c\n"


def report(*findings: Finding) -> FileReport:
    return FileReport(make_source("Dockerfile", TEXT), findings)


@pytest.mark.parametrize(
    ("line", "message", "other_context", "expected"),
    [
        (2, "a", False, False),
        (2, "b", False, True),
        (3, "b", False, False),
        (3, "b", True, True),
        (3, "a", True, False),
    ],
)
def test_a_cause_counts_where_the_message_changed(
    line: int, message: str, other_context: bool, expected: bool
) -> None:
    before = replace(FINDING, related=(Related(Span(7, 10), ""),))
    after = replace(before, message=message)
    found = brought_by([Hunk(line, 1, line, 1)], report(before), report(after), other_context)
    assert found == (expected,)


def test_numbers_in_a_message_are_no_news() -> None:
    before = replace(FINDING, message="takes 12 files, 1.5 MB, of v2")
    after = replace(FINDING, message="takes 1 file, 3 bytes, of v2")
    assert brought_by([], report(before), report(after), True) == (False,)


def test_a_finding_of_several_lines_counts_if_one_of_them_changed() -> None:
    long = replace(FINDING, span=Span(7, 18))
    assert brought_by([Hunk(3, 1, 3, 1)], report(long), report(long)) == (True,)
    assert brought_by([Hunk(1, 1, 1, 1)], report(long), report(long)) == (False,)
    ending = replace(FINDING, span=Span(7, 13))  # up to the line break
    assert brought_by([Hunk(3, 1, 3, 1)], report(ending), report(ending)) == (False,)
