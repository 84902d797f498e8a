"""ShellCheck's codes as rules: to be named, chosen, ignored and explained like ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from dflint.finding import Severity
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.rule import Rule

WIKI = "https://www.shellcheck.net/wiki/"
CATEGORY = "correctness"
SUBJECT = "script"
CODE = regex(r"(?:shellcheck:)?(SC[1-9][0-9]{3})", re.ASCII | re.IGNORECASE)
ANY = "SC0000"  # stands for all codes where it is asked whether any is switched on
_WORD = regex(r"(?:shellcheck:)?(SC[0-9]{0,4})", re.ASCII)


def mentioned(words: Iterable[str]) -> frozenset[str]:
    """The codes that words of a configuration name, or stand for as a beginning of codes does."""
    found = (_WORD.fullmatch(word) for word in words)
    return frozenset(match[1].ljust(6, "0") for match in found if match is not None)


def code_of(word: str) -> str | None:
    """The code that a word names, in any case, with or without `shellcheck:`."""
    match = CODE.fullmatch(word)
    return None if match is None else match[1].upper()


def code_rule(code: str) -> Rule:
    """One of ShellCheck's codes as a rule, to be named, selected and explained like one."""
    return Rule(
        path="",
        id=code,
        name=code,
        summary=f"ShellCheck's {code} about a script in the Dockerfile",
        severity=Severity.WARNING,
        category=CATEGORY,
        subject=SUBJECT,
        where={},
        message="",
        advice=f"{WIKI}{code} shows what is wrong and what to write instead.",
        why=_why(code),
        aliases=(f"shellcheck:{code}",),
        references=(WIKI + code,),
    )


def _why(code: str) -> str:
    reason = _knowledge()["excluded"].get(code)
    if reason is not None:
        return f"dflint does not report it: {reason}."
    return (
        "ShellCheck reads the scripts of RUN, CMD, ENTRYPOINT and HEALTHCHECK where it is "
        "installed (`pip install dflint[shell]`). What it has to say depends on the script, and "
        "so does the severity."
    )


def excluded(code: str) -> bool:
    """Whether a code is never reported."""
    return code in _knowledge()["excluded"]


@cache
def _knowledge() -> Any:
    return load("shellcheck")
