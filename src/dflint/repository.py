"""Asking git what changed in a repository since a commit.

Nothing in a repository is written, no program that its configuration names is run, and paths are
handed over whole: relative to the repository's top, with slashes, never quoted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from dflint.lazy import regex

# What git tells its hooks of the repository that they run for: wrong for any other, and its paths
# are relative to a folder that we are not in.
# Source: https://git-scm.com/docs/githooks and https://git-scm.com/docs/git#_environment_variables.
_OF_A_HOOK = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR",
    "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS",
)  # fmt: skip
_ALWAYS = ("--no-optional-locks", "--no-pager", "-c", "core.fsmonitor=false")
_PLAIN = ("--no-color", "--no-ext-diff", "--no-textconv")
# Users' settings may join hunks over lines that are equal, and call a file binary.
_LINES = ("--unified=0", "--inter-hunk-context=0", "--text", "--ignore-cr-at-eol")
_HUNK = regex(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_SHALLOW = (
    "; this clone is shallow and may lack it: fetch the whole history (`fetch-depth: 0` of "
    "actions/checkout, `git fetch --unshallow`)"
)
LINK, _COMMIT = 0o120000, 0o160000  # modes of what is no file


class GitError(Exception):
    """Git cannot tell what changed; the message says why."""


class Git(Struct, frozen=True):
    """A git program, and the variables that it gets."""

    path: str
    environment: Mapping[str, str]


class Blob(Struct, frozen=True):
    """A file as a commit has it; `mode` as git writes it (`LINK` is a link's), `size` in bytes."""

    top: Path
    sha: str
    mode: int
    size: int = 0


class Hunk(Struct, frozen=True):
    """A stretch of lines that differ, before and after; the first line counts as 1."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int


class Repository(Struct, frozen=True):
    """A repository's files, compared with the commit `base`.

    `changed` gives what was at each path that differs, None for nothing: a renamed file has what
    it was renamed from. `tracked` are the paths that git has in its index.
    """

    top: Path
    base: str
    changed: Mapping[str, Blob | None]
    tracked: frozenset[str]


def locate(path: Path) -> tuple[Path, str]:
    """The top of a file's repository, and its path there; links are followed. Raises GitError."""
    whole = Path(os.path.realpath(path))
    for folder in whole.parents:
        if (folder / ".git").exists():
            return folder, whole.relative_to(folder).as_posix()
    raise GitError(f"{path}: not in a git repository, which alone could tell what changed")


def open_repository(top: Path, reference: str, git: Git) -> Repository:
    """A repository, compared with where HEAD left the history of `reference`. Raises GitError."""
    base = _merge_base(top, reference, git)
    words = ("diff", *_PLAIN, "--raw", "--no-abbrev", "-z", "-M", "--ignore-submodules=all", base)
    changed = _with_sizes(dict(parse_raw(_run(git, top, *words, "--"), top)), top, git)
    for path in _paths(_run(git, top, "ls-files", "-z", "--others", "--exclude-standard")):
        changed.setdefault(path, None)
    tracked = frozenset(_paths(_run(git, top, "ls-files", "-z", "--cached")))
    return Repository(top, base, changed, tracked)


def _merge_base(top: Path, reference: str, git: Git) -> str:
    commit = b""
    if reference and not reference.startswith(("-", "^")) and "\0" not in reference:
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
        commit = _run(git, top, *words, fine=(0, 1, 128)).strip()
    if not commit:
        raise GitError(f"{top}: git knows no commit `{reference}`{_if_shallow(top, git)}")
    base = _run(git, top, "merge-base", commit.decode("ascii"), "HEAD", fine=(0, 1)).strip()
    if not base:
        raise GitError(
            f"{top}: `{reference}` and HEAD have no commit in common{_if_shallow(top, git)}"
        )
    return base.decode("ascii")


def _if_shallow(top: Path, git: Git) -> str:
    told = _run(git, top, "rev-parse", "--is-shallow-repository", fine=(0, 128)).strip()
    return _SHALLOW if told == b"true" else ""


def _paths(listing: bytes) -> Iterator[str]:
    yield from map(os.fsdecode, filter(None, listing.split(b"\0")))


def parse_raw(listing: bytes, top: Path) -> Iterator[tuple[str, Blob | None]]:
    """Paths with what was there, from the output of `git diff --raw --no-abbrev -z`.

    Source: https://git-scm.com/docs/git-diff#_raw_output_format. Submodules are left out.
    """
    parts = iter(listing.split(b"\0"))
    for about in parts:
        if not about:
            break
        old, new, sha, _, status = about.decode("ascii").removeprefix(":").split(" ")
        mode = int(old, 8)
        before = Blob(top, sha, mode) if mode else None
        path = os.fsdecode(next(parts))
        if status[0] in "RC":
            if status[0] == "R":
                yield path, before
            path = os.fsdecode(next(parts))
        if _COMMIT not in (mode, int(new, 8)):
            yield path, before


def _with_sizes(changed: dict[str, Blob | None], top: Path, git: Git) -> dict[str, Blob | None]:
    shas = [blob.sha for blob in changed.values() if blob is not None]
    if not shas:
        return changed
    given = "".join(f"{sha}\n" for sha in shas).encode("ascii")
    told = _run(git, top, "cat-file", "--batch-check=%(objectsize)", given=given).split(b"\n")
    sizes = {sha: int(size) for sha, size in zip(shas, told, strict=False) if size.isdigit()}
    return {
        path: None if blob is None else replace(blob, size=sizes.get(blob.sha, 0))
        for path, blob in changed.items()
    }


def read_blob(blob: Blob, git: Git) -> bytes:
    """The content of a file as a commit has it. Raises GitError."""
    return _run(git, blob.top, "cat-file", "blob", blob.sha)


def hunks(before: str, after: str, git: Git) -> tuple[Hunk, ...]:
    """The lines that differ between two texts, line endings set aside. Raises GitError."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="dflint-") as name:
        folder = Path(name)
        (folder / "before").write_bytes(before.encode("utf-8", "surrogateescape"))
        words = ("diff", "--no-index", *_PLAIN, *_LINES, "--", "before", "-")
        text = after.encode("utf-8", "surrogateescape")
        return parse_hunks(_run(git, folder, *words, given=text, fine=(0, 1)))


def parse_hunks(diff: bytes) -> tuple[Hunk, ...]:
    """The hunks of a diff of one file without lines of context."""
    return tuple(
        Hunk(*(1 if part is None else int(part) for part in match.groups()))
        for match in _HUNK.finditer(diff)
    )


def _run(
    git: Git, folder: Path, *words: str, given: bytes = b"", fine: Sequence[int] = (0,)
) -> bytes:
    """What git prints in a folder. Raises GitError when it exits with none of the codes `fine`."""
    import subprocess

    told = {key: value for key, value in git.environment.items() if key not in _OF_A_HOOK}
    told["GIT_TERMINAL_PROMPT"] = "0"
    command = [git.path, *_ALWAYS, *words]
    try:
        done = subprocess.run(command, cwd=folder, env=told, input=given, capture_output=True)
    except OSError as error:
        raise GitError(f"{git.path}: cannot be run: {error.strerror or error}") from None
    if done.returncode not in fine:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[0] if said else f"it exits with {done.returncode}"
        raise GitError(f"{folder}: `git {words[0]}` fails: {reason}")
    return done.stdout
