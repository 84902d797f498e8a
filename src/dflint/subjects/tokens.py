"""Recognising credentials in a text: tokens by their shape, passwords in addresses, placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from dflint.knowledge import load
from dflint.lazy import regex

# RFC 3986, 3.2.1, without the characters that end a word of a shell or of a quoted text.
USER = r"[^\s/:@\"'`<>|;&()\\\[\]]*"
PASSWORD = r"[^\s/@\"'`<>|;&()\\\[\]]+"
ADDRESS = regex(rf"\b([A-Za-z][A-Za-z0-9+.-]*)://({USER})(?::({PASSWORD}))?@([\w.-]+)")
WEB = frozenset(
    {"http", "https", "git", "ssh", "ftp", "ftps", "sftp", "git+https", "git+http", "svn"}
)
LOCAL = regex(
    r"(?i)^(localhost|127\..*|0\.0\.0\.0|host\.docker\.internal|.*\.(local|test|invalid))$"
)
OPAQUE = regex(r"(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])[A-Za-z0-9_-]{20,}")

FINGERPRINT = 40  # characters of a SHA-1 digest, a Git commit, an OpenPGP key's fingerprint


class Token(Struct, frozen=True):
    """A credential in a text, `text[start:end]`; `public` for kinds often meant for everybody."""

    id: str
    title: str
    start: int
    end: int
    public: bool


class _Shape(Struct, frozen=True):
    id: str
    title: str
    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    public: bool


@cache
def _shapes() -> tuple[_Shape, ...]:
    rows: list[Mapping[str, Any]] = load("secrets")["tokens"]
    return tuple(
        _Shape(
            row["id"],
            row["title"],
            tuple(row["marks"]),
            regex(rf"(?<![A-Za-z0-9]){row['shape']}"),
            row.get("public", False),
        )
        for row in rows
    )


@cache
def _marks() -> tuple[str, ...]:
    return tuple(dict.fromkeys(mark for shape in _shapes() for mark in shape.marks))


def _marked(text: str) -> bool:
    """Whether a text holds what any token of known shape does."""
    for mark in _marks():  # noqa: SIM110  (asked of every word: any() takes three times as long)
        if mark in text:
            return True
    return False


@cache
def _placeholders() -> re.Pattern[str]:
    return re.compile(load("secrets")["placeholders"])


def placeholder(value: str) -> bool:
    """Whether a value only stands for a secret: `changeme`, `xxxx`, `<token>`, `${TOKEN}`."""
    return _placeholders().search(value) is not None


def tokens(text: str) -> Iterator[Token]:
    """The tokens of known shape in a text, placeholders and public ones left out."""
    if not _marked(text):
        return
    for shape in _shapes():
        if not any(mark in text for mark in shape.marks):
            continue
        for match in shape.pattern.finditer(text):
            value = match[0]
            if placeholder(value) or (shape.id == "jwt" and _open(value)):
                continue
            yield Token(shape.id, shape.title, match.start(), match.end(), shape.public)


def worth_a_look(text: str) -> bool:
    """Whether a text may hold a token or an address with a password: quick, for a whole file."""
    return ("://" in text and "@" in text) or _marked(text)


def _open(token: str) -> bool:
    """Whether a JWT says that it is for everybody, or is the one of every introduction."""
    import base64
    import binascii

    body = token.split(".")[1]
    try:
        claims = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return True  # no JWT after all
    return re.search(load("secrets")["open-claims"], claims.decode("utf-8", "replace")) is not None


class Address(Struct, frozen=True):
    """An address with a password or token in it: where both stand, and its scheme and host."""

    scheme: str
    host: str
    start: int
    end: int
    secret: tuple[int, int]


def addresses(text: str) -> Iterator[Address]:
    """The addresses in a text that hold a password or token, written out and not a placeholder.

    Databases of this machine or of a network without domain are left out: such a password is made
    up for a build or a test.
    """
    if "://" not in text or "@" not in text:
        return
    for match in ADDRESS.finditer(text):
        scheme, user, password, host = match[1].lower(), match[2], match[3], match[4]
        group = 3 if password is not None else 2
        if LOCAL.match(host) or placeholder(host) or _harmless(scheme, user, password, host):
            continue
        yield Address(scheme, host, match.start(), match.end(), match.span(group))


def _harmless(scheme: str, user: str, password: str | None, host: str) -> bool:
    if password is None:  # a token alone, as `https://TOKEN@github.com`
        return scheme not in WEB or placeholder(user) or OPAQUE.fullmatch(user) is None
    if user.lower() in load("secrets")["open-users"].split() or placeholder(password):
        return True
    return scheme not in WEB and "." not in host


def opaque(value: str) -> bool:
    """Whether a value is long and random: hexadecimal or base64 of some 128 bits."""
    if re.fullmatch(r"[0-9a-f]{32,}|[0-9A-F]{32,}", value):
        return len(set(value)) >= 8 and len(value) != FINGERPRINT
    body = value.removeprefix("base64:")
    if not re.fullmatch(r"[A-Za-z0-9+/_-]{24,}={0,2}", body):
        return False
    kinds = sum(bool(re.search(kind, body)) for kind in ("[a-z]", "[A-Z]", r"\d"))
    return kinds == 3 and len(set(body)) >= 14 and "/" not in body[:1]
