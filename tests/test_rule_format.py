"""The rule format: what is wrong with a rule file is told with its line and the right word."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dflint.rule import RuleError
from dflint.rules import check_unique, load_folder, parse_rule
from dflint.voices import compile_rule, index_of

GOOD = """\
id: OWN1
name: no-telnet
summary: telnet is installed
severity: error
category: security
subject: install
where:
  manager: [apt, apk]
  packages: {has: telnet}
message: "`{text}` installs telnet"
advice: Leave it out.
label: telnet
at: first-package
related: [{part: from, label: the stage}]
fix: {title: Remove it, safety: unsafe, delete: first-package}
cases:
  - where: {stage.in-product: false}
    severity: info
    message: In a builder
why: It is old.
options:
  allow: {type: list, default: [], about: Packages that may stay.}
examples:
  - bad: |
      FROM debian:13
      RUN apt-get install -y telnet
    at: ["2:24-30"]
  - good: |
      FROM debian:13
"""


def test_a_good_rule_is_read() -> None:
    rule = parse_rule(GOOD, "own.yaml")
    assert (rule.id, rule.name, rule.severity.label, rule.default) == (
        "OWN1",
        "no-telnet",
        "error",
        True,
    )
    assert [example.bad for example in rule.examples] == [True, False]
    assert index_of(rule) == frozenset({"apt", "apk"})


WRONG = {
    "a misspelt key": ("severity: error", "sevrity: error", 4, "unknown key `sevrity` in a rule: did you mean `severity`?"),
    "a missing key": ("summary: telnet is installed\n", "", 1, "`summary` is missing"),
    "a wrong type": ("aliases", "aliases", None, ""),
    "a bad id": ("id: OWN1", "id: own1", 1, "an id is capital letters and a number, as in `DF301`"),
    "a bad name": ("name: no-telnet", "name: No Telnet", 2, "a name is lower case with dashes, as in `pip-no-cache`"),
    "a severity": ("severity: error", "severity: eror", 4, "unknown severity `eror`: did you mean `error`?"),
    "a category": ("category: security", "category: speeed", 5, "unknown category `speeed`: did you mean `speed`?"),
    "a subject": ("subject: install", "subject: instal", 6, "unknown subject `instal`: did you mean `install`?"),
    "an attribute": ("  packages: {", "  pakages: {", 9, "`install` has no attribute `pakages`: did you mean `packages`?"),
    "an operator": ("{has: telnet}", "{hass: telnet}", 9, "unknown operator `hass`: did you mean `has`?"),
    "an operator for another kind": ("{has: telnet}", "{gt: 3}", 9, "`gt` cannot be asked of a list"),
    "a value for a list": ("packages: {has: telnet}", "packages: telnet", 9, "this attribute is a list: ask it with `has`, `lacks` or `some`"),
    "an empty list": ("manager: [apt, apk]", "manager: []", 8, "an empty list of values can never match"),
    "a placeholder": ("`{text}` installs", "`{txt}` installs", 10, "`install` has no attribute `txt`: did you mean `text`?"),
    "a brace alone": ("`{text}` installs", "`{Text}` installs", 10, "a brace alone: `{attribute}` puts in a fact, `{{` is a brace"),
    "a part": ("at: first-package", "at: first-pakage", 13, "`install` has no part `first-pakage`: did you mean `first-package`?"),
    "a related part": ("part: from", "part: form", 14, "`install` has no part `form`: did you mean `from`?"),
    "a fix's part": ("delete: first-package", "delete: first", 15, "`install` has no part `first`"),
    "a fix without an edit": (", delete: first-package", "", 15, "a fix has one of `insert`, `replace`, `delete` and `change`"),
    "a fix's safety": ("safety: unsafe", "safety: sure", 15, "a fix has a `title` and a `safety` (safe or unsafe)"),
    "a case's key": ("    severity: info", "    sevrity: info", 18, "unknown key `sevrity` in a case: did you mean `severity`?"),
    "a case's attribute": ("{stage.in-product: false}", "{stage.product-in: false}", 17, "`install` has no attribute `stage.product-in`: did you mean `stage.product`?"),
    "a case's alias": ("    severity: info", "    aliases: [hadolint:DL1]", 18, "`hadolint:DL1` is not among the rule's `aliases`"),
    "a case's aliases": ("    severity: info", "    aliases: hadolint:DL1", 18, "`aliases` is a list of texts"),
    "an option asked": ("{stage.in-product: false}", "{parameter.alow: x}", 17, "the rule has no option `alow`: did you mean `allow`?"),
    "an option in a message": ("`{text}` installs", "`{parameter.alow}` installs", 10, "the rule has no option `alow`: did you mean `allow`?"),
    "an option's type": ("type: list", "type: lists", 22, "unknown type `lists`: did you mean `list`?"),
    "an option's default": ("default: []", "default: 3", 22, "the default is not a list"),
    "an example's key": ('    at: ["2:24-30"]', '    att: ["2:24-30"]', 27, "unknown key `att` in an example: did you mean `at`?"),
    "an example without a place": ('    at: ["2:24-30"]\n', "", 24, 'a bad example says where: `at: ["2:5"]`'),
    "no YAML": ("subject: install", "subject: [install", 7, "not YAML: "),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_with_its_line(
    old: str, new: str, line: int | None, message: str
) -> None:
    if line is None:
        text, line, message = GOOD + "aliases: hadolint\n", 30, "`aliases` must be a list"
    else:
        assert old in GOOD
        text = GOOD.replace(old, new, 1)
    with pytest.raises(RuleError) as caught:
        parse_rule(text, "own.yaml")
    assert str(caught.value).startswith(f"own.yaml:{line}: {message}")


@pytest.mark.parametrize("text", ["", "[]", "a", "1", "- id: X1"])
def test_a_file_that_is_no_mapping(text: str) -> None:
    with pytest.raises(RuleError, match="a rule file holds one mapping"):
        parse_rule(text, "own.yaml")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"alow": []}, "rule `no-telnet` has no option `alow`: did you mean `allow`?"),
        ({"allow": "x"}, "option `allow` of `no-telnet` is a list"),
    ],
)
def test_options_are_checked(given: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match="allow") as caught:
        compile_rule(parse_rule(GOOD, "own.yaml"), given, date(2026, 1, 1))
    assert str(caught.value) == message


def test_ids_and_names_are_unique() -> None:
    first = parse_rule(GOOD, "one.yaml")
    for other in (GOOD.replace("OWN1", "OWN2"), GOOD.replace("no-telnet", "other")):
        with pytest.raises(RuleError, match=r"is taken by the rule in one\.yaml"):
            check_unique([first, parse_rule(other, "two.yaml")])
    check_unique(
        [first, parse_rule(GOOD.replace("OWN1", "OWN2").replace("no-telnet", "x"), "two.yaml")]
    )


def test_an_example_s_files_may_be_executable() -> None:
    files = "    files: {a.sh: {text: run, executable: true}, b/: {}, c: text}\n"
    example = parse_rule(GOOD + files, "own.yaml").examples[1]
    assert example.files == {"a.sh": "run", "b/": "", "c": "text"}
    assert example.executable == {"a.sh"}


def test_ids_are_sorted_by_their_numbers(tmp_path: Path) -> None:
    for each in ("OWN1001", "OWN2", "OWN101", "A7"):
        text = GOOD.replace("OWN1", each).replace("no-telnet", each.lower())
        (tmp_path / f"{each}.yaml").write_text(text)
    assert [rule.id for rule in load_folder(tmp_path)] == ["A7", "OWN2", "OWN101", "OWN1001"]


def test_folders_are_read_in_the_order_of_ids(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.yaml").write_text(GOOD)
    (tmp_path / "deep" / "a.yml").write_text(GOOD.replace("OWN1", "OWN0").replace("no-telnet", "x"))
    (tmp_path / "notes.txt").write_text("no rule")
    assert [rule.id for rule in load_folder(tmp_path)] == ["OWN0", "OWN1"]
    with pytest.raises(RuleError, match="there is no such folder of rules"):
        load_folder(tmp_path / "missing")
    (tmp_path / "c.yaml").write_bytes(b"\xff")
    with pytest.raises(RuleError, match="cannot be read"):
        load_folder(tmp_path)


def test_a_case_says_which_aliases_fit() -> None:
    text = GOOD.replace("category:", 'aliases: ["hadolint:DL1", "hadolint:DL2"]\ncategory:')
    text = text.replace("    severity: info", '    aliases: ["hadolint:DL2"]')
    rule = compile_rule(parse_rule(text, "own.yaml"), {}, date(2026, 1, 1))
    assert rule.voice.aliases == ("hadolint:DL1", "hadolint:DL2")
    assert [voice.aliases for _, voice in rule.cases] == [("hadolint:DL2",)]


def test_options_can_be_asked_and_shown() -> None:
    text = GOOD.replace("  packages: {has: telnet}", "  parameter.allow: {has: x}")
    text = text.replace("`{text}` installs telnet", "may stay: {parameter.allow}")
    rule = parse_rule(text, "own.yaml")
    for allowed in (["x", "y"], ["y"]):
        compiled = compile_rule(rule, {"allow": allowed}, date(2026, 1, 1))
        assert compiled.voice.message(None) == f"may stay: {', '.join(allowed)}"
