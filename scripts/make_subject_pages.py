"""The pages for authors of rules, made from the tables that rules are checked with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dflint.conditions import OPERATORS
from dflint.rule import FIELDS, OPTION_TYPES, Rule
from dflint.subjects import SUBJECTS
from dflint.subjects.base import Kind, Subject
from scripts.make_rule_pages import cell

KINDS: Mapping[Kind, str] = {
    "text": "a text",
    "flag": "true or false",
    "number": "a number",
    "date": "a day",
    "list": "a list of texts",
    "paths": "a list of paths",
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(map(cell, row)) + " |" for row in rows]
    return "\n".join(lines)


def subjects_index() -> str:
    """All subjects, and what each is."""
    rows = [(f"[{name}]({name}.md)", each.about) for name, each in sorted(SUBJECTS.items())]
    return (
        "---\ntitle: Subjects\n---\n# Subjects\n\n"
        "What a rule looks at, one at a time. `subject: install` in a rule's file means that its "
        "conditions are asked of each installation of packages in the build.\n\n"
        f"{table(('subject', 'what it is'), rows)}\n"
    )


def subject_page(subject: Subject, rules: Sequence[Rule]) -> str:
    """What can be asked of a subject, what of it can be marked, and who does so."""
    parts = [
        f"---\ntitle: {subject.name}\n---\n# `{subject.name}`\n\n{subject.about}",
        "## Attributes\n\nWhat `where` can ask and `{…}` in a message can put in.\n\n"
        + table(("attribute", "kind", "what it is"), _attributes(subject)),
        f"## Parts\n\nWhat `at`, `related` and a fix can name. Findings point at `{subject.main}` "
        "unless the rule says otherwise.\n\n"
        + table(("part", "what it is"), [(f"`{n}`", p.about) for n, p in subject.parts.items()]),
    ]
    if subject.changes:
        rows = [(f"`{name}`", each.about) for name, each in subject.changes.items()]
        shown = table(("change", "what it does"), rows)
        parts.append(f"## Changes\n\nWhat a fix's `change` can name.\n\n{shown}")
    users = [f"- [{each.name}](../rules/{each.name}.md): {each.summary}" for each in rules]
    parts.append("## Rules that look at it\n\n" + ("\n".join(users) or "None of dflint's own."))
    return "\n\n".join(parts) + "\n"


def _attributes(subject: Subject) -> list[tuple[str, str, str]]:
    rows = [(f"`{n}`", KINDS[each.kind], each.about) for n, each in subject.attributes.items()]
    rows += [(f"`{n}.NAME`", KINDS[each.kind], each.about) for n, each in subject.families.items()]
    return rows


def rule_format() -> str:
    """The keys of a rule's file and the operators of its conditions."""
    keys = [(f"`{n}`", "yes" if f.required else "", f.about) for n, f in FIELDS.items()]
    operators = [
        (f"`{name}`", ", ".join(KINDS[kind] for kind in each.kinds), each.about)
        for name, each in OPERATORS.items()
    ]
    return (
        "---\ntitle: Rule format\n---\n# The format of a rule\n\n"
        "A rule is one YAML file. [Write your own rules](custom-rules.md) goes through one, step "
        "by step; this page has all the words.\n\n"
        f"## Keys\n\n{table(('key', 'needed', 'what it is'), keys)}\n\n"
        '## Conditions\n\nAll entries of `where` must hold. A value means "equals", a list "is one '
        'of these", and a mapping holds operators. `all`, `any` and `not` group conditions. What '
        "cannot be known is neither true nor false, and a rule fires on certainty alone.\n\n"
        f"{table(('operator', 'can be asked of', 'holds when'), operators)}\n\n"
        "An operand may be an option of the rule, `{option: NAME}`, and an option may be asked "
        "itself: `parameter.NAME`. The types of options are "
        f"{', '.join(f'`{each}`' for each in OPTION_TYPES)}.\n\n"
        "What can be asked depends on the [subject](subjects/index.md).\n"
    )
