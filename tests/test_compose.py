"""Compose files: the builds they name, what those are given, and where findings point."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from dflint.builds import BuildFile, NamedBuild, is_remote
from dflint.checking import Inside, Plan, Task
from dflint.cli.app import make_app
from dflint.compose import UnsetError, interpolate, read_compose, read_settings
from dflint.lint import Linter, lint_source, make_linter
from dflint.source import Text, make_source
from dflint.workers import check

PIP = "FROM python:3.13-slim\nRUN pip install flask==3.1.2\nUSER 1000\n"
SELECT = (
    "pip-no-cache,python-end-of-life,copy-source-missing,copy-from-unknown-stage,unused-ignore,"
    "from-without-default,undefined-from-argument,undefined-variable,untagged-base,unused-stage,"
    "syntax-error,unreadable,root-user,python-unbuffered"
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    extra = ["--no-config", "--no-shellcheck", "--select", SELECT, "--today", "2026-06-01"]
    result = CliRunner().invoke(make_app(), ["check", *words, *extra])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def found(*words: str) -> list[str]:
    """`path:line:column name` of every finding."""
    told = run(*words, "--output-format", "concise").stdout
    lines = (re.match(r"(.+:\d+:\d+): \w+\[\w+\] ([\w-]+):", line) for line in told.splitlines())
    return [f"{line[1]} {line[2]}" for line in lines if line is not None]


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(text.encode())


def read(text: str, settings: dict[str, str] | None = None) -> BuildFile:
    found = read_compose(make_source("compose.yaml", text), Path("here"), settings or {})
    assert found is not None
    return found


def one(text: str, settings: dict[str, str] | None = None) -> NamedBuild:
    (build,) = read(text, settings).builds
    return build


def service(*lines: str) -> str:
    return "services:\n  a:\n    build:\n" + "".join(f"      {line}\n" for line in lines)


# ---- what a file names


def test_a_build_is_a_folder() -> None:
    build = one("services: {a: {build: ./web}}")
    assert build.context == Path("here/web")
    assert build.dockerfile == Path("here/web/Dockerfile")
    assert (build.target, dict(build.arguments), build.named_contexts) == (None, {}, frozenset())


def test_the_long_form_says_more() -> None:
    build = one(
        service(
            "context: web",
            "dockerfile: ../docker/web.Dockerfile",
            "target: dev",
            "args: {A: 1, B: text, C: true, D: '3.10', E: , F: 3.10, G: 3.12}",
            "additional_contexts: {src: ../src, base: docker-image://debian:13}",
        )
    )
    assert build.context == Path("here/web")
    assert build.dockerfile == Path("here/docker/web.Dockerfile")
    assert build.target == "dev"
    assert build.arguments == {
        "A": "1", "B": "text", "C": "true", "D": "3.10",
        "E": None,  # the environment's
        "F": None,  # YAML makes 3.1 of it
        "G": "3.12",
    }  # fmt: skip
    assert build.named_contexts == {"src", "base"}


def test_lists_are_as_good_as_mappings() -> None:
    build = one(
        service("args: [A=1, B=x=y, C, D=]", "additional_contexts: [src=../src, 'b=https://x/y']"),
        {"C": "see"},
    )
    assert build.context == Path("here")
    assert build.arguments == {"A": "1", "B": "x=y", "C": "see", "D": ""}
    assert build.named_contexts == {"src", "b"}


def test_anchors_and_merge_keys() -> None:
    builds = read(
        """\
x-build: &build
  context: .
  args: {A: "1"}
x-other: &other {target: other, context: elsewhere}
services:
  a: &a
    build: {<<: *build, dockerfile: a.Dockerfile}
  b:
    build: {<<: [*build, *other], args: {B: "2"}}
  c: *a
  d: {<<: *a}
"""
    ).builds
    assert [str(each.dockerfile) for each in builds] == [
        "here/a.Dockerfile", "here/Dockerfile", "here/a.Dockerfile", "here/a.Dockerfile",
    ]  # fmt: skip
    assert [each.target for each in builds] == [None, "other", None, None]
    assert [each.arguments for each in builds][:2] == [{"A": "1"}, {"B": "2"}]


def test_a_service_extends_another() -> None:
    base = "  base: {build: {context: b, args: {A: x, B: y}, target: t}}\n"
    text = "services:\n" + base + "  a: {extends: base, build: {args: {B: z}}}\n"
    build = read(text).builds[1]
    assert (build.context, build.target) == (Path("here/b"), "t")
    assert build.arguments == {"A": "x", "B": "z"}
    long = read(text.replace("extends: base", "extends: {service: base}")).builds[1]
    assert long.arguments == build.arguments


def test_what_another_file_has_is_not_guessed() -> None:
    none = read("services: {a: {extends: {file: o.yaml, service: x}}}")
    assert (none.builds, none.notes) == ((), ())
    some = read(
        "services:\n  a:\n    extends: {file: o.yaml, service: x}\n    build: {target: y}\n"
    )
    assert some.builds == ()
    assert some.notes == ("compose.yaml:3: service `a` extends one of o.yaml, which is not read",)
    own = read(
        "services:\n  a: {extends: {file: o, service: x}, build: {context: c, dockerfile: d}}\n"
    )
    assert [each.dockerfile for each in own.builds] == [Path("here/c/d")]
    included = read("include: [other.yaml]\nservices: {}\n")
    assert included.notes == (
        "compose.yaml:1: `include` is not followed: name those files as well",
    )


def test_services_that_extend_in_a_circle_end() -> None:
    text = "services:\n  a: {extends: b}\n  b: {extends: a}\n"
    assert read(text).builds == ()
    assert len(read("services: &s\n  a: {build: {<<: [*s, *s]}}\n").builds) == 1


def test_fragments_of_fragments_end_soon() -> None:
    lines = ["x0: &f0 {target: dev}"]
    lines += [f"x{n}: &f{n} {{<<: [*f{n - 1}, *f{n - 1}]}}" for n in range(1, 2000)]
    assert one("\n".join(lines) + "\nservices: {a: {build: *f1999}}\n").target == "dev"


@pytest.mark.parametrize(
    "context",
    [
        "https://github.com/o/r.git#main:dir", "git@github.com:o/r.git", "github.com/o/r",
        "git://host/r", "ssh://git@host/r", "service:base", "docker-image://x",
    ],
)  # fmt: skip
def test_remote_contexts_are_left_out_without_a_word(context: str) -> None:
    told = read(f"services: {{a: {{build: '{context}'}}}}")
    assert (told.builds, told.notes) == ((), ())


@pytest.mark.parametrize("context", [".", "./a:b", "../x", "/srv/x", "a-b/c", "C:\\x", "C:/x"])
def test_folders_are_not_remote(context: str) -> None:
    assert not is_remote(context)


def test_nobody_knows_a_home_folder() -> None:
    told = read("services:\n  a: {build: ~/custom}\n")
    assert told.builds == ()
    assert told.notes[0].startswith("compose.yaml:2: service `a` is left alone")


def test_a_yaml_file_without_services_is_none() -> None:
    for text in ("", "- a\n", "on: push\njobs: {}\n", "text\n", "# nothing\n"):
        assert read_compose(make_source("x.yaml", text), Path(), {}) is None


def test_odd_services_do_no_harm() -> None:
    text = (
        "services:\n  a:\n  b: text\n  c: [1]\n  d: {build: }\n  e: {build: []}\n  ? [x]\n  : y\n"
    )
    assert read(text).builds == ()
    assert read("services: [a, b]").builds == ()
    assert read("services:\n  a: {build: !reset null}\n  b: !override {build: .}\n").builds[
        0
    ].name == ("service `b`")
    assert len(read("services: {a: {build: .}}\n---\nservices: {b: {build: .}}\n").builds) == 2


# ---- variables


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a${X}b", "a1b"), ("$X-$X", "1-1"), ("$$X", "$X"), ("$${X}", "${X}"), ("$", "$"),
        ("a$ b $9", "a$ b $9"), ("${U:-d}", "d"), ("${U-d}", "d"), ("${E:-d}", "d"), ("${E-d}", ""),
        ("${X:-d}", "1"), ("${X:?m}", "1"), ("${E?m}", ""), ("${X:+r}", "r"), ("${U:+r}", ""),
        ("${E+r}", "r"), ("${E:+r}", ""), ("${U:-${X}}", "1"), ("${U:-${V:-{}}}", "{}"),
        ("${U:-}", ""), ("${U:-a b}c", "a bc"), ("x${U:-${V:-${X}y}z}w", "x1yzw"),
    ],
)  # fmt: skip
def test_variables_are_put_in(text: str, value: str) -> None:
    assert interpolate(Text(text, (0,), (0,)), {"X": "1", "E": ""}).value == value


@pytest.mark.parametrize(
    "text", ["$U", "${U}", "${U:?m}", "${E:?m}", "${U:-$V}", "${X", "${X/a/b}", "${}", "${U:-" * 30]
)
def test_what_is_not_set_is_not_known(text: str) -> None:
    with pytest.raises(UnsetError):
        interpolate(Text(text, (0,), (0,)), {"X": "1", "E": ""})


def test_an_env_file() -> None:
    text = (
        "# comment\nA=1\nexport B = two words # comment\nC='x $A'\nD=\"y\"\nE=\nF=$A-$B\nG=$NONE\n"
        'H="a\\nb"\nno setting\nI=\'open\nJ=a#b\r\nK: yes\n'
    )
    assert read_settings(text) == {
        "A": "1", "B": "two words", "C": "x $A", "D": "y", "E": "", "F": "1-two words",
        "J": "a#b", "K": "yes",
    }  # fmt: skip


def test_a_variable_in_a_path() -> None:
    text = service("context: ${DIR:-web}", "dockerfile: $FILE", "args: {A: $NONE, B: $FILE}")
    build = one(text, {"FILE": "x.Dockerfile"})
    assert build.dockerfile == Path("here/web/x.Dockerfile")
    assert build.arguments == {"A": None, "B": "x.Dockerfile"}
    told = read(text)
    assert told.builds == ()
    assert told.notes == (
        "compose.yaml:5: service `a` is left alone: `$FILE` has no value here and no default",
    )


# ---- a Dockerfile inside


def inline(*lines: str) -> str:
    return service(*lines)


def positions(text: str) -> list[str]:
    write("compose.yaml", text)
    return found("compose.yaml")


def test_findings_point_into_the_compose_file() -> None:
    text = service("dockerfile_inline: |", *(f"  {line}" for line in PIP.splitlines()))
    assert positions(text) == ["compose.yaml:6:13 pip-no-cache"]


@pytest.mark.parametrize("header", ["|-", "|+", "|2", "|2-", "| # comment", "|  "])
def test_block_headers(header: str) -> None:
    text = service(f"dockerfile_inline: {header}", *(f"  {line}" for line in PIP.splitlines()))
    assert positions(text) == ["compose.yaml:6:13 pip-no-cache"]


def test_blank_lines_comments_and_deeper_lines() -> None:
    body = [
        "FROM python:3.13-slim",
        "",
        "# x",
        "  RUN pip \\",
        "",
        "     install flask==1",
        "USER 1",
    ]
    text = service("dockerfile_inline: |", *(f"  {line}" if line else "" for line in body))
    assert positions(text) == ["compose.yaml:8:15 pip-no-cache"]
    assert positions(text.replace("\n", "\r\n")) == ["compose.yaml:8:15 pip-no-cache"]


def test_an_explicit_indentation() -> None:
    text = service(
        "dockerfile_inline: |2",
        "     ",
        "    FROM python:3.13-slim",
        "  USER 1000",
        "  RUN pip install flask==1",
    )
    assert positions(text) == ["compose.yaml:8:13 pip-no-cache"]


def test_quoted_text_is_exact_too() -> None:
    double = (
        r'dockerfile_inline: "FROM python:3.13-slim\nUSER 1000\nRUN pip install \"flask==1\"\n"'
    )
    assert positions(service(double)) == [f"compose.yaml:4:{double.index('pip') + 7} pip-no-cache"]
    coded = double.replace("USER", r"\x55SE\u0052")
    assert positions(service(coded)) == [f"compose.yaml:4:{coded.index('pip') + 7} pip-no-cache"]


def test_single_quoted_and_plain_text() -> None:
    single = "dockerfile_inline: 'FROM it''s'"
    write("compose.yaml", service(single))
    (build,) = read(service(single)).builds
    assert build.inline is not None
    assert build.inline.value == "FROM it's"
    text = service(single)
    assert [text[build.inline.origin(at)] for at in range(9)] == list("FROM it's")
    plain = one(service("dockerfile_inline: FROM scratch"))
    assert plain.inline is not None
    assert plain.inline.origin(5) == service("dockerfile_inline: FROM scratch").index("scratch")


def test_folded_text_points_to_its_key() -> None:
    text = service(
        "dockerfile_inline: >",
        "  FROM python:3.13-slim",
        "",
        "  USER 1000",
        "",
        "  RUN pip install flask==1",
    )
    assert positions(text) == ["compose.yaml:4:26 pip-no-cache"]


def test_compose_puts_its_variables_in() -> None:
    text = service(
        "dockerfile_inline: |",
        "  FROM python:${PY:-3.6}-slim",
        '  RUN echo "$$HOME" && pip install flask==1',
        "  USER 1000",
    )
    assert positions(text) == [
        "compose.yaml:5:14 python-end-of-life",
        "compose.yaml:6:30 pip-no-cache",
    ]
    write(".env", "PY=3.13\n")
    assert positions(text) == ["compose.yaml:6:30 pip-no-cache"]


def test_a_variable_that_is_not_known_leaves_the_text_alone() -> None:
    write("compose.yaml", service("dockerfile_inline: |", "  FROM python:3.6", "  RUN echo $HOME"))
    result = run("compose.yaml")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "compose.yaml:4: service `a` is left alone: `$HOME`" in result.stderr
    assert "write `$$HOME`" in result.stderr


def test_the_frame_is_of_the_compose_file() -> None:
    write(
        "compose.yaml", service("dockerfile_inline: |", *(f"  {line}" for line in PIP.splitlines()))
    )
    shown = run("compose.yaml").stdout
    assert " 6 |         RUN pip install flask==3.1.2\n" in shown
    assert "   |             ^^^^" in shown


def test_comments_inside_are_heard() -> None:
    lines = PIP.splitlines()
    lines.insert(1, "# dflint: ignore[pip-no-cache]")
    assert positions(service("dockerfile_inline: |", *(f"  {line}" for line in lines))) == []
    lines.insert(1, "# dflint: ignore[root-user]")
    text = service("dockerfile_inline: |", *(f"  {line}" for line in lines))
    assert positions(text) == ["compose.yaml:6:26 unused-ignore"]


def test_two_dockerfiles_in_one_file_make_one_report() -> None:
    body = "".join(f"        {line}\n" for line in PIP.splitlines())
    text = f"services:\n  b:\n    build:\n      dockerfile_inline: |\n{body}"
    text += f"  a:\n    build:\n      dockerfile_inline: |\n{body}"
    assert positions(text) == ["compose.yaml:6:13 pip-no-cache", "compose.yaml:12:13 pip-no-cache"]


LINES = st.lists(
    st.text(st.sampled_from(" abRUN#\\'\"|&;\t$=/éß.:-{}[]%@`!*>,?"), max_size=25)
    | st.sampled_from(["RUN pip install x", "FROM python:3.6", "USER root", "RUN cd /x", "  b \\"]),
    max_size=8,
)


@cache
def _linter() -> Linter:
    return make_linter()


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(LINES, st.integers(1, 6), st.booleans())
def test_a_block_has_the_findings_of_the_text_moved(
    lines: list[str], indent: int, windows: bool
) -> None:
    text = "\n".join(["FROM python:3.13", *lines, "RUN pip install y", ""])
    ending = "\r\n" if windows else "\n"
    body = "".join(
        (" " * (6 + indent) + line if line else "") + ending
        for line in text.replace("$", "$$").split("\n")[:-1]
    )
    yaml = (
        f"services:{ending}  a:{ending}    build:{ending}      dockerfile_inline: |{ending}{body}"
    )
    source = make_source("compose.yaml", yaml)
    told = read_compose(source, Path("/nowhere"), {})
    assert told is not None
    (build,) = told.builds
    assert build.inline is not None
    assert build.inline.value == text
    linter = _linter()
    alone = lint_source(make_source("compose.yaml", text), linter)
    task = Task(
        Path("compose.yaml"),
        make_source("compose.yaml", text),
        inside=Inside(source, build.inline),
    )
    (done,) = check([task], linter, Plan())
    assert [(each.rule, each.message) for each in done.report.findings] == [
        (each.rule, each.message) for each in alone.findings
    ]
    for there, here in zip(done.report.findings, alone.findings, strict=True):
        line, column = alone.source.position(here.span.start)
        wide = alone.source.line(line)[: column - 1].count("$")  # written twice in the block
        at_end = here.span.start >= len(text)
        if not at_end:
            empty = not alone.source.line(line)
            expected = (line + 4, 1 if empty else column + wide + 6 + indent)
            assert source.position(there.span.start) == expected, here
        assert there.fix is None


# ---- what builds are given


def test_arguments_stand_in_place_of_defaults() -> None:
    write("Dockerfile", "ARG V=3.13\nFROM python:${V}-slim\nARG W\nUSER 1000\n")
    write("compose.yaml", service("args: {V: '3.6', W: x}"))
    assert found("compose.yaml") == ["Dockerfile:2:6 python-end-of-life"]
    assert found("Dockerfile") == []


def test_an_argument_that_is_given_needs_no_default() -> None:
    write("Dockerfile", "ARG BASE\nFROM python:$BASE\nUSER 1000\n")
    write("compose.yaml", service("args: {BASE: 3.13-slim}"))
    assert found("Dockerfile") == ["Dockerfile:2:6 from-without-default"]
    assert found("compose.yaml") == []
    write("compose.yaml", service("args: [BASE]"))
    assert found("compose.yaml") == []
    write("compose.yaml", service("args: {OTHER: x}"))
    assert found("compose.yaml") == ["Dockerfile:2:6 from-without-default"]


def test_an_argument_without_a_value_is_not_known() -> None:
    write("Dockerfile", "ARG V=3.6\nFROM python:${V}-slim\nUSER 1000\n")
    write("compose.yaml", service("args: [V]"))
    assert found("Dockerfile") == ["Dockerfile:2:6 python-end-of-life"]
    assert found("compose.yaml") == []
    write(".env", "V=3.7\n")
    assert found("compose.yaml") == ["Dockerfile:2:6 python-end-of-life"]


def test_a_named_context_is_no_stage_and_no_image() -> None:
    write(
        "Dockerfile",
        "FROM python:3.13-slim AS builder\nFROM python\nCOPY --from=bilder /a /b\nUSER 1000\n",
    )
    alone = found("Dockerfile")
    assert "Dockerfile:2:6 untagged-base" in alone
    assert "Dockerfile:3:13 copy-from-unknown-stage" in alone
    write("compose.yaml", service("additional_contexts: {bilder: ./x, Python: ./y}"))
    assert found("compose.yaml") == ["Dockerfile:1:1 unused-stage"]


def test_an_image_that_another_service_builds_is_not_the_registry_s() -> None:
    write("Dockerfile", "FROM corp/mine\nUSER 1000\n")
    assert found("Dockerfile") == ["Dockerfile:1:6 untagged-base"]
    write("base/Dockerfile", "FROM debian:13\nUSER 1000\n")
    write(
        "compose.yaml",
        "services:\n  a: {build: .}\n  b: {build: base, image: 'corp/mine:latest'}\n",
    )
    assert found("compose.yaml") == []


def test_the_context_is_the_one_that_is_given() -> None:
    write("docker/Dockerfile", "FROM python:3.13-slim\nCOPY app.py gone.py /\nUSER 1000\n")
    write("app.py", "")
    write("compose.yaml", service("context: .", "dockerfile: docker/Dockerfile"))
    assert found("compose.yaml") == ["docker/Dockerfile:2:13 copy-source-missing"]


# ---- several builds of one file

STAGES = """\
FROM python:3.13-slim AS base
RUN pip install flask==3.1.2
FROM base AS dev
USER root
FROM base AS product
USER 1000
"""


def test_a_finding_of_several_builds_is_told_once() -> None:
    write("Dockerfile", STAGES)
    text = "services:\n  a: {build: {context: ., target: dev}}\n  b: {build: {context: ., target: product}}\n  c: {build: .}\n"
    write("compose.yaml", text)
    told = found("compose.yaml")
    assert told == ["Dockerfile:2:5 pip-no-cache", "Dockerfile:4:1 root-user"] or told == sorted(
        set(told)
    )
    assert len([each for each in told if "pip-no-cache" in each]) == 1
    assert any("root-user" in each for each in told)
    assert not any("root-user" in each for each in found("Dockerfile"))
    assert found("compose.yaml", "compose.yaml", "Dockerfile") == told


def test_an_ignore_that_one_build_needs_is_not_unused() -> None:
    write("Dockerfile", STAGES.replace("USER root", "# dflint: ignore[root-user]\nUSER root"))
    both = "services:\n  a: {build: {context: ., target: product}}\n  b: {build: {context: ., target: dev}}\n"
    write("compose.yaml", both)
    assert not any("unused-ignore" in each for each in found("compose.yaml"))
    write("compose.yaml", "services:\n  a: {build: {context: ., target: product}}\n")
    assert any("unused-ignore" in each for each in found("compose.yaml"))


def test_a_stage_that_another_build_builds_is_not_unused() -> None:
    write("Dockerfile", "FROM alpine:3.22 AS zeta\nUSER 1\nFROM debian:13\nUSER 1000\n")
    write("compose.yaml", "services: {a: {build: .}}\n")
    assert found("compose.yaml") == ["Dockerfile:1:1 unused-stage"]
    write("compose.yaml", "services: {a: {build: .}, b: {build: {context: ., target: zeta}}}\n")
    assert found("compose.yaml") == []


# ---- what is wrong with the file


def test_a_dockerfile_that_is_not_there() -> None:
    write("compose.yaml", "services:\n  a: {build: gone}\n  b: {build: .}\n")
    write("Dockerfile", PIP)
    result = run("compose.yaml", "--output-format", "concise")
    assert result.exit_code == 2
    lines = result.stdout.splitlines()
    assert lines[0].startswith("compose.yaml:2:14: error[DF002] unreadable: ")
    assert "there is no `gone/Dockerfile`, the Dockerfile of service `a`" in result.stdout
    assert any(line.startswith("Dockerfile:2:5: ") for line in lines)


def test_dockerfile_in_small_letters_will_do() -> None:
    write("web/dockerfile", PIP)
    write("compose.yaml", "services: {a: {build: web}}\n")
    assert found("compose.yaml") == ["web/dockerfile:2:5 pip-no-cache"]


def test_a_stage_that_is_not_there() -> None:
    write("Dockerfile", STAGES)
    write("compose.yaml", service("context: .", "target: prodct"))
    result = run("compose.yaml")
    assert result.exit_code == 1
    assert "compose.yaml:5:15: error[DF001]" in result.stdout
    assert "service `a` builds `prodct`, and the stages are: base, dev, product" in result.stdout


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("services:\n  a: {build: .\n  b: [\n", "3:4"),
        ("services:\n\ta: 1\n", "2:1"),
        ("services: {a: *none}\n", "1:15"),
        ("services: \x01\n", "1:11"),
    ],
)
def test_a_broken_file_stops_no_other(text: str, where: str) -> None:
    write("compose.yaml", text)
    write("Dockerfile", PIP)
    result = run("compose.yaml", "Dockerfile", "--output-format", "concise")
    assert result.exit_code == 2
    assert f"compose.yaml:{where}: error[DF002] unreadable: " in result.stdout
    assert "Dockerfile:2:5: " in result.stdout


def test_deep_nesting_is_no_crash() -> None:
    write("compose.yaml", "services: " + "[" * 5000)
    assert run("compose.yaml").exit_code == 2


def test_names_of_compose_files() -> None:
    write("Dockerfile", PIP)
    for name in ("compose.yml", "docker-compose.prod.yaml", "local.yml", "x.YAML"):
        write(name, "services: {a: {build: .}}\n")
        assert found(name) == ["Dockerfile:2:5 pip-no-cache"], name
    write("docker-compose.yml", "networks: {}\n")
    result = run("docker-compose.yml")
    assert result.exit_code == 0
    assert "docker-compose.yml: there are no services in it" in result.stderr


def test_a_walk_takes_no_compose_files() -> None:
    write(
        "compose.yaml", service("dockerfile_inline: |", *(f"  {line}" for line in PIP.splitlines()))
    )
    write("Dockerfile", "FROM scratch\n")
    assert found(".") == []
    assert found(".", "compose.yaml") == ["compose.yaml:6:13 pip-no-cache"]


def test_each_file_has_its_own_folder() -> None:
    write("one/compose.yaml", "services: {a: {build: .}}\n")
    write("one/Dockerfile", PIP)
    write("two/compose.yaml", "services: {a: {build: .}}\n")
    write("two/Dockerfile", PIP)
    assert found("two/compose.yaml", "one/compose.yaml") == [
        "two/Dockerfile:2:5 pip-no-cache",
        "one/Dockerfile:2:5 pip-no-cache",
    ]


# ---- fixes


def test_a_named_dockerfile_is_mended_and_one_inside_is_not() -> None:
    body = "".join(f"        {line}\n" for line in PIP.splitlines())
    text = f"services:\n  a: {{build: .}}\n  b:\n    build:\n      dockerfile_inline: |\n{body}"
    write("compose.yaml", text)
    write("Dockerfile", PIP)
    result = run("compose.yaml", "--fix")
    assert "pip install --no-cache-dir flask" in Path("Dockerfile").read_text()
    assert Path("compose.yaml").read_text() == text
    assert "compose.yaml: a Dockerfile that is part of it is not mended" in result.stderr
    assert "Fixed 1 problem in 1 file" in result.stderr
    assert "compose.yaml:7:13" in result.stdout


def test_a_file_with_several_builds_is_mended_once() -> None:
    write("Dockerfile", STAGES)
    write(
        "compose.yaml",
        "services:\n  a: {build: {context: ., target: dev}}\n  b: {build: {context: ., target: product}}\n",
    )
    result = run("compose.yaml", "--diff")
    assert result.stdout.count("+RUN pip install --no-cache-dir flask==3.1.2") == 1
    assert run("compose.yaml", "--fix").stderr.startswith("Fixed 1 problem in 1 file")


# ---- what no report shows


@pytest.mark.parametrize("name", ["API_TOKEN", "NAME", "URL", "DB_PASSWORD", "PLAIN"])
def test_private_values_are_in_no_report(name: str) -> None:
    settings = "API_TOKEN=hidden1\nNAME=hidden2e3r4t5y6u7i8o9p0\nURL=https://u:hidden3@host/\n"
    write(".env", settings + "PLAIN=hidden5\n")
    write("Dockerfile", f"FROM python:3.13-slim\nARG {name}\nUSER ${name}\n")
    arguments = "{API_TOKEN: , NAME: $NAME, URL: '${URL}', DB_PASSWORD: hidden4, PLAIN: }"
    write("compose.yaml", service(f"args: {arguments}"))
    words = ["check", "compose.yaml", "--select", "user-unknown", "--no-shellcheck", "--no-config"]
    result = CliRunner().invoke(make_app(), words)
    assert ("hidden" in result.output) == (name == "PLAIN"), result.output


@pytest.mark.parametrize(
    "value", ["3.13-slim", "ghcr.io/owner/image:1.2", "registry.example.com/a", "2026-01-01"]
)
def test_ordinary_values_are_known(value: str) -> None:
    assert read_settings(f"VERSION={value}\n") == {"VERSION": value}
