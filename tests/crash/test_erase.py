"""A living system erases a person while it works and while its processes are killed, and no byte of her is left."""

from __future__ import annotations

from pathlib import Path

import httpx
from tests.crash.system import Shoppers, Sink, eventually, running
from tests.wire.test_erasing import bytes_naming

from habitue.model.customer import customer_id
from habitue.wire import privacy


def test_a_person_is_erased_from_a_living_system_whose_processes_die(tmp_path: Path) -> None:
    with Sink() as sink, running(tmp_path / "data", sink) as system:
        shoppers = Shoppers(system)
        with httpx.Client() as client:
            for name in ("ana-quixotesdottir", "ben"):
                shoppers.order(name, client)
        eventually(system.is_settled, "everything is decided and sent")
        parts = system.parts
        ana = customer_id("user", "customer-ana-quixotesdottir")
        texts = ["customer-ana-quixotesdottir", ana]
        assert bytes_naming(system.data, texts)

        with Shoppers(system) as others:
            number = privacy.request_erasure(parts, ana, "test")
            for role in ("decide", "outbox", "archive"):
                system.kill(role)
            eventually(lambda: privacy.receipt(parts, number).finished_at is not None, "the erasure is finished")
            eventually(lambda: len(others.orders) > 5, "the shop goes on")
        eventually(system.is_settled, "everything is decided and sent")
        assert parts.view.person(ana) is None
        assert parts.view.person(customer_id("user", "customer-ben")) is not None
        assert system.stop() == 0
        assert bytes_naming(system.data, texts) == {}
        lines = {(line.place, line.what): line.count for line in privacy.receipt(parts, number).destroyed}
        assert lines["log", "events"] >= 3
        assert lines["deliveries", "deliveries"] >= 1
