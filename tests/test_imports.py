"""Modules import one way only: each from those above it in the line."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import dflint

PACKAGE = Path(dflint.__file__).parent

# From the first to the last: a module may import from those before it alone. Modules of one group
# stand in the order written here too.
LINE = [
    "lazy", "bounded", "source", "finding", "nearest", "outputs", "disk", "compiled", "shards", "knowledge",
    "document", "words", "folding", "reader",
    "shell", "expand", "shellwords", "invocation", "commands",
    "tags", "images",
    "environment", "model", "scripts",
    "glob", "dockerignore", "tree", "context", "asked",
    "paths", "image",
    "subjects", "conditions", "rule", "voices", "rules", "match",
    "fix", "fingerprint",
    "hadolint", "config", "digests", "selection", "discover", "suppress",
    "builds", "yamltext", "compose", "baketext", "bake",
    "shellbodies", "shellcodes", "shellanswers", "shellprocess", "shellcheck",
    "lint", "fixing", "writing", "results", "checking", "workers", "buildfiles", "repository", "earlier", "changes",
    "migrate",
    "examples", "catalog", "schema",
    "graph", "report", "baseline",
    "cli", "__main__",
]  # fmt: skip
ONLY_IMPORTERS = {
    "tree_sitter": {"commands"},
    "tree_sitter_bash": {"commands"},
    "dockerfile_parse": {"reader"},
    "typer": {"cli"},
    "hcl2": {"baketext"},
    "regex": {"bounded"},
}


def modules() -> dict[str, list[Path]]:
    """The files of each module, a package as one."""
    found: dict[str, list[Path]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if name != "__init__":
            found.setdefault(name, []).append(path)
    return found


def imported(path: Path) -> set[str]:
    """The dotted names of all that a file imports, wherever the statement stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            names.add(node.module)
            if node.module == "dflint":
                names.update(f"dflint.{alias.name}" for alias in node.names)
    return names


def test_every_module_has_its_place() -> None:
    assert sorted(modules()) == sorted(LINE)


def test_imports_go_one_way() -> None:
    wrong = []
    for name, paths in modules().items():
        allowed = set(LINE[: LINE.index(name) + 1])
        for path in paths:
            for dotted in imported(path):
                parts = dotted.split(".")
                if parts[0] == "dflint" and parts[1:] and parts[1] not in allowed | {"__version__"}:
                    wrong.append(f"{path.name} imports {dotted}")
    assert wrong == []


def test_packages_have_no_cycles_inside() -> None:
    for name, paths in modules().items():
        graph = {
            ".".join(path.relative_to(PACKAGE).with_suffix("").parts): {
                dotted.removeprefix("dflint.")
                for dotted in imported(path)
                if dotted.startswith(f"dflint.{name}.")
            }
            for path in paths
        }
        assert _cycle(graph) is None


def _cycle(graph: dict[str, set[str]]) -> list[str] | None:
    done: set[str] = set()

    def walk(node: str, way: list[str]) -> list[str] | None:
        if node in way:
            return [*way, node]
        if node in done:
            return None
        for following in graph.get(node, ()):
            found = walk(following, [*way, node])
            if found:
                return found
        done.add(node)
        return None

    return next((found for node in graph if (found := walk(node, []))), None)


def test_heavy_libraries_have_one_importer() -> None:
    for library, importers in ONLY_IMPORTERS.items():
        found = {
            name
            for name, paths in modules().items()
            for path in paths
            if any(dotted.split(".")[0] == library for dotted in imported(path))
        }
        assert found == importers, library


# What a start of `dflint check` may load that is neither Python's nor dflint's own.
LIBRARIES = {"dockerfile_parse", "msgspec", "tree_sitter"}  # and the binding of tree_sitter_bash
# What it must not: each costs more than linting a small file, and is for other work.
LATER = (
    "typer", "yaml", "pathspec", "regex", "shutil", "tempfile", "subprocess", "hashlib", "tomllib", "multiprocessing", "concurrent", "asyncio", "http",
    "html", "xml", "socket", "unittest", "dflint.migrate", "dflint.catalog", "dflint.schema",
    "dflint.examples", "dflint.baseline", "dflint.changes", "dflint.repository", "dflint.graph",
    "dflint.compose", "dflint.bake", "dflint.fingerprint", "dflint.report.sarif", "dflint.report.html",
)  # fmt: skip


def test_no_module_makes_a_regular_expression_that_may_not_be_used() -> None:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        # What stands in a function's body runs when it is called, not when the module is loaded.
        waiting: list[ast.AST] = list(ast.parse(path.read_text(encoding="utf-8")).body)
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
                found.append(f"{path.name}:{node.lineno}: take `dflint.lazy.regex`")
            waiting += ast.iter_child_nodes(node)
    assert found == []


def test_a_start_loads_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        "FROM python:3.13\nRUN pip install flask | cat\nCMD flask run\n"
    )
    code = (
        "import sys, dflint.cli\n"
        "try: dflint.cli.main()\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)\n"
    )
    options = ["--no-config", "--no-cache", "--no-shellcheck"]
    command = [sys.executable, "-I", "-c", code, "check", "Dockerfile", *options]
    for _ in range(2):  # where nothing was compiled before, the first start does it
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    loaded = set(done.stderr.split())
    assert "dflint.image.start" in loaded, done.stderr
    assert [name for name in LATER if name in loaded] == []
    tops = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names)
    known = {"dflint", "__main__", "__mp_main__", "sitecustomize", "_distutils_hack"}
    known.add("typing_extensions")  # msgspec takes it where it is installed
    assert {name for name in tops - known if not name.startswith("__editable__")} == LIBRARIES
