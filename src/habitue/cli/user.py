"""`habitue user`: who may sign in to the console."""

from __future__ import annotations

from typing import Annotated

import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import say, show
from habitue.console import Accounts
from habitue.console.roles import SENTENCES, Role

app = typer.Typer(help="Who may sign in to the console.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(metavar="EMAIL", help="The email address they sign in with.")]
Password = Annotated[
    str,
    typer.Option(
        envvar="HABITUE_PASSWORD",
        prompt=True,
        confirmation_prompt=True,
        hide_input=True,
        help="At least twelve characters, none others would try first. Asked for when not given; others see commands.",
    ),
]


@app.command()
def create(
    email: Address,
    password: Password,
    name: Annotated[str, typer.Option(help="The name the console greets them with.")] = "",
    role: Annotated[Role | None, typer.Option(help="Default: owner for the first account, marketer after it.")] = None,
    data: Data = DATA,
    config: Config = None,
) -> None:
    """Make an account for the console."""
    user = _accounts(data, config).create_user(email, password, name, role)
    say(f"{user.email} may sign in as {user.role}: {SENTENCES[user.role]}")


@app.command("role")
def change_role(
    email: Address,
    role: Annotated[Role, typer.Argument(help="What the account is for.")],
    data: Data = DATA,
    config: Config = None,
) -> None:
    """Change what an account may open, at once."""
    _accounts(data, config).set_role(email, role)
    say(f"{email} is now {role}: {SENTENCES[role]}")


@app.command()
def password(email: Address, password: Password, data: Data = DATA, config: Config = None) -> None:
    """Give an account a new password; its sessions end."""
    _accounts(data, config).set_password(email, password)
    say(f"{email} has a new password.")


@app.command()
def remove(email: Address, data: Data = DATA, config: Config = None) -> None:
    """Take an account away; its sessions end."""
    _accounts(data, config).remove_user(email)
    say(f"{email} may no longer sign in.")


@app.command("list")
def list_users(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """List the accounts."""
    rows = [
        {"email": user.email, "name": user.name, "role": user.role.value} for user in _accounts(data, config).users()
    ]
    show(rows, as_json=as_json, empty="There are no accounts; `habitue user create EMAIL` makes one.")


def _accounts(data: Data, config: Config) -> Accounts:
    return wire.create(data, config).accounts
