"""Which reports are wanted, and where each goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from dflint.nearest import nearest

FORMATS = (
    "full", "concise", "gnu", "json", "jsonl", "github", "gitlab", "sarif", "junit", "checkstyle",
    "sonarqube", "rdjson", "markdown", "html",
)  # fmt: skip


class OutputError(ValueError):
    """An output that there cannot be; the message says why."""


class Output(Struct, frozen=True):
    """A report in a format, to a file or, where there is no path, to standard output."""

    format: str
    path: Path | None = None


def parse_output(text: str, folder: Path | None = None) -> Output:
    """`FORMAT` or `FORMAT=PATH`, the path from a folder if one is given. Raises OutputError."""
    name, equals, path = text.partition("=")
    if name not in FORMATS:
        hint = nearest(name, FORMATS)
        known = f"did you mean `{hint}`?" if hint else f"one of {', '.join(FORMATS)}"
        raise OutputError(f"unknown format `{name}`: {known}")
    if not equals:
        return Output(name)
    if not path:
        raise OutputError(f"`{text}` has no path after the `=`")
    return Output(name, Path(path) if folder is None else folder / path)


def check_outputs(outputs: Iterable[Output]) -> None:
    """Raise OutputError where two reports would go to one place."""
    seen: dict[Path | None, str] = {}
    for each in outputs:
        if each.path in seen:
            where = "standard output" if each.path is None else f"`{each.path}`"
            raise OutputError(
                f"`{seen[each.path]}` and `{each.format}` cannot both go to {where}: "
                f"give one a file of its own, as in `{each.format}=PATH`"
            )
        seen[each.path] = each.format


def chosen_outputs(
    configured: Sequence[Output], wanted: Sequence[Output], standard: str | None
) -> tuple[Output, ...]:
    """The reports to make. Raises OutputError.

    What is `wanted` on the command line replaces what is configured, and the format for `standard`
    output alone replaces the one that goes there. Without any report there is the full one.
    """
    outputs = tuple(wanted or configured)
    if standard is not None:
        kept = outputs if wanted else tuple(each for each in outputs if each.path is not None)
        outputs = (Output(standard), *kept)
    outputs = outputs or (Output("full"),)
    check_outputs(outputs)
    return outputs
