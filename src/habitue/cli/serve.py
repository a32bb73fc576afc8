"""`habitue serve`: the whole system, on one machine."""

from __future__ import annotations

from typing import Annotated

import typer

from habitue.cli.options import DATA, Config, Data
from habitue.cli.output import say

Speed = Annotated[float, typer.Option(help="How many times as fast the time passes, for demonstrations.")]


def serve(
    data: Data = DATA,
    host: Annotated[str | None, typer.Option(help="The address to listen on; settings: http.host.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port; 0 takes a free one. Settings: http.port.")
    ] = None,
    speed: Speed = 1.0,
    config: Config = None,
) -> None:
    """Run the whole system: ingest, console, decisions, outbox, catalogue, archive. Ctrl-C ends it in order."""
    from habitue.wire.serving import Serving

    serving = Serving(data, config, host=host, port=port, speed=speed)
    serving.run(ready=lambda: say(f"Habitue is ready: {serving.address}/console"))
