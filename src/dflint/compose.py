"""The builds that a Compose file names.

Facts are those of Docker's Compose file reference, pages "Build", "Interpolation", "Extend" and
"Fragments". Nothing is read but the text given: no other file, and no environment.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from msgspec import Struct

from dflint.builds import (
    MOST_BUILDS,
    BuildFile,
    NamedBuild,
    is_private,
    is_remote,
    place_note,
    put,
    too_many,
)
from dflint.document import Problem
from dflint.lazy import regex
from dflint.source import Source, Span, Text, join
from dflint.yamltext import scalar_text

# Each variable of an `.env` file may hold the one before ten times.
LONGEST = 65_536  # characters that variables put into a text
DEEPEST = 20  # variables inside the defaults of variables, fragments inside fragments

_VARIABLE = regex(
    r"\$(?:(\$)|([_a-zA-Z][_a-zA-Z0-9]*)|\{([_a-zA-Z][_a-zA-Z0-9]*)(:?[-?+])?|(?=\{))"
)
_SETTING = regex(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*[=:]\s*(.*?)\s*")
_QUOTED = regex(r"""'([^']*)'|"((?:[^"\\]|\\.)*)\"""")
# What a number looks like that YAML hands on as it is written; 3.10 becomes 3.1.
_SAME_NUMBER = regex(r"-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?|\d+(?::\d+)+")


class UnsetError(Exception):
    """A variable without a known value; the argument is its name."""


class _File(Struct, frozen=True):
    source: Source
    folder: Path
    settings: Mapping[str, str]
    services: Mapping[str, yaml.Node]


class _Parts(Struct, frozen=True):
    """A `build` with what it extends: attributes by name, and what adds up, the base's first.

    `unknown` is what keeps part of it in another file.
    """

    attributes: Mapping[str, yaml.Node]
    arguments: tuple[yaml.Node, ...] = ()
    contexts: tuple[yaml.Node, ...] = ()
    unknown: str | None = None


def read_compose(source: Source, folder: Path, settings: Mapping[str, str]) -> BuildFile | None:
    """The builds of a Compose file; None for a YAML file without services.

    `folder` is the one that its paths are relative to; `settings` are the variables of the `.env`
    file there.
    """
    try:
        roots = list(yaml.compose_all(source.text, Loader=yaml.SafeLoader))
    except yaml.YAMLError as error:
        return BuildFile(source, problems=(_problem(source, error),))
    except RecursionError:
        problem = Problem("unreadable", "this YAML is nested too deeply", Span(0, 0))
        return BuildFile(source, problems=(problem,))
    tops = [attributes(root) for root in roots if isinstance(root, yaml.MappingNode)]
    if not any("services" in top for top in tops):
        return None
    services = {key: node for top in tops for key, node in attributes(top.get("services")).items()}
    file = _File(source, folder, settings, services)
    found: list[NamedBuild] = []
    notes = [note for top in tops for note in _included(file, top)]
    made = _made_here(file)
    for name in services:
        if len(found) == MOST_BUILDS:
            notes.append(too_many(source, span_of(services[name])))
            break
        try:
            build = _build(file, name, made)
        except _Left as left:
            notes.append(str(left))
            continue
        if build is not None:
            found.append(build)
    return BuildFile(source, tuple(found), notes=tuple(notes))


class _Left(Exception):  # noqa: N818  (no error: a build that is left alone, and why)
    pass


def _problem(source: Source, error: yaml.YAMLError) -> Problem:
    """What is wrong with the YAML, and where."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    at = mark.index if mark is not None else getattr(error, "position", 0)
    words = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is no YAML"
    at = max(0, min(at, len(source.text)))
    return Problem("unreadable", f"this YAML cannot be read: {words}", Span(at, at))


def _included(file: _File, top: Mapping[str, yaml.Node]) -> Iterator[str]:
    if "include" in top:
        where = span_of(top["include"])
        yield place_note(file.source, where, "`include` is not followed: name those files as well")


# ---- YAML


def span_of(node: yaml.Node) -> Span:
    """Where a node stands; of a block, the first line alone."""
    start, end = node.start_mark.index, node.end_mark.index
    return Span(start, end if node.end_mark.line == node.start_mark.line else start + 1)


def attributes(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """The values of a mapping by their keys, with what `<<` merges into it, the first of a key."""
    found: dict[str, yaml.Node] = {}
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if not isinstance(each, yaml.MappingNode) or id(each) in seen:
            continue
        seen.add(id(each))  # what is merged again adds nothing, nor does a mapping to itself
        own: dict[str, yaml.Node] = {}
        for key, value in each.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.tag == "tag:yaml.org,2002:merge":
                parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
                waiting.extend(reversed(parts))
            elif value.tag != "!reset":
                own[key.value] = value
        found = {**own, **found}
    return found


def _is_null(node: yaml.Node | None) -> bool:
    return node is None or node.tag == "tag:yaml.org,2002:null"


def _plain(file: _File, node: yaml.Node | None) -> Text | None:
    """A scalar's text with its variables put in; None where there is none. Raises UnsetError."""
    if node is None or _is_null(node) or not isinstance(node, yaml.ScalarNode):
        return None
    return interpolate(scalar_text(file.source, node), file.settings)


# ---- services


def _parts(file: _File, name: str, depth: int = 0) -> _Parts | None:
    """A service's `build`, with what it extends; None without one."""
    service = attributes(file.services.get(name))
    node = service.get("build")
    own = {"context": node} if isinstance(node, yaml.ScalarNode) else attributes(node)
    if _is_null(node):
        own = {}
    base = _base(file, service.get("extends"), depth)
    if node is None and base is None:
        return None
    base = base or _Parts({})
    given = {**base.attributes, **{key: value for key, value in own.items() if not _is_null(value)}}
    return _Parts(
        given,
        (*base.arguments, *([own["args"]] if "args" in own else [])),
        (*base.contexts, *([own[key] for key in ("additional_contexts",) if key in own])),
        base.unknown,
    )


def _base(file: _File, extends: yaml.Node | None, depth: int) -> _Parts | None:
    """What a service's `extends` brings to its build."""
    if extends is None or depth > DEEPEST:
        return None
    if isinstance(extends, yaml.ScalarNode):
        return _parts(file, extends.value, depth + 1)
    words = attributes(extends)
    other, service = words.get("file"), words.get("service")
    if other is not None:
        return _Parts({}, unknown=str(other.value))
    return _parts(file, str(service.value), depth + 1) if service is not None else None


def _build(file: _File, name: str, made: frozenset[str]) -> NamedBuild | None:
    """The build of a service; None without one, or of something that is not here. Raises _Left.

    `made` are the images that services of the file build.
    """
    parts = _parts(file, name)
    if parts is None:
        return None
    given = parts.attributes
    place = given.get("dockerfile") or given.get("context") or file.services[name]
    if not given and parts.unknown is None:
        return None
    if parts.unknown is not None and not ("dockerfile" in given or "dockerfile_inline" in given):
        if not given:
            return None  # the service may well have no build at all
        said = f"service `{name}` extends one of {parts.unknown}, which is not read"
        raise _Left(place_note(file.source, span_of(place), said))
    context = _context(file, name, given.get("context"))
    if context is None:
        return None
    inline = _part(file, name, given.get("dockerfile_inline"))
    return NamedBuild(
        name=f"service `{name}`",
        span=span_of(given.get("dockerfile_inline") or place),
        dockerfile=None if inline is not None else _dockerfile(file, name, given, context),
        inline=inline,
        context=context,
        target=_target(file, given.get("target")),
        target_span=span_of(given["target"]) if "target" in given else None,
        arguments=_arguments(file, parts.arguments),
        named_contexts=(_names(parts.contexts) | made) if parts.contexts else made,
    )


def _part(file: _File, name: str, node: yaml.Node | None) -> Text | None:
    """A text of a build. Raises _Left where a variable in it is not known."""
    try:
        return _plain(file, node)
    except UnsetError as error:
        assert node is not None
        said = f"service `{name}` is left alone: `${error}` has no value here and no default"
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            said += f" (Compose puts it in; write `$${error}` for the Dockerfile's own)"
        raise _Left(place_note(file.source, span_of(node), said)) from None


def _context(file: _File, name: str, node: yaml.Node | None) -> Path | None:
    """The folder of a build; None for a context that is no folder. Raises _Left."""
    text = _part(file, name, node)
    value = "." if text is None or not text.value else text.value
    if is_remote(value):
        return None
    if value.startswith("~"):
        said = f"service `{name}` is left alone: nobody knows whose home folder `{value}` means"
        raise _Left(place_note(file.source, span_of(node or file.services[name]), said))
    return Path(os.path.normpath(file.folder / value))


def _dockerfile(
    file: _File, name: str, given: Mapping[str, yaml.Node], context: Path
) -> Path | None:
    text = _part(file, name, given.get("dockerfile"))
    return Path(os.path.normpath(context / (text.value if text and text.value else "Dockerfile")))


def _target(file: _File, node: yaml.Node | None) -> str | None:
    """The stage to build; None where it is the last one, or a variable nobody has set."""
    try:
        text = _plain(file, node)
    except UnsetError:
        return None
    return text.value or None if text is not None else None


def _arguments(file: _File, nodes: tuple[yaml.Node, ...]) -> dict[str, str | None]:
    """Build arguments by name; None for what the environment or nobody knows."""
    found: dict[str, str | None] = {}
    for node in nodes:
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                found.update([_pair(file, item)])
        for key, value in attributes(node).items():
            found[key] = file.settings.get(key) if _is_null(value) else _value(file, value)
    return found


def _pair(file: _File, item: yaml.Node) -> tuple[str, str | None]:
    """An argument written as `NAME=value`, or as `NAME` alone."""
    name, equals, _ = str(item.value).partition("=")
    if not equals:
        return name, file.settings.get(name)
    whole = _value(file, item)
    return name, None if whole is None else whole.partition("=")[2]


def _value(file: _File, node: yaml.Node) -> str | None:
    """A scalar as Compose hands it on; None where that is not known."""
    number = node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
    if number and not _SAME_NUMBER.fullmatch(str(node.value)):
        return None
    try:
        text = _plain(file, node)
    except UnsetError:
        return None
    return None if text is None else text.value


def _names(nodes: tuple[yaml.Node, ...]) -> frozenset[str]:
    """The names of additional contexts, written as a mapping or as `NAME=where`."""
    found: set[str] = set()
    for node in nodes:
        found.update(attributes(node))
        if isinstance(node, yaml.SequenceNode):
            found.update(str(item.value).partition("=")[0] for item in node.value)
    return frozenset(found)


def _made_here(file: _File) -> frozenset[str]:
    """The images that the services build: what is in one is not what a registry has of its name."""
    found: set[str] = set()
    for service in map(attributes, file.services.values()):
        if "build" in service and "image" in service:
            try:
                image = _plain(file, service["image"])
            except UnsetError:
                continue
            found.update(() if image is None else (image.value.removesuffix(":latest"),))
    return frozenset(found)


# ---- variables


def interpolate(text: Text, settings: Mapping[str, str], depth: int = 0) -> Text:
    """The text with the values of its variables in their place. Raises UnsetError.

    What nobody has set is its default, if it has one. `$$` is a dollar sign.
    """
    pieces: list[Text] = []
    value, at, put_in = text.value, 0, 0
    while (match := _VARIABLE.search(value, at)) is not None:
        pieces.append(text.slice(at, match.start()))
        escaped, plain, name, operator = match.groups()
        at = match.end()
        if escaped:
            pieces.append(text.slice(match.start(), match.start() + 1))
        elif plain:
            if plain not in settings:
                raise UnsetError(plain)
            pieces.append(put(settings[plain], text.span(match.start(), at)))
            put_in += len(settings[plain])
        else:
            end = _closing(value, at)
            if name is None or end is None or depth > DEEPEST or (not operator and end > at):
                raise UnsetError(name or "{")
            whole, word = text.span(match.start(), end + 1), text.slice(at, end)
            pieces.append(_chosen(name, operator or "", whole, word, settings, depth))
            put_in += len(pieces[-1].value)
            at = end + 1
        if put_in > LONGEST:
            raise UnsetError(plain or name or "")
    pieces.append(text.slice(at, len(value)))
    return join(pieces, text.origin(0))


def _chosen(
    name: str, operator: str, whole: Span, word: Text, settings: Mapping[str, str], depth: int
) -> Text:
    """What stands in place of `${NAME…}`, which is `whole`. Raises UnsetError."""
    value = settings.get(name)
    is_set = value is not None and (bool(value) or not operator.startswith(":"))
    kind = operator.removeprefix(":")
    if kind in ("-", "+") and is_set == (kind == "+"):
        return interpolate(word, settings, depth + 1)
    if kind == "+":
        return put("", whole)
    if value is None or (kind == "?" and not is_set):
        raise UnsetError(name)
    return put(value, whole)


def _closing(value: str, at: int) -> int | None:
    """Where the brace that is open at `at` is closed; None where it is not."""
    depth = 1
    for index in range(at, len(value)):
        if value[index] == "}":
            depth -= 1
            if depth == 0:
                return index
        elif value.startswith("${", index):
            depth += 1
    return None


def read_settings(text: str) -> dict[str, str]:
    """The variables of an `.env` file; those that cannot be known or are private are left out.

    Source: Docker's page "Set, use, and manage variables in a Compose file with interpolation".
    """
    found: dict[str, str] = {}
    for line in text.split("\n"):
        match = _SETTING.fullmatch(line)
        if match is None:
            continue
        name, value = match.groups()
        quoted = _QUOTED.match(value)
        if quoted is not None and quoted[1] is not None:
            found[name] = quoted[1]
            continue
        value = quoted[2] if quoted is not None else re.split(r"(?:^|\s)#", value, maxsplit=1)[0]
        if "\\" in value or (quoted is None and value[:1] in ("'", '"')):
            found.pop(name, None)
            continue
        try:
            found[name] = interpolate(Text(value.rstrip(), (0,), (0,)), found).value
        except UnsetError:
            found.pop(name, None)
    return {name: value for name, value in found.items() if not is_private(name, value)}
