"""`dflint rules` and `dflint explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dflint.cli.choices import Color
from dflint.cli.console import colored, fail, show
from dflint.cli.options import ConfigPath, NoConfig, Selectors
from dflint.cli.settings import configured, linter_of

if TYPE_CHECKING:
    from dflint.rule import Rule


def rules(
    context: typer.Context,
    words: Annotated[
        Selectors,
        typer.Option(
            "--filter", help="Only rules whose id, name, category, alias or summary has this."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    config: ConfigPath = None,
    no_config: NoConfig = False,
) -> None:
    """List the rules: id, name, severity, category, whether on by default, what they find."""
    if context.invoked_subcommand is not None:
        return
    from dflint.catalog import rules_json, rules_table

    linter = linter_of(configured(config, no_config, ["."]))
    wanted = [rule for rule in linter.rules if _fits(rule, words)]
    show(rules_json(wanted) if as_json else rules_table(wanted, linter.enabled))


def _fits(rule: Rule, words: Selectors) -> bool:
    facts = (rule.id, rule.name, rule.category, rule.summary, rule.severity.label, *rule.aliases)
    text = " ".join(facts).lower()
    return all(word.lower() in text for word in words or ())


def run_examples_of(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A folder of rules. [default: dflint's own]", metavar="DIR"),
    ] = None,
) -> None:
    """Run the examples of rules: every bad one must be found exactly where it says."""
    from dflint.examples import run_examples
    from dflint.lint import builtin_rules, rules_folder
    from dflint.rule import RuleError
    from dflint.rules import check_unique, check_yields, load_folder

    try:
        found = load_folder(folder or rules_folder())
        check_unique(found)
        check_yields(found, [rule.name for rule in (*builtin_rules(), *found)])
    except RuleError as error:
        fail(str(error))
    failures = [failure for rule in found for failure in run_examples(rule)]
    for failure in failures:
        number = f"example {failure.number}" if failure.number else "examples"
        typer.echo(f"{failure.rule.path}: {failure.rule.name}: {number}: {failure.text}")
    examples = sum(len(rule.examples) for rule in found)
    typer.echo(f"{len(found)} rules, {examples} examples, {len(failures)} failures")
    raise typer.Exit(1 if failures or not found else 0)


def schema() -> None:
    """Print the JSON Schema of rule files, for editors."""
    from dflint.schema import schema_json

    show(schema_json())


def explain(
    rule: Annotated[str, typer.Argument(help="A rule's id, name, or another tool's name for it.")],
    color: Annotated[Color, typer.Option(help="When to colour.")] = Color.auto,
    config: ConfigPath = None,
    no_config: NoConfig = False,
) -> None:
    """Explain a rule: why it matters, how to mend it, a bad and a good example."""
    from dflint.catalog import explanation
    from dflint.lint import find_rules, nearest_rule
    from dflint.rules import load_file
    from dflint.shellcodes import code_of, code_rule

    linter = linter_of(configured(config, no_config, ["."]))
    code = code_of(rule)
    found = find_rules(linter.rules, rule) or (() if code is None else (code_rule(code),))
    if not found:
        hint = nearest_rule(linter.rules, rule)
        fail(f"there is no rule `{rule}`" + (f": did you mean `{hint}`?" if hint else ""))
    whole = [
        each if each.examples or not each.path else load_file(Path(each.path)) for each in found
    ]
    show("\n".join(explanation(each, colored(color)) for each in whole))
