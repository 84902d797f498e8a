"""Folders of YAML files as plain data, from a compiled form where that fits the files.

YAML takes ten times as long to read as JSON. A folder's compiled form is one JSON file among its
files, made when the wheel is built or on first use; it knows the sizes and a checksum of all of
them, so that one that does not fit is not used. Dates stay texts in both forms.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import DecodeError, Raw, Struct, json

from dflint.disk import read_file

NAME = "compiled.json"
DEEPEST = 200  # lists and mappings within one another
SUFFIXES = (".yaml", ".yml")
MOST_ENTRIES = 20_000  # files and folders that are looked through
MOST_FILES = 2_000


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


def places(folder: Path) -> dict[str, os.DirEntry[str]]:
    """The YAML files below a folder by their paths in it, in no order.

    Links to folders are not followed. Raises OSError, also where there is too much to look through.
    """
    found: dict[str, os.DirEntry[str]] = {}
    left = MOST_ENTRIES
    waiting = [("", os.fspath(folder))]
    while waiting:
        above, path = waiting.pop()
        with os.scandir(path) as entries:
            for entry in entries:
                left -= 1
                if left < 0 or len(found) > MOST_FILES:
                    raise OSError(errno.E2BIG, _TOO_MANY, os.fspath(folder))
                if entry.name.endswith(SUFFIXES):
                    found[above + entry.name] = entry
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append((f"{above}{entry.name}/", entry.path))
    return found


_TOO_MANY = (
    f"holds more than {MOST_FILES:,} YAML files, or {MOST_ENTRIES:,} files and folders to look "
    "through: name a folder that holds rules alone"
)


def sources(folder: Path) -> dict[str, bytes]:
    """The YAML files below a folder by their paths in it, in order. Raises OSError."""
    return {path: read_file(entry.path) for path, entry in sorted(places(folder).items())}


def checksum(files: Mapping[str, bytes]) -> str:
    """What changes whenever one of the files does; against accidents, not against intent."""
    import zlib

    value = size = 0
    for path, data in files.items():
        value = zlib.crc32(data, zlib.crc32(path.encode(), value))
        size += len(data)
    return f"{value:08x}-{size}-{len(files)}"


class Form(Struct, frozen=True):
    """A compiled form: of files of which sizes in bytes and which checksum, and their data."""

    checksum: str
    sizes: Mapping[str, int]
    files: Mapping[str, Raw]


def stored(folder: Path) -> dict[str, Raw] | None:
    """The data of a folder's files as JSON, by their paths, or None where there is no such form.

    The files are not read where all have the size that the form knows and none is newer than the
    form. Raises OSError.
    """
    place = folder / NAME
    try:
        form = json.decode(place.read_bytes(), type=Form)
        made = place.stat().st_mtime_ns
    except (OSError, DecodeError):
        return None
    found = {path: entry.stat() for path, entry in places(folder).items()}
    if {path: each.st_size for path, each in found.items()} != form.sizes:
        return None
    if form.files.keys() != form.sizes.keys():
        return None
    if any(each.st_mtime_ns > made for each in found.values()):
        if checksum(sources(folder)) != form.checksum:
            return None
        _renew(place)
    return dict(form.files)


def _renew(place: Path) -> None:
    """Have a form that was found right be newer than its files."""
    try:
        os.utime(place)
    except OSError:  # installed for somebody else: the files are read every time
        return


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

    sizes = {path: len(text) for path, text in files.items()}
    form = {"checksum": checksum(files), "sizes": sizes, "files": data}
    try:
        number, name = tempfile.mkstemp(dir=folder, prefix=f".{NAME}.")
    except OSError:  # installed for somebody else: the YAML is read every time
        return
    try:
        with os.fdopen(number, "wb") as file:
            file.write(json.encode(form))
        Path(name).chmod(0o644)
        Path(name).replace(folder / NAME)
    except OSError:
        Path(name).unlink(missing_ok=True)
