"""docs/compared-with-hadolint.md against both tools: each difference is as the page says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from dflint.config import command_line, default_config
from dflint.lint import Linter, builtin_rules, make_linter
from dflint.match import match
from dflint.model import make_build
from dflint.reader import read
from dflint.scripts import make_scripts
from dflint.source import make_source
from dflint.subjects.base import Facts

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "compared-with-hadolint.md"
SECTION = re.compile(
    r"^### (?P<title>[^\n]+)\n\n\*(?P<codes>DL[^\n]+)\*\n\n(?P<text>.+?)\n\n```dockerfile\n(?P<file>.+?)```\n\n"
    r"hadolint: (?P<theirs>[^\n]+?); dflint: (?P<ours>[^;\n]+)(; with strict rules: (?P<strict>[^\n]+))?\.\n",
    re.MULTILINE | re.DOTALL,
)
HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which(
    "hadolint"
)

Found = set[tuple[str, int]]


@dataclass(frozen=True)
class Difference:
    """A section of the page: its rules, its Dockerfile, and what each tool finds there.

    `strict` is what dflint finds with its strict rules as well.
    """

    title: str
    codes: frozenset[str]
    file: str
    theirs: str
    ours: str
    strict: str


def differences() -> Iterator[Difference]:
    for found in SECTION.finditer(PAGE.read_text(encoding="utf-8")):
        codes = frozenset(re.findall(r"DL\d{4}", found["codes"]))
        strict = found["strict"] or found["ours"]
        yield Difference(
            found["title"], codes, found["file"], found["theirs"], found["ours"], strict
        )


DIFFERENCES = tuple(differences())


def said(found: Found) -> str:
    return ", ".join(f"{code} in line {line}" for code, line in sorted(found)) or "nothing"


@cache
def linter(*ignored: str) -> Linter:
    return make_linter(command_line(default_config(), select=("hadolint",), ignore=ignored))


def dflint(text: str, linter: Linter) -> Found:
    document = read(make_source("Dockerfile", text))
    build = make_build(document)
    facts = Facts(build, make_scripts(build), None, linter.today, document.problems)
    return {
        (alias.removeprefix("hadolint:"), build.source.position(finding.span.start)[0])
        for finding in match(linter.table, facts)
        for alias in finding.aliases
        if alias.startswith("hadolint:")
    }


def hadolint(path: Path) -> Found:
    assert HADOLINT is not None
    command = [HADOLINT, "--no-fail", "--format=json", "--disable-ignore-pragma", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=path.parent, check=True)
    return {(each["code"], each["line"]) for each in json.loads(done.stdout)}


def test_every_section_is_read() -> None:
    headings = re.findall(r"^### (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [each.title for each in DIFFERENCES] == headings
    assert len(headings) > 30


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: each.title)
def test_the_tools_differ_as_the_page_says(difference: Difference, tmp_path: Path) -> None:
    for linted, told in (
        (linter("strict"), difference.ours),
        (linter(), difference.strict),
    ):
        found = {each for each in dflint(difference.file, linted) if each[0] in difference.codes}
        assert said(found) == told
    assert difference.ours != difference.theirs
    if HADOLINT is None:
        pytest.skip("hadolint is not installed")
    path = tmp_path / "Dockerfile"
    path.write_text(difference.file, encoding="utf-8")
    theirs = {each for each in hadolint(path) if each[0] in difference.codes}
    assert said(theirs) == difference.theirs


def test_the_comparison_s_reasons_are_sections() -> None:
    script = (ROOT / "scripts" / "hadolint_differences.py").read_text(encoding="utf-8")
    reasons = set(re.findall(r'^    \(\s*"([^"]+)",\s*codes\(', script, re.MULTILINE))
    reasons |= set(re.findall(r'^NO_STAGES = "(.+)"$', script, re.MULTILINE))
    assert len(reasons) > 25
    assert reasons <= {each.title for each in DIFFERENCES}


# hadolint's own list of rules (its README, and what version 2.15 reports beyond it).
DOCUMENTED = (
    "DL1001 DL3000 DL3001 DL3002 DL3003 DL3004 DL3005 DL3006 DL3007 DL3008 DL3009 DL3010 DL3011 DL3012 DL3013 "
    "DL3014 DL3015 DL3016 DL3018 DL3019 DL3020 DL3021 DL3022 DL3023 DL3024 DL3025 DL3026 DL3027 DL3028 DL3029 "
    "DL3030 DL3032 DL3033 DL3034 DL3035 DL3036 DL3037 DL3038 DL3040 DL3041 DL3042 DL3043 DL3044 DL3045 DL3046 "
    "DL3047 DL3048 DL3049 DL3050 DL3051 DL3052 DL3053 DL3054 DL3055 DL3056 DL3057 DL3058 DL3059 DL3060 DL3061 "
    "DL3062 DL3063 DL3064 DL3065 DL3066 DL3067 DL4000 DL4001 DL4003 DL4004 DL4005 DL4006"
)
# docs.docker.com/reference/build-checks.
BUILD_CHECKS = (
    "StageNameCasing FromAsCasing NoEmptyContinuation ConsistentInstructionCasing DuplicateStageName "
    "ReservedStageName JSONArgsRecommended MaintainerDeprecated UndefinedArgInFrom WorkdirRelativePath UndefinedVar "
    "MultipleInstructionsDisallowed LegacyKeyValueFormat InvalidBaseImagePlatform RedundantTargetPlatform "
    "SecretsUsedInArgOrEnv InvalidDefaultArgInFrom FromPlatformFlagConstDisallowed CopyIgnoredFile "
    "InvalidDefinitionDescription ExposeProtoCasing ExposeInvalidFormat"
)
# trivy's checks of Dockerfiles, as version 0.7x lists them with `--include-non-failures`.
TRIVY = (
    "DS001 DS002 DS004 DS005 DS006 DS007 DS008 DS009 DS010 DS011 DS012 DS013 DS014 DS015 DS016 DS017 DS019 DS020 "
    "DS021 DS022 DS023 DS024 DS025 DS026 DS027 DS029 DS030 DS031"
)


@pytest.mark.parametrize(
    ("tool", "names"), [("hadolint", DOCUMENTED), ("buildkit", BUILD_CHECKS), ("trivy", TRIVY)]
)
def test_every_rule_of_the_others_has_one_of_ours(tool: str, names: str) -> None:
    ours = {alias for rule in builtin_rules() for alias in rule.aliases}
    assert {f"{tool}:{name}" for name in names.split()} - ours == set()
    for rule in builtin_rules():
        for case in rule.cases:
            assert set(case.get("aliases", ())) <= set(rule.aliases)
