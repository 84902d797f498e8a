"""The documentation site: a page for everything, commands that do what is shown, no broken link."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from dflint.catalog import DOCS, rule_url
from dflint.cli.app import make_app
from dflint.conditions import OPERATORS
from dflint.config import KEYS, load_config
from dflint.finding import CATEGORIES
from dflint.lint import rules_folder
from dflint.rule import FIELDS, Rule
from dflint.rules import load_folder
from dflint.subjects import SUBJECTS
from scripts import make_rule_pages, make_site
from scripts.run_guides import BLOCK, GUIDES, matches, mended, run_guide

ROOT = Path(__file__).parent.parent
RULES = load_folder(rules_folder())
LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
CONFIG = ROOT / "docs" / "zensical.toml"
# Written and tested elsewhere, in their own way.
OTHERS = {
    "ci.md", "compared-with-buildkit.md", "compared-with-hadolint.md", "compose-and-bake.md", "formats.md",
    "many-repositories.md", "moving-from-hadolint.md", "only-what-changed.md",
}  # fmt: skip


@cache
def pages() -> Mapping[str, str]:
    return make_site.pages(RULES)


# ---- the pages of rules


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_s_page_says_what_its_file_says(rule: Rule) -> None:
    page = pages()[f"rules/{rule.name}.md"]
    assert page.startswith(f"---\ntitle: {rule.name}\n")
    assert rule.summary in page
    assert make_rule_pages.loose(rule.why.strip()) in page
    assert f'chip {rule.severity.label}">' in page
    assert all(reference in page for reference in rule.references)
    assert all(make_rule_pages.alias_text(alias) in page for alias in rule.aliases)
    assert all(f"| `{name}` | {each.type} |" in page for name, each in rule.options.items())
    assert page.count("**Bad**") + page.count("**Good**") == len(rule.examples)
    assert (ROOT / make_rule_pages.rule_source(rule)).is_file()
    assert ("## The fix" in page) == bool(rule.fix or any(case.get("fix") for case in rule.cases))
    assert ("off by default" in page.split("## Why")[0]) is not rule.default


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_bad_example_that_is_shown_has_a_report(rule: Rule) -> None:
    example = make_rule_pages.first(rule.examples, bad=True)
    if example is not None:
        text = make_rule_pages.findings_text(rule, example)
        assert text.count(f"[{rule.id}]") == len(example.at)


def test_an_index_lists_every_rule() -> None:
    everything = pages()["rules/index.md"]
    by_category = "".join(pages()[f"categories/{name}.md"] for name in CATEGORIES)
    for rule in RULES:
        assert f"]({rule.name}.md)" in everything
        assert by_category.count(f"](../rules/{rule.name}.md)") == 1
        for alias in rule.aliases:
            assert f"[{rule.name}](rules/{rule.name}.md)" in pages()["other-tools.md"]
            assert alias.partition(":")[2] in pages()["other-tools.md"]


def test_all_tools_have_a_name_and_all_categories_a_sentence() -> None:
    tools = {alias.partition(":")[0] for rule in RULES for alias in rule.aliases}
    assert tools == set(make_rule_pages.TOOLS)
    assert set(CATEGORIES) == set(make_rule_pages.CATEGORY_WORDS)


@pytest.mark.parametrize(
    ("alias", "link"),
    [
        ("hadolint:DL3042", "https://github.com/hadolint/hadolint/wiki/DL3042"),
        (
            "buildkit:JSONArgsRecommended",
            "https://docs.docker.com/reference/build-checks/json-args-recommended/",
        ),
        ("buildkit:FromAsCasing", "https://docs.docker.com/reference/build-checks/from-as-casing/"),
        ("trivy:DS002", "https://avd.aquasec.com/misconfig/ds002"),
        ("buildkit:InvalidBaseImagePlatform", None),
        ("another:X1", None),
    ],
)
def test_other_tools_pages(alias: str, link: str | None) -> None:
    assert make_rule_pages.page_link(alias) == link


def test_lines_of_places() -> None:
    assert make_rule_pages.marked_lines(["2:5-29", "4:1-6:2", "9:1"]) == [2, 4, 5, 6, 9]


def test_a_report_is_one_line_of_html() -> None:
    block = make_rule_pages.report_block("\x1b[1;31merror\x1b[0m <b>\n  x")
    assert block == (
        '<pre class="report"><code><span class="r">error</span> &lt;b&gt;&#10;  x</code></pre>'
    )


def test_lists_get_room_outside_of_code_alone() -> None:
    assert make_rule_pages.loose("a\n- b\n- c\n```\nd\n- e\n```") == (
        "a\n\n- b\n- c\n```\nd\n- e\n```"
    )


def test_a_fence_is_longer_than_those_within() -> None:
    assert make_rule_pages.fence("```\nx\n```", "text").startswith("````text\n")


# ---- the pages for authors of rules


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_subject_s_page_has_all_that_can_be_asked(name: str) -> None:
    page, subject = pages()[f"subjects/{name}.md"], SUBJECTS[name]
    wanted = [*subject.attributes, *subject.parts, *subject.changes]
    wanted += [f"{family}.NAME" for family in subject.families]
    assert all(f"| `{each}` |" in page for each in wanted)
    for rule in RULES:
        assert (f"(../rules/{rule.name}.md)" in page) == (rule.subject == name)


def test_the_format_s_page_has_all_keys_and_operators() -> None:
    page = pages()["rule-format.md"]
    assert all(f"| `{each}` |" in page for each in (*FIELDS, *OPERATORS))


# ---- the guides


@pytest.mark.parametrize("name", GUIDES)
def test_the_commands_of_a_guide_do_what_is_shown(name: str, tmp_path: Path) -> None:
    for folder in (here := tmp_path / "here", home := tmp_path / "home"):
        folder.mkdir()
    ran = run_guide((ROOT / "docs" / name).read_text(encoding="utf-8"), here, home)
    assert ran
    assert [each for each in ran if not each.right] == []


def test_every_guide_is_run() -> None:
    guides = {path.name for path in (ROOT / "docs").glob("*.md")}
    assert guides == {*GUIDES, *OTHERS, "index.md", "good-dockerfile.md"}


@pytest.mark.parametrize("name", [*GUIDES, "index.md"])
def test_the_configuration_that_a_guide_shows_is_understood(name: str, tmp_path: Path) -> None:
    (tmp_path / "my-rules").mkdir()
    for block in BLOCK.finditer((ROOT / "docs" / name).read_text(encoding="utf-8")):
        if block["language"] == "toml" and block["title"] != "wrong.toml":
            path = tmp_path / Path(block["title"] or "dflint.toml").name
            path.write_text(block["body"], encoding="utf-8")
            assert load_config(path).path == str(path)


def test_every_key_of_the_configuration_is_described() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    table = text[text.index("| key | value |") :]
    described = re.findall(r"^\| `([a-z-]+)` \|", table[: table.index("\n\n")], re.MULTILINE)
    assert sorted(described) == sorted(KEYS)


def test_every_option_of_a_command_that_a_guide_names_exists() -> None:
    import typer

    command = typer.main.get_command(make_app())
    known = {"--help", "--version"}
    for each in command.commands.values():  # type: ignore[attr-defined]
        known.update(option for one in each.params for option in one.opts)
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    table = text[text.index("| key | value |") :]
    named = re.findall(r"`(--[a-z-]+)`", table[: table.index("\n\n")])
    assert named
    assert set(named) <= known


def test_the_good_dockerfile_is_the_sample_app_s() -> None:
    guide = (ROOT / "docs" / "good-dockerfile.md").read_text(encoding="utf-8")
    quoted = [
        line
        for block in BLOCK.finditer(guide)
        if block["language"] == "dockerfile"
        for line in block["body"].splitlines()
    ]
    real = (ROOT / "sample_app" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert [line for line in quoted if line] == [line for line in real if line]


def test_what_an_output_may_leave_out() -> None:
    assert matches("a\n…\nd", "a\nb\nc\nd\n")
    assert matches("", "")
    assert not matches("", "a\n")
    assert not matches("a.c", "abc")


def test_a_wrong_output_is_found_and_mended(tmp_path: Path) -> None:
    text = '```text title="a"\nhello\n```\n\n```console\n$ cat a\n$ cat a\nhullo\n```\n'
    ran = run_guide(text, tmp_path, tmp_path)
    assert [each.right for each in ran] == [False, False]
    right = mended(text, ran)
    assert right.endswith("```console\n$ cat a\nhello\n$ cat a\nhello\n```\n")
    assert all(each.right for each in run_guide(right, tmp_path, tmp_path))


# ---- addresses


def test_reports_point_to_the_pages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    site = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["project"]
    assert DOCS == project["urls"]["Documentation"] == site["site_url"]
    rule = RULES[0]
    assert rule_url(rule) == f"{DOCS}rules/{rule.name}/"


def test_links_inside_the_site_lead_somewhere() -> None:
    files = {path.name for path in (ROOT / "docs").iterdir()}
    for path, text in pages().items():
        for link in LINK.findall(re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.S | re.M)):
            target = link.partition("#")[0]
            if target:
                parts = (Path(path).parent / target).parts
                while ".." in parts:
                    at = parts.index("..")
                    parts = parts[: at - 1] + parts[at + 1 :]
                found = "/".join(parts)
                assert found in pages() or found in files, f"{path}: {link}"


def test_links_out_of_the_guides_lead_to_files_of_the_repository() -> None:
    for path in (ROOT / "docs").glob("*.md"):
        for target in make_site.OUTSIDE.findall(path.read_text(encoding="utf-8")):
            assert (ROOT / target.partition("#")[0]).exists(), f"{path.name}: {target}"


def test_every_guide_is_in_the_navigation() -> None:
    text = make_site.site_config(CONFIG.read_text(encoding="utf-8"), RULES)
    named = re.findall(r'"([\w/-]+\.md)"', text)
    assert sorted(named) == sorted(pages())


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    program = shutil.which("zensical", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("zensical is not here")
    make_site.lay_out(tmp_path)
    done = subprocess.run(
        [program, "build", "--strict", "--config-file", "zensical.toml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for rule in RULES:
        assert (tmp_path / "site" / "rules" / rule.name / "index.html").is_file()
    page = (tmp_path / "site" / "rules" / "pip-no-cache" / "index.html").read_text("utf-8")
    fetched = re.findall(r'(?:src=|<link[^>]* rel="stylesheet"[^>]*href=)"(https?:[^"]+)"', page)
    assert fetched == []
