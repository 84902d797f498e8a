"""The pages of the documentation that tell of rules, made from the rules themselves.

Each function gives Markdown; `scripts/make_site.py` writes it. Nothing here is known twice: words
are those of the rule files, reports are what dflint says of the examples.
"""

from __future__ import annotations

import difflib
import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from dflint import __version__
from dflint.config import Config
from dflint.examples import EXAMPLE_DAY, advice_for, example_context
from dflint.finding import CATEGORIES, FileReport
from dflint.lint import lint_source, make_linter
from dflint.report import FORMATS, Run
from dflint.report.terminal import BLUE, BOLD, CYAN, GREEN, RED, YELLOW
from dflint.rule import Example, Rule
from dflint.source import make_source

SOURCES = "https://github.com/dflint/dflint/blob/main/"
WIDTH = 92  # columns of the reports shown: what fits beside a table of contents
ANSI = re.compile(r"\x1b\[([\d;]*)m")
CLASSES = {BOLD: "b", RED: "r", YELLOW: "y", BLUE: "l", CYAN: "c", GREEN: "g"}
HEADER = re.compile(r"^<span class=\"b\">Dockerfile:.*$", re.MULTILINE)
TOOLS = {"hadolint": "hadolint", "buildkit": "BuildKit", "trivy": "Trivy", "checkov": "Checkov"}
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
LIST_ITEM = re.compile(r"(?:[-*]|\d+\.) ")
# BuildKit's own check has no page of its own.
WITHOUT_PAGE = frozenset({"buildkit:InvalidBaseImagePlatform"})
CATEGORY_WORDS: Mapping[str, str] = {
    "correctness": "What does not build, does not start, or does something else than it says.",
    "security": "Secrets that stay in the image, and rights that nobody needs.",
    "reproducibility": "What makes the same Dockerfile give another image tomorrow.",
    "size": "What every machine that pulls the image pulls for nothing.",
    "speed": "What makes a build slower than it has to be.",
    "style": "What is right and could be easier to read.",
    "strict": "How a thing is written, whatever comes of it. Off unless they are chosen.",
}


def page_link(alias: str) -> str | None:
    """The page where another tool explains its name for a rule, None if there is none for sure."""
    tool, _, code = alias.partition(":")
    if alias in WITHOUT_PAGE:
        return None
    if tool == "hadolint":
        return f"https://github.com/hadolint/hadolint/wiki/{code}"
    if tool == "buildkit":
        return f"https://docs.docker.com/reference/build-checks/{HUMP.sub('-', code).lower()}/"
    if tool == "trivy":
        return f"https://avd.aquasec.com/misconfig/{code.lower()}"
    if tool == "checkov":
        return "https://www.checkov.io/5.Policy%20Index/dockerfile.html"
    return None


def alias_text(alias: str) -> str:
    """Another tool's name for a rule, linked where it is known where to."""
    tool, _, code = alias.partition(":")
    link = page_link(alias)
    name = f"{TOOLS.get(tool, tool)} {code}"
    return name if link is None else f"[{name}]({link})"


def loose(text: str) -> str:
    """Markdown in which a blank line stands before each list, as Python-Markdown needs it."""
    lines: list[str] = []
    fenced = False
    for line in text.split("\n"):
        fenced ^= line.lstrip().startswith("```")
        before = lines[-1] if lines else ""
        starts = LIST_ITEM.match(line) and before and not LIST_ITEM.match(before)
        if starts and not fenced and not before.startswith(" "):
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


def cell(text: str) -> str:
    """A text that may stand in a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")


def fence(text: str, language: str, more: str = "") -> str:
    """A block of code; the fence is longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}{language}{more and f' {more}'}\n{text.rstrip()}\n{marks}"


# ---- what dflint says, in colour


def report_block(text: str) -> str:
    """A report with the terminal's colours as a block of HTML."""
    shown, opened = [], False
    position = 0
    for match in ANSI.finditer(text):
        shown.append(html.escape(text[position : match.start()], quote=False))
        position = match.end()
        if opened:
            shown.append("</span>")
        opened = match[1] in CLASSES
        if opened:
            shown.append(f'<span class="{CLASSES[match[1]]}">')
    shown.append(html.escape(text[position:], quote=False))
    body = HEADER.sub(r'<span class="head">\g<0></span>', "".join(shown).rstrip())
    body = body.replace("\n", "&#10;")  # one line: nothing for Markdown to read
    return f'<pre class="report"><code>{body}</code></pre>'


def findings_text(rule: Rule, example: Example) -> str:
    """The full report of a bad example, without its closing line."""
    day: date = example.day or EXAMPLE_DAY
    options = {rule.name: dict(example.options)} if example.options else {}
    linter = make_linter(Config(select=(rule.id,), rule_options=options, shellcheck=False), day)
    source = make_source("Dockerfile", example.text)
    report = lint_source(source, linter, example_context(example), example.target)
    found = tuple(each for each in report.findings if each.rule == rule.id)
    run = Run((FileReport(source, found),), (), __version__, color=True, width=WIDTH)
    return FORMATS["full"](run).rstrip().rpartition("\n\n")[0]


# ---- a rule's page


def rule_page(rule: Rule) -> str:
    """The page of one rule."""
    parts = [
        f"---\ntitle: {rule.name}\ndescription: {json.dumps(rule.summary)}\n---",
        f"# {rule.name}",
        f"{loose(rule.summary)}.\n{{ .lead }}",
        chips(rule),
        f"## Why\n\n{loose(rule.why.strip())}",
        f"## What to do\n\n{loose(advice_for(rule).strip())}",
        _examples(rule),
        _fix(rule),
        _options(rule),
        _leaving_out(rule),
        _more(rule),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def chips(rule: Rule) -> str:
    """The rule's facts in one row."""
    safety = " and ".join(sorted({fix["safety"] for fix in _fixes(rule)}))
    shown = [
        f'<span class="chip {rule.severity.label}">{rule.severity.label}</span>',
        f"[{rule.category}](../categories/{rule.category}.md){{ .chip }}",
        f'<span class="chip">{rule.id}</span>',
        f'<span class="chip">since {rule.since}</span>' if rule.since else "",
        '<span class="chip">on by default</span>'
        if rule.default
        else '<span class="chip off">off by default</span>',
        f"[{safety} fix](#the-fix){{ .chip .fix }}" if safety else "",
    ]
    row = " ".join(each for each in shown if each)
    names = ", ".join(map(alias_text, rule.aliases))
    return row + (f"\n\nOther tools call it {names}." if names else "")


def _fixes(rule: Rule) -> list[Mapping[str, str]]:
    found = [rule.fix, *(case.get("fix") for case in rule.cases)]
    return [each for each in found if each]


def _examples(rule: Rule) -> str:
    """The first bad and the first good example, and the others folded."""
    chosen = [first(rule.examples, bad=True), first(rule.examples, bad=False)]
    shown = [_example(rule, each, whole=True) for each in chosen if each is not None]
    rest = [_example(rule, each, whole=False) for each in rule.examples if each not in chosen]
    if not shown:
        return ""
    parts = ["## Examples", *shown]
    if rest:
        folded = "\n\n".join(rest).replace("\n", "\n    ")
        parts.append(
            f'??? example "{_count(len(rest), "more example")}, all tested"\n\n    {folded}'
        )
    return "\n\n".join(parts)


def first(examples: Iterable[Example], *, bad: bool) -> Example | None:
    """The example to show first: one that needs no day and no options to be what it is."""
    fitting = [each for each in examples if each.bad is bad]
    plain = [each for each in fitting if each.day is None and not each.options]
    return next(iter(plain or fitting), None)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _example(rule: Rule, example: Example, *, whole: bool) -> str:
    """An example with what belongs to it; `whole` ones show the report as well."""
    word = "Bad" if example.bad else "Good"
    lines = marked_lines(example.at)
    marks = f'hl_lines="{" ".join(map(str, lines))}"' if lines else ""
    parts = [f"**{word}**{_setting(rule, example)}", fence(example.text, "dockerfile", marks)]
    if whole and example.bad:
        parts += ["dflint says:", report_block(findings_text(rule, example))]
    return "\n\n".join(parts)


def _setting(rule: Rule, example: Example) -> str:
    """What an example needs beside its text, in words."""
    words = []
    if example.files is not None:
        files = ", ".join(f"`{name}`" for name in sorted(example.files)) or "nothing"
        words.append(f"beside it: {files}")
    if example.dockerignore is not None:
        patterns = ", ".join(f"`{line}`" for line in example.dockerignore.split("\n") if line)
        words.append(f"`.dockerignore`: {patterns or 'empty'}")
    if example.day is not None:
        words.append(f"on {example.day.isoformat()}")
    if example.target is not None:
        words.append(f"with `--target {example.target}`")
    if example.options:
        values = ", ".join(f"`{name} = {toml(value)}`" for name, value in example.options.items())
        words.append(f"with {values} in `[rules.{rule.name}]`")
    return f" ({'; '.join(words)})" if words else ""


def marked_lines(places: Sequence[str]) -> list[int]:
    """The lines that positions such as `4:1-5:28` cover."""
    lines: set[int] = set()
    for place in places:
        start, _, end = place.partition("-")
        first_line = int(start.partition(":")[0])
        last, colon, _ = end.partition(":")
        lines.update(range(first_line, (int(last) if colon else first_line) + 1))
    return sorted(lines)


def _fix(rule: Rule) -> str:
    """What the fix is called, how safe it is, and what it makes of an example."""
    fixes = _fixes(rule)
    if not fixes:
        return ""
    rows = [f"- {each['title']} ({each['safety']})" for each in fixes]
    unsafe = any(each["safety"] == "unsafe" for each in fixes)
    flags = "`--fix`" + (" with `--unsafe-fixes`" if unsafe else "")
    parts = ["## The fix", "\n".join(dict.fromkeys(rows))]
    fixed = [each for each in rule.examples if each.fixed is not None]
    example = first(fixed, bad=True)
    if example is not None and example.fixed is not None:
        parts += [
            f"{flags} makes of this example:",
            fence(diff(example.text, example.fixed), "diff"),
        ]
    parts.append("[Fixes and their safety](../fixes.md) says what the words promise.")
    return "\n\n".join(parts)


def diff(before: str, after: str) -> str:
    """The lines that differ, with all lines around them."""
    pairs = difflib.ndiff(before.splitlines(), after.splitlines())
    return "\n".join(line for line in pairs if not line.startswith("?"))


def toml(value: object) -> str:
    """A value as TOML has it: that of an option is a text, a number, a flag or a list of texts."""
    return json.dumps(value, ensure_ascii=False)


def _options(rule: Rule) -> str:
    if not rule.options:
        return ""
    rows = [
        f"| `{name}` | {each.type} | `{toml(each.default)}` | {cell(each.about)} "
        f"{_choices(each.choices)}|"
        for name, each in rule.options.items()
    ]
    settings = "\n".join(f"{name} = {toml(each.default)}" for name, each in rule.options.items())
    table = "\n".join(["| option | type | default | what it does |", "|---|---|---|---|", *rows])
    example = fence(f"[rules.{rule.name}]\n{settings}", "toml", 'title="dflint.toml"')
    return f"## Options\n\n{table}\n\n{example}"


def _choices(choices: Sequence[str]) -> str:
    return f"One of {', '.join(f'`{each}`' for each in choices)}. " if choices else ""


def _leaving_out(rule: Rule) -> str:
    """How not to hear of it: here, in some files, at all."""
    comment = f"# dflint: ignore[{rule.name}] the reason"
    inline = (
        [f"Above the instruction, or inside a RUN:\n\n{fence(comment, 'dockerfile')}"]
        if rule.subject != "problem"
        else []
    )
    if not rule.default:
        text = f'extend-select = ["{rule.name}"]'
        turned_on = fence(text, "toml", 'title="dflint.toml"')
        return "\n\n".join(["## Turn it on", turned_on, "## Ignore it", *inline])
    text = f'ignore = ["{rule.name}"]'
    parts = ["## Ignore it", *inline, f"Everywhere:\n\n{fence(text, 'toml', _TITLE)}"]
    return "\n\n".join(parts)


_TITLE = 'title="dflint.toml"'


def _more(rule: Rule) -> str:
    source = rule_source(rule)
    rows = [f"- <{each}>" for each in rule.references]
    rows.append(f"- [The rule itself]({SOURCES}{source}), `{source}`")
    if rule.subject != "problem":
        rows.append(f"- What it looks at: [`{rule.subject}`](../subjects/{rule.subject}.md)")
    return "## Read more\n\n" + "\n".join(rows)


def rule_source(rule: Rule) -> str:
    """The rule's file, from the top of the repository."""
    return "rules/" + rule.path.replace("\\", "/").rpartition("/rules/")[2]


# ---- tables of rules


def rules_index(rules: Sequence[Rule]) -> str:
    """All rules in one table."""
    on = sum(rule.default for rule in rules)
    return (
        "---\ntitle: All rules\nhide: [toc]\n---\n# All rules\n\n"
        f"{len(rules)} rules, {on} of them on by default. Also by "
        "[category](../categories/index.md) and by [other tools' names](../other-tools.md).\n\n"
        f"{_table(rules, '')}\n"
    )


def _table(rules: Iterable[Rule], up: str) -> str:
    rows = [
        f"| [{rule.name}]({up}{rule.name}.md)<br><small>{_names(rule)}</small> "
        f"| {cell(rule.summary)}{'' if rule.default else ' (off by default)'} "
        f'| <span class="chip {rule.severity.label}">{rule.severity.label}</span> '
        f"| {rule.category} | {_fix_word(rule)} |"
        for rule in rules
    ]
    head = "| rule | what is wrong | severity | category | fix |\n|---|---|---|---|---|"
    return f'<div class="rules" markdown>\n\n{head}\n' + "\n".join(rows) + "\n\n</div>"


def _names(rule: Rule) -> str:
    """The id and other tools' names, so that a search on the page finds them."""
    return " · ".join([rule.id, *(alias.partition(":")[2] for alias in rule.aliases)])


def _fix_word(rule: Rule) -> str:
    return "/".join(sorted({each["safety"] for each in _fixes(rule)}))


def categories_index(rules: Sequence[Rule]) -> str:
    """The categories, each with how many rules it has."""
    rows = [
        f"| [{name}]({name}.md) | {sum(rule.category == name for rule in rules)} "
        f"| {CATEGORY_WORDS[name]} |"
        for name in CATEGORIES
    ]
    table = "\n".join(["| category | rules | what it is about |", "|---|---|---|", *rows])
    selecting = fence("$ dflint check --select security", "console")
    return (
        f"---\ntitle: By category\n---\n# Rules by category\n\n{table}\n\n"
        f"A category can stand wherever a rule's name can:\n\n{selecting}\n"
    )


def category_page(name: str, rules: Sequence[Rule]) -> str:
    """The rules of one category."""
    fitting = [rule for rule in rules if rule.category == name]
    title = name.capitalize()
    return (
        f"---\ntitle: {title}\nhide: [toc]\n---\n# {title}\n\n{CATEGORY_WORDS[name]}\n\n"
        f"{_table(fitting, '../rules/')}\n"
    )


def other_tools(rules: Sequence[Rule]) -> str:
    """Other tools' names for our rules, a table a tool."""
    parts = [
        "---\ntitle: Other tools' names\n---\n# Other tools' names\n\n"
        "Each of these works wherever a rule's name does: `--select DL3042`, "
        "`# hadolint ignore=DL3042`, `--select buildkit`. Where two tools mean not quite the same, "
        "[Compared with hadolint](compared-with-hadolint.md) and "
        "[with BuildKit's checks and trivy's](compared-with-buildkit.md) say how they differ."
    ]
    for tool, title in TOOLS.items():
        named: dict[str, list[Rule]] = {}
        for rule in rules:
            for alias in rule.aliases:
                if alias.startswith(f"{tool}:"):
                    named.setdefault(alias, []).append(rule)
        rows = [
            f"| {alias_text(alias).replace(f'{title} ', '', 1)} "
            f"| {', '.join(f'[{rule.name}](rules/{rule.name}.md)' for rule in each)} "
            f"| {cell('; '.join(rule.summary for rule in each))} |"
            for alias, each in sorted(named.items())
        ]
        table = "\n".join([f"| {title} | dflint | what is wrong |", "|---|---|---|", *rows])
        parts.append(f'## {title}\n\n<div class="rules" markdown>\n\n{table}\n\n</div>')
    return "\n\n".join(parts) + "\n"
