"""What the image model tells of a path, in a line: for tables of tests."""

from __future__ import annotations

from dflint.image.build import Images
from dflint.image.files import NotThere, Origin, PythonMark, There

# The Python of python:3.12-slim, as `told` writes it.
SLIM_PYTHON = "(system 3.12 glibc trixie /usr/local/bin/python3 /usr/local)"


def told(images: Images, path: str) -> str:
    """What is at a path of the product: `no`, or `? WHY`, or all that is known of it.

    That is: its kind, owner, mode (`?` where not known), where it lies if a link leads there, its
    interpreter, its path in the context, its package, its Python, and the line that it comes from.
    """
    assert images.product is not None
    found = images.product.files.lookup(path)
    if isinstance(found, NotThere):
        return "no" if found.link is None else f"no, {found.link} leads nowhere"
    if not isinstance(found, There):
        return f"? {_place(images, found.origin)}: {found.reason}"
    entry = found.entry
    parts = [entry.kind, entry.owner or "?", "?" if entry.mode is None else f"{entry.mode:o}"]
    if found.path != path:
        parts.append(f"at {found.path}")
    if entry.interpreter:
        parts.append(f"#!{entry.interpreter}")
    if entry.source is not None:
        parts.append(f"<{entry.source or '.'}>")
    if entry.detail is not None:
        parts.append(f"[{entry.detail}]")
    if entry.python is not None:
        parts.append(_python(entry.python))
    parts.append(_place(images, entry.origin))
    if entry.placed is not None:
        assert entry.placed.kind == "copy"
        parts.append(f"copied {_place(images, entry.placed)}")
    return " ".join(parts)


def _python(mark: PythonMark) -> str:
    facts = (mark.kind, mark.version, mark.libc, mark.release, mark.interpreter, mark.home)
    text = " ".join(str(each) for each in facts) + (" managed" if mark.managed else "")
    return "PYTHON" if f"({text})" == SLIM_PYTHON else f"({text})"


def _place(images: Images, origin: Origin | None) -> str:
    assert origin is not None
    if origin.span is None:
        return f"@{origin.kind}"
    assert origin.kind in ("command", "context", "copy", "unknown")
    line = images.build.source.position(origin.span.start)[0]
    return f"@{line}" if origin.kind in ("command", "copy") else f"@{line} {origin.kind}"
