"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path, typer.Option("--data", envvar="HABITUE_DATA", help="The data directory.", file_okay=False, show_default=True)
]
DATA = Path("habitue-data")

Config = Annotated[
    Path | None, typer.Option("--config", envvar="HABITUE_CONFIG", help="A settings file other than DATA/habitue.toml.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at most.")]
FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
"""How a moment is written on the command line, in UTC."""
