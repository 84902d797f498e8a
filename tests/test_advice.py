"""The advice fits the case: what it names is there, in the image and the version at hand."""

from __future__ import annotations

import pytest

from dflint.config import command_line, default_config
from dflint.context import memory_context
from dflint.lint import lint_source, make_linter
from dflint.source import decode

ALPINE, BUSYBOX, DEBIAN, UBUNTU = (
    f"FROM {image}\n" for image in ("alpine:3.23", "busybox:1.37", "debian:13", "ubuntu:24.04")
)

# A rule, a Dockerfile, and a part of the advice for its first finding.
CASES = {
    "root on busybox": ("root-user", BUSYBOX + 'CMD ["httpd", "-f"]\n', "`RUN adduser -D"),
    "root on scratch": ("root-user", 'FROM scratch\nCMD ["/a"]\n', "Write `USER 10001`"),
    "root on another": ("root-user", 'FROM amazonlinux:2023\nCMD ["a"]\n', "`USER 10001` alone"),
    "root is back": ("root-user", DEBIAN + 'USER 1\nUSER 0\nCMD ["a"]\n', "`RUN useradd"),
    "root is back there": ("root-user", 'FROM traefik:3\nUSER 0\n', "`USER 10001` alone"),
    "npm as root": ("npm-cache-left", "FROM node:22\nRUN npm ci\n", "target=/root/.npm`"),
    "npm as another": ("npm-cache-left", "FROM node:22\nUSER node\nRUN npm ci\n", "Clean it"),
    "root on Debian": ("root-user", DEBIAN + 'CMD ["a"]\n', "`RUN useradd"),
    "tag in an argument": ("unpinned-base-digest", "ARG V=13\nFROM debian:$V\n", "`FROM $BASE`"),
    "user of a package": ("numeric-user", ALPINE + "RUN apk add tor\nUSER tor\n", "find out"),
    "user made on Alpine": ("numeric-user", ALPINE + "RUN adduser -D a\nUSER a\n", "`adduser -D"),
    "user with a number": ("numeric-user", DEBIAN + "RUN useradd -u 77 a\nUSER a\n", "`USER 77`"),
    "venv on Ubuntu": ("venv-missing", UBUNTU + "RUN pip3 install a\nCMD a\n", "`python3-venv`"),
    "venv on Alpine": ("venv-missing", ALPINE + "RUN pip3 install a\nCMD a\n", "`RUN python3 -m"),
    "pipefail of dash": ("pipe-without-pipefail", DEBIAN + "RUN curl a | sh\n", "Begin the RUN with `set -o pipefail`, which Debian's dash"),
    "no pipefail in dash": ("pipe-without-pipefail", "FROM debian:12\nRUN curl a | sh\n", "put `SHELL [\"/bin/bash\""),
    "any pipe of dash": ("any-pipe", DEBIAN + "RUN a | sh\n", "Write `set -o pipefail` before the pipe, which Debian's"),
    "a user in more groups": ("root-user", DEBIAN + "RUN useradd notify && usermod -aG sudo notify\nCMD a\n", "Switch to `notify`"),
    "a user of another name": ("root-user", DEBIAN + "RUN useradd notify && usermod -l other notify\nCMD a\n", "Make a user"),
    "an image to build upon": ("root-user", ALPINE, "unless others build upon this image"),
    "apt from elsewhere": ("apt-not-pinned", UBUNTU + "RUN curl https://deb.nodesource.com/setup_22.x | bash\nRUN apt-get install nodejs\n", "Pin what matters: `nodejs=1.2*`."),
    "apt from Ubuntu": ("apt-not-pinned", UBUNTU + "RUN apt-get install nodejs\n", "snapshot.ubuntu.com"),
    "a digest for a default": ("unpinned-base-digest", "ARG B=debian:13\nFROM ${B}\n", "Add the digest to the argument's default"),
    "a start with a pipe": ("shell-form-cmd", DEBIAN + "CMD a | b\n", "Do without the pipe"),
    "a start with an or": ("shell-form-cmd", DEBIAN + "CMD a || b\n", "Begin the last command with `exec`"),
    "venv of Python 2": ("venv-missing", "FROM alpine:3.8\nRUN apk add python py2-pip && pip install a\nCMD a\n", "`RUN pip install virtualenv"),
    "venv of both Pythons": ("venv-missing", UBUNTU + "RUN apt-get install -y python-dev python3-pip\nRUN pip3 install a\nCMD a\n", "`RUN python3 -m venv"),
    "a check's own address": ("healthcheck-program-missing", "FROM python:3.13-slim\nHEALTHCHECK CMD curl -f http://localhost:5000/healthz\nCMD a\n", "urlopen('http://localhost:5000/healthz',"),
    "a check's address in a variable": ("healthcheck-program-missing", "FROM python:3.13-slim\nHEALTHCHECK CMD curl -f http://localhost:$PORT/\nCMD a\n", "urlopen('http://localhost:8000/',"),
    "venv with uv": ("venv-missing", "FROM python:3.13\nRUN uv pip install --system a\nCMD a\n", "leave out `--system`"),
    "PEP 668 with uv": ("externally-managed", UBUNTU + "RUN uv pip install --system --break-system-packages a\nCMD a\n", "leave out `--system` and"),
    "setup.py of Python 2": ("setup-py-install", ALPINE + "RUN python setup.py install\n", "`pip install .` in an environment of its own"),
    "apt of an old Ubuntu": ("apt-not-pinned", "FROM ubuntu:14.04\nRUN apt-get install a\n", "Pin what matters: `a=1.2*`."),
    "a base image with a user": ("root-user", ALPINE + "RUN adduser -D -u 77 app\n", "`USER 77`, unless others build"),
    "a pipe that nobody asks": ("any-pipe", DEBIAN + "RUN a | sh; b\n", "Join it to what follows"),
    "setup.py on Alpine": ("setup-py-install", ALPINE + "RUN python3 setup.py install\n", "`pip install .` in an environment"),
    "lists that are used": ("apt-lists-left", DEBIAN + "RUN apt-get update && apt-get install -y a\nRUN apt-get install -y b\n", "begin with `apt-get update`"),
    "lists that are not used": ("apt-lists-left", DEBIAN + "RUN apt-get update && apt-get install -y a\nRUN apt-get update && apt-get install -y b\n", "End the same RUN"),
    "npm for all": ("npm-not-pinned", "FROM node:22\nRUN npm i -g a\n", "version: `a@1.2.3`."),
    "npm here": ("npm-not-pinned", "FROM node:22\nRUN npm i a\n", "`npm ci`"),
    "go get": ("go-not-pinned", "FROM golang:1\nRUN go get a.org/b\n", "`go install a.org/b@v"),
    "ENV with blanks": ("legacy-env-format", DEBIAN + "ENV A b c\n", '`ENV A="b c"`'),
    "ENV with tabs": ("legacy-env-format", DEBIAN + "ENV A b\tc\n", 'A="…"`, with'),
    "ENV plain": ("legacy-env-format", DEBIAN + "ENV A b\n", "Write `ENV A=b`."),
    "LABEL with blanks": ("legacy-label-format", DEBIAN + "LABEL a b c\n", '`LABEL a="b c"`'),
    "MAINTAINER in quotes": ("maintainer-deprecated", DEBIAN + 'MAINTAINER "A B"\n', '="A B"`'),
    "CMD with a variable": ("shell-form-cmd", ALPINE + "CMD a $B\n", "with `exec`"),
    "CMD in dash": ("shell-form-cmd", DEBIAN + "CMD a $B\n", "Begin it with `exec`, or"),
    "CMD with two": ("shell-form-cmd", DEBIAN + "CMD a $B && c\n", "Begin the last command"),
    "CMD with a quoted bracket": ("shell-form-cmd", DEBIAN + 'CMD a "b()"\n', "the JSON form"),
    "CMD with a quoted variable": ("shell-form-cmd", DEBIAN + 'CMD a "$B"\n', "Begin it with"),
    "CMD with an escape": ("shell-form-cmd", DEBIAN + 'CMD a \"\\$B\"\n', "the JSON form"),
    "CMD of a second shell": ("shell-form-cmd", DEBIAN + 'CMD sh -c "a && b"\n', "the last command"),
    "ENTRYPOINT with one": ("shell-form-cmd", ALPINE + "ENTRYPOINT a $B\n", "a script"),
    "CMD without": ("shell-form-cmd", ALPINE + "CMD a b\n", "the JSON form"),
    "poetry's cache": ("poetry-cache-left", DEBIAN + "RUN poetry install\n", "/artifacts ~/"),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "text", "part"), CASES.values(), ids=CASES.keys())
def test_the_advice_fits_the_case(rule: str, text: str, part: str) -> None:
    config = command_line(
        default_config(), select=(rule,), ignore=None, extend_select=None, context=None, today=None
    )
    found = lint_source(decode("Dockerfile", text.encode()), make_linter(config)).findings
    assert part in found[0].advice


def test_a_fix_leaves_the_lists_that_a_later_run_needs() -> None:
    run = "RUN apt-get update && apt-get install -y a\n"
    linter = make_linter(command_line(default_config(), select=("apt-lists-left",)))
    for more, fixes in (
        ("RUN apt-get install -y b\n", False),
        ("RUN apt-get update && apt-get install -y b\n", True),
        ("FROM debian:13\nRUN apt-get install -y b\nCOPY --from=0 /a /a\n", True),
        ("USER 1000\nRUN echo apt-get install\n", True),
    ):
        text = f"FROM debian:13\n{run}{more}"
        found = lint_source(
            decode("Dockerfile", text.encode()), linter, target="0" if "COPY" in more else None
        ).findings
        assert [each.fix is not None for each in found][:1] == [fixes], more


@pytest.mark.parametrize("ignored", [None, "x\n"])
def test_the_advice_holds_with_an_ignore_file_and_without(ignored: str | None) -> None:
    files = {"app/.env": "API_KEY=8f14e45fceea167a5a36dedd4bea2543\n", "app/app.py": ""}
    linter = make_linter(command_line(default_config(), select=("dockerignore-incomplete",)))
    source = decode("Dockerfile", b"FROM python:3.13-slim\nCOPY app /app\n")
    (found,) = lint_source(source, linter, memory_context(files, ignored)).findings
    assert found.advice.startswith("Put into the .dockerignore: ")
