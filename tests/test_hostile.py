"""Hostile input: every file gets a clear finding or error, in bounded time, and stops no other."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from itertools import count
from pathlib import Path
from random import Random

import pytest
from msgspec import structs
from typer.testing import CliRunner

from dflint import bounded, checking, compiled, lint, tree, workers
from dflint.checking import Plan, Task
from dflint.cli.app import make_app
from dflint.compose import read_compose
from dflint.config import Config, ConfigError, command_line, default_config, load_config
from dflint.context import memory_context
from dflint.discover import discover
from dflint.disk import LARGEST, read_file
from dflint.expand import LONGEST, expand_text
from dflint.finding import FileReport
from dflint.lint import lint_source, make_linter
from dflint.rule import RuleError
from dflint.rules import load_folder, parse_rule
from dflint.source import make_source
from dflint.workers import check
from scripts.stress import CASES, Outcome, limited, run_case
from tests.fuzz.mutation import mutated, seeds
from tests.fuzz.run import attempt
from tests.fuzz.targets import TARGETS

GOOD = "FROM debian:12\nRUN cd /a\n"
SECONDS = 60  # far more than any of them needs, even where the machine is busy


def run(folder: Path, *arguments: str) -> Outcome:
    return limited(["check", "--no-config", "--no-cache", *arguments], folder, SECONDS)


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_dockerfile_is_linted_in_bounded_time_and_memory(name: str) -> None:
    size = CASES[name].small if name != "huge-file" else 700_000
    came = run_case(name, size, SECONDS)
    assert came.sound, came


@pytest.mark.parametrize("name", [each for each in TARGETS if each != "growth"])
def test_a_short_run_of_fuzzing_finds_nothing(name: str) -> None:
    random, stock = Random(1), seeds(TARGETS[name].seeds)
    for data in (*stock, *(mutated(random, random.choice(stock), stock) for _ in range(60))):
        assert attempt(name, data) is None, data


# ---- files that are none


def test_what_is_no_file_is_told_and_the_others_are_linted(tmp_path: Path) -> None:
    (tmp_path / "good").write_text(GOOD)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        here = Path.cwd()
        os.chdir(tmp_path)  # the name of a socket must be short
        bound.bind("socket")
        os.chdir(here)
        (tmp_path / "loop").symlink_to("loop")
        (tmp_path / "device").symlink_to("/dev/zero")
        (tmp_path / "huge").write_bytes(b"#" * (LARGEST + 1))
        came = run(tmp_path, "pipe", "socket", "loop", "device", "huge", "gone", "good",
                   "--output-format", "concise")  # fmt: skip
    assert came.code == 2
    for said in (
        "pipe:1:1: error [unreadable] a pipe, not a file",
        "socket:1:1: error [unreadable] a socket, not a file",
        "device:1:1: error [unreadable] a device, not a file",
        "huge:1:1: error [unreadable] larger than 4 MB",
    ):
        name, _, reason = said.partition(":1:1: error [unreadable] ")
        assert any(name in line and reason in line for line in came.output.splitlines()), came
    assert "good:2:" in came.output
    assert "Traceback" not in came.errors


def test_a_file_that_vanishes_is_told(tmp_path: Path) -> None:
    tasks = [Task(tmp_path / "gone"), Task(tmp_path / "Dockerfile")]
    (tmp_path / "Dockerfile").write_text(GOOD)
    gone, good = check(tasks, make_linter(), Plan())
    assert gone.failed
    assert good.report.findings


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="pipe"):
        read_file(tmp_path / "pipe")


@pytest.mark.parametrize("data", ["FROM debian\n".encode("utf-16"), b"\0" * 100, b"\xff\xfe", b""])
def test_what_is_no_text_has_a_finding(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_bytes(data)
    came = run(tmp_path, "Dockerfile", "--output-format", "concise")
    assert came.code == 1
    assert "Dockerfile:1:" in came.output


def test_no_name_of_a_file_reaches_the_terminal_as_it_is(tmp_path: Path) -> None:
    name = "a\x1b[31m\n::error::b\r"
    (tmp_path / name).mkdir()
    (tmp_path / name / "Dockerfile").write_text(GOOD)
    for form in ("full", "concise", "github", "gnu", "json", "sarif"):
        came = run(tmp_path, name, "gone" + name, "--output-format", form)
        told = came.output + came.errors
        assert "\x1b" not in told
        assert not any(line.startswith("::error::b") for line in told.splitlines())


# ---- values that grow


def test_values_that_double_are_not_known() -> None:
    assert expand_text("$A$A", {"A": "x" * LONGEST}.get) is None
    assert expand_text("$A", {"A": "x" * LONGEST}.get) == "x" * LONGEST
    assert expand_text("${A//x/yyyy}", {"A": "x" * LONGEST}.get) is None


def test_a_path_that_climbs_to_no_folder_is_looked_up_once() -> None:
    text = 'FROM python:3.12\nENV PATH="/"/opt/bin:$PATH"\nUSER 1\nENTRYPOINT exec uvicorn a:b\n'
    lint_source(make_source("Dockerfile", text), make_linter())


@pytest.mark.parametrize("line", ["COPY --from=0", "ADD", "COPY", "ONBUILD COPY --link"])
def test_a_copy_of_nothing_is_a_finding_alone(line: str) -> None:
    text = f"FROM python:3.12 AS a\n{line}\nCMD gunicorn app:app\n"
    assert lint_source(make_source("Dockerfile", text), make_linter()).findings


def test_a_name_that_is_no_name_is_no_regular_expression() -> None:
    text = "FROM debian:12\nRUN --mount=type=secret,id=a,env=A**/N cat /run/secrets/a\n"
    lint_source(make_source("Dockerfile", text), make_linter())


@pytest.mark.parametrize("source", ["[a-", "-[b", "[z-a]/c", "a[/b"])
def test_a_pattern_that_is_none_is_not_known(source: str) -> None:
    text = f"FROM debian:12 AS a\nFROM debian:12\nCOPY --from=a /x/{source} /y/\nRUN ls /y\n"
    lint_source(make_source("Dockerfile", text), make_linter())


@pytest.mark.skipif(
    not shutil.which("shellcheck", path=str(Path(sys.executable).parent)), reason="no ShellCheck"
)
def test_shellcheck_is_not_asked_about_a_script_without_end(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        "FROM debian:12\nRUN " + "(" * 9_000 + "a" + ")" * 9_000 + "\nRUN echo $B\n"
    )
    came = run(tmp_path, "Dockerfile", "--output-format", "concise", "--extend-select", "SC2086")
    assert came.sound, came
    assert "Dockerfile:3:10: " in came.output


# ---- dflint itself fails


def test_where_dflint_fails_on_a_file_the_others_are_linted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = lint.draft

    def broken(source: object, *rest: object, **more: object) -> object:
        if "bad" in source.path:  # type: ignore[attr-defined]
            raise KeyError("s3cret")
        return real(source, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "draft", broken)
    for name in ("bad", "good"):
        (tmp_path / name).write_text(GOOD)
    bad, good = check([Task(tmp_path / name) for name in ("bad", "good")], make_linter(), Plan())
    assert bad.failed
    assert "bad: not linted: dflint failed with KeyError in test_hostile.py, line" in bad.notes[0]
    assert "s3cret" not in bad.notes[0]
    assert not good.failed
    assert good.report.findings


def test_a_process_that_is_killed_takes_one_file_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = lint.draft

    def deadly(source: object, *rest: object, **more: object) -> object:
        if source.path.endswith("bad"):  # type: ignore[attr-defined]
            os.kill(os.getpid(), signal.SIGKILL)
        return real(source, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "draft", deadly)
    monkeypatch.setattr(workers, "PAYS", 2)
    monkeypatch.setattr(workers, "CHUNK", 2)
    names = ["a", "bad", "c", "d", "e"]
    for name in names:
        (tmp_path / name).write_text(GOOD)
    done = list(check([Task(tmp_path / name) for name in names], make_linter(), Plan(jobs=2)))
    assert [Path(each.report.source.path).name for each in done] == names
    assert [each.failed for each in done] == [False, True, False, False, False]
    assert "bad: not linted: its process was killed" in done[1].notes[0]
    assert all(isinstance(each.report, FileReport) for each in done)


def test_ctrl_c_ends_quietly(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python:3.13\n")
    command = [sys.executable, "-m", "dflint", "check", "--files-from", "-", "--jobs", "1"]
    options = ["--no-config", "--no-shellcheck", "--output-format", "jsonl"]
    with subprocess.Popen(
        [*command, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        # A shell has what runs in its background ignore the signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"Dockerfile\n" * 200)
        process.stdin.flush()
        assert process.stdout.readline()  # it is at work, and waits for more
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=SECONDS)[1]
    assert process.returncode == 130
    assert b"Traceback" not in errors


# ---- configuration and rules

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(12)
)


@pytest.mark.parametrize("text", [BOMB, "select: " + "[" * 5_000, "a: " * 3_000, "[" * 5_000])
def test_a_configuration_that_is_a_bomb_is_an_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "dflint.yaml"
    path.write_text(text)
    (tmp_path / "Dockerfile").write_text(GOOD)
    with pytest.raises(ConfigError):
        load_config(path)


@pytest.mark.parametrize(
    "text", [BOMB, "where: " + "{a: " * 3_000, "id: " + "[" * 5_000, "[" * 200_000, "- " * 200_000]
)
def test_a_rule_that_is_a_bomb_is_an_error(text: str) -> None:
    with pytest.raises(RuleError):
        parse_rule(text, "rule.yaml")


def test_a_compose_file_that_is_a_bomb_is_told(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(GOOD)
    for text in (f"services:\n  a: {{build: .}}\n{BOMB}", "services: " + "[" * 5_000):
        (tmp_path / "compose.yaml").write_text(text)
        came = run(tmp_path, "compose.yaml", "Dockerfile", "--output-format", "json")
        assert came.sound, came
        assert json.loads(came.output) if len(came.output) < 4000 else True


def test_a_copy_of_nothing_may_bring_nothing() -> None:
    text = 'FROM debian:12\nHEALTHCHECK CMD curl -f http://localhost || exit 1\nCOPY --from=x\nCMD ["a"]\n'
    names = {
        each.name for each in lint_source(make_source("Dockerfile", text), make_linter()).findings
    }
    assert "syntax-error" in names


GROWING = {
    "unknown scripts": "RUN ./x{0}.sh\n",
    "unknown programs": "RUN cd /a{0} && make\n",
    "guarded": "RUN if a{0}; then b{0}; fi\n",
    "owners": "RUN chown -R u{0} /a /b\n",
    "copied over": "RUN cp -r /a{0} /b\n",
    "everything": "USER a{0}\nWORKDIR /w{0}\nCOPY --chown=a . .\nRUN pip install -e . || true\n",
}


@pytest.mark.parametrize("line", GROWING.values(), ids=GROWING)
def test_what_comes_a_thousand_times_is_not_too_deep(line: str) -> None:
    text = "FROM python:3.13-slim\n" + "".join(line.format(at) for at in range(1100))
    report = lint_source(make_source("Dockerfile", text), make_linter())
    assert report.findings


# ---- regular expressions without end

RULE = """\
id: {id}
name: {name}
summary: a command is run
severity: error
category: security
subject: command
where: {where}
message: "`{{text}}` is run"
advice: Do not.
why: It is a test.
{more}
examples:
  - {{bad: "FROM debian:12\\nRUN aab\\n", at: ["2:5"]}}
  - {{good: "FROM debian:12\\n"}}
"""


def rules_of_a_user(folder: Path, where: str, more: str = "") -> Config:
    """The configuration of a project with a rule of its own, and one beside it."""
    (folder / "rules").mkdir()
    for at, each in {"first": (where, more), "second": ("{tool: {matches: '^a'}}", "")}.items():
        text = RULE.format(id=f"X{len(at)}", name=at, where=each[0], more=each[1])
        (folder / "rules" / f"{at}.yaml").write_text(text)
    (folder / ".dflint.yaml").write_text("rules: [rules]\nselect: [first, second]\n")
    return load_config(folder / ".dflint.yaml")


@pytest.mark.parametrize("expression", ["(a+)+$", "(a|aa)+$", "(.*a){30}$", r"(a*)*\1$"])
def test_a_regular_expression_without_end_costs_its_own_rule_alone(
    expression: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "SECONDS", 0.05)
    linter = make_linter(rules_of_a_user(tmp_path, f"{{text: {{matches: '{expression}'}}}}"))
    texts = {"bad": f"RUN {'a' * 4000}b\n" * 3, "good": "RUN true\nRUN aab\n"}
    for name, lines in texts.items():
        (tmp_path / name).write_text("FROM debian:12\n" + lines)
    bad, good = check([Task(tmp_path / name) for name in ("bad", "good")], linter, Plan())
    assert [each.name for each in bad.report.findings] == ["second"] * 3
    assert [each.name for each in good.report.findings] == ["second"]
    assert bad.partial
    assert f"{tmp_path}/rules/first.yaml: the rule `first` is left out" in bad.notes[0]
    assert f"{tmp_path}/bad: " in bad.notes[0]
    assert expression in bad.notes[0]
    assert good.partial  # once is enough: a thousand files must not take a thousand seconds
    with pytest.raises(RuleError, match="left out"):
        lint_source(make_source("bad", "FROM debian:12\nRUN a\n"), linter)


def test_an_expression_of_an_option_is_bounded_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "SECONDS", 0.05)
    more = "options:\n  shape: {type: text, default: '^x', about: A shape.}"
    config = rules_of_a_user(tmp_path, "{text: {matches: {option: shape}}}", more)
    (tmp_path / "Dockerfile").write_text(f"FROM debian:12\nRUN {'a' * 4000}b\n")
    (quick,) = check([Task(tmp_path / "Dockerfile")], make_linter(config), Plan())
    assert not quick.partial
    given = structs.replace(config, rule_options={"first": {"shape": "(a+)+$"}})
    (slow,) = check([Task(tmp_path / "Dockerfile")], make_linter(given), Plan())
    assert slow.partial


def test_slow_searches_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "process_time", count(0.0, 3.0).__next__)  # 3 s a search
    found = bounded.searcher("a")
    assert found("a")
    assert not found("b")
    with pytest.raises(bounded.SlowRegexError):
        found("a")


def test_a_rule_that_takes_too_long_ends_the_run_with_2(tmp_path: Path) -> None:
    rules_of_a_user(tmp_path, "{text: {matches: '(a+)+$'}}")
    (tmp_path / "Dockerfile").write_text(f"FROM debian:12\nRUN {'a' * 4000}b\n")
    options = ["--no-cache", "--no-shellcheck", "--output-format", "concise"]
    came = limited(["check", "Dockerfile", *options], tmp_path, SECONDS)
    assert came.code == 2
    assert "Traceback" not in came.errors
    assert "dflint: Dockerfile: rules/first.yaml: the rule `first` is left out" in came.errors
    assert "error[X6] second: " in came.output


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("(a", "missing )"),
        ("(" * 5_000 + ")" * 5_000, "too deep"),
        ("a{99999999999999}", "too large"),
        ("x" * 30_000, "more than 20,000 characters"),
        ("${e}", "must be written"),
        ("(?R)", "unknown extension"),
    ],
)
def test_an_expression_that_is_none_is_an_error(expression: str, said: str) -> None:
    where = f"{{text: {{matches: '{expression}'}}}}"
    text = RULE.format(id="X1", name="first", where=where, more="")
    with pytest.raises(
        RuleError, match=f"rule.yaml:7: not a regular expression: .*{re.escape(said)}"
    ):
        parse_rule(text, "rule.yaml")


def test_expressions_are_pythons() -> None:
    for text in ("a{2,3}", r"\$\{e\}", "[^{}]+", "(?i:A)(?P<b>c)(?P=b)(?<=c)(?!d)", r"\d\w\s\b\Z"):
        assert bounded.wrong(text) is None
    assert bounded.searcher(r"^a{2}\{e\}$")("aa{e}")


# ---- folders of rules that are none


def config_error(folder: Path, rules: str) -> str:
    """What a run says of a configuration that names a folder of rules."""
    (folder / ".dflint.yaml").write_text(f"rules: [{rules}]\n")
    (folder / "Dockerfile").write_text(GOOD)
    came = limited(["check", "Dockerfile", "--no-cache"], folder, SECONDS)
    assert came.code == 2, came
    assert "Traceback" not in came.errors
    return came.errors


def test_the_whole_disk_is_no_folder_of_rules(tmp_path: Path) -> None:
    said = config_error(tmp_path, "/")
    assert said.startswith("dflint: /")
    assert "name a folder that holds rules alone" in said or "denied" in said


@pytest.mark.parametrize("suffix", [".txt", ".yaml"])
def test_what_is_looked_through_for_rules_is_counted(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "MOST_ENTRIES", 50)
    monkeypatch.setattr(compiled, "MOST_FILES", 10)
    most = 50 if suffix == ".txt" else 10
    (tmp_path / "deep").mkdir()
    for number in range(most - 1):
        (tmp_path / "deep" / f"{number}{suffix}").touch()
    assert len(compiled.places(tmp_path)) in (0, 9)
    for number in range(3):
        (tmp_path / "deep" / f"more{number}{suffix}").touch()
    with pytest.raises(RuleError, match=rf"^{tmp_path}: holds more than .* rules alone"):
        load_folder(tmp_path)


def test_links_in_a_circle_hold_no_rules(tmp_path: Path) -> None:
    (tmp_path / "rules" / "deeper").mkdir(parents=True)
    (tmp_path / "rules" / "deeper" / "again").symlink_to("..")
    assert load_folder(tmp_path / "rules") == ()
    (tmp_path / "rules" / "loop.yaml").symlink_to("loop.yaml")
    said = config_error(tmp_path, "rules")
    assert "rules/loop.yaml: cannot be read: Too many levels of symbolic links" in said


@pytest.mark.parametrize(
    ("name", "said"),
    [("pipe.yaml", "a pipe, not a file"), ("folder.yaml", "Is a directory"), ("large.yaml", "larger than 0.5 MB")],
)  # fmt: skip
def test_what_is_no_rule_file_is_an_error(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    path = tmp_path / "rules" / name
    if name == "pipe.yaml":
        os.mkfifo(path)
    elif name == "folder.yaml":
        path.mkdir()
    else:
        path.write_text("#" * 500_001)
    assert f"rules/{name}: cannot be read: {said}" in config_error(tmp_path, "rules")


# ---- streams that are closed or full


def shell(folder: Path, command: str) -> tuple[int, str, str]:
    """Run dflint from a shell, which can close and redirect streams."""
    (folder / "Dockerfile").write_text(GOOD)
    done = subprocess.run(
        ["sh", "-c", command.replace("dflint", f"'{sys.executable}' -m dflint")],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


CHECK = "dflint check --no-config --no-cache --no-shellcheck"


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (f"{CHECK} Dockerfile >&-", 1, ""),
        (f"{CHECK} Dockerfile gone 2>&-", 2, ""),
        (f"{CHECK} Dockerfile <&- >&- 2>&-", 1, ""),
        (f"{CHECK} - <&-", 2, "dflint: standard input is closed\n"),
        (f"{CHECK} --files-from - <&-", 2, "dflint: standard input is closed\n"),
        (f"{CHECK} - --fix >&- <Dockerfile", 1, ""),
        (f"{CHECK} --frob 2>&-", 2, ""),
        ("dflint --help >&-", 0, ""),
    ],
)
def test_a_closed_stream_stops_nothing(command: str, code: int, said: str, tmp_path: Path) -> None:
    came, _, errors = shell(tmp_path, command)
    assert (came, errors) == (code, said)


def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    report = tmp_path / "report"
    assert shell(tmp_path, f"{CHECK} Dockerfile gone --output json=report >&- 2>&-")[0] == 2
    assert {row["path"] for row in json.loads(report.read_text())} == {"Dockerfile", "gone"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
@pytest.mark.parametrize(
    "command",
    [
        f"{CHECK} Dockerfile",
        f"{CHECK} Dockerfile --output-format json",
        f"{CHECK} - --fix <Dockerfile",
        "dflint rules",
        "dflint --help",
        "dflint --version",
        "dflint cache dir",
    ],
)
def test_a_full_disk_as_standard_output_is_told(command: str, tmp_path: Path) -> None:
    came, _, errors = shell(tmp_path, f"{command} >/dev/full")
    assert errors == "dflint: standard output cannot be written: No space left on device\n"
    assert came == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_a_full_disk_as_standard_error_stops_nothing(tmp_path: Path) -> None:
    came, output, _ = shell(tmp_path, f"{CHECK} gone Dockerfile 2>/dev/full")
    assert came == 2
    assert "gone:1:1: error" in output
    assert "Dockerfile:2:5: " in output


def test_reports_mended_files_and_the_cache_on_a_full_disk(tmp_path: Path) -> None:
    bad = "FROM python:3.13\nRUN pip install flask\n"
    (tmp_path / "mine").write_text(bad)
    full = "ulimit -f 0; XDG_CACHE_HOME=$PWD/cache dflint check --no-config --no-shellcheck mine"
    came, output, _ = shell(tmp_path, f"{full} 2>&1")
    assert came == 1
    assert "mine:2:5: " in output  # the cache is done without
    came, output, _ = shell(tmp_path, f"{full} --fix 2>&1")
    assert came == 2
    assert "dflint: mine: cannot be written: File too large\n" in output
    assert (tmp_path / "mine").read_text() == bad
    came, output, _ = shell(tmp_path, f"{full} --output json=report 2>&1")
    assert (came, output) == (2, "dflint: report: cannot be written: File too large\n")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["Dockerfile", "cache", "mine"]


@pytest.mark.parametrize("option", ["-", "--files-from -"])
def test_standard_input_may_be_without_end(option: str, tmp_path: Path) -> None:
    came, output, errors = shell(tmp_path, f"{CHECK} {option} </dev/zero")
    assert (came, output) == (2, "")
    assert "larger than 4 MB" in errors or "more than 65,536 bytes" in errors


# ---- signals while several processes work


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize(
    ("number", "everybody", "code", "said"),
    [
        (signal.SIGINT, True, 130, b"Aborted!\n"),
        (signal.SIGINT, False, 130, b"Aborted!\n"),
        (signal.SIGTERM, True, -15, b""),
        (signal.SIGTERM, False, -15, b""),
        (signal.SIGKILL, False, -9, b""),
    ],
)
def test_a_signal_leaves_no_process_behind(
    number: signal.Signals, everybody: bool, code: int, said: bytes, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text(GOOD)
    command = [sys.executable, "-m", "dflint", "check", "--files-from", "-", "--jobs", "2"]
    options = ["--no-config", "--no-cache", "--no-shellcheck", "--output-format", "jsonl"]
    with subprocess.Popen(
        [*command, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"Dockerfile\n" * 1000)
        process.stdin.flush()
        assert process.stdout.readline()  # it is at work, and waits for more
        (os.killpg if everybody else os.kill)(process.pid, number)
        # The streams end when the last process that has them does.
        errors = process.communicate(timeout=SECONDS)[1]
    assert (process.returncode, errors) == (code, said)


# ---- files that name one another, each many times


def test_variables_that_double_in_compose_and_bake_are_told(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(GOOD)
    settings = [f"V{at}={f'${{V{at - 1}}}' * 10}" for at in range(1, 18)]
    (tmp_path / ".env").write_text("\n".join(["V0=xxxxxxxxxx", *settings]))
    (tmp_path / "compose.yaml").write_text(
        "services:\n  a:\n    build: {context: ., dockerfile: '${V17}'}\n"
    )
    came = run(tmp_path, "compose.yaml", "Dockerfile", "--output-format", "concise")
    assert "`$V17` has no value here" in came.errors
    assert "Dockerfile:2:5: " in came.output


@pytest.mark.parametrize("value", ["", "x"])
def test_variables_that_double_in_bake_are_told(value: str, tmp_path: Path) -> None:
    pytest.importorskip("hcl2")
    (tmp_path / "Dockerfile").write_text(GOOD)
    lines = [f'variable "v{at}" {{ default = "{f"${{v{at + 1}}}" * 10}" }}' for at in range(18)]
    lines.append(f'variable "v18" {{ default = "{value}" }}')
    (tmp_path / "docker-bake.hcl").write_text(
        "\n".join([*lines, 'target "a" { dockerfile = "${v0}" }', ""])
    )
    came = run(tmp_path, "docker-bake.hcl", "Dockerfile", "--output-format", "concise")
    assert "docker-bake.hcl:" in came.errors
    assert "target `a` is left alone" in came.errors
    assert "Dockerfile:2:5: " in came.output


@pytest.mark.parametrize("name", ["r0.txt", "self.txt"])
def test_requirements_that_include_one_another_are_read_once(name: str) -> None:
    files = {f"r{at}.txt": f"-r r{at + 1}.txt\n" * 1000 for at in range(8)}
    files |= {"r8.txt": "flask\ngunicorn\n", "self.txt": "-r self.txt\n" * 1000}
    text = (
        f"FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r {name}\n"
        'CMD ["gunicorn", "a:b"]\n'
    )
    context = memory_context(files, dockerfile="Dockerfile")
    linter = make_linter(command_line(default_config(), select=("ALL",)))
    report = lint_source(make_source("Dockerfile", text), linter, context)
    found = {each.name for each in report.findings}
    assert "start-program-missing" not in found
    assert ("requirements-file-not-pinned" in found) is (name == "r0.txt")


# ---- contexts and Compose files of any size


def test_a_folder_with_too_much_in_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "MOST_ENTRIES", 5)
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nCOPY . /a\nCOPY *.x /b/\n")
    for number in range(9):
        (tmp_path / f"{number}.x").touch()
    (done,) = check([Task(tmp_path / "Dockerfile")], make_linter(), Plan())
    assert done.notes == (f"{tmp_path}: more than 50,000 entries, so what is in it is not known",)
    assert not done.failed
    assert done.report.findings


def test_builds_of_one_file_are_looked_at_once_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []
    real = lint.draft

    def counted(*given: object, **more: object) -> object:
        looked.append(given[4])
        return real(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "draft", counted)
    monkeypatch.setattr(checking, "MOST_WAYS", 20)
    (tmp_path / "Dockerfile").write_text(GOOD)
    path = tmp_path / "Dockerfile"
    ways = [Task(path, arguments={"A": str(number // 10)}) for number in range(500)]
    (done,) = check([Task(path, also=tuple(ways))], make_linter(), Plan())
    assert len(looked) == 20
    assert done.report.findings


def test_builds_of_one_compose_file_are_counted(tmp_path: Path) -> None:
    services = "".join(f"  s{at}: {{image: i{at}, build: .}}\n" for at in range(1_100))
    found = read_compose(make_source("compose.yaml", f"services:\n{services}"), tmp_path, {})
    assert found is not None
    assert len(found.builds) == 1_000
    assert found.notes == (
        "compose.yaml:1002: more than 1,000 builds in one file: those from here on are left alone",
    )
    assert all(each.named_contexts is found.builds[0].named_contexts for each in found.builds)


def test_patterns_without_end_are_left_out_or_an_error(tmp_path: Path) -> None:
    endless = "*a" * 30 + "b"
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text(f"{endless}\n{'**/a/' * 20}b\nx/\n")
    deep = tmp_path.joinpath(*"a" * 60)
    deep.mkdir(parents=True)
    (tmp_path / "x").mkdir()
    for path in (deep, tmp_path / "x", tmp_path):
        (path / f"{'a' * 100}.Dockerfile").write_text(GOOD)
    assert len(discover([tmp_path]).files) == 2
    config = tmp_path / "dflint.yaml"
    config.write_text(f"exclude: ['{endless}']\n")
    with pytest.raises(ConfigError, match=r"dflint.yaml:1: .* has too many `\*`"):
        load_config(config)
    config.write_text("exclude: ['**/*.x/**', 'a/*']\n")
    assert load_config(config).exclude == ("**/*.x/**", "a/*")


@pytest.mark.parametrize("pattern", ["*a" * 30 + "b", "**/a/" * 20 + "b", "a?*" * 30 + "b"])
def test_patterns_of_an_ignore_file_and_of_copies_end(pattern: str) -> None:
    files = {"a" * 200: "", "a/" * 60 + "a": "", ".dockerignore": pattern}
    text = f"FROM debian:12\nCOPY {pattern} /x/\nCOPY . /y\n"
    linter = make_linter(command_line(default_config(), select=("ALL",)))
    context = memory_context(files, pattern, dockerfile="Dockerfile")
    assert lint_source(make_source("Dockerfile", text), linter, context).findings


@pytest.mark.parametrize(
    "words",
    [["check"], ["check", "Dockerfile", "--context"], ["rules", "test"], ["graph"], ["migrate"]],
    ids=" ".join,
)
def test_a_path_that_is_too_long_is_told(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Dockerfile").write_text("FROM debian:13\n")
    result = CliRunner().invoke(make_app(), [*words, "a" * 5000])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code in (1, 2)
    assert "aaaa" in result.output


def test_a_folder_of_rules_whose_name_is_too_long_is_told() -> None:
    with pytest.raises(RuleError, match="there is no such folder of rules"):
        load_folder(Path("a" * 5000))
