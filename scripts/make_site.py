"""Lays out the sources of the site: the guides of docs/ and the pages made of the rules.

`python -m scripts.make_site` writes build/docs and build/zensical.toml; `zensical build --strict
--config-file build/zensical.toml` makes build/site of them, without a network.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from dflint.finding import CATEGORIES
from dflint.lint import rules_folder
from dflint.rule import Rule
from dflint.rules import load_folder
from dflint.subjects import SUBJECTS
from scripts import make_rule_pages as rule_pages
from scripts import make_subject_pages as subject_pages

ROOT = Path(__file__).resolve().parent.parent
NAV_RULES = "  # the rules, category by category\n"
NAV_SUBJECTS = "    # all subjects\n"
OUTSIDE = re.compile(r"\]\(\.\./([^)]+)\)")
REPORT = re.compile(r"<!-- report of (\S+), example (\d+) -->")


def lay_out(folder: Path) -> None:
    """Write everything anew: docs/ and zensical.toml in a folder."""
    rules = load_folder(rules_folder())
    shutil.rmtree(folder / "docs", ignore_errors=True)
    for path, text in pages(rules).items():
        target = folder / "docs" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for source in (ROOT / "docs").iterdir():
        if source.suffix not in (".md", ".toml"):
            shutil.copy(source, folder / "docs" / source.name)
    text = (ROOT / "docs" / "zensical.toml").read_text(encoding="utf-8")
    (folder / "zensical.toml").write_text(site_config(text, rules), encoding="utf-8")


def pages(rules: Sequence[Rule]) -> Mapping[str, str]:
    """All pages of the site, by path: Markdown."""
    made = {
        path.name: guide(path.read_text("utf-8"), rules) for path in (ROOT / "docs").glob("*.md")
    }
    made["rules/index.md"] = rule_pages.rules_index(rules)
    made["other-tools.md"] = rule_pages.other_tools(rules)
    made["categories/index.md"] = rule_pages.categories_index(rules)
    made["rule-format.md"] = subject_pages.rule_format()
    made["subjects/index.md"] = subject_pages.subjects_index()
    for name in CATEGORIES:
        made[f"categories/{name}.md"] = rule_pages.category_page(name, rules)
    for rule in rules:
        made[f"rules/{rule.name}.md"] = rule_pages.rule_page(rule)
    for name, subject in SUBJECTS.items():
        users = [rule for rule in rules if rule.subject == name]
        made[f"subjects/{name}.md"] = subject_pages.subject_page(subject, users)
    return made


def guide(text: str, rules: Sequence[Rule]) -> str:
    """A guide as the site has it: links out of docs/ go to the repository, reports are real."""
    named = {rule.name: rule for rule in rules}

    def report(match: re.Match[str]) -> str:
        rule = named[match[1]]
        bad = [each for each in rule.examples if each.bad]
        found = rule_pages.findings_text(rule, bad[int(match[2]) - 1])
        return rule_pages.report_block(found)

    text = OUTSIDE.sub(rf"]({rule_pages.SOURCES}\1)", text)
    return rule_pages.loose(REPORT.sub(report, text))


def site_config(text: str, rules: Sequence[Rule]) -> str:
    """The site's configuration with all rules and subjects in its navigation."""
    sections = [
        _section(
            name.capitalize(),
            f"categories/{name}.md",
            (f"rules/{rule.name}.md" for rule in rules if rule.category == name),
        )
        for name in CATEGORIES
    ]
    subjects = (f"subjects/{name}.md" for name in sorted(SUBJECTS))
    for place, lines in (
        (NAV_RULES, "".join(sections)),
        (NAV_SUBJECTS, _section("Subjects", "subjects/index.md", subjects)),
    ):
        if place not in text:
            raise ValueError(f"docs/zensical.toml has no line {place.strip()!r}")
        text = text.replace(place, lines)
    return text


def _section(title: str, index: str, entries: Iterable[str]) -> str:
    lines = "".join(f'    "{each}",\n' for each in (index, *entries))
    return f'  {{ "{title}" = [\n{lines}  ] }},\n'


if __name__ == "__main__":
    lay_out(ROOT / "build")
