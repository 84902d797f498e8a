"""Shell text, or the JSON form of an instruction, to the commands that run.

The text is parsed by tree-sitter's bash grammar; this module walks the tree once, in the order of
the text, and keeps what the shell would keep meanwhile: variables, `set -e` and `set -o pipefail`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.machinery import PathFinder

from msgspec import Struct, field
from msgspec.structs import replace
from tree_sitter import Language, Node, Parser

from dflint.invocation import Invocation, read_invocation
from dflint.lazy import regex
from dflint.shell import Assignment, Command, Option, Pipeline, Redirect, Script, Word
from dflint.shellwords import (
    Token,
    literal_token,
    place,
    read_tokens,
    read_word,
    unescaped,
    unquoted,
)
from dflint.source import Span, Text, join

# Deeper nesting than this is nobody's Dockerfile; the bound keeps the walk off Python's own.
DEEPEST = 60
LONGEST = 500_000  # characters of a script; longer ones were written by no one
# Every command is held against those before and after it, and knows its variables.
MOST_COMMANDS = 1_000
MOST_VARIABLES = 500
MOST_EXPANDED = 1_000_000  # characters that variables put into one script, before all is unknown
NOT_ASCII = regex(r"[^\x01-\x7f]")
SETS = regex(r"\b([A-Za-z_][A-Za-z0-9_]*)\+?=")
UNKNOWN_PROGRAM = regex(r"\$\(|`")
SUBSTITUTES = regex(r"[$<>]\(|`")
# The idiom for a comment inside a command: a substitution that holds nothing else.
EMPTY_SUBSTITUTION = regex(r"`[ \t]*#[^`\n]*`")
HEREDOC_FIRST = regex(r"(\s*<<-?\s*[\w'\"\\]+)([ \t]+[\w./][^\n;&|<>]*)(?=\n)")
# What the grammar passes over inside a word: an escaped blank, a continued line.
GLUE = regex(r"(?:\\[ \t\n])+")
JOINTS = frozenset({"&&", "||", ";", "&", "|", "|&", "\n"})
ENDS = frozenset({";;", ";&", ";;&"})
KEYWORDS = frozenset({"then", "else", "elif", "do"})
REDIRECTS = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})
NESTED = frozenset({"list", "pipeline", "redirected_statement"})
OPERATORS = frozenset({"&&", "||", "|", "|&"})
# What the grammar puts into a heredoc though it stands behind it on its line.
BEHIND = NESTED | OPERATORS | {"command", "subshell", "compound_statement", "test_command"}
SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})
EXPRESSIONS = frozenset(
    {"unary_expression", "binary_expression", "parenthesized_expression", "negated_expression"}
)
SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})
# POSIX, "Special Built-In Utilities": an assignment before one of them stays.
SPECIAL = frozenset({"set", ":", ".", "eval", "shift", "times", "trap"})
UNSET = Word("", Span(0, 0), "", False, False)


class _State(Struct):
    """What the shell keeps from command to command; None as a word: not known any more."""

    errexit: bool
    pipefail: bool
    allexport: bool = False
    values: dict[str, Word] = field(default_factory=dict)
    exported: frozenset[str] = frozenset()
    environment: tuple[tuple[str, Word], ...] | None = ()

    def copy(self) -> _State:
        return replace(self, values=dict(self.values))


class _Found(Struct):
    """What the walk has found so far."""

    commands: list[Command] = field(default_factory=list)
    pipelines: list[Pipeline] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    broken: bool = False
    expanded: int = 0

    def script(self) -> Script:
        commands, pipelines = tuple(self.commands), tuple(self.pipelines)
        return Script(commands, pipelines, tuple(self.assignments), self.broken)


class _At(Struct, frozen=True):
    """Where the walk is: what surrounds the commands there."""

    guarded: bool = False
    substituted: bool = False
    scope: int = 0
    through: tuple[str, ...] = ()
    prefix: tuple[tuple[str, Word], ...] = ()


# How a command is joined to the one before, and where that text begins (-1: nowhere).
_Joint = tuple[str, int]
ALONE: _Joint = ("", -1)


class _Line(Struct, frozen=True):
    """The words of one command, before it is known what they mean."""

    tokens: list[Token]
    assignments: list[tuple[str, Word, Span]]
    redirects: list[Redirect]
    start: int
    end: int


class _Member(Struct):
    """A command of a pipeline, and what joins it to the one before; no node: redirections alone."""

    operator: Node | None
    node: Node | None
    redirects: list[Node]


class _Pipe(Struct):
    """A pipeline of one command or more, from `start` to `end`."""

    operator: Node | None
    members: list[_Member]
    start: int
    end: int


@cache
def _parser() -> Parser:
    return Parser(Language(_bash()))


def _bash() -> object:
    """The grammar of bash, from the extension module of tree-sitter-bash alone.

    The package around it loads importlib.resources, tempfile and random, for files that only
    editors ask for; that took a sixteenth of the time of a small run.
    """
    package = PathFinder.find_spec("tree_sitter_bash")
    places = None if package is None else package.submodule_search_locations
    found = PathFinder.find_spec("tree_sitter_bash._binding", places)
    loader = None if found is None else found.loader
    binding = None if found is None or loader is None else loader.create_module(found)
    if loader is None or binding is None:
        from tree_sitter_bash import language

        return language()
    loader.exec_module(binding)
    return binding.language()


def parse_script(
    text: Text,
    variables: Mapping[str, str | None],
    *,
    errexit: bool = False,
    pipefail: bool = False,
) -> Script:
    """What a piece of shell text runs.

    `text` has no continuation marks left; `variables` are those that the shell starts with, None
    where the value is not known; the flags are those that the shell is started with.
    """
    found = _Found()
    if len(text.value) > LONGEST:
        found.broken = True
    else:
        _walk(text, variables, _State(errexit, pipefail), found, _At())
    return found.script()


def parse_exec(words: Sequence[Text], variables: Mapping[str, str | None]) -> Script:
    """What the JSON form of an instruction runs; its words are taken as they are."""
    found = _Found()
    tokens = [literal_token(word) for word in words]
    if tokens:
        text = words[0]
        walk = _Walk(text, variables, _State(False, False), found)
        walk.run(_Line(tokens, [], [], 0, 0), ALONE, _At())
    return found.script()


def _walk(
    text: Text,
    variables: Mapping[str, str | None],
    state: _State,
    found: _Found,
    at: _At,
    depth: int = 0,
) -> None:
    text = _command_first(text)
    raw = text.value
    masked = raw if raw.isascii() and "\0" not in raw else NOT_ASCII.sub("_", raw)
    root = _parser().parse(masked.encode("ascii")).root_node
    if root.has_error and "`" in masked:
        masked = EMPTY_SUBSTITUTION.sub(lambda match: " " * len(match[0]), masked)
        root = _parser().parse(masked.encode("ascii")).root_node
    if root.has_error:
        found.broken = True
    else:
        _Walk(text, variables, state, found, depth).sequence(root.children, ALONE, at)


def _command_first(text: Text) -> Text:
    """`<<EOF bash` as `bash <<EOF`: the grammar wants the command before its heredoc."""
    match = HEREDOC_FIRST.match(text.value) if "<<" in text.value else None
    if match is None:
        return text
    cuts = (match.span(2), match.span(1), (match.end(2), len(text.value)))
    return join((text.slice(start, end) for start, end in cuts), text.span().start)


class _Walk(Struct):
    """The walk over the tree of one text."""

    text: Text
    variables: Mapping[str, str | None]
    state: _State
    found: _Found
    depth: int = 0

    # ---- variables

    def lookup(self, name: str) -> str | None:
        value = self.value(name)
        if value is not None:
            self.found.expanded += len(value)
            if self.found.expanded > MOST_EXPANDED:
                return None
        return value

    def value(self, name: str) -> str | None:
        word = self.state.values.get(name)
        if word is None:
            return self.variables.get(name)
        return word.value if word.known else None

    def assign(self, name: str, word: Word, *, export: bool = False) -> None:
        state = self.state
        state.values[name] = word
        if (export or state.allexport) and len(state.exported) <= MOST_VARIABLES:
            state.exported |= {name}
        state.environment = None

    def forget(self, names: Iterable[str]) -> None:
        for name in names:
            self.assign(name, UNSET)

    def remember(self) -> Mapping[str, Word]:
        return dict(self.state.values)

    def forget_since(self, before: Mapping[str, Word]) -> None:
        """Forget what has been set since, because it is not certain that it was."""
        values = self.state.values
        self.forget([name for name in values if values[name] is not before.get(name)])

    def environment(self) -> tuple[tuple[str, Word], ...]:
        """The variables that a command gets from the script: exported, or environment before."""
        state = self.state
        if len(state.values) > MOST_VARIABLES:
            self.found.broken = True
            return ()
        if state.environment is None:
            state.environment = tuple(
                (name, word)
                for name, word in state.values.items()
                if name in state.exported or name in self.variables
            )
        return state.environment

    # ---- structure

    def visit(self, node: Node, joint: _Joint, at: _At) -> None:
        """One statement."""
        kind = node.type
        if kind == "command":
            self.command(node, joint, at)
            return
        handler = HANDLERS.get(kind)
        if handler is None:
            self.substitutions(node, at)
        elif self.depth >= DEEPEST:
            self.found.broken = True
        else:
            self.depth += 1
            handler(self, node, joint, at)
            self.depth -= 1

    def sequence(self, nodes: Iterable[Node], joint: _Joint, at: _At) -> None:
        """Statements one after another."""
        previous: Node | None = None
        for node in nodes:
            kind = node.type
            if kind in JOINTS:
                joint = (kind, self.back(node.start_byte))
            elif kind in ENDS or kind in KEYWORDS:
                joint, previous = ALONE, None
            elif node.is_named and kind != "comment":
                if previous is not None and joint is ALONE:
                    joint = ("\n", previous.end_byte)
                self.visit(node, joint, at)
                joint, previous = ALONE, node

    def back(self, at: int) -> int:
        """The offset where the white space that ends at `at` begins."""
        raw = self.text.value
        while at > 0 and (raw[at - 1].isspace() or raw.startswith("\\\n", at - 1)):
            at -= 1
        return at

    def nested(self, node: Node, joint: _Joint, at: _At) -> None:
        """A group in braces, or a loop's body: its first command is joined to nothing."""
        del joint
        self.sequence(node.children, ALONE, at)

    def subshell(self, node: Node, joint: _Joint, at: _At) -> None:
        del joint
        saved = self.state
        self.state = saved.copy()
        self.sequence(node.children, ALONE, replace(at, scope=at.scope + 1))
        self.state = saved

    def negated(self, node: Node, joint: _Joint, at: _At) -> None:
        self.sequence(node.children[1:], joint, at)

    def guarded(self, nodes: Iterable[Node], joint: _Joint, at: _At) -> None:
        """Statements that may not run: what they set is not known afterwards."""
        before = self.remember()
        self.sequence(nodes, joint, at if at.guarded else replace(at, guarded=True))
        self.forget_since(before)

    def chain(self, node: Node, joint: _Joint, at: _At) -> None:
        """`a | b && c || d`: pipelines, each of which may depend on the ones before."""
        check = False
        operator = ""
        for each in _pipelines(node):
            if each.operator is not None:
                operator = each.operator.type
                joint = (operator, self.back(each.operator.start_byte))
            if operator == "||" or check:
                before = self.remember()
                self.pipeline(each, joint, at if at.guarded else replace(at, guarded=True))
                self.forget_since(before)
            else:
                self.pipeline(each, joint, at)
            check = _is_check(each) or (check and operator == "&&")

    def pipeline(self, parts: _Pipe, joint: _Joint, at: _At) -> None:
        found = self.found.commands
        members: list[Command] = []
        for part in parts.members:
            if part.operator is not None:
                joint = (part.operator.type, self.back(part.operator.start_byte))
            begin = len(found)
            self.member(part, joint, at)
            if len(found) > begin:
                simple = part.node is None or part.node.type == "command"
                feeding = not members and not simple
                members.append(_ending(found[begin:]) if feeding else found[begin])
        if len(members) > 1:
            span = place(self.text, parts.start, parts.end)
            self.found.pipelines.append(Pipeline(tuple(members), span, self.state.pipefail))

    def member(self, part: _Member, joint: _Joint, at: _At) -> None:
        """One command, simple or compound, with its redirections."""
        node = part.node
        redirects: list[Redirect] = []
        extra: list[Node] = []
        heredocs: list[Node] = []
        for each in part.redirects:
            if each.type == "heredoc_redirect":
                heredocs.append(each)
                self.heredoc_redirect(each, redirects, extra)
            else:
                self.redirect(each, redirects, extra)
        begin = len(self.found.commands)
        if node is not None and node.type == "command":
            self.command(node, joint, at, redirects, extra, heredocs)
        elif node is not None:
            self.visit(node, joint, at)
        for each in part.redirects:
            if each.type != "heredoc_redirect":
                self.substitutions(each, at, extra)
        commands = self.found.commands
        if not (len(commands) > begin and _reads_script(commands[begin])):
            for heredoc in heredocs:
                for each in heredoc.children:
                    if each.type == "heredoc_body":
                        self.substitutions(each, at)

    def redirect(self, node: Node, redirects: list[Redirect], extra: list[Node]) -> None:
        """One redirection; the grammar puts words that follow its target into it as well."""
        operator = ""
        target: Word | None = None
        end = node.end_byte
        for child in node.children:
            if not child.is_named:
                operator = child.type
            elif child.type == "file_descriptor":
                continue
            elif target is None:
                target = read_word(self.text, child.start_byte, child.end_byte, self.lookup)
                end = child.end_byte
            else:
                extra.append(child)
        redirects.append(Redirect(operator, target, place(self.text, node.start_byte, end)))

    def heredoc_redirect(self, node: Node, redirects: list[Redirect], extra: list[Node]) -> None:
        end = node.start_byte
        for child in node.children:
            if child.type in ("<<", "<<-", "heredoc_start"):
                end = child.end_byte
            elif child.type in ("file_redirect", "herestring_redirect"):
                self.redirect(child, redirects, extra)
            elif child.type in ("word", "string", "raw_string", "concatenation", "number"):
                extra.append(child)
        span = place(self.text, node.start_byte, end)
        redirects.append(Redirect(node.children[0].type, None, span))

    def substitutions(
        self,
        node: Node,
        at: _At,
        but: Sequence[Node] = (),
        skip: tuple[int, int] = (-1, -1),
    ) -> None:
        """The commands in `$( )`, backticks and `<( )` below a node; those below `but` left out."""
        raw = self.text.value
        todo = [node]
        while todo:
            node = todo.pop()
            start, end = node.start_byte, node.end_byte
            if (skip[0] <= start and end <= skip[1]) or node in but:
                continue
            if SUBSTITUTES.search(raw, start, end) is None:
                continue
            if node.type in SUBSTITUTIONS:
                if self.depth >= DEEPEST:
                    self.found.broken = True
                    return
                self.depth += 1
                self.subshell(node, ALONE, replace(at, substituted=True))
                self.depth -= 1
            else:
                todo.extend(reversed(node.children))

    # ---- compound commands

    def if_(self, node: Node, joint: _Joint, at: _At) -> None:
        """The first condition runs for certain, nothing else does."""
        del joint
        children = node.children
        then = next((i for i, each in enumerate(children) if each.type == "then"), 0)
        self.sequence(children[1:then], ALONE, at)
        self.guarded(children[then + 1 :], ALONE, at)

    def elif_(self, node: Node, joint: _Joint, at: _At) -> None:
        del joint
        self.sequence(node.children, ALONE, at)

    def loop(self, node: Node, joint: _Joint, at: _At) -> None:
        """A variable that a loop sets is not known in it: the round before may have set it."""
        del joint
        raw = self.text.value
        self.forget(SETS.findall(raw, node.start_byte, node.end_byte))
        condition = True
        for child in node.children:
            if child.type == "variable_name":
                self.forget([raw[child.start_byte : child.end_byte]])
            elif child.type in ("do_group", "compound_statement"):
                self.guarded(child.children, ALONE, at)
                condition = False
            elif child.is_named and condition:
                # A condition of `while` is a statement, the list of `for` is words.
                self.visit(child, ALONE, at)

    def case(self, node: Node, joint: _Joint, at: _At) -> None:
        del joint
        for child in node.children:
            if child.type == "case_item":
                inside = False
                body: list[Node] = []
                for each in child.children:
                    if inside:
                        body.append(each)
                    inside = inside or each.type == ")"
                self.guarded(body, ALONE, at)
            else:
                self.substitutions(child, at)

    def function(self, node: Node, joint: _Joint, at: _At) -> None:
        """A function's body: it may run whenever, with whatever the script sets by then."""
        del joint
        saved = self.state
        self.state = saved.copy()
        self.forget(SETS.findall(self.text.value))
        self.guarded([node.children[-1]], ALONE, at)
        self.state = saved
        raw = self.text.value
        self.forget(SETS.findall(raw, node.start_byte, node.end_byte))

    def assignment(self, node: Node, joint: _Joint, at: _At) -> None:
        del joint
        nodes = node.children if node.type == "variable_assignments" else [node]
        for each in nodes:
            name, word, span = self.variable(each)
            self.found.assignments.append(Assignment(name, word, span))
            self.assign(name, word)
        self.substitutions(node, at)

    def variable(self, node: Node) -> tuple[str, Word, Span]:
        """The name and the value of one `NAME=value`."""
        raw = self.text.value
        children = node.children
        operator = next(each for each in children if each.type in ("=", "+="))
        name = raw[node.start_byte : operator.start_byte]
        word = read_word(self.text, operator.end_byte, node.end_byte, self.lookup)
        if operator.type == "+=" or word.text.startswith("("):
            word = replace(word, known=False)
        return name, word, place(self.text, node.start_byte, node.end_byte)

    # ---- single commands

    def command(
        self,
        node: Node,
        joint: _Joint,
        at: _At,
        redirects: Sequence[Redirect] = (),
        extra: Sequence[Node] = (),
        heredocs: Sequence[Node] = (),
    ) -> None:
        own: list[Redirect] = []
        assignments: list[tuple[str, Word, Span]] = []
        words: list[Node] = []
        for child in node.children:
            kind = child.type
            if kind == "variable_assignment" and not words:
                assignments.append(self.variable(child))
            elif kind in REDIRECTS:
                self.redirect(child, own, words)
            else:
                words.append(child)
        words.extend(extra)
        own += redirects
        tokens = self.tokens(words)
        start = node.start_byte
        if not assignments and words:
            start = words[0].start_byte
        end = words[-1].end_byte if words else node.end_byte
        line = _Line(tokens, assignments, own, start, end)
        skip = self.run(line, joint, at, heredocs)
        if SUBSTITUTES.search(self.text.value, node.start_byte, node.end_byte):
            self.substitutions(node, at, (), skip)
        for each in extra:
            self.substitutions(each, at, (), skip)

    def tokens(self, nodes: Iterable[Node]) -> list[Token]:
        """The words of some nodes; nodes that touch are one word."""
        raw = self.text.value
        tokens: list[Token] = []
        start = end = -1
        for node in nodes:
            begin = node.start_byte
            if start == -1:
                start = begin
            elif begin != end and GLUE.fullmatch(raw, end, begin) is None:
                tokens += read_tokens(self.text, start, end, self.lookup)
                start = begin
            end = node.end_byte
        if end != -1:
            tokens += read_tokens(self.text, start, end, self.lookup)
        return tokens

    def builtin(self, node: Node, joint: _Joint, at: _At) -> None:
        """`export`, `declare`, `unset` and the like."""
        children = node.children
        tokens = self.tokens(children)
        line = _Line(tokens, [], [], node.start_byte, node.end_byte)
        self.run(line, joint, at)
        tool = children[0].type
        plain = tokens[1].word.value if len(tokens) > 1 else ""
        export = tool == "export" or (plain.startswith("-") and "x" in plain)
        for child in children:
            if child.type == "variable_assignment":
                name, word, span = self.variable(child)
                self.found.assignments.append(Assignment(name, word, span))
                self.assign(name, word, export=export)
            elif child.type == "variable_name":
                name = self.text.value[child.start_byte : child.end_byte]
                if tool.startswith("unset"):
                    self.assign(name, UNSET)
                elif len(self.state.exported) > MOST_VARIABLES:
                    self.found.broken = True
                elif export:
                    self.state.exported |= {name}
                    self.state.environment = None
        self.substitutions(node, at)

    def check(self, node: Node, joint: _Joint, at: _At) -> None:
        """`[ … ]` and `[[ … ]]`, whose words the grammar puts into expressions."""
        words: list[Node] = []
        todo = [node]
        while todo:
            each = todo.pop()
            if each is node or each.type in EXPRESSIONS:
                todo.extend(reversed(each.children))
            else:
                words.append(each)
        line = _Line(self.tokens(words), [], [], node.start_byte, node.end_byte)
        self.run(line, joint, at)
        self.substitutions(node, at)

    def run(
        self, line: _Line, joint: _Joint, at: _At, heredocs: Sequence[Node] = ()
    ) -> tuple[int, int]:
        """Record a command, or what the script in it runs; gives the stretch of that script."""
        if not line.tokens:
            return -1, -1
        if len(self.found.commands) >= MOST_COMMANDS:
            self.found.broken = True
            return -1, -1
        invocation = read_invocation(line.tokens)
        if invocation.script is not None:
            if self.inner(unquoted(invocation.script), invocation, line, at):
                return invocation.script.start, invocation.script.end
            invocation = _itself(invocation)
        elif heredocs and invocation.tool in SHELLS and _waits(invocation.arguments):
            body = self.body(heredocs[-1])
            if body is not None and self.inner(body, invocation, line, at):
                return -1, -1
        command = self.made(invocation, line, joint, at)
        self.found.commands.append(command)
        if not invocation.through:
            self.effects(command)
            if command.program in SPECIAL:
                for name, word, span in line.assignments:
                    self.found.assignments.append(Assignment(name, word, span))
                    self.assign(name, word)
        return -1, -1

    def made(self, invocation: Invocation, line: _Line, joint: _Joint, at: _At) -> Command:
        tokens = invocation.tokens
        state = self.state
        own = tuple((name, word) for name, word, _ in line.assignments)
        environment = self.environment() + at.prefix + own + invocation.environment
        span = self.span(line)
        separator = None
        if joint[1] >= 0:
            separator = place(self.text, joint[1], line.start)
        return Command(
            program=tokens[0].word.value,
            tool=invocation.tool,
            action=invocation.action,
            options=invocation.options,
            arguments=invocation.arguments,
            environment=environment,
            redirects=tuple(line.redirects),
            words=tuple([token.word for token in tokens]),
            through=at.through + invocation.through,
            span=span,
            program_span=tokens[0].word.span,
            action_span=invocation.action_span,
            connector=joint[0],
            separator=separator,
            guarded=at.guarded,
            substituted=at.substituted,
            scope=at.scope,
            errexit=state.errexit,
            pipefail=state.pipefail,
        )

    def span(self, line: _Line) -> Span:
        if line.end > line.start:
            return place(self.text, line.start, line.end)
        spans = [token.word.span for token in line.tokens]
        return Span(min(each.start for each in spans), max(each.end for each in spans))

    def inner(self, text: Text, invocation: Invocation, line: _Line, at: _At) -> bool:
        """Walk a script inside the script; false (and nothing found) where it cannot be read."""
        prefix = tuple((name, word) for name, word, _ in line.assignments)
        exported = dict(self.environment() + at.prefix + prefix + invocation.environment)
        # Double quotes put the outer shell's variables in: those are known inside too.
        script = invocation.script
        visible = exported
        if script is None or not script.text.value.startswith("'", script.start):
            visible = {**self.state.values, **exported}
        state = _State(False, False, False, dict(visible), frozenset(exported), None)
        _set_flags(state, invocation.options)
        found = _Found()
        own = () if invocation.tool == "" else (invocation.tool,)
        inside = replace(
            at,
            scope=at.scope + 1,
            through=at.through + invocation.through + own,
            prefix=(),
        )
        if self.depth >= DEEPEST:
            return False
        _walk(text, self.variables, state, found, inside, self.depth + 1)
        if found.broken or not found.commands or UNKNOWN_PROGRAM.search(found.commands[0].tool):
            return False
        self.found.commands += found.commands
        self.found.pipelines += found.pipelines
        return True

    def body(self, node: Node) -> Text | None:
        """A heredoc's body as the command that reads it gets it."""
        start = next((each for each in node.children if each.type == "heredoc_start"), None)
        body = next((each for each in node.children if each.type == "heredoc_body"), None)
        if start is None or body is None:
            return None
        text = self.text.slice(body.start_byte, body.end_byte)
        marker = self.text.value[start.start_byte : start.end_byte]
        return text if any(char in marker for char in "'\"\\") else unescaped(text)

    def effects(self, command: Command) -> None:
        """What builtins do to the shell."""
        if command.tool == "set":
            values = [word.value for word in command.words[1:]]
            _set_words(self.state, values)
        elif command.tool == "shopt":
            _set_options(self.state, [word.value for word in command.words[1:]])
        elif command.tool in ("read", "getopts", "mapfile", "readarray"):
            self.forget(word.value for word in command.arguments if word.value.isidentifier())


HANDLERS = {
    "list": _Walk.chain,
    "pipeline": _Walk.chain,
    "redirected_statement": _Walk.chain,
    "subshell": _Walk.subshell,
    "compound_statement": _Walk.nested,
    "do_group": _Walk.nested,
    "negated_command": _Walk.negated,
    "if_statement": _Walk.if_,
    "elif_clause": _Walk.elif_,
    "else_clause": _Walk.elif_,
    "for_statement": _Walk.loop,
    "c_style_for_statement": _Walk.loop,
    "while_statement": _Walk.loop,
    "case_statement": _Walk.case,
    "function_definition": _Walk.function,
    "variable_assignment": _Walk.assignment,
    "variable_assignments": _Walk.assignment,
    "declaration_command": _Walk.builtin,
    "unset_command": _Walk.builtin,
    "test_command": _Walk.check,
}


def _pipelines(node: Node) -> list[_Pipe]:
    """The pipelines of an and-or list.

    The grammar nests `|`, `&&` and redirections in ways of its own (`a | b | c && d` is a pipe
    into a list to it), but always in the order of the text: so they are put in a row first.
    """
    pipes: list[_Pipe] = []
    operator: Node | None = None
    todo = [node]
    while todo:
        each = todo.pop()
        kind = each.type
        if kind in NESTED:
            todo.extend(reversed(each.children))
        elif kind in OPERATORS:
            operator = each
        elif kind in REDIRECTS:
            _add(pipes, operator, None, each)
            operator = None
            if kind == "heredoc_redirect":
                todo.extend(child for child in reversed(each.children) if child.type in BEHIND)
        elif each.is_named and kind != "comment":
            _add(pipes, operator, each, None)
            operator = None
    return pipes


def _add(
    pipes: list[_Pipe], operator: Node | None, node: Node | None, redirect: Node | None
) -> None:
    start = operator or node or redirect
    assert start is not None
    if not pipes or (operator is not None and operator.type in ("&&", "||")):
        first = node or redirect
        assert first is not None
        pipes.append(_Pipe(operator, [], first.start_byte, first.end_byte))
        operator = None
    pipe = pipes[-1]
    if redirect is None or not pipe.members or operator is not None:
        pipe.members.append(_Member(operator, node, []))
    if redirect is not None:
        pipe.members[-1].redirects.append(redirect)
    if node is not None:
        pipe.end = node.end_byte


def _is_check(pipe: _Pipe) -> bool:
    """Whether a command only asks, so that what follows `&&` is as if in `if`."""
    node = pipe.members[0].node if len(pipe.members) == 1 else None
    if node is None:
        return False
    if node.type in ("negated_command", "test_command"):
        return True
    return node.type == "command" and node.text is not None and node.text.startswith(b"test ")


def _ending(commands: Sequence[Command]) -> Command:
    """The last command of a group that feeds a pipe, those in substitutions aside."""
    first = commands[0]
    return next(each for each in reversed(commands) if each.substituted == first.substituted)


def _waits(arguments: Sequence[Word]) -> bool:
    """Whether a shell with these arguments reads its script from its input."""
    return all(word.value == "-" for word in arguments)


def _reads_script(command: Command) -> bool:
    return bool(command.through) and command.through[-1] in SHELLS


def _itself(invocation: Invocation) -> Invocation:
    """A shell whose script cannot be read, as a command of its own."""
    tool = invocation.through[-1]
    words = tuple(token.word for token in invocation.tokens[1:])
    arguments = tuple(word for word in words if not word.value.startswith("-"))
    through = invocation.through[:-1]
    return replace(invocation, tool=tool, arguments=arguments, through=through)


def _set_flags(state: _State, options: Sequence[Option]) -> None:
    """The flags of `bash -euo pipefail -c …`."""
    for option in options:
        if option.name == "-e":
            state.errexit = True
        elif option.name == "-o" and option.value is not None:
            _set_words(state, ["-o", option.value.value])


def _set_options(state: _State, words: Sequence[str]) -> None:
    """The words of bash's `shopt -s -o pipefail`, `shopt -uo errexit`."""
    flags = "".join(word[1:] for word in words if word.startswith("-"))
    if "o" in flags and ("s" in flags) != ("u" in flags):
        sign = "-o" if "s" in flags else "+o"
        for word in words:
            _set_words(state, [sign, word])


def _set_words(state: _State, words: Sequence[str]) -> None:
    """The words of `set -euxo pipefail`, `set +e`."""
    todo = iter(words)
    for word in todo:
        if len(word) < 2 or word[0] not in "-+" or word == "--":
            return
        on = word[0] == "-"
        for char in word[1:]:
            name = next(todo, "") if char == "o" else {"e": "errexit", "a": "allexport"}.get(char)
            if name == "errexit":
                state.errexit = on
            elif name == "pipefail":
                state.pipefail = on
            elif name == "allexport":
                state.allexport = on
