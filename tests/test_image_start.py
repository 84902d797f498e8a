"""What COPY --from brings and leaves, and what the container starts: found, missing, or unknown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dflint.cli.app import make_app
from dflint.image.state import ResolvedStart
from tests.test_image_model import model

BUILDER = "FROM python:3.12-slim AS b\nRUN pip install gunicorn flask\nFROM python:3.12-slim\n"
VENV = "FROM python:3.12-slim AS b\nRUN python -m venv /opt/venv && /opt/venv/bin/pip install gunicorn\n"
USER = "FROM python:3.12-slim AS b\nRUN pip install --user gunicorn\nFROM python:3.12-slim\n"
SITE = "/usr/local/lib/python3.12/site-packages"
GUNICORN = 'CMD ["gunicorn", "app:app"]\n'


def start(text: str, files: dict[str, str] | None = None) -> ResolvedStart:
    """The start of a text's product."""
    found = model(text, files).start
    assert found is not None
    return found


def verdict(found: ResolvedStart) -> str:
    """`there`, the kind and the name of the first thing missing, or `?`."""
    if found.missing:
        return f"{found.missing[0].kind} {found.missing[0].name}"
    return "there" if found.sound else "?"


STARTS = [
    # what is brought, and what is left behind
    (f"{BUILDER}COPY --from=b {SITE} {SITE}\n{GUNICORN}", "program gunicorn"),
    (f"{BUILDER}COPY --from=b {SITE} {SITE}\nCMD gunicorn app:app\n", "program gunicorn"),
    (f"{BUILDER}COPY --from=b {SITE} {SITE}\nCOPY --from=b /usr/local/bin /usr/local/bin\n{GUNICORN}", "there"),
    (f"{BUILDER}COPY --from=b {SITE} {SITE}\nCOPY --from=b /usr/local/bin/gunicorn /usr/local/bin/\n{GUNICORN}", "there"),
    (f'{BUILDER}COPY --from=b {SITE} {SITE}\nCMD ["python", "-m", "gunicorn", "app:app"]\n', "there"),
    (f'{BUILDER}CMD ["python", "-m", "gunicorn", "app:app"]\n', "module gunicorn"),
    (f"{BUILDER}COPY --from=b /usr/local /usr/local\n{GUNICORN}", "there"),
    (f"{BUILDER}COPY --from=b $X /usr/local/bin/\n{GUNICORN}", "?"),
    (f"{BUILDER}COPY --from=b /usr/local/lib/python3.*/site-packages {SITE}\n{GUNICORN}", "program gunicorn"),
    # virtual environments
    (f"{VENV}FROM python:3.12-slim\nCOPY --from=b /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n{GUNICORN}", "there"),
    (f"{VENV}FROM python:3.12-slim\nCOPY --from=b /opt/venv /opt/venv\n{GUNICORN}", "program gunicorn"),
    (f'{VENV}FROM python:3.12-slim\nCOPY --from=b /opt/venv /opt/venv\nCMD ["/opt/venv/bin/gunicorn"]\n', "there"),
    (f"{VENV}FROM python:3.12-slim\nCOPY --from=b /opt/venv /venv\nENV PATH=/venv/bin:$PATH\n{GUNICORN}", "interpreter /opt/venv/bin/python"),
    (f"{VENV}FROM debian:bookworm-slim\nCOPY --from=b /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n{GUNICORN}", "interpreter /usr/local/bin/python3"),
    (f"{VENV}FROM b\nENV PATH=/opt/venv/bin:$PATH\n{GUNICORN}", "there"),
    # --user, --prefix, --target
    (f"{USER}COPY --from=b /root/.local /root/.local\nENV PATH=/root/.local/bin:$PATH\n{GUNICORN}", "there"),
    (f"{USER}COPY --from=b /root/.local /root/.local\n{GUNICORN}", "program gunicorn"),
    (f"{USER}COPY --from=b /root/.local /root/.local\nENV PATH=/root/.local/bin:$PATH\nRUN useradd app\nUSER app\n{GUNICORN}", "barred gunicorn"),
    (f"{USER}COPY --from=b /root/.local /root/.local\nENV PATH=/root/.local/bin:$PATH\nRUN useradd app && chmod 755 /root\nUSER app\n{GUNICORN}", "there"),
    ("FROM python:3.12-slim AS b\nRUN pip install --prefix=/install gunicorn\nFROM python:3.12-slim\nCOPY --from=b /install /usr/local\n" + GUNICORN, "there"),
    # shells and carriers
    ("FROM scratch\nCOPY app /app\nCMD /app\n", "shell /bin/sh"),
    ('FROM scratch\nCMD ["/app"]\n', "program /app"),
    ("FROM gcr.io/distroless/static\nENTRYPOINT echo x\n", "shell /bin/sh"),
    ('FROM gcr.io/distroless/python3-debian12\nCMD ["app.py"]\n', "?"),
    ('FROM python:3.12-slim\nRUN pip install gunicorn\nENTRYPOINT ["tini", "--"]\nCMD ["gunicorn", "x"]\n', "program tini"),
    ('FROM python:3.12-slim\nRUN pip install gunicorn && apt-get install -y tini\nENTRYPOINT ["tini", "--"]\nCMD ["gunicorn", "x"]\n', "there"),
    ('FROM python:3.12-slim\nRUN pip install gunicorn\nCMD ["sh", "-c", "exec gunicorn app:app"]\n', "there"),
    ('FROM python:3.12-alpine\nRUN pip install gunicorn\nCMD ["bash", "-c", "gunicorn app:app"]\n', "program bash"),
    ("FROM python:3.12-slim\nRUN pip install gunicorn\nCMD cd /srv && gunicorn app:app\n", "there"),
    ("FROM python:3.12-slim\nRUN pip install gunicorn\nCMD uvicorn x || gunicorn y\n", "?"),
    ("FROM python:3.12-slim\nRUN pip install gunicorn\nCMD $SERVER\n", "?"),
    ('FROM python:3.12-slim\nENTRYPOINT ["python"]\nCMD ["-m", "gunicorn"]\n', "module gunicorn"),
    ('FROM python:3.12-slim AS b\nCMD ["gunicorn"]\nFROM b\nENTRYPOINT ["python3"]\n', "there"),
    # what is not known
    ("FROM example.org/base\n" + GUNICORN, "?"),
    ("FROM python:3.12-slim\nRUN ./setup\n" + GUNICORN, "?"),
    ("FROM python:3.12-slim\nRUN pip install -r requirements.txt\n" + GUNICORN, "?"),
    ("FROM python:3.12-slim\nRUN pip install strange\n" + GUNICORN, "?"),
    ("FROM python:3.12-slim\nONBUILD RUN pip install gunicorn\n" + GUNICORN, "?"),
    ("FROM node:22-slim\nCMD [\"server.js\"]\n", "?"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), STARTS)
def test_what_the_container_starts(text: str, expected: str) -> None:
    assert verdict(start(text)) == expected


SCRIPTS = [
    ("#!/bin/sh\nexec gunicorn app\n", "", "there"),
    ("#!/bin/sh\nexec uvicorn app\n", "", "program uvicorn"),
    ('#!/bin/sh\nset -e\nexec "$@"\n', 'CMD ["gunicorn"]', "there"),
    ('#!/bin/sh\nset -e\nexec "$@"\n', 'CMD ["uvicorn"]', "program uvicorn"),
    ('#!/bin/sh\nexec "$SERVER"\n', "", "?"),
    ("#!/bin/fish\nexec gunicorn app\n", "", "?"),
    ("import os\n", "", "?"),
]


@pytest.mark.parametrize(("text", "cmd", "expected"), SCRIPTS)
def test_an_entrypoint_script_is_read(text: str, cmd: str, expected: str) -> None:
    dockerfile = (
        "FROM python:3.12-slim\nRUN pip install gunicorn\nCOPY --chmod=755 start.sh /start.sh\n"
        f'ENTRYPOINT ["/start.sh"]\n{cmd}\n'
    )
    assert verdict(start(dockerfile, {"start.sh": text})) == expected


def test_a_python_file_must_be_there() -> None:
    text = 'FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nCMD ["python", "main.py"]\n'
    assert verdict(start(text, {"main.py": ""})) == "there"
    assert verdict(start(text, {"app.py": ""})) == "file /app/main.py"
    assert verdict(start(text)) == "?"


def test_a_script_in_bash_needs_bash() -> None:
    text = 'FROM python:3.12-alpine\nCOPY run.sh /run.sh\nCMD ["/run.sh"]\n'
    found = start(text, {"run.sh": "#!/bin/bash\necho x\n"})
    assert [(each.kind, each.name, each.of) for each in found.missing] == [
        ("interpreter", "/bin/bash", "/run.sh")
    ]


def test_the_start_tells_of_the_package_that_brings_its_program() -> None:
    found = start(f"{BUILDER}COPY --from=b {SITE} {SITE}\n{GUNICORN}")
    assert found.package_name == "gunicorn"
    assert found.package is not None
    assert (found.package.origin.stage, found.package_there) == (0, True)
    assert start(BUILDER + GUNICORN).package_there is False


def test_what_a_copy_brings_and_leaves() -> None:
    copies = model(f"{BUILDER}COPY --from=b {SITE} {SITE}\nCOPY --from=b /app /app\n").stage_copies
    assert "gunicorn" in copies[0].brings
    assert copies[0].left_scripts == {"flask": "flask", "gunicorn": "gunicorn"}
    assert not copies[0].leaves
    assert type(copies[1].found).__name__ == "NotThere"
    (other,) = model(BUILDER + "COPY --from=b /usr/local/bin/flask /usr/local/bin/\n").stage_copies
    assert "gunicorn" in other.leaves
    assert other.scripts == {"flask": "flask"}


def test_a_moved_environment_is_told_with_both_paths() -> None:
    (copy,) = model(VENV + "FROM python:3.12-slim\nCOPY --from=b /opt/venv /venv\n").stage_copies
    assert [(place.home, new) for place, new in copy.moved] == [("/opt/venv", "/venv")]
    (copy,) = model(VENV + "FROM python:3.12-slim\nCOPY --from=b /opt /opt\n").stage_copies
    assert not copy.moved


def test_copying_an_environment_tells_its_python() -> None:
    images = model(VENV + "FROM python:3.11-slim\nCOPY --from=b /opt/venv /opt/venv\n")
    assert images.product is not None
    place = next(each for each in images.product.places if each.kind == "venv")
    assert (place.version, images.product.stage.base.python) == ("3.12", "3.11")  # type: ignore[union-attr]
    assert place.placed is not None


def test_the_command_shows_the_same_facts_in_both_formats(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text(f"{BUILDER}COPY --from=b {SITE} {SITE}\n{GUNICORN}", encoding="utf-8")
    text = CliRunner().invoke(make_app(), ["image", str(path)])
    assert text.exit_code == 0
    assert "missing     the program gunicorn" in text.output
    assert "brings packages: " in text.output
    result = CliRunner().invoke(make_app(), ["image", str(path), "--output-format", "json"])
    facts = json.loads(result.output)
    assert facts["start"]["state"] == "missing"
    assert facts["start"]["installed"] == {
        "stage": "b",
        "line": 2,
        "by": "pip install gunicorn flask",
    }
    assert facts["stages"][1]["copies"][0]["leaves"]["programs"] == ["flask", "gunicorn"]


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("FROM scratch AS only\n", encoding="utf-8")
    result = CliRunner().invoke(make_app(), ["image", str(path), "--target", "other"])
    assert (result.exit_code, "the stages are: only" in result.output) == (2, True)
    result = CliRunner().invoke(make_app(), ["image", str(tmp_path / "none")])
    assert (result.exit_code, "cannot be read" in result.output) == (2, True)
    result = CliRunner().invoke(make_app(), ["image", str(path)])
    assert "nothing: neither ENTRYPOINT nor CMD" in result.output
