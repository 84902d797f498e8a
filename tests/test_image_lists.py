"""What the files of a context make pip, poetry, pipenv and uv install."""

from __future__ import annotations

import pytest

from tests.test_image_model import model
from tests.told import told

SLIM = "FROM python:3.12-slim\n"
Files = dict[str, str]
POETRY = """\
[tool.poetry]
name="app"
[tool.poetry.dependencies]
python="^3.12"
gunicorn="*"
uvicorn={version="*",optional=true}
Flask={version="*",extras=["async"]}
"""
POETRY_LOCK = """\
[[package]]
name = "gunicorn"

[package.dependencies]
packaging = "*"
pytest = {version = "*", markers = "x"}

[[package]]
name = "packaging"

[[package]]
name = "pytest"

[[package]]
name = "Flask"

[[package]]
name = "uvicorn"

[[package]]
name = "ruff"
"""
UV_LOCK = """\
version = 1
[[package]]
name = "app"
source = { editable = "." }
dependencies = [
    { name = "gunicorn", extra = ["gevent"] },
    { name = "Uvicorn" },
]

[[package]]
name = "gunicorn"

[package.optional-dependencies]
gevent = [
    { name = "flask" },
]

[[package]]
name = "uvicorn"
dependencies = [
    { name = "celery", marker = "x" },
    { name = "pytest", marker = "os_name == 'nt'" },
    { name = "ruff" },
]

[[package]]
name = "flask"

[[package]]
name = "celery"

[[package]]
name = "pytest"

[[package]]
name = "ruff"
"""
# The context, what stands after WORKDIR and COPY, and what is told of paths.
Case = tuple[Files, str, dict[str, str]]

LISTS: list[Case] = [
    ({'pyproject.toml': POETRY, 'poetry.lock': POETRY_LOCK}, "RUN pip install poetry && poetry config virtualenvs.create false && poetry install --no-root", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/pytest": "? @4: a marker decides whether it is installed",
        "/usr/local/bin/flask": "program root 755 #!/usr/local/bin/python3 [flask] @4",
        "/usr/local/bin/uvicorn": "? @4: a marker decides whether it is installed",
        "/usr/local/bin/ruff": "? @4: a marker decides whether it is installed",
        "/usr/local/bin/other": "? @4: what `poetry` brings along is not known",
    }),
    ({'pyproject.toml': '[tool.poetry]\nname="app"\n[tool.poetry.dependencies]\npython="^3.12"\ngunicorn="*"\nuvicorn={version="*",optional=true}\nFlask={version="*",extras=["async"]}\n[tool.poetry.scripts]\nserve="a:b"\n', 'poetry.lock': POETRY_LOCK}, "ENV POETRY_VIRTUALENVS_CREATE=0\nRUN pip install poetry && poetry sync", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @5",
        "/usr/local/bin/serve": "program root 755 #!/usr/local/bin/python3 [app] @5",
        "/usr/local/bin/other": "? @5: what `poetry` brings along is not known",
    }),
    ({'pyproject.toml': '[project]\nname="app"\ndependencies=["gunicorn","uvicorn; x"]\n', 'poetry.lock': POETRY_LOCK}, "RUN pip install poetry && poetry config virtualenvs.create false && poetry install", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "? @4: a marker decides whether it is installed",
        "/usr/local/bin/flask": "? @4: a marker decides whether it is installed",
        "/usr/local/bin/other": "? @4: what `poetry` brings along is not known",
    }),
    ({'sub/pyproject.toml': POETRY, 'sub/poetry.lock': POETRY_LOCK}, "RUN pip install poetry && poetry config virtualenvs.create false && poetry install --no-root --directory sub", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/other": "? @4: what `poetry` brings along is not known",
    }),
    ({'pyproject.toml': POETRY}, "RUN pip install poetry && poetry config virtualenvs.create false && poetry install --no-root", {
        "/usr/local/bin/gunicorn": "? @4: what `poetry` brings along is not known",
    }),
    ({'pyproject.toml': POETRY, 'poetry.lock': POETRY_LOCK}, "RUN pip install poetry && poetry config virtualenvs.in-project true && poetry install --no-root", {
        "/w/.venv/bin/gunicorn": "program root 755 #!/w/.venv/bin/python [gunicorn] @4",
        "/w/.venv/bin/other": "no",
        "/usr/local/bin/gunicorn": "? @4: what `poetry` brings along is not known",
    }),
    ({'pyproject.toml': POETRY, 'poetry.lock': POETRY_LOCK}, "RUN pip install poetry && poetry config virtualenvs.create true && poetry config virtualenvs.in-project true && poetry install --no-root", {
        "/w/.venv/bin/gunicorn": "program root 755 #!/w/.venv/bin/python [gunicorn] @4",
    }),
    ({'pyproject.toml': POETRY, 'poetry.lock': POETRY_LOCK}, "RUN pip install poetry && poetry config virtualenvs.in-project false && poetry install --no-root", {
        "/w/.venv/bin/gunicorn": "? @4: it is not known where poetry put the packages",
        "/w/.venv": "? @4: it is not known where poetry put the packages",
    }),
    ({'pyproject.toml': POETRY, 'poetry.lock': POETRY_LOCK}, "RUN useradd -m app && pip install poetry && poetry config virtualenvs.create false\nUSER app\nRUN poetry install --no-root", {
        "/usr/local/bin/gunicorn": "? @4: what `poetry` brings along is not known",
        "/home/app/.local/bin/gunicorn": "? @6: it is not known where poetry put the packages",
    }),
    ({'pyproject.toml': POETRY, 'poetry.lock': POETRY_LOCK}, "RUN pip install poetry && poetry install --help", {
        "/usr/local/bin/gunicorn": "? @4: what `poetry` brings along is not known",
        "/w/.venv": "no",
    }),
    ({'Pipfile': '', 'Pipfile.lock': '{"default":{"gunicorn":{"markers":"python_version >= \'3.7\'"},"uvicorn":{"markers":"sys_platform == \'x\'"}},"develop":{"pytest":{}}}'}, "RUN pip install pipenv && pipenv sync --system", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "? @4: a marker decides whether it is installed",
        "/usr/local/bin/pytest": "no",
    }),
    ({'Pipfile': '', 'Pipfile.lock': '{"default":{"gunicorn":{}}}'}, "ENV PIPENV_SYSTEM=1\nRUN pip install pipenv && pipenv install", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @5",
        "/usr/local/bin/uvicorn": "no",
    }),
    ({'Pipfile': '', 'Pipfile.lock': '{"default":{"gunicorn":{}}}'}, "ENV PIPENV_VENV_IN_PROJECT=1\nRUN pip install pipenv && pipenv sync", {
        "/w/.venv/bin/gunicorn": "program root 755 #!/w/.venv/bin/python [gunicorn] @5",
        "/w/.venv/bin/pip": "program root 755 #!/w/.venv/bin/python [pip] @5",
        "/w/.venv/bin/uvicorn": "no",
    }),
    ({'Pipfile': '', 'Pipfile.lock': '{"default":{"gunicorn":{}}}'}, "RUN pip install pipenv && pipenv sync --help", {
        "/w/.venv": "no",
        "/usr/local/bin/gunicorn": "no",
    }),
    ({'Pipfile': '', 'Pipfile.lock': 'nonsense'}, "RUN pip install pipenv && pipenv sync --system", {
        "/usr/local/bin/gunicorn": "? @4: the project's Pipfile.lock could not be read",
    }),
    ({'Pipfile': '', 'Pipfile.lock': '{"default":{}}', 'r.txt': 'gunicorn'}, "RUN pip install pipenv && pipenv install --system -r r.txt", {
        "/usr/local/bin/gunicorn": "? @4: what the Pipfile requires besides",
        "/usr/local/bin/uvicorn": "? @4: what the Pipfile requires besides",
    }),
    ({'Pipfile': '', 'Pipfile.lock': '{"default":{"gunicorn":{}}}'}, "RUN useradd -m app && pip install pipenv\nUSER app\nRUN pipenv sync --system", {
        "/usr/local/bin/gunicorn": "no",
        "/home/app/.local/bin/gunicorn": "? @6: it is not known where pipenv put the packages",
    }),
    ({'r.txt': 'flask\r\ngunicorn\r\n'}, "RUN pip install -r r.txt", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "no",
    }),
    ({'r.txt': '\ufeffgunicorn\n'}, "RUN pip install -r r.txt", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "no",
    }),
    ({'r.txt': '--index-url https://x.example\n-i https://y.example\ngunicorn --no-binary :all:\n'}, "RUN pip install -r r.txt", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "no",
    }),
    ({'r.txt': '--requirement=b.txt\n', 'b.txt': 'gunicorn'}, "RUN pip install -r r.txt", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "no",
    }),
    ({'d/r.txt': '-r ../b.txt\n', 'b.txt': 'gunicorn'}, "RUN pip install --requirement d/r.txt", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "no",
    }),
    ({'r.txt': '--constraint c.txt\n-c c.txt\ngunicorn', 'c.txt': 'uvicorn'}, "RUN pip install -r r.txt", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "no",
    }),
    ({'r.txt': '--editable ./own#egg=gunicorn\n'}, "RUN pip install -r r.txt", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "? @4: r.txt holds a project of its own",
    }),
    ({'r.txt': 'git+https://x.example/g#egg=gunicorn\n'}, "RUN pip install -r r.txt", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "? @4: r.txt holds an address or a path",
    }),
    ({'r.txt': 'gunicorn @ https://x.example/g.whl\n'}, "RUN pip install -r r.txt", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "? @4: what `gunicorn` brings along is not known",
    }),
    ({'r.txt': 'gunicorn==23.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\npackaging==1 --hash=sha256:22\n'}, "RUN pip install -r r.txt", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "no",
    }),
    ({'r.txt': 'strange==1\n    # via -r x.in\ngunicorn==23\n    # via x\n'}, "RUN pip install -r r.txt", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "no",
        "/usr/local/bin/strange": "? @4: the programs of `strange` are not known",
    }),
    ({'r.txt': 'gunicorn\n'}, "RUN pip install -c r.txt flask", {
        "/usr/local/bin/gunicorn": "no",
        "/usr/local/bin/flask": "program root 755 #!/usr/local/bin/python3 [flask] @4",
    }),
    ({'pyproject.toml': '[project]\nname="X_y"\ndependencies=["flask"]\ndynamic=["scripts"]\n[build-system]\n'}, "RUN pip install .", {
        "/usr/local/bin/gunicorn": "no",
        "/usr/local/bin/flask": "program root 755 #!/usr/local/bin/python3 [flask] @4",
        "/usr/local/lib/python3.12/site-packages/x_y-*.dist-info": "package root 755 [x-y] PYTHON @4",
    }),
    ({'pyproject.toml': '[project]\nname="x"\ndependencies=["flask"]\n[project.gui-scripts]\ngui="a:b"\n'}, "RUN pip install -e .", {
        "/usr/local/bin/gunicorn": "no",
        "/usr/local/bin/gui": "program root 755 #!/usr/local/bin/python3 [x] @4",
    }),
    ({'pyproject.toml': '[project]\nname="x"\ndependencies=["flask @ https://x.example/f.whl"]\n'}, "RUN pip install ./", {
        "/usr/local/bin/gunicorn": "? @4: what `flask` brings along is not known",
        "/usr/local/bin/flask": "program root 755 #!/usr/local/bin/python3 [flask] @4",
    }),
    ({'pyproject.toml': '[project]\nname="x"\ndependencies=["./local"]\n'}, "RUN pip install ./", {
        "/usr/local/bin/gunicorn": "? @4: the project requires an address",
    }),
    ({'pyproject.toml': '[project]\nname="x"\n'}, "RUN pip install '.[web]'", {
        "/usr/local/bin/gunicorn": "? @4: the project's extra `web` is not known",
    }),
    ({'pyproject.toml': 'nonsense'}, "RUN pip install .", {
        "/usr/local/bin/gunicorn": "? @4: what the project at . brings is not known",
    }),
    ({'s/pyproject.toml': '[project]\nname="x"\nscripts={go="a:b"}\n'}, "RUN pip install ./s", {
        "/usr/local/bin/gunicorn": "no",
        "/usr/local/bin/go": "program root 755 #!/usr/local/bin/python3 [x] @4",
    }),
    ({'s/pyproject.toml': '[project]\nname="x"\nscripts={go="a:b"}\n'}, "RUN pip install file:s /w/x.whl", {
        "/usr/local/bin/gunicorn": "? @4: what the project at file:s brings is not known",
        "/usr/local/bin/go": "? @4: what the project at file:s brings is not known",
    }),
    ({'pyproject.toml': '[project]\nname="x"\ndependencies=["gunicorn"]\n'}, "RUN pip install -r pyproject.toml", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
    }),
    ({'a': ''}, "RUN pip install --group dev", {
        "/usr/local/bin/gunicorn": "? @4: the group's packages are not known",
    }),
    ({'a': ''}, "RUN pip install 'gunicorn>=20,<24' 'uvicorn~=0.30' 'flask (>=2)'", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "program root 755 #!/usr/local/bin/python3 [uvicorn] @4",
        "/usr/local/bin/flask": "program root 755 #!/usr/local/bin/python3 [flask] @4",
    }),
    ({'a': ''}, "RUN pip install uvicorn-worker", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "program root 755 #!/usr/local/bin/python3 [uvicorn] @4",
    }),
    ({'a': ''}, "RUN pip install uvicorn-worker==0.1", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/uvicorn": "program root 755 #!/usr/local/bin/python3 [uvicorn] @4",
        "/usr/local/lib/python3.12/site-packages/gunicorn-*.dist-info": "package root 755 [gunicorn] PYTHON @4",
    }),
    ({'pyproject.toml': '[tool.poetry]\n[tool.poetry.dependencies]\na="*"\n', 'poetry.lock': '[[package]]\nname = "a"\n\n[package.dependencies]\nflask = ">=2"\n"ruff" = "*"\n\n[[package]]\nname = "flask"\n[package.dependencies]\nclick = {version=">=8", optional = true}\n\n[[package]]\nname = "ruff"\n\n[[package]]\nname = "click"\n'}, "RUN pip install poetry && poetry config virtualenvs.in-project true && poetry install --no-root", {
        "/w/.venv/bin/flask": "program root 755 #!/w/.venv/bin/python [flask] @4",
        "/w/.venv/bin/ruff": "program root 755 #!/w/.venv/bin/python [ruff] @4",
        "/w/.venv/bin/click": "? @4: the programs of `a` are not known",
        "/w/.venv/bin/other": "? @4: the programs of `a` are not known",
    }),
    ({'pyproject.toml': '[project]\nname="x"\ndynamic=["dependencies"]\n'}, "RUN pip install .", {
        "/usr/local/bin/x": "? @4: what the project requires is not written in its pyproject.toml",
        "/usr/local/lib/python3.12/site-packages/x-*.dist-info": "package root 755 [x] PYTHON @4",
    }),
    ({'pyproject.toml': '[project]\nname="x"\ndynamic=["entry-points"]\n'}, "RUN pip install .", {
        "/usr/local/bin/x": "? @4: the programs of the project are not known",
        "/usr/local/bin/flask": "no",
    }),
    ({'pyproject.toml': '[tool.x]\n'}, "RUN pip install .", {
        "/usr/local/bin/x": "? @4: what the project at . brings is not known",
    }),
    ({'setup.py': ''}, "RUN pip install -e . && pip install /nowhere", {
        "/usr/local/bin/x": "? @4: what the project at . brings is not known",
    }),
    ({'r.txt': '-e git+https://x.example/y#egg=gunicorn\nhttps://x.example/z.zip\n-f links\n'}, "RUN pip install -r r.txt", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/x": "? @4: r.txt holds a project of its own",
    }),
    ({'r.txt': '-r r.txt\ngunicorn\n'}, "RUN pip install -r r.txt", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/x": "? @4: r.txt could not be read",
    }),
    ({'r.txt': 'gunicorn\n'}, "RUN mv r.txt q.txt && pip install -r q.txt", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/usr/local/bin/x": "no",
    }),
    ({'r.txt': 'gunicorn\n'}, "RUN echo flask >> r.txt && pip install -r r.txt", {
        "/usr/local/bin/gunicorn": "? @4: what r.txt lists is not known",
        "/usr/local/bin/x": "? @4: what r.txt lists is not known",
    }),
    ({'r.txt': 'gunicorn\n'}, "RUN pip install -r $X", {
        "/usr/local/bin/gunicorn": "? @4: what $X lists is not known",
    }),
    ({'r.txt': 'gunicorn\n'}, "RUN pip install -r https://x.example/r.txt", {
        "/usr/local/bin/gunicorn": "? @4: what https://x.example/r.txt lists is not known",
    }),
    ({'env.sh': '#!/usr/bin/env\n', 's.sh': '#!/usr/bin/env -S A=1 python3\n', 't.sh': '#!  /bin/sh -e\n', 'u.sh': '#!/usr/bin/env -S\n', 'run': '\x00'}, "RUN true", {
        "/w/env.sh": "file root 644 #!/usr/bin/env <env.sh> @3 context",
        "/w/s.sh": "file root 644 #!env python3 <s.sh> @3 context",
        "/w/t.sh": "file root 644 #!/bin/sh <t.sh> @3 context",
        "/w/u.sh": "file root 644 <u.sh> @3 context",
        "/w/run": "file root 644 <run> @3 context",
    }),
]  # fmt: skip


SYNCS: list[Case] = [
    ({'uv.lock': UV_LOCK, 'pyproject.toml': '[project]\nname="app"\n'}, "COPY . .\nRUN uv sync", {
        "/w/.venv/bin/gunicorn": "program root 755 #!/w/.venv/bin/python [gunicorn] @5",
        "/w/.venv/bin/flask": "program root 755 #!/w/.venv/bin/python [flask] @5",
        "/w/.venv/bin/uvicorn": "program root 755 #!/w/.venv/bin/python [uvicorn] @5",
        "/w/.venv/bin/celery": "? @5: a marker decides whether it is installed",
        "/w/.venv/bin/pytest": "no",
        "/w/.venv/bin/ruff": "program root 755 #!/w/.venv/bin/python [ruff] @5",
        "/w/.venv/bin/other": "no",
    }),
    ({'uv.lock': UV_LOCK, 'pyproject.toml': '[project]\nname="app"\n[project.scripts]\ngo="a:b"\n[build-system]\n'}, "COPY . .\nRUN uv sync", {
        "/w/.venv/bin/go": "program root 755 #!/w/.venv/bin/python [app] @5",
        "/w/.venv/bin/other": "no",
    }),
    ({'uv.lock': UV_LOCK, 'pyproject.toml': '[project]\nname="app"\n[project.scripts]\ngo="a:b"\n[build-system]\n'}, "COPY . .\nRUN uv sync --no-install-project", {
        "/w/.venv/bin/go": "no",
        "/w/.venv/bin/other": "no",
    }),
    ({'uv.lock': UV_LOCK, 'pyproject.toml': '[project]\nname="app"\n[project.scripts]\ngo="a:b"\n[build-system]\n[tool.uv]\npackage=false\n'}, "COPY . .\nRUN uv sync", {
        "/w/.venv/bin/go": "no",
        "/w/.venv/bin/other": "no",
    }),
    ({'uv.lock': UV_LOCK, 'pyproject.toml': '[project]\nname="app"\n[project.scripts]\ngo="a:b"\n[tool.uv]\npackage=true\n'}, "COPY . .\nRUN uv sync", {
        "/w/.venv/bin/go": "program root 755 #!/w/.venv/bin/python [app] @5",
        "/w/.venv/bin/other": "no",
    }),
    ({'uv.lock': 'version = 1\n[[package]]\nname = "app"\nsource = { editable = "." }\ndependencies = [\n    { name = "gunicorn", extra = ["gevent"] },\n    { name = "Uvicorn" },\n]\n\n[[package]]\nname = "gunicorn"\n\n[package.optional-dependencies]\ngevent = [\n    { name = "flask" },\n]\n\n[[package]]\nname = "uvicorn"\ndependencies = [\n    { name = "celery", marker = "x" },\n    { name = "pytest", marker = "os_name == \'nt\'" },\n    { name = "ruff" },\n]\n\n[[package]]\nname = "flask"\n\n[[package]]\nname = "celery"\n\n[[package]]\nname = "pytest"\n\n[[package]]\nname = "ruff"\nversion = 1\n[[package]]\nname = "app2"\nsource = { editable = "." }\ndependencies = [\n    { name = "gunicorn", extra = ["gevent"] },\n    { name = "Uvicorn" },\n]\n\n[[package]]\nname = "gunicorn"\n\n[package.optional-dependencies]\ngevent = [\n    { name = "flask" },\n]\n\n[[package]]\nname = "uvicorn"\ndependencies = [\n    { name = "celery", marker = "x" },\n    { name = "pytest", marker = "os_name == \'nt\'" },\n    { name = "ruff" },\n]\n\n[[package]]\nname = "flask"\n\n[[package]]\nname = "celery"\n\n[[package]]\nname = "pytest"\n\n[[package]]\nname = "ruff"\n', 'pyproject.toml': '[project]\nname="app"\n'}, "COPY . .\nRUN uv sync", {
        "/w/.venv/bin/gunicorn": "? @5: the project's uv.lock holds several projects",
    }),
    ({'uv.lock': UV_LOCK, 'pyproject.toml': '[project]\nrequires-python=">=3.12"\n'}, "COPY . .\nRUN uv sync", {
        "/w/.venv/bin/gunicorn": "program root 755 #!/w/.venv/bin/python [gunicorn] @5",
        "/w/.venv/bin/other": "no",
    }),
    ({'uv.lock': UV_LOCK, 'pyproject.toml': '[project]\nname="app"\n'}, "COPY . .\nENV UV_PROJECT_ENVIRONMENT=/usr/local\nRUN uv sync", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @6",
        "/usr/local/bin/other": "no",
        "/w/.venv/bin/gunicorn": "no",
    }),
    ({'uv.lock': UV_LOCK, 'pyproject.toml': '[project]\nname="app"\n'}, "COPY . .\nENV UV_PROJECT_ENVIRONMENT=env\nRUN uv sync", {
        "/w/env/bin/gunicorn": "program root 755 #!/w/env/bin/python [gunicorn] @6",
        "/w/.venv/bin/gunicorn": "no",
    }),
    ({'uv.lock': UV_LOCK, 'pyproject.toml': '[project]\nname="app"\n'}, "COPY . .\nENV UV_PROJECT_ENVIRONMENT=$X\nRUN uv sync", {
        "/w/env/bin/gunicorn": "? @6: it is not known where the packages went",
        "/w/.venv/bin/gunicorn": "? @6: it is not known where the packages went",
        "/opt/x": "? @6: it is not known where the packages went",
        "/srv/x": "no",
    }),
    ({'s/uv.lock': UV_LOCK, 's/pyproject.toml': '[project]\nname="app"\n'}, "COPY . .\nRUN uv sync --project s", {
        "/w/s/.venv/bin/gunicorn": "program root 755 #!/w/s/.venv/bin/python [gunicorn] @5",
        "/w/.venv/bin/gunicorn": "no",
    }),
    ({'s/uv.lock': UV_LOCK, 's/pyproject.toml': '[project]\nname="app"\n'}, "COPY . .\nRUN uv sync --directory=/w/s", {
        "/w/s/.venv/bin/gunicorn": "program root 755 #!/w/s/.venv/bin/python [gunicorn] @5",
        "/w/.venv/bin/gunicorn": "no",
    }),
    ({'uv.lock': UV_LOCK, 'pyproject.toml': '[project]\nname="app"\n'}, "COPY . .\nRUN uv venv /v && . /v/bin/activate && uv sync --active", {
        "/v/bin/gunicorn": "program root 755 #!/v/bin/python [gunicorn] @5",
        "/w/.venv/bin/gunicorn": "no",
    }),
    ({'uv.lock': UV_LOCK, 'pyproject.toml': '[project]\nname="app"\n'}, "COPY . .\nRUN uv sync --dry-run", {
        "/w/.venv/bin/gunicorn": "no",
        "/w/.venv": "no",
    }),
    ({'uv.lock': UV_LOCK, 'pyproject.toml': '[project]\nname="app"\n'}, "COPY . .\nENV UV_NO_DEV=1\nRUN uv sync --all-groups", {
        "/w/.venv/bin/gunicorn": "? @6: which groups and packages are meant is not worked out",
    }),
    ({'pyproject.toml': '[project]\nname="app"\n'}, "COPY . .\nRUN uv sync", {
        "/w/.venv/bin/gunicorn": "? @5: the project's uv.lock is not known",
        "/w/.venv/pyvenv.cfg": "file root 644 (venv 3.12 glibc trixie /w/.venv/bin/python /w/.venv) @5",
    }),
    ({'pyproject.toml': '[project]\nname="app"\nrequires-python=">=3.13"\n'}, "COPY . .\nRUN uv venv", {
        "/w/.venv/pyvenv.cfg": "file root 644 (venv None None None /w/.venv/bin/python /w/.venv) @5",
    }),
    ({'pyproject.toml': '[project]\nname="app"\nrequires-python=">=3.10,<3.13"\n'}, "COPY . .\nRUN uv venv", {
        "/w/.venv/pyvenv.cfg": "file root 644 (venv 3.12 glibc trixie /w/.venv/bin/python /w/.venv) @5",
    }),
    ({'pyproject.toml': '[project]\nname="app"\nrequires-python=">=3,<4"\n'}, "COPY . .\nRUN uv venv", {
        "/w/.venv/pyvenv.cfg": "file root 644 (venv 3.12 glibc trixie /w/.venv/bin/python /w/.venv) @5",
    }),
    ({'pyproject.toml': '[project]\nname="app"\nrequires-python="==3.12.*"\n'}, "COPY . .\nRUN uv venv", {
        "/w/.venv/pyvenv.cfg": "file root 644 (venv 3.12 glibc trixie /w/.venv/bin/python /w/.venv) @5",
    }),
    ({'pyproject.toml': '[project]\nname="app"\nrequires-python="==3.12.1"\n'}, "COPY . .\nRUN uv venv", {
        "/w/.venv/pyvenv.cfg": "file root 644 (venv None None None /w/.venv/bin/python /w/.venv) @5",
    }),
    ({'pyproject.toml': '[project]\nname="app"\nrequires-python="~=3.11.2"\n'}, "COPY . .\nRUN uv venv", {
        "/w/.venv/pyvenv.cfg": "file root 644 (venv None None None /w/.venv/bin/python /w/.venv) @5",
    }),
    ({'pyproject.toml': '[project]\nname="app"\nrequires-python="~=3.11"\n'}, "COPY . .\nRUN uv venv", {
        "/w/.venv/pyvenv.cfg": "file root 644 (venv 3.12 glibc trixie /w/.venv/bin/python /w/.venv) @5",
    }),
    ({'pyproject.toml': '[project]\nname="app"\nrequires-python="<=3.12"\n'}, "COPY . .\nRUN uv venv", {
        "/w/.venv/pyvenv.cfg": "file root 644 (venv None None None /w/.venv/bin/python /w/.venv) @5",
    }),
    ({'pyproject.toml': '[project]\nname="app"\nrequires-python=">3.12"\n'}, "COPY . .\nRUN uv venv", {
        "/w/.venv/pyvenv.cfg": "file root 644 (venv None None None /w/.venv/bin/python /w/.venv) @5",
    }),
    ({'pyproject.toml': '[project]\nname="app"\nrequires-python="!=3.12"\n'}, "COPY . .\nRUN uv venv", {
        "/w/.venv/pyvenv.cfg": "file root 644 (venv None None None /w/.venv/bin/python /w/.venv) @5",
    }),
    ({'pyproject.toml': '[project]\nname="app"\n'}, "COPY . .\nRUN uv venv", {
        "/w/.venv/pyvenv.cfg": "file root 644 (venv 3.12 glibc trixie /w/.venv/bin/python /w/.venv) @5",
    }),
    ({'.python-version': '3.11'}, "COPY . .\nRUN uv venv", {
        "/w/.venv/pyvenv.cfg": "file root 644 (venv None None None /w/.venv/bin/python /w/.venv) @5",
    }),
    ({'a': ''}, "RUN uv add gunicorn", {
        "/w/.venv/bin/gunicorn": "program root 755 #!/w/.venv/bin/python [gunicorn] @4",
        "/w/.venv/bin/other": "? @4: what the project requires besides",
    }),
    ({'a': ''}, "RUN uv venv && uv add gunicorn flask", {
        "/w/.venv/bin/gunicorn": "program root 755 #!/w/.venv/bin/python [gunicorn] @4",
        "/w/.venv/bin/flask": "program root 755 #!/w/.venv/bin/python [flask] @4",
        "/w/.venv/bin/other": "? @4: what the project requires besides",
    }),
    ({'a': ''}, "RUN uv pip install --system --python 3.12 gunicorn", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/w/.venv/bin/gunicorn": "no",
    }),
    ({'a': ''}, "RUN uv pip install --system --target /t gunicorn", {
        "/t/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/t": "folder root 755 (target 3.12 glibc trixie /usr/local/bin/python3 /t) @4",
        "/usr/local/bin/gunicorn": "no",
    }),
    ({'a': ''}, "RUN uv pip install --system --prefix /t gunicorn", {
        "/t/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @4",
        "/t/lib/python3.12/site-packages/gunicorn-*.dist-info": "package root 755 [gunicorn] (prefix 3.12 glibc trixie /usr/local/bin/python3 /t) @4",
    }),
    ({'a': ''}, "RUN uv pip install --system --target $X gunicorn", {
        "/t/bin/gunicorn": "no",
        "/usr/local/bin/gunicorn": "? @4: it is not known where the packages went",
    }),
    ({'a': ''}, "RUN uv pip install --system --prefix $X gunicorn", {
        "/opt/x": "? @4: it is not known where the packages went",
        "/usr/local/bin/gunicorn": "? @4: it is not known where the packages went",
    }),
    ({'a': ''}, "RUN uv venv /v && uv pip install --python /v gunicorn", {
        "/v/bin/gunicorn": "program root 755 #!/v/bin/python [gunicorn] @4",
        "/usr/local/bin/gunicorn": "no",
    }),
    ({'a': ''}, "RUN uv venv /v && uv pip install -p /v/bin/python gunicorn", {
        "/v/bin/gunicorn": "program root 755 #!/v/bin/python [gunicorn] @4",
        "/usr/local/bin/gunicorn": "no",
    }),
    ({'a': ''}, "ENV UV_PYTHON=/v\nRUN uv venv --clear /v; uv venv -p 3.12 /v && uv pip install gunicorn", {
        "/v/bin/gunicorn": "program root 755 #!/v/bin/python [gunicorn] @5",
        "/usr/local/bin/gunicorn": "no",
    }),
    ({'a': ''}, "ENV UV_SYSTEM_PYTHON=true\nRUN uv pip install --no-system gunicorn", {
        "/usr/local/bin/gunicorn": "? @5: it is not known where the packages went",
        "/opt/x": "? @5: it is not known where the packages went",
    }),
    ({'a': ''}, "ENV VIRTUAL_ENV=/v\nRUN uv venv /v && uv pip install gunicorn", {
        "/v/bin/gunicorn": "program root 755 #!/v/bin/python [gunicorn] @5",
        "/usr/local/bin/gunicorn": "no",
    }),
    ({'a': ''}, "RUN uv pip install --system --dry-run gunicorn", {
        "/usr/local/bin/gunicorn": "no",
    }),
    ({'pyproject.toml': '[project]\nname="x"\ndependencies=["gunicorn"]\n'}, "COPY . .\nRUN uv pip install --system -r pyproject.toml", {
        "/usr/local/bin/gunicorn": "program root 755 #!/usr/local/bin/python3 [gunicorn] @5",
        "/usr/local/bin/x": "no",
    }),
    ({'a': ''}, "RUN uv tool install --with flask gunicorn", {
        "/root/.local/bin/gunicorn": "program root 755 at /root/.local/share/uv/tools/gunicorn/bin/gunicorn #!/root/.local/share/uv/tools/gunicorn/bin/python [gunicorn] @4",
        "/root/.local/bin/flask": "no",
        "/root/.local/share/uv/tools/gunicorn": "folder ? 755 @4",
        "/root/.local/share/uv/tools/gunicorn/x": "? @4: the tool's own environment",
        "/root/.local/bin": "folder root 755 @4",
    }),
    ({'a': ''}, "RUN uv tool install gunicorn==20 $X", {
        "/root/.local/bin/gunicorn": "program root 755 at /root/.local/share/uv/tools/gunicorn/bin/gunicorn #!/root/.local/share/uv/tools/gunicorn/bin/python [gunicorn] @4",
        "/root/.local/bin/x": "? @4: the tool's programs are not known",
    }),
    ({'a': ''}, "ENV UV_TOOL_BIN_DIR=bin\nRUN uv tool install gunicorn", {
        "/w/bin/gunicorn": "program root 755 at /root/.local/share/uv/tools/gunicorn/bin/gunicorn #!/root/.local/share/uv/tools/gunicorn/bin/python [gunicorn] @5",
        "/root/.local/bin": "no",
    }),
    ({'a': ''}, "RUN pip install pipx && pipx install --include-deps gunicorn", {
        "/root/.local/bin/gunicorn": "program root 755 [gunicorn] @4",
        "/root/.local/bin/x": "? @4: the tool's programs are not known",
    }),
    ({'a': ''}, "ENV PIPX_BIN_DIR=$X\nRUN pip install pipx && pipx install gunicorn", {
        "/root/.local/bin/gunicorn": "? @5: it is not known where the tool went",
        "/srv/x": "no",
    }),
    ({'a': ''}, "USER $X\nRUN uv tool install gunicorn", {
        "/root/.local/bin/gunicorn": "? @5: it is not known where the tool went",
        "/srv/x": "no",
    }),
]  # fmt: skip


@pytest.mark.parametrize(("files", "steps", "expected"), LISTS)
def test_what_lists_and_lock_files_bring(
    files: Files, steps: str, expected: dict[str, str]
) -> None:
    images = model(f"{SLIM}WORKDIR /w\nCOPY . .\n{steps}\n", files)
    assert {path: told(images, path) for path in expected} == expected


@pytest.mark.parametrize(("files", "steps", "expected"), SYNCS)
def test_what_uv_brings(files: Files, steps: str, expected: dict[str, str]) -> None:
    images = model(f"{SLIM}RUN pip install uv\nWORKDIR /w\n{steps}\n", files)
    assert {path: told(images, path) for path in expected} == expected
