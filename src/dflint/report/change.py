"""What a fix changes, as lines taken away and lines put there."""

from __future__ import annotations

from dflint.finding import Fix
from dflint.fix import apply
from dflint.report.terminal import CYAN, GREEN, RED, opening, paint, visible
from dflint.source import Source

LONGEST = 8  # lines of a change that a report shows under a finding


def unified_diff(path: str, before: str | None, after: str, color: bool) -> str:
    """Two texts as a unified diff; empty where they are the same. A new file has None before."""
    import difflib  # most reports show no change of a whole file

    rows = []
    origin = f"a/{path}" if before is not None else "/dev/null"
    styles = {"+": GREEN, "-": RED, "@": CYAN}
    old, new = _lines(before or ""), _lines(after)
    for line in difflib.unified_diff(old, new, origin, f"b/{path}", lineterm=""):
        body, newline, _ = line.partition("\n")
        style = "" if line.startswith(("+++", "---")) else styles.get(line[:1], "")
        text = opening(visible(body.removesuffix("\r")))
        rows.append(paint(text, style, color) if style else text)
        header = line.startswith(("+++ b/", "--- a/", "--- /dev/null", "@@"))
        if not newline and not header:
            rows.append("\\ No newline at end of file")
    return "".join(f"{row}\n" for row in rows)


def _lines(text: str) -> list[str]:
    """The lines with their endings; only `\\n` ends one, as for Docker."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def change(source: Source, fix: Fix) -> list[tuple[str, str]]:
    """The lines that a fix changes, as (`-` or `+`, line); nothing where there are too many."""
    if not fix.edits:
        return []
    before, after = source.text, apply(source.text, [fix])
    first = min(edit.span.start for edit in fix.edits)
    last = max(edit.span.end for edit in fix.edits)
    start = before.rfind("\n", 0, first) + 1
    end = before.find("\n", last)
    end = len(before) if end == -1 else end
    old = before[start:end].split("\n")
    new = after[start : end + len(after) - len(before)].split("\n")
    rows = [("-", line) for line in old if line not in new]
    rows += [("+", line) for line in new if line not in old]
    return rows if len(rows) <= LONGEST else []
