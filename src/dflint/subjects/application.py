"""The application that a server is told to serve, and the interface that it is called by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import resolve
from dflint.shell import Word
from dflint.subjects.base import UNKNOWN, Unknown
from dflint.subjects.command import option_names
from dflint.subjects.context_origin import Origin, file_at, text_of
from dflint.subjects.start import StartedPlace, option_value, variable

NAME = regex(r"([A-Za-z_][\w.]*):([A-Za-z_]\w*)")


def application(at: StartedPlace) -> Word | None:
    """The word that names the application, as in `shop.wsgi:application`."""
    words = (each for each in at.command.arguments if each.known and NAME.fullmatch(each.value))
    return next(words, None)


def interface(at: StartedPlace) -> object:
    """The interface of the application: `asgi` or `wsgi`, by its file or by Django's names."""
    word = application(at)
    known = load("applications")
    if word is None or set(known["elsewhere"].split()) & set(option_names(at.command)):
        return UNKNOWN
    module, _, name = word.value.partition(":")
    text = _text(at, module)
    if text is not None:
        return made_by(text, name)
    for kind, pattern in known["conventions"].items():
        if re.search(pattern, word.value):
            return kind
    return UNKNOWN


def _text(at: StartedPlace, module: str) -> str | None:
    """The module's own text, where it certainly is the one in the working folder."""
    product = at.facts.build.stages[at.facts.build.product or 0]
    path = resolve(product.workdir.value, module.replace(".", "/") + ".py")
    if path is None or variable(at, "PYTHONPATH") is not None:
        return None
    found = file_at(at.facts, product, len(product.steps), path)
    return text_of(at.facts, found.entry) if isinstance(found, Origin) else None


def made_by(text: str, name: str) -> str | Unknown:
    """The interface of what a module's text binds to a name; `UNKNOWN` unless it does so once."""
    word = re.escape(name)
    bound = re.findall(rf"(?m)^[ \t]*{word}[ \t]*(?::[^=\n]+)?=(?!=)[ \t]*([^\n]*)", text)
    also = re.search(rf"(?m)^[ \t]*(?:from|import|def|class|async|with|for)\b.*\b{word}\b", text)
    if len(bound) != 1 or also is not None:
        return UNKNOWN
    call = re.match(r"(?:\w+\.)*(\w+)\(", bound[0])
    made: Mapping[str, Any] = load("applications")["makers"].get(call[1] if call else "", {})
    package = made.get("package")
    if package is None or not re.search(rf"(?m)^[ \t]*(?:from|import)[ \t]+{package}\b", text):
        return UNKNOWN
    return str(made["interface"])


def served(at: StartedPlace, worker_class: object) -> object:
    """The interface that the server calls; `worker_class` says whether anything sets gunicorn's."""
    known = load("applications")
    if at.command.tool == "gunicorn":
        return _by_worker(at, worker_class)
    server = known["servers"].get(at.command.tool)
    if server is None:
        return UNKNOWN
    value: object = server["default"]
    for found in (
        variable(at, server.get("variable", "")),
        option_value(at, server.get("option", "").lstrip("-")),
    ):
        value = value if found is None else found
    return known["values"].get(value, UNKNOWN) if isinstance(value, str) else UNKNOWN


def _by_worker(at: StartedPlace, worker_class: object) -> object:
    given = option_value(at, "worker-class")
    if given is None:
        return "wsgi" if worker_class is False else UNKNOWN
    for kind, names in load("applications")["workers"].items():
        if given in names.split():
            return kind
    return UNKNOWN
