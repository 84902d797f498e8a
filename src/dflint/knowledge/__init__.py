"""Plain data about the world outside: images, package managers, options, dates, with sources."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Raw, json

from dflint import compiled


@cache
def load(name: str) -> Any:
    """The data of the file `NAME.yaml` in this folder; dates are texts."""
    return json.decode(_files()[f"{name}.yaml"])


@cache
def _files() -> Mapping[str, Raw | bytes]:
    folder = Path(__file__).parent
    found = compiled.stored(folder)
    if found is not None:
        return found
    made = compiled.compile_folder(folder)
    return {path: json.encode(data) for path, data in made.items()}
