"""Small Dockerfiles, broken and right, whose images are built and started for real.

Each is written for the fault, or for the look-alike that is right. `PY` stands for the Python that
the stand-in base has, such as 3.11, so that tags and paths are true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

APP = "import flask\nprint('flask is here')\n"
REQUIREMENTS = "flask==3.1.2\ngunicorn==23.0.0\n"
FILES = {"app.py": APP, "requirements.txt": REQUIREMENTS}


@dataclass(frozen=True, slots=True)
class Case:
    """A Dockerfile with its context; `sound` says whether its container does what it should.

    `modes` are the modes of files of the context that are not 0644.
    """

    name: str
    sound: bool
    text: str
    files: Mapping[str, str] = field(default_factory=lambda: FILES)
    modes: Mapping[str, int] = field(default_factory=dict)


BUILDER = """\
FROM python:PY-slim-bookworm AS builder
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

"""
VENV = """\
FROM python:PY-slim-bookworm AS builder
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install --no-cache-dir -r requirements.txt

"""
PROJECT = {
    "pyproject.toml": '[project]\nname = "thing"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = ["flask==3.1.2"]\n'
    '[project.scripts]\nthing = "thing:main"\n[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n',
    "src/thing/__init__.py": "import flask\n\n\ndef main():\n    print('the thing', flask.__name__)\n",
}
UV = "RUN pip install --no-cache-dir uv==0.13.8\n"

CASES = (
    Case("site-packages-alone", False, BUILDER + """\
FROM python:PY-slim-bookworm
COPY --from=builder /usr/local/lib/pythonPY/site-packages /usr/local/lib/pythonPY/site-packages
CMD ["gunicorn", "--version"]
"""),
    Case("site-packages-alone-started-as-a-module", True, BUILDER + """\
FROM python:PY-slim-bookworm
COPY --from=builder /usr/local/lib/pythonPY/site-packages /usr/local/lib/pythonPY/site-packages
CMD ["python", "-m", "gunicorn", "--version"]
"""),
    Case("site-packages-and-bin", True, BUILDER + """\
FROM python:PY-slim-bookworm
COPY --from=builder /usr/local/lib/pythonPY/site-packages /usr/local/lib/pythonPY/site-packages
COPY --from=builder /usr/local/bin /usr/local/bin
CMD ["gunicorn", "--version"]
"""),
    Case("site-packages-and-one-script", True, BUILDER + """\
FROM python:PY-slim-bookworm
COPY --from=builder /usr/local/lib/pythonPY/site-packages /usr/local/lib/pythonPY/site-packages
COPY --from=builder /usr/local/bin/gunicorn /usr/local/bin/
CMD ["gunicorn", "--version"]
"""),
    Case("site-packages-of-another-python", False, BUILDER + """\
FROM python:PY-slim-bookworm
COPY --from=builder /usr/local/lib/pythonPY/site-packages /usr/local/lib/python3.8/site-packages
COPY app.py .
CMD ["python", "app.py"]
"""),
    Case("whole-usr-local", True, BUILDER + """\
FROM python:PY-slim-bookworm
COPY --from=builder /usr/local /usr/local
CMD ["gunicorn", "--version"]
"""),
    Case("prefix-copied-to-usr-local", True, """\
FROM python:PY-slim-bookworm AS builder
COPY requirements.txt .
RUN pip install --no-cache-dir --prefix=/install -r requirements.txt

FROM python:PY-slim-bookworm
COPY --from=builder /install /usr/local
CMD ["gunicorn", "--version"]
"""),
    Case("target-on-pythonpath", True, """\
FROM python:PY-slim-bookworm AS builder
COPY requirements.txt .
RUN pip install --no-cache-dir --target=/deps -r requirements.txt

FROM python:PY-slim-bookworm
COPY --from=builder /deps /deps
ENV PYTHONPATH=/deps
COPY app.py .
CMD ["python", "app.py"]
"""),
    Case("target-without-path", False, """\
FROM python:PY-slim-bookworm AS builder
COPY requirements.txt .
RUN pip install --no-cache-dir --target=/deps -r requirements.txt

FROM python:PY-slim-bookworm
COPY --from=builder /deps /deps
CMD ["gunicorn", "--version"]
"""),
    Case("user-install-of-root", True, """\
FROM python:PY-slim-bookworm AS builder
COPY requirements.txt .
RUN pip install --no-cache-dir --user -r requirements.txt

FROM python:PY-slim-bookworm
COPY --from=builder /root/.local /root/.local
ENV PATH=/root/.local/bin:$PATH
CMD ["gunicorn", "--version"]
"""),
    Case("user-install-of-root-for-another", False, """\
FROM python:PY-slim-bookworm AS builder
COPY requirements.txt .
RUN pip install --no-cache-dir --user -r requirements.txt

FROM python:PY-slim-bookworm
RUN useradd --create-home app
COPY --from=builder /root/.local /root/.local
ENV PATH=/root/.local/bin:$PATH
USER app
CMD ["gunicorn", "--version"]
"""),
    Case("packages-left-behind", False, BUILDER + """\
COPY . .

FROM python:PY-slim-bookworm
WORKDIR /app
COPY --from=builder /app /app
CMD ["python", "app.py"]
"""),
    Case("venv-within-the-copied-folder", True, """\
FROM python:PY-slim-bookworm AS builder
WORKDIR /app
RUN python -m venv .venv
COPY . .
RUN .venv/bin/pip install --no-cache-dir -r requirements.txt

FROM python:PY-slim-bookworm
WORKDIR /app
COPY --from=builder /app /app
ENV PATH=/app/.venv/bin:$PATH
CMD ["gunicorn", "--version"]
"""),
    Case("venv-to-the-same-path", True, VENV + """\
FROM python:PY-slim-bookworm
COPY --from=builder /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
CMD ["gunicorn", "--version"]
"""),
    Case("venv-moved", False, VENV + """\
FROM python:PY-slim-bookworm
COPY --from=builder /opt/venv /app/venv
ENV PATH=/app/venv/bin:$PATH
CMD ["gunicorn", "--version"]
"""),
    Case("venv-moved-started-by-its-python", True, VENV + """\
FROM python:PY-slim-bookworm
COPY --from=builder /opt/venv /app/venv
ENV PATH=/app/venv/bin:$PATH
CMD ["python", "-m", "gunicorn", "--version"]
"""),
    Case("venv-moved-by-mv", False, """\
FROM python:PY-slim-bookworm
COPY requirements.txt .
RUN python -m venv /tmp/venv \\
    && /tmp/venv/bin/pip install --no-cache-dir -r requirements.txt \\
    && mv /tmp/venv /opt/venv
CMD ["/opt/venv/bin/gunicorn", "--version"]
"""),
    Case("venv-without-an-interpreter", False, VENV + """\
FROM debian:bookworm-slim
COPY --from=builder /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
CMD ["gunicorn", "--version"]
"""),
    Case("venv-not-on-path", False, VENV + """\
FROM python:PY-slim-bookworm
COPY --from=builder /opt/venv /opt/venv
CMD ["gunicorn", "--version"]
"""),
    Case("venv-started-by-its-path", True, VENV + """\
FROM python:PY-slim-bookworm
COPY --from=builder /opt/venv /opt/venv
CMD ["/opt/venv/bin/gunicorn", "--version"]
"""),
    Case("venv-linked-from-bin", True, VENV + """\
FROM python:PY-slim-bookworm
COPY --from=builder /opt/venv /opt/venv
RUN ln -s /opt/venv/bin/gunicorn /usr/local/bin/gunicorn
CMD ["gunicorn", "--version"]
"""),
    Case("venv-removed", False, """\
FROM python:PY-slim-bookworm
COPY requirements.txt .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir -r requirements.txt
RUN rm -rf /opt/venv
ENV PATH=/opt/venv/bin:$PATH
CMD ["gunicorn", "--version"]
"""),
    Case("venv-activated-and-lost", False, """\
FROM python:PY-slim-bookworm
RUN python -m venv /opt/venv
RUN . /opt/venv/bin/activate
COPY requirements.txt .
RUN . /opt/venv/bin/activate && pip install --no-cache-dir -r requirements.txt
CMD ["gunicorn", "--version"]
"""),
    Case("venv-in-a-cache-mount", False, """\
FROM python:PY-slim-bookworm
COPY requirements.txt .
RUN --mount=type=cache,target=/opt/kept \\
    python -m venv --clear /opt/kept/venv && /opt/kept/venv/bin/pip install -r requirements.txt
CMD ["/opt/kept/venv/bin/gunicorn", "--version"]
"""),
    Case("cache-of-pip-mounted", True, """\
FROM python:PY-slim-bookworm
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
CMD ["gunicorn", "--version"]
"""),
    Case("nothing-installed", False, """\
FROM python:PY-slim-bookworm
COPY app.py .
CMD ["gunicorn", "--version"]
"""),
    Case("nothing-installed-in-shell-form", False, """\
FROM python:PY-slim-bookworm
COPY app.py .
CMD exec gunicorn --version
"""),
    Case("installed-in-a-lower-stage", True, """\
FROM python:PY-slim-bookworm AS base
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

FROM base
USER 1000
CMD ["gunicorn", "--version"]
"""),
    Case("uninstalled", False, """\
FROM python:PY-slim-bookworm
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
RUN pip uninstall --yes gunicorn
CMD ["gunicorn", "--version"]
"""),
    Case("wheels-of-a-builder", True, """\
FROM python:PY-slim-bookworm AS builder
COPY requirements.txt .
RUN pip wheel --no-cache-dir --wheel-dir /wheels -r requirements.txt

FROM python:PY-slim-bookworm
COPY --from=builder /wheels /wheels
RUN pip install --no-cache-dir --no-index --find-links=/wheels gunicorn flask
CMD ["gunicorn", "--version"]
"""),
    Case("uv-venv", True, "FROM python:PY-slim-bookworm\n" + UV + """\
COPY requirements.txt .
RUN uv venv /opt/venv && VIRTUAL_ENV=/opt/venv uv pip install --no-cache -r requirements.txt
ENV PATH=/opt/venv/bin:$PATH
CMD ["gunicorn", "--version"]
"""),
    Case("uv-pip-system", True, "FROM python:PY-slim-bookworm\n" + UV + """\
COPY requirements.txt .
RUN uv pip install --system --no-cache -r requirements.txt
CMD ["gunicorn", "--version"]
"""),
    Case("uv-sync-without-the-source", False, "FROM python:PY-slim-bookworm AS builder\n" + UV + """\
WORKDIR /app
COPY . .
RUN uv sync --no-cache

FROM python:PY-slim-bookworm
COPY --from=builder /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH
CMD ["thing"]
""", PROJECT),
    Case("uv-sync-not-editable", True, "FROM python:PY-slim-bookworm AS builder\n" + UV + """\
WORKDIR /app
COPY . .
RUN uv sync --no-cache --no-editable

FROM python:PY-slim-bookworm
COPY --from=builder /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH
CMD ["thing"]
""", PROJECT),
    Case("uv-sync-to-opt-venv", True, "FROM python:PY-slim-bookworm AS builder\n" + UV + """\
ENV UV_PROJECT_ENVIRONMENT=/opt/venv
WORKDIR /app
COPY . .
RUN uv sync --no-cache

FROM python:PY-slim-bookworm
WORKDIR /app
COPY --from=builder /opt/venv /opt/venv
COPY . .
ENV PATH=/opt/venv/bin:$PATH
CMD ["thing"]
""", PROJECT),
    Case("editable-install-without-the-source", False, """\
FROM python:PY-slim-bookworm AS builder
RUN python -m venv /opt/venv
WORKDIR /src
COPY . .
RUN /opt/venv/bin/pip install --no-cache-dir -e .

FROM python:PY-slim-bookworm
COPY --from=builder /opt/venv /opt/venv
CMD ["/opt/venv/bin/thing"]
""", PROJECT),
    Case("project-installed", True, """\
FROM python:PY-slim-bookworm AS builder
RUN python -m venv /opt/venv
WORKDIR /src
COPY . .
RUN /opt/venv/bin/pip install --no-cache-dir .

FROM python:PY-slim-bookworm
COPY --from=builder /opt/venv /opt/venv
CMD ["/opt/venv/bin/thing"]
""", PROJECT),
    Case("entrypoint-not-executable", False, """\
FROM python:PY-slim-bookworm
COPY start.sh /start.sh
ENTRYPOINT ["/start.sh"]
CMD ["python", "--version"]
""", {"start.sh": '#!/bin/sh\nexec "$@"\n'}),
    Case("entrypoint-made-executable", True, """\
FROM python:PY-slim-bookworm
COPY start.sh /start.sh
RUN chmod +x /start.sh
ENTRYPOINT ["/start.sh"]
CMD ["python", "--version"]
""", {"start.sh": '#!/bin/sh\nexec "$@"\n'}),
    Case("entrypoint-copied-executable", True, """\
FROM python:PY-slim-bookworm
COPY --chmod=755 start.sh /start.sh
ENTRYPOINT ["/start.sh"]
CMD ["python", "--version"]
""", {"start.sh": '#!/bin/sh\nexec "$@"\n'}),
    Case("entrypoint-executable-in-the-context", True, """\
FROM python:PY-slim-bookworm
COPY start.sh /start.sh
ENTRYPOINT ["/start.sh"]
CMD ["python", "--version"]
""", {"start.sh": '#!/bin/sh\nexec "$@"\n'}, {"start.sh": 0o755}),
    Case("entrypoint-read-by-sh", True, """\
FROM python:PY-slim-bookworm
COPY start.sh /start.sh
ENTRYPOINT ["sh", "/start.sh"]
CMD ["python", "--version"]
""", {"start.sh": 'exec "$@"\n'}),
    Case("entrypoint-with-carriage-returns", False, """\
FROM python:PY-slim-bookworm
COPY start.sh /start.sh
ENTRYPOINT ["/start.sh"]
CMD ["python", "--version"]
""", {"start.sh": '#!/bin/sh\r\nexec "$@"\r\n'}, {"start.sh": 0o755}),
    Case("entrypoint-that-starts-what-is-missing", False, """\
FROM python:PY-slim-bookworm
COPY start.sh /start.sh
ENTRYPOINT ["sh", "/start.sh"]
""", {"start.sh": "set -e\nexec gunicorn --version\n"}),
    Case("script-out-of-a-venv-beside-its-modules", False, VENV + """\
FROM python:PY-slim-bookworm
COPY --from=builder /opt/venv/lib/pythonPY/site-packages /usr/local/lib/pythonPY/site-packages
COPY --from=builder /opt/venv/bin/gunicorn /usr/local/bin/gunicorn
CMD ["gunicorn", "--version"]
"""),
    Case("script-beside-the-venv-that-it-names", True, VENV + """\
FROM python:PY-slim-bookworm
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /opt/venv/bin/gunicorn /usr/local/bin/gunicorn
CMD ["gunicorn", "--version"]
"""),
    Case("script-for-a-python-that-lies-elsewhere", False, BUILDER + """\
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends python3
COPY --from=builder /usr/local/lib/pythonPY/site-packages /usr/lib/python3/dist-packages
COPY --from=builder /usr/local/bin/gunicorn /usr/local/bin/gunicorn
CMD ["gunicorn", "--version"]
"""),
    Case("the-same-started-as-a-module", True, BUILDER + """\
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends python3
COPY --from=builder /usr/local/lib/pythonPY/site-packages /usr/lib/python3/dist-packages
CMD ["python3", "-m", "gunicorn", "--version"]
"""),
    Case("link-of-pipx-copied-alone", False, """\
FROM python:PY-slim-bookworm AS builder
RUN pip install --no-cache-dir pipx==1.7.1 && PIPX_HOME=/opt/pipx PIPX_BIN_DIR=/opt/bin pipx install gunicorn==23.0.0
FROM python:PY-slim-bookworm
COPY --from=builder /opt/bin/gunicorn /usr/local/bin/gunicorn
CMD ["gunicorn", "--version"]
"""),
    Case("folder-of-pipx-s-links-copied-alone", False, """\
FROM python:PY-slim-bookworm AS builder
RUN pip install --no-cache-dir pipx==1.7.1 && PIPX_HOME=/opt/pipx PIPX_BIN_DIR=/opt/bin pipx install gunicorn==23.0.0
FROM python:PY-slim-bookworm
COPY --from=builder /opt/bin /usr/local/bin
CMD ["gunicorn", "--version"]
"""),
    Case("curl-in-a-slim-image", False, """\
FROM python:PY-slim-bookworm
CMD ["curl", "--version"]
"""),
    Case("shell-form-without-a-shell", False, """\
FROM debian:bookworm-slim AS tools
FROM scratch
COPY --from=tools /usr/bin/dash /bin/tool
CMD /bin/tool -c true
"""),
    Case("folder-that-the-user-may-not-write", False, """\
FROM python:PY-slim-bookworm
WORKDIR /app
COPY write.py .
USER 1000
CMD ["python", "write.py"]
""", {"write.py": "import sqlite3\nsqlite3.connect('data.db').execute('create table a (b)')\n"}),
    Case("folder-that-the-user-may-write", True, """\
FROM python:PY-slim-bookworm
WORKDIR /app
RUN chown 1000 /app
COPY write.py .
USER 1000
CMD ["python", "write.py"]
""", {"write.py": "import sqlite3\nsqlite3.connect('data.db').execute('create table a (b)')\n"}),
)  # fmt: skip
