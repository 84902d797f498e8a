"""What requirement files of the build context say: versions left open, and package indexes.

The format: https://pip.pypa.io/en/stable/reference/requirements-file-format/.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from dflint.lazy import regex
from dflint.model import resolve
from dflint.subjects.base import UNKNOWN
from dflint.subjects.command import CommandPlace, option_names, variable
from dflint.subjects.context_origin import seen_at, text_of
from dflint.subjects.indexes import main_is_private, plain_host, private_host
from dflint.subjects.venv import folder_in_force
from dflint.tree import Entry

NESTED = regex(r"(?:-r\s*|--requirement[=\s]\s*)(\S+)$")
# Lines of a constraints file, or of local wheels, which decide about versions.
CONSTRAINED = regex(r"(?:-c\s*|--constraint[=\s]|--no-index\b|-f\s|--find-links[=\s])")
REQUIREMENT = regex(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*([^;]*)")
ARCHIVED = regex(r"://|\.(?:whl|gz|zip|tgz)\b")
# A clause that says more than "not older than", or "not this one".
HELD = regex(r"===|==|~=|<|@")
INDEX = regex(r"(-i|-f|--index-url|--extra-index-url|--find-links)[=\s]\s*(\S+)")
TRUSTED = regex(r"--trusted-host[=\s]\s*(\S+)")
DEEPEST = 8
MOST_FILES = 50  # each of ten files may include the next a thousand times
FEW = 3


class Line(Struct, frozen=True):
    """A logical line of a requirement file without comment and hashes; `hashed`: it had some."""

    text: str
    hashed: bool


def read(at: CommandPlace, names: Sequence[str]) -> tuple[Line, ...] | None:
    """The lines of the files that a command names, nested files included; None if not all are known."""
    found: list[Line] = []
    done: set[str] = set()
    for name in names:
        path = resolve(folder_in_force(at), name)
        if path is None or not _take(at, path, found, done):
            return None
    return tuple(found)


def _take(
    at: CommandPlace, path: str, found: list[Line], done: set[str], way: tuple[str, ...] = ()
) -> bool:
    """Take over the lines of a file that is included by way of others; those `done` are there."""
    if path in way or len(way) > DEEPEST or len(done) >= MOST_FILES:
        return False
    if path in done:
        return True
    done.add(path)
    entry = seen_at(at.facts, at, path)
    text = text_of(at.facts, entry) if isinstance(entry, Entry) else None
    if text is None:
        return False
    for line in lines(text.removeprefix("\ufeff")):
        nested = NESTED.match(line.text)
        if nested is None:
            found.append(line)
            continue
        inner = posixpath.normpath(posixpath.join(posixpath.dirname(path), nested[1]))
        if not _take(at, inner, found, done, (*way, path)):
            return False
    return True


def lines(text: str) -> Iterator[Line]:
    """The lines of a requirement file that say something, continuation lines joined."""
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        bare = re.sub(r"(?:^|\s)#.*", "", line)
        plain = re.sub(r"\s--hash=\S+", "", bare).strip()
        if plain:
            yield Line(plain, plain != bare.strip())


def loose(at: CommandPlace, names: Sequence[str]) -> object:
    """The packages whose newest release is taken; none where constraints or hashes may hold them."""
    if not names or _held_elsewhere(at):
        return ()
    found = read(at, names)
    if found is None:
        return UNKNOWN
    if any(CONSTRAINED.match(each.text) or each.hashed for each in found):
        return ()
    packages = (_left_open(each.text) for each in found)
    return tuple(dict.fromkeys(each for each in packages if each is not None))


def _held_elsewhere(at: CommandPlace) -> bool:
    options = {"--constraint", "--require-hashes", "--no-index", "--override", "--exclude-newer"}
    options |= {"--find-links", "--resolution"}
    settings = (
        "PIP_CONSTRAINT",
        "UV_CONSTRAINT",
        "UV_OVERRIDE",
        "UV_EXCLUDE_NEWER",
        "PIP_NO_INDEX",
    )
    return bool(options & set(option_names(at.command))) or any(
        variable(at, name) is not None for name in settings
    )


def _left_open(text: str) -> str | None:
    """The package of a line that sets no upper bound; None for any other line."""
    if text.startswith(("-", ".", "/")) or "://" in text or "${" in text:
        return None
    match = REQUIREMENT.match(text)
    if match is None or HELD.search(match[2]) or ARCHIVED.search(text):
        return None
    return match[1] if re.fullmatch(r"[\s(]*|[\s(]*[>!].*", match[2]) else None


def unhashed(at: CommandPlace, names: Sequence[str]) -> object:
    """The packages without a hash, where pip wants one for each: one line has it, or an option.

    Source: https://pip.pypa.io/en/stable/topics/secure-installs/#hash-checking-mode.
    """
    found = read(at, names) if names else ()
    if found is None:
        return UNKNOWN
    wanted = "--require-hashes" in option_names(at.command) or any(
        each.hashed or each.text.startswith("--require-hashes") for each in found
    )
    if not wanted or variable(at, "PIP_REQUIRE_HASHES") is not None:
        return ()
    # A marker may leave a line out, and what is named by its place may be meant another way.
    told = (each.text for each in found if not each.hashed and ";" not in each.text)
    bare = (REQUIREMENT.fullmatch(text) for text in told if not ARCHIVED.search(text))
    return tuple(dict.fromkeys(match[1] for match in bare if match is not None))


def few(names: object) -> object:
    """A list as people say it: `flask, requests and 4 more`."""
    if not isinstance(names, tuple):
        return names
    if len(names) <= FEW + 1:
        return ", ".join(names)
    return f"{', '.join(names[:FEW])} and {len(names) - FEW} more"


def plain(at: CommandPlace, names: Sequence[str]) -> object:
    """The host that the files name over plain HTTP, or without a check of its certificate."""
    found = read(at, names) if names else ()
    if found is None:
        return UNKNOWN
    for line in found:
        index, trusted = INDEX.match(line.text), TRUSTED.match(line.text)
        host = None
        if index is not None:
            host = plain_host(index[2])
        elif trusted is not None:
            host = plain_host(f"http://{trusted[1]}")
        if host is not None:
            return host
    return None


def mixed(at: CommandPlace, names: Sequence[str]) -> object:
    """The host of a private index that the files have pip ask besides PyPI."""
    options = set(option_names(at.command))
    settings = ("PIP_INDEX_URL", "PIP_NO_INDEX", "PIP_REQUIRE_HASHES")
    if {"--index-url", "--no-index", "--require-hashes"} & options or any(
        variable(at, name) is not None for name in settings
    ):
        return None
    found = read(at, names) if names else ()
    if found is None:
        return UNKNOWN
    if any(
        each.hashed or each.text.startswith(("--no-index", "--require-hashes")) for each in found
    ):
        return None
    indexes = [match for each in found if (match := INDEX.match(each.text)) is not None]
    if any(each[1] in ("-i", "--index-url") and main_is_private(each[2]) for each in indexes):
        return None
    hosts = (private_host(each[2]) for each in indexes if each[1] == "--extra-index-url")
    return next((each for each in hosts if each is not None), None)
