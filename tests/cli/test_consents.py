"""`habitue consents` and `habitue suppressions`: one person's proof, the ledger as a file, İYS there and back."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_commands import GIFTSHOP, answered, habitue

from habitue import wire
from habitue.model.event import Event
from habitue.run.playbook_files import read_directory


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Ana of Ankara allowed e-mail and objected to sharing; Ben of Bath allowed it too."""
    data = tmp_path / "data"
    parts = wire.create(data, environ={})
    wire.apply_playbook(parts, read_directory(GIFTSHOP), "tests")

    def did(number: int, user: str, name: str, **more: Any) -> Event:
        mail = {"email": f"{user}@ornek.example"}
        return Event(
            id=str(number), source="shop", type="identify" if name == "Identified" else "track", name=name,
            occurred_at=parts.clock.now(), user_id=user, identifiers=mail, context=more.pop("context", {}),
            traits=mail | more if name == "Identified" else {}, properties={} if name == "Identified" else more,
        )  # fmt: skip

    said = {"channel": "email", "source": "=sign-up form", "text": "Yes, write to me."}
    parts.log.append(
        [
            did(1, "ana", "Identified", country="TR"),
            did(2, "ana", "Consent Granted", **said, context={"ip": "192.0.2.1", "gpc": True}),
            did(3, "ben", "Identified", country="GB"),
            did(4, "ben", "Consent Granted", **said),
        ]
    )
    absorb(parts)
    return data


def absorb(parts: wire.Parts) -> None:
    crank = parts.crank()
    while crank.turn(100).records:
        pass
    parts.close()


def test_one_persons_consents_are_shown_with_their_proof(data: Path) -> None:
    shown = answered("consents", "show", "ana", data=data)
    assert shown["consents"]["email"]["state"] == "given"
    assert shown["consents"]["sharing_objected_at"]
    states = {(word["channel"], word["state"]) for word in shown["words"]}
    assert states == {("email", "granted"), ("ads", "denied")}
    assert {word["text"] for word in shown["words"]} == {"Yes, write to me."}
    told = habitue("consents", "show", "ana", data=data).stdout
    assert "objected to" in told
    assert "Yes, write to me." in told


def test_a_pause_is_shown_as_long_as_it_lasts(data: Path) -> None:
    def says(name: str, **properties: Any) -> None:
        parts = wire.open_existing(data)
        now = parts.clock.now()
        event = Event(
            id=f"{name}{now}", source="shop", type="track", name=name, occurred_at=now, user_id="ben",
            properties=properties,
        )  # fmt: skip
        parts.log.append([event])
        absorb(parts)

    says("Messages Paused", days=30)
    assert answered("consents", "show", "ben", data=data)["consents"]["paused_until"]
    assert "until" in habitue("consents", "show", "ben", data=data).stdout
    assert "paused until" in habitue("people", "show", "ben", data=data).stdout
    says("Messages Resumed")
    assert answered("consents", "show", "ben", data=data)["consents"]["paused_until"] is None
    assert "until" not in habitue("consents", "show", "ben", data=data).stdout


def test_the_ledger_is_written_as_json_lines_and_as_csv(data: Path, tmp_path: Path) -> None:
    lines = habitue("consents", "export", data=data).stdout.splitlines()
    assert len(lines) == 3
    assert {json.loads(line)["state"] for line in lines} == {"granted", "denied"}
    out = tmp_path / "ledger.csv"
    assert habitue("consents", "export", "--format", "csv", "--out", out, data=data).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert [row["address"] for row in rows if row["channel"] == "email"] == ["ana@ornek.example", "ben@ornek.example"]
    assert rows[0]["source"] == "'=sign-up form"  # No formula.
    assert len(habitue("consents", "export", "--person", "ben", data=data).stdout.splitlines()) == 1
    assert habitue("consents", "export", "--since", "2999-01-01", data=data).stdout == ""


def test_iys_gets_who_lives_in_turkiye_and_its_refusals_come_back(data: Path, tmp_path: Path) -> None:
    [row] = json.loads(habitue("consents", "export", "--format", "iys", data=data).stdout)
    assert set(row) == {"type", "source", "recipient", "status", "consentDate", "recipientType"}
    assert (row["recipient"], row["status"], row["source"]) == ("ana@ornek.example", "ONAY", "HS_WEB")

    answer = tmp_path / "changes.json"
    answer.write_text(json.dumps({"list": [row | {"status": "RET", "transactionId": "t1"}]}), encoding="utf-8")
    assert answered("consents", "import", answer, data=data)["events"] == 1
    assert answered("consents", "import", answer, data=data)["events"] == 0
    absorb(wire.open_existing(data))
    assert answered("consents", "show", "ana", data=data)["consents"]["email"]["state"] == "refused"
    assert len(json.loads(habitue("consents", "export", "--format", "iys", data=data).stdout)) == 1


def test_no_consent_is_taken_in_for_a_suppressed_address(data: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("email,when\nZoe@ornek.example,2020\n\nyan@ornek.example\n", encoding="utf-8")
    assert answered("suppressions", "import", listed, "--why", "erased", data=data) == {"read": 2, "added": 2}
    assert answered("suppressions", "count", data=data) == [{"channel": "email", "why": "erased", "addresses": 2}]
    row = {"recipient": "zoe@ornek.example", "type": "EPOSTA", "status": "ONAY", "consentDate": "2026-01-01 10:00:00"}
    answer = tmp_path / "changes.json"
    answer.write_text(json.dumps([row]), encoding="utf-8")
    assert answered("consents", "import", answer, data=data)["suppressed"] == 1
    assert answered("suppressions", "check", "ZOE@ornek.example", data=data) == {"suppressed": True, "why": "erased"}
    assert habitue("suppressions", "remove", "zoe@ornek.example", data=data).exit_code == 0
    assert not answered("suppressions", "check", "zoe@ornek.example", data=data)["suppressed"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("consents", "export", "--format", "xml"),
        ("consents", "export", "--since", "yesterday"),
        ("consents", "import", "nowhere.json"),
        ("suppressions", "import", "nowhere.csv"),
        ("suppressions", "remove", "nobody@ornek.example"),
    ],
)
def test_a_mistake_is_said_and_not_traced(arguments: tuple[str, ...], data: Path) -> None:
    result = habitue(*arguments, data=data)
    assert result.exit_code == 1
    assert str(result.exception)
