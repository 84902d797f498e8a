"""What dflint says of a Dockerfile, compared with the files of the image that was really built."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from dflint.context import open_context
from dflint.finding import Severity
from dflint.image.build import Images, model_images
from dflint.image.files import NotThere, There
from dflint.lint import Linter, lint_source, make_linter
from dflint.model import make_build
from dflint.reader import read
from dflint.scripts import make_scripts
from dflint.source import decode

# Where a Dockerfile of the cases may put something; the base's own system is left out for speed.
PLACES = (
    "app",
    "deps",
    "home",
    "install",
    "opt",
    "root",
    "src",
    "srv",
    "start.sh",
    "tmp",
    "usr/local",
    "wheels",
)
# What the build mounts, or the engine makes for itself.
NOT_THE_IMAGE = (
    "/etc/ssl/stand-in.crt",
    "/etc/resolv.conf",
    "/etc/hosts",
    "/proc",
    "/sys",
    "/dev",
    "/run",
)


def predicted(dockerfile: Path, root: Path, sound: bool) -> list[str]:
    """Where dflint and the image, or the way its container ended, disagree."""
    source = decode("Dockerfile", dockerfile.read_bytes())
    build = make_build(read(source))
    context = open_context(dockerfile, dockerfile.parent)
    images = model_images(build, make_scripts(build), context)
    findings = [
        each
        for each in lint_source(source, _linter(), context).findings
        if each.severity >= Severity.WARNING
    ]
    told = [*_not_there(images, root), *_there(images, root)]
    start = images.start
    broken = bool(findings) or (start is not None and bool(start.missing))
    names = [each.name for each in findings]
    if broken and sound:
        told.append(f"called broken ({names}, {start and start.missing}), but it starts")
    if start is not None and start.sound and not broken and not sound:
        told.append("called sound, but it does not start")
    return told


def _linter() -> Linter:
    """A linter with the rules that rest on the model, and no others."""
    linter = make_linter(today=date(2026, 11, 21))
    ids = frozenset(
        each.id
        for each in linter.rules
        if each.id.startswith(("DF10", "DF11")) and len(each.id) == 6
    )
    from dflint.match import make_table
    from dflint.voices import compile_rule

    wanted = [each for each in linter.rules if each.id in ids]
    table = make_table(wanted, lambda each: compile_rule(each, {}, linter.today))
    return Linter(linter.config, linter.rules, ids, table, linter.ids, linter.today)


def _there(images: Images, root: Path) -> Iterator[str]:
    """What the model says is there, and is not, or is another thing or has another mode."""
    product = images.product
    if product is None:
        return
    for path, entry in product.files.walk("/"):
        if path.startswith(NOT_THE_IMAGE) or entry.kind == "package" or path == "/":
            continue
        real = _within(root, path)
        if real is None or not os.path.lexists(real):
            yield f"{path} is not there, though the model says so: {entry.origin.text}"
            continue
        mode = real.lstat().st_mode & 0o777
        if entry.mode is not None and not real.is_symlink() and mode != entry.mode & 0o777:
            yield f"{path} has the mode {mode:o}, not {entry.mode:o}: {entry.origin.text}"


def _not_there(images: Images, root: Path) -> Iterator[str]:
    """What is there, and is not by the model's account."""
    product = images.product
    if product is None:
        return
    told = 0
    for path in _paths(root):
        answer = product.files.lookup(path, follow=False)
        if isinstance(answer, NotThere):
            yield f"{path} is there, though the model says that it is not"
            told += 1
            if told == 8:
                return
        assert not isinstance(answer, There) or answer.path


def _paths(root: Path) -> Iterator[str]:
    for place in PLACES:
        top = root / place
        if os.path.lexists(top):
            yield f"/{place}"
        if top.is_symlink() or not top.is_dir():
            continue
        for folder, folders, files in os.walk(top):
            below = Path(folder).relative_to(root)
            for name in (*folders, *files):
                yield f"/{below / name}"


def _within(root: Path, path: str) -> Path | None:
    """A path of the image as one of this machine; links on the way stay within the image."""
    current = root
    names = [name for name in path.split("/") if name]
    for _ in range(200):
        if not names:
            return current
        name, names = names[0], names[1:]
        step = current / name
        if names and step.is_symlink():
            target = str(step.readlink())
            names = [each for each in target.split("/") if each] + names
            current = root if target.startswith("/") else current
            continue
        current = current.parent if name == ".." and current != root else step
    return None
