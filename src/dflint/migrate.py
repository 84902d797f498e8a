"""Carrying hadolint's configuration and comments over to dflint's own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from dflint.config import Config, ConfigError, find_config, from_hadolint
from dflint.discover import discover
from dflint.disk import is_folder, is_there, read_file, read_text
from dflint.document import Comment
from dflint.finding import Edit, Severity
from dflint.fix import replaced
from dflint.hadolint import FILES as HADOLINT_FILES
from dflint.hadolint import HadolintError, Settings, read_settings
from dflint.lazy import regex
from dflint.reader import read
from dflint.rule import Rule
from dflint.selection import aliases_of, settle
from dflint.source import Source, Span, decode
from dflint.suppress import Pragma, comments_for_linters, hadolint_pragma

TARGET = "dflint.toml"
# What a `.hadolint.yaml` may say that no configuration of ours can.
_NOT_OURS = {
    "no-color": "colours are a matter of the command line: `--color never`",
    "verbose": "dflint has no `verbose`",
}
_ALMOST = regex(r"(?i)#+\s*hadolint\s+(?:global\s+)?ignore\b")


class Change(Struct, frozen=True):
    """A file's text before and after; before is empty where there was no such file."""

    path: Path
    before: str
    after: str


class Migration(Struct, frozen=True):
    """What is to be written, and what could not be carried over, as `file:line: why`."""

    changes: tuple[Change, ...]
    left: tuple[str, ...]
    missing: tuple[Path, ...] = ()


def migrate(paths: Sequence[Path], rules: Sequence[Rule]) -> Migration:
    """How the Dockerfiles that paths name or hold, and what configures hadolint there, become ours.

    Nothing is written. Raises ConfigError for a `.hadolint.yaml` that cannot be read.
    """
    found = discover(paths)
    folders = [path if is_folder(path) else path.parent for path in paths if is_there(path)]
    folders += [path.parent for path in found.files]
    changes: list[Change] = []
    left: list[str] = []
    governing: dict[Path, Settings | None] = {}
    seen: dict[Path, Settings | None] = {}
    for folder in dict.fromkeys(folders):
        path = find_config(folder)
        key = None if path is None else path.resolve()
        if path is not None and key is not None and key not in seen:
            seen[key] = _configuration(path, rules, changes, left)
        governing[folder] = None if key is None else seen[key]
    for path in found.files:
        _dockerfile(path, governing[path.parent], rules, changes, left)
    return Migration(tuple(changes), tuple(left), found.missing)


def _configuration(
    path: Path, rules: Sequence[Rule], changes: list[Change], left: list[str]
) -> Settings | None:
    """hadolint's settings if a configuration file is hadolint's; adds the file that replaces it."""
    if path.name not in HADOLINT_FILES:
        for name in HADOLINT_FILES:
            if (path.parent / name).is_file():
                left.append(f"{path.parent / name}: not carried over, because {path} is there")
        return None
    settings = hadolint_settings(path)
    config = settle(from_hadolint(settings, str(path)), rules)
    left.extend(config.notes)
    for key, message in _NOT_OURS.items():
        if key in settings.lines:
            left.append(f"{path}:{settings.lines[key]}: {message}")
    changes.append(Change(path.parent / TARGET, "", toml(config, rules, path.name)))
    return settings


def hadolint_settings(path: Path) -> Settings:
    """The settings of a `.hadolint.yaml`. Raises ConfigError."""
    try:
        return read_settings(read_text(path))
    except HadolintError as error:
        raise ConfigError(str(path), error.line, error.message) from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), None, "not UTF-8") from None
    except OSError as error:
        raise ConfigError(str(path), None, f"cannot be read: {error.strerror}") from None


def toml(config: Config, rules: Sequence[Rule], name: str) -> str:
    """A settled configuration (`selection.settle`) as the text of a `dflint.toml`."""
    lines = [f"# From {name}, by `dflint migrate`."]
    if config.ignore:
        lines.append(f"ignore = {_list(_names(rules, config.ignore))}")
    if config.extend_select:
        lines.append(f"extend-select = {_list(config.extend_select)}")
    if config.fail_on is not Severity.WARNING:
        lines.append(f'fail-on = "{config.fail_on.label}"')
    lines += [
        f'output-format = "{each.format}"' for each in config.outputs if each.format != "full"
    ]
    if config.exit_zero:
        lines.append("exit-zero = true")
    if not config.inline_ignores:
        lines.append("inline-ignores = false")
    if config.severity:
        lines += ["", "[severity]"]
        for alias, level in config.severity.items():
            (key,) = _names(rules, [alias])
            lines.append(f'{key} = "{level.label}"')
    for rule, options in config.rule_options.items():
        lines += ["", f"[rules.{rule}]", *_options(options)]
    return "\n".join(lines) + "\n"


def _options(options: Mapping[str, object]) -> Iterator[str]:
    for name, value in options.items():
        if isinstance(value, list):
            yield f"{name} = {_list(value)}"
        elif value:
            yield f"{name} = true"


def _list(values: Sequence[str]) -> str:
    """A list of TOML, a line each where it would be long."""
    texts = [json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f") for value in values]
    line = f"[{', '.join(texts)}]"
    return line if len(line) <= 80 else "[\n" + "".join(f"    {text},\n" for text in texts) + "]"


def _names(rules: Sequence[Rule], aliases: Sequence[str]) -> list[str]:
    """What to call aliases: by the rule's name where the two mean the same, else by the code."""
    return list(dict.fromkeys(_name(rules, alias) for alias in aliases))


def _name(rules: Sequence[Rule], alias: str) -> str:
    tool, _, code = alias.partition(":")
    # A rule's strict form is ignored with it.
    holders = [rule for rule in rules if alias in rule.aliases and not rule.yields_to]
    if len(holders) == 1:
        of_tool = [each for each in holders[0].aliases if each.startswith(f"{tool}:")]
        if len(of_tool) == 1:
            return holders[0].name
    return code


def _dockerfile(
    path: Path,
    settings: Settings | None,
    rules: Sequence[Rule],
    changes: list[Change],
    left: list[str],
) -> None:
    try:
        source = decode(str(path), read_file(path))
    except OSError as error:
        left.append(f"{path}: cannot be read: {error.strerror}")
        return
    edits, notes = comments(source, rules, pragmas=settings is None or settings.pragmas)
    left.extend(notes)
    if edits:
        changes.append(Change(path, source.text, replaced(source.text, edits)))


def comments(
    source: Source, rules: Sequence[Rule], *, pragmas: bool = True
) -> tuple[list[Edit], list[str]]:
    """The edits that turn a file's comments for hadolint into ours, and what stays as it is.

    Where hadolint is told to take no notice of them (`pragmas` is false), all stay.
    """
    edits: list[Edit] = []
    left: list[str] = []
    document = read(source)
    for comment in comments_for_linters(source, document.comments, document.instructions):
        place = f"{source.path}:{comment.line}"
        text = source.slice(comment.span)
        pragma = hadolint_pragma(text)
        if pragma is None:
            if _ALMOST.match(text):
                left.append(f"{place}: names no rule, so it ignores nothing")
        elif not pragmas:
            left.append(f"{place}: stays, because `disable-ignore-pragma` turns it off")
        else:
            known = [code for code in pragma.codes if aliases_of(rules, code)]
            unknown = [code for code in pragma.codes if code not in known]
            left.extend(f"{place}: dflint has no rule for `{code}`" for code in unknown)
            if known:
                edits.append(
                    _edit(source, comment, pragma, _names(rules, _all(rules, known)), unknown)
                )
    return edits, left


def _all(rules: Sequence[Rule], codes: Sequence[str]) -> list[str]:
    return [alias for code in codes for alias in aliases_of(rules, code)]


def _edit(
    source: Source, comment: Comment, pragma: Pragma, names: Sequence[str], unknown: Sequence[str]
) -> Edit:
    """Our comment in place of hadolint's; codes that we have no rule for stay, on the next line."""
    word = "ignore-file" if pragma.whole_file else "ignore"
    text = f"# dflint: {word}[{', '.join(names)}]"
    if pragma.reason:
        text += f" {pragma.reason}"
    if unknown:
        start = source.line_starts[comment.line - 1]
        indent = source.text[start : comment.span.start]
        ending = "\r\n" if source.text.startswith("\r\n", comment.span.end) else "\n"
        scope = "global " if pragma.whole_file else ""
        text += f"{ending}{indent}# hadolint {scope}ignore={','.join(unknown)}"
    return Edit(Span(comment.span.start, comment.span.end), text)
