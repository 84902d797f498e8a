"""Subject `stage-copy`: each source of a COPY --from, what it brings and what stays behind."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dflint.glob import has_wildcard
from dflint.image.files import There
from dflint.image.state import ImageState, Package, PythonPlace, StageCopy
from dflint.images import Base, lookup, parse_image
from dflint.knowledge import load
from dflint.lazy import regex
from dflint.paths import covers
from dflint.source import Span
from dflint.subjects.base import UNKNOWN, Attribute, Facts, Part, Place, Subject
from dflint.subjects.common import STEP, STEP_FAMILIES, STEP_PARTS, one_line, or_unknown
from dflint.subjects.modelled import images, in_words, span_of


class StageCopyPlace(Place, frozen=True):
    """One source of a COPY --from, as the image model sees it."""

    copy: StageCopy


def stage_copy_places(facts: Facts) -> Iterator[StageCopyPlace]:
    """Every source of every COPY --from that the product needs."""
    if not any(use.kind == "copy" for stage in facts.build.stages for use in stage.uses):
        return
    for copy in images(facts).stage_copies:
        yield StageCopyPlace(facts, copy.stage, copy.step, copy)


def _from(at: StageCopyPlace) -> str:
    index = at.copy.source
    return at.step.uses[0].text if index is None else at.facts.build.stages[index].label


def _first_place(at: StageCopyPlace) -> PythonPlace | None:
    """The first Python place that it brings, or brings packages of."""
    return at.copy.places[0] if at.copy.places else None


def target_place(at: StageCopyPlace) -> PythonPlace | None:
    """The system Python of the stage that is copied into, where it is known."""
    return _system(images(at.facts)[at.stage.index])


def _system(state: ImageState) -> PythonPlace | None:
    return next((each for each in state.places if each.kind == "system"), None)


def _python_from(at: StageCopyPlace) -> object:
    place = _first_place(at)
    return None if place is None else or_unknown(place.version)


def _python_to(at: StageCopyPlace) -> object:
    base = at.stage.base
    if _first_place(at) is None:
        return None
    return UNKNOWN if base is None else or_unknown(base.python)


VERSION = regex(r"/python(\d\.\d+)t?(?=/|$)")
# The C library of a release of Debian only grows.
RELEASES = ("buster", "bullseye", "bookworm", "trixie", "forky")


def _base_from(at: StageCopyPlace) -> Base | None:
    """What is known of the image that it comes from, or that the stage stands on."""
    index = at.copy.source
    if index is not None:
        return at.facts.build.stages[index].base
    name = parse_image(at.step.uses[0].text) if at.step.uses else None
    return None if name is None else lookup(name)


def _python_place(at: StageCopyPlace) -> PythonPlace | None:
    """The first place that only one version of Python reads, of those that it brings."""
    kinds = ("system", "prefix", "user", "venv")
    return next((each for each in at.copy.places if each.kind in kinds and not each.managed), None)


def landing(at: StageCopyPlace) -> str | None:
    """The version in the path that the packages land at; None without one."""
    place = _python_place(at)
    found = VERSION.search(at.copy.to or "")
    if found is not None:
        return found[1]
    return None if place is None else place.version


def python_fits(at: StageCopyPlace) -> object:
    """Whether the Python of the stage copied into reads what lands there."""
    place = _python_place(at)
    if place is None or at.copy.to is None or at.copy.path is None:
        return None
    base, state = at.stage.base, images(at.facts)[at.stage.index]
    versions = {each.version for each in state.places if each.kind == "system" and not each.placed}
    versions.add(None if base is None else base.python)
    if None in versions or place.version is None or _brings_interpreter(at):
        return UNKNOWN
    return place.version in versions and landing(at) in versions


def _brings_interpreter(at: StageCopyPlace) -> bool:
    """Whether a COPY from the same stage may bring its interpreter too."""
    return any(
        covers([each.path or "/"], "/usr/local/bin/python") or _may_be_python(each.path or "")
        for each in images(at.facts).stage_copies
        if each.stage.index == at.stage.index and each.source == at.copy.source
    )


def _may_be_python(path: str) -> bool:
    """Whether a path is `bin/python3` or the like, or has a wildcard that might be one."""
    folder, _, name = path.rpartition("/")
    return folder.endswith("/bin") and (name.startswith("python") or has_wildcard(name))


def _under(at: StageCopyPlace) -> object:
    """What the packages come under: a version of Python, or a folder of another one's."""
    place, base = _python_place(at), at.stage.base
    if place is None or base is None or base.python is None:
        return UNKNOWN
    return f"`{at.copy.to}`" if base.python == place.version else f"Python {base.python}"


def compiled(at: StageCopyPlace) -> tuple[str, ...]:
    """The packages that it brings which hold compiled code that they cannot do without."""
    known = load("libraries")["compiled"].split()
    return tuple(name for name in at.copy.brings if name in known)


def _compiled_span(at: StageCopyPlace) -> Span | None:
    found = compiled(at)
    return span_of(at.copy.brings[found[0]].origin) if found else None


def binary(at: StageCopyPlace) -> object:
    """The well-known program of the base image, linked against its C library, that it is."""
    path = at.copy.path
    if path is None:
        return None
    name = posixpath.basename(path)
    known = load("libraries")["linked"].get(name)
    base = _base_from(at)
    if known is None or base is None or base.family not in known["families"]:
        return None
    return name if path == known["path"] else None


def libc_differs(at: StageCopyPlace) -> object:
    """Whether the C libraries of the two are of another kind."""
    one, other = _libc_from(at), _libc_to(at)
    return UNKNOWN if UNKNOWN in (one, other) else one != other


def release_older(at: StageCopyPlace) -> object:
    """Whether it goes to an older release of Debian than it comes from."""
    one, other = _base_from(at), at.stage.base
    if one is None or other is None or one.release is None or other.release is None:
        return UNKNOWN
    if one.distribution != "debian" or other.distribution != "debian":
        return UNKNOWN
    if one.release not in RELEASES or other.release not in RELEASES:
        return UNKNOWN
    return RELEASES.index(one.release) > RELEASES.index(other.release)


def _libc_from(at: StageCopyPlace) -> object:
    base = _base_from(at)
    return UNKNOWN if base is None else or_unknown(base.libc)


def _libc_to(at: StageCopyPlace) -> object:
    return UNKNOWN if at.stage.base is None else or_unknown(at.stage.base.libc)


def _release(at: StageCopyPlace, *, source: bool) -> object:
    base = _base_from(at) if source else at.stage.base
    return UNKNOWN if base is None else or_unknown(base.release)


def _moved(at: StageCopyPlace) -> tuple[PythonPlace, str] | None:
    return at.copy.moved[0] if at.copy.moved else None


def _interpreter(at: StageCopyPlace) -> str | None:
    """What the scripts of the first venv that it brings are run by."""
    place = next((each for each in at.copy.places if each.kind == "venv"), None)
    return None if place is None else place.interpreter


def _interpreter_found(at: StageCopyPlace) -> object:
    path = _interpreter(at)
    if path is None:
        return UNKNOWN
    return in_words(images(at.facts)[at.stage.index].files.lookup(path))


def _first(packages: tuple[Package, ...]) -> Span | None:
    return span_of(packages[0].origin) if packages else None


def _made_span(at: StageCopyPlace) -> Span | None:
    place = _first_place(at)
    if place is not None:
        return span_of(place.made)
    return span_of(at.copy.found.entry.origin) if isinstance(at.copy.found, There) else None


STAGE_COPY = Subject(
    name="stage-copy",
    about="A source of a COPY --from: what it brings from another stage and what stays behind.",
    each=stage_copy_places,
    attributes={
        **STEP,
        "text": Attribute("text", "The instruction as written, on one line.", lambda at: one_line(at.facts.build.source, at.step.instruction.span)),
        "source": Attribute("text", "The source as written.", lambda at: at.copy.word.text),
        "path": Attribute("text", "The source as an absolute path.", lambda at: or_unknown(at.copy.path)),
        "to": Attribute("text", "Where it lands, as an absolute path.", lambda at: or_unknown(at.copy.to)),
        "from": Attribute("text", "The stage or image that it comes from.", _from),
        "from.stage": Attribute("flag", "Whether that is a stage of this file.", lambda at: at.copy.source is not None),
        "found": Attribute("text", "Whether the source is `there` or `missing` in that stage.", lambda at: in_words(at.copy.found)),
        "brings.packages": Attribute("list", "The Python packages that it brings.", lambda at: tuple(at.copy.brings)),
        "leaves.packages": Attribute("list", "The Python packages of that stage that no COPY of this stage brings.", lambda at: tuple(at.copy.leaves)),
        "brings.scripts": Attribute("list", "The programs of Python packages that it brings.", lambda at: tuple(at.copy.scripts)),
        "leaves.scripts": Attribute("list", "The programs of the packages that it brings, which no COPY of this stage brings.", lambda at: tuple(at.copy.left_scripts)),
        "places": Attribute("list", "The Python places that it brings or brings packages of, by their path in that stage.", lambda at: tuple(each.prefix for each in at.copy.places)),
        "places.kinds": Attribute("list", "Their kinds: system, venv, user, prefix, target, tool, conda.", lambda at: tuple(each.kind for each in at.copy.places)),
        "moves-venv": Attribute("flag", "Whether a virtual environment lands at another path than the one it was made at.", lambda at: bool(at.copy.moved)),
        "venv.old": Attribute("text", "The path that the moved environment was made at.", lambda at: None if (found := _moved(at)) is None else found[0].home),
        "venv.new": Attribute("text", "The path that it lands at.", lambda at: None if (found := _moved(at)) is None else found[1]),
        "interpreter": Attribute("text", "The interpreter of the virtual environment that it brings.", _interpreter),
        "interpreter.found": Attribute("text", "Whether that is `there` or `missing` in the stage copied into.", _interpreter_found),
        "python.from": Attribute("text", "The Python version of the packages that it brings, as in 3.13.", _python_from),
        "python.to": Attribute("text", "The Python version of the base that they land on.", _python_to),
        "python.fits": Attribute("flag", "Whether the Python of the stage copied into reads them there.", python_fits),
        "python.under": Attribute("text", "What they come under: a version of Python, or the folder of another.", _under),
        "compiled": Attribute("list", "The packages that it brings which hold compiled code.", compiled),
        "compiled.first": Attribute("text", "The first of these.", lambda at: next(iter(compiled(at)), None)),
        "binary": Attribute("text", "The program of the base image, linked against its libraries, that it copies alone.", binary),
        "libc.differs": Attribute("flag", "Whether the two have C libraries of another kind.", libc_differs),
        "release.older": Attribute("flag", "Whether it goes to an older release of Debian.", release_older),
        "libc.from": Attribute("text", "The libc of the stage that it comes from.", _libc_from),
        "libc.to": Attribute("text", "The libc of the stage copied into.", _libc_to),
        "release.from": Attribute("text", "The distribution's release of the stage that it comes from.", lambda at: _release(at, source=True)),
        "release.to": Attribute("text", "The distribution's release of the stage copied into.", lambda at: _release(at, source=False)),
    },
    parts={
        **STEP_PARTS,
        "source": Part("The source.", lambda at: at.copy.word.span),
        "from-stage": Part("The FROM of the stage that it comes from.", lambda at: None if at.copy.source is None else at.facts.build.stages[at.copy.source].start.span),
        "made": Part("What made the environment or the thing copied.", _made_span),
        "compiled": Part("The command that installed the first package with compiled code.", _compiled_span),
        "brings": Part("The command that installed the first package that it brings.", lambda at: _first(tuple(at.copy.brings.values()))),
        "leaves": Part("The command that installed the first package that stays behind.", lambda at: _first(tuple(at.copy.leaves.values()))),
    },
    main="source",
    families=STEP_FAMILIES,
)  # fmt: skip
