"""Nothing is kept longer than the settings say, a replay says what it cannot tell, and wishes of a shop are seen."""

from __future__ import annotations

import msgspec
import pytest
from tests.wire.test_erasing import USER, Shop, lived, proved, shop

from habitue.model.api_key import Scope
from habitue.model.customer import customer_id
from habitue.model.event import ERASED
from habitue.model.instant import DAY
from habitue.run.ports import DeadLetter
from habitue.settings import Privacy
from habitue.settings import Retention as Kept
from habitue.wire import privacy
from habitue.wire.parts import Parts
from habitue.wire.retention import Retention, drop_deliveries, find_requests

__all__ = ["lived", "shop"]


def keep(shop: Shop, **days: int) -> None:
    parts = shop.parts
    parts.settings = msgspec.structs.replace(parts.settings, retention=Kept(**days))


def a_day_passes(shop: Shop, days: int = 1) -> None:
    shop.clock.instant += days * DAY
    shop.settle()
    while drop_deliveries(shop.parts):
        pass
    retention = Retention(shop.parts, shop.archive)
    while retention.step():
        pass
    shop.settle()


def names(parts: Parts) -> set[str]:
    return {record.event.name for record in parts.log.scan()}


def test_by_default_all_is_kept(shop: Shop) -> None:
    events, people = list(shop.parts.log.scan()), shop.parts.view.people_count()
    a_day_passes(shop, 3_000)
    assert list(shop.parts.log.scan())[: len(events)] == events
    assert shop.parts.view.people_count() == people


def test_old_events_become_empty_and_new_ones_stay(shop: Shop) -> None:
    keep(shop, events_days=30)
    a_day_passes(shop, 40)
    shop.happens("Product Viewed", "cleo", properties={"product_id": "p9"})
    shop.settle()
    assert names(shop.parts) == {"Playbook Applied", ERASED, "Product Viewed", "Message Expired"}
    days = sorted(day.name for day in (shop.data / "archive" / "events").iterdir())
    assert len(days) == 1
    assert shop.parts.view.person(customer_id("user", USER)) is not None
    assert proved(shop.parts) == 1  # Cleo, whom the log knows from her first moment on.


def test_an_old_event_that_is_sent_again_does_not_come_back(shop: Shop) -> None:
    keep(shop, events_days=30)
    a_day_passes(shop, 40)
    last, shop.number = shop.parts.log.position(), 0
    shop.happens("Product Viewed", "other-0", "device-0")
    assert shop.parts.log.position() == last


def test_old_decisions_and_effects_go_and_later_numbers_are_new(shop: Shop) -> None:
    keep(shop, decisions_days=30, deliveries_days=30)
    last = shop.parts.view.decisions(limit=1)[0][0]
    effect = shop.parts.store.effects(0, 10_000)[-1][0]
    a_day_passes(shop, 40)  # What no page showed comes to its end only now.
    a_day_passes(shop, 40)
    assert shop.parts.store.effects(0, 10) == []
    assert not [one for _, one in shop.parts.view.decisions(limit=1_000) if one.at < shop.clock.now() - 31 * DAY]
    shop.happens("Product Viewed", "cleo", "device-of-cleo", properties={"product_id": "p9"})
    shop.settle()
    assert shop.parts.view.decisions(limit=1)[0][0] > last
    [(sequence, _)] = shop.parts.store.effects(0, 10)
    assert sequence > effect
    assert len(shop.parts.deliveries.list()) == 1
    assert proved(shop.parts) >= 41


def test_old_dead_letters_go(shop: Shop) -> None:
    keep(shop, dead_letters_days=7)
    a_day_passes(shop, 3)
    assert len(shop.parts.log.dead_letters()) == 2
    shop.parts.log.append([], [DeadLetter(source="web", reason="too_large", detail="", body="{}")])
    a_day_passes(shop, 5)
    assert [letter.body for letter in shop.parts.log.dead_letters()] == ["{}"]


def test_who_was_not_seen_for_long_is_erased_with_a_receipt(shop: Shop) -> None:
    shop.happens("Product Viewed", None, "a-visitor-nobody-knew")
    shop.settle()
    keep(shop, anonymous_days=10)
    a_day_passes(shop, 20)
    shop.carry_out()
    [receipt] = privacy.receipts(shop.parts)
    assert (receipt.actor, receipt.finished_at is not None) == ("retention", True)
    assert shop.parts.view.person(customer_id("anonymous", "a-visitor-nobody-knew")) is None
    assert shop.parts.view.person(customer_id("user", USER)) is not None


def test_a_class_is_looked_at_once_a_day(shop: Shop) -> None:
    keep(shop, dead_letters_days=1)
    a_day_passes(shop, 5)
    ran_at = shop.parts.privacy.retention("dead_letters")[1]
    assert not Retention(shop.parts, shop.archive).step()
    a_day_passes(shop)
    assert shop.parts.privacy.retention("dead_letters")[1] > ran_at


@pytest.mark.parametrize("by_itself", [False, True])
def test_a_shops_request_to_erase_is_listed_or_carried_out(shop: Shop, by_itself: bool) -> None:
    wish = Privacy(erase_on_request=by_itself)
    shop.parts.settings = msgspec.structs.replace(shop.parts.settings, privacy=wish)
    shop.parts.keys.create("web", shop.clock.now(), kind="shopify", secret="hush")
    shop.happens("Erasure Requested", None, identifiers={"email": "ana.quixote@example.com"})
    shop.settle()
    while find_requests(shop.parts):
        pass
    [request] = privacy.open_requests(shop.parts)
    assert (request.kind, request.customer) == ("erasure", customer_id("user", USER))
    shop.settle()
    shop.carry_out()
    gone = shop.parts.view.person(customer_id("user", USER)) is None
    assert gone == by_itself
    assert len(privacy.open_requests(shop.parts)) == (not by_itself)


@pytest.mark.parametrize("beside", ["", "browser", "program"])
def test_neither_a_browser_nor_a_program_has_anybody_erased_by_an_event(shop: Shop, beside: str) -> None:
    shop.parts.settings = msgspec.structs.replace(shop.parts.settings, privacy=Privacy(erase_on_request=True))
    if beside:  # Under the name of a shop that signs.
        shop.parts.keys.create("web", shop.clock.now(), kind="shopify", secret="hush")
    if beside == "program":
        shop.parts.api.create_key("web", [Scope.EVENTS_WRITE], shop.clock.now())
    else:
        shop.parts.keys.create("web", shop.clock.now(), kind="browser")
    shop.happens("Erasure Requested", None, identifiers={"email": "ana.quixote@example.com"})
    shop.settle()
    while find_requests(shop.parts):
        pass
    # Who may have spoken for the shop is for people to judge.
    assert len(privacy.open_requests(shop.parts)) == bool(beside)
    assert privacy.receipts(shop.parts) == []
