"""A command line's words to program, tool, action, options and arguments.

What the tools' options are, and which programs run others, is data: `knowledge/commands.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from dflint.knowledge import load
from dflint.lazy import regex
from dflint.shell import Option, Word
from dflint.shellwords import Token, letter, tail
from dflint.source import Span

ASSIGNMENT = regex(r"([A-Za-z_][A-Za-z0-9_]*)=", re.DOTALL)
UNKNOWN = regex(r"[$`)]")
ACTION = regex(r"[A-Za-z][\w:.-]*")
# Beyond these nobody wrote it, and what runs is not known.
MOST_CARRIERS = 100
LONGEST_CLUSTER = 64  # characters of `-xzvf`


class Spec(Struct, frozen=True):
    """How one tool reads its words.

    `names` maps options to their canonical names, `valued` are those that take a value. `style`:
    `getopt`; `single` (long options with one dash); `plain` (nothing known). `actions` is None for
    a tool without sub-commands; `groups` are the sub-commands that have sub-commands. `runs` are
    the sub-commands that run another command. `twice` maps options to what they imply when given
    two times, `aliases` other spellings of sub-commands. An `attached` option has a value only in
    the same word; an `until` option takes all words up to `;` or `+`.
    """

    names: Mapping[str, str]
    valued: frozenset[str]
    style: str = "getopt"
    stop: bool = False
    bundled: bool = False
    ends: frozenset[str] = frozenset()
    actions: Mapping[str, Spec] | None = None
    groups: frozenset[str] = frozenset()
    runs: frozenset[str] = frozenset()
    delegates: Mapping[str, str] = field(default_factory=dict)
    carries: str = ""
    operands: int = 0
    twice: Mapping[str, str] = field(default_factory=dict)
    attached: frozenset[str] = frozenset()
    until: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)


PLAIN = Spec({}, frozenset(), "plain")


class Invocation(Struct, frozen=True):
    """What a command line comes to; `script` is the word that a shell is to read, as in `sh -c`.

    `environment` holds the variables that `env A=1` and `sudo A=1` set; `flags` are the options of
    the shell that reads the script.
    """

    tokens: tuple[Token, ...]
    tool: str
    action: str | None
    action_span: Span | None
    options: tuple[Option, ...]
    arguments: tuple[Word, ...]
    through: tuple[str, ...]
    environment: tuple[tuple[str, Word], ...]
    script: Token | None = None


class _Read(Struct, frozen=True):
    """Options and arguments as far as they were read; `next` is the first word not read."""

    options: tuple[Option, ...]
    arguments: tuple[Token, ...]
    next: int


def read_invocation(tokens: Sequence[Token]) -> Invocation:
    """What a command line (of one word at least) runs in the end, carriers taken off."""
    through: tuple[str, ...] = ()
    environment: tuple[tuple[str, Word], ...] = ()
    found = _carrier(tokens, "")
    for _ in range(MOST_CARRIERS):
        tool = tool_name(tokens[0].word)
        found = _read(tokens, tool, tools().get(tool))
        if not through and found.tool:
            return found
        through += found.through
        environment += found.environment
        inner = found.tokens
        if len(inner) == len(tokens) or found.script is not None or found.tool:
            return replace(found, through=through, environment=environment)
        tokens = inner
    return replace(found, through=through, environment=environment)


def _read(tokens: Sequence[Token], tool: str, spec: Spec | None) -> Invocation:
    """One round: either a command (`tool` set) or a carrier and the words that it carries."""
    if spec is None or not (spec.carries or spec.runs or spec.delegates):
        return _plain(tokens, tool, spec or PLAIN, 1)
    carried = _carried(tokens, tool, spec)
    return _plain(tokens, tool, spec, 1) if carried is None else carried


def _plain(
    tokens: Sequence[Token], tool: str, spec: Spec, start: int, through: tuple[str, ...] = ()
) -> Invocation:
    if spec.actions is None:
        read = _options(tokens, start, spec, stop=spec.stop)
        arguments = (*read.arguments, *tokens[read.next :])
        words = tuple(token.word for token in arguments)
        return Invocation(tuple(tokens), tool, None, None, read.options, words, through, ())
    head = _options(tokens, start, spec, stop=True)
    action, span, at = _action(tokens, head.next, spec)
    inner = spec if action is None else spec.actions.get(action, spec)
    rest = _options(tokens, at, inner, stop=inner.stop)
    words = tuple(token.word for token in (*rest.arguments, *tokens[rest.next :]))
    options = _implied(head.options + rest.options, spec)
    return Invocation(tuple(tokens), tool, action, span, options, words, through, ())


def _implied(options: tuple[Option, ...], spec: Spec) -> tuple[Option, ...]:
    """The options with those that follow from giving one twice: apt-get's `-qq` means `--yes`."""
    for name, implied in spec.twice.items():
        given = [each for each in options if each.name == name]
        if given and (len(given) > 1 or (given[0].value and given[0].value.value == "2")):
            options = (*options, replace(given[-1], name=implied, value=None))
    return options


def _action(tokens: Sequence[Token], at: int, spec: Spec) -> tuple[str | None, Span | None, int]:
    if (
        at >= len(tokens)
        or not tokens[at].word.known
        or not ACTION.fullmatch(tokens[at].word.value)
    ):
        return None, None, at
    word = tokens[at].word
    if word.value in spec.groups and at + 1 < len(tokens):
        second = tokens[at + 1].word
        if second.known and ACTION.fullmatch(second.value):
            span = Span(word.span.start, max(second.span.end, word.span.start))
            return f"{word.value} {second.value}", span, at + 2
    return spec.aliases.get(word.value, word.value), word.span, at + 1


def _carried(tokens: Sequence[Token], tool: str, spec: Spec) -> Invocation | None:
    """What a carrier carries; None where these words are an ordinary command of its own."""
    if spec.carries == "shell":
        return _shell_script(tokens, tool, spec)
    if spec.carries == "login":
        return _login(tokens, tool, spec)
    if spec.carries == "python":
        return _python(tokens, tool, spec)
    if spec.carries:
        return _after_options(tokens, tool, spec)
    return _after_action(tokens, tool, spec)


def _after_options(tokens: Sequence[Token], tool: str, spec: Spec) -> Invocation | None:
    """`sudo -u x A=1 cmd`, `timeout 5 cmd`, `env A=1 cmd`, …"""
    read = _options(tokens, 1, spec, stop=True)
    if any(option.name in spec.ends for option in read.options):
        return None
    at = read.next + spec.operands
    environment: list[tuple[str, Word]] = []
    while at < len(tokens) and spec.carries == "environment":
        match = ASSIGNMENT.match(tokens[at].word.value)
        if match is None:
            break
        environment.append((match[1], tail(tokens[at], match.end()).word))
        at += 1
    if at < len(tokens) and tokens[at].word.value == "--":
        at += 1
    if at >= len(tokens):
        return None
    return _carrier(tokens[at:], tool, tuple(environment))


def _after_action(tokens: Sequence[Token], tool: str, spec: Spec) -> Invocation | None:
    """`uv run cmd`, `poetry run cmd`, and `uv pip install`, which is pip's command line."""
    head = _options(tokens, 1, spec, stop=True)
    action, _, at = _action(tokens, head.next, spec)
    if action is None:
        return None
    if action in spec.delegates:
        target = spec.delegates[action]
        inner = tools().get(f"{tool} {action}") or tools().get(target, PLAIN)
        found = _plain(tokens, target, inner, at, (tool,))
        return replace(found, options=head.options + found.options)
    if action not in spec.runs:
        return None
    assert spec.actions is not None
    inner = spec.actions.get(action, spec)
    read = _options(tokens, at, inner, stop=True)
    if read.options and read.options[-1].name == "--module" and read.options[-1].value:
        return _module(tokens, read.options[-1], read.next, (tool,))
    return _carrier(tokens[read.next :], tool) if read.next < len(tokens) else None


def _python(tokens: Sequence[Token], tool: str, spec: Spec) -> Invocation | None:
    """`python -m pip install …`, and `python manage.py …` for the scripts that are tools."""
    read = _options(tokens, 1, spec, stop=True)
    last = read.options[-1] if read.options else None
    if last is not None and last.name == "-m" and last.value is not None:
        return _module(tokens, last, read.next, (tool,))
    if (last is not None and last.name == "-c") or read.next >= len(tokens):
        return None
    script = tokens[read.next].word
    name = script.value.rpartition("/")[2]
    if name not in load("commands")["scripts"]:
        return None
    return _plain(tokens, name, tools().get(name, PLAIN), read.next + 1, (tool,))


def _module(
    tokens: Sequence[Token], option: Option, start: int, through: tuple[str, ...]
) -> Invocation:
    assert option.value is not None
    name = option.value.value
    name = load("commands")["modules"].get(name, name) or option.value.text
    spec = tools().get(name)
    if spec is not None and (spec.runs or spec.delegates):
        inner = _after_action([tokens[0], *tokens[start:]], name, spec)
        if inner is not None:
            kept = inner.tokens if not inner.tool else tuple(tokens)
            return replace(inner, tokens=kept, through=through + inner.through)
    return _plain(tokens, name, spec or PLAIN, start, through)


def _shell_script(tokens: Sequence[Token], tool: str, spec: Spec) -> Invocation | None:
    """`bash -euo pipefail -c SCRIPT`."""
    read = _options(tokens, 1, spec, stop=True)
    if not any(option.name == "-c" for option in read.options) or read.next >= len(tokens):
        return None
    script = tokens[read.next]
    return replace(_carrier(tokens, tool), script=script, options=read.options)


def _login(tokens: Sequence[Token], tool: str, spec: Spec) -> Invocation | None:
    """`su USER -c SCRIPT`, `runuser -u USER -- cmd`."""
    read = _options(tokens, 1, spec, stop=False)
    for option in read.options:
        if option.name == "--command" and option.value is not None:
            script = next(
                (each for each in tokens if each.word is option.value),
                None,
            ) or _value_token(tokens, option)
            return replace(_carrier(tokens, tool), script=script)
    first = _options(tokens, 1, spec, stop=True)
    if any(option.name == "--user" for option in first.options) and first.next < len(tokens):
        return _carrier(tokens[first.next :], tool)
    return None


def _value_token(tokens: Sequence[Token], option: Option) -> Token:
    """The token of a value that is attached to its option."""
    whole = next(each for each in tokens if each.word is option.word)
    return tail(whole, len(whole.word.value) - len(option.value.value if option.value else ""))


def _carrier(
    tokens: Sequence[Token], tool: str, environment: tuple[tuple[str, Word], ...] = ()
) -> Invocation:
    return Invocation(tuple(tokens), "", None, None, (), (), (tool,), environment)


def _options(tokens: Sequence[Token], at: int, spec: Spec, *, stop: bool) -> _Read:
    """Options from `at` on; `stop` at the first argument, else read through all words."""
    options: list[Option] = []
    arguments: list[Token] = []
    if spec.bundled and at < len(tokens) and not tokens[at].word.value.startswith("-"):
        at = _bundle(tokens, at, spec, options)
    while at < len(tokens):
        value = tokens[at].word.value
        if value == "--":
            at += 1
            if not stop:
                arguments.extend(tokens[at:])
                at = len(tokens)
            break
        if value[:1] != "-" or len(value) == 1:
            if stop:
                break
            arguments.append(tokens[at])
            at += 1
            continue
        long = value.startswith("--") or spec.style != "getopt"
        at = (_long if long else _cluster)(tokens, at, spec, options)
        if options[-1].name in spec.ends:
            break
    return _Read(tuple(options), tuple(arguments), at)


def _long(tokens: Sequence[Token], at: int, spec: Spec, options: list[Option]) -> int:
    """`--name`, `--name=value`, `--name value`; gives the index of the next word."""
    token = tokens[at]
    spelled, equals, _ = token.word.value.partition("=")
    name = spec.names.get(spelled, spelled)
    if equals:
        value = tail(token, len(spelled) + 1).word
        options.append(Option(name, value, token.word.span, token.word, spelled))
        return at + 1
    if name in spec.valued and at + 1 < len(tokens):
        at = _with_next(tokens, at, name, spelled, token.word.span.start, options)
        while (
            name in spec.until and at < len(tokens) and tokens[at - 1].word.value not in (";", "+")
        ):
            at += 1
        return at
    options.append(Option(name, None, token.word.span, token.word, spelled))
    return at + 1


def _with_next(
    tokens: Sequence[Token], at: int, name: str, spelled: str, start: int, options: list[Option]
) -> int:
    following = tokens[at + 1].word
    span = Span(start, max(following.span.end, start))
    options.append(Option(name, following, span, tokens[at].word, spelled))
    return at + 2


def _cluster(tokens: Sequence[Token], at: int, spec: Spec, options: list[Option]) -> int:
    """`-y`, `-qqy`, `-rfile`, `-r file`, `-q=2`; gives the index of the next word."""
    token = tokens[at]
    letters = token.word.value
    if len(letters) == 2 or letters in spec.names or len(letters) > LONGEST_CLUSTER:
        return _long(tokens, at, spec, options)
    for index in range(1, len(letters)):
        spelled = "-" + letters[index]
        name = spec.names.get(spelled, spelled)
        rest = letters[index + 1 :]
        start = token.word.span.start if index == 1 else letter(token, index).start
        if rest.startswith("=") or (rest and (name in spec.valued or name in spec.attached)):
            value = tail(token, index + 1 + rest.startswith("=")).word
            span = Span(start, max(token.word.span.end, start))
            options.append(Option(name, value, span, token.word, spelled))
            return at + 1
        if name in spec.valued and at + 1 < len(tokens):
            return _with_next(tokens, at, name, spelled, start, options)
        options.append(Option(name, None, letter(token, index), token.word, spelled))
    return at + 1


def _bundle(tokens: Sequence[Token], at: int, spec: Spec, options: list[Option]) -> int:
    """The old style of tar, `xzf FILE`: letters without a dash, their values after them in turn."""
    token = tokens[at]
    at += 1
    for index, each in enumerate(token.word.value if token.word.known else ""):
        spelled = "-" + each
        name = spec.names.get(spelled, spelled)
        value = None
        if name in spec.valued and at < len(tokens):
            value = tokens[at].word
            at += 1
        options.append(Option(name, value, letter(token, index), token.word, spelled))
    return at


def tool_name(word: Word) -> str:
    """A program's canonical name: without its folder, `pip` for pip3.13, `python` for python3."""
    name = word.value.rpartition("/")[2]
    if not name or not (word.known or UNKNOWN.search(name) is None):
        return word.text
    return canonical(name)


@cache
def canonical(name: str) -> str:
    """The canonical name of a program without its folder."""
    known = load("commands")
    if any(char.isdigit() for char in name):
        for tool, pattern in known["numbered"].items():
            if re.fullmatch(pattern, name):
                return str(tool)
    return str(known["names"].get(name, name))


class _Tools(dict[str, Spec | None]):
    """The tools by name, each made from the knowledge file when it is first asked for."""

    def __missing__(self, name: str) -> Spec | None:
        known = load("commands")["tools"].get(name)
        made = None if known is None else _spec(known, PLAIN)
        self[name] = made
        return made

    def get(self, name: str, default: Any = None) -> Any:
        """As for any mapping; `dict.get` alone would not make what is missing."""
        return self[name] or default


@cache
def tools() -> _Tools:
    """What is known of each tool; None for the others."""
    return _Tools()


def _spec(known: Mapping[str, Any], above: Spec) -> Spec:
    """A tool's, or a sub-command's, entry of the knowledge file as a `Spec`."""
    if "like" in known:
        known = {**load("commands")["tools"][known["like"]], **known}
    names, valued, attached = _option_names(known.get("options", ""))
    own = Spec(
        names={**above.names, **names},
        valued=above.valued | valued,
        style=known.get("style", "getopt"),
        stop=known.get("stop", False),
        bundled=known.get("bundled", False),
        ends=frozenset(known.get("ends", "").split()),
        actions=None,
        groups=frozenset(known.get("groups", "").split()),
        runs=frozenset(known.get("runs", ())),
        delegates=known.get("delegates", {}),
        carries=known.get("carries", ""),
        operands=known.get("operands", 0),
        twice=known.get("twice", {}),
        attached=above.attached | attached,
        until=frozenset(known.get("until", "").split()),
        aliases=known.get("aliases", {}),
    )
    if not known.get("actions", False):
        return own
    return replace(
        own, actions={name: _spec(each, own) for name, each in known.get("in", {}).items()}
    )


def _option_names(text: str) -> tuple[dict[str, str], frozenset[str], frozenset[str]]:
    """Options written as `--long -s, --file -f=, --jobs -j=?`: their names, and by `=` and `=?`
    those that take a value and those that take one in the same word only.
    """
    names: dict[str, str] = {}
    valued: set[str] = set()
    attached: set[str] = set()
    for entry in filter(None, map(str.strip, text.split(","))):
        first, *others = entry.rstrip("=?").split()
        names[first] = first
        names.update(dict.fromkeys(others, first))
        if entry.endswith("=?"):
            attached.add(first)
        elif entry.endswith("="):
            valued.add(first)
    return names, frozenset(valued), frozenset(attached)
