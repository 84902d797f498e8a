"""Hold dflint's reader against BuildKit's own parser on every Dockerfile below some folders.

    python scripts/compare_with_buildkit.py FOLDER [FOLDER …]

Needs the package `dockerfile`, which binds BuildKit's parser. Prints each difference, then the
counts; exits with 1 when there is one. Four things are the binding's own and are evened out: it
shows an empty word for an instruction it does not know, ends words at a NUL, leaves out the flags
and here-documents behind ONBUILD, and its parser is from before BuildKit 0.15, which no longer
takes a JSON list for one when more text follows it; such files are counted apart.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dockerfile

from dflint.document import Document, Flag, Instruction
from dflint.reader import KEYWORDS, read
from dflint.source import Text, decode

LIST_WITH_MORE = " text after a JSON list, which BuildKit takes for shell form since 0.15"


def values(instruction: Instruction, escape: str) -> tuple[str, ...]:
    """An instruction's words as BuildKit's parser lists them."""
    if instruction.keyword == "ARG":
        return tuple(_whole(pair.name, pair.value) for pair in instruction.pairs)
    if instruction.pairs:
        found: list[str] = []
        for pair in instruction.pairs:
            found += [pair.name.value, pair.value.value if pair.value else ""]
        return tuple(found)
    if instruction.inner is not None:
        return values(instruction.inner, escape)
    if instruction.keyword not in KEYWORDS:
        return ("",)
    if instruction.keyword == "ONBUILD":  # behind another ONBUILD
        return ("",) if instruction.text.value else ()
    return tuple(word.value.partition("\0")[0] for word in instruction.words)


def _whole(name: Text, value: Text | None) -> str:
    return name.value if value is None else f"{name.value}={value.value}"


def described(document: Document) -> list[tuple[object, ...]]:
    """Our instructions, as comparable rows."""
    return [
        (
            each.keyword,
            each.inner.keyword if each.inner else None,
            each.json is not None or (each.inner is not None and each.inner.json is not None),
            each.first_line,
            each.last_line,
            tuple(map(_flag, each.flags)),
            values(each, document.escape),
            0 if each.inner else len(each.heredocs),
        )
        for each in document.instructions
    ]


def _flag(flag: Flag) -> str:
    return f"--{flag.name}" if flag.value is None else f"--{flag.name}={flag.value.value}"


def expected(commands: tuple[dockerfile.Command, ...]) -> list[tuple[object, ...]]:
    """BuildKit's instructions, as the same rows."""
    return [
        (
            (each.cmd or "").upper(),
            each.sub_cmd.upper() if each.sub_cmd else None,
            each.json,
            each.start_line,
            each.end_line,
            tuple(each.flags),
            tuple(each.value),
            len(each.heredocs),
        )
        for each in commands
    ]


def differences(path: Path) -> Iterator[str]:
    """What differs for one file; nothing when both agree."""
    source = decode(str(path), path.read_bytes())
    document = read(source)
    try:
        theirs = expected(dockerfile.parse_file(str(path)))
    except dockerfile.GoParseError as error:
        if not any(each.kind == "syntax-error" for each in document.problems):
            yield f"{path}: rejected by BuildKit, accepted here: {error}"
        return
    except UnicodeDecodeError:
        yield f"{path}: skipped, the binding cannot show text that is not UTF-8"
        return
    ours = described(document)
    for mine, other in zip(ours, theirs, strict=False):
        if mine != other:
            older = LIST_WITH_MORE if list_with_more(mine, other) else ""
            yield f"{path}:{older}\n  ours   {mine}\n  theirs {other}"
            return
    if len(ours) != len(theirs):
        yield f"{path}: {len(ours)} instructions here, {len(theirs)} there"


def list_with_more(mine: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether only theirs is a JSON list, and ours the same list with text after it."""
    text = mine[6][0] if isinstance(mine[6], tuple) and mine[6] else ""
    return other[2] is True and mine[2] is False and str(text).startswith("[")


def dockerfiles(folder: Path) -> list[Path]:
    """All files below a folder that are called like a Dockerfile."""
    names = ("Dockerfile*", "*.Dockerfile", "*.dockerfile", "Containerfile*")
    found = {path for name in names for path in folder.rglob(name) if path.is_file()}
    return sorted(found)


def main(folders: list[str]) -> int:
    """Compare all files; the number of those that differ decides the exit code."""
    started = time.perf_counter()
    files = [path for folder in folders for path in dockerfiles(Path(folder))]
    differing = older = 0
    for path in files:
        for each in differences(path):
            print(each)
            older += LIST_WITH_MORE in each
            differing += LIST_WITH_MORE not in each
    seconds = time.perf_counter() - started
    print(f"{len(files)} files, {differing} differ, {older} by BuildKit's version, {seconds:.1f} s")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
