"""The shell scripts inside a Dockerfile, each with its dialect and the variables that are set."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from dflint.document import Heredoc
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.model import Build, Shell, Stage, Step
from dflint.scripts import shell_text
from dflint.source import Source, Span, Text

# POSIX's own shell language, where nobody knows what /bin/sh is.
UNKNOWN_SHELL = "sh"
_KEYWORDS = frozenset({"RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"})
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
# A list that is not JSON: what a shell would make of it helps nobody.
_BROKEN_JSON = regex(r"""\s*\[(?:["']|\s*(?:"[^"]*"|'[^']*')\s*,)""")
_SHEBANG = regex(r"#![ \t]*(?P<program>\S+)[ \t]*(?P<rest>[^\n]*)")
_REPLACES_SH = regex(
    r"\b(?:ln|cp|mv)\s[^;&|\n]*\bbash\s+(?:/usr)?/bin/sh\b|\bdash/sh boolean false\b"
)
_FED_SHELL = regex(
    r"\s*(?P<program>(?:/usr)?(?:/bin/)?(?:ba|da|a|k)?sh)(?P<options>(?:\s+-[a-z]+)*)"
    r"(?:\s+-o\s+pipefail)?(?:\s+-)?\s*\Z"
)


class Body(Struct, frozen=True, eq=False):
    """A script: its text, the step it belongs to, and how it is run.

    `stage` is the label of its stage; `dialect` is bash, dash, busybox, ksh or sh (not known
    which); `errexit` says whether the shell is started with `-e`; `names` are variables that the
    script uses and that are set when it starts.
    """

    step: Step
    stage: str
    text: Text
    dialect: str
    errexit: bool
    names: tuple[str, ...]

    @property
    def at_run_time(self) -> bool:
        """Whether the container runs the script, and not the build."""
        return self.step.keyword != "RUN"


def shell_bodies(build: Build) -> tuple[Body, ...]:
    """The scripts of RUN, CMD, ENTRYPOINT and HEALTHCHECK that a shell ShellCheck knows runs."""
    bodies: list[Body] = []
    bash: set[int] = set()
    for stage in build.stages:
        if stage.parent in bash:
            bash.add(stage.index)
        for step in stage.steps:
            if step.keyword not in _KEYWORDS or step.instruction.json is not None:
                continue
            bodies.extend(_bodies(build.source, stage, step, stage.index in bash))
            if step.keyword == "RUN" and _REPLACES_SH.search(step.instruction.text.value):
                bash.add(stage.index)
    return tuple(bodies)


def _bodies(source: Source, stage: Stage, step: Step, sh_is_bash: bool) -> Iterator[Body]:
    default = _dialect(step.shell, stage, sh_is_bash)
    heredocs = step.instruction.heredocs
    if len(heredocs) == 1 and _is_alone(source, step, heredocs[0]):
        yield from _whole_heredoc(stage, step, heredocs[0], default, sh_is_bash)
        return
    if default is None:
        return
    text = shell_text(source, step)
    if text is not None and text.value.strip() and not _BROKEN_JSON.match(text.value):
        yield _body(stage, step, text, default, step.shell.errexit)
    if len(heredocs) == 1 and not heredocs[0].expand:
        fed = _FED_SHELL.match(_without(step.instruction.text, heredocs[0].marker))
        if fed is not None:
            dialect = _by_program(fed["program"], stage, sh_is_bash)
            if dialect is not None:
                yield _body(stage, step, heredocs[0].body, dialect, "e" in fed["options"])


def _is_alone(source: Source, step: Step, heredoc: Heredoc) -> bool:
    return step.instruction.text.value.strip() == source.slice(heredoc.marker)


def _without(text: Text, span: Span) -> str:
    """The text's value without what stands at a span of the source."""
    return "".join(
        char
        for index, char in enumerate(text.value)
        if not span.start <= text.origin(index) < span.end
    )


def _whole_heredoc(
    stage: Stage, step: Step, heredoc: Heredoc, default: str | None, sh_is_bash: bool
) -> Iterator[Body]:
    """`RUN <<EOF`: the body is the script, and its first line may name what runs it."""
    shebang = _SHEBANG.match(heredoc.body.value)
    if shebang is None:
        if default is not None and heredoc.body.value.strip():
            yield _body(stage, step, heredoc.body, default, step.shell.errexit)
        return
    words = [shebang["program"], *shebang["rest"].split()]
    if posixpath.basename(words[0]) == "env":
        words = [word for word in words[1:] if "=" not in word and not word.startswith("-S")]
    dialect = _by_program(words[0], stage, sh_is_bash) if words else None
    if dialect is not None:
        rest = heredoc.body.slice(shebang.end(), len(heredoc.body.value))
        errexit = any(re.match(r"-[a-z]*e", word) for word in words[1:])
        yield _body(stage, step, rest, dialect, errexit)


def _body(stage: Stage, step: Step, text: Text, dialect: str, errexit: bool) -> Body:
    used = set(_NAME.findall(text.value))
    names = {name for name in step.environment if name in used}
    names.update(name for name in _knowledge()["predefined"] if name in used)
    names.update(mount.options["env"] for mount in step.mounts if "env" in mount.options)
    kept = sorted(name for name in names if _NAME.fullmatch(name))
    return Body(step, stage.label, text, dialect, errexit, tuple(kept))


def _dialect(shell: Shell, stage: Stage, sh_is_bash: bool) -> str | None:
    if not shell.posix or not shell.words:
        return None
    return _by_program(shell.words[0], stage, sh_is_bash)


def _by_program(program: str, stage: Stage, sh_is_bash: bool) -> str | None:
    """The dialect of a shell by its name; None for one that ShellCheck does not read."""
    name = posixpath.basename(program)
    if name != "sh":
        dialect: str | None = _knowledge()["programs"].get(name)
        return dialect
    if sh_is_bash:
        return "bash"
    system = stage.base and (stage.base.distribution or stage.base.family)
    of_sh: Mapping[str, str] = _knowledge()["distributions"]
    return of_sh.get(system or "", UNKNOWN_SHELL)


@cache
def _knowledge() -> Any:
    return load("shellcheck")
