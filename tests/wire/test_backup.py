"""Backup and restore: what comes back is whole, proves itself, sends nothing twice and brings nobody erased back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient
from tests.crash.system import _batch

from habitue import wire
from habitue.errors import HabitueError
from habitue.model.customer import customer_id
from habitue.model.delivery import DeliveryState
from habitue.model.instant import HOUR
from habitue.model.rendered import Rendered
from habitue.run import clock
from habitue.run.outbox import BEFORE_RESTORE, Outbox
from habitue.run.playbook_files import read_directory
from habitue.run.ports import Accepted, Handover
from habitue.run.ports.sending import Start
from habitue.run.proof import prove
from habitue.store.memory import MemoryStore
from habitue.wire import Parts, backup, privacy
from habitue.wire.backup import BackupProblem
from habitue.wire.backup.manifest import file_of
from habitue.wire.site import application

PLAYBOOK = Path(__file__).parent.parent / "crash" / "playbook"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Parts]:
    """Ana and Ben ordered; two letters wait for each."""
    (tmp_path / "data").mkdir()
    clock.start(tmp_path / "data")
    parts = wire.create(tmp_path / "data", environ={})
    parts.accounts.users()
    assert parts.privacy and parts.suppressions and parts.catalog and parts.api and parts.secret
    parts.keys.create("shop", parts.clock.now())
    wire.apply_playbook(parts, read_directory(PLAYBOOK), "test")
    for name in ("ana", "ben"):
        tell(parts, name)
    yield parts
    parts.close()


class AllAccepted:
    """A mail server that takes everything."""

    async def hand_over(self, delivery: str, address: str, content: Rendered, start: Start) -> Handover:
        start()
        return Accepted("250 taken")

    async def close(self) -> None:
        """Nothing is open."""


def tell(parts: Parts, name: str) -> None:
    """An order comes in by the road of every client."""
    key = parts.keys.all()[0].key
    with TestClient(application(parts)) as client:
        assert client.post("/v1/batch", json={"batch": _batch(name)}, auth=(key, "")).status_code == 200


def decide(parts: Parts) -> None:
    crank = parts.crank()
    while any(crank.turn(1_000, parts.clock.now())):
        pass


def take_in(parts: Parts) -> None:
    effects = parts.store.effects(parts.deliveries.cursor(), 1_000)
    parts.deliveries.take_in(effects, parts.clock.now())


def holds(parts: Parts) -> bool:
    versions = [
        (row["name"], parts.playbooks.playbook(row["version"]) or {}) for row in reversed(parts.playbooks.playbooks())
    ]
    return prove(
        parts.log, parts.store, parts.view, MemoryStore(), versions, parts.load, gaps=privacy.gaps(parts)
    ).holds


def test_what_is_restored_is_what_was(shop: Parts, tmp_path: Path) -> None:
    decide(shop)
    take_in(shop)
    backup.make(shop, tmp_path / "copy")
    backup.restore(tmp_path / "copy", tmp_path / "new", nothing_sent_since=True)
    again = wire.open_existing(tmp_path / "new")
    assert list(again.log.scan()) == list(shop.log.scan())
    assert [key.key for key in again.keys.all()] == [key.key for key in shop.keys.all()]
    assert again.secret == shop.secret
    assert holds(again)
    again.close()


def test_a_log_that_ran_ahead_of_the_state_is_caught_up_with(shop: Parts, tmp_path: Path) -> None:
    decide(shop)
    tell(shop, "cleo")
    manifest = backup.make(shop, tmp_path / "copy")
    assert manifest.state_position < manifest.log_position
    backup.restore(tmp_path / "copy", tmp_path / "new")
    again = wire.open_existing(tmp_path / "new")
    decide(again)
    assert again.store.position() == again.log.position()
    assert again.view.person(customer_id("user", "customer-cleo")) is not None
    assert holds(again)
    again.close()


def test_effects_that_come_in_another_order_after_a_restore_are_all_taken_in(shop: Parts, tmp_path: Path) -> None:
    """The outbox had come further than the state of the backup: it asks again from there, and knows what it knows."""
    decide(shop)
    take_in(shop)
    backup.make(shop, tmp_path / "copy")
    before = wire.open_existing(tmp_path / "copy")
    behind = before.deliveries.cursor()
    before.deliveries._database._writer.execute("UPDATE progress SET cursor = cursor + 50")
    before.close()
    _seal_again(tmp_path / "copy")
    backup.restore(tmp_path / "copy", tmp_path / "new")
    again = wire.open_existing(tmp_path / "new")
    assert again.deliveries.cursor() == behind
    again.close()


def test_what_may_have_gone_out_since_the_backup_is_not_sent_again(shop: Parts, tmp_path: Path) -> None:
    decide(shop)
    take_in(shop)
    tell(shop, "cleo")  # Decided after the restore, and before it by the system the backup is of.
    backup.make(shop, tmp_path / "copy")
    backup.restore(tmp_path / "copy", tmp_path / "new")
    again = wire.open_existing(tmp_path / "new")
    decide(again)
    states = _sent(again)
    assert states.count((DeliveryState.UNKNOWN, BEFORE_RESTORE)) >= 3
    restored_at = backup.sent_until(again.data)
    for _, delivery in again.deliveries.list(limit=1_000):
        effect = again.deliveries.effect(delivery.id)
        assert effect is not None
        assert delivery.state is DeliveryState.UNKNOWN or effect.at >= restored_at
    again.close()


def test_a_restore_killed_the_moment_it_is_in_place_sends_nothing_again(
    shop: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup.make(shop, tmp_path / "copy")
    put = Path.replace

    def killed(self: Path, target: Path) -> None:
        put(self, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        backup.restore(tmp_path / "copy", tmp_path / "new")
    assert backup.sent_until(tmp_path / "new") > 0


def test_where_nothing_was_sent_since_what_waits_goes_out(shop: Parts, tmp_path: Path) -> None:
    decide(shop)
    take_in(shop)
    backup.make(shop, tmp_path / "copy")
    backup.restore(tmp_path / "copy", tmp_path / "new", nothing_sent_since=True)
    again = wire.open_existing(tmp_path / "new")
    assert {state for state, _ in _sent(again)} == {DeliveryState.ACCEPTED}
    again.close()


def test_who_was_erased_after_the_backup_is_erased_again(shop: Parts, tmp_path: Path) -> None:
    decide(shop)
    backup.make(shop, tmp_path / "copy")
    ana = customer_id("user", "customer-ana")
    privacy.request_erasure(shop, ana, "test")
    decide(shop)
    restored = backup.restore(tmp_path / "copy", tmp_path / "new", survivor=shop.data)
    assert restored.erased_again == 1
    again = wire.open_existing(tmp_path / "new")
    assert again.suppressions.find("email", "customer-ana@example.com") == "erased"
    decide(again)
    assert again.view.person(ana) is None
    assert again.view.person(customer_id("user", "customer-ben")) is not None
    again.close()


def test_without_a_survivor_nobody_claims_to_know_who_was_erased(shop: Parts, tmp_path: Path) -> None:
    backup.make(shop, tmp_path / "copy")
    assert backup.restore(tmp_path / "copy", tmp_path / "new").erased_again is None


@pytest.mark.parametrize("name", ["log.db", "state.db", "keys.db", "secret"])
def test_a_backup_that_changed_since_is_refused(shop: Parts, tmp_path: Path, name: str) -> None:
    backup.make(shop, tmp_path / "copy")
    path = tmp_path / "copy" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(BackupProblem, match=f"{name}: is not as it was written"):
        backup.restore(tmp_path / "copy", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_backup_that_was_cut_off_is_refused(shop: Parts, tmp_path: Path) -> None:
    backup.make(shop, tmp_path / "copy")
    (tmp_path / "copy" / backup.MANIFEST_FILE).unlink()
    with pytest.raises(BackupProblem, match="no whole backup"):
        backup.restore(tmp_path / "copy", tmp_path / "new")


def test_a_damaged_database_makes_no_backup(shop: Parts, tmp_path: Path) -> None:
    shop.log.close()
    path = shop.data / "log.db"
    content = bytearray(path.read_bytes())
    content[4096:4136] = b"\x55" * 40
    path.write_bytes(content)
    with pytest.raises(BackupProblem, match=r"is damaged|cannot be copied"):
        backup.make(shop, tmp_path / "copy")
    with pytest.raises(BackupProblem, match="no whole backup"):
        backup.verify(tmp_path / "copy")


def test_a_backup_is_not_written_over_another(shop: Parts, tmp_path: Path) -> None:
    backup.make(shop, tmp_path / "copy")
    with pytest.raises(BackupProblem, match="is not empty"):
        backup.make(shop, tmp_path / "copy")


def test_a_backup_is_not_restored_over_a_data_directory(shop: Parts, tmp_path: Path) -> None:
    backup.make(shop, tmp_path / "copy")
    with pytest.raises(BackupProblem, match="is not empty"):
        backup.restore(tmp_path / "copy", shop.data)


def test_a_backup_is_for_its_own_account(shop: Parts, tmp_path: Path) -> None:
    backup.make(shop, tmp_path / "copy")
    backup.restore(tmp_path / "copy", tmp_path / "new")
    for folder in (tmp_path / "copy", tmp_path / "new"):
        assert [path for path in [folder, *folder.rglob("*")] if path.stat().st_mode & 0o077] == []


def test_the_newest_backup_is_known_and_too_old_a_one_is_an_alarm(shop: Parts, tmp_path: Path) -> None:
    assert backup.written_at(shop.data) is None
    manifest = backup.make(shop, tmp_path / "copy")
    assert backup.written_at(shop.data) == (manifest.made_at, str(tmp_path / "copy"))
    assert shop.clock.now() - manifest.made_at < HOUR


def _seal_again(folder: Path) -> None:
    """Take the changed files for what was written."""
    manifest = backup.read_manifest(folder)
    for left in folder.glob("*.db-*"):
        left.unlink()
    files = [file_of(folder, file.name) for file in manifest.files]
    (folder / backup.MANIFEST_FILE).write_bytes(msgspec.json.encode(msgspec.structs.replace(manifest, files=files)))


def _sent(parts: Parts) -> list[tuple[DeliveryState, str | None]]:
    """What became of each letter, once the outbox had its turn with a mail server that takes everything."""
    outbox = Outbox(
        store=parts.store,
        deliveries=parts.deliveries,
        log=parts.log,
        clock=parts.clock,
        channels={"email": AllAccepted()},
        content=parts.renderer,
        sent_until=backup.sent_until(parts.data),
    )

    async def work() -> None:
        while await outbox.run_once():
            pass

    asyncio.run(work())
    return [
        (delivery.state, delivery.detail)
        for _, delivery in parts.deliveries.list(limit=1_000)
        if delivery.channel == "email"
    ]


def test_a_note_of_a_restore_that_cannot_be_read_is_told(shop: Parts) -> None:
    (shop.data / "restored.json").write_bytes(b"{")
    with pytest.raises(HabitueError, match="restore the backup again"):
        backup.sent_until(shop.data)
