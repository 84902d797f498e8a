"""What earlier runs found in a file: kept by all that it depends on, in a cache that runs share.

The key says everything that is known beforehand: the text, its path, configuration, rules, dflint
itself. What a build context was asked turns out on the way, so the questions are kept with the
findings, together with what the answers were; they are asked again before the findings are used.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from dflint import __version__, compiled
from dflint.asked import Questions, answers, questions
from dflint.context import Context
from dflint.finding import Edit, Finding, Fix, Related, Severity
from dflint.lint import Linter, rules_folder
from dflint.shards import append, digest, read_shard, shard_of
from dflint.source import Span


class Results(Struct):
    """The cache of a run: `recall` what is known, `keep` what is new, and `save` that at the end.

    `identity` is what all keys of the run share.
    """

    folder: Path
    identity: bytes
    _shards: dict[str, dict[str, bytes]] = field(default_factory=dict)
    _new: dict[str, bytes] = field(default_factory=dict)

    def key(self, *parts: object) -> str:
        """The key of what was found, from what else it depends on."""
        return digest(self.identity, *(repr(part).encode("utf-8", "replace") for part in parts))

    def recall(self, key: str, context: Context | None) -> tuple[Finding, ...] | None:
        """What was found before, if the context's answers are still the same."""
        shard = shard_of(key)
        if shard not in self._shards:
            self._shards[shard] = read_shard(self.folder, shard)
        value = self._shards[shard].get(key)
        if value is None:
            return None
        asked, answered, findings = json.loads(value)
        if (context is None) is not (asked is None):
            return None
        if context is not None and answers(context, _questions(asked)) != answered:
            return None
        return tuple(map(finding, findings))

    def keep(self, key: str, context: Context | None, findings: Sequence[Finding]) -> None:
        """Remember what was found, unless nobody can say what it depends on."""
        asked: Questions | None = None
        answered = ""
        if context is not None:
            asked = questions(context)
            if asked is None:
                return
            answered = answers(context, asked)
        row = [
            None if asked is None else [asked.tree, asked.outside],
            answered,
            list(map(plain, findings)),
        ]
        self._new[key] = json.dumps(row, separators=(",", ":")).encode("ascii")

    def save(self) -> None:
        """Write what is new; where that is not possible, nothing happens."""
        append(self.folder, self._new)
        self._new.clear()


def _questions(row: Any) -> Questions:
    tree, outside = row
    return Questions(tuple((kind, path) for kind, path in tree), tuple(outside))


def identity(linter: Linter, more: Sequence[str] = ()) -> bytes:
    """Everything that findings depend on beside the file and its context. Raises OSError."""
    config = linter.config
    folders = [rules_folder(), Path(__file__).parent / "knowledge", *map(Path, config.rules)]
    parts: list[object] = [__version__, _code(), repr(config), linter.today, linter.digests]
    parts += [compiled.checksum(compiled.sources(folder)) for folder in folders]
    return digest(*(str(part).encode("utf-8", "replace") for part in (*parts, *more))).encode()


@cache
def _code() -> str:
    """What changes when dflint's own code does, as it may in a checkout without a new version."""
    newest = size = 0
    for folder, _, names in os.walk(os.fspath(Path(__file__).parent)):
        for name in names:
            if name.endswith(".py"):
                status = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118
                newest, size = max(newest, status.st_mtime_ns), size + status.st_size
    return f"{newest} {size}"


# ---- findings as plain data


def plain(each: Finding) -> list[object]:
    """A finding as JSON can hold it; `finding` makes it again."""
    return [
        each.rule,
        each.name,
        each.aliases,
        int(each.severity),
        each.category,
        each.message,
        each.advice,
        _ends(each.span),
        each.label,
        [[*_ends(also.span), also.label] for also in each.related],
        each.stage,
        None if each.fix is None else _plain_fix(each.fix),
        None if each.secret is None else _ends(each.secret),
        list(each.yields_to),
    ]


def _plain_fix(fix: Fix) -> list[object]:
    edits = [[*_ends(edit.span), edit.text] for edit in fix.edits]
    return [fix.title, fix.safety, edits, fix.ignore]


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end


def finding(row: Sequence[Any]) -> Finding:
    """The finding that `plain` made these data from."""
    rule, name, aliases, severity, category, message, advice, span, label = row[:9]
    related, stage, fix, secret, yields_to = row[9:]
    return Finding(
        rule=rule,
        name=name,
        aliases=tuple(aliases),
        severity=Severity(severity),
        category=category,
        message=message,
        advice=advice,
        span=Span(*span),
        label=label,
        related=tuple(Related(Span(start, end), text) for start, end, text in related),
        stage=stage,
        fix=None if fix is None else _fix(fix),
        secret=None if secret is None else Span(*secret),
        yields_to=tuple(yields_to),
    )


def _fix(row: Sequence[Any]) -> Fix:
    title, safety, edits, ignore = row
    made = tuple(Edit(Span(start, end), text) for start, end, text in edits)
    return Fix(title, safety, made, tuple(ignore))
