"""Hostile Dockerfiles, each linted by a process with a limit of time and memory.

    python -m scripts.stress [CASE …] [--small]

Prints what each took. A crash, a time-out or an exit code other than 0 to 2 is a bug, and the
program then exits with 1. `tests/test_hostile.py` runs the small sizes.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

MEMORY = 4 << 30  # bytes of address space that a process may have
SECONDS = 120
SHOWN = 4000  # bytes of output that are kept


@dataclass(frozen=True, slots=True)
class Case:
    """How a text of a size is made, the size for the tests, and the one to show what holds."""

    make: Callable[[int], str]
    small: int
    large: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a process: exit code (None: out of time), seconds of work, memory in bytes."""

    code: int | None
    seconds: float
    peak: int
    output: str
    errors: str

    @property
    def sound(self) -> bool:
        """Whether it ended as a run of dflint should."""
        trouble = any(word in self.errors for word in ("Traceback", "bug of dflint"))
        return self.code in (0, 1, 2) and not trouble


def _from(*lines: str) -> str:
    return "\n".join(("FROM debian:12", *lines, ""))


def _nested(opening: str, inner: str, closing: str, depth: int) -> str:
    return _from("RUN " + opening * depth + inner + closing * depth)


def _doubling(size: int) -> str:
    lines = [f"ENV V{number + 1}=$V{number}$V{number}" for number in range(size)]
    return _from("ENV V0=ha", *lines, f'RUN echo "$V{size}" && cat $V{size}', "WORKDIR $V9")


def _replacing(size: int) -> str:
    lines = [f"ENV V{number + 1}=${{V{number}//a/aaaa}}" for number in range(size)]
    return _from("ENV V0=a", *lines, f"WORKDIR /$V{size}")


def _shell_doubling(size: int) -> str:
    steps = [f'v{number + 1}="$v{number}$v{number}"' for number in range(size)]
    return _from("RUN v0=ha; " + "; ".join(steps) + f'; echo "$v{size}"; cat $v{size}')


def _chain(size: int) -> str:
    lines = [f"ENV V{number + 1}=$V{number}" for number in range(size)]
    return _from("ENV V0=ha", *lines, f"WORKDIR /$V{size}")


def _paths(size: int) -> str:
    return _from(*(f"ENV PATH=/opt/p{number}/bin:$PATH" for number in range(size)))


def _stages(size: int) -> str:
    return "".join(f"FROM debian:12 AS s{number}\nRUN true\n" for number in range(size))


def _stage_chain(size: int) -> str:
    stages = (f"FROM s{number} AS s{number + 1}\nENV A{number}=1\n" for number in range(size))
    return "FROM debian:12 AS s0\n" + "".join(stages)


def _stage_copies(size: int) -> str:
    stages = (
        f"FROM debian:12 AS s{number + 1}\nCOPY --from=s{number} /a /a\n" for number in range(size)
    )
    return "FROM debian:12 AS s0\nRUN touch /a\n" + "".join(stages)


def _heredocs(size: int) -> str:
    return _from(*(f"RUN <<E{number}\necho {number}\nE{number}" for number in range(size)))


def _heredocs_of_one(size: int) -> str:
    words = " ".join(f"<<E{number}" for number in range(size))
    return _from(f"RUN {words} cat", *(f"x\nE{number}" for number in range(size)))


def _defaults(size: int) -> str:
    return _from("ENV A=" + "${B:-" * size + "x" + "}" * size, "WORKDIR $A")


def _env_pairs(size: int) -> str:
    return _from("ENV " + " ".join(f"A{number}={number}" for number in range(size)))


CASES: Mapping[str, Case] = {
    "huge-file": Case(lambda size: _from("RUN echo hello world" + "\nRUN true" * size), 1_000_000, 6_000_000),
    "many-runs": Case(lambda size: _from(*(["RUN apt-get install -y curl"] * size)), 200, 20_000),
    "many-words": Case(lambda size: _from("RUN echo" + " a" * size), 5_000, 1_000_000),
    "many-packages": Case(lambda size: _from("RUN pip install" + "".join(f" p{i}" for i in range(size))), 1_000, 100_000),
    "many-apt-packages": Case(lambda size: _from("RUN apt-get install -y" + "".join(f" p{i}" for i in range(size))), 1_000, 100_000),
    "many-commands": Case(lambda size: _from("RUN " + " && ".join(["cd /a"] * size)), 300, 50_000),
    "many-lists": Case(lambda size: _from("RUN " + "; ".join(["echo a || true"] * size)), 300, 50_000),
    "long-pipeline": Case(lambda size: _from("RUN " + " | ".join(["cat"] * size)), 1_000, 100_000),
    "continuations": Case(lambda size: _from("RUN echo" + " \\\n  a" * size), 3_000, 300_000),
    "comments": Case(lambda size: _from("# a comment\n" * size), 10_000, 300_000),
    "ignore-comments": Case(lambda size: _from("# dflint ignore=DF301\nRUN true\n" * size), 500, 20_000),
    "blank-lines": Case(lambda size: _from("\n" * size), 10_000, 3_000_000),
    "unknown-instructions": Case(lambda size: _from("FROBNICATE x\n" * size), 500, 20_000),
    "stages": Case(_stages, 300, 100_000),
    "stage-chain": Case(_stage_chain, 300, 20_000),
    "stage-copies": Case(_stage_copies, 300, 20_000),
    "env-chain": Case(_chain, 500, 100_000),
    "env-doubling": Case(_doubling, 100, 1_000),
    "env-replacing": Case(_replacing, 50, 1_000),
    "env-pairs": Case(_env_pairs, 1_000, 100_000),
    "env-defaults": Case(_defaults, 5_000, 500_000),
    "shell-doubling": Case(_shell_doubling, 100, 2_000),
    "long-path": Case(_paths, 300, 10_000),
    "arg-trimming": Case(lambda size: _from("ENV A=" + "a" * size, "ENV B=${A%%" + "*a" * 20 + "b}", "ENV C=${A##*a*a*a*b}", "WORKDIR $B$C"), 300, 20_000),
    "heredocs": Case(_heredocs, 300, 20_000),
    "heredocs-of-one": Case(_heredocs_of_one, 300, 5_000),
    "open-heredocs": Case(lambda size: _from(*(["RUN <<EOF"] * size)), 1_000, 100_000),
    "parentheses": Case(lambda size: _nested("(", "true", ")", size), 10_000, 500_000),
    "open-parentheses": Case(lambda size: _nested("(", "true", "", size), 2_000, 500_000),
    "braces": Case(lambda size: _nested("{ ", "true", "; }", size), 10_000, 300_000),
    "substitutions": Case(lambda size: _nested("$(", "true", ")", size), 10_000, 500_000),
    "open-substitutions": Case(lambda size: _nested("$(", "true", "", size), 2_000, 500_000),
    "process-substitutions": Case(lambda size: _nested("cat <(", "true", ")", size), 10_000, 300_000),
    "quoted-substitutions": Case(lambda size: _nested('"$(echo ', "true", ')"', size), 10_000, 200_000),
    "defaults-in-shell": Case(lambda size: _nested("${A:-", "true", "}", size), 10_000, 300_000),
    "arithmetic": Case(lambda size: _from("RUN echo $((" + "(" * size + "1" + ")" * size + "))"), 10_000, 300_000),
    "ifs": Case(lambda size: _nested("if true; then ", "true", "; fi", size), 10_000, 100_000),
    "open-ifs": Case(lambda size: _nested("if true; then ", "true", "", size), 2_000, 100_000),
    "loops": Case(lambda size: _nested("for a in b; do ", "true", "; done", size), 10_000, 100_000),
    "cases": Case(lambda size: _nested("case a in a) ", "true", ";; esac", size), 10_000, 100_000),
    "functions": Case(lambda size: _nested("f() { ", "true", "; }", size), 10_000, 100_000),
    "negations": Case(lambda size: _nested("! ", "true", "", size), 10_000, 300_000),
    "carriers": Case(lambda size: _nested("sudo ", "true", "", size), 10_000, 300_000),
    "shells": Case(lambda size: _nested("sh -c '", "true", "'", size), 1_000, 100_000),
    "shells-escaped": Case(lambda size: _from("RUN " + "eval " * size + "true"), 1_000, 100_000),
    "tests": Case(lambda size: _nested("[[ ! ( ", "a", " ) ]]", size), 1_000, 50_000),
    "quotes": Case(lambda size: _nested("\"'", "a", "'\"", size), 10_000, 500_000),
    "open-quotes": Case(lambda size: _from("RUN echo " + "'\"" * size), 1_001, 300_001),
    "backticks": Case(lambda size: _nested("`", "a", "`", size), 1_001, 300_001),
    "backslashes": Case(lambda size: _from("RUN echo " + "\\" * size), 10_001, 1_000_001),
    "backslashes-in-env": Case(lambda size: _from("ENV A=" + "\\" * size), 10_001, 1_000_001),
    "blanks-in-line": Case(lambda size: _from("RUN echo" + " " * size + "a" + " " * size), 10_000, 1_000_000),
    "escape-and-blanks": Case(lambda size: _from("RUN echo" + " \\ " * size), 5_000, 300_000),
    "dollars": Case(lambda size: _from("ENV A=" + "$" * size, "RUN echo " + "$" * size), 5_000, 500_000),
    "open-braces": Case(lambda size: _from("ENV A=" + "${" * size, "ENV B=" + "${A" * size), 2_000, 300_000),
    "brace-lists": Case(lambda size: _from("RUN mkdir -p /" + "{a,b}" * size), 40, 20_000),
    "brace-nests": Case(lambda size: _from("RUN mkdir -p /" + "{a," * size + "b" + "}" * size), 300, 20_000),
    "brace-ranges": Case(lambda size: _from("RUN touch /" + "{1..999999999}" * size), 5, 100),
    "redirections": Case(lambda size: _from("RUN echo a" + " >/b" * size), 1_000, 100_000),
    "json-list": Case(lambda size: _from("RUN [" + ", ".join(['"a"'] * size) + "]"), 5_000, 500_000),
    "json-nests": Case(lambda size: _from("RUN " + "[" * size + "]" * size), 10_000, 1_000_000),
    "json-shells": Case(lambda size: _from('RUN ["sh", "-c", "' + "(" * size + "true" + ")" * size + '"]'), 10_000, 300_000),
    "flags": Case(lambda size: _from("RUN " + "--mount=type=cache,target=/a " * size + "true"), 1_000, 50_000),
    "mount-keys": Case(lambda size: _from("RUN --mount=type=cache" + ",target=/a" * size + " true"), 1_000, 100_000),
    "onbuilds": Case(lambda size: _from("ONBUILD " * size + "RUN true"), 5_000, 200_000),
    "copies": Case(lambda size: _from("COPY" + " a" * size + " /b/"), 1_000, 100_000),
    "many-copies": Case(lambda size: _from(*(f"COPY a{i} /b/" for i in range(size))), 300, 10_000),
    "copied-globs": Case(lambda size: _from("COPY " + "*a" * size + "b /c/"), 200, 20_000),
    "workdirs": Case(lambda size: _from("WORKDIR a\n" * size), 500, 10_000),
    "labels": Case(lambda size: _from("LABEL " + " ".join(f"a{i}=b" for i in range(size))), 1_000, 100_000),
    "label-lines": Case(lambda size: _from(*(f"LABEL a{i}=b" for i in range(size))), 300, 50_000),
    "ports": Case(lambda size: _from("EXPOSE" + " 80" * size), 1_000, 200_000),
    "volumes": Case(lambda size: _from("VOLUME" + "".join(f" /a{i}" for i in range(size))), 1_000, 100_000),
    "users": Case(lambda size: _from(*(["USER a", "USER root"] * size)), 200, 20_000),
    "deep-path": Case(lambda size: _from("RUN mkdir -p " + "/a" * size, "COPY a " + "/a" * size), 2_000, 300_000),
    "dots": Case(lambda size: _from("WORKDIR " + "../" * size, "COPY " + "../" * size + " /a"), 2_000, 300_000),
    "image-name": Case(lambda size: "FROM " + "a/" * size + "b:" + "c-" * size + "\n", 5_000, 500_000),
    "directives": Case(lambda size: "# escape=\\\n" * size + _from(), 1_000, 100_000),
    "syntax-line": Case(lambda size: "# syntax=" + " a" * size + "\n" + _from(), 5_000, 500_000),
    "nul-bytes": Case(lambda size: _from("RUN echo " + "\0" * size), 5_000, 1_000_000),
    "not-utf-8": Case(lambda size: _from("RUN echo " + "\udcff" * size), 5_000, 1_000_000),
    "combining": Case(lambda size: _from("RUN echo a" + "\u0301" * size + "\U0001f600" * size), 5_000, 300_000),
    "returns": Case(lambda size: _from("RUN true\r" * size), 1_000, 300_000),
    "urls": Case(lambda size: _from("RUN curl " + "http://a@" * size + "b | sh"), 1_000, 100_000),
    "secrets": Case(lambda size: _from("ENV PASSWORD=" + "aB3" * size, "RUN curl -u " + "a:b" * size), 2_000, 300_000),
    "users-at-hosts": Case(lambda size: _from("RUN pip install git+https://" + "a:b@" * size + "c"), 1_000, 100_000),
    "requirements": Case(lambda size: _from("RUN pip install '" + "a[" * size + "'"), 1_000, 100_000),
    "sed": Case(lambda size: _from("RUN sed -i 's/" + "a" * size + "/b/' /etc/apt/sources.list"), 5_000, 300_000),
    "one-letter-options": Case(lambda size: _from("RUN tar -" + "x" * size), 5_000, 500_000),
    "env-command": Case(lambda size: _from("RUN " + "env A=1 " * size + "true"), 1_000, 50_000),
    "assignments": Case(lambda size: _from("RUN " + "".join(f"A{i}=$A{i - 1} " for i in range(size)) + "true"), 1_000, 50_000),
    "exports": Case(lambda size: _from("RUN " + "".join(f"export A{i}=1; " for i in range(size)) + "true"), 500, 20_000),
    "downloads": Case(lambda size: _from(*(f"RUN wget http://a/{i} && rm -rf /var/lib/apt/lists/*" for i in range(size))), 100, 5_000),
    "python-steps": Case(lambda size: _from(*(f"RUN python -m venv /v{i} && /v{i}/bin/pip install flask" for i in range(size))), 50, 2_000),
}  # fmt: skip


def limited(
    arguments: list[str], folder: Path, seconds: float = SECONDS, memory: int = MEMORY
) -> Outcome:
    """Run dflint in a folder with limits."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    out, err = folder / ".out", folder / ".err"
    with out.open("wb") as output, err.open("wb") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "dflint", *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env={**os.environ, "XDG_CACHE_HOME": str(folder / ".cache")},
            preexec_fn=limit,
        )
        code, took, peak = _waited(process, began + seconds)
    return Outcome(code, took, peak, _beginning(out), _end(err))


def _waited(process: subprocess.Popen[bytes], until: float) -> tuple[int | None, float, int]:
    """Exit code, seconds of work, peak memory in bytes; no code where it had to be killed."""
    killed = False
    while True:
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            process.returncode = os.waitstatus_to_exitcode(status)
            took = usage.ru_utime + usage.ru_stime
            return None if killed else process.returncode, took, usage.ru_maxrss * 1024
        if not killed and time.perf_counter() > until:
            process.kill()
            killed = True
        time.sleep(0.01)


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(SHOWN).decode("utf-8", "replace")


def _end(path: Path) -> str:
    return path.read_bytes()[-SHOWN:].decode("utf-8", "replace")


def run_case(name: str, size: int, seconds: float = SECONDS, memory: int = MEMORY) -> Outcome:
    """Lint a hostile Dockerfile of a size with all rules."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        text = CASES[name].make(size)
        (folder / "Dockerfile").write_bytes(text.encode("utf-8", "surrogateescape"))
        arguments = ["check", "Dockerfile", "--no-config", "--no-cache", "--select", "ALL"]
        return limited(
            [*arguments, "--no-shellcheck", "--output-format", "concise"], folder, seconds, memory
        )


def main(arguments: list[str]) -> int:
    """Run the cases and print what they took; 1 where one of them is not sound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--small", action="store_true", help="the sizes of the tests")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args(arguments)
    bad = 0
    for name in options.cases or CASES:
        case = CASES[name]
        size = case.small if options.small else case.large
        came = run_case(name, size, options.seconds)
        bad += not came.sound
        said = f"{came.seconds:6.1f} s {came.peak / 1e6:6.0f} MB  exit {came.code}"
        print(f"{name:24}{size:>10,} {said}{'' if came.sound else '  <-- NOT SOUND'}", flush=True)
        if not came.sound:
            print("    " + came.errors[-600:].replace("\n", "\n    "), flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
