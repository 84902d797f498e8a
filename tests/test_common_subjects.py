"""What all subjects share: texts on one line, and the names of files."""

from __future__ import annotations

import pytest

from dflint.config import Config
from dflint.lint import lint_source, make_linter
from dflint.source import Span, make_source
from dflint.subjects.common import one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("RUN a", "RUN a"),
        ("RUN a && \\\n    b", "RUN a && b"),
        ("RUN a \\\n# why\n  b", "RUN a b"),
        ("RUN a \\\n  # why\n  b", "RUN a b"),
        ("RUN good\\\nbye", "RUN goodbye"),
        ("RUN good\\\n  bye", "RUN good bye"),
        ("RUN good \\\nbye", "RUN good bye"),
        ("RUN good\\\r\nbye \\\r\n x\r", "RUN goodbye x"),
        ("RUN a \\\n\n  b \\", "RUN a b"),
        ("RUN <<E\nb\n c\nE", "RUN <<E b c E"),
    ],
)
def test_an_instruction_on_one_line(text: str, line: str) -> None:
    source = make_source("Dockerfile", text)
    assert one_line(source, Span(0, len(text))) == line


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("Dockerfile", True),
        ("app/Dockerfile", True),
        ("compose/local/django/Dockerfile", False),
        ("compose\\local\\django\\Dockerfile", False),
        ("/home/local/django/Dockerfile", True),
        ("C:\\local\\django\\Dockerfile", True),
        ("/srv/local/Dockerfile", False),
        ("locals/Dockerfile", True),
        ("local/app/web/Dockerfile", True),
    ],
)
def test_folders_for_development_are_the_project_s_own(path: str, told: bool) -> None:
    text = "FROM python:3.13-slim\nRUN apt-get install -y gcc\nCMD ['a']\n"
    linter = make_linter(Config(select=("single-stage-build-tools",)))
    assert bool(lint_source(make_source(path, text), linter).findings) is told
