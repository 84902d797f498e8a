from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from porthole.app import create_app

# The checkout's sample_app/, or /app in the image.
HOME = Path(__file__).resolve().parents[1]


@pytest.fixture
def home() -> Path:
    return HOME


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment with a version file and a built front end."""
    version = tmp_path / "version.json"
    version.write_text(json.dumps({"commit": "c0ffee1", "built": "2026-11-21T08:00:00Z"}))
    static = tmp_path / "static"
    static.mkdir()
    (static / "porthole.js").write_text("export {};\n")
    return {"PORTHOLE_VERSION_FILE": str(version), "PORTHOLE_STATIC": str(static)}


@pytest.fixture
def app(environ: dict[str, str]) -> Flask:
    return create_app(environ)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
