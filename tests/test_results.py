"""What earlier runs found: used when nothing it depends on has changed, and never in the way."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from typer.testing import CliRunner

from dflint.asked import answers, questions
from dflint.checking import Plan, Task
from dflint.cli.app import make_app
from dflint.config import command_line, default_config
from dflint.context import open_context
from dflint.finding import Edit, Finding, Fix, Related, Severity
from dflint.lint import Linter, make_linter
from dflint.results import finding, identity, plain
from dflint.shards import append, digest, read_shard
from dflint.source import Span
from dflint.workers import check

DAY = date(2026, 11, 21)
LINTER = make_linter(today=DAY)
BAD = (
    'FROM python:3.13\nWORKDIR /app\nCOPY . .\nRUN pip install flask==3.1.2\nCMD ["flask", "run"]\n'
)


def found(folder: Path, cache: Path, linter: Linter = LINTER, **task: Any) -> list[str]:
    path = folder / "Dockerfile"
    plan = Plan(results=cache)
    return [
        f"{each.rule} {each.message} {each.span}"
        for done in check([Task(path, **task)], linter, plan)
        for each in done.report.findings
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Dockerfile").write_text(BAD)
    (folder / "app.py").write_text("print()\n")
    return folder


def poisoned(cache: Path) -> None:
    """Makes every finding in the cache one that no rule says, so that using it shows."""
    for path in cache.iterdir():
        values = {
            key: value.replace(b'"DF', b'"XX')
            for key, value in read_shard(cache, path.name).items()
        }
        path.unlink()
        append(cache, values)


def test_unchanged_files_are_not_looked_at_again(project: Path, tmp_path: Path) -> None:
    first = found(project, tmp_path / "cache")
    assert first == found(project, tmp_path / "cache") == found(project, tmp_path / "other")
    poisoned(tmp_path / "cache")
    again = found(project, tmp_path / "cache")
    assert again
    assert all(each.startswith("XX") for each in again)


CHANGES: dict[str, Any] = {
    "the file": lambda folder: (folder / "Dockerfile").write_text(BAD + "USER 1000\n"),
    "a new file in the context": lambda folder: (folder / ".env").write_text("KEY=1\n"),
    "a .dockerignore": lambda folder: (folder / ".dockerignore").write_text(".git\n"),
    "a .dockerignore of its own": lambda folder: (folder / "Dockerfile.dockerignore").write_text(
        "x"
    ),
    "the size of a file": lambda folder: (folder / "app.py").write_text("print(1234)\n"),
    "a folder gone": lambda folder: (folder / "app.py").unlink(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_is_seen(change: Any, project: Path, tmp_path: Path) -> None:
    found(project, tmp_path / "cache")
    poisoned(tmp_path / "cache")
    change(project)
    assert found(project, tmp_path / "cache") == found(project, tmp_path / "other")


def test_other_configurations_targets_and_days_have_results_of_their_own(
    project: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    found(project, cache)
    poisoned(cache)
    chosen = make_linter(command_line(default_config(), ignore=("root-user",)), DAY)
    later = make_linter(today=date(2031, 1, 1))
    for linter, task in ((chosen, {}), (later, {}), (LINTER, {"target": "0"})):
        assert not any(each.startswith("XX") for each in found(project, cache, linter, **task))
    assert not any(
        each.startswith("XX") for each in found(project, cache, LINTER, arguments={"A": "1"})
    )


def test_own_rules_and_dflints_code_belong_to_the_identity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    linter = structs.replace(LINTER, config=command_line(default_config()))
    linter = structs.replace(linter, config=structs.replace(linter.config, rules=(str(rules),)))
    before = identity(linter)
    (rules / "own.yaml").write_text("id: OWN1\n")
    changed = identity(linter)
    monkeypatch.setattr("dflint.results._code", lambda: "another")
    assert (
        len({before, changed, identity(linter), identity(LINTER), identity(linter, ("tool",))}) == 5
    )


@pytest.mark.parametrize("harm", [b"", b"\0" * 100, b"torn", b"{}\n"])
def test_a_cache_that_is_torn_counts_for_nothing(
    harm: bytes, project: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    right = found(project, cache)
    for path in cache.iterdir():
        path.write_bytes(path.read_bytes()[:-20] + harm)
    assert found(project, cache) == right
    assert found(project, cache) == right


def test_a_cache_that_cannot_be_written_is_no_problem(project: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert found(project, tmp_path / "cache") == found(project, tmp_path / "other")


def test_a_full_disk_is_no_problem(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, mode: str = "r", **given: Any) -> Any:
        if "a" in mode:
            raise OSError(28, "No space left on device")
        return opened(path, mode, **given)

    opened = Path.open
    right = found(project, tmp_path / "other")
    monkeypatch.setattr(Path, "open", refuse)
    assert found(project, tmp_path / "cache") == right


def test_a_device_in_the_cache_is_left_alone(project: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    for number in range(256):
        (cache / f"{number:02x}").symlink_to("/dev/zero")
    assert found(project, cache) == found(project, tmp_path / "other")


def test_two_runs_may_write_at_once(tmp_path: Path) -> None:
    key, other = "ab" + digest(b"1"), "ab" + digest(b"2")
    append(tmp_path, {key: b"1"})
    with (tmp_path / "ab").open("ab") as file:
        file.write(b"ab00 half a li")  # cut off in the middle
    append(tmp_path, {other: b"2"})
    assert read_shard(tmp_path, "ab") == {key: b"1", other: b"2"}


def test_a_finding_survives_whole() -> None:
    each = Finding(
        "DF1", "name", ("a", "b"), Severity.ERROR, "style", "message", "advice", Span(1, 2), "label",
        (Related(Span(3, 4), "why"),), "stage",
        Fix("title", "safe", (Edit(Span(5, 6), "text"),), ("line",)), Span(7, 8), ("other",),
    )  # fmt: skip
    bare = Finding("DF1", "n", (), Severity.INFO, "c", "m", "a", Span(0, 0))
    fields = structs.fields(Finding)
    assert all(getattr(each, field.name) not in (field.default, ()) for field in fields)
    import json

    for one in (each, bare):
        assert finding(json.loads(json.dumps(plain(one)))) == one


def test_questions_are_answered_alike_until_something_changes(project: Path) -> None:
    context = open_context(project / "Dockerfile", None)
    assert context is not None
    assert context.tree.entry("app.py") is not None
    assert context.tree.head("app.py") == b"print()\n"
    asked = questions(context)
    assert asked is not None
    before = answers(context, asked)
    fresh = open_context(project / "Dockerfile", None)
    assert fresh is not None
    assert answers(fresh, asked) == before
    (project / "app.py").write_text("Print()\n")  # of the same size
    changed = open_context(project / "Dockerfile", None)
    assert changed is not None
    assert answers(changed, asked) != before


def test_the_command_line_keeps_and_clears(project: Path) -> None:
    runner = CliRunner()
    folder = Path(runner.invoke(make_app(), ["cache", "dir"]).output.strip())
    arguments = ["check", str(project), "--no-shellcheck", "--no-config"]
    first = runner.invoke(make_app(), [*arguments, "--no-cache"])
    assert not folder.exists()
    assert runner.invoke(make_app(), arguments).output == first.output
    assert any((folder / "results").iterdir())
    assert runner.invoke(make_app(), arguments).output == first.output
    assert runner.invoke(make_app(), ["cache", "clear"]).exit_code == 0
    assert not (folder / "results").exists()
    assert runner.invoke(make_app(), ["cache", "clear"]).exit_code == 0
