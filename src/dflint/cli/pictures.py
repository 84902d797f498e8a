"""`dflint image` and `dflint graph`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dflint.cli.choices import GraphFormat, ImageFormat
from dflint.cli.console import fail, show, standard_input, write_file
from dflint.cli.files import no_stage
from dflint.cli.options import Dockerfile, Target


def image(
    dockerfile: Dockerfile = "Dockerfile",
    target: Target = None,
    context: Annotated[
        Path | None,
        typer.Option(
            help="The build context. [default: the Dockerfile's folder]",
            metavar="DIR",
            show_default=False,
        ),
    ] = None,
    output_format: Annotated[ImageFormat, typer.Option(help="How to print it.")] = ImageFormat.text,
) -> None:
    """Show what a build puts into each stage, and whether what the container starts is there."""
    from dflint.context import open_context
    from dflint.disk import is_folder, read_file
    from dflint.image.describe import as_json, as_text
    from dflint.model import UnknownTargetError
    from dflint.source import decode
    from dflint.subjects.modelled import images_of

    path = None if dockerfile == "-" else Path(dockerfile)
    if context is not None and not is_folder(context):
        fail(f"{context}: there is no such folder to take as the build context")
    try:
        source = standard_input(None) if path is None else decode(dockerfile, read_file(path))
        found = images_of(source, open_context(path, context), target)
    except OSError as error:
        fail(f"{dockerfile}: cannot be read: {error.strerror}")
    except UnknownTargetError as error:
        fail(no_stage(error.target, error.names))
    show(as_json(found) if output_format is ImageFormat.json else as_text(found))


def graph(
    dockerfile: Dockerfile = "Dockerfile",
    target: Target = None,
    output_format: Annotated[
        GraphFormat, typer.Option(help="How to draw it.")
    ] = GraphFormat.mermaid,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write to this file.", metavar="FILE"),
    ] = None,
) -> None:
    """Draw the stages: what each stands on, and what it copies or mounts from where."""
    from dflint.disk import read_file
    from dflint.graph import make_graph
    from dflint.model import UnknownTargetError, make_build
    from dflint.reader import read
    from dflint.report.dot import dot
    from dflint.report.mermaid import mermaid
    from dflint.report.svg import svg
    from dflint.source import decode

    try:
        source = (
            standard_input(None) if dockerfile == "-" else decode(dockerfile, read_file(dockerfile))
        )
        made = make_graph(make_build(read(source), target))
    except OSError as error:
        fail(f"{dockerfile}: cannot be read: {error.strerror}")
    except UnknownTargetError as error:
        fail(no_stage(error.target, error.names))
    ways = {"mermaid": mermaid, "dot": dot, "svg": svg}
    drawn = ways[output_format.value](made)
    if output is None:
        show(drawn)
    else:
        write_file(output, drawn)
