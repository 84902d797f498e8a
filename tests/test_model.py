"""The model: stages and their graph, variables over time, and what is in force where."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dflint.environment import DEEPEST, path_folders
from dflint.model import Build, Step, UnknownTargetError, make_build
from dflint.reader import read
from dflint.source import make_source


def build(text: str, target: str | None = None) -> Build:
    return make_build(read(make_source("Dockerfile", text)), target)


def step(built: Build, keyword: str, stage: int = -1) -> Step:
    """The last step of a keyword in a stage."""
    return next(each for each in reversed(built.stages[stage].steps) if each.keyword == keyword)


def test_stages_and_their_graph() -> None:
    built = build(
        "FROM debian AS base\nFROM node AS Front\nFROM base AS builder\nRUN --mount=type=bind,from=front,target=/f make\n"
        "FROM debian\nCOPY --from=BUILDER /x /x\nCOPY --from=0 /y /y\nCOPY --from=nginx:1 /z /z\n"
    )
    assert [stage.label for stage in built.stages] == ["base", "Front", "builder", "3"]
    assert [stage.parent for stage in built.stages] == [None, None, 0, None]
    assert built.product == 3
    assert built.layers == {3}
    assert built.reachable == {0, 1, 2, 3}
    uses = [(use.kind, use.text, use.stage) for stage in built.stages for use in stage.uses]
    assert uses == [
        ("from", "base", 0),
        ("mount", "front", 1),
        ("copy", "BUILDER", 2),
        ("copy", "0", 0),
        ("copy", "nginx:1", None),
    ]


def test_layers_are_those_below_the_product() -> None:
    built = build("FROM a AS one\nFROM one AS two\nFROM b AS other\nFROM two\n")
    assert built.layers == {0, 1, 3}
    assert built.reachable == {0, 1, 3}


def test_a_stage_may_take_an_image_s_name() -> None:
    built = build("FROM python AS python\nFROM python AS python\nFROM python\n")
    assert [stage.parent for stage in built.stages] == [None, 0, 1]


@pytest.mark.parametrize(("target", "product"), [(None, 2), ("one", 0), ("ONE", 0), ("1", 1)])
def test_the_target_is_the_product(target: str | None, product: int) -> None:
    assert build("FROM a AS one\nFROM b\nFROM c AS three\n", target).product == product


def test_an_unknown_target_names_those_that_exist() -> None:
    with pytest.raises(UnknownTargetError) as caught:
        build("FROM a AS one\nFROM b\n", "tow")
    assert caught.value.names == ("one", "1")


def test_arguments_of_from_come_from_before_the_first_stage_alone() -> None:
    built = build(
        "ARG TAG=3.13\nARG FULL=python:${TAG}-slim\nFROM ${FULL}\nARG TAG\nARG IMAGE=x\nENV A=$TAG B=$FULL\nFROM $IMAGE\n"
    )
    assert built.stages[0].image.value == "python:3.13-slim"
    assert built.stages[0].environment.value("A") == "3.13"
    assert built.stages[0].environment.value("B") is None
    assert not built.stages[1].image.known


def test_platform_arguments_are_there_but_not_known() -> None:
    built = build("FROM --platform=$BUILDPLATFORM golang\n")
    assert built.stages[0].platform is not None
    assert not built.stages[0].platform.known


def test_variables_over_time() -> None:
    text = "FROM a\nENV A=1\nRUN one\nENV A=2 B=$A\nRUN two\n"
    first, second = [each for each in build(text).stages[0].steps if each.keyword == "RUN"]
    assert first.environment.value("A") == "1"
    assert first.environment.get("B") is None
    assert second.environment.value("A") == "2"
    assert second.environment.value("B") == "1"


def test_env_wins_over_arg() -> None:
    built = build("FROM a\nENV A=env\nARG A=arg\nARG B=arg\nENV B=env\nRUN x\n")
    environment = step(built, "RUN").environment
    assert (environment.value("A"), environment.value("B")) == ("env", "env")


def test_stages_inherit_what_they_stand_on() -> None:
    built = build(
        'FROM a AS base\nENV A=1\nWORKDIR /app\nUSER me\nSHELL ["/bin/bash", "-eo", "pipefail", "-c"]\nENV B=2\nFROM base\nRUN x\n'
    )
    run = step(built, "RUN")
    assert run.environment.value("A") == "1"
    assert run.environment.value("B") == "2"
    assert run.workdir.value == "/app"
    assert run.user.value == "me"
    assert (run.user.stage, run.user.span is not None) == (0, True)
    assert (run.shell.posix, run.shell.errexit, run.shell.pipefail) == (True, True, True)


def test_all_variables_of_all_stages_below_are_there() -> None:
    built = build(
        "FROM a AS one\nENV A=1\nFROM one AS two\nENV B=2\nFROM two\nENV C=3\nRUN x\nENV D=4\n"
    )
    environment = step(built, "RUN").environment
    assert sorted(environment) == ["A", "B", "C"]
    assert len(environment) == 3


@pytest.mark.parametrize(
    ("words", "posix", "errexit", "pipefail"),
    [
        ('["/bin/bash", "-o", "pipefail"]', True, False, True),
        ('["/bin/bash", "-o", "errexit", "-c"]', True, True, False),
        ('["/bin/bash", "-exuo", "pipefail", "-c"]', True, True, True),
        ('["bash", "-c"]', True, False, False),
        ('["bash", "--norc", "-c"]', True, False, False),
        ('["bash", "-o", "nounset", "-c"]', True, False, False),
        ('["bash", "-o"]', True, False, False),
        ('["e", "pipefail"]', False, False, False),
        ('["C:\\\\Git\\\\BASH.EXE", "-c"]', True, False, False),
        ('["powershell", "-Command"]', False, False, False),
    ],
)
def test_options_of_a_shell(words: str, posix: bool, errexit: bool, pipefail: bool) -> None:
    shell = step(build(f"FROM a\nSHELL {words}\nRUN x\n"), "RUN").shell
    if posix:
        assert (shell.errexit, shell.pipefail) == (errexit, pipefail)
    assert shell.posix is posix
    assert shell.span is not None


def test_a_comment_tells_of_the_shell_of_the_base() -> None:
    text = "FROM a\nRUN x\n# hadolint shell=powershell\nRUN y\n# hadolint shell=/bin/bash\nRUN z\n"
    x, y, z = [each.shell for each in build(text).stages[0].steps]
    assert (x.words, y.words, z.words) == (("/bin/sh", "-c"), ("powershell",), ("/bin/bash", "-c"))
    assert (x.posix, y.posix, z.posix) == (True, False, True)
    assert (z.errexit, z.pipefail, z.span) == (False, False, None)


def test_words_that_only_a_shell_expands_stay_as_written() -> None:
    run = step(build('FROM a\nENV A=1\nRUN ls "$A" *\n'), "RUN")
    (word,) = run.words
    assert (word.text, word.value, word.known, word.glob) == ('ls "$A" *', 'ls "$A" *', True, True)


@pytest.mark.parametrize("image", ["debian", "debian:latest"])
def test_a_context_with_the_name_of_an_image_is_not_that_image(image: str) -> None:
    document = read(make_source("Dockerfile", f"FROM {image}\nCOPY --from={image} /a /b\nRUN x\n"))
    plain = make_build(document)
    given = make_build(document, named_contexts=("deBian",))
    assert [len(each.stages[0].uses) for each in (plain, given)] == [1, 0]
    assert plain.stages[0].base is not None
    assert given.stages[0].base is None


def test_before_the_first_stage_nobody_is_the_user() -> None:
    built = build("ARG A=1\nARG B=$A\nFROM a\n")
    assert [each.user.value for each in built.global_steps] == [None, None]
    assert built.global_args.value("B") == "1"
    assert built.global_args["TARGETARCH"].kind == "arg"


def test_workdir_adds_up() -> None:
    built = build(
        "FROM python:3.13\nWORKDIR app\nWORKDIR src/../lib\nRUN a\nWORKDIR /x\nRUN b\nWORKDIR $Y\nRUN c\n"
    )
    runs = [each.workdir.value for each in built.stages[0].steps if each.keyword == "RUN"]
    assert runs == ["/app/lib", "/x", None]


def test_an_unknown_base_has_no_known_user() -> None:
    assert build("FROM example.org/ours:1\n").stages[0].user.value is None
    assert build("FROM scratch\n").stages[0].base is not None


def test_path_of_a_known_base_is_known() -> None:
    built = build("FROM python:3.13-slim\nENV PATH=/opt/venv/bin:$PATH\n")
    folders, complete = path_folders(built.stages[0].environment.get("PATH"))
    assert folders[:2] == ("/opt/venv/bin", "/usr/local/bin")
    assert complete


def test_path_of_an_unknown_base_is_known_in_part() -> None:
    built = build("FROM example.org/ours:1\nENV PATH=/opt/venv/bin:$PATH\n")
    assert path_folders(built.stages[0].environment.get("PATH")) == (("/opt/venv/bin",), False)


def test_mounts() -> None:
    built = build(
        "FROM python:3.13\nWORKDIR /app\nENV C=/cache\nRUN --mount=type=cache,target=$C --mount=source=a,target=b,ro --mount=type=secret,id=x c\n"
    )
    mounts = [(each.kind, each.target) for each in step(built, "RUN").mounts]
    assert mounts == [("cache", "/cache"), ("bind", "/app/b"), ("secret", None)]


def test_mounts_stand_among_other_flags() -> None:
    built = build(
        "FROM a\nRUN --network=none --mount=type=cache,dst=/c --mount=from=b,destination=/d x\n"
    )
    run = step(built, "RUN")
    assert [(each.kind, each.target) for each in run.mounts] == [("cache", "/c"), ("bind", "/d")]
    assert [(use.kind, use.text, use.stage) for use in run.uses] == [("mount", "b", None)]


def test_onbuild_changes_nothing_here() -> None:
    built = build("FROM python:3.13\nONBUILD USER me\nONBUILD ENV A=1\nRUN x\n")
    assert [each.onbuild for each in built.stages[0].steps] == [True, True, False]
    assert built.stages[0].user.value == "root"
    assert built.stages[0].environment.get("A") is None


WINDOWS = {
    "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN dir\n": False,
    "FROM python:3.12-windowsservercore-ltsc2022\nRUN dir\n": False,
    "# escape=`\nFROM example.org/ours:1\nRUN dir\n": False,
    'FROM debian\nSHELL ["pwsh", "-Command"]\nRUN dir\n': False,
    'FROM debian\nSHELL ["cmd", "/C"]\nRUN dir\n': False,
    "FROM --platform=windows/amd64 example.org/ours:1\nRUN dir\n": False,
    "# escape=`\nFROM debian\nRUN ls\n": True,
    "FROM example.org/ours:1\nRUN ls\n": True,
    'FROM debian\nSHELL ["/bin/bash", "-c"]\nRUN ls\n': True,
}


@pytest.mark.parametrize(("text", "posix"), WINDOWS.items())
def test_shells_that_are_no_shells(text: str, posix: bool) -> None:
    assert step(build(text), "RUN").shell.posix is posix


def test_what_many_stages_set_is_not_far_away() -> None:
    lines = "".join(f"FROM s{at} AS s{at + 1}\nENV A{at}={at} B={at}\n" for at in range(200))
    last = build("FROM python:3.12 AS s0\nENV A=a\n" + lines).stages[-1].environment
    assert last.timeline.depth <= DEEPEST
    assert [last.value(f"A{at}") for at in (0, 149, 150, 151, 180, 199)] == [
        "0", "149", "150", "151", "180", "199",
    ]  # fmt: skip
    assert (last.value("A"), last.value("B"), last.get("C")) == ("a", "199", None)
    assert last["PATH"].kind == "base"
    assert len(last) == len(build("FROM python:3.12\n").stages[0].environment) + 202


def test_stages_are_found_by_name_as_they_come() -> None:
    found = build("FROM a AS x\nFROM b AS X\nFROM x AS y\nFROM z AS w\nFROM w AS z\n").stages
    assert [each.parent for each in found] == [None, None, 1, None, 3]


def test_hundreds_of_stages_on_one_another() -> None:
    text = (
        "FROM a AS s0\nENV A=1\n"
        + "".join(f"FROM s{n} AS s{n + 1}\n" for n in range(1500))
        + "RUN x\n"
    )
    assert step(build(text), "RUN").environment.value("A") == "1"


KEYWORDS = st.sampled_from(
    [
        "FROM a AS b", "FROM b", "FROM", "ENV A=$B", "ENV A b", "ARG A", "ARG B=$A", "WORKDIR x", "WORKDIR",
        "USER $A", 'SHELL ["sh"]', "SHELL []", "SHELL x", "COPY --from=b a b", "COPY", "RUN --mount x",
        "RUN --mount=from=b,target=$A x", "ONBUILD ENV A=1", "ONBUILD", "HEALTHCHECK", "# x",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(KEYWORDS | st.text(max_size=12), max_size=12).map("\n".join))
def test_any_text_has_a_model(text: str) -> None:
    built = build(text)
    for stage in built.stages:
        assert stage.parent is None or stage.parent < stage.index
        for each in stage.steps:
            assert 0 <= each.instruction.span.start <= each.instruction.span.end <= len(text)
            dict(each.environment)
    assert built.layers <= built.reachable


def test_build_arguments_win_over_defaults_and_may_be_unknown() -> None:
    text = "ARG TAG=3\nARG OTHER=x\nFROM i:$TAG\nARG TAG\nARG V=1\nARG W=2\nARG Z=3\nENV A=$V B=$W C=$Z T=$TAG\n"
    document = read(make_source("Dockerfile", text))
    built = make_build(document, arguments={"TAG": "4", "V": "7", "W": None, "A": "no"})
    assert built.stages[0].image.value == "i:4"
    environment = built.stages[0].environment
    values = {name: environment.value(name) for name in "ABCT"}
    assert values == {"A": "7", "B": None, "C": "3", "T": "4"}
    unknown = make_build(document, arguments={"TAG": None}).stages[0].image
    assert (unknown.value, unknown.known) == ("i:$TAG", False)


def test_an_argument_before_the_first_stage_sees_those_above_it_alone() -> None:
    built = build("ARG A=1\nARG A=$A-$B B=2\nARG C=$A\nFROM i:$C\n")
    assert not built.stages[0].image.known
    built = build("ARG A=1\nARG A=$A-2\nFROM i:$A\n")
    assert built.stages[0].image.value == "i:1-2"
    (first, second) = built.global_steps
    assert (first.keyword, first.number, second.number) == ("ARG", 0, 1)
    assert first.environment.value("A") is None
    assert second.environment.value("A") == "1"
    assert first.shell.posix


def test_uses_tell_where_they_are_written() -> None:
    built = build(
        "FROM a AS one\nFROM one AS two\nCOPY --from=two /x /\n"
        "RUN --mount=type=bind,from=one,target=/m --mount=from=img,target=/n x\n"
    )
    for stage in built.stages:
        for use in stage.uses:
            assert built.source.slice(use.span) == use.text
    assert [each.text for stage in built.stages for each in stage.uses] == ["one", "two", "one", "img"]  # fmt: skip
