"""Virtual environments, pip, uv: where interpreters, packages and programs come to lie."""

from __future__ import annotations

import pytest

from tests.test_image_model import model
from tests.told import told

SLIM = "FROM python:3.12-slim\n"
DEBIAN = "FROM debian:bookworm-slim\n"
ALPINE = "FROM alpine:3.22\n"
APP = SLIM + "RUN useradd -m app\nUSER app\nWORKDIR /w\n"
UV = SLIM + "RUN pip install uv\nWORKDIR /w\n"
Case = tuple[
    str, str, dict[str, str]
]  # where a stage begins, what stands there, what is told of paths
PYTHONS: list[Case] = [
    (SLIM, "RUN python -m venv /v", {
        "/v": "folder root 755 @2",
        "/v/bin": "folder root 755 @2",
        "/v/bin/activate": "file root 644 @2",
        "/v/bin/python3.12": "program root 755 at /usr/local/bin/python3 PYTHON @base",
        "/v/bin/pip3": "program root 755 #!/v/bin/python [pip] @2",
        "/v/bin/activate.fish": "? @base: it may come with the base image",
        "/v/bin/other": "no",
        "/v/lib": "folder root 755 @2",
        "/v/lib/python3.12/site-packages": "folder root 755 (venv 3.12 glibc trixie /v/bin/python /v) @2",
        "/v/lib/python3.11": "no",
        "/v/lib/python3.12/site-packages/pip-*.dist-info": "package root 755 [pip] (venv 3.12 glibc trixie /v/bin/python /v) @2",
        "/v/lib/python3.12/site-packages/flask-*.dist-info": "no",
        "/v/share": "? @2: what its packages bring is not told apart",
    }),
    (SLIM, "RUN python -m venv --system-site-packages /v", {
        "/v/bin/gunicorn": "? @2: the environment sees the system's packages as well",
        "/v/lib/python3.12/site-packages/flask-*.dist-info": "? @2: the environment sees the system's packages as well",
        "/v/bin/pip": "program root 755 #!/v/bin/python [pip] @2",
    }),
    (SLIM, "RUN touch /x && python -m venv --clear /v && python -m venv /v", {
        "/v/bin/pip": "program root 755 #!/v/bin/python [pip] @2",
    }),
    (SLIM, "RUN python -m venv /v && touch /v/x && python -m venv --clear /v", {
        "/v/x": "? @2: what its packages bring is not told apart",
        "/v/bin/pip": "program root 755 #!/v/bin/python [pip] @2",
    }),
    (SLIM, "RUN python -m venv /v && touch /v/x && python -m venv /v", {
        "/v/x": "file ? ? @2",
        "/v/bin/pip": "program root 755 #!/v/bin/python [pip] @2",
    }),
    (SLIM, "RUN python -m venv /v /u", {
        "/v/bin/pip": "program root 755 #!/v/bin/python [pip] @2",
        "/u/bin/pip": "program root 755 #!/u/bin/python [pip] @2",
    }),
    (SLIM, "RUN python -m venv $X", {
        "/opt/venv": "? @2: an environment at a path that is not known",
        "/srv/x": "no",
    }),
    (SLIM, "RUN python -m venv --help", {
        "/opt/venv": "no",
    }),
    (SLIM, "RUN pip install virtualenv && virtualenv /v", {
        "/v/bin/python": "program root 755 at /usr/local/bin/python3 PYTHON @base",
        "/v/bin/pip": "program root 755 #!/v/bin/python [pip] @2",
    }),
    (SLIM, "RUN pip install virtualenv && virtualenv -p /usr/local/bin/python3 /v", {
        "/v/bin/python": "program root 755 at /usr/local/bin/python3 PYTHON @base",
        "/v/pyvenv.cfg": "file root 644 (venv 3.12 glibc trixie /v/bin/python /v) @2",
    }),
    (SLIM, "RUN pip install virtualenv && virtualenv -p python3.9 /v", {
        "/v/bin/python": "? @2: a link leads to an unknown place",
        "/v/pyvenv.cfg": "file root 644 (venv 3.9 None None /v/bin/python /v) @2",
    }),
    (SLIM, "RUN pip install virtualenv && virtualenv --no-pip --always-copy /v", {
        "/v/bin/python": "? @2: a copy of the interpreter",
        "/v/bin/pip": "? @base: it may come with the base image",
    }),
    (UV, "RUN uv venv", {
        "/w/.venv/bin/python": "program root 755 at /usr/local/bin/python3 PYTHON @base",
        "/w/.venv/bin/pip": "? @base: it may come with the base image",
    }),
    (UV, "ENV UV_PROJECT_ENVIRONMENT=/e\nRUN uv venv", {
        "/e/bin/python": "program root 755 at /usr/local/bin/python3 PYTHON @base",
        "/w/.venv": "no",
    }),
    (UV, "RUN uv venv --clear /v && touch /v/x && uv venv --clear /v", {
        "/v/x": "? @4: what its packages bring is not told apart",
        "/v/pyvenv.cfg": "file root 644 (venv 3.12 glibc trixie /v/bin/python /v) @4",
    }),
    (UV, "ENV UV_VENV_CLEAR=1\nRUN uv venv /v && touch /v/x && uv venv /v", {
        "/v/x": "? @5: what its packages bring is not told apart",
        "/v/pyvenv.cfg": "file root 644 (venv 3.12 glibc trixie /v/bin/python /v) @5",
    }),
    (UV, "RUN uv venv $X", {
        "/opt/v": "? @4: an environment at a path that is not known",
        "/srv/x": "no",
    }),
    (UV, "RUN uv venv --python $X /v", {
        "/v/bin/python": "? @4: a link leads to an unknown place",
        "/v/pyvenv.cfg": "file root 644 (venv None None None /v/bin/python /v) @4",
    }),
    (UV, "RUN uv venv --python 3.13 /v", {
        "/v/bin/python": "? @4: a link leads to an unknown place",
        "/v/pyvenv.cfg": "file root 644 (venv None None None /v/bin/python /v) @4",
        "/root/.local/share/uv/python": "no",
    }),
    (UV, "RUN uv venv --managed-python --python 3.13 /v", {
        "/v/bin/python": "program root 755 at /root/.local/share/uv/python/cpython-3.13-*/bin/python3.13 (system 3.13 glibc None /root/.local/share/uv/python/cpython-3.13-*/bin/python3.13 /root/.local/share/uv/python managed) @4",
        "/v/pyvenv.cfg": "file root 644 (venv 3.13 glibc None /v/bin/python /v managed) @4",
        "/root/.local/share/uv/python": "folder root 755 @4",
        "/root/.local/share/uv/python/cpython-3.13-*/bin/python3.13": "program root 755 (system 3.13 glibc None /root/.local/share/uv/python/cpython-3.13-*/bin/python3.13 /root/.local/share/uv/python managed) @4",
    }),
    (UV, "ENV UV_PYTHON_PREFERENCE=only-managed\nRUN uv venv --python cpython-3.11.4 /v", {
        "/v/pyvenv.cfg": "file root 644 (venv 3.11 glibc None /v/bin/python /v managed) @5",
    }),
    (UV, "ENV UV_MANAGED_PYTHON=1 UV_PYTHON=3.11\nRUN uv venv /v", {
        "/v/pyvenv.cfg": "file root 644 (venv 3.11 glibc None /v/bin/python /v managed) @5",
    }),
    (UV, "ENV UV_PYTHON=$X\nRUN uv venv /v", {
        "/v/pyvenv.cfg": "file root 644 (venv None None None /v/bin/python /v) @5",
    }),
    (UV, "RUN uv python install 3.13 && uv venv /v", {
        "/v/pyvenv.cfg": "file root 644 (venv 3.13 glibc None /v/bin/python /v managed) @4",
        "/v/bin/python": "program root 755 at /root/.local/share/uv/python/cpython-3.13-*/bin/python3.13 (system 3.13 glibc None /root/.local/share/uv/python/cpython-3.13-*/bin/python3.13 /root/.local/share/uv/python managed) @4",
    }),
    (UV, "RUN uv python install 3.13 && uv venv --python 3.13 /v", {
        "/v/pyvenv.cfg": "file root 644 (venv 3.13 glibc None /v/bin/python /v managed) @4",
    }),
    (UV, "RUN uv python install && uv venv /v", {
        "/v/pyvenv.cfg": "file root 644 (venv None glibc None /v/bin/python /v managed) @4",
        "/root/.local/share/uv/python/x": "? @4: the Python that uv downloaded",
    }),
    (UV, "RUN uv python install 3.13 --install-dir /p && uv venv /v", {
        "/v/pyvenv.cfg": "file root 644 (venv None glibc None /v/bin/python /v managed) @4",
        "/root/.local/share/uv/python/x": "no",
        "/p/x": "? @4: the Python that uv downloaded",
    }),
    (UV, "ENV XDG_DATA_HOME=/xdg\nRUN uv python install 3.13", {
        "/xdg/uv": "folder ? 755 @5",
        "/root/.local/share/uv/python/x": "no",
        "/root/.local/bin/python3.13": "? @5: uv links the Python here in newer versions",
    }),
    (UV, "ENV UV_PYTHON_INSTALL_DIR=/py\nRUN uv python install 3.13 && uv venv /v", {
        "/py": "folder root 755 @5",
        "/py/x": "? @5: the Python that uv downloaded",
        "/py/cpython-3.13-*/bin/python3.13": "program root 755 (system 3.13 glibc None /py/cpython-3.13-*/bin/python3.13 /py managed) @5",
        "/v/pyvenv.cfg": "file root 644 (venv 3.13 glibc None /v/bin/python /v managed) @5",
    }),
    ("FROM python:3.12-alpine\nRUN pip install uv\n", "RUN uv python install 3.13 && uv venv /v", {
        "/v/pyvenv.cfg": "file root 644 (venv 3.13 musl None /v/bin/python /v managed) @3",
    }),
    (DEBIAN, "COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /usr/local/bin/uv\nRUN uv venv --python 3.13 /v", {
        "/v/pyvenv.cfg": "file root 644 (venv None None None /v/bin/python /v) @3",
        "/usr/local/bin/uv": "program root 755 @base copied @2",
    }),
    (SLIM, "RUN pip install --target /t gunicorn", {
        "/t": "folder root 755 (target 3.12 glibc trixie /usr/local/bin/python3 /t) @2",
        "/t/bin": "folder root 755 @2",
        "/t/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @2",
        "/t/gunicorn-*.dist-info": "package root 755 [gunicorn] (target 3.12 glibc trixie /usr/local/bin/python3 /t) @2",
        "/t/flask-*.dist-info": "no",
    }),
    (SLIM, "RUN pip install --prefix /t gunicorn", {
        "/t/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @2",
        "/t/lib/python3.12/site-packages": "folder root 755 (prefix 3.12 glibc trixie /usr/local/bin/python3 /t) @2",
        "/t/lib/python3.12/site-packages/gunicorn-*.dist-info": "package root 755 [gunicorn] (prefix 3.12 glibc trixie /usr/local/bin/python3 /t) @2",
    }),
    (SLIM, "RUN pip install --target $X gunicorn", {
        "/opt/x": "? @2: it is not known where the packages went",
        "/usr/local/bin/gunicorn": "? @2: it is not known where the packages went",
        "/srv/x": "no",
    }),
    (SLIM, "ENV PIP_TARGET=$X\nRUN pip install gunicorn", {
        "/usr/local/bin/gunicorn": "? @3: it is not known where the packages went",
        "/srv/x": "no",
    }),
    (SLIM, "ENV PIP_ROOT=/r\nRUN pip install gunicorn", {
        "/usr/local/bin/gunicorn": "? @3: it is not known where the packages went",
    }),
    (APP, "RUN pip install gunicorn", {
        "/home/app/.local/bin/gunicorn": "program app 755 #!/usr/local/bin/python3 [gunicorn] @5",
        "/home/app/.local/lib/python3.12/site-packages/gunicorn-*.dist-info": "package app 755 [gunicorn] (user 3.12 glibc trixie /usr/local/bin/python3 /home/app/.local) @5",
        "/usr/local/bin/gunicorn": "no",
    }),
    (APP, "ENV PYTHONUSERBASE=/u\nRUN pip install gunicorn", {
        "/u/bin/gunicorn": "program app 755 #!/usr/local/bin/python3 [gunicorn] @6",
    }),
    (APP, "ENV PYTHONUSERBASE=$X\nRUN pip install --user gunicorn", {
        "/home/app/.local/bin/gunicorn": "? @6: it is not known where the packages went",
    }),
    (APP, "USER $X\nRUN pip install gunicorn", {
        "/usr/local/bin/gunicorn": "? @6: it is not known where the packages went",
        "/home/app/.local/bin/gunicorn": "? @6: it is not known where the packages went",
    }),
    (APP, "RUN sudo pip install gunicorn", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @5",
    }),
    (APP, "RUN python -m venv /home/app/v && . /home/app/v/bin/activate && pip install gunicorn", {
        "/home/app/v": "folder app 755 @5",
        "/home/app/v/bin/gunicorn": "program app 755 #!/home/app/v/bin/python [gunicorn] @5",
    }),
    (SLIM, 'RUN pip install \'gunicorn; sys_platform=="linux"\'', {
        "/usr/local/bin/gunicorn": "? @2: a marker decides whether it is installed",
        "/usr/local/lib/python3.12/site-packages/gunicorn-*.dist-info": "? @2: a marker decides whether it is installed",
    }),
    (SLIM, "RUN pip install flask && pip install strange", {
        "/usr/local/bin/flask": "program root 755 #!/usr/local/bin/python3 [flask] @2",
        "/usr/local/bin/other": "? @2: what `strange` brings along is not known",
        "/usr/local/lib/python3.12/site-packages/other-*.dist-info": "? @2: what `strange` brings along is not known",
    }),
    (SLIM, "RUN pip install flask && pip uninstall -y Flask", {
        "/usr/local/bin/flask": "no",
        "/usr/local/lib/python3.12/site-packages/flask-*.dist-info": "no",
        "/usr/local/lib/python3.12/site-packages/click-*.dist-info": "package root 755 [click] PYTHON @2",
    }),
    (SLIM, "RUN pip install flask && pip uninstall -y $X", {
        "/usr/local/bin/flask": "program root 755 #!/usr/local/bin/python3 [flask] @2",
    }),
    (SLIM, "RUN pip wheel flask", {
        "/flask.whl": "? @2: the names of the wheels",
        "/etc/x": "? @base: it may come with the base image",
    }),
    (SLIM, "WORKDIR /w\nRUN pip wheel flask", {
        "/w/x.whl": "? @3: the names of the wheels",
    }),
    (SLIM, "RUN pip download -d /dl flask", {
        "/dl": "folder root 755 @2",
        "/dl/x": "? @2: the names of the wheels",
        "/x": "no",
    }),
    (SLIM, "RUN pip wheel -w $X flask", {
        "/srv/x": "no",
        "/opt/x": "? @2: wheels at a path that is not known",
    }),
    ("FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y python3-pip\n", "RUN pip3 install gunicorn", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/bin/python3 [gunicorn] @3",
        "/usr/local/lib/python3.11/dist-packages/gunicorn-*.dist-info": "package root 755 [gunicorn] (system 3.11 glibc bookworm /usr/bin/python3 /usr) @3",
        "/usr/bin/gunicorn": "no",
    }),
    ("FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y python3-venv\n", "RUN python3 -m venv /v", {
        "/v/bin/python3.11": "program root 755 at /usr/bin/python3 [apt:python3-venv] (system 3.11 glibc bookworm /usr/bin/python3 /usr) @2",
        "/v/pyvenv.cfg": "file root 644 (venv 3.11 glibc bookworm /v/bin/python /v) @3",
        "/usr/bin/python3": "program root 755 [apt:python3-venv] (system 3.11 glibc bookworm /usr/bin/python3 /usr) @2",
    }),
    ("FROM alpine:3.22\nRUN apk add python3 py3-pip\n", "RUN pip install gunicorn", {
        "/usr/bin/gunicorn": "program root 755 #!/usr/bin/python3 [gunicorn] @3",
        "/usr/lib/python3.12/site-packages/gunicorn-*.dist-info": "package root 755 [gunicorn] (system 3.12 musl 3.22 /usr/bin/python3 /usr) @3",
    }),
    ("FROM alpine:3.22\nRUN apk add bash zsh curl\n", "", {
        "/bin/bash": "program root 755 [apk:bash] @2",
        "/bin/zsh": "program root 755 [apk:zsh] @2",
        "/usr/bin/curl": "program root 755 [apk:curl] @2",
        "/usr/bin/bash": "no",
    }),
    (UV, "RUN uv venv --python cpython@3.12 /v", {
        "/v/pyvenv.cfg": "file root 644 (venv 3.12 glibc trixie /v/bin/python /v) @4",
    }),
    (UV, "RUN uv venv --python cpython-3.12.1-linux-x86_64-gnu /v", {
        "/v/pyvenv.cfg": "file root 644 (venv 3.12 glibc trixie /v/bin/python /v) @4",
    }),
    (UV, "RUN uv venv --python '>=3.12' /v", {
        "/v/pyvenv.cfg": "file root 644 (venv None None None /v/bin/python /v) @4",
    }),
    (UV, "RUN uv venv --python '>=3.13' /v", {
        "/v/pyvenv.cfg": "file root 644 (venv None None None /v/bin/python /v) @4",
    }),
    (UV, "RUN uv venv --python 3 /v", {
        "/v/pyvenv.cfg": "file root 644 (venv 3.12 glibc trixie /v/bin/python /v) @4",
    }),
    ("FROM python:3.12-slim\nRUN useradd -m app\nRUN pip install uv && chown -R app /usr/local\nUSER app\nWORKDIR /w\n", "RUN pip install gunicorn", {
        "/usr/local/bin/gunicorn": "program app 755 #!/usr/local/bin/python3 [gunicorn] @6",
        "/home/app/.local/bin/gunicorn": "no",
    }),
    ("FROM python:3.12-slim\nRUN useradd -m app\nRUN chown app /usr/local/bin\nUSER app\nWORKDIR /w\n", "RUN pip install gunicorn", {
        "/usr/local/bin/gunicorn": "no",
        "/home/app/.local/bin/gunicorn": "program app 755 #!/usr/local/bin/python3 [gunicorn] @6",
    }),
    (UV, "RUN uv venv -p 3.12 /v", {
        "/v/pyvenv.cfg": "file root 644 (venv 3.12 glibc trixie /v/bin/python /v) @4",
    }),
    (UV, "RUN uv venv --python /nowhere/python3.9 /v", {
        "/v/pyvenv.cfg": "file root 644 (venv 3.9 None None /v/bin/python /v) @4",
        "/v/lib/python3.9/x": "no",
    }),
    ("FROM python:3.12-slim\nRUN pip install uv\n", "WORKDIR $X\nRUN uv venv /v", {
        "/v/pyvenv.cfg": "file root 644 (venv None None None /v/bin/python /v) @4",
        "/v/bin/python": "? @4: a link leads to an unknown place",
        "/v/lib/python3.12": "? @4: what its packages bring is not told apart",
    }),
    ("FROM python:3.12-slim\nRUN pip install uv\n", "WORKDIR $X\nRUN uv venv", {
        "/.venv": "no",
        "/opt/x": "? @4: an environment at a path that is not known",
    }),
    (UV, "USER $X\nENV UV_TOOL_BIN_DIR=/b\nRUN uv tool install gunicorn", {
        "/b/gunicorn": "program ? 755 [gunicorn] @6",
        "/root/.local/share": "no",
    }),
    (UV, "USER $X\nRUN uv python install 3.13", {
        "/root/.local/share/uv": "? @5: it is not known where uv put the Python",
        "/usr/local/bin/x": "? @5: it is not known where uv put the Python",
    }),
    (UV, "USER $X\nRUN uv python install", {
        "/root/.local/share/uv": "? @5: the Python that uv downloaded",
        "/srv/x": "? @5: the Python that uv downloaded",
    }),
    (UV, "RUN uv python install 3.13 3.12", {
        "/root/.local/share/uv/python/x": "? @4: the Python that uv downloaded",
    }),
    (UV, "RUN uv python install 3.13\nRUN uv venv --python 3.12 /v", {
        "/v/pyvenv.cfg": "file root 644 (venv None None None /v/bin/python /v) @5",
    }),
    (UV, "ENV UV_PYTHON_INSTALL_DIR=$X\nRUN uv python install 3.13", {
        "/usr/local/bin/x": "? @5: it is not known where uv put the Python",
        "/opt/x": "? @5: it is not known where uv put the Python",
    }),
    (UV, "RUN uv venv --system-site-packages /v", {
        "/v/lib/python3.12/site-packages/x-*.dist-info": "? @4: the environment sees the system's packages as well",
    }),
    (UV, "RUN uv venv --seed --clear", {
        "/w/.venv/bin/pip": "program root 755 #!/w/.venv/bin/python [pip] @4",
        "/w/.venv/lib/python3.12/site-packages/pip-*.dist-info": "package root 755 [pip] (venv 3.12 glibc trixie /w/.venv/bin/python /w/.venv) @4",
    }),
    (SLIM, "RUN pip install --prefix / gunicorn", {
        "/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @2",
        "/lib/python3.12/site-packages/gunicorn-*.dist-info": "package root 755 [gunicorn] (prefix 3.12 glibc trixie /usr/local/bin/python3 /) @2",
    }),
    (SLIM, "ENV PIP_PREFIX=$X\nRUN pip install gunicorn", {
        "/usr/local/bin/gunicorn": "? @3: it is not known where the packages went",
    }),
    (SLIM, "RUN pip install --user gunicorn", {
        "/root/.local": "folder ? 755 @2",
        "/root/.local/bin": "folder root 755 @2",
        "/root/.local/lib/python3.12/site-packages": "folder root 755 (user 3.12 glibc trixie /usr/local/bin/python3 /root/.local) @2",
        "/root/.local/lib/python3.12/site-packages/gunicorn-*.dist-info": "package root 755 [gunicorn] (user 3.12 glibc trixie /usr/local/bin/python3 /root/.local) @2",
    }),
    (SLIM, "USER $U\nRUN pip install --user gunicorn", {
        "/root/.local/bin/gunicorn": "? @3: it is not known where the packages went",
        "/usr/local/bin/gunicorn": "? @3: it is not known where the packages went",
    }),
    (SLIM, "ENV PIP_USER=no\nRUN pip install gunicorn", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @3",
    }),
    (SLIM, "RUN ln -s /usr/local/bin/pip /opt/pip && /opt/pip install gunicorn", {
        "/usr/local/bin/gunicorn": "? @2: it is not known where the packages went",
    }),
    (SLIM, "RUN /nowhere/bin/pip install gunicorn", {
        "/nowhere/bin/gunicorn": "no",
        "/usr/local/bin/gunicorn": "? @2: it is not known where the packages went",
    }),
    (SLIM, "RUN rm /usr/local/bin/pip && pip install gunicorn", {
        "/usr/local/bin/gunicorn": "? @2: it is not known where the packages went",
    }),
    (SLIM, "RUN chown app /usr/local/lib/python3.12/site-packages && useradd app\nUSER app\nRUN pip install gunicorn", {
        "/usr/local/bin/gunicorn": "no",
        "/home/app/.local/bin/gunicorn": "? @2: whether the home folder is made",
    }),
    (SLIM, "RUN python -m venv /v && chown -R app /v && useradd -m app\nUSER app\nRUN /v/bin/pip install gunicorn", {
        "/v": "folder app 755 @2",
        "/v/bin/gunicorn": "program app 755 #!/v/bin/python [gunicorn] @4",
        "/v/bin/pip": "program app 755 #!/v/bin/python [pip] @2",
        "/v/bin/other": "no",
        "/v/lib/python3.12/site-packages/x-*.dist-info": "no",
    }),
    (SLIM, "RUN python -m venv /v && cp -r /v /u && mv /v /t", {
        "/u/bin/pip": "program root 755 #!/v/bin/python [pip] @2",
        "/u/bin/python": "program root 755 at /usr/local/bin/python3 PYTHON @base",
        "/t/bin/pip": "program root 755 #!/v/bin/python [pip] @2",
        "/t/bin/activate": "file root 644 @2",
        "/v": "no",
    }),
    (SLIM, "RUN python -m venv /v && rm -rf /v/lib", {
        "/v/lib/python3.12": "no",
        "/v/bin/pip": "program root 755 #!/v/bin/python [pip] @2",
    }),
    (SLIM, "RUN pip install gunicorn==20.0 uvicorn-worker==0.1 fastapi==0.100", {
        "/usr/local/bin/uvicorn": "program root 755 #!/usr/local/bin/python3 [uvicorn] @2",
        "/usr/local/lib/python3.12/site-packages/click-*.dist-info": "package root 755 [click] PYTHON @2",
        "/usr/local/lib/python3.12/site-packages/starlette-*.dist-info": "? @2: a marker decides whether it is installed",
    }),
    (SLIM, "RUN pip install fastapi[all] && pip install fastapi[strange]", {
        "/usr/local/bin/uvicorn": "program root 755 #!/usr/local/bin/python3 [uvicorn] @2",
        "/usr/local/bin/other": "? @2: what `fastapi` brings along is not known",
    }),
    (SLIM, "RUN pip install celery 'gunicorn ; x' && pip install gunicorn", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @2",
    }),
    (SLIM, "RUN pip install gunicorn && pip install 'gunicorn ; x'", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @2",
    }),
    (SLIM, "RUN pip install poetry && poetry self add x && poetry add flask && poetry install", {
        "/usr/local/bin/flask": "? @2: what `poetry` brings along is not known",
    }),
    (SLIM, "WORKDIR /w\nRUN pip install poetry && poetry config virtualenvs.in-project true && poetry add flask", {
        "/w/.venv/bin/flask": "program root 755 #!/w/.venv/bin/python [flask] @3",
        "/w/.venv/bin/other": "? @3: what the project requires besides",
    }),
    (SLIM, "RUN pip install poetry && poetry config virtualenvs.create", {
        "/usr/local/bin/flask": "? @2: what `poetry` brings along is not known",
    }),
    (SLIM, "WORKDIR $X\nENV POETRY_VIRTUALENVS_IN_PROJECT=1\nRUN pip install poetry && poetry add flask", {
        "/.venv": "no",
        "/usr/local/bin/flask": "? @4: what `poetry` brings along is not known",
    }),
    (SLIM, "ENV POETRY_VIRTUALENVS_CREATE=$X\nRUN pip install poetry && poetry add flask", {
        "/usr/local/bin/flask": "? @3: what `poetry` brings along is not known",
    }),
    (SLIM, "RUN pip install pipenv && pipenv install flask --system && pipenv install --dev", {
        "/usr/local/bin/flask": "program root 755 #!/usr/local/bin/python3 [flask] @2",
        "/usr/local/bin/other": "? @2: what the Pipfile requires besides",
    }),
    (SLIM, "RUN python -m venv /v && pip install pipenv && VIRTUAL_ENV=/v pipenv install flask", {
        "/v/bin/flask": "program root 755 #!/v/bin/python [flask] @2",
    }),
    (SLIM, "WORKDIR $X\nENV PIPENV_VENV_IN_PROJECT=1\nRUN pip install pipenv && pipenv install flask", {
        "/.venv": "no",
    }),
    (SLIM, "ENV PYTHONUSERBASE=$X\nRUN pip install flask", {
        "/usr/local/bin/flask": "program root 755 #!/usr/local/bin/python3 [flask] @3",
    }),
    (APP, "RUN pip install --target=/home/app/t flask", {
        "/home/app/t/bin/flask": "program app 755 #!/usr/local/bin/python3 [flask] @5",
        "/home/app/t": "folder app 755 (target 3.12 glibc trixie /usr/local/bin/python3 /home/app/t) @5",
    }),
    (APP, "RUN pip install --target=$X flask", {
        "/usr/local/bin/flask": "no",
        "/home/app/x": "? @5: it is not known where the packages went",
        "/opt/x": "? @5: it is not known where the packages went",
    }),
    (DEBIAN, "RUN apt-get install -y python3 python3-pip pipx && pipx install gunicorn", {
        "/root/.local/bin/gunicorn": "program root 755 [gunicorn] @2",
        "/usr/bin/pipx": "program root 755 [apt:pipx] @2",
    }),
    (DEBIAN, "RUN apt-get install -y python3-pip && pip3 install --prefix=/x gunicorn", {
        "/x/bin/gunicorn": "? @2: it is not known where the packages went",
        "/usr/local/bin/gunicorn": "? @2: it is not known where the packages went",
    }),
    (DEBIAN, "RUN apt-get install -y python3-pip && pip3 install --user gunicorn", {
        "/root/.local/bin/gunicorn": "program root 755 #!/usr/bin/python3 [gunicorn] @2",
        "/root/.local/lib/python3.11/site-packages": "folder root 755 (user 3.11 glibc bookworm /usr/bin/python3 /root/.local) @2",
    }),
]  # fmt: skip


@pytest.mark.parametrize(("start", "steps", "expected"), PYTHONS)
def test_where_packages_and_interpreters_lie(
    start: str, steps: str, expected: dict[str, str]
) -> None:
    images = model(start + steps + "\n")
    assert {path: told(images, path) for path in expected} == expected
