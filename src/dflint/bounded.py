"""Regular expressions that others wrote: Python's own syntax, and searches that end."""

from __future__ import annotations

import re
from collections.abc import Callable
from time import process_time
from typing import Any

from dflint.lazy import regex

SECONDS = 1.0  # of the processor, for one search
SLOW = 0.01  # seconds from which on a search is a slow one
TOGETHER = 5.0  # seconds for all slow searches of one expression
LONGEST = 20_000  # characters of an expression
# The library reads `a{e<=1}` as "with an error"; to Python these are the characters themselves.
_FUZZY = regex(r"(?<!\\)\{[\d<=\s]*[disec][^}]*\}")


class SlowRegexError(Exception):
    """A regular expression that takes too long."""


def wrong(pattern: str) -> str | None:
    """What is wrong with a regular expression; None where it can be used."""
    if len(pattern) > LONGEST:
        return f"it has more than {LONGEST:,} characters"
    try:
        re.compile(pattern)
        if _FUZZY.search(pattern):
            return r"a brace that is no number of times must be written `\{`"
        _compile(pattern)
    except RecursionError:
        return "groups within groups, too deep to be read"
    except (re.error, _library().error, OverflowError) as error:
        return str(error)
    return None


def searcher(pattern: str) -> Callable[[str], bool]:
    """Whether an expression is found in a text. Raises SlowRegexError when it takes too long.

    From then on it raises at once, so that a run of many files ends too.
    """
    search = _compile(pattern).search
    left = TOGETHER

    def found(text: str) -> bool:
        nonlocal left
        if left <= 0:
            raise SlowRegexError(_told(pattern))
        began = process_time()
        try:
            return search(text, timeout=min(SECONDS, left)) is not None
        except TimeoutError:
            left = 0.0
            raise SlowRegexError(_told(pattern)) from None
        finally:
            took = process_time() - began
            left -= took if took > SLOW else 0.0

    return found


def _told(pattern: str) -> str:
    shown = pattern if len(pattern) <= 60 else f"{pattern[:59]}…"
    return f"its regular expression `{shown}` takes too long (more than {SECONDS:g} s for one text)"


def _compile(pattern: str) -> Any:
    library = _library()
    return library.compile(pattern, library.VERSION0)


def _library() -> Any:
    import regex  # only for those who have rules of their own

    return regex
