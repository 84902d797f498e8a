"""The text of a Bake file, HCL or JSON, as blocks of attributes; a text knows its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from dflint.document import Problem
from dflint.lazy import regex
from dflint.source import Source, Span, Text, join, stretch

if TYPE_CHECKING:
    from lark import Token, Tree

# HCL's specification, "Quoted Templates", and RFC 8259, "Strings".
_ESCAPES = {
    "n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f",
}  # fmt: skip
_DIGITS = {"u": 4, "U": 8}
_SAME_NUMBER = regex(r"-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?")
_NAME = regex(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*")
_BLANK = regex(r"[ \t\r\n]*")
_WORD = regex(r"[-+.\w]+")
_STRING = regex(r'"((?:[^"\\\n]|\\.)*)"')
_SIGN = regex(r"\$\$?\{|%%?\{")
_DEEPEST = 100


class Name(Struct, frozen=True):
    """A variable, or an attribute of one: `TAG`, `item.version`."""

    words: tuple[str, ...]
    span: Span


class Template(Struct, frozen=True):
    """A text, parts of which may be variables; None among them is what cannot be evaluated."""

    parts: tuple[Text | Name | None, ...]
    span: Span


class Items(Struct, frozen=True):
    """A list."""

    items: tuple[Expression, ...]
    span: Span


class Pairs(Struct, frozen=True):
    """A mapping, its keys as written."""

    pairs: tuple[tuple[str, Expression], ...]
    span: Span


class Nothing(Struct, frozen=True):
    """`null`."""

    span: Span


class Opaque(Struct, frozen=True):
    """What is not evaluated here: calls of functions, conditions, sums."""

    span: Span


Expression = Name | Template | Items | Pairs | Nothing | Opaque


class Block(Struct, frozen=True):
    """A block such as `target "app" { … }`; `span` is the place of its first word or its name."""

    kind: str
    name: str
    attributes: dict[str, Expression]
    span: Span


class Blocks(Struct, frozen=True):
    """A Bake file's blocks in their order, and the attributes outside of blocks."""

    blocks: tuple[Block, ...] = ()
    attributes: dict[str, Expression] = field(default_factory=dict)
    problem: Problem | None = None


class _BrokenError(Exception):
    """The text is no JSON from an offset on."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at


# ---- templates


def _template(text: Text, span: Span, *, quoted: bool) -> Template:
    """A template taken apart at `${…}`; with `quoted`, backslashes escape."""
    parts: list[Text | Name | None] = []
    value, at = text.value, 0
    while (sign := _SIGN.search(value, at)) is not None:
        start = sign.start()
        parts.append(_unescaped(text.slice(at, start), quoted=quoted))
        if value.startswith(("$${", "%%{"), start):
            parts.append(text.slice(start + 1, start + 3))
            at = start + 3
            continue
        end = value.find("}", start)
        name = _NAME.fullmatch(value[start + 2 : end].strip()) if end != -1 else None
        if name is None or value[start] == "%":
            return Template((None,), span)
        parts.append(Name(tuple(name[0].split(".")), text.span(start, end + 1)))
        at = end + 1
    parts.append(_unescaped(text.slice(at, len(value)), quoted=quoted))
    return Template(tuple(parts), span)


def _unescaped(text: Text, *, quoted: bool) -> Text | None:
    """The text without its escapes; None where there is one that is none."""
    if not quoted or "\\" not in text.value:
        return text
    pieces = []
    at = 0
    while (found := text.value.find("\\", at)) != -1:
        pieces.append(text.slice(at, found))
        sign = text.value[found + 1 : found + 2]
        at = found + 2 + _DIGITS.get(sign, 0)
        try:
            coded = chr(int(text.value[found + 2 : at], 16)) if sign in _DIGITS else _ESCAPES[sign]
        except (ValueError, OverflowError, KeyError):
            return None
        pieces.append(Text(coded, (0,), (text.origin(found),)))
    pieces.append(text.slice(at, len(text.value)))
    return join(pieces, text.origin(0))


def _literal(text: Text) -> Expression:
    """A number or a truth value, as a build argument has it; `null`."""
    span = text.span()
    if text.value == "null":
        return Nothing(span)
    if text.value in ("true", "false") or _SAME_NUMBER.fullmatch(text.value):
        return Template((text,), span)
    return Opaque(span)


# ---- HCL


def read_hcl(source: Source) -> Blocks:
    """The blocks of an HCL file. Raises ImportError where python-hcl2 is not installed."""
    import hcl2
    from lark.exceptions import LarkError, UnexpectedInput

    try:
        tree = hcl2.parses_to_tree(source.text)
    except UnexpectedInput as error:
        at = max(0, min(error.pos_in_stream or 0, len(source.text)))
        said = f"this HCL cannot be read from {_shown(source.text[at : at + 20])} on"
        return Blocks(problem=Problem("unreadable", said, Span(at, at)))
    except (LarkError, RecursionError):
        return Blocks(problem=Problem("unreadable", "this HCL cannot be read", Span(0, 0)))
    blocks: list[Block] = []
    loose: dict[str, Expression] = {}
    for node in _trees(tree):
        for each in _trees(node) if node.data == "body" else [node]:
            if each.data == "attribute":
                loose.update([_attribute(source, each)])
            elif each.data == "block":
                blocks.append(_block(source, each))
    return Blocks(tuple(blocks), loose)


def _shown(text: str) -> str:
    line = text.split("\n")[0].strip()
    return f"`{line}`" if line else "here"


def _trees(tree: Tree[Token]) -> Iterator[Tree[Token]]:
    """The parts of a tree that are trees themselves, white space and comments left out."""
    from lark import Tree

    for child in tree.children:
        if isinstance(child, Tree) and child.data != "new_line_or_comment":
            yield child


def _span(tree: Tree[Token]) -> Span:
    return Span(tree.meta.start_pos, tree.meta.end_pos)


def _written(source: Source, tree: Tree[Token]) -> str:
    return source.slice(_span(tree)).strip('"')


def _block(source: Source, tree: Tree[Token]) -> Block:
    parts = list(_trees(tree))
    words = [each for each in parts if each.data != "body"]
    body = next((each for each in parts if each.data == "body"), None)
    inside = [] if body is None else [each for each in _trees(body) if each.data == "attribute"]
    name = _written(source, words[1]) if len(words) > 1 else ""
    found = dict(_attribute(source, each) for each in inside)
    return Block(_written(source, words[0]), name, found, _span(words[min(1, len(words) - 1)]))


def _attribute(source: Source, tree: Tree[Token]) -> tuple[str, Expression]:
    name, value = list(_trees(tree))[:2]
    return _written(source, name), _expression(source, value)


def _expression(source: Source, tree: Tree[Token], depth: int = 0) -> Expression:
    span, kind = _span(tree), str(tree.data)
    inner = list(_trees(tree))
    text = stretch(source, span)
    if depth > _DEEPEST:
        return Opaque(span)
    if kind == "expr_term" and len(inner) == 1:
        return _expression(source, inner[0], depth + 1)
    if kind == "string":
        return _template(text.slice(1, len(text.value) - 1), span, quoted=True)
    if kind.startswith("heredoc_template"):
        return _heredoc(text, span)
    if kind in ("identifier", "get_attr_expr_term"):
        match = _NAME.fullmatch(text.value)
        if match is not None and text.value not in ("true", "false", "null"):
            return Name(tuple(text.value.split(".")), span)
    if kind == "tuple":
        return Items(tuple(_expression(source, each, depth + 1) for each in inner), span)
    if kind == "object":
        return _object(source, inner, span, depth)
    return _literal(text)


def _object(source: Source, elements: Sequence[Tree[Token]], span: Span, depth: int) -> Expression:
    pairs = []
    for element in elements:
        key, value = list(_trees(element))[:2]
        name = _written(source, key)
        if not re.fullmatch(r"[\w.-]+", name):
            return Opaque(span)
        pairs.append((name, _expression(source, value, depth + 1)))
    return Pairs(tuple(pairs), span)


def _heredoc(text: Text, span: Span) -> Expression:
    """The lines between the marks; after `<<-`, less the indentation that all of them have."""
    value = text.value.rstrip("\r\n")
    at, end = value.find("\n") + 1, value.rfind("\n") + 1
    if not at or end < at:
        return Opaque(span)
    lines = value[at:end].splitlines(keepends=True)
    indent = 0
    if value.startswith("<<-"):
        filled = [line for line in lines if line.strip()]
        indent = min((len(line) - len(line.lstrip(" ")) for line in filled), default=0)
    pieces = []
    for line in lines:
        skipped = min(indent, len(line) - len(line.lstrip(" ")))
        pieces.append(text.slice(at + skipped, at + len(line)))
        at += len(line)
    return _template(join(pieces, span.start), span, quoted=False)


# ---- JSON


def read_json(source: Source) -> Blocks:
    """The blocks of a JSON file."""
    try:
        top, at = _json(source, _blank(source, 0), 0)
        if _blank(source, at) < len(source.text):
            raise _BrokenError(at, "something follows its end")
    except _BrokenError as error:
        said = f"this JSON cannot be read: {error}"
        return Blocks(problem=Problem("unreadable", said, Span(error.at, error.at)))
    if not isinstance(top, Pairs):
        return Blocks(problem=Problem("unreadable", "this is no Bake file", Span(0, 0)))
    blocks = []
    loose: dict[str, Expression] = {}
    for kind, value in top.pairs:
        if kind in ("target", "group", "variable", "function") and isinstance(value, Pairs):
            for name, each in value.pairs:
                found = dict(each.pairs) if isinstance(each, Pairs) else {}
                blocks.append(Block(kind, name, found, Span(each.span.start, each.span.start + 1)))
        else:
            loose[kind] = value
    return Blocks(tuple(blocks), loose)


def _blank(source: Source, at: int) -> int:
    match = _BLANK.match(source.text, at)
    return at if match is None else match.end()


def _json(source: Source, at: int, depth: int) -> tuple[Expression, int]:
    """The value that begins at an offset, and the offset after it. Raises _BrokenError."""
    sign = source.text[at : at + 1]
    if depth > _DEEPEST:
        raise _BrokenError(at, "it is nested too deeply")
    if sign == "{":
        return _members(source, at, depth)
    if sign == "[":
        items: list[Expression] = []
        end = _blank(source, at + 1)
        while source.text[end : end + 1] != "]":
            item, end = _json(source, end, depth + 1)
            items.append(item)
            end = _comma(source, end, "]")
        return Items(tuple(items), Span(at, end + 1)), end + 1
    string = _STRING.match(source.text, at)
    if string is not None:
        span = Span(at, string.end())
        inside = stretch(source, Span(at + 1, string.end() - 1))
        return _template(inside, span, quoted=True), span.end
    word = _WORD.match(source.text, at)
    if word is None:
        raise _BrokenError(at, "a value is missing")
    return _literal(stretch(source, Span(at, word.end()))), word.end()


def _members(source: Source, at: int, depth: int) -> tuple[Pairs, int]:
    """The object that begins at an offset, and the offset after it. Raises _BrokenError."""
    pairs: list[tuple[str, Expression]] = []
    end = _blank(source, at + 1)
    while source.text[end : end + 1] != "}":
        key = _STRING.match(source.text, end)
        if key is None:
            raise _BrokenError(end, "a name in quotes is missing")
        colon = _blank(source, key.end())
        if source.text[colon : colon + 1] != ":":
            raise _BrokenError(colon, "a colon is missing")
        value, end = _json(source, _blank(source, colon + 1), depth + 1)
        pairs.append((key[1], value))
        end = _comma(source, end, "}")
    return Pairs(tuple(pairs), Span(at, end + 1)), end + 1


def _comma(source: Source, at: int, closing: str) -> int:
    """The offset of the next item, or of the closing sign. Raises _BrokenError."""
    at = _blank(source, at)
    sign = source.text[at : at + 1]
    if sign == closing:
        return at
    if sign != ",":
        raise _BrokenError(at, f"a comma or `{closing}` is missing")
    return _blank(source, at + 1)
