"""What COPY --from takes from other stages: packages, programs and environments."""

from __future__ import annotations

import pytest

from dflint.image.files import NotThere, There
from tests.test_image_model import model

SLIM = "FROM python:3.12-slim\n"
BUILDER = "FROM python:3.12-slim AS b\nRUN pip install gunicorn iniconfig\n"
VENV = (
    "FROM python:3.12-slim AS b\nWORKDIR /src\n"
    "RUN python -m venv /opt/venv && /opt/venv/bin/pip install gunicorn\n"
)
TARGETS = (
    "FROM python:3.12-slim AS b\n"
    "RUN pip install --target /t gunicorn && pip install --user uvicorn\n"
)
COPIES = [
    (BUILDER + SLIM + "COPY --from=b /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages\n", ["0:/usr/local/lib/python3.12/site-packages to /usr/local/lib/python3.12/site-packages: folder /usr/local/lib/python3.12/site-packages; places /usr/local; brings gunicorn iniconfig packaging; left scripts gunicorn"]),
    (BUILDER + SLIM + "COPY --from=b /usr/local/bin /usr/local/bin\n", ["0:/usr/local/bin to /usr/local/bin: folder /usr/local/bin; places /usr/local; leaves gunicorn iniconfig packaging; scripts gunicorn"]),
    (BUILDER + SLIM + "COPY --from=b /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages\nCOPY --from=b /usr/local/bin/gunicorn /usr/local/bin/\n", ["0:/usr/local/lib/python3.12/site-packages to /usr/local/lib/python3.12/site-packages: folder /usr/local/lib/python3.12/site-packages; places /usr/local; brings gunicorn iniconfig packaging", "0:/usr/local/bin/gunicorn to /usr/local/bin/gunicorn: program /usr/local/bin/gunicorn; scripts gunicorn"]),
    (BUILDER + SLIM + "COPY --from=b /usr/local/lib/python3.12/site-packages/gunicorn /g\n", ["0:/usr/local/lib/python3.12/site-packages/gunicorn to /g: ? the packages that it holds are not told apart; places /usr/local"]),
    (BUILDER + SLIM + "COPY --from=b / /all\n", ["0:/ to /all: folder /; places /usr/local; brings gunicorn iniconfig packaging; scripts gunicorn"]),
    (BUILDER + SLIM + "COPY --from=b /usr /usr\n", ["0:/usr to /usr: folder /usr; places /usr/local; brings gunicorn iniconfig packaging; scripts gunicorn"]),
    (BUILDER + SLIM + "COPY --from=b usr/local /usr/local\n", ["0:/usr/local to /usr/local: folder /usr/local; places /usr/local; brings gunicorn iniconfig packaging; scripts gunicorn"]),
    (BUILDER + SLIM + "COPY --from=b /usr/local/bin/gunicorn* /x/\n", ["0:/usr/local/bin/gunicorn* to /x/gunicorn: program /usr/local/bin/gunicorn; leaves gunicorn iniconfig packaging; scripts gunicorn"]),
    (BUILDER + SLIM + "COPY --from=b /srv /srv\n", ["0:/srv to /srv: folder /srv; leaves gunicorn iniconfig packaging"]),
    (BUILDER + SLIM + "COPY --from=b /nowhere /x\n", ["0:/nowhere to None: no /nowhere; leaves gunicorn iniconfig packaging"]),
    (BUILDER + SLIM + "COPY --from=b $X /x\n", ["0:None to /x: ? it is not known what is copied"]),
    (BUILDER + SLIM + "COPY --from=b /srv $X\n", ["0:/srv to None: folder /srv; leaves gunicorn iniconfig packaging"]),
    (BUILDER + SLIM + "RUN pip install gunicorn\nCOPY --from=b /srv /srv\n", ["0:/srv to /srv: folder /srv; leaves iniconfig"]),
    (BUILDER + SLIM + "COPY --from=0 /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages\nCOPY --from=b /srv /root /d/\n", ["0:/usr/local/lib/python3.12/site-packages to /usr/local/lib/python3.12/site-packages: folder /usr/local/lib/python3.12/site-packages; places /usr/local; brings gunicorn iniconfig packaging; left scripts gunicorn", "0:/srv to /d: folder /srv", "0:/root to /d: folder /root"]),
    (VENV + SLIM + "COPY --from=b /opt/venv /opt/venv\n", ["0:/opt/venv to /opt/venv: folder /opt/venv; places /opt/venv; brings gunicorn packaging pip; scripts gunicorn pip pip3"]),
    (VENV + SLIM + "COPY --from=b /opt/venv /venv\n", ["0:/opt/venv to /venv: folder /opt/venv; places /opt/venv; brings gunicorn packaging pip; scripts gunicorn pip pip3; moved /opt/venv to /venv"]),
    (VENV + SLIM + "COPY --from=b /opt /srv\n", ["0:/opt to /srv: folder /opt; places /opt/venv; brings gunicorn packaging pip; scripts gunicorn pip pip3; moved /opt/venv to /srv/venv"]),
    (VENV + SLIM + "COPY --from=b /opt/venv/lib /v/lib\n", ["0:/opt/venv/lib to /v/lib: folder /opt/venv/lib; places /opt/venv; brings gunicorn packaging pip; left scripts gunicorn pip pip3"]),
    (VENV + SLIM + "COPY --from=b /opt/venv/bin /v/bin\n", ["0:/opt/venv/bin to /v/bin: folder /opt/venv/bin; places /opt/venv; leaves gunicorn packaging; scripts gunicorn pip pip3"]),
    (VENV + SLIM + "COPY --from=b / /all\n", ["0:/ to /all: folder /; places /opt/venv /usr/local; brings gunicorn packaging pip; scripts gunicorn pip pip3; moved /opt/venv to /all/opt/venv"]),
    (VENV + SLIM + "WORKDIR /w\nCOPY --from=b /opt/venv .\n", ["0:/opt/venv to /w: folder /opt/venv; places /opt/venv; brings gunicorn packaging pip; scripts gunicorn pip pip3; moved /opt/venv to /w"]),
    (VENV + SLIM + "COPY --from=b /opt/venv $X\n", ["0:/opt/venv to None: folder /opt/venv; places /opt/venv; brings gunicorn packaging pip; scripts gunicorn pip pip3"]),
    (VENV + "FROM b AS c\nFROM python:3.12-slim\nCOPY --from=c /opt/venv /a\n", ["1:/opt/venv to /a: folder /opt/venv; places /opt/venv; brings gunicorn packaging pip; scripts gunicorn pip pip3; moved /opt/venv to /a"]),
    (VENV + SLIM + "COPY --from=b /opt/venv /a\nFROM scratch\nCOPY --from=1 /a /b\n", ["0:/opt/venv to /a: folder /opt/venv; places /opt/venv; brings gunicorn packaging pip; scripts gunicorn pip pip3; moved /opt/venv to /a", "1:/a to /b: folder /a; places /a; brings gunicorn packaging pip; scripts gunicorn pip pip3; moved /a to /b"]),
    (TARGETS + SLIM + "COPY --from=b /t /t\nCOPY --from=b /root/.local /root/.local\n", ["0:/t to /t: folder /t; places /t; brings gunicorn packaging; scripts gunicorn", "0:/root/.local to /root/.local: folder /root/.local; places /root/.local; brings click h11 typing-extensions uvicorn; scripts uvicorn"]),
    ("FROM python:3.12-slim AS b\nCOPY --from=b /x /y\n", ["None:/x to /y: ? what that image holds is not known"]),
    (SLIM + "COPY --from=nginx:1 /etc/nginx /n\nCOPY --from=python:3.12-slim /usr/local/bin/python3 /p\nCOPY --from=example.org/x /x /x\n", ["None:/etc/nginx to /n: ? it may come with the base image", "None:/usr/local/bin/python3 to /p: program /usr/local/bin/python3", "None:/x to /x: ? the base image is not known"]),
    (BUILDER + "FROM scratch AS unused\nCOPY --from=b /srv /srv\nFROM scratch\nCOPY --from=b /opt /opt\n", ["0:/opt to /opt: folder /opt; leaves gunicorn iniconfig packaging"]),
    (BUILDER + SLIM + "COPY --from=b --exclude=x /usr/local /usr/local\n", ["0:/usr/local to /usr/local: folder /usr/local; places /usr/local"]),
    (BUILDER + "FROM b\nCOPY --from=b /srv /srv\n", ["0:/srv to /srv: folder /srv"]),
]  # fmt: skip


def said(text: str) -> list[str]:
    """What each source of each COPY --from brings, in a line."""
    lines = []
    for copy in model(text, {}).stage_copies:
        found = copy.found
        if isinstance(found, There):
            what = f"{found.entry.kind} {found.path}"
        else:
            what = f"no {found.path}" if isinstance(found, NotThere) else f"? {found.reason}"
        parts = [f"{copy.source}:{copy.path} to {copy.to}: {what}"]
        for name, names in (
            ("places", [each.prefix for each in copy.places]),
            ("brings", sorted(copy.brings)),
            ("leaves", sorted(copy.leaves)),
            ("scripts", sorted(copy.scripts)),
            ("left scripts", sorted(copy.left_scripts)),
            ("moved", [f"{place.prefix} to {to}" for place, to in copy.moved]),
        ):
            if names:
                parts.append(f"{name} {' '.join(names)}")
        assert all(name == each.name for name, each in {**copy.brings, **copy.leaves}.items())
        lines.append("; ".join(parts))
    return lines


@pytest.mark.parametrize(("text", "expected"), COPIES)
def test_what_a_stage_gives(text: str, expected: list[str]) -> None:
    assert said(text) == expected
