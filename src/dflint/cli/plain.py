"""Everyday command lines of `dflint check`, understood without typer.

Only what typer would understand in the same way is answered; anything else, mistakes and requests
for help among them, is left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from dflint.cli.asked import Asked
from dflint.cli.choices import Color, Format, Level


def _processes(text: str) -> int:
    """A number of processes. Raises ValueError for none."""
    if not text.isdecimal() or not text.isascii() or int(text) < 1:
        raise ValueError(text)
    return int(text)


# Options that take no value, and what they set.
FLAGS: Mapping[str, str] = {
    "--exit-zero": "exit_zero",
    "--fix": "fix",
    "--unsafe-fixes": "unsafe_fixes",
    "--diff": "diff",
    "--statistics": "statistics",
    "--quiet": "quiet",
    "-q": "quiet",
    "--null": "null",
    "-0": "null",
    "--no-shellcheck": "no_shellcheck",
    "--no-cache": "no_cache",
    "--no-config": "no_config",
}
# Options that may be given several times.
LISTS: Mapping[str, str] = {
    "--select": "select",
    "--ignore": "ignore",
    "--extend-select": "extend_select",
    "--output": "output",
}
# Options that take a value: what they set, and what the value is made by.
VALUES: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "--baseline": ("baseline", Path),
    "--diff-base": ("diff_base", str),
    "--severity": ("severity", Level),
    "--fail-on": ("fail_on", Level),
    "--output-format": ("output_format", Format),
    "--color": ("color", Color),
    "--target": ("target", str),
    "--stage": ("target", str),
    "--context": ("context", Path),
    "--files-from": ("files_from", Path),
    "--stdin-filename": ("stdin_filename", str),
    "--today": ("today", str),
    "--jobs": ("jobs", _processes),
    "--config": ("config", Path),
}


def plain_check(words: Sequence[str]) -> Asked | None:
    """What a command line asks of `dflint check`; None for typer to say."""
    if not words or words[0] != "check":
        return None
    paths: list[str] = []
    found: dict[str, object] = {}
    rest = iter(words[1:])
    for word in rest:
        if not word:
            return None
        if word == "-" or word[0] != "-":
            paths.append(word)
        elif word in FLAGS:
            found[FLAGS[word]] = True
        elif not _take(word, rest, found):
            return None
    return replace(Asked(), paths=paths or None, **found)


def _take(word: str, rest: Iterator[str], found: dict[str, object]) -> bool:
    """Take an option and its value, the next word where it has none; False if that is not plain."""
    name, equals, value = word.partition("=")
    if not equals:
        value = next(rest, "")
        if value[:1] == "-" and value != "-":
            return False  # a value, or an option after one without its value
    if not value:
        return False
    if name in LISTS:
        found[LISTS[name]] = [*_given(found, LISTS[name]), value]
        return True
    if name not in VALUES:
        return False
    key, make = VALUES[name]
    try:
        found[key] = make(value)
    except ValueError:  # not one of the words that it takes
        return False
    return True


def _given(found: Mapping[str, object], key: str) -> Sequence[object]:
    values = found.get(key, ())
    assert isinstance(values, Sequence)
    return values
