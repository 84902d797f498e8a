"""Plain data about the world outside: images, package managers, options, dates, with sources."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from dflint import compiled


def load(name: str) -> Any:
    """The data of the file `NAME.yaml` in this folder; dates are texts."""
    return _files()[f"{name}.yaml"]


@cache
def _files() -> Mapping[str, Any]:
    folder = Path(__file__).parent
    found = compiled.stored(folder, compiled.sources(folder))
    return compiled.compile_folder(folder) if found is None else found
