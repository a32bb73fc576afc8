"""CleverTap's upload: each record is processed or answered for, in CleverTap's own words."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from starlette.applications import Starlette

from habitue.ingest.clevertap import CONCURRENT_MAX
from habitue.ingest.keys import WriteKeys, fixed_keys
from habitue.ingest.routes import routes
from habitue.ingest.settings import IngestSettings
from habitue.ingest.writer import LogWriter
from habitue.model.event import Event
from habitue.model.instant import to_iso
from habitue.model.trust import Level
from habitue.run.clock import ManualClock
from habitue.store.memory.log import MemoryLog

from .shop import KEY, KEYS, NOON, Shop

HEADERS = {"X-CleverTap-Account-Id": "ABC-123", "X-CleverTap-Passcode": KEY, "Content-Type": "application/json"}
ELEVEN = NOON // 1_000_000 - 3_600


def upload(shop: Shop, *records: Any, query: str = "", headers: dict[str, str] = HEADERS) -> Any:
    return shop.post(f"/1/upload{query}", {"d": list(records)}, headers)


def told(shop: Shop, *records: Any) -> list[Event]:
    answer = upload(shop, *records)
    assert answer.status_code == 200
    assert answer.json() == {"status": "success", "processed": len(records), "unprocessed": []}
    return shop.events()


def event(name: Any = "Product viewed", **fields: Any) -> dict[str, Any]:
    return {"identity": "ana", "ts": ELEVEN, "type": "event", "evtName": name, "evtData": {"Product ID": 7}, **fields}


def profile(**data: Any) -> dict[str, Any]:
    return {"identity": "ana", "ts": ELEVEN, "type": "profile", "profileData": data}


def test_charged_is_an_order_with_its_products(shop: Shop) -> None:
    items = [{"Category": "Kitchen", "Product name": "Tea cup", "Product ID": "c1", "Price": 12.5, "Quantity": 2}]
    data = {"Amount": 25, "Currency": "GBP", "Payment mode": "card", "Charged ID": 24052013, "Items": items,
            "Delivery Date": "$D_1795348800"}  # fmt: skip
    (order,) = told(shop, event("Charged", evtData=data))
    assert (order.name, order.user_id) == ("Order Completed", "ana")
    assert order.properties == {
        "total": 25, "currency": "GBP", "payment_method": "card", "order_id": 24052013,
        "products": [{"category": "Kitchen", "name": "Tea cup", "product_id": "c1", "price": 12.5, "quantity": 2}],
        "Delivery Date": "2026-11-22T12:00:00.000000Z",
    }  # fmt: skip
    assert order.occurred_at == ELEVEN * 1_000_000


def test_an_order_sent_again_is_told_once_and_so_is_any_record_with_a_time(shop: Shop) -> None:
    order = event("Charged", evtData={"Charged ID": 1, "Amount": 5})
    told(shop, order, event(), event())
    assert len(told(shop, {**order, "ts": ELEVEN + 9}, event())) == 2


def test_records_without_a_time_may_look_the_same_and_be_two(shop: Shop) -> None:
    record = event()
    del record["ts"]
    assert len(told(shop, record, record)) == 2


def test_names_of_ours_are_read_in_any_case_and_others_are_kept(shop: Shop) -> None:
    viewed, own = told(shop, event("PRODUCT VIEWED"), event("Played a game", evtData={"Product ID": 7}))
    assert (viewed.name, viewed.properties) == ("Product Viewed", {"product_id": 7})
    assert (own.name, own.properties) == ("Played a game", {"Product ID": 7})


def test_a_profile_is_traits_and_what_she_may_be_sent(shop: Shop) -> None:
    record = profile(
        Name="Ana Lima", Email="ana@example.com", Phone="+442079460018", DOB="$D_631152000", Tier="gold",
        **{"MSG-email": False, "MSG-sms": True, "MSG-push": True, "MSG-whatsapp": True},
    )  # fmt: skip
    identified, *consents = told(shop, record)
    assert identified.type == "identify"
    assert identified.traits == {
        "name": "Ana Lima", "email": "ana@example.com", "phone": "+442079460018", "Tier": "gold",
        "birthday": "1990-01-01T00:00:00.000000Z",
    }  # fmt: skip
    assert identified.identifiers == {"email": "ana@example.com", "phone": "+442079460018"}
    assert [(one.name, one.properties["channel"]) for one in consents] == [
        ("Consent Withdrawn", "email"), ("Consent Granted", "sms"), ("Consent Granted", "push"),
        ("Consent Granted", "whatsapp"),
    ]  # fmt: skip
    assert {one.properties["source"] for one in consents} == {"clevertap"}


def test_do_not_disturb_is_a_no(shop: Shop) -> None:
    (said,) = told(shop, profile(**{"MSG-dndEmail": True}))
    assert (said.name, said.properties["channel"]) == ("Consent Withdrawn", "email")


def test_consent_without_a_time_was_given_now(shop: Shop) -> None:
    record = profile(**{"MSG-email": True})
    del record["ts"]
    (said,) = told(shop, record)
    assert to_iso(said.occurred_at) == to_iso(NOON)


def test_people_are_named_in_any_of_cleverTaps_ways(shop: Shop) -> None:
    def by(**who: Any) -> dict[str, Any]:
        return {**{key: value for key, value in event().items() if key != "identity"}, **who}

    found = told(
        shop, by(identity="ana@example.com"), by(identity="+442079460018"), by(objectId="__device1"), by(FBID="77"),
        by(identity=12),
    )  # fmt: skip
    assert [(one.user_id, one.anonymous_id, one.identifiers) for one in found] == [
        (None, None, {"email": "ana@example.com"}),
        (None, None, {"phone": "+442079460018"}),
        (None, "__device1", {}),
        (None, None, {"external": "fbid:77"}),
        ("12", None, {}),
    ]


def test_a_device_token_is_where_a_push_goes(shop: Shop) -> None:
    record = {"type": "token", "objectId": "__device1", "tokenData": {"id": "frfsgvrwe:APfdsaf", "type": "fcm"}}
    (one,) = told(shop, record)
    assert (one.name, one.identifiers) == ("Push Token Registered", {"push": "android:frfsgvrwe:APfdsaf"})


def test_good_records_are_kept_and_bad_ones_answered_for(shop: Shop) -> None:
    bad = [
        event(None), event("", evtData={}), {"type": "event", "evtName": "x"}, {**event(), "type": "purchase"}, 7,
        event(evtData=[1]), {**profile(), "profileData": None}, profile(Score={"$incr": 5}), event("x" * 300),
        event(evtData={"x": "y" * 40_000}),
    ]  # fmt: skip
    answer = upload(shop, event(), *bad)
    body = answer.json()
    assert (answer.status_code, body["status"], body["processed"]) == (200, "partial", 1)
    assert [one["record"] for one in body["unprocessed"]] == bad
    assert all(one["status"] == "fail" and one["code"] and one["error"] for one in body["unprocessed"])
    assert len(shop.events()) == 1
    assert len(shop.dead()) == len(bad)


def test_when_nothing_is_good_it_says_so(shop: Shop) -> None:
    assert upload(shop, 1, 2).json()["status"] == "fail"


def test_a_dry_run_reads_everything_and_keeps_nothing(shop: Shop) -> None:
    answer = upload(shop, event(), 7, query="?dryRun=1").json()
    assert (answer["status"], answer["processed"], len(answer["unprocessed"])) == ("partial", 1, 1)
    assert (shop.events(), shop.dead()) == ([], [])


def test_a_profile_that_sets_and_deletes_is_understood(shop: Shop) -> None:
    (one,) = told(shop, profile(Tier={"$set": "gold"}, Score={"$delete": 1}))
    assert one.traits == {"Tier": "gold", "Score": None}


def test_at_most_a_thousand_records_are_taken(shop: Shop) -> None:
    assert upload(shop, *[event(ts=ELEVEN - number) for number in range(1_000)]).json()["processed"] == 1_000
    answer = upload(shop, *[event()] * 1_001)
    assert (answer.status_code, answer.json()["status"]) == (400, "fail")
    assert len(shop.events()) == 1_000


def test_wrong_credentials_and_bodies_are_refused_in_its_words(shop: Shop) -> None:
    for headers in ({**HEADERS, "X-CleverTap-Passcode": "no"}, {"X-CleverTap-Passcode": KEY}, {}):
        answer = upload(shop, event(), headers=headers)
        assert (answer.status_code, answer.json()["status"]) == (401, "fail")
    for body in ("{", '{"d":1}', "[]"):
        answer = shop.post("/1/upload", body, HEADERS)
        assert (answer.status_code, answer.json()["status"]) == (400, "fail")
    assert shop.events() == []


def test_more_than_fifteen_uploads_at_once_are_put_off() -> None:
    async def all_at_once() -> list[int]:
        clock, settings = ManualClock(NOON), IngestSettings()
        writer = LogWriter(MemoryLog(clock), settings)
        served = Starlette(routes=routes(writer, WriteKeys(fixed_keys(KEYS, Level.SERVER)), settings, clock))
        gate, all_inside, inside = asyncio.Event(), asyncio.Event(), []

        async def slow_body() -> Any:
            inside.append(True)
            if len(inside) == CONCURRENT_MAX:
                all_inside.set()
            await gate.wait()
            yield b'{"d":[]}'

        transport = httpx.ASGITransport(app=served)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
            tasks = [
                asyncio.create_task(client.post("/1/upload", content=slow_body(), headers=HEADERS))
                for _ in range(CONCURRENT_MAX)
            ]
            await all_inside.wait()
            put_off = await client.post("/1/upload", content=b'{"d":[]}', headers=HEADERS)
            gate.set()
            answers = [answer.status_code for answer in await asyncio.gather(*tasks)]
            after = await client.post("/1/upload", content=b'{"d":[]}', headers=HEADERS)
        await writer.close()
        return [put_off.status_code, *set(answers), after.status_code]

    assert asyncio.run(all_at_once()) == [429, 200, 200]
