"""docs/compared-with-buildkit.md against the tools: each difference is as the page says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from dflint.config import command_line, default_config
from dflint.lint import Linter, make_linter
from scripts.buildkit_differences import NO_STAGES, REASONS
from scripts.compare_with_tally import NAMES, NO_LINE, compare, tally, trivy
from scripts.comparing import Key, by_instruction, dflint, facts_of, program_of, shown, table

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "compared-with-buildkit.md").read_text(encoding="utf-8")
SECTION = re.compile(
    r"^### (?P<title>[^\n]+)\n\n\*(?P<checks>[^\n]+)\*\n\n(?P<text>.+?)\n\n```dockerfile\n(?P<file>.+?)```\n\n"
    r"(?P<tool>tally|trivy): (?P<theirs>[^\n]+?); dflint: (?P<ours>[^;\n]+)(; with strict rules: (?P<strict>[^\n]+))?\.\n",
    re.MULTILINE | re.DOTALL,
)
TOOLS = {"tally": tally, "trivy": trivy}


@dataclass(frozen=True)
class Difference:
    """A section of the page: its checks, its Dockerfile, and what each tool finds there.

    `strict` is what dflint finds with its strict rules as well.
    """

    title: str
    checks: frozenset[str]
    file: str
    tool: str
    theirs: str
    ours: str
    strict: str


def differences() -> Iterator[Difference]:
    for found in SECTION.finditer(PAGE):
        checks = frozenset(found["checks"].split(", "))
        told = (found["theirs"], found["ours"], found["strict"] or found["ours"])
        yield Difference(found["title"], checks, found["file"], found["tool"], *told)


DIFFERENCES = tuple(differences())


def said(found: Iterable[Key]) -> str:
    places = [f"{name} in line {line}" if line else f"{name} of the file" for name, line in found]
    return ", ".join(sorted(places)) or "nothing"


@cache
def linter(tool: str, *ignored: str) -> Linter:
    return make_linter(command_line(default_config(), select=(NAMES[tool],), ignore=ignored))


def test_every_section_is_read() -> None:
    headings = re.findall(r"^### (.+)$", PAGE, re.MULTILINE)
    assert [each.title for each in DIFFERENCES] == headings
    assert len(headings) > 30


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: each.title)
def test_the_tools_differ_as_the_page_says(difference: Difference, tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text(difference.file, encoding="utf-8")
    for linted, told in (
        (linter(difference.tool, "strict"), difference.ours),
        (linter(difference.tool), difference.strict),
    ):
        found = set(dflint(facts_of(path, linted), linted, NAMES[difference.tool]))
        assert said(each for each in found if each[0] in difference.checks) == told
    assert difference.ours != difference.theirs
    program = program_of(difference.tool, None)
    if program is None:
        pytest.skip(f"{difference.tool} is not installed")
    theirs = set(TOOLS[difference.tool](program, [path])[path])
    assert said(each for each in theirs if each[0] in difference.checks) == difference.theirs


def test_the_comparison_s_reasons_are_sections() -> None:
    titles = {each.title for each in DIFFERENCES}
    assert {name for name, _, _ in REASONS} | {NO_STAGES} <= titles


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: each.title)
def test_a_reason_holds_in_its_section(difference: Difference, tmp_path: Path) -> None:
    """What the page says that the other tool alone finds is explained by the section's reason."""
    path = tmp_path / "Dockerfile"
    path.write_text(difference.file, encoding="utf-8")
    places = re.findall(r"(\w+) (?:in line (\d+)|of the file)", difference.theirs)
    theirs = [(name, int(line or NO_LINE)) for name, line in places]
    result = compare(path, linter(difference.tool, "strict"), difference.tool, theirs)
    reasons = {name for name, _, _ in REASONS} | {NO_STAGES}
    if result.theirs and difference.title in reasons:
        assert difference.title in result.reasons.values()


def test_places_are_told(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("FROM debian:13\nWORKDIR app\nCMD \\\n  run\nWORKDIR '/b'\n", encoding="utf-8")
    facts = facts_of(path, linter("tally", "strict"))
    assert by_instruction(facts, [("A", 4), ("B", NO_LINE)]) == {("A", 3), ("B", NO_LINE)}
    theirs = [("WorkdirRelativePath", 2), ("WorkdirRelativePath", 5), ("UndefinedVar", 3)]
    result = compare(path, linter("tally", "strict"), "tally", theirs)
    assert result.both == {("WorkdirRelativePath", 2)}
    assert result.ours == {("JSONArgsRecommended", 3)}
    assert result.reasons == {("WorkdirRelativePath", 5): "Paths in quotes"}
    (row,) = [each for each in table([result], "tally", 20).split("\n") if each.startswith("Work")]
    assert row.split() == ["WorkdirRelativePath", "1", "0", "1", "1", "50.0", "%"]
    assert shown([result], "UndefinedVar", "tally") == f"{path}:3: tally alone: CMD \\"
