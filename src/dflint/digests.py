"""The lock file of base images: which digest a user takes each image and tag to be.

Either lines of `image:tag@sha256:…` with comments (`#`), or a JSON or YAML mapping of `image:tag`
to `sha256:…`, told apart by the file's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from dflint.config import ConfigError
from dflint.disk import read_text
from dflint.images import parse_image
from dflint.lazy import regex

DIGEST = regex(r"sha256:[0-9a-f]{64}")

Digests = Mapping[tuple[str, str, str], str]


def load_digests(path: Path) -> Digests:
    """Digests by registry, repository and tag. Raises ConfigError with the file and the line."""
    try:
        text = read_text(path)
    except OSError as error:
        raise ConfigError(str(path), None, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), None, "not UTF-8") from None
    pairs = _pairs(text) if path.suffix in (".json", ".yaml", ".yml") else _lines(text)
    found: dict[tuple[str, str, str], str] = {}
    try:
        for line, image, digest in pairs:
            key = _key(image, line)
            if not DIGEST.fullmatch(digest):
                raise _WrongError(line, f"`{digest}` is no digest: `sha256:` and 64 hex digits")
            if found.setdefault(key, digest) != digest:
                raise _WrongError(line, f"`{image}` has two digests")
    except _WrongError as wrong:
        raise ConfigError(str(path), wrong.line, wrong.message) from None
    return found


class _WrongError(Exception):
    """Something wrong in a line of the lock file; becomes a ConfigError."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def _key(image: str, line: int) -> tuple[str, str, str]:
    name = parse_image(image)
    if name is None or name.digest is not None or re.search(r"[\s$]", image):
        raise _WrongError(line, f"`{image}` is no image with a tag")
    if name.tag is None:
        raise _WrongError(line, f"`{image}` has no tag")
    return name.registry, name.repository, name.tag


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        image, sign, digest = entry.partition("@")
        if not sign:
            raise _WrongError(number, f"`{entry}` is not `image:tag@sha256:…`")
        yield number, image, digest


def _pairs(text: str) -> Iterator[tuple[int, str, str]]:
    """The pairs of a mapping in YAML, of which JSON is a part."""
    import yaml

    try:
        # JSON may be indented with tabs, which YAML does not take.
        node = yaml.compose(text.replace("\t", " "), Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "characters that YAML does not allow"
        raise _WrongError(mark.line + 1 if mark else 1, f"not YAML: {reason}") from None
    if node is None:
        return
    if not isinstance(node, yaml.MappingNode):
        raise _WrongError(1, "not a mapping of images to digests")
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            raise _WrongError(line, "not an image and its digest")
        yield line, key.value, value.value
