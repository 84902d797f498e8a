"""The reader: agreement with BuildKit's own parser, exact places, and what the build rejects."""

from __future__ import annotations

import dockerfile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dflint.document import Document, Instruction
from dflint.reader import read
from dflint.source import decode, make_source
from scripts.compare_with_buildkit import described, expected

# Each text is written to be read in one way by a careless reader and in another by BuildKit.
TEXTS = {
    "plain": "FROM python:3.13-slim\nRUN pip install flask\n",
    "no newline at the end": "FROM a\nRUN b",
    "lower case, odd blanks": "from  a\n\t run\t b  c \nCOPY  a\tb\n",
    "carriage returns": 'FROM a\r\nRUN b && \\\r\n    c\r\nCMD ["x"]\r\n',
    "byte order mark": "\ufeffFROM a\nRUN b\n",
    "byte order mark before a directive": "\ufeff# escape=`\nFROM a\nRUN b `\n  c\n",
    "continued": "FROM a\nRUN b && \\\n    c && \\\n    d\nUSER e\n",
    "blanks after the continuation mark": "FROM a\nRUN b \\  \t\n  c\n",
    "two backslashes do not continue": "FROM a\nRUN b \\\\\nCMD c\n",
    "blank lines in a continuation": "FROM a\nRUN b \\\n\n   \n  c\nUSER d\n",
    "comments in a continuation": "FROM a\nRUN b \\\n# one\n    # two \\\n  c\n",
    "a comment ends a continuation": "FROM a\nRUN b \\\n# one\n\nUSER c\n",
    "a mark of its own": "FROM a\n\\\nRUN b\n",
    "backslash at the end of the file": "FROM a\nRUN b \\",
    "backslash and newline at the end": "FROM a\nRUN b \\\n",
    "nothing but a mark": "\\\n",
    "comment that looks continued": "FROM a\n# RUN b \\\nRUN c\n",
    "escape directive": "# escape=`\nFROM a\nCOPY C:\\a\\ C:\\b\\\nRUN b `\n c\n",
    "directives in any order": "#syntax=docker/dockerfile:1\n#ESCAPE = `\nFROM a\nRUN b `\nc\n",
    "a backslash in a flag, with another escape": "# escape=`\nFROM a\nADD --x=a\\ b --y=c` d /e\n",
    "a backslash that ends a flag": "FROM a\nRUN --x=\\ y \\\\\\\n",
    "directive after a comment is none": "# hello\n# escape=`\nFROM a\nRUN b \\\nc\n",
    "directive after a blank line is none": "\n# escape=`\nFROM a\nRUN b \\\nc\n",
    "heredoc": "FROM a\nRUN <<EOF\nFROM b\nRUN c \\\nEOF\nUSER d\n",
    "heredoc with tabs": "FROM a\nRUN <<-EOF\n\tb\n\t\tEOF\nUSER d\n",
    "heredoc with quotes": "FROM a\nRUN <<'E O'\nb\nE O\nRUN <<\"X\"Y\n$b\nXY\n",
    "two heredocs": "FROM a\nCOPY <<A <<B /x/\n1\nA\n2\nB\nUSER d\n",
    "heredoc with a descriptor": "FROM a\nRUN cat 3<<EOF 0<&3\nx\nEOF\n",
    "heredoc after a continuation": "FROM a\nRUN b && \\\n  cat <<EOF > c\nx\nEOF\nUSER d\n",
    "heredoc and carriage returns": "FROM a\r\nRUN <<EOF\r\nb\r\nEOF\r\nUSER c\r\n",
    "heredoc with escapes": 'FROM a\nRUN <<E\\OF\nb\nEOF\nRUN <<"E\\"OF"\nc\nE"OF\nRUN <<"E\\OF"\nd\nE\\OF\nUSER e\n',
    "heredoc with two escapes": 'FROM a\nRUN <<"E\\\\OF"\nb\nE\\OF\nUSER c\n',
    "heredoc after quotes": 'FROM a\nRUN echo "a\\" b ${c:-"d"}" \'e\' \\\' <<X\nb\nX\nUSER c\n',
    "empty heredoc": "FROM a\nRUN <<EOF\nEOF\nUSER c\n",
    "heredoc on ADD and ONBUILD": "FROM a\nADD <<X /b\nc\nX\nONBUILD RUN <<X\nd\nX\n",
    "no heredoc: inside a word": "FROM a\nRUN cat<<EOF\nUSER c\n",
    "no heredoc: a here-string": "FROM a\nRUN cat <<< EOF\nUSER c\n",
    "no heredoc: arithmetic": "FROM a\nRUN echo $((1 << 2))\nUSER c\n",
    "no heredoc: an open quote": "FROM a\nRUN echo it's <<EOF\nUSER c\n",
    "no heredoc: an open double quote": 'FROM a\nRUN echo "b <<EOF\nUSER c\n',
    "no heredoc: blanks in quotes": 'FROM a\nRUN echo "b <<EOF c"\nUSER c\n',
    "no heredoc: a bad substitution in quotes": 'FROM a\nRUN echo "${x@Q}" <<EOF\nUSER c\n',
    "a delimiter that ends in a backslash": "# escape=`\nFROM a\nRUN <<E\\\nb\nE\nUSER c\n",
    "two dashes": "FROM a\nRUN --\nRUN -- b\nCOPY --from=b -- c d\n",
    "no heredoc: in quotes": "FROM a\nRUN echo '<<EOF' \"<<EOF\"\nUSER c\n",
    "no heredoc: other instructions": "FROM a\nLABEL b=<<EOF\nCMD cat <<EOF\nUSER c\n",
    "no heredoc: JSON": 'FROM a\nRUN ["cat", "<<EOF"]\nUSER c\n',
    "no heredoc: a bad substitution": "FROM a\nRUN echo ${x@Q} <<EOF\nUSER c\n",
    "JSON": 'FROM a\nRUN [ "b" , "c d" ]\nCMD ["e\\"f", "\\u00e9\\n"]\nENTRYPOINT []\n',
    "JSON over lines": 'FROM a\nCMD ["b", \\\n  # why\n  "c"]\n',
    "not JSON": "FROM a\nRUN ['b']\nRUN [ -f x ]\nCMD [NaN]\nRUN [\"a\",]\n",
    "JSON for COPY and VOLUME": 'FROM a\nCOPY ["b c", "d"]\nVOLUME ["/e", "/f"]\nVOLUME /g /h\n',
    "flags": "FROM --platform=linux/amd64 a AS b\nCOPY --from=b --chown=1:1 c d\nRUN --mount=type=cache,target=/x --network=none e --f\n",
    "flags with quotes": 'FROM a\nRUN --mount="type=cache,target=/a b" c\nRUN --mount=type=x\\ y c\nRUN -- --b\n',
    "env": 'FROM a\nENV b=c d="e f" g=\'h i\' j=k\\ l\nENV m n o\nENV p "q  r"\nENV s=\n',
    "env over lines": 'FROM a\nENV b=c \\\n    d="e \\\n    f"\n',
    "letters are no quotes": "FROM a\nCOPY --chown=X:X b c\nENV X=1 Y=X Z=2\n",
    "labels and arguments": 'FROM a\nLABEL "b c"=d e="f\\"g"\nARG h\nARG i=j k="l m" n\n',
    "healthcheck": 'FROM a\nHEALTHCHECK NONE\nHEALTHCHECK --interval=5s CMD curl  -f x\nHEALTHCHECK cmd ["a", "b"]\n',
    "onbuild": 'FROM a\nONBUILD RUN b && c\nONBUILD COPY . /d\nONBUILD CMD ["e"]\nONBUILD ENV f=g\n',
    "unknown instruction": "FROM a\nRUNN b\n",
    "keyword alone": "FROM a\nRUN\nCMD\n",
    "no FROM": "RUN a\n",
    "control characters": "FROM a\nRUN b\x0bc\x0cd\x1ce\n",
    "a form feed between words": "FROM a\x0cAS\x0bb\n",
    "wide characters": "FROM a\nRUN echo é ☃ 😀\nCOPY ä\u00a0b c\n",
    "several stages": "ARG V=1\nFROM a:$V AS b\nFROM b\nCOPY --from=0 /c /d\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_agrees_with_buildkit(text: str) -> None:
    assert described(read(make_source("Dockerfile", text))) == expected(
        dockerfile.parse_string(text)
    )


REJECTED = {
    "nothing": ("", "1:1", "the file has no instructions"),
    "only comments": ("# a\n\n# b\n", "1:1", "the file has no instructions"),
    "open heredoc": ("FROM a\nRUN <<EOF\nb\n", "2:5", "the here-document `EOF` has no end: no line is just `EOF`"),
    "numbers in JSON": ("FROM a\nCMD [1]\n", "2:5", "a JSON list here must hold strings only"),
    "lists in JSON": ('FROM a\nCMD ["a", ["b"]]\n', "2:5", "a JSON list here must hold strings only"),
    "half an ENV": ("FROM a\nENV b\n", "2:5", "ENV must have two arguments, or `name=value`"),
    "no =": ("FROM a\nENV b=c d\n", "2:9", "`d` has no `=`: ENV takes `name=value` pairs"),
    "wrong escape": ("# escape=x\nFROM a\n", "1:1", "the escape character is ` or \\, not `x`"),
    "twice": ("# escape=`\n# escape=`\nFROM a\n", "2:1", "the directive `escape` may stand only once"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "place", "message"), REJECTED.values(), ids=REJECTED.keys())
def test_what_buildkit_rejects_is_a_problem(text: str, place: str, message: str) -> None:
    with pytest.raises(dockerfile.GoParseError):
        dockerfile.parse_string(text)
    assert problems(text) == [(place, message)]


INVALID = {
    "unknown": ("FROM a\nRUNN b\n", "2:1", "unknown instruction `RUNN`: did you mean `RUN`?"),
    "long": (f"FROM a\n{'X' * 50} b\n", "2:1", f"unknown instruction `{'X' * 39}…`"),
    "not too long": (f"FROM a\n{'X' * 40} b\n", "2:1", f"unknown instruction `{'X' * 40}`"),
    "no FROM": ("RUN a\n", "1:1", "there is no FROM: a build begins with `FROM image`"),
    "no FROM behind ARG": ("ARG a\nRUN b\n", "2:1", "there is no FROM: a build begins with `FROM image`"),
    "before FROM": ("RUN a\nFROM b\n", "1:1", "RUN stands before the first FROM: a build begins with `FROM image`"),
    "only ARG": ("ARG a\n", "1:1", "there is no FROM: a build begins with `FROM image`"),
    "a slip in a flag": ("FROM a\nCOPY --chwon=b c d\n", "2:6", "unknown flag `--chwon`: did you mean `--chown`?"),
    "a flag of ONBUILD": ("FROM a\nONBUILD RUN --mounts=b c\n", "2:13", "unknown flag `--mounts`: did you mean `--mount`?"),
    "no flags": ("FROM a\nCMD --doit=true [\"b\"]\n", "2:5", "CMD takes no flags, as `--doit` is one"),
    "a long flag": (f"FROM a\nUSER --{'b' * 30} c\n", "2:6", f"USER takes no flags, as `--{'b' * 19}…` is one"),
    "FROM and a quote": ("FROM a AS b'c\n", "1:11", "a stage cannot be called `b'c`"),
    "FROM and a number": ("FROM a as 1b\n", "1:11", "a stage cannot be called `1b`"),
    "FROM and a path": ("FROM a AS a/b\n", "1:11", "a stage cannot be called `a/b`"),
    "FROM and a variable": ("FROM a AS $B\n", "1:11", "a stage cannot be called `$B`"),
    "FROM and more": ("FROM a b\n", "1:6", "FROM takes an image, or `image AS name`"),
    "no argument": ("FROM a\nWORKDIR\n", "2:1", "WORKDIR needs at least one argument"),
    "health of what": ("FROM a\nHEALTHCHECK CONNECT TCP 7000\n", "2:13", "HEALTHCHECK takes CMD or NONE, not `CONNECT`"),
    "long health": (f"FROM a\nHEALTHCHECK {'X' * 41}\n", "2:13", f"HEALTHCHECK takes CMD or NONE, not `{'X' * 39}…`"),
    "health unasked": ("FROM a\nHEALTHCHECK CMD\n", "2:13", "HEALTHCHECK CMD needs a command"),
    "empty health": ("FROM a\nHEALTHCHECK cmd []\n", "2:13", "HEALTHCHECK CMD needs a command"),
    "none and more": ("FROM a\nHEALTHCHECK NONE CMD a\n", "2:13", "HEALTHCHECK NONE takes no arguments"),
    "to a heredoc": ("FROM a\nCOPY b c <<E\nE\n", "2:10", "COPY cannot write to a here-document"),
    "ONBUILD FROM": ("FROM a\nONBUILD FROM b\n", "2:9", "ONBUILD cannot trigger FROM"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "place", "message"), INVALID.values(), ids=INVALID.keys())
def test_what_the_build_rejects_later_is_a_problem(text: str, place: str, message: str) -> None:
    assert problems(text) == [(place, message)]


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n",
        "FROM a AS b\n",
        "from a as b\n",
        "ARG c\nFROM a As b\nCMD []\n",
        "FROM a\nHEALTHCHECK none\n",
        "FROM a\nCOPY b <<E c\nE\n",
    ],
)
def test_what_the_build_takes_is_no_problem(text: str) -> None:
    assert problems(text) == []


def test_a_flag_ends_where_the_file_ends() -> None:
    text = "FROM a\nRUN --mount=type=x,target=\\\\\\"
    (_, run) = read(make_source("Dockerfile", text)).instructions
    assert (run.span.end, run.flags[0].span.end) == (len(text), len(text))


def test_other_frontends_have_instructions_of_their_own() -> None:
    assert problems("# syntax=example.org/my/frontend:1\nINCLUDE x\nFROM a\n") == []
    assert len(problems("# syntax=docker/dockerfile:1\nINCLUDE x\nFROM a\n")) == 1


def test_a_line_longer_than_buildkit_reads() -> None:
    assert problems("FROM a\nRUN " + "b" * 65_531 + "\n") == []
    assert problems("FROM a\nRUN " + "b" * 65_532 + "\n") == [
        ("2:1", "a line of 65536 bytes: docker build reads no line above 65535")
    ]


def test_check_is_a_directive_that_older_parsers_do_not_know() -> None:
    document = read(make_source("Dockerfile", "# check=skip=all\n# escape=`\nFROM a\nRUN b `\nc\n"))
    assert document.escape == "`"
    assert [each.text.value for each in document.instructions] == ["a", "b c"]


def test_text_after_a_json_list_makes_it_shell_form() -> None:
    document = read(make_source("Dockerfile", 'FROM a\nCMD ["b"] && c\n'))
    assert document.instructions[1].json is None
    assert document.instructions[1].text.value == '["b"] && c'


def test_the_rest_is_read_after_a_problem() -> None:
    document = read(make_source("Dockerfile", "FROM a\nENV b\nRUN c\n"))
    assert [each.keyword for each in document.instructions] == ["FROM", "ENV", "RUN"]


def problems(text: str) -> list[tuple[str, str]]:
    source = make_source("Dockerfile", text)
    places = [(source.position(each.span.start), each) for each in read(source).problems]
    assert {each.kind for _, each in places} <= {"syntax-error"}
    return [(f"{line}:{column}", each.message) for (line, column), each in places]


def shown(document: Document, instruction: Instruction) -> dict[str, object]:
    """What the spans of an instruction cover in the source."""
    source = document.source
    return {
        "keyword": source.slice(instruction.keyword_span),
        "whole": source.slice(instruction.span),
        "flags": [source.slice(each.span) for each in instruction.flags],
        "words": [source.slice(each.span()) for each in instruction.words],
        "pairs": [
            (source.slice(each.name.span()), each.value and source.slice(each.value.span()))
            for each in instruction.pairs
        ],
    }


def test_spans_lie_on_the_words() -> None:
    text = "\ufeffFROM a\n  COPY --from=b \\\n # why\n  --chown='x y' c \\\n\n  d  \nENV e=f g=\"h \\\n i\"\n"
    document = read(make_source("Dockerfile", text))
    assert shown(document, document.instructions[0])["whole"] == "FROM a"
    assert shown(document, document.instructions[1]) == {
        "keyword": "COPY",
        "whole": "COPY --from=b \\\n # why\n  --chown='x y' c \\\n\n  d",
        "flags": ["--from=b", "--chown='x y'"],
        "words": ["c", "d"],
        "pairs": [],
    }
    assert shown(document, document.instructions[2])["pairs"] == [("e", "f"), ("g", '"h \\\n i"')]


def test_flag_values_are_unquoted_and_know_their_place() -> None:
    text = 'FROM a\nRUN --mount="type=cache,target=/a b" c\n'
    document = read(make_source("Dockerfile", text))
    value = document.instructions[1].flags[0].value
    assert value is not None
    assert value.value == "type=cache,target=/a b"
    assert document.source.slice(value.slice(18, 20).span()) == "/a"


def test_an_empty_flag_has_an_empty_value() -> None:
    document = read(make_source("Dockerfile", "FROM a\nCOPY --chown= --link b c\n"))
    chown, link = document.instructions[1].flags
    assert chown.value is not None
    assert (chown.value.value, link.value) == ("", None)


def test_json_strings_know_the_place_of_each_character() -> None:
    document = read(make_source("Dockerfile", 'FROM a\nCMD ["b\\tc", "\\u00e9d"]\n'))
    items = document.instructions[1].json
    assert items is not None
    first, second = items
    assert (first.value, second.value) == ("b\tc", "éd")
    assert document.source.slice(first.slice(2, 3).span()) == "c"
    assert document.source.slice(second.slice(1, 2).span()) == "d"


@pytest.mark.parametrize(
    ("marker", "expands"),
    [("<<X", True), ("<<-X", True), ("<<'X'", False), ('<<"X"', False), ('<<X""', False)],
)
def test_a_heredoc_expands_unless_its_delimiter_is_quoted(marker: str, expands: bool) -> None:
    document = read(make_source("Dockerfile", f"FROM a\nRUN {marker}\nb\nX\n"))
    (heredoc,) = document.instructions[1].heredocs
    assert (heredoc.name, heredoc.expand) == ("X", expands)


def test_heredocs_know_body_and_delimiter() -> None:
    text = "FROM a\nRUN cat <<-'X' > b\n\tone\n\t\ttwo\n\tX\nUSER c\n"
    document = read(make_source("Dockerfile", text))
    run = document.instructions[1]
    heredoc = run.heredocs[0]
    assert (heredoc.name, heredoc.expand, heredoc.strip_tabs) == ("X", False, True)
    assert document.source.slice(heredoc.marker) == "<<-'X'"
    assert heredoc.body.value == "one\ntwo\n"
    assert document.source.slice(heredoc.body.slice(4, 7).span()) == "two"
    assert document.source.slice(heredoc.span) == "\tone\n\t\ttwo\n\tX"
    assert (run.first_line, run.last_line) == (2, 5)


def test_comments_and_directives_are_kept() -> None:
    text = "# syntax=docker/dockerfile:1\n# one\nFROM a\nRUN b \\\n  #two\n  c\n"
    document = read(make_source("Dockerfile", text))
    assert [(each.name, each.value) for each in document.directives] == [
        ("syntax", "docker/dockerfile:1")
    ]
    comments = [(each.text, each.line, each.inside) for each in document.comments]
    assert comments == [
        ("syntax=docker/dockerfile:1", 1, False),
        ("one", 2, False),
        ("two", 5, True),
    ]
    assert document.source.slice(document.comments[2].span) == "#two"


def test_bytes_that_are_no_text_are_read_all_the_same() -> None:
    document = read(decode("Dockerfile", b"FROM a\nRUN echo \xff\xfe\x00 && b\n"))
    assert document.instructions[1].text.value == "echo \udcff\udcfe\x00 && b"
    assert document.problems == ()


def test_nested_instructions_and_quotes_end_somewhere() -> None:
    read(make_source("Dockerfile", "FROM a\n" + "ONBUILD " * 5000 + "RUN b\n"))
    read(make_source("Dockerfile", "FROM a\nRUN b <<EOF " + "${a:-" * 5000 + "\n"))
    read(make_source("Dockerfile", "FROM a\nCMD " + "[" * 5000 + "\n"))


PIECES = st.sampled_from(
    [
        "FROM a\n", "RUN ", "COPY ", "ENV ", "ARG ", "CMD ", "ONBUILD ", "HEALTHCHECK CMD ", "LABEL ",
        "\n", "\r\n", "\\\n", "`\n", "\\", " ", "\t", "\n\n", "# c\n", "# escape=`\n", "#syntax=x\n",
        "\ufeff", "\x0b", "<<EOF", "<<-EOF", "<<'A B'", "EOF\n", "\nEOF\n", "A B\n", "x", "a=b ", '"',
        "'", "$x", "${x", "${x:-y}", '["a"]', "[", "]", '", "', "--from=b ", "-- ",
    ]
)  # fmt: skip
TEXT = st.lists(PIECES, max_size=16).map("".join)


@settings(max_examples=400, deadline=None)
@given(TEXT)
def test_agrees_with_buildkit_on_any_pieces(text: str) -> None:
    document = read(make_source("Dockerfile", text))
    try:
        theirs = expected(dockerfile.parse_string(text))
    except dockerfile.GoParseError:
        assert document.problems
        return
    ours = described(document)
    older = any(other[2] and not mine[2] for mine, other in zip(ours, theirs, strict=False))
    mangled = "--" in text and not text.isascii()  # BuildKit takes a flag's bytes for characters
    assert ours == theirs or older or mangled


@settings(max_examples=200, deadline=None)
@given(st.text() | TEXT)
def test_any_text_can_be_read_and_every_span_lies_in_it(text: str) -> None:
    document = read(make_source("Dockerfile", text))
    spans = [each.span for each in document.problems]
    spans += [each.span for each in document.comments]
    spans += [each.span for each in document.directives]
    for each in document.instructions:
        spans += [each.span, each.keyword_span, each.text.span()]
        spans += [word.span() for word in each.words] + [flag.span for flag in each.flags]
        spans += [heredoc.span for heredoc in each.heredocs]
    assert all(0 <= span.start <= span.end <= len(text) for span in spans)
    lines = [(each.first_line, each.last_line) for each in document.instructions]
    assert lines == sorted(lines)
    assert document.source.text == text
