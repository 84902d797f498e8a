"""Where things lie that lie elsewhere in some images: Alpine's programs, user sites, two Pythons."""

from __future__ import annotations

import pytest

from tests.test_image_model import model
from tests.told import told

SLIM = "FROM python:3.12-slim\n"
ALPINE = "FROM alpine:3.22\n"
UBUNTU = "FROM ubuntu:22.04\n"
APP = SLIM + "RUN useradd -m app\n"
TWO = SLIM + "RUN apt-get install -y python3-pip\n"
FLASK = "[flask] @3"
LOCAL = "/usr/local/lib/python3.12/site-packages/flask-*.dist-info"
DEBIANS = "/usr/local/lib/python3.13/dist-packages/flask-*.dist-info"
NOWHERE_KNOWN = "? @3: it is not known where the packages went"
Case = tuple[str, str, dict[str, str]]
PLACES: list[Case] = [
    # Alpine's folders, which are links from some release on
    (ALPINE, "", {
        "/bin/sh": "program root 755 @base",
        "/usr/bin/sh": "no",
        "/usr/bin/bash": "no",
        "/usr/bin/cat": "? @base: it may come with the base image",
        "/usr/bin/env": "program root 755 @base",
        "/usr/sbin/env": "? @base: it may come with the base image",
        "/usr/sbin/adduser": "program root 755 @base",
        "/usr/bin/adduser": "? @base: it may come with the base image",
        "/sbin/apk": "program root 755 @base",
    }),
    ("FROM python:3.12-alpine\n", "", {
        "/bin/sh": "program root 755 @base",
        "/usr/bin/sh": "? @base: it may come with the base image",
    }),
    ("FROM python:3.12-alpine3.20\n", "", {
        "/usr/bin/sh": "no",
    }),
    ("FROM debian:bullseye-slim\n", "", {
        "/bin/bash": "program root 755 @base",
        "/usr/bin/bash": "? @base: it may come with the base image",
        "/usr/bin/env": "program root 755 @base",
    }),
    ("FROM debian:bookworm-slim\n", "", {
        "/lib64/ld-linux-x86-64.so.2": "? @base: it may come with the base image",
    }),
    (ALPINE, "RUN apk add tini su-exec bash nginx shadow", {
        "/sbin/tini": "program root 755 [apk:tini] @2",
        "/usr/bin/tini": "no",
        "/sbin/su-exec": "program root 755 [apk:su-exec] @2",
        "/usr/bin/bash": "no",
        "/usr/sbin/nginx": "program root 755 [apk:nginx] @2",
        "/usr/sbin/useradd": "program root 755 [apk:shadow] @2",
        "/usr/bin/nginx": "? @2: packages may bring it along: tini, su-exec, bash, nginx, shadow",
    }),
    ("FROM python:3.12-alpine\n", "RUN apk add tini", {
        "/sbin/tini": "program root 755 [apk:tini] @2",
        "/usr/bin/tini": "? @2: packages may bring it along: tini",
    }),
    ("FROM debian:bookworm-slim\n", "RUN apt-get install -y tini nginx", {
        "/usr/bin/tini": "program root 755 [apt:tini] @2",
        "/usr/sbin/nginx": "program root 755 [apt:nginx] @2",
        "/usr/bin/nginx": "? @2: packages may bring it along: tini, nginx",
    }),
    # who runs pip, and where that one's home is
    (APP, "RUN sudo -u app pip install flask", {
        "/usr/local/bin/flask": NOWHERE_KNOWN,
        "/home/app/.local/bin/flask": NOWHERE_KNOWN,
    }),
    (APP, "RUN sudo -Hu app -- pip install flask", {"/usr/local/bin/flask": NOWHERE_KNOWN}),
    (APP, "RUN sudo -u app sh -c 'pip install flask'", {"/usr/local/bin/flask": NOWHERE_KNOWN}),
    (APP, "RUN doas -u app pip install flask", {"/usr/local/bin/flask": NOWHERE_KNOWN}),
    (APP, "RUN setpriv --reuid app pip install flask", {"/usr/local/bin/flask": NOWHERE_KNOWN}),
    (APP, "RUN sudo -H pip install flask", {
        "/usr/local/bin/flask": "program root 755 #!/usr/local/bin/python3 " + FLASK,
    }),
    (APP, "RUN sudo sh -c 'pip install flask'", {
        "/usr/local/bin/flask": "program root 755 #!/usr/local/bin/python3 " + FLASK,
    }),
    (APP, "RUN HOME=/srv pip install --user flask", {
        "/srv/.local/bin/flask": "program root 755 #!/usr/local/bin/python3 " + FLASK,
        "/root/.local/bin/flask": "no",
    }),
    (APP, "RUN export HOME=/srv && pip install --user flask", {
        "/srv/.local/bin/flask": "program root 755 #!/usr/local/bin/python3 " + FLASK,
        "/root/.local/bin/flask": "no",
    }),
    (APP, "RUN HOME=$X pip install --user flask", {
        "/root/.local/bin/flask": NOWHERE_KNOWN,
    }),
    (APP, "USER app\nRUN pip install flask", {
        "/home/app/.local/bin/flask": "program app 755 #!/usr/local/bin/python3 [flask] @4",
        "/usr/local/bin/flask": "no",
    }),
    (APP, "USER 1000\nRUN pip install flask", {
        "/home/app/.local/bin/flask": "? @4: it is not known where the packages went",
        "/usr/local/bin/flask": "no",
    }),
    # a variable may hold any path
    (SLIM, "ARG X\nWORKDIR /w\nRUN echo x > $X", {"/run.sh": "? @4: it is not known what `echo x` works on"}),
    (SLIM, "ARG X\nWORKDIR /w\nRUN touch $X", {"/run.sh": "? @4: it is not known what `touch $X` works on"}),
    (SLIM, "ARG X\nWORKDIR /w\nRUN curl -o /srv/$X u", {
        "/srv/run.sh": "? @4: it is not known what `curl -o /srv/$X u` works on",
        "/run.sh": "no",
    }),
    (SLIM, "ARG X\nWORKDIR /w\nRUN touch a-$X", {
        "/w/a-b": "? @4: it is not known what `touch a-$X` works on",
        "/run.sh": "no",
    }),
    # an interpreter that is not where Pythons of its kind are
    ("FROM python:3.11-slim AS old\n" + SLIM, "COPY --from=old /usr/local/bin/python3.11 /usr/local/bin/\nRUN python3.11 -m venv /v && /v/bin/pip install flask", {
        "/v/bin/python": "program root 755 at /usr/local/bin/python3.11 (system 3.11 glibc trixie /usr/local/bin/python3 /usr/local) @base copied @3",
        "/v/lib/python3.11/site-packages/flask-*.dist-info": "package root 755 [flask] (venv 3.11 glibc trixie /v/bin/python /v) @4",
    }),
    ("FROM python:3.11-slim AS old\n" + SLIM, "COPY --from=old /usr/local /opt/old\nRUN /opt/old/bin/python3.11 -m venv /v", {
        "/v/bin/python3": "program root 755 at /opt/old/bin/python3.11 (system 3.11 glibc trixie /usr/local/bin/python3 /usr/local) @base copied @3",
    }),
    (SLIM, "COPY --from=python:3.11-slim /usr/local /usr/local\nRUN python3.12 -m pip install flask", {
        "/usr/local/bin/flask": "program root 755 #!/usr/local/bin/python3.12 [flask] @3",
    }),
    (SLIM, "COPY --from=python:3.11-slim /usr/local /usr/local\nRUN pip install flask", {
        "/usr/local/bin/flask": "program root 755 #!/usr/local/bin/python3 [flask] @3",
        LOCAL: "no",
    }),
    # packages in a folder that was there
    (SLIM, "WORKDIR /f\nRUN pip install --target . flask", {
        "/f": "folder root 755 (target 3.12 glibc trixie /usr/local/bin/python3 /f) @3",
        "/f/flask-*.dist-info": "package root 755 [flask] (target 3.12 glibc trixie /usr/local/bin/python3 /f) @3",
        "/f/flask": "? @base: the packages that it holds are not told apart",
    }),
    (SLIM, "COPY . /f\nRUN pip install --target /f flask", {
        "/f/main.py": "file root 644 <main.py> @2 context",
        "/f/flask": "? @3: what the packages in it bring is not told apart",
    }),
    # programs of systems that a package on PyPI brings as well
    (SLIM, "RUN pip install dumb-init", {
        "/usr/local/bin/dumb-init": "program root 755 #!/usr/local/bin/python3 [dumb-init] @2",
    }),
    (SLIM, "RUN pip install envsubst", {
        "/usr/local/bin/envsubst": "? @2: what `envsubst` brings along is not known",
        "/usr/local/bin/psql": "no",
    }),
    # tools of their own
    (SLIM, "ENV PIPX_HOME=/opt/pipx PIPX_BIN_DIR=/usr/local/bin\nRUN pip install pipx && pipx install gunicorn", {
        "/usr/local/bin/gunicorn": "program root 755 at /opt/pipx/venvs/gunicorn/bin/gunicorn #!/opt/pipx/venvs/gunicorn/bin/python [gunicorn] @3",
        "/opt/pipx/venvs/gunicorn/bin/python": "program root 755 at /usr/local/bin/python3 PYTHON @base",
    }),
    (SLIM, "RUN pip install pipx && pipx install --global gunicorn", {
        "/usr/local/bin/gunicorn": "program root 755 at /opt/pipx/venvs/gunicorn/bin/gunicorn #!/opt/pipx/venvs/gunicorn/bin/python [gunicorn] @2",
        "/root/.local/bin/gunicorn": "no",
    }),
    (SLIM, "RUN pip install pipx && pipx install --python 3.11 --suffix=-x gunicorn", {
        "/root/.local/bin/gunicorn-x": "? @2: the tool's programs are not known",
        "/root/.local/pipx/x": "? @2: the tool's own environment",
    }),
    ("FROM ghcr.io/astral-sh/uv:bookworm-slim\n", "ENV UV_TOOL_DIR=/t UV_TOOL_BIN_DIR=/b\nRUN uv tool install gunicorn", {
        "/b/gunicorn": "program root 755 at /t/gunicorn/bin/gunicorn #!/t/gunicorn/bin/python [gunicorn] @3",
        "/t/gunicorn/bin/python": "? @3: a link leads to an unknown place",
    }),
    # an environment in the root
    (SLIM, "ENV PIPENV_VENV_IN_PROJECT=1\nRUN pip install pipenv && pipenv install gunicorn", {
        "/.venv/bin/gunicorn": "program root 755 #!/.venv/bin/python [gunicorn] @3",
    }),
    # two Pythons
    (TWO, "RUN pip install flask", {LOCAL: "package root 755 [flask] PYTHON @3", DEBIANS: "no"}),
    (TWO, "RUN /usr/bin/pip3 install -U pip\nRUN pip install flask", {
        "/usr/local/bin/pip": "program root 755 #!/usr/bin/python3 [pip] @3",
        "/usr/local/bin/flask": "program root 755 #!/usr/bin/python3 [flask] @4",
        LOCAL: "no",
        DEBIANS: "package root 755 [flask] (system 3.13 glibc trixie /usr/bin/python3 /usr) @4",
    }),
    (UBUNTU, "RUN apt-get install -y python3-pip && pip3 install -U pip && pip install flask", {
        "/usr/local/bin/flask": "program root 755 #!/usr/bin/python3 [flask] @2",
    }),
    (SLIM, "RUN apt-get install -y virtualenv && virtualenv /v && /v/bin/pip install flask", {
        "/v/lib/python3.12/site-packages/flask-*.dist-info": "no",
        "/v/lib/python3.13/site-packages/flask-*.dist-info": "package root 755 [flask] (venv 3.13 glibc trixie /v/bin/python /v) @2",
    }),
    (TWO, "RUN pip install virtualenv && virtualenv /v", {
        "/v/bin/python3.12": "program root 755 at /usr/local/bin/python3 PYTHON @base",
        "/v/bin/python3.13": "? @base: it may come with the base image",
    }),
    (TWO, "RUN python3 -m virtualenv /v", {
        "/v/bin/python3.12": "program root 755 at /usr/local/bin/python3 PYTHON @base",
    }),
    ("FROM fedora:42\n", "RUN dnf install -y python3.11 && python3.11 -m venv /v", {
        "/v/bin/python": "program root 755 at /usr/bin/python3.11 [dnf:python3.11] (system 3.11 glibc 42 /usr/bin/python3.11 /usr) @2",
    }),
    ("FROM fedora:42\n", "RUN dnf install -y python3-pip && pip3 install flask", {
        "/usr/local/lib/python3.13/dist-packages/flask-*.dist-info": "? @base: it may come with the base image",
        "/usr/local/bin/flask": "? @base: it may come with the base image",
    }),
]  # fmt: skip


@pytest.mark.parametrize(("start", "steps", "expected"), PLACES)
def test_where_things_lie(start: str, steps: str, expected: dict[str, str]) -> None:
    images = model(start + steps + "\n", {"main.py": ""})
    assert {path: told(images, path) for path in expected} == expected


def test_a_wildcard_leaves_files_of_the_context_open() -> None:
    images = model(
        SLIM + "COPY . /w\nRUN rm -f /w/*/a.txt /w/*.txt && chmod 600 /w/*/b.txt\n",
        {"x/a.txt": "", "x/b.txt": "", "x/y/a.txt": "", "c.txt": "", "d": ""},
    )
    assert told(images, "/w/x/a.txt") == "? @3: it may have been removed"
    assert told(images, "/w/c.txt") == "? @3: it may have been removed"
    assert told(images, "/w/x/b.txt") == "file root 600 <x/b.txt> @2 context"
    assert told(images, "/w/x/y/a.txt") == "file root 644 <x/y/a.txt> @2 context"
    assert told(images, "/w/d") == "file root 644 <d> @2 context"


def test_a_tool_left_behind_has_no_interpreter() -> None:
    images = model(
        SLIM + "ENV PIPX_HOME=/opt/pipx PIPX_BIN_DIR=/usr/local/bin\n"
        "RUN pip install pipx && pipx install gunicorn\n"
        + SLIM
        + 'COPY --from=0 /usr/local/bin/gunicorn /usr/local/bin/\nCMD ["gunicorn"]\n'
    )
    assert images.start is not None
    assert [(each.kind, each.name) for each in images.start.missing] == [
        ("interpreter", "/opt/pipx/venvs/gunicorn/bin/python")
    ]


def test_an_environment_for_another_python_does_not_start_in_distroless() -> None:
    images = model(
        "FROM python:3.11-slim\nRUN python -m venv /v\n"
        "FROM gcr.io/distroless/python3-debian12\n"
        'COPY --from=0 /v /v\nENTRYPOINT ["/v/bin/python"]\n'
    )
    assert images.start is not None
    assert [(each.kind, each.name) for each in images.start.missing] == [
        ("interpreter", "/usr/local/bin/python3")
    ]


def test_a_version_that_is_not_known_may_be_the_one_that_is_copied() -> None:
    images = model(
        "FROM python:slim AS b\nRUN pip install gunicorn\nFROM python:slim\n"
        "COPY --from=b /usr/local/lib/python3.14/site-packages /usr/local/lib/python3.14/site-packages\n"
        "COPY --from=b /usr/local/bin/gunicorn /usr/local/bin/\n"
    )
    first, second = images.stage_copies
    assert (first.leaves, second.leaves) == ({}, {})
    assert [each.site_packages for each in first.places] == [first.path]


def test_scripts_belong_to_the_python_that_runs_them() -> None:
    images = model(TWO + "RUN /usr/bin/pip3 install flask && pip install gunicorn\n")
    assert images.product is not None
    scripts = {each.version: sorted(each.scripts) for each in images.product.places}
    assert "gunicorn" in scripts["3.12"]
    assert "flask" not in scripts["3.12"]
    assert scripts["3.13"] == ["flask"]
