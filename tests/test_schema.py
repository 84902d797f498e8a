"""The JSON Schema of rule files agrees with the rules and with the loader."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from dflint.rule import RuleError
from dflint.rules import parse_rule
from dflint.schema import schema_json
from dflint.subjects import SUBJECTS

RULES = Path(__file__).parent.parent / "rules"
FILES = sorted(RULES.rglob("*.yaml"))
VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_json()))

RULE = """
id: X1
name: my-rule
summary: Wrong
severity: warning
category: size
subject: command
where:
  tool: [pip, pip3]
  options: {has: --user, lacks: [--no-cache-dir]}
  env.A: {present: false}
  not: {any: [{arguments: {some: {matches: "^x"}}}]}
message: bad
advice: mend it
at: program
related: [{part: action, label: here}]
fix: {title: Mend, safety: safe, insert: x, after: action}
cases:
  - where: {tool: pip}
    severity: error
    fix: null
why: Because
options: {most: {type: number, default: 3, about: How many.}}
examples:
  - bad: RUN a
    at: ["1:5", "1:5-6", "1:5-2:7"]
    day: 2026-11-21
  - good: RUN b
"""


def as_json(value: object) -> Any:
    """A YAML value as an editor sees it, where days are texts."""
    return json.loads(json.dumps(value, default=date.isoformat))


def problems(data: object) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(as_json(data))]


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(VALIDATOR.schema)


def test_the_file_beside_the_rules_is_up_to_date() -> None:
    text = (RULES / "schema.json").read_text(encoding="utf-8")
    assert text == schema_json(), "run `dflint rules schema > rules/schema.json`"


def test_there_are_rules() -> None:
    assert FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_rule_is_valid(path: Path) -> None:
    assert problems(yaml.safe_load(path.read_text(encoding="utf-8"))) == []


def test_the_sample_is_a_rule() -> None:
    parse_rule(RULE, "x.yaml")
    assert problems(yaml.safe_load(RULE)) == []


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda rule: rule.pop("id"),
        lambda rule: rule.update(id="x1"),
        lambda rule: rule.update(name="My rule"),
        lambda rule: rule.update(nmae="x"),
        lambda rule: rule.update(severity="bad"),
        lambda rule: rule.update(category="ugly"),
        lambda rule: rule.update(subject="comand"),
        lambda rule: rule.update(summary=["x"]),
        lambda rule: rule.update(default="yes"),
        lambda rule: rule.update(aliases=[1]),
        lambda rule: rule.update(where=[]),
        lambda rule: rule.update(where={"tol": "pip"}),
        lambda rule: rule.update(where={"tool": True}),
        lambda rule: rule.update(where={"tool": []}),
        lambda rule: rule.update(where={"tool": {"has": "x"}}),
        lambda rule: rule.update(where={"tool": {"mathces": "x"}}),
        lambda rule: rule.update(where={"tool": {"matches": 1}}),
        lambda rule: rule.update(where={"tool": {"known": True, "matches": "x"}}),
        lambda rule: rule.update(where={"tool": {"known": "yes"}}),
        lambda rule: rule.update(where={"tool": {"not": {"has": "x"}}}),
        lambda rule: rule.update(where={"options": "--user"}),
        lambda rule: rule.update(where={"options": {"some": {"has": "x"}}}),
        lambda rule: rule.update(where={"options": {"empty": "yes"}}),
        lambda rule: rule.update(where={"stage.in-product": "yes"}),
        lambda rule: rule.update(where={"env.": {"present": True}}),
        lambda rule: rule.update(where={"any": {"tool": "pip"}}),
        lambda rule: rule.update(where={"any": []}),
        lambda rule: rule.update(where={"not": [{"tool": "pip"}]}),
        lambda rule: rule.update(where={"all": [{"tol": "pip"}]}),
        lambda rule: rule.update(at="keywrd"),
        lambda rule: rule.update(related=[{"part": "action"}]),
        lambda rule: rule.update(related=[{"part": "acton", "label": "x"}]),
        lambda rule: rule["fix"].update(after="acton"),
        lambda rule: rule["fix"].update(safety="sure"),
        lambda rule: rule["fix"].update(title=""),
        lambda rule: rule["fix"].update(wiht="x"),
        lambda rule: rule["fix"].pop("after"),
        lambda rule: rule["fix"].pop("insert"),
        lambda rule: rule.update(fix={"title": "x", "safety": "safe", "replace": "action"}),
        lambda rule: rule["cases"][0].pop("where"),
        lambda rule: rule["cases"][0].update(severity="bad"),
        lambda rule: rule["cases"][0].update(id="X2"),
        lambda rule: rule["cases"][0].update(where={"tol": "pip"}),
        lambda rule: rule["options"]["most"].update(type="float"),
        lambda rule: rule["options"]["most"].update(default="three"),
        lambda rule: rule["options"]["most"].pop("about"),
        lambda rule: rule["examples"][0].pop("at"),
        lambda rule: rule["examples"][0].update(good="x"),
        lambda rule: rule["examples"][1].update(at=["1:1"]),
        lambda rule: rule["examples"][1].update(dokerignore="x"),
        lambda rule: rule["examples"][1].update(files={"a": 1}),
        lambda rule: rule["examples"][1].update(files={"a": {"txt": ""}}),
        lambda rule: rule["examples"][1].update(files={"a": {"executable": "yes"}}),
    ],
)  # fmt: skip
def test_what_the_loader_refuses_the_schema_refuses(change: Change) -> None:
    data = yaml.safe_load(RULE)
    change(data)
    with pytest.raises(RuleError):
        parse_rule(yaml.safe_dump(data), "x.yaml")
    assert problems(data)


@pytest.mark.parametrize(
    "where",
    [
        {},
        {"tool": "pip"},
        {"tool": ["pip", 3]},
        {"tool": {"option": "most"}},
        {"tool": {"not": ["pip", "uv"]}},
        {"tool": {"known": False}},
        {"tool": {"present": True, "matches": "x"}},
        {"options": {"none": {"matches": "x"}, "empty": False, "has-all": ["a", "b"]}},
        {"options": {"some": ["a", "b"]}},
        {"option.-r": {"known": True}, "env.PATH": {"matches": "x"}},
        {"all": [{"tool": "pip"}, {"not": {"tool": "uv"}}]},
        {"stage.in-product": True},
    ],
)
def test_what_the_loader_takes_the_schema_takes(where: dict[str, Any]) -> None:
    data = yaml.safe_load(RULE) | {"where": where}
    parse_rule(yaml.safe_dump(data), "x.yaml")
    assert problems(data) == []


def test_days_are_today_or_a_day() -> None:
    data = yaml.safe_load(RULE) | {"subject": "from", "at": "image", "related": [], "cases": []}
    del data["fix"]
    data["where"] = {"python.end-of-life": {"before": "today", "after": date(2020, 1, 1)}}
    parse_rule(yaml.safe_dump(data), "x.yaml")
    assert problems(data) == []
    data["where"] = {"python.end-of-life": {"before": "tomorrow"}}
    assert problems(data)


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=lambda subject: subject.name)
def test_no_attribute_looks_like_one_of_a_family(subject: Any) -> None:
    """Both entries would hold for it, and they might ask for different kinds."""
    pattern = re.compile("|".join(rf"^{name}\.." for name in subject.families) or "$^")
    assert not [name for name in subject.attributes if pattern.search(name)]
