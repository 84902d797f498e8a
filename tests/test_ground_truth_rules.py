"""Every small Dockerfile that was really built and started, held against the rules about images.

A container that failed must have the one finding that says why; one that worked must have none.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dflint.finding import Severity
from dflint.lint import Linter, lint, make_linter, rules_folder
from tests.image.cases import CASES, Case

PYTHON = "3.12"

# What each container that does not start dies of.
CAUSES = {
    "site-packages-alone": "start-program-missing",
    "site-packages-of-another-python": "python-version-mismatch",
    "target-without-path": "start-program-missing",
    "user-install-of-root-for-another": "start-program-missing",
    "packages-left-behind": "packages-left-behind",
    "venv-moved": "venv-moved",
    "venv-moved-by-mv": "venv-moved",
    "venv-without-an-interpreter": "venv-interpreter-missing",
    "venv-not-on-path": "start-program-missing",
    "venv-removed": "start-program-missing",
    "venv-activated-and-lost": "start-program-missing",
    "venv-in-a-cache-mount": "cache-mount-lost",
    "nothing-installed": "start-program-missing",
    "nothing-installed-in-shell-form": "start-program-missing",
    "uninstalled": "start-program-missing",
    "uv-sync-without-the-source": "editable-install-left",
    "editable-install-without-the-source": "editable-install-left",
    "entrypoint-not-executable": "entrypoint-not-executable",
    "entrypoint-with-carriage-returns": "entrypoint-not-executable",
    "entrypoint-that-starts-what-is-missing": "start-program-missing",
    "script-out-of-a-venv-beside-its-modules": "start-program-missing",
    "script-for-a-python-that-lies-elsewhere": "start-program-missing",
    "link-of-pipx-copied-alone": "start-program-missing",
    "folder-of-pipx-s-links-copied-alone": "start-program-missing",
    "curl-in-a-slim-image": "start-program-missing",
    "shell-form-without-a-shell": "start-program-missing",
    "folder-that-the-user-may-not-write": "not-writable",
}


@pytest.fixture(scope="module")
def linter() -> Linter:
    return make_linter(today=date(2026, 11, 21))


@pytest.fixture(scope="module")
def about_images() -> frozenset[str]:
    """The names of the rules that need the image model."""
    folders = (rules_folder() / "image", rules_folder() / "start")
    return frozenset(path.stem for folder in folders for path in folder.glob("*.yaml"))


def laid_out(case: Case, folder: Path) -> Path:
    """The case's context in a folder, and its Dockerfile there."""
    for name, text in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        path.chmod(case.modes.get(name, 0o644))
    dockerfile = folder / "Dockerfile"
    text = case.text.replace("PY-", f"{PYTHON}-").replace("pythonPY", f"python{PYTHON}")
    dockerfile.write_text(text)
    return dockerfile


def test_every_broken_case_has_its_cause() -> None:
    assert {case.name for case in CASES if not case.sound} == set(CAUSES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_rules_agree_with_the_real_container(
    case: Case, tmp_path: Path, linter: Linter, about_images: frozenset[str]
) -> None:
    found = lint(laid_out(case, tmp_path), linter).findings
    told = [
        each.name
        for each in found
        if each.name in about_images and each.severity in (Severity.ERROR, Severity.WARNING)
    ]
    assert told == ([] if case.sound else [CAUSES[case.name]])
