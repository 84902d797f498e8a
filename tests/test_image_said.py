"""What is said of a start and of a whole build: `dflint image` as text and as JSON."""

from __future__ import annotations

import pytest

from dflint.image.describe import as_text, description
from dflint.image.files import There
from tests.test_image_model import model

SLIM = "FROM python:3.12-slim\nRUN pip install gunicorn\n"
COPY = "COPY --chmod=755 . /s/\n"
FILES = {
    "run.sh": '#!/bin/sh\nset -e\nexec "$@"\n',
    "go.sh": "#!/bin/bash\npython manage.py migrate\nexec gunicorn app\n",
    "plain.sh": "gunicorn app\n",
    "crlf.sh": "#!/bin/sh\r\nexec gunicorn\r\n",
    "main.py": "",
    "py.sh": "#!/usr/bin/env python3\n",
    "case.sh": "#!/bin/sh\ncase $1 in a) gunicorn;; b) python;; esac\n",
    "mid.sh": '#!/bin/sh\ngosu app "$@"\n',
    "x.sh": "#!/bin/sh\nuvicorn x\nexec gunicorn y\n",
    "and.sh": "#!/bin/sh\nuvicorn x && exec gunicorn y\n",
}

STARTS = [
    (SLIM + 'CMD ["gunicorn","app:app"]', "there, gunicorn app:app, at /usr/local/bin/gunicorn, package gunicorn @2"),
    (SLIM + 'CMD ["-c","x"]\nENTRYPOINT ["gunicorn"]', "there, gunicorn -c x, at /usr/local/bin/gunicorn, package gunicorn @2"),
    (SLIM + "CMD gunicorn app", "there, gunicorn app, at /usr/local/bin/gunicorn, in a shell, package gunicorn @2"),
    (SLIM + "CMD exec gunicorn app", "there, gunicorn app, at /usr/local/bin/gunicorn, through exec, in a shell, package gunicorn @2"),
    (SLIM + "CMD cd /x && exec gunicorn app", "there, gunicorn app, at /usr/local/bin/gunicorn, through exec, in a shell, package gunicorn @2"),
    (SLIM + "CMD uvicorn x && gunicorn app", "missing, gunicorn app, at /usr/local/bin/gunicorn, in a shell, missing program uvicorn, package gunicorn @2"),
    (SLIM + "CMD uvicorn x; gunicorn app", "there, gunicorn app, at /usr/local/bin/gunicorn, in a shell, package gunicorn @2"),
    (SLIM + "CMD sleep 1; gunicorn app", "there, gunicorn app, at /usr/local/bin/gunicorn, in a shell, package gunicorn @2"),
    (SLIM + "CMD gunicorn app || true", "there, gunicorn app, at /usr/local/bin/gunicorn, in a shell, package gunicorn @2"),
    (SLIM + "CMD if true; then gunicorn app; fi", "unknown, -, in a shell: what is started could not be worked out"),
    (SLIM + "CMD echo hello", "unknown, -, in a shell: what is started could not be worked out"),
    (SLIM + "CMD $X gunicorn", "unknown, $X gunicorn, in a shell: the program's name is not known"),
    (SLIM + "CMD PATH=/x gunicorn", "unknown, gunicorn, in a shell, package gunicorn @2: the PATH is set at the start"),
    (SLIM + 'CMD ["sh","-c","gunicorn app"]', "there, gunicorn app, at /usr/local/bin/gunicorn, through sh, package gunicorn @2"),
    (SLIM + 'CMD ["bash","-lc","gunicorn app"]', "there, gunicorn app, at /usr/local/bin/gunicorn, through bash, package gunicorn @2"),
    (SLIM + 'ENTRYPOINT ["tini","--","gunicorn"]', "missing, gunicorn, at /usr/local/bin/gunicorn, through tini, missing program tini, package gunicorn @2"),
    (SLIM + 'RUN apt-get install -y tini\nENTRYPOINT ["tini","--","gunicorn"]', "there, gunicorn, at /usr/local/bin/gunicorn, through tini, package gunicorn @2"),
    (SLIM + 'RUN apt-get install -y gosu && useradd -m app\nENTRYPOINT ["gosu","app","gunicorn"]', "there, gunicorn, at /usr/local/bin/gunicorn, through gosu, package gunicorn @2"),
    (SLIM + 'ENTRYPOINT ["sh","-c"]\nCMD gunicorn app', "there, sh -c, at /usr/bin/sh"),
    (SLIM + 'ENTRYPOINT []\nCMD ["gunicorn"]', "there, gunicorn, at /usr/local/bin/gunicorn, package gunicorn @2"),
    (SLIM + "CMD []", "nothing"),
    (SLIM + "ENTRYPOINT []\nCMD gunicorn app", "there, gunicorn app, at /usr/local/bin/gunicorn, in a shell, package gunicorn @2"),
    (SLIM + "ENTRYPOINT []", "nothing"),
    (SLIM + 'ENTRYPOINT ["tini","--"]\nCMD gunicorn app', "missing, gunicorn app, at /usr/local/bin/gunicorn, in a shell, missing program tini, package gunicorn @2"),
    (SLIM + 'RUN apt-get install -y tini\nENTRYPOINT ["tini","--"]\nCMD gunicorn app', "there, gunicorn app, at /usr/local/bin/gunicorn, in a shell, package gunicorn @2"),
    (SLIM + 'RUN apt-get install -y tini\nENTRYPOINT ["tini","--"]\nCMD uvicorn app', "missing, uvicorn app, in a shell, missing program uvicorn, package uvicorn"),
    (SLIM + 'COPY --chmod=u+x go.sh /go.sh\nCMD ["/go.sh"]', "unknown, gunicorn app, at /usr/local/bin/gunicorn, through exec, script go.sh, package gunicorn @2"),
    (SLIM + 'ENTRYPOINT gunicorn app\nCMD ["x"]', "there, gunicorn app, at /usr/local/bin/gunicorn, in a shell, package gunicorn @2"),
    (SLIM + 'SHELL ["/bin/zsh","-c"]\nCMD gunicorn app', "unknown, gunicorn app, at /usr/local/bin/gunicorn, in a shell, package gunicorn @2"),
    (SLIM + 'SHELL ["/bin/bash","-c"]\nCMD gunicorn app', "there, gunicorn app, at /usr/local/bin/gunicorn, in a shell, package gunicorn @2"),
    (SLIM + 'ENV PATH=/opt:$PATH\nCMD ["gunicorn"]', "there, gunicorn, at /usr/local/bin/gunicorn, package gunicorn @2"),
    (SLIM + 'ENV PATH=$P\nCMD ["gunicorn"]', "unknown, gunicorn, package gunicorn @2: the PATH is not known"),
    (SLIM + 'ENV PATH=/opt\nCMD ["gunicorn"]', "missing, gunicorn, missing program gunicorn, package gunicorn @2"),
    (SLIM + 'ENV G=gunicorn\nCMD ["$G"]', "unknown, $G: the program's name is not known"),
    (SLIM + "ENV G=gunicorn\nCMD $G x", "there, gunicorn x, at /usr/local/bin/gunicorn, in a shell, package gunicorn @2"),
    (SLIM + 'WORKDIR /w\nCMD ["./gunicorn"]', "missing, ./gunicorn, as root in /w, missing program ./gunicorn, package gunicorn @2"),
    (SLIM + 'WORKDIR /usr/local\nCMD ["bin/gunicorn"]', "there, bin/gunicorn, at /usr/local/bin/gunicorn, as root in /usr/local, package gunicorn @2"),
    (SLIM + 'RUN useradd -m app\nUSER app\nWORKDIR /w\nCMD ["gunicorn"]', "there, gunicorn, at /usr/local/bin/gunicorn, as app in /w, package gunicorn @2"),
    (SLIM + 'CMD ["python","-m","gunicorn","app"]', "there, python -m gunicorn app, at /usr/local/bin/python, through python, module gunicorn, package gunicorn @2"),
    (SLIM + 'CMD ["python3","-u","-m","uvicorn.main"]', "missing, python3 -u -m uvicorn.main, at /usr/local/bin/python3, through python, module uvicorn.main, missing module uvicorn.main of /usr/local/bin/python3, package uvicorn"),
    (SLIM + 'CMD ["python","-m","http.server"]', "unknown, python -m http.server, at /usr/local/bin/python, through python, module http.server"),
    (SLIM + 'ENV PYTHONPATH=/x\nCMD ["python","-m","uvicorn"]', "unknown, python -m uvicorn, at /usr/local/bin/python, through python, module uvicorn, package uvicorn"),
    (SLIM + 'CMD ["python3.12","-m"]', "there, python3.12 -m, at /usr/local/bin/python3.12"),
    (SLIM + COPY + 'CMD ["python","/s/main.py"]', "there, python /s/main.py, at /usr/local/bin/python"),
    (SLIM + COPY + 'WORKDIR /s\nCMD ["python","-u","main.py"]', "there, python -u main.py, at /usr/local/bin/python, as root in /s"),
    (SLIM + COPY + 'WORKDIR /s\nCMD ["python","manage.py","runserver"]', "missing, python manage.py runserver, at /usr/local/bin/python, through python, as root in /s, missing file /s/manage.py"),
    (SLIM + COPY + "WORKDIR /s\nRUN rm main.py\nCMD python main.py", "missing, python main.py, at /usr/local/bin/python, in a shell, as root in /s, missing file /s/main.py"),
    (SLIM + COPY + "WORKDIR $X\nCMD python main.py", "unknown, python main.py, at /usr/local/bin/python, in a shell, as root in None"),
    (SLIM + COPY + 'CMD ["python","-X","dev","main.py"]', "unknown, python -X dev main.py, at /usr/local/bin/python"),
    (SLIM + COPY + 'CMD ["/s/main.py"]', "there, /s/main.py, at /s/main.py"),
    (SLIM + COPY + 'ENTRYPOINT ["/s/run.sh"]\nCMD ["gunicorn","x"]', "there, gunicorn x, at /usr/local/bin/gunicorn, script run.sh, package gunicorn @2"),
    (SLIM + COPY + 'ENTRYPOINT ["/s/run.sh"]\nCMD gunicorn x', "unknown, -, script run.sh: what is started could not be worked out"),
    (SLIM + COPY + 'ENTRYPOINT ["/s/run.sh","gunicorn"]\nCMD ["x"]', "there, gunicorn x, at /usr/local/bin/gunicorn, script run.sh, package gunicorn @2"),
    (SLIM + COPY + 'ENTRYPOINT ["/s/run.sh"]', "unknown, -, script run.sh: what is started could not be worked out"),
    (SLIM + COPY + 'ENTRYPOINT ["sh","/s/run.sh"]\nCMD ["uvicorn"]', "missing, uvicorn, script run.sh, missing program uvicorn, package uvicorn"),
    (SLIM + COPY + 'ENTRYPOINT ["bash","-e","/s/go.sh"]', "there, gunicorn app, at /usr/local/bin/gunicorn, through exec, script go.sh, package gunicorn @2"),
    (SLIM + COPY + 'ENTRYPOINT ["tini","--","/s/go.sh"]', "missing, gunicorn app, at /usr/local/bin/gunicorn, through exec, script go.sh, missing program tini, package gunicorn @2"),
    (SLIM + COPY + "CMD /s/go.sh", "there, gunicorn app, at /usr/local/bin/gunicorn, through exec, in a shell, script go.sh, package gunicorn @2"),
    (SLIM + COPY + 'CMD ["/s/plain.sh"]', "there, gunicorn app, at /usr/local/bin/gunicorn, script plain.sh, package gunicorn @2"),
    (SLIM + COPY + 'CMD ["sh","/s/plain.sh"]', "there, gunicorn app, at /usr/local/bin/gunicorn, script plain.sh, package gunicorn @2"),
    (SLIM + COPY + 'CMD ["/s/crlf.sh"]', "unknown, gunicorn, at /usr/local/bin/gunicorn, through exec, script crlf.sh, package gunicorn @2"),
    (SLIM + COPY + 'CMD ["/s/py.sh"]', "there, /s/py.sh, at /s/py.sh"),
    (SLIM + COPY + 'CMD ["/s/case.sh"]', "unknown, -, script case.sh: what is started could not be worked out"),
    (SLIM + COPY + 'ENTRYPOINT ["/s/mid.sh"]\nCMD ["gunicorn"]', "there, gunicorn, at /usr/local/bin/gunicorn, script mid.sh, package gunicorn @2"),
    (SLIM + COPY + 'CMD ["/s/x.sh"]', "there, gunicorn y, at /usr/local/bin/gunicorn, through exec, script x.sh, package gunicorn @2"),
    (SLIM + COPY + 'CMD ["/s/and.sh"]', "missing, gunicorn y, at /usr/local/bin/gunicorn, through exec, script and.sh, missing program uvicorn, package gunicorn @2"),
    (SLIM + 'COPY run.sh /run.sh\nENTRYPOINT ["/run.sh"]\nCMD ["gunicorn"]', "unknown, gunicorn, at /usr/local/bin/gunicorn, script run.sh, package gunicorn @2"),
    (SLIM + 'COPY --chmod=644 run.sh /run.sh\nENTRYPOINT ["/run.sh"]\nCMD ["gunicorn"]', "unknown, gunicorn, at /usr/local/bin/gunicorn, script run.sh, package gunicorn @2"),
    (SLIM + 'COPY run.sh /run.sh\nRUN chmod +x /run.sh\nENTRYPOINT ["/run.sh"]\nCMD ["gunicorn"]', "there, gunicorn, at /usr/local/bin/gunicorn, script run.sh, package gunicorn @2"),
    ('FROM python:3.12-alpine\nCOPY --chmod=755 . /s/\nRUN pip install gunicorn\nCMD ["/s/go.sh"]', "missing, gunicorn app, at /usr/local/bin/gunicorn, through exec, script go.sh, missing interpreter /bin/bash of /s/go.sh @2, package gunicorn @3"),
    ('FROM python:3.12-alpine\nCMD ["bash"]', "missing, bash, missing program bash"),
    ('FROM python:3.12-alpine\nSHELL ["/bin/bash","-c"]\nCMD echo x', "missing, -, in a shell, missing shell /bin/bash"),
    ("FROM scratch\nCMD echo x", "missing, -, in a shell, missing shell /bin/sh"),
    ('FROM scratch\nCMD ["/x"]', "missing, /x, missing program /x"),
    ('FROM nginx:1\nCMD ["x"]', "unknown, x: the base image may have an ENTRYPOINT of its own"),
    ('FROM node:22\nCMD ["node"]', "unknown, node: the base image may have an ENTRYPOINT of its own"),
    ('FROM ghcr.io/astral-sh/uv:0.9\nCMD ["uv"]', "unknown, uv, as root in None: the base image may have an ENTRYPOINT of its own"),
    ('FROM gcr.io/distroless/base-debian12\nCMD ["/x"]', "missing, /x, missing program /x"),
    ('FROM python:3.12-slim AS a\nENTRYPOINT ["python"]\nFROM a\nCMD ["-V"]', "there, python -V, at /usr/local/bin/python"),
    ('FROM python:3.12-slim AS a\nONBUILD RUN x\nFROM a\nCMD ["gunicorn"]', "unknown, gunicorn: ONBUILD adds to the image before it is started"),
    (SLIM + 'RUN pip install uv\nWORKDIR /w\nRUN uv venv && uv pip install gunicorn\nCMD ["uv","run","gunicorn"]', "there, gunicorn, at /w/.venv/bin/gunicorn, through uv, as root in /w, package gunicorn @2"),
    (SLIM + 'RUN pip install uv\nWORKDIR /w\nRUN uv venv && uv pip install debugpy\nCMD ["uv","run","python3","-m","debugpy","app.py"]', "there, python3 -m debugpy app.py, at /usr/local/bin/python3, through uv python, module debugpy, as root in /w, package debugpy @5"),
    (SLIM + 'RUN pip install uv\nWORKDIR /w\nCOPY . .\nRUN uv sync\nCMD ["uv","run","python3","-m","debugpy","app.py"]', "unknown, python3 -m debugpy app.py, at /usr/local/bin/python3, through uv python, module debugpy, as root in /w, package debugpy"),
    (SLIM + 'RUN pip install poetry\nWORKDIR /w\nCOPY . .\nRUN poetry install\nCMD ["poetry","run","python","-m","debugpy"]', "unknown, python -m debugpy, through poetry python, module debugpy, as root in /w, package debugpy: it may lie in the project's environment"),
    (SLIM + 'RUN pip install uv\nWORKDIR /w\nENV UV_PROJECT_ENVIRONMENT=/e\nRUN uv venv /e && uv pip install -p /e flask\nCMD ["uv","run","flask"]', "there, flask, at /e/bin/flask, through uv, as root in /w, package flask @6"),
    (SLIM + 'CMD ["poetry","run","gunicorn"]', "missing, gunicorn, at /usr/local/bin/gunicorn, through poetry, missing program poetry, package gunicorn @2"),
    (SLIM + 'CMD ["conda","run","-n","x","gunicorn"]', "missing, gunicorn, through conda, missing program conda, package gunicorn @2"),
    (SLIM + 'CMD ["env","A=1","gunicorn"]', "there, gunicorn, at /usr/local/bin/gunicorn, through env, package gunicorn @2"),
    (SLIM + 'RUN curl https://x.example/conda.sh | bash\nCMD ["conda","run","-n","x","gunicorn"]', "unknown, gunicorn, through conda, package gunicorn @2: conda looks in an environment of its own"),
    (SLIM + 'RUN ./setup\nCMD ["gunicorn"]', "there, gunicorn, at /usr/local/bin/gunicorn, package gunicorn @2"),
    (SLIM + 'RUN pip install pipenv\nCMD ["pipenv","run","gunicorn"]', "there, gunicorn, at /usr/local/bin/gunicorn, through pipenv, package gunicorn @2"),
    (SLIM + 'RUN pip install pdm\nCMD ["pdm","run","uvicorn"]', "unknown, uvicorn, through pdm, package uvicorn: it may lie in the project's environment"),
    (SLIM + 'CMD ["app.wasm"]', "unknown, app.wasm: the program's name is not known"),
    (SLIM + "HEALTHCHECK CMD curl x", "nothing"),
    (SLIM + 'RUN ln -s /nowhere/gunicorn /usr/bin/serve\nCMD ["serve"]', "unknown, serve: it may come with the base image"),
    (SLIM + 'RUN mkdir -m 700 /p && cp /usr/local/bin/gunicorn /p/g && useradd -m app\nUSER app\nCMD ["/p/g"]', "missing, /p/g, at /p/g, as app in /, missing barred /p/g of /p @2"),
    (SLIM + 'RUN mkdir -m 700 /p && cp /usr/local/bin/gunicorn /p/g && useradd -m app\nUSER app:grp\nCMD ["/p/g"]', "missing, /p/g, at /p/g, as app:grp in /, missing barred /p/g of /p @2"),
    (SLIM + 'RUN mkdir -m 700 /p && cp /usr/local/bin/gunicorn /p/g\nUSER 0\nCMD ["/p/g"]', "there, /p/g, at /p/g, as 0 in /"),
    (SLIM + 'RUN mkdir -m 700 /p && cp /usr/local/bin/gunicorn /p/g\nUSER $U\nCMD ["/p/g"]', "there, /p/g, at /p/g, as None in /"),
    (SLIM + 'RUN mkdir -m 711 /p && cp /usr/local/bin/gunicorn /p/g && useradd -m app\nUSER app\nCMD ["/p/g"]', "there, /p/g, at /p/g, as app in /"),
    (SLIM + 'RUN python -m venv /root/v && /root/v/bin/pip install gunicorn && ln -s /root/v/bin/gunicorn /bin/g && useradd -m app\nUSER app\nCMD ["/bin/g"]', "missing, /bin/g, at /root/v/bin/gunicorn, as app in /, missing barred /bin/g of /root @3"),
    (SLIM + 'RUN chmod 600 /usr/local/bin/gunicorn\nCMD ["gunicorn"]', "unknown, gunicorn, at /usr/local/bin/gunicorn, package gunicorn @2"),
    (SLIM + 'RUN rm /usr/local/bin/python3\nCMD ["gunicorn"]', "unknown, gunicorn, at /usr/local/bin/gunicorn, package gunicorn @2"),
    (SLIM + 'RUN rm /usr/local/bin/python*\nCMD ["gunicorn"]', "unknown, gunicorn, at /usr/local/bin/gunicorn, package gunicorn @2"),
]  # fmt: skip


def said(text: str) -> str:
    """What the model says of a start, in a line: its state, what runs, how, as whom, from where."""
    found = description(model(text, FILES))["start"]
    if found is None:
        return "nothing"
    parts = [found["state"], " ".join(found["words"]) or "-"]
    if found["path"] is not None:
        parts.append(f"at {found['path']}")
    if found["through"]:
        parts.append(f"through {' '.join(found['through'])}")
    if found["shell"]:
        parts.append("in a shell")
    if found["module"] is not None:
        parts.append(f"module {found['module']}")
    if (found["user"], found["workdir"]) != ("root", "/"):
        parts.append(f"as {found['user']} in {found['workdir']}")
    if found["script"] is not None:
        parts.append(f"script {found['script']}")
    for each in found["missing"]:
        of = "" if each["of"] is None else f" of {each['of']}"
        line = "" if each["origin"] is None else f" @{each['origin']['line']}"
        parts.append(f"missing {each['kind']} {each['name']}{of}{line}")
    if found["package"] is not None:
        line = "" if found["installed"] is None else f" @{found['installed']['line']}"
        parts.append(f"package {found['package']}{line}")
    return ", ".join(parts) + ("" if found["why"] is None else f": {found['why']}")


@pytest.mark.parametrize(("text", "expected"), STARTS)
def test_what_starts_and_what_it_lacks(text: str, expected: str) -> None:
    assert said(text + "\n") == expected


RICH = """\
ARG V=3.12
FROM python:${V}-slim AS build
WORKDIR /src
RUN python -m venv /opt/venv && /opt/venv/bin/pip install gunicorn==23.0 flask strange
RUN pip install --target /deps uvicorn
FROM debian:bookworm-slim AS unused
FROM example.org/base AS other
RUN touch /x
FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONPATH=/deps PORT=$P
WORKDIR /app
COPY --from=build /opt/venv /venv
COPY --from=build /deps /deps
COPY --from=build /nowhere /y
COPY --from=nginx:1 /etc/nginx /n
COPY --from=other /x /x
USER app
CMD ["gunicorn", "app:app"]
"""
TEXT = """\
Dockerfile
  build  from python:3.12-slim
  other  from example.org/base
* 3      from python:3.11-slim, copies from build, nginx:1, other

stage build, line 2
  base        python:3.12-slim (Python 3.12, debian trixie, glibc)
  user        root
  workdir     /src
  environment PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  python      /deps (target, Python 3.12)
                click, h11, typing-extensions, uvicorn  (build, line 5)
  python      /opt/venv (venv, Python 3.12)
                blinker, click, flask, gunicorn, itsdangerous, jinja2, markupsafe, pip, strange, werkzeug  (build, line 4)
                and perhaps others: what `strange` brings along is not known
  python      /usr/local (system, Python 3.12)
                pip  (base)

stage other, line 7
  base        example.org/base (not known)
  user        ?
  workdir     ?

stage 3 (product), line 9
  base        python:3.11-slim (Python 3.11, debian trixie, glibc)
  user        app
  workdir     /app
  environment PATH=/venv/bin:/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
              PYTHONPATH=/deps
              PORT=$P
  python      /deps (target, Python 3.12)
                click, h11, typing-extensions, uvicorn  (build, line 5)
  python      /usr/local (system, Python 3.11)
                pip, setuptools, wheel  (base)
  python      /venv (venv, Python 3.12, made at /opt/venv)
                blinker, click, flask, gunicorn, itsdangerous, jinja2, markupsafe, pip, strange, werkzeug  (build, line 4)
                and perhaps others: what `strange` brings along is not known
  copy        /opt/venv from build to /venv (line 12)
                brings packages: blinker, click, flask, gunicorn, itsdangerous, jinja2, markupsafe, pip, strange, werkzeug
                brings programs: flask, gunicorn, pip, pip3
                moves an environment from /opt/venv to /venv
  copy        /deps from build to /deps (line 13)
                brings packages: click, h11, typing-extensions, uvicorn
                brings programs: uvicorn
  copy        /nowhere from build to ? (line 14, missing)
  copy        /etc/nginx from nginx:1 to /n (line 15, unknown)
  copy        /x from other to /x (line 16)

not needed  unused

start, line 18
  runs        gunicorn app:app
  as          app in /app
  found       /venv/bin/gunicorn
  missing     /opt/venv/bin/python, which /venv/bin/gunicorn needs
  package     gunicorn (build, line 4)
"""


def test_a_whole_build_as_text() -> None:
    assert as_text(model(RICH, {})) == TEXT


def test_a_whole_build_as_values() -> None:
    facts = description(model(RICH, {}))
    assert (facts["path"], facts["product"], facts["unused"]) == ("Dockerfile", "3", ["unused"])
    build, other, product = facts["stages"]
    assert {key: other[key] for key in other} == {
        "name": "other",
        "line": 7,
        "product": False,
        "image": "example.org/base",
        "parent": None,
        "base": None,
        "user": None,
        "workdir": None,
        "environment": {},
        "python": [],
        "copies": [],
    }
    assert build["base"] == {
        "family": "python",
        "python": "3.12",
        "distribution": "debian",
        "release": "trixie",
        "libc": "glibc",
    }
    place = next(each for each in product["python"] if each["path"] == "/venv")
    packages = place.pop("packages")
    made = {"stage": "build", "line": 4, "by": "python -m venv /opt/venv"}
    assert place == {
        "path": "/venv",
        "kind": "venv",
        "version": "3.12",
        "libc": "glibc",
        "interpreter": "/opt/venv/bin/python",
        "made-at": "/opt/venv",
        "made": made,
        "copied": {"stage": "3", "line": 12, "by": "COPY /opt/venv /venv"},
        "complete": False,
        "why": "what `strange` brings along is not known",
        "programs": ["flask", "gunicorn", "pip", "pip3"],
    }
    installed = made | {"by": "/opt/venv/bin/pip install gunicorn==23.0 flask strange"}
    assert (packages["pip"], packages["gunicorn"]) == (made, installed)
    system = next(each for each in product["python"] if each["path"] == "/usr/local")
    assert (system["made"], system["packages"]["pip"]) == (None, None)
    assert product["copies"][0] == {
        "line": 12,
        "from": "build",
        "source": "/opt/venv",
        "to": "/venv",
        "found": "there",
        "brings": {"packages": sorted(packages), "programs": place["programs"]},
        "leaves": {"packages": [], "programs": []},
        "moves": [{"from": "/opt/venv", "to": "/venv"}],
    }
    assert [each["found"] for each in product["copies"][2:]] == ["missing", "unknown", "there"]
    assert facts["start"] == {
        "line": 18,
        "program": "gunicorn",
        "words": ["gunicorn", "app:app"],
        "through": [],
        "shell": False,
        "module": None,
        "user": "app",
        "workdir": "/app",
        "script": None,
        "state": "missing",
        "path": "/venv/bin/gunicorn",
        "searched": product["environment"]["PATH"].split(":"),
        "why": None,
        "missing": [
            {
                "kind": "interpreter",
                "name": "/opt/venv/bin/python",
                "of": "/venv/bin/gunicorn",
                "origin": installed,
            }
        ],
        "package": "gunicorn",
        "installed": installed,
    }


OTHERS = [
    ("FROM scratch\n", ["start       nothing: neither ENTRYPOINT nor CMD"]),
    ("# nothing\n", ["Dockerfile: no stages"]),
    ("FROM debian:bookworm-slim AS a\nFROM a\nCMD gunicorn x\n", ["* 1  from a", "missing     the program gunicorn"]),
    (SLIM + 'USER app\nRUN mkdir -p /x\nCMD ["gunicorn"]\n', ["as          app in /", "found       /usr/local/bin/gunicorn, and all that it needs"]),
    (SLIM + 'USER $U\nWORKDIR $W\nCMD ["tini", "gunicorn"]\n', ["user        ?", "workdir     ?", "as          ? in ?", "runs        gunicorn (through tini)"]),
    (SLIM + 'CMD ["python", "-m", "uvicorn"]\n', ["missing     the module uvicorn, for /usr/local/bin/python"]),
    (SLIM + 'RUN mkdir -m 700 /p && cp /bin/sh /p/g\nUSER app\nCMD ["/p/g"]\n', ["missing     /p/g cannot be reached: the user may not enter /p"]),
    (SLIM + 'CMD ["$X"]\n', ["unknown     the program's name is not known"]),
    (SLIM + "RUN pip install flask celery django sanic quart dash streamlit\n", ["click-repl, dash and 23 more  (0, line 3)"]),
    ("FROM example.org/x:1\n", ["base        example.org/x:1 (not known)"]),
    ("FROM python:3-slim\n", ["python      /usr/local (system, Python ?)"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "lines"), OTHERS)
def test_what_the_text_says_besides(text: str, lines: list[str]) -> None:
    said_ = as_text(model(text, {}))
    for line in lines:
        assert line in said_


USERS = [
    ("FROM debian:bookworm-slim\n", "", True),
    ("FROM debian:bookworm-slim\nRUN useradd -m -u 7 app\n", "app 7 /home/app", True),
    ("FROM debian:bookworm-slim\nRUN useradd -m app && ./setup\n", "app None /home/app", False),
    ("FROM debian:bookworm-slim\nRUN useradd -m $X\n", "", False),
    ("FROM debian:bookworm-slim\nRUN if [ $X ]; then useradd app; fi\n", "app None /home/app", False),
    ("FROM debian:bookworm-slim\nRUN useradd app && userdel app\n", None, False),
    ("FROM debian:bookworm-slim\nRUN echo 'open\n", "", False),
    ("FROM debian:bookworm-slim\nRUN adduser --system app\n", "app None None", True),
    ("FROM alpine:3.22\nRUN adduser -S app\n", "app None /home/app", True),
    ("FROM alpine:3.22\nRUN adduser -S -h /srv -u 9 app\n", "app 9 /srv", True),
    ("FROM example.org/x\nRUN useradd -d /srv/app app\n", "app None /srv/app", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "user", "complete"), USERS)
def test_users_of_the_product(text: str, user: str | None, complete: bool) -> None:
    product = model(text).product
    assert product is not None
    own = [each for each in product.users.values() if each.name == "app"]
    said_ = [f"{each.name} {each.uid} {each.home}" for each in own]
    assert (said_, product.users_complete) == ([user] if user else [], complete)
    assert ("root" in product.users) == (user is not None and "example" not in text)


@pytest.mark.parametrize(
    ("image", "user", "home"),
    [
        ("ubuntu:24.04", "1000", "/home/ubuntu"),
        ("ubuntu:24.04", "ubuntu", "/home/ubuntu"),
        ("node:22-slim", "1000:1000", "/home/node"),
        ("gcr.io/distroless/python3-debian12:debug", "nonroot", "/home/nonroot"),
        ("debian:bookworm-slim", "0", "/root"),
    ],
)
def test_the_home_of_a_user_of_the_base(image: str, user: str, home: str) -> None:
    images = model(f"FROM {image}\nUSER {user}\nRUN mkdir -p ~/made\n")
    assert images.product is not None
    found = images.product.files.lookup(f"{home}/made")
    assert isinstance(found, There)
    assert found.entry.owner == ("root" if user == "0" else user.partition(":")[0])
