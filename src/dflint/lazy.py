"""What is made when it is first used, because most of it never is in one run."""

from __future__ import annotations

import re
from typing import Any, AnyStr, Generic, cast


class _Regex(Generic[AnyStr]):
    """Stands for a compiled regular expression; its methods are those of the real one.

    Whatever is asked of it once is found in the instance from then on, at no cost.
    """

    def __init__(self, source: AnyStr, flags: int) -> None:
        self._source: AnyStr = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, found)
        return found


def regex(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, but the work is done, and mistakes are raised, at first use."""
    return cast("re.Pattern[AnyStr]", _Regex(source, flags))
