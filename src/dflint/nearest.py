"""The word that somebody probably meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is most like a misspelt word; None when none is near.

    Near is a share of 0.7 of common characters (difflib's ratio), case set aside.
    """
    from difflib import get_close_matches  # only misspelt input pays for it

    spelled = {each.lower(): each for each in candidates}
    found = get_close_matches(word.lower(), spelled, n=1, cutoff=0.7)
    return spelled[found[0]] if found else None


def slip(word: str, candidates: Collection[str]) -> str | None:
    """The file name that is this one but for a letter, or two in a long one; None without one.

    A letter is left out, put in, another, or has changed places with the next; case is set aside.
    Another number is no slip: `app2` is not `app1`. Long is what is long without its endings.
    """
    written, most = word.lower(), 1 if len(word.strip(".").split(".")[0]) < 8 else 2
    for allowed in range(most + 1):
        for each in candidates:
            other = each.lower()
            near = abs(len(other) - len(written)) <= allowed and _digits(other) == _digits(written)
            if near and _within(written, other, allowed):
                return each
    return None


def _digits(text: str) -> list[str]:
    return [char for char in text if char.isdigit()]


def _within(one: str, two: str, changes: int) -> bool:
    """Whether so many changes of a letter make the one text of the other."""
    same = 0
    while same < min(len(one), len(two)) and one[same] == two[same]:
        same += 1
    one, two = one[same:], two[same:]
    if not one or not two:
        return len(one) + len(two) <= changes
    if not changes:
        return False
    return (
        _within(one[1:], two[1:], changes - 1)
        or _within(one[1:], two, changes - 1)
        or _within(one, two[1:], changes - 1)
        or (one[:2] == two[1::-1] and _within(one[2:], two[2:], changes - 1))
    )
