"""gunicorn's configuration, the entry point, the health check and the logs."""

from __future__ import annotations

import json
import logging
import logging.config
import os
import runpy
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from porthole import health, logs

VARIABLES = ("PORT", "WEB_CONCURRENCY", "HTTP_SERVE_TIMEOUT_SECONDS")


def configuration(
    home: Path, monkeypatch: pytest.MonkeyPatch, **variables: str
) -> dict[str, object]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(home / "gunicorn.conf.py"))


def test_defaults(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = configuration(home, monkeypatch)
    expected = {
        "bind": "0.0.0.0:8000",
        "workers": 2,
        "worker_class": "gthread",
        "threads": 4,
        "keepalive": 90,
        "timeout": 30,
        "worker_tmp_dir": "/dev/shm",
    }
    assert {name: found[name] for name in expected} == expected


def test_the_environment_decides(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"PORT": "9000", "WEB_CONCURRENCY": "5", "HTTP_SERVE_TIMEOUT_SECONDS": "120"}
    found = configuration(home, monkeypatch, **variables)
    assert (found["bind"], found["workers"], found["timeout"]) == ("0.0.0.0:9000", 5, 120)


def test_an_empty_variable_is_an_unset_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert configuration(home, monkeypatch, PORT="")["bind"] == "0.0.0.0:8000"


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("value", ["abc", "0", "-1", "1.5", "1_000", "９", "99999999999999999999"])
def test_a_wrong_number_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(SystemExit, match=rf"porthole: {name} must be a whole number from 1 to"):
        configuration(home, monkeypatch, **{name: value})


def test_gunicorn_takes_the_configuration(home: Path) -> None:
    command = [sys.executable, "-m", "gunicorn", "--check-config", "--config", "gunicorn.conf.py"]
    environ = {**os.environ, "PYTHONPATH": str(home / "src")}
    done = subprocess.run(
        [*command, "porthole.wsgi:app"], cwd=home, env=environ, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def entrypoint(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "PORT": "nonsense"}
    command = [str(home / "entrypoint.sh"), *words]
    return subprocess.run(command, env=environ, cwd="/", capture_output=True, text=True)


def test_an_unknown_word_fails_clearly(home: Path) -> None:
    done = entrypoint(home, "wbe")
    assert (done.returncode, done.stdout) == (64, "")
    assert "unknown word 'wbe'" in done.stderr
    assert all(word in done.stderr for word in ("web", "dev", "test"))


@pytest.mark.parametrize("words", [(), ("web",)])
def test_web_is_the_default_word(home: Path, words: tuple[str, ...]) -> None:
    done = entrypoint(home, *words)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "porthole: PORT must be a whole number from 1 to 65535, not 'nonsense'"
    ]


def test_dev_and_test_start_their_programs(home: Path) -> None:
    assert "development server" in entrypoint(home, "dev", "--help").stdout
    assert entrypoint(home, "test", "--version").stdout.startswith("pytest")


@pytest.fixture
def served_port(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_health_client(
    served_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", str(served_port))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # not for the container itself
    assert health.main() == 0
    assert capsys.readouterr().err == ""


def test_health_client_without_a_service(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "1")
    assert health.main() == 1
    assert capsys.readouterr().err.startswith("unhealthy: port 1: ")


def test_health_client_with_a_wrong_port(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "abc")
    assert health.main() == 1
    assert "PORT must be" in capsys.readouterr().err


def test_health_client_where_the_service_fails(
    app: Flask, served_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.view_functions["healthz"] = lambda: ("broken", 503)
    monkeypatch.setenv("PORT", str(served_port))
    assert health.main() == 1


def record(message: str, args: object = (), **more: object) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": message, "args": args, "levelname": "INFO", **more})


def test_a_message_is_one_line_of_json() -> None:
    line = logs.JsonFormatter().format(record("two\nlines %s", ("ü",), name="porthole"))
    assert "\n" not in line
    entry = json.loads(line)
    assert (entry["message"], entry["level"], entry["logger"]) == (
        "two\nlines ü",
        "info",
        "porthole",
    )
    assert entry["time"].endswith("+00:00")


def test_a_trace_is_in_the_same_line() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        line = logs.JsonFormatter().format(record("fault", exc_info=sys.exc_info()))
    assert "\n" not in line
    assert json.loads(line)["trace"].endswith("ValueError: broken")


def test_an_access_record_names_its_parts() -> None:
    atoms = {"h": "::1", "m": "GET", "U": "/", "s": "200", "B": 12, "D": 2500, "a": 'x"\n'}
    line = logs.AccessFormatter().format(record("%(h)s", atoms))
    assert "\n" not in line
    entry = json.loads(line)
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/", 200)
    assert (entry["milliseconds"], entry["agent"]) == (2.5, 'x"\n')


def test_logs_go_to_stdout(home: Path) -> None:
    program = (
        "import logging, logging.config\n"
        "from porthole import logs\n"
        "logging.config.dictConfig(logs.CONFIG)\n"
        "logging.getLogger('porthole').info('hello')\n"
        "logging.getLogger('gunicorn.error').warning('there')\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(home / "src")}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True
    )
    assert [json.loads(line)["message"] for line in done.stdout.splitlines()] == ["hello", "there"]
    assert done.stderr == ""
