"""The command line as a user meets it: what is printed, and the exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import dflint
from dflint.cli.app import make_app

BAD = 'FROM python:3.13-slim\nRUN pip install flask==3.1.2\nUSER 1000\nCMD ["flask"]\n'
CLEAN = (
    'FROM python:3.13-slim\nRUN pip install --no-cache-dir flask==3.1.2\nUSER 1000\nCMD ["app"]\n'
)
SELECT = ["--select", "pip-no-cache,syntax-error,unreadable,unused-ignore,bad-ignore"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def run(*words: str, stdin: str | bytes | None = None) -> Result:
    # Whether a ShellCheck is there is another test's business.
    extra = ["--no-shellcheck"] if words[:1] == ("check",) else []
    result = CliRunner().invoke(make_app(), [*words, *extra], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def check(*words: str, stdin: str | bytes | None = None) -> Result:
    return run("check", "--no-config", *words, stdin=stdin)


def write(path: str, text: str | bytes) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(text.encode() if isinstance(text, str) else text)


def test_clean_is_zero_and_findings_are_one() -> None:
    write("Dockerfile", CLEAN)
    clean = check(*SELECT)
    assert (clean.exit_code, clean.stdout) == (0, "")
    assert clean.stderr == "No problems found in 1 file\n"
    write("Dockerfile", BAD)
    result = check(*SELECT)
    assert result.exit_code == 1
    assert "Dockerfile:2:5" in result.output
    assert "Found 1 problem (1 warning) in 1 file" in result.output


def test_concise_is_a_line_a_finding() -> None:
    write("Dockerfile", BAD)
    assert check(*SELECT, "--output-format", "concise").output == (
        "Dockerfile:2:5: warning[DF201] pip-no-cache: `pip install flask==3.1.2` keeps pip's download cache in this layer\n"
    )


def test_no_path_looks_in_the_current_folder() -> None:
    for name in (
        "a/Dockerfile",
        "b/api.Dockerfile",
        "c/Dockerfile.prod",
        "d/Containerfile",
        "e/other.txt",
        "f/Dockerfile.j2",
    ):
        write(name, BAD)
    lines = check(*SELECT, "--output-format", "concise").output.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "a/Dockerfile",
        "b/api.Dockerfile",
        "c/Dockerfile.prod",
        "d/Containerfile",
    ]


def test_a_file_that_is_named_is_taken_whatever_its_name() -> None:
    write("image.txt", BAD)
    assert check(*SELECT, "image.txt").exit_code == 1


def test_standard_input() -> None:
    result = check(
        *SELECT, "--output-format", "concise", "--stdin-filename", "api/Dockerfile", "-", stdin=BAD
    )
    assert result.exit_code == 1
    assert result.output.startswith("api/Dockerfile:2:5: ")
    assert check(*SELECT, "-", stdin=CLEAN).exit_code == 0


def test_one_bad_file_never_stops_the_others() -> None:
    write("a/Dockerfile", "FROM python:3.13-slim\nRUNN x\n")
    write("b/Dockerfile", BAD)
    result = check(*SELECT, "--output-format", "concise", "a", "missing", "b")
    assert result.exit_code == 2
    assert "missing:1:1: error[DF002] unreadable" in result.output
    assert (
        "a/Dockerfile:2:1: error[DF001] syntax-error: unknown instruction `RUNN`: did you mean `RUN`?"
        in result.output
    )
    assert "b/Dockerfile:2:5: warning[DF201]" in result.output


def test_a_syntax_error_alone_is_a_finding() -> None:
    write("Dockerfile", "FROM a\nENV b\n")
    assert check(*SELECT).exit_code == 1


def test_bytes_that_are_no_text() -> None:
    write("Dockerfile", b"FROM python:3.13-slim\nRUN echo \xff\x00 && pip install flask==3.1.2\n")
    for form in ("full", "concise", "json", "github", "sarif"):
        assert check(*SELECT, "--output-format", form).exit_code == 1


def test_fail_on_and_exit_zero() -> None:
    write("Dockerfile", BAD)
    assert check(*SELECT, "--fail-on", "error").exit_code == 0
    assert check(*SELECT, "--fail-on", "info").exit_code == 1
    assert check(*SELECT, "--exit-zero").exit_code == 0


def test_severity_hides_what_is_milder() -> None:
    write("Dockerfile", BAD)
    assert check(*SELECT, "--severity", "error", "--output-format", "concise").output == ""


def test_select_ignore_and_extend() -> None:
    write("Dockerfile", BAD)

    def found(*words: str) -> set[str]:
        return {
            each["name"] for each in json.loads(check("--output-format", "json", *words).output)
        }

    assert found("--select", "DF201") == {"pip-no-cache"}
    assert found("--select", "hadolint:DL3042") == {"pip-no-cache"}
    assert found("--select", "size") == {"pip-no-cache"}
    assert found("--select", "size", "--ignore", "pip-no-cache") == set()
    assert "no-healthcheck" not in found()
    assert "no-healthcheck" in found("--extend-select", "no-healthcheck")
    assert "no-healthcheck" in found("--select", "ALL")


def test_a_misspelt_rule_is_told() -> None:
    write("Dockerfile", BAD)
    result = check("--select", "pip-nocache")
    assert result.exit_code == 2
    assert "pip-no-cache" in result.stderr


def test_json_has_all_that_tools_need() -> None:
    write("Dockerfile", BAD)
    (found,) = json.loads(check(*SELECT, "--output-format", "json").output)
    assert {key: found[key] for key in ("path", "line", "column", "end_line", "end_column", "rule", "name", "severity", "category", "stage")} == {
        "path": "Dockerfile", "line": 2, "column": 5, "end_line": 2, "end_column": 29,
        "rule": "DF201", "name": "pip-no-cache", "severity": "warning", "category": "size", "stage": "0",
    }  # fmt: skip
    assert found["aliases"] == ["hadolint:DL3042"]
    assert found["fix"]["safety"] == "safe"
    assert found["message"]
    assert found["advice"]


def test_target_chooses_the_product() -> None:
    write(
        "Dockerfile",
        "FROM python:3.13-slim AS one\nRUN pip install flask==3.1.2\nFROM scratch AS two\n",
    )
    assert check(*SELECT).exit_code == 0
    assert check(*SELECT, "--target", "one").exit_code == 1
    assert check(*SELECT, "--stage", "0").exit_code == 1
    result = check(*SELECT, "--target", "three")
    assert result.exit_code == 2
    assert "there is no stage `three`; the stages are: one, two" in result.stderr


def test_statistics_count_by_rule() -> None:
    write("Dockerfile", BAD + "RUN pip install django==5.2\n")
    output = check(*SELECT, "--statistics").output
    assert output.split()[:3] == ["2", "DF201", "pip-no-cache"]


def test_color() -> None:
    write("Dockerfile", BAD)
    assert "\x1b[" not in check(*SELECT).output
    assert "\x1b[" in check(*SELECT, "--color", "always").output


def test_ignores() -> None:
    write(
        "Dockerfile",
        "FROM python:3.13-slim\n# dflint: ignore[pip-no-cache] a test\nRUN pip install flask==3.1.2\n",
    )
    assert check(*SELECT).exit_code == 0
    write("Dockerfile", "FROM python:3.13-slim\n# dflint: ignore[pip-no-cache] a test\nRUN echo\n")
    result = check(*SELECT, "--output-format", "concise")
    assert "Dockerfile:2:18: " in result.output
    assert "unused-ignore" in result.output
    write("Dockerfile", BAD + "# dflint: ignore-file[DF201]\n")
    assert check(*SELECT).exit_code == 0


def test_an_ignore_inside_a_run_covers_the_command_below_it() -> None:
    write(
        "Dockerfile",
        "FROM python:3.13-slim\nRUN pip install a==1 && \\\n    # dflint: ignore[pip-no-cache] why\n    pip install b==1\n",
    )
    lines = check(*SELECT, "--output-format", "concise").output.splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["Dockerfile:2:5"]


def test_configuration() -> None:
    write("Dockerfile", BAD)
    write("dflint.toml", 'select = ["pip-no-cache"]\n[severity]\npip-no-cache = "info"\n')
    result = run("check", "--output-format", "concise")
    assert result.exit_code == 0
    assert "info[DF201]" in result.output
    write("dflint.toml", 'ignore = ["pip-no-cache"]\n')
    assert run("check", "--select", "pip-no-cache").exit_code == 1
    assert run("check", "--select", "size").exit_code == 0
    write("dflint.toml", 'selct = ["pip-no-cache"]\n')
    result = run("check")
    assert result.exit_code == 2
    assert "dflint.toml:1" in result.stderr
    assert "`select`" in result.stderr
    assert run("check", "--no-config", "--select", "DF201").exit_code == 1


RULE = """\
id: OWN1
name: no-telnet
summary: telnet is installed
severity: error
category: security
subject: install
where: {packages: {has: telnet}}
message: "`{text}` installs telnet"
advice: Leave it out.
why: It is old.
examples:
  - bad: |
      FROM debian:13
      RUN apt-get install -y telnet
    at: ["2:5-30"]
  - good: |
      FROM debian:13
      RUN apt-get install -y curl
"""


def test_a_user_s_own_rules() -> None:
    write("my-rules/no-telnet.yaml", RULE)
    write("dflint.toml", 'rules = ["my-rules/"]\nselect = ["no-telnet"]\n')
    write("Dockerfile", "FROM debian:13\nRUN apt-get install -y telnet\n")
    result = run("check", "--output-format", "concise")
    assert result.exit_code == 1
    assert "error[OWN1] no-telnet: `apt-get install -y telnet` installs telnet" in result.output
    assert run("explain", "no-telnet").exit_code == 0
    result = run("rules", "test", "my-rules")
    assert (result.exit_code, result.output) == (0, "1 rules, 2 examples, 0 failures\n")


def test_a_broken_rule_names_file_and_line() -> None:
    write("my-rules/no-telnet.yaml", RULE.replace("packages:", "pakages:"))
    write("dflint.toml", 'rules = ["my-rules/"]\n')
    write("Dockerfile", CLEAN)
    result = run("check")
    assert result.exit_code == 2
    assert "no-telnet.yaml:7: " in result.stderr
    assert "`packages`" in result.stderr


def test_an_example_that_fails_is_told() -> None:
    write("my-rules/no-telnet.yaml", RULE.replace("2:5-30", "2:6"))
    result = run("rules", "test", "my-rules")
    assert result.exit_code == 1
    assert "expected at 2:6; found at 2:5-30" in result.output


def test_two_rules_of_one_name() -> None:
    write("my-rules/a.yaml", RULE)
    write("my-rules/b.yaml", RULE.replace("OWN1", "OWN2"))
    result = run("rules", "test", "my-rules")
    assert result.exit_code == 2
    assert "`no-telnet` is taken by the rule in" in result.stderr


def test_rules_are_listed_and_filtered() -> None:
    every = run("rules", "--no-config").output
    assert "pip-no-cache" in every
    assert "root-user" in every
    some = run("rules", "--no-config", "--filter", "DL3042").output
    assert "pip-no-cache" in some
    assert "root-user" not in some
    assert json.loads(run("rules", "--no-config", "--json").output)[0]["id"] == "DF001"


def test_explain_puts_facts_into_the_advice() -> None:
    output = run("explain", "--no-config", "slim-base").output
    assert "Use `3.13-slim` in its place" in output
    for rule in json.loads(run("rules", "--no-config", "--json").output):
        told = run("explain", "--no-config", rule["id"]).output
        advice = told[told.index("What to do") : told.index("Good")]
        assert not re.search(r"\{[a-z][a-z.-]*\}", advice), rule["name"]


def test_explain() -> None:
    output = run("explain", "--no-config", "DL3042").output
    for part in (
        "pip-no-cache",
        "DF201",
        "Why",
        "What to do",
        "Bad",
        "Good",
        "ignore[pip-no-cache]",
    ):
        assert part in output
    result = run("explain", "--no-config", "pip-no-cash")
    assert result.exit_code == 2
    assert "did you mean `pip-no-cache`?" in result.stderr


def test_version() -> None:
    assert run("--version").output == f"dflint {dflint.__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["check", "--output-format", "xml"],
        ["check", "--today", "tomorrow"],
        ["check", "--config", "missing.toml"],
        ["check", "--context", "missing"],
        ["check", "--nonsense"],
        ["rules", "test", "missing"],
        ["nonsense"],
    ],
)
def test_wrong_usage_is_two(words: list[str]) -> None:
    assert run(*words).exit_code == 2


def test_the_day_can_be_fixed() -> None:
    write("Dockerfile", "FROM python:3.12-slim\nUSER 1000\n")
    only = ["--select", "python-end-of-life"]
    assert check(*only, "--today", "2028-01-01").exit_code == 0
    assert check(*only, "--today", "2029-01-01").exit_code == 1


def test_a_closed_pipe_is_no_traceback() -> None:
    for number in range(300):
        write(f"{number}/Dockerfile", BAD)
    command = f'"{sys.executable}" -m dflint check --no-config | head -1'
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert result.stderr == ""
    assert len(result.stdout.splitlines()) == 1
