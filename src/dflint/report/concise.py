"""One line a finding, for grep and for editors that jump to `path:line:column`."""

from __future__ import annotations

from dflint.report.run import Run, each_finding
from dflint.report.terminal import one_line, opening, visible


def concise(run: Run) -> str:
    """`path:line:column: severity[ID] name: message`, a line a finding; nothing when clean."""
    lines = []
    for source, finding in each_finding(run):
        line, column = source.position(finding.span.start)
        path = opening(visible(source.path))
        lines.append(
            f"{path}:{line}:{column}: {finding.severity.label}[{finding.rule}] "
            f"{finding.name}: {one_line(finding.message)}\n"
        )
    return "".join(lines)
