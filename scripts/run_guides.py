"""Runs the commands that the guides of docs/ show, and holds what comes out against what they show.

A block with a title is a file of the guide's own folder; in a block of the language `console` the
lines that begin with `$ ` are commands, and what follows one is its output, in which a line `…`
stands for any lines. `python -m scripts.run_guides --write` puts in what really comes out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
GUIDES = (
    "quick-start.md", "configuration.md", "custom-rules.md", "fixes.md", "image-model.md",
    "how-it-decides.md", "security.md",
)  # fmt: skip
BLOCK = re.compile(
    r'^(?P<marks>`{3,})(?P<language>[\w-]*)(?: +title="(?P<title>[^"]+)")?[^\n]*\n'
    r"(?P<body>.*?)^(?P=marks)$",
    re.DOTALL | re.MULTILINE,
)
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Ran:
    """A command of a guide: what it showed, what came out, and with which exit code."""

    command: str
    shown: str
    printed: str
    code: int

    @property
    def right(self) -> bool:
        """Whether what came out is what is shown; nothing that breaks may be shown."""
        return "Traceback (most" not in self.printed and matches(self.shown, self.printed)


def matches(shown: str, printed: str) -> bool:
    """Whether an output is the one that is shown; a line `…` stands for any lines."""
    parts = [re.escape(part) for part in re.split(r"^…$", shown.strip("\n"), flags=re.MULTILINE)]
    return re.fullmatch(".*".join(parts), printed.strip("\n"), re.DOTALL) is not None


def commands(body: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with the output that is shown below it."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown.rstrip("\n")


def run_guide(text: str, folder: Path, home: Path) -> list[Ran]:
    """Everything that a guide shows, done in its order in a folder of its own.

    `home` is where the commands keep what they keep: in the folder it would be part of the build.
    """
    ran = []
    for block in BLOCK.finditer(text):
        if block["title"]:
            path = folder / block["title"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["body"], encoding="utf-8")
        elif block["language"] == "console":
            ran += [
                _run(command, shown, folder, home) for command, shown in commands(block["body"])
            ]
    return ran


def _run(command: str, shown: str, folder: Path, home: Path) -> Ran:
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "COLUMNS": "100",
        "LANG": "C.UTF-8",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    return Ran(command, shown, done.stdout, done.returncode)


def mended(text: str, ran: list[Ran]) -> str:
    """A guide with what really comes out where it showed something else."""
    position = 0
    for each in ran:
        before = f"$ {each.command}\n{each.shown}".rstrip("\n")
        position = text.index(before, position)
        after = before if each.right else f"$ {each.command}\n{each.printed}".rstrip("\n")
        text = text[:position] + after + text[position + len(before) :]
        position += len(after)
    return text


def main() -> None:
    """Tell which commands show something else than what comes out, or write that."""
    wrong = False
    for name in GUIDES:
        path = DOCS / name
        text = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
            ran = run_guide(text, Path(folder), Path(home))
        for each in ran:
            if not each.right:
                wrong = True
                print(f"{name}: $ {each.command} (exit code {each.code})\n{each.printed}")
        if "--write" in sys.argv[1:]:
            path.write_text(mended(text, ran), encoding="utf-8")
    sys.exit(wrong)


if __name__ == "__main__":
    main()
