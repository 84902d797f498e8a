"""Configuration files, what is wrong with them, and which rules they switch on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dflint.config import (
    Config,
    ConfigError,
    command_line,
    default_config,
    find_config,
    load_config,
)
from dflint.finding import Severity
from dflint.outputs import FORMATS, Output
from dflint.rule import Rule
from dflint.selection import SelectorError, check_names, per_file_ignored, selected


def rule(
    id_: str, name: str, category: str, aliases: Sequence[str] = (), default: bool = True
) -> Rule:
    return Rule(
        path=f"{name}.yaml",
        id=id_,
        name=name,
        summary="",
        severity=Severity.WARNING,
        category=category,
        subject="command",
        where={},
        message="",
        advice="",
        why="",
        aliases=tuple(aliases),
        default=default,
    )


RULES = (
    rule("DF101", "latest-tag", "reproducibility", ["hadolint:DL3007"]),
    rule("DF201", "pip-no-cache", "size", ["hadolint:DL3042"]),
    rule("DF202", "apt-lists-left", "size", ["hadolint:DL3009"]),
    rule("DF211", "conda-clean", "size", default=False),
    rule("DF301", "runs-as-root", "security", ["hadolint:DL3002"], default=False),
)

TOML = """\
select = ["size", "security"]
ignore = ["DL3009"]
extend-select = ["latest-tag"]
rule-folders = ["my-rules"]
exclude = ["vendor/"]
context = "app"
target = "runtime"
today = 2026-11-21
output-format = "github"
fail-on = "error"

[per-file-ignores]
"tests/**" = ["ALL"]

[severity]
pip-no-cache = "error"

[rules.latest-tag]
allowed = ["scratch"]
"""

YAML = """\
select: [size, security]
ignore: [DL3009]
extend-select: [latest-tag]
rule-folders: [my-rules]
exclude: [vendor/]
context: app
target: runtime
today: 2026-11-21
output-format: github
fail-on: error
per-file-ignores:
  tests/**: [ALL]
severity:
  pip-no-cache: error
rules:
  latest-tag: {allowed: [scratch]}
"""

PYPROJECT = "[project]\nname = 'x'\n\n[tool.dflint]\n" + TOML.replace(
    "[per-file-ignores]", "[tool.dflint.per-file-ignores]"
).replace("[severity]", "[tool.dflint.severity]").replace(
    "[rules.latest-tag]", "[tool.dflint.rules.latest-tag]"
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dflint.toml", TOML),
        (".dflint.toml", TOML),
        (".dflint.toml", "\ufeff" + TOML),
        (".dflint.yaml", YAML),
        (".dflint.yml", YAML),
        ("pyproject.toml", PYPROJECT),
        ("any-name.toml", TOML),
    ],
)
def test_every_key_in_every_form(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "app").mkdir()
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert load_config(path) == Config(
        path=str(path),
        select=("size", "security"),
        ignore=("DL3009",),
        extend_select=("latest-tag",),
        per_file_ignores=(("tests/**", ("ALL",)),),
        severity={"pip-no-cache": Severity.ERROR},
        rules=(str(tmp_path / "my-rules"),),
        rule_options={"latest-tag": {"allowed": ["scratch"]}},
        exclude=("vendor/",),
        context=str(tmp_path / "app"),
        target="runtime",
        today=date(2026, 11, 21),
        outputs=(Output("github"),),
        fail_on=Severity.ERROR,
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dflint.toml", ""),
        (".dflint.yaml", ""),
        (".dflint.yaml", "# nothing but a comment\n"),
        ("pyproject.toml", "[project]\n"),
        ("pyproject.toml", "[tool.dflint]\n"),
    ],
)
def test_an_empty_file_holds_the_defaults(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert load_config(path) == Config(path=str(path))


def test_rules_may_be_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("dflint.toml")
    path.write_text('rules = ["mine", "/opt/rules"]\nrule-folders = ["../more"]\n')
    config = load_config(path)
    assert config.rules == ("mine", "/opt/rules", "../more")
    assert config.rule_options == {}


def test_a_day_may_be_a_text(tmp_path: Path) -> None:
    path = tmp_path / "dflint.toml"
    path.write_text('today = "2026-01-31"')
    assert load_config(path).today == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            "# a comment\nslect = ['ALL']",
            2,
            "unknown key `slect`: did you mean `select`?",
        ),
        (
            "[[zzz]]",
            1,
            "unknown key `zzz` (one of select, ignore, extend-select, per-file-ignores, severity, "
            "rules, rule-folders, exclude, context, target, today, output, output-format, "
            "fail-on, exit-zero, inline-ignores, shellcheck, digests, baseline)",
        ),
        ("extend_select = []", 1, "unknown key `extend_select`: did you mean `extend-select`?"),
        ("select = 'ALL'", 1, "`select` must be a list of texts, not a text"),
        ("\nignore = ['a', 1]", 2, "`ignore` must be a list of texts, not a list with a number"),
        ("exclude = true", 1, "`exclude` must be a list of texts, not true or false"),
        ("select = []\ntarget = 1", 2, "`target` must be a text, not a number"),
        ("target = []", 1, "`target` must be a text, not a list"),
        ("target = 1.5", 1, "`target` must be a text, not a number"),
        ("today = 2026-01-01T00:00:00", 1, "`today` must be a day as YYYY-MM-DD, not a time"),
        ("today = 20260101", 1, "`today` must be a day as YYYY-MM-DD, not a number"),
        ("today = '1.1.2026'", 1, "`today` must be a day as YYYY-MM-DD, not `1.1.2026`"),
        (
            "output-format = 'gihub'",
            1,
            "unknown format `gihub`: did you mean `github`?",
        ),
        (
            "output-format = 'xml'",
            1,
            "unknown format `xml` (one of full, concise, gnu, json, jsonl, github, gitlab, sarif, junit, checkstyle, sonarqube, rdjson, markdown, html)",
        ),
        ("fail-on = 'warn'", 1, "unknown severity `warn` for `fail-on`: did you mean `warning`?"),
        ("severity = ['a']", 1, "`severity` must be a table, not a list"),
        (
            "[severity]\na = 'info'\n'b' = 'critical'",
            3,
            "unknown severity `critical` for `b` (one of style, info, warning, error)",
        ),
        ("severity.a = 3", 1, "`severity.a` must be a text, not a number"),
        ("severity = {a = 3}", 1, "`severity.a` must be a text, not a number"),
        (
            "[per-file-ignores]\n'x' = ['ALL']\n\"a b\" = 'ALL'",
            3,
            "`per-file-ignores.a b` must be a list of texts, not a text",
        ),
        ("[per-file-ignores]\n'[a' = ['ALL']", 2, "`[a` is not a pattern of paths"),
        (
            "rules = 'mine'",
            1,
            "`rules` must be a list of folders or a table of options by rule, not a text",
        ),
        ("[rules]\na = 1", 2, "`rules.a` must be a table, not a number"),
        ("select = []\nselect = []", 2, "not TOML: Cannot overwrite a value"),
        ("a = 1\nb = ", 2, "not TOML: Invalid value"),
        ("a = [\n\n", 2, "not TOML: Invalid value"),
    ],
)  # fmt: skip
def test_wrong_toml(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = tmp_path / "dflint.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value) == f"{path}:{line}: {message}"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("\nslect: [ALL]", 2, "unknown key `slect`: did you mean `select`?"),
        ("select:\nignore: []", 1, "`select` must be a list of texts, not nothing"),
        ("a: b: c", 1, "not YAML: mapping values are not allowed here"),
        ("a: [\n", 2, "not YAML: expected the node content, but found '<stream end>'"),
        ("[select]", 1, "the configuration must be a table, not a list"),
        ("severity:\n  a: info\n  b: bad", 3, "unknown severity `bad` for `b` (one of style, info, warning, error)"),
        ("per-file-ignores:\n  'a': ALL", 2, "`per-file-ignores.a` must be a list of texts, not a text"),
        ("rules:\n  a:\n", 2, "`rules.a` must be a table, not nothing"),
        ("1: x", 1, "the key `1` must be a text, not a number"),
        ("target: a\x00b", None, "not YAML: characters that YAML does not allow"),
        ("today: 2026-02-30", None, "not YAML: day is out of range for month"),
        ("today: {a: b}", 1, "`today` must be a day as YYYY-MM-DD, not a table"),
    ],
)  # fmt: skip
def test_wrong_yaml(tmp_path: Path, text: str, line: int | None, message: str) -> None:
    path = tmp_path / ".dflint.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    place = str(path) if line is None else f"{path}:{line}"
    assert str(caught.value) == f"{place}: {message}"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[tool.dflint]\nslect = 1", 2, "unknown key `slect`: did you mean `select`?"),
        ("slect = 1\n[tool.other]\nslect = 2\n[tool.dflint]\nslect = 3", 5, "unknown key `slect`: did you mean `select`?"),
        ("[tool]\nx = 1\ndflint.slect = 3", 3, "unknown key `slect`: did you mean `select`?"),
        ("[tool]\ndflint = 3", 2, "the configuration must be a table, not a number"),
        ("[tool.dflint.severity]\na = 'bad'", 2, "unknown severity `bad` for `a` (one of style, info, warning, error)"),
        ("[tool.dflint]\n]", 2, "not TOML: Invalid statement"),
    ],
)  # fmt: skip
def test_wrong_pyproject(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value) == f"{path}:{line}: {message}"


def test_a_context_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "dflint.toml"
    path.write_text('target = "x"\ncontext = "app"')
    message = f"{path}:2: there is no folder `{tmp_path}/app` to take as the build context"
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value) == message


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "dflint.toml"
    path.write_bytes(b"target = '\xff'")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_config(path)
    with pytest.raises(FileNotFoundError):
        load_config(tmp_path / "nowhere.toml")


@given(st.text("ab.=[]{}'\"\n #1-:,\t\\", max_size=40), st.sampled_from(["toml", "yaml"]))
def test_any_text_is_a_configuration_or_a_config_error(
    tmp_path_factory: pytest.TempPathFactory, text: str, suffix: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any.{suffix}"
    path.write_text(text)
    line = None
    try:
        load_config(path)
    except ConfigError as error:
        line = error.line
    assert line is None or 1 <= line <= text.count("\n") + 1


def test_the_nearest_configuration_is_found(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    order = ["pyproject.toml", ".dflint.yml", ".dflint.yaml", ".dflint.toml", "dflint.toml"]
    for name in order:
        (tmp_path / "a" / name).write_text("[tool.dflint]\n")
        assert find_config(below) == tmp_path / "a" / name
    (below / "pyproject.toml").write_text("[tool.dflint]\n")
    assert find_config(below) == below / "pyproject.toml"


def test_without_a_configuration_none_is_found(tmp_path: Path) -> None:
    (tmp_path / "dflint.toml").mkdir()
    assert find_config(tmp_path) is None


def test_a_configuration_is_found_above_a_relative_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "dflint.toml").touch()
    monkeypatch.chdir(tmp_path)
    assert find_config(Path()) == Path("dflint.toml")
    assert find_config(Path("a")) == tmp_path / "dflint.toml"
    monkeypatch.chdir(tmp_path / "a")
    assert find_config(Path()) == tmp_path / "dflint.toml"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[tool.dflint]", True),
        ("[tool.dflint.severity]", True),
        ("[tool]\ndflint = {}", True),
        ('[tool."dflint"]', True),
        ("[tool.dflint]\n]", True),
        ("[tool.dflint-other]", False),
        ("[tool.ruff]", False),
        ("[project]\ndependencies = ['dflint']", False),
        ("dependencies = ['dflint'", False),
        ("tool = 3 # dflint", False),
        ("]", False),
        ("", False),
    ],
)
def test_which_pyproject_files_count(tmp_path: Path, text: str, found: bool) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(text)
    assert find_config(tmp_path) == (path if found else None)


@pytest.mark.parametrize(
    ("select", "ignore", "extend", "expected"),
    [
        ("", "", "", "101 201 202"),
        ("ALL", "", "", "101 201 202 211 301"),
        ("size", "", "", "201 202 211"),
        ("DF2", "", "", "201 202 211"),
        ("DF20", "", "", "201 202"),
        ("DF201", "", "", "201"),
        ("pip-no-cache", "", "", "201"),
        ("hadolint:DL3042", "", "", "201"),
        ("DL3042", "", "", "201"),
        ("pip-no-cache security", "", "", "201 301"),
        ("", "pip-no-cache", "", "101 202"),
        ("", "size", "", "101"),
        ("", "ALL", "", ""),
        ("", "", "runs-as-root", "101 201 202 301"),
        ("", "", "ALL", "101 201 202 211 301"),
        ("latest-tag", "", "size", "101 201 202 211"),
        # the more exact word wins
        ("pip-no-cache", "size", "", "201"),
        ("pip-no-cache", "ALL", "", "201"),
        ("size", "ALL", "", "201 202 211"),
        ("DF20", "size", "", "201 202"),
        ("DF20", "DF2", "", "201 202"),
        ("DF2", "DF20", "", "211"),
        ("ALL", "size", "", "101 301"),
        ("ALL", "DL3042", "", "101 202 211 301"),
        ("", "ALL", "conda-clean", "211"),
        ("", "size", "conda-clean", "101 211"),
        # between equals, ignoring does
        ("pip-no-cache", "DF201", "", ""),
        ("size", "size", "", ""),
        ("ALL", "ALL", "", ""),
        ("", "conda-clean", "conda-clean", "101 201 202"),
    ],
)
def test_selected(select: str, ignore: str, extend: str, expected: str) -> None:
    found = selected(RULES, select.split(), ignore.split(), extend.split())
    assert sorted(found) == [f"DF{each}" for each in expected.split()]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("pip-no-cahce", "no rule or category is called `pip-no-cahce`: did you mean `pip-no-cache`?"),
        ("all", "no rule or category is called `all`: did you mean `ALL`?"),
        ("securty", "no rule or category is called `securty`: did you mean `security`?"),
        ("DF209", "no rule or category is called `DF209`: did you mean `DF202`?"),
        ("hadolint:DL304", "no rule or category is called `hadolint:DL304`: did you mean `hadolint:DL3042`?"),
        ("xyz", "no rule or category is called `xyz`"),
        ("", "no rule or category is called ``"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 1, 2])
def test_unknown_selectors(word: str, message: str, place: int) -> None:
    words: list[list[str]] = [[], [], []]
    words[place] = [word]
    with pytest.raises(SelectorError) as caught:
        selected(RULES, *words)
    assert str(caught.value) == message


def test_the_command_line() -> None:
    config = Config(select=("a",), ignore=("b",), extend_select=("c",), context="d")
    assert command_line(config) == config
    assert command_line(config, select=("x",)).select == ("x",)
    assert command_line(config, select=("x",)).extend_select == ()
    assert command_line(config, ignore=("x",)).ignore == ("b", "x")
    assert command_line(config, extend_select=("x",)).extend_select == ("c", "x")
    assert command_line(config, select=("x",), extend_select=("y",)).extend_select == ("y",)
    assert command_line(config, context="x").context == "x"
    assert command_line(config, today=date(2026, 1, 1)).today == date(2026, 1, 1)


def test_the_defaults() -> None:
    config = default_config()
    assert config == Config()
    assert (config.path, config.fail_on, config.outputs) == (None, Severity.WARNING, ())


@pytest.mark.parametrize(
    ("pattern", "path", "ignored"),
    [
        ("Dockerfile", "Dockerfile", True),
        ("Dockerfile", "a/b/Dockerfile", True),
        ("*.Dockerfile", "a/x.Dockerfile", True),
        ("*.Dockerfile", "a/Dockerfile", False),
        ("Dockerfile.?", "Dockerfile.a", True),
        ("Dockerfile.[ab]", "Dockerfile.c", False),
        ("a", "a/Dockerfile", False),
        ("a/Dockerfile", "a/Dockerfile", True),
        ("./a/Dockerfile", "a/Dockerfile", True),
        ("a/Dockerfile", "b/a/Dockerfile", False),
        ("/Dockerfile", "Dockerfile", True),
        ("/Dockerfile", "a/Dockerfile", False),
        ("a/*", "a/Dockerfile", True),
        ("a/*", "a/b/Dockerfile", False),
        ("a/**", "a/b/Dockerfile", True),
        ("a/", "a/b/Dockerfile", True),
        ("a/", "b/Dockerfile", False),
        ("**/b/Dockerfile", "b/Dockerfile", True),
        ("**/b/Dockerfile", "a/c/b/Dockerfile", True),
        ("a/**/Dockerfile", "a/Dockerfile", True),
        ("a/**/Dockerfile", "a/b/c/Dockerfile", True),
        ("a/**/Dockerfile", "b/Dockerfile", False),
    ],
)
def test_per_file_ignores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, path: str, ignored: bool
) -> None:
    (tmp_path / "elsewhere").mkdir()
    expected = {"DF201", "DF202", "DF211"} if ignored else set()
    for folder, prefix in ((".", ""), ("elsewhere", "../"), ("..", f"{tmp_path.name}/")):
        monkeypatch.chdir(tmp_path / folder)
        config = Config(path=f"{prefix}dflint.toml", per_file_ignores=((pattern, ("size",)),))
        assert per_file_ignored(config, prefix + path, RULES) == expected
        assert per_file_ignored(config, str(tmp_path / path), RULES) == expected


def test_several_per_file_ignores() -> None:
    config = Config(per_file_ignores=(("*", ("DF201",)), ("Dockerfile", ("DL3007", "DF3"))))
    assert per_file_ignored(config, "Dockerfile", RULES) == {"DF101", "DF201", "DF301"}
    assert per_file_ignored(config, "x", RULES) == {"DF201"}
    assert per_file_ignored(Config(), "x", RULES) == set()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            Config(severity={"pip-no-cahce": Severity.INFO}),
            "dflint: unknown rule `pip-no-cahce` in `severity`: did you mean `pip-no-cache`?",
        ),
        (
            Config(path="x.toml", rule_options={"zzz": {}}),
            "x.toml: unknown rule `zzz` in `rules`",
        ),
        (
            Config(path="x.toml", per_file_ignores=(("a", ("ALL", "sise")),)),
            'x.toml: `per-file-ignores."a"`: no rule or category is called `sise`: '
            "did you mean `size`?",
        ),
    ],
)
def test_names_of_rules_that_do_not_exist(config: Config, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_names(config, RULES)
    assert str(caught.value) == message


def test_names_of_rules_that_exist() -> None:
    check_names(
        Config(
            severity={"DF201": Severity.INFO, "pip-no-cache": Severity.INFO},
            rule_options={"latest-tag": {}},
            per_file_ignores=(("a", ("DL3042", "size")),),
        ),
        RULES,
    )


def test_formats_are_those_of_the_reports() -> None:
    from dflint.report import FORMATS as REPORTS

    assert set(FORMATS) == set(REPORTS)
