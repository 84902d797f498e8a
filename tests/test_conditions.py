"""The condition language: operators, and an unknown that is neither true nor false."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dflint.conditions import ConditionError, Settings, compile_where
from dflint.subjects.base import UNKNOWN, Attribute, Family, Kind, Subject

SETTINGS = Settings({"names": ["a", "b"], "least": 3}, date(2026, 11, 21))
KINDS: Mapping[str, Kind] = {
    "word": "text", "flag": "flag", "count": "number", "day": "date", "items": "list", "places": "paths",
}  # fmt: skip


def _getter(name: str) -> Attribute:
    return Attribute(KINDS[name], "", lambda thing: thing[name])


SUBJECT = Subject(
    name="thing",
    about="",
    each=lambda _: (),
    attributes={name: _getter(name) for name in KINDS},
    parts={},
    main="",
    families={"env": Family("text", "", lambda thing, name: thing["env"].get(name))},
)


def holds(where: object, **facts: object) -> bool | None:
    assert isinstance(where, dict)
    return compile_where(SUBJECT, where, SETTINGS)(facts)


CASES: list[tuple[dict[str, object], dict[str, object], bool | None]] = [
    ({"word": "pip"}, {"word": "pip"}, True),
    ({"word": "pip"}, {"word": "uv"}, False),
    ({"word": ["pip", "uv"]}, {"word": "uv"}, True),
    ({"word": "pip"}, {"word": None}, False),
    ({"word": "pip"}, {"word": UNKNOWN}, None),
    ({"word": {"not": "pip"}}, {"word": "uv"}, True),
    ({"word": {"not": "pip"}}, {"word": UNKNOWN}, None),
    ({"word": {"not": ["pip", "uv"]}}, {"word": "uv"}, False),
    ({"word": {"matches": "^pi"}}, {"word": "pip"}, True),
    ({"word": {"matches": "^pi"}}, {"word": None}, False),
    ({"word": {"like": ["*.com", "x"]}}, {"word": "a.com"}, True),
    ({"word": {"like": "*.com"}}, {"word": "a.com/x"}, False),
    ({"word": {"like": {"option": "names"}}}, {"word": "b"}, True),
    ({"word": {"like": "*"}}, {"word": None}, False),
    ({"parameter.names": {"has": "a"}}, {}, True),
    ({"parameter.least": {"gt": 3}}, {}, False),
    ({"word": {"present": True}}, {"word": ""}, True),
    ({"word": {"present": False}}, {"word": None}, True),
    ({"word": {"present": True}}, {"word": UNKNOWN}, None),
    ({"word": {"known": True}}, {"word": UNKNOWN}, False),
    ({"word": {"known": False}}, {"word": UNKNOWN}, True),
    ({"word": {"known": True}}, {"word": None}, True),
    ({"word": {"truthy": True}}, {"word": "1"}, True),
    ({"word": {"truthy": True}}, {"word": "off"}, False),
    ({"word": {"falsy": True}}, {"word": None}, True),
    ({"word": {"falsy": True}}, {"word": "No"}, True),
    ({"word": {"option": "names"}}, {"word": "b"}, True),
    ({"word": {"not": {"option": "names"}}}, {"word": "c"}, True),
    ({"flag": True}, {"flag": True}, True),
    ({"flag": False}, {"flag": True}, False),
    ({"flag": False}, {"flag": UNKNOWN}, None),
    ({"count": {"gt": 2}}, {"count": 3}, True),
    ({"count": {"gt": 2, "le": 3}}, {"count": 4}, False),
    ({"count": {"ge": {"option": "least"}}}, {"count": 3}, True),
    ({"count": {"lt": 2}}, {"count": None}, None),
    ({"count": 3}, {"count": 3}, True),
    ({"day": {"before": "today"}}, {"day": date(2026, 11, 20)}, True),
    ({"day": {"before": "today"}}, {"day": date(2026, 11, 21)}, False),
    ({"day": {"after": date(2026, 11, 20)}}, {"day": date(2026, 11, 21)}, True),
    ({"day": {"before": "today"}}, {"day": UNKNOWN}, None),
    ({"items": {"has": "a"}}, {"items": ("a", "b")}, True),
    ({"items": {"has": ["x", "b"]}}, {"items": ("a", "b")}, True),
    ({"items": {"has-all": ["a", "x"]}}, {"items": ("a", "b")}, False),
    ({"items": {"lacks": ["x", "b"]}}, {"items": ("a", "b")}, False),
    ({"items": {"lacks": "x"}}, {"items": ()}, True),
    ({"items": {"lacks": "x"}}, {"items": UNKNOWN}, None),
    ({"items": {"empty": True}}, {"items": ()}, True),
    ({"items": {"some": {"matches": "^b"}}}, {"items": ("a", "b")}, True),
    ({"items": {"every": {"matches": "^b"}}}, {"items": ("a", "b")}, False),
    ({"items": {"none": {"matches": "^c"}}}, {"items": ("a", "b")}, True),
    (
        {"items": {"some": {"matches": ".", "not": {"option": "names"}}}},
        {"items": ("a", "c")},
        True,
    ),
    ({"places": {"covering": "/root/.cache/pip"}}, {"places": ("/root/.cache",)}, True),
    ({"places": {"covering": "/root/.cache"}}, {"places": ("/root/.cache/pip",)}, False),
    ({"places": {"not-covering": "/a"}}, {"places": ("/a/*",)}, False),
    ({"env.PATH": {"present": False}}, {"env": {}}, True),
    ({"env.PATH": "/bin"}, {"env": {"PATH": "/bin"}}, True),
    ({"word": "pip", "flag": True}, {"word": "pip", "flag": UNKNOWN}, None),
    ({"word": "pip", "flag": True}, {"word": "uv", "flag": UNKNOWN}, False),
    ({"any": [{"word": "pip"}, {"flag": True}]}, {"word": "pip", "flag": UNKNOWN}, True),
    ({"any": [{"word": "pip"}, {"flag": True}]}, {"word": "uv", "flag": UNKNOWN}, None),
    ({"all": [{"word": "pip"}, {"flag": True}]}, {"word": "pip", "flag": True}, True),
    ({"not": {"word": "pip", "flag": True}}, {"word": "pip", "flag": False}, True),
    ({"not": {"word": "pip"}}, {"word": UNKNOWN}, None),
    ({}, {}, True),
]


@pytest.mark.parametrize(("where", "facts", "wanted"), CASES, ids=[str(case[0]) for case in CASES])
def test_conditions(
    where: dict[str, object], facts: dict[str, object], wanted: bool | None
) -> None:
    assert holds(where, **facts) is wanted


WRONG: list[tuple[dict[str, object], tuple[str | int, ...], str]] = [
    ({"wrod": "x"}, ("where", "wrod"), "`thing` has no attribute `wrod`: did you mean `word`?"),
    (
        {"word": {"mathces": "x"}},
        ("where", "word", "mathces"),
        "unknown operator `mathces`: did you mean `matches`?",
    ),
    ({"word": {"matches": "("}}, ("where", "word", "matches"), "not a regular expression"),
    ({"count": {"gt": "x"}}, ("where", "count", "gt"), ""),
    ({"day": {"before": "soon"}}, ("where", "day", "before"), ""),
    ({"word": True}, ("where", "word"), "this attribute is a text"),
    ({"flag": "yes"}, ("where", "flag"), "this attribute is true or false"),
    ({"any": {"word": "x"}}, ("where", "any"), ""),
    (
        {"word": {"option": "nmes"}},
        ("where", "word", "option"),
        "the rule has no option `nmes`: did you mean `names`?",
    ),
]


@pytest.mark.parametrize(("where", "keys", "message"), WRONG, ids=[str(case[0]) for case in WRONG])
def test_what_is_wrong_is_told_with_its_place(
    where: dict[str, object], keys: tuple[str | int, ...], message: str
) -> None:
    with pytest.raises(ConditionError) as caught:
        compile_where(SUBJECT, where, SETTINGS)
    assert caught.value.keys == keys
    assert caught.value.message.startswith(message)
    assert caught.value.message


TESTS = st.sampled_from(["word", "flag"]).flatmap(
    lambda name: st.just({name: "pip" if name == "word" else True})
)
WHERE = st.recursive(
    TESTS,
    lambda inner: (
        st.builds(lambda each: {"not": each}, inner)
        | st.builds(lambda each: {"any": each}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda each: {"all": each}, st.lists(inner, min_size=1, max_size=3))
    ),
    max_leaves=8,
)


@given(WHERE, st.sampled_from(["pip", "uv"]), st.booleans(), st.booleans())
def test_what_holds_without_a_fact_holds_with_any(
    where: dict[str, object], word: str, flag: bool, hide_word: bool
) -> None:
    """An answer given in spite of an unknown must be right whatever the unknown turns out to be."""
    hidden = holds(where, word=UNKNOWN if hide_word else word, flag=flag if hide_word else UNKNOWN)
    told = holds(where, word=word, flag=flag)
    assert told is not None
    assert hidden is None or hidden is told
