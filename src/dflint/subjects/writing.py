"""Subject `write`: each file that the product's start certainly writes to, and whether it may."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dflint.image.files import Answer, Entry, NotThere, There, Unknown
from dflint.image.state import ImageState, ResolvedStart
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage, resolve
from dflint.paths import covers
from dflint.shell import Command
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Place, Subject
from dflint.subjects.common import STEP, STEP_PARTS, or_unknown
from dflint.subjects.context_origin import Origin, file_at, text_of
from dflint.subjects.modelled import images, span_of
from dflint.subjects.start import effective_start

SQLITE_CALL = regex(r"\bsqlite3\.connect\(\s*(?:database\s*=\s*)?([\"'])([\w./-]+)\1")
SQLITE_ADDRESS = regex(r"sqlite(?:\+\w+)?:///([\w./-]+)$")
NO_FILE = regex(r"^-$|^syslog|%")


# The path as written, what it is for, where that is said, and by what.
Write = tuple[str, str, Span, str]


class WritePlace(Place, frozen=True):
    """A file that the start writes to: its path, what it is for, and the words that say so.

    `by` is what says so: option, output, variable or code.
    """

    start: ResolvedStart
    path: str
    what: str
    span: Span
    by: str


def write_places(facts: Facts) -> Iterator[WritePlace]:
    """The files that the start writes to, as options, variables and the started file say."""
    if facts.build.product is None or effective_start(facts) == (None, None):
        return
    start = images(facts).start
    if start is None:
        return
    for path, what, span, by in (
        *_of_commands(start),
        *_of_variables(facts),
        *_of_code(facts, start),
    ):
        full = resolve(start.workdir, path)
        if full is not None and not _special(full):
            yield WritePlace(facts, start.stage, start.step, start, full, what, span, by)


def _special(path: str) -> bool:
    return bool(covers(load("writes")["open"], path))


def _of_commands(start: ResolvedStart) -> Iterator[Write]:
    known = load("writes")
    commands = start.commands or (() if start.command is None else (start.command,))
    for command in commands:
        for option in command.options:
            what = known["options"].get(command.tool, {}).get(option.name)
            value = option.value
            if what is None or value is None or not value.known:
                continue
            if not NO_FILE.search(value.value):
                yield value.value, what, option.span, "option"
        yield from _redirected(command)


def _redirected(command: Command) -> Iterator[Write]:
    for each in command.redirects:
        target = each.target
        if each.operator not in (">", ">>", "&>", "&>>") or target is None or target.glob:
            continue
        if target.known and target.value.startswith(("/", "./")):
            yield target.value, "its output", each.span, "output"


def _of_variables(facts: Facts) -> Iterator[Write]:
    product = facts.build.stages[facts.build.product or 0]
    for name in load("writes")["variables"]:
        found = product.environment.get(name)
        if found is None or found.span is None or found.kind != "env" or found.value is None:
            continue
        address = SQLITE_ADDRESS.match(found.value)
        if address is not None:
            yield address[1], "its database", found.span, "variable"


def _of_code(facts: Facts, start: ResolvedStart) -> Iterator[Write]:
    """The databases that the started file of the build context opens by a plain name."""
    command = start.command
    if command is None or start.workdir is None or start.module is not None:
        return
    words = [word for word in command.words if word.known and word.value.endswith(".py")]
    if not words or not ("python" in start.through or command.tool == "python"):
        return
    path = resolve(start.workdir, words[0].value)
    found = None if path is None else file_at(facts, start.stage, len(start.stage.steps), path)
    text = text_of(facts, found.entry) if isinstance(found, Origin) else None
    if text is None or "chdir" in text:
        return
    for match in SQLITE_CALL.finditer(text):
        yield match[2], "its database", words[0].span, "code"


def state(at: WritePlace) -> object:
    """`writable`, `denied` or `no-folder`; `UNKNOWN` when unsure."""
    product = images(at.facts).product
    if product is None or at.start.user is None or _mounted(at):
        return UNKNOWN
    if at.start.user.partition(":")[0] in ("root", "0", ""):
        return "writable"
    found, folder = _look(product, at.path), _look(product, posixpath.dirname(at.path))
    if isinstance(found, There):
        return _may_write(product, at.start.user, found.entry)
    if not isinstance(found, NotThere):
        return UNKNOWN
    if isinstance(folder, NotThere):
        return "no-folder"
    return (
        _may_write(product, at.start.user, folder.entry) if isinstance(folder, There) else UNKNOWN
    )


def _look(product: ImageState, path: str) -> Answer:
    """What is at a path; for a folder of the base image also what is known of all such images."""
    found = product.files.lookup(path)
    base, known = product.stage.base, load("writes")
    if not isinstance(found, Unknown) or found.origin is None or found.origin.kind != "base":
        return found
    if base is None or base.distribution not in known["closed-in"]:
        return found
    if path in known["closed"]:
        return There(path, Entry("folder", found.origin, "root", 0o755), path)
    # Nothing lies there but what comes with the distribution, whose files have other names.
    return NotThere(path) if posixpath.dirname(path) in known["closed"] else found


def _mounted(at: WritePlace) -> bool:
    """Whether a volume may lie over the file."""
    for index in at.facts.build.layers:
        for step in at.facts.build.stages[index].steps:
            if step.keyword == "VOLUME":
                paths = [resolve(step.workdir.value, word.value) for word in step.words]
                if any(path is None or covers([path], at.path) for path in paths):
                    return True
    return False


def _may_write(product: ImageState, user: str, entry: Entry) -> object:
    """By owner and mode. A user that is a bare number has root's group, so that must be shut too."""
    if entry.owner is None or entry.mode is None:
        return UNKNOWN
    owner, name = entry.owner.partition(":")[0], user.partition(":")[0]
    same = _same_user(product, owner, name)
    if same is None:
        return UNKNOWN
    if same:
        return "writable" if entry.mode & 0o200 else UNKNOWN
    return UNKNOWN if entry.mode & 0o022 else "denied"


def _same_user(product: ImageState, one: str, other: str) -> bool | None:
    """Whether two users, by name or number, are one; None when that is not known."""
    if one == other:
        return True
    first, second = _number(product, one), _number(product, other)
    if first is not None and second is not None:
        return first == second
    if "root" in (one, other) or "0" in (one, other):
        return False
    return None


def _number(product: ImageState, user: str) -> int | None:
    if user.isdecimal():
        return int(user)
    if user == "root":
        return 0
    found = product.users.get(user)
    return None if found is None else found.uid


def _target(at: WritePlace) -> tuple[str, Entry] | None:
    """The file, or the folder that it would be made in."""
    product = images(at.facts).product
    for path in (at.path, posixpath.dirname(at.path)):
        found = None if product is None else _look(product, path)
        if isinstance(found, There):
            return found.path, found.entry
    return None


def _owned(at: WritePlace) -> object:
    found = _target(at)
    return UNKNOWN if found is None else or_unknown(found[1].owner)


def _cause(at: WritePlace) -> Span | None:
    found = _target(at)
    return None if found is None else span_of(found[1].placed) or span_of(found[1].origin)


def _product(at: WritePlace) -> Stage:
    return at.facts.build.stages[at.facts.build.product or 0]


WRITE = Subject(
    name="write",
    about="A file that the product's start certainly writes to: a log, a database, a process id.",
    each=write_places,
    attributes={
        **STEP,
        "path": Attribute("text", "The file, as an absolute path.", lambda at: at.path),
        "folder": Attribute("text", "The folder that it lies in.", lambda at: posixpath.dirname(at.path)),
        "what": Attribute("text", "What it is for, as in `its access log`.", lambda at: at.what),
        "by": Attribute("text", "What says so: option, output, variable or code.", lambda at: at.by),
        "state": Attribute("text", "`writable`, `denied` to the user that it starts as, or `no-folder`.", state),
        "start.user": Attribute("text", "The user that the container starts as.", lambda at: or_unknown(at.start.user)),
        "start.program": Attribute("text", "The program that writes.", lambda at: or_unknown(at.start.program)),
        "owner": Attribute("text", "The owner of the file, or of its folder.", _owned),
    },
    parts={
        **STEP_PARTS,
        "write": Part("The words that say what is written.", lambda at: at.span),
        "start-user": Part("The USER that it starts as.", lambda at: _product(at).user.span),
        "cause": Part("What made the file or its folder.", _cause),
    },
    main="write",
)  # fmt: skip
