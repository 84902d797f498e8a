"""The reasons for which dflint leaves out what hadolint finds, as tests on a place in a file.

Each is a section of `docs/compared-with-hadolint.md`, which gives the reason in full.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dflint.model import Stage, Step
from dflint.subjects.base import UNKNOWN, Facts
from dflint.subjects.command import (
    CommandPlace,
    argument_removed,
    errors_elsewhere,
    spoken,
    step_commands,
)
from dflint.subjects.copy import CopyPlace, folder_like
from dflint.subjects.install import (
    InstallPlace,
    as_install,
    checked_out,
    may_recommend,
    redirected,
    unpinned,
)
from dflint.subjects.pipeline import PipelinePlace, checked_later, status_counts
from dflint.subjects.stage import holds_system

Keys = frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Where:
    """An instruction of a stage; FROM has no step."""

    facts: Facts
    stage: Stage
    step: Step | None

    @classmethod
    def at(cls, facts: Facts, line: int) -> Where | None:
        """The instruction that begins on a line; None outside all stages."""
        for stage in facts.build.stages:
            if stage.start.first_line == line:
                return cls(facts, stage, None)
            for step in stage.steps:
                if step.instruction.first_line == line:
                    return cls(facts, stage, step)
        return None

    @property
    def in_product(self) -> bool:
        """Whether the stage's layers are the product's own."""
        return self.stage.index in self.facts.build.layers

    @property
    def text(self) -> str:
        """What follows the instruction's name."""
        instruction = self.stage.start if self.step is None else self.step.instruction
        return instruction.text.value

    def keyword(self) -> str:
        """The instruction's name."""
        return "FROM" if self.step is None else self.step.keyword

    def commands(self) -> list[CommandPlace]:
        """The commands of a RUN."""
        if self.step is None or self.step.keyword != "RUN":
            return []
        return list(step_commands(self.facts, self.stage, self.step))

    def installs(self, *managers: str) -> Iterator[InstallPlace]:
        """The installing commands of a RUN."""
        for at in self.commands():
            found = as_install(at)
            if found is not None and found.manager in managers:
                yield found


def names_a_variable(at: Where) -> bool:
    """No package but those that variables name lacks a version."""
    found = at.installs("apt", "apk", "dnf", "npm", "gem", "pip")
    return "$" in at.text and not any(
        unpinned(place) for place in found if unpinned(place) is not UNKNOWN
    )


def pretended(at: Where) -> bool:
    """What hadolint means is a dry run, or mends what dpkg has left: it names no package."""
    found = list(at.installs("apt"))
    dry = {"--dry-run", "--simulate", "-s", "--fix-broken", "-f"}
    return any(option.name in dry for place in found for option in place.command.options)


def update_alone(at: Where) -> bool:
    """Nothing but `apt-get update` and cleaning: another rule speaks of it."""
    told = {
        spoken(each.command) for each in at.commands() if each.command.tool in ("apt-get", "apt")
    }
    return bool(told) and all(each.endswith(" update") for each in told)


def no_program_of_its_own(at: Where) -> bool:
    """The shell that CMD or ENTRYPOINT goes through is meant, or harmless, or never starts."""
    text = at.text.strip()
    stage = at.stage
    last = [step for step in stage.steps if step.keyword == at.keyword()][-1:]
    return bool(
        re.match(r"exec\s", text)
        or re.fullmatch(r"\S*\b(ba|da|a|z)?sh( .*)?", text)
        or (at.step is not None and at.step.shell.span is not None)
        or (last and last[0] is not at.step)
        or stage.index != at.facts.build.product
    )


def no_near_stage(at: Where) -> bool:
    """`--from` names no stage, and none has a name like it."""
    uses = at.step.uses if at.step is not None else ()
    return any(use.stage is None and "$" not in use.text for use in uses)


def names_a_stage(at: Where) -> bool:
    """What FROM or `--from` names is a stage of the file."""
    if at.step is None:
        return at.stage.parent is not None
    return any(use.stage is not None for use in at.step.uses)


def made_to_be_copied(at: Where) -> bool:
    """What is copied is an image, or a stage that holds no distribution for certain."""
    uses = at.step.uses if at.step is not None else ()
    stages = at.facts.build.stages
    return any(
        use.stage is None or holds_system(stages[use.stage]) is not True for use in uses
    ) or (holds_system(at.stage) is not True)


def apt_configured(at: Where) -> bool:
    """A file that is copied in, here or in a stage that this one stands on, may configure apt."""
    before = list(at.stage.steps[: at.step.number] if at.step is not None else ())
    parent = at.stage.parent
    while parent is not None:
        stage = at.facts.build.stages[parent]
        before += stage.steps
        parent = stage.parent
    return any(step.keyword in ("COPY", "ADD") for step in before)


def escaped_quote(at: Where) -> bool:
    """A quote with a backslash is part of a word, so that nothing is told to install."""
    told = {spoken(each.command) for each in at.commands()}
    return '\\"' in at.text and not any(each.endswith(" install") for each in told)


def is_json(at: Where) -> bool:
    """What follows is a list of texts in JSON, with whatever escapes JSON has."""
    try:
        words = json.loads(at.text)
    except ValueError:
        return False
    return isinstance(words, list) and all(isinstance(word, str) for word in words)


def runs_a_file(at: Where) -> bool:
    """`go run` runs sources that are here; there is nothing to be fetched."""
    runs = [each.command for each in at.commands() if spoken(each.command) == "go run"]
    return bool(runs) and all(
        word.value is not None and word.value.endswith(".go")
        for command in runs
        for word in command.arguments[:1]
    )


def installers_only(at: Where) -> bool:
    """pip is told to install nothing without a version but itself, or what comes with a list."""
    names = {"pip", "setuptools", "wheel", "distribute"}
    for place in at.installs("pip"):
        loose = unpinned(place)
        with_list = any(option.name == "--requirement" for option in place.command.options)
        if isinstance(loose, tuple) and set(map(str.lower, loose)) - names and not with_list:
            return False
    return True


def unquoted(at: Where) -> bool:
    """A version is lost to the shell's `>`, which another rule says."""
    return any(redirected(place) for place in at.installs("pip"))


def workdir_cannot(at: Where) -> bool:
    """Each `cd` is one that WORKDIR could not take the place of."""
    commands = at.commands()
    moves = [each for each in commands if each.command.tool in ("cd", "pushd", "popd")]
    harmless = re.compile(r"(set|export|mkdir|echo|umask|true|:)( |$)")
    if len(moves) != 1:
        return True
    (move,) = moves
    if argument_removed(move) is not False:
        return True
    before = [each for each in commands[: move.number] if not harmless.match(spoken(each.command))]
    command = move.command
    return bool(
        before or command.guarded or command.substituted or command.scope or not command.arguments
    )


def harmless_pipes(at: Where) -> bool:
    """No pipeline loses the status of a command that can fail for reasons from outside."""
    if at.step is None:
        return False
    script = at.facts.scripts[at.step]
    outside = frozenset({"curl", "wget", "git", "pip", "npm", "apt-get", "gsutil", "aws"})
    checks = frozenset(
        [
            "tar",
            "bsdtar",
            "gunzip",
            "gzip",
            "unzip",
            "xz",
            "gpg",
            "apt-key",
            "grep",
            "egrep",
            "fgrep",
            "cpio",
            "dpkg",
            "rpm",
            "patch",
        ]
    )
    for pipeline in script.pipelines:
        place = PipelinePlace(at.facts, at.stage, at.step, script, pipeline)
        feeding = {each.tool for each in pipeline.commands[:-1]}
        last = pipeline.commands[-1]
        lost = feeding & outside and last.tool not in checks and not pipeline.pipefail
        if (
            lost
            and not last.guarded
            and not pipeline.commands[0].substituted
            and status_counts(place)
            and not checked_later(place)
        ):
            return False
    return True


def by_links(at: Where) -> bool:
    """pip takes the packages from a page of links, which may hold a single version."""
    found = [option.name for each in at.installs("pip") for option in each.command.options]
    return "--find-links" in found


def not_the_products(at: Where) -> bool:
    """A USER that the product does not end with, or root, of which another rule speaks."""
    users = [step for step in at.stage.steps if step.keyword == "USER" and not step.onbuild]
    last = at.stage.index == at.facts.build.product and users and users[-1] is at.step
    return not last or at.text.partition(":")[0].strip() in ("root", "0")


def cleaned(at: Where) -> bool:
    """The lists go by another way than `rm -rf /var/lib/apt/lists`, or were never fetched."""
    told = {spoken(each.command) for each in at.commands()}
    return (
        "dist-clean" in at.text
        or "/var/lib/apt" in at.text
        or not any("update" in each for each in told)
    )


def elsewhere(at: Where, ours: Keys) -> bool:
    """dflint reports the same complaint at another instruction of the file."""
    code = {"CMD": "DL4003", "ENTRYPOINT": "DL4004", "HEALTHCHECK": "DL3012"}.get(
        at.keyword(), "DL4001"
    )
    return any(found == code for found, _line in ours)


def by(test: Callable[[Where], object]) -> Callable[[Where, Keys], bool]:
    """A test that needs the place alone."""
    return lambda at, _: bool(test(at))


def codes(text: str) -> frozenset[str]:
    """Rules of hadolint by their numbers."""
    return frozenset(f"DL{number}" for number in text.split())


Reason = tuple[str, frozenset[str], Callable[[Where, Keys], bool]]
SECRET_END = re.compile(r"(?i)(^|[_\s])(password|passwd|secret|token|api_?key|access_?key)[\s=]")

REASONS: tuple[Reason, ...] = (
    ("Instructions of Windows images", codes("3000 3003 3025 3045 3059 3064 3066 4006"), by(lambda at: at.stage.windows)),
    ("apt configured by a file", codes("3008 3014 3015"), by(apt_configured)),
    ("Layers that reach nobody", codes("3009 3010 3015 3019 3032 3036 3040 3042 3059 3060 4001"), by(lambda at: not at.in_product)),
    ("A relative WORKDIR after an absolute one", codes("3000"), by(lambda at: at.step is not None and at.step.workdir.span is not None)),
    ("Services and processes that the same RUN uses", codes("3001"), by(lambda at: len(at.commands()) > 1)),
    ("Root in a stage that is not the product", codes("3002"), by(lambda at: at.stage.index != at.facts.build.product)),
    ("`cd` where WORKDIR could not stand", codes("3003"), by(workdir_cannot)),
    ("sudo for a user who is not root", codes("3004"), by(lambda at: at.step is not None and at.step.user.value != "root")),
    ("Images and platforms that a variable names", codes("3006 3007 3029"), by(lambda at: "$" in at.stage.image.text or "$" in at.facts.build.source.slice(at.stage.start.span))),
    ("Stage names in another case", codes("3006 3022"), by(names_a_stage)),
    ("Names that are no images", codes("3006"), by(lambda at: at.stage.image.text != at.stage.image.text.lower())),
    ("Images built on the machine", codes("3006 3007"), by(lambda at: "/" not in at.stage.image.value)),
    ("Packages of the project", codes("3016"), by(lambda at: "package" in at.facts.build.source.text)),
    ("Packages that a variable names", codes("3008 3013 3016 3018 3028 3033 3041 3015"), by(names_a_variable)),
    ("Dry runs of apt, and `apt-get -f install`", codes("3008 3014 3015"), by(pretended)),
    ("Lists that go another way", codes("3009"), by(cleaned)),
    ("Quotes that are escaped", codes("3009"), by(escaped_quote)),
    ("`apt-get update` on its own", codes("3009"), by(update_alone)),
    ("Version ranges without quotes", codes("3013"), by(unquoted)),
    ("pip, setuptools and wheel", codes("3013"), by(installers_only)),
    ("Pages of links", codes("3013"), by(by_links)),
    ("Wildcards that may match an archive", codes("3020"), by(lambda at: "*" in at.text or "$" in at.text)),
    ("Several sources to `.`", codes("3021"), by(lambda at: at.step is not None and folder_like(CopyPlace(at.facts, at.stage, at.step)))),
    ("Images and named contexts in `--from`", codes("3022"), by(no_near_stage)),
    ("Escapes of JSON", codes("3025"), by(is_json)),
    ("Health checks in shell form", codes("3025"), by(lambda at: at.keyword() == "HEALTHCHECK")),
    ("Shell form with `exec`, under SHELL, or for a shell", codes("3025"), by(no_program_of_its_own)),
    ("CMDs that tell their usage", codes("3025"), by(lambda at: re.search(r"^\s*\S+/usage\s*$|\s(--help|-h)\s*$", at.text))),
    ("Packages that recommend nothing", codes("3015"), by(lambda at: not any(map(may_recommend, at.installs("apt"))))),
    ("Progress that goes elsewhere", codes("3047"), by(lambda at: all(errors_elsewhere(each) for each in at.commands() if each.command.tool == "wget"))),
    ("Caches that are cleaned or mounted", codes("3032 3040 3042 3019"), by(lambda at: re.search(r"cache|clean", at.text) or (at.step is not None and at.step.mounts))),
    ("Base images whose WORKDIR is known", codes("3045"), by(lambda at: at.step is not None and (at.step.workdir.value not in (None, "/") or at.stage.image.value == "scratch"))),
    ("Numbers of users that are not known", codes("3046"), by(lambda at: "$" in at.text)),
    ("RUNs with mounts or several commands", codes("3059"), by(lambda at: len(at.commands()) != 1 or (at.step is not None and at.step.instruction.flags))),
    ("`go install` inside a module", codes("3062"), by(lambda at: any(spoken(each.command) == "go install" for each in at.commands()))),
    ("`go run` of a file", codes("3062"), by(runs_a_file)),
    ("`go get` before a checkout", codes("3062"), by(lambda at: any(checked_out(each) for each in at.commands()))),
    ("Names that only contain a secret's name", codes("3064"), by(lambda at: not SECRET_END.search(at.text))),
    ("Keys that every browser gets", codes("3064"), by(lambda at: re.match(r"(VITE|NEXT_PUBLIC|REACT_APP|NUXT_PUBLIC)_", at.text))),
    ("Secrets without a value", codes("3064"), by(lambda at: re.search(r"=(\s|$|\"_?\")", at.text))),
    ("Users that the product does not end with", codes("3066"), by(not_the_products)),
    ("Users that a variable names", codes("3066"), by(lambda at: "$" in at.text)),
    ("Stages made to be copied whole", codes("3067"), by(made_to_be_copied)),
    ("pipefail in the RUN itself", codes("4006"), by(lambda at: at.step is not None and "pipefail" in at.facts.build.source.slice(at.step.instruction.span))),
    ("Pipes that lose nothing", codes("4006"), by(harmless_pipes)),
    ("The CMD without effect, and once a stage", codes("3012 4001 4003 4004"), elsewhere),
)  # fmt: skip
# Files without FROM: dflint says so once, and nothing of what such a file would mean.
NO_STAGES = "Files without FROM"
