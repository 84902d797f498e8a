"""The builds that a Compose or a Bake file names, as values; and what both kinds of file share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field

from dflint.document import Problem
from dflint.lazy import regex
from dflint.source import Source, Span, Text

COMPOSE_NAMES = regex(r"(?:.*[._-])?(?:docker-)?compose(?:[._-].*)?\.ya?ml", re.IGNORECASE)
BAKE_NAMES = regex(r".+\.hcl|(?:.*[._-])?bake(?:[._-].*)?\.json", re.IGNORECASE)

# Docker's reference of `docker buildx build`, "Build context": what is no folder. An address
# without a scheme, such as `github.com/…`, is Git's too.
_REMOTE = regex(r"[A-Za-z][A-Za-z0-9+.-]*://|git@|github\.com/|[a-z-]+:(?![\\/])\S|-$")

# Wide on purpose: what is taken for private is only not known, while a value that is known may be
# told in a report.
_PRIVATE_NAME = regex(r"(?i)pass|pwd|secret|token|key|cred|auth|salt|cert|private|dsn")
_PRIVATE_VALUE = regex(r"[^/\s]*://[^/\s]*@|(?=.*\d)(?=.*[A-Za-z])[\w+/=-]{20,}$|.*-----BEGIN")


class NamedBuild(Struct, frozen=True):
    """One build that a file names: a service of Compose, a target of Bake.

    Either `dockerfile` is the path of its Dockerfile or `inline` its text, which knows where in the
    naming file each character stands. `context` is the folder given to the build. An argument's
    value is None where it is not known. `span` is the place that names the Dockerfile, and
    `target_span` the one that names the stage.
    """

    name: str
    span: Span
    dockerfile: Path | None = None
    inline: Text | None = None
    context: Path | None = None
    target: str | None = None
    target_span: Span | None = None
    arguments: Mapping[str, str | None] = field(default_factory=dict)
    named_contexts: frozenset[str] = frozenset()


class BuildFile(Struct, frozen=True):
    """A file that names builds, in their order; `problems` keep it from being understood.

    `notes` tell of builds that are left alone because something about them is not known.
    """

    source: Source
    builds: tuple[NamedBuild, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def is_remote(context: str) -> bool:
    """Whether a build context is no folder: a repository, an address, an image, a target."""
    return _REMOTE.match(context) is not None


def is_private(name: str, value: str) -> bool:
    """Whether a variable may hold what no report should show."""
    return _PRIVATE_NAME.search(name) is not None or _PRIVATE_VALUE.match(value) is not None


def coarse(value: str, span: Span) -> Text:
    """A text of which no more is known than the one place that it comes from."""
    return Text(value, tuple(range(len(value))) or (0,), (span.start,) * max(1, len(value)))


def put(value: str, span: Span) -> Text:
    """A text that stands in place of a stretch, from whose ends its own are."""
    if not value:
        return Text("", (0,), (span.start,))
    origins = [span.start] * len(value)
    origins[-1] = max(span.start, span.end - 1)
    return Text(value, tuple(range(len(value))), tuple(origins))


MOST_BUILDS = 1_000  # of one file that are looked at


def too_many(source: Source, span: Span) -> str:
    """What there is to say where the builds of a file are no longer looked at."""
    said = f"more than {MOST_BUILDS:,} builds in one file: those from here on are left alone"
    return place_note(source, span, said)


def place_note(source: Source, span: Span, message: str) -> str:
    """A sentence for people, with the file and the line that it is about."""
    return f"{source.path}:{source.position(span.start)[0]}: {message}"
