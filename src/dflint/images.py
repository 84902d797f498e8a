"""What a base image's name says, and what is known of the image.

Names follow the grammar of the distribution project's reference package ("reference.Grammar",
pkg.go.dev/github.com/distribution/reference). Facts come from `knowledge/images.yaml` and dates
from `knowledge/releases.yaml`; an image or a tag that they do not cover is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import MappingProxyType

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_PATH = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class ImageName:
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


@dataclass(frozen=True, slots=True)
class Base:
    """What is known of an image; None, or an empty collection, where nothing is.

    `users_complete` says that `users` are all that exist. `absent` are programs that are certainly
    missing. `shell` is empty for an image without one. `end_of_life` is that of the distribution
    or runtime, whichever comes first; Python's own is in `python_end_of_life`.
    """

    family: str
    variant: str | None = None
    python: str | None = None
    python_path: str | None = None
    distribution: str | None = None
    release: str | None = None
    libc: str | None = None
    shell: tuple[str, ...] | None = None
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
def lookup(name: ImageName) -> Base | None:
    """What is known of an image; None when that is nothing."""
    return None if name.repository else scratch()


@cache
def scratch() -> Base:
    """The empty image."""
    return Base("scratch", shell=(), user="root", users_complete=True, workdir="/")
