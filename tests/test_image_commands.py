"""Package managers, users, mounts, shells and unknown commands: what they leave."""

from __future__ import annotations

import pytest

from tests.test_image_model import model
from tests.told import told

SLIM = "FROM python:3.12-slim\n"
DEBIAN = "FROM debian:bookworm-slim\n"
ALPINE = "FROM alpine:3.22\n"
Case = tuple[
    str, str, dict[str, str]
]  # where a stage begins, what stands there, what is told of paths
COMMANDS: list[Case] = [
    (DEBIAN, "RUN useradd -m -u 1001 app\nUSER 1001\nRUN touch ~/a", {
        "/home/app/a": "file 1001 644 @4",
        "/home/app/.profile": "? @base: it may come with the base image",
        "/home/app/x": "no",
    }),
    (DEBIAN, "RUN useradd -m -d /srv/me app\nUSER app\nRUN cd && touch a", {
        "/srv/me/a": "file app 644 @4",
    }),
    (DEBIAN, "RUN useradd -m -b /srv app\nUSER app\nRUN cd && touch a", {
        "/srv/app/a": "file app 644 @4",
        "/home/app": "no",
    }),
    (DEBIAN, "RUN useradd app", {
        "/home/app": "? @2: whether the home folder is made",
    }),
    (DEBIAN, "RUN useradd --system app", {
        "/home/app": "no",
    }),
    (DEBIAN, "RUN useradd -mr app", {
        "/home/app": "folder app ? @2",
    }),
    (DEBIAN, "RUN useradd -m app && adduser app sudo", {
        "/home/app": "folder app ? @2",
        "/home/sudo": "no",
    }),
    (DEBIAN, "RUN adduser --disabled-password --gecos '' --uid 5 app\nUSER 5\nRUN touch ~/a", {
        "/home/app/a": "file 5 644 @4",
    }),
    (DEBIAN, "RUN adduser --system --no-create-home app\nUSER app\nRUN touch ~/a", {
        "/home/app": "? @4: it is not known what `touch ~/a` works on",
        "/a": "? @4: it is not known what `touch ~/a` works on",
    }),
    (DEBIAN, "RUN adduser --system app\nUSER app\nWORKDIR /w\nRUN touch ~/a", {
        "/home/app/a": "? @2: whether the home folder is made",
        "/w/a": "? @5: it is not known what `touch ~/a` works on",
        "/w/x": "? @5: it is not known what `touch ~/a` works on",
    }),
    (ALPINE, "RUN adduser -S app\nUSER app\nWORKDIR /w\nRUN touch ~/a", {
        "/home/app/a": "file ? ? @5",
    }),
    (ALPINE, "RUN adduser -D -h /srv/me app\nUSER app\nRUN touch ~/a", {
        "/srv/me/a": "file app 644 @4",
    }),
    (ALPINE, "RUN adduser -D -H app", {
        "/home/app": "no",
    }),
    (DEBIAN, "RUN useradd -m app && userdel -r app\nUSER app\nRUN touch ~/a", {
        "/home/app": "folder app ? @2",
        "/home/app/x": "? @2: a user's home folder",
    }),
    (DEBIAN, "RUN apt-get install -y curl python3 bash zsh", {
        "/usr/bin/curl": "program root 755 [apt:curl] @2",
        "/usr/bin/python3": "program root 755 [apt:python3] (system 3.11 glibc bookworm /usr/bin/python3 /usr) @2",
        "/bin/bash": "program root 755 at /usr/bin/bash @base",
        "/usr/bin/zsh": "program root 755 [apt:zsh] @2",
        "/usr/bin/python": "? @2: packages may bring it along: curl, python3, bash, zsh",
        "/usr/bin/gunicorn": "no",
    }),
    (DEBIAN, "RUN apt-get install -y strange-dev", {
        "/usr/bin/gunicorn": "no",
        "/usr/bin/curl": "? @2: packages may bring it along: strange-dev",
        "/usr/bin/other": "? @2: packages may bring it along: strange-dev",
        "/opt/x": "no",
    }),
    (DEBIAN, "RUN apt-get install -y strange", {
        "/usr/bin/strange": "? @2: packages may bring it along: strange",
        "/opt/x": "? @2: packages may bring it along: strange",
        "/usr/bin/gunicorn": "no",
        "/usr/lib/x": "? @base: it may come with the base image",
        "/usr/sbin/x": "? @2: packages may bring it along: strange",
    }),
    (DEBIAN, "RUN apt-get install -y gunicorn uvicorn", {
        "/usr/bin/gunicorn": "? @2: packages may bring it along: gunicorn, uvicorn",
        "/usr/bin/uvicorn": "? @2: packages may bring it along: gunicorn, uvicorn",
        "/usr/bin/flask": "no",
    }),
    (DEBIAN, "RUN apt-get install -y libpq5 fonts-dejavu", {
        "/usr/bin/psql": "no",
        "/usr/bin/other": "? @base: it may come with the base image",
    }),
    (DEBIAN, "RUN apt-get install -y curl- git", {
        "/usr/bin/curl": "no",
        "/usr/bin/git": "program root 755 [apt:git] @2",
    }),
    (DEBIAN, "RUN apt-get install -y g++", {
        "/usr/bin/g++": "program root 755 [apt:g++] @2",
    }),
    (DEBIAN, "RUN cat x | xargs apt-get install -y", {
        "/usr/bin/curl": "? @2: a command that may not have run",
        "/usr/bin/gunicorn": "? @2: a command that may not have run",
        "/opt/x": "? @2: packages may bring it along: ",
    }),
    (DEBIAN, "RUN apt-get install -y curl && apt-get remove -y curl", {
        "/usr/bin/curl": "? @2: it may have been removed with a package",
    }),
    (DEBIAN, "RUN apt-get install -y curl git && apt-get purge -y curl", {
        "/usr/bin/curl": "? @2: it may have been removed with a package",
        "/usr/bin/git": "program root 755 [apt:git] @2",
    }),
    (DEBIAN, "RUN apt-get install -y curl git && apt-get purge -y --auto-remove curl", {
        "/usr/bin/curl": "? @2: it may have been removed with a package",
        "/usr/bin/git": "program root 755 [apt:git] @2",
    }),
    (DEBIAN, "RUN apt-get install -y curl git && apt-mark auto git && apt-get purge -y --auto-remove curl", {
        "/usr/bin/curl": "? @2: it may have been removed with a package",
        "/usr/bin/git": "? @2: it may have been removed with a package",
    }),
    (SLIM, "RUN apt-get purge -y perl-base", {
        "/usr/bin/perl": "program root 755 @base",
    }),
    (ALPINE, "RUN apk add --virtual .deps curl git && apk del .deps", {
        "/usr/bin/curl": "? @2: it may have been removed with a package",
        "/usr/bin/git": "? @2: it may have been removed with a package",
    }),
    (ALPINE, "RUN apk add -t deps curl && apk add git && apk del deps", {
        "/usr/bin/curl": "? @2: it may have been removed with a package",
        "/usr/bin/git": "program root 755 [apk:git] @2",
    }),
    (ALPINE, "RUN apk add --no-cache python3", {
        "/usr/bin/python3": "program root 755 [apk:python3] (system 3.12 musl 3.22 /usr/bin/python3 /usr) @2",
        "/usr/bin/python3.12": "? @2: packages may bring it along: python3",
    }),
    ("FROM fedora:42\n", "RUN dnf install -y git-core python3.11", {
        "/usr/bin/git": "program root 755 [dnf:git-core] @2",
        "/usr/bin/python3.11": "program root 755 [dnf:python3.11] (system 3.11 glibc 42 /usr/bin/python3 /usr) @2",
    }),
    ("FROM fedora:42\n", "RUN yum install -y curl", {
        "/usr/bin/curl": "program root 755 [dnf:curl] @2",
    }),
    (DEBIAN, "RUN apt-get install --dry-run curl", {
        "/usr/bin/curl": "no",
    }),
    (DEBIAN, "RUN apt-get install -y python3.11", {
        "/usr/bin/python3.11": "? @2: packages may bring it along: python3.11",
    }),
    (SLIM, "WORKDIR /w\nRUN npm install", {
        "/w/node_modules": "folder root 755 @3",
        "/w/node_modules/x": "? @3: the programs of npm's packages are not known",
        "/w/package-lock.json": "? @3: the programs of npm's packages are not known",
        "/x": "no",
    }),
    (SLIM, "RUN npm ci --prefix /fe", {
        "/fe/node_modules": "folder root 755 @2",
        "/fe/x": "? @2: the programs of npm's packages are not known",
        "/node_modules": "no",
    }),
    (SLIM, "RUN yarn --cwd /fe install", {
        "/fe/node_modules": "folder root 755 @2",
        "/node_modules": "no",
    }),
    (SLIM, "RUN pnpm -C /fe install", {
        "/fe/node_modules": "folder root 755 @2",
        "/node_modules": "no",
    }),
    (SLIM, "RUN pnpm install --dir /fe", {
        "/fe/node_modules": "folder root 755 @2",
        "/node_modules": "no",
    }),
    (SLIM, "RUN npm ci --prefix $X", {
        "/fe": "? @2: the programs of npm's packages are not known",
        "/srv/x": "? @2: the programs of npm's packages are not known",
    }),
    (SLIM, "RUN yarn global add x", {
        "/usr/local/bin/x": "? @2: the programs of npm's packages are not known",
        "/node_modules": "no",
    }),
    (SLIM, "RUN npm install --location=global x", {
        "/usr/local/bin/x": "? @2: the programs of npm's packages are not known",
        "/node_modules": "no",
        "/usr/local/lib/node_modules/x": "? @base: it may come with the base image",
        "/srv/x": "no",
    }),
    ("FROM golang:1.25\n", "WORKDIR /src\nRUN go build -o /app .", {
        "/app": "program root 755 @3",
        "/src/x": "? @base: it may come with the base image",
    }),
    ("FROM golang:1.25\n", "WORKDIR /src\nRUN go build .", {
        "/app": "? @base: it may come with the base image",
        "/src/x": "? @base: it may come with the base image",
        "/go/bin/x": "? @base: it may come with the base image",
        "/root/go/x": "? @base: it may come with the base image",
    }),
    ("FROM golang:1.25\n", "WORKDIR /src\nRUN mkdir /out && go build -o /out ./...", {
        "/out": "folder root 755 @3",
        "/out/x": "? @base: it may come with the base image",
    }),
    ("FROM golang:1.25\n", "WORKDIR /src\nRUN go install ./...", {
        "/go/bin/x": "? @base: it may come with the base image",
        "/srv/x": "? @base: it may come with the base image",
    }),
    (SLIM, "RUN conda install x", {
        "/opt/conda/bin/x": "? @2: what conda installed is not known",
        "/opt/miniconda3/x": "? @2: what conda installed is not known",
        "/opt/mamba/x": "? @2: what conda installed is not known",
        "/root/miniconda3/x": "? @2: what conda installed is not known",
        "/root/x": "? @base: it may come with the base image",
        "/srv/x": "no",
        "/opt/x": "no",
    }),
    (SLIM, "RUN conda create -p /env x", {
        "/env/bin/x": "? @2: what conda installed is not known",
        "/srv/x": "no",
    }),
    (SLIM, "ENV CONDA_DIR=/cd\nRUN mamba install x", {
        "/cd/x": "? @3: what conda installed is not known",
    }),
    (SLIM, "ENV MAMBA_ROOT_PREFIX=/mr\nRUN micromamba install x", {
        "/mr/x": "? @3: what conda installed is not known",
    }),
    (SLIM, "ENV PATH=/my/conda/bin:$PATH\nRUN conda install x", {
        "/my/conda/lib/x": "? @3: what conda installed is not known",
    }),
    (SLIM, "RUN pdm install", {
        "/usr/local/bin/gunicorn": "? @2: what was installed is not known",
        "/srv/x": "no",
    }),
    (SLIM, "WORKDIR /w\nRUN pdm sync", {
        "/w/.venv/x": "? @3: what was installed is not known",
    }),
    (SLIM, "RUN pip-sync", {
        "/usr/local/bin/gunicorn": "? @2: what was installed is not known",
    }),
    (SLIM, "RUN python -m ensurepip", {
        "/usr/local/bin/gunicorn": "? @2: what was installed is not known",
    }),
    (SLIM, "RUN --mount=type=secret,id=x cat /run/secrets/x", {
        "/run/secrets": "? @base: it may come with the base image",
        "/run/secrets/x": "? @base: it may come with the base image",
    }),
    (SLIM, "RUN --mount=type=ssh true", {
        "/run": "folder root 755 @base",
    }),
    (SLIM, "RUN --mount=type=cache,target=$X true", {
        "/opt/x": "? @2: a mount at a place that is not known",
        "/srv/x": "? @2: a mount at a place that is not known",
    }),
    (SLIM, "WORKDIR /w\nRUN --mount=type=cache,dst=c touch c/x", {
        "/w/c": "? @3: a mount may leave the empty place behind",
        "/w/c/x": "no",
    }),
    (SLIM, "RUN mkdir /c && touch /c/y\nRUN --mount=type=cache,target=/c touch /c/x", {
        "/c": "folder root 755 @2",
        "/c/x": "no",
        "/c/y": "file root 644 @2",
    }),
    (SLIM, "RUN --mount=type=tmpfs,destination=/c cp -r /c /d", {
        "/d": "folder root ? @2",
        "/d/x": "? @2: a tmpfs mount",
    }),
    (SLIM, "RUN --mount=type=bind,from=nowhere,target=/m cp -r /m /d", {
        "/d": "folder root 755 @base",
        "/d/x": "? @unknown: the base image is not known",
    }),
    (SLIM, "RUN --mount=type=bind,source=$X,target=/m cp -r /m /d", {
        "/d": "folder root ? @2",
        "/d/x": "? @2: a bind mount",
    }),
    (SLIM, "RUN --mount=type=bind,target=/m touch /etc/x", {
        "/etc/x": "file ? ? @2",
        "/m": "? @2: a mount may leave the empty place behind",
    }),
    (SLIM, "RUN --mount=type=bind,from=debian:bookworm-slim,source=/etc,target=/m cp /m/passwd /p", {
        "/p": "? @base: it may come with the base image",
    }),
    (SLIM, "RUN true", {
        "/x": "no",
    }),
    (SLIM, "RUN", {
        "/x": "no",
    }),
    (SLIM, "RUN <<EOF\ntouch /a\nEOF", {
        "/a": "file root 644 @3",
    }),
    (SLIM, "RUN <<EOF python3\nprint()\nEOF", {
        "/a": "? @2: a command that is not known: `python3`",
        "/usr/local/bin/gunicorn": "? @2: a command that is not known: `python3`",
    }),
    (SLIM, 'RUN ["touch","/a"]', {
        "/a": "file root 644 @2",
    }),
    (SLIM, 'SHELL ["pwsh","-c"]\nRUN touch /a', {
        "/a": "? @3: a command that could not be read",
        "/b": "? @3: a command that could not be read",
    }),
    (SLIM, "RUN su app -c 'touch /a'", {
        "/a": "file ? 644 @2",
    }),
    (SLIM, "RUN gosu app touch /a", {
        "/a": "file ? 644 @2",
    }),
    (SLIM, "RUN useradd -m app\nUSER app\nRUN sudo touch /a", {
        "/a": "file root 644 @4",
    }),
    (SLIM, "RUN cd /srv && (cd /opt && touch a) && touch b", {
        "/opt/a": "file root 644 @2",
        "/srv/b": "file root 644 @2",
    }),
    (SLIM, "RUN (cd /opt; touch a); (cd srv; touch b)", {
        "/opt/a": "file root 644 @2",
        "/srv/b": "? @2: it is not known what `touch b` works on",
    }),
    (SLIM, "RUN pushd /srv && touch a && popd && touch b", {
        "/srv/a": "file root 644 @2",
        "/b": "? @2: it is not known what `touch b` works on",
    }),
    (SLIM, "RUN source /opt/v/bin/activate && touch /a", {
        "/a": "file root 644 @2",
    }),
    (SLIM, "RUN source ./env.sh && touch /a", {
        "/a": "file ? ? @2",
        "/opt/x": "? @2: a command that is not known: `source ./env.sh`",
    }),
    (SLIM, "RUN echo a | xargs touch", {
        "/a": "? @2: it is not known what `xargs touch` works on",
        "/b": "? @2: it is not known what `xargs touch` works on",
    }),
    (SLIM, "RUN touch /a; touch /b || touch /c", {
        "/a": "file root 644 @2",
        "/b": "? @2: a command that may not have run",
        "/c": "? @2: a command that may not have run",
    }),
    (SLIM, 'RUN ./x --out=/out:/two \'~/three\' "/four" rel/five', {
        "/out/y": '? @2: a command that is not known: `./x --out=/out:/two \'~/three\' "/four" rel/five`',
        "/two/y": '? @2: a command that is not known: `./x --out=/out:/two \'~/three\' "/four" rel/five`',
        "/root/three/y": "? @base: it may come with the base image",
        "/four/y": '? @2: a command that is not known: `./x --out=/out:/two \'~/three\' "/four" rel/five`',
        "/rel/y": '? @2: a command that is not known: `./x --out=/out:/two \'~/three\' "/four" rel/five`',
    }),
    (SLIM, "RUN make", {
        "/usr/local/bin/gunicorn": "no",
        "/x": "? @2: it may come from `make`",
    }),
    (SLIM, "RUN make install", {
        "/usr/local/bin/gunicorn": "? @2: a command that is not known: `make install`",
    }),
    (SLIM, "RUN make $T", {
        "/usr/local/bin/gunicorn": "? @2: a command that is not known: `make $T`",
    }),
    (SLIM, "RUN python -m venv /v && make", {
        "/v/bin/gunicorn": "no",
        "/v/x": "? @2: what its packages bring is not told apart",
        "/w": "? @2: it may come from `make`",
    }),
    (SLIM, "RUN mkdir -p /w/v && python -m venv /w/v/e && make", {
        "/w/v/e/bin/gunicorn": "no",
        "/w/v/x": "? @2: it may come from `make`",
        "/w/x": "? @2: it may come from `make`",
    }),
    (SLIM, "HEALTHCHECK CMD x\nWORKDIR $X\nRUN touch a", {
        "/a": "? @4: it is not known what `touch a` works on",
        "/srv/x": "? @4: it is not known what `touch a` works on",
    }),
]  # fmt: skip


@pytest.mark.parametrize(("start", "steps", "expected"), COMMANDS)
def test_what_a_command_leaves(start: str, steps: str, expected: dict[str, str]) -> None:
    images = model(start + steps + "\n", {"a": "x"})
    assert {path: told(images, path) for path in expected} == expected
