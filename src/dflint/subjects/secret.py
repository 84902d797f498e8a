"""Subject `secret`: each credential that is written out in an instruction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage, Step
from dflint.shell import Command, Word
from dflint.source import Span
from dflint.subjects.base import Attribute, Facts, Part, Place, Subject
from dflint.subjects.command import CommandPlace, step_commands
from dflint.subjects.common import STEP, STEP_FAMILIES, STEP_PARTS, places
from dflint.subjects.tokens import addresses, placeholder, tokens, worth_a_look

EXPANSION = regex(r"\$|`")
SETTING = regex("_auth|_password")
GROUPED = regex("-[A-Za-z]{2,}")  # options of one letter in one word: `-fsSLu`
HERE = regex(r"(?://|@|^)(?:localhost|127\.|0\.0\.0\.0|\[::1\])")
SHORTEST = 12  # characters of an instruction that can hold any of it


class SecretPlace(Place, frozen=True):
    """A credential: how it was recognised, what it is, where it stands, and what it is given to.

    `by` is token, address, option, setting or account. `around` is the address or option that holds it.
    """

    by: str
    id: str
    title: str
    span: Span
    around: Span
    given: str | None = None
    public: bool = False


def secret_places(facts: Facts) -> Iterator[SecretPlace]:
    """The credentials of every instruction, one for each place in the file."""
    text = facts.build.source.text
    look = worth_a_look(text) or SETTING.search(text) is not None
    for stage, step in places(facts):
        seen: list[Span] = []
        for found in _of_step(facts, stage, step, look=look):
            if not any(
                found.span.start < each.end and each.start < found.span.end for each in seen
            ):
                seen.append(found.span)
                yield found


def _of_step(facts: Facts, stage: Stage, step: Step, *, look: bool) -> Iterator[SecretPlace]:
    for span in _stretches(facts, step) if look else ():
        yield from _in_text(facts, stage, step, span)
    if step.keyword == "RUN":
        for at in step_commands(facts, stage, step):
            yield from _in_command(facts, stage, step, at.command)
            yield from _of_account(at)


def _stretches(facts: Facts, step: Step) -> list[Span]:
    """The parts of an instruction that are no comment lines."""
    whole = step.instruction.span
    inside = [
        each.span
        for each in facts.build.document.comments
        if each.inside and whole.start <= each.span.start < whole.end
    ]
    found, start = [], whole.start
    for comment in inside:
        found.append(Span(start, comment.start))
        start = comment.end
    return [*found, Span(start, whole.end)]


def _in_text(facts: Facts, stage: Stage, step: Step, span: Span) -> Iterator[SecretPlace]:
    text = facts.build.source.slice(span)
    if len(text) < SHORTEST:
        return

    def place(start: int, end: int) -> Span:
        return Span(span.start + start, span.start + end)

    for token in tokens(text):
        where = place(token.start, token.end)
        yield SecretPlace(
            facts, stage, step, "token", token.id, token.title, where, where, public=token.public
        )
    for address in addresses(text):
        title = f"a password for {address.host}"
        around = place(address.start, address.end)
        yield SecretPlace(
            facts, stage, step, "address", address.scheme, title, place(*address.secret), around
        )
    if SETTING.search(text):
        for match in _settings().finditer(text):
            if not placeholder(match[1]):
                around = place(match.start(), match.end())
                yield SecretPlace(
                    facts,
                    stage,
                    step,
                    "setting",
                    "npm",
                    "an npm token",
                    place(*match.span(1)),
                    around,
                )


@cache
def _settings() -> re.Pattern[str]:
    return re.compile(load("secrets")["settings"])


@cache
def _headers() -> re.Pattern[str]:
    return re.compile(load("secrets")["headers"])


def _in_command(facts: Facts, stage: Stage, step: Step, command: Command) -> Iterator[SecretPlace]:
    known: Mapping[str, Any] | None = load("secrets")["commands"].get(command.tool)
    if known is None:
        return
    words = [word for word in command.words if word.span.start >= command.program_span.end]
    under = known.get("under")
    if under is not None and under not in (word.value for word in words[:2]):
        return
    if any(HERE.search(word.value) for word in words):
        return  # a server that the build itself has started, with a password made up for it
    for name, around, value, offset in (*_options(known, words), *_worded(known, words)):
        if value and not EXPANSION.search(value) and not placeholder(value):
            start = around.start + offset
            span = Span(start, start + len(value))
            if facts.build.source.slice(span) == value:  # no quote or escape in between
                given = f"{command.tool} {name}".strip()
                yield SecretPlace(
                    facts, stage, step, "option", command.tool, "a secret", span, around, given
                )


def _of_account(at: CommandPlace) -> Iterator[SecretPlace]:
    """The password that a command gives to an account: `echo root:PASSWORD | chpasswd`."""
    command, source = at.command, at.facts.build.source
    found: list[tuple[Span, str, int]] = []  # the words, the account, where the password begins
    if command.tool in ("chpasswd", "passwd"):
        for word in _fed(at):
            inner = word.text.strip("\"'")
            user, colon, _ = inner.partition(":")
            if command.tool == "chpasswd" and colon and "-e" not in _option_texts(command):
                found.append((word.span, user, word.text.index(":") + 1))
            elif command.tool == "passwd" and "--stdin" in _option_texts(command):
                user = command.arguments[-1].value if command.arguments else "root"
                found.append((word.span, user, len(word.text) - len(word.text.lstrip("\"'"))))
    elif command.tool in ("useradd", "usermod"):
        for word in command.words:
            match = HASHED.fullmatch(word.text)
            if match is not None:
                user = command.words[-1].value
                found.append((word.span, user, match.start(1)))
    for around, user, offset in found:
        text = source.slice(around)
        value = PLAIN.match(text, offset)
        if value is not None:
            span = Span(around.start + value.start(), around.start + value.end())
            yield SecretPlace(
                at.facts,
                at.stage,
                at.step,
                "account",
                command.tool,
                "a password",
                span,
                around,
                user,
            )


HASHED = regex(r"[\"']?\$\(\s*openssl\s+passwd(?:\s+-\w+)*\s+[\"']?([^\s\"'$)]+)[\"']?\s*\)[\"']?")
PLAIN = regex(r"[^\s\"'`$\\!*)]+(?=[\"']?$|\\n|\s*\))")


def _option_texts(command: Command) -> tuple[str, ...]:
    return tuple(word.value for word in command.words if word.value.startswith("-"))


def _fed(at: CommandPlace) -> Sequence[Word]:
    """The words that `echo` or `printf` sends to a command through a pipe."""
    for pipeline in at.script.pipelines:
        if at.command in pipeline.commands[1:]:
            feeder = pipeline.commands[pipeline.commands.index(at.command) - 1]
            if feeder.tool in ("echo", "printf"):
                return [word for word in feeder.words[1:] if not word.value.startswith("-")]
    return ()


# What is given the secret, the words that do so, the secret, and where in these words it stands.
Given = tuple[str, Span, str, int]


def _options(known: Mapping[str, Any], words: Sequence[Word]) -> Iterator[Given]:
    for kind in ("after", "pair", "header"):
        names: list[str] = known.get(kind, [])
        for at, word in enumerate(words):
            name, equals, attached = word.text.partition("=")
            joint = (
                kind != "after" and GROUPED.fullmatch(word.text) and f"-{word.text[-1]}" in names
            )
            if (word.text in names or joint) and at + 1 < len(words):
                around = Span(word.span.start, words[at + 1].span.end)
                text, start = words[at + 1].text, words[at + 1].span.start - word.span.start
            elif equals and name in names and name.startswith("--"):
                around, text, start = word.span, attached, len(name) + 1
            elif word.text[:2] in known.get("joined", ()) and len(word.text) > 2:
                name, around, text, start = word.text[:2], word.span, word.text[2:], 2
            else:
                continue
            found = _value(kind, text)
            if found is not None:
                yield name, around, found[0], start + found[1]


def _value(kind: str, text: str) -> tuple[str, int] | None:
    """The secret in an option's value, and where it begins there."""
    quote = 1 if text[:1] in "\"'" else 0
    inner = text[quote : len(text) - quote]
    if kind == "pair":
        user, colon, password = (
            re.split(r"([:%])", inner, maxsplit=1) if re.search("[:%]", inner) else (inner, "", "")
        )
        if not colon or user.lower() in load("secrets")["open-users"].split():
            return None
        return password, quote + len(user) + 1
    if kind == "header":
        match = _headers().match(inner)
        return None if match is None else (match[1], quote + match.start(1))
    return inner, quote


def _worded(known: Mapping[str, Any], words: Sequence[Word]) -> Iterator[Given]:
    """The word after certain others: `aws configure set aws_secret_access_key WORD`."""
    for pattern in known.get("words", ()):
        for at in range(1, len(words)):
            before = " ".join(word.value for word in words[:at])
            if re.fullmatch(pattern, before) and not words[at].value.startswith("-"):
                around = Span(words[0].span.start, words[at].span.end)
                text = words[at].text
                quote = 1 if text[:1] in "\"'" else 0
                offset = words[at].span.start - around.start + quote
                yield before.split("//")[0].strip(), around, text[quote : len(text) - quote], offset


SECRET = Subject(
    name="secret",
    about="A credential that is written out in an instruction: a token, a password in an address, …",
    each=secret_places,
    attributes={
        **STEP,
        "by": Attribute("text", "What gives it away: its shape (token), an address, an option, a setting, or an account that gets it.", lambda at: at.by),
        "id": Attribute("text", "What it is, in a word: github, aws, …; of an address its scheme, of an option the tool.", lambda at: at.id),
        "title": Attribute("text", "What it is, as in `a GitHub token`.", lambda at: at.title),
        "given": Attribute("text", "What is given it, as in `docker --password`; the account that gets it.", lambda at: at.given),
        "public": Attribute("flag", "Whether such a token is often made for everybody to see.", lambda at: at.public),
    },
    parts={
        **STEP_PARTS,
        "secret": Part("The secret itself.", lambda at: at.span),
        "around": Part("The address, option or setting that holds it.", lambda at: at.around),
    },
    main="around",
    families=STEP_FAMILIES,
    index="by",
)  # fmt: skip
