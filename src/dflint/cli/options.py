"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        help="Dockerfiles, folders to look in, Compose and Bake files; `-` is standard input. "
        "[default: .]"
    ),
]

Selectors = list[str] | None

ConfigPath = Annotated[
    Path | None, typer.Option("--config", help="Use this configuration file.", metavar="FILE")
]

NoConfig = Annotated[bool, typer.Option("--no-config", help="Use no configuration file.")]

Day = Annotated[
    str | None,
    typer.Option("--today", help="Hold end-of-life dates against this day.", metavar="YYYY-MM-DD"),
]

Dockerfile = Annotated[str, typer.Argument(help="A Dockerfile; `-` is standard input.")]
Target = Annotated[
    str | None,
    typer.Option(
        "--target",
        "--stage",
        help="The stage that is built. [default: the last]",
        metavar="NAME",
        show_default=False,
    ),
]
