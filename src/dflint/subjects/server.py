"""Subject `server`: the server that the product's container starts, and where it listens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage, Step, resolve
from dflint.paths import covers
from dflint.shell import Option, Word
from dflint.source import Span
from dflint.subjects.application import application, interface, served
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Family, Part, Subject, Unknown
from dflint.subjects.command import spoken
from dflint.subjects.common import one_line
from dflint.subjects.context_origin import Origin, file_at, text_of
from dflint.subjects.copy import CopyPlace, destination
from dflint.subjects.requirements import installs, lacks
from dflint.subjects.start import STARTED, StartedPlace, effective_start, started_places, variable

LOOPBACK = regex(r"localhost|127(\.\d{1,3}){3}|::1|0:0:0:0:0:0:0:1")
VARIABLE = regex(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
PORT = regex(r"\d{1,5}")
PORTS = regex(r"(\d{1,5})(?:-(\d{1,5}))?(?:/(tcp|udp|sctp))?", re.IGNORECASE)
SOCKET = "unix"

Known = Mapping[str, Any]


class Listening(Struct, frozen=True):
    """Where a server listens: host (`""`: all interfaces; `unix`: a socket) and port.

    None means not known. `how` says what decides: option, variable, config or default.
    """

    host: str | None
    port: int | None
    host_how: str
    port_how: str
    host_span: Span | None = None
    port_span: Span | None = None


NOT_KNOWN = Listening(None, None, "", "")


class ServerPlace(StartedPlace, frozen=True):
    """A server that the product starts, what is known of its kind, and what starts beside it.

    `moved` says that it does not run in the product's WORKDIR.
    """

    known: Known
    company: tuple[str, ...]
    moved: bool


def server_places(facts: Facts) -> Iterator[ServerPlace]:
    """The server of the product's start, where it starts a single one for certain."""
    started = tuple(started_places(facts))
    table: Mapping[str, Known] = load("servers")["servers"]
    servers = [each for each in started if spoken(each.command) in table]
    if len(servers) != 1:
        return
    at = servers[0]
    if at.command.guarded or at.command.substituted:
        return
    company = tuple(each.command.tool for each in started if each is not at and not _passes(each))
    moved = any(each.command.tool in ("cd", "pushd") for each in started)
    known = table[spoken(at.command)]
    yield ServerPlace(at.facts, at.stage, at.step, at.command, known, company, moved)


def _passes(at: StartedPlace) -> bool:
    """Whether a command of the start ends and leaves everything as it is for the server."""
    command = at.command
    if command.tool in (".", "source"):
        return bool(command.arguments) and command.arguments[0].value.endswith("bin/activate")
    return spoken(command) in load("servers")["before-servers"]


# --- where it listens ---


def listening(at: ServerPlace) -> Listening:
    """Where the server listens, as far as it is certain."""
    if not _words_known(at) or _given(at, "unsure"):
        return NOT_KNOWN
    if _given(at, "sockets"):
        return Listening(SOCKET, None, "option", "option")
    found = _by_options(at)
    if found.host is not None and found.port is not None:
        return found
    rest = _by_surroundings(at)
    host, port = (
        found.host is None and not found.host_how,
        found.port is None and not found.port_how,
    )
    return Listening(
        host=rest.host if host else found.host,
        port=rest.port if port else found.port,
        host_how=rest.host_how if host else found.host_how,
        port_how=rest.port_how if port else found.port_how,
        host_span=found.host_span,
        port_span=found.port_span,
    )


def _words_known(at: ServerPlace) -> bool:
    """Whether no word may turn out to be options that are not seen here."""
    values = {option.value for option in at.command.options if option.value is not None}
    return all(
        word.known or word in values or not word.value.startswith("$") for word in at.command.words
    )


def _given(at: ServerPlace, kind: str) -> Option | None:
    """The last of the options of a kind that the command has."""
    names = at.known.get(kind, ())
    return next((each for each in reversed(at.command.options) if each.name in names), None)


def _value(at: ServerPlace, word: Word | None) -> str | None:
    """An option's value; None where it comes from a build argument, which is gone at the start."""
    if word is None:
        return None
    product = at.facts.build.stages[at.facts.build.product or 0]
    for name in VARIABLE.findall(word.text) if "$" in word.text else ():
        found = product.environment.get(name)
        if found is not None and found.kind == "arg":
            return None
    return word.value


def _by_options(at: ServerPlace) -> Listening:
    """What the options and arguments say; an empty `how` where they say nothing."""
    bind = _given(at, "bind")
    if bind is not None:
        if sum(each.name == bind.name for each in at.command.options) > 1:
            return Listening(None, None, "option", "option")
        return _listening_at(at, address(_value(at, bind.value)), bind.span)
    argument = _address_argument(at)
    if argument is not None:
        return argument
    host, port = _given(at, "host"), _given(at, "port")
    name = None if host is None else _value(at, host.value)
    return Listening(
        host=name if name is not None and "$" not in name else None,
        port=None if port is None else _port(_value(at, port.value)),
        host_how="" if host is None else "option",
        port_how="" if port is None else "option",
        host_span=None if host is None else host.span,
        port_span=None if port is None else port.span,
    )


def _address_argument(at: ServerPlace) -> Listening | None:
    """What a plain argument says, for the servers that take the address, or the port, as one."""
    kind = at.known.get("argument")
    word = next((each for each in at.command.arguments if not each.value.startswith("-")), None)
    if kind is None or word is None:
        return None
    value = _value(at, word)
    if kind == "address" and (value is None or not PORT.fullmatch(value)):
        return _listening_at(at, address(value), word.span)
    host = _given(at, "host")
    name = at.known["default"]["host"] if host is None else _value(at, host.value)
    span = word.span if host is None else host.span
    how = "default" if host is None else "option"
    return Listening(name, _port(value), how, "option", span, word.span)


def _listening_at(at: ServerPlace, where: tuple[str | None, int | None], span: Span) -> Listening:
    host, port = where
    port = at.known["default"].get("port") if port == 0 else port
    return Listening(host, port, "option", "option", span, span)


def address(text: str | None) -> tuple[str | None, int | None]:
    """Host and port of `HOST:PORT`; None for what is not known, port 0 where none is given."""
    if text is None:
        return None, None
    if text.startswith(("unix:", "fd://", "/")):
        return SOCKET, None
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket:
            return None, None
    elif text.count(":") > 1:
        return None, None
    else:
        host, colon, rest = text.partition(":")
        rest = colon + rest
    if "$" in host or (PORT.fullmatch(host) and host != "0"):
        return None, None
    if not rest:
        return host, 0
    return host, _port(rest[1:])


def _port(text: str | None) -> int | None:
    if text is None or not PORT.fullmatch(text):
        return None
    return int(text) if 0 < int(text) < 65536 else None


def _by_surroundings(at: ServerPlace) -> Listening:
    """What variables, files of settings and the server's own default say."""
    if not _surroundings_known(at):
        return NOT_KNOWN
    literal = _by_files(at)
    if literal is None:
        return NOT_KNOWN
    if literal:
        found = _listening_at(at, address(literal), at.command.span)
        return Listening(found.host, found.port, "config", "config")
    default = at.known["default"]
    host, host_how = _by_variable(at, "host", default.get("host"))
    text, port_how = _by_variable(at, "port", default.get("port"))
    opens = variable(at, at.known["opens"]) if "opens" in at.known else None
    if opens is not None:
        host, text, host_how, port_how = "0.0.0.0", opens, "variable", "variable"
    return Listening(
        host if isinstance(host, str) else None,
        None if text is None or text is UNKNOWN else _port(str(text)),
        host_how,
        port_how,
    )


def _by_variable(at: ServerPlace, kind: str, default: object) -> tuple[object, str]:
    for name in at.known.get("variables", {}).get(kind, ()):
        value = variable(at, name)
        if value is not None:
            return value, "variable"
    return default, "default"


def _surroundings_known(at: ServerPlace) -> bool:
    """Whether variables and files are all seen: on a known base, with nothing that sets others."""
    product = at.facts.build.stages[at.facts.build.product or 0]
    if product.base is None or not plain_base(at) or at.company or "dotenv" in at.command.through:
        return False
    variables = at.known.get("variables", {})
    return all(variable(at, name) is None for name in variables.get("any", ()))


def _by_files(at: ServerPlace) -> str | None:
    """The address that a file of settings gives, empty where none does; None where not known."""
    named = _given(at, "config")
    if named is not None:
        name = _value(at, named.value)
        files = (None if name is None else name.removeprefix("file:"),)
    else:
        files = tuple(at.known.get("files", ()))
    for name in files:
        text = None if name is None or ":" in name else _settings(at, name)
        if text is None or (named is not None and not text):
            return None  # also where the named file is put there when the container starts
        if re.search(at.known["mentions"], text):
            return _literal(at.known, text)
    return "" if _script_is_usual(at) else None


def _literal(known: Known, text: str) -> str | None:
    found = re.findall(known["literal"], text) if "literal" in known else []
    once = len(re.findall(known["mentions"], text)) == 1
    return found[0] if len(found) == 1 and once else None


def _settings(at: ServerPlace, name: str) -> str | None:
    """The text of a file in the working folder, empty where there is none; None if not known."""
    product = at.facts.build.stages[at.facts.build.product or 0]
    path = resolve(product.workdir.value, name)
    if path is None or at.moved or _mentioned(at, name) or not _code_copied(at, product):
        return None
    found = file_at(at.facts, product, len(product.steps), path)
    if found is None:
        return ""
    return text_of(at.facts, found.entry) if isinstance(found, Origin) else None


def _code_copied(at: ServerPlace, product: Stage) -> bool:
    """Whether anything is copied to the working folder: else all of it comes with a volume."""
    folder = product.workdir.value
    for index in at.facts.build.layers:
        stage = at.facts.build.stages[index]
        for step in stage.steps:
            if step.keyword in ("COPY", "ADD") and step.words:
                into = destination(CopyPlace(at.facts, stage, step))
                if into and folder and (covers([folder], into) or covers([into], folder)):
                    return True
    return False


def _mentioned(at: ServerPlace, name: str) -> bool:
    """Whether a command of the product's layers has to do with a file of settings by its name."""
    base = name.rpartition("/")[2]
    return any(step.keyword == "RUN" and base in text for step, text in product_texts(at.facts))


def _script_is_usual(at: ServerPlace) -> bool:
    """False where the script that is the server is seen to set another default."""
    pattern = at.known.get("script")
    if pattern is None:
        return True
    product = at.facts.build.stages[at.facts.build.product or 0]
    word = next((each for each in at.command.words if each.value.endswith(".py")), None)
    path = None if word is None else resolve(product.workdir.value, word.value)
    if path is None:
        return True
    found = file_at(at.facts, product, len(product.steps), path)
    text = text_of(at.facts, found.entry) if isinstance(found, Origin) else None
    return text is None or re.search(pattern, text) is None


# --- what surrounds it ---


def product_texts(facts: Facts) -> Iterator[tuple[Step, str]]:
    """The instructions of the product's layers, each on one line."""
    build = facts.build
    for index in sorted(build.layers):
        for step in build.stages[index].steps:
            yield step, one_line(build.source, step.instruction.span)


def plain_base(at: ServerPlace) -> bool | Unknown:
    """Whether the base image starts nothing of its own before or beside the server."""
    product = at.facts.build.stages[at.facts.build.product or 0]
    if product.base is None:
        return UNKNOWN
    return product.base.family in load("servers")["plain-bases"].split()


@cache
def _proxies() -> re.Pattern[str]:
    names = "|".join(map(re.escape, load("servers")["proxies"].split()))
    return re.compile(rf"(?<![\w-])(?:{names})(?![\w])", re.IGNORECASE)


def proxies(at: ServerPlace) -> tuple[str, ...]:
    """Proxies, supervisors and tunnels that the product's instructions name."""
    found: dict[str, None] = {}
    for step, text in product_texts(at.facts):
        if step.keyword not in ("LABEL", "MAINTAINER"):
            found.update(dict.fromkeys(_proxies().findall(text)))
    return tuple(found)


def exposed(at: ServerPlace) -> tuple[tuple[int, int], ...] | Unknown:
    """The TCP ports that EXPOSE names in the product's layers, as ranges."""
    found: list[tuple[int, int]] = []
    for step in _expose_steps(at):
        for word in step.words:
            match = PORTS.fullmatch(word.value) if word.known else None
            if match is None:
                return UNKNOWN
            if (match[3] or "tcp").lower() == "tcp":
                found.append((int(match[1]), int(match[2] or match[1])))
    return tuple(found)


def _expose_steps(at: ServerPlace) -> list[Step]:
    build = at.facts.build
    return [
        step
        for index in sorted(build.layers)
        for step in build.stages[index].steps
        if step.keyword == "EXPOSE" and not step.onbuild
    ]


def _ranges(at: ServerPlace) -> object:
    found = exposed(at)
    if found is UNKNOWN:
        return UNKNOWN
    return tuple(str(low) if low == high else f"{low}-{high}" for low, high in found)


def mismatch(at: ServerPlace) -> object:
    """Whether EXPOSE names TCP ports and the server listens on none of them."""
    ports, port = exposed(at), listening(at).port
    if ports is UNKNOWN or port is None:
        return UNKNOWN
    return bool(ports) and not any(low <= port <= high for low, high in ports)


def _expose_span(at: ServerPlace) -> Span | None:
    steps = _expose_steps(at)
    return steps[-1].instruction.span if steps else None


def loopback(at: ServerPlace) -> object:
    """Whether it listens on the container's loopback interface alone."""
    host = listening(at).host
    return UNKNOWN if host is None else LOOPBACK.fullmatch(host.strip("[]").lower()) is not None


def _host(at: ServerPlace) -> object:
    host = listening(at).host
    return UNKNOWN if host is None else host


def _host_address(at: ServerPlace) -> Span | None:
    """The host within the option that says it; None where it is not written there just once."""
    found = listening(at)
    if found.host_span is None or found.host_how != "option" or not found.host:
        return None
    written = at.facts.build.source.slice(found.host_span)
    if written.count(found.host) != 1:
        return None
    start = found.host_span.start + written.index(found.host)
    return Span(start, start + len(found.host))


def _written(at: ServerPlace) -> str:
    """How the program stands there: `json` as an item of a JSON list, else `shell`."""
    text, span = at.facts.build.source.text, at.command.program_span
    quoted = text[span.end : span.end + 1] == '"' and text[span.start - 1] == '"'
    escaped = text[span.start - 2] == "\\"
    return "json" if at.step.instruction.json is not None and quoted and not escaped else "shell"


def _port_of(at: ServerPlace) -> object:
    port = listening(at).port
    return UNKNOWN if port is None else port


def settable(at: ServerPlace, name: str) -> object:
    """Whether an option, the server's variables or a file of settings may set a setting.

    `UNKNOWN` where a file of settings cannot be read.
    """
    if any(each.name == "--" + name for each in at.command.options):
        return True
    variables = at.known.get("variables", {}).get("any", ())
    if any(variable(at, each) is not None for each in variables):
        return True
    if not _words_known(at) or not _surroundings_known(at):
        return UNKNOWN
    named = _given(at, "config")
    files = at.known.get("files", ()) if named is None else (_value(at, named.value),)
    for each in files:
        text = None if each is None or ":" in each else _settings(at, each)
        if text is None or (named is not None and not text):
            return UNKNOWN
        if re.search(rf"\b{re.escape(name.replace('-', '_'))}\b|\bimport \*|\bglobals\(", text):
            return True
    return False


def serves(at: ServerPlace) -> object:
    """The interface that the server calls: `wsgi`, `asgi` or `rsgi`."""
    return served(at, settable(at, "worker-class"))


def wrong_interface(at: ServerPlace) -> object:
    """Whether the application has another interface than the server calls."""
    has, wanted = interface(at), serves(at)
    return UNKNOWN if UNKNOWN in (has, wanted) else has != wanted


def not_installed(at: ServerPlace) -> object:
    """Whether nothing that the build installs brings the server's program."""
    if "/" in at.command.program or {"uvx", "pipx", "npx"} & set(at.command.through):
        return UNKNOWN
    start = " ".join(
        one_line(at.facts.build.source, step.instruction.span) for step in _start_steps(at)
    )
    if "--with" in start or "--isolated" in start:
        return UNKNOWN  # `uv run --with gunicorn`
    answer = lacks(at.facts, spoken(at.command))
    return UNKNOWN if answer is None else answer


def _installed_files(at: ServerPlace) -> object:
    found = installs(at.facts)
    return UNKNOWN if found is None else found.files


def _install_span(at: ServerPlace) -> Span | None:
    found = installs(at.facts)
    return None if found is None else found.last.command.span


def _start_steps(at: ServerPlace) -> list[Step]:
    return [each[1] for each in effective_start(at.facts) if each is not None]


def _start_span(at: ServerPlace) -> Span | None:
    steps = _start_steps(at)
    return steps[-1].instruction.span if steps else None


SERVER = Subject(
    name="server",
    about="The server that the product's container starts, where it is a single one.",
    each=server_places,
    attributes={
        **STARTED.attributes,
        "server": Attribute("text", "The server by program and sub-command: gunicorn, flask run, …", lambda at: spoken(at.command)),
        "host": Attribute("text", "The host that it listens on; empty for all, `unix` for a socket.", _host),
        "host.from": Attribute("text", "What decides that: option, variable, config or default.", lambda at: listening(at).host_how),
        "loopback": Attribute("flag", "Whether it listens on the loopback interface alone.", loopback),
        "written": Attribute("text", "How its name stands there: `json`, as an item of a list, or `shell`.", _written),
        "port": Attribute("number", "The TCP port that it listens on.", _port_of),
        "port.from": Attribute("text", "What decides that: option, variable, config or default.", lambda at: listening(at).port_how),
        "platform-port": Attribute("flag", "Whether it heeds the PORT that platforms set, unless an option says otherwise.", lambda at: at.known.get("platform-port", False)),
        "exposed": Attribute("list", "The TCP ports that EXPOSE names.", _ranges),
        "port-mismatch": Attribute("flag", "Whether EXPOSE names TCP ports and it listens on none of them.", mismatch),
        "not-installed": Attribute("flag", "Whether the build installs from files that are all known, and none brings it.", not_installed),
        "requirement-files": Attribute("list", "The requirement and lock files that the build installs from.", _installed_files),
        "application": Attribute("text", "The application that it is told to serve: `shop.wsgi:application`.", lambda at: None if (word := application(at)) is None else word.value),
        "interface": Attribute("text", "The application's interface, `asgi` or `wsgi`, by its file in the context or Django's names.", interface),
        "serves": Attribute("text", "The interface that the server calls: `wsgi`, `asgi` or `rsgi`.", serves),
        "interface.wrong": Attribute("flag", "Whether these are certainly two.", wrong_interface),
        "company": Attribute("list", "What else the container starts and may go on beside it.", lambda at: at.company),
        "proxies": Attribute("list", "Proxies, supervisors and tunnels that the product's instructions name.", proxies),
        "base.plain": Attribute("flag", "Whether the base image starts nothing of its own beside it.", plain_base),
        "documentation": Attribute("text", "Where its documentation says so.", lambda at: at.known["docs"]),
    },
    parts={
        **STARTED.parts,
        "host": Part("What says the host, else the command.", lambda at: listening(at).host_span or at.command.span),
        "host-address": Part("The host's name or address as written in an option.", _host_address),
        "port": Part("What says the port, else the command.", lambda at: listening(at).port_span or at.command.span),
        "application": Part("The word that names the application.", lambda at: None if (word := application(at)) is None else word.span),
        "expose": Part("The last EXPOSE.", _expose_span),
        "install": Part("The last command that installs Python packages, where all are known.", _install_span),
        "start": Part("The CMD or ENTRYPOINT.", _start_span),
    },
    main="command",
    families={
        **STARTED.families,
        "may-set": Family("flag", "Whether an option, a variable or a file of settings may set something, as in `may-set.worker-tmp-dir`.", settable),
    },
    index="server",
)  # fmt: skip
