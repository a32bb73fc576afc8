"""`habitue api-key`: keys for programs, and what each may do."""

from __future__ import annotations

from typing import Annotated

import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import moment, print_json, say, show
from habitue.errors import HabitueError
from habitue.model.api_key import SENTENCES, Scope

app = typer.Typer(help="API keys, with which programs read and write.", no_args_is_help=True)

EVERYTHING = "all"


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for, such as crm; also the source of its events.")],
    scope: Annotated[
        list[str],
        typer.Option("--scope", help=f"What it may do; several times. One of {', '.join(Scope)}, or {EVERYTHING}."),
    ],
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Make an API key. Its token is shown this once and kept nowhere."""
    parts = wire.create(data, config)
    key, token = parts.api.create_key(name, _scopes(scope), parts.clock.now())
    if as_json:
        print_json({"id": key.id, "name": key.name, "scopes": list(key.scopes), "token": token})
    else:
        say(token)


@app.command("list")
def list_keys(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """List all API keys, withdrawn ones too, without their tokens."""
    rows = [
        {
            "id": key.id,
            "name": key.name,
            "token": f"{key.hint}…",
            "scopes": list(key.scopes),
            "created_at": moment(key.created_at),
            "last_used_at": moment(key.last_used_at),
            "withdrawn_at": moment(key.withdrawn_at),
        }
        for key in wire.create(data, config).api.all_keys()
    ]
    show(rows, as_json=as_json, empty="There are no API keys; `habitue api-key create NAME --scope …` makes one.")


@app.command()
def withdraw(
    key: Annotated[str, typer.Argument(metavar="ID", help="The id of the key, as `habitue api-key list` shows it.")],
    data: Data = DATA,
    config: Config = None,
) -> None:
    """Withdraw an API key: within seconds it opens nothing any more."""
    parts = wire.create(data, config)
    parts.api.withdraw_key(key, parts.clock.now())
    say(f"{key} is withdrawn.")


def _scopes(given: list[str]) -> list[Scope]:
    if EVERYTHING in given:
        return list(Scope)
    unknown = [scope for scope in given if scope not in set(Scope)]
    if unknown:
        known = "; ".join(f"{scope.value} – {SENTENCES[scope]}" for scope in Scope)
        raise HabitueError(f'"{unknown[0]}" is no scope; expected {EVERYTHING} or some of: {known}')
    return [Scope(scope) for scope in given]
