"""docs/ci.md: its commands run, its files are of the form that each place wants."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
import yaml

from tests.scratch import BAD, ROOT, commit, git, run

GUIDE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(
    r"^```(\w+)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE
)
YAML = [text for language, text in BLOCKS if language == "yaml"]
COMMANDS = [
    found.removeprefix(".venv/bin/")
    for _, text in BLOCKS
    for found in re.findall(r"(?:\.venv/bin/)?dflint (?:check|baseline)[^'\n]*", text)
]


SCHEMAS = {
    "jobs:": "vendor.github-workflows",
    "artifacts:": "vendor.gitlab-ci",
    "pool:": "vendor.azure-pipelines",
    "repos:": "pre-commit",
}


def schema_of(text: str) -> str:
    (name,) = SCHEMAS.keys() & set(re.findall(r"^ *(\w+:)", text, re.MULTILINE))
    return SCHEMAS[name]


@pytest.mark.parametrize("text", YAML, ids=schema_of)
def test_each_place_accepts_its_file(text: str, tmp_path: Path) -> None:
    (tmp_path / "file.yaml").write_text(text)
    if schema_of(text) == "pre-commit":
        program = ["pre_commit", "validate-config", "file.yaml"]
    else:
        # Azure's patterns are none of JavaScript's stricter kind.
        program = ["check_jsonschema", "--regex-variant", "python"]
        program += ["--builtin-schema", schema_of(text), "file.yaml"]
    done = run(sys.executable, "-m", *program, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_files_are_of_every_place() -> None:
    assert sorted(map(schema_of, YAML)) == [
        "pre-commit",
        "vendor.azure-pipelines",
        "vendor.github-workflows",
        "vendor.github-workflows",
        "vendor.gitlab-ci",
    ]
    assert len(COMMANDS) > 8


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_run(command: str, tmp_path: Path) -> None:
    git("init", "--quiet", "--initial-branch", "main", cwd=tmp_path)
    git("commit", "--quiet", "--allow-empty", "--message", "first", cwd=tmp_path)
    base = git("rev-parse", "HEAD", cwd=tmp_path)
    git("checkout", "--quiet", "-b", "feature", cwd=tmp_path)
    (tmp_path / "Dockerfile").write_text(BAD)
    commit(tmp_path)
    (tmp_path / "other.Dockerfile").write_text(BAD)
    git("add", ".", cwd=tmp_path)
    env = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
        "XDG_CACHE_HOME": str(tmp_path / ".cache"),
    }
    done = run("bash", "-c", command, cwd=tmp_path, env=env)
    wanted = 0 if "--exit-zero" in command or "baseline" in command else 1
    assert done.returncode == wanted, done.stdout + done.stderr
    assert "apk-no-cache" in done.stdout or "--output" in command or "baseline" in command
    for name in re.findall(r"--output \w+=(\S+)", command):
        assert "DF203" in (tmp_path / name).read_text()


@pytest.mark.parametrize("block", [text for _, text in BLOCKS])
def test_the_files_that_are_collected_are_written(block: str) -> None:
    written = set(re.findall(r"--output \w+=(\S+?)(?=['\s])|sarif: (\S+\.sarif)", block))
    told = set(re.findall(r"(?<![\w.-])[\w-]+\.(?:json|xml|sarif)\b", block))
    assert told == {first or second for first, second in written}


def test_the_inputs_and_outputs_are_all_told() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    rows = re.findall(r"^\| `([\w-]+)` \| .* \| (.*) \|$", GUIDE, re.MULTILINE)
    assert [name for name, _ in rows] == list(action["inputs"])
    for name, default in rows:
        if default.startswith("`"):
            assert default == f"`{action['inputs'][name]['default']}`"
        else:
            assert action["inputs"][name]["default"] == ""
    told = re.search(r"The outputs are (.*?)\. The step", GUIDE, re.DOTALL)
    assert told is not None
    assert set(re.findall(r"`([\w-]+)`", told[1])) == set(action["outputs"])
    for text in YAML:
        for job in (yaml.safe_load(text).get("jobs") or {}).values():
            for step in job["steps"]:
                if step["uses"].startswith("dflint/"):
                    assert set(step.get("with", {})) <= set(action["inputs"])


def test_the_hooks_are_there() -> None:
    hooks = {each["id"] for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    (shown,) = [yaml.safe_load(text) for text in YAML if schema_of(text) == "pre-commit"]
    assert {hook["id"] for each in shown["repos"] for hook in each["hooks"]} <= hooks
    for name in hooks:
        assert f"`{name}`" in GUIDE


def test_links_lead_somewhere() -> None:
    titles = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        for title in re.findall("^## (.*)$", GUIDE, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        if target.startswith("#"):
            assert target[1:] in titles, target
        elif not target.startswith("https:"):
            assert (ROOT / "docs" / target).is_file(), target
