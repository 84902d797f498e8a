from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from porthole import promises
from porthole.promises import Surroundings


@pytest.fixture
def around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    """Surroundings in which every promise is kept, whoever runs the tests."""
    code = tmp_path / "src" / "porthole"
    code.mkdir(parents=True)
    (code / "app.py").touch()
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    # root may write everywhere, so that permissions alone would prove nothing here
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and Path(path).exists())
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    return Surroundings(
        uid=10001,
        path=str(venv / "bin"),
        prefix=venv,
        base_prefix=Path("/usr/local"),
        virtual_env=str(venv),
        code=code,
        caches=(tmp_path / "cache",),
        version_known=True,
        server="gunicorn/1.0",
        debug=False,
    )


def broken(around: Surroundings) -> list[str]:
    return [promise.name for promise in promises.check(around) if not promise.ok]


def why(around: Surroundings, name: str) -> str:
    return next(promise.why for promise in promises.check(around) if promise.name == name)


def test_all_can_be_kept(around: Surroundings) -> None:
    assert broken(around) == []


def test_names_are_unique_and_every_promise_says_why(around: Surroundings) -> None:
    checked = promises.check(around)
    assert len({promise.name for promise in checked}) == len(checked)
    assert all(promise.title and promise.why for promise in checked)


def test_root(around: Surroundings) -> None:
    assert broken(replace(around, uid=0)) == ["not-root"]


@pytest.mark.parametrize("virtual_env", [None, "/elsewhere"])
def test_another_venv(around: Surroundings, virtual_env: str | None) -> None:
    assert broken(replace(around, virtual_env=virtual_env)) == ["venv-in-use"]


def test_no_venv(around: Surroundings) -> None:
    assert broken(replace(around, base_prefix=around.prefix)) == ["venv-in-use"]


@pytest.mark.parametrize("place", ["venv", "src", "src/porthole", "src/porthole/app.py"])
def test_writable_code(
    around: Surroundings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    writable = tmp_path / place
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK or Path(path) == writable)
    assert broken(around) == ["code-read-only"]
    assert str(writable) in why(around, "code-read-only")


@pytest.mark.parametrize(
    ("program", "promise"),
    [
        ("gcc", "no-compiler"),
        ("make", "no-compiler"),
        ("pip", "no-installer"),
        ("npm", "no-installer"),
        ("uv", "no-installer"),
    ],
)
@pytest.mark.parametrize("on_path", [True, False])
def test_programs_that_should_not_be_there(
    around: Surroundings, program: str, promise: str, on_path: bool
) -> None:
    file = around.prefix / "bin" / program
    file.touch()
    if not on_path:
        around = replace(around, path="/nonexistent")
    assert broken(around) == [promise]
    assert str(file) in why(around, promise)


@pytest.mark.parametrize(
    ("module", "promise"), [("pip", "no-installer"), ("pytest", "no-test-tools")]
)
def test_modules_that_should_not_be_there(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch, module: str, promise: str
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == module or None)
    assert broken(around) == [promise]


def test_caches(around: Surroundings, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    assert broken(around) == []
    (tmp_path / "cache" / "wheels").mkdir()
    assert broken(around) == ["no-caches"]


@pytest.mark.parametrize("change", [{"server": "Werkzeug/3.1"}, {"debug": True}])
def test_servers(around: Surroundings, change: dict[str, object]) -> None:
    assert broken(replace(around, **change)) == ["real-server"]


def test_version(around: Surroundings) -> None:
    assert broken(replace(around, version_known=False)) == ["version-known"]


def test_look_reads_the_environment() -> None:
    environ = {"PATH": "/a:/b", "VIRTUAL_ENV": "/v", "HOME": "/h", "UV_CACHE_DIR": "/c"}
    around = promises.look(environ, version_known=True, server="gunicorn", debug=False)
    assert (around.uid, around.path, around.virtual_env) == (os.geteuid(), "/a:/b", "/v")
    assert {Path("/c"), Path("/h/.cache/pip")} < set(around.caches)
    assert (around.code / "promises.py").is_file()
