"""The lock file of base images: its formats, what is wrong with it, and pinning from it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dflint.config import ConfigError, command_line, load_config
from dflint.digests import load_digests
from dflint.fixing import mend
from dflint.lint import lint_source, make_linter
from dflint.source import make_source

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
FORMATS = {
    "images.lock": f"# ours\n\n  python:3.13-slim@{ONE}\r\nghcr.io/astral-sh/uv:0.9@{TWO}\n",
    "images.json": f'{{\n\t"python:3.13-slim": "{ONE}",\n\t"ghcr.io/astral-sh/uv:0.9": "{TWO}"\n}}\n',
    "images.yaml": f"python:3.13-slim: {ONE}  # ours\nghcr.io/astral-sh/uv:0.9: {TWO}\n",
}
WRONG = {
    f"python@{ONE}": "1: `python` has no tag",
    f"\npython:3@{ONE[:-1]}": f"2: `{ONE[:-1]}` is no digest: `sha256:` and 64 hex digits",
    "python:3": "1: `python:3` is not `image:tag@sha256:…`",
    f"$BASE:3@{ONE}": "1: `$BASE:3` is no image with a tag",
    f"py thon:3@{ONE}": "1: `py thon:3` is no image with a tag",
    f"python:3@{ONE}\ndocker.io/library/python:3@{TWO}": (
        "2: `docker.io/library/python:3` has two digests"
    ),
}
WRONG_YAML = {
    "- a\n": "1: not a mapping of images to digests",
    "a: {b: c}\n": "1: not an image and its digest",
    "a: b\nc: [\n": "3: not YAML",
    f"a:1: {ONE}\nb:1: x\n": "2: `x` is no digest",
    f'{{"a:1": "{ONE}", "a:1": "{TWO}"}}': "1: `a:1` has two digests",
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(FORMATS[name], newline="")
    assert load_digests(path) == {
        ("docker.io", "library/python", "3.13-slim"): ONE,
        ("ghcr.io", "astral-sh/uv", "0.9"): TWO,
    }


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        *(("images.lock", text, message) for text, message in WRONG.items()),
        *(("images.yml", text, message) for text, message in WRONG_YAML.items()),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load_digests(path)
    assert str(error.value).startswith(f"{path}:{message}")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "dflint.toml"
    path.write_text('digests = "imagse.lock"\n')
    with pytest.raises(ConfigError, match=r"imagse\.lock: cannot be read: No such file"):
        make_linter(load_config(path))


BEFORE = """\
ARG TAG=3.13-slim
FROM --platform=$BUILDPLATFORM docker.io/python:3.13-slim AS build
FROM python:$TAG
FROM python:3.12-slim
FROM build
FROM ghcr.io/astral-sh/uv:0.9
"""
AFTER = BEFORE.replace("python:3.13-slim AS", f"python:3.13-slim@{ONE} AS").replace(
    "uv:0.9", f"uv:0.9@{TWO}"
)


def test_bases_are_pinned_to_what_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "dflint.toml"
    path.write_text('digests = "images.lock"\n')
    (tmp_path / "images.lock").write_text(FORMATS["images.lock"])
    config = command_line(load_config(path), select=("unpinned-base-digest",))
    linter = make_linter(config, date(2026, 11, 21))
    made = mend(
        make_source("Dockerfile", BEFORE), lambda source: lint_source(source, linter), ("safe",)
    )
    assert made.text == AFTER
    left = [made.text.splitlines()[2], made.text.splitlines()[3]]
    assert left == BEFORE.splitlines()[2:4]
