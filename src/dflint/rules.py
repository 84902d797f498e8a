"""Reading rule files: loading, checking, and the line that something wrong stands on.

A rule file holds one rule, written in YAML.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import json

from dflint import compiled
from dflint.conditions import (
    ConditionError,
)
from dflint.disk import is_folder, read_text
from dflint.finding import CATEGORIES
from dflint.nearest import nearest
from dflint.rule import (
    CASE_FIELDS,
    EXAMPLE_FIELDS,
    FIELDS,
    FILE_FIELDS,
    ID,
    NAME,
    OPTION_TYPES,
    SEVERITIES,
    Example,
    FormatError,
    Option,
    Rule,
    RuleError,
    fits,
    known_keys,
    one_of,
)
from dflint.subjects import SUBJECTS
from dflint.voices import compile_rule

LARGEST = 500_000  # bytes of a rule file


def load_folder(folder: Path) -> tuple[Rule, ...]:
    """The rules of all `*.yaml` and `*.yml` files below a folder, in the order of their ids.

    Raises RuleError, also when the folder does not exist.
    """
    if not is_folder(folder):
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
    if not is_folder(folder):
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
    except (FormatError, ConditionError) as error:
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


def _rule(data: object, path: str) -> Rule:
    """The rule that a file's data describe, all but its conditions checked. Raises FormatError."""
    known = _checked(data)
    options = _options(known.get("options", {}))
    examples = tuple(_example(each, index, options) for index, each in enumerate(known["examples"]))
    return _made(known, path, options, examples)


def _checked(data: object) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise FormatError((), "a rule file holds one mapping: id, name, summary, …")
    known_keys(data, FIELDS, (), "a rule")
    for key, rule_field in FIELDS.items():
        if key not in data:
            if rule_field.required:
                raise FormatError((), f"`{key}` is missing")
        elif not isinstance(data[key], rule_field.types):
            raise FormatError((key,), f"`{key}` must be a {_type_name(rule_field.types)}")
    if not ID.fullmatch(data["id"]):
        raise FormatError(("id",), "an id is capital letters and a number, as in `DF301`")
    if not NAME.fullmatch(data["name"]):
        raise FormatError(("name",), "a name is lower case with dashes, as in `pip-no-cache`")
    one_of(data["severity"], SEVERITIES, ("severity",), "severity")
    one_of(data["category"], CATEGORIES, ("category",), "category")
    one_of(data["subject"], SUBJECTS, ("subject",), "subject")
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


def _texts(data: Mapping[str, Any], key: str, above: tuple[str | int, ...] = ()) -> tuple[str, ...]:
    values = data.get(key, [])
    if not isinstance(values, list):
        raise FormatError((*above, key), f"`{key}` is a list of texts")
    for index, value in enumerate(values):
        if not isinstance(value, str):
            raise FormatError((*above, key, index), f"`{key}` is a list of texts")
    return tuple(values)


def _check_related(raw: list[Any], keys: tuple[str | int, ...]) -> None:
    for index, each in enumerate(raw):
        if not isinstance(each, dict) or set(each) != {"part", "label"}:
            raise FormatError((*keys, index), "a related place has a `part` and a `label`")


def _check_cases(raw: list[Any], aliases: list[str]) -> None:
    for index, case in enumerate(raw):
        if not isinstance(case, dict) or "where" not in case:
            raise FormatError(("cases", index), "a case is a mapping with `where`")
        known_keys(case, CASE_FIELDS, ("cases", index), "a case")
        if "severity" in case:
            one_of(case["severity"], SEVERITIES, ("cases", index, "severity"), "severity")
        for alias in _texts(case, "aliases", ("cases", index)):
            if alias not in aliases:
                message = f"`{alias}` is not among the rule's `aliases`"
                raise FormatError(("cases", index, "aliases"), message)


def _options(raw: Mapping[str, Any]) -> dict[str, Option]:
    options = {}
    for name, each in raw.items():
        keys = ("options", name)
        if not isinstance(each, dict) or set(each) - {"choices"} != {"type", "default", "about"}:
            raise FormatError(keys, "an option has a `type`, a `default` and an `about`")
        kind = one_of(each["type"], OPTION_TYPES, (*keys, "type"), "type")
        if not fits(each["default"], kind):
            raise FormatError((*keys, "default"), f"the default is not a {kind}")
        choices = _texts(each, "choices", keys)
        if choices and each["default"] not in choices:
            raise FormatError((*keys, "choices"), "the default is not among the choices")
        options[name] = Option(kind, each["default"], each["about"], choices)
    return options


def _example(raw: Any, index: int, options: Mapping[str, Option]) -> Example:
    keys = ("examples", index)
    if not isinstance(raw, dict) or ("bad" in raw) == ("good" in raw):
        raise FormatError(keys, "an example is a mapping with either `bad` or `good`")
    known_keys(raw, EXAMPLE_FIELDS, keys, "an example")
    bad = "bad" in raw
    text = raw["bad"] if bad else raw["good"]
    if not isinstance(text, str):
        raise FormatError(keys, "an example's Dockerfile is a text")
    if bad and not raw.get("at"):
        raise FormatError(keys, 'a bad example says where: `at: ["2:5"]`')
    if not bad and {"at", "fixed", "message"} & set(raw):
        raise FormatError(keys, "a good example has no `at`, `fixed` or `message`")
    for name in raw.get("options", {}):
        if name not in options:
            raise FormatError((*keys, "options", name), f"the rule has no option `{name}`")
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
        raise FormatError(keys, "a day is YYYY-MM-DD") from None


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
            known_keys(each, FILE_FIELDS, (*keys, path), "a file")
            may_run = each.get("executable", False)
            if not isinstance(may_run, bool):
                raise FormatError((*keys, path), "`executable` must be true or false")
            if may_run:
                executable.add(path)
        text = each.get("text", "") if isinstance(each, dict) else each
        if not isinstance(text, str):
            raise FormatError((*keys, path), "a file is a text, or `{text: …, executable: true}`")
        files[path] = text
    return files, frozenset(executable)
