"""Which rules a configuration switches on, and which it ignores for a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from dflint.config import Config, ConfigError
from dflint.finding import CATEGORIES
from dflint.glob import file_matcher
from dflint.nearest import nearest
from dflint.rules import Rule


class SelectorError(Exception):
    """A word that is meant to name rules and names none."""


def selected(
    rules: Sequence[Rule],
    select: Sequence[str],
    ignore: Sequence[str],
    extend_select: Sequence[str],
) -> frozenset[str]:
    """The ids of the rules that run. Raises SelectorError for a word that names no rule.

    A word is `ALL`, a category, the beginning of ids, or one rule's id, name or alias. The more
    exact word wins; between equals, ignoring does. Without `select`, rules on by default run.
    """
    chosen = _strengths(rules, (*select, *extend_select))
    if not select:
        chosen = {**{rule.id: _WEAKEST for rule in rules if rule.default}, **chosen}
    ignored = _strengths(rules, ignore)
    return frozenset(id_ for id_, strength in chosen.items() if strength > ignored.get(id_, _NEVER))


Strength = tuple[int, int]
_NEVER, _WEAKEST, _ALL, _CATEGORY, _EXACT = (-2, 0), (-1, 0), (0, 0), (1, 0), (3, 0)


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
    exact = [rule.id for rule in rules if word in (rule.id, rule.name, *rule.aliases)]
    bare = [rule.id for rule in rules if word in (each.partition(":")[2] for each in rule.aliases)]
    if word and (exact or bare):
        return _EXACT, exact or bare
    starting = [rule.id for rule in rules if word and rule.id.startswith(word)]
    if not starting:
        raise SelectorError(_unknown_selector(rules, word))
    return (2, len(word)), starting


def _unknown_selector(rules: Sequence[Rule], word: str) -> str:
    known = ["ALL", *CATEGORIES, *(key for rule in rules for key in (rule.name, rule.id))]
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
            if word not in names:
                message = _unknown_rule(f"unknown rule `{word}` in `{where}`", word, names)
                raise ConfigError(config.path or "dflint", None, message)
    for pattern, selectors in config.per_file_ignores:
        try:
            _strengths(rules, selectors)
        except SelectorError as error:
            message = f'`per-file-ignores."{pattern}"`: {error}'
            raise ConfigError(config.path or "dflint", None, message) from None


def _unknown_rule(message: str, word: str, names: Iterable[str]) -> str:
    hint = nearest(word, names)
    return message + (f": did you mean `{hint}`?" if hint else "")


def per_file_ignored(config: Config, path: str, rules: Sequence[Rule]) -> frozenset[str]:
    """The ids of the rules that the configuration ignores for the file at a path.

    A pattern without a slash is compared with the file's name, any other with the path from the
    configuration's folder. Raises SelectorError for a word that names no rule.
    """
    if not config.per_file_ignores:
        return frozenset()
    name, whole = _names_of(config, path)
    ignored: set[str] = set()
    for pattern, words in config.per_file_ignores:
        if file_matcher(pattern)(whole if "/" in pattern else name):
            ignored.update(_strengths(rules, words))
    return frozenset(ignored)


def _names_of(config: Config, path: str) -> tuple[str, str]:
    """A file's name, and its path from the configuration's folder with `/`."""
    folder = Path(config.path).parent if config.path else Path()
    whole = os.path.relpath(Path(path).absolute(), folder.absolute()).replace(os.sep, "/")
    return whole.rpartition("/")[2], whole
