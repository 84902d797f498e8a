"""Subjects about single instructions: `instruction`, `variable`, `workdir` and `user`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dflint.document import Pair
from dflint.expand import expand
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage, Step, resolve
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Change, Facts, Part, Place, Subject
from dflint.subjects.command import step_commands
from dflint.subjects.common import (
    MOST_STEPS,
    STEP,
    STEP_FAMILIES,
    STEP_PARTS,
    one_line,
    or_unknown,
    places,
)
from dflint.subjects.indexes import private_among
from dflint.subjects.joining import joined
from dflint.subjects.modelled import images
from dflint.subjects.reference import references
from dflint.subjects.start import started_places
from dflint.subjects.tokens import Token, addresses, opaque, tokens

# A path that means what is written, without variables and quotes.
PLAIN_PATH = regex(r"[A-Za-z0-9_./-]+")


class InstructionPlace(Place, frozen=True):
    """An instruction of a stage.

    `again` is a later one of the same keyword in the same stage, `before` the one right above.
    """

    again: Step | None
    before: Step | None


def instruction_places(facts: Facts) -> Iterator[InstructionPlace]:
    """The instructions of all stages but FROM."""
    for stage in facts.build.stages:
        last = {step.keyword: step for step in stage.steps if not step.onbuild}
        before: Step | None = None
        for step in stage.steps:
            final = last.get(step.keyword)
            again = final if final is not step and not step.onbuild else None
            yield InstructionPlace(facts, stage, step, again, before)
            before = step


def before(at: InstructionPlace) -> str | None:
    """The keyword of the instruction right above: ONBUILD is not what it triggers."""
    if at.before is None:
        return None
    return "ONBUILD" if at.before.onbuild else at.before.keyword


def commands(facts: Facts, step: Step | None) -> object:
    """How many commands a RUN has; None for anything else, `UNKNOWN` where it cannot be read."""
    if step is None or step.keyword != "RUN":
        return None
    script = facts.scripts[step]
    return UNKNOWN if script.broken else len(script.commands)


def form(at: Place) -> str:
    """`json` or `shell`."""
    return "shell" if at.step.instruction.json is None else "json"


def first_word(at: Place) -> str | None:
    """The first word of what follows the keyword."""
    words = at.step.instruction.text.value.split(None, 1)
    return words[0] if words else None


INSTRUCTION = Subject(
    name="instruction",
    about="Any instruction of a stage but FROM.",
    each=instruction_places,
    attributes={
        **STEP,
        "text": Attribute("text", "The instruction as written, on one line.", lambda at: one_line(at.facts.build.source, at.step.instruction.span)),
        "value": Attribute("text", "What follows the keyword and flags.", lambda at: at.step.instruction.text.value.strip()),
        "form": Attribute("text", "`json` or `shell`.", form),
        "first-word": Attribute("text", "The first word after the keyword and flags.", first_word),
        "flags": Attribute("list", "The names of the flags.", lambda at: tuple(flag.name for flag in at.step.instruction.flags)),
        "again": Attribute("flag", "Whether the same keyword comes again later in the stage.", lambda at: at.again is not None),
        "commands": Attribute("number", "How many commands a RUN has.", lambda at: commands(at.facts, at.step)),
        "before": Attribute("text", "The name of the instruction right above in the stage: ONBUILD for what another build is to run.", before),
        "before.commands": Attribute("number", "How many commands that has, if it is a RUN.", lambda at: commands(at.facts, at.before)),
        "before.flags": Attribute("list", "The names of that one's flags.", lambda at: tuple(flag.name for flag in at.before.instruction.flags) if at.before else ()),
    },
    parts={
        **STEP_PARTS,
        "value": Part("What follows the keyword and flags.", lambda at: at.step.instruction.text.span()),
        "before": Part("The instruction right above.", lambda at: at.before and at.before.instruction.span),
        "again": Part("The last instruction of the same keyword.", lambda at: at.again and at.again.instruction.span),
    },
    main="instruction",
    families=STEP_FAMILIES,
    index="keyword",
    changes={
        "joined": Change("Join a RUN of one command to that above, where both as one do the same.", lambda at: joined(at.facts, at.step, at.before)),
    },
)  # fmt: skip


class VariablePlace(Place, frozen=True):
    """One `NAME=value` of an ENV or ARG."""

    pair: Pair


def variable_places(facts: Facts) -> Iterator[VariablePlace]:
    """Every variable that ENV or ARG sets in a stage."""
    for stage, step in places(facts):
        if step.keyword in ("ENV", "ARG"):
            for pair in step.instruction.pairs:
                yield VariablePlace(facts, stage, step, pair)


def variable_value(at: VariablePlace) -> object:
    """The value with variables put in; None without one, `UNKNOWN` when it is not known."""
    if at.pair.value is None:
        return None
    word = expand(at.pair.value, at.step.environment.value, at.facts.build.document.escape)
    return word.value if word.known else UNKNOWN


def _keeps(pair: Pair, escape: str) -> bool:
    """Whether the pair sets the variable to what it is already, as `HOME=$HOME` makes an ENV of an ARG."""
    name = pair.name.value
    if pair.value is None or pair.value.value.strip('"') not in (f"${name}", f"${{{name}}}"):
        return False
    return any(each.name == name for each in references(pair.value, escape))


def uses_own(at: VariablePlace) -> tuple[str, ...]:
    """The other variables that the same ENV changes and the value refers to: it gets their old values."""
    if at.pair.value is None or at.step.keyword != "ENV":
        return ()
    escape = at.facts.build.document.escape
    used = dict.fromkeys(each.name for each in references(at.pair.value, escape))
    used.pop(at.pair.name.value, None)
    if not used:
        return ()
    key = ("names set", at.step.instruction.first_line)
    memo = at.facts.memo
    if key not in memo:
        memo[key] = {
            pair.name.value for pair in at.step.instruction.pairs if not _keeps(pair, escape)
        }
    return tuple(name for name in used if name in memo[key])


def lasts(at: VariablePlace) -> bool:
    """Whether the product's processes see this very setting: an ENV that nothing replaces."""
    build = at.facts.build
    if at.step.keyword != "ENV" or at.step.onbuild or build.product is None:
        return False
    found = build.stages[build.product].environment.get(at.pair.name.value)
    if found is None or found.kind != "env" or found.span is None:
        return False
    name = at.pair.name.span()
    return found.span.start <= name.start and name.end <= found.span.end


def _private_index(at: VariablePlace) -> object:
    value = variable_value(at)
    return private_among(value) if isinstance(value, str) else value


def _token(at: VariablePlace) -> Token | None:
    """The token of known shape that the value holds as written."""
    return None if at.pair.value is None else next(tokens(at.pair.value.value), None)


def _address(at: VariablePlace) -> str | None:
    """The host of an address with a password in the value as written."""
    if at.pair.value is None:
        return None
    found = next(addresses(at.pair.value.value), None)
    return None if found is None else found.host


def _secret_span(at: VariablePlace) -> Span | None:
    """What of the value is secret: the token, the password of an address, or all of it."""
    text, token = at.pair.value, _token(at)
    if text is None:
        return None
    if token is not None:
        return text.span(token.start, token.end)
    address = next(addresses(text.value), None)
    return text.span() if address is None else text.span(*address.secret)


def _opaque(at: VariablePlace) -> bool:
    return at.pair.value is not None and opaque(at.pair.value.value.strip("\"'"))


# Before the `@` of an address, a variable of such a name is no password.
USER_NAME = regex(r"(?i)user|login|name|account|host|mail")


def argument_uses(at: VariablePlace) -> Iterator[tuple[Span, bool]]:
    """Where RUN instructions of the stage use an ARG's value; with true, as a password in an address.

    None of those that a secret of the same name is mounted for.
    """
    name = re.escape(at.pair.name.value)
    if at.step.keyword != "ARG":
        return
    any_use = re.compile(rf"\$(?:{name}(?!\w)|\{{{name}[^}}]*\}})")
    alone = r"(?!)" if USER_NAME.search(at.pair.name.value) else "https?://"
    password = re.compile(
        rf"(?:{alone}|(?<!docker)(?<!oci)://[^\s/@:\"']*:)\$(?:{name}(?!\w)|\{{{name}\}})(?::[\w-]*)?@"
    )
    for step in at.stage.steps[at.step.number + 1 :]:
        mounts = (mount.options.get("env") for mount in step.mounts if mount.kind == "secret")
        if step.keyword != "RUN" or at.pair.name.value in mounts:
            continue
        span = step.instruction.span
        text = at.facts.build.source.slice(span)
        for use in any_use.finditer(text) if at.pair.name.value in text else ():
            inside = any(
                each.start() <= use.start() and use.end() <= each.end()
                for each in password.finditer(text)
            )
            yield Span(span.start + use.start(), span.start + use.end()), inside


def _first_use(at: VariablePlace, *, password: bool) -> Span | None:
    return next((span for span, inside in argument_uses(at) if inside or not password), None)


def _use_text(at: VariablePlace) -> str | None:
    """The first line of the RUN that uses the argument first."""
    span = _first_use(at, password=False)
    if span is None:
        return None
    source = at.facts.build.source
    return source.line(source.position(span.start)[0]).strip().removesuffix("\\").strip()


def _pair_span(at: VariablePlace) -> Span:
    name = at.pair.name.span()
    return (
        name if at.pair.value is None else Span(name.start, max(name.end, at.pair.value.span().end))
    )


VARIABLE = Subject(
    name="variable",
    about="A variable that an ENV or ARG instruction of a stage sets.",
    each=variable_places,
    attributes={
        **STEP,
        "name": Attribute("text", "The variable's name.", lambda at: at.pair.name.value),
        "value": Attribute("text", "Its value, with known variables put in.", variable_value),
        "written": Attribute("text", "Its value as written.", lambda at: None if at.pair.value is None else at.pair.value.value),
        "legacy": Attribute("flag", "Whether it is written `ENV name value`, without `=`.", lambda at: at.pair.legacy),
        "text": Attribute("text", "The variable as written.", lambda at: one_line(at.facts.build.source, _pair_span(at))),
        "lasts": Attribute("flag", "Whether the product's processes see this very setting.", lasts),
        "index.private": Attribute("text", "The first address of a private package index in its value.", _private_index),
        "start.tools": Attribute("list", "The programs that the product's container starts.", lambda at: tuple(each.command.tool for each in started_places(at.facts))),
        "token": Attribute("text", "What token of a known shape the value holds, as in `a GitHub token`.", lambda at: None if (found := _token(at)) is None else found.title),
        "token.public": Attribute("flag", "Whether such a token is often made for everybody to see.", lambda at: (found := _token(at)) is not None and found.public),
        "address": Attribute("text", "The host of an address in the value that has a password in it.", _address),
        "opaque": Attribute("flag", "Whether the value is long and random: hexadecimal or base64.", _opaque),
        "used": Attribute("text", "The line of the first RUN that uses an ARG's value.", _use_text),
        "password": Attribute("flag", "Whether a RUN puts an ARG's value into an address as a password.", lambda at: _first_use(at, password=True) is not None),
        "uses-own": Attribute("list", "The variables in its value that the same instruction sets, and that are therefore not yet set.", uses_own),
    },
    parts={
        **STEP_PARTS,
        "pair": Part("The name and the value.", _pair_span),
        "name": Part("The name.", lambda at: at.pair.name.span()),
        "value": Part("The value.", lambda at: None if at.pair.value is None else at.pair.value.span()),
        "secret": Part("What of the value would be secret: a token, an address's password, else all of it.", _secret_span),
        "used": Part("Where a RUN uses an ARG's value first.", lambda at: _first_use(at, password=False)),
        "password": Part("Where a RUN puts an ARG's value into an address as a password.", lambda at: _first_use(at, password=True)),
        "gap": Part("What stands between name and value.", lambda at: None if at.pair.value is None else Span(at.pair.name.span().end, at.pair.value.span().start)),
    },
    main="pair",
    families=STEP_FAMILIES,
    index="keyword",
)  # fmt: skip


class WorkdirPlace(Place, frozen=True):
    """A WORKDIR instruction."""


def workdir_places(facts: Facts) -> Iterator[WorkdirPlace]:
    """Every WORKDIR."""
    for stage, step in places(facts):
        if step.keyword == "WORKDIR" and step.words:
            yield WorkdirPlace(facts, stage, step)


def workdir_absolute(at: WorkdirPlace) -> object:
    """Whether the path is absolute; `UNKNOWN` when it begins with an unknown variable."""
    word = at.step.words[0]
    if word.value.startswith("/") or word.value[1:3] in (":\\", ":/", ":"):
        return True
    return UNKNOWN if word.value.startswith("$") else False


def workdir_resolved(at: WorkdirPlace) -> object:
    """The whole path of one that is written plainly; `UNKNOWN` where it starts from is not known."""
    text = at.step.words[0].text
    if not PLAIN_PATH.fullmatch(text):
        return UNKNOWN
    return or_unknown(resolve(at.step.workdir.value, text))


WORKDIR = Subject(
    name="workdir",
    about="A WORKDIR instruction.",
    each=workdir_places,
    attributes={
        **STEP,
        "text": Attribute("text", "The path as written.", lambda at: at.step.instruction.text.value.strip()),
        "absolute": Attribute("flag", "Whether the path is absolute.", workdir_absolute),
        "resolved": Attribute("text", "The whole path, where it is written plainly.", workdir_resolved),
        "before": Attribute("text", "The working folder that it starts from.", lambda at: or_unknown(at.step.workdir.value)),
        "before-set": Attribute("flag", "Whether an earlier WORKDIR of this file set that one.", lambda at: at.step.workdir.span is not None),
    },
    parts={
        **STEP_PARTS,
        "path": Part("The path.", lambda at: at.step.words[0].span),
        "before": Part("The WORKDIR instruction before it.", lambda at: at.step.workdir.span),
    },
    main="path",
    families=STEP_FAMILIES,
)  # fmt: skip


class UserPlace(Place, frozen=True):
    """A USER instruction; `final` when the stage ends with it in force."""

    final: bool


def user_places(facts: Facts) -> Iterator[UserPlace]:
    """Every USER that is not triggered by ONBUILD."""
    for stage in facts.build.stages:
        users = [step for step in stage.steps if step.keyword == "USER" and not step.onbuild]
        for step in users:
            if step.words:
                yield UserPlace(facts, stage, step, step is users[-1])


def user_name(at: UserPlace) -> object:
    """The user without the group; `UNKNOWN` when it comes from an unknown variable."""
    word = at.step.words[0]
    return word.value.partition(":")[0] if word.known else UNKNOWN


def user_exists(at: UserPlace) -> object:
    """Whether the base image or a command made the user; `UNKNOWN` when something else may have."""
    name = user_name(at)
    if name is UNKNOWN or not isinstance(name, str):
        return UNKNOWN
    if name.isdecimal() or name == "root":
        return True
    base = at.stage.base
    if base is not None and name in base.users:
        return True
    answer = _made_in_chain(at, name)
    if answer is not False:
        return answer
    return False if base is not None and base.users_complete else UNKNOWN


def _made_in_chain(at: UserPlace, name: str) -> object:
    """Whether a step before, in this stage or those it stands on, makes the user."""
    stage: Stage | None = at.stage
    limit = at.step.number
    answer: object = False
    while stage is not None:
        if limit > MOST_STEPS:
            return UNKNOWN
        for step in stage.steps[:limit]:
            made = _makes_user(at.facts, stage, step, name)
            if made is True:
                return True
            answer = UNKNOWN if made is UNKNOWN else answer
        if stage.parent is None:
            break
        stage = at.facts.build.stages[stage.parent]
        limit = len(stage.steps)
    return answer


def _makes_user(facts: Facts, stage: Stage, step: Step, name: str) -> object:
    if step.keyword in ("COPY", "ADD"):
        # An archive, a whole tree, or /etc itself may bring another passwd file.
        destination = step.words[-1].value if step.words else "/"
        return (
            UNKNOWN
            if destination in ("/", "/etc", "/etc/", "/etc/passwd") or not step.words[-1].known
            else False
        )
    if step.keyword != "RUN":
        return False
    if facts.scripts[step].broken or not step.shell.posix:
        return UNKNOWN
    tools = load("users")
    source = facts.build.source
    if "/etc/passwd" in source.slice(step.instruction.span):
        return UNKNOWN
    answer: object = False
    for at in step_commands(facts, stage, step):
        tool, words = at.command.tool, [word.value for word in at.command.words]
        if tool in tools["makers"]:
            if name in words or any(word.endswith(f"={name}") for word in words):
                return True
            if not all(word.known for word in at.command.words):
                answer = UNKNOWN
        elif tool in tools["installers"]:
            if name in tools["service-users"] or any(_akin(name, word) for word in words):
                answer = UNKNOWN
        elif tool not in tools["harmless"]:
            answer = UNKNOWN
    return answer


def _akin(user: str, package: str) -> bool:
    """Whether a package may make a user of that name: `tor` makes `debian-tor`."""
    return user in package or (len(package) >= 3 and package in user)


def user_number(at: UserPlace) -> object:
    """The number of the product's user, as base image or commands gave it; `UNKNOWN` otherwise."""
    name, product = user_name(at), images(at.facts).product
    if not isinstance(name, str) or product is None or not at.final:
        return UNKNOWN
    found = product.users.get(name) if product.stage is at.stage else None
    return UNKNOWN if found is None or found.uid is None else str(found.uid)


def _plain_name(at: UserPlace) -> Span | None:
    """The user without the group, where no variable or quote stands in it."""
    word = at.step.words[0]
    name = word.text.partition(":")[0]
    if word.text != word.value:
        return None
    return Span(word.span.start, word.span.start + len(name))


USER = Subject(
    name="user",
    about="A USER instruction.",
    each=user_places,
    attributes={
        **STEP,
        "name": Attribute("text", "The user, without the group.", user_name),
        "text": Attribute("text", "The user and group as written.", lambda at: at.step.words[0].text),
        "numeric": Attribute("flag", "Whether the user is a number.", lambda at: UNKNOWN if (name := user_name(at)) is UNKNOWN else str(name).isdecimal()),
        "number": Attribute("text", "The number that the user has in the image, where that is certain.", user_number),
        "root": Attribute("flag", "Whether the user is root.", lambda at: UNKNOWN if (name := user_name(at)) is UNKNOWN else name in ("root", "0")),
        "exists": Attribute("flag", "Whether the base image or a command before makes the user.", user_exists),
        "by-base": Attribute("flag", "Whether the base image itself is known to have the user.", lambda at: at.stage.base is not None and user_name(at) in at.stage.base.users),
        "final": Attribute("flag", "Whether it is the stage's last USER.", lambda at: at.final),
    },
    parts={**STEP_PARTS, "name": Part("The user.", lambda at: at.step.words[0].span), "plain-name": Part("The user without the group, where it is written without variables.", _plain_name)},
    main="name",
    families=STEP_FAMILIES,
)  # fmt: skip

SUBJECTS: Mapping[str, Subject] = {
    each.name: each for each in (INSTRUCTION, VARIABLE, WORKDIR, USER)
}
