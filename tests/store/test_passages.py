"""What went to which address in `deliveries.db`: forgotten with the person, let go of once no rule looks back."""

from __future__ import annotations

from pathlib import Path

from habitue.model.instant import DAY
from habitue.model.passage import AddressLimit, Passage, Stopped
from habitue.store.sqlite import SqliteDeliveries


def passage(delivery: str, at: int) -> Passage:
    return Passage(delivery, delivery.split(".")[0], b"m", at, at, "note", b"", marketing=True, proven=False)


def shown(deliveries: SqliteDeliveries, since: int = -1) -> list[str]:
    found: list[str] = []

    def judge(known: object) -> Stopped | None:
        assert isinstance(known, list)
        found.extend(one.delivery for one in known)
        return Stopped(AddressLimit.CAP, "only looking")

    deliveries.admit(passage("nobody.1", since), judge, since)
    return found


def test_who_is_forgotten_is_forgotten_here_up_to_that_ordinal(tmp_path: Path) -> None:
    deliveries = SqliteDeliveries(tmp_path / "deliveries.db")
    for one in ("ana.1", "ana.12", "ben.1"):
        deliveries.admit(passage(one, 5), lambda known: None, 0)
    deliveries.forget(["ana"], 11)
    assert sorted(shown(deliveries)) == ["ana.12", "ben.1"]
    deliveries.close()


def test_what_no_rule_looks_back_to_is_let_go_of(tmp_path: Path) -> None:
    deliveries = SqliteDeliveries(tmp_path / "deliveries.db")
    deliveries.admit(passage("ana.1", 5), lambda known: None, 0)
    deliveries.admit(passage("ben.1", 100 * DAY), lambda known: None, 90 * DAY)
    assert shown(deliveries) == ["ben.1"]
    deliveries.close()
    deliveries = SqliteDeliveries(tmp_path / "deliveries.db")
    assert shown(deliveries) == ["ben.1"]
    deliveries.close()
