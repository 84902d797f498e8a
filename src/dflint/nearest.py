"""The word that somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is most like a misspelt word; None when none is near.

    Near is a share of 0.7 of common characters (difflib's ratio), case set aside.
    """
    from difflib import get_close_matches  # only misspelt input pays for it

    spelled = {each.lower(): each for each in candidates}
    found = get_close_matches(word.lower(), spelled, n=1, cutoff=0.7)
    return spelled[found[0]] if found else None
