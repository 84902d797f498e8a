"""hadolint's configuration and other tools' comments and names, as dflint takes them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as test_settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from dflint.cli.app import make_app
from dflint.config import Config, ConfigError, find_config, from_hadolint, load_config
from dflint.finding import FileReport, Severity
from dflint.hadolint import HadolintError, Note, Settings, read_settings
from dflint.lint import find_rules, lint_source, make_linter
from dflint.model import make_build
from dflint.outputs import Output
from dflint.reader import read
from dflint.selection import SelectorError
from dflint.source import make_source

PIP = "RUN pip install flask==3.1.0\n"  # pip-no-cache, DL3042
APT = "RUN apt-get update && apt-get install -y curl=1\n"  # DL3009, DL3015 = trivy's DS029


def report(text: str, config: Config | None = None, day: date | None = None) -> FileReport:
    return lint_source(make_source("Dockerfile", text), make_linter(config, day))


def names(text: str, config: Config | None = None, day: date | None = None) -> list[str]:
    """The rules found, each with its line."""
    found = report(text, config, day)
    return [f"{found.source.position(each.span.start)[0]}:{each.name}" for each in found.findings]


def hadolint(tmp_path: Path, text: str) -> Config:
    path = tmp_path / ".hadolint.yaml"
    path.write_text(text)
    return make_linter(load_config(path)).config


# Reading the file


def test_all_keys() -> None:
    settings = read_settings(
        "ignored: [DL3008, SC2086]\n"
        "override:\n  error: [DL3042, DL3015]\n  style:\n    - DL3042\n    - DL3009\n  info:\n"
        "failure-threshold: error\n"
        "trustedRegistries:\n  - docker.io\n  - 'quay.io'\n"
        "label-schema:\n  maintainer: text\n  v: semver\n"
        "strict-labels: true\n"
        "disable-ignore-pragma: true\n"
        "no-fail: true\n"
        "format: json\n"
    )
    assert settings.ignored == ("DL3008", "SC2086")
    assert settings.override == {"DL3042": "error", "DL3015": "error", "DL3009": "style"}
    assert settings.threshold == "error"
    assert settings.registries == ("docker.io", "quay.io")
    assert settings.labels == ("maintainer:text", "v:semver")
    assert (settings.strict_labels, settings.pragmas, settings.no_fail) == (True, False, True)
    assert settings.format == "json"
    assert settings.notes == ()
    assert settings.lines["DL3008"] == 1
    assert settings.lines["DL3009"] == 6
    assert settings.lines["no-fail"] == 17


@pytest.mark.parametrize(
    "text", ["", "\n# nothing\n", "---\n", "{}", "ignored:\n", "override: {error: }"]
)
def test_nothing(text: str) -> None:
    settings = read_settings(text)
    assert (settings.ignored, dict(settings.override), settings.notes) == ((), {}, ())


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("\nignore: [DL3008]", 2, "unknown key `ignore`: did you mean `ignored`?"),
        ("ignored: {a: b}", 1, "`ignored` must be a list"),
        ("ignored:\n- [DL3008]", 2, "`ignored` must be a list of texts"),
        ("ignored: [dl3008]", 1, "`dl3008` in `ignored` is no code of a rule, as DL3008 is"),
        ("override: [DL3008]", 1, "`override` must be a table of lists by level"),
        ("override:\n  warn: [DL3008]", 2, "unknown level `warn`: did you mean `warning`?"),
        ("override:\n  error: [x]", 2, "`x` in `override.error` is no code of a rule, as DL3008 is"),
        ("failure-threshold: wraning", 1, "`failure-threshold`: unknown level `wraning`: did you mean `warning`?"),
        ("failure-threshold: [error]", 1, "`failure-threshold` must be a text"),
        ("label-schema: [a]", 1, "`label-schema` must be a table of types by label"),
        ("label-schema:\n  a: semvre", 2, "unknown type of a label `semvre`: did you mean `semver`?"),
        ("strict-labels: 1", 1, "`strict-labels` must be true or false"),
        ("no-fail: 'true'", 1, "`no-fail` must be true or false"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_a_note(text: str, line: int, message: str) -> None:
    assert read_settings(text).notes == (Note(line, message),)


def test_one_text_stands_for_a_list() -> None:
    assert read_settings("ignored: DL3008\ntrustedRegistries: quay.io").registries == ("quay.io",)
    assert read_settings("ignored: DL3008").ignored == ("DL3008",)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: [\n", 2, "not YAML: expected the node content, but found '<stream end>'"),
        ("- a\n", 1, "the configuration must be a table of keys"),
        ("\x00", None, "not YAML: characters that YAML does not allow"),
    ],
)
def test_no_table(tmp_path: Path, text: str, line: int | None, message: str) -> None:
    with pytest.raises(HadolintError) as caught:
        read_settings(text)
    assert (caught.value.line, caught.value.message) == (line, message)
    with pytest.raises(ConfigError) as wrong:
        hadolint(tmp_path, text)
    assert (wrong.value.line, wrong.value.message) == (line, message)


@test_settings(deadline=None)
@given(st.text("aiDL3:[]{}-, \n'&*!|", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        settings = read_settings(text)
    except HadolintError:
        return
    assert all(1 <= note.line <= text.count("\n") + 1 for note in settings.notes)


# As our configuration


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [("error", "error"), ("warning", "warning"), ("info", "info"), ("style", "style"), ("ignore", "style"), ("none", "style")],
)  # fmt: skip
def test_the_threshold(threshold: str, expected: str) -> None:
    settings = read_settings(f"failure-threshold: {threshold}")
    assert from_hadolint(settings, "x").fail_on.label == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("tty", "full"),
        ("gnu", "gnu"),
        ("gitlab_codeclimate", "gitlab"),
        ("junit", "junit"),
        ("json", "json"),
        ("sarif", "sarif"),
    ],
)
def test_the_format(given: str, expected: str) -> None:
    assert from_hadolint(read_settings(f"format: {given}"), "x").outputs == (Output(expected),)


def test_an_unknown_format_is_a_note() -> None:
    config = from_hadolint(read_settings("\nformat: codacy"), "x.yaml")
    assert config.outputs == ()
    assert config.notes == ("x.yaml:2: dflint has no format `codacy`",)


def test_no_settings_are_the_defaults() -> None:
    config = from_hadolint(Settings(), "x")
    assert config == Config(path="x", foreign={})


def test_codes_without_a_rule_are_notes(tmp_path: Path) -> None:
    config = hadolint(
        tmp_path, "ignored: [DL3042,\n  DL9998]\noverride:\n  error: [DL9999, DL3042]\n"
    )
    path = tmp_path / ".hadolint.yaml"
    assert config.ignore == ("hadolint:DL3042",)
    assert config.severity == {"hadolint:DL3042": Severity.ERROR}
    assert config.notes == (
        f"{path}:2: dflint has no rule for `DL9998`",
        f"{path}:4: dflint has no rule for `DL9999`",
    )


def test_options_are_set_where_the_rule_exists(tmp_path: Path) -> None:
    text = "trustedRegistries: [quay.io]\nstrict-labels: true\n"
    settings = from_hadolint(read_settings(text), "x")
    assert settings.rule_options == {
        "trusted-registry": {"registries": ["quay.io"]},
        "label-schema": {"labels": [], "strict": True},
    }
    assert settings.extend_select == ("trusted-registry", "label-schema")
    config = hadolint(tmp_path, text)
    known = {rule.name for rule in make_linter().rules}
    assert set(config.rule_options) == known & {"trusted-registry", "label-schema"}
    assert len(config.notes) == 2 - len(config.rule_options)


def test_settings_take_effect(tmp_path: Path) -> None:
    text = f"FROM python:3.13-slim\n{PIP}{APT}"
    found = {each.name: each.severity for each in report(text).findings}
    assert {"pip-no-cache", "apt-no-recommends", "apt-lists-left"} <= set(found)
    config = hadolint(tmp_path, "ignored: [DL3042]\noverride: {error: [DL3015], style: [DL3009]}")
    found = {each.name: each.severity for each in report(text, config).findings}
    assert "pip-no-cache" not in found
    assert found["apt-no-recommends"] is Severity.ERROR
    assert found["apt-lists-left"] is Severity.STYLE


def test_pragmas_may_be_off(tmp_path: Path) -> None:
    text = f"# check=skip=all\nFROM python:3.13-slim\n# hadolint ignore=DL3042\n{PIP}# dflint: ignore[pip-no-cache]\n{PIP}"
    assert "pip-no-cache" not in str(names(text))
    found = names(text, hadolint(tmp_path, "disable-ignore-pragma: true"))
    assert {"4:pip-no-cache", "6:pip-no-cache"} <= set(found)
    assert "unused-ignore" not in str(found)


def test_the_nearest_configuration_wins(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / "dflint.toml").touch()
    assert find_config(below) == tmp_path / "dflint.toml"
    for name in (".hadolint.yml", ".hadolint.yaml"):
        (tmp_path / "a" / name).touch()
        assert find_config(below) == tmp_path / "a" / name
    (tmp_path / "a" / "pyproject.toml").touch()
    assert find_config(below) == tmp_path / "a" / ".hadolint.yaml"
    (tmp_path / "a" / ".dflint.yml").touch()
    assert find_config(below) == tmp_path / "a" / ".dflint.yml"


@pytest.mark.parametrize("name", [".hadolint.yaml", ".hadolint.yml", "hadolint.yaml"])
def test_a_named_file_is_hadolint_s_too(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("no-fail: true")
    assert load_config(tmp_path / name).exit_zero


def test_our_own_keys(tmp_path: Path) -> None:
    path = tmp_path / "dflint.toml"
    path.write_text("exit-zero = true\ninline-ignores = false\n")
    config = load_config(path)
    assert (config.exit_zero, config.inline_ignores) == (True, False)
    path.write_text("inline-ignores = 0")
    with pytest.raises(ConfigError, match="`inline-ignores` must be true or false, not a number"):
        load_config(path)


# Names of other tools


@pytest.mark.parametrize("tool", ["hadolint", "trivy", "buildkit", "checkov"])
def test_a_tool_selects_what_it_has_a_name_for(tool: str) -> None:
    linter = make_linter(Config(select=(tool,)))
    expected = {r.id for r in linter.rules if any(a.startswith(f"{tool}:") for a in r.aliases)}
    assert linter.enabled == expected != set()
    without = make_linter(Config(select=("ALL",), ignore=(tool,)))
    assert without.enabled == {rule.id for rule in linter.rules} - expected


@pytest.mark.parametrize(
    "word", ["hadolin", "hadolint:", ":DL3042", "hadolint:SC2086", "trivy:DL3042"]
)
def test_what_names_no_rule(word: str) -> None:
    with pytest.raises(SelectorError):
        make_linter(Config(select=(word,)))


@pytest.mark.parametrize("word", ["DL3042", "hadolint:DL3042", "pip-no-cache"])
def test_an_alias_stands_for_the_rule_s_name(word: str) -> None:
    text = f"FROM python:3.13-slim\n{PIP}"
    assert names(text, Config(select=(word,))) == ["2:pip-no-cache"]
    assert "2:pip-no-cache" not in names(text, Config(ignore=(word,)))
    per_file = Config(per_file_ignores=(("Dockerfile", (word,)),))
    assert "2:pip-no-cache" not in names(text, per_file)
    graded = report(text, Config(select=(word,), severity={word: Severity.ERROR}))
    assert [each.severity for each in graded.findings] == [Severity.ERROR]
    inline = f"FROM python:3.13-slim\n# dflint: ignore[{word}]\n{PIP}"
    assert names(inline, Config(select=("pip-no-cache", "unused-ignore"))) == []
    found = [rule.name for rule in find_rules(make_linter().rules, word)]
    assert found == ["pip-no-cache", "any-pip-cache"][: 1 if word == "pip-no-cache" else 2]


def test_a_rule_s_own_name_beats_an_alias_for_severity() -> None:
    severity = {"DL3042": Severity.ERROR, "pip-no-cache": Severity.STYLE}
    config = Config(select=("pip-no-cache",), severity=severity)
    (found,) = report(f"FROM python:3.13-slim\n{PIP}", config).findings
    assert found.severity is Severity.STYLE


@pytest.mark.parametrize(
    "word", ["trivy:DS029", "DS029", "DS-0029", "AVD-DS-0029", "trivy:AVD-DS-0029"]
)
def test_spellings_of_trivy_s(word: str) -> None:
    config = Config(select=(word,))
    assert names(f"FROM debian:13\n{APT}", config) == ["2:apt-no-recommends"]


@pytest.mark.parametrize("word", ["SC2086", "shellcheck:SC2086"])
def test_shellcheck_s_codes_are_always_known(word: str) -> None:
    make_linter(Config(ignore=(word,), severity={word: Severity.ERROR}))
    text = f"FROM debian:13\n# dflint: ignore[{word}]\n# hadolint ignore=SC2086\nRUN true\n"
    assert "bad-ignore" not in str(names(text))


OWN = """\
id: OWN1
name: own
summary: s
severity: warning
category: style
aliases: ["hadolint:DL9001", "hadolint:DL9002", "trivy:DS900"]
subject: instruction
where: {keyword: RUN}
message: m
advice: a
why: w
cases:
  - where: {text: {matches: "one"}}
    aliases: ["hadolint:DL9001"]
examples:
  - bad: "FROM debian:13\\nRUN one\\n"
    at: ["2:1"]
"""


def test_one_of_several_aliases_ignores_only_its_findings(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN)
    text = "FROM debian:13\nRUN one\nRUN two\n"

    def found(*ignore: str) -> list[str]:
        return names(text, Config(select=("own",), ignore=ignore, rules=(str(tmp_path),)))

    assert found() == ["2:own", "3:own"]
    assert found("DL9002") == ["2:own"]
    assert found("DL9001", "DL9002") == []
    assert found("trivy:DS900") == []


# Comments for other tools


@pytest.mark.parametrize(
    "comment",
    [
        "# trivy:ignore:DS029",
        "#trivy:ignore:AVD-DS-0029",
        "# trivy:ignore:ds-0029 why",
        "# trivy:ignore:DS001 trivy:ignore:DS029",
        "# trivy:ignore:DS001 #trivy:ignore:DS029",
        "# trivy:ignore:*",
        "# trivy:ignore:DS029:exp:2026-11-21",
        "# see trivy:ignore:DS029",
    ],
)
def test_comments_for_trivy(comment: str) -> None:
    text = f"FROM debian:13\n{comment}\n{APT}{APT}"
    config = Config(select=("DS029", "unused-ignore"))
    assert names(text, config, date(2026, 11, 21)) == ["4:apt-no-recommends"]


@pytest.mark.parametrize(
    "comment",
    [
        "# trivy:ignore:DS001",
        "# trivy: ignore:DS029",
        "# trivy:ignore:DS029:exp:2026-11-20",
        "# hadolint ignore=DS029",
    ],
)
def test_comments_that_ignore_something_else(comment: str) -> None:
    text = f"FROM debian:13\n{comment}\n{APT}"
    assert names(text, Config(select=("DS029",)), date(2026, 11, 21)) == ["3:apt-no-recommends"]


CHECKED = "FROM debian:13\nENV a b\nMAINTAINER me\n" + APT


@pytest.mark.parametrize(
    ("directive", "expected"),
    [
        ("", ["2:legacy-env-format", "3:maintainer-deprecated", "4:apt-no-recommends"]),
        ("# check=skip=LegacyKeyValueFormat\n", ["4:maintainer-deprecated", "5:apt-no-recommends"]),
        ("# check=skip=StageNameCasing, LegacyKeyValueFormat\n", ["4:maintainer-deprecated", "5:apt-no-recommends"]),
        ("# Check = skip=LegacyKeyValueFormat;error=true\n", ["4:maintainer-deprecated", "5:apt-no-recommends"]),
        ("# check=error=true;skip=LegacyKeyValueFormat\n", ["4:maintainer-deprecated", "5:apt-no-recommends"]),
        ("# check=skip=all\n", ["5:apt-no-recommends"]),
        ("# check=experimental=all\n", ["3:legacy-env-format", "4:maintainer-deprecated", "5:apt-no-recommends"]),
        ("\n# check=skip=all\n", ["4:legacy-env-format", "5:maintainer-deprecated", "6:apt-no-recommends"]),
    ],
)  # fmt: skip
def test_the_check_directive(directive: str, expected: list[str]) -> None:
    config = Config(select=("legacy-env-format", "maintainer-deprecated", "apt-no-recommends"))
    if directive.startswith("\n"):  # a directive stands above everything else
        directive = "# a comment" + directive
    assert names(directive + CHECKED, config) == expected


@pytest.mark.parametrize(
    ("directive", "fails"),
    [("error=true", True), ("skip=X;error=true", True), ("error=True;skip=X", True), ("error=false", False), ("skip=error", False)],
)  # fmt: skip
def test_checks_may_be_errors(directive: str, fails: bool) -> None:
    select = ("legacy-env-format", "apt-no-recommends")
    found = report(f"# check={directive}\n{CHECKED}", Config(select=select)).findings
    assert [each.severity is Severity.ERROR for each in found] == [fails, False]
    told = Config(select=select, severity={"legacy-env-format": Severity.STYLE})
    found = report(f"# check={directive}\n{CHECKED}", told).findings
    assert found[0].severity is Severity.STYLE


# The shell that a comment tells of

BASH = "# hadolint shell=/bin/bash\n"
SH = 'SHELL ["/bin/sh", "-c"]\n'
RUN = "RUN a\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # as hadolint 2.15 has it
        (f"{BASH}FROM x\n{RUN}{RUN}", "bash bash"),
        (f"{BASH}FROM x\n{RUN}FROM y\n{RUN}", "bash bash"),
        (f"{BASH}FROM x\n{SH}{RUN}FROM y\n{RUN}", "sh bash"),
        (f"{BASH}FROM x AS a\n{SH}{RUN}FROM a\n{RUN}", "sh sh"),
        (f"FROM x\n{BASH}{RUN}{RUN}FROM y\n{RUN}", "bash bash sh"),
        (f"FROM x AS a\n{BASH}{RUN}{RUN}FROM a\n{RUN}", "bash bash bash"),
        (f"FROM x\n{RUN}{BASH}{RUN}", "sh bash"),
        (f"FROM x\n{RUN}{BASH}FROM y\n{RUN}", "sh sh"),
        (f"FROM x\n{BASH}\n# other\n{RUN}", "bash"),
        (f"FROM x\n{BASH}{SH}{RUN}", "sh"),
        (f"FROM x\n{SH}{BASH}{RUN}", "bash"),
        ("FROM x\n#hadolint  shell = bash\n" + RUN, "bash"),
        ("FROM x\n# hadolint shell=bash why\n" + RUN, "sh"),
        ("FROM x\n## hadolint shell=bash\n" + RUN, "sh"),
        ("FROM x\nRUN a && \\\n# hadolint shell=bash\n  b\n" + RUN, "sh sh"),
        ("FROM x\n# hadolint shell=powershell\n" + RUN, "powershell"),
        # and where it has not
        (f"ARG a\n{BASH}FROM x\n{RUN}FROM y\n{RUN}", "bash bash"),
    ],
)
def test_the_shell_in_force(text: str, expected: str) -> None:
    build = make_build(read(make_source("Dockerfile", text)))
    shells = [step.shell for stage in build.stages for step in stage.steps if step.keyword == "RUN"]
    assert " ".join(shell.words[0].removeprefix("/bin/") for shell in shells) == expected
    assert [shell.posix for shell in shells] == [word != "powershell" for word in expected.split()]


def test_nothing_is_said_of_commands_for_another_shell() -> None:
    assert "3:pip-no-cache" in names(f"FROM python:3.13-slim\n# a comment\n{PIP}")
    text = f"FROM python:3.13-slim\n# hadolint shell=pwsh\n{PIP}"
    assert "pip-no-cache" not in str(names(text))


@pytest.mark.parametrize("word", ["style", "DF301", "ALL"])
def test_any_selector_stands_on_the_command_line_beside_hadolints_file(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".hadolint.yaml").write_text("ignored: [DL3008, DL9999]\n")
    (tmp_path / "Dockerfile").write_text("FROM scratch\nUSER 1000\n")
    result = CliRunner().invoke(make_app(), ["check", "--ignore", word, "--no-shellcheck"])
    assert result.exit_code == 0
    assert "DL9999" in result.stderr
