"""Every rule's own examples, one test each, and what holds for all rules."""

from __future__ import annotations

from datetime import date

import pytest

from dflint.config import command_line, default_config
from dflint.examples import run_examples
from dflint.lint import lint_source, make_linter, rules_folder
from dflint.rule import Rule
from dflint.rules import load_folder
from dflint.source import make_source

RULES = load_folder(rules_folder())

# The names that users, their configuration and their ignore comments rely on.
NAMES = (
    "slim-base", "untagged-base", "latest-tag", "python-end-of-life", "base-end-of-life",
    "unpinned-base-digest", "alpine-python", "pip-no-cache", "apt-lists-left", "apk-no-cache",
    "dnf-clean", "npm-cache-left", "conda-clean", "uv-cache-left", "poetry-cache-left",
    "root-user", "user-unknown", "sudo-in-run", "numeric-user", "copied-files-owner",
    "dockerignore-missing", "dockerignore-incomplete", "copied-file-ignored",
    "copy-source-missing", "venv-missing", "venv-activate-lost", "venv-not-on-path",
    "pip-upgrade-in-place", "externally-managed", "single-stage-build-tools",
    "copy-from-unknown-stage", "copy-whole-stage", "copy-before-dependencies", "unused-stage",
    "stage-name-duplicate", "apt-no-recommends", "apt-get-yes", "apt-update-alone",
    "relative-workdir", "shell-form-cmd", "multiple-cmd", "multiple-entrypoint",
    "add-instead-of-copy", "maintainer-deprecated", "pipe-without-pipefail", "curl-pipe-shell",
    "secret-in-env", "legacy-env-format", "requirements-not-pinned", "no-healthcheck",
    "dev-server", "syntax-error", "unreadable", "bad-ignore", "unused-ignore",
    "start-program-missing", "packages-left-behind", "python-version-mismatch", "venv-moved",
    "venv-interpreter-missing", "libc-mismatch", "pythonpath-missing", "not-writable",
    "runtime-library-missing", "editable-install-left",
    "port-mismatch", "loopback-bind", "entrypoint-not-executable", "cache-mount-lost",
    "host-venv-copied", "requires-python-mismatch", "server-not-required", "venv-mixed",
    "worker-tmp", "healthcheck-program-missing",
    "stage-name-casing", "from-as-casing", "keyword-casing", "blank-continuation",
    "definition-description", "ignore-comment", "repeated-healthcheck", "port-out-of-range",
    "expose-format", "expose-protocol-casing", "ssh-port", "copy-many-to-file",
    "relative-copy-destination", "archive-copied", "env-uses-itself", "undefined-variable",
    "system-workdir", "reserved-stage-name", "undefined-from-argument", "from-without-default",
    "constant-platform", "redundant-platform", "platform-mismatch", "trusted-registry",
    "label-key", "legacy-label-format", "label-schema", "label-missing", "apt-not-pinned",
    "apk-not-pinned", "dnf-not-pinned", "zypper-not-pinned", "npm-not-pinned", "gem-not-pinned",
    "go-not-pinned", "dnf-yes", "zypper-yes", "distribution-upgrade", "apt-for-terminals",
    "zypper-clean", "run-cd", "consecutive-runs", "useradd-high-uid", "wget-progress",
    "curl-and-wget", "shell-link", "pointless-command", "secret-argument",
    "uv-sync-not-frozen", "uv-link-mode", "uv-image-not-pinned", "pip-trusted-host",
    "pip-index-http", "pip-extra-index", "dev-dependencies-installed", "project-before-source",
    "setup-py-install", "python-tool-not-pinned", "lock-not-enforced", "conda-not-pinned",
    "python-unbuffered", "pipenv-dev-packages", "requirements-hash-missing", "lock-made-in-build", "database-in-build",
    "conda-activate-fails", "index-variable-insecure", "extra-index-variable",
    "lock-missing", "uv-run-syncs", "server-interface-mismatch", "requirements-file-not-pinned",
    "requirements-file-index", "bytecode-not-compiled", "secret-key-placeholder", "debug-enabled",
    "gunicorn-single-worker", "conda-defaults-channel", "pip-config-insecure",
    "token-written", "credentials-in-url", "password-in-command", "secret-file-copied",
    "secret-removed-later", "secret-mount-kept", "account-password",
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_examples(rule: Rule) -> None:
    assert [f"example {each.number}: {each.text}" for each in run_examples(rule)] == []


def test_the_promised_rules_are_there() -> None:
    assert set(NAMES) <= {rule.name for rule in RULES}


def test_rules_off_by_default() -> None:
    assert {"no-healthcheck", "unpinned-base-digest"} <= {r.name for r in RULES if not r.default}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_s_file_is_named_after_it(rule: Rule) -> None:
    folder = rules_folder()
    assert rule.path in {str(folder / path.name / f"{rule.name}.yaml") for path in folder.iterdir()}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_explains_itself(rule: Rule) -> None:
    assert len(rule.why.split()) >= 30
    assert len(rule.summary) <= 90
    assert not rule.summary.endswith(".")
    assert rule.since
    assert all(address.startswith("https://") for address in rule.references)
    assert rule.references or rule.subject == "problem"
    assert len(set(rule.aliases)) == len(rule.aliases)
    assert all(alias.count(":") == 1 for alias in rule.aliases)


PLAIN = "FROM python:3.13-slim\n"


@pytest.mark.parametrize(
    ("rule", "path", "text", "told"),
    [
        ("root-user", "web/Dockerfile", 'CMD ["serve"]', True),
        ("root-user", "devcontainer/Dockerfile", 'CMD ["serve"]', True),
        ("root-user", "x/.devcontainer/Dockerfile", "RUN true", False),
        ("root-user", ".devcontainer/Dockerfile.app", "USER root", False),
        ("numeric-user", "web/Dockerfile", "RUN useradd app\nUSER app", True),
        ("numeric-user", "x/.devcontainer/Dockerfile", "RUN useradd app\nUSER app", False),
        ("slim-base", "web/Dockerfile", "FROM python:3.13", True),
        ("slim-base", "x/.devcontainer/Dockerfile", "FROM python:3.13", False),
        ("slim-base", "Dockerfile.dev", "FROM python:3.13", False),
        ("no-healthcheck", "web/Dockerfile", 'CMD ["serve"]', True),
        ("no-healthcheck", "devices/Dockerfile", 'CMD ["serve"]', True),
        ("no-healthcheck", "Dockerfile.dev", 'CMD ["serve"]', False),
        ("no-healthcheck", "tests/Dockerfile", 'CMD ["serve"]', True),
        ("no-healthcheck", "Dockerfile.lambda", 'CMD ["serve"]', False),
        ("no-healthcheck", "lambda/Dockerfile", 'CMD ["serve"]', True),
        ("uv-run-syncs", "web/Dockerfile", 'RUN uv sync\nCMD ["uv", "run", "a"]', True),
        ("uv-run-syncs", "development.dockerfile", 'RUN uv sync\nCMD ["uv", "run", "a"]', False),
        ("slim-base", "test/Dockerfile", "FROM python:3.13", True),
        ("secret-in-env", "test/Dockerfile", "ENV API_SECRET=1234", True),
        ("dev-dependencies-installed", "web/Dockerfile", "RUN uv sync", True),
        ("dev-dependencies-installed", "compose/docs/Dockerfile", "RUN uv sync", False),
        ("dev-dependencies-installed", "compose/local/web/Dockerfile", "RUN uv sync", False),
        ("dev-dependencies-installed", "compose/production/web/Dockerfile", "RUN uv sync", True),
        ("dev-dependencies-installed", "local/app/web/Dockerfile", "RUN uv sync", True),
        ("venv-missing", "web/Dockerfile", "RUN pip install flask", True),
        ("venv-missing", ".devcontainer/Dockerfile", "RUN pip install flask", False),
    ],
)
def test_images_for_development_and_tests(rule: str, path: str, text: str, told: bool) -> None:
    today = date(2026, 11, 21)
    config = command_line(
        default_config(),
        select=(rule,), ignore=None, extend_select=None, context=None, today=today,
    )  # fmt: skip
    report = lint_source(make_source(path, f"{PLAIN}{text}\n"), make_linter(config), None)
    assert (rule in {each.name for each in report.findings}) == told


@pytest.mark.parametrize("removal", ["apt-get purge -y npm", "apk del .tools", "dnf remove npm"])
def test_a_removed_npm_cleans_nothing(removal: str) -> None:
    text = f"{PLAIN}RUN npm install x && {removal}\nRUN npm install x && make\n"
    report = lint_source(
        make_source("Dockerfile", text), make_linter(today=date(2026, 11, 21)), None
    )
    fixes = [each.fix for each in report.findings if each.name == "npm-cache-left"]
    assert [fix is None for fix in fixes] == [True, False]
