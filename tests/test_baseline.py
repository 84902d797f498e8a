"""A baseline leaves out what was known, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from dflint.baseline import (
    BaselineError,
    Entry,
    baseline_json,
    load_baseline,
    make_baseline,
    outdated,
    outdated_text,
    relative_path,
    unknown,
)
from dflint.cli.app import make_app
from dflint.config import Config
from dflint.finding import FileReport, Finding, Severity
from dflint.lint import Linter, lint_source, make_linter
from dflint.source import Span, make_source

RULES = "pip-no-cache,root-user,secret-in-env,unused-ignore,unreadable"
LINE = "RUN pip install flask==3.1.2\n"
TEXT = f"FROM python:3.13-slim\n{LINE}USER 1000\n"
PATH = Path("baseline.json")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def linter() -> Linter:
    return make_linter(Config(select=tuple(RULES.split(","))))


def write(path: str, text: str = TEXT) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def run(*words: str) -> Result:
    result = CliRunner().invoke(make_app(), [*words, "--no-shellcheck"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def check(*words: str) -> Result:
    return run("check", "--select", RULES, "--output-format", "concise", *words)


def record(*words: str) -> None:
    write("dflint.toml", f"select = {json.dumps(RULES.split(','))}\n")
    result = run("baseline", *words)
    assert result.exit_code == 0, result.output


def lines(result: Result) -> list[str]:
    return [line.split(" ")[0] for line in result.stdout.splitlines() if line[:1] != "N"]


def report(text: str, *words: str, path: str = "Dockerfile") -> FileReport:
    """A file with a finding at each of these words, each sought after the one before."""
    at, found = 0, []
    for word in words:
        at = text.index(word, at)
        span = Span(at, at + len(word))
        found.append(Finding("DF1", "one", (), Severity.INFO, "style", "a", "", span))
        at += len(word)
    return FileReport(make_source(path, text), tuple(found))


# ---- writing and leaving out


@pytest.mark.usefixtures("here")
def test_what_was_known_is_left_out() -> None:
    write("Dockerfile")
    write("b/Dockerfile", f"FROM python:3.13-slim\n{LINE}")
    record()
    result = check("--baseline", ".dflint-baseline.json")
    assert result.exit_code == 0
    full = run("check", "--baseline", ".dflint-baseline.json")
    assert full.stderr == "No problems found in 2 files (3 known problems left out)\n"
    write("Dockerfile", "# moved\n\n" + TEXT + "RUN pip install django==5.2\n")
    full = run("check", "--baseline", ".dflint-baseline.json")
    assert full.exit_code == 1
    assert "Dockerfile:6:5: warning[DF201]" in full.stdout
    assert full.stdout.endswith("(3 known problems left out)\n")
    assert full.stdout.count("DF201") == 1


@pytest.mark.usefixtures("here")
def test_the_file_is_sorted_stable_and_for_people() -> None:
    write("b/Dockerfile")
    write("a/Dockerfile", f"FROM python:3.13-slim\n{LINE}RUN pip install django==5\n")
    record("b", "a", "--output", "one.json")
    record("a", "b", "--output", "two.json")
    text = Path("one.json").read_text()
    assert text == Path("two.json").read_text()
    data = json.loads(text)
    assert data["version"] == 1
    assert [(each["path"], each["name"]) for each in data["findings"]] == [
        ("a/Dockerfile", "pip-no-cache"),
        ("a/Dockerfile", "pip-no-cache"),
        ("a/Dockerfile", "root-user"),
        ("b/Dockerfile", "pip-no-cache"),
    ]
    assert data["findings"][3]["message"] == (
        "`pip install flask==3.1.2` keeps pip's download cache in this layer"
    )
    assert len(text.splitlines()) == 4 + 5  # a line an entry
    write("b/Dockerfile", "\n\n# moved\n" + TEXT)
    record("--output", "two.json")
    assert text == Path("two.json").read_text()


@pytest.mark.usefixtures("here")
def test_nothing_found_is_an_empty_baseline() -> None:
    write("Dockerfile", "FROM scratch\n")
    record("--no-config")
    assert json.loads(Path(".dflint-baseline.json").read_text()) == {"version": 1, "findings": []}
    assert load_baseline(Path(".dflint-baseline.json")).entries == ()


@pytest.mark.usefixtures("here")
def test_no_secret_goes_into_it() -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
    write("Dockerfile", f"FROM python:3.13-slim\nENV TOKEN={secret}\nUSER 1000\n")
    record()
    text = Path(".dflint-baseline.json").read_text()
    assert "secret-in-env" in text
    assert secret not in text


@pytest.mark.usefixtures("here")
def test_how_many_are_equal_counts() -> None:
    write("Dockerfile", TEXT + LINE)
    record()
    write("Dockerfile", TEXT + LINE + LINE)
    assert len(lines(check("--baseline", ".dflint-baseline.json"))) == 1
    write("Dockerfile", TEXT)
    result = check("--baseline", ".dflint-baseline.json")
    assert lines(result) == []
    assert "1 entry of .dflint-baseline.json matches nothing any more" in result.stderr


def test_the_current_folder_makes_no_difference(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a/b/Dockerfile")
    record("--output", "a/base.json")
    assert json.loads(Path("a/base.json").read_text())["findings"][0]["path"] == "b/Dockerfile"
    assert check("--baseline", "a/base.json").exit_code == 0
    assert check("--baseline", "a/base.json", str(here / "a" / "b" / "Dockerfile")).exit_code == 0
    monkeypatch.chdir(here / "a" / "b")
    assert check("--baseline", "../base.json").exit_code == 0
    assert check("--baseline", str(here / "a" / "base.json"), "..").exit_code == 0
    (here / "link").symlink_to(here / "a")
    monkeypatch.chdir(here)
    assert check("--baseline", "link/base.json", "link/b/Dockerfile").exit_code == 0


def test_it_may_be_configured(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("dflint.toml", 'select = ["pip-no-cache"]\nbaseline = "known/base.json"\n')
    write("sub/Dockerfile")
    Path("known").mkdir()
    assert run("check").exit_code == 2
    monkeypatch.chdir(here / "sub")
    assert run("baseline").exit_code == 0
    assert (here / "known" / "base.json").exists()
    assert run("check").exit_code == 0
    assert run("check", "--no-config", "--select", "pip-no-cache").exit_code == 1
    empty = here / "empty.json"
    empty.write_text('{"version": 1, "findings": []}')
    assert run("check", "--baseline", str(empty)).exit_code == 1


@pytest.mark.usefixtures("here")
def test_severity_does_not_hide_what_is_known() -> None:
    write("Dockerfile")
    record()
    result = check("--baseline", ".dflint-baseline.json", "--severity", "error")
    assert result.exit_code == 0
    assert "nothing any more" not in result.stderr


@pytest.mark.usefixtures("here")
def test_an_ignore_that_ignored_something_stays_used() -> None:
    write("Dockerfile", TEXT.replace("RUN", "# dflint: ignore[pip-no-cache]\nRUN"))
    record()
    result = check("--baseline", ".dflint-baseline.json")
    assert (result.exit_code, lines(result)) == (0, [])


@pytest.mark.usefixtures("here")
def test_many_files_side_by_side() -> None:
    for number in range(60):
        write(f"{number:02}/Dockerfile")
    record()
    write("07/Dockerfile", TEXT + "RUN pip install a==1\n")
    assert lines(check("--baseline", ".dflint-baseline.json", "--jobs", "2")) == [
        "07/Dockerfile:4:5:"
    ]


@pytest.mark.usefixtures("here")
def test_only_what_is_not_known_is_mended() -> None:
    write("Dockerfile")
    record()
    write("Dockerfile", TEXT + "RUN pip install a==1\n")
    assert check("--baseline", ".dflint-baseline.json", "--fix").exit_code == 0
    assert Path("Dockerfile").read_text() == TEXT + "RUN pip install --no-cache-dir a==1\n"


@pytest.mark.usefixtures("here")
def test_a_file_that_cannot_be_read_is_no_known_problem() -> None:
    write("Dockerfile")
    for command in (("baseline", "gone", "."), ("baseline", "-")):
        assert run(*command).exit_code == 2
    assert not Path(".dflint-baseline.json").exists()
    record()
    result = check("--baseline", ".dflint-baseline.json", "gone")
    assert result.exit_code == 2
    assert "unreadable" in result.stdout


# ---- entries that match nothing any more


@pytest.mark.usefixtures("here")
def test_they_are_told_and_change_no_exit_code() -> None:
    write("a/Dockerfile", TEXT + "".join(f"RUN pip install p{number}==1\n" for number in range(4)))
    write("b/Dockerfile")
    record()
    write("a/Dockerfile", "FROM python:3.13-slim\nUSER 1000\n")
    Path("b/Dockerfile").unlink()
    result = check("--baseline", ".dflint-baseline.json")
    assert result.exit_code == 0
    assert "5 entries of .dflint-baseline.json match nothing any more: " in result.stderr
    assert "pip-no-cache in a/Dockerfile, and 2 more; run `dflint baseline`" in result.stderr


@pytest.mark.usefixtures("here")
def test_of_files_and_rules_that_were_not_asked_nothing_is_told() -> None:
    write("a/Dockerfile")
    write("b/Dockerfile")
    record()
    write("b/Dockerfile", "FROM python:3.13-slim\nUSER 1000\n")
    result = check("--baseline", ".dflint-baseline.json", "a")
    assert "any more" not in result.stderr
    result = run("check", "--select", "root-user", "--baseline", ".dflint-baseline.json", "b")
    assert "any more" not in result.stderr
    assert "any more" in check("--baseline", ".dflint-baseline.json", "b").stderr


def test_outdated_entries() -> None:
    known = make_baseline(PATH, [report("FROM a\nRUN b\n", "FROM a", "RUN b")])
    now = report("FROM a\n", "FROM a")
    (gone,) = outdated(known, [now], lambda _: True)
    assert gone.rule == "DF1"
    assert outdated(known, [now], lambda rule: rule != "DF1") == ()
    assert outdated_text(known, (gone,)) == (
        "1 entry of baseline.json matches nothing any more: one in Dockerfile; "
        "run `dflint baseline` to write it anew"
    )


# ---- broken files


def entry(**other: object) -> str:
    values = {"path": "a", "rule": "DF1", "name": "one", "fingerprint": "0", "message": "m"}
    return json.dumps({**values, **other})


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ":1: not JSON: Expecting value"),
        ('{\n  "version": 1,\n<<<<<<< ours\n', ":3: not JSON: Expecting property name enclosed in double quotes"),
        ("[]", ":1: not a baseline: it has no `version`"),
        ('{"findings": []}', ":1: not a baseline: it has no `version`"),
        ('{\n"version": 2, "findings": []}', ":2: version 2 of the format is not known here (only 1 is)"),
        ('{"version": 1}', ":1: not a baseline: `findings` is not a list"),
        ('{"version": 1, "findings": [\n1]}', ":2: an entry needs the text `path`"),
        (f'{{"version": 1, "findings": [\n{entry()},\n{entry(fingerprint=None)},\n1]}}', ":3: an entry needs the text `fingerprint`"),
        ("9" * 5000, ":1: not a baseline"),
        ("[" * 100_000, ":1: not a baseline"),
        (b"\xff", ": not UTF-8"),
    ],
)  # fmt: skip
def test_a_broken_baseline_says_where(text: str | bytes, expected: str) -> None:
    Path("base.json").write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(BaselineError) as caught:
        load_baseline(Path("base.json"))
    assert str(caught.value) == f"base.json{expected}"
    write("Dockerfile")
    result = check("--baseline", "base.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"dflint: base.json{expected}\n"


@pytest.mark.usefixtures("here")
def test_a_missing_baseline() -> None:
    with pytest.raises(BaselineError, match=r"there is no such baseline \(`dflint baseline`"):
        load_baseline(Path("none.json"))
    Path("folder").mkdir()
    with pytest.raises(BaselineError, match="folder: cannot be read: "):
        load_baseline(Path("folder"))


@pytest.mark.usefixtures("here")
def test_a_baseline_that_cannot_be_written() -> None:
    write("Dockerfile")
    assert run("baseline", "--output", "no/folder/base.json").exit_code == 2


# ---- there and back


@given(
    st.lists(st.builds(Entry, *[st.text(st.characters(codec="utf-8"), max_size=8)] * 5), max_size=6)
)
def test_what_is_written_is_read(entries: list[Entry]) -> None:
    from dflint.baseline import _baseline

    made = _baseline(PATH, sorted(entries))
    text = baseline_json(made)
    data = json.loads(text)
    assert [Entry(**each) for each in data["findings"]] == list(made.entries)
    assert text.isascii()


@pytest.mark.usefixtures("here")
def test_bytes_that_are_no_text_survive() -> None:
    made = make_baseline(PATH, [report("FROM \udcff\n", "FROM \udcff", path="a\udcff/Dockerfile")])
    PATH.write_text(baseline_json(made))
    assert load_baseline(PATH) == made


@pytest.mark.parametrize(
    ("file", "baseline", "expected"),
    [
        ("Dockerfile", ".b.json", "Dockerfile"),
        ("./a/../b/Dockerfile", ".b.json", "b/Dockerfile"),
        ("Dockerfile", "a/.b.json", "../Dockerfile"),
        ("a/Dockerfile", "a/b.json", "Dockerfile"),
    ],
)
def test_paths(here: Path, file: str, baseline: str, expected: str) -> None:
    (here / "a").mkdir()
    assert relative_path(file, Path(baseline)) == expected
    assert relative_path(str(here / file), Path(baseline)) == expected
    assert relative_path(file, here / baseline) == expected


# ---- moved lines

FROMS = st.sampled_from(["FROM python:3.13-slim", "FROM debian:13 AS a"])
PARTS = st.sampled_from(
    ["RUN pip install flask==3.1.2", "RUN pip install a==1 && \\\n    pip install b==2",
     "ENV PASSWORD=hunter2hunter2", "USER 1000", "RUN true", LINE.strip()]
)  # fmt: skip
COMMENTS = st.lists(st.sampled_from(["", "# a comment", "   # another"]), max_size=4)


@given(FROMS, st.lists(PARTS, max_size=6), st.data())
def test_lines_put_between_leave_nothing_new(
    linter: Linter, first: str, parts: list[str], data: st.DataObject
) -> None:
    before = "\n".join([first, *parts]) + "\n"
    moved = [line for part in (first, *parts) for line in (*data.draw(COMMENTS), part)]
    after = "\n".join(moved) + "\n"
    old = lint_source(make_source("Dockerfile", before), linter)
    new = lint_source(make_source("Dockerfile", after), linter)
    known = make_baseline(PATH, [old])
    assert not any(unknown(known, new))
    assert outdated(known, [new], lambda _: True) == ()


@given(st.lists(PARTS, max_size=6), st.lists(PARTS, max_size=6))
def test_what_is_left_is_what_there_is_more_of(
    linter: Linter, parts: list[str], more: list[str]
) -> None:
    first = "FROM python:3.13-slim"
    old = lint_source(make_source("Dockerfile", "\n".join([first, *parts]) + "\n"), linter)
    new = lint_source(make_source("Dockerfile", "\n".join([first, *parts, *more]) + "\n"), linter)
    known = make_baseline(PATH, [old])
    left = [each for each, kept in zip(new.findings, unknown(known, new), strict=True) if kept]
    gone = outdated(known, [new], lambda _: True)
    assert len(left) - len(gone) == len(new.findings) - len(old.findings)
    counts = Counter(each.rule for each in left)
    counts.subtract(each.rule for each in gone)
    expected = Counter(each.rule for each in new.findings)
    expected.subtract(each.rule for each in old.findings)
    assert +counts == +expected
