"""`habitue demo`: a living shop, for looking around."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    data: Annotated[Path, typer.Option("--data", help="Where the demo keeps its data.", file_okay=False)] = Path(
        ".demo"
    ),
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port of ingest and console; 0 takes a free one.")
    ] = 8080,
    storefront_port: Annotated[int, typer.Option(min=0, max=65535, help="The storefront's port.")] = 8081,
    mailbox_port: Annotated[int, typer.Option(min=0, max=65535, help="The mailbox page's port.")] = 8025,
    smtp_port: Annotated[int, typer.Option(min=0, max=65535, help="The mailbox's SMTP port.")] = 8026,
    speed: Annotated[float, typer.Option(help="How many times as fast the shop's time passes.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Which simulated visitors come.")] = 1,
    visitors: Annotated[bool, typer.Option(help="Whether simulated visitors come at all.")] = True,
) -> None:
    """Run a whole shop on this machine: real orders, a storefront, a mailbox, the console. Ctrl-C ends it."""
    from habitue.demo.run import Ports, run_demo

    ports = Ports(console=port, storefront=storefront_port, mailbox=mailbox_port, smtp=smtp_port)
    run_demo(data, host, ports, speed, seed, visitors=visitors)
