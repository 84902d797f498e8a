from __future__ import annotations

import html
import os
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from porthole import facts
from porthole.app import FIELDS, create_app


def test_page_shows_the_facts(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    text = html.unescape(answer.text)
    assert f'data-fact="user.uid">{os.geteuid()}<' in text
    assert 'data-fact="worker.requests_served">1<' in text
    assert "c0ffee1" in text
    for folder in facts.FOLDERS:
        assert f'data-folder="{folder}"' in text


def test_page_brings_nothing_from_elsewhere(client: FlaskClient) -> None:
    text = client.get("/").text
    assert re.findall(r'(?:src|href)="(?!/|#)', text) == []
    assert "<style" not in text
    assert re.findall(r"<script(?![^>]* src=)", text) == []


def test_page_escapes_what_the_version_file_says(environ: dict[str, str]) -> None:
    file = Path(environ["PORTHOLE_VERSION_FILE"])
    file.write_text('{"commit": "<script>", "built": "today"}')
    text = create_app(environ).test_client().get("/").text
    assert "&lt;script&gt;" in text


def test_facts_hold_all_fields(client: FlaskClient) -> None:
    answer = client.get("/api/facts")
    assert answer.status_code == 200
    assert tuple(answer.json) == FIELDS
    assert answer.json["user"]["uid"] == os.geteuid()
    assert answer.json["worker"]["pid"] == os.getpid()


def test_every_request_counts(client: FlaskClient) -> None:
    for expected in (1, 2, 3):
        worker = client.get("/api/facts?fields=worker").json["worker"]
        assert worker["requests_served"] == expected


def test_fields_choose(client: FlaskClient) -> None:
    assert list(client.get("/api/facts?fields=user").json) == ["user"]
    assert list(client.get("/api/facts?fields=version,user,version").json) == ["version", "user"]


@pytest.mark.parametrize(
    "query",
    [
        "fields=",
        "fields=nope",
        "fields=user,",
        "fields=user&fields=python",
        "field=user",
        "fields=User",
    ],
)
def test_a_wrong_query_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/api/facts?{query}")
    assert answer.status_code == 400
    assert answer.json["error"]["status"] == 400
    assert "fields" in answer.json["error"]["message"]
    assert "nope" not in answer.text


def test_health(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_version(client: FlaskClient) -> None:
    expected = {"commit": "c0ffee1", "built": "2026-11-21T08:00:00Z"}
    assert client.get("/version").json == expected


def test_version_without_a_file() -> None:
    client = create_app({"PORTHOLE_VERSION_FILE": "/nonexistent/version.json"}).test_client()
    assert client.get("/version").json == {"commit": "unknown", "built": "unknown"}


def test_the_front_end_is_served(client: FlaskClient) -> None:
    with client.get("/static/porthole.js") as answer:
        # which of the two names depends on the Python and on the machine's /etc/mime.types
        assert answer.mimetype in {"text/javascript", "application/javascript"}
        assert answer.text == "export {};\n"


@pytest.mark.parametrize("path", ["/nope", "/static/nope.js", "/static/../version.json"])
def test_not_found_is_json(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json["error"]["status"]) == (404, 404)


@pytest.mark.parametrize("path", ["/", "/api/facts", "/healthz", "/version"])
def test_other_methods_are_refused_as_json(client: FlaskClient, path: str) -> None:
    answer = client.post(path)
    assert (answer.status_code, answer.json["error"]["status"]) == (405, 405)
    assert "GET" in answer.headers["Allow"]


def test_a_fault_shows_nothing_of_itself(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> facts.User:
        raise RuntimeError("/secret/place")

    monkeypatch.setattr(facts, "user", fails)
    answer = app.test_client().get("/api/facts")
    assert (answer.status_code, answer.json["error"]["status"]) == (500, 500)
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "/secret/place" in caplog.text


@pytest.mark.parametrize("path", ["/", "/api/facts", "/nope", "/static/porthole.js"])
def test_headers_that_guard(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_figures_are_not_cached(client: FlaskClient) -> None:
    assert client.get("/api/facts").headers["Cache-Control"] == "no-store"
    with client.get("/static/porthole.js") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"
