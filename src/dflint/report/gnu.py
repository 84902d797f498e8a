"""One line a finding in the form that GNU's compilers and hadolint use, for editors and scripts.

Form: "Formatting Error Messages", GNU Coding Standards. The rule stands where hadolint has it.
"""

from __future__ import annotations

from dflint.report.run import Run, each_finding
from dflint.report.terminal import one_line, opening, visible


def gnu(run: Run) -> str:
    """`path:line:column: ID severity: message`, a line a finding; nothing when clean."""
    lines = []
    for source, finding in each_finding(run):
        line, column = source.position(finding.span.start)
        path = opening(visible(source.path))
        lines.append(
            f"{path}:{line}:{column}: {finding.rule} {finding.severity.label}: "
            f"{one_line(finding.message)}\n"
        )
    return "".join(lines)
