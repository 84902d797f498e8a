"""The image model: what each command and instruction does to what is there, not there, unknown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dflint.context import memory_context
from dflint.image.build import Images, model_images
from dflint.image.describe import as_json, as_text
from dflint.image.files import NotThere, There
from dflint.model import make_build
from dflint.reader import read
from dflint.scripts import make_scripts
from dflint.source import make_source


def model(
    text: str, files: dict[str, str] | None = None, dockerignore: str | None = None
) -> Images:
    """The image model of a text; without files the context is not known."""
    build = make_build(read(make_source("Dockerfile", text)))
    context = None if files is None else memory_context(files, dockerignore)
    return model_images(build, make_scripts(build), context)


def state(images: Images, path: str) -> str:
    """What the product's file system says of a path, in a word."""
    product = images.product
    assert product is not None
    found = product.files.lookup(path)
    if isinstance(found, There):
        return found.entry.kind
    return "no" if isinstance(found, NotThere) else "?"


SLIM = "FROM python:3.12-slim\n"
VENV = SLIM + "RUN python -m venv /opt/venv\n"

# What stands after FROM python:3.12-slim, a path, and what is known of it.
STEPS = [
    # the base
    ("", "/usr/local/bin/python3.12", "program"),
    ("", "/usr/local/bin/python3.11", "?"),
    ("", "/usr/local/bin/gunicorn", "no"),
    ("", "/usr/bin/curl", "no"),
    ("", "/usr/bin/python3", "no"),
    ("", "/bin/sh", "program"),
    ("", "/bin/bash", "program"),
    ("", "/app", "no"),
    ("", "/opt/venv", "no"),
    ("", "/usr/lib/anything", "?"),
    ("", "/root/.local/bin/x", "no"),
    # folders and files
    ("WORKDIR /app", "/app", "folder"),
    ("WORKDIR /app", "/app/x", "no"),
    ("RUN mkdir -p /data/{a,b}", "/data/b", "folder"),
    ("RUN mkdir -p /data/$X", "/data", "?"),
    ("RUN touch /data", "/data", "file"),
    ("RUN echo x > /etc/x.conf", "/etc/x.conf", "file"),
    ("RUN cd /srv && touch a", "/srv/a", "file"),
    ("RUN (cd /srv && touch a) && touch b", "/b", "file"),
    ("RUN cd $X && touch a", "/app/a", "?"),
    ("RUN mkdir /a && rm -rf /a", "/a", "no"),
    ("RUN mkdir /a && touch /a/x && rm -rf /a/*", "/a/x", "no"),
    ("RUN touch /abc && rm -f /a*", "/abc", "?"),
    ("RUN touch /abc && rm -f /x*", "/abc", "file"),
    ("RUN touch /a && cp /a /b", "/b", "file"),
    ("RUN touch /a && mkdir /d && cp /a /d", "/d/a", "file"),
    ("RUN mkdir /s && touch /s/x && cp -r /s /t", "/t/x", "file"),
    ("RUN mkdir /s && touch /s/x && cp -r /s/. /t/", "/t/x", "file"),
    ("RUN touch /a && mv /a /b", "/a", "no"),
    ("RUN touch /a && mv /a /b", "/b", "file"),
    ("RUN ln -s /usr/local/bin/python3 /py", "/py", "program"),
    ("RUN ln -s /nowhere /py", "/py", "no"),
    ("RUN ln -s $X /py", "/py", "?"),
    ("RUN tar -xzf x.tgz -C /data", "/data/x", "?"),
    ("RUN mkdir /data && tar -tzf x.tgz", "/data/x", "no"),
    ("RUN curl -sSLo /usr/local/bin/tool https://x.example/tool", "/usr/local/bin/tool", "file"),
    ("RUN cd /srv && curl -O https://x.example/tool", "/srv/tool", "file"),
    ("RUN curl -s https://x.example/tool", "/tool", "no"),
    ("RUN wget -O /t https://x.example/tool", "/t", "file"),
    ("RUN git clone https://x.example/repo.git", "/repo", "folder"),
    ("RUN git clone https://x.example/repo.git", "/repo/setup.py", "?"),
    ("RUN git clone https://x.example/repo.git", "/other", "no"),
    # what may not run
    ("RUN if [ $X ]; then touch /a; fi", "/a", "?"),
    ("RUN touch /a || true", "/a", "?"),
    ("RUN false || touch /a", "/a", "?"),
    ("RUN if [ $X ]; then rm -rf /bin/sh; fi", "/bin/sh", "?"),
    # unknown commands
    ("RUN ./setup", "/usr/local/bin/gunicorn", "?"),
    ("RUN ./setup", "/opt/venv", "?"),
    ("RUN ./setup", "/usr/local/bin/python3", "program"),
    ("RUN cd /work && ./setup --to=/place", "/place", "?"),
    ("RUN useradd -m app\nUSER app\nWORKDIR /w\nRUN ./setup", "/usr/local/bin/gunicorn", "no"),
    ("RUN useradd -m app\nUSER app\nWORKDIR /w\nRUN ./setup", "/w/x", "?"),
    ("RUN useradd -m app\nUSER app\nWORKDIR /w\nRUN ./setup", "/home/app/x", "?"),
    ("RUN useradd -m app\nUSER app\nWORKDIR /w\nRUN ./setup", "/opt/x", "no"),
    ("RUN npm run build", "/usr/local/bin/gunicorn", "no"),
    ("RUN npm run build", "/dist/x", "?"),
    ("RUN echo 'unclosed", "/app", "?"),
    # system packages
    ("RUN apt-get update && apt-get install -y curl", "/usr/bin/curl", "program"),
    ("RUN apt-get install -y strange", "/usr/bin/psql", "?"),
    ("RUN apt-get install -y strange", "/usr/bin/gunicorn", "no"),
    ("RUN apt-get install -y gunicorn", "/usr/bin/gunicorn", "?"),
    ("RUN apt-get install -y python3-strange", "/usr/bin/gunicorn", "?"),
    ("RUN apt-get install -y $PKGS", "/usr/bin/gunicorn", "?"),
    ("RUN apt-get install -y libpq5", "/usr/bin/psql", "no"),
    ("RUN apt-get install -y strange", "/usr/local/bin/anything", "no"),
    ("RUN apt-get install -y git", "/usr/bin/curl", "no"),
    ("RUN apt-get install -y git", "/usr/bin/tini", "no"),
    ("RUN apt-get install -y git", "/usr/bin/ssh", "?"),
    ("RUN apt-get install -y libstrange-dev", "/usr/bin/python3", "?"),
    ("RUN apt-get install -y libstrange-dev", "/usr/bin/tini", "no"),
    ("RUN apt-get install -y git && apt-get purge -y git", "/usr/bin/git", "?"),
    # pip
    ("RUN pip install gunicorn", "/usr/local/bin/gunicorn", "program"),
    ("RUN pip install gunicorn", "/usr/local/bin/uvicorn", "no"),
    ("RUN pip install strange", "/usr/local/bin/uvicorn", "?"),
    ("RUN pip install strange", "/usr/local/bin/curl", "no"),
    ("RUN pip install 'fastapi[standard]'", "/usr/local/bin/uvicorn", "program"),
    ("RUN pip install fastapi", "/usr/local/bin/uvicorn", "no"),
    ("RUN pip install fastapi==0.111.0", "/usr/local/bin/uvicorn", "?"),
    ("RUN pip install 'gunicorn; python_version < \"3\"'", "/usr/local/bin/gunicorn", "?"),
    ("RUN pip install --dry-run gunicorn", "/usr/local/bin/gunicorn", "no"),
    ("RUN pip install --user gunicorn", "/root/.local/bin/gunicorn", "program"),
    ("RUN pip install --user gunicorn", "/usr/local/bin/gunicorn", "no"),
    ("RUN pip install --prefix=/install gunicorn", "/install/bin/gunicorn", "program"),
    ("RUN pip install --target /deps gunicorn", "/deps/bin/gunicorn", "program"),
    ("RUN pip install --prefix=$X gunicorn", "/usr/local/bin/gunicorn", "?"),
    ("RUN useradd -m app\nUSER app\nRUN pip install gunicorn", "/usr/local/bin/gunicorn", "no"),
    (
        "RUN useradd -m app\nUSER app\nRUN pip install gunicorn",
        "/home/app/.local/bin/gunicorn",
        "program",
    ),
    ("RUN pip install gunicorn && pip uninstall -y gunicorn", "/usr/local/bin/gunicorn", "no"),
    ("RUN pip wheel -w /wheels gunicorn", "/wheels", "folder"),
    ("RUN pip wheel -w /wheels gunicorn", "/usr/local/bin/gunicorn", "no"),
    ("RUN pip install -r requirements.txt", "/usr/local/bin/gunicorn", "?"),
    # mounts
    ("RUN --mount=type=cache,target=/c touch /c/x", "/c", "?"),
    ("RUN --mount=type=cache,target=/c touch /c/x", "/c/x", "no"),
    ("RUN --mount=type=tmpfs,target=/c touch /c/x /d", "/d", "file"),
    # users
    ("RUN useradd -m app", "/home/app", "folder"),
    ("RUN useradd app", "/home/app", "?"),
    ("RUN useradd -r app", "/home/app", "no"),
    ("RUN adduser --disabled-password app", "/home/app", "folder"),
    ("RUN useradd -m -d /srv/app app", "/srv/app", "folder"),
    # uv
    ("RUN pip install uv && uv pip install --system gunicorn", "/usr/local/bin/gunicorn", "program"),
    ("RUN pip install uv && uv venv /v && VIRTUAL_ENV=/v uv pip install gunicorn", "/v/bin/gunicorn", "program"),
    ("RUN pip install uv && uv venv /v", "/v/bin/pip", "?"),
    ("ENV UV_TOOL_BIN_DIR=/opt/bin\nRUN pip install uv && uv tool install gunicorn", "/opt/bin/gunicorn", "program"),
    # others
    ("RUN npm ci", "/node_modules", "folder"),
    ("RUN npm install -g strange", "/usr/local/bin/strange", "?"),
    ("RUN npm install -g strange", "/opt/strange", "no"),
]  # fmt: skip


# Further effects, a case for each way that a command can be written.
WAYS = [
    ("RUN tar -xzf x.tgz", "/x", "?"),
    ("WORKDIR /w\nRUN tar -xzf x.tgz", "/w/x", "?"),
    ("WORKDIR /w\nRUN tar -xzf x.tgz", "/opt/x", "no"),
    ("RUN tar --create -f x.tgz /srv", "/x", "no"),
    ("RUN unzip x.zip -d /z", "/z/x", "?"),
    ("RUN unzip x.zip -d /z", "/z", "folder"),
    ("RUN tar -xf x -C $X", "/opt/x", "?"),
    ("RUN curl -o /dev/null https://x.example/t", "/dev/null", "?"),
    ("RUN curl -o - https://x.example/t", "/-", "no"),
    ("RUN curl -o $X https://x.example/t", "/opt/t", "?"),
    ("RUN curl --remote-name-all --output-dir /d https://x.example/t", "/d/t", "file"),
    ("RUN wget -P /d https://x.example/t.tgz?x=1", "/d/t.tgz", "file"),
    ("RUN wget -P /d $URL", "/d/t", "?"),
    ("RUN wget -P /d $URL", "/e/t", "no"),
    ("RUN wget https://x.example/", "/x", "?"),
    ("WORKDIR /w\nRUN wget https://x.example/", "/w/x", "?"),
    ("RUN git clone https://x.example/repo /r", "/r", "folder"),
    ("RUN git clone https://x.example/repo /r", "/repo", "no"),
    ("RUN git clone $URL", "/opt/x", "?"),
    ("RUN git clone https://x.example/repo/", "/repo", "folder"),
    ("RUN touch /a && chmod +x /a", "/a", "file"),
    ("RUN touch /a && sed -i s/a/b/ /a", "/a", "file"),
    ("RUN mkdir -p /d && touch /a && cp -t /d /a", "/d/a", "file"),
    ("RUN mkdir -p /d && touch /a && mv -t /d /a", "/d/a", "file"),
    ("RUN mkdir /d && ln -s /d /e && touch /e/x", "/d/x", "file"),
    ("RUN mkdir /d /f && ln -s /f /d", "/d/f", "folder"),
    ("RUN mkdir /d && ln -s /usr/local/bin/python3 /d", "/d/python3", "program"),
    ("RUN mkdir /d /f && ln -s /f /e && ln -s -n /d /e", "/f/d", "no"),
    ("RUN mkdir /d /f && ln -s /f /e && ln -sfn /d /e && touch /e/x", "/d/x", "file"),
    ("RUN cd /srv && ln -s /usr/local/bin/python3", "/srv/python3", "program"),
    ("RUN cd /srv && ln -s ../usr/local/bin/python3 py", "/srv/py", "program"),
    ("RUN ln /bin/sh /sh", "/sh", "program"),
    ("RUN install -d /a /b", "/b", "folder"),
    ("RUN install -D /bin/sh /opt/x/sh", "/opt/x/sh", "program"),
    ("RUN install -m 755 /bin/sh /srv", "/srv/sh", "program"),
    ("RUN install -t /srv /bin/sh", "/srv/sh", "program"),
    ("RUN mkdir -p /a/b && find /a -name '*.pyc' -delete", "/a/b", "folder"),
    ("RUN mkdir -p /a/b && find /a -delete", "/a/b", "?"),
    ("WORKDIR /w\nRUN mkdir d && find $X -delete", "/w/d", "?"),
    ("WORKDIR /w\nRUN mkdir d /e && find $X -delete", "/e", "folder"),
    ("RUN mkdir -p /a/b && find /a -type f", "/a/b", "folder"),
    ("RUN mkdir -p /a/b && find /a -name b -exec rm -rf {} +", "/a/b", "?"),
    ("RUN mkdir -p /a/b && find /a -name __pycache__ -exec rm -rf {} +", "/a/b", "folder"),
    ("RUN mkdir /a && rmdir /a", "/a", "no"),
    ("RUN touch /a && unlink /a", "/a", "no"),
    ("RUN mkdir -p /a/b && rm -rf /a/$X", "/a/b", "?"),
    ("RUN rm -rf /usr/local/lib/python3.12", "/usr/local/bin/python3", "program"),
    ("RUN touch /a && mv $X /d", "/d", "?"),
    ("RUN cp $X /d", "/d", "?"),
    ("RUN cp /nowhere /d", "/d", "no"),
    ("RUN mkdir /s && touch /s/x && mv /s /t", "/t/x", "file"),
    ("RUN mkdir /s && touch /s/x && mv /s /t", "/s/x", "no"),
    ("RUN mkdir /s /t && touch /s/x && mv /s /t", "/t/s/x", "file"),
    ("RUN mkdir /s && touch /s/x && cp /s/* /t/", "/t/x", "file"),
    ("RUN touch /a /b && cp /a /b /srv", "/srv/b", "file"),
    ("RUN touch /a /b && cp /a /b /srv", "/srv/c", "no"),
    ("RUN echo x | tee /a", "/a", "file"),
    ("RUN echo x | tee -a /a /b", "/b", "file"),
    ("RUN echo x >> /a", "/a", "file"),
    ("RUN cat < /a", "/a", "no"),
    ("RUN echo x > /dev/null", "/dev/null", "?"),
    ("RUN cd / && echo x 2> err", "/err", "file"),
    ("RUN mkdir -p a/b", "/a/b", "folder"),
    ("WORKDIR /w\nRUN mkdir -p a/b", "/w/a/b", "folder"),
    ("RUN mkdir $X", "/app", "?"),
    ("RUN touch $X", "/app", "?"),
    ("RUN pushd /srv && touch a", "/srv/a", "file"),
    ("RUN cd && touch a", "/root/a", "file"),
    ("RUN cd ~ && touch a", "/root/a", "file"),
    ("RUN cd - && touch a", "/app/a", "?"),
    ("RUN cd /srv; cd .. && touch a", "/a", "file"),
    ("RUN adduser -D app", "/home/app", "folder"),
    ("RUN adduser --system app", "/home/app", "?"),
    ("RUN useradd -M app", "/home/app", "no"),
    ("RUN useradd -m $X", "/home/app", "?"),
    ("RUN useradd -m $X", "/opt/app", "no"),
    ("RUN adduser --home /srv/x app", "/srv/x", "folder"),
    ("RUN adduser --no-create-home app", "/home/app", "no"),
    ("RUN useradd -m app", "/home/app/x", "no"),
    ("RUN useradd -m app", "/home/app/.bashrc", "?"),
    ("RUN useradd --create-home app", "/home/app", "folder"),
    ("RUN usermod -l a b", "/home/a", "?"),
    ("RUN userdel app", "/home/app/x", "?"),
    ("RUN groupadd app", "/home/app", "no"),
    ("RUN pip install uv\nRUN uv tool install gunicorn", "/root/.local/bin/gunicorn", "program"),
    ("RUN pip install uv\nRUN uv tool install strange", "/root/.local/bin/strange", "?"),
    ("RUN pip install uv\nRUN uv tool install strange", "/usr/local/bin/strange", "no"),
    ("RUN pip install uv\nRUN uv tool install gunicorn", "/root/.local/share/uv/x", "?"),
    ("RUN pip install uv\nENV UV_TOOL_BIN_DIR=$X\nRUN uv tool install gunicorn", "/opt/bin/gunicorn", "?"),
    ("ENV PIPX_BIN_DIR=/p\nRUN pip install pipx && pipx install gunicorn", "/p/gunicorn", "program"),
    ("RUN pip install pipx && pipx install gunicorn", "/root/.local/bin/gunicorn", "program"),
    ("RUN pip install pipx && pipx install gunicorn", "/usr/local/bin/gunicorn", "?"),
    ("RUN pip install uv\nRUN uv tool install --with-executables-from x gunicorn", "/root/.local/bin/x", "?"),
    ("RUN pip install uv\nRUN useradd -m app\nUSER app\nWORKDIR /w\nRUN uv tool install gunicorn", "/home/app/.local/bin/gunicorn", "program"),
    ("RUN pip install uv\nRUN uv pip install gunicorn", "/usr/local/bin/gunicorn", "?"),
    ("RUN pip install uv\nRUN uv pip install --target /t gunicorn", "/t/bin/gunicorn", "?"),
    ("RUN pip install uv\nRUN uv pip install --prefix /t gunicorn", "/t/bin/gunicorn", "?"),
    ("RUN pip install uv\nRUN uv pip install --python /usr/local/bin/python gunicorn", "/usr/local/bin/gunicorn", "program"),
    ("RUN pip install uv\nENV UV_SYSTEM_PYTHON=1\nRUN uv pip install gunicorn", "/usr/local/bin/gunicorn", "program"),
    ("RUN pip install uv\nRUN uv venv && uv pip install gunicorn", "/.venv/bin/gunicorn", "program"),
    ("RUN pip install uv\nWORKDIR /w\nRUN uv venv && uv pip install gunicorn", "/w/.venv/bin/gunicorn", "program"),
    ("RUN pip install uv\nRUN uv venv --seed /v", "/v/bin/pip", "program"),
    ("RUN pip install uv\nRUN uv venv /v", "/v/bin/python", "program"),
    ("RUN pip install uv\nRUN uv venv /v", "/v/bin/gunicorn", "no"),
    ("RUN pip install uv\nWORKDIR /w\nRUN uv add gunicorn", "/w/.venv/bin/gunicorn", "program"),
    ("RUN pip install uv\nWORKDIR /w\nRUN uv add gunicorn", "/usr/local/bin/gunicorn", "no"),
    ("RUN pip install uv\nWORKDIR /w\nENV UV_PROJECT_ENVIRONMENT=/v\nRUN uv sync", "/v/bin/python", "program"),
    ("RUN pip install uv\nWORKDIR /w\nRUN uv sync", "/w/.venv/bin/gunicorn", "?"),
    ("RUN pip install uv\nWORKDIR /w\nRUN uv sync", "/usr/local/bin/gunicorn", "no"),
    ("RUN pip install uv\nWORKDIR /w\nRUN uv run x", "/w/.venv/bin/x", "?"),
    ("RUN pip install uv\nRUN uv python install 3.13", "/usr/local/bin/gunicorn", "no"),
    ("ENV PIP_TARGET=/t\nRUN pip install gunicorn", "/t/bin/gunicorn", "program"),
    ("ENV PIP_PREFIX=/t\nRUN pip install gunicorn", "/t/bin/gunicorn", "program"),
    ("ENV PIP_USER=1\nRUN pip install gunicorn", "/root/.local/bin/gunicorn", "program"),
    ("ENV PYTHONUSERBASE=/u\nRUN pip install --user gunicorn", "/u/bin/gunicorn", "program"),
    ("RUN pip install --root /r gunicorn", "/r/usr/local/bin/gunicorn", "?"),
    ("RUN pip install --root /r gunicorn", "/usr/local/bin/gunicorn", "?"),
    ("RUN pip download gunicorn", "/usr/local/bin/gunicorn", "?"),
    ("RUN pip install git+https://x.example/y", "/usr/local/bin/gunicorn", "?"),
    ("RUN pip install file:///x", "/usr/local/bin/gunicorn", "?"),
    ("RUN pip install /x.whl", "/usr/local/bin/gunicorn", "?"),
    ("RUN pip install gunicorn-20.0-py3-none-any.whl", "/usr/local/bin/gunicorn", "?"),
    ("RUN pip install file:gunicorn", "/usr/local/bin/gunicorn", "?"),
    ("RUN pip install ./*.whl", "/usr/local/bin/gunicorn", "?"),
    ("RUN pip --version", "/usr/local/bin/gunicorn", "no"),
    ("RUN pip install --help", "/usr/local/bin/gunicorn", "no"),
    ("RUN python3.12 -m pip install gunicorn", "/usr/local/bin/gunicorn", "program"),
    ("RUN pip3 install gunicorn", "/usr/local/bin/gunicorn", "program"),
    ("RUN pip install gunicorn && rm /usr/local/bin/gunicorn", "/usr/local/bin/gunicorn", "no"),
    ("RUN pip uninstall -y pip", "/usr/local/bin/pip", "no"),
    ("RUN pip install $X", "/usr/local/bin/gunicorn", "?"),
    ("RUN pip install $X", "/usr/bin/gunicorn", "no"),
    ("RUN pip install poetry\nRUN poetry config virtualenvs.create false && poetry add gunicorn", "/usr/local/bin/gunicorn", "program"),
    ("ENV POETRY_VIRTUALENVS_CREATE=false\nRUN pip install poetry && poetry add gunicorn", "/usr/local/bin/gunicorn", "program"),
    ("ENV POETRY_VIRTUALENVS_IN_PROJECT=1\nWORKDIR /w\nRUN pip install poetry && poetry add gunicorn", "/w/.venv/bin/gunicorn", "program"),
    ("WORKDIR /w\nRUN pip install poetry && poetry add gunicorn", "/w/.venv/bin/gunicorn", "?"),
    ("RUN pip install poetry && poetry install --dry-run", "/usr/local/bin/x", "?"),
    ("RUN pip install poetry && poetry add gunicorn", "/usr/local/bin/gunicorn", "?"),
    ("ENV VIRTUAL_ENV=/opt/v\nRUN python -m venv /opt/v && pip install poetry && poetry add gunicorn", "/opt/v/bin/gunicorn", "program"),
    ("RUN pip install pipenv && pipenv install --system gunicorn", "/usr/local/bin/gunicorn", "program"),
    ("RUN pip install pipenv && pipenv install gunicorn", "/usr/local/bin/gunicorn", "?"),
    ("WORKDIR /w\nENV PIPENV_VENV_IN_PROJECT=1\nRUN pip install pipenv && pipenv install gunicorn", "/w/.venv/bin/gunicorn", "program"),
    ("RUN apt-get install -y --download-only curl", "/usr/bin/curl", "no"),
    ("RUN apt-get -s install curl", "/usr/bin/curl", "no"),
    ("RUN apt install -y curl", "/usr/bin/curl", "program"),
    ("RUN apt-get install -y curl=7.88", "/usr/bin/curl", "program"),
    ("RUN apt-get install -y ./x.deb", "/usr/bin/curl", "?"),
    ("RUN apt-get install -y curl git", "/usr/bin/git", "program"),
    ("RUN apt-get install -y curl && apt-get autoremove -y", "/usr/bin/curl", "program"),
    ("RUN apt-get install -y curl && apt-mark auto curl && apt-get autoremove -y", "/usr/bin/curl", "?"),
    ("RUN dpkg -i x.deb", "/usr/bin/curl", "?"),
    ("RUN apt-get install -y python3", "/usr/bin/python3", "program"),
    ("RUN apt-get install -y python3-pip", "/usr/bin/pip3", "program"),
    ("RUN apt-get install -y nginx", "/usr/sbin/nginx", "program"),
    ("RUN apt-get update", "/usr/bin/curl", "no"),
    ("RUN npm install x", "/node_modules/x", "?"),
    ("RUN npm install -g pm2", "/usr/local/bin/pm2", "?"),
    ("ENV PATH=/x:$PATH\nRUN gunicorn", "/opt/x", "?"),
    ("RUN --mount=type=bind,target=/m touch /a", "/m/x", "no"),
    ("RUN bash -c 'touch /a'", "/a", "file"),
    ('RUN sh -c "mkdir /q && touch /q/x"', "/q/x", "file"),
    ("RUN for i in a b; do touch /$i; done", "/a", "?"),
    ("RUN set -e; touch /a; touch /b", "/b", "file"),
    ("RUN test -f /x && touch /a", "/a", "?"),
    ("RUN [ -d /x ] || mkdir /x", "/x", "?"),
    ("RUN make install", "/usr/local/bin/x", "?"),
    ("RUN python setup.py install", "/usr/local/bin/gunicorn", "?"),
    ("RUN conda install x", "/opt/conda", "?"),
    ("RUN useradd -m -b /srv app", "/srv/app", "folder"),
    ("RUN useradd -m --base-dir /srv app", "/home/app", "no"),
    ("RUN useradd -m -b $X app", "/home/app", "?"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "path", "expected"), STEPS + WAYS)
def test_each_effect(steps: str, path: str, expected: str) -> None:
    assert state(model(SLIM + steps + "\n"), path) == expected


# What is told of a thing: kind, owner, mode, interpreter, and what brought it; or why it is not known.
TOLD = [
    ("WORKDIR /w", "/w", "folder root 755 -: WORKDIR /w"),
    ("RUN useradd -m app\nUSER app\nWORKDIR /w", "/w", "folder ? 755 -: WORKDIR /w"),
    ("RUN mkdir -p /d", "/d", "folder root 755 -: mkdir -p /d"),
    ("RUN mkdir -m 700 /d", "/d", "folder root 700 -: mkdir -m 700 /d"),
    ("RUN touch /a", "/a", "file root 644 -: touch /a"),
    ("RUN touch /a && chmod 600 /a", "/a", "file root 600 -: touch /a"),
    ("RUN touch /a && chmod u+x /a", "/a", "file root 744 -: touch /a"),
    ("RUN touch /a && chown app:app /a", "/a", "file app 644 -: touch /a"),
    ("RUN mkdir -p /a/b && chown -R app /a", "/a/b", "folder app 755 -: mkdir -p /a/b"),
    ("RUN mkdir -p /a/b && chown app /a", "/a/b", "folder root 755 -: mkdir -p /a/b"),
    ("RUN mkdir -p /a/b && chmod -R 700 /a", "/a/b", "folder root 700 -: mkdir -p /a/b"),
    ("RUN useradd -m app\nUSER app\nRUN touch ~/a", "/home/app/a", "file app 644 -: touch ~/a"),
    ("RUN cp /bin/sh /x", "/x", "program root 755 -: the base image"),
    ("RUN chown app /usr/local/bin/pip && cp /bin/sh /usr/local/bin/pip", "/usr/local/bin/pip", "program app 755 -: the base image"),
    ("RUN mv /bin/sh /x", "/x", "program root 755 -: the base image"),
    ("RUN ln -s /bin/sh /x", "/x", "program root 755 -: the base image"),
    ("RUN ln -s $X /x", "/x", "?: ln -s $X /x: a link to what is not known"),
    ("RUN curl -o /t https://x.example/t", "/t", "file root 644 -: curl -o /t https://x.example/t"),
    ("RUN curl -o $X https://x.example/t", "/opt/t", "?: curl -o $X https://x.example/t: it is not known what `curl -o $X https://x.example/t` works on"),
    ("RUN tar -xf /x -C /d", "/d", "folder root 755 -: tar -xf /x -C /d"),
    ("RUN tar -xf /x -C /d", "/d/x", "?: tar -xf /x -C /d: what the archive holds is not known"),
    ("RUN git clone https://x.example/r", "/r", "folder root 755 -: git clone https://x.example/r"),
    ("RUN git clone https://x.example/r", "/r/x", "?: git clone https://x.example/r: what the repository holds is not known"),
    ("COPY a.py /a", "/a", "file root 644 -: COPY a.py /a"),
    ("COPY --chown=app a.py /a", "/a", "file app 644 -: COPY a.py /a"),
    ("COPY --chmod=700 a.py /a", "/a", "file root 700 -: COPY a.py /a"),
    ("COPY run.sh /a", "/a", "file root 644 /bin/bash: COPY run.sh /a"),
    ("COPY <<EOF /e\n#!/usr/bin/env -S bash\nEOF", "/e", "file root 644 env bash: COPY <<EOF /e"),
    ("COPY <<EOF /e\n#!/usr/bin/env bash\nEOF", "/e", "file root 644 env bash: COPY <<EOF /e"),
    ("COPY <<EOF /e\n#!/bin/sh -e\nEOF", "/e", "file root 644 /bin/sh: COPY <<EOF /e"),
    ("COPY --chmod=755 <<EOF /d/\nx\nEOF", "/d/EOF", "file root 755 -: COPY <<EOF /d/"),
    ("COPY --chmod=755 <<EOF /e\nx\nEOF", "/e", "file root 755 -: COPY <<EOF /e"),
    ("RUN useradd -m app\nUSER app\nCOPY a.py /a", "/a", "file root 644 -: COPY a.py /a"),
    ("COPY $X /a", "/a", "?: COPY $X /a: it is not known what is copied"),
    ("COPY $X /d/", "/d/x", "?: COPY $X /d/: it is not known what is copied"),
    ("ADD https://x.example/t.txt /d/", "/d/t.txt", "file root 600 -: ADD https://x.example/t.txt /d/"),
    ("COPY src /s", "/s/m.py", "file root 644 -: COPY src /s"),
    ("COPY src /s", "/s", "folder root 755 -: COPY src /s"),
    ("COPY src/ a.py /s/", "/s/a.py", "file root 644 -: COPY src/ a.py /s/"),
    ("COPY nowhere /s", "/s", "no"),
    ("RUN useradd -m app", "/home/app", "folder app ? -: useradd -m app"),
    ("RUN useradd -m $X", "/home/x", "?: useradd -m $X: a user's home folder"),
    ("RUN pip install gunicorn", "/usr/local/bin/gunicorn", "program root 755 /usr/local/bin/python3: pip install gunicorn"),
    ("RUN pip install strange", "/usr/local/bin/x", "?: pip install strange: what `strange` brings along is not known"),
    ("RUN python -m venv /v", "/v", "folder root 755 -: python -m venv /v"),
    ("RUN python -m venv /v", "/v/bin/python", "program root 755 -: the base image"),
    ("RUN python -m venv /v", "/v/bin/pip", "program root 755 /v/bin/python: python -m venv /v"),
    ("RUN python -m venv --without-pip /v", "/v/bin/pip", "?: the base image: it may come with the base image"),
    ("RUN python -m venv /v", "/v/pyvenv.cfg", "file root 644 -: python -m venv /v"),
    ("RUN useradd -m app\nUSER app\nRUN python -m venv /home/app/v", "/home/app/v/bin/python", "program root 755 -: the base image"),
    ("RUN apt-get install -y curl", "/usr/bin/curl", "program root 755 -: apt-get install -y curl"),
    ("RUN apt-get install -y strange", "/usr/bin/psql", "?: apt-get install -y strange: packages may bring it along: strange"),
    ("RUN pip install uv\nRUN uv venv /v", "/v/bin/python", "program root 755 -: the base image"),
    ("RUN pip install uv\nRUN uv venv --python 3.13 /v", "/v/bin/python", "?: uv venv --python 3.13 /v: a link leads to an unknown place"),
    ("RUN pip install uv\nRUN uv venv --python python3.12 /v", "/v/bin/python", "program root 755 -: the base image"),
    ("RUN pip install uv\nRUN uv venv --python /usr/local/bin/python3 /v", "/v/bin/python", "program root 755 -: the base image"),
    ("RUN pip install uv\nENV UV_PYTHON=3.12\nRUN uv venv /v", "/v/bin/python", "program root 755 -: the base image"),
    ("RUN pip install uv\nRUN uv venv --clear /v", "/v/bin/python", "program root 755 -: the base image"),
    ("RUN pip install uv\nRUN uv tool install gunicorn", "/root/.local/bin/gunicorn", "program root 755 /root/.local/share/uv/tools/gunicorn/bin/python: uv tool install gunicorn"),
    ("RUN pip install uv\nRUN uv tool install strange", "/root/.local/bin/x", "?: uv tool install strange: the tool's programs are not known"),
    ("RUN pip install uv\nENV UV_PYTHON_INSTALL_DIR=/pp\nRUN uv python install 3.13", "/pp", "folder root 755 -: uv python install 3.13"),
    ("RUN pip install uv\nRUN uv python install 3.13", "/root/.local/share/uv/python", "folder root 755 -: uv python install 3.13"),
    ("RUN ./setup", "/opt/x", "?: ./setup: a command that is not known: `./setup`"),
    ("RUN npm ci", "/node_modules", "folder root 755 -: npm ci"),
    ("RUN npm ci", "/node_modules/x", "?: npm ci: the programs of npm's packages are not known"),
    ("RUN npm install -g x", "/usr/local/bin/x", "?: npm install -g x: the programs of npm's packages are not known"),
    ("RUN echo 'unclosed", "/app", "?: RUN: a command that could not be read"),
    ("RUN if [ $X ]; then touch /a; fi", "/a", "?: touch /a: a command that may not have run"),
    ("", "/bin/sh", "program root 755 -: the base image"),
    ("", "/usr/local/bin/python3", "program root 755 -: the base image"),
    ("", "/usr/lib/x", "?: the base image: it may come with the base image"),
    ("RUN usermod -l a b", "/home/x", "?: usermod -l a b: a user's home folder"),
    ("RUN --mount=type=bind,from=python:3.12,target=/m cp /m/usr/local/bin/python3 /p", "/p", "program root 755 -: the base image"),
    ("RUN --mount=type=bind,source=src,target=/m cp /m/m.py /p", "/p", "file root 644 -: --mount=bind"),
    ("RUN --mount=type=bind,target=/m cp -r /m/src /p", "/p/m.py", "file root 644 -: --mount=bind"),
    ("RUN mkdir -m 700 /d", "/700", "no"),
    ("RUN mkdir -pm 1777 /d", "/d", "folder root 1777 -: mkdir -pm 1777 /d"),
    ("RUN mkdir --mode=u=rwx /d", "/d", "folder root 777 -: mkdir --mode=u=rwx /d"),
    ("RUN install -d -m 700 -o app /d", "/d", "folder app 700 -: install -d -m 700 -o app /d"),
]  # fmt: skip


def told(images: Images, path: str) -> str:
    """All that the model tells of a path."""
    product = images.product
    assert product is not None
    found = product.files.lookup(path)
    if isinstance(found, NotThere):
        return "no"
    if not isinstance(found, There):
        assert found.origin is not None
        assert found.origin.stage in (None, 0)
        return f"?: {found.origin.text}: {found.reason}"
    entry = found.entry
    mode = "?" if entry.mode is None else f"{entry.mode:o}"
    interpreter = entry.interpreter or "-"
    return f"{entry.kind} {entry.owner or '?'} {mode} {interpreter}: {entry.origin.text}"


@pytest.mark.parametrize(("steps", "path", "expected"), TOLD)
def test_what_is_told_of_a_thing(steps: str, path: str, expected: str) -> None:
    files = {"a.py": "", "src/m.py": "", "run.sh": "#!/bin/bash\n"}
    assert told(model(SLIM + steps + "\n", files), path) == expected


LISTS = [
    ({"pyproject.toml": '[project]\nname="x"\ndependencies=["flask"]\noptional-dependencies={web=["gunicorn"]}\n'}, "pip install .[web]", "gunicorn", "program"),
    ({"pyproject.toml": '[project]\nname="x"\ndependencies=["flask"]\noptional-dependencies={web=["gunicorn"]}\n'}, "pip install .", "gunicorn", "no"),
    ({"pyproject.toml": '[project]\nname="x"\ndynamic=["dependencies"]\n'}, "pip install .", "gunicorn", "?"),
    ({"pyproject.toml": '[tool.poetry]\nname="x"\n[tool.poetry.dependencies]\npython="^3"\ngunicorn="*"\n[tool.poetry.scripts]\nserve="x:y"\n'}, "pip install .", "gunicorn", "?"),
    ({"pyproject.toml": '[tool.poetry]\nname="x"\n[tool.poetry.dependencies]\npython="^3"\ngunicorn="*"\n[tool.poetry.scripts]\nserve="x:y"\n'}, "pip install .", "serve", "program"),
    ({"pyproject.toml": '[tool.poetry]\nname="x"\n[tool.poetry.dependencies]\nflask="*"\n'}, "pip install .", "gunicorn", "?"),
    ({"requirements.txt": "-c b.txt\nflask\n", "b.txt": "gunicorn==1"}, "pip install -r requirements.txt", "gunicorn", "no"),
    ({"requirements.txt": "-r nowhere.txt\n"}, "pip install -r requirements.txt", "gunicorn", "?"),
    ({"requirements.txt": "-e .\nflask\n"}, "pip install -r requirements.txt", "gunicorn", "?"),
    ({"requirements.txt": "Gunicorn[gevent] >= 20 ; python_version > '3'\n"}, "pip install -r requirements.txt", "gunicorn", "?"),
    ({"requirements.txt": "Gunicorn[gevent] >= 20\n"}, "pip install -r requirements.txt", "gunicorn", "program"),
    ({"requirements.txt": "gunicorn \\\n  >= 20\n"}, "pip install -r requirements.txt", "gunicorn", "program"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "command", "program", "expected"), LISTS)
def test_what_projects_and_lists_require(
    files: dict[str, str], command: str, program: str, expected: str
) -> None:
    images = model(f"{SLIM}WORKDIR /w\nCOPY . .\nRUN {command}\n", files)
    assert state(images, f"/usr/local/bin/{program}") == expected


BASES = [
    ("scratch", "/bin/sh", "no"),
    ("scratch", "/app", "no"),
    ("gcr.io/distroless/python3-debian12", "/bin/sh", "no"),
    ("gcr.io/distroless/python3-debian12", "/usr/bin/python3", "program"),
    ("alpine:3.22", "/bin/sh", "program"),
    ("alpine:3.22", "/usr/bin/curl", "no"),
    ("alpine:3.22", "/usr/local/bin/gunicorn", "no"),
    ("debian:bookworm-slim", "/usr/local/bin/python3", "no"),
    ("node:22-slim", "/usr/local/bin/node", "program"),
    ("ghcr.io/astral-sh/uv:0.9", "/uv", "program"),
    ("example.org/own/base:1", "/app", "?"),
    ("example.org/own/base:1", "/bin/sh", "?"),
    ("${BASE}", "/usr/local/bin/gunicorn", "?"),
    ("golang:1.25", "/app", "?"),
    ("python:3-slim", "/usr/local/lib/python3.12", "?"),
]


@pytest.mark.parametrize(("image", "path", "expected"), BASES)
def test_each_base(image: str, path: str, expected: str) -> None:
    assert state(model(f"FROM {image}\n"), path) == expected


COPIES = [
    ("COPY a.py /app/", "/app/a.py", "file"),
    ("COPY a.py /b.py", "/b.py", "file"),
    ("COPY src /app", "/app/m.py", "file"),
    ("COPY src /app", "/app/src", "no"),
    ("COPY src a.py /app/", "/app/m.py", "file"),
    ("COPY . /app", "/app/src/m.py", "file"),
    ("COPY . /app", "/app/secret.txt", "no"),
    ("COPY . /app", "/app/other", "no"),
    ("COPY *.py /app/", "/app/a.py", "file"),
    ("COPY *.py /app/", "/app/run.sh", "no"),
    ("COPY --parents src/m.py /app/", "/app/src/m.py", "file"),
    ("COPY --exclude=*.py . /app", "/app/a.py", "?"),
    ("COPY --exclude=*.py . /app", "/other", "no"),
    ("WORKDIR /w\nCOPY a.py .", "/w/a.py", "file"),
    ("COPY a.py $X", "/a.py", "?"),
    ("ADD https://x.example/t.txt /d/", "/d/t.txt", "file"),
    ("ADD x.tar.gz /d/", "/d/y", "?"),
    ("COPY <<EOF /e.sh\n#!/bin/sh\nEOF", "/e.sh", "file"),
]


@pytest.mark.parametrize(("steps", "path", "expected"), COPIES)
def test_copies_from_the_context(steps: str, path: str, expected: str) -> None:
    files = {"a.py": "", "src/m.py": "", "run.sh": "#!/bin/sh\n", "secret.txt": "", "x.tar.gz": ""}
    assert state(model(SLIM + steps + "\n", files, "secret.txt"), path) == expected


def test_without_a_context_a_copy_is_unknown_but_for_plain_files() -> None:
    images = model(SLIM + "COPY . /app\nCOPY start.sh /\n")
    assert state(images, "/app/x") == "?"
    assert state(images, "/start.sh") == "file"
    assert state(images, "/srv/x") == "no"


def test_owner_mode_and_interpreter_of_a_copied_file() -> None:
    images = model(
        SLIM + "COPY --chown=app:app --chmod=755 run.sh /run.sh\n",
        {"run.sh": "#!/usr/bin/env bash\n"},
    )
    assert images.product is not None
    found = images.product.files.lookup("/run.sh")
    assert isinstance(found, There)
    assert (found.entry.owner, found.entry.mode) == ("app", 0o755)
    assert (found.entry.interpreter, found.entry.source) == ("env bash", "run.sh")


LOCK = """\
[[package]]
name = "app"
source = { virtual = "." }
dependencies = [
    { name = "uvicorn" },
    { name = "gunicorn", marker = "sys_platform == 'linux'" },
    { name = "flask", marker = "sys_platform == 'win32'" },
]

[[package]]
name = "uvicorn"
dependencies = [
    { name = "click" },
]

[[package]]
name = "click"

[[package]]
name = "gunicorn"

[[package]]
name = "flask"
"""
REQUIRED = [
    ({"requirements.txt": "gunicorn\n"}, "pip install -r requirements.txt", "gunicorn", "program"),
    ({"requirements.txt": "flask\n"}, "pip install -r requirements.txt", "gunicorn", "no"),
    ({"requirements.txt": "-r b.txt\n", "b.txt": "gunicorn"}, "pip install -r requirements.txt", "gunicorn", "program"),
    ({"requirements.txt": "# gunicorn\nflask # x\n"}, "pip install -r requirements.txt", "gunicorn", "no"),
    ({"requirements.txt": "git+https://x.example/y\n"}, "pip install -r requirements.txt", "gunicorn", "?"),
    ({"requirements.txt": "strange==1 --hash=sha256:00\n"}, "pip install -r requirements.txt", "gunicorn", "no"),
    ({"requirements.txt": "strange==1 --hash=sha256:00\n"}, "pip install -r requirements.txt", "other", "?"),
    ({"requirements.txt": "strange==1\n"}, "pip install -r requirements.txt", "gunicorn", "?"),
    ({"requirements.txt": "./own\n"}, "pip install -r requirements.txt", "gunicorn", "?"),
    ({"pyproject.toml": '[project]\nname="x"\ndependencies=["flask"]\nscripts={serve="x:y"}\n'}, "pip install .", "serve", "program"),
    ({"pyproject.toml": '[project]\nname="x"\ndependencies=["flask"]\n'}, "pip install .", "gunicorn", "no"),
    ({"setup.py": ""}, "pip install .", "gunicorn", "?"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "command", "program", "expected"), REQUIRED)
def test_what_files_of_the_context_require(
    files: dict[str, str], command: str, program: str, expected: str
) -> None:
    images = model(f"{SLIM}WORKDIR /w\nCOPY . .\nRUN {command}\n", files)
    assert state(images, f"/usr/local/bin/{program}") == expected


@pytest.mark.parametrize(
    ("program", "expected"), [("uvicorn", "program"), ("gunicorn", "?"), ("flask", "no")]
)
def test_uv_sync_reads_the_lock_file(program: str, expected: str) -> None:
    files = {"uv.lock": LOCK, "pyproject.toml": '[project]\nname="app"\nrequires-python=">=3.11"\n'}
    text = SLIM + "RUN pip install uv\nWORKDIR /w\nCOPY . .\nRUN uv sync --frozen\n"
    images = model(text, files)
    assert state(images, f"/w/.venv/bin/{program}") == expected
    assert images.product is not None
    place = next(each for each in images.product.places if each.kind == "venv")
    assert (place.prefix, place.version) == ("/w/.venv", "3.12")


def test_a_lock_file_may_be_bound() -> None:
    text = (
        f"{SLIM}WORKDIR /w\nRUN pip install uv\n"
        "RUN --mount=type=bind,source=uv.lock,target=uv.lock \\\n"
        "    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \\\n"
        "    uv sync --locked --no-install-project\n"
    )
    images = model(text, {"uv.lock": LOCK, "pyproject.toml": '[project]\nname="app"\n'})
    assert state(images, "/w/.venv/bin/uvicorn") == "program"
    assert state(images, "/w/uv.lock") != "file"


VENVS = [
    ("RUN /opt/venv/bin/pip install gunicorn", "/opt/venv/bin/gunicorn", "program"),
    ("RUN . /opt/venv/bin/activate && pip install gunicorn", "/opt/venv/bin/gunicorn", "program"),
    ("ENV PATH=/opt/venv/bin:$PATH\nRUN pip install gunicorn", "/opt/venv/bin/gunicorn", "program"),
    ("RUN pip install gunicorn", "/opt/venv/bin/gunicorn", "no"),
    ("ENV VIRTUAL_ENV=/opt/venv\nRUN pip install gunicorn", "/opt/venv/bin/gunicorn", "no"),
    ("RUN /opt/venv/bin/python -m pip install gunicorn", "/opt/venv/bin/gunicorn", "program"),
    ("", "/opt/venv/bin/python", "program"),
    ("", "/opt/venv/bin/gunicorn", "no"),
    ("RUN python -m venv --copies /v", "/v/bin/python", "?"),
    ("RUN rm -rf /usr/local/bin/python3", "/opt/venv/bin/python", "no"),
    ("RUN export PATH=/opt/venv/bin:$PATH && pip install gunicorn", "/opt/venv/bin/gunicorn", "program"),
    ("RUN poetry config virtualenvs.create false && poetry install", "/opt/venv/bin/x", "no"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "path", "expected"), VENVS)
def test_virtual_environments(steps: str, path: str, expected: str) -> None:
    assert state(model(VENV + steps + "\n"), path) == expected


def test_places_tell_where_packages_lie_and_what_installed_them() -> None:
    images = model(VENV + "RUN /opt/venv/bin/pip install gunicorn\n")
    assert images.product is not None
    places = {place.prefix: place for place in images.product.places}
    venv, system = places["/opt/venv"], places["/usr/local"]
    assert (venv.kind, venv.version, venv.complete) == ("venv", "3.12", True)
    assert venv.interpreter == "/opt/venv/bin/python"
    assert venv.scripts["gunicorn"] == "gunicorn"
    assert venv.packages["gunicorn"].origin.text == "/opt/venv/bin/pip install gunicorn"
    assert "gunicorn" not in system.packages


def test_later_stages_are_not_asked_before_they_are_built() -> None:
    images = model(
        "FROM scratch AS a\nCOPY --from=b /x /y\nFROM scratch AS b\nCOPY --from=a /y /x\n"
    )
    assert state(images, "/x") == "?"


WORDS = """
RUN COPY ADD FROM ENV USER WORKDIR CMD ENTRYPOINT --from=a AS a b python:3.12-slim scratch pip install -r uv sync
venv python -m /opt/venv /app . .. / && || ; ( ) { } $X ${Y:-/z} rm -rf ln -s cp mv \\ <<EOF EOF * ~ > < |
["sh","-c"] --mount=type=cache,target=/c --target= --prefix ./.. //x useradd apt-get chmod chown 755
"""
LINES = st.lists(st.sampled_from(WORDS.split()), max_size=9).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=8).map("\n".join))
def test_any_text_has_a_model(text: str) -> None:
    images = model("FROM python:3.12-slim AS a\n" + text, {"a": "", "requirements.txt": "x\n"})
    assert as_text(images)
    assert as_json(images).startswith("{")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_requirements_file_can_be_read(text: str) -> None:
    files = {"requirements.txt": text, "pyproject.toml": text, "uv.lock": text, "poetry.lock": text}
    files["Pipfile.lock"] = text
    steps = "COPY . .\nRUN pip install -r requirements.txt .\nRUN uv sync\nRUN poetry install && pipenv sync\n"
    assert as_text(model(SLIM + steps, files))


def _table(name: str, package: str) -> str:
    return f'{name} = [\n    {{ name = "{package}" }},\n]\n'


GROUPS = (
    '[[package]]\nname = "app"\nsource = { virtual = "." }\n'
    + _table("dependencies", "uvicorn")
    + "\n[package.optional-dependencies]\n"
    + _table("web", "gunicorn")
    + "\n[package.dev-dependencies]\n"
    + _table("dev", "pytest")
    + _table("docs", "mkdocs")
    + "".join(
        f'\n[[package]]\nname = "{each}"\n' for each in ("uvicorn", "gunicorn", "pytest", "mkdocs")
    )
)


@pytest.mark.parametrize(
    ("options", "programs"),
    [
        ("", "uvicorn pytest"),
        ("--no-dev", "uvicorn"),
        ("--no-default-groups", "uvicorn"),
        ("--no-install-project", "uvicorn pytest"),
        ("--group docs", "uvicorn pytest mkdocs"),
        ("--extra web", "uvicorn pytest gunicorn"),
        ("--no-dev --extra web --group=docs", "uvicorn gunicorn mkdocs"),
    ],
)
def test_uv_sync_takes_the_groups_that_are_meant(options: str, programs: str) -> None:
    text = f"{SLIM}RUN pip install uv\nWORKDIR /w\nCOPY . .\nRUN uv sync --frozen {options}\n"
    images = model(text, {"uv.lock": GROUPS, "pyproject.toml": '[project]\nname="app"\n'})
    for each in ("uvicorn", "gunicorn", "pytest", "mkdocs", "other"):
        expected = "program" if each in programs.split() else "no"
        assert (each, state(images, f"/w/.venv/bin/{each}")) == (each, expected)


@pytest.mark.parametrize(
    "options", ["--all-extras", "--package x", "--only-group docs", "--script x"]
)
def test_uv_sync_of_what_is_not_worked_out_is_unknown(options: str) -> None:
    text = f"{SLIM}RUN pip install uv\nWORKDIR /w\nCOPY . .\nRUN uv sync --frozen {options}\n"
    images = model(text, {"uv.lock": GROUPS, "pyproject.toml": '[project]\nname="app"\n'})
    assert state(images, "/w/.venv/bin/gunicorn") == "?"


@pytest.mark.parametrize(("value", "expected"), [("1", "no"), ("true", "no"), ("0", "program")])
def test_uv_no_dev_leaves_out_the_group_dev(value: str, expected: str) -> None:
    text = f"{SLIM}ENV UV_NO_DEV={value}\nRUN pip install uv\nWORKDIR /w\nCOPY . .\nRUN uv sync --frozen\n"
    images = model(text, {"uv.lock": GROUPS, "pyproject.toml": '[project]\nname="app"\n'})
    assert state(images, "/w/.venv/bin/pytest") == expected


PIPFILE_LOCK = (
    '{"default": {"gunicorn": {"version": "==23"}}, "develop": {"pytest": {"version": "==8"}}}'
)


@pytest.mark.parametrize(
    ("command", "gunicorn", "pytests"),
    [
        ("install --system", "program", "no"),
        ("sync --system", "program", "no"),
        ("install --system --dev", "program", "program"),
        ("install", "?", "?"),
    ],
)
def test_pipenv_reads_its_lock_file(command: str, gunicorn: str, pytests: str) -> None:
    text = f"{SLIM}RUN pip install pipenv\nWORKDIR /w\nCOPY . .\nRUN pipenv {command}\n"
    images = model(text, {"Pipfile": "", "Pipfile.lock": PIPFILE_LOCK})
    assert state(images, "/usr/local/bin/gunicorn") == gunicorn
    assert state(images, "/usr/local/bin/pytest") == pytests
