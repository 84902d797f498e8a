"""What a command line asks of `dflint check`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from dflint.cli.choices import Color, Format, Level


class Asked(Struct, frozen=True):
    """The command's arguments and options by their names.

    None stands for what was not given where that is not the same as a value.
    """

    paths: Sequence[str] | None = None
    select: Sequence[str] | None = None
    ignore: Sequence[str] | None = None
    extend_select: Sequence[str] | None = None
    baseline: Path | None = None
    diff_base: str | None = None
    severity: Level = Level.style
    fail_on: Level | None = None
    exit_zero: bool = False
    output_format: Format | None = None
    output: Sequence[str] | None = None
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    statistics: bool = False
    quiet: bool = False
    color: Color = Color.auto
    target: str | None = None
    context: Path | None = None
    files_from: Path | None = None
    null: bool = False
    stdin_filename: str | None = None
    no_shellcheck: bool = False
    jobs: int | None = None
    no_cache: bool = False
    today: str | None = None
    config: Path | None = None
    no_config: bool = False

    @property
    def names(self) -> Sequence[str]:
        """The files and folders that a run is about, without those of a list."""
        return self.paths or ([] if self.files_from else ["."])

    @property
    def fixing(self) -> bool:
        return self.fix or self.unsafe_fixes or self.diff
