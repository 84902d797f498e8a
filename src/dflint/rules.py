"""The rule format: loading rule files, validating them, and compiling them to functions.

A rule file holds one rule, written in YAML. Whatever is wrong with it is a `RuleError` that names
the file, the line and, where there is one, the nearest right word.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

from msgspec import Struct, field, json

from dflint import compiled
from dflint.conditions import (
    Condition,
    ConditionError,
    Settings,
    attribute,
    compile_certain,
)
from dflint.disk import read_text
from dflint.finding import CATEGORIES, Edit, Fix, IgnoreLine, Related, Safety, Severity
from dflint.lazy import regex
from dflint.nearest import nearest
from dflint.source import Span
from dflint.subjects import SUBJECTS
from dflint.subjects.base import UNKNOWN, Attribute, Part, Subject

SEVERITIES: Mapping[str, Severity] = {each.label: each for each in Severity}
ID = regex(r"[A-Z]{1,8}[0-9]{1,5}")
NAME = regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PLACEHOLDER = regex(r"\{\{|\}\}|\{([a-z][a-z0-9-]*(?:\.[A-Za-z_][\w-]*)*)\}")
OPTION_TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "flag": (bool,),
    "list": (list,),
}
LARGEST = 500_000  # bytes of a rule file
LONGEST = 72  # characters of a value that a message quotes


class RuleError(Exception):
    """A rule file that cannot be used: where it is wrong, and how."""

    def __init__(self, path: str, line: int | None, message: str) -> None:
        place = path if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {message}")
        self.path = path
        self.line = line
        self.message = message


class Option(Struct, frozen=True):
    """A parameter of a rule that a user may set; one with `choices` takes nothing else."""

    type: str
    default: object
    about: str
    choices: tuple[str, ...] = ()


class Example(Struct, frozen=True):
    """A Dockerfile that a rule must complain about (`bad`) or must leave alone.

    `at` are the exact positions of the findings, `line:column` or `line:column-column`; `fixed` is
    the text that the rule's fix makes of it. `files` and `dockerignore` are the build context;
    `executable` are the files that may be run.
    """

    bad: bool
    text: str
    at: tuple[str, ...]
    fixed: str | None
    message: str | None
    files: Mapping[str, str] | None
    executable: frozenset[str]
    dockerignore: str | None
    day: date | None
    target: str | None
    options: Mapping[str, object]
    line: int


class Rule(Struct, frozen=True):
    """A rule as its file says it. `where`, `fix` and `cases` are still YAML's values.

    One that is `shipped` is dflint's own.
    """

    path: str
    id: str
    name: str
    summary: str
    severity: Severity
    category: str
    subject: str
    where: Mapping[str, Any]
    message: str
    advice: str
    why: str
    aliases: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    since: str = ""
    default: bool = True
    label: str = ""
    at: str = ""
    redact: str = ""
    related: tuple[tuple[str, str], ...] = ()
    fix: Mapping[str, Any] | None = None
    cases: tuple[Mapping[str, Any], ...] = ()
    references: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    shipped: bool = False


Render = Callable[[Any], str | None]


class Voice(Struct, frozen=True):
    """What a finding says and does, compiled; a case of a rule may replace any of it.

    `aliases` are the other tools' names for this very finding.
    """

    severity: Severity
    aliases: tuple[str, ...]
    message: Render
    advice: Render
    label: Render
    at: Part
    related: tuple[tuple[Part, Render], ...]
    fix: Callable[[Any], Fix | None]


Cases = tuple[tuple[Condition, Voice], ...]


class CompiledRule(Struct, frozen=True):
    """A rule ready to run; `redact` is the part that no report may show.

    `voices` answers with the rule's voice, and those of its cases with their conditions.
    """

    rule: Rule
    subject: Subject
    condition: Condition
    voices: Callable[[], tuple[Voice, Cases]]
    redact: Part | None = None

    @property
    def voice(self) -> Voice:
        return self.voices()[0]

    @property
    def cases(self) -> Cases:
        return self.voices()[1]


class Field(Struct, frozen=True):
    """A key of the rule format: what it takes and what it is for."""

    types: tuple[type, ...]
    about: str
    required: bool = False


FIELDS: Mapping[str, Field] = {
    "id": Field((str,), "Short id, capital letters and a number: `DF301`.", required=True),
    "name": Field(
        (str,), "The rule's name, lower case with dashes: `pip-no-cache`.", required=True
    ),
    "summary": Field((str,), "What is wrong, in one line.", required=True),
    "severity": Field((str,), "error, warning, info or style.", required=True),
    "category": Field((str,), f"One of {', '.join(CATEGORIES)}.", required=True),
    "aliases": Field((list,), "The same complaint under other tools' names."),
    "yields-to": Field(
        (list,), "The rules that speak in its place, where they find the same instruction."
    ),
    "since": Field((str,), "The version that brought the rule."),
    "default": Field((bool,), "Whether the rule runs unless it is switched off (true)."),
    "subject": Field((str,), "What the rule looks at, one at a time.", required=True),
    "where": Field((dict,), "The conditions; all must hold.", required=True),
    "message": Field((str,), "The complaint; `{attribute}` puts in a fact.", required=True),
    "advice": Field((str,), "What to do about it.", required=True),
    "label": Field((str,), "A short text under the marked words."),
    "at": Field((str,), "The part of the subject that is marked."),
    "redact": Field((str,), "The part that no report may show, as it is a secret."),
    "related": Field((list,), "Further parts to show, each with a label."),
    "fix": Field((dict,), "How to mend it."),
    "cases": Field((list,), "Other words or another severity where more conditions hold."),
    "why": Field((str,), "Why it matters, for a sceptical reader, in Markdown.", required=True),
    "references": Field((list,), "Pages that support the rule."),
    "options": Field((dict,), "Parameters that a user may set."),
    "examples": Field(
        (list,), "Dockerfiles that are bad or good: the rule's tests.", required=True
    ),
}
CASE_FIELDS = (
    "where", "severity", "aliases", "message", "advice", "label", "at", "related", "fix",
)  # fmt: skip
FIX_FIELDS = (
    "title", "safety", "insert", "before", "after", "replace", "with", "delete", "change", "edits",
)  # fmt: skip
EXAMPLE_FIELDS = (
    "bad", "good", "at", "fixed", "message", "files", "dockerignore", "day", "target", "options",
)  # fmt: skip
FILE_FIELDS = ("text", "executable")


class _FormatError(Exception):
    """Something wrong at a place inside a rule; becomes a RuleError with a line."""

    def __init__(self, keys: Sequence[str | int], message: str) -> None:
        super().__init__(message)
        self.keys = tuple(keys)
        self.message = message


def load_folder(folder: Path) -> tuple[Rule, ...]:
    """The rules of all `*.yaml` and `*.yml` files below a folder, in the order of their ids.

    Raises RuleError, also when the folder does not exist.
    """
    if not folder.is_dir():
        raise RuleError(str(folder), None, "there is no such folder of rules")
    try:
        paths = [Path(entry.path) for entry in compiled.places(folder).values()]
    except OSError as error:
        where = str(error.filename or folder)
        raise RuleError(where, None, error.strerror or "cannot be read") from None
    return tuple(sorted(map(load_file, sorted(paths)), key=_place_in_order))


def load_compiled(folder: Path) -> tuple[Rule, ...]:
    """As `load_folder`, quicker: from the folder's compiled form, made now if there is none.

    The folder is dflint's own, the rules come without their examples. Raises RuleError.
    """
    if not folder.is_dir():
        raise RuleError(str(folder), None, "there is no such folder of rules")
    made = compiled.stored(folder)
    if made is None:
        load_folder(folder)  # every rule is right before the compiled form says so
        data = compiled.compile_folder(folder)
    else:
        data = {path: json.decode(each) for path, each in made.items()}
    rules = [
        _made(each, f"{folder}{os.sep}{path}", _options(each.get("options", {})), shipped=True)
        for path, each in data.items()
    ]
    return tuple(sorted(rules, key=_place_in_order))


def _place_in_order(rule: Rule) -> tuple[str, int]:
    """DF1001 comes after DF901."""
    letters = rule.id.rstrip("0123456789")
    return letters, int(rule.id[len(letters) :])


def load_file(path: Path) -> Rule:
    """The rule of a file. Raises RuleError."""
    try:
        text = read_text(path, LARGEST)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RuleError(str(path), None, f"cannot be read: {reason}") from None
    except UnicodeDecodeError:
        raise RuleError(str(path), None, "cannot be read: not UTF-8") from None
    return parse_rule(text, str(path))


def parse_rule(text: str, path: str) -> Rule:
    """The rule that a YAML text describes, fully checked. Raises RuleError."""
    from yaml import YAMLError

    try:
        data = compiled.parse(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        raise RuleError(path, mark.line + 1 if mark else None, f"not YAML: {reason}") from None
    try:
        rule = _rule(data, path)
        compile_rule(rule, {}, date(2000, 1, 1))
    except (_FormatError, ConditionError) as error:
        raise RuleError(path, _line(text, error.keys), error.message) from None
    return rule


def check_unique(rules: Sequence[Rule]) -> None:
    """Raise RuleError when two rules share an id or a name, or one's name is another's id."""
    seen: dict[str, Rule] = {}
    for rule in rules:
        for key in (rule.id, rule.name):
            other = seen.setdefault(key, rule)
            if other is not rule:
                raise RuleError(rule.path, None, f"`{key}` is taken by the rule in {other.path}")


def check_yields(rules: Iterable[Rule], names: Iterable[str]) -> None:
    """Raise RuleError for a rule that yields to one which none of the names is."""
    known = frozenset(names)
    for rule in rules:
        for name in rule.yields_to:
            if name not in known:
                hint = nearest(name, known)
                tail = f": did you mean `{hint}`?" if hint else ""
                raise RuleError(rule.path, None, f"`yields-to`: no rule is called `{name}`{tail}")


def _line(text: str, keys: Sequence[str | int]) -> int | None:
    """The line of the value that the keys lead to, as far as they lead."""
    from yaml import MappingNode, SequenceNode

    node: Any = compiled.compose(text)
    if node is None:
        return None
    line = node.start_mark.line
    for key in keys:
        if isinstance(node, MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(key)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line
        else:
            break
    return int(line) + 1


def _known_keys(
    data: Mapping[Any, Any], allowed: Iterable[str], keys: Sequence[str | int], what: str
) -> None:
    allowed = tuple(allowed)
    for key in data:
        if key not in allowed:
            hint = nearest(str(key), allowed)
            message = f"unknown key `{key}` in {what}"
            message += f": did you mean `{hint}`?" if hint else ""
            raise _FormatError((*keys, key), message)


def _rule(data: object, path: str) -> Rule:
    """The rule that a file's data describe, all but its conditions checked. Raises _FormatError."""
    known = _checked(data)
    options = _options(known.get("options", {}))
    examples = tuple(_example(each, index, options) for index, each in enumerate(known["examples"]))
    return _made(known, path, options, examples)


def _checked(data: object) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise _FormatError((), "a rule file holds one mapping: id, name, summary, …")
    _known_keys(data, FIELDS, (), "a rule")
    for key, rule_field in FIELDS.items():
        if key not in data:
            if rule_field.required:
                raise _FormatError((), f"`{key}` is missing")
        elif not isinstance(data[key], rule_field.types):
            raise _FormatError((key,), f"`{key}` must be a {_type_name(rule_field.types)}")
    if not ID.fullmatch(data["id"]):
        raise _FormatError(("id",), "an id is capital letters and a number, as in `DF301`")
    if not NAME.fullmatch(data["name"]):
        raise _FormatError(("name",), "a name is lower case with dashes, as in `pip-no-cache`")
    _one_of(data["severity"], SEVERITIES, ("severity",), "severity")
    _one_of(data["category"], CATEGORIES, ("category",), "category")
    _one_of(data["subject"], SUBJECTS, ("subject",), "subject")
    _texts(data, "aliases")
    _texts(data, "yields-to")
    _texts(data, "references")
    _check_related(data.get("related", []), ("related",))
    _check_cases(data.get("cases", []), data.get("aliases", []))
    return data


def _made(
    data: Mapping[str, Any],
    path: str,
    options: Mapping[str, Option],
    examples: tuple[Example, ...] = (),
    *,
    shipped: bool = False,
) -> Rule:
    """The rule of data that were found right, now or when they were compiled."""
    related = data.get("related", ())
    return Rule(
        path=path,
        id=data["id"],
        name=data["name"],
        summary=data["summary"].strip(),
        severity=SEVERITIES[data["severity"]],
        category=data["category"],
        subject=data["subject"],
        where=data["where"],
        message=data["message"].strip(),
        advice=data["advice"].strip(),
        why=data["why"].strip(),
        aliases=tuple(data.get("aliases", ())),
        yields_to=tuple(data.get("yields-to", ())),
        since=data.get("since", ""),
        default=data.get("default", True),
        label=data.get("label", ""),
        at=data.get("at", ""),
        redact=data.get("redact", ""),
        related=tuple((each["part"], each["label"]) for each in related),
        fix=data.get("fix"),
        cases=tuple(data.get("cases", ())),
        references=tuple(data.get("references", ())),
        options=options,
        examples=examples,
        shipped=shipped,
    )


def _type_name(types: tuple[type, ...]) -> str:
    names = {str: "text", list: "list", dict: "mapping", bool: "true or false"}
    return " or ".join(names[each] for each in types)


def _one_of(value: str, allowed: Iterable[str], keys: Sequence[str | int], what: str) -> str:
    allowed = tuple(allowed)
    if value not in allowed:
        hint = nearest(str(value), allowed)
        tail = f": did you mean `{hint}`?" if hint else f" (one of {', '.join(allowed)})"
        raise _FormatError(keys, f"unknown {what} `{value}`{tail}")
    return value


def _texts(data: Mapping[str, Any], key: str, above: tuple[str | int, ...] = ()) -> tuple[str, ...]:
    values = data.get(key, [])
    if not isinstance(values, list):
        raise _FormatError((*above, key), f"`{key}` is a list of texts")
    for index, value in enumerate(values):
        if not isinstance(value, str):
            raise _FormatError((*above, key, index), f"`{key}` is a list of texts")
    return tuple(values)


def _check_related(raw: list[Any], keys: tuple[str | int, ...]) -> None:
    for index, each in enumerate(raw):
        if not isinstance(each, dict) or set(each) != {"part", "label"}:
            raise _FormatError((*keys, index), "a related place has a `part` and a `label`")


def _check_cases(raw: list[Any], aliases: list[str]) -> None:
    for index, case in enumerate(raw):
        if not isinstance(case, dict) or "where" not in case:
            raise _FormatError(("cases", index), "a case is a mapping with `where`")
        _known_keys(case, CASE_FIELDS, ("cases", index), "a case")
        if "severity" in case:
            _one_of(case["severity"], SEVERITIES, ("cases", index, "severity"), "severity")
        for alias in _texts(case, "aliases", ("cases", index)):
            if alias not in aliases:
                message = f"`{alias}` is not among the rule's `aliases`"
                raise _FormatError(("cases", index, "aliases"), message)


def _options(raw: Mapping[str, Any]) -> dict[str, Option]:
    options = {}
    for name, each in raw.items():
        keys = ("options", name)
        if not isinstance(each, dict) or set(each) - {"choices"} != {"type", "default", "about"}:
            raise _FormatError(keys, "an option has a `type`, a `default` and an `about`")
        kind = _one_of(each["type"], OPTION_TYPES, (*keys, "type"), "type")
        if not _fits(each["default"], kind):
            raise _FormatError((*keys, "default"), f"the default is not a {kind}")
        choices = _texts(each, "choices", keys)
        if choices and each["default"] not in choices:
            raise _FormatError((*keys, "choices"), "the default is not among the choices")
        options[name] = Option(kind, each["default"], each["about"], choices)
    return options


def _fits(value: object, kind: str) -> bool:
    if isinstance(value, bool) and kind != "flag":
        return False
    return isinstance(value, OPTION_TYPES[kind])


def option_values(rule: Rule, given: Mapping[str, object]) -> dict[str, object]:
    """The values of a rule's options. Raises ValueError for an unknown option or a wrong type."""
    values = {name: option.default for name, option in rule.options.items()}
    for name, value in given.items():
        if name not in rule.options:
            hint = nearest(name, rule.options)
            tail = f": did you mean `{hint}`?" if hint else ""
            raise ValueError(f"rule `{rule.name}` has no option `{name}`{tail}")
        if not _fits(value, rule.options[name].type):
            raise ValueError(f"option `{name}` of `{rule.name}` is a {rule.options[name].type}")
        choices = rule.options[name].choices
        if choices and value not in choices:
            allowed = " or ".join(f"`{each}`" for each in choices)
            raise ValueError(f"option `{name}` of `{rule.name}` is {allowed}, not `{value}`")
        values[name] = value
    return values


def _example(raw: Any, index: int, options: Mapping[str, Option]) -> Example:
    keys = ("examples", index)
    if not isinstance(raw, dict) or ("bad" in raw) == ("good" in raw):
        raise _FormatError(keys, "an example is a mapping with either `bad` or `good`")
    _known_keys(raw, EXAMPLE_FIELDS, keys, "an example")
    bad = "bad" in raw
    text = raw["bad"] if bad else raw["good"]
    if not isinstance(text, str):
        raise _FormatError(keys, "an example's Dockerfile is a text")
    if bad and not raw.get("at"):
        raise _FormatError(keys, 'a bad example says where: `at: ["2:5"]`')
    if not bad and {"at", "fixed", "message"} & set(raw):
        raise _FormatError(keys, "a good example has no `at`, `fixed` or `message`")
    for name in raw.get("options", {}):
        if name not in options:
            raise _FormatError((*keys, "options", name), f"the rule has no option `{name}`")
    files, executable = _files(raw.get("files"), (*keys, "files"))
    return Example(
        bad=bad,
        text=text,
        at=tuple(str(each) for each in raw.get("at", [])),
        fixed=raw.get("fixed"),
        message=raw.get("message"),
        files=files,
        executable=executable,
        dockerignore=raw.get("dockerignore"),
        day=_day(raw.get("day"), (*keys, "day")),
        target=raw.get("target"),
        options=raw.get("options", {}),
        line=index,
    )


def _day(raw: object, keys: tuple[str | int, ...]) -> date | None:
    """The day of an example."""
    try:
        return None if raw is None else date.fromisoformat(str(raw))
    except ValueError:
        raise _FormatError(keys, "a day is YYYY-MM-DD") from None


def _files(
    raw: Any, keys: tuple[str | int, ...]
) -> tuple[Mapping[str, str] | None, frozenset[str]]:
    """An example's files as texts, and which of them may be run."""
    if raw is None:
        return None, frozenset()
    files: dict[str, str] = {}
    executable: set[str] = set()
    for path, each in raw.items():
        if isinstance(each, dict):
            _known_keys(each, FILE_FIELDS, (*keys, path), "a file")
            may_run = each.get("executable", False)
            if not isinstance(may_run, bool):
                raise _FormatError((*keys, path), "`executable` must be true or false")
            if may_run:
                executable.add(path)
        text = each.get("text", "") if isinstance(each, dict) else each
        if not isinstance(text, str):
            raise _FormatError((*keys, path), "a file is a text, or `{text: …, executable: true}`")
        files[path] = text
    return files, frozenset(executable)


def compile_rule(
    rule: Rule, options: Mapping[str, object], today: date, *, proven: bool = False
) -> CompiledRule:
    """A rule as functions, with the options that a user gave. Raises ConditionError, ValueError.

    One that is `proven`, compiled before with these options, is made ready as far as it is used.
    """
    subject = SUBJECTS[rule.subject]
    settings = Settings(option_values(rule, options), today, proven, rule.shipped)
    voices = cache(partial(_voices, rule, subject, settings))
    if not proven:
        voices()
    return CompiledRule(
        rule=rule,
        subject=subject,
        condition=compile_certain(subject, rule.where, settings),
        voices=voices,
        redact=_part(subject, rule.redact, ("redact",)) if rule.redact else None,
    )


def _voices(rule: Rule, subject: Subject, settings: Settings) -> tuple[Voice, Cases]:
    raw = {
        "severity": rule.severity.label,
        "aliases": rule.aliases,
        "message": rule.message,
        "advice": rule.advice,
        "label": rule.label,
        "at": rule.at or subject.main,
        "related": [{"part": part, "label": label} for part, label in rule.related],
        "fix": rule.fix,
    }
    voice = _voice(subject, raw, (), settings)  # first: what a case inherits must be right by then
    cases = tuple(
        (
            compile_certain(subject, case["where"], settings, ("cases", index, "where")),
            _voice(subject, {**raw, **case}, ("cases", index), settings),
        )
        for index, case in enumerate(rule.cases)
    )
    return voice, cases


def index_of(rule: Rule) -> frozenset[str] | None:
    """The values of its subject's index that a rule can apply to; None: whatever the value."""
    return _index(SUBJECTS[rule.subject], rule.where)


def _index(subject: Subject, where: Any) -> frozenset[str] | None:
    """The values of the subject's index that a `where` allows; None where it allows any."""
    if subject.index is None or not isinstance(where, dict):
        return None
    wanted = where.get(subject.index)
    if isinstance(wanted, str):
        return frozenset((wanted,))
    if isinstance(wanted, list):
        return frozenset(map(str, wanted))
    alternatives = where.get("any")
    if not isinstance(alternatives, list):
        return None
    found = [_index(subject, each) for each in alternatives]
    return frozenset().union(*(each for each in found if each)) if None not in found else None


def _voice(
    subject: Subject, raw: Mapping[str, Any], keys: tuple[str | int, ...], settings: Settings
) -> Voice:
    def said(name: str) -> Render:
        return template(subject, raw[name], (*keys, name), settings=settings)

    return Voice(
        severity=SEVERITIES[raw["severity"]],
        aliases=tuple(raw["aliases"]),
        message=said("message"),
        advice=said("advice"),
        label=said("label"),
        at=_part(subject, raw["at"], (*keys, "at")),
        related=tuple(
            (
                _part(subject, each["part"], (*keys, "related", index)),
                template(subject, each["label"], (*keys, "related", index)),
            )
            for index, each in enumerate(raw["related"])
        ),
        fix=_fix(subject, raw["fix"], (*keys, "fix")),
    )


def _part(subject: Subject, name: str, keys: Sequence[str | int]) -> Part:
    found = subject.parts.get(name)
    if found is None:
        hint = nearest(name, subject.parts)
        message = f"`{subject.name}` has no part `{name}`"
        raise _FormatError(keys, message + (f": did you mean `{hint}`?" if hint else ""))
    return found


def template(
    subject: Subject,
    text: str,
    keys: Sequence[str | int],
    *,
    exact: bool = False,
    settings: Settings | None = None,
) -> Render:
    """A function that fills in a text's `{attribute}`s, and its `{parameter.NAME}`s from options.

    With `exact`, values are put in whole, and an unknown or missing one makes the result None.
    """
    pieces: list[str | Attribute] = []
    end = 0
    for match in PLACEHOLDER.finditer(text):
        pieces.append(text[end : match.start()])
        end = match.end()
        name = match[1]
        pieces.append(match[0][0] if name is None else attribute(subject, name, keys, settings))
    pieces.append(text[end:])
    written = [piece for piece in pieces if isinstance(piece, str)]
    if any(len(piece) > 1 and re.search("[{}]", piece) for piece in written):
        raise _FormatError(keys, "a brace alone: `{attribute}` puts in a fact, `{{` is a brace")
    if len(written) == len(pieces):
        plain = "".join(written)
        return lambda _: plain

    def render(thing: object) -> str | None:
        out = []
        for piece in pieces:
            if isinstance(piece, str):
                out.append(piece)
                continue
            value = piece.get(thing)
            if exact and (value is UNKNOWN or value is None):
                return None
            out.append(str(value) if exact else shown(value))
        return "".join(out)

    return render


def shown(value: object) -> str:
    """A value as a message shows it: one line, not too long."""
    if value is None or value is UNKNOWN:
        return "?"
    if isinstance(value, (list, tuple, frozenset, set)):
        items = [str(item) for item in value]
        tail = f" and {len(items) - 4} more" if len(items) > 5 else ""
        return ", ".join(items[: 4 if tail else 5]) + tail
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _fix(
    subject: Subject, raw: Mapping[str, Any] | None, keys: tuple[str | int, ...]
) -> Callable[[Any], Fix | None]:
    if raw is None:
        return lambda _: None
    _known_keys(raw, FIX_FIELDS, keys, "a fix")
    title = template(subject, str(raw.get("title", "")), (*keys, "title"))
    safety: Safety = "safe" if raw.get("safety") == "safe" else "unsafe"
    if not raw.get("title") or raw.get("safety") not in ("safe", "unsafe"):
        raise _FormatError(keys, "a fix has a `title` and a `safety` (safe or unsafe)")
    edits = raw.get("edits", [raw])
    makers = [_edits(subject, each, keys) for each in edits]

    def make(thing: object) -> Fix | None:
        whole: list[Edit | IgnoreLine] = []
        for maker in makers:
            made = maker(thing)
            if made is None:
                return None
            whole += made
        found = tuple(each for each in whole if isinstance(each, Edit))
        lines = tuple(each.text for each in whole if isinstance(each, IgnoreLine))
        return Fix(title(thing) or "", safety, found, lines)

    return make


def _edits(
    subject: Subject, raw: Mapping[str, Any], keys: tuple[str | int, ...]
) -> Callable[[Any], tuple[Edit | IgnoreLine, ...] | None]:
    """An edit of a fix, or the edits of the subject's own change that it names."""
    if "change" in raw:
        name = _one_of(raw["change"], subject.changes, (*keys, "change"), "change")
        return subject.changes[name].get
    one = _edit(subject, raw, keys)

    def make(thing: object) -> tuple[Edit, ...] | None:
        edit = one(thing)
        return None if edit is None else (edit,)

    return make


def _edit(
    subject: Subject, raw: Mapping[str, Any], keys: tuple[str | int, ...]
) -> Callable[[Any], Edit | None]:
    action = next((each for each in ("insert", "replace", "delete") if each in raw), None)
    if action is None:
        raise _FormatError(keys, "a fix has one of `insert`, `replace`, `delete` and `change`")
    side = "after" if "after" in raw else "before"
    if action == "insert" and side not in raw:
        raise _FormatError(keys, "`insert` needs `before` or `after`: the part that it goes to")
    if action == "replace" and "with" not in raw:
        raise _FormatError(keys, "`replace` names a part and needs `with`: the new text")
    part = _part(subject, raw[side] if action == "insert" else raw[action], keys)
    new = {"insert": raw.get("insert"), "replace": raw.get("with"), "delete": ""}[action]
    text = template(subject, str(new), keys, exact=True)

    def make(thing: object) -> Edit | None:
        span, value = part.get(thing), text(thing)
        if span is None or value is None:
            return None
        if action == "insert":
            at = span.end if side == "after" else span.start
            span = Span(at, at)
        return Edit(span, value)

    return make


def related_places(voice: Voice, thing: object) -> tuple[Related, ...]:
    """The further places of a finding; parts that the subject does not have are left out."""
    found = []
    for part, label in voice.related:
        span = part.get(thing)
        if span is not None:
            found.append(Related(span, label(thing) or ""))
    return tuple(found)
