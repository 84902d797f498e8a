"""What the image promises about itself, each checked from inside the running container."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

COMPILERS = ("cc", "gcc", "g++", "c++", "clang", "make", "ld", "rustc", "go")
INSTALLERS = ("pip", "pip3", "uv", "uvx", "poetry", "npm", "npx", "yarn", "node")
TEST_TOOLS = ("pytest", "coverage", "hypothesis")


@dataclass(frozen=True, slots=True)
class Promise:
    name: str
    title: str
    ok: bool
    why: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that the promises depend on, so that a test can state it."""

    uid: int
    path: str
    prefix: Path
    base_prefix: Path
    virtual_env: str | None
    code: Path
    caches: tuple[Path, ...]
    version_known: bool
    server: str
    debug: bool


def look(environ: Mapping[str, str], version_known: bool, server: str, debug: bool) -> Surroundings:
    """The surroundings of this process."""
    home = Path(environ.get("HOME", "/nonexistent"))
    named = (environ.get(name) for name in ("UV_CACHE_DIR", "PIP_CACHE_DIR"))
    return Surroundings(
        uid=os.geteuid(),
        path=environ.get("PATH", os.defpath),
        prefix=Path(sys.prefix),
        base_prefix=Path(sys.base_prefix),
        virtual_env=environ.get("VIRTUAL_ENV"),
        code=Path(__file__).parent,
        caches=(
            *(Path(name) for name in named if name),
            *(home / name for name in (".cache/pip", ".cache/uv", ".npm")),
            Path("/var/lib/apt/lists"),
        ),
        version_known=version_known,
        server=server,
        debug=debug,
    )


def check(around: Surroundings) -> tuple[Promise, ...]:
    """Every promise, kept or not, always in the same order."""
    return (
        _not_root(around),
        _venv_in_use(around),
        _code_read_only(around),
        _no_compiler(around),
        _no_installer(around),
        _no_test_tools(),
        _no_caches(around),
        _real_server(around),
        _version_known(around),
    )


def _not_root(around: Surroundings) -> Promise:
    return Promise("not-root", "Not root", around.uid != 0, f"runs as uid {around.uid}")


def _venv_in_use(around: Surroundings) -> Promise:
    title = "Runs from its virtual environment"
    if around.prefix == around.base_prefix:
        return Promise("venv-in-use", title, False, f"{around.prefix} is no virtual environment")
    if around.virtual_env is None or Path(around.virtual_env) != around.prefix:
        why = f"VIRTUAL_ENV is {around.virtual_env or 'unset'}, the interpreter's {around.prefix}"
        return Promise("venv-in-use", title, False, why)
    return Promise("venv-in-use", title, True, f"VIRTUAL_ENV is {around.prefix}")


def _code_read_only(around: Surroundings) -> Promise:
    title = "Cannot change its own code"
    places = (around.prefix, around.code.parent, around.code, *sorted(around.code.rglob("*")))
    writable = [str(place) for place in places if os.access(place, os.W_OK)]
    why = f"{writable[0]} is writable" if writable else f"{around.code} is not writable"
    return Promise("code-read-only", title, not writable, why)


def _no_compiler(around: Surroundings) -> Promise:
    return _absent("no-compiler", "No compiler", _on_path(COMPILERS, around))


def _no_installer(around: Surroundings) -> Promise:
    found = _on_path(INSTALLERS, around)
    if importlib.util.find_spec("pip"):
        found = [*found, "the module pip"]
    return _absent("no-installer", "No package installer", found)


def _no_test_tools() -> Promise:
    found = [f"the module {name}" for name in TEST_TOOLS if importlib.util.find_spec(name)]
    return _absent("no-test-tools", "No test tools", found)


def _no_caches(around: Surroundings) -> Promise:
    found = [str(cache) for cache in around.caches if _holds_something(cache)]
    return _absent("no-caches", "No package caches left", found)


def _real_server(around: Surroundings) -> Promise:
    ok = around.server.startswith("gunicorn") and not around.debug
    why = f"served by {around.server}" + (", debugging" if around.debug else "")
    return Promise("real-server", "A server made for production", ok, why)


def _version_known(around: Surroundings) -> Promise:
    why = "the version file says both" if around.version_known else "the version file lacks them"
    return Promise("version-known", "Knows its commit and build time", around.version_known, why)


def _absent(name: str, title: str, found: list[str]) -> Promise:
    return Promise(name, title, not found, f"found {', '.join(found)}" if found else "none found")


def _on_path(names: Iterable[str], around: Surroundings) -> list[str]:
    # The environment's own folder counts also where PATH leaves it out.
    path = os.pathsep.join((around.path, str(around.prefix / "bin")))
    hits = (shutil.which(name, path=path) for name in names)
    return [hit for hit in hits if hit]


def _holds_something(folder: Path) -> bool:
    try:
        return any(entry.name not in {"lock", "partial", "auxfiles"} for entry in folder.iterdir())
    except OSError:  # not there, or not to be seen by this user
        return False
