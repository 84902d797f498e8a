"""The JSON Schema of rule files, made from the same tables that rules are checked with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from dflint.conditions import ALL_KINDS, GROUPS, LISTS, OPERATORS, PARAMETER, Operator
from dflint.finding import CATEGORIES
from dflint.rule import CASE_FIELDS, EXAMPLE_FIELDS, FIELDS, ID, NAME, OPTION_TYPES, SEVERITIES
from dflint.subjects import SUBJECTS
from dflint.subjects.base import Kind, Subject

Schema = dict[str, object]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
WIDTH = 140
JSON_TYPES = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
}
TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
FLAG: Schema = {"type": "boolean"}
SCALAR: Schema = {"type": ["string", "number"]}
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
POSITION = r"^\d+:\d+(-(\d+:)?\d+)?$"
OPTION: Schema = {
    "description": "The value of one of the rule's options.",
    "type": "object",
    "properties": {"option": TEXT},
    "required": ["option"],
    "additionalProperties": False,
}
OPERANDS: Mapping[str, Schema] = {
    "text": TEXT,
    "regex": TEXT,
    "number": {"type": "number"},
    "flag": FLAG,
    "date": {"anyOf": [{"const": "today"}, DAY]},
    "path": TEXT,
    "items": {"anyOf": [SCALAR, {"type": "array", "items": SCALAR}]},
    "test": {"$ref": "#/$defs/test-text"},
}


def schema_json() -> str:
    """The schema (JSON Schema draft 2020-12) as JSON with short lines, one fact a line."""
    return _laid_out(_schema(), "", 0) + "\n"


def _laid_out(value: object, indent: str, taken: int) -> str:
    """A value as JSON: on one line where it fits beside the columns taken, else an item a line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + taken + len(flat) <= WIDTH or not isinstance(value, (dict, list)):
        return flat
    inner = indent + " "
    if isinstance(value, dict):
        keys = ((f"{json.dumps(key)}: ", item) for key, item in value.items())
        rows = [f"{inner}{key}{_laid_out(item, inner, len(key) + 1)}" for key, item in keys]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    rows = [inner + _laid_out(item, inner, 1) for item in value]
    return "[\n" + ",\n".join(rows) + f"\n{indent}]"


def _schema() -> Schema:
    definitions: Schema = {f"test-{kind}": _test(kind) for kind in ALL_KINDS}
    for subject in SUBJECTS.values():
        definitions |= _subject_definitions(subject)
    definitions["example"] = _example()
    definitions["option"] = _option()
    return {
        "$schema": DRAFT,
        "title": "A rule of dflint",
        "type": "object",
        "properties": _fields(),
        "required": [name for name, each in FIELDS.items() if each.required],
        "additionalProperties": False,
        "allOf": [_for_subject(subject) for subject in SUBJECTS.values()],
        "$defs": definitions,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _object(properties: Mapping[str, object], required: Iterable[str] = ()) -> Schema:
    """A mapping with these keys and no others."""
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": list(required)} if required else {})


def _type(kinds: tuple[type, ...]) -> object:
    names = [JSON_TYPES[kind] for kind in kinds]
    return names[0] if len(names) == 1 else names


def _words(about: Mapping[str, str]) -> Schema:
    """One of some words, each with what it means: editors show that beside the word."""
    return {"anyOf": [{"const": word, "description": text} for word, text in about.items()]}


def _fields() -> Schema:
    """The keys of a rule. What depends on the subject is said in `_for_subject`."""
    narrower: Mapping[str, Schema] = {
        "id": {"pattern": f"^{ID.pattern}$"},
        "name": {"pattern": f"^{NAME.pattern}$"},
        "severity": {"enum": list(SEVERITIES)},
        "category": {"enum": list(CATEGORIES)},
        "aliases": {"items": TEXT},
        "references": {"items": TEXT},
        "subject": _words({each.name: each.about for each in SUBJECTS.values()}),
        "options": {"additionalProperties": _ref("option")},
        "examples": {"items": _ref("example")},
    }
    return {
        name: {
            "description": each.about,
            "type": _type(each.types),
            **narrower.get(name, {}),
        }
        for name, each in FIELDS.items()
    }


def _for_subject(subject: Subject) -> Schema:
    name = subject.name
    return {
        "if": {"properties": {"subject": {"const": name}}, "required": ["subject"]},
        "then": {
            "properties": {
                "where": _ref(f"where-{name}"),
                "at": _ref(f"part-{name}"),
                "redact": _ref(f"part-{name}"),
                "related": _ref(f"related-{name}"),
                "fix": _ref(f"fix-{name}"),
                "cases": {"items": _ref(f"case-{name}")},
            }
        },
    }


def _subject_definitions(subject: Subject) -> Schema:
    name = subject.name
    part = _ref(f"part-{name}")
    return {
        f"where-{name}": _where(subject),
        f"part-{name}": _words({key: each.about for key, each in subject.parts.items()}),
        f"related-{name}": {
            "type": "array",
            "items": _object({"part": part, "label": TEXT}, ("part", "label")),
        },
        f"fix-{name}": _fix(part, subject),
        f"case-{name}": _case(name),
    }


def _where(subject: Subject) -> Schema:
    """Conditions on a subject: its attributes, its families of them, and the groups."""
    itself = _ref(f"where-{subject.name}")
    groups: Schema = {
        group: itself if group == "not" else {"type": "array", "minItems": 1, "items": itself}
        for group in GROUPS
    }
    attributes = {
        name: {"description": each.about, **_ref(f"test-{each.kind}")}
        for name, each in subject.attributes.items()
    }
    found = _object(groups | attributes)
    found["patternProperties"] = {
        rf"^{name}\..": {"description": each.about, **_ref(f"test-{each.kind}")}
        for name, each in subject.families.items()
    } | {rf"^{re.escape(PARAMETER)}.": {"description": "An option of the rule."}}
    return found


def _test(kind: Kind) -> Schema:
    """What may be asked of an attribute of a kind."""
    operators: Schema = {
        name: {"description": each.about, **_operand(each, kind)}
        for name, each in OPERATORS.items()
        if kind in each.kinds
    }
    asked = _object(operators) | {
        "minProperties": 1,
        "dependentSchemas": {"known": {"maxProperties": 1}},  # `known` stands alone
    }
    return {"anyOf": [*_plain(kind), asked]}


def _plain(kind: Kind) -> list[Schema]:
    """What may stand in place of operators: a value, or a list that means any of them."""
    if kind in LISTS:
        return []
    if kind == "flag":
        return [FLAG, OPTION]
    return [SCALAR, {"type": "array", "minItems": 1, "items": SCALAR}, OPTION]


def _operand(operator: Operator, kind: Kind) -> Schema:
    if operator is OPERATORS["not"]:
        return _ref(f"test-{kind}")
    if operator is OPERATORS["known"]:
        return FLAG
    plain = OPERANDS[operator.operand]
    # A test on texts has the option among its own forms.
    return plain if operator.operand == "test" else {"anyOf": [plain, OPTION]}


def _fix(part: Schema, subject: Subject) -> Schema:
    edit: Schema = {
        "insert": {"description": "Text to put in, before or after a part.", **TEXT},
        "before": {"description": "The part that the text goes before.", **part},
        "after": {"description": "The part that the text goes after.", **part},
        "replace": {"description": "The part to put other text in place of.", **part},
        "with": {"description": "That other text.", **TEXT},
        "delete": {"description": "The part to take away.", **part},
    }
    keys = [("insert", "before"), ("insert", "after"), ("replace", "with"), ("delete",)]
    if subject.changes:
        words = _words({name: each.about for name, each in subject.changes.items()})
        edit["change"] = {"description": "A change that the subject knows to make.", **words}
        keys.append(("change",))
    forms: list[Schema] = [{"required": list(each)} for each in keys]
    whole: Schema = {
        "title": {"description": "What the fix does, in a few words.", "minLength": 1, **TEXT},
        "safety": {
            "description": "`safe` when the image stays the same but for the problem.",
            "enum": ["safe", "unsafe"],
        },
        **edit,
        "edits": {
            "description": "Several edits that belong together.",
            "type": "array",
            "items": _object(edit) | {"oneOf": forms},
        },
    }
    return _object(whole, ("title", "safety")) | {"oneOf": [*forms, {"required": ["edits"]}]}


def _case(name: str) -> Schema:
    own: Mapping[str, Schema] = {
        "where": _ref(f"where-{name}"),
        "severity": {"enum": list(SEVERITIES)},
        "aliases": {"description": "Those of the rule's aliases that fit.", **TEXTS},
        "at": _ref(f"part-{name}"),
        "related": _ref(f"related-{name}"),
        # A case may also take the rule's fix away.
        "fix": {"anyOf": [_ref(f"fix-{name}"), {"type": "null"}]},
    }
    fields = {key: {"description": FIELDS[key].about, **own.get(key, TEXT)} for key in CASE_FIELDS}
    return _object(fields, ("where",))


def _option() -> Schema:
    types: Mapping[str, Schema] = {
        name: {"type": _type(kinds)} for name, kinds in OPTION_TYPES.items()
    }
    forms = [
        {"properties": {"type": {"const": name}, "default": default}}
        for name, default in types.items()
    ]
    keys: Schema = {
        "type": {"description": "What kind of value it takes.", "enum": list(types)},
        "default": {"description": "The value unless a user sets another."},
        "about": {"description": "What it is for.", **TEXT},
        "choices": {"description": "The only values that it takes.", **TEXTS},
    }
    return _object(keys, ("type", "default", "about")) | {"anyOf": forms}


def _file() -> Schema:
    return _object(
        {
            "text": {"description": "What the file holds.", **TEXT},
            "executable": {"description": "Whether the file may be run.", **FLAG},
        }
    )


def _example() -> Schema:
    own: Mapping[str, Schema] = {
        "bad": {"description": "A Dockerfile that the rule complains about.", **TEXT},
        "good": {"description": "A Dockerfile that the rule leaves alone.", **TEXT},
        "at": {
            "description": "Where the findings are: `line:column`, or `line:column-column`.",
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "pattern": POSITION},
        },
        "fixed": {"description": "The Dockerfile after the fix.", **TEXT},
        "message": {"description": "The message of the first finding.", **TEXT},
        "files": {
            "description": "The files of the build context, with their text.",
            "type": "object",
            "additionalProperties": {"anyOf": [TEXT, _file()]},
        },
        "dockerignore": {"description": "The text of the .dockerignore.", **TEXT},
        "day": {"description": "The day of the run, for rules about dates.", **DAY},
        "target": {"description": "The stage that is built.", **TEXT},
        "options": {"description": "Values of the rule's options.", "type": "object"},
    }
    bad: Schema = {"required": ["bad", "at"], "properties": {"good": False}}
    good: Schema = {
        "required": ["good"],
        "properties": dict.fromkeys(("bad", "at", "fixed", "message"), False),
    }
    return _object({key: own[key] for key in EXAMPLE_FIELDS}) | {"oneOf": [bad, good]}
