"""Subject `reference`: each use of a variable where the builder, not the shell, puts its value in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from dflint.document import Heredoc
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.source import Span, Text
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Place, Subject
from dflint.subjects.common import STEP, STEP_FAMILIES, STEP_PARTS, base_fact, one_line, places

# Docker's reference, "Environment replacement": the instructions in which variables are replaced.
EXPANDED = frozenset(
    {"ADD", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
VARIABLE = regex(r"\$(?:\{([A-Za-z_]\w*)([^}]*)\}|([A-Za-z_]\w*))")
# In a here-document quotes mean nothing and a backslash takes its meaning from what follows. What a
# shell knows as a parameter of its own (`$1`, `$@`, `$?`) is a variable to the builder, never set.
IN_HEREDOC = regex(r"\\.|\$(?:\{([A-Za-z_]\w*)([^}$\n]*)\}|([A-Za-z_]\w*|[0-9@*#?!$-]))", re.DOTALL)


class Reference(Struct, frozen=True):
    """A variable's name where it is used, and the modifier that follows it: `:-default`."""

    name: str
    modifier: str
    span: Span


class ReferencePlace(Place, frozen=True):
    """A use of a variable; `own` are the names that the same instruction sets, `of` this one's."""

    reference: Reference
    own: frozenset[str]
    of: str | None
    heredoc: Heredoc | None = None


def references(text: Text, escape: str) -> Iterator[Reference]:
    """The variables in a word or line; those in single quotes or after an escape are none."""
    value = text.value
    if "$" not in value:
        return
    quote = ""
    at = 0
    last = value.rfind("}")  # nothing behind it closes what is opened
    while at < len(value):
        char = value[at]
        if quote == "'":
            quote = "" if char == "'" else quote
        elif char == escape:
            at += 1
        elif char in "'\"":
            quote = "" if char == quote else quote or char
        elif char == "$" and value.startswith("{", at + 1) and at > last:
            pass
        elif char == "$" and (found := VARIABLE.match(value, at)):
            name = found[1] or found[3]
            yield Reference(name, found[2] or "", text.span(at, found.end()))
            at = found.end() - 1
        at += 1


def heredoc_references(body: Text) -> Iterator[Reference]:
    """The variables that the builder replaces in a here-document of COPY or ADD."""
    for found in IN_HEREDOC.finditer(body.value):
        name = found[1] or found[3]
        if name:
            yield Reference(name, found[2] or "", body.span(found.start(), found.end()))


def reference_places(facts: Facts) -> Iterator[ReferencePlace]:
    """Every use of a variable in the instructions of stages."""
    escape = facts.build.document.escape
    for stage, step in places(facts):
        instruction = step.instruction
        if step.keyword not in EXPANDED or step.onbuild:
            continue
        own = frozenset(pair.name.value for pair in instruction.pairs if step.keyword == "ENV")
        texts = [(each.value, each.name.value) for each in instruction.pairs if each.value]
        for text, of in texts if instruction.pairs else [(instruction.text, None)]:
            for found in references(text, escape):
                yield ReferencePlace(facts, stage, step, found, own, of)
        if step.keyword in ("ADD", "COPY"):
            for heredoc in instruction.heredocs:
                for found in heredoc_references(heredoc.body) if heredoc.expand else ():
                    yield ReferencePlace(facts, stage, step, found, own, None, heredoc)


def defined(at: ReferencePlace) -> object:
    """Whether an ENV, an ARG or the base image sets it; `UNKNOWN` when the base may."""
    name = at.reference.name
    if name in at.step.environment or name in load("variables")["always"]:
        return True
    if not name[0].isalpha() and name[0] != "_":
        return False
    family = base_fact(at.stage, "family")
    return False if family in load("variables")["without-variables"] else UNKNOWN


def near_name(at: ReferencePlace) -> str | None:
    """A variable that is set and whose name is one slip of the pen away."""
    name = at.reference.name
    if name in at.step.environment or len(name) < 4:
        return None
    return next((each for each in (*at.step.environment, "PATH") if one_slip(name, each)), None)


def one_slip(name: str, other: str) -> bool:
    """Whether a letter too many, too few, wrong, or two that changed places make the difference."""
    short, long = sorted((name, other), key=len)
    if len(long) - len(short) > 1 or name == other:
        return False
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at + 1 : at + 2] + short[at : at + 1] + short[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or swapped == long[at:]


def global_argument(at: ReferencePlace) -> bool:
    """Whether an ARG before the first FROM declares it, which no stage sees."""
    found = at.facts.build.global_args.get(at.reference.name)
    return found is not None and found.span is not None


def _global_span(at: ReferencePlace) -> Span | None:
    found = at.facts.build.global_args.get(at.reference.name)
    return None if found is None else found.span


REFERENCE = Subject(
    name="reference",
    about="A use of a variable in an instruction where the builder, not the shell, puts its value in.",
    each=reference_places,
    attributes={
        **STEP,
        "name": Attribute("text", "The variable's name.", lambda at: at.reference.name),
        "text": Attribute("text", "The instruction as written, on one line.", lambda at: one_line(at.facts.build.source, at.step.instruction.span)),
        "modifier": Attribute("text", "What follows the name: `:-default`, `:?message`, …", lambda at: at.reference.modifier or None),
        "defined": Attribute("flag", "Whether an ENV, an ARG or the base image sets it.", defined),
        "own": Attribute("flag", "Whether another part of the same ENV sets it.", lambda at: at.reference.name in at.own and at.reference.name != at.of),
        "near": Attribute("text", "A variable that is set and whose name is one slip of the pen away.", near_name),
        "heredoc": Attribute("text", "The name that ends the here-document it stands in, such as EOF; none elsewhere.", lambda at: at.heredoc.name if at.heredoc else None),
        "global": Attribute("flag", "Whether an ARG before the first FROM declares it.", global_argument),
    },
    parts={
        **STEP_PARTS,
        "reference": Part("The variable, with its dollar sign.", lambda at: at.reference.span),
        "global": Part("The ARG before the first FROM.", _global_span),
    },
    main="reference",
    families=STEP_FAMILIES,
)  # fmt: skip
