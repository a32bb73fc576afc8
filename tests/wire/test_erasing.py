"""An erased person is gone: no byte of any file in the data directory names her, and a receipt says what went."""

from __future__ import annotations

import asyncio
import pkgutil
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
from tests.decide.world import PLAYBOOK

from habitue import wire
from habitue.channels.onsite.page import PageChannel
from habitue.model.change import Told
from habitue.model.customer import customer_id
from habitue.model.event import Event
from habitue.model.instant import DAY, MINUTE, SECOND
from habitue.run.outbox import Outbox
from habitue.run.ports import DeadLetter
from habitue.run.proof import prove
from habitue.store.archive import Archive
from habitue.store.memory import MemoryStore
from habitue.wire import privacy
from habitue.wire.erasing import Cleaner, clean_deliveries
from habitue.wire.parts import Parts

NOON = 1_779_969_600 * SECOND
EMAIL, NAME, PHONE, DEVICE = "ana.quixote@example.com", "Ana Quixotesdottir", "+442079460123", "phone-of-ana-77"
USER = "customer-ana-4711"
ANA = customer_id("user", USER)
SECRETS = [EMAIL, NAME, PHONE, DEVICE, USER, ANA, customer_id("anonymous", DEVICE), customer_id("email", EMAIL)]
FILES = {
    "playbook.yaml": PLAYBOOK,
    "messages/note.yaml": "message: note\ntitle: Note\ntopic: offers\nduplicate_within: 1s\n"
    "onsite: {type: banner, title: 'Hello {{ customer.name }}', body: 'Come back'}\n",
    "segments.yaml": 'keen: {title: Keen, condition: \'count("Product Viewed", within="9d") >= 1\'}\n',
    "journeys/looked.yaml": "journey: looked\ntitle: Looked\nentry: {event: Product Viewed}\nreentry: always\n"
    "steps: [{send: note}, {wait: 3d}, {send: note}]\n",
}


class Clock:
    def __init__(self) -> None:
        self.instant = NOON

    def now(self) -> int:
        return self.instant


class Shop:
    """A data directory whose processes take turns in this one; `crash` ends them as a power cut would."""

    def __init__(self, data: Path, *, begin: bool = True) -> None:
        self.data = data
        self.clock = Clock()
        self.number = 0
        self.open()
        if begin:
            wire.apply_playbook(self.parts, FILES, "test")
            self.settle()

    def open(self) -> None:
        self.parts = wire.create(self.data, environ={})
        self.parts.__dict__["clock"] = self.clock
        self.archive = Archive(self.data / "archive", rows_max=50)

    def close(self) -> None:
        self.archive.close()
        self.parts.close()

    def happens(self, name: str, who: str | None, device: str | None = None, **more: object) -> None:
        self.number += 1
        event = Event(
            id=f"m{self.number}",
            source="web",
            type="identify" if name == "Identified" else "track",
            name=name,
            occurred_at=self.clock.now(),
            user_id=who,
            anonymous_id=device,
            **more,  # type: ignore[arg-type]
        )
        self.parts.log.append([event])
        self.clock.instant += MINUTE

    def settle(self) -> None:
        """Decide, hand over, archive, until there is nothing to do."""
        crank = self.parts.crank()
        for _ in range(3):
            while crank.turn(100, self.clock.now()).records:
                pass
            outbox = Outbox(
                store=self.parts.store,
                deliveries=self.parts.deliveries,
                log=self.parts.log,
                clock=self.clock,
                channels={"onsite": PageChannel()},
                content=self.parts.renderer,
            )
            asyncio.run(outbox.run_once())
            self.archive.once(self.parts.log, self.parts.view, self.parts.deliveries)

    def carry_out(self) -> None:
        clean_deliveries(self.parts)
        cleaner = Cleaner(self.parts, self.archive)
        while cleaner.step():
            pass
        self.settle()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, int]:
    """Ana on her phone and signed in, with messages and a dead letter; Ben, who once used her phone; forty others."""
    shop = Shop(tmp_path_factory.mktemp("lived") / "data")
    looks = {"properties": {"product_id": "p1", "price": 10}}
    for turn in range(40):
        shop.happens("Product Viewed", f"other-{turn}", f"device-{turn}", **looks)
    shop.happens("Product Viewed", None, DEVICE, **looks)
    known = {"traits": {"email": EMAIL, "name": NAME, "phone": PHONE}, "identifiers": {"email": EMAIL, "phone": PHONE}}
    shop.happens("Identified", USER, DEVICE, **known)
    shop.happens("Consent Granted", USER, properties={"channel": "email", "text": "Write to me"})
    shop.settle()
    for turn in range(30):
        shop.happens("Product Viewed", USER, **looks)
        shop.happens("Product Viewed", f"other-{turn}", **looks)
        if turn % 10 == 0:
            shop.settle()
    shop.happens("Product Viewed", "ben", DEVICE, **looks)
    for email in (EMAIL, "ben@example.com"):
        body = f'{{"email": "{email}"}}'
        shop.parts.log.append([], [DeadLetter(source="web", reason="too_large", detail="", body=body)])
    shop.clock.instant += 3 * DAY
    shop.settle()
    shop.close()
    return shop.data, shop.clock.instant, shop.number


@pytest.fixture
def shop(lived: tuple[Path, int, int], tmp_path: Path) -> Iterator[Shop]:
    data, now, number = lived
    shutil.copytree(data, tmp_path / "data")
    shop = Shop(tmp_path / "data", begin=False)
    shop.clock.instant, shop.number = now, number
    yield shop
    shop.close()


def mentions(data: Path) -> dict[str, int]:
    return bytes_naming(data, SECRETS)


def bytes_naming(data: Path, texts: Sequence[str]) -> dict[str, int]:
    """File → how often its bytes hold one of these; of Parquet also what is packed in it, and its statistics."""
    found = {}
    for path in data.rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if path.suffix == ".parquet":
            with pq.ParquetFile(path) as file:
                content += str(file.read().to_pydict()).encode() + str(file.metadata.to_dict()).encode()
        count = sum(content.count(text.encode()) for text in texts)
        if count:
            found[str(path.relative_to(data))] = count
    return found


def test_no_byte_of_any_file_names_her(shop: Shop) -> None:
    before = mentions(shop.data)
    assert {"log.db", "state.db", "deliveries.db"} <= {name.removesuffix("-wal") for name in before}
    assert any(name.startswith("archive/events") for name in before)
    assert any(name.startswith("archive/deliveries") for name in before)
    number = privacy.request_erasure(shop.parts, ANA, "test")
    shop.settle()
    shop.carry_out()
    assert mentions(shop.data) == {}
    receipt = privacy.receipt(shop.parts, number)
    assert receipt.finished_at is not None
    lines = {(one.place, one.what): one.count for one in receipt.destroyed}
    assert lines["log", "events"] >= 32
    assert lines["log", "dead letters"] == 1
    assert lines["state", "decisions"] >= 5
    assert lines["state", "consents"] == 1
    assert lines["deliveries", "deliveries"] >= 1
    assert lines["archive", "events"] >= 32


def test_rows_that_wait_in_an_import_that_was_cut_off_go_too(shop: Shop) -> None:
    places = shop.data / "imports"
    places.mkdir()
    for name, waiting in (("hers.place", EMAIL), ("hers.draft", PHONE), ("another.place", "ben@example.com")):
        (places / name).write_bytes(b"\x81\xa7waiting" + waiting.encode())
    number = privacy.request_erasure(shop.parts, ANA, "test")
    shop.settle()
    shop.carry_out()
    assert mentions(shop.data) == {}
    assert [path.name for path in places.iterdir()] == ["another.place"]
    lines = {(one.place, one.what): one.count for one in privacy.receipt(shop.parts, number).destroyed}
    assert lines["files", "places of imports"] == 2


def test_the_catalogue_forgets_whom_it_told_last_of_a_change(shop: Shop) -> None:
    shop.parts.catalog.tell(Told(1, 100, (NOON, ANA)))
    shop.parts.catalog.tell(Told(2))
    assert "catalog.db-wal" in mentions(shop.data)
    privacy.request_erasure(shop.parts, ANA, "test")
    shop.settle()
    shop.carry_out()
    assert mentions(shop.data) == {}


def test_the_others_are_as_they_were(shop: Shop) -> None:
    ben = shop.parts.view.person(customer_id("user", "ben"))
    people, events = shop.parts.view.people_count(), shop.parts.log.position()
    privacy.request_erasure(shop.parts, ANA, "test")
    shop.settle()
    shop.carry_out()
    assert shop.parts.view.person(customer_id("user", "ben")) == ben
    assert shop.parts.view.people_count() == people - 1
    assert shop.parts.log.position() == events + 1
    [letter] = shop.parts.log.dead_letters()
    assert "ben" in letter.body
    rows = pq.ParquetDataset(shop.data / "archive" / "events").read(columns=["position"]).num_rows
    assert rows == events + 2
    assert proved(shop.parts) >= 39


def proved(parts: Parts) -> int:
    """How many customers are proved to be what the log says."""
    versions = [
        (str(row["name"]), parts.playbooks.playbook(row["version"]) or {})
        for row in reversed(parts.playbooks.playbooks())
    ]
    found = prove(parts.log, parts.store, parts.view, MemoryStore(), versions, parts.load, gaps=privacy.gaps(parts))
    assert found.states_differing == []
    assert found.decisions_differing == []
    return found.customers


def test_she_comes_back_as_somebody_new_and_old_events_do_not(shop: Shop) -> None:
    privacy.request_erasure(shop.parts, ANA, "test")
    shop.settle()
    shop.happens("Product Viewed", USER, DEVICE, properties={"product_id": "p2"})
    shop.settle()
    shop.carry_out()
    shop.number = 41  # Her client sends again what it had sent: the same ids.
    shop.happens("Identified", USER, DEVICE, traits={"email": EMAIL})
    shop.settle()
    state = shop.parts.view.person(ANA)
    assert state is not None
    person = privacy.load(shop.parts, ANA)
    assert person is not None
    assert (person.traits, [view.product for view in person.viewed]) == ({}, ["p2"])
    assert len(shop.parts.deliveries.list(customers=[ANA])) == 1
    assert proved(shop.parts) >= 39


class PowerCut(Exception):
    """The machine went dark."""


@pytest.mark.parametrize(
    "moment",
    [
        "habitue.store.sqlite.log.SqliteLog.rewrite",
        "habitue.store.sqlite.log.SqliteLog.drop_dead_letters",
        "habitue.store.sqlite.deliveries.SqliteDeliveries.forget",
        "habitue.store.sqlite.privacy.PrivacyFile.mark_done",
        "habitue.store.sqlite.privacy.PrivacyFile.finish",
        "habitue.store.archive.archive.Archive.forget",
        "habitue.store.sqlite.sweeping.truncate",
        "habitue.store.sqlite.state.SqliteStore.commit",
    ],
)
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_an_erasure_goes_on_after_a_crash(shop: Shop, monkeypatch: pytest.MonkeyPatch, moment: str, done: bool) -> None:
    number = privacy.request_erasure(shop.parts, ANA, "test")
    with monkeypatch.context() as patch:
        patch.setattr(moment, cut(moment, done))
        with pytest.raises(PowerCut):
            shop.settle()
            shop.carry_out()
    shop.close()
    shop.open()
    shop.settle()
    shop.carry_out()
    assert privacy.receipt(shop.parts, number).finished_at is not None
    assert mentions(shop.data) == {}


def cut(moment: str, done: bool) -> Callable[..., object]:
    real = pkgutil.resolve_name(moment)

    def dark(*arguments: object, **named: object) -> object:
        if done:
            real(*arguments, **named)
        raise PowerCut

    return dark


def test_a_person_is_exported_with_all_that_is_known_of_her(shop: Shop) -> None:
    files: dict[str, bytes] = {}
    for name, piece in privacy.export(shop.parts, ANA, "test"):
        files[name] = files.get(name, b"") + piece
    tables = {name: msgspec.json.decode(content) for name, content in files.items()}
    profile = {row["name"]: row["value"] for row in tables["profile.json"]}
    assert profile["traits"]["email"] == EMAIL
    assert len(tables["events.json"]) >= 32
    assert {event["anonymous_id"] for event in tables["events.json"]} == {DEVICE, None}
    assert tables["decisions.json"]
    assert [word["text"] for word in tables["consent_ledger.json"]] == ["Write to me"]
    assert tables["messages.json"][0]["content"]["title"] == f"Hello {NAME}"
    assert tables["messages.json"][0]["data"]["customer"]["email"] == EMAIL
    assert tables["segments.json"] == [{"segment": "keen", "since": tables["segments.json"][0]["since"]}]
    assert [act.what for act in privacy.audit(shop.parts)] == ["data exported"]


def test_what_is_exported_is_no_formula(shop: Shop) -> None:
    shop.happens("Identified", USER, traits={"name": '=HYPERLINK("https://mallory.example")'})
    shop.happens("=cmd", USER)
    shop.settle()
    content = b"".join(piece for name, piece in privacy.export(shop.parts, ANA, "test", "csv") if name == "events.csv")
    assert b"'=cmd" in content
    assert b",=cmd" not in content


def test_the_audit_trail_is_only_ever_added_to(shop: Shop) -> None:
    privacy.request_erasure(shop.parts, ANA, "olga")
    with pytest.raises(Exception, match="not changed"), shop.parts.privacy._database.write() as connection:
        connection.execute("UPDATE audit SET actor = 'nobody'")
    with pytest.raises(Exception, match="not deleted"), shop.parts.privacy._database.write() as connection:
        connection.execute("DELETE FROM audit")


def test_her_address_stays_suppressed(shop: Shop) -> None:
    privacy.request_erasure(shop.parts, ANA, "test")
    shop.settle()
    shop.carry_out()
    assert shop.parts.suppressions.find("email", EMAIL) == "erased"
    assert shop.parts.suppressions.find("email", "ben@example.com") is None


def test_several_people_are_erased_in_one_pass(shop: Shop) -> None:
    numbers = [privacy.request_erasure(shop.parts, customer_id("user", f"other-{one}"), "test") for one in (1, 2)]
    shop.settle()
    shop.carry_out()
    for number in numbers:
        lines = {(one.place, one.what): one.count for one in privacy.receipt(shop.parts, number).destroyed}
        assert lines["log", "events"] >= 2
    assert shop.parts.view.person(customer_id("user", "other-3")) is not None
    assert proved(shop.parts) >= 39


def test_asked_twice_is_one_erasure(shop: Shop) -> None:
    assert privacy.request_erasure(shop.parts, ANA, "a") == privacy.request_erasure(shop.parts, ANA, "b")
    shop.clock.instant += DAY
    shop.settle()
    shop.carry_out()
    assert len(privacy.receipts(shop.parts)) == 1
    assert privacy.receipts_of(shop.parts, ANA)[0].number == 1
