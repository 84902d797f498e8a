"""What the documents show is what dflint does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from dflint.config import load_config
from dflint.examples import run_examples
from dflint.lint import builtin_rules, make_linter
from dflint.rules import parse_rule
from dflint.subjects import SUBJECTS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language, their indentation taken away."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    return [
        "\n".join(line.removeprefix(indent) for line in body.split("\n")) for indent, body in found
    ]


def test_the_readme_shows_a_real_report() -> None:
    (shown,) = blocks(README, "text")
    command, _, report = shown.partition("\n")
    assert command == "$ dflint check Dockerfile"
    assert report == (ROOT / "tests/fixtures/a.txt").read_text(encoding="utf-8")


def test_the_readme_s_configuration_is_understood(tmp_path: Path) -> None:
    (toml,) = blocks(README, "toml")
    tomllib.loads(toml)
    path = tmp_path / "dflint.toml"
    path.write_text(toml)
    (tmp_path / "my-rules").mkdir()
    linter = make_linter(load_config(path))
    assert linter.config.fail_on.label == "error"
    assert linter.config.target == "production"


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_the_rules_in_the_documents_work(text: str) -> None:
    (block,) = [each for each in blocks(text, "yaml") if "subject:" in each]
    assert run_examples(parse_rule(block, "example.yaml")) == ()


def test_the_readme_s_hook_and_action_exist() -> None:
    hooks = {each["id"] for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    inputs = set(yaml.safe_load((ROOT / "action.yml").read_text())["inputs"])
    shown = [yaml.safe_load(each) for each in blocks(README, "yaml") if "subject:" not in each]
    used_hooks = {
        hook["id"] for each in shown for repo in each.get("repos", ()) for hook in repo["hooks"]
    }
    steps = [
        step for each in shown for job in each.get("jobs", {}).values() for step in job["steps"]
    ]
    assert used_hooks
    assert used_hooks <= hooks
    assert (
        {name for step in steps for name in step.get("with", {})}
        == {"only-changed", "fail-on"}
        <= inputs
    )


def test_the_rules_that_the_readme_names_exist() -> None:
    names = {key for rule in builtin_rules() for key in (rule.id, rule.name)}
    for rule in re.findall(r"ignore(?:-file)?\[([a-z-]+)\]", README):
        assert rule in names


def test_the_subjects_that_contributors_are_told_of_exist() -> None:
    listed = re.search(r"subject \(what a rule looks at: ([^)]*)\)", " ".join(CONTRIBUTING.split()))
    assert listed is not None
    assert set(re.findall(r"`([a-z-]+)`", listed[1])) <= set(SUBJECTS)


def test_the_operators_are_all_explained() -> None:
    from dflint.conditions import OPERATORS

    table = CONTRIBUTING[CONTRIBUTING.index("| operator |") :]
    explained = set(re.findall(r"`([a-z-]+)(?::[^`]*)?`", table[: table.index("\n\n")]))
    assert set(OPERATORS) <= explained


def test_the_architecture_names_every_module() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    package = ROOT / "src" / "dflint"
    for path in package.iterdir():
        if path.suffix == ".py" and not path.name.startswith("__"):
            assert f"`{path.name}`" in text, path.name
        if path.is_dir() and (path / "__init__.py").exists():
            assert f"`{path.name}/`" in text, path.name
