"""The GitHub Action's only step: install dflint, lint, annotate, summarize, tell the outputs.

The inputs come as DFLINT_… variables (action.yml), the rest is what the runner sets: "Variables
reference" and "Workflow commands for GitHub Actions", docs.github.com. Needs nothing but Python and
git. Exits as `dflint check` does.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the runner's own may be older
    sys.exit(
        "::error title=dflint::dflint needs Python 3.11 or newer, and `python3` is "
        "{}.{}: put actions/setup-python before this step".format(*sys.version_info)
    )

import hashlib
import json
import os
import re
import secrets
import shlex
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

USAGE = 2
SUMMARY_SIZE = 1_000_000  # bytes; GitHub takes 1 MiB a step
GRAPHS = 20  # drawings in a summary; GitHub's page becomes slow with more
# How many commits a shallow clone is deepened by, one try after the other; 0 is all of them.
DEEPER = (1, 50, 500, 0)
NOT_DRAWN = (".yml", ".yaml", ".json", ".hcl", ".dockerignore")  # no Dockerfile, or not alone
RELEASE = re.compile(r"[0-9][0-9A-Za-z.!+]*")
ANNOTATION = re.compile(rb"::(?:error|warning|notice) ")
PLACE = re.compile(r"^(\| \S+ \w+ \| )((\d+):\d+)(?= \| )", re.MULTILINE)  # of a table's row
STAGE = re.compile(r"^  s\d+\[", re.MULTILINE)
SECTION = re.compile(r"\n\n(?=### |<details>\n)")  # where a file begins in dflint's Markdown


class ActionError(Exception):
    """The step cannot go on; the message says why."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What action.yml takes."""

    paths: tuple[str, ...]
    config: str
    fail_on: str
    only_changed: bool
    version: str
    sarif: str
    shellcheck: bool
    args: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reports:
    """The files that dflint writes for the other steps of this script."""

    json: Path
    sarif: Path
    markdown: Path
    annotations: Path


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """The inputs, checked. Raises ActionError."""
    given = {
        name: environment.get(f"DFLINT_{name.upper().replace('-', '_')}", "").strip()
        for name in (
            "paths", "config", "fail-on", "only-changed", "version", "sarif", "shellcheck", "args",
        )
    }  # fmt: skip
    version = given["version"].removeprefix("v")
    if version and not RELEASE.fullmatch(version):
        raise ActionError(f"`version` takes a release of dflint, not `{given['version']}`")
    try:
        args = tuple(shlex.split(given["args"]))
    except ValueError as error:
        raise ActionError(f"`args` cannot be parted into words: {error}") from None
    return Inputs(
        paths=tuple(split_paths(given["paths"])) or (".",),
        config=given["config"],
        fail_on=given["fail-on"],
        only_changed=_switch("only-changed", given["only-changed"]),
        version=version,
        sarif=given["sarif"],
        shellcheck=_switch("shellcheck", given["shellcheck"]),
        args=args,
    )


def _switch(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false", ""):
        raise ActionError(f"`{name}` takes true or false, not `{text}`")
    return text.lower() == "true"


def split_paths(text: str) -> Iterator[str]:
    """The paths: a line that names something is one path, any other is parted at its blanks."""
    for line in filter(None, map(str.strip, text.splitlines())):
        if Path(line).exists():
            yield line
        else:
            yield from line.split()


@contextmanager
def quoted() -> Iterator[None]:
    """What is printed in between is no workflow command, whatever it holds."""
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}", flush=True)
    try:
        yield
    finally:
        print(f"\n::{token}::", flush=True)


def annotate(level: str, message: str) -> None:
    """An annotation of the whole run."""
    data = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    print(f"::{level} title=dflint::{data}", flush=True)


def print_annotations(commands: bytes) -> None:
    """Print dflint's workflow commands, and nothing that is not an annotation."""
    # Not splitlines, which knows ends of lines that the runner does not.
    lines = [line for line in commands.split(b"\n") if ANNOTATION.match(line)]
    sys.stdout.buffer.write(b"".join(line + b"\n" for line in lines))
    sys.stdout.flush()


def requirement(inputs: Inputs, action: Path) -> str:
    """What pip is to install: the action's own checkout, or a release, with what it needs."""
    bake = any(path.lower().endswith(".hcl") for path in inputs.paths)
    extras = ",".join(
        name for name, wanted in (("bake", bake), ("shell", inputs.shellcheck)) if wanted
    )
    extras = f"[{extras}]" if extras else ""
    return f"dflint{extras}=={inputs.version}" if inputs.version else f"{action}{extras}"


def install(wanted: str, folder: Path) -> Path:
    """The `dflint` of an environment of its own. Raises ActionError."""
    mark = hashlib.sha256(wanted.encode()).hexdigest()[:12]
    environment = folder / f"dflint-{mark}"
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    done = environment / "installed"
    if done.exists():
        return programs / "dflint"
    python = programs / "python"
    pip = [str(python), "-I", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    venv = [sys.executable, "-I", "-m", "venv", "--clear", str(environment)]
    with quoted():
        for command in (venv, [*pip, wanted]):
            if subprocess.run(command).returncode:
                raise ActionError(f"`{command[3]}` cannot install dflint: the log says why")
    done.touch()
    return programs / "dflint"


def plain_environment() -> dict[str, str]:
    """The variables without those that make Python import from elsewhere."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}


def check_command(inputs: Inputs, reports: Reports, base: str | None) -> list[str]:
    """The words after `dflint`."""
    words = ["check", "--color", "always", "--output", "full"]
    for name in ("json", "sarif", "markdown"):
        words += ["--output", f"{name}={getattr(reports, name)}"]
    words += ["--output", f"github={reports.annotations}"]
    if inputs.fail_on:
        words += ["--fail-on", inputs.fail_on]
    if inputs.config:
        words += ["--config", inputs.config]
    if base is not None:
        words += ["--diff-base", base]
    return [*words, *inputs.args, "--", *inputs.paths]


def git(folder: Path, *words: str) -> str | None:
    """What git prints; None when it fails. What it says of that goes to the log."""
    told = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    done = subprocess.run(["git", *words], cwd=folder, env=told, stdout=subprocess.PIPE)
    return os.fsdecode(done.stdout).strip() if done.returncode == 0 else None


def changed_since(environment: Mapping[str, str], folder: Path) -> str | None:
    """The commit that a pull request or push is compared with, fetched if it was not there.

    None when there is none, as in a run by hand: everything counts then. Raises ActionError.
    """
    event = _event(environment)
    name = environment.get("GITHUB_EVENT_NAME", "")
    if name in ("pull_request", "pull_request_target"):
        return _base_of_pull_request(environment, name, folder)
    if name == "merge_group":
        return _fetched(str(event["merge_group"]["base_sha"]), folder)
    before = str(event.get("before", "")).strip("0") and str(event["before"])
    if name != "push" or not before:
        print(f"Nothing to compare with ({name or 'no event'}): every problem counts", flush=True)
        return None
    try:
        return _fetched(before, folder)
    except ActionError:
        if not event.get("forced"):
            raise
        print("The commit before this forced push is gone: every problem counts", flush=True)
        return None


def _event(environment: Mapping[str, str]) -> Mapping[str, Any]:
    path = environment.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    found: Mapping[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return found


def _base_of_pull_request(environment: Mapping[str, str], name: str, folder: Path) -> str:
    """The branch that a pull request is to go into. Raises ActionError.

    What actions/checkout has by default is GitHub's own merge commit, whose first parent is that
    branch as it was merged; the branch may have gone on since.
    """
    head = _commit(folder, "HEAD")
    if name == "pull_request" and head == environment.get("GITHUB_SHA"):
        about = (git(folder, "cat-file", "commit", head) or "").partition("\n\n")[0]
        parents = re.findall("^parent ([0-9a-f]+)$", about, re.MULTILINE)
        if len(parents) == 2:
            return _fetched(parents[0], folder)
    branch = environment.get("GITHUB_BASE_REF", "")
    return _fetched(f"refs/remotes/origin/{branch}", folder, f"refs/heads/{branch}")


def _commit(folder: Path, name: str) -> str:
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return git(folder, *words) or ""


def _fetched(base: str, folder: Path, remote: str | None = None) -> str:
    """The base's commit, when it and what it has in common with HEAD are there. Raises ActionError.

    `remote` is what the server calls it. A shallow clone is deepened, a little at first.
    """
    if _joined(base, folder):
        return _commit(folder, base)
    head = _commit(folder, "HEAD")
    wanted = f"+{remote}:{base}" if remote else base
    for depth in DEEPER:
        if git(folder, "rev-parse", "--is-shallow-repository") != "true":
            git(folder, "fetch", "--no-tags", "--quiet", "origin", wanted)
        elif depth:
            git(
                folder, "fetch", "--no-tags", "--quiet", f"--deepen={depth}", "origin", wanted, head
            )
        else:
            git(folder, "fetch", "--no-tags", "--quiet", "--unshallow", "origin", wanted, head)
        if _joined(base, folder):
            return _commit(folder, base)
    raise ActionError(
        f"`only-changed` needs the history up to `{remote or base}`, which is not in this clone "
        "and cannot be fetched: give actions/checkout `fetch-depth: 0`"
    )


def _joined(base: str, folder: Path) -> bool:
    commit = _commit(folder, base)
    return bool(commit) and git(folder, "merge-base", commit, "HEAD") is not None


def repository(paths: Sequence[str]) -> Path:
    """The top of the git repository that the first path is in. Raises ActionError."""
    first = Path(paths[0])
    folder = first if first.is_dir() else first.parent
    top = git(folder, "rev-parse", "--show-toplevel") if folder.is_dir() else None
    if not top:
        raise ActionError(f"`only-changed` needs `{paths[0]}` to be in a git repository")
    return Path(top)


def summary(
    markdown: str,
    paths: Sequence[str],
    drawings: Mapping[str, str],
    code: str | None = None,
    size: int = SUMMARY_SIZE,
) -> str:
    """dflint's Markdown, below each file the drawing of its stages, in at most that many bytes.

    `paths` are the files that it has tables of, in order; `code` is the address of the folder that
    they are in, to which places then lead.
    """
    head, *tables = SECTION.split(markdown.rstrip("\n"))
    parts, left = [head], size - len(head.encode()) - 100  # room for what is said at the end
    for number, (path, table) in enumerate(zip(paths, tables, strict=True)):
        linked = table if code is None else _linked(table, f"{code}/{quote(path)}")
        drawing = _folded(drawings[path]) if path in drawings else ""
        left -= len(f"{linked}{drawing}".encode()) + 4
        if left < 0:
            count = len(tables) - number
            parts.append(f"There is no room for {count} more of the files: the log has them.")
            break
        parts += filter(None, (linked, drawing))
    return "\n\n".join(parts) + "\n"


def _linked(table: str, address: str) -> str:
    return PLACE.sub(lambda found: f"{found[1]}[{found[2]}]({address}#L{found[3]})", table)


def _folded(drawing: str) -> str:
    head = "<details>\n<summary>Its stages</summary>"
    return f"{head}\n\n```mermaid\n{drawing.rstrip()}\n```\n\n</details>"


def code_address(environment: Mapping[str, str]) -> str | None:
    """Where GitHub shows the current folder as it is now; None if it is not a repository's top."""
    top = git(Path(), "rev-parse", "--show-toplevel")
    server, name = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_REPOSITORY")
    if not (top and server and name) or Path(top).resolve() != Path().resolve():
        return None
    return f"{server}/{name}/blob/{_commit(Path(), 'HEAD')}"


def drawn(dflint: Path, paths: Iterable[str]) -> dict[str, str]:
    """The Dockerfiles of more than one stage, as Mermaid flowcharts."""
    made: dict[str, str] = {}
    for path in [path for path in paths if not path.endswith(NOT_DRAWN)][:GRAPHS]:
        done = subprocess.run(
            [dflint, "graph", "--output-format", "mermaid", "--", path],
            env=plain_environment(),
            capture_output=True,
            encoding="utf-8",
        )
        if done.returncode == 0 and len(STAGE.findall(done.stdout)) > 1:
            made[path] = done.stdout
    return made


def write_outputs(path: str | None, values: Mapping[str, object]) -> None:
    """Hand values to the workflow; no value can end its own text."""
    if not path:
        return
    with Path(path).open("a", encoding="utf-8") as file:
        for name, value in values.items():
            end = secrets.token_hex(16)
            file.write(f"{name}<<{end}\n{value}\n{end}\n")


def report(dflint: Path, reports: Reports, inputs: Inputs, environment: Mapping[str, str]) -> None:
    """Annotations, the job's summary and the outputs."""
    print_annotations(reports.annotations.read_bytes())
    findings = json.loads(reports.json.read_text(encoding="utf-8"))
    looked_at = json.loads(reports.sarif.read_text(encoding="utf-8"))["runs"][0]["artifacts"]
    counts = Counter(each["severity"] for each in findings)
    page = environment.get("GITHUB_STEP_SUMMARY")
    if page:
        paths = list(dict.fromkeys(each["path"] for each in findings))
        markdown = reports.markdown.read_text(encoding="utf-8")
        text = summary(markdown, paths, drawn(dflint, paths), code_address(environment))
        with Path(page).open("a", encoding="utf-8") as file:
            file.write(text)
    values = {
        "findings": len(findings),
        "errors": counts["error"],
        "warnings": counts["warning"],
        "files": len(looked_at),
        "sarif": inputs.sarif,
    }
    write_outputs(environment.get("GITHUB_OUTPUT"), values)


def lint(environment: Mapping[str, str]) -> int:
    """The whole step; its exit code. Raises ActionError."""
    inputs = read_inputs(environment)
    temporary = Path(environment["RUNNER_TEMP"])
    action = Path(environment["GITHUB_ACTION_PATH"]).resolve()
    dflint = install(requirement(inputs, action), temporary)
    base = None
    if inputs.only_changed:
        with quoted():
            base = changed_since(environment, repository(inputs.paths))
    folder = temporary / f"dflint-{secrets.token_hex(6)}"
    folder.mkdir()
    sarif = Path(inputs.sarif or folder / "sarif")
    sarif.parent.mkdir(parents=True, exist_ok=True)
    reports = Reports(folder / "json", sarif, folder / "markdown", folder / "annotations")
    code, said = check(dflint, check_command(inputs, reports, base))
    if reports.json.exists():
        report(dflint, reports, inputs, environment)
    else:
        annotate("error", said or f"dflint exits with {code} and has no report")
    return code


def check(dflint: Path, words: Sequence[str]) -> tuple[int, str]:
    """Run dflint: its exit code, and the last that it said on standard error."""
    with quoted():
        done = subprocess.run([dflint, *words], env=plain_environment(), stderr=subprocess.PIPE)
        sys.stdout.buffer.write(done.stderr)
        sys.stdout.flush()
    said = done.stderr.decode("utf-8", "replace").strip()
    return done.returncode, said.rpartition("\n")[2]


def main() -> int:
    """Lint; errors become an annotation."""
    try:
        return lint(os.environ)
    except ActionError as error:
        annotate("error", str(error))
        return USAGE


if __name__ == "__main__":
    sys.exit(main())
