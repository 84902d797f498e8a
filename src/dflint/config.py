"""Configuration files to a frozen `Config`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct, field, structs

from dflint.disk import read_text
from dflint.finding import Severity
from dflint.glob import BadPatternError, UnclearPatternError, endless, file_matcher
from dflint.hadolint import FILES as HADOLINT_FILES
from dflint.hadolint import FORMATS as HADOLINT_FORMATS
from dflint.hadolint import HadolintError, Settings, alias_of, read_settings
from dflint.lazy import regex
from dflint.nearest import nearest
from dflint.outputs import FORMATS, Output, OutputError, check_outputs, parse_output

FILES = ("dflint.toml", ".dflint.toml", ".dflint.yaml", ".dflint.yml", "pyproject.toml")
LEVELS: Mapping[str, Severity] = {each.label: each for each in Severity}
KEYS = (
    "select", "ignore", "extend-select", "per-file-ignores", "severity", "rules", "rule-folders",
    "exclude", "context", "target", "today", "output", "output-format", "fail-on", "exit-zero",
    "inline-ignores", "shellcheck", "digests", "baseline",
)  # fmt: skip
_MENTIONS_TABLE = regex(r"""tool\s*["']?\s*\.\s*["']?dflint""")
_TOML_PLACE = regex(r" \(at (?:line (\d+), column \d+|end of document)\)")
_TOML_HEADER = regex(r"""\s*\[(?P<twice>\[)?(?P<key>(?:"[^"]*"|'[^']*'|[^\]"'#])+)\]""")
_TOML_KEY = regex(r"""\s*(?P<key>(?:"[^"]*"|'[^']*'|[\w.\s-])+?)\s*=""")

Keys = tuple[str, ...]
T = TypeVar("T")


class ConfigError(Exception):
    """A configuration file that cannot be used: where it is wrong, and how."""

    def __init__(self, path: str, line: int | None, message: str) -> None:
        super().__init__(f"{path}: {message}" if line is None else f"{path}:{line}: {message}")
        self.path = path
        self.line = line
        self.message = message


class Config(Struct, frozen=True):
    """What a user has set. `path` is the file that it is from, None for the defaults.

    `rules` are folders of a user's own rules, `rule_options` the options of rules by id or name,
    `per_file_ignores` patterns of paths with the selectors that are ignored there. `shellcheck` is
    None where it is asked if it is there; `digests` is the lock file of base images,
    `baseline` the file of known problems. For another linter's file, `foreign` gives the line of
    each name that may have no rule here, and `notes` say what of it has no effect.
    """

    path: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    rule_options: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    context: str | None = None
    target: str | None = None
    today: date | None = None
    outputs: tuple[Output, ...] = ()
    fail_on: Severity = Severity.WARNING
    exit_zero: bool = False
    inline_ignores: bool = True
    shellcheck: bool | None = None
    digests: str | None = None
    baseline: str | None = None
    foreign: Mapping[str, int] | None = None
    notes: tuple[str, ...] = ()


class _WrongError(Exception):
    """Something wrong with the value that the keys lead to; becomes a ConfigError with a line."""

    def __init__(self, keys: Keys, message: str) -> None:
        super().__init__(message)
        self.keys = keys
        self.message = message


def default_config() -> Config:
    """The configuration where there is no file."""
    return Config()


def find_config(folder: Path) -> Path | None:
    """The configuration file of a folder or of the nearest folder above that has one.

    A `pyproject.toml` counts if it has a table `tool.dflint`, or cannot be parsed and mentions one
    (then `load_config` says what is wrong). hadolint's file counts where a folder has none of ours.
    """
    for path in _upward(folder):
        for name in (*FILES, *HADOLINT_FILES):
            candidate = path / name
            if _is_file(candidate) and (name != "pyproject.toml" or _is_ours(candidate)):
                return candidate
    return None


def _upward(folder: Path) -> Iterator[Path]:
    """The folder as given, which keeps messages short, and those above it."""
    yield folder
    yield from Path(os.path.realpath(folder)).parents


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder that may not be entered
        return False


def _is_ours(path: Path) -> bool:
    try:
        text = read_text(path)
    except (OSError, UnicodeDecodeError):
        return False
    if "dflint" not in text:
        return False
    import tomllib

    try:
        tool = tomllib.loads(text).get("tool")
    except ValueError:
        return _MENTIONS_TABLE.search(text) is not None
    return isinstance(tool, dict) and "dflint" in tool


def load_config(path: Path) -> Config:
    """The configuration that a file holds. Raises ConfigError, and OSError if it cannot be read.

    A `pyproject.toml` without a table `tool.dflint` holds the defaults.
    """
    try:
        text = read_text(path)
    except UnicodeDecodeError:
        raise ConfigError(str(path), None, "not UTF-8") from None
    if f".{path.name.removeprefix('.')}" in HADOLINT_FILES:
        try:
            return from_hadolint(read_settings(text), str(path))
        except HadolintError as error:
            raise ConfigError(str(path), error.line, error.message) from None
    is_yaml = path.suffix in (".yaml", ".yml")
    data = _parse_yaml(text, path) if is_yaml else _parse_toml(text, path)
    section: Keys = ("tool", "dflint") if path.name == "pyproject.toml" else ()
    try:
        for key in section:
            data = data.get(key, {}) if isinstance(data, dict) else data
        return _config(data, path)
    except _WrongError as wrong:
        keys = (*section, *wrong.keys)
        line = _yaml_line(text, keys) if is_yaml else _toml_line(text, keys)
        raise ConfigError(str(path), line, wrong.message) from None


def _parse_toml(text: str, path: Path) -> Any:
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError(str(path), None, "lists within lists, too deep to be read") from None
    except ValueError as error:  # TOMLDecodeError, or a number that is too long
        message = str(error)
        place = _TOML_PLACE.search(message)
        line = None
        if place is not None:
            line = int(place[1]) if place[1] else max(1, len(text.splitlines()))
            message = message[: place.start()]
        raise ConfigError(str(path), line, f"not TOML: {message}") from None


def _parse_yaml(text: str, path: Path) -> Any:
    import yaml

    try:
        data = yaml.load(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "characters that YAML does not allow"
        line = mark.line + 1 if mark else None
        raise ConfigError(str(path), line, f"not YAML: {reason}") from None
    except ValueError as error:  # a day such as 2026-02-30
        raise ConfigError(str(path), None, f"not YAML: {error}") from None
    except RecursionError:
        raise ConfigError(str(path), None, "lists within lists, too deep to be read") from None
    return {} if data is None else data


def _toml_line(text: str, keys: Keys) -> int | None:
    """The line of the key that the keys lead to in a TOML text, as far as they lead."""
    best: tuple[int, int] | None = None
    section: Keys = ()
    for number, line in enumerate(text.split("\n"), 1):
        header = _TOML_HEADER.match(line)
        if header is not None:
            section = found = _toml_key(header["key"])
        else:
            pair = _TOML_KEY.match(line)
            if pair is None:
                continue
            found = section + _toml_key(pair["key"])
        depth = _common(found, keys)
        if depth and (best is None or depth > best[0]):
            best = depth, number
    return None if best is None else best[1]


def _toml_key(text: str) -> Keys:
    """The parts of a dotted key, which may be quoted; none if it is no key."""
    import tomllib

    try:
        data: object = tomllib.loads(f"{text} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    keys: list[str] = []
    while isinstance(data, dict):
        key, data = next(iter(data.items()))
        keys.append(key)
    return tuple(keys)


def _common(left: Keys, right: Keys) -> int:
    """How many keys two paths share at their beginning."""
    pairs = zip(left, right, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))


def _yaml_line(text: str, keys: Keys) -> int | None:
    """The line of the key that the keys lead to in a YAML text, as far as they lead."""
    import yaml

    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        return None
    line: int = node.start_mark.line
    for key in keys:
        if not isinstance(node, yaml.MappingNode):
            break
        pairs = [pair for pair in node.value if pair[0].value == key]
        if not pairs:
            break
        line, node = pairs[-1][0].start_mark.line, pairs[-1][1]
    return line + 1


def _config(data: object, path: Path) -> Config:
    """The configuration of a parsed file. Raises _WrongError."""
    table = _table(data, ())
    for key in table:
        if key not in KEYS:
            raise _WrongError((key,), _unknown(f"unknown key `{key}`", key, KEYS))
    folders, options = _rules(table.get("rules", {}))
    folders += _texts(table.get("rule-folders", []), ("rule-folders",))
    context = _optional(table, "context", _text)
    baseline = _optional(table, "baseline", _text)
    fail_on = _optional(table, "fail-on", _level)
    return Config(
        path=str(path),
        select=_texts(table.get("select", []), ("select",)),
        ignore=_texts(table.get("ignore", []), ("ignore",)),
        extend_select=_texts(table.get("extend-select", []), ("extend-select",)),
        per_file_ignores=_per_file(table.get("per-file-ignores", {})),
        severity=_severities(table.get("severity", {})),
        rules=tuple(str(path.parent / folder) for folder in folders),
        rule_options=options,
        exclude=_excluded(table),
        context=None if context is None else _context(path.parent / context),
        target=_optional(table, "target", _text),
        today=_optional(table, "today", _day),
        outputs=_outputs(table, path.parent),
        fail_on=Severity.WARNING if fail_on is None else fail_on,
        exit_zero=_optional(table, "exit-zero", _flag) or False,
        inline_ignores=_optional(table, "inline-ignores", _flag) is not False,
        shellcheck=_optional(table, "shellcheck", _flag),
        baseline=None if baseline is None else str(path.parent / baseline),
        digests=_below(path, _optional(table, "digests", _text)),
    )


def _excluded(table: Mapping[str, object]) -> tuple[str, ...]:
    found = _texts(table.get("exclude", []), ("exclude",))
    for each in found:
        if endless(each):
            raise _WrongError(("exclude",), f"`{each}` has too many `*`")
    return found


def _below(path: Path, name: str | None) -> str | None:
    """A file that is named from the folder of the configuration."""
    return None if name is None else str(path.parent / name)


def from_hadolint(settings: Settings, path: str) -> Config:
    """hadolint's settings as ours. Which names have rules is not known here (`selection`)."""
    notes = [f"{path}:{note.line}: {note.message}" for note in settings.notes]
    chosen = settings.format and HADOLINT_FORMATS.get(settings.format, settings.format)
    if chosen and chosen not in FORMATS:
        line = settings.lines["format"]
        notes.append(f"{path}:{line}: dflint has no format `{settings.format}`")
        chosen = None
    lines = {**settings.lines, **{alias_of(code): line for code, line in settings.lines.items()}}
    options: dict[str, dict[str, object]] = {}
    if settings.registries:
        options["trusted-registry"] = {"registries": list(settings.registries)}
        lines["trusted-registry"] = settings.lines["trustedRegistries"]
    if settings.labels or settings.strict_labels:
        options["label-schema"] = {
            "labels": list(settings.labels),
            "strict": settings.strict_labels,
        }
        key = "label-schema" if settings.labels else "strict-labels"
        lines["label-schema"] = settings.lines[key]
    if settings.labels:
        options["label-missing"] = {"labels": list(settings.labels)}
        lines["label-missing"] = settings.lines["label-schema"]
    threshold = settings.threshold
    return Config(
        path=path,
        ignore=tuple(alias_of(code) for code in settings.ignored),
        extend_select=tuple(options),
        severity={alias_of(code): LEVELS[level] for code, level in settings.override.items()},
        rule_options=options,
        outputs=(Output(chosen),) if chosen else (),
        fail_on=LEVELS[threshold] if threshold else Severity.WARNING,
        exit_zero=settings.no_fail,
        inline_ignores=settings.pragmas,
        foreign=lines,
        notes=tuple(notes),
    )


def _optional(table: Mapping[str, object], key: str, read: Callable[[object, Keys], T]) -> T | None:
    return read(table[key], (key,)) if key in table else None


def _unknown(message: str, word: str, known: Iterable[str]) -> str:
    hint = nearest(word, known)
    return message + (f": did you mean `{hint}`?" if hint else f" (one of {', '.join(known)})")


def _kind(value: object) -> str:
    """What a value is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, list):
        odd = next((each for each in value if not isinstance(each, str)), None)
        return "a list" if odd is None else f"a list with {_kind(odd)}"
    kinds = {
        str: "a text",
        bool: "true or false",
        dict: "a table",
        datetime: "a time",
        date: "a day",
    }
    return next((name for kind, name in kinds.items() if isinstance(value, kind)), "a number")


def _must(keys: Keys, expected: str, value: object) -> _WrongError:
    return _WrongError(keys, f"`{'.'.join(keys)}` must be {expected}, not {_kind(value)}")


def _table(value: object, keys: Keys) -> dict[str, object]:
    if not isinstance(value, dict):
        if not keys:
            raise _WrongError((), f"the configuration must be a table, not {_kind(value)}")
        raise _must(keys, "a table", value)
    for key in value:
        if not isinstance(key, str):
            raise _WrongError(keys, f"the key `{key}` must be a text, not {_kind(key)}")
    return value


def _texts(value: object, keys: Keys) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _must(keys, "a list of texts", value)
    return tuple(value)


def _text(value: object, keys: Keys) -> str:
    if not isinstance(value, str):
        raise _must(keys, "a text", value)
    return value


def _flag(value: object, keys: Keys) -> bool:
    if not isinstance(value, bool):
        raise _must(keys, "true or false", value)
    return value


def _day(value: object, keys: Keys) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise _must(keys, "a day as YYYY-MM-DD", value)
    try:
        return date.fromisoformat(value)
    except ValueError:
        message = f"`{keys[-1]}` must be a day as YYYY-MM-DD, not `{value}`"
        raise _WrongError(keys, message) from None


def _level(value: object, keys: Keys) -> Severity:
    name = _text(value, keys)
    if name not in LEVELS:
        where = f" for `{keys[-1]}`"
        raise _WrongError(keys, _unknown(f"unknown severity `{name}`{where}", name, LEVELS))
    return LEVELS[name]


def _outputs(table: Mapping[str, object], folder: Path) -> tuple[Output, ...]:
    """The reports of `output-format`, for standard output, and of `output`."""
    made = [Output(_optional(table, "output-format", _format) or "")]
    try:
        for text in _texts(table.get("output", []), ("output",)):
            made.append(parse_output(text, folder))
        outputs = tuple(each for each in made if each.format)
        check_outputs(outputs)
    except OutputError as error:
        raise _WrongError(("output",), str(error)) from None
    return outputs


def _format(value: object, keys: Keys) -> str:
    name = _text(value, keys)
    if name not in FORMATS:
        raise _WrongError(keys, _unknown(f"unknown format `{name}`", name, FORMATS))
    return name


def _context(folder: Path) -> str:
    if not folder.is_dir():
        message = f"there is no folder `{folder}` to take as the build context"
        raise _WrongError(("context",), message)
    return str(folder)


def _rules(value: object) -> tuple[tuple[str, ...], dict[str, dict[str, object]]]:
    """`rules` is a list of folders or a table of options: TOML has no place for both."""
    if isinstance(value, list):
        return _texts(value, ("rules",)), {}
    if not isinstance(value, dict):
        raise _must(("rules",), "a list of folders or a table of options by rule", value)
    table = _table(value, ("rules",))
    return (), {rule: _table(options, ("rules", rule)) for rule, options in table.items()}


def _severities(value: object) -> dict[str, Severity]:
    table = _table(value, ("severity",))
    return {rule: _level(level, ("severity", rule)) for rule, level in table.items()}


def _per_file(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for pattern, words in _table(value, ("per-file-ignores",)).items():
        keys = ("per-file-ignores", pattern)
        try:
            file_matcher(pattern)
        except (BadPatternError, UnclearPatternError):
            raise _WrongError(keys, f"`{pattern}` is not a pattern of paths") from None
        found.append((pattern, _texts(words, keys)))
    return tuple(found)


def command_line(
    config: Config,
    *,
    select: tuple[str, ...] | None = None,
    ignore: tuple[str, ...] | None = None,
    extend_select: tuple[str, ...] | None = None,
    context: str | None = None,
    today: date | None = None,
    baseline: str | None = None,
) -> Config:
    """The configuration with what the command line says; None leaves a value as it is.

    `select` replaces what the file selects, and takes its words out of what the file ignores;
    `ignore` and `extend_select` add to the file's.
    """
    kept = tuple(
        word
        for word in config.ignore
        if word not in (select or ()) and word.partition(":")[2] not in (select or ())
    )
    return structs.replace(
        config,
        select=config.select if select is None else select,
        extend_select=(config.extend_select if select is None else ()) + (extend_select or ()),
        ignore=kept + (ignore or ()),
        context=config.context if context is None else context,
        today=config.today if today is None else today,
        baseline=config.baseline if baseline is None else baseline,
    )
