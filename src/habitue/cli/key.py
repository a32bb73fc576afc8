"""`habitue key`: write keys, which say where events come from, and the secrets webhooks are signed with."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import moment, print_json, say, show
from habitue.model.source import KINDS
from habitue.model.trust import PUBLIC
from habitue.store.keys import KeyProblem

app = typer.Typer(help="Write keys, which say where events come from.", no_args_is_help=True)

_ASKED = "what the webhooks are signed with"
Secret = Annotated[
    str | None,
    typer.Option(
        envvar="HABITUE_SECRET",
        help=f"For shopify and woocommerce: {_ASKED}. Asked for when not given; a command line is seen by others.",
    ),
]


@app.command()
def create(
    source: Annotated[str, typer.Argument(help="What the key is for, such as shop or app.")] = "shop",
    kind: Annotated[str | None, typer.Option(help=f"What it is: {', '.join(KINDS)}.")] = None,
    secret: Secret = None,
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Make a write key for a source. A browser's or an app's is public, a server's is a secret of the shop's."""
    if kind is None:
        raise KeyProblem(
            "say with --kind what sends with the key, since that decides how far it is believed: "
            "`--kind browser` for pages, `--kind app` for an app, `--kind server` for a program whose key stays secret"
        )
    parts = wire.create(data, config)
    wanted = KINDS[kind].secret if kind in KINDS else "none"
    is_ours = secret is None and wanted == "either"
    if is_ours:
        secret = secrets.token_urlsafe(32)
    elif secret is None and wanted == "theirs":
        secret = typer.prompt(_ASKED.capitalize(), hide_input=True)
    made = parts.keys.create(source, parts.clock.now(), kind=kind, secret=secret)
    address = f"{parts.public_url}/webhooks/{kind}/{made.key}" if made.has_secret else ""
    if as_json:
        print_json(
            {"key": made.key, "source": made.source, "kind": made.kind}
            | ({"address": address} if address else {})
            | ({"secret": secret} if is_ours else {})
        )
        return
    say(made.key)
    if address:
        say(f"Webhooks go to {address}")
    if is_ours:
        say(f"Their secret is {secret} – it is not shown again.")


@app.command("list")
def list_keys(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """List all write keys, withdrawn ones too. Secrets are never shown."""
    rows = [
        {
            "key": key.key,
            "source": key.source,
            "kind": key.kind,
            "created_at": moment(key.created_at),
            "secret_changed_at": moment(key.rotated_at),
            "revoked_at": moment(key.revoked_at),
        }
        for key in wire.create(data, config).keys.all()
    ]
    show(rows, as_json=as_json, empty="There are no write keys; `habitue key create SOURCE` makes one.")


@app.command()
def rotate(
    key: Annotated[str, typer.Argument(help="The key whose secret has changed.")],
    secret: Secret = None,
    data: Data = DATA,
    config: Config = None,
) -> None:
    """Give a key another secret. The one before still counts for a day, until the shop signs with the new one."""
    parts = wire.create(data, config)
    given = typer.prompt(_ASKED.capitalize(), hide_input=True) if secret is None else secret
    parts.keys.rotate(key, given, parts.clock.now())
    say(f"{key} has another secret; the one before counts for a day.")


@app.command()
def secret(
    key: Annotated[str, typer.Argument(help="A key of kind browser or app.")], data: Data = DATA, config: Config = None
) -> None:
    """Print what the shop's server signs user ids with, so that pages and apps can prove who is signed in."""
    parts = wire.create(data, config)
    found = next((one for one in parts.keys.all() if one.key == key and one.revoked_at is None), None)
    if found is None or KINDS[found.kind].level not in PUBLIC:
        raise KeyProblem(f'"{key}" is no key of kind browser or app in use; `habitue key list` shows all keys')
    say(parts.keys.user_secret(key))


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The key to withdraw.")], data: Data = DATA, config: Config = None
) -> None:
    """Withdraw a write key: within seconds, events with it are refused. Its secret is destroyed."""
    parts = wire.create(data, config)
    parts.keys.revoke(key, parts.clock.now())
    say(f"{key} is withdrawn.")
