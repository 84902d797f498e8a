"""The words of a rule's conditions: operators over attribute values, in three-valued logic.

A condition answers True, False, or None for "cannot be known". None goes through `not`, `any` and
`all` as in Kleene's logic, and a rule fires on True alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fnmatch import translate
from functools import partial
from typing import Any

from msgspec import Struct

from dflint import bounded
from dflint.lazy import regex
from dflint.nearest import nearest
from dflint.paths import covers
from dflint.subjects.base import UNKNOWN, Attribute, Family, Kind, Subject

Answer = bool | None
Test = Callable[[object], Answer]
Condition = Callable[[Any], Answer]

ALL_KINDS: tuple[Kind, ...] = ("text", "flag", "number", "date", "list", "paths")
FALSE_WORDS = frozenset({"", "0", "false", "no", "off", "n", "f"})


class ConditionError(Exception):
    """A condition that cannot be compiled; `keys` is the way to it inside the rule."""

    def __init__(self, keys: Sequence[str | int], message: str) -> None:
        super().__init__(message)
        self.keys = tuple(keys)
        self.message = message


class Operator(Struct, frozen=True):
    """A word of the condition language.

    `kinds` are the kinds of attributes it may be asked of; `operand` names what it takes: text,
    regex, number, flag, date, path, items (a text or a list of texts) or test.
    """

    kinds: tuple[Kind, ...]
    operand: str
    about: str
    make: Callable[[Any], Test]


class Settings(Struct, frozen=True):
    """What a rule's conditions may refer to beside the subject: options by name, and the day.

    A rule that is `proven`, compiled before with the same options, is made ready piece by piece,
    when a piece is first asked; most never are. The regular expressions of one that is `trusted`
    need no limit.
    """

    options: Mapping[str, object]
    today: date
    proven: bool = False
    trusted: bool = False


def _items(value: object) -> Sequence[object]:
    if value is None:
        return ()
    return value if isinstance(value, (list, tuple, frozenset, set)) else (value,)  # type: ignore[return-value]


def _equals(operand: object) -> Test:
    wanted = frozenset(
        str(item) if not isinstance(item, bool) else item for item in _items(operand)
    )

    def test(value: object) -> Answer:
        if isinstance(value, bool):
            return value in wanted
        return value is not None and str(value) in wanted

    return test


def _has(operand: object) -> Test:
    wanted = frozenset(map(str, _items(operand)))
    return lambda value: any(str(item) in wanted for item in _items(value))


def _has_all(operand: object) -> Test:
    wanted = frozenset(map(str, _items(operand)))
    return lambda value: wanted <= {str(item) for item in _items(value)}


def _lacks(operand: object) -> Test:
    has = _has(operand)
    return lambda value: not has(value)


def _matches(operand: str) -> Test:
    made = regex(operand)
    return lambda value: value is not None and made.search(str(value)) is not None


def _matches_bounded(operand: str) -> Test:
    found = bounded.searcher(operand)
    return lambda value: value is not None and found(str(value))


def _like(operand: object) -> Test:
    patterns = [re.compile(translate(str(item))).match for item in _items(operand)]
    return lambda value: value is not None and any(match(str(value)) for match in patterns)


def _compare(check: Callable[[Any, Any], bool]) -> Callable[[Any], Test]:
    return lambda operand: lambda value: None if value is None else check(value, operand)


def _truthy(operand: bool) -> Test:
    return lambda value: (value is not None and str(value).lower() not in FALSE_WORDS) is operand


def _falsy(operand: bool) -> Test:
    return _truthy(not operand)


def _present(operand: bool) -> Test:
    return lambda value: (value is not None) is operand


def _empty(operand: bool) -> Test:
    return lambda value: (len(_items(value)) == 0) is operand


def _covering(operand: object) -> Test:
    wanted = [str(item) for item in _items(operand)]
    return lambda value: any(covers(_items(value), path) for path in wanted)


def _not_covering(operand: object) -> Test:
    test = _covering(operand)
    return lambda value: not test(value)


def _some(operand: Test) -> Test:
    return lambda value: any_of(operand(item) for item in _items(value))


def _every(operand: Test) -> Test:
    return lambda value: all_of(operand(item) for item in _items(value))


def _none(operand: Test) -> Test:
    some = _some(operand)
    return lambda value: negate(some(value))


def negate(answer: Answer) -> Answer:
    """Kleene's not."""
    return None if answer is None else not answer


def all_of(answers: Iterable[Answer]) -> Answer:
    """Kleene's and: False wins, then unknown."""
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def any_of(answers: Iterable[Answer]) -> Answer:
    """Kleene's or: True wins, then unknown."""
    unknown = False
    for answer in answers:
        if answer:
            return True
        unknown = unknown or answer is None
    return None if unknown else False


LISTS: tuple[Kind, ...] = ("list", "paths")
OPERATORS: Mapping[str, Operator] = {
    "matches": Operator(("text", "number"), "regex", "the regular expression is found in the value", _matches),
    "like": Operator(("text",), "items", "the whole value is one of these, in which `*` is any text", _like),
    "has": Operator(LISTS, "items", "at least one of these is among the values", _has),
    "has-all": Operator(LISTS, "items", "all of these are among the values", _has_all),
    "lacks": Operator(LISTS, "items", "none of these is among the values", _lacks),
    "some": Operator(LISTS, "test", "at least one of the values passes the test", _some),
    "every": Operator(LISTS, "test", "all of the values pass the test (also when there is none)", _every),
    "none": Operator(LISTS, "test", "none of the values passes the test", _none),
    "empty": Operator(LISTS, "flag", "whether there are no values", _empty),
    "covering": Operator(("paths",), "items", "one of the paths is, or lies above, one of these", _covering),
    "not-covering": Operator(("paths",), "items", "none of the paths is, or lies above, any of these", _not_covering),
    "gt": Operator(("number",), "number", "greater than", _compare(lambda a, b: a > b)),
    "ge": Operator(("number",), "number", "greater than or equal to", _compare(lambda a, b: a >= b)),
    "lt": Operator(("number",), "number", "less than", _compare(lambda a, b: a < b)),
    "le": Operator(("number",), "number", "less than or equal to", _compare(lambda a, b: a <= b)),
    "before": Operator(("date",), "date", "earlier than a day (`today` or YYYY-MM-DD)", _compare(lambda a, b: a < b)),
    "after": Operator(("date",), "date", "later than a day (`today` or YYYY-MM-DD)", _compare(lambda a, b: a > b)),
    "truthy": Operator(("text", "flag"), "flag", "set to something other than an empty text, 0, false, no or off", _truthy),
    "falsy": Operator(("text", "flag"), "flag", "not set, or set to an empty text, 0, false, no or off", _falsy),
    "present": Operator(ALL_KINDS, "flag", "whether there is a value at all", _present),
    "known": Operator(ALL_KINDS, "flag", "whether the value can be known without building", _present),
    "not": Operator(ALL_KINDS, "test", "the opposite of a test, a value, or a list of values", lambda t: t),
}  # fmt: skip
GROUPS = ("all", "any", "not")


def find_attribute(subject: Subject, name: str) -> Attribute | None:
    """The attribute of a name, also for the families (`env.PATH`); None when there is none."""
    found = subject.attributes.get(name)
    if found is not None:
        return found
    prefix, dot, rest = name.partition(".")
    family: Family | None = subject.families.get(prefix) if dot and rest else None
    if family is None:
        return None
    get = family.get
    return Attribute(family.kind, family.about, lambda thing: get(thing, rest))


PARAMETER = "parameter."


def parameter(name: str, settings: Settings, keys: Sequence[str | int]) -> Attribute:
    """An option of the rule, to be asked like an attribute. Raises ConditionError."""
    value = _operand({"option": name}, settings, keys)
    kinds: Mapping[type, Kind] = {bool: "flag", list: "list", str: "text"}
    kind = kinds.get(type(value), "number")
    return Attribute(kind, "An option of the rule.", lambda _: value)


def attribute(
    subject: Subject, name: str, keys: Sequence[str | int], settings: Settings | None = None
) -> Attribute:
    """As `find_attribute`; raises ConditionError with the nearest right name.

    With `settings`, `parameter.NAME` is the rule's option of that name.
    """
    if settings is not None and name.startswith(PARAMETER):
        return parameter(name.removeprefix(PARAMETER), settings, keys)
    found = find_attribute(subject, name)
    if found is None:
        names = [*subject.attributes, *(f"{family}.NAME" for family in subject.families)]
        hint = nearest(name, names)
        message = f"`{subject.name}` has no attribute `{name}`"
        raise ConditionError(keys, message + (f": did you mean `{hint}`?" if hint else ""))
    return found


def compile_where(
    subject: Subject, where: object, settings: Settings, keys: Sequence[str | int] = ("where",)
) -> Condition:
    """A condition over a subject from a rule's `where`. Raises ConditionError."""
    if not isinstance(where, dict):
        raise ConditionError(keys, "conditions are a mapping of attributes to tests")
    parts = [
        _group(subject, name, test, settings, (*keys, name))
        if name in GROUPS
        else _on_attribute(subject, str(name), test, settings, (*keys, name))
        for name, test in where.items()
    ]
    return parts[0] if len(parts) == 1 else _all(parts)


def _all(parts: Sequence[Callable[[Any], Answer]]) -> Callable[[Any], Answer]:
    """Kleene's and of several questions; the first False answers it."""

    def condition(thing: object) -> Answer:
        answer: Answer = True
        for part in parts:
            found = part(thing)
            if found is False:
                return False
            if found is None:
                answer = None
        return answer

    return condition


def _any(parts: Sequence[Callable[[Any], Answer]]) -> Callable[[Any], Answer]:
    """Kleene's or of several questions; the first True answers it."""

    def condition(thing: object) -> Answer:
        answer: Answer = False
        for part in parts:
            found = part(thing)
            if found:
                return True
            if found is None:
                answer = None
        return answer

    return condition


def compile_certain(
    subject: Subject, where: object, settings: Settings, keys: Sequence[str | int] = ("where",)
) -> Callable[[Any], bool]:
    """Whether a rule's `where` certainly holds: as `compile_where`, with unknown taken for no.

    It asks less, because the first condition that does not hold for certain settles it.
    """
    if not isinstance(where, dict):
        raise ConditionError(keys, "conditions are a mapping of attributes to tests")
    parts: list[Condition] = []
    for index, (name, test) in enumerate(where.items()):
        make = partial(_certain, subject, name, test, settings, keys)
        parts.append(_later(parts, index, make) if settings.proven else make())

    def condition(thing: object) -> bool:
        # A plain loop takes half of the time of all(), and nothing is asked more often.
        for part in parts:  # noqa: SIM110
            if part(thing) is not True:
                return False
        return True

    return condition


def _later(parts: list[Condition], index: int, make: Callable[[], Condition]) -> Condition:
    """What makes one of the parts, and takes its place in the list, when it is first asked."""

    def first(thing: object) -> Answer:
        made = parts[index] = make()
        return made(thing)

    return first


def _certain(
    subject: Subject, name: str, raw: object, settings: Settings, keys: Sequence[str | int]
) -> Condition:
    """One of the conditions of `compile_certain`; its alternatives need not be settled either."""
    if name != "any" or not isinstance(raw, list) or not raw:
        return compile_where(subject, {name: raw}, settings, keys)
    parts = [
        compile_certain(subject, item, settings, (*keys, name, index))
        for index, item in enumerate(raw)
    ]
    return _any(parts)


def _group(
    subject: Subject, name: str, raw: object, settings: Settings, keys: tuple[str | int, ...]
) -> Condition:
    if name == "not":
        inner = compile_where(subject, raw, settings, keys)
        return lambda thing: negate(inner(thing))
    if not isinstance(raw, list) or not raw:
        raise ConditionError(keys, f"`{name}` takes a list of conditions")
    parts = [
        compile_where(subject, item, settings, (*keys, index)) for index, item in enumerate(raw)
    ]
    return _all(parts) if name == "all" else _any(parts)


def _on_attribute(
    subject: Subject, name: str, raw: object, settings: Settings, keys: tuple[str | int, ...]
) -> Condition:
    found = attribute(subject, name, keys, settings)
    get = found.get
    if isinstance(raw, dict) and "known" in raw:
        wanted = raw["known"]
        if not isinstance(wanted, bool) or len(raw) > 1:
            raise ConditionError(keys, "`known` takes true or false, and stands alone")
        return lambda thing: (get(thing) is not UNKNOWN) is wanted
    test = compile_test(found.kind, raw, settings, keys)

    def condition(thing: object) -> Answer:
        value = get(thing)
        return None if value is UNKNOWN else test(value)

    return condition


def compile_test(kind: Kind, raw: object, settings: Settings, keys: tuple[str | int, ...]) -> Test:
    """A test over values of a kind: a value, a list of values, or a mapping of operators."""
    if isinstance(raw, list) and not raw:
        raise ConditionError(keys, "an empty list of values can never match")
    if not isinstance(raw, dict):
        return _plain(kind, raw, keys)
    if set(raw) == {"option"}:
        return _plain(kind, _operand(raw, settings, keys), keys)
    tests = [
        _operator(kind, str(name), operand, settings, (*keys, name))
        for name, operand in raw.items()
    ]
    return tests[0] if len(tests) == 1 else _all(tests)


def _plain(kind: Kind, raw: object, keys: tuple[str | int, ...]) -> Test:
    if kind in LISTS:
        raise ConditionError(keys, "this attribute is a list: ask it with `has`, `lacks` or `some`")
    if kind == "flag" and not isinstance(raw, bool):
        raise ConditionError(keys, "this attribute is true or false")
    if kind != "flag" and any(isinstance(item, bool) or item is None for item in _items(raw)):
        hint = (
            "ask whether it is there with `{present: true}`; quote a text that YAML reads otherwise"
        )
        raise ConditionError(keys, f"this attribute is a {kind}: {hint}")
    return _equals(raw)


def _operator(
    kind: Kind, name: str, raw: object, settings: Settings, keys: tuple[str | int, ...]
) -> Test:
    operator = OPERATORS.get(name)
    if operator is None:
        hint = nearest(name, OPERATORS)
        message = f"unknown operator `{name}`" + (f": did you mean `{hint}`?" if hint else "")
        raise ConditionError(keys, message)
    if kind not in operator.kinds:
        raise ConditionError(keys, f"`{name}` cannot be asked of a {kind}")
    if name == "not":
        inner = compile_test(kind, raw, settings, keys)
        return lambda value: negate(inner(value))
    operand = _operand(raw, settings, keys)
    if operator.operand == "test":
        return operator.make(compile_test("text", operand, settings, keys))
    if operator.operand == "regex" and not (settings.trusted and operand is raw):
        return _matches_bounded(_regex(operand, settings, keys))
    return operator.make(_checked(operator.operand, operand, settings, keys))


def _operand(raw: object, settings: Settings, keys: Sequence[str | int]) -> object:
    """The operand itself, or the value of the option that it names (`{option: NAME}`)."""
    if not (isinstance(raw, dict) and set(raw) == {"option"}):
        return raw
    name = str(raw["option"])
    if name not in settings.options:
        hint = nearest(name, settings.options)
        message = f"the rule has no option `{name}`" + (f": did you mean `{hint}`?" if hint else "")
        raise ConditionError((*keys, "option"), message)
    return settings.options[name]


def _checked(wanted: str, raw: object, settings: Settings, keys: tuple[str | int, ...]) -> object:
    if wanted == "flag" and not isinstance(raw, bool):
        raise ConditionError(keys, "takes true or false")
    if wanted == "number" and (isinstance(raw, bool) or not isinstance(raw, (int, float))):
        raise ConditionError(keys, "takes a number")
    if wanted == "date":
        return settings.today if raw == "today" else _day(raw, keys)
    if wanted == "items" and any(not isinstance(item, (str, int, float)) for item in _items(raw)):
        raise ConditionError(keys, "takes a text or a list of texts")
    return raw


def _day(raw: object, keys: tuple[str | int, ...]) -> date:
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        raise ConditionError(keys, "takes `today` or a day as YYYY-MM-DD") from None


def _regex(raw: object, settings: Settings, keys: tuple[str | int, ...]) -> str:
    if not isinstance(raw, str):
        raise ConditionError(keys, "takes a regular expression")
    if settings.proven:
        return raw
    wrong = bounded.wrong(raw)
    if wrong is not None:
        raise ConditionError(keys, f"not a regular expression: {wrong}")
    return raw
