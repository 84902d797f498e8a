"""What the tag of an image says: version, distribution, release, variant.

Tags of well-known images are words between hyphens, as in `3.12.4-slim-bookworm`. A tag with a word
that has no known meaning says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from dflint.knowledge import load
from dflint.lazy import regex

_WORD = regex(
    r"v?(?P<version>\d+(?:\.\d+)*)(?P<pre>(?:a|b|rc)\d+)?(?:u\d+)?(?:_\d+(?:\.\d+)*)?"
    r"|(?P<name>[a-z]+)\.?(?P<number>\d[\d.]*)?"
)
_ARCHITECTURES = frozenset({"amd64", "arm64", "arm64v8", "arm32v7"})
_DAY = regex(r"20\d{6}(?:\.\d+)?")


class Grammar(Struct, frozen=True):
    """How the tags of an image are read.

    `words` are those with a meaning of their own. With `releases`, versions are those of the
    distribution `system`; `revised` tags may begin with another version.
    """

    words: Collection[str]
    releases: bool = False
    system: str | None = None
    revised: bool = False


class Tag(Struct, frozen=True):
    """What a tag says; None for what it does not name.

    `python` is the version in a word such as `python3.12`. `place` is the index among `parts` of
    the word that names the distribution. `pre` is true of a version before its final release.
    """

    parts: tuple[str, ...]
    words: tuple[str, ...] = ()
    version: str | None = None
    pre: bool = False
    python: str | None = None
    system: str | None = None
    release: str | None = None
    place: int | None = None
    slim: bool = False


def read_tag(text: str, grammar: Grammar) -> Tag | None:
    """What a tag says; None where it has a word that means nothing known."""
    parts = tuple(text.split("-"))
    tag = Tag(parts)
    for place, part in enumerate(parts):
        if part not in _ARCHITECTURES:
            longer = _add(tag, part, place, grammar)
            if longer is None:
                return None
            tag = longer
    return tag


def pick_words(text: str, words: Collection[str]) -> Tag:
    """What a tag says of which only certain words count, whatever else is in it."""
    parts = tuple(text.split("-"))
    return Tag(parts, tuple(part for part in parts if part in words))


def system_in(repository: str) -> tuple[str, str | None] | None:
    """The distribution and release in an image's name, as in `python3-debian12` or `ubi9/ubi`."""
    for part in re.split("[/-]", repository):
        found = _WORD.fullmatch(part)
        if found is not None and found["name"] in systems() and found["number"] is not None:
            return found["name"], release_of(found["name"], found["number"])
    return None


def _add(tag: Tag, part: str, place: int, grammar: Grammar) -> Tag | None:
    """The tag with what one word of it adds."""
    if part in grammar.words:
        return replace(tag, words=(*tag.words, part))
    if part == "slim":
        return replace(tag, slim=True)
    named = _release_names().get(part)
    if named is None and grammar.releases and grammar.system is not None:
        moving = systems()[grammar.system]["moving"]
        named = (grammar.system, moving[part]) if part in moving else None
    if named is not None:
        return _on(tag, *named, place)
    found = _WORD.fullmatch(part)
    if found is None:
        return None
    if found["version"] is not None:
        return _numbers(tag, found["version"], found["pre"] is not None, place, grammar)
    return _named(tag, found["name"], found["number"], place, grammar)


def _on(tag: Tag, system: str, release: str | None, place: int) -> Tag | None:
    """The tag on a distribution; None where it already names one."""
    if tag.system is not None:
        return None
    return replace(tag, system=system, release=release, place=place)


def _numbers(tag: Tag, version: str, pre: bool, place: int, grammar: Grammar) -> Tag | None:
    if tag.system == "windows":
        return tag
    if grammar.releases and grammar.system is not None:
        if tag.system is None and not _DAY.fullmatch(version):
            return _on(tag, *_numbered(grammar.system, version), place)
        return tag if _DAY.fullmatch(version) else None
    if tag.version is not None and not grammar.revised:
        return None
    return replace(tag, version=version, pre=pre)


def _numbered(system: str, version: str) -> tuple[str, str | None]:
    """The distribution and release of a version; `22.04` names Ubuntu among Debian's releases."""
    if system == "debian" and version in systems()["ubuntu"]["releases"]:
        return "ubuntu", version
    return system, release_of(system, version)


def _named(tag: Tag, name: str, number: str | None, place: int, grammar: Grammar) -> Tag | None:
    if name == "python" and number is not None:
        return replace(tag, python=number)
    if name in ("windowsservercore", "nanoserver") and number is None:
        moved = _on(tag, "windows", None, place)
        return None if moved is None else replace(moved, words=(*tag.words, name))
    if name in ("ltsc", "sac") and number is not None and tag.system == "windows":
        return tag
    if name in systems() and name != "windows" and (number is not None or name == "alpine"):
        return _on(tag, name, None if number is None else release_of(name, number), place)
    return replace(tag, words=(*tag.words, name)) if name in grammar.words else None


def systems() -> Mapping[str, Mapping[str, Any]]:
    """The distributions of `releases.yaml`."""
    found: Mapping[str, Mapping[str, Any]] = load("releases")["systems"]
    return found


@cache
def _release_names() -> Mapping[str, tuple[str, str]]:
    """The distribution and release that a code name stands for."""
    names: dict[str, tuple[str, str]] = {}
    for system, facts in systems().items():
        for release, (_, *others) in facts["releases"].items():
            for name in (release, *others):
                if name[0].isalpha():
                    names[name] = (system, release)
    return names


def release_of(system: str, version: str) -> str | None:
    """A distribution's release by a version as precise as one likes; None where that is open."""
    facts = systems()[system]
    numbers = version.split(".")
    if version in facts["moving"]:
        return None
    others = {name: release for release, (_, *names) in facts["releases"].items() for name in names}
    for size in range(len(numbers), 0, -1):
        prefix = ".".join(numbers[:size])
        if prefix in facts["releases"] or prefix in others:
            known: str = others.get(prefix, prefix)
            return known
    return None if _DAY.fullmatch(version) else ".".join(numbers[:2])


def end_of_release(system: str, release: str) -> tuple[date, str] | None:
    """When a release is no longer mended, and its name, as in `Debian 10 (buster)`."""
    facts = systems()[system]
    end, *others = facts["releases"].get(release, [None])
    if end is None:
        return None
    other = f" ({release if system == 'debian' else others[0]})" if others else ""
    shown = others[0] if system == "debian" and others else release
    return date.fromisoformat(end), f"{facts['title']} {shown}{other}"


def runtime(name: str) -> Mapping[str, Any]:
    """A runtime of `releases.yaml`."""
    found: Mapping[str, Any] = load("releases")["runtimes"][name]
    return found


def runtime_version(name: str, tag: Tag) -> str | None:
    """The version that a tag names, moving ones by their present meaning."""
    moving = runtime(name)["moving"]
    if tag.version is not None:
        meant: str | None = moving.get(tag.version, tag.version)
        return meant
    named = [moving[word] for word in tag.words if moving.get(word) is not None]
    if named or tag.words != ():
        return named[0] if named else None
    latest: str | None = moving["latest"]
    return latest


def end_of_runtime(name: str, version: str) -> tuple[date, str] | None:
    """When a version is no longer mended, and its name, as in `Node.js 16`."""
    facts = runtime(name)
    numbers = version.split(".")
    for size in (2, 1):
        prefix = ".".join(numbers[:size])
        end: str | None = facts["ends"].get(prefix)
        if end is not None:
            return date.fromisoformat(end), f"{facts['title']} {prefix}"
    return None


def undated_release(name: str, version: str) -> tuple[str, str] | None:
    """The distribution and release under a tag that names only a version of a runtime."""
    numbers = version.split(".")
    steps = runtime(name).get("undated", {}).get(".".join(numbers[:2]))
    if steps is None:
        return None
    if len(numbers) > 2:
        steps = [step for step in steps if step[0] <= int(numbers[2])]
    release = steps[-1][1] if steps else None
    return None if release is None else _release_names()[release]
