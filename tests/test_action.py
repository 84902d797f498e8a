"""The GitHub Action, run as a runner would, and the workflows' form."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from action import run as action
from dflint import __version__
from tests.scratch import BAD, CLEAN, ROOT, commit, copy_checkout, git, run

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
STAGES = "FROM alpine:3.22 AS builder\nRUN apk add curl=8.14.1-r2\nFROM builder\nUSER 1000\n"
ZEROS = "0" * 40


@dataclass(frozen=True)
class Step:
    """What became of the action's step."""

    code: int
    log: str
    commands: list[str]
    outputs: dict[str, str]
    page: str


def workflow_commands(log: str) -> Iterator[str]:
    """The lines that a runner takes for commands, as "Workflow commands" tells."""
    stopped = ""
    for line in log.split("\n"):
        if stopped:
            stopped = "" if line.strip() == f"::{stopped}::" else stopped
        elif line.startswith("::stop-commands::"):
            stopped = line.removeprefix("::stop-commands::").strip()
        elif line.lstrip().startswith("::") or "##[" in line:
            yield line
    assert not stopped, "commands stay off"


def read_outputs(text: str) -> dict[str, str]:
    return {
        name: value
        for name, _, value in re.findall(r"^([\w-]+)<<(\S+)\n(.*?)\n\2$", text, re.DOTALL | re.M)
    }


class Runner:
    """A runner with one repository checked out."""

    def __init__(self, folder: Path, checkout: Path, temporary: Path) -> None:
        self.folder, self.checkout, self.temporary = folder, checkout, temporary

    def step(self, event: str = "workflow_dispatch", about: object = None, **given: str) -> Step:
        """Run the step; inputs are given with low bars, and variables of the runner as they are."""
        files = {name: self.temporary / name for name in ("event", "output", "page")}
        files["event"].write_text(json.dumps(about or {}))
        for name in ("output", "page"):
            files[name].write_text("")
        inputs = {f"DFLINT_{key.upper()}": value for key, value in given.items() if key.islower()}
        env = {
            "GITHUB_ACTION_PATH": f"{self.checkout}/./",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(files["event"]),
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_STEP_SUMMARY": str(files["page"]),
            "RUNNER_TEMP": str(self.temporary),
            **{key: value for key, value in given.items() if not key.islower()},
            **inputs,
        }  # fmt: skip
        program = (sys.executable, "-I", self.checkout / "action" / "run.py")
        done = run(*program, cwd=self.folder, env=env)
        assert "Traceback" not in done.stderr, done.stderr
        log = done.stdout + done.stderr
        outputs = read_outputs(files["output"].read_text())
        return Step(
            done.returncode, log, list(workflow_commands(log)), outputs, files["page"].read_text()
        )


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A copy of this checkout, and the runner's temporary folder, where it is installed once."""
    folder = tmp_path_factory.mktemp("action")
    (folder / "temporary").mkdir()
    return copy_checkout(folder / "dflint"), folder / "temporary"


@pytest.fixture
def runner(tmp_path: Path, installed: tuple[Path, Path]) -> Runner:
    folder = tmp_path / "repository"
    (folder / "web app").mkdir(parents=True)
    (folder / "web app" / "Dockerfile").write_text(BAD)
    (folder / "worker.Dockerfile").write_text(CLEAN)
    git("init", "--quiet", "--initial-branch", "main", cwd=folder)
    commit(folder, "first")
    return Runner(folder, *installed)


def test_it_annotates_counts_and_fails(runner: Runner) -> None:
    step = runner.step()
    assert step.code == 1, step.log
    (annotation,) = step.commands
    assert annotation.startswith("::warning file=web app/Dockerfile,line=2,")
    assert step.outputs == {
        "findings": "1", "errors": "0", "warnings": "1", "files": "2", "sarif": "",
    }  # fmt: skip
    assert "Found 1 problem (1 warning) in 1 file" in step.page
    assert "apk-no-cache" in step.page
    assert "web app/Dockerfile:2:5: " in re.sub("\x1b[^m]*m", "", step.log)
    clean = runner.step(paths="worker.Dockerfile")
    assert (clean.code, clean.commands, clean.outputs["findings"]) == (0, [], "0")
    assert "No problems found in 1 file" in clean.page


def test_the_inputs_are_heeded(runner: Runner, tmp_path: Path) -> None:
    assert runner.step(fail_on="error").code == 0
    assert runner.step(paths="web app\nworker.Dockerfile").outputs["files"] == "2"
    assert runner.step(paths="worker.Dockerfile ./worker.Dockerfile").outputs["files"] == "1"
    assert runner.step(paths="missing").code == 2
    (tmp_path / "own.toml").write_text('ignore = ["apk-no-cache"]\n')
    assert runner.step(config=str(tmp_path / "own.toml")).outputs["findings"] == "0"
    assert runner.step(args="--ignore 'apk-no-cache' --severity error").outputs["findings"] == "0"


def test_the_configuration_decides_when_to_fail_unless_an_input_does(runner: Runner) -> None:
    (runner.folder / "dflint.toml").write_text('fail-on = "error"\n')
    assert runner.step().code == 0
    assert runner.step(fail_on="warning").code == 1


def test_sarif_is_written_where_it_is_wanted(runner: Runner) -> None:
    step = runner.step(sarif="reports/dflint.sarif")
    assert step.outputs["sarif"] == "reports/dflint.sarif"
    sarif = json.loads((runner.folder / "reports" / "dflint.sarif").read_text())
    assert len(sarif["runs"][0]["results"]) == 1


def test_a_release_is_installed_with_shellcheck(runner: Runner, tmp_path: Path) -> None:
    wheel = ("wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path / "wheels", runner.checkout)
    built = run(sys.executable, "-m", "pip", *wheel, cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    script = "FROM debian:13-slim\nRUN touch $HOME/x\nUSER 1000\n"
    (runner.folder / "worker.Dockerfile").write_text(script)
    step = runner.step(
        paths="worker.Dockerfile",
        version=f"v{__version__}",
        shellcheck="true",
        fail_on="info",
        PIP_FIND_LINKS=str(tmp_path / "wheels"),
        XDG_CACHE_HOME=str(tmp_path / "cache"),
    )
    assert step.code == 1, step.log
    assert any("SC2086" in each for each in step.commands), step.log


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"only_changed": "yes"}, "`only-changed` takes true or false, not `yes`"),
        ({"shellcheck": "1"}, "`shellcheck` takes true or false, not `1`"),
        ({"version": "git+https://example.org/x"}, "`version` takes a release of dflint"),
        ({"version": "-r"}, "`version` takes a release of dflint"),
        ({"args": "--select 'x"}, "`args` cannot be parted into words"),
        ({"fail_on": "never"}, "'never'"),
        ({"config": "missing.toml"}, "missing.toml"),
    ],
)
def test_what_is_wrong_is_told_on_the_pull_request(
    runner: Runner, given: dict[str, str], told: str
) -> None:
    step = runner.step(**given)
    assert step.code == 2
    (annotation,) = step.commands
    assert annotation.startswith("::error title=dflint::")
    assert told in annotation
    assert step.outputs == {}


def test_nothing_in_a_repository_becomes_a_command(runner: Runner) -> None:
    evil = "::error file=x::\n::add-mask::x\n##[error]x"
    separators = "\x85\u2028\u2029\x0b\x0c\x1c"
    (runner.folder / f"{evil.splitlines()[0].replace('/', '')}.Dockerfile").write_text(
        f"FROM {evil}\nRUN pip install {separators}::set-output::x\n"
        f"RUN apt-get install '::error::x' \"##[error]x\"\n"
    )
    (runner.folder / "a\n::add-mask::b\nDockerfile").mkdir()
    (runner.folder / "a\n::add-mask::b\nDockerfile" / "Dockerfile").write_text(BAD)
    (runner.folder / "dflint.toml").write_text('ignore = ["no-such\\n::add-mask::rule"]\n')
    assert len(runner.step().commands) == 1
    (runner.folder / "dflint.toml").unlink()
    step = runner.step()
    assert int(step.outputs["findings"]) == len(step.commands) > 3
    for line in step.commands:
        assert re.match("::(error|warning|notice) file=[^:]*,line=", line), line


def test_nothing_that_lies_in_a_repository_is_imported(runner: Runner) -> None:
    for name in ("dflint", "yaml", "json", "pip", "venv", "sitecustomize"):
        (runner.folder / f"{name}.py").write_text("raise SystemExit('imported')\n")
    step = runner.step(PYTHONPATH=str(runner.folder))
    assert step.code == 1
    assert "imported" not in step.log


def test_the_page_is_markdown_with_the_stages_drawn(runner: Runner) -> None:
    (runner.folder / "[evil](x) <b> `_a_`.Dockerfile").write_text(STAGES)
    step = runner.step(GITHUB_SERVER_URL="https://github.com", GITHUB_REPOSITORY="a/b")
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(step.page)
    (drawing,) = [each for each in tokens if each.type == "fence"]
    assert drawing.info == "mermaid"
    assert drawing.content.startswith("flowchart TD\n")
    folds = [each.content for each in tokens if each.type == "html_block"]
    assert sum(text.count("<details>") for text in folds) == 1
    assert sum(text.count("</details>") for text in folds) == 1
    titles = [each.map[0] for each in tokens if each.type == "heading_open" and each.map]
    assert len(titles) == 3
    assert drawing.map is not None
    assert titles[1] < drawing.map[0] < titles[2], "below the table of its own file"
    links = [
        child.attrs["href"]
        for each in tokens
        for child in each.children or ()
        if child.type == "link_open"
    ]
    head = git("rev-parse", "HEAD", cwd=runner.folder)
    assert links == [
        f"https://github.com/a/b/blob/{head}/%5Bevil%5D%28x%29%20%3Cb%3E%20%60_a_%60.Dockerfile#L2",
        f"https://github.com/a/b/blob/{head}/web%20app/Dockerfile#L2",
    ]


def test_places_lead_nowhere_unless_the_folder_is_the_repository(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b"}
    monkeypatch.chdir(runner.folder)
    head = git("rev-parse", "HEAD", cwd=runner.folder)
    assert action.code_address(told) == f"https://github.com/a/b/blob/{head}"
    assert action.code_address({}) is None
    monkeypatch.chdir("web app")
    assert action.code_address(told) is None


def test_the_page_has_a_limit() -> None:
    paths = [str(number) for number in range(9)]
    files = [f"### <code>{path}</code>\n\n| a |\n|---|\n| ü |" for path in paths]
    whole = "\n\n".join(["## dflint", "Found", *files]) + "\n"
    assert action.summary(whole, paths, {}) == whole
    last = action.summary(whole, paths, {"8": "flowchart TD\n"})
    assert last.startswith(whole)
    assert "```mermaid\nflowchart TD\n```" in last
    small = action.summary(whole, paths, {}, size=300)
    assert len(small.encode()) <= 300
    shown = small.count("### ")
    assert 0 < shown < 9
    assert f"no room for {9 - shown} more of the files" in small
    assert "mermaid" not in action.summary(whole, paths, {"0": "x" * 300}, size=300)
    folded = "## dflint\n\nFound\n\n<details>\n<summary>a</summary>\n\n| a |\n\n</details>"
    assert action.summary(folded, ["a"], {}, size=120).count("details") == 0
    assert action.summary("## dflint\n\nNo problems found\n", [], {}).count("\n") == 3


def test_outputs_cannot_be_broken_out_of(tmp_path: Path) -> None:
    action.write_outputs(str(tmp_path / "out"), {"sarif": "a\nEOF\nevil<<x\nx", "files": 1})
    assert read_outputs((tmp_path / "out").read_text()) == {
        "sarif": "a\nEOF\nevil<<x\nx",
        "files": "1",
    }


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, "/action"),
        ({"DFLINT_VERSION": "1.2.3"}, "dflint==1.2.3"),
        ({"DFLINT_VERSION": "v1.2.3rc1"}, "dflint==1.2.3rc1"),
        ({"DFLINT_SHELLCHECK": "True"}, "/action[shell]"),
        ({"DFLINT_VERSION": "1.0", "DFLINT_SHELLCHECK": "true"}, "dflint[shell]==1.0"),
        ({"DFLINT_PATHS": "docker-bake.hcl"}, "/action[bake]"),
        ({"DFLINT_PATHS": "x.hcl .", "DFLINT_SHELLCHECK": "true"}, "/action[bake,shell]"),
    ],
)  # fmt: skip
def test_what_is_installed(given: dict[str, str], wanted: str) -> None:
    assert action.requirement(action.read_inputs(given), Path("/action")) == wanted


def test_an_old_python_is_told_apart() -> None:
    text = (ROOT / "action" / "run.py").read_text()
    ast.parse(text, feature_version=(3, 8))
    program = f"import sys; sys.version_info = (3, 9, 1); exec({text!r})"
    program = program.replace("(3, 9, 1)", "type('V', (tuple,), {})((3, 9, 1))")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("::error title=dflint::dflint needs Python 3.11 or newer")
    assert "`python3` is 3.9: put actions/setup-python before" in done.stderr


# What changed


@dataclass(frozen=True)
class PullRequest:
    """A server's repository with a pull request: `main` and the request have both gone on.

    On `main` a file with a problem came after the fork, on the request another; the file that both
    have has an old problem. `merge` is what GitHub makes of the two.
    """

    server: Path
    base: str
    later: str
    head: str
    merge: str


NEW = "new.Dockerfile"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> PullRequest:
    server = tmp_path_factory.mktemp("made") / "server"
    server.mkdir()
    git("init", "--quiet", "--initial-branch", "main", cwd=server)
    go_on(server, "main", 60)
    (server / "Dockerfile").write_text(BAD)
    base = commit(server, "old")
    git("checkout", "--quiet", "-b", "feature", cwd=server)
    go_on(server, "feature", 60)
    (server / NEW).write_text(BAD)
    head = commit(server, "request")
    git("checkout", "--quiet", "main", cwd=server)
    (server / "main.Dockerfile").write_text(BAD)
    later = commit(server, "later")
    git("checkout", "--quiet", "--detach", cwd=server)
    git("merge", "--quiet", "--no-ff", "--message", f"Merge\n\nparent {base}", head, cwd=server)
    merge = git("rev-parse", "HEAD", cwd=server)
    git("update-ref", "refs/pull/1/merge", merge, cwd=server)
    git("update-ref", "refs/pull/1/head", head, cwd=server)
    git("checkout", "--quiet", "main", cwd=server)
    git("config", "uploadpack.allowAnySHA1InWant", "true", cwd=server)
    return PullRequest(server, base, later, head, merge)


def go_on(server: Path, branch: str, count: int) -> None:
    """Commits that change nothing, so that history is longer than a clone's."""
    there = f"from refs/heads/{branch}^0\n"
    known = run("git", "rev-parse", "--verify", "HEAD", cwd=server).returncode == 0
    stream = "".join(
        f"commit refs/heads/{branch}\ncommitter t <t@example.org> {number + 1} +0000\ndata 1\nx\n"
        + (there if known and number == 0 else "")
        for number in range(count)
    )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=server, input=stream.encode(), check=True)


@pytest.fixture
def request_(made: PullRequest, tmp_path: Path) -> PullRequest:
    """The pull request on a server of the test's own."""
    shutil.copytree(made.server, tmp_path / "server")
    return replace(made, server=tmp_path / "server")


def check_out(request_: PullRequest, folder: Path, name: str, depth: int) -> Path:
    """A clone as actions/checkout makes it: `depth` commits of one ref, or with 0 everything."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    git("init", "--quiet", cwd=folder)
    git("remote", "add", "origin", f"file://{request_.server}", cwd=folder)
    branches = ["+refs/heads/*:refs/remotes/origin/*"] if depth == 0 else []
    deep = [f"--depth={depth}"] if depth else []
    git("fetch", "--quiet", "--no-tags", *deep, "origin", *branches, name, cwd=folder)
    git(
        "checkout",
        "--quiet",
        "--detach",
        "FETCH_HEAD" if depth else name_of(request_, name),
        cwd=folder,
    )
    return folder


def name_of(request_: PullRequest, name: str) -> str:
    return git("rev-parse", name, cwd=request_.server)


def reported(step: Step) -> set[str]:
    return {found[1] for each in step.commands if (found := re.search("file=([^,]*)", each))}


@pytest.mark.parametrize("depth", [1, 2, 40, 0])
@pytest.mark.parametrize("name", ["merge", "head"])
@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
def test_what_a_pull_request_is_compared_with(
    request_: PullRequest, tmp_path: Path, event: str, name: str, depth: int
) -> None:
    clone = check_out(request_, tmp_path / "clone", f"refs/pull/1/{name}", depth)
    merge = event == "pull_request"
    told = {
        "GITHUB_EVENT_NAME": event,
        "GITHUB_BASE_REF": "main",
        "GITHUB_SHA": request_.merge if merge else request_.later,
    }
    base = action.changed_since(told, clone)
    assert base == request_.later
    common = request_.later if name == "merge" else request_.base
    assert git("merge-base", base, "HEAD", cwd=clone) == common


@pytest.mark.parametrize("depth", [1, 0])
@pytest.mark.parametrize("name", ["merge", "head"])
def test_only_what_a_pull_request_brought(
    runner: Runner, request_: PullRequest, name: str, depth: int
) -> None:
    check_out(request_, runner.folder, f"refs/pull/1/{name}", depth)
    step = runner.step(
        "pull_request",
        {"pull_request": {"base": {"sha": request_.base}}},
        only_changed="true",
        GITHUB_BASE_REF="main",
        GITHUB_SHA=request_.merge,
    )
    assert step.code == 1, step.log
    assert reported(step) == {NEW}
    assert "1 older problem left out" in step.page or name == "merge"


def test_the_base_may_go_on_after_github_s_merge(runner: Runner, request_: PullRequest) -> None:
    check_out(request_, runner.folder, "refs/pull/1/merge", 1)
    (request_.server / "Dockerfile").write_text(CLEAN)
    commit(request_.server, "still later")
    step = runner.step(
        "pull_request", only_changed="true", GITHUB_BASE_REF="main", GITHUB_SHA=request_.merge
    )
    assert reported(step) == {NEW}


def test_a_clone_that_lacks_the_history_is_told_apart(
    runner: Runner, request_: PullRequest
) -> None:
    check_out(request_, runner.folder, "refs/pull/1/merge", 1)
    git("remote", "set-url", "origin", "file:///nowhere", cwd=runner.folder)
    step = runner.step(
        "pull_request", only_changed="true", GITHUB_BASE_REF="main", GITHUB_SHA=request_.merge
    )
    assert step.code == 2
    (annotation,) = step.commands
    assert "give actions/checkout `fetch-depth: 0`" in annotation


@pytest.mark.parametrize("depth", [1, 0])
def test_only_what_a_push_brought(runner: Runner, request_: PullRequest, depth: int) -> None:
    check_out(request_, runner.folder, "refs/heads/main", depth)
    pushed = {"before": request_.base, "after": request_.later, "forced": False}
    step = runner.step("push", pushed, only_changed="true")
    assert reported(step) == {"main.Dockerfile"}
    queued = {"merge_group": {"base_sha": request_.base}}
    assert reported(runner.step("merge_group", queued, only_changed="true")) == {"main.Dockerfile"}


@pytest.mark.parametrize(
    ("event", "about"),
    [
        ("push", {"before": ZEROS, "forced": False}),
        ("push", {"before": "f" * 40, "forced": True}),
        ("workflow_dispatch", {}),
        ("schedule", {}),
    ],
)
def test_everything_counts_where_there_is_nothing_to_compare_with(
    runner: Runner, request_: PullRequest, event: str, about: object
) -> None:
    check_out(request_, runner.folder, "refs/heads/main", 0)
    step = runner.step(event, about, only_changed="true")
    assert reported(step) == {"Dockerfile", "main.Dockerfile"}
    assert "every problem counts" in step.log


def test_a_push_whose_parent_is_gone_is_told_apart(runner: Runner, request_: PullRequest) -> None:
    check_out(request_, runner.folder, "refs/heads/main", 1)
    step = runner.step("push", {"before": "f" * 40, "forced": False}, only_changed="true")
    assert step.code == 2
    assert "`fetch-depth: 0`" in step.commands[0]


def test_a_folder_without_git_is_told_apart(runner: Runner) -> None:
    shutil.rmtree(runner.folder / ".git")
    step = runner.step("pull_request", only_changed="true", GITHUB_BASE_REF="main")
    assert step.code == 2
    assert "needs `.` to be in a git repository" in step.commands[0]


# The form of the files


def test_the_action_hands_every_input_to_its_script() -> None:
    (step,) = ACTION["runs"]["steps"]
    handed = {name: value.strip("${} ") for name, value in step["env"].items()}
    assert set(handed.values()) == {f"inputs.{name}" for name in ACTION["inputs"]}
    asked: list[str] = []

    class Environment(dict[str, str]):
        def get(self, key: str, default: Any = None) -> Any:
            asked.append(key)
            return default

    action.read_inputs(Environment())
    assert set(asked) == set(handed)
    assert {name.removeprefix("DFLINT_").lower().replace("_", "-") for name in handed} == set(
        ACTION["inputs"]
    )


def test_every_output_is_written(runner: Runner) -> None:
    step = runner.step()
    assert set(step.outputs) == set(ACTION["outputs"])
    for name, about in ACTION["outputs"].items():
        assert about["value"] == f"${{{{ steps.lint.outputs.{name} }}}}"


def test_no_expression_stands_in_a_shell_s_text() -> None:
    steps = list(ACTION["runs"]["steps"])
    for path in WORKFLOWS:
        for job in yaml.safe_load(path.read_text())["jobs"].values():
            steps += job["steps"]
    scripts = [step["run"] for step in steps if "run" in step]
    assert len(scripts) > 3
    assert [text for text in scripts if "${{" in text] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_the_workflows_give_the_action_what_it_takes(path: Path) -> None:
    for job in yaml.safe_load(path.read_text())["jobs"].values():
        for step in job["steps"]:
            if step.get("uses") == "./":
                assert set(step["with"]) <= set(ACTION["inputs"])


@pytest.mark.parametrize("path", [ROOT / "action.yml", *WORKFLOWS], ids=lambda path: path.name)
def test_github_s_schema_is_met(path: Path) -> None:
    schema = "github-actions" if path.name == "action.yml" else "github-workflows"
    words = ("-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", path)
    done = run(sys.executable, *words, cwd=ROOT)
    assert done.returncode == 0, done.stdout


def test_actionlint_has_nothing_to_say() -> None:
    program = shutil.which("actionlint")
    if program is None:
        pytest.skip("actionlint is not here; CI on GitHub has it")
    done = run(program, "-no-color", cwd=ROOT)
    assert done.returncode == 0, done.stdout


def test_shellcheck_has_nothing_to_say_of_the_steps(tmp_path: Path) -> None:
    program = shutil.which("shellcheck", path=str(Path(sys.executable).parent))
    assert program is not None
    documents = [yaml.safe_load(path.read_text()) for path in WORKFLOWS]
    steps = [step for each in documents for job in each["jobs"].values() for step in job["steps"]]
    for step in [*steps, *ACTION["runs"]["steps"]]:
        if "run" in step:
            (tmp_path / "step").write_text(step["run"])
            done = run(program, "--shell", "bash", tmp_path / "step", cwd=tmp_path)
            assert done.returncode == 0, done.stdout
