"""Bake files, HCL and JSON: the builds they name, and where findings point."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from dflint.bake import read_bake
from dflint.builds import BAKE_NAMES, BuildFile, NamedBuild
from dflint.cli.app import make_app
from dflint.source import make_source

PIP = "FROM python:3.13-slim\nRUN pip install flask==3.1.2\nUSER 1000\n"
SELECT = "pip-no-cache,python-end-of-life,syntax-error,unreadable,root-user,untagged-base"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    extra = ["--no-config", "--no-shellcheck", "--select", SELECT, "--today", "2026-06-01"]
    result = CliRunner().invoke(make_app(), ["check", *words, *extra, "--output-format", "concise"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def found(*words: str) -> list[str]:
    """`path:line:column name` of every finding."""
    lines = run(*words).stdout.splitlines()
    told = (re.match(r"(.+:\d+:\d+): \w+\[\w+\] ([\w-]+):", line) for line in lines)
    return [f"{each[1]} {each[2]}" for each in told if each is not None]


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(text.encode())


def read(text: str, path: str = "docker-bake.hcl") -> BuildFile:
    return read_bake(make_source(path, text), Path("here"))


def one(text: str, path: str = "docker-bake.hcl") -> NamedBuild:
    (build,) = read(text, path).builds
    return build


HCL = """\
variable "TAG" { default = "3.13" }
variable "NONE" {}
group "default" { targets = ["app"] }
/* a comment */
target "app" {
  context    = "./web" # here
  dockerfile = "docker/${TAG}.Dockerfile"
  target     = "dev"
  args = {
    A = "1", "B" = TAG
    C = "${TAG}-slim"   // and there
    D = null
    E: 3
    F = true
    G = NONE
    H = upper("x")
    I = 3.10
    J = "a\\tb\\u0041"
  }
  contexts = { src = "../src", base = "target:base" }
  tags     = [for t in ["a"] : "x:${t}"]
}
"""

JSON = """\
{
\t"variable": {"TAG": {"default": "3.13"}, "NONE": {}},
\t"group": {"default": {"targets": ["app"]}},
\t"target": {"app": {
\t\t"context": "./web",
\t\t"dockerfile": "docker/${TAG}.Dockerfile",
\t\t"target": "dev",
\t\t"args": {"A": "1", "B": "${TAG}", "C": "${TAG}-slim", "D": null, "E": 3, "F": true,
\t\t\t"G": "${NONE}", "H": "${upper(\\"x\\")}", "I": 3.10, "J": "a\\tb\\u0041"},
\t\t"contexts": {"src": "../src", "base": "target:base"}
\t}}
}
"""


@pytest.mark.parametrize(
    ("text", "path"),
    [(HCL, "docker-bake.hcl"), (JSON, "docker-bake.json"), (HCL.replace("\n", "\r\n"), "b.hcl")],
    ids=["hcl", "json", "crlf"],
)
def test_a_target(text: str, path: str) -> None:
    build = one(text, path)
    assert build.name == "target `app`"
    assert build.context == Path("here/web")
    assert build.dockerfile == Path("here/web/docker/3.13.Dockerfile")
    assert build.target == "dev"
    assert build.arguments == {
        "A": "1", "B": "3.13", "C": "3.13-slim", "E": "3", "F": "true",
        "G": None, "H": None, "I": None, "J": "a\tbA",
    }  # fmt: skip
    assert build.named_contexts == {"src", "base"}
    assert text[build.span.start : build.span.end] == '"docker/${TAG}.Dockerfile"'
    assert build.target_span is not None
    assert text[build.target_span.start : build.target_span.end] == '"dev"'


def test_what_a_target_does_not_say() -> None:
    build = one('target "default" {}')
    assert build.dockerfile == Path("here/Dockerfile")
    assert build.context == Path("here")
    assert (build.target, dict(build.arguments)) == (None, {})


def test_inheritance() -> None:
    builds = read(
        """\
group "default" { targets = ["all"] }
group "all" { targets = ["one", "both"] }
target "_common" { args = { A = "c", B = "c" } }
target "meta" {}
target "one" {
  inherits = ["_common", "meta"]
  context = "one"
  target = "x"
  args = { B = "one" }
}
target "other" { dockerfile = "other" }
target "both" {
  inherits = ["one", "other"]
  args = { C = "both" }
}
"""
    ).builds
    assert [each.name for each in builds] == ["target `one`", "target `both`"]
    one, both = builds
    assert one.arguments == {"A": "c", "B": "one"}
    assert both.arguments == {"A": "c", "B": "one", "C": "both"}
    assert (both.dockerfile, both.target) == (Path("here/one/other"), "x")


def test_inheritance_in_a_circle_ends() -> None:
    text = 'target "a" { inherits = ["b"] }\ntarget "b" { inherits = ["a", "a"] }\n'
    assert read(text + 'group "default" { targets = ["a"] }').builds[0].name == "target `a`"


def test_many_bases_end_soon() -> None:
    text = "".join(f'target "t{n}" {{ inherits = ["t{n + 1}", "t{n + 1}"] }}\n' for n in range(60))
    assert one(text + 'target "t60" { target = "x" }').target == "x"


def test_a_matrix() -> None:
    builds = read(
        """\
target "app" {
  name = "app-${py}-${item.name}"
  matrix = { py = ["3.12", "3.13"], item = [{ name = "a", file = "A" }, { name = "b", file = "B" }] }
  dockerfile = "${item.file}.Dockerfile"
  args = { PY = py }
}
"""
    ).builds
    assert [(str(each.dockerfile), each.arguments["PY"]) for each in builds] == [
        ("here/A.Dockerfile", "3.12"),
        ("here/B.Dockerfile", "3.12"),
        ("here/A.Dockerfile", "3.13"),
        ("here/B.Dockerfile", "3.13"),
    ]


def test_variables_of_variables() -> None:
    text = 'A = "x"\nvariable "B" { default = "${A}/y" }\ntarget "t" { context = B }\n'
    assert one(text).context == Path("here/x/y")


@pytest.mark.parametrize(
    "value",
    [
        'join("/", ["a"])', 'true ? "a" : "b"', "NONE", '"${NONE}"', '"%{ if true }x%{ endif }"',
        '"${a[0]}"', "LOOP", "DEEP.x", '["a"]', '"x-${join(\\"}\\", [])}"', "1 + 2",
    ],
)  # fmt: skip
def test_what_cannot_be_evaluated_is_left_alone(value: str) -> None:
    text = f'variable "NONE" {{}}\nvariable "LOOP" {{ default = "${{LOOP}}" }}\ntarget "t" {{\n  context = {value}\n}}\n'
    told = read(text)
    assert told.builds == ()
    assert told.problems == ()
    line = 2 if value == "LOOP" else 4
    assert told.notes[0].startswith(f"docker-bake.hcl:{line}: target `t` is left alone: `")


def test_remote_contexts_are_left_out_without_a_word() -> None:
    told = read('target "t" { context = "https://github.com/o/r.git#main" }')
    assert (told.builds, told.notes, told.problems) == ((), (), ())


def test_targets_of_one_name_are_one() -> None:
    text = 'target "t" { context = "a" }\ntarget "t" { target = "x" }\n'
    build = one(text)
    assert (build.context, build.target) == (Path("here/a"), "x")


# ---- where findings point


def test_a_heredoc() -> None:
    write("docker-bake.hcl", f'target "t" {{\n  dockerfile-inline = <<EOT\n{PIP}EOT\n}}\n')
    assert found("docker-bake.hcl") == ["docker-bake.hcl:4:5 pip-no-cache"]


def test_a_heredoc_that_is_moved_in() -> None:
    body = "".join(
        f"    {line}\n" for line in PIP.replace("flask", "${NAME} \\\n  $${X}").splitlines()
    )
    text = f'NAME = "flask"\ntarget "t" {{\n  dockerfile-inline = <<-EOT\n{body}  EOT\n}}\n'
    build = one(text)
    assert build.inline is not None
    assert build.inline.value == PIP.replace("flask", "flask \\\n  ${X}")
    write("docker-bake.hcl", text)
    assert found("docker-bake.hcl") == ["docker-bake.hcl:5:9 pip-no-cache"]


@pytest.mark.parametrize("name", ["docker-bake.hcl", "docker-bake.json"])
def test_a_quoted_dockerfile(name: str) -> None:
    quoted = '"FROM python:3.13-slim\\nUSER 1000\\nRUN echo \\"x\\" && pip install a==1\\n"'
    if name.endswith("json"):
        text = '{"target": {"t": {\n"dockerfile-inline": ' + quoted + "}}}"
    else:
        text = 'target "t" {\n  dockerfile-inline = ' + quoted + "\n}\n"
    write(name, text)
    column = text.split("\n")[1].index("pip") + 1
    assert found(name) == [f"{name}:2:{column} pip-no-cache"]


LINES = st.lists(
    st.text(st.sampled_from(" abRUN#\\'\"|&;\t$={}%/éß.:-"), max_size=20)
    | st.sampled_from(["", "RUN pip install x", "  b \\"]),
    min_size=1,
    max_size=6,
)


@given(LINES)
def test_any_text_is_itself_in_json_and_in_hcl(lines: list[str]) -> None:
    import json

    plain = "FROM x\n" + "\n".join(lines) + "\n"
    escaped = plain.replace("${", "$${").replace("%{", "%%{")
    if "$$${" in escaped or "%%%{" in escaped:
        return  # a dollar sign before an escaped one: HCL reads it from the left
    text = json.dumps({"target": {"t": {"dockerfile-inline": escaped}}}, ensure_ascii=False)
    build = one(text, "docker-bake.json")
    assert build.inline is not None
    assert build.inline.value == plain
    for at, character in enumerate(plain):
        there = text[build.inline.origin(at)]
        assert there == character or (there == "\\" and character in '"\\\n\t')


def test_named_dockerfiles_have_their_contexts_arguments_and_targets() -> None:
    write("app/Dockerfile", "ARG V\nFROM python:$V AS a\nUSER 1\nFROM python:3.13\nUSER root\n")
    write(
        "docker-bake.hcl",
        'target "t" {\n  context = "app"\n  target = "a"\n  args = { V = "3.6" }\n}\n',
    )
    assert found("docker-bake.hcl") == ["app/Dockerfile:2:6 python-end-of-life"]


def test_a_dockerfile_that_is_not_there_and_a_stage_that_is_not() -> None:
    write("Dockerfile", PIP)
    write(
        "docker-bake.hcl", 'target "a" {\n  context = "gone"\n}\ntarget "b" {\n  target = "x"\n}\n'
    )
    assert found("docker-bake.hcl") == [
        "docker-bake.hcl:2:13 unreadable",
        "docker-bake.hcl:5:12 syntax-error",
        "Dockerfile:2:5 pip-no-cache",
    ]
    assert run("docker-bake.hcl").exit_code == 2


# ---- broken files


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("a.hcl", 'target "x" {\n  context = \n}\n', "2:13"),
        ("a.hcl", 'target "x" {\n', "2:1"),
        ("docker-bake.json", '{"target": {\n "a": }', "2:7"),
        ("docker-bake.json", '{"target": {} "b"', "1:15"),
        ("docker-bake.json", '{"target": {}} x', "1:15"),
        ("docker-bake.json", "[1]", "1:1"),
        ("docker-bake.json", "", "1:1"),
        ("docker-bake.json", '{"a": "\n"}', "1:7"),
        ("docker-bake.json", '{"a" 1}', "1:6"),
        ("docker-bake.json", "{a: 1}", "1:2"),
        ("docker-bake.json", "[" * 5000, "1:"),
    ],
)
def test_a_broken_file_stops_no_other(name: str, text: str, where: str) -> None:
    write(name, text)
    write("Dockerfile", PIP)
    result = run(name, "Dockerfile")
    assert result.exit_code == 2
    assert f"{name}:{where}" in result.stdout
    assert " unreadable: " in result.stdout
    assert "Dockerfile:2:5: " in result.stdout


def test_deep_hcl_is_no_crash() -> None:
    write("a.hcl", "x = " + "[" * 3000 + "]" * 3000)
    assert run("a.hcl").exit_code in (0, 2)


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hcl2", None)
    write("docker-bake.hcl", HCL)
    result = run("docker-bake.hcl")
    assert result.exit_code == 2
    assert "pip install dflint[bake]" in result.stdout
    write("docker-bake.json", '{"target": {"a": {}}}')
    write("Dockerfile", PIP)
    assert found("docker-bake.json") == ["Dockerfile:2:5 pip-no-cache"]


def test_names_of_bake_files() -> None:
    for name in (
        "docker-bake.hcl",
        "docker-bake.override.json",
        "x.hcl",
        "bake.json",
        "my.bake.json",
    ):
        assert BAKE_NAMES.fullmatch(name), name
    for name in ("package.json", "Dockerfile", "bake.py", "cupbakery.json"):
        assert not BAKE_NAMES.fullmatch(name), name


def test_a_chain_of_bases_that_is_too_long_is_no_crash() -> None:
    text = "".join(f'"t{n}": {{"inherits": ["t{n + 1}"]}},' for n in range(3000))
    told = read(f'{{"target": {{{text} "t3000": {{}}}}}}', "docker-bake.json")
    assert told.notes == (
        "docker-bake.json:1: target `t0` is left alone: it inherits through too many others",
    )
