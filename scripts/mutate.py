"""Change the code in small ways and see whether a test fails: samples of mutants, area by area.

    python -m scripts.mutate AREA [--count 150] [--seed 1] [--jobs 2] [--only MODULE] [--out FILE]

Needs `pip install -e '.[dev,mutants]'`. The mutants are mutmut's own, of functions and methods;
they are run here and not by `mutmut run`, so that a random sample meets its area's tests alone. The
last commit is copied to a temporary folder: the checkout is never touched. An area's tests are run
once with coverage; a mutant is then met with those of them that run a line of its function, until
one fails. It may use ten times their processor time and ten seconds, and 4 GB. Writes a mutant a
line of JSON, with its verdict and diff, and prints what survived and the counts.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import coverage
import libcst
import pytest
from mutmut.mutation.file_mutation import create_mutations

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "src/dflint/"
MEMORY = 4 << 30  # bytes: some mutants never stop growing
# An area's modules, and the tests that are to hold them: without browsers, sites and whole images.
AREAS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "fix": (
        (
            "fix",
            "fixing",
            "writing",
            "subjects/mending",
            "subjects/joining",
            "subjects/reordering",
            "subjects/ignoring",
        ),
        ("test_fixes", "test_ignore_fixes", "test_rules", "test_fixing"),
    ),
    "reader": (
        ("source", "document", "words", "folding", "reader"),
        ("test_reader", "test_fixes", "test_suppress", "test_commands"),
    ),
    "model": (
        ("expand", "environment", "model"),
        ("test_model", "test_expand", "test_graph", "test_shell", "test_rules"),
    ),
    "image": (
        tuple(f"image/{path.stem}" for path in sorted((ROOT / PACKAGE / "image").glob("[!_]*.py"))),
        (
            "test_image_model",
            "test_image_coreutils",
            "test_image_copies",
            "test_image_commands",
            "test_image_pythons",
            "test_image_lists",
            "test_image_bases",
            "test_image_said",
            "test_image_stage_copies",
            "test_image_start",
            "test_image_rules",
            "test_ground_truth_rules",
            "test_rules",
            "test_copy_subjects",
            "test_server_subjects",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module's text after one change, and the lines of the function that was changed."""

    module: str
    code: str
    diff: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: killed, survived, timeout, or untested where no test runs it."""

    module: str
    verdict: str
    tests: int
    diff: str


def text_of(folder: Path, module: str) -> str:
    """A module's text in a copy of the checkout."""
    return (folder / f"{PACKAGE}{module}.py").read_text()


def mutants_of(folder: Path, module: str) -> Iterator[tuple[libcst.Module, object]]:
    """All mutants of a module, as the tree and one change of it."""
    tree, mutations, _, _ = create_mutations(f"{module}.py", text_of(folder, module))
    return ((tree, each) for each in mutations if each.contained_by_top_level_function is not None)


def made(module: str, tree: libcst.Module, mutation: object) -> Mutant:
    """The text of a mutant, with its diff."""
    before = tree.code
    after = tree.deep_replace(mutation.original_node, mutation.mutated_node).code  # type: ignore[attr-defined]
    outer = mutation.contained_by_top_level_function  # type: ignore[attr-defined]
    place = libcst.metadata.MetadataWrapper(tree, unsafe_skip_copy=True).resolve(
        libcst.metadata.PositionProvider
    )[outer]
    name = f"{PACKAGE}{module}.py"
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, "", "", 1, "")
    return Mutant(module, after, "\n".join(lines), place.start.line, place.end.line)


def sample(
    folder: Path, modules: tuple[str, ...], count: int, seed: int
) -> tuple[int, list[Mutant]]:
    """How many mutants there are, and a random sample of them."""
    every = [(module, *each) for module in modules for each in mutants_of(folder, module)]
    chosen = random.Random(seed).sample(range(len(every)), min(count, len(every)))
    return len(every), [made(*every[each]) for each in chosen]


class Watcher:
    """A pytest plugin: gives coverage each test's name, and notes its processor time in seconds."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self.measured = measured
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.measured.switch_context(item.nodeid)
        start = time.process_time()
        yield
        self.seconds[item.nodeid] = time.process_time() - start
        self.measured.switch_context("")


def enter(folder: Path) -> None:
    """Make a copy of the checkout the one that is imported from."""
    os.chdir(folder)
    sys.path[:0] = [str(folder / "src"), str(folder)]
    for name in [each for each in sys.modules if each.partition(".")[0] in ("scripts", "dflint")]:
        del sys.modules[name]


def pytest_run(arguments: list[str], plugins: list[object]) -> int:
    settings = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    settings += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of what is imported before
    code = pytest.main([*settings, *arguments], plugins)
    sys.stdout.flush()
    return int(code)


def survey(folder: Path, tests: tuple[str, ...], answer: Path) -> None:
    """Run an area's tests with coverage: writes each line's tests, their times, modules met."""
    enter(folder)
    measured = coverage.Coverage(data_file=None, source=[str(folder / PACKAGE)])
    watcher = Watcher(measured)
    measured.start()
    code = pytest_run([f"tests/{each}.py" for each in tests], [watcher])
    measured.stop()
    if code:
        os._exit(1)
    data = measured.get_data()
    lines = {
        str(Path(file).relative_to((folder / PACKAGE).resolve())): data.contexts_by_lineno(file)
        for file in data.measured_files()
    }
    # Ours are to be read anew, and Go, in `dockerfile`, does not live through a fork.
    ours = ("dflint", "tests", "scripts", "conftest", "__main__", "dockerfile")
    others = [each for each in sys.modules if each.partition(".")[0] not in ours]
    answer.write_text(json.dumps({"lines": lines, "seconds": watcher.seconds, "others": others}))
    os._exit(0)


def child(work: Callable[[], None], output: Path) -> tuple[int, bool]:
    """Run a function in a process of its own: its exit code, and whether its time was up."""
    pid = os.fork()
    if pid == 0:
        file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, 1)
        os.dup2(file, 2)
        try:
            work()
        finally:
            traceback.print_exc()
            sys.stdout.flush()
            os._exit(3)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    return code, code in (-signal.SIGXCPU, -signal.SIGALRM)


def judged(folder: Path, mutant: Mutant, tests: list[str], seconds: float) -> str:
    """Put a mutant in its place, run the tests, and put the module back."""
    path = folder / f"{PACKAGE}{mutant.module}.py"
    original = path.read_bytes()
    path.write_text(mutant.code)
    limit = int(10 * seconds) + 10

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.alarm(6 * limit)  # on a busy machine, or where something waits for ever
        enter(folder)
        os._exit(pytest_run(tests, []))

    try:
        code, late = child(work, folder / "output.txt")
    finally:
        path.write_bytes(original)
    return "timeout" if late else "killed" if code else "survived"


def run_all(folder: Path, mutants: list[Mutant], known: Path, out: Path) -> None:
    """Judge mutants one after the other; other packages are imported once, before."""
    survey_ = json.loads(known.read_text())
    sys.dont_write_bytecode = True  # two mutants in one second would share a .pyc
    for name in survey_["others"]:
        with suppress(ImportError, AttributeError):
            importlib.import_module(name)
    unchanged = Mutant(mutants[0].module, text_of(folder, mutants[0].module), "", 0, 0)
    if judged(folder, unchanged, list(survey_["seconds"]), 20) != "survived":
        # Every mutant would count as killed.
        print("the tests fail without any mutant:\n" + (folder / "output.txt").read_text())
        return
    for mutant in mutants:
        lines = survey_["lines"].get(f"{mutant.module}.py", {})
        # The first line of a function runs when it is defined.
        met = {
            test
            for line in range(mutant.first + 1, mutant.last + 1)
            for test in lines.get(str(line), ())
            if test
        }
        tests = [each for each in survey_["seconds"] if each in met]
        seconds = sum(survey_["seconds"][each] for each in tests)
        verdict = judged(folder, mutant, tests, seconds) if tests else "untested"
        with out.open("a") as file:
            kept = Verdict(mutant.module, verdict, len(tests), mutant.diff)
            file.write(json.dumps(asdict(kept)) + "\n")


def copied(folder: Path) -> None:
    """Copy the last commit."""
    folder.mkdir()
    archive = subprocess.run(
        ["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)


def measure(options: argparse.Namespace, base: Path, out: Path) -> int:
    """Sample, judge and write: how many mutants there are to choose from."""
    modules, tests = AREAS[options.area]
    modules = (options.only,) if options.only else modules
    folders = [base / str(each) for each in range(options.jobs)]
    for folder in folders:
        copied(folder)
    known = base / "survey.json"
    output = base / "output.txt"
    code, _ = child(lambda: survey(folders[0], tests, known), output)
    if code:
        sys.exit(f"the tests fail without any mutant:\n{output.read_text()}")
    total, mutants = sample(folders[0], modules, options.count, options.seed)
    workers = []
    for number, folder in enumerate(folders):
        if (pid := os.fork()) == 0:
            try:
                run_all(folder, mutants[number :: options.jobs], known, out)
            finally:
                sys.stdout.flush()
                os._exit(0)
        workers.append(pid)
    for pid in workers:
        os.waitpid(pid, 0)
    return total


def report(out: Path, total: int) -> None:
    """Print what survived, then the counts by module."""
    verdicts = [Verdict(**json.loads(line)) for line in out.read_text().splitlines()]
    for each in verdicts:
        if each.verdict in ("survived", "untested"):
            print(f"\n== {each.verdict} ({each.tests} tests)\n{each.diff}")
    print()
    for module in sorted({each.module for each in verdicts}):
        counts = Counter(each.verdict for each in verdicts if each.module == module)
        print(f"{module}: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    if not verdicts:
        sys.exit(2)
    dead = sum(each.verdict in ("killed", "timeout") for each in verdicts)
    print(f"{dead} of {len(verdicts)} killed, of {total} mutants: {dead / len(verdicts):.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("area", choices=AREAS)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", metavar="MODULE", help="as in subjects/mending")
    parser.add_argument("--out", type=Path, help="where the lines of JSON go")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as base:
        out = (options.out or Path(base) / "out.jsonl").resolve()
        out.write_text("")
        total = measure(options, Path(base), out)
        report(out, total)


if __name__ == "__main__":
    main()
