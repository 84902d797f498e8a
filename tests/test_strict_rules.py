"""Rules that yield to others, and dflint's own strict ones among them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dflint.cli.app import make_app
from dflint.config import Config
from dflint.lint import builtin_rules, lint_source, make_linter
from dflint.rule import RuleError
from dflint.source import make_source

PIPES = """\
FROM debian:13
RUN curl -fsSL https://example.com/install.sh | bash
RUN cat /etc/group | sort > /groups && curl -fsSL https://example.com/install.sh | bash
RUN cat /etc/group | sort > /groups
"""
STRICT = tuple(rule for rule in builtin_rules() if rule.category == "strict")
BOTH = ("any-pipe", "pipe-without-pipefail")
RULE = """\
id: OWN1
name: own-pipe
summary: x
severity: info
category: correctness
subject: pipeline
yields-to: [{name}]
where: {{pipefail: false}}
message: x
advice: x
why: x
examples:
  - bad: |
      FROM debian:13
      RUN a | b
    at: ["2:5"]
  - good: FROM debian:13
"""


def found(text: str, **settings: object) -> list[str]:
    linter = make_linter(Config(**settings))  # type: ignore[arg-type]
    result = lint_source(make_source("Dockerfile", text), linter)
    place = result.source.position
    return [f"{place(each.span.start)[0]}:{each.name}" for each in result.findings]


def test_a_rule_yields_where_the_other_speaks_of_the_same_instruction() -> None:
    assert found(PIPES, select=("any-pipe",)) == [
        "2:any-pipe",
        "3:any-pipe",
        "3:any-pipe",
        "4:any-pipe",
    ]
    assert found(PIPES, select=BOTH) == [
        "2:pipe-without-pipefail",
        "3:pipe-without-pipefail",
        "4:any-pipe",
    ]


def test_another_stage_s_same_instruction_is_another() -> None:
    text = "FROM node:22 AS a\nUSER node\nFROM node:22\nUSER node\n"
    assert found(text, select=("any-named-user", "numeric-user")) == [
        "2:any-named-user",
        "4:numeric-user",
    ]


@pytest.mark.parametrize("name", ["pipe-without-pipefail", "DF705", "DL4006"])
def test_a_comment_for_a_rule_covers_those_that_yield_to_it(name: str) -> None:
    text = PIPES.replace("RUN cat", f"# dflint: ignore[{name}]\nRUN cat")
    assert found(text, select=(*BOTH, "unused-ignore")) == ["2:pipe-without-pipefail"]


def test_a_comment_for_the_strict_form_alone_leaves_the_rule() -> None:
    text = PIPES.replace("RUN curl", "# dflint: ignore[any-pipe]\nRUN curl")
    assert "3:pipe-without-pipefail" in found(text, select=BOTH)


def test_who_ignores_a_rule_by_name_ignores_its_strict_form() -> None:
    settings = {"select": ("hadolint",), "ignore": ("pipe-without-pipefail",)}
    assert [each for each in found(PIPES, **settings) if "pipe" in each] == []
    # But not one that is asked for by name, nor all of them where a group is ignored.
    assert found(PIPES, select=("any-pipe",), ignore=("pipe-without-pipefail",)) != []
    assert found(PIPES, select=("any-pipe",), ignore=("correctness",)) != []


def test_a_per_file_ignore_covers_it_too() -> None:
    ignores = (("Dockerfile", ("pipe-without-pipefail",)),)
    assert found(PIPES, select=BOTH, per_file_ignores=ignores) == []


@pytest.mark.parametrize("name", ["any-pip", "pipe-with-pipefail"])
def test_a_rule_that_yields_to_none_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "own.yaml").write_text(RULE.format(name=name))
    with pytest.raises(RuleError, match=f"no rule is called `{name}`: did you mean"):
        make_linter(Config(rules=(str(tmp_path),)))
    result = CliRunner().invoke(make_app(), ["rules", "test", str(tmp_path)])
    assert result.exit_code == 2
    assert f"no rule is called `{name}`" in result.stderr


def test_a_user_s_rule_may_yield_to_one_of_ours(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(RULE.format(name="pipe-without-pipefail"))
    own = found(PIPES, select=("own-pipe", "pipe-without-pipefail"), rules=(str(tmp_path),))
    assert own == ["2:pipe-without-pipefail", "3:pipe-without-pipefail", "4:own-pipe"]
    result = CliRunner().invoke(make_app(), ["rules", "test", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (0, "1 rules, 2 examples, 0 failures\n")


def test_what_a_rule_yields_to_is_a_list_of_texts(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(RULE.replace("[{name}]", "[1]").format(name=""))
    with pytest.raises(RuleError, match="`yields-to` is a list of texts"):
        make_linter(Config(rules=(str(tmp_path),)))


def test_every_yield_of_ours_names_a_rule() -> None:
    names = {rule.name for rule in builtin_rules()}
    assert {name for rule in builtin_rules() for name in rule.yields_to} <= names


@pytest.mark.parametrize("rule", STRICT, ids=lambda rule: rule.name)
def test_a_strict_rule_is_off_and_goes_with_another(rule: object) -> None:
    linter = make_linter(Config())
    by_name = {each.name: each for each in linter.rules}
    (strict,) = (each for each in STRICT if each is rule)
    assert not strict.default
    assert strict.name.startswith("any-")
    assert strict.yields_to
    assert all(by_name[name].id in linter.enabled for name in strict.yields_to)
    assert strict.id in make_linter(Config(select=("strict",))).enabled
    assert strict.id in make_linter(Config(select=("hadolint",))).enabled
    assert strict.id not in make_linter(Config(select=("hadolint",), ignore=("strict",))).enabled
