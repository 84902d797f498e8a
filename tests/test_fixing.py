"""Mending whole files: nothing broken, nothing lost, nothing changed a second time."""

from __future__ import annotations

import json
import os
import re
import stat
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from typer.testing import CliRunner, Result

from dflint.catalog import rules_json, rules_table
from dflint.cli.app import make_app
from dflint.config import ConfigError, command_line, default_config
from dflint.context import memory_context
from dflint.finding import Safety
from dflint.fixing import Mended, mend
from dflint.lint import Linter, lint_source, make_linter
from dflint.match import make_table
from dflint.rules import parse_rule
from dflint.source import decode, make_source
from dflint.voices import compile_rule
from dflint.writing import write_atomically
from scripts.prove_fixes import breaches

ALL = make_linter(command_line(default_config(), select=("ALL",)), date(2026, 11, 21))
THREE = make_linter(
    command_line(
        default_config(), select=("pip-no-cache", "legacy-env-format", "add-instead-of-copy")
    ),
    date(2026, 11, 21),
)
BAD = "FROM python:3.13-slim\nRUN pip install flask==3.1.2\nENV A b\nADD x /y\n"
GOOD = "FROM python:3.13-slim\nRUN pip install --no-cache-dir flask==3.1.2\nENV A=b\nCOPY x /y\n"


def mended(text: str, linter: Linter = ALL, *, unsafe: bool = False) -> Mended:
    safeties: tuple[Safety, ...] = ("safe", "unsafe") if unsafe else ("safe",)
    return mend(
        make_source("Dockerfile", text), lambda source: lint_source(source, linter), safeties
    )


def test_safe_fixes_are_made() -> None:
    made = mended(BAD, THREE)
    assert made.text == GOOD
    assert [each.name for each in made.fixed] == [
        "pip-no-cache",
        "legacy-env-format",
        "add-instead-of-copy",
    ]
    assert mended(made.text, THREE).changed is False


def test_unsafe_fixes_only_when_asked_for() -> None:
    text = "FROM debian:13-slim\nRUN apt-get update && apt-get install git\n"
    assert mended(text).text == text.replace("apt-get install", "apt-get -y install")
    assert "--no-install-recommends" in mended(text, unsafe=True).text


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "head", ["", "\ufeff", "# syntax=docker/dockerfile:1\n", "\n\n# a comment\n"]
)
@pytest.mark.parametrize("last", ["", "\n", "\n\n   \n# the end"])
def test_what_is_not_mended_stays_as_it_is(head: str, ending: str, last: str) -> None:
    text = f"{head}{BAD}   \n# why\nRUN echo \\\n\n  # kept\n   b{last}"
    wanted = text.replace(BAD, GOOD)
    assert mended(text.replace("\n", ending), THREE).text == wanted.replace("\n", ending)


def test_bytes_that_are_no_text_stay() -> None:
    data = b"FROM python:3.13-slim\nENV A b\nRUN echo \xff\x00\n"
    made = mend(decode("Dockerfile", data), lambda source: lint_source(source, ALL), ("safe",))
    assert made.text.encode("utf-8", "surrogateescape") == data.replace(b"A b", b"A=b")


def test_an_ignored_finding_is_not_mended() -> None:
    text = BAD.replace("ENV", "# dflint: ignore[legacy-env-format] a test\nENV")
    assert "ENV A b" in mended(text).text


@pytest.mark.parametrize(
    ("comment", "safe", "unsafe"),
    [
        ("# dflint: ignore[add-instead-of-copy]\n", "", ""),
        ("  # dflint:ignore-file[ add-instead-of-copy ]\n", "", ""),
        (
            "# dflint: ignore[legacy-env-format, add-instead-of-copy] a\n",
            "# dflint: ignore[legacy-env-format] a\n",
            "# dflint: ignore[legacy-env-format] a\n",
        ),
        (
            "# dflint: ignore[add-instead-of-copy , legacy-env-format]\n",
            "# dflint: ignore[legacy-env-format]\n",
            "# dflint: ignore[legacy-env-format]\n",
        ),
        ("# dflint: ignore[pip-no-cache, add-instead-of-copy]\n", "", ""),
        ("# dflint: ignore[pip-no-cache] why\n", "# dflint: ignore[pip-no-cache] why\n", ""),
    ],
)
def test_ignores_for_nothing_go(comment: str, safe: str, unsafe: str) -> None:
    linter = make_linter(
        command_line(
            default_config(),
            select=("unused-ignore", "pip-no-cache", "legacy-env-format", "add-instead-of-copy"),
        ),
        date(2026, 11, 21),
    )
    text = "FROM a:1\n# kept\n{}ENV A b\n" if "legacy" in comment else "FROM a:1\n{}ENV A=b\n"
    for wanted, level in ((safe, False), (unsafe, True)):
        assert mended(text.format(comment), linter, unsafe=level).text == text.format(wanted)


def test_enough_rules_have_a_fix() -> None:
    rules = {rule["name"]: rule for rule in json.loads(rules_json(ALL.rules))}
    assert sum(rule["fixable"] for rule in rules.values()) >= 45
    shown = {line.split()[1]: line for line in rules_table(ALL.rules, ALL.enabled).splitlines()}
    for name, fixes, note in (
        ("legacy-env-format", ["safe"], "fix"),
        ("consecutive-runs", ["unsafe"], "unsafe fix"),
        ("untagged-base", [], "reproducibility"),
    ):
        assert rules[name]["fixes"] == fixes
        assert rules[name]["fixable"] is bool(fixes)
        assert re.search(rf"  {note} +{re.escape(rules[name]['summary'])}$", shown[name])


def with_option(rule: str, select: tuple[str, ...] = (), **options: object) -> Linter:
    config = structs.replace(default_config(), rule_options={rule: options})
    return make_linter(command_line(config, select=select or (rule,)), date(2026, 11, 21))


@pytest.mark.parametrize(
    ("text", "mount"),
    [
        ("RUN pip install a", "/root/.cache/pip"),
        ("run  pip install a && pip install b", "/root/.cache/pip"),
        ("ENV XDG_CACHE_HOME=/c\nRUN pip install a", "/c/pip"),
        ("ENV HOME=/root\nRUN pip install a", "/root/.cache/pip"),
        ("ENV HOME=/srv\nRUN pip install a", None),
        ("USER app\nRUN pip install a", None),
        ("USER app\nRUN sudo pip install a", None),
        ("ONBUILD RUN pip install a", None),
        ('ENV PIP_CACHE_DIR="/my cache"\nRUN pip install a', None),
        ("ENV PIP_NO_CACHE_DIR=1\nRUN pip install a", None),
        ("RUN pip install --no-cache-dir a", None),
    ],
)
def test_a_cache_mount_where_it_is_preferred(text: str, mount: str | None) -> None:
    linter = with_option("pip-no-cache", prefer="cache-mount")
    whole = f"FROM python:3.13-slim\n{text}\n"
    wanted = re.sub(
        "(?i)(?<=^RUN)(?= )", f" --mount=type=cache,target={mount}", whole, count=1, flags=re.M
    )
    assert mended(whole, linter).text == (whole if mount is None else wanted)


def test_an_option_takes_its_choices_alone() -> None:
    with pytest.raises(ConfigError, match="is `no-cache-dir` or `cache-mount`, not `mount`"):
        with_option("pip-no-cache", prefer="mount")


JOINED = [
    ("RUN a\nRUN b", "RUN a && \\\n    b"),
    ("RUN a  \t\n# why\nrun  b > c\nRUN d", "RUN a && \\\n# why\n     b > c && \\\n    d"),
    ("RUN a \\\n   # x\n  -b\nRUN c", "RUN a \\\n   # x\n  -b && \\\n    c"),
    ("RUN apt-get update\nRUN apt-get install -y git", "RUN apt-get update && \\\n    apt-get install -y git"),
    ("RUN /x/a\nRUN /x/a b", "RUN /x/a && \\\n    /x/a b"),
    ("RUN A=1 a\nRUN echo $PATH", "RUN A=1 a && \\\n    echo $PATH"),
]  # fmt: skip
APART = [
    "RUN a\n\nRUN b", "RUN a &\nRUN b", "RUN a # x\nRUN b", "RUN a;\nRUN b", "RUN ! a\nRUN b",
    "RUN cd /x\nRUN b", "RUN export A=1\nRUN b", "RUN A=1\nRUN echo $A", "RUN set -x\nRUN b",
    "RUN exit 0\nRUN b", "RUN . /x\nRUN b", "RUN umask 77\nRUN b", "RUN (a)\nRUN b", "RUN { a; }\nRUN b",
    "RUN a\nRUN [\"b\"]", "RUN a\nRUN <<EOF\nb\nEOF", "RUN --network=none a\nRUN b", "RUN a\nRUN echo $?",
    "RUN a\nRUN echo $_", "RUN echo ${A:=1}\nRUN b", "RUN if a; then b; fi\nRUN c", "RUN a || b\nRUN c",
    "RUN a | b\nRUN c", "RUN service x start\nRUN b", "RUN echo 1 a >> /etc/hosts\nRUN b",
    "RUN a\n# dflint: ignore[DF201] x\nRUN b", "# hadolint ignore=DL3008\nRUN a\nRUN b", "RUN eval a\nRUN b",
    "RUN pip install -U pip\nRUN pip install a", "RUN a\nENV A=1\nRUN b", "ONBUILD RUN a\nONBUILD RUN b",
    "SHELL [\"cmd\", \"/C\"]\nRUN a\nRUN b", "RUN a\nRUN \\\n  b", "RUN a <<<x\nRUN b",
]  # fmt: skip


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(("before", "after"), [*JOINED, *((text, text) for text in APART)])
def test_runs_are_joined_where_both_as_one_do_the_same(
    before: str, after: str, ending: str
) -> None:
    linter = make_linter(
        command_line(default_config(), select=("consecutive-runs",)), date(2026, 11, 21)
    )
    for head in ("FROM debian:13\n", "# escape=`\nFROM debian:13\n"):
        mark = "`" if "`" in head else "\\"
        texts = [
            f"{head}{each}".replace("\\", mark).replace("\n", ending) for each in (before, after)
        ]
        assert mended(texts[0], linter, unsafe=True).text == texts[1]
        assert not mended(texts[0], linter).changed


UNMOVED = {
    "another list": ("RUN pip install -r requirements.txt", {"requirements.txt": "-r more.txt\n"}, ""),
    "the project": ("RUN pip install -r requirements.txt", {"requirements.txt": "-e .\n"}, ""),
    "no such file": ("RUN pip install -r requirements.txt", {"other.txt": ""}, ""),
    "a file kept out": ("RUN pip install -r requirements.txt", {"requirements.txt": ""}, "*.txt"),
    "elsewhere": ("RUN pip install -r /srv/requirements.txt", {"requirements.txt": ""}, ""),
    "a variable": ("RUN pip install -r $LIST", {"requirements.txt": ""}, ""),
    "more commands": ("RUN pip install -r requirements.txt && make", {"requirements.txt": ""}, ""),
    "make before": ("RUN make\nRUN pip install -r requirements.txt", {"requirements.txt": ""}, ""),
    "copied over": (
        "COPY x /app/y\nRUN pip install -r requirements.txt", {"requirements.txt": "", "x": ""}, "",
    ),
    "a target": ("RUN pip install --target=. -r requirements.txt", {"requirements.txt": ""}, ""),
    "a folder": ("WORKDIR /srv\nRUN pip install -r /app/requirements.txt", {"requirements.txt": ""}, ""),
    "the host's modules": ("RUN npm ci", {"package.json": "{}", "package-lock.json": "{}"}, ""),
    "a script": (
        "RUN npm ci",
        {"package.json": '{"scripts": {"postinstall": "x"}}', "package-lock.json": "{}"},
        "node_modules",
    ),
    "no lock": ("RUN npm ci", {"package.json": "{}"}, "node_modules"),
    "the host's environment": (
        "RUN pip install -r requirements.txt", {"requirements.txt": "", ".venv/pyvenv.cfg": "home = /usr\n"}, "",
    ),
    "the host's packages": (
        "RUN pip install -r requirements.txt", {"requirements.txt": "", "node_modules/a/package.json": "{}"}, "",
    ),
    "settings of yarn": (
        "RUN yarn install", {"package.json": "{}", "yarn.lock": "", ".yarnrc": ""}, "node_modules",
    ),
    "a name with a blank": ('RUN pip install -r "a b.txt"', {"a b.txt": ""}, ""),
    "the root": ("RUN poetry install", {"pyproject.toml": "", "poetry.lock": ""}, ".venv"),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "files", "ignore"), UNMOVED.values(), ids=UNMOVED)
def test_the_source_stays_above_where_something_may_need_it(
    steps: str, files: dict[str, str], ignore: str
) -> None:
    linter = make_linter(
        command_line(default_config(), select=("copy-before-dependencies",)), date(2026, 11, 21)
    )
    source = make_source("Dockerfile", f"FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\n{steps}\n")
    context = memory_context({**files, "app.py": ""}, ignore)
    report = lint_source(source, linter, context)
    assert [each.fix for each in report.findings] == [None]


@pytest.mark.parametrize(
    "copy",
    [
        "COPY --parents . .",
        "COPY --exclude=*.md . /app",
        'COPY [".", "/app"]',
        'COPY . "/app"',
        "COPY . app.py .",
        "COPY src .",
        "COPY . /",
        "ONBUILD COPY . .",
        "ARG D=/app\nCOPY . $D\nENV D=/srv",  # below ENV it would go elsewhere
        "COPY . .\nONBUILD RUN rm -rf /srv",
        "COPY . .\nCMD rm -rf /srv",
        "COPY . .\nRUN rm -rf /srv > /app/log",
        "COPY . .\nRUN if true; then rm -rf /srv; fi",
        "COPY . .\nRUN mkdir /app/x",
        "COPY . .\nWORKDIR /app",  # the copy is relative to the folder before
    ],
)
def test_another_copy_than_that_of_the_whole_source_stays(copy: str) -> None:
    linter = make_linter(
        command_line(default_config(), select=("copy-before-dependencies",)), date(2026, 11, 21)
    )
    text = (
        f"FROM python:3.13-slim\nWORKDIR /app\n{copy}\nRUN pip install -r /app/requirements.txt\n"
    )
    assert not mended(text, linter, unsafe=True).changed


@pytest.mark.parametrize(
    "steps",
    [
        "RUN pip install -r /srv/requirements.txt",
        "RUN pip install -r ../requirements.txt",
        "RUN pip install -r /application/requirements.txt",
        "WORKDIR $UNKNOWN\nRUN pip install -r requirements.txt",
    ],
)
def test_a_list_outside_of_the_source_moves_nothing(steps: str) -> None:
    linter = make_linter(
        command_line(default_config(), select=("copy-before-dependencies",)), date(2026, 11, 21)
    )
    text = f"FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\n{steps}\n"
    assert not mended(text, linter, unsafe=True).changed


def test_a_copy_to_an_absolute_path_moves_below_workdir() -> None:
    linter = make_linter(
        command_line(default_config(), select=("copy-before-dependencies",)), date(2026, 11, 21)
    )
    text = "FROM python:3.13-slim\nCOPY . /app\nWORKDIR /app\nRUN pip install -r a.txt\n"
    assert mended(text, linter, unsafe=True).text == (
        "FROM python:3.13-slim\nCOPY a.txt /app/\nWORKDIR /app\nRUN pip install -r a.txt\nCOPY . /app\n"
    )


def test_the_files_are_copied_with_the_same_flags() -> None:
    linter = make_linter(
        command_line(default_config(), select=("copy-before-dependencies",)), date(2026, 11, 21)
    )
    text = (
        "FROM python:3.13-slim\nCOPY --chown=1 --chmod=755 . /app/\nRUN pip install -r /app/a.txt"
    )
    flags = "COPY --chown=1 --chmod=755"
    assert mended(text, linter, unsafe=True).text == (
        f"FROM python:3.13-slim\n{flags} a.txt /app/\nRUN pip install -r /app/a.txt\n{flags} . /app/"
    )


@pytest.mark.parametrize(
    ("steps", "files", "copied"),
    [
        ("RUN yarn install", ("package.json", "yarn.lock"), "package.json yarn.lock"),
        (
            "RUN poetry install --no-root",
            ("pyproject.toml", "poetry.lock", "poetry.toml"),
            "pyproject.toml poetry.lock poetry.toml",
        ),
        ("RUN pipenv sync --system", ("Pipfile", "Pipfile.lock"), "Pipfile Pipfile.lock"),
        (
            "LABEL a=b\nENV A=1\nRUN pip install -r a.txt -c b.txt",
            ("a.txt", "b.txt"),
            "a.txt b.txt",
        ),
        ("RUN mkdir /srv/x && pip install -r a.txt", ("a.txt",), "a.txt"),
        (
            "RUN apt-get update && rm -rf /srv && pip install -r a.txt",
            ("a.txt",),
            "a.txt",
        ),
    ],
)
def test_what_each_tool_reads_is_copied_first(
    steps: str, files: tuple[str, ...], copied: str
) -> None:
    linter = make_linter(
        command_line(default_config(), select=("copy-before-dependencies",)), date(2026, 11, 21)
    )
    head = "FROM python:3.13-slim\nWORKDIR /app\n"
    source = make_source("Dockerfile", f"{head}COPY . .\n{steps}\n")
    context = memory_context(
        dict.fromkeys((*files, "app.py", ".git/HEAD"), ""), "node_modules\n.venv\n"
    )
    made = mend(source, lambda each: lint_source(each, linter, context), ("unsafe",))
    assert made.text == f"{head}COPY {copied} ./\n{steps}\nCOPY . .\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_source_moves_with_its_comments(ending: str) -> None:
    before = (
        "\ufeffFROM python:3.13-slim\n\n# the\n# source\ncopy . \\\n  /app   \n"
        "# the packages\nRUN pip install \\\n  # all\n  -r /app/requirements.txt"
    )
    after = (
        "\ufeffFROM python:3.13-slim\n\ncopy requirements.txt /app/\n"
        "# the packages\nRUN pip install \\\n  # all\n  -r /app/requirements.txt\n"
        "# the\n# source\ncopy . \\\n  /app   "
    )
    linter = make_linter(
        command_line(default_config(), select=("copy-before-dependencies",)), date(2026, 11, 21)
    )
    made = mended(before.replace("\n", ending), linter, unsafe=True)
    assert made.text == after.replace("\n", ending)


HARMFUL = """\
id: OWN1
name: harmful
summary: A rule whose fix does harm
severity: warning
category: style
subject: instruction
where: {keyword: ENV}
message: "`{text}`"
advice: None.
why: To see that such a fix is thrown away.
fix: {title: Do harm, safety: safe, HOW}
examples:
  - good: "FROM a\\n"
"""


def with_own_rule(how: str, *others: str) -> Linter:
    """The rule above with such a fix, and some of ours."""
    rule = parse_rule(HARMFUL.replace("HOW", how), "harmful.yaml")
    rules = (rule, *(each for each in ALL.rules if each.name in others))
    table = make_table(rules, lambda each: compile_rule(each, {}, ALL.today))
    ids = frozenset(each.id for each in rules)
    return Linter(default_config(), rules, ids, table, {}, ALL.today)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("FROM a\nENV A=b\nUSER 1\n", "FROM a\nUSER 1\n"),
        ("FROM a\nENV A=b\n", "FROM a\n"),
        ("FROM a\nUSER 1\nENV A=b \\\n  C=d", "FROM a\nUSER 1"),
        ("FROM a\r\nENV A=b\r\nENV C=d\r\nUSER 1", "FROM a\r\nUSER 1"),
        ("FROM a\nONBUILD ENV A=b\n", "FROM a\nONBUILD ENV A=b\n"),
    ],
)
def test_an_instruction_goes_with_all_its_lines(text: str, after: str) -> None:
    assert mended(text, with_own_rule("delete: lines")).text == after


@pytest.mark.parametrize(
    "how",
    [
        "delete: value",  # an ENV without a value does not parse
        "replace: keyword, with: RUNN",
        'insert: " \\\\", after: instruction',  # the next instruction becomes part of this one
        'insert: "\\nRUN <<EOF", after: instruction',
        "insert: x, before: keyword",
        "insert: x, after: value",  # never settles
    ],
)
def test_a_fix_that_does_harm_is_thrown_away_whole(how: str) -> None:
    linter = with_own_rule(how, "pip-no-cache")
    text = "FROM python:3.13-slim\nRUN pip install flask==3.1.2\nENV A=b\nUSER 1000\n"
    made = mended(text, linter)
    assert (made.text, made.fixed) == (text, ())
    assert made.blamed == ("harmful",)
    assert made.report.findings


def test_a_fix_that_brings_another_problem_is_not_made() -> None:
    text = "FROM python:3.13-slim\nRUN pip install -U pip && apt-get update\n"
    assert "pip install" in mended(text, unsafe=True).text


def test_writing_keeps_mode_and_owner_and_follows_links(tmp_path: Path) -> None:
    path, link = tmp_path / "real", tmp_path / "link"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    if os.geteuid() == 0:
        os.chown(path, 1234, 1235)
    before = path.stat()
    write_atomically(link, b"new")
    after = path.stat()
    assert path.read_bytes() == b"new"
    assert link.is_symlink()
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link", "real"]


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["Dockerfile"]


def run(*words: str, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(make_app(), ["check", "--no-config", *words], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


SELECT = ("--select", "pip-no-cache,legacy-env-format,add-instead-of-copy,root-user")


def test_the_command_line_mends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("Dockerfile")
    path.write_text(BAD)
    path.chmod(0o600)
    shown = run(*SELECT, "--diff")
    assert shown.exit_code == 1
    assert {"-ENV A b", "+ENV A=b"} <= set(shown.stdout.splitlines())
    assert path.read_text() == BAD
    done = run(*SELECT, "--fix")
    assert done.exit_code == 1  # root-user is left
    assert "root-user" in done.stdout
    assert "pip-no-cache" not in done.stdout
    assert "Fixed 3 problems in 1 file" in done.stderr
    assert path.read_text() == GOOD
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = run(*SELECT, "--diff")
    assert (again.exit_code, again.stdout) == (0, "")


@pytest.mark.parametrize("form", ["json", "sarif", "concise"])
def test_reports_beside_fixes_tell_what_is_left(tmp_path: Path, form: str) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text(BAD)
    before = run(*SELECT, "--output-format", form, str(path))
    after = run(*SELECT, "--output-format", form, "--fix", str(path))
    assert path.read_text() == GOOD
    assert "Fixed 3 problems in 1 file" in after.stderr
    assert all(name in before.stdout for name in ("DF201", "DF807", "DF805", "DF301"))
    if form == "json":
        first = json.loads(before.stdout)[1]["fix"]
        place = {"line": 2, "column": 16, "end_line": 2, "end_column": 16}
        assert first["edits"] == [{**place, "text": " --no-cache-dir"}]
        assert [each["name"] for each in json.loads(after.stdout)] == ["root-user"]
    elif form == "sarif":
        results = json.loads(before.stdout)["runs"][0]["results"]
        changes = [each["fixes"][0]["artifactChanges"] for each in results if "fixes" in each]
        assert changes[0][0]["replacements"][0]["insertedContent"] == {"text": " --no-cache-dir"}
        assert [each["ruleId"] for each in json.loads(after.stdout)["runs"][0]["results"]] == [
            "DF301"
        ]
    else:
        assert after.stdout.count("\n") == 1


def test_standard_input_is_mended_to_standard_output() -> None:
    assert run(*SELECT, "--fix", "-", stdin=BAD).stdout == GOOD
    assert run(*SELECT, "--fix", "-", stdin=GOOD).stdout == GOOD


def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text(BAD)

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refused)
    result = run(*SELECT, "--fix", str(path))
    assert result.exit_code == 2
    assert f"{path}: cannot be written: Permission denied" in result.stderr
    assert path.read_text() == BAD


COMMANDS = st.sampled_from(
    [
        "pip install flask", "pip3 install -U pip", "apt-get update", "apt-get install curl", "apk add git",
        "python -m pip install 'a>=1' b>=2", "cd app", "sh -c 'pip install x'", "npm ci", "(pip install y)",
        "if a; then apt-get install b; fi", "echo \"pip install z\"",
    ]
)  # fmt: skip
JOINT = st.sampled_from([" && ", "; ", " && \\\n    ", " || ", " \\\n # why\n && ", " | "])
RUN = st.lists(st.tuples(COMMANDS, JOINT), min_size=1, max_size=4).map(
    lambda pairs: "RUN " + "".join(command + joint for command, joint in pairs[:-1]) + pairs[-1][0]
)
LINE = RUN | st.sampled_from(
    [
        "FROM python:3.13-slim", "FROM alpine:3.23 AS b", "from debian:13 as C", "ENV A b c", "ENV A=b C=\"d\"",
        "ENV D \"e f\"", "ADD a b", "ADD --chown=1 a.tar /b", "MAINTAINER me <me@example.org>", "WORKDIR app",
        "WORKDIR /app", "USER 1000", "COPY . .", "CMD python app.py", "CMD [\"a\"]", "# a comment", "",
        "RUN <<EOF\npip install a\nEOF", "RUN [\"pip\", \"install\", \"a\"]", "ONBUILD RUN pip install a",
        "LABEL a=b", "EXPOSE 80", "COPY --from=b /a /b", "HEALTHCHECK CMD curl x", "SHELL [\"/bin/bash\", \"-c\"]",
        # What the joining of RUNs and the moving of copies may stumble over.
        "RUN mkdir /a", "RUN echo a > /b  ", "run chmod 1 /b", "RUN apt-get update", "RUN cd /x", "RUN a # b", "RUN a &",
        "RUN a \\\n  # inside\n  -b", "RUN a \\\n\n  -b", "RUN [\"a\"]", "RUN cat <<EOF > /c\na\nEOF", "RUN (a)", "RUN ! a",
        "# dflint: ignore[consecutive-runs] a test", "COPY . /app", "ADD --chown=1 . /app", "copy ./ \\\n  # all\n  app",
        "RUN pip install -r /app/requirements.txt", "RUN pip3 install --no-cache-dir -r requirements.txt -r a/b.txt",
        "RUN --mount=type=cache,target=/root/.cache pip install x", "COPY a lib/a", "WORKDIR a/b", "RUN npm ci",
    ]
)  # fmt: skip


HEADS = ("", "\ufeff", "# escape=`\n", "# syntax=docker/dockerfile:1\n", "\n# a comment\n")
PREFERRING = with_option("pip-no-cache", ("ALL",), prefer="cache-mount")


@settings(max_examples=400, deadline=None)
@given(
    st.lists(LINE, min_size=1, max_size=8),
    st.sampled_from(HEADS),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n", "  "]),
    st.booleans(),
    st.booleans(),
)
def test_generated_files_are_never_broken(
    lines: list[str], head: str, ending: str, last: str, mount: bool, unsafe: bool
) -> None:
    linter = PREFERRING if mount else ALL
    text = "\n".join([f"{head}FROM python:3.13-slim", *lines]) + last
    text = (text.replace("\\\n", "`\n") if "`" in head else text).replace("\n", ending)
    source = make_source("Dockerfile", text)
    made = mended(text, linter, unsafe=unsafe)
    again = mended(made.text, linter, unsafe=unsafe)
    assert list(breaches(source, made, again, linter)) == []
    # Comments may move, and none is lost but an ignore for nothing.
    kept = [line.strip() for line in lines if line.startswith("# a")]
    assert all(made.text.count(line) >= kept.count(line) for line in kept)
    assert made.text.startswith("\ufeff") == text.startswith("\ufeff")
    if ending == "\r\n":
        assert made.text.count("\n") == made.text.count("\r\n")
