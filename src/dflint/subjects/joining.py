"""Joining one RUN to the RUN right above it, where both certainly do the same as one.

The file system comes out the same; the layers and what the cache keeps do not, so this is never a
safe fix. Each command must be the only one of its RUN and a program of its own: what a shell
remembers of the first (folder, variables, options, `&`) would otherwise reach the second.
"""

from __future__ import annotations

from collections.abc import Mapping

from dflint.document import Comment
from dflint.finding import Edit
from dflint.lazy import regex
from dflint.model import Step
from dflint.shell import Command
from dflint.source import Source, Span
from dflint.subjects.base import Facts
from dflint.subjects.mending import BUILTINS

# Builtins that leave nothing behind in the shell.
HARMLESS_BUILTINS = frozenset(["[", "echo", "printf", "pwd", "test", "true", ":"])
# What a shell, or a container, knows of the command before; `:=` sets what it reads.
REMEMBERS = regex(r"\$[_!?]|\$\{[_!?]|:=|\$\{\w+=|/etc/(hosts|resolv\.conf|hostname)\b")
# Comments that other lines depend on.
TOLD = regex(r"(?i)dflint|hadolint|shellcheck")
# Programs that no package of another manager replaces.
STAYING = frozenset(
    [
        "apt-get",
        "apt",
        "apk",
        "dnf",
        "yum",
        "microdnf",
        "mkdir",
        "chmod",
        "chown",
        "chgrp",
        "rm",
        "ln",
        "cp",
        "mv",
        "touch",
        "useradd",
        "groupadd",
        "usermod",
        "adduser",
        "addgroup",
    ]
)
LONGEST_CHAIN = 20
# Processes that such programs leave running end with their RUN, and would live on.
STARTERS = frozenset(
    ["service", "systemctl", "supervisord", "start-stop-daemon", "pg_ctl", "nohup"]
)


def joined(facts: Facts, step: Step, before: Step | None) -> tuple[Edit, ...] | None:
    """The edits that join a RUN to the one before it with `&&`; None unless both surely are one."""
    if before is None or not (_joinable(facts, before) and _joinable(facts, step)):
        return None
    first, second = before.instruction, step.instruction
    source = facts.build.source
    # A blank line between them is a paragraph that somebody made.
    between = range(first.last_line + 1, second.first_line)
    comments = _comments(facts)
    if any(number not in comments for number in between):
        return None
    if _remembered(facts, before, step) or _told(source, first.first_line, comments, between):
        return None
    end = first.text.span().end
    line_end = source.line_starts[first.last_line - 1] + len(source.line(first.last_line))
    start = Span(second.keyword_span.start, second.text.span().start)
    if "\n" in source.slice(start) or source.slice(Span(end, line_end)).strip():
        return None
    return (
        Edit(Span(end, line_end), f" && {facts.build.document.escape}"),
        Edit(start, " " * (start.end - start.start)),
    )


def _comments(facts: Facts) -> Mapping[int, Comment]:
    """The file's comments by their lines."""
    key = ("comments", -1)
    if key not in facts.memo:
        facts.memo[key] = {each.line: each for each in facts.build.document.comments}
    found: Mapping[int, Comment] = facts.memo[key]
    return found


def _joinable(facts: Facts, step: Step) -> bool:
    """Whether a RUN is nothing but one plain command that leaves nothing in its shell."""
    instruction = step.instruction
    script = facts.scripts[step]
    if step.keyword != "RUN" or step.onbuild or instruction.flags or instruction.heredocs:
        return False
    if instruction.json is not None or not step.shell.posix or script.broken:
        return False
    if len(script.commands) != 1 or script.assignments or script.pipelines:
        return False
    command = script.commands[0]
    if command.guarded or command.substituted or "sh" in command.through:
        return False
    written = command.words[0].text if command.words else ""
    if written in BUILTINS - HARMLESS_BUILTINS or command.tool in STARTERS:
        return False
    return _is_all(facts.build.source, step, command)


def _is_all(source: Source, step: Step, command: Command) -> bool:
    """Whether a RUN's text is the command and its redirections, no `!`, `&`, `;`, `#` or bracket."""
    whole = step.instruction.text.span()
    if command.span.start != whole.start or REMEMBERS.search(source.slice(whole)):
        return False
    at = command.span.end
    for redirect in sorted(command.redirects, key=lambda each: each.span):
        if redirect.span.end <= at:
            continue
        if (
            redirect.operator.startswith("<<")
            or source.slice(Span(at, redirect.span.start)).strip()
        ):
            return False
        at = redirect.span.end
    return at == whole.end


def _remembered(facts: Facts, before: Step, step: Step) -> bool:
    """Whether the shell could run the first command's program again, where a new one has come.

    A shell keeps where it has found a program: after `pip install --upgrade pip` another may be
    first on the PATH.
    """
    program = facts.scripts[step].commands[0].program
    if "/" in program or program in STAYING:
        return False
    steps = facts.build.stages[step.stage].steps
    for number in range(before.number, -1, -1):
        # Those further up may be joined to the one before in the same breath.
        if step.number - number > LONGEST_CHAIN:
            return True
        if not _joinable(facts, steps[number]):
            return False
        if facts.scripts[steps[number]].commands[0].program == program:
            return True
    return False


def _told(source: Source, first: int, comments: Mapping[int, Comment], between: range) -> bool:
    """Whether a comment above either RUN speaks to a linter: it would then speak of both."""
    above = first - 1
    while above in comments:
        above -= 1
    lines = (*range(above + 1, first), *between)
    return any(TOLD.search(source.slice(comments[number].span)) for number in lines)
