"""Build the sample app's image, start it, and hold it to what its README promises.

    tests/image/run

Prints each check, the image's size and the build's seconds; exits with 1 when a check fails, and
with 0 and the reason where images cannot be built.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.image.engine import CommandError, Engine, Unavailable, engine, make_base

ROOT = Path(__file__).parent.parent.parent
APP = ROOT / "sample_app"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
BUILD_TIME = "2026-01-02T03:04:05Z"
ARGUMENTS = {"COMMIT": COMMIT, "BUILD_TIME": BUILD_TIME}
USER = 10001

# What a production image has no use for, by the names that programs and packages go by.
BUILD_TOOLS = (
    "gcc",
    "cc",
    "g++",
    "c++",
    "make",
    "ld",
    "as",
    "git",
    "uv",
    "uvx",
    "node",
    "npm",
    "npx",
    "pip",
    "pip3",
    "pytest",
    "py.test",
)
TEST_PACKAGES = ("pytest", "_pytest", "iniconfig", "pluggy", "uv")
CACHES = ("root/.cache", "root/.npm", "var/cache/uv", "app/.cache", "tmp", "var/lib/apt/lists")


@dataclass(slots=True)
class Checks:
    """What was checked, and what failed."""

    failed: list[str] = field(default_factory=list)

    def __call__(self, what: str, holds: bool, told: object = "") -> None:
        """Print one check; remember it when it does not hold."""
        print(f"  {'ok  ' if holds else 'FAIL'}  {what}{'' if holds else f': {told}'}", flush=True)
        if not holds:
            self.failed.append(what)


def bases(dockerfile: Path) -> list[str]:
    """The images that the Dockerfile stands on, in order; arguments at their defaults."""
    from dflint.model import make_build
    from dflint.reader import read
    from dflint.source import decode

    built = make_build(read(decode(str(dockerfile), dockerfile.read_bytes())))
    names = [each.image.value for each in built.stages if each.parent is None]
    return list(dict.fromkeys(names))


def main() -> int:
    """Run all checks."""
    kept = os.environ.get("IMAGES_FOLDER")
    try:
        with engine(Path(kept) if kept else None) as images:
            return _checked(images)
    except Unavailable as reason:
        print(f"the sample app's image was not built: {reason}")
        return 0


def _checked(images: Engine) -> int:
    started = time.monotonic()
    for name in bases(APP / "Dockerfile"):
        make_base(images, name)
    print(f"stand-in bases: {time.monotonic() - started:.1f} s")
    check = Checks()
    try:
        _all_checks(images, check)
    except CommandError as error:
        check("every command works", False, error)
    print(f"{len(check.failed)} failed" if check.failed else "all checks hold")
    return 1 if check.failed else 0


def _all_checks(images: Engine, check: Checks) -> None:
    built = images.build(APP, "porthole:production", arguments=ARGUMENTS)
    print(f"built in {built.seconds:.1f} s")
    _configuration(images.config("porthole:production"), check)
    with images.mounted("porthole:production") as root:
        files = dict(tree(root))
        size = sum(each.size for each in files.values())
        print(f"size: {size / 1e6:.0f} MB in {len(files)} files")
        _contents(root, files, check)
    _life(images, check)
    _words(images, check)
    _tests(images, check)
    _twice(images, files, check)


def _configuration(config: dict[str, Any], check: Checks) -> None:
    check("the user is a number, and not root", config["User"] == f"{USER}:{USER}", config["User"])
    check("port 8000 is told", "8000/tcp" in config["ExposedPorts"], config["ExposedPorts"])
    check("SIGTERM stops it", config.get("StopSignal") == "SIGTERM", config.get("StopSignal"))
    check(
        "it has a health check without curl",
        config["Healthcheck"]["Test"][:2] == ["CMD", "python"],
        config,
    )
    labels = config["Labels"]
    check(
        "labels name commit and time",
        labels["org.opencontainers.image.revision"] == COMMIT
        and labels["org.opencontainers.image.created"] == BUILD_TIME,
        labels,
    )
    check("the default is web", config["Cmd"] == ["web"], config["Cmd"])


@dataclass(frozen=True, slots=True)
class Kept:
    """What is compared of a file of an image."""

    mode: int
    user: int
    group: int
    size: int
    content: str


def tree(root: Path) -> Iterator[tuple[str, Kept]]:
    """Every file, folder and link of a file system, with what does not depend on the clock."""
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder) / name
            told = path.lstat()
            content = ""
            if stat.S_ISLNK(told.st_mode):
                content = str(path.readlink())
            elif stat.S_ISREG(told.st_mode):
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            size = told.st_size if stat.S_ISREG(told.st_mode) else 0
            yield (
                str(path.relative_to(root)),
                Kept(told.st_mode, told.st_uid, told.st_gid, size, content),
            )


def _contents(root: Path, files: dict[str, Kept], check: Checks) -> None:
    folders = ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "opt/venv/bin")
    tools = [
        f"{folder}/{tool}"
        for folder in folders
        for tool in BUILD_TOOLS
        if f"{folder}/{tool}" in files
    ]
    check("no compiler, no uv, no node, no test tool", tools == [], tools)
    tests = [
        path
        for path in files
        if path.startswith(("opt/venv/lib", "usr/local/lib"))
        and path.rpartition("/")[2] in TEST_PACKAGES
    ]
    check("no package of the tests", tests == [], tests)
    left = [
        f"{cache}/{each.name}"
        for cache in CACHES
        if (root / cache).is_dir()
        for each in (root / cache).iterdir()
    ]
    check("no cache of pip, npm, uv or apt", left == [], left)
    ours = {path: kept for path, kept in files.items() if path.startswith(("app/", "opt/venv/"))}
    foreign = [path for path, kept in ours.items() if (kept.user, kept.group) != (0, 0)]
    check("what is run belongs to root", foreign == [], foreign[:5])
    writable = [
        path for path, kept in ours.items() if kept.mode & 0o022 and not stat.S_ISLNK(kept.mode)
    ]
    check("and can be written by nobody else", writable == [], writable[:5])
    check(
        "the entry point can be run",
        files["app/entrypoint.sh"].mode & 0o777 == 0o555,
        oct(files["app/entrypoint.sh"].mode),
    )
    version = json.loads((root / "app/version.json").read_text())
    check(
        "the version file names the commit",
        version == {"commit": COMMIT, "built": BUILD_TIME},
        version,
    )
    check(
        "the page's files are there",
        {"app/static/porthole.js", "app/static/porthole.css"} <= files.keys(),
        [path for path in files if path.startswith("app/static")],
    )
    compiled = [path for path in ours if path.endswith(".pyc")]
    sources = [path for path in ours if path.startswith("app/src") and path.endswith(".py")]
    check(
        "the source is compiled",
        len([path for path in compiled if path.startswith("app/src")]) == len(sources),
        compiled[:3],
    )
    stray = [
        path for path in files if path in ("mnt/uv", "etc/ssl/stand-in.crt") and files[path].size
    ]
    check("nothing of the builder is left", stray == [], stray)
    users = (root / "etc/passwd").read_text()
    check("the user has a name", f"porthole:x:{USER}:{USER}:" in users, users)


def ask(container: Any, path: str) -> Any:
    """What the service answers to a request from within its container."""
    code = f"import urllib.request as r; print(r.urlopen('http://127.0.0.1:8000{path}', timeout=5).read().decode())"
    return json.loads(container.run("python", "-c", code).out)


def _life(images: Engine, check: Checks) -> None:
    with images.started("porthole:production") as container:
        check(
            "it becomes healthy on a read-only file system", container.healthy(), container.logs()
        )
        facts = ask(container, "/api/facts")
        told = json.dumps(facts)
        check("the page says that it is not root", f'"uid": {USER}' in told, told)
        check("and which commit it is", ask(container, "/version").get("commit") == COMMIT, told)
        broken = [
            each for each in facts.get("promises", []) if not each.get("ok", each.get("holds"))
        ]
        check("its own promises hold", bool(facts.get("promises")) and broken == [], broken)
        gunicorn = container.run("/opt/venv/bin/gunicorn", "--version", check=False)
        check("gunicorn runs", gunicorn.code == 0, gunicorn.err)
        check("nobody inside is root", container.run("id", "-u").out.strip() == str(USER))
        lines = [line for line in container.logs().splitlines() if line.strip()]
        check("every line of the log is JSON", bool(lines) and all(map(_is_json, lines)), lines[:5])
        code, seconds = container.stop()
        check("SIGTERM ends it with 0", code == 0, f"{code}: {container.logs()[-400:]}")
        check(f"within two seconds ({seconds:.1f})", seconds < 2, seconds)


def _is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _words(images: Engine, check: Checks) -> None:
    def once(*words: str, options: Sequence[str] = ()) -> tuple[int, str]:
        with images.started("porthole:production", *words, options=options) as container:
            done = images.run(
                "podman", "--cgroup-manager", "cgroupfs", "wait", container.id, timeout=30
            )
            return int(done.out.strip()), container.logs()

    code, logs = once("nonsense")
    check(
        "an unknown word fails clearly",
        code == 64 and "nonsense" in logs and "web" in logs,
        (code, logs),
    )
    code, logs = once("web", options=("--env", "PORT=none"))
    check(
        "a wrong port fails clearly",
        code != 0 and "PORT" in logs and "Traceback" not in logs,
        (code, logs),
    )


def _tests(images: Engine, check: Checks) -> None:
    images.build(APP, "porthole:test", target="test", arguments=ARGUMENTS)
    with images.started("porthole:test") as container:
        done = images.run(
            "podman", "--cgroup-manager", "cgroupfs", "wait", container.id, timeout=300
        )
        check("the test stage passes its tests", done.out.strip() == "0", container.logs()[-1500:])
        print(f"        {container.logs().strip().splitlines()[-1]}")


def _twice(images: Engine, files: dict[str, Kept], check: Checks) -> None:
    images.build(APP, "porthole:again", arguments=ARGUMENTS, layers=False)
    with images.mounted("porthole:again") as root:
        again = dict(tree(root))
    changed = sorted(
        path for path in files.keys() | again.keys() if files.get(path) != again.get(path)
    )
    check("a second build makes the same files", changed == [], changed[:10])


if __name__ == "__main__":
    sys.exit(main())
