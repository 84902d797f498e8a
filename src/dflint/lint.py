"""The whole line, from a path or a text to findings: the library's front door."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from msgspec import Struct, field, structs

from dflint.conditions import ConditionError
from dflint.config import Config, ConfigError, default_config
from dflint.context import Context, open_context
from dflint.digests import Digests, load_digests
from dflint.disk import read_file
from dflint.document import Document, Problem
from dflint.finding import FileReport, Finding, Severity
from dflint.match import RuleTable, make_table, match
from dflint.model import NO_ARGUMENTS, Build, make_build
from dflint.nearest import nearest
from dflint.reader import read
from dflint.rule import Rule, RuleError
from dflint.rules import check_unique, check_yields, load_compiled, load_folder
from dflint.scripts import Scripts, make_scripts
from dflint.selection import (
    aliases_of,
    check_names,
    ignored_aliases,
    per_file_aliases,
    per_file_ignored,
    selected,
    settle,
)
from dflint.shellcodes import ANY, code_of, code_rule, excluded, mentioned
from dflint.source import Source, Span, decode, make_source
from dflint.subjects.base import Facts
from dflint.suppress import (
    Bad,
    Ignore,
    apply_ignores,
    checks_are_errors,
    parse_ignores,
    skipped_checks,
)
from dflint.voices import CompiledRule, compile_rule


class Linter(Struct, frozen=True):
    """The rules that a configuration switches on, compiled, and what it takes to name them.

    `rules` are all rules, switched on or not; `enabled` the ids of those that are on. Findings that
    other tools call by one of the `ignored_aliases` are not wanted. `named` adds to the rules those
    of ShellCheck's codes that anybody speaks of; `shell` says whether any of them is on.
    """

    config: Config
    rules: tuple[Rule, ...]
    enabled: frozenset[str]
    table: RuleTable
    ids: Mapping[str, str]
    today: date
    ignored_aliases: frozenset[str] = frozenset()
    named: tuple[Rule, ...] = ()
    shell: bool = False
    digests: Digests = field(default_factory=dict)


class Draft(Struct, frozen=True):
    """What our own rules find in a file, nothing ignored yet; no build where it cannot be read.

    `slow` tells of users' rules that were left out, because they take too long.
    """

    source: Source
    findings: tuple[Finding, ...]
    ignores: tuple[Ignore, ...] = ()
    build: Build | None = None
    slow: tuple[RuleError, ...] = ()


def rules_folder() -> Path:
    """Where dflint's own rules are: in the installed package, or at the top of the checkout."""
    packaged = Path(__file__).parent / "rules"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "rules"


@cache
def builtin_rules() -> tuple[Rule, ...]:
    """dflint's own rules, without their examples. Raises RuleError."""
    return load_compiled(rules_folder())


def all_rules(config: Config) -> tuple[Rule, ...]:
    """dflint's own rules and those of the configuration's folders. Raises RuleError."""
    rules = shipped = builtin_rules()
    for folder in config.rules:
        rules += load_folder(Path(folder))
    check_unique(rules)
    given = rules[len(shipped) :]  # our own are right: a test holds it
    check_yields(given, [rule.name for rule in rules])
    return rules


def make_linter(config: Config | None = None, today: date | None = None) -> Linter:
    """A linter for a configuration. Raises RuleError, ConfigError and SelectorError.

    `today` is the day that end-of-life dates are held against, when the configuration sets none.
    """
    config = config or default_config()
    day = today or config.today or date.today()
    rules = all_rules(config)
    config = settle(config, rules)
    named = _with_codes(rules, {ANY, *mentioned(_words(config))})
    check_names(config, named)
    chosen = selected(named, config.select, config.ignore, config.extend_select)
    enabled = chosen.intersection(rule.id for rule in rules)
    ids = {key: rule.id for rule in rules for key in (rule.id, rule.name, *rule.aliases)}
    ignored = ignored_aliases(rules, config.ignore)
    on = [rule for rule in rules if rule.id in enabled]
    table = make_table(on, lambda rule: _compile(rule, config, day))
    for rule in on:
        if _options(rule, config):  # what a user has set wrong is told at once
            table.compile(rule)
    digests = load_digests(Path(config.digests)) if config.digests else {}
    shell = chosen > enabled
    return Linter(config, rules, enabled, table, ids, day, ignored, named, shell, digests)


def _words(config: Config) -> Iterator[str]:
    """The words with which a configuration chooses rules."""
    yield from (*config.select, *config.ignore, *config.extend_select)
    for _, words in config.per_file_ignores:
        yield from words


def _with_codes(rules: tuple[Rule, ...], codes: Iterable[str]) -> tuple[Rule, ...]:
    known = {rule.id for rule in rules}
    return (*rules, *(code_rule(code) for code in sorted(codes) if code not in known))


def with_codes(linter: Linter, codes: Iterable[str]) -> Linter:
    """The linter with these of ShellCheck's codes, each on if the configuration wants it."""
    config = linter.config
    codes = [code for code in codes if not excluded(code)]
    named = _with_codes(linter.named, codes)
    chosen = selected(named, config.select, config.ignore, config.extend_select)
    ids = {**linter.ids, **{f"shellcheck:{code}": code for code in codes}}
    return structs.replace(linter, named=named, enabled=linter.enabled | chosen, ids=ids)


def ignored_codes(draft: Draft) -> frozenset[str]:
    """ShellCheck's codes that comments in a file ignore."""
    codes = (code_of(name.key) for ignore in draft.ignores for name in ignore.names)
    return frozenset(code for code in codes if code is not None)


def _options(rule: Rule, config: Config) -> dict[str, object]:
    return {**config.rule_options.get(rule.id, {}), **config.rule_options.get(rule.name, {})}


def _compile(rule: Rule, config: Config, day: date) -> CompiledRule:
    try:
        options = _options(rule, config)
        # Who reads a rule, compiles it with the options that it has of its own.
        return compile_rule(rule, options, day, proven=not options)
    except (ValueError, ConditionError) as error:
        raise ConfigError(config.path or "dflint", None, str(error)) from None


def lint(path: Path | str, linter: Linter | None = None, target: str | None = None) -> FileReport:
    """The findings for one Dockerfile; one that cannot be read gets the finding `unreadable`.

    Raises UnknownTargetError when `target` names no stage of it, and RuleError as `lint_source`.
    """
    linter = linter or make_linter()
    try:
        source, context = load(Path(path), linter)
    except OSError as error:
        return report(unreadable(str(path), error.strerror or str(error), linter), linter)
    return lint_source(source, linter, context, target)


def load(path: Path, linter: Linter) -> tuple[Source, Context | None]:
    """A Dockerfile's text and its build context. Raises OSError."""
    source = decode(str(path), read_file(path))
    folder = Path(linter.config.context) if linter.config.context else None
    return source, open_context(path, folder)


def unreadable(path: str, reason: str, linter: Linter) -> Draft:
    """What there is to say of a file that cannot be read."""
    return troubled(make_source(path, ""), (Problem("unreadable", reason, Span(0, 0)),), linter)


def troubled(source: Source, problems: Sequence[Problem], linter: Linter) -> Draft:
    """What there is to say of a file that is no Dockerfile: its problems alone."""
    empty = read(make_source(source.path, ""))
    return Draft(source, tuple(_match(empty, tuple(problems), linter, None, None)))


def lint_source(
    source: Source,
    linter: Linter,
    context: Context | None = None,
    target: str | None = None,
) -> FileReport:
    """The findings for a text, with its build context if any.

    Raises UnknownTargetError, and RuleError where a rule of the user's takes too long.
    """
    made = draft(source, linter, context, target)
    if made.slow:
        raise made.slow[0]
    return report(made, linter)


def draft(
    source: Source,
    linter: Linter,
    context: Context | None = None,
    target: str | None = None,
    arguments: Mapping[str, str | None] = NO_ARGUMENTS,
    named_contexts: Collection[str] = (),
    on_build: Callable[[Build], object] | None = None,
) -> Draft:
    """What our own rules find in a text, and what it ignores. Raises UnknownTargetError.

    `arguments` and `named_contexts` are as for `make_build`; `on_build` is told of the build
    before the rules are held against it.
    """
    document = read(source)
    build = make_build(document, target or linter.config.target, arguments, named_contexts)
    if on_build is not None:
        on_build(build)
    scripts = make_scripts(build)
    ignores, bad = _ignores(document, scripts, linter)
    problems = (*document.problems, *(Problem(each.kind, each.message, each.span) for each in bad))
    facts = Facts(build, scripts, context, linter.today, problems, linter.digests)
    slow: dict[str, RuleError] = {}
    findings = match(linter.table, facts, slow=slow)
    if checks_are_errors(document.directives):
        findings = [_failing(each) for each in findings]
    return Draft(source, tuple(findings), ignores, build, tuple(slow.values()))


def _ignores(
    document: Document, scripts: Scripts, linter: Linter
) -> tuple[tuple[Ignore, ...], tuple[Bad, ...]]:
    """What the file itself ignores, and its comments for dflint that are wrong."""
    if not linter.config.inline_ignores:
        return (), ()
    ignores, bad = parse_ignores(
        document.source,
        document.comments,
        document.instructions,
        _command_spans(scripts),
        linter.ids,
        linter.today,
    )
    return (*skipped_checks(document.source, document.directives), *ignores), bad


def _failing(finding: Finding) -> Finding:
    """The finding, an error if BuildKit checks for it too: the file says that this fails builds."""
    if not any(alias.startswith("buildkit:") for alias in finding.aliases):
        return finding
    return structs.replace(finding, severity=Severity.ERROR)


def _command_spans(scripts: Scripts) -> list[Span]:
    return [
        command.span
        for script in scripts.by_step.values()
        for command in script.commands
        if not command.substituted
    ]


def _match(
    document: Document,
    problems: tuple[Problem, ...],
    linter: Linter,
    context: Context | None,
    build: Build | None,
) -> list[Finding]:
    build = build or make_build(document)
    facts = Facts(build, make_scripts(build), context, linter.today, problems)
    return match(linter.table, facts, only="problem")


def report(draft: Draft, linter: Linter, shell: Sequence[Finding] = ()) -> FileReport:
    """The findings of a file that are wanted; those of ShellCheck, if any, among our own."""
    source, findings = draft.source, (*draft.findings, *shell)
    kept, unused = apply_ignores(findings, draft.ignores, linter.ids, linter.enabled)
    if unused:
        problems = tuple(Problem("unused-ignore", each.message, each.span) for each in unused)
        build = draft.build or make_build(read(source))
        kept = (*kept, *_match(build.document, problems, linter, None, build))
    config, path = linter.config, source.path
    ids = per_file_ignored(config, path, linter.named)
    aliases = linter.ignored_aliases | per_file_aliases(config, path, linter.rules)
    done = [
        _graded(each, linter)
        for each in kept
        if each.rule not in ids and aliases.isdisjoint(each.aliases)
    ]
    done.sort(key=lambda each: (each.span, each.rule, each.message))
    return FileReport(source, tuple(done))


def _graded(finding: Finding, linter: Linter) -> Finding:
    """The finding with the severity that the configuration gives to its rule."""
    severity = linter.config.severity
    wanted = severity.get(finding.rule, severity.get(finding.name))
    if wanted is None and severity:
        named = [severity[alias] for alias in finding.aliases if alias in severity]
        wanted = max(named, default=None)
    return finding if wanted is None else structs.replace(finding, severity=wanted)


def find_rules(rules: Sequence[Rule], word: str) -> tuple[Rule, ...]:
    """The rule of an id or a name, or all that another tool has this one name for.

    Ids and codes may be in any case.
    """
    for rule in rules:
        if word in (rule.id, rule.name) or word.upper() == rule.id:
            return (rule,)
    aliases = set(aliases_of(rules, word) or aliases_of(rules, word.upper()))
    return tuple(rule for rule in rules if aliases.intersection(rule.aliases))


def nearest_rule(rules: Sequence[Rule], word: str) -> str | None:
    """The rule name or id that is nearest to a word that names none."""
    return nearest(word, [key for rule in rules for key in (rule.name, rule.id)])
