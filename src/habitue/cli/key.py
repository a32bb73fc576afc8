"""`habitue key`: write keys, which say where events come from."""

from __future__ import annotations

from typing import Annotated

import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import moment, print_json, say, show

app = typer.Typer(help="Write keys, which say where events come from.", no_args_is_help=True)


@app.command()
def create(
    source: Annotated[str, typer.Argument(help="What the key is for, such as shop or app.")] = "shop",
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Make a write key for a source. It is public: browsers carry it."""
    parts = wire.create(data, config)
    made = parts.keys.create(source, parts.clock.now())
    if as_json:
        print_json({"key": made.key, "source": made.source})
    else:
        say(made.key)


@app.command("list")
def list_keys(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """List all write keys, withdrawn ones too."""
    rows = [
        {
            "key": key.key,
            "source": key.source,
            "created_at": moment(key.created_at),
            "revoked_at": moment(key.revoked_at),
        }
        for key in wire.create(data, config).keys.all()
    ]
    show(rows, as_json=as_json, empty="There are no write keys; `habitue key create SOURCE` makes one.")


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The key to withdraw.")], data: Data = DATA, config: Config = None
) -> None:
    """Withdraw a write key: within seconds, events with it are refused."""
    parts = wire.create(data, config)
    parts.keys.revoke(key, parts.clock.now())
    say(f"{key} is withdrawn.")
