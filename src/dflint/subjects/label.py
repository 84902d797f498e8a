"""Subject `label`: each label that a LABEL instruction sets, and what kind of text its value is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, partial

from msgspec import Struct

from dflint.document import Pair
from dflint.expand import expand
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Stage
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Place, Subject
from dflint.subjects.common import BASE, STAGE, STEP, STEP_FAMILIES, STEP_PARTS, one_line, places

# Docker's manual, "Docker object labels": key format recommendations. Underscores are not among
# them, but in the names that other programs look for.
KEY = regex(r"[a-z]([a-z0-9_]|[.-](?![.-])|[.](?=-))*(?<![.-])")
RESERVED = ("com.docker.", "io.docker.", "org.dockerproject.")

# RFC 3986 with a host, RFC 3339, semver.org 2.0.0, Git's object names, RFC 5322's plain form.
PATTERNS: Mapping[str, re.Pattern[str]] = {
    "url": regex(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#]+[^\s]*"),
    "rfc3339": regex(
        r"\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
        r"([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
    ),
    "semver": regex(
        r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
        r"(-(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?"
        r"(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
    ),
    "hash": regex(r"[0-9a-f]{7}|[0-9a-f]{40}|[0-9a-f]{64}"),
    "email": regex(
        r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*"
    ),
}
TYPES = ("text", "rawtext", *PATTERNS, "spdx")


class LabelPlace(Place, frozen=True):
    """One `key=value` of a LABEL."""

    pair: Pair


def label_places(facts: Facts) -> Iterator[LabelPlace]:
    """Every label that LABEL sets."""
    for stage, step in places(facts):
        if step.keyword == "LABEL":
            for pair in step.instruction.pairs:
                yield LabelPlace(facts, stage, step, pair)


def label_key(at: LabelPlace) -> object:
    """The key without quotes; `UNKNOWN` with an unknown variable in it."""
    word = expand(at.pair.name, at.step.environment.value, at.facts.build.document.escape)
    return word.value if word.known else UNKNOWN


def label_value(at: LabelPlace) -> object:
    """The value with variables put in; `UNKNOWN` when one is not known."""
    if at.pair.value is None:
        return ""
    word = expand(at.pair.value, at.step.environment.value, at.facts.build.document.escape)
    return word.value if word.known else UNKNOWN


def on_key(at: LabelPlace, valid: bool) -> object:
    """Whether the key has the recommended form, or (`valid` false) begins with a reserved word."""
    key = label_key(at)
    if not isinstance(key, str):
        return UNKNOWN
    return KEY.fullmatch(key) is not None if valid else key.startswith(RESERVED)


@cache
def licences() -> frozenset[str]:
    """The identifiers of the SPDX License List, in lower case."""
    return frozenset(load("spdx")["identifiers"].lower().split())


def is_of_type(value: str, kind: str) -> bool:
    """Whether a label's value is a text of that kind."""
    if kind == "spdx":
        words = re.split(r"\s+(?:AND|OR|WITH)\s+", value.replace("(", "").replace(")", ""))
        known = licences()
        return all(_licence(word, known) for word in words)
    pattern = PATTERNS.get(kind)
    return True if pattern is None else pattern.fullmatch(value) is not None


def _licence(word: str, known: frozenset[str]) -> bool:
    name = word.strip().lower()
    return name in known or name.removesuffix("+") in known or name.startswith("licenseref-")


def as_schema(at: LabelPlace, *kinds: str) -> object:
    """The label's key with each of these types, as a schema of labels names it: `version:semver`."""
    key = label_key(at)
    return tuple(f"{key}:{kind}" for kind in kinds) if isinstance(key, str) else UNKNOWN


def wrong(at: LabelPlace, kind: str) -> object:
    """The label as a schema names it, if its value is not of that type; nothing if it is."""
    value = label_value(at)
    if not isinstance(value, str):
        return UNKNOWN
    return () if not value or is_of_type(value, kind) else as_schema(at, kind)


def _wrong_kind(kind: str, at: LabelPlace) -> object:
    return wrong(at, kind)


def labels_of(facts: Facts, stage: Stage) -> object:
    """The labels of a stage and those it stands on, as a schema names them, with every type."""
    found: list[str] = []
    last: Stage | None = stage
    while last is not None:
        for at in label_places(facts):
            if at.stage.index == last.index:
                named = as_schema(at, *TYPES)
                if not isinstance(named, tuple):
                    return UNKNOWN
                found.extend(named)
        last = None if last.parent is None else facts.build.stages[last.parent]
    return tuple(found)


def _pair_span(at: LabelPlace) -> Span:
    name = at.pair.name.span()
    if at.pair.value is None:
        return name
    return Span(name.start, max(name.end, at.pair.value.span().end))


LABEL = Subject(
    name="label",
    about="A label that a LABEL instruction sets.",
    each=label_places,
    attributes={
        **STEP,
        "key": Attribute("text", "The label's key.", label_key),
        "key.valid": Attribute("flag", "Whether the key has the form that Docker recommends.", lambda at: on_key(at, valid=True)),
        "key.reserved": Attribute("flag", "Whether the key begins with what Docker keeps for itself: com.docker., …", lambda at: on_key(at, valid=False)),
        "value": Attribute("text", "Its value, with known variables put in.", label_value),
        "written": Attribute("text", "Its value as written.", lambda at: None if at.pair.value is None else at.pair.value.value),
        "legacy": Attribute("flag", "Whether it is written `LABEL key value`, without `=`.", lambda at: at.pair.legacy),
        "text": Attribute("text", "The label as written.", lambda at: one_line(at.facts.build.source, _pair_span(at))),
        "as-schema": Attribute("list", "Its key with every type, as a schema names it: `version:semver`, `version:text`, …", lambda at: as_schema(at, *TYPES)),
        **{
            f"wrong.{kind}": Attribute("list", f"`key:{kind}` if its value is there and of another kind; nothing otherwise.", partial(_wrong_kind, kind))
            for kind in (*PATTERNS, "spdx")
        },
    },
    parts={
        **STEP_PARTS,
        "pair": Part("The key and the value.", _pair_span),
        "key": Part("The key.", lambda at: at.pair.name.span()),
        "value": Part("The value.", lambda at: None if at.pair.value is None else at.pair.value.span()),
        "gap": Part("What stands between key and value.", lambda at: None if at.pair.value is None else Span(at.pair.name.span().end, at.pair.value.span().start)),
    },
    main="pair",
    families=STEP_FAMILIES,
)  # fmt: skip


class ProductPlace(Struct, frozen=True):
    """The product, as far as labels go."""

    facts: Facts
    stage: Stage


def products(facts: Facts) -> Iterator[ProductPlace]:
    """The product, if the file has any stage."""
    if facts.build.product is not None:
        yield ProductPlace(facts, facts.build.stages[facts.build.product])


def _keys(at: ProductPlace) -> object:
    found = labels_of(at.facts, at.stage)
    if not isinstance(found, tuple):
        return UNKNOWN
    return tuple(dict.fromkeys(each.rpartition(":")[0] for each in found))


PRODUCT_LABELS = Subject(
    name="product-labels",
    about="All labels of the product, those of the stages it stands on included.",
    each=products,
    attributes={
        **STAGE,
        **BASE,
        "keys": Attribute("list", "Their keys.", _keys),
        "as-schema": Attribute("list", "Each key with every type, as a schema names it: `version:semver`, `version:text`, …", lambda at: labels_of(at.facts, at.stage)),
    },
    parts={"from": Part("The product's FROM instruction.", lambda at: at.stage.start.span)},
    main="from",
)  # fmt: skip

SUBJECTS: Mapping[str, Subject] = {each.name: each for each in (LABEL, PRODUCT_LABELS)}
