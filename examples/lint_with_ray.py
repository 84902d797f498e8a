"""Lint a great many Dockerfiles with Ray Data: rows of findings, written as JSON Lines.

    pip install 'dflint[ray]'
    python lint_with_ray.py FOLDER OUT

FOLDER may be any place that Ray reads from (`s3://bucket/prefix`). A worker makes its linter once;
linting is then a function of a path and bytes, which needs no disk, no network and no cache. Build
contexts stay behind, so that rules about the files around a Dockerfile have nothing to say.
"""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

from dflint.lint import lint_source, make_linter
from dflint.source import decode


class Lint:
    """What a worker does with rows of `path` and `bytes`; all workers go by the same day."""

    def __init__(self, day: date) -> None:
        self.linter = make_linter(today=day)

    def __call__(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        """A row for each finding in a file."""
        report = lint_source(decode(row["path"], bytes(row["bytes"])), self.linter)
        rows = []
        for found in report.findings:
            line, column = report.source.position(found.span.start)
            rows.append(
                {
                    "path": row["path"],
                    "line": line,
                    "column": column,
                    "rule": found.rule,
                    "name": found.name,
                    "severity": found.severity.label,
                    "message": found.message,
                }
            )
        return rows


def main(folder: str, out: str, day: date) -> int:
    """Lint all files below a folder into JSON files below another; gives the number of findings."""
    import ray

    files = ray.data.read_binary_files(folder, include_paths=True)
    found = files.flat_map(Lint, fn_constructor_args=(day,), concurrency=(1, 64))
    found = found.materialize()
    found.write_json(out)
    return int(found.count())


if __name__ == "__main__":
    print(f"{main(sys.argv[1], sys.argv[2], date.today())} findings")
