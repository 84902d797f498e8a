"""Findings made by hand: reports need no rules to be tested."""

from __future__ import annotations

from dflint.finding import Edit, FileReport, Finding, Fix, Related, Severity
from dflint.report import RuleInfo, Run
from dflint.source import Source, Span, make_source

DOCKERFILE = """\
FROM python:3.13-slim AS build
WORKDIR /app
COPY . .
RUN pip install flask
RUN apt-get update && \\
    # what the application needs
    apt-get install -y \\
        curl \\
        git
FROM python:3.12-slim
COPY --from=build /app/.venv /app/.venv
CMD ["gunicorn", "app:app"]
"""

PIP = RuleInfo(
    id="DF201",
    name="pip-no-cache",
    summary="pip leaves its download cache in the image",
    why="pip keeps every file that it downloads,\nfor the next time.\n\nThere is no next time.",
    severity=Severity.WARNING,
    category="size",
    aliases=("hadolint:DL3042",),
    url=None,
)
VENV = RuleInfo(
    id="DF905",
    name="venv-python",
    summary="A virtual environment meets another Python",
    why="It holds links to the Python that made it.",
    severity=Severity.ERROR,
    category="correctness",
    aliases=(),
    url="https://example.org/rules/venv-python",
)


def span_of(text: str, words: str, start: int = 0) -> Span:
    """Where words first stand in a text."""
    at = text.index(words, start)
    return Span(at, at + len(words))


def pip_finding(text: str = DOCKERFILE, words: str = "pip install flask") -> Finding:
    """A warning with a label, advice and a safe fix."""
    span = span_of(text, words)
    at = span.start + len("pip install")
    return Finding(
        rule=PIP.id,
        name=PIP.name,
        aliases=PIP.aliases,
        severity=Severity.WARNING,
        category=PIP.category,
        message=f"`{words}` keeps pip's download cache in this layer",
        advice="Add `--no-cache-dir`, or mount a cache with "
        "`RUN --mount=type=cache,target=/root/.cache/pip`.",
        span=span,
        label="every downloaded wheel stays in the layer",
        stage="build",
        fix=Fix("Add --no-cache-dir", "safe", (Edit(Span(at, at), " --no-cache-dir"),)),
    )


def apt_finding() -> Finding:
    """A finding over five lines, with an unsafe fix."""
    start = DOCKERFILE.index("apt-get install")
    return Finding(
        rule="DF210",
        name="apt-recommends",
        aliases=(),
        severity=Severity.INFO,
        category="size",
        message="apt-get installs what is only recommended",
        advice="Add `--no-install-recommends`.",
        span=Span(start, DOCKERFILE.index("git") + 3),
        stage="build",
        fix=Fix("Add --no-install-recommends", "unsafe", ()),
    )


def venv_finding() -> Finding:
    """An error with two further places, near and far."""
    return Finding(
        rule=VENV.id,
        name=VENV.name,
        aliases=(),
        severity=Severity.ERROR,
        category=VENV.category,
        message="the virtual environment was made by Python 3.13 and is run by 3.12",
        advice="Use the same Python in both stages",
        span=span_of(DOCKERFILE, "COPY --from=build /app/.venv /app/.venv"),
        label="links to a Python that is not here",
        related=(
            Related(span_of(DOCKERFILE, "python:3.12-slim"), "the Python that is here"),
            Related(span_of(DOCKERFILE, "python:3.13-slim"), "made with this"),
        ),
        stage="1",
    )


def style_finding() -> Finding:
    """The plainest finding: no label, no advice, no fix."""
    return Finding(
        rule="DF901",
        name="cmd-style",
        aliases=(),
        severity=Severity.STYLE,
        category="style",
        message="a matter of taste",
        advice="",
        span=span_of(DOCKERFILE, "CMD"),
    )


def run_of(
    *findings: Finding,
    text: str = DOCKERFILE,
    path: str = "Dockerfile",
    color: bool = False,
    width: int = 100,
) -> Run:
    """A run over one file."""
    return run_over(make_source(path, text), *findings, color=color, width=width)


def run_over(source: Source, *findings: Finding, color: bool = False, width: int = 100) -> Run:
    """A run over one source."""
    return Run((FileReport(source, findings),), (PIP, VENV), "1.2.3", color, width)


ALL = (pip_finding(), apt_finding(), venv_finding(), style_finding())
