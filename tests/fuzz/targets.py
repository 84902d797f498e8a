"""What is fuzzed: each target takes bytes, and raises where something does not hold of them."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import dockerfile

from dflint.commands import parse_script
from dflint.compose import read_compose
from dflint.config import ConfigError, command_line, default_config, load_config
from dflint.context import memory_context
from dflint.dockerignore import (
    NOTHING_YET,
    decide,
    decide_below,
    ignored,
    may_reinclude,
    parse_ignore,
)
from dflint.finding import FileReport, Finding
from dflint.fixing import mend
from dflint.hadolint import HadolintError, read_settings
from dflint.lint import Linter, lint_source, make_linter
from dflint.reader import read
from dflint.report import FORMATS, Run
from dflint.rule import RuleError
from dflint.rules import parse_rule
from dflint.selection import SelectorError
from dflint.source import Source, Span, Text, decode, make_source
from scripts.compare_with_buildkit import described, expected, list_with_more

DAY = date(2026, 1, 1)
PATHS = (
    "a",
    "a/b",
    "a/b/c.py",
    ".git",
    ".env",
    "node_modules/x",
    "x/node_modules/y",
    "é",
    "a b",
    "[x]",
)
CHECK = re.compile(r"^#\s*check\s*=", re.MULTILINE | re.IGNORECASE)
LONG = 20_000  # characters that a text is repeated to before its time is taken
FASTEST = 1.0  # seconds; what takes less proves nothing about how time grows
GROWTH = 3.0  # how much more time a text of double length may take, with room for a busy machine


@dataclass(frozen=True, slots=True)
class Target:
    """A part of dflint: the kind of seeds that it takes, and what must hold of any input."""

    seeds: str
    run: Callable[[bytes], None]


@cache
def _linter() -> Linter:
    settings = command_line(
        default_config(), select=("ALL",), ignore=None, extend_select=None, context=None, today=DAY
    )
    return make_linter(settings)


def _source(data: bytes, name: str = "Dockerfile") -> Source:
    return decode(name, data)


def _inside(span: Span, text: str) -> None:
    assert 0 <= span.start <= span.end <= len(text), (span, len(text))


def reader(data: bytes) -> None:
    """Every part stands where it says, and all is as BuildKit's own parser reads it."""
    source = _source(data)
    document = read(source)
    for each in document.instructions:
        _inside(each.span, source.text)
        for part in (each.text, *each.words):
            _inside(part.span(), source.text)
    for problem in document.problems:
        _inside(problem.span, source.text)
    _as_buildkit(source)


def _as_buildkit(source: Source) -> None:
    if not source.text.isprintable() and _binding_differs(source.text):
        return
    document = read(source)
    try:
        theirs = expected(dockerfile.parse_string(source.text))
    except dockerfile.GoParseError as error:
        rejected, theirs = str(error), []
    else:
        rejected = ""
    if any(each.kind == "syntax-error" for each in document.problems):
        return  # what the build rejects after parsing has no common form
    assert not rejected, f"rejected by BuildKit alone: {rejected}"
    ours = described(document)
    for mine, other in zip(ours, theirs, strict=False):
        if mine != other:
            assert list_with_more(mine, other), f"ours {mine} theirs {other}"
            return  # what follows may be read otherwise, if heredocs begin there
    assert len(ours) == len(theirs)


def _binding_differs(text: str) -> bool:
    """Whether the binding, or BuildKit of its age, is known to read a text in another way."""
    if CHECK.search(text):  # a directive since BuildKit 0.15
        return True
    known = ("\0", "\ufeff", "\r", "\v", "\f", "\x85", "\ufffd")
    return any(each in text for each in known) or any(
        0xD800 <= ord(char) < 0xE000 or ord(char) > 127 for char in text
    )


def shell(data: bytes) -> None:
    """Every command, word and redirection of a script stands in it."""
    text = data.decode("utf-8", "surrogateescape")
    whole = Text(text, (0,), (0,))
    script = parse_script(whole, {"A": "1 2", "B": None, "HOME": "/root"}, errexit=True)
    for command in script.commands:
        _inside(command.span, text)
        for word in command.arguments:
            _inside(word.span, text)


def _checked(report: FileReport, text: str) -> None:
    for finding in report.findings:
        for span in _spans(finding):
            _inside(span, text)


def _spans(finding: Finding) -> Iterator[Span]:
    yield finding.span
    yield from (also.span for also in finding.related)
    if finding.secret is not None:
        yield finding.secret
    if finding.fix is not None:
        yield from (edit.span for edit in finding.fix.edits)


FILES = {
    "requirements.txt": "flask==3.0\n-r b.txt\n",
    "b.txt": "",
    "app.py": "x",
    "pyproject.toml": "[project]\n",
}


def rules(data: bytes) -> None:
    """All rules, with a context and without: every finding stands in the file, twice the same."""
    source = _source(data)
    found = lint_source(source, _linter())
    _checked(found, source.text)
    _checked(
        lint_source(source, _linter(), memory_context(FILES, "*.md\n", "Dockerfile")), source.text
    )
    assert lint_source(source, _linter()) == found


def reports(data: bytes) -> None:
    """Every format can show every report."""
    found = lint_source(_source(data), _linter())
    for write in FORMATS.values():
        text = write(Run((found,), (), "0", False, 100))
        assert "\x1b" not in text
        assert "\0" not in text


def fixes(data: bytes) -> None:
    """Mending ends, and blames no rule for anything broken."""
    source = _source(data)

    def lint(text: Source) -> FileReport:
        return lint_source(text, _linter())

    made = mend(source, lint, ("safe", "unsafe"), None)
    assert not made.blamed, made.blamed


def ignore(data: bytes) -> None:
    """Asked path by path or on the way down, the answer is the same."""
    found = parse_ignore(make_source(".dockerignore", data.decode("utf-8", "surrogateescape")))
    for path in PATHS:
        whole = decide(found, path)
        assert ignored(found, path) == whole.ignored
        step = NOTHING_YET
        parts = path.split("/")
        for number in range(len(parts)):
            step = decide_below(found, step, "/".join(parts[: number + 1]))
        assert step.ignored == whole.ignored
        may_reinclude(found, path)


def compose(data: bytes) -> None:
    """Every build of a Compose file, and each character of a Dockerfile in it, has its place."""
    source = _source(data, "compose.yaml")
    found = read_compose(source, Path("x"), {"A": "1", "B": ""})
    for build in found.builds if found is not None else ():
        _inside(build.span, source.text)
        if build.inline is not None:
            for index in range(len(build.inline.value) + 1):
                assert 0 <= build.inline.origin(index) <= len(source.text)


def bake(data: bytes) -> None:
    """As for Compose files, of both forms of a Bake file."""
    from dflint.bake import read_bake

    for name in ("docker-bake.json", "docker-bake.hcl"):
        source = _source(data[:2000], name)  # the HCL parser is slow
        for build in read_bake(source, Path("x")).builds:
            _inside(build.span, source.text)


def config(data: bytes) -> None:
    """A configuration is usable, or an error that says where."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("dflint.toml", "dflint.yaml", "pyproject.toml", ".hadolint.yaml"):
            path = Path(folder) / name
            path.write_bytes(data)
            try:
                make_linter(load_config(path), DAY)
            except (ConfigError, SelectorError, RuleError):
                continue
    try:
        read_settings(data.decode("utf-8", "replace"))
    except HadolintError:
        return


def rule(data: bytes) -> None:
    """A rule file is a rule, or an error that says where."""
    try:
        parse_rule(data.decode("utf-8", "replace"), "rule.yaml")
    except RuleError:
        return


def growth(data: bytes) -> None:
    """Linting a text of double length takes hardly more than double the time."""
    text = data.decode("utf-8", "surrogateescape") + "\n"
    text *= max(1, LONG // len(text))
    one, two = _seconds(text), _seconds(text * 2)
    if two > FASTEST and two > GROWTH * one:
        assert _seconds(text * 2) < GROWTH * _seconds(text), f"{one:.2f} s, doubled {two:.2f} s"


def _seconds(text: str) -> float:
    began = time.process_time()
    lint_source(make_source("Dockerfile", text), _linter())
    return time.process_time() - began


TARGETS: Mapping[str, Target] = {
    "reader": Target("dockerfile", reader),
    "shell": Target("shell", shell),
    "rules": Target("dockerfile", rules),
    "reports": Target("dockerfile", reports),
    "fixes": Target("dockerfile", fixes),
    "ignore": Target("ignore", ignore),
    "compose": Target("compose", compose),
    "bake": Target("bake", bake),
    "config": Target("config", config),
    "rule": Target("rule", rule),
    "growth": Target("dockerfile", growth),
}
