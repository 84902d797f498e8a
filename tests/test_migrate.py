"""`dflint migrate`, and the guide that shows it."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from dflint.cli.app import make_app
from dflint.config import Config, ConfigError, from_hadolint, load_config
from dflint.finding import FileReport
from dflint.fix import replaced
from dflint.hadolint import read_settings
from dflint.lint import builtin_rules, lint, lint_source, make_linter
from dflint.migrate import comments, migrate, toml
from dflint.selection import settle
from dflint.source import make_source
from tests.test_docs import ROOT, blocks

GUIDE = (ROOT / "docs" / "moving-from-hadolint.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PIP = "RUN pip install flask==3.1.0\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def run(*words: str) -> Result:
    result = CliRunner().invoke(make_app(), list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(text.encode())


def rewritten(text: str) -> tuple[str, list[str]]:
    edits, left = comments(make_source("D", text), builtin_rules())
    return replaced(text, edits), left


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# hadolint ignore=DL3042", "# dflint: ignore[pip-no-cache]"),
        ("#hadolint ignore = DL3042 , DL3015", "# dflint: ignore[pip-no-cache, apt-no-recommends]"),
        ("# hadolint ignore=DL3042,DL3042", "# dflint: ignore[pip-no-cache]"),
        ("# hadolint ignore=DL3042 # a proxy", "# dflint: ignore[pip-no-cache] a proxy"),
        ("# hadolint ignore=DL3042 a proxy, why", "# dflint: ignore[pip-no-cache] a proxy, why"),
        ("  # hadolint ignore=DL3042", "  # dflint: ignore[pip-no-cache]"),
        ("# hadolint global ignore=DL3042", "# dflint: ignore-file[pip-no-cache]"),
        ("# hadolint ignore=SC2086,DL3042", "# dflint: ignore[SC2086, pip-no-cache]"),
        # one code of several that the rule stands for
        ("# hadolint ignore=DL3022", "# dflint: ignore[DL3022]"),
        # a code that no rule stands for stays
        ("# hadolint ignore=DL9999,DL3042 x", "# dflint: ignore[pip-no-cache] x\n# hadolint ignore=DL9999"),
        ("\t# hadolint global ignore=DL3042,DL9999", "\t# dflint: ignore-file[pip-no-cache]\n\t# hadolint global ignore=DL9999"),
        ("# hadolint ignore=DL9999", "# hadolint ignore=DL9999"),
        ("# hadolint shell=/bin/bash", "# hadolint shell=/bin/bash"),
        ("# trivy:ignore:DS002", "# trivy:ignore:DS002"),
        ("# dflint: ignore[DL3042]", "# dflint: ignore[DL3042]"),
        ("# hadolint likes this", "# hadolint likes this"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_comments(before: str, after: str, ending: str) -> None:
    text = f"FROM a\n{before}\nRUN b\n".replace("\n", ending)
    assert rewritten(text)[0] == f"FROM a\n{after}\nRUN b\n".replace("\n", ending)


def test_comments_inside_instructions() -> None:
    text = "FROM a\nRUN b && \\\n  # hadolint ignore=DL3042\n  c\nRUN <<E\n# hadolint ignore=DL3042\nd\nE\n"
    assert rewritten(text) == (
        text.replace("hadolint ignore=DL3042", "dflint: ignore[pip-no-cache]"),
        [],
    )


def test_what_is_left_is_told_with_its_line() -> None:
    text = (
        "FROM a\n# hadolint ignore=DL9999,DL3042,DL9998\nRUN b\n# hadolint ignore: DL3042\nRUN c\n"
    )
    assert rewritten(text)[1] == [
        "D:2: dflint has no rule for `DL9999`",
        "D:2: dflint has no rule for `DL9998`",
        "D:4: names no rule, so it ignores nothing",
    ]


CODES = ["DL3042", "DL3015", "DL3009", "DL3013", "DL3025", "DL9999", "SC2086", "DL3002"]
FILES = st.lists(
    st.sampled_from(
        [
            PIP, "RUN apt-get update && \\\n", "  apt-get install -y curl\n", "RUN <<E\n",
            "pip install x\n", "E\n", "CMD a\n", "FROM python:3.13-slim\n", "\n", "# a\n", "  ",
            *(f"# hadolint {word}ignore={code}\n" for word in ("", "global ") for code in CODES),
        ]
    ),
    max_size=12,
)  # fmt: skip
LINTER = make_linter(Config(select=("ALL",), ignore=("unused-ignore",)))


def _seen(report: FileReport) -> list[tuple[str, str]]:
    """The findings but those about comments; a comment of two lines moves what follows."""
    return [(f.rule, f.message) for f in report.findings if not f.message.startswith("`# ")]


@settings(deadline=None)
@given(FILES)
def test_the_findings_stay_the_same(pieces: list[str]) -> None:
    text = "FROM python:3.13-slim\n" + "".join(pieces)
    after = rewritten(text)[0]
    assert _seen(lint_source(make_source("D", after), LINTER)) == _seen(
        lint_source(make_source("D", text), LINTER)
    )
    assert rewritten(after)[0] == after


SETTINGS = """\
ignored: [DL3042, DL3022, SC2086, DL9999]
override:
  error: [DL3015]
  style: [SC2046]
failure-threshold: style
no-fail: true
format: gnu
disable-ignore-pragma: true
"""


def test_the_configuration_means_the_same() -> None:
    write(".hadolint.yaml", SETTINGS)
    before = make_linter(load_config(Path(".hadolint.yaml"))).config
    (change,) = migrate([Path()], builtin_rules()).changes
    assert change.path == Path("dflint.toml")
    assert change.before == ""
    write("dflint.toml", change.after)
    after = make_linter(load_config(Path("dflint.toml"))).config
    assert tomllib.loads(change.after)["ignore"] == ["pip-no-cache", "DL3022", "SC2086"]
    assert tomllib.loads(change.after)["severity"] == {
        "apt-no-recommends": "error",
        "SC2046": "style",
    }
    for name in ("fail_on", "exit_zero", "inline_ignores", "outputs", "rule_options"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.fail_on.label == "style"
    assert not after.inline_ignores


def test_options_of_rules() -> None:
    text = "trustedRegistries: ['a\"b', quay.io]\nlabel-schema: {m: text}\nstrict-labels: true\n"
    config = from_hadolint(read_settings(text), ".hadolint.yaml")
    written = tomllib.loads(toml(config, builtin_rules(), ".hadolint.yaml"))
    assert written["rules"] == {
        "trusted-registry": {"registries": ['a"b', "quay.io"]},
        "label-schema": {"labels": ["m:text"], "strict": True},
        "label-missing": {"labels": ["m:text"]},
    }
    assert written["extend-select"] == ["trusted-registry", "label-schema", "label-missing"]


def test_long_lists_get_a_line_each() -> None:
    codes = [
        code for rule in builtin_rules() for code in rule.aliases if code.startswith("hadolint:")
    ]
    config = settle(Config(ignore=tuple(codes)), builtin_rules())
    text = toml(config, builtin_rules(), "x")
    assert len(tomllib.loads(text)["ignore"]) > 10
    assert max(map(len, text.split("\n"))) <= 90


def test_without_write_nothing_is_written() -> None:
    write(".hadolint.yaml", SETTINGS)
    write("Dockerfile", f"FROM a\n# hadolint ignore=DL3042\n{PIP}")
    result = run("migrate")
    assert result.exit_code == 0
    assert "+++ b/dflint.toml" in result.stdout
    assert "Dockerfile" not in result.stdout
    assert result.stderr == (
        ".hadolint.yaml:1: dflint has no rule for `DL9999`\n"
        "Dockerfile:2: stays, because `disable-ignore-pragma` turns it off\n"
    )
    assert sorted(path.name for path in Path().iterdir()) == [".hadolint.yaml", "Dockerfile"]


def test_writing() -> None:
    write("a/.hadolint.yml", "ignored: [DL3015]\nverbose: true\n")
    write("a/b/Dockerfile", f"FROM python:3.13-slim\n# hadolint ignore=DL3042\n{PIP}")
    Path("a/b/Dockerfile").chmod(0o600)
    result = run("migrate", "--write", "a")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "Wrote a/dflint.toml"
    assert result.stderr == "a/.hadolint.yml:2: dflint has no `verbose`\n"
    assert load_config(Path("a/dflint.toml")).ignore == ("apt-no-recommends",)
    text = Path("a/b/Dockerfile").read_text()
    assert text == f"FROM python:3.13-slim\n# dflint: ignore[pip-no-cache]\n{PIP}"
    assert Path("a/b/Dockerfile").stat().st_mode & 0o777 == 0o600
    again = run("migrate", "--write", "a")
    assert (again.exit_code, again.stdout) == (0, "")
    assert again.stderr == (
        "a/.hadolint.yml: not carried over, because a/dflint.toml is there\nNothing to migrate\n"
    )
    assert "pip-no-cache" not in str(lint("a/b/Dockerfile").findings)


def test_bytes_that_are_no_text_stay() -> None:
    Path("Dockerfile").write_bytes(b"FROM a\n# \xff\n# hadolint ignore=DL3042\nRUN b\n")
    assert run("migrate", "--write").exit_code == 0
    assert (
        Path("Dockerfile").read_bytes()
        == b"FROM a\n# \xff\n# dflint: ignore[pip-no-cache]\nRUN b\n"
    )


def test_nothing_and_nowhere() -> None:
    write("Dockerfile", "FROM a\n")
    result = run("migrate")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing to migrate\n")
    missing = run("migrate", "nowhere")
    assert missing.exit_code == 2
    assert missing.stderr == "dflint: nowhere: no such file or folder\n"


def test_a_broken_configuration() -> None:
    write(".hadolint.yaml", "a: [\n")
    with pytest.raises(ConfigError, match=r"^\.hadolint\.yaml:2: not YAML"):
        migrate([Path()], builtin_rules())
    assert run("migrate").exit_code == 2


def test_check_tells_what_has_no_effect() -> None:
    write(".hadolint.yaml", "ignored: [DL9999]\nno-fail: true\n")
    write("Dockerfile", f"FROM python:3.13-slim\n{PIP}")
    result = run("check")
    assert result.exit_code == 0
    assert "pip-no-cache" in result.stdout
    assert result.stderr.startswith("dflint: .hadolint.yaml:1: dflint has no rule for `DL9999`\n")


# The guide


def test_the_guide_s_commands_work() -> None:
    (configuration,) = blocks(GUIDE, "yaml")
    (dockerfile,) = blocks(GUIDE, "dockerfile")
    (diff,) = blocks(GUIDE, "diff")
    write(".hadolint.yaml", configuration)
    write("Dockerfile", dockerfile)
    commands = [line for block in blocks(GUIDE, "sh") for line in block.splitlines()]
    assert len(commands) >= 6
    for command in commands:
        program, *words = shlex.split(command)
        assert program == "dflint"
        result = run(*words)
        assert result.exit_code in (0, 1), command
        if words == ["migrate"]:
            assert result.stdout == diff
    assert Path("dflint.toml").exists()


def test_the_guide_names_what_exists() -> None:
    keys = set(re.findall(r"^\| `([\w-]+)`", GUIDE, re.MULTILINE)) - {".hadolint.yaml"}
    assert {"ignored", "override", "no-fail"} <= keys
    assert "docs/moving-from-hadolint.md" in README
