"""Numbers from the environment, checked, for the server and for the health check."""

from __future__ import annotations

from collections.abc import Mapping


class SettingError(ValueError):
    """A variable of the environment has a value that cannot be used."""


def whole_number(
    environ: Mapping[str, str], name: str, default: int, lowest: int, highest: int
) -> int:
    """The number in the variable, or `default` where it is unset or empty; raises SettingError."""
    text = environ.get(name, "").strip()
    if not text:
        return default
    # int() would also take "1_000", "+5" and digits of other scripts.
    if text.isascii() and text.isdigit() and lowest <= int(text[:12]) <= highest:
        return int(text)
    raise SettingError(f"{name} must be a whole number from {lowest} to {highest}, not {text!r}")


def port(environ: Mapping[str, str]) -> int:
    """The port that is served, 8000 unless `PORT` says otherwise."""
    return whole_number(environ, "PORT", default=8000, lowest=1, highest=65535)
