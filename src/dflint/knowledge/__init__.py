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
    sources = compiled.sources(folder)
    found = compiled.stored(folder, sources)
    if found is None:
        found = {path: compiled.parse(data.decode()) for path, data in sources.items()}
        compiled.store(folder, sources, found)
    return found
