"""Package managers, users, mounts, shells and unknown commands: what they leave."""

from __future__ import annotations

import pytest

from tests.test_image_model import model
from tests.told import told

SLIM = "FROM python:3.12-slim\n"
DEBIAN = "FROM debian:bookworm-slim\n"
ALPINE = "FROM alpine:3.22\n"
COPIED = SLIM + "WORKDIR /w\nCOPY . .\n"
FILES = {"a": "x", "run.sh": "#!/bin/sh\n", ".env": ""}
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
        "/usr/bin/python3.11": "program root 755 [dnf:python3.11] (system 3.11 glibc 42 /usr/bin/python3.11 /usr) @2",
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
    (SLIM, "RUN cat r | xargs pip install gunicorn", {
        "/usr/local/bin/gunicorn": "? @2: a command that may not have run",
        "/usr/local/bin/flask": "? @2: a command that may not have run",
    }),
    (SLIM, "RUN cat r | xargs mkdir", {
        "/x": "? @2: it is not known what `xargs mkdir` works on",
    }),
    (SLIM, "RUN ls | xargs rm -rf /bin/sh", {
        "/bin/sh": "? @2: a command that may not have run",
    }),
    (DEBIAN, "COPY <<EOF /e\n#!/usr/bin/env -S bash -x\nEOF", {
        "/e": "file root 644 #!env bash @2 context",
    }),
    (DEBIAN, "COPY <<EOF /e\n#!/usr/bin/env -S\nEOF", {
        "/e": "file root 644 @2 context",
    }),
    (DEBIAN, "COPY <<EOF /e\n#! /bin/sh\nEOF", {
        "/e": "file root 644 #!/bin/sh @2 context",
    }),
    (DEBIAN, "COPY <<'EOF' /e\nplain\nEOF", {
        "/e": "file root 644 @2 context",
    }),
    (SLIM, "RUN mkdir -m 700 /d && touch /d/x && sed -i s/a/b/ /d/x /d", {
        "/d/x": "file root 644 @2",
        "/d": "folder root 700 @2",
    }),
    (SLIM, "COPY a /a\nRUN sed s/a/b/ /a", {
        "/a": "file root 644 <a> @2 context",
    }),
    (SLIM, "COPY a /a\nRUN sed -i s/a/b/ /a", {
        "/a": "file root 644 @2 context",
    }),
    (SLIM, "COPY a /a\nRUN sed --in-place=.bak s/a/b/ /a", {
        "/a": "file root 644 @2 context",
    }),
    (SLIM, "COPY a /a\nRUN dos2unix /a", {
        "/a": "file root 644 @2 context",
    }),
    (SLIM, "COPY a /a\nRUN patch /a x.diff", {
        "/a": "file root 644 @2 context",
    }),
    (SLIM, "COPY a /a\nRUN echo x >> /a", {
        "/a": "file root 644 @2 context",
    }),
    (SLIM, "COPY a /a\nRUN echo x > /a", {
        "/a": "file root 644 @3",
    }),
    (SLIM, "RUN tar cf x.tar /srv", {
        "/x": "no",
    }),
    (SLIM, "RUN tar xf x.tar", {
        "/x": "? @2: what the archive holds is not known",
    }),
    (SLIM, "RUN tar xzf x -C /d --strip-components=1", {
        "/d": "folder root 755 @2",
        "/d/x": "? @2: what the archive holds is not known",
        "/x": "no",
    }),
    (SLIM, "RUN tar --list -f x", {
        "/x": "no",
    }),
    (SLIM, "RUN tar -C $X -xf x", {
        "/opt/x": "? @2: it is not known what `tar -C $X -xf x` works on",
        "/srv/x": "? @2: it is not known what `tar -C $X -xf x` works on",
    }),
    (SLIM, "RUN unzip -q x.zip", {
        "/x": "? @2: what the archive holds is not known",
    }),
    (SLIM, "WORKDIR /w\nRUN unzip x.zip -d sub", {
        "/w/sub": "folder root 755 @3",
        "/w/sub/x": "? @3: what the archive holds is not known",
        "/w/x": "no",
    }),
    (SLIM, "RUN curl -sSL https://x.example/a -o /d/a --create-dirs", {
        "/d": "folder ? 755 @2",
        "/d/a": "file root 644 @2",
    }),
    (SLIM, "RUN curl https://x.example/a > /d", {
        "/d": "file root 644 @2",
    }),
    (SLIM, "RUN curl -O https://x.example/a?b=1 -O https://x.example/c", {
        "/a": "file root 644 @2",
        "/c": "file root 644 @2",
        "/d": "no",
    }),
    (SLIM, "RUN curl -O https://x.example/$V.tgz", {
        "/x": "? @2: a download whose name is not known",
    }),
    (SLIM, "RUN cd $X && curl -O https://x.example/a", {
        "/a": "? @2: it is not known what `curl -O https://x.example/a` works on",
        "/opt/a": "? @2: it is not known what `curl -O https://x.example/a` works on",
    }),
    (SLIM, "RUN curl --output-dir /d -O https://x.example/a", {
        "/d": "folder ? 755 @2",
        "/d/a": "file root 644 @2",
        "/a": "no",
    }),
    (SLIM, "RUN wget -qO- https://x.example/a", {
        "/a": "no",
        "/-": "no",
    }),
    (SLIM, "RUN wget -q https://x.example/a", {
        "/a": "file root 644 @2",
    }),
    (SLIM, "RUN wget --directory-prefix=/d https://x.example/a", {
        "/d/a": "file root 644 @2",
        "/a": "no",
    }),
    (SLIM, "RUN wget -o log https://x.example/a", {
        "/a": "file root 644 @2",
    }),
    (SLIM, "RUN useradd -m app\nRUN echo a > /f && chown app /f && wget -O /f https://x.example/a", {
        "/f": "file app 644 @3",
    }),
    (SLIM, "RUN git clone --depth 1 -b main https://x.example/r.git /s/r", {
        "/s": "folder ? 755 @2",
        "/s/r": "folder root 755 @2",
        "/s/r/x": "? @2: what the repository holds is not known",
        "/r": "no",
    }),
    (SLIM, "WORKDIR /w\nRUN git clone https://x.example/r.git .", {
        "/w": "folder root 755 @2",
        "/w/x": "? @3: what the repository holds is not known",
    }),
    (SLIM, "RUN git clone https://x.example/r.git $X", {
        "/r": "? @2: it is not known what `git clone https://x.example/r.git $X` works on",
        "/opt": "folder root 755 @base",
    }),
    (SLIM, "RUN cd $X && git clone https://x.example/r.git", {
        "/r": "? @2: it is not known what `git clone https://x.example/r.git` works on",
        "/opt": "folder root 755 @base",
    }),
    (SLIM, "RUN find / -delete", {
        "/bin/sh": "program root 755 at /usr/bin/sh @base",
    }),
    (SLIM, "RUN mkdir /d && find /d $X -delete", {
        "/d": "? @2: find may have removed it",
    }),
    (SLIM, "RUN mkdir /d /e && find /d /e -type f -exec rm {} +", {
        "/d": "? @2: find may have removed it",
        "/e": "? @2: find may have removed it",
    }),
    (SLIM, "RUN mkdir /d && cd /d && find -delete", {
        "/d": "? @2: find may have removed it",
    }),
    (SLIM, "RUN mkdir /d && find /d \\( -name x \\) -delete", {
        "/d": "? @2: find may have removed it",
    }),
    (SLIM, "RUN mkdir /d && find /d ! -name x -delete", {
        "/d": "? @2: find may have removed it",
    }),
    (SLIM, "RUN mkdir /d && find /d -name '*.pyo' -delete && find /d -name test -exec rm -rf {} + && find /d -name '*cache*' -delete", {
        "/d": "folder root 755 @2",
    }),
    (SLIM, "RUN mkdir /d && cd /d && touch x && find -type f -delete", {
        "/d": "? @2: find may have removed it",
    }),
    (SLIM, "RUN rm -rf /", {
        "/bin/sh": "program root 755 at /usr/bin/sh @base",
    }),
    (SLIM, "RUN cd /tmp && touch a && rm *", {
        "/tmp/a": "no",
        "/tmp": "folder root 1777 @base",
    }),
    (SLIM, "RUN mkdir /d && touch /d/a && rm -rf $X", {
        "/d/a": "file root 644 @2",
    }),
    (SLIM, "RUN touch /srv/a && rm -rf /srv/{a,b}", {
        "/srv/a": "no",
    }),
    (SLIM, "RUN rm -f /usr/bin/*", {
        "/usr/bin/env": "no",
        "/usr/bin": "folder root 755 @base",
    }),
    (SLIM, "RUN rm -f /nowhere/*", {
        "/nowhere": "no",
    }),
    (SLIM, "RUN cd $X && rm -rf a*", {
        "/usr/local/bin/python": "program root 755 PYTHON @base",
    }),
    (SLIM, "RUN mkdir /d && chmod $M /d", {
        "/d": "folder root ? @2",
    }),
    (SLIM, "RUN touch /a && chmod 755 $X", {
        "/a": "file root 644 @2",
    }),
    (SLIM, "RUN chmod -R 700 /usr/local/bin", {
        "/usr/local/bin/python": "program root 700 PYTHON @base",
        "/usr/local/bin": "folder root 700 @base",
    }),
    (COPIED, "RUN chmod +x *.sh", {
        "/w/run.sh": "file root 755 #!/bin/sh <run.sh> @3 context",
        "/w/a": "file root 644 <a> @3 context",
    }),
    (COPIED, "RUN chmod -R 700 /w", {
        "/w": "folder root 700 @2",
        "/w/run.sh": "file root 700 #!/bin/sh <run.sh> @3 context",
        "/w/a": "file root 700 <a> @3 context",
    }),
    (COPIED, "RUN chmod -R $M /w", {
        "/w/run.sh": "file root ? #!/bin/sh <run.sh> @3 context",
    }),
    (COPIED, "RUN chown -R app:app .", {
        "/w": "folder app 755 @2",
        "/w/run.sh": "file app 644 #!/bin/sh <run.sh> @3 context",
    }),
    (COPIED, "RUN chown -R $U .", {
        "/w": "folder ? 755 @2",
        "/w/run.sh": "file ? 644 #!/bin/sh <run.sh> @3 context",
    }),
    (COPIED, "RUN chown app *.sh", {
        "/w": "folder root 755 @2",
        "/w/run.sh": "file app 644 #!/bin/sh <run.sh> @3 context",
        "/w/a": "file root 644 <a> @3 context",
    }),
    (COPIED, "RUN chown -R app . && chown -R me . && chmod -R 700 . && chmod -R 600 .", {
        "/w/run.sh": "file me 600 #!/bin/sh <run.sh> @3 context",
    }),
    (COPIED, "RUN cp -r /w /x && mv /w /y", {
        "/x/run.sh": "file root 644 #!/bin/sh <run.sh> @3 context",
        "/y/run.sh": "file root 644 #!/bin/sh <run.sh> @3 context",
        "/w": "no",
    }),
    (COPIED, "RUN rm -rf /w/*", {
        "/w/run.sh": "no",
        "/w/.env": "file root 644 <.env> @3 context",
        "/w": "folder root 755 @2",
    }),
    (COPIED, "RUN cp /w/* /x/", {
        "/x/run.sh": "file root 644 #!/bin/sh <run.sh> @3 context",
        "/x/.env": "no",
    }),
    (COPIED, "RUN mv /w/.[!.]* /x/", {
        "/x/run.sh": "no",
        "/x/.env": "file root 644 <.env> @3 context",
        "/w/.env": "no",
        "/w/run.sh": "file root 644 #!/bin/sh <run.sh> @3 context",
    }),
    (COPIED, "RUN cp run.sh /usr/local/bin/ && cp run.sh /usr/bin/x && cp run.sh /etc", {
        "/usr/local/bin/run.sh": "file root 644 #!/bin/sh <run.sh> @3 context",
        "/usr/bin/x": "? @4: it is not known where it was copied to",
        "/etc/run.sh": "file ? ? #!/bin/sh <run.sh> @3 context",
    }),
    (COPIED, "RUN install -m 755 run.sh /usr/bin/x && install -m 755 -D run.sh /opt/t/x", {
        "/usr/bin/x": "? @4: it is not known where it was copied to",
        "/opt/t/x": "file root 755 #!/bin/sh <run.sh> @3 context",
    }),
    (COPIED, "RUN ln -s run.sh /w/l && ln -s /w/run.sh $X && ln -s ~/x /h", {
        "/w/l": "file root 644 at /w/run.sh #!/bin/sh <run.sh> @3 context",
        "/h": "? @base: it may come with the base image",
    }),
    (SLIM, "RUN ln -s a*", {
        "/a": "? @2: a link to what is not known",
    }),
    (SLIM, "RUN cd $X && ln -s /bin/sh", {
        "/sh": "? @2: it is not known what `ln -s /bin/sh` works on",
    }),
    (SLIM, "RUN ln /nowhere /x", {
        "/x": "no",
    }),
    (SLIM, "RUN ln -s", {
        "/x": "no",
    }),
    (SLIM, "RUN mkdir", {
        "/x": "no",
    }),
    (SLIM, "RUN cp a", {
        "/x": "? @2: it is not known what `cp a` works on",
    }),
    (SLIM, "RUN mv $X /d/", {
        "/d/x": "? @2: it is not known what was copied there",
        "/e": "no",
    }),
    (SLIM, "RUN mv /srv $X", {
        "/srv": "folder root 755 @base",
        "/opt/x": "? @2: it is not known what `mv /srv $X` works on",
    }),
    (SLIM, "RUN install x", {
        "/x": "? @2: it is not known what `install x` works on",
    }),
    (SLIM, "RUN install /bin/sh $X", {
        "/opt/x": "? @2: it is not known what `install /bin/sh $X` works on",
    }),
    (SLIM, "RUN echo x > $X", {
        "/opt/x": "? @2: it is not known what `echo x` works on",
        "/srv": "folder root 755 @base",
    }),
    (SLIM, "WORKDIR /w\nRUN echo x > $X", {
        "/w/x": "? @3: it is not known what `echo x` works on",
        "/opt/x": "? @3: it is not known what `echo x` works on",
    }),
    (SLIM, "RUN mkdir /d && echo x > /d/$X", {
        "/d/x": "? @2: a file of an unknown name",
        "/e": "no",
    }),
    (SLIM, "RUN echo x > ~/.x", {
        "/root/.x": "file ? ? @2",
    }),
    (SLIM, "RUN echo x > ${HOME}/.x && echo x > $HOME/y", {
        "/root/.x": "file ? ? @2",
        "/root/y": "file ? ? @2",
    }),
    (SLIM, "RUN echo x &> /l && echo y >| /m", {
        "/l": "file root 644 @2",
        "/m": "file root 644 @2",
    }),
    (SLIM, "RUN cat <<EOF > /h\nx\nEOF", {
        "/h": "file root 644 @2",
    }),
    (SLIM, "RUN cd ~app && touch x", {
        "/x": "? @2: it is not known what `touch x` works on",
    }),
    (SLIM, "RUN cd $HOME && touch x", {
        "/root/x": "file ? ? @2",
    }),
    (SLIM, "RUN cd ${HOME}/d && touch x", {
        "/root/d/x": "file ? ? @2",
    }),
    (SLIM, "ENV HOME=/h\nRUN touch ~/x", {
        "/h/x": "file root 644 @3",
    }),
    (SLIM, "ENV HOME=$H\nRUN touch ~/x", {
        "/root/x": "? @base: it may come with the base image",
        "/x": "? @3: it is not known what `touch ~/x` works on",
    }),
    (SLIM, "RUN useradd -m app\nUSER app\nRUN mkdir -p ~/d && ./setup", {
        "/home/app/d/x": "? @4: a command that is not known: `./setup`",
        "/tmp/x": "? @base: it may come with the base image",
    }),
    (SLIM, "RUN su -c ./setup app", {
        "/usr/local/bin/x": "? @2: a command that is not known: `./setup`",
    }),
    (SLIM, "RUN chroot /c ./setup", {
        "/usr/local/bin/x": "? @2: a command that is not known: `chroot /c ./setup`",
    }),
    (SLIM, "RUN ./setup", {
        "/opt/x": "? @2: a command that is not known: `./setup`",
        "/srv/x": "? @2: a command that is not known: `./setup`",
        "/home/x": "? @2: a command that is not known: `./setup`",
        "/root/x": "? @base: it may come with the base image",
        "/tmp/x": "? @base: it may come with the base image",
        "/var/x": "? @base: it may come with the base image",
        "/lib64/x": "? @base: it may come with the base image",
        "/usr/local/sbin/x": "? @2: a command that is not known: `./setup`",
        "/app": "? @2: a command that is not known: `./setup`",
        "/x": "? @2: a command that is not known: `./setup`",
    }),
    (SLIM, "WORKDIR /w\nRUN ./setup", {
        "/w/x": "? @3: a command that is not known: `./setup`",
        "/x": "no",
    }),
    (SLIM, "WORKDIR $W\nRUN ./setup", {
        "/w/x": "? @3: a command that is not known: `./setup`",
        "/x": "? @3: a command that is not known: `./setup`",
    }),
    (SLIM, "RUN cd /q; npm run build", {
        "/q/x": "? @2: it may come from `npm run build`",
        "/dist": "? @2: it may come from `npm run build`",
        "/usr/x": "? @base: it may come with the base image",
        "/opt/x": "no",
        "/usr/local/bin/x": "no",
    }),
    (SLIM, "RUN cd $Q && npm run build", {
        "/q/x": "? @2: it may come from `npm run build`",
        "/opt/x": "no",
    }),
    (SLIM, "RUN npm run build --out /usr/share/o", {
        "/usr/share/o/x": "? @base: it may come with the base image",
        "/opt/x": "no",
    }),
    (SLIM, "RUN npm run build", {
        "/root/.npm": "? @base: it may come with the base image",
        "/home/x": "no",
    }),
    (SLIM, "RUN (. /v/bin/activate; pip install gunicorn); pip install flask", {
        "/v/bin/gunicorn": "no",
        "/usr/local/bin/flask": "program root 755 #!/usr/local/bin/python3 [flask] @2",
    }),
    (SLIM, "RUN python -m venv /v; source /v/bin/activate; pip install gunicorn", {
        "/v/bin/gunicorn": "program root 755 #!/v/bin/python [gunicorn] @2",
        "/usr/local/bin/gunicorn": "no",
    }),
    (SLIM, "ENV PATH=$P\nRUN pip install gunicorn", {
        "/usr/local/bin/gunicorn": "? @3: it is not known where the packages went",
    }),
    (SLIM, "RUN PATH=/v/bin:$PATH pip install gunicorn", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @2",
    }),
    (SLIM, "RUN python -m venv /v && PATH=/v/bin:$PATH && pip install gunicorn", {
        "/v/bin/gunicorn": "program root 755 #!/v/bin/python [gunicorn] @2",
        "/usr/local/bin/gunicorn": "no",
    }),
    (SLIM, "RUN PIP_TARGET=/t pip install gunicorn", {
        "/t/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @2",
    }),
    (SLIM, "RUN PIP_TARGET=$T pip install gunicorn", {
        "/usr/local/bin/gunicorn": "? @2: it is not known where the packages went",
    }),
    (SLIM, "RUN true && touch /a && false || touch /b", {
        "/a": "file root 644 @2",
        "/b": "? @2: a command that may not have run",
    }),
    (SLIM, "RUN ! test -e /a && touch /b", {
        "/b": "? @2: a command that may not have run",
    }),
    (SLIM, "RUN while true; do touch /a; done", {
        "/a": "? @2: a command that may not have run",
    }),
    (SLIM, "RUN case $X in a) touch /a;; esac", {
        "/a": "? @2: a command that may not have run",
    }),
    (SLIM, "RUN f() { touch /a; }; f", {
        "/a": "? @2: a command that may not have run",
    }),
    (SLIM, "RUN touch /a & touch /b", {
        "/a": "file root 644 @2",
        "/b": "file root 644 @2",
    }),
    (SLIM, "RUN echo $(touch /a)", {
        "/a": "file root 644 @2",
    }),
    (SLIM, "RUN touch /a | cat", {
        "/a": "file root 644 @2",
    }),
    (SLIM, "RUN if [ $X ]; then useradd -m app; fi\nUSER app\nRUN touch ~/x", {
        "/home/app": "folder ? ? @4",
        "/home/app/x": "file app 644 @4",
    }),
    (COPIED, "RUN install -m 700 -o app run.sh /usr/lib/ && cp run.sh /usr/lib/y/ && mv a /usr/lib/", {
        "/usr/lib/run.sh": "file app 700 #!/bin/sh <run.sh> @3 context",
        "/usr/lib/y/run.sh": "file ? ? #!/bin/sh <run.sh> @3 context",
        "/usr/lib/a": "file root 644 <a> @3 context",
    }),
    ("FROM python:3.12-slim\nRUN useradd -m app\nUSER app\n", "RUN cp /bin/sh ~/sh && install /bin/sh ~/i && mkdir ~/d && ln -s /bin/sh ~/l && echo x > ~/f", {
        "/home/app/sh": "program app 755 @base",
        "/home/app/i": "program app 755 @base",
        "/home/app/d": "folder app 755 @4",
        "/home/app/f": "file app 644 @4",
    }),
    ("FROM python:3.12-slim\nRUN useradd -m app\nUSER app\n", "RUN cp -r /opt ~/o && tar -xf x -C ~/t && git clone https://x.example/r ~/r && curl -o ~/c https://x.example/c && wget -P ~/w https://x.example/w", {
        "/home/app/o": "folder app 755 @base",
        "/home/app/t": "folder app 755 @4",
        "/home/app/r": "folder app 755 @4",
        "/home/app/c": "file app 644 @4",
        "/home/app/w/w": "file app 644 @4",
    }),
    ("FROM python:3.12-slim\nRUN useradd -m app\nUSER app\n", "RUN mkdir -p ~/p && cd ~/p && npm ci && go build -o g . && pip wheel -w wh x && python -m venv v", {
        "/home/app/p/node_modules": "folder app 755 @4",
        "/home/app/p/g": "program app 755 @4",
        "/home/app/p/wh": "folder app 755 @4",
        "/home/app/p/v": "folder app 755 @4",
        "/home/app/p/v/bin": "folder app 755 @4",
        "/home/app/p/v/lib": "folder app 755 @4",
        "/home/app/p/v/bin/activate": "file app 644 @4",
        "/home/app/p/v/bin/pip": "program app 755 #!/home/app/p/v/bin/python [pip] @4",
        "/home/app/p/v/lib/python3.12/site-packages": "folder app 755 (venv 3.12 glibc trixie /home/app/p/v/bin/python /home/app/p/v) @4",
        "/home/app/p/v/lib/python3.12/site-packages/pip-*.dist-info": "package app 755 [pip] (venv 3.12 glibc trixie /home/app/p/v/bin/python /home/app/p/v) @4",
    }),
    ("FROM python:3.12-slim\nRUN pip install uv\nRUN useradd -m app\nUSER app\nWORKDIR /w\n", "RUN cd ~ && uv venv v && uv tool install gunicorn && uv python install 3.13", {
        "/home/app/v": "folder app 755 @6",
        "/home/app/.local/bin": "folder app 755 @6",
        "/home/app/.local/bin/gunicorn": "program app 755 at /home/app/.local/share/uv/tools/gunicorn/bin/gunicorn #!/home/app/.local/share/uv/tools/gunicorn/bin/python [gunicorn] @6",
        "/home/app/.local/share/uv/python": "folder app 755 @6",
        "/home/app/.local/share/uv/python/cpython-3.13-*/bin/python3.13": "program app 755 (system 3.13 glibc None /home/app/.local/share/uv/python/cpython-3.13-*/bin/python3.13 /home/app/.local/share/uv/python managed) @6",
    }),
    (ALPINE, "RUN apk add bash zsh", {
        "/bin/zsh": "program root 755 [apk:zsh] @2",
        "/bin/bash": "program root 755 [apk:bash] @2",
    }),
    (ALPINE, "RUN addgroup -S g && adduser -S -G g app\nUSER app", {
        "/home/app": "? @2: whether the home folder is made",
    }),
    (ALPINE, "RUN apk add --virtual=d gcc && apk del d", {
        "/usr/bin/gcc": "? @2: it may have been removed with a package",
    }),
    (SLIM, "RUN useradd -m app && adduser app www-data\nUSER app\nRUN touch ~/x", {
        "/home/app/x": "file app 644 @4",
        "/home/www-data": "no",
    }),
    (SLIM, "RUN useradd -u 7 -d /h app\nUSER 7\nRUN touch ~/x", {
        "/h/x": "file ? ? @4",
    }),
    (SLIM, "RUN useradd -u $U -m app\nUSER 7\nRUN touch ~/x", {
        "/home/app": "? @2: a user's home folder",
        "/x": "? @4: it is not known what `touch ~/x` works on",
    }),
    (SLIM, "RUN useradd -b /srv -m app && useradd --home-dir /q -m two && adduser --home /p three", {
        "/srv/app": "folder app ? @2",
        "/q": "folder two ? @2",
        "/p": "folder three ? @2",
        "/home/three": "no",
    }),
    (SLIM, "RUN useradd", {
        "/home/x": "? @2: a user's home folder",
        "/home": "folder root 755 @base",
    }),
    (SLIM, "RUN deluser app && newusers f", {
        "/home/x": "? @2: a user's home folder",
    }),
    (SLIM, "RUN apt-get update && apt-get install -y python3=3.13.5-1 nginx~1 git+ libpq-dev/stable", {
        "/usr/bin/python3": "program root 755 [apt:python3] (system 3.13 glibc trixie /usr/bin/python3 /usr) @2",
        "/usr/sbin/nginx": "program root 755 [apt:nginx] @2",
        "/usr/bin/git": "program root 755 [apt:git] @2",
        "/usr/bin/pg_config": "program root 755 [apt:libpq-dev] @2",
    }),
    (SLIM, "RUN apt-get build-dep -y python3", {
        "/usr/bin/x": "? @2: packages may bring it along: python3",
    }),
    (SLIM, "RUN apt-get install --reinstall -y *curl*", {
        "/usr/bin/curl": "? @2: packages may bring it along: *curl*",
        "/usr/bin/gunicorn": "? @2: packages may bring it along: *curl*",
        "/opt/x": "? @2: packages may bring it along: *curl*",
    }),
    (SLIM, "RUN apt-get install -y $P && apt-get purge -y $P", {
        "/usr/bin/curl": "? @2: packages may bring it along: $P",
    }),
    (SLIM, "RUN apt-get install -y curl wget && apt-get remove -y 'c*' && apt-get autoremove -y", {
        "/usr/bin/curl": "? @2: it may have been removed with a package",
        "/usr/bin/wget": "program root 755 [apt:wget] @2",
    }),
    (SLIM, "RUN apt-get install -y curl && apt-mark auto '.*' && apt-get purge -y --autoremove wget", {
        "/usr/bin/curl": "? @2: it may have been removed with a package",
    }),
    (SLIM, "RUN apt-get purge -y bash git", {
        "/bin/bash": "? @2: it may have been removed with a package",
        "/usr/bin/git": "no",
    }),
    ("FROM python:3.12\n", "RUN apt-get purge -y git curl && apt-get remove -y x", {
        "/usr/bin/git": "? @2: it may have been removed with a package",
        "/usr/bin/curl": "? @2: it may have been removed with a package",
        "/usr/bin/wget": "program root 755 @base",
    }),
    (ALPINE, "RUN apk del bash wget", {
        "/usr/bin/wget": "? @2: it may have been removed with a package",
    }),
    ("FROM fedora:42\n", "RUN dnf remove -y bash", {
        "/bin/bash": "program root 755 @base",
        "/usr/bin/bash": "? @2: it may have been removed with a package",
    }),
    (SLIM, "RUN npm i && npm add y && yarn && bun install && pnpm add z", {
        "/node_modules": "folder root 755 @2",
        "/node_modules/y": "? @2: the programs of npm's packages are not known",
    }),
    (SLIM, "RUN npm install -g --prefix /x y", {
        "/usr/local/bin/y": "? @2: the programs of npm's packages are not known",
        "/usr/lib/y": "? @base: it may come with the base image",
        "/node_modules": "no",
    }),
    (SLIM, "RUN cd $X && npm ci", {
        "/node_modules": "? @2: the programs of npm's packages are not known",
        "/opt/x": "? @2: the programs of npm's packages are not known",
    }),
    (SLIM, "RUN --mount=type=bind,source=run.sh,target=/m/run.sh cp /m/run.sh /x", {
        "/x": "file root 644 #!/bin/sh <run.sh> @2",
        "/m": "folder ? 755 @2",
    }),
    (SLIM, "RUN --mount=type=bind,src=.,target=/m cp -r /m /x", {
        "/x/run.sh": "file root 644 #!/bin/sh <run.sh> @2",
        "/x/.env": "file root 644 <.env> @2",
        "/m": "? @2: a mount may leave the empty place behind",
    }),
    (SLIM, "RUN --mount=type=bind,target=. true && mkdir /q", {
        "/q": "folder root 755 @2",
    }),
    (SLIM, "RUN --mount=type=cache,target=/root/.cache --mount=type=secret,id=s --mount=type=bind,source=run.sh,target=/r touch /a", {
        "/a": "file root 644 @2",
        "/r": "? @2: a mount may leave the empty place behind",
        "/root/.cache": "? @base: it may come with the base image",
    }),
    (SLIM, "RUN --mount=type=cache,target=/ touch /a", {
        "/a": "file root 644 @2",
        "/b": "? @2: a mount at a place that is not known",
    }),
    (SLIM, "RUN --mount=type=ssh,target=$X touch /a", {
        "/a": "file root 644 @2",
        "/b": "no",
    }),
    (SLIM, "RUN --mount=target=/m,type=tmpfs touch /m/x /a", {
        "/a": "file root 644 @2",
        "/m/x": "no",
    }),
    ("FROM scratch AS s\nCOPY a /d/a\nFROM python:3.12-slim\n", "RUN --mount=from=s,target=/m cp -r /m/d /x && cp /m/d/a /y", {
        "/x/a": "file root 644 <a> @2 context",
        "/y": "file root 644 <a> @2 context",
        "/m": "? @4: a mount may leave the empty place behind",
    }),
    ("FROM scratch AS s\nCOPY a /d/a\nFROM python:3.12-slim\n", "RUN --mount=from=s,source=/d,target=/m cp -r /m /x", {
        "/x/a": "file root 644 <a> @2 context",
    }),
    ("FROM scratch AS s\nCOPY a /d/a\nFROM python:3.12-slim\n", "RUN --mount=from=s,source=d/a,target=/m cp /m /x\nRUN --mount=from=other,target=/m cp -r /m/ /z", {
        "/x": "file root 644 <a> @2 context",
        "/z/q": "? @unknown: the base image is not known",
    }),
    (SLIM, "WORKDIR a\nWORKDIR b\nRUN touch x", {
        "/a/b/x": "file root 644 @4",
        "/a": "folder root 755 @2",
        "/a/b": "folder root 755 @3",
    }),
    ("FROM python:3.12-slim\nRUN useradd -m app\nUSER app\n", "WORKDIR /q\nWORKDIR /home/app", {
        "/q": "folder ? 755 @4",
        "/home/app": "folder app ? @2",
    }),
    (SLIM, "USER 0:0\nWORKDIR /q\nUSER root\nWORKDIR /r", {
        "/q": "folder root 755 @3",
        "/r": "folder root 755 @5",
    }),
    (SLIM, "WORKDIR /\nWORKDIR", {
        "/": "folder root 755 @base",
    }),
    (SLIM, "ONBUILD COPY a /a\nONBUILD RUN touch /b", {
        "/a": "no",
        "/b": "no",
    }),
    (SLIM, "RUN mkdir -p /a/a/a && touch /b", {
        "/a/a": "folder root 755 @2",
        "/b": "file root 644 @2",
    }),
    (SLIM, "RUN ln -s /opt /l && mkdir /l/x && rm -rf /l/x && touch /l/y", {
        "/opt/x": "no",
        "/opt/y": "file root 644 @2",
        "/l/y": "file root 644 at /opt/y @2",
    }),
]  # fmt: skip


@pytest.mark.parametrize(("start", "steps", "expected"), COMMANDS)
def test_what_a_command_leaves(start: str, steps: str, expected: dict[str, str]) -> None:
    images = model(start + steps + "\n", FILES)
    assert {path: told(images, path) for path in expected} == expected
