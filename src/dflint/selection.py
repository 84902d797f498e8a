"""Which rules a configuration switches on, and which it ignores for a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import structs

from dflint.config import Config, ConfigError
from dflint.finding import CATEGORIES
from dflint.glob import file_matcher
from dflint.lazy import regex
from dflint.nearest import nearest
from dflint.rule import Rule
from dflint.tree import way

_TRIVY = regex(r"(?:AVD-)?DS-?0*(\d+)", re.IGNORECASE)
_SHELLCHECK = regex(r"SC\d{4,}")


class SelectorError(Exception):
    """A word that is meant to name rules and names none."""


def selected(
    rules: Sequence[Rule],
    select: Sequence[str],
    ignore: Sequence[str],
    extend_select: Sequence[str],
) -> frozenset[str]:
    """The ids of the rules that run. Raises SelectorError for a word that names no rule.

    A word is `ALL`, a category, another tool (`hadolint`), the beginning of ids, or one rule's id,
    name or alias. The more exact word wins; between equals, ignoring does. Without `select`, rules
    on by default run. To ignore one of several aliases of a rule leaves the rule on (`ignored`).
    """
    chosen = _strengths(rules, (*select, *extend_select))
    if not select:
        chosen = {**{rule.id: _WEAKEST for rule in rules if rule.default}, **chosen}
    ignored = _ignored(rules, ignore)
    return frozenset(id_ for id_, strength in chosen.items() if strength > ignored.get(id_, _NEVER))


Strength = tuple[int, int]
_NEVER, _WEAKEST, _ALL, _CATEGORY, _EXACT = (-2, 0), (-1, 0), (0, 0), (1, 0), (3, 0)


def _ignored(rules: Sequence[Rule], words: Sequence[str]) -> dict[str, Strength]:
    """By rule id, how exactly the words ignore the whole of the rule."""
    if not words:
        return {}
    aliases = ignored_aliases(rules, words)
    found = _strengths(rules, [word for word in words if not aliases_of(rules, word)])
    found |= {rule.id: _EXACT for rule in rules if _wholly(rule, aliases)}
    return {**dict.fromkeys(_yielding(rules, found), _CATEGORY), **found}


def _yielding(rules: Sequence[Rule], ignored: Mapping[str, Strength]) -> Iterator[str]:
    """The ids of the rules that yield to none but ones ignored by name: they go with these."""
    gone = {rule.name for rule in rules if ignored.get(rule.id) == _EXACT}
    for rule in rules:
        if rule.yields_to and gone.issuperset(rule.yields_to):
            yield rule.id


def _wholly(rule: Rule, aliases: frozenset[str]) -> bool:
    """Whether the aliases hold all that one tool calls the rule by."""
    tools = {_tool(alias) for alias in aliases.intersection(rule.aliases)}
    return any(
        aliases.issuperset(each for each in rule.aliases if _tool(each) == tool) for tool in tools
    )


def _tool(alias: str) -> str:
    return alias.partition(":")[0]


def ignored_aliases(rules: Sequence[Rule], words: Iterable[str]) -> frozenset[str]:
    """The aliases that the words name: findings that bear one of them are not wanted."""
    return frozenset(alias for word in words for alias in aliases_of(rules, word))


def aliases_of(rules: Sequence[Rule], word: str) -> tuple[str, ...]:
    """The aliases, with the tool, that a word names; none for a rule's own id or name.

    ShellCheck's codes are always known, though no rule stands for one of them.
    """
    if any(word in (rule.id, rule.name) for rule in rules):
        return ()
    tool, colon, code = word.rpartition(":")
    code = spelt(code)
    found = {
        alias: None
        for rule in rules
        for alias in rule.aliases
        if alias == f"{tool}:{code}" or (not colon and alias.partition(":")[2] == code)
    }
    if not found and tool in ("", "shellcheck") and _SHELLCHECK.fullmatch(code):
        return (f"shellcheck:{code}",)
    return tuple(found)


def spelt(code: str) -> str:
    """Another tool's code as rules write it: `DS002` for trivy's `DS-0002` and `AVD-DS-0002`."""
    match = _TRIVY.fullmatch(code)
    return code if match is None else f"DS{int(match[1]):03}"


def _strengths(rules: Sequence[Rule], words: Iterable[str]) -> dict[str, Strength]:
    """By rule id, how exactly the most exact of the words names the rule."""
    strengths: dict[str, Strength] = {}
    for word in words:
        strength, ids = _named(rules, word)
        for id_ in ids:
            strengths[id_] = max(strength, strengths.get(id_, _NEVER))
    return strengths


def _named(rules: Sequence[Rule], word: str) -> tuple[Strength, list[str]]:
    """The ids of the rules that a selector names, and how exact it is. Raises SelectorError."""
    if word == "ALL":
        return _ALL, [rule.id for rule in rules]
    if word in CATEGORIES:
        return _CATEGORY, [rule.id for rule in rules if rule.category == word]
    exact = [rule.id for rule in rules if word in (rule.id, rule.name)]
    aliases = set(aliases_of(rules, word))
    exact += [rule.id for rule in rules if aliases.intersection(rule.aliases)]
    if exact or aliases:
        return _EXACT, exact
    tool = [rule.id for rule in rules if word in map(_tool, rule.aliases)]
    if tool:
        return _CATEGORY, tool
    starting = [rule.id for rule in rules if word and rule.id.startswith(word)]
    if not starting:
        raise SelectorError(_unknown_selector(rules, word))
    return (2, len(word)), starting


def _unknown_selector(rules: Sequence[Rule], word: str) -> str:
    known = ["ALL", *CATEGORIES, *(key for rule in rules for key in (rule.name, rule.id))]
    if ":" not in word:
        known.extend({_tool(alias): None for rule in rules for alias in rule.aliases})
    aliases = [alias for rule in rules for alias in rule.aliases]
    hint = nearest(word, known) or nearest(word, aliases)
    tail = f": did you mean `{hint}`?" if hint else ""
    return f"no rule or category is called `{word}`{tail}"


def check_names(config: Config, rules: Sequence[Rule]) -> None:
    """Raise ConfigError where the configuration speaks of rules that do not exist.

    `select`, `ignore` and `extend_select` are left to `selected`.
    """
    names = [key for rule in rules for key in (rule.name, rule.id)]
    for where, words in (("severity", config.severity), ("rules", config.rule_options)):
        for word in words:
            if word not in names and not aliases_of(rules, word):
                message = _unknown_rule(f"unknown rule `{word}` in `{where}`", word, names)
                raise ConfigError(config.path or "dflint", None, message)
    for pattern, selectors in config.per_file_ignores:
        try:
            _strengths(rules, selectors)
        except SelectorError as error:
            message = f'`per-file-ignores."{pattern}"`: {error}'
            raise ConfigError(config.path or "dflint", None, message) from None


def settle(config: Config, rules: Sequence[Rule]) -> Config:
    """The configuration with every rule's name as findings bear it: id, name, or whole alias.

    Of another linter's file (`Config.foreign`), names that no rule has become notes.
    """
    if config.foreign is not None:
        config = _without_unknown(config, config.foreign, rules)
    severity = {
        key: level
        for word, level in config.severity.items()
        for key in aliases_of(rules, word) or (word,)
    }
    options: dict[str, Mapping[str, object]] = {}
    for word, given in config.rule_options.items():
        for key in _rules_of(rules, word) or (word,):
            options[key] = {**options.get(key, {}), **given}
    return structs.replace(config, severity=severity, rule_options=options)


def _rules_of(rules: Sequence[Rule], word: str) -> tuple[str, ...]:
    """The names of the rules that have an alias."""
    aliases = set(aliases_of(rules, word))
    return tuple(rule.name for rule in rules if aliases.intersection(rule.aliases))


def _without_unknown(config: Config, lines: Mapping[str, int], rules: Sequence[Rule]) -> Config:
    by_name = {rule.name: rule for rule in rules}
    notes: dict[str, int] = {}

    def known(words: Iterable[str]) -> Iterator[str]:
        for word in words:
            # What the file does not hold is from the command line, where any selector may stand.
            if word not in lines or word in by_name or aliases_of(rules, word):
                yield word
            else:
                notes[f"dflint has no rule for `{word.partition(':')[2] or word}`"] = lines[word]

    options = {}
    for name in known(config.rule_options):
        options[name] = dict(config.rule_options[name])
        for option in options[name].keys() - by_name[name].options.keys():
            del options[name][option]
            notes[f"`{name}` has no option `{option}`"] = lines[name]
    return structs.replace(
        config,
        ignore=tuple(known(config.ignore)),
        extend_select=tuple(known(config.extend_select)),
        severity={word: config.severity[word] for word in known(config.severity)},
        rule_options=options,
        notes=(*config.notes, *(f"{config.path}:{line}: {text}" for text, line in notes.items())),
    )


def _unknown_rule(message: str, word: str, names: Iterable[str]) -> str:
    hint = nearest(word, names)
    return message + (f": did you mean `{hint}`?" if hint else "")


def per_file_ignored(config: Config, path: str, rules: Sequence[Rule]) -> frozenset[str]:
    """The ids of the rules that the configuration ignores for the file at a path.

    A pattern without a slash is compared with the file's name, any other with the path from the
    configuration's folder. Raises SelectorError for a word that names no rule.
    """
    return frozenset(_ignored(rules, _words_for(config, path)))


def per_file_aliases(config: Config, path: str, rules: Sequence[Rule]) -> frozenset[str]:
    """The aliases whose findings the configuration ignores for the file at a path."""
    return ignored_aliases(rules, _words_for(config, path))


def _words_for(config: Config, path: str) -> tuple[str, ...]:
    """The words that the configuration ignores for a file."""
    if not config.per_file_ignores:
        return ()
    name, whole = _names_of(config, path)
    return tuple(
        word
        for pattern, words in config.per_file_ignores
        if file_matcher(pattern)(whole if "/" in pattern else name)
        for word in words
    )


def _names_of(config: Config, path: str) -> tuple[str, str]:
    """A file's name, and its path from the configuration's folder with `/`."""
    folder = Path(config.path).parent if config.path else Path()
    file = Path(path).absolute()
    whole = way(str(file), str(folder.absolute())) or file.as_posix()
    return whole.rpartition("/")[2], whole
