"""Known problems: writing them down once, and leaving them out of later reports."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath

from msgspec import Struct, structs

from dflint.disk import read_text
from dflint.finding import FileReport
from dflint.fingerprint import fingerprints
from dflint.lazy import regex
from dflint.report.redact import redacted
from dflint.tree import way

NAME = ".dflint-baseline.json"
VERSION = 1  # of the format
_KEYS = ("path", "rule", "name", "fingerprint", "message")
_LIST = regex(r'"findings"\s*:\s*\[')
_BETWEEN = regex(r"[\s,]*")


class BaselineError(Exception):
    """A baseline that cannot be used; the message tells its file, the line and what is wrong."""


class Entry(Struct, frozen=True, order=True):
    """A known problem. `path` is relative to the baseline's folder, with slashes.

    Only the fingerprint counts; the rest is for people.
    """

    path: str
    rule: str
    fingerprint: str
    name: str
    message: str


class Baseline(Struct, frozen=True):
    """The known problems that a file holds, and their fingerprints."""

    path: Path
    entries: tuple[Entry, ...]
    fingerprints: frozenset[str]


def make_baseline(path: Path, reports: Iterable[FileReport]) -> Baseline:
    """The findings of files as known problems, for a baseline at this path."""
    entries = [entry for report in reports for entry in _entries(report, path)]
    return _baseline(path, sorted(entries))


def _entries(report: FileReport, path: Path) -> Iterator[Entry]:
    report = _placed(report, path)
    shown = redacted(report)  # the file is committed, so that no secret may stand in it
    for finding, fingerprint in zip(shown.findings, fingerprints(report), strict=True):
        message = " ".join(finding.message.split())
        yield Entry(report.source.path, finding.rule, fingerprint, finding.name, message)


def _baseline(path: Path, entries: Iterable[Entry]) -> Baseline:
    entries = tuple(entries)
    return Baseline(path, entries, frozenset(each.fingerprint for each in entries))


def _placed(report: FileReport, path: Path) -> FileReport:
    """The report with its file's path relative to the baseline's folder.

    Fingerprints hold the path: they must not depend on the folder that dflint is started in.
    """
    source = structs.replace(report.source, path=relative_path(report.source.path, path))
    return structs.replace(report, source=source)


def relative_path(file: str, baseline: Path) -> str:
    """A file's path as seen from the folder of a baseline, with slashes; links to it are kept."""
    folder = os.path.realpath(baseline.parent)
    name = PurePath(file)
    whole = PurePath(os.path.realpath(name.parent), name.name)
    return way(str(whole), folder) or whole.as_posix()


def baseline_json(baseline: Baseline) -> str:
    """The text of a baseline's file: a line an entry, so that merges and diffs stay readable."""
    lines = [_line(each) for each in baseline.entries]
    body = "\n" + ",\n".join(lines) + "\n  " if lines else ""
    return f'{{\n  "version": {VERSION},\n  "findings": [{body}]\n}}\n'


def _line(entry: Entry) -> str:
    # A path may hold bytes that are no text: escaped, they survive.
    return "    " + json.dumps({key: getattr(entry, key) for key in _KEYS})


def load_baseline(path: Path) -> Baseline:
    """The known problems that a file holds. Raises BaselineError."""
    try:
        text = read_text(path)
    except FileNotFoundError:
        message = f"{path}: there is no such baseline (`dflint baseline` writes one)"
        raise BaselineError(message) from None
    except UnicodeDecodeError:
        raise BaselineError(f"{path}: not UTF-8") from None
    except OSError as error:
        raise BaselineError(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        data: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise BaselineError(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
    except (ValueError, RecursionError):  # a number that is too long, lists in lists in lists
        raise BaselineError(f"{path}:1: not a baseline") from None
    return _baseline(path, _read(data, text, path))


def _read(data: object, text: str, path: Path) -> Iterator[Entry]:
    """The entries of a parsed file. Raises BaselineError."""
    if not isinstance(data, dict) or "version" not in data:
        raise BaselineError(f"{path}:1: not a baseline: it has no `version`")
    if data["version"] != VERSION:
        line = _line_of(text, text.find('"version"'))
        told = f"version {data['version']} of the format is not known here (only {VERSION} is)"
        raise BaselineError(f"{path}:{line}: {told}")
    findings = data.get("findings")
    if not isinstance(findings, list):
        raise BaselineError(f"{path}:1: not a baseline: `findings` is not a list")
    for number, each in enumerate(findings):
        wrong = [
            key for key in _KEYS if not isinstance(each, dict) or not isinstance(each.get(key), str)
        ]
        if wrong:
            line = _line_of(text, _start_of(text, number))
            raise BaselineError(f"{path}:{line}: an entry needs the text `{wrong[0]}`")
        yield Entry(**{key: each[key] for key in _KEYS})


def _line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, max(offset, 0)) + 1


def _start_of(text: str, number: int) -> int:
    """Where the item of this number of the list `findings` begins in a JSON text."""
    opening = _LIST.search(text)
    at = 0 if opening is None else opening.end()
    for item in range(number + 1):
        gap = _BETWEEN.match(text, at)
        at = at if gap is None else gap.end()
        if item < number:
            at = json.JSONDecoder().raw_decode(text, at)[1]
    return at


def unknown(baseline: Baseline, report: FileReport) -> tuple[bool, ...]:
    """Whether each finding of a file is none of the known problems."""
    prints = fingerprints(_placed(report, baseline.path))
    return tuple(each not in baseline.fingerprints for each in prints)


def outdated(
    baseline: Baseline, reports: Iterable[FileReport], asked: Callable[[str], bool]
) -> tuple[Entry, ...]:
    """The entries that match nothing any more in these files, of the rules that were asked."""
    placed = [_placed(report, baseline.path) for report in reports]
    paths = {each.source.path for each in placed}
    found = {fingerprint for each in placed for fingerprint in fingerprints(each)}
    return tuple(
        each
        for each in baseline.entries
        if each.path in paths and each.fingerprint not in found and asked(each.rule)
    )


def outdated_text(baseline: Baseline, entries: tuple[Entry, ...], shown: int = 3) -> str:
    """What there is to say of entries that match nothing any more."""
    one = len(entries) == 1
    named = [f"{each.name} in {each.path}" for each in entries[:shown]]
    if len(entries) > shown:
        named.append(f"and {len(entries) - shown} more")
    count = f"1 entry of {baseline.path} matches" if one else (
        f"{len(entries)} entries of {baseline.path} match"
    )  # fmt: skip
    return f"{count} nothing any more: {', '.join(named)}; run `dflint baseline` to write it anew"
