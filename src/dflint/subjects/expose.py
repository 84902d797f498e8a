"""Subject `expose`: each port that an EXPOSE instruction names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator

from dflint.lazy import regex
from dflint.model import Step
from dflint.shell import Word
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Place, Subject
from dflint.subjects.common import STEP, STEP_FAMILIES, STEP_PARTS, places
from dflint.subjects.start import effective_start

# Docker's reference, EXPOSE: `<port>[-<port>][/<protocol>]`.
PORT = regex(r"(?P<first>\d+)(?:-(?P<last>\d+))?(?:/(?P<protocol>[A-Za-z]+))?")
HIGHEST = 65535
SSH_SERVER = regex(r"\b(sshd|dropbear)\b|\bservice\s+ssh\s+(re)?start\b")
PATH = regex(r"[\w.-]*/[\w./-]*\w")
# The same in a script that an instruction writes, where `/var/run/sshd` may be a folder that is made.
STARTS_SSH = regex(
    r"bin/sshd\b|(\b|\\n)((sshd|dropbear)\s+-|(service\s+|init\.d/)sshd?\s+(re)?start\b)"
)


class ExposePlace(Place, frozen=True):
    """One word of an EXPOSE."""

    word: Word

    @property
    def match(self) -> re.Match[str] | None:
        """The word taken apart; None when it is no port."""
        return PORT.fullmatch(self.word.value)


def expose_places(facts: Facts) -> Iterator[ExposePlace]:
    """Every word of every EXPOSE."""
    for stage, step in places(facts):
        if step.keyword == "EXPOSE":
            for word in step.words:
                yield ExposePlace(facts, stage, step, word)


def is_port(at: ExposePlace) -> object:
    """Whether it is a port or a range, with or without protocol; `UNKNOWN` with unknown variables."""
    return at.match is not None if at.word.known else UNKNOWN


def port(at: ExposePlace, end: str) -> object:
    """The `first` or `last` port; None when it is no port."""
    if not at.word.known:
        return UNKNOWN
    found = at.match
    return None if found is None else int(found[end] or found["first"])


def in_range(at: ExposePlace) -> object:
    """Whether the port, or both ends of the range, can be: 0 to 65535."""
    last = port(at, "last")
    first = port(at, "first")
    if not isinstance(last, int) or not isinstance(first, int):
        return last
    return first <= HIGHEST and last <= HIGHEST


def protocol(at: ExposePlace) -> object:
    """The protocol as written; None without one."""
    if not at.word.known:
        return UNKNOWN
    found = at.match
    return None if found is None else found["protocol"]


def published(at: ExposePlace) -> object:
    """The container's part of `[address:][port:]port`, as `docker run -p` takes it; None otherwise."""
    if not at.word.known:
        return UNKNOWN
    found = re.fullmatch(
        r"(?:[\d.]+:|\[[0-9A-Fa-f:]+\]:)?(?:[\d-]*:)(\d+(?:-\d+)?(?:/\w+)?)", at.word.value
    )
    return None if found is None else found[1]


def _lower(at: ExposePlace) -> object:
    return value.lower() if isinstance(value := protocol(at), str) else value


def _protocol_span(at: ExposePlace) -> Span | None:
    """The protocol where it stands in the file as it is; None where it comes from a variable."""
    found = protocol(at)
    if not isinstance(found, str) or not at.word.text.endswith("/" + found):
        return None
    return Span(at.word.span.end - len(found), at.word.span.end)


def ssh_started(at: ExposePlace) -> bool:
    """Whether the product's CMD or ENTRYPOINT names an SSH server, or a script here that starts one."""
    started = [each[1] for each in effective_start(at.facts) if each is not None]
    if any(SSH_SERVER.search(step.instruction.text.value) for step in started):
        return True
    scripts = {
        posixpath.basename(path)
        for step in started
        for path in PATH.findall(step.instruction.text.value)
    }
    return any(_writes_ssh_start(step, scripts) for _, step in places(at.facts))


def _writes_ssh_start(step: Step, scripts: Collection[str]) -> bool:
    """Whether an instruction writes, as a heredoc or by echo, a start of an SSH server to a script."""
    if step.keyword not in ("RUN", "COPY"):
        return False
    bodies = [each.body.value for each in step.instruction.heredocs]
    text = "\n".join((step.instruction.text.value, *bodies))
    return any(name in text for name in scripts) and STARTS_SSH.search(text) is not None


EXPOSE = Subject(
    name="expose",
    about="A port that an EXPOSE instruction names.",
    each=expose_places,
    attributes={
        **STEP,
        "text": Attribute("text", "The word as written.", lambda at: at.word.text),
        "value": Attribute("text", "The word with variables put in.", lambda at: at.word.value if at.word.known else UNKNOWN),
        "is-port": Attribute("flag", "Whether it is `port`, `port-port` or either with `/protocol`.", is_port),
        "first": Attribute("number", "The port, or the first of a range.", lambda at: port(at, "first")),
        "last": Attribute("number", "The port, or the last of a range.", lambda at: port(at, "last")),
        "in-range": Attribute("flag", "Whether the ports are from 0 to 65535.", in_range),
        "protocol": Attribute("text", "The protocol as written.", protocol),
        "protocol.lower": Attribute("text", "The protocol in lower case.", _lower),
        "ssh-started": Attribute("flag", "Whether the product's CMD or ENTRYPOINT names an SSH server, or a script here that starts one.", ssh_started),
        "published": Attribute("text", "The container's port where it is written as for `docker run -p`: `127.0.0.1:80:8080`.", published),
    },
    parts={
        **STEP_PARTS,
        "port": Part("The word.", lambda at: at.word.span),
        "protocol": Part("The protocol.", _protocol_span),
    },
    main="port",
    families=STEP_FAMILIES,
)  # fmt: skip
