"""File modes as chmod(1), mkdir -m, install -m and COPY --chmod take them.

Source: the manual of coreutils, "File permissions". The umask is 022, as in RUN.
"""

from __future__ import annotations

import re

from dflint.lazy import regex

UMASK = 0o022
_OCTAL = regex(r"[0-7]{1,5}")
_CLAUSE = regex(r"([ugoa]*)([-+=][rwxX]*)+")
_ACTION = regex(r"([-+=])([rwxX]*)")
_WHO = {"u": 0o700, "g": 0o070, "o": 0o007, "a": 0o777}
_BITS = {"r": 0o444, "w": 0o222, "x": 0o111}


def octal(text: str) -> int | None:
    """The mode that digits say; None for anything else."""
    return int(text, 8) if _OCTAL.fullmatch(text) else None


def is_mode(text: str) -> bool:
    """Whether a text is a mode: digits, or clauses such as u+x,go=."""
    return octal(text) is not None or all(
        re.fullmatch(r"[ugoa]*([-+=]([rwxXst]*|[ugo]))+", each) for each in text.split(",")
    )


def changed(mode: int | None, text: str, *, folder: bool) -> int | None:
    """A mode after a change of it; None where it is not known.

    Set-user-ID, sticky bits and copies (g=u) are not worked out.
    """
    digits = octal(text)
    if digits is not None:
        return digits
    for clause in text.split(","):
        found = _CLAUSE.fullmatch(clause)
        if mode is None or mode & 0o7000 or found is None:
            return None
        mask, kept = (0o777, 0) if found[1] else (0o777 & ~UMASK, UMASK)
        if found[1]:
            mask = 0
            for who in found[1]:
                mask |= _WHO[who]
        for action in _ACTION.finditer(clause):
            mode = _after(mode, action[1], action[2], mask, kept, folder=folder)
    return mode


def _after(mode: int, sign: str, letters: str, mask: int, kept: int, *, folder: bool) -> int:
    """A mode after one action; without a "who", `kept` are the umask's bits."""
    bits = 0
    for letter in letters:
        if letter != "X":
            bits |= _BITS[letter]
        elif folder or mode & 0o111:
            bits |= 0o111
    bits &= mask
    if sign == "+":
        return mode | bits
    if sign == "-":
        return mode & ~bits
    # `=` clears what was there, of all three where no "who" is named.
    return (mode & ~(mask | kept)) | bits


def copied(mode: int | None, *, folder: bool = False) -> int | None:
    """The mode of a copy of a file or folder with this mode, where none was before."""
    bits = 0o7777 if folder else 0o777
    return None if mode is None else mode & bits & ~UMASK
