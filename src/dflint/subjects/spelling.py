"""Subjects about how a file is written: `keyword`, `blank-lines`, `comment` and `definition`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from dflint.document import Comment, Document, Instruction
from dflint.lazy import regex
from dflint.reader import KEYWORDS
from dflint.source import Source, Span, Text
from dflint.subjects.base import Attribute, Facts, Part, Subject

LINTER = regex(
    r"(?i)(dflint|hadolint)\b[\s:]+(global\s+)?(ignore|shell)|(checkov|trivy):|kics-scan\s|nosemgrep\b"
    r"|shellcheck\s+\w+="
)


class KeywordPlace(Struct, frozen=True):
    """An instruction's name; `usual` is the case of most of the file's: upper or lower."""

    instruction: Instruction
    written: str
    usual: str


@lru_cache(maxsize=2)
def keyword_places(facts: Facts) -> tuple[KeywordPlace, ...]:
    """The names of all instructions, FROM and those before it included."""
    source = facts.build.source
    known = [each for each in facts.build.document.instructions if each.keyword in KEYWORDS]
    found = [(each, source.slice(each.keyword_span)) for each in known]
    cases = Counter(case_of(written) for _, written in found)
    usual = "lower" if cases["lower"] > cases["upper"] else "upper"
    return tuple(KeywordPlace(each, written, usual) for each, written in found)


def case_of(word: str) -> str:
    """The case of a word: upper, lower or mixed."""
    if word.isupper():
        return "upper"
    return "lower" if word.islower() else "mixed"


def _corrected(at: KeywordPlace) -> str:
    return at.written.upper() if at.usual == "upper" else at.written.lower()


KEYWORD = Subject(
    name="keyword",
    about="The name of an instruction, as it is written.",
    each=keyword_places,
    attributes={
        "written": Attribute("text", "The name as written.", lambda at: at.written),
        "case": Attribute("text", "Its case: upper, lower or mixed.", lambda at: case_of(at.written)),
        "usual": Attribute("text", "The case of most names in the file: upper or lower.", lambda at: at.usual),
        "consistent": Attribute("flag", "Whether it is written in that case.", lambda at: case_of(at.written) == at.usual),
        "corrected": Attribute("text", "The name in that case.", _corrected),
    },
    parts={"keyword": Part("The name.", lambda at: at.instruction.keyword_span)},
    main="keyword",
)  # fmt: skip


class BlankLinesPlace(Struct, frozen=True):
    """Blank lines, one after another, inside a continued instruction."""

    source: Source
    instruction: Instruction
    first: int
    last: int


def blank_lines(facts: Facts) -> Iterator[BlankLinesPlace]:
    """Every stretch of blank lines inside a continued instruction; heredocs are left out."""
    source = facts.build.source
    for instruction in facts.build.document.instructions:
        last = instruction.last_line
        if instruction.heredocs:
            last = source.position(instruction.heredocs[0].span.start)[0] - 1
        first = None
        for number in range(instruction.first_line + 1, last + 1):
            blank = not source.line(number).strip()
            if blank and first is None:
                first = number
            elif not blank and first is not None:
                yield BlankLinesPlace(source, instruction, first, number - 1)
                first = None


def _lines(at: BlankLinesPlace) -> Span:
    return Span(at.source.line_starts[at.first - 1], at.source.line_starts[at.last])


def _next_word(at: BlankLinesPlace) -> str | None:
    """The first word of the next line that is neither blank nor a comment."""
    for number in range(at.last + 1, at.instruction.last_line + 1):
        words = at.source.line(number).split(maxsplit=1)
        if words and not words[0].startswith("#"):
            return words[0]
    return None


BLANK_LINES = Subject(
    name="blank-lines",
    about="Blank lines, one after another, inside a continued instruction.",
    each=blank_lines,
    attributes={
        "keyword": Attribute("text", "The instruction's name in upper case.", lambda at: at.instruction.keyword),
        "next-word": Attribute("text", "The first word of what the instruction goes on with after them.", _next_word),
        "lines": Attribute("number", "How many they are.", lambda at: at.last - at.first + 1),
    },
    parts={
        "lines": Part("The lines with their ends.", _lines),
        "instruction": Part("The whole instruction.", lambda at: at.instruction.span),
    },
    main="lines",
)  # fmt: skip


class CommentPlace(Struct, frozen=True):
    """A comment line."""

    comment: Comment


COMMENT = Subject(
    name="comment",
    about="A comment line.",
    each=lambda facts: map(CommentPlace, facts.build.document.comments),
    attributes={
        "text": Attribute("text", "The text after `#`.", lambda at: at.comment.text),
        "inside": Attribute("flag", "Whether it stands between the lines of an instruction.", lambda at: at.comment.inside),
    },
    parts={"comment": Part("The comment.", lambda at: at.comment.span)},
    main="comment",
)  # fmt: skip


class DefinitionPlace(Struct, frozen=True):
    """Where a stage or arguments are named, their names as builds know them, and the comment above.

    Stages' names are known in lower case.
    """

    instruction: Instruction
    words: tuple[Text, ...]
    names: tuple[str, ...]
    comments: tuple[Comment, ...]


def definition_places(facts: Facts) -> Iterator[DefinitionPlace]:
    """Every named FROM and every ARG."""
    document = facts.build.document
    for instruction in document.instructions:
        words = _defined(instruction)
        if words:
            stage = instruction.keyword == "FROM"
            names = tuple(each.value.lower() if stage else each.value for each in words)
            yield DefinitionPlace(instruction, words, names, _remarks(document, instruction))


def _defined(instruction: Instruction) -> tuple[Text, ...]:
    words = instruction.words
    if instruction.keyword == "ARG":
        return tuple(each.name for each in instruction.pairs)
    if instruction.keyword == "FROM" and len(words) >= 3 and words[1].value.lower() == "as":
        return (words[2],)
    return ()


def _above(document: Document, instruction: Instruction) -> tuple[Comment, ...]:
    """The comment lines right above an instruction, but for directives and up to an empty one."""
    told = {each.span.end for each in document.directives}
    lines = {
        each.line: each
        for each in document.comments
        if not each.inside and each.text and each.span.end not in told
    }
    found = []
    number = instruction.first_line - 1
    while number in lines:
        found.append(lines[number])
        number -= 1
    return tuple(reversed(found))


def _remarks(document: Document, instruction: Instruction) -> tuple[Comment, ...]:
    """The comment right above an instruction; none where all it does is speak to a linter.

    Such a line has to stand right above the instruction, and describes nothing.
    """
    above = _above(document, instruction)
    return () if all(LINTER.match(each.text) for each in above) else above


def _describes(at: DefinitionPlace) -> bool:
    """Whether a line begins with a name and a blank, as `--call=outline` asks for."""
    return any(each.text.partition(" ")[0] in at.names for each in at.comments)


def _in_other_case(at: DefinitionPlace) -> str | None:
    """The first word of a line that is a name but for its capitals."""
    names = {name.lower() for name in at.names}
    words = (each.text.partition(" ")[0] for each in at.comments)
    return next((word for word in words if word not in at.names and word.lower() in names), None)


DEFINITION = Subject(
    name="definition",
    about="The name of a stage or the names of build arguments, where they are defined.",
    each=definition_places,
    attributes={
        "keyword": Attribute("text", "FROM or ARG.", lambda at: at.instruction.keyword),
        "name": Attribute("text", "The name as builds know it, which is in lower case for stages; of several the first.", lambda at: at.names[0]),
        "several": Attribute("flag", "Whether it is an ARG of several names.", lambda at: len(at.names) > 1),
        "comment": Attribute("text", "The comment right above; none after a blank line or an empty comment.", lambda at: " ".join(each.text for each in at.comments) or None),
        "described.otherwise": Attribute("text", "The first word of a line of it that is a name in capitals of another kind.", _in_other_case),
        "described": Attribute("flag", "Whether a line of that comment begins with a name.", _describes),
    },
    parts={
        "instruction": Part("The instruction.", lambda at: at.instruction.span),
        "name": Part("The name, of several the first.", lambda at: at.words[0].span()),
        "comment": Part("The last line of the comment right above.", lambda at: at.comments[-1].span if at.comments else None),
    },
    main="instruction",
)  # fmt: skip

SUBJECTS: Mapping[str, Subject] = {
    each.name: each for each in (KEYWORD, BLANK_LINES, COMMENT, DEFINITION)
}
