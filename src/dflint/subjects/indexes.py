"""Which package indexes a command of pip asks, and where its words say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Protocol

from dflint.knowledge import load
from dflint.lazy import regex
from dflint.shell import Command, Option
from dflint.source import Span

ADDRESS = regex(r"(https?)://(?:[^/@\s]*@)?([^/:\s?#]+)", re.IGNORECASE)
# Names and addresses of private networks (RFC 1918, RFC 6762).
NEAR = regex(r"\.(local|internal|localhost)$|^(127|10|192\.168|172\.(1[6-9]|2\d|3[01]))\.")
MAIN = frozenset({"--index-url", "--default-index"})
FURTHER = frozenset({"--extra-index-url", "--index"})
ALL = MAIN | FURTHER | {"--find-links"}
TRUSTING = frozenset({"--trusted-host", "--allow-insecure-host"})


class HasCommand(Protocol):
    """What has a command."""

    @property
    def command(self) -> Command:
        """The command."""


@cache
def _hosts(kind: str) -> frozenset[str]:
    return frozenset(load("indexes")[kind].split())


def _given(at: HasCommand, names: frozenset[str]) -> Iterator[tuple[Option, str]]:
    """The options of these names whose value is known, with the value."""
    for option in at.command.options:
        if option.name in names and option.value is not None and option.value.known:
            yield option, option.value.value


def _host(address: str) -> str:
    match = ADDRESS.match(address)
    return "" if match is None else match[2].lower()


def _near(host: str) -> bool:
    """Whether a host is the machine itself, a name without a dot, or in a private network."""
    return "." not in host or NEAR.search(host) is not None


def plain_index(at: HasCommand) -> Option | None:
    """The first option that names an index over plain HTTP, on another network."""
    for option, value in _given(at, ALL):
        if value.lower().startswith("http://") and not _near(_host(value)):
            return option
    return None


def mixed_index(at: HasCommand) -> Option | None:
    """The option that names a private index which is asked besides PyPI.

    None where any index is not known, and where none is private or PyPI is not asked.
    """
    named = [each for each in at.command.options if each.name in MAIN | FURTHER]
    given = list(_given(at, MAIN | FURTHER))
    if not given or len(given) != len(named):
        return None
    main = any(each.name in MAIN for each in named)
    if main and not any(_host(value) in _hosts("pypi") for _, value in given):
        return None
    return next((option for option, value in given if _private(value)), None)


def _private(address: str) -> bool:
    """Whether an address is that of an index which is neither PyPI's nor open to everybody."""
    host = _host(address)
    return bool(host) and host not in _hosts("pypi") and host not in _hosts("open")


def private_among(addresses: str) -> str | None:
    """The first of some addresses, parted by blanks, that is of a private index, without password."""
    found = next((each for each in addresses.split() if _private(each)), None)
    return None if found is None else re.sub(r"//[^/@\s]*@", "//", found)


def plain_host(address: str) -> str | None:
    """The host of an address, if that is plain HTTP on another network."""
    host = _host(address)
    return host if address.lower().startswith("http://") and not _near(host) else None


def private_host(address: str) -> str | None:
    """The host of an address, if that is of a private index."""
    return _host(address) if _private(address) else None


def main_is_private(address: str) -> bool:
    """Whether an address, or what is not known of it, may be anything but PyPI."""
    return _host(address) not in _hosts("pypi")


def trusting(at: HasCommand) -> Option | None:
    """The first option that switches off the check of a server's certificate."""
    return next((each for each in at.command.options if each.name in TRUSTING), None)


def written(option: Option | None) -> str | None:
    """The value of an option."""
    return None if option is None or option.value is None else option.value.value


def place(option: Option | None) -> Span | None:
    """Where an option stands, its value included."""
    if option is None or option.value is None:
        return None if option is None else option.span
    return Span(option.span.start, max(option.span.end, option.value.span.end))
