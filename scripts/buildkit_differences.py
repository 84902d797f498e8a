"""The reasons for which dflint leaves out what BuildKit's checks and trivy's find, as tests.

Each is a section of `docs/compared-with-buildkit.md`, which gives the reason in full.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dflint.knowledge import load
from dflint.subjects.base_image import FromPlace, published
from dflint.subjects.copy import CopyPlace, folder_like
from dflint.subjects.expose import EXPOSE
from dflint.subjects.install import may_recommend
from dflint.subjects.spelling import DEFINITION
from dflint.subjects.stage import STAGE_SUBJECT, StagePlace
from scripts.comparing import Key
from scripts.hadolint_differences import (
    SECRET_END,
    Where,
    apt_configured,
    is_json,
    names_a_variable,
    no_program_of_its_own,
    pretended,
    workdir_cannot,
)

Test = Callable[[Where, int, frozenset[Key]], object]  # with the line and all findings of dflint's
Reason = tuple[str, frozenset[str], Test]

PUBLIC = re.compile(r"\b(VITE|NEXT_PUBLIC|REACT_APP|NUXT_PUBLIC)_")
DEFAULT = re.compile(r"\$\{\w+:?[-+?]")


def fact(at: Where, name: str) -> object:
    """An attribute of the stage as a rule sees it."""
    return STAGE_SUBJECT.attributes[name].get(StagePlace(at.facts, at.stage))


def base_may_set(at: Where) -> bool:
    """The image below the stage sets variables, or may."""
    stage = at.stage
    while stage.parent is not None:
        stage = at.facts.build.stages[stage.parent]
    return stage.base is None or stage.base.family not in load("variables")["without-variables"]


def on_scratch(at: Where) -> bool:
    """PATH, which the builder sets on scratch as well."""
    return fact(at, "from-scratch") is True and re.search(r"\$\{?PATH\b", at.text) is not None


def blank_line_above(at: Where, line: int, _: frozenset[Key]) -> bool:
    """What is right above the instruction is no comment."""
    return not any(each.line == line - 1 for each in at.facts.build.document.comments)


def described(at: Where, line: int, _: frozenset[Key]) -> bool:
    """A line of the comment describes it, and the last does not begin with the name."""
    places = [each for each in DEFINITION.each(at.facts) if each.instruction.first_line == line]
    return any(DEFINITION.attributes["described"].get(each) is True for each in places)


def absolute_in_quotes(at: Where) -> bool:
    """A path in quotes, or one that a variable begins."""
    return re.match(r"""["'](/|\$)""", at.text.strip()) is not None


def absolute_before(at: Where) -> bool:
    """An absolute WORKDIR is in force."""
    return at.step is not None and at.step.workdir.span is not None


def other_secret_word(at: Where) -> bool:
    """No name ends with the word for a secret."""
    return SECRET_END.search(at.text) is None


def without_value(at: Where) -> bool:
    """Nothing is given, or something that fills the place."""
    return re.search(r"=(\s|$|\"_?\")", at.text) is not None


def starts_ssh(at: Where) -> bool:
    """The product starts the SSH server."""
    places = [each for each in EXPOSE.each(at.facts) if each.step is at.step]
    return any(EXPOSE.attributes["ssh-started"].get(each) is True for each in places)


def sudo_of_a_user(at: Where) -> bool:
    """The RUN is not root's, or sudo is to become another user."""
    changes = re.search(r"\bsudo\s+(-\w+\s+)*(-u|--user)", at.text) is not None
    return changes or (at.step is not None and at.step.user.value != "root")


def to_the_folder(at: Where) -> bool:
    """COPY to what is a folder without a slash."""
    return at.step is not None and bool(folder_like(CopyPlace(at.facts, at.stage, at.step)))


def elsewhere(at: Where, _: int, ours: frozenset[Key]) -> bool:
    """dflint tells of the same at another RUN, or this one's wget is in no product."""
    return not at.in_product or any(check == "DS014" for check, _ in ours)


def reason(name: str, checks: str, test: Callable[[Where], object]) -> Reason:
    """A reason that the place alone tells, with the checks that it holds for."""
    return name, frozenset(checks.split()), lambda at, _, __: test(at)


USAGE = re.compile(r"^\s*\S+/usage\s*$|\s(--help|-h)\s*$")
LAMBDA = re.compile(r"(?i)(^|/)(lambda/|aws-lambda-)")
WORK = re.compile(
    r"(?i)(^|[/._-])(dev|devel|development|devcontainer|debug|local|tests?|ci|lambda)([._-][^/]*)?$"
)


def for_development(at: Where) -> bool:
    """The name of the stage or of the file says that it is for development or tests."""
    name = str(fact(at, "file.name"))
    return bool(WORK.search(at.stage.name or "") or WORK.search(name) or ".devcontainer/" in name)


DESCRIPTION = frozenset({"InvalidDefinitionDescription"})
REASONS: tuple[Reason, ...] = (
    reason("Variables of base images", "UndefinedVar", base_may_set),
    reason("PATH on scratch", "UndefinedVar", on_scratch),
    reason("References with a default", "UndefinedVar", lambda at: DEFAULT.search(at.text)),
    ("Comments above a blank line", DESCRIPTION, blank_line_above),
    ("A later line that describes", DESCRIPTION, described),
    reason("Images built on the machine", "DS001", lambda at: published(FromPlace(at.facts, at.stage)) is False),
    reason("Names that are no images", "InvalidDefaultArgInFrom DS001", lambda at: "$" not in at.stage.image.text),
    reason("Images that a variable names", "DS001", lambda at: "$" in at.stage.image.text),
    reason("Paths in quotes", "WorkdirRelativePath", absolute_in_quotes),
    reason("A relative WORKDIR after an absolute one", "DS009", absolute_before),
    reason("Windows images", "JSONArgsRecommended DS002 DS026 DS013", lambda at: at.stage.windows),
    reason("CMDs that tell their usage", "JSONArgsRecommended", lambda at: USAGE.search(at.text)),
    reason("Shell form with `exec`, under SHELL, or for a shell", "JSONArgsRecommended", lambda at: is_json(at) or no_program_of_its_own(at)),
    reason("Names that only contain a secret's word", "SecretsUsedInArgOrEnv DS031", other_secret_word),
    reason("Keys that every browser gets", "SecretsUsedInArgOrEnv DS031", lambda at: PUBLIC.search(at.text)),
    reason("Secrets without a value", "SecretsUsedInArgOrEnv DS031", without_value),
    reason("Base images with a user of their own", "DS002", lambda at: fact(at, "user.root") is not True),
    reason("Images that drop root themselves", "DS002", lambda at: fact(at, "privilege-droppers") or fact(at, "base.family") in ("postgres", "devcontainers")),
    reason("Images that start nothing", "DS002 DS026", lambda at: fact(at, "starts") is not True),
    reason("Images that start a shell", "DS026", lambda at: fact(at, "starts-shell")),
    reason("Images that tell their usage", "DS026", lambda at: fact(at, "tells-usage")),
    reason("Images of AWS Lambda", "DS026", lambda at: LAMBDA.search(str(fact(at, "bottom-image")))),
    reason("Images for development and tests", "DS026", for_development),
    reason("An SSH server that is meant", "DS004", starts_ssh),
    reason("Wildcards that may match an archive", "DS005", lambda at: "*" in at.text or "$" in at.text),
    reason("sudo for a user who is not root", "DS010", sudo_of_a_user),
    reason("Several sources to `.`", "DS011", to_the_folder),
    reason("`cd` where WORKDIR could not stand", "DS013", workdir_cannot),
    ("curl and wget, once a file", frozenset({"DS014"}), elsewhere),
    reason("Layers that reach nobody", "DS015 DS019 DS020 DS025 DS027 DS029", lambda at: not at.in_product),
    reason("Caches that are cleaned by hand", "DS015 DS019 DS020 DS025 DS027", lambda at: re.search(r"cache|clean", at.text)),
    reason("`--no-install-recommends` after the packages", "DS029", lambda at: "--no-install-recommends" in at.text),
    reason("Packages that recommend nothing", "DS029", lambda at: not any(map(may_recommend, at.installs("apt")))),
    reason("Packages that nobody names", "DS029", lambda at: names_a_variable(at) or apt_configured(at) or pretended(at)),
)  # fmt: skip
# Files without FROM: dflint says so once, and nothing of what such a file would mean.
NO_STAGES = "Files without FROM"
