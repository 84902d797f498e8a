"""Folders of YAML files as plain data, from a compiled form where that fits the files.

YAML takes ten times as long to read as JSON. A folder's compiled form is one JSON file among its
files, made when the wheel is built or on first use; it holds a checksum of all of them, so that
one that does not fit is never used. Dates stay texts in both forms.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from dflint.disk import read_file

NAME = "compiled.json"
DEEPEST = 200  # lists and mappings within one another
SUFFIXES = (".yaml", ".yml")


@cache
def _loader() -> Any:
    """libyaml's safe loader where there is one, without the type for dates."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    resolvers = {
        first: [each for each in found if each[0] != "tag:yaml.org,2002:timestamp"]
        for first, found in base.yaml_implicit_resolvers.items()
    }
    return type("Loader", (base,), {"yaml_implicit_resolvers": resolvers})


def parse(text: str) -> Any:
    """The data of a YAML text. Raises yaml.YAMLError."""
    import yaml

    _check_depth(text)
    return yaml.load(text, Loader=_loader())


def compose(text: str) -> Any:
    """The nodes of a YAML text, with their places. Raises yaml.YAMLError."""
    import yaml

    _check_depth(text)
    return yaml.compose(text, Loader=_loader())


def _check_depth(text: str) -> None:
    """Raises yaml.YAMLError for lists in lists in lists: libyaml's stack ends with the process."""
    if sum(map(text.count, "[{-?:")) <= DEEPEST:
        return
    import yaml

    depth = 0
    event: Any
    for event in yaml.parse(text, Loader=_loader()):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            problem = "lists within lists, too deep to be read"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


def sources(folder: Path) -> dict[str, bytes]:
    """The YAML files below a folder by their paths in it, in order. Raises OSError."""
    found: dict[str, bytes] = {}
    top = os.fspath(folder)
    for at, folders, names in os.walk(top):
        folders.sort()
        for name in sorted(names):
            if name.endswith(SUFFIXES):
                path = os.path.join(at, name)  # noqa: PTH118  (this runs at every start)
                found[path[len(top) + 1 :].replace(os.sep, "/")] = read_file(path)
    return found


def checksum(files: Mapping[str, bytes]) -> str:
    """What changes whenever one of the files does; against accidents, not against intent."""
    value = size = 0
    for path, data in files.items():
        value = zlib.crc32(data, zlib.crc32(path.encode(), value))
        size += len(data)
    return f"{value:08x}-{size}-{len(files)}"


def stored(folder: Path, files: Mapping[str, bytes]) -> dict[str, Any] | None:
    """What a folder's compiled form says of its files, or None where it does not fit them."""
    try:
        data = json.loads((folder / NAME).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(data, dict) or data.get("checksum") != checksum(files):
        return None
    found = data.get("files")
    return found if isinstance(found, dict) and found.keys() == files.keys() else None


def compile_folder(folder: Path) -> dict[str, Any]:
    """The data of the YAML files below a folder, whose compiled form is made anew.

    A rule's examples are left out: only who explains or tests rules needs them, and they are most
    of the text. Raises OSError and yaml.YAMLError.
    """
    files = sources(folder)
    data = {path: parse(text.decode()) for path, text in files.items()}
    for each in data.values():
        if "examples" in each:
            each["examples"] = []
    store(folder, files, data)
    return data


def store(folder: Path, files: Mapping[str, bytes], data: Mapping[str, Any]) -> None:
    """Keep a folder's compiled form, if the folder can be written to."""
    import tempfile  # costs more than all else here, and is needed once

    text = json.dumps({"checksum": checksum(files), "files": data}, ensure_ascii=False)
    try:
        number, name = tempfile.mkstemp(dir=folder, prefix=f".{NAME}.")
    except OSError:  # installed for somebody else: the YAML is read every time
        return
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(folder / NAME)
    except OSError:
        Path(name).unlink(missing_ok=True)
