"""Plain data about the world outside: images, package managers, options, dates, with sources."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def load(name: str) -> Any:
    """The data of the file `NAME.yaml` in this folder, read once."""
    path = Path(__file__).parent / f"{name}.yaml"
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
