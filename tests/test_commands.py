"""Shell text to commands: every way of writing one, with its exact place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dflint.commands import parse_exec, parse_script
from dflint.shell import Command, Script
from dflint.source import Source, Span, Text, join, make_source, stretch

Values = dict[str, str | None]


def script(text: str, variables: Values | None = None, **flags: bool) -> tuple[Source, Script]:
    """A text, two characters into its source, and what it runs."""
    source = make_source("Dockerfile", "# " + text)
    piece = stretch(source, Span(2, len(source.text)))
    return source, parse_script(piece, variables or {}, **flags)


def only(text: str, variables: Values | None = None) -> Command:
    """The one command of a text."""
    _, found = script(text, variables)
    assert not found.broken
    assert len(found.commands) == 1, found.commands
    return found.commands[0]


def names(command: Command) -> list[str]:
    return [option.name for option in command.options]


def values(command: Command) -> dict[str, str | None]:
    return {each.name: each.value.value if each.value else None for each in command.options}


def arguments(command: Command) -> list[str]:
    return [word.value for word in command.arguments]


def spoken(found: Script) -> list[str]:
    return [f"{each.tool} {each.action}" if each.action else each.tool for each in found.commands]


@pytest.mark.parametrize(
    ("text", "tool", "action", "through", "program"),
    [
        ("pip install x", "pip", "install", (), "pip"),
        ("pip3 install x", "pip", "install", (), "pip3"),
        ("pip3.13 install x", "pip", "install", (), "pip3.13"),
        ("/opt/venv/bin/pip install x", "pip", "install", (), "/opt/venv/bin/pip"),
        ("$VENV/bin/pip install x", "pip", "install", (), "$VENV/bin/pip"),
        ("pip --no-cache-dir --proxy y install x", "pip", "install", (), "pip"),
        ("python -m pip install x", "pip", "install", ("python",), "python"),
        ("python3.12 -um pip install x", "pip", "install", ("python",), "python3.12"),
        ("python3 -mpip install x", "pip", "install", ("python",), "python3"),
        ("uv pip install x", "pip", "install", ("uv",), "uv"),
        ("uv -q --directory /app pip install x", "pip", "install", ("uv",), "uv"),
        ("python -m uv pip install x", "pip", "install", ("python", "uv"), "python"),
        ("sudo -E pip3.13 install x", "pip", "install", ("sudo",), "pip3.13"),
        ("sudo -u app -H pip install x", "pip", "install", ("sudo",), "pip"),
        ("env A=1 pip install x", "pip", "install", ("env",), "pip"),
        ("env -i -u B A=1 pip install x", "pip", "install", ("env",), "pip"),
        ("A=1 pip install x", "pip", "install", (), "pip"),
        ('sh -c "pip install x"', "pip", "install", ("sh",), "pip"),
        ("bash -lc 'pip install x'", "pip", "install", ("bash",), "pip"),
        ("/bin/bash -eo pipefail -c 'pip install x'", "pip", "install", ("bash",), "pip"),
        ("sudo sh -c 'exec pip install x'", "pip", "install", ("sudo", "sh", "exec"), "pip"),
        ("su - app -c 'pip install x'", "pip", "install", ("su",), "pip"),
        ("su app --command='pip install x'", "pip", "install", ("su",), "pip"),
        ("runuser -u app -- pip install x", "pip", "install", ("runuser",), "pip"),
        ("gosu app pip install x", "pip", "install", ("gosu",), "pip"),
        ("su-exec app:app pip install x", "pip", "install", ("su-exec",), "pip"),
        ("tini -g -- pip install x", "pip", "install", ("tini",), "pip"),
        ("/usr/bin/dumb-init -- pip install x", "pip", "install", ("dumb-init",), "pip"),
        ("exec pip install x", "pip", "install", ("exec",), "pip"),
        ("nohup nice -n 5 pip install x", "pip", "install", ("nohup", "nice"), "pip"),
        ("time pip install x", "pip", "install", ("time",), "pip"),
        ("timeout -k 5 10m pip install x", "pip", "install", ("timeout",), "pip"),
        ("command pip install x", "pip", "install", ("command",), "pip"),
        ("xargs -r -n 1 pip install", "pip", "install", ("xargs",), "pip"),
        ("poetry run pip install x", "pip", "install", ("poetry",), "pip"),
        ("uv run --no-sync pip install x", "pip", "install", ("uv",), "pip"),
        ("conda run -n env pip install x", "pip", "install", ("conda",), "pip"),
        ("env", "env", None, (), "env"),
        ("command -v pip", "command", None, (), "command"),
        ("exec >/log", "exec", None, (), "exec"),
        ("sudo -l", "sudo", None, (), "sudo"),
        ("xargs -r", "xargs", None, (), "xargs"),
        ("bash setup.sh -c x", "bash", None, (), "bash"),
        ("sh -c", "sh", None, (), "sh"),
        ("python app.py --port 80", "python", None, (), "python"),
        ("python -c 'import x'", "python", None, (), "python"),
        ("python -m venv /venv", "venv", None, ("python",), "python"),
        ("python -m http.server", "http.server", None, ("python",), "python"),
        ("python manage.py migrate", "manage.py", "migrate", ("python",), "python"),
        ("./manage.py migrate", "manage.py", "migrate", (), "./manage.py"),
        ("uv run manage.py migrate", "manage.py", "migrate", ("uv",), "manage.py"),
        ("uv run -m flask run", "flask", "run", ("uv",), "uv"),
        ("python -m flask --app x run", "flask", "run", ("python",), "python"),
        ("celery -A app worker", "celery", "worker", (), "celery"),
        ("uv sync --frozen", "uv", "sync", (), "uv"),
        ("uv tool install ruff", "uv", "tool install", (), "uv"),
        ("uv venv", "uv", "venv", (), "uv"),
        ("uv cache clean", "uv", "cache clean", (), "uv"),
        ("pip cache purge", "pip", "cache purge", (), "pip"),
        ("poetry cache clear x --all", "poetry", "cache clear", (), "poetry"),
        ("npm --prefix ui ci", "npm", "ci", (), "npm"),
        ("npm cache clean --force", "npm", "cache clean", (), "npm"),
        ("yarn", "yarn", None, (), "yarn"),
        ("yarn install", "yarn", "install", (), "yarn"),
        ("pnpm store prune", "pnpm", "store prune", (), "pnpm"),
        ("conda env create -f e.yml", "conda", "env create", (), "conda"),
        ("mamba env update", "mamba", "env update", (), "mamba"),
        ("micromamba -y create -n x", "micromamba", "create", (), "micromamba"),
        ("apt-get -o A=b -y install x", "apt-get", "install", (), "apt-get"),
        ("apt-get dist-clean", "apt-get", "distclean", (), "apt-get"),
        ("apk --no-cache add x", "apk", "add", (), "apk"),
        ("dnf5 -y install x", "dnf", "install", (), "dnf5"),
        ("pipenv --clear", "pipenv", None, (), "pipenv"),
        ("git -C x submodule update --init", "git", "submodule update", (), "git"),
        ("$PIP install x", "$PIP", None, (), "$PIP"),
        ("$(which pip) install x", "$(which pip)", None, (), "$(which pip)"),
        ("[ -f x ]", "[", None, (), "["),
        ("[[ -f x && -n $y ]]", "[[", None, (), "[["),
        (":", ":", None, (), ":"),
        ("export A=1", "export", None, (), "export"),
    ],
)
def test_tool(
    text: str, tool: str, action: str | None, through: tuple[str, ...], program: str
) -> None:
    found = script(text)[1].commands[0]
    assert (found.tool, found.action, found.through) == (tool, action, through)
    assert found.program == program
    assert found.words[0].value == program


@pytest.mark.parametrize(
    ("text", "options", "rest"),
    [
        ("apt-get install -qqy a b", ["--quiet", "--quiet", "--yes", "--yes"], ["a", "b"]),
        ("apt-get install a -y", ["--yes"], ["a"]),
        ("apt-get install --assume-yes -- -a", ["--yes"], ["-a"]),
        ("apt-get -t sid install -o X=y a", ["--target-release", "--option"], ["a"]),
        ("dnf install --assumeyes a", ["--yes"], ["a"]),
        ("pip install -r a -rb --requirement=c --requirement d", ["--requirement"] * 4, []),
        (
            "pip install -e . -c c -t d -i e",
            ["--editable", "--constraint", "--target", "--index-url"],
            [],
        ),
        ("pip install --no-cache a -U", ["--no-cache-dir", "--upgrade"], ["a"]),
        ("pip list -e", ["--editable"], []),
        ("apk add -t .deps gcc", ["--virtual"], ["gcc"]),
        (
            "useradd -mrs /bin/sh -u 10 app",
            ["--create-home", "--system", "--shell", "--uid"],
            ["app"],
        ),
        ("tar xzf a.tgz -C /x b", ["--extract", "--gzip", "--file", "--directory"], ["b"]),
        ("tar -C/x -xf a.tgz", ["--directory", "--extract", "--file"], []),
        ("find / -name x -delete", ["-name", "-delete"], ["/"]),
        ("find /a -exec rm -rf {} + -print", ["-exec", "-print"], ["/a"]),
        ("wget -qO- https://a", ["--quiet", "--output-document"], ["https://a"]),
        ("rm -rf /a --one=two", ["--recursive", "--force", "--one"], ["/a"]),
        ("make -j$(nproc) all", ["--jobs"], ["all"]),
        ("unknown -abc --d=e f - -- -g", ["-abc", "--d"], ["f", "-", "-g"]),
        ("gunicorn -w 4 -b :80 a:b", ["--workers", "--bind"], ["a:b"]),
        ("uvicorn a:b --host 0 --port 80", ["--host", "--port"], ["a:b"]),
        ("python a.py --port 80", [], ["a.py", "--port", "80"]),
        ("uv sync -n --no-dev", ["--no-cache", "--no-dev"], []),
        ("conda install -y -n e -c f g", ["--yes", "--name", "--channel"], ["g"]),
        ("micromamba install -yf e.yml", ["--yes", "--file"], []),
    ],
)
def test_options(text: str, options: list[str], rest: list[str]) -> None:
    found = script(text)[1].commands[0]
    assert names(found) == options
    assert arguments(found) == rest


@pytest.mark.parametrize(
    ("text", "name", "value", "at", "value_at"),
    [
        ("pip install -r req.txt", "--requirement", "req.txt", "-r req.txt", "req.txt"),
        ("pip install -rreq.txt", "--requirement", "req.txt", "-rreq.txt", "req.txt"),
        ("pip install -qr req.txt", "--requirement", "req.txt", "r req.txt", "req.txt"),
        ("pip install -r 'a b'", "--requirement", "a b", "-r 'a b'", "'a b'"),
        ("pip install --target=/x", "--target", "/x", "--target=/x", "/x"),
        ('pip install --target="/x"', "--target", "/x", '--target="/x"', '"/x"'),
        ('pip install "--target=/x"', "--target", "/x", '"--target=/x"', "/x"),
        ("apt-get -q=2 update", "--quiet", "2", "-q=2", "2"),
        ("apt-get -yqq update", "--yes", None, "y", None),
        ("x --a=", "--a", "", "--a=", ""),
    ],
)
def test_option_places(
    text: str, name: str, value: str | None, at: str, value_at: str | None
) -> None:
    source, found = script(text)
    option = next(each for each in found.commands[0].options if each.name == name)
    assert source.slice(option.span) == at
    assert (option.value and option.value.value) == value
    assert (option.value and source.slice(option.value.span)) == value_at


def test_twice_quiet_means_yes() -> None:
    assert "--yes" in names(only("apt-get -qq install x"))
    assert "--yes" in names(only("apt-get -q=2 install x"))
    assert "--yes" not in names(only("apt-get -q install x"))


@pytest.mark.parametrize(
    ("text", "span", "action"),
    [
        ("sudo -E pip install x >/dev/null 2>&1", "sudo -E pip install x", "install"),
        ("A=1 pip install x <y", "A=1 pip install x", "install"),
        (">log pip install x", "pip install x", "install"),
        ("pip install x >log y", "pip install x >log y", "install"),
        ('sh -c "pip install x"', "pip install x", "install"),
        ('sh -c "pip \\"install\\" x"', 'pip \\"install\\" x', '"install\\"'),
        ("uv tool  install x", "uv tool  install x", "tool  install"),
        ("(pip install x)", "pip install x", "install"),
        ("échec=é pip install é # é", "échec=é pip install é", "install"),
    ],
)
def test_places(text: str, span: str, action: str) -> None:
    source, found = script(text)
    command = found.commands[-1]
    assert source.slice(command.span) == span
    assert command.action_span is not None
    assert source.slice(command.action_span) == action


def test_words_after_a_redirection_are_arguments() -> None:
    assert arguments(only("foo >out a 2>&1 b <in c")) == ["a", "b", "c"]


def test_redirects() -> None:
    source, found = script('foo <<<word >"out" 2>x')
    redirects = found.commands[0].redirects
    assert [each.operator for each in redirects] == ["<<<", ">", ">"]
    assert [each.target and each.target.value for each in redirects] == ["word", "out", "x"]
    assert [source.slice(each.span) for each in redirects] == ["<<<word", '>"out"', "2>x"]


@pytest.mark.parametrize(
    ("text", "value", "known", "glob"),
    [
        ("echo \"a b\"'c'\\ d", "a bc d", True, False),
        ("echo *.py", "*.py", True, True),
        ("echo '*'\\*", "**", True, False),
        ("echo $A/x", "1/x", True, False),
        ('echo "${A}x"', "1x", True, False),
        ("echo '$A'", "$A", True, False),
        ("echo \\$A", "$A", True, False),
        ("echo $B", "$B", False, False),
        ('echo "$U"', "$U", False, False),
        ("echo ${A:-2}${A%1}", "1", True, False),
        ("echo ${B:-2}", "${B:-2}", False, False),
        ("echo ${A:0:1}", "${A:0:1}", False, False),
        ("echo $(date)", "$(date)", False, False),
        ("echo `date`x", "`date`x", False, False),
        ("echo $?", "$?", False, False),
        ("echo a$", "a$", True, False),
        ("echo $'a\\tb'", "a\tb", True, False),
        ("echo {a,b}", "{a,b}", True, False),
        ("echo foo[bar]", "foo[bar]", True, True),
        ('echo "a\\\nb"', "ab", True, False),
    ],
)
def test_values(text: str, value: str, known: bool, glob: bool) -> None:
    word = script(text, {"A": "1", "B": None})[1].commands[0].arguments[0]
    assert (word.value, word.known, word.glob) == (value, known, glob)


def test_unquoted_values_are_split() -> None:
    variables: Values = {"P": "gcc  make", "E": ""}
    assert arguments(only("apt-get install $P $E", variables)) == ["gcc", "make"]
    assert arguments(only('apt-get install "$P" "$E"', variables)) == ["gcc  make", ""]


@pytest.mark.parametrize(
    ("text", "value", "known"),
    [
        ("X=1; echo $X", "1", True),
        ("export X=1 && echo $X", "1", True),
        ("X=1 echo $X", "0", True),
        ("(X=1); echo $X", "0", True),
        ("X=$(date); echo $X", "$X", False),
        ("X=1; X+=2; echo $X", "$X", False),
        ("X=(1 2); echo $X", "$X", False),
        ("unset X; echo $X", "$X", False),
        ("read X; echo $X", "$X", False),
        ("if a; then X=1; fi; echo $X", "$X", False),
        ("a || X=1; echo $X", "$X", False),
        ("for X in a b; do echo $X; done", "$X", False),
        ("while a; do echo $X; X=1; done", "$X", False),
        ("f() { echo $X; }; X=1", "$X", False),
        ("f() { X=1; }; f; echo $X", "$X", False),
        ("export X=1; sh -c 'echo $X'", "1", True),
        ("Y=1; sh -c 'echo $Y'", "$Y", False),
        ('Y=1; sh -c "echo $Y"', "1", True),
        ("Y=1 sh -c 'echo $Y'", "1", True),
    ],
)
def test_assignments(text: str, value: str, known: bool) -> None:
    _, found = script(text, {"X": "0"})
    word = next(each for each in found.commands if each.tool == "echo").arguments[0]
    assert (word.value, word.known) == (value, known)


def test_recorded_assignments() -> None:
    source, found = script("A=1; export B='2' C; D=3 cmd")
    assert [(each.name, each.word.value) for each in found.assignments] == [("A", "1"), ("B", "2")]
    assert [source.slice(each.span) for each in found.assignments] == ["A=1", "B='2'"]


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        ("A=1 env B=2 cmd", [("A", "1"), ("B", "2")]),
        ("sudo A=1 cmd", [("A", "1")]),
        ("export A=1 && cmd", [("A", "1")]),
        ("A=1; export A; cmd", [("A", "1")]),
        ("A=1; cmd", []),
        ("SET=1; cmd", [("SET", "1")]),
        ("set -a; A=1; cmd", [("A", "1")]),
        ("declare -x A=1; cmd", [("A", "1")]),
        ("export A=1; sh -c 'B=2 cmd'", [("A", "1"), ("B", "2")]),
        ("A=1 sh -c 'cmd'", [("A", "1")]),
    ],
)
def test_environment(text: str, environment: list[tuple[str, str]]) -> None:
    command = script(text, {"SET": "0"})[1].commands[-1]
    assert command.tool == "cmd"
    assert [(name, word.value) for name, word in command.environment] == environment


@pytest.mark.parametrize(
    ("text", "connectors", "separators"),
    [
        ("a && b", ["", "&&"], [None, " && "]),
        ("a\t;  b", ["", ";"], [None, "\t;  "]),
        ("a || b | c |& d", ["", "||", "|", "|&"], [None, " || ", " | ", " |& "]),
        ("a\nb", ["", "\n"], [None, "\n"]),
        ("a & b", ["", "&"], [None, " & "]),
        ("a >x && b", ["", "&&"], [None, " && "]),
        ("(a; b) && c", ["", ";", "&&"], [None, "; ", " && "]),
        ("a && (b; c)", ["", "", ";"], [None, None, "; "]),
        ("if a; then b; else c; d; fi; e", ["", "", "", ";", ";"], [None] * 3 + ["; ", "; "]),
        ("for i in a; do b; c; done", ["", ";"], [None, "; "]),
        ("case x in a) b;; c) d; e;; esac", ["", "", ";"], [None, None, "; "]),
        ("a && sh -c 'b; c' && d", ["", "", ";", "&&"], [None, None, "; ", " && "]),
        ("cat <<E && b\nx\nE\nc", ["", "&&", "\n"], [None, " && ", "\n"]),
    ],
)
def test_connectors(text: str, connectors: list[str], separators: list[str | None]) -> None:
    source, found = script(text)
    assert [each.connector for each in found.commands] == connectors
    spans = [each.separator and source.slice(each.separator) for each in found.commands]
    assert spans == separators


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("a && b", ""),
        ("a || b && c", "b"),
        ("if a; then b; elif c; then d; else e; fi; f", "bcde"),
        ("while a; do b; done; c", "b"),
        ("for i in x; do a; done", "a"),
        ("case x in y) a;; esac; b", "a"),
        ("f() { a; }; b", "a"),
        ("test -f x && a; b", "a"),
        ("[ -f x ] && a && b", "ab"),
        ("[ -f x ] || a; b", "a"),
        ("a || { b; c; }", "bc"),
        ("a || sh -c b", "b"),
    ],
)
def test_guarded(text: str, guarded: str) -> None:
    _, found = script(text)
    assert "".join(each.tool for each in found.commands if each.guarded) == guarded


@pytest.mark.parametrize(
    ("text", "substituted", "deepest"),
    [
        ("a $(b | c) `d` <(e)", "bcde", 1),
        ('X="$(b)" c', "b", 1),
        ("X=$(b $(c))", "bc", 2),
        ("for i in $(b); do c; done", "b", 1),
        ("if [ $(b) = c ]; then d; fi", "b", 1),
        ("cat <<E\n$(b)\nE", "b", 1),
        ("cat <<'E'\n$(b)\nE", "", 0),
        ("a >$(b)", "b", 1),
        ("a >x $(b)", "b", 1),
        ("export A=$(b)", "b", 1),
        ("(a; (b))", "", 2),
        ('echo "$((1 + $(b)))"', "b", 1),
        ("case $(b) in x) c;; esac", "b", 1),
    ],
)
def test_substitutions(text: str, substituted: str, deepest: int) -> None:
    _, found = script(text)
    assert "".join(each.tool for each in found.commands if each.substituted) == substituted
    assert max(each.scope for each in found.commands) == deepest


@pytest.mark.parametrize(
    ("text", "errexit", "pipefail"),
    [
        ("x", False, False),
        ("set -e; x", True, False),
        ("set -euxo pipefail; x", True, True),
        ("set -eux -o pipefail && x", True, True),
        ("set -o errexit -o pipefail; x", True, True),
        ("set -e; set +e; x", False, False),
        ("set -o pipefail; set +o pipefail; x", False, False),
        ("set -- -e; x", False, False),
        ("(set -e); x", False, False),
        ("(set -e; x)", True, False),
        ("bash -euo pipefail -c x", True, True),
        ("bash -c 'set -eo pipefail; x'", True, True),
        ("bash -c 'set -o pipefail' && x", False, False),
        ("sudo set -e; x", False, False),
        ("shopt -so pipefail; x", False, True),
        ("shopt -s -o errexit pipefail; x", True, True),
        ("set -e; shopt -uo errexit; x", False, False),
        ("shopt -s pipefail; shopt -o pipefail; x", False, False),
        ("set -e; sh -c x", False, False),
        ("sh -c 'set -e'; x", False, False),
    ],
)
def test_flags(text: str, errexit: bool, pipefail: bool) -> None:
    _, found = script(text)
    command = next(each for each in found.commands if each.tool == "x")
    assert (command.errexit, command.pipefail) == (errexit, pipefail)


def test_flags_of_the_shell_instruction() -> None:
    command = script("a | b", errexit=True, pipefail=True)[1].commands[0]
    assert (command.errexit, command.pipefail) == (True, True)


@pytest.mark.parametrize(
    ("text", "pipes"),
    [
        ("a | b | c && d", [("a b c", "a | b | c")]),
        ("! a | b >x", [("a b", "! a | b")]),
        ("(a; b) | c", [("b c", "(a; b) | c")]),
        ("a | while read x; do b; done", [("a read", "a | while read x; do b; done")]),
        ("a $(x | y) | b", [("x y", "x | y"), ("a b", "a $(x | y) | b")]),
        ("cat <<E | b -c\nx\nE", [("cat b", "cat <<E | b -c")]),
        ("a && b | c | d || e", [("b c d", "b | c | d")]),
        ("a | b 2>&1 | c >x && d | e", [("a b c", "a | b 2>&1 | c"), ("d e", "d | e")]),
        ("a | sudo bash -s -- x", [("a bash", "a | sudo bash -s -- x")]),
        ("a | sh -c 'b; c'", [("a b", "a | sh -c 'b; c'")]),
        ("a && b", []),
    ],
)
def test_pipelines(text: str, pipes: list[tuple[str, str]]) -> None:
    source, found = script(text)
    seen = [
        (" ".join(each.tool for each in pipe.commands), source.slice(pipe.span))
        for pipe in found.pipelines
    ]
    assert seen == pipes


@pytest.mark.parametrize("start", ["bash <<E", "sh -e <<'E'", "<<E bash", "sudo bash <<-E"])
def test_heredoc_read_by_a_shell(start: str) -> None:
    source, found = script(start + "\npip install a \\\n  b && c\nE\nd")
    assert spoken(found) == ["pip install", "c", "d"]
    assert source.slice(found.commands[0].span) == "pip install a \\\n  b"
    assert found.commands[0].through[-1] in ("bash", "sh")
    assert found.commands[2].through == ()


def test_heredoc_read_by_another_program() -> None:
    assert spoken(script("cat <<E >x\npip install a\nE\nd")[1]) == ["cat", "d"]


def test_unread_script_stays_a_shell_command() -> None:
    _, found = script('sh -c "$(curl -fsSL https://x)" y')
    assert spoken(found) == ["sh", "curl"]
    shell, curl = found.commands
    assert names(shell) == ["-c"]
    assert curl.substituted
    assert shell.span.start < curl.span.start < curl.span.end < shell.span.end


def test_comment_in_backticks() -> None:
    command = only("apt-get install a `# why` b")
    assert arguments(command) == ["a", "b"]


@pytest.mark.parametrize("text", ["a &&", "if a; then b", "'a", "a )", "for", "$(a"])
def test_broken(text: str) -> None:
    assert script(text)[1].broken


@pytest.mark.parametrize("text", ["", "  ", "# only a comment", "A=1"])
def test_nothing_to_run(text: str) -> None:
    _, found = script(text)
    assert not found.broken
    assert found.commands == ()


@pytest.mark.parametrize(
    "text",
    ["( " * 300 + "a" + ")" * 300, "$(" * 300 + "a" + ")" * 300, "{ " * 300 + "a" + "; }" * 300],
)
def test_deep_nesting_is_broken(text: str) -> None:
    assert script(text)[1].broken


def test_long_lists_are_read() -> None:
    _, found = script(" && ".join(["pip install x"] * 1000))
    assert (len(found.commands), found.broken) == (1000, False)


@pytest.mark.parametrize(
    "text",
    [
        " && ".join(["pip install x"] * 1001),
        "; ".join(f"export A{number}=1" for number in range(600)),
        "; ".join(f"A{number}=1; true" for number in range(600)),
        "export " + " ".join(f"A{number}" for number in range(600)),
        "; ".join(f"A{number}=1" for number in range(600)) + "; sh -c 'true'",
    ],
)
def test_endless_lists_are_broken(text: str) -> None:
    assert script(text)[1].broken


def test_a_script_without_end_is_broken() -> None:
    assert not script("echo " + "a" * 400_000)[1].broken
    assert script("echo " + "a" * 500_000)[1].broken


@pytest.mark.parametrize("text", ["sudo " * 200 + "pip install x", "env A=1 " * 200 + "pip"])
def test_what_endless_carriers_carry_is_not_known(text: str) -> None:
    (command,) = script(text)[1].commands
    assert command.tool == ""
    assert len(command.through) == 100


def test_a_cluster_of_options_has_an_end() -> None:
    (short,), (long,) = (script(f"tar -{'x' * count}")[1].commands for count in (60, 70))
    assert (len(short.options), len(long.options)) == (60, 1)


def exec_form(*items: str) -> tuple[Source, Script]:
    source = make_source("Dockerfile", " ".join(items))
    words: list[Text] = []
    at = 0
    for item in items:
        words.append(stretch(source, Span(at, at + len(item))))
        at += len(item) + 1
    return source, parse_exec(words, {"A": "1"})


def test_exec_form() -> None:
    source, found = exec_form("pip3", "install", "$A", "a b", "*")
    command = found.commands[0]
    assert (command.tool, command.action, arguments(command)) == (
        "pip",
        "install",
        ["$A", "a b", "*"],
    )
    assert all(word.known and not word.glob for word in command.words)
    assert source.slice(command.span) == source.text


def test_exec_form_with_a_shell() -> None:
    source, found = exec_form("/bin/sh", "-ec", "cd /x && exec gunicorn -b :$A a:b")
    assert spoken(found) == ["cd", "gunicorn"]
    gunicorn = found.commands[1]
    assert gunicorn.through == ("sh", "exec")
    assert gunicorn.errexit
    assert values(gunicorn) == {"--bind": ":1"}
    assert source.slice(gunicorn.span) == "exec gunicorn -b :$A a:b"


def test_exec_form_with_carriers() -> None:
    _, found = exec_form("tini", "--", "gosu", "app", "uvicorn", "a:b", "--host", "0.0.0.0")
    command = found.commands[0]
    assert command.through == ("tini", "gosu")
    assert (command.tool, values(command)) == ("uvicorn", {"--host": "0.0.0.0"})


def test_exec_form_of_nothing() -> None:
    assert parse_exec([], {}) == Script((), (), (), False)
    assert exec_form("")[1].commands[0].tool == ""


def test_text_in_pieces() -> None:
    """A text joined over continuation lines gives places in the lines that it came from."""
    source = make_source("Dockerfile", "RUN pip \\\n  install \\\n  x && y")
    pieces = [stretch(source, Span(*each)) for each in ((4, 8), (10, 20), (22, 30))]
    found = parse_script(join(pieces, 4), {})
    assert source.slice(found.commands[0].span) == "pip \\\n  install \\\n  x"
    assert source.slice(found.commands[1].span) == "y"


PARTS = """a pip install sudo sh -c env A=1 $X ${X:-y} $( ) ` ' " \\ | || & && ; ;; ( ) { } if then fi
for in do done case esac < > << <<E E [ ] [[ ]] ! # -y --z=1 é xargs find -exec tar xzf python -m uv
run su set -e export unset read time f() * $' <( ~"""
PIECES = st.sampled_from([*PARTS.split(), "\n", "\0", "\\\n", "\nE\n"])
SHELL = st.lists(st.tuples(PIECES, st.sampled_from(["", " "])), max_size=30).map(
    lambda parts: "".join(part + space for part, space in parts)
)


def spans_of(found: Script) -> list[Span]:
    spans = [each.span for each in found.pipelines] + [each.span for each in found.assignments]
    for command in found.commands:
        spans += [command.span, command.program_span]
        spans += [word.span for word in command.words + command.arguments]
        spans += [option.span for option in command.options]
        spans += [option.value.span for option in command.options if option.value]
        spans += [each.span for each in command.redirects]
        spans += [each for each in (command.action_span, command.separator) if each]
    return spans


@settings(max_examples=400)
@given(SHELL | st.text())
def test_any_text_gives_a_script(text: str) -> None:
    source, found = script(text, {"X": "a b"})
    for span in spans_of(found):
        assert 2 <= span.start <= span.end <= len(source.text)


@settings(max_examples=200)
@given(st.lists(SHELL | st.text(max_size=8), max_size=8))
def test_any_words_give_a_script(items: list[str]) -> None:
    source, found = exec_form(*items)
    for span in spans_of(found):
        assert 0 <= span.start <= span.end <= len(source.text)


def test_escaped_blanks_belong_to_words() -> None:
    source, found = script('\\\npip install a\\ b "c"\\ d e\\\nf')
    command = found.commands[0]
    assert arguments(command) == ["a b", "c d", "ef"]
    assert source.slice(command.span) == 'pip install a\\ b "c"\\ d e\\\nf'
