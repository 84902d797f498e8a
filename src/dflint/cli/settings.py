"""From options and the environment to a configuration, a linter, and where things are kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dflint.cli.console import fail, tell
from dflint.disk import is_folder

if TYPE_CHECKING:
    from dflint.config import Config
    from dflint.lint import Linter
    from dflint.shellprocess import Tool

RESULTS, ANSWERS = "results", "shellcheck"  # parts of the cache, as folders


def configured(path: Path | None, no_config: bool, names: Sequence[str]) -> Config:
    from dflint.config import ConfigError, default_config, find_config, load_config

    if no_config:
        return default_config()
    if path is None:
        first = Path(names[0]) if names[0] != "-" else Path()
        found = find_config(first if is_folder(first) else first.parent)
        if found is None:
            return default_config()
        path = found
    try:
        return load_config(path)
    except ConfigError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{path}: cannot be read: {error.strerror}")


def linter_of(settings: Config) -> Linter:
    from dflint.config import ConfigError
    from dflint.lint import make_linter
    from dflint.rule import RuleError
    from dflint.selection import SelectorError

    try:
        return make_linter(settings)
    except (ConfigError, SelectorError, RuleError) as error:
        fail(str(error))


def split(values: Sequence[str] | None) -> tuple[str, ...] | None:
    if values is None:
        return None
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"--today takes a day as YYYY-MM-DD, not `{text}`")


def shellcheck(settings: Config, cache: Path | None) -> Tool | None:
    """The ShellCheck beside this Python (`pip install dflint[shell]`), or the one on the PATH."""
    from dflint.shellprocess import Tool

    if settings.shellcheck is False:
        return None
    path = _beside_python("shellcheck")
    if path is None:
        import shutil  # loads what unpacks archives

        path = shutil.which("shellcheck")
    if path is None:
        if settings.shellcheck:
            tell("there is no ShellCheck (`pip install dflint[shell]` brings it)")
        return None
    # What it says must not depend on who runs it.
    environment = {key: value for key, value in os.environ.items() if key != "SHELLCHECK_OPTS"}
    # Links are not followed: version managers have one program that goes by many names.
    whole = str(Path(path).absolute())
    return Tool(whole, None if cache is None else cache / ANSWERS, environment, cores())


def _beside_python(name: str) -> str | None:
    """A program in the folder of this Python."""
    path = Path(sys.executable).with_name(f"{name}.exe" if os.name == "nt" else name)
    return str(path) if path.is_file() and os.access(path, os.X_OK) else None


def cores() -> int:
    """How many processors this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable is not None else os.cpu_count() or 1


def cache_folder() -> Path | None:
    """Where the user keeps what can be made again; None where there is no such place.

    The XDG base directory specification ignores folders that are not absolute.
    """
    given = Path(os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME", ""))
    if given.is_absolute():
        return given / "dflint"
    try:
        return Path.home() / ".cache" / "dflint"
    except RuntimeError:  # a user without a home folder
        return None
