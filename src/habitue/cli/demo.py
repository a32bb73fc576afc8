"""`habitue demo`: a living shop, to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from habitue.cli.options import Data
from habitue.cli.serve import Speed

PortNumber = Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free port.")]


def demo(
    data: Data = Path(".demo"),
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: PortNumber = 8080,
    storefront_port: PortNumber = 8081,
    mailbox_port: PortNumber = 8025,
    smtp_port: PortNumber = 8026,
    speed: Speed = 60.0,
    seed: Annotated[int, typer.Option(help="The same seed brings the same visitors.")] = 1,
    visitors: Annotated[bool, typer.Option(help="Whether simulated visitors come.")] = True,
) -> None:
    """Run a living shop on this machine: real orders, a storefront, a mailbox, simulated visitors. Ctrl-C ends it."""
    from habitue.demo.run import Ports, run_demo

    ports = Ports(console=port, storefront=storefront_port, mailbox=mailbox_port, smtp=smtp_port)
    run_demo(data, host, ports, speed, seed, visitors=visitors)
