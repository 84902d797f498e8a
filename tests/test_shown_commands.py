"""Every dflint command that the README and the guides without a runner of their own show runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCKERFILE = (
    'FROM python:3.13-slim AS production\nRUN pip install flask\nUSER 1000\nCMD ["flask", "run"]\n'
)
GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com")


def shown(path: str) -> list[str]:
    """The lines of shell blocks that run dflint, in order."""
    text = (ROOT / path).read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = (line.removeprefix("$ ") for block in blocks for line in block.splitlines())
    # Other people's programs, which read what dflint writes, are not run.
    return [line.partition(" | reviewdog")[0] for line in lines if re.match(r"dflint |find ", line)]


def project(folder: Path) -> None:
    """A repository with all that the commands name."""
    rule = re.search(
        r"^```yaml\n# (my-rules/\S+)\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S
    )
    assert rule is not None
    files = {
        "Dockerfile": DOCKERFILE,
        "api/Dockerfile": DOCKERFILE,
        "repos/a/Dockerfile": DOCKERFILE,
        "compose.yaml": "services: {api: {build: api}}\n",
        "docker-bake.hcl": 'target "api" { context = "api" }\n',
        "docker-bake.json": '{"target": {"api": {"context": "api"}}}\n',
        ".hadolint.yaml": "ignored: [DL3008]\n",
        "list": "Dockerfile\napi/Dockerfile\n",
        rule[1]: rule[2],
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for arguments in (
        ("init", "-q"),
        ("add", "."),
        ("commit", "-q", "-m", "a"),
        ("update-ref", "refs/remotes/origin/main", "HEAD"),
    ):
        subprocess.run([*GIT, *arguments], cwd=folder, check=True)


GUIDES = (
    "many-repositories",
    "formats",
    "compose-and-bake",
    "only-what-changed",
    "moving-from-hadolint",
)


@pytest.mark.parametrize("path", ["README.md", *(f"docs/{name}.md" for name in GUIDES)])
def test_the_commands_that_are_shown_run(path: str, tmp_path: Path) -> None:
    folder, programs = tmp_path / "project", tmp_path / "bin"
    folder.mkdir()
    programs.mkdir()
    project(folder)
    program = programs / "dflint"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dflint "$@"\n')
    program.chmod(0o755)
    environment = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(tmp_path)}
    lines = shown(path)
    assert lines
    for line in lines:
        done = subprocess.run(
            ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True
        )
        assert done.returncode in (0, 1), f"{line}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, line
