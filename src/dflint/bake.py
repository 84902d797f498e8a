"""The builds that a Bake file names.

Facts are those of Docker's pages "Bake file reference", "Matrix targets" and "Inheritance". What
takes a function or a condition to evaluate is not known. No environment is read: a variable has
its default.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from dflint.baketext import (
    Block,
    Blocks,
    Expression,
    Items,
    Name,
    Nothing,
    Opaque,
    Pairs,
    Template,
    read_hcl,
    read_json,
)
from dflint.builds import MOST_BUILDS, BuildFile, NamedBuild, is_remote, place_note, put, too_many
from dflint.document import Problem
from dflint.source import Source, Span, Text, join

_DEEPEST = 20
_MOST = 64  # targets that one matrix makes, at most
# Ten variables may each name the next a thousand times.
_MOST_STEPS = 100_000  # values that are looked at for one file
_LONGEST = 65_536  # characters of a text


class _UnknownError(Exception):
    """Something cannot be known; `span` is its place."""

    def __init__(self, span: Span) -> None:
        super().__init__()
        self.span = span


class _Left(Struct):
    steps: int = _MOST_STEPS


class Scope(Struct, frozen=True):
    """What names stand for, first in a matrix's cell, and how much more of the file to look at."""

    names: Mapping[str, Expression]
    left: _Left
    cell: Mapping[str, Expression] = field(default_factory=dict)

    def find(self, name: str) -> Expression | None:
        """What a name stands for; None for nothing."""
        found = self.cell.get(name)
        return self.names.get(name) if found is None else found

    def take(self, span: Span) -> None:
        """Take a step. Raises _UnknownError where none is left."""
        self.left.steps -= 1
        if self.left.steps < 0:
            raise _UnknownError(span)


class _File(Struct, frozen=True):
    source: Source
    folder: Path
    targets: Mapping[str, Block]
    scope: Scope


def read_bake(source: Source, folder: Path) -> BuildFile:
    """The builds of a Bake file; `folder` is the one that its paths are relative to."""
    try:
        blocks = read_json(source) if source.path.lower().endswith(".json") else read_hcl(source)
    except ImportError:
        said = "it takes python-hcl2 to read HCL (`pip install dflint[bake]` brings it)"
        return BuildFile(source, problems=(Problem("unreadable", said, Span(0, 0)),))
    if blocks.problem is not None:
        return BuildFile(source, problems=(blocks.problem,))
    file = _File(source, folder, _targets(blocks), _variables(blocks))
    bases = _bases(file, blocks)
    builds: list[NamedBuild] = []
    notes: list[str] = []
    for name, target in file.targets.items():
        if name in bases or name.startswith("_"):
            continue
        if len(builds) >= MOST_BUILDS:
            notes.append(too_many(source, target.span))
            break
        try:
            builds += _builds(file, target)
        except _UnknownError as error:
            said = f"target `{name}` is left alone: {_shown(file, error.span)} is not known here"
            notes.append(place_note(source, error.span, said))
        except RecursionError:
            said = f"target `{name}` is left alone: it inherits through too many others"
            notes.append(place_note(source, target.span, said))
    return BuildFile(source, tuple(builds), notes=tuple(notes))


def _shown(file: _File, span: Span) -> str:
    line = " ".join(file.source.slice(span).split())
    return f"`{line}`" if len(line) <= 60 else f"`{line[:57]}…`"


def _targets(blocks: Blocks) -> dict[str, Block]:
    """The targets by their names; those of one name are one."""
    found: dict[str, Block] = {}
    for each in blocks.blocks:
        if each.kind == "target":
            before = found.get(each.name)
            merged = {**(before.attributes if before else {}), **each.attributes}
            found[each.name] = Block("target", each.name, merged, each.span)
    return found


def _variables(blocks: Blocks) -> Scope:
    """Variables and what they are by default; one without a default is not known."""
    found = dict(blocks.attributes)
    for each in blocks.blocks:
        if each.kind == "variable":
            found[each.name] = each.attributes.get("default", Opaque(each.span))
    return Scope(found, _Left())


def _bases(file: _File, blocks: Blocks) -> frozenset[str]:
    """Targets that others inherit from and that no group asks for: nobody builds them."""
    inherited: set[str] = set()
    grouped = {"default"}
    for each in blocks.blocks:
        for kind, word, names in (
            ("target", "inherits", inherited),
            ("group", "targets", grouped),
        ):
            if each.kind == kind and word in each.attributes:
                try:
                    names.update(_words(each.attributes[word], file.scope))
                except _UnknownError:
                    continue
    return frozenset(inherited - grouped)


# ---- targets


def _builds(file: _File, target: Block) -> list[NamedBuild]:
    """The builds of a target: one, or one for each cell of its matrix. Raises _UnknownError."""
    found = []
    for cell in _cells(file, target):
        scope = Scope(file.scope.names, file.scope.left, cell)
        given = _given(file, target, scope, {})
        build = _build(file, target, given, scope)
        if build is not None:
            found.append(build)
    return found


def _cells(file: _File, target: Block) -> list[dict[str, Expression]]:
    """The values of a matrix's variables, cell by cell. Raises _UnknownError."""
    matrix = target.attributes.get("matrix")
    if matrix is None:
        return [{}]
    axes = []
    for name, value in _pairs(matrix, file.scope):
        resolved = _resolved(value, file.scope)
        if not isinstance(resolved, Items):
            raise _UnknownError(value.span)
        axes.append([(name, item) for item in resolved.items])
    cells = itertools.product(*axes)
    return [dict(cell) for cell in itertools.islice(cells, _MOST)]


def _given(
    file: _File, target: Block, scope: Scope, known: dict[str, dict[str, Expression]]
) -> dict[str, Expression]:
    """A target's attributes with those that it inherits. Raises _UnknownError.

    Of several bases the later wins; `args` and `contexts` are put together name by name. `known`
    holds what has been worked out so far.
    """
    if target.name in known:
        return known[target.name]
    known[target.name] = {}  # what inherits from itself gets nothing by it
    found: dict[str, Expression] = {}
    inherits = target.attributes.get("inherits")
    for name in _words(inherits, scope) if inherits is not None else ():
        base = file.targets.get(name)
        if base is not None:
            found = _over(found, _given(file, base, scope, known), scope)
    known[target.name] = _over(found, target.attributes, scope)
    return known[target.name]


def _over(
    below: Mapping[str, Expression], above: Mapping[str, Expression], scope: Scope
) -> dict[str, Expression]:
    """The attributes of two targets, those of the one above before those of the one below."""
    found = {**below, **above}
    for key in ("args", "contexts"):
        if key in below and key in above:
            pairs = {**dict(_pairs(below[key], scope)), **dict(_pairs(above[key], scope))}
            found[key] = Pairs(tuple(pairs.items()), above[key].span)
    return found


def _build(
    file: _File, target: Block, given: Mapping[str, Expression], scope: Scope
) -> NamedBuild | None:
    """The build of a target; None for one of something that is not here. Raises _UnknownError."""
    context = _text(given.get("context"), scope)
    where = "." if context is None or not context.value else context.value
    if is_remote(where):
        return None
    folder = Path(os.path.normpath(file.folder / where))
    inline = _text(given.get("dockerfile-inline"), scope)
    dockerfile = _text(given.get("dockerfile"), scope)
    path = dockerfile.value if dockerfile is not None and dockerfile.value else "Dockerfile"
    if inline is None and is_remote(path):
        return None
    place = given.get("dockerfile-inline") or given.get("dockerfile") or given.get("context")
    stage = given.get("target")
    return NamedBuild(
        name=f"target `{target.name}`",
        span=_first_line(file, target.span if place is None else place.span),
        dockerfile=None if inline is not None else Path(os.path.normpath(folder / path)),
        inline=inline,
        context=folder,
        target=_known(stage, scope) or None,
        target_span=None if stage is None else stage.span,
        arguments=_arguments(given.get("args"), scope),
        named_contexts=frozenset(name for name, _ in _pairs(given.get("contexts"), scope)),
    )


def _first_line(file: _File, span: Span) -> Span:
    text = file.source.slice(span).split("\n")[0].rstrip()
    return Span(span.start, span.start + len(text))


def _arguments(node: Expression | None, scope: Scope) -> dict[str, str | None]:
    """Build arguments by name; None for a value that is not known. Raises _UnknownError.

    An argument that is null is not given.
    """
    return {
        name: _known(value, scope)
        for name, value in _pairs(node, scope)
        if not isinstance(value, Nothing)
    }


# ---- values


def _resolved(value: Expression, scope: Scope, depth: int = 0) -> Expression:
    """What a name stands for, or the value itself. Raises _UnknownError."""
    span = value.span
    while isinstance(value, Name):
        depth += 1
        scope.take(span)
        found = scope.find(value.words[0])
        if found is None or depth > _DEEPEST:
            raise _UnknownError(span)
        for word in value.words[1:]:
            inner = _resolved(found, scope, depth)
            scope.take(span)
            found = dict(inner.pairs).get(word) if isinstance(inner, Pairs) else None
            if found is None:
                raise _UnknownError(span)
        value = found
    return value


def _text(value: Expression | None, scope: Scope, depth: int = 0) -> Text | None:
    """A text; None without one. Raises _UnknownError."""
    if value is None:
        return None
    span = value.span
    value = _resolved(value, scope, depth)
    if isinstance(value, Nothing):
        return None
    if not isinstance(value, Template) or depth > _DEEPEST:
        raise _UnknownError(span)
    pieces: list[Text] = []
    length = 0
    for part in value.parts:
        scope.take(span)
        if isinstance(part, Text):
            pieces.append(part)
            continue
        inner = None if part is None else _text(part, scope, depth + 1)
        if part is None or inner is None:
            raise _UnknownError(span)
        length += len(inner.value)
        if length > _LONGEST:
            raise _UnknownError(span)
        pieces.append(put(inner.value, part.span))
    return join(pieces, value.span.start)


def _known(value: Expression | None, scope: Scope) -> str | None:
    """A text's value; None without one and where it is not known."""
    try:
        text = _text(value, scope)
    except _UnknownError:
        return None
    return None if text is None else text.value


def _pairs(value: Expression | None, scope: Scope) -> Sequence[tuple[str, Expression]]:
    """The pairs of a mapping; none without one. Raises _UnknownError."""
    if value is None:
        return ()
    resolved = _resolved(value, scope)
    if isinstance(resolved, Nothing):
        return ()
    if not isinstance(resolved, Pairs):
        raise _UnknownError(value.span)
    return resolved.pairs


def _words(value: Expression, scope: Scope) -> list[str]:
    """The texts of a list. Raises _UnknownError."""
    resolved = _resolved(value, scope)
    if not isinstance(resolved, Items):
        raise _UnknownError(value.span)
    found = [_text(item, scope) for item in resolved.items]
    return [each.value for each in found if each is not None]
