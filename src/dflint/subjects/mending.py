"""Places and texts that fixes need: where something can be put, what can be cut out whole."""

from __future__ import annotations

import json

from dflint.lazy import regex
from dflint.model import Step
from dflint.shell import Script
from dflint.source import Source, Span
from dflint.subjects.base import Facts

# What a program's word may hold where no shell reads it: nothing that a shell would change.
PLAIN = regex(r"[A-Za-z0-9_@%+=:,./-]+")


def whole_lines(source: Source, step: Step) -> Span | None:
    """The lines of an instruction with the last one's ending; None for what ONBUILD triggers."""
    if step.onbuild:
        return None
    start = source.line_starts[step.instruction.first_line - 1]
    if step.instruction.last_line < len(source.line_starts):
        return Span(start, source.line_starts[step.instruction.last_line])
    # The last line has no ending: the one before it goes instead.
    return Span(max(start - 1, 0), len(source.text))


def script_end(step: Step, script: Script) -> Span | None:
    """The place right after a RUN's last command, where `&& …` can follow; None where it cannot."""
    instruction = step.instruction
    if step.keyword != "RUN" or instruction.json is not None or instruction.heredocs:
        return None
    if script.broken or not script.commands or not step.shell.posix:
        return None
    last = script.commands[-1]
    end = instruction.text.span().end
    if last.span.end != end or last.guarded or last.substituted or last.connector == "|":
        return None
    return Span(end, end)


def as_json(step: Step, script: Script, source: Source) -> str | None:
    """The shell form's command as a JSON list; None unless both certainly do the same."""
    instruction = step.instruction
    if instruction.json is not None or script.broken or len(script.commands) != 1:
        return None
    if instruction.first_line != instruction.last_line or script.assignments or script.pipelines:
        return None
    command = script.commands[0]
    words = command.words
    whole = command.span == instruction.text.span() and words[0].span.start == command.span.start
    if command.through or command.redirects or not whole:
        return None
    if not all(PLAIN.fullmatch(word.text) for word in words) or "=" in words[0].text:
        return None
    if words[0].text in BUILTINS or source.slice(command.span).endswith("&"):
        return None
    return json.dumps([word.text for word in words])


# What only a shell can do, or does in another way than a program of the same name.
BUILTINS = frozenset(
    [
        ".",
        ":",
        "[",
        "alias",
        "bg",
        "break",
        "cd",
        "command",
        "continue",
        "echo",
        "eval",
        "exec",
        "exit",
        "export",
        "false",
        "fg",
        "getopts",
        "hash",
        "jobs",
        "kill",
        "local",
        "printf",
        "pwd",
        "read",
        "readonly",
        "return",
        "set",
        "shift",
        "source",
        "test",
        "times",
        "trap",
        "true",
        "type",
        "ulimit",
        "umask",
        "unalias",
        "unset",
        "wait",
    ]
)


def product_start(facts: Facts) -> Span | None:
    """The place above the product's own first CMD or ENTRYPOINT and the comments right above it.

    None where it has none.
    """
    build = facts.build
    if build.product is None:
        return None
    for step in build.stages[build.product].steps:
        if step.keyword in ("CMD", "ENTRYPOINT") and not step.onbuild:
            comments = {each.line for each in build.document.comments}
            line = step.instruction.first_line
            while line - 1 in comments:
                line -= 1
            start = build.source.line_starts[line - 1]
            if line == step.instruction.first_line:
                start = step.instruction.span.start
            return Span(start, start)
    return None
