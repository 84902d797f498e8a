"""What a base image's name says, and what is known of the image.

Names follow the grammar of the distribution project's reference package ("reference.Grammar",
pkg.go.dev/github.com/distribution/reference). Facts come from `knowledge/images.yaml` and dates
from `knowledge/releases.yaml`; an image or a tag that they do not cover is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field

from dflint.knowledge import load
from dflint.lazy import regex
from dflint.tags import (
    Grammar,
    Tag,
    end_of_release,
    end_of_runtime,
    pick_words,
    read_tag,
    runtime_version,
    system_in,
    undated_release,
)

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = regex(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_PATH = regex(rf"{_PART}(?:/{_PART})*")
_TAG = regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = regex(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_IDENTIFIER = regex(r"[a-f0-9]{64}")
_LONGEST = 255

# Docker's reference: the shell without a SHELL instruction, and the PATH without one in the image.
SHELL = ("/bin/sh", "-c")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Docker Hub's accounts for the official images of one architecture.
_ARCHITECTURES = (
    "amd64", "arm32v5", "arm32v6", "arm32v7", "arm64v8", "i386", "ppc64le", "riscv64", "s390x",
)  # fmt: skip
# Facts that are one value; a later one, None included, takes an earlier one's place.
_PLAIN = (
    "variant", "python", "python-path", "distribution", "libc", "user", "users-complete",
    "package-manager", "build-tools", "workdir",
)  # fmt: skip
_NAMED_PYTHON = regex(r"python-(\d)(\d+)")


class ImageName(Struct, frozen=True):
    """An image's name as written, and its parts with Docker's defaults put in.

    `registry` is `docker.io` and `repository` begins with `library/` where the name leaves them
    out; without a tag `tag` is None.
    """

    text: str
    registry: str
    repository: str
    tag: str | None
    digest: str | None


def parse_image(text: str) -> ImageName | None:
    """The parts of an image's name; None for what is no valid name, such as one with `$`."""
    rest, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        return None
    first, slash, path = rest.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        if not _DOMAIN.fullmatch(first):
            return None
        registry = "docker.io" if first == "index.docker.io" else first
    else:
        registry, path = "docker.io", rest
    path, colon, tag = path.partition(":")
    if (colon and not _TAG.fullmatch(tag)) or not _PATH.fullmatch(path):
        return None
    if registry == "docker.io" and "/" not in path:
        if _IDENTIFIER.fullmatch(path) and not colon and not at:
            return None
        path = f"library/{path}"
    if len(registry) + 1 + len(path) > _LONGEST:
        return None
    return ImageName(text, registry, path, tag or None, digest or None)


class Base(Struct, frozen=True):
    """What is known of an image; None, or an empty collection, where nothing is.

    `users_complete` says that `users` are all that exist. `absent` are programs that are certainly
    missing. `shell` is None where there certainly is none; in doubt it is Docker's default.
    `end_of_life` is that of the distribution or runtime, whichever comes first (`eol_name` says
    which); Python's own is in `python_end_of_life`.
    """

    family: str
    variant: str | None = None
    python: str | None = None
    python_path: str | None = None
    distribution: str | None = None
    release: str | None = None
    libc: str | None = None
    shell: tuple[str, ...] | None = SHELL
    user: str | None = None
    users: frozenset[str] = frozenset()
    users_complete: bool = False
    groups: frozenset[str] = frozenset()
    package_manager: str | None = None
    programs: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    has_build_tools: bool | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    workdir: str | None = None
    end_of_life: date | None = None
    eol_name: str | None = None
    python_end_of_life: date | None = None
    slim_tag: str | None = None


@cache
def scratch() -> Base:
    """The empty image; BuildKit gives it the usual PATH."""
    return Base(
        "scratch",
        shell=None,
        user="root",
        workdir="/",
        environment=MappingProxyType({"PATH": PATH}),
    )


@cache
def lookup(name: ImageName) -> Base | None:
    """What is known of an image; None when that is nothing."""
    entry = _entry(name)
    if entry is None:
        return None
    tag = _read(entry, name)
    version = runtime_version(entry["runtime"], tag) if tag and "runtime" in entry else None
    last = name.repository.rpartition("/")[2]
    image = _Image(
        entry.get("family", last),
        last,
        entry,
        tag,
        version or (tag.version if tag else None),
        *_system(entry, tag, version, name),
        pinned=name.digest is not None,
    )
    return _base(image, name)


def _entry(name: ImageName) -> Mapping[str, Any] | None:
    """The entry of `images.yaml` for an image: an official one or a mirror of it, or another."""
    images: Mapping[str, Mapping[str, Any]] = load("images")["images"]
    path, slash, last = name.repository.rpartition("/")
    official = path.rpartition("/")[2] == "library"
    official = official or (name.registry == "docker.io" and path in _ARCHITECTURES)
    if official or (name.registry == "mirror.gcr.io" and not slash):
        return images.get(last)
    whole = f"{name.registry}/{name.repository}"
    if whole in images:
        return images[whole]
    parts = whole.split("/")
    return next((entry for pattern, entry in _patterns() if _fits(parts, pattern)), None)


@cache
def _patterns() -> Sequence[tuple[Sequence[str], Mapping[str, Any]]]:
    """The entries whose name holds a `*`, with the name's parts."""
    images = load("images")["images"]
    return [(name.split("/"), entry) for name, entry in images.items() if "*" in name]


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a name fits one with `*`, which stands for at least one character, never a `/`."""
    if len(parts) != len(pattern):
        return False
    for part, wanted in zip(parts, pattern, strict=True):
        start, star, end = wanted.partition("*")
        if part != wanted and not (star and part.startswith(start) and part.endswith(end)):
            return False
        if star and len(part) <= len(start) + len(end):
            return False
    return True


class _Image(Struct, frozen=True):
    """An image while its facts are gathered; `tag` is None where it is not understood."""

    family: str
    last: str
    entry: Mapping[str, Any]
    tag: Tag | None
    version: str | None
    system: str | None
    release: str | None
    pinned: bool

    @property
    def variant(self) -> str | None:
        """The variant that the tag names."""
        if self.tag is None or self.entry.get("tag") == "any":
            return None
        if self.system == "windows":
            return next((word for word in self.tag.words if word.startswith(("win", "nano"))), None)
        if self.tag.slim:
            return "slim"
        if self.system is None:
            return None
        if self.system == "alpine" and self.family != "alpine":
            return "alpine"
        words = self.entry.get("words", {})
        if any("variant" in words.get(word, {}) for word in self.tag.words):
            return None
        return "full" if "full" in self.entry.get("variants", {}) else None


def _read(entry: Mapping[str, Any], name: ImageName) -> Tag | None:
    """What the tag says; without a tag that is what `latest` does, without both nothing."""
    if name.tag is None and name.digest is not None:
        return None
    text = name.tag or "latest"
    words = entry.get("words", {})
    if entry.get("tag") == "any":
        return pick_words(text, words)
    if text == "latest" and "runtime" in entry:
        return Tag(())
    releases = entry.get("tag") == "release"
    grammar = Grammar(words, releases, entry.get("system"), bool(entry.get("revised")))
    return read_tag(text, grammar)


def _system(
    entry: Mapping[str, Any], tag: Tag | None, version: str | None, name: ImageName
) -> tuple[str | None, str | None]:
    """The distribution and its release: as the tag, the image's name or the version says."""
    if tag is None:
        return None, None
    if tag.system is not None:
        return tag.system, tag.release
    for word in tag.words:
        facts = entry["words"].get(word, {})
        if "system" in facts:
            return facts["system"], facts.get("release")
    if entry.get("tag") == "any":
        return system_in(name.repository) or (entry.get("system"), None)
    if entry.get("undated") and version is not None and not tag.pre and "rc" not in tag.words:
        undated = undated_release(entry["runtime"], version)
        if undated is not None:
            return undated
    return entry.get("system"), None


def _overlays(image: _Image) -> Iterator[Mapping[str, Any]]:
    """The facts that hold for an image, general ones first."""
    entry, tag = image.entry, image.tag
    ground = _ground(image)
    yield ground
    yield ground.get("by-release", {}).get(image.release or "", {})
    yield entry.get("always", {})
    if tag is not None and image.system == "windows" and entry.get("tag") != "any":
        yield ground  # again, because the facts of an image are those of its Linux variants
    elif tag is not None:
        yield entry.get("facts", {})
        for since, facts in entry.get("since", {}).items():
            if image.version is not None and _numbers(image.version) >= _numbers(str(since)):
                yield facts
        yield entry.get("variants", {}).get(image.variant, {})
        if image.system is None:
            yield entry.get("without-system", {})
        elif tag.python is not None:
            yield entry.get("with-python", {})
        for word in tag.words:
            yield entry.get("words", {}).get(word, {})
    for facts in entry.get("named", ()):
        if any(part in image.last for part in facts["has"].split()):
            yield facts


def _ground(image: _Image) -> Mapping[str, Any]:
    """The facts of the distribution."""
    if image.system is None:
        return {}
    system: Mapping[str, Any] = load("images")["systems"][image.system]
    path = {} if image.system == "windows" else {"env": {"PATH": PATH}, "workdir": "/"}
    return {"distribution": image.system, **path, **system}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


class _Facts:
    """Facts while they are gathered, later ones over earlier ones."""

    def __init__(self, version: str | None) -> None:
        self.version = version
        self.plain: dict[str, Any] = {"shell": SHELL}
        self.users: set[str] = set()
        self.groups: set[str] = set()
        self.programs: set[str] = set()
        self.absent: set[str] = set()
        self.environment: dict[str, str] = {}

    def add(self, overlay: Mapping[str, Any]) -> None:
        """Take over what an overlay says."""
        for layer in _words(overlay, "like"):
            self.add(load("images")["layers"][layer])
        if overlay.get("clear"):
            for names in (self.users, self.groups, self.programs, self.absent):
                names.clear()
            self.plain["users-complete"] = None
        self.plain.update((name, overlay[name]) for name in _PLAIN if name in overlay)
        if "shell" in overlay:
            self.plain["shell"] = tuple(overlay["shell"]) if overlay["shell"] else None
        programs, absent = _words(overlay, "programs"), _words(overlay, "absent")
        self.users.update(_words(overlay, "users"))
        self.groups.update(_words(overlay, "groups"))
        self.programs = (self.programs - absent) | programs
        self.absent = (self.absent | absent) - programs - _words(overlay, "unsure")
        if "all" in _words(overlay, "unsure"):
            self.absent.clear()
        for name, value in overlay.get("env", {}).items():
            self._set(name, value)

    def _set(self, name: str, value: str | None) -> None:
        self.environment.pop(name, None)
        if value is None or ("{version}" in value and self.version is None):
            return
        path = self.environment.get("PATH", PATH)
        filled = value.replace("{path}", path).replace("{version}", self.version or "")
        self.environment[name] = filled


def _words(overlay: Mapping[str, Any], name: str) -> set[str]:
    text: str = overlay.get(name, "")
    return set(text.split())


def _gather(image: _Image) -> _Facts:
    exact = image.version is not None and image.version.count(".") == 2
    exact = exact and image.tag is not None and not image.tag.pre
    facts = _Facts(image.version if exact else None)
    for overlay in _overlays(image):
        facts.add(overlay)
    if _is_old(image):
        facts.absent.clear()
        facts.plain["users-complete"] = None
    return facts


def _is_old(image: _Image) -> bool:
    """Whether the image is from before the time that the knowledge about what is absent covers."""
    if image.system is not None:
        system = load("images")["systems"][image.system]
        if image.release in _words(system, "old"):
            return True
    sure = image.entry.get("sure-from")
    if sure is None or image.version is None:
        return False
    return _numbers(image.version) < _numbers(str(sure))


def _python_version(image: _Image) -> str | None:
    """The version of Python, two numbers, as the tag or the image's name says."""
    kind = image.entry.get("python")
    version = None
    if kind == "tag":
        version = image.version
    elif kind == "word" and image.tag is not None:
        version = image.tag.python
    elif kind == "name" and (found := _NAMED_PYTHON.search(image.last)):
        version = f"{found[1]}.{found[2]}"
    if version is None or "." not in version:
        return None
    return ".".join(version.split(".")[:2])


def _slim_tag(image: _Image, tag: str | None) -> str | None:
    """The tag of the slim image that may stand in for a full one."""
    where = image.entry.get("slim")
    if where is None or image.variant != "full" or image.tag is None or image.pinned:
        return None
    if tag is None or tag == "latest":
        return "slim"
    parts = list(image.tag.parts)
    place = image.tag.place if where == "before" else None
    parts.insert(len(parts) if place is None else place, "slim")
    return "-".join(parts)


def _base(image: _Image, name: ImageName) -> Base:
    facts = _gather(image)
    plain = facts.plain
    python = plain.get("python") or _python_version(image)
    ends = []
    if image.system is not None and image.release is not None:
        ends.append(end_of_release(image.system, image.release))
    runtime = image.entry.get("runtime")
    if runtime not in (None, "python") and image.version is not None:
        ends.append(end_of_runtime(runtime, image.version))
    end, end_name = min((each for each in ends if each is not None), default=(None, None))
    python_end = end_of_runtime("python", python) if python else None
    return Base(
        family=image.family,
        variant=plain.get("variant") or image.variant,
        python=python,
        python_path=plain.get("python-path"),
        distribution=plain.get("distribution"),
        release=image.release,
        libc=plain.get("libc"),
        shell=plain["shell"],
        user=plain.get("user"),
        users=frozenset(facts.users),
        users_complete=bool(plain.get("users-complete")),
        groups=frozenset(facts.groups),
        package_manager=plain.get("package-manager"),
        programs=frozenset(facts.programs),
        absent=frozenset(facts.absent),
        has_build_tools=plain.get("build-tools"),
        environment=MappingProxyType(facts.environment),
        workdir=plain.get("workdir"),
        end_of_life=end,
        eol_name=end_name,
        python_end_of_life=python_end and python_end[0],
        slim_tag=_slim_tag(image, name.tag),
    )
