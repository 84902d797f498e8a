"""The rules as texts for people: the list and the explanation of one."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from dflint.examples import advice_for
from dflint.lint import rules_folder
from dflint.rule import Example, Rule

WIDTH = 88
DOCS = "https://dflint.github.io/dflint/"  # as `project.urls` in pyproject.toml has it


def rule_url(rule: Rule) -> str | None:
    """A page about the rule: dflint's own has one, another names one among its references."""
    if rule.path.startswith(f"{rules_folder()}/"):
        return f"{DOCS}rules/{rule.name}/"
    return next(iter(rule.references), None)


def rules_table(rules: Sequence[Rule], enabled: frozenset[str]) -> str:
    """A line a rule: id, name, severity, category, `off`, how safe its fix is, and the summary."""
    if not rules:
        return "no rules\n"
    name = max(len(rule.name) for rule in rules)
    lines = [
        f"{rule.id:<6} {rule.name:<{name}}  {rule.severity.label:<7}  {rule.category:<15}  "
        f"{'   ' if rule.id in enabled else 'off'}  {_fix_note(rule):<10}  {rule.summary}"
        for rule in rules
    ]
    return "\n".join(lines) + "\n"


def safeties(rule: Rule) -> tuple[str, ...]:
    """How safe the fixes of a rule and its cases are: `safe`, `unsafe`, both or none."""
    fixes = (rule.fix, *(case.get("fix") for case in rule.cases))
    return tuple(sorted({fix["safety"] for fix in fixes if fix is not None}))


def _fix_note(rule: Rule) -> str:
    """`fix` where `--fix` mends all that can be mended, `unsafe fix`, or `fix/unsafe` for both."""
    found = safeties(rule)
    if len(found) == 2:
        return "fix/unsafe"
    return {(): "", ("safe",): "fix", ("unsafe",): "unsafe fix"}[found]


def rules_json(rules: Sequence[Rule]) -> str:
    """The rules as a JSON list of objects."""
    import json

    keys = (
        "id", "name", "summary", "category", "aliases", "since", "default", "subject", "message",
        "advice", "why", "references",
    )  # fmt: skip
    rows = [
        {key: getattr(rule, key) for key in keys}
        | {
            "severity": rule.severity.label,
            "fixable": bool(safeties(rule)),
            "fixes": safeties(rule),
        }
        for rule in rules
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def explanation(rule: Rule, color: bool) -> str:
    """Everything about a rule: why, how to mend it, examples, options, references."""

    def strong(text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if color else text

    parts = [
        f"{strong(rule.name)} [{rule.id}]  {rule.severity.label}, {rule.category}"
        + ("" if rule.default else ", off by default"),
        _wrapped(rule.summary),
        strong("Why"),
        _paragraphs(rule.why),
        strong("What to do"),
        _paragraphs(advice_for(rule)),
    ]
    for kind, title in ((True, "Bad"), (False, "Good")):
        # One that needs a day or options of its own to be what it is would mislead.
        fitting = [each for each in rule.examples if each.bad is kind]
        plain = [each for each in fitting if each.day is None and not each.options]
        example = next(iter(plain or fitting), None)
        if example is not None:
            parts += [strong(title), _code(example)]
    if rule.options:
        parts += [strong("Options"), _options(rule)]
    if rule.aliases:
        parts += [strong("Other tools' names"), "  " + ", ".join(rule.aliases)]
    pages = dict.fromkeys([rule_url(rule), *rule.references])
    shown = [f"  {each}" for each in pages if each is not None]
    if shown:
        parts += [strong("Read more"), "\n".join(shown)]
    if rule.subject != "problem":
        parts.append(f"Ignore it for one instruction with `# dflint: ignore[{rule.name}] reason`.")
    return "\n\n".join(parts) + "\n"


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _paragraphs(text: str) -> str:
    """Prose wrapped, and indented blocks (lists, code) kept as they are."""
    blocks = text.strip("\n").split("\n\n")
    return "\n\n".join(
        textwrap.indent(block, "  ")
        if block.startswith((" ", "- ", "```", "* "))
        else _wrapped(block, "  ")
        for block in blocks
    )


def _code(example: Example) -> str:
    """The example's Dockerfile, and below it what its build context holds."""
    lines = [example.text.rstrip("\n")]
    if example.files is not None:
        lines.append(f"# beside it: {', '.join(sorted(example.files)) or 'nothing'}")
    if example.dockerignore is not None:
        patterns = example.dockerignore.split("\n")
        lines.append(f"# .dockerignore: {', '.join(line for line in patterns if line)}")
    return textwrap.indent("\n".join(lines), "    ")


def _options(rule: Rule) -> str:
    return "\n".join(
        f"  {name} ({option.type}, default {option.default!r}): {option.about}"
        for name, option in rule.options.items()
    )
