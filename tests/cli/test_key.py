"""`habitue key` for sources that sign: a secret is asked for or made, and shown no second time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from habitue import wire
from habitue.cli import app


def habitue(data: Path, *arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(app, ["key", *arguments, "--data", str(data)], input=given)


def secrets(data: Path, key: str, kind: str) -> tuple[str, ...]:
    parts = wire.create(data, environ={})
    found = parts.keys.signed_source(key, kind, parts.clock.now())
    assert found is not None
    return found[1]


def test_shopifys_secret_is_asked_for_and_not_shown(tmp_path: Path) -> None:
    result = habitue(tmp_path, "create", "gifts", "--kind", "shopify", given="hush\n")
    assert result.exit_code == 0
    key = result.stdout.splitlines()[-2].strip()
    assert result.stdout.splitlines()[-1] == f"Webhooks go to http://127.0.0.1:8080/webhooks/shopify/{key}"
    assert "hush" not in result.stdout + habitue(tmp_path, "list").stdout
    assert secrets(tmp_path, key, "shopify") == ("hush",)


def test_woocommerces_secret_is_made_and_shown_once(tmp_path: Path) -> None:
    made = json.loads(habitue(tmp_path, "create", "gifts", "--kind", "woocommerce", "--json").stdout)
    assert made["address"].endswith(f"/webhooks/woocommerce/{made['key']}")
    assert len(made["secret"]) >= 40
    assert secrets(tmp_path, made["key"], "woocommerce") == (made["secret"],)
    assert made["secret"] not in habitue(tmp_path, "list", "--json").stdout


def test_a_secret_may_come_from_the_environment_and_be_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HABITUE_SECRET", "hush")
    made = json.loads(habitue(tmp_path, "create", "gifts", "--kind", "shopify", "--json").stdout)
    assert "secret" not in made
    monkeypatch.setenv("HABITUE_SECRET", "hush anew")
    assert habitue(tmp_path, "rotate", made["key"]).exit_code == 0
    assert secrets(tmp_path, made["key"], "shopify") == ("hush anew", "hush")


def test_a_key_is_of_no_kind_that_nobody_said(tmp_path: Path) -> None:
    result = habitue(tmp_path, "create", "shop")
    assert result.exit_code == 1
    assert "say with --kind" in str(result.exception or result.output)
    assert wire.create(tmp_path, environ={}).keys.all() == []


def test_what_user_ids_are_signed_with_is_one_per_public_key(tmp_path: Path) -> None:
    keys = [habitue(tmp_path, "create", "shop", "--kind", kind).stdout.strip() for kind in ("browser", "app", "server")]
    first, second = (habitue(tmp_path, "secret", key).stdout.strip() for key in keys[:2])
    assert len({first, second}) == 2
    found = wire.create(tmp_path, environ={}).keys.sender(keys[0])
    assert found is not None
    assert found.user_secret == first.encode()
    assert habitue(tmp_path, "secret", keys[2]).exit_code == 1


def test_a_key_for_pages_needs_no_secret(tmp_path: Path) -> None:
    result = habitue(tmp_path, "create", "shop", "--kind", "browser")
    assert len(result.stdout.split()) == 1
