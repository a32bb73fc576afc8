"""What a new version asks for is counted from the archive, and the decide loop goes on from there."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.decide.world import PLAYBOOK

from habitue import wire
from habitue.cli.looks import fills as fills_look
from habitue.model.customer import customer_id
from habitue.model.event import CUSTOMER_ERASED, PLAYBOOK_APPLIED, Event
from habitue.model.instant import DAY, HOUR
from habitue.run import crank as crank_module
from habitue.run.crank import Crank
from habitue.run.ports import Commit
from habitue.store.archive import Archive
from habitue.store.memory import MemoryStore
from habitue.store.sqlite.fills import SqliteFill, SqliteFills
from habitue.wire import filling
from habitue.wire.erasing import Cleaner, order
from habitue.wire.parts import ARCHIVE_FOLDER, FILLS_FOLDER, Parts

HEAD = {"playbook.yaml": PLAYBOOK}
KEEN = {
    **HEAD,
    "segments.yaml": """
keen: {title: Keen, condition: 'count("Product Viewed", category == "watches", within="30d") >= 2'}
rich: {title: Rich, condition: 'sum("Order Completed", total, within="365d") > 20 and did("Cart Viewed")'}
wide: {title: Wide, condition: 'distinct("Product Viewed", product_id) >= 3 and first("Cart Viewed", cart_id) != None'}
""",
}


class Shop:
    """A data directory whose decide loop and archive are turned by hand."""

    def __init__(self, data: Path) -> None:
        self.parts: Parts = wire.create(data)
        self._chance = random.Random(7)
        self._told = 0
        wire.apply_playbook(self.parts, HEAD, "test")
        self.crank = self.parts.crank()

    def happens(self, count: int) -> None:
        self.parts.log.append([self._event() for _ in range(count)])
        self.decide()

    def _event(self) -> Event:
        chance, now = self._chance, self.parts.clock.now()
        self._told += 1
        number = chance.randrange(20)
        return Event(
            id=f"e{self._told}",
            source="web",
            type="track",
            name=chance.choice(["Product Viewed", "Product Viewed", "Order Completed", "Cart Viewed"]),
            occurred_at=now - chance.choice([0, HOUR, 20 * DAY, 60 * DAY]),
            user_id=f"user{number}" if chance.random() < 0.6 else None,
            anonymous_id=f"device{number}{chance.randrange(2)}",
            properties={
                "category": chance.choice(["watches", "mugs"]),
                "product_id": f"P{chance.randrange(5)}",
                "total": chance.choice([5, 10.5, "7"]),
                "cart_id": f"c{chance.randrange(20)}",
            },
        )

    def decide(self) -> None:
        while any(self.crank.turn(50, self.parts.clock.now())):
            pass

    def archive(self) -> None:
        archive = Archive(self.parts.data / ARCHIVE_FOLDER)
        while archive.once(self.parts.log, self.parts.view, self.parts.deliveries).more:
            pass
        archive.close()

    def fills(self) -> list[str]:
        return sorted(path.name for path in (self.parts.data / FILLS_FOLDER).glob("*"))

    def states(self) -> dict[str, bytes]:
        return self.parts.store.load(list(self.parts.store.customer_ids()))

    def replayed(self) -> dict[str, bytes]:
        """What deciding on the same log again comes to, without a fill."""
        store = MemoryStore()
        for row in reversed(self.parts.playbooks.playbooks()):
            store.save_playbook(row["name"], self.parts.playbooks.playbook(row["version"]) or {}, 0, "test")
        crank = Crank(store, self.parts.log, self.parts.load)
        while crank.turn(1_000).records:
            pass
        crank.finish_adopting()
        return store.load(list(store.customer_ids()))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setattr(filling, "RECORDS_MIN", 1)
    shop = Shop(tmp_path / "data")
    shop.happens(300)
    shop.archive()
    shop.happens(100)  # These are in the log alone.
    yield shop
    shop.parts.close()


def opened(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    real = shop.parts.fills.open

    def open_(name: str) -> SqliteFill | None:
        found.append(name)
        return real(name)

    monkeypatch.setattr(shop.parts.fills, "open", open_)
    return found


def test_what_is_new_is_counted_before_it_is_in_force_and_handed_over(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[int, int]] = []
    names = opened(shop, monkeypatch)
    wire.apply_playbook(shop.parts, KEEN, "test", progress=lambda done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1] > 1
    [file] = shop.fills()
    assert shop.parts.log.named([PLAYBOOK_APPLIED], 0, 10_000)[-1].event.properties["fill"] == file.removesuffix(".db")
    with monkeypatch.context() as patch:
        patch.setattr(shop.parts.log, "at", lambda positions: pytest.fail("the log was read"))
        shop.decide()
    assert names == [file.removesuffix(".db")]
    assert shop.fills() == []
    assert shop.parts.store.adopting() == []
    assert shop.states() == shop.replayed()
    assert set(shop.parts.view.segment_sizes()) == {"keen", "rich", "wide"}


def test_what_happens_while_it_is_counted_counts_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    real = filling._write

    def write(*given: Any) -> str:
        name = real(*given)
        shop.happens(60)
        return name

    monkeypatch.setattr(filling, "_write", write)
    wire.apply_playbook(shop.parts, KEEN, "test")
    shop.happens(60)
    assert shop.states() == shop.replayed()


def test_a_fill_in_a_process_of_its_own_is_the_same(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    names = opened(shop, monkeypatch)
    wire.apply_playbook(shop.parts, KEEN, "test", filler=filling.fill_apart)
    assert len(shop.fills()) == 1
    shop.decide()
    assert len(names) == 1
    assert shop.states() == shop.replayed()


def test_nothing_is_counted_for_a_version_that_asks_for_nothing_new(shop: Shop) -> None:
    wire.apply_playbook(shop.parts, KEEN, "test")
    shop.decide()
    wire.apply_playbook(shop.parts, {**KEEN, "playbook.yaml": PLAYBOOK + "  sales: {title: Sales}\n"}, "test")
    assert shop.fills() == []
    shop.decide()
    assert shop.states() == shop.replayed()


def test_somebody_erased_before_her_turn_is_in_no_fill_and_begins_anew(shop: Shop) -> None:
    wire.apply_playbook(shop.parts, KEEN, "test")
    ana = customer_id("user", "user3")
    [file] = shop.fills()
    held = shop.parts.data / FILLS_FOLDER / file
    assert ana.encode() in held.read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crank_module, "SWEPT_PER_TURN", 0)
        shop.parts.log.append([order(1, ana, shop.parts.clock.now())])
        shop.decide()
        fill = shop.parts.fills.open(held.stem)
        assert fill is not None
        assert fill.load([ana]) == {}
    shop.happens(100)
    assert shop.fills() == []


def test_somebody_erased_while_it_is_counted_leaves_no_fill(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    real = filling._write

    def write(*given: Any) -> str:
        name = real(*given)
        shop.parts.log.append([order(1, customer_id("user", "user3"), shop.parts.clock.now())])
        return name

    monkeypatch.setattr(filling, "_write", write)
    wire.apply_playbook(shop.parts, KEEN, "test")
    assert shop.fills() == []
    assert shop.parts.log.named([CUSTOMER_ERASED], 0, 10_000)
    shop.decide()
    assert {"keen", "rich"} <= set(shop.parts.view.segment_sizes())


def test_what_lingers_of_somebody_in_a_fill_goes_with_the_whole_fill(shop: Shop) -> None:
    wire.apply_playbook(shop.parts, KEEN, "test")
    (shop.parts.data / FILLS_FOLDER / ".other.draft").write_bytes(b"nobody")
    Cleaner(shop.parts, None)._drop_fills({customer_id("user", "user3")})
    assert shop.fills() == [".other.draft"]
    shop.decide()
    assert shop.states() == shop.replayed()


def test_where_nothing_can_be_counted_the_version_comes_all_the_same(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "MEMORY_LIMIT", "1KB")
    wire.apply_playbook(shop.parts, KEEN, "test")
    assert shop.fills() == []
    shop.decide()
    assert shop.states() == shop.replayed()


def test_a_version_that_was_not_kept_leaves_no_fill(shop: Shop) -> None:
    with pytest.raises(Exception, match="version"):
        wire.apply_playbook(shop.parts, KEEN, "test", base=7)
    assert shop.fills() == []


def test_a_fill_that_a_bad_disk_changed_anywhere_says_nothing_wrong_of_anybody(shop: Shop) -> None:
    wire.apply_playbook(shop.parts, KEEN, "test")
    [held] = (shop.parts.data / FILLS_FOLDER).glob("*.db")
    whole, everybody = held.read_bytes(), list(shop.parts.store.customer_ids())
    fill = shop.parts.fills.open(held.stem)
    assert fill is not None
    truth = fill.load(everybody)
    assert any(truth.values())
    shop.parts.fills.close()
    chance, found = random.Random(11), 0
    for place in range(0, len(whole), 37):
        damage = chance.randbytes(chance.choice([1, 8, 300]))
        held.write_bytes(whole[:place] + damage + whole[place + len(damage) :])
        fills = SqliteFills(held.parent)
        fill = fills.open(held.stem)
        found += fill is None
        assert fill is None or (fill.load(everybody), fill.position, fill.began) == (truth, *_made_at(held.stem))
        fills.close()
    assert found > 20


def _made_at(name: str) -> tuple[int, int]:
    began, position = name.split("-")
    return int(position), int(began)


@pytest.mark.parametrize("when", ["before it is opened", "while it is read"])
def test_a_fill_damaged_in_its_middle_is_thrown_away_and_the_log_read(
    shop: Shop, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crank_module, "SWEPT_AT_ONCE", 3)
    monkeypatch.setattr(crank_module, "SWEPT_PER_TURN", 3)
    wire.apply_playbook(shop.parts, KEEN, "test")
    [held] = (shop.parts.data / FILLS_FOLDER).glob("*.db")
    if when == "while it is read":
        shop.crank.turn(50)
        assert shop.crank.turn(50).adopted
    with held.open("r+b") as file:
        file.seek(24)
        file.write(b"\xff" * 4)  # The change counter: what SQLite has in memory of it holds no more.
        file.seek(held.stat().st_size // 2)
        file.write(os.urandom(held.stat().st_size // 4))
    with capture_logs() as said:
        shop.decide()
    assert [line["log_level"] for line in said if line["event"] == "fill_damaged"] == ["error"]
    assert shop.fills() == [f"{held.stem}.damaged"]
    assert shop.parts.store.adopting() == []
    assert shop.states() == shop.replayed()
    [note] = fills_look.look(shop.parts)
    assert held.stem in note.text


def test_somebody_is_erased_from_a_damaged_fill_with_the_whole_file(shop: Shop) -> None:
    wire.apply_playbook(shop.parts, KEEN, "test")
    [held] = (shop.parts.data / FILLS_FOLDER).glob("*.db")
    with held.open("r+b") as file:
        file.seek(held.stat().st_size // 2)
        file.write(b"\xff" * (held.stat().st_size // 2))
    shop.parts.fills.forget([customer_id("user", "user3")])
    assert shop.fills() == [f"{held.stem}.damaged"]
    shop.decide()
    assert shop.states() == shop.replayed()


@pytest.mark.parametrize("commits", [1, 2, 4, 6])
def test_a_process_killed_in_the_middle_of_the_sweep_goes_on_where_it_was(
    shop: Shop, commits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crank_module, "SWEPT_AT_ONCE", 3)
    wire.apply_playbook(shop.parts, KEEN, "test")
    data = shop.parts.data
    shop.parts.close()
    child = os.fork()
    if child == 0:
        _die_after(data, commits)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    shop.parts = wire.create(data)
    assert shop.parts.store.adopting()
    shop.crank = shop.parts.crank()
    shop.decide()
    assert shop.parts.store.adopting() == []
    assert shop.states() == shop.replayed()


def _die_after(data: Path, commits: int) -> None:
    try:
        parts = wire.create(data)
        crank = parts.crank()
        real, done = parts.store.commit, 0

        def commit(one: Commit) -> None:
            nonlocal done
            real(one)
            done += 1
            if done == commits:
                os.kill(os.getpid(), signal.SIGKILL)

        parts.store.commit = commit  # type: ignore[method-assign]
        while any(crank.turn(10, parts.clock.now())):
            pass
    finally:
        os._exit(1)
