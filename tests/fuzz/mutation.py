"""Making new inputs of old ones: lines and snippets moved about, joined, doubled and torn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

CORPUS = Path(__file__).parent / "corpus"
LARGEST = 8_000  # bytes of an input
SNIPPETS = tuple(
    each.encode("utf-8", "surrogateescape")
    for each in (
        "\\", "`", "\n", "\r\n", "\\\n", " \\ \n", "'", '"', "$", "${", "}", "${A:-", "${A//", "$(",
        "<(", ")", "(", "((", "{", "[", "]", "[[", "]]", "<<EOF", "<<-'X Y'", "\nEOF\n", "|", "||",
        "&&", "&", ";", ";;", "#", "# ", "!", "!!", "*", "**/", "?", "[^a", "a-z]", "\0", "\t", "\v",
        "\x1b[31m", "é", "\u2028", "\u00a0", "\ufeff", "😀", "\udcff", "\udc80", "--from=", "--mount=",
        "=", ",", ":", "@", "/", "..", "if ", "then ", "fi", "for x in ", "do ", "done", "case ",
        "esac", "f() {", "eval ", "sh -c '", "sudo ", "export A=", "FROM a AS b\n", "\nRUN ", "\nENV ",
        "\nCOPY --from=0 ", "ONBUILD ", "# escape=`\n", "# syntax=x\n", "&a ", "*a", "<<: ", "|\n  ",
        ">-\n", "- ", "? ", "{}", "{{", "null", "~", "1e999", "0x", "2026-02-30", "a" * 70,
    )
)  # fmt: skip

Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]


def seeds(kind: str) -> list[bytes]:
    """Our own small files of a kind, in order."""
    return [path.read_bytes() for path in sorted((CORPUS / kind).iterdir())]


def _cut(random: Random, data: bytes) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.choice((0, 1, 2, 5, 20, 100)))


def _delete(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _cut(random, data)
    return data[:start] + data[end:]


def _insert(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(SNIPPETS) * random.choice((1, 1, 1, 2, 9)) + data[at:]


def _repeat(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _cut(random, data)
    return data[:end] + data[start:end] * random.choice((1, 2, 8)) + data[end:]


def _truncate(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _join(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    other = random.choice(others)
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]


def _swap_lines(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _take_lines(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    lines, more = data.split(b"\n"), random.choice(others).split(b"\n")
    start = random.randrange(len(more))
    at = random.randrange(len(lines) + 1)
    lines[at:at] = more[start : start + random.choice((1, 2, 5))]
    return b"\n".join(lines)


def _change_byte(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]


MUTATIONS: tuple[Mutation, ...] = (
    _delete, _insert, _insert, _repeat, _truncate, _join, _swap_lines, _take_lines, _take_lines,
    _change_byte,
)  # fmt: skip


def mutated(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """An input made of another one, with the help of others; the same for the same randomness."""
    for _ in range(random.randint(1, 6)):
        data = random.choice(MUTATIONS)(random, data, others)[:LARGEST]
    return data
