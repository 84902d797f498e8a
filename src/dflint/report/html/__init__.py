"""The report as one page for a browser, which needs nothing else: no network, no other file."""

from __future__ import annotations

from dflint.report.run import Run


def html(run: Run) -> str:
    """A page with every finding at its place in the source, and the stages as a drawing."""
    from dflint.report.html.page import page  # only this format pays for it

    return page(run)
