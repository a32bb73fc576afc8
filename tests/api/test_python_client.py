"""The Python client against the live application: what it writes arrives once, what it reads is typed, and it waits."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from habitue_client import (
    Article,
    AsyncClient,
    Client,
    Forbidden,
    Invalid,
    NewEvent,
    NewProduct,
    NoAnswer,
    NotFound,
    Retries,
    TooManyRequests,
    Unauthorized,
)

from .desk import Desk, live, open_desk

ROOT = Path(__file__).resolve().parents[2] / "clients" / "python"


class Street:
    """A desk, where it is reached, and a key for everything."""

    def __init__(self, desk: Desk, address: str) -> None:
        self.desk = desk
        self.address = address
        self.key = desk.token()

    def client(self, **more: object) -> Client:
        return Client(self.address, self.key, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with open_desk(tmp_path_factory.mktemp("street")) as desk, live(desk.parts) as address:
        yield Street(desk, address)


class Weather(httpx.BaseTransport):
    """Puts requests off as ordered, or loses their answers, before letting them through."""

    def __init__(self, *answers: httpx.Response | Exception, lost: int = 0) -> None:
        self._answers = list(answers)
        self._lost = lost
        self._real = httpx.HTTPTransport()
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self._answers:
            answer = self._answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        response = self._real.handle_request(request)
        if self._lost:
            self._lost -= 1
            response.read()
            raise httpx.ReadError("the answer got lost")
        return response


def test_what_is_written_is_read_back_typed(street: Street) -> None:
    with street.client() as habitue:
        habitue.write_customer(user_id="ana", email="Ana@shop.example", traits={"first_name": "Ana"})
        habitue.track("Product Viewed", user_id="ana", properties={"product_id": "p1"})
        habitue.track("Product Viewed", user_id="ana", properties={"product_id": "p2"})
        habitue.write_consent("user:ana", "email", "granted", topic="offers", text="Yes, write to me.")
        street.desk.turn()
        ana = habitue.customer("email:ana@shop.example")
        assert (ana.user_id, ana.traits["first_name"], ana.segments[0].name) == ("ana", "Ana", "lookers")
        assert ana.last_seen_at is not None and ana.last_seen_at.tzinfo is not None
        assert [event.name for event in habitue.customer_events(ana.id, name="Product Viewed")] == [
            "Product Viewed"
        ] * 2
        assert [line.id for line in habitue.customers("ana@")] == [ana.id]
        assert [(said.channel, said.topic, said.granted) for said in habitue.consents(ana.id).consents] == [
            ("email", "offers", True)
        ]
        assert [member.customer for member in habitue.members("lookers")] == [ana.id]
        assert {segment.name: segment.size for segment in habitue.segments()}["lookers"] == 1
        assert [decision.segment for decision in habitue.customer_decisions("user:ana", outcome="joined")] == [
            "lookers"
        ]
        assert [decision.customer for decision in habitue.decisions(customer=ana.id)] == [ana.id]
        assert list(habitue.deliveries(customer=ana.id)) == []


def test_lists_go_on_over_pages(street: Street) -> None:
    with street.client() as habitue:
        events = [NewEvent(name="Paged", user_id="ben", properties={"n": n}) for n in range(7)]
        since = datetime(2026, 1, 1, tzinfo=UTC)
        habitue.write_events(events)
        found = [event.properties["n"] for event in habitue.events(name="Paged", since=since, limit=3)]
        assert found == list(range(7))
        page = habitue.event_page(name="Paged", limit=100)
        habitue.track("Paged", user_id="ben", properties={"n": 7})
        assert [event.properties["n"] for event in habitue.event_page(page.resume, name="Paged").data] == [7]


def test_keys_are_made_and_withdrawn(street: Street) -> None:
    with street.client() as habitue:
        made = habitue.make_api_key("reader", ["customers:read"])
        assert made.token is not None
        with Client(street.address, made.token) as reader:
            assert reader.own_key().scopes == ["customers:read"]
            with pytest.raises(Forbidden, match="events:write"):
                reader.track("Product Viewed", user_id="ana")
            habitue.withdraw_api_key(made.id)
            with pytest.raises(Unauthorized):
                reader.own_key()
        shop = habitue.make_write_key("shop", kind="browser")
        habitue.withdraw_write_key(shop.id)
        assert [key.withdrawn_at is None for key in habitue.write_keys()] == [False]
        assert "reader" in [key.name for key in habitue.api_keys()]


def test_the_catalogue_is_put_read_and_taken_out(street: Street) -> None:
    with street.client() as habitue:
        birds = [NewProduct(id=f"b{n}", name=f"Bird house {n}", price=27.5, sale_price=20.0) for n in range(3)]
        assert habitue.put_products(birds, tell=False).added == 3
        assert [product.id for product in habitue.products("bird", limit=2)] == ["b0", "b1", "b2"]
        assert habitue.product("b0").price_now == 20.0
        habitue.delete_product("b0")
        with pytest.raises(NotFound):
            habitue.product("b0")
        read = Article(id="a1", title="How to hang it", published_at=datetime(2026, 11, 1, tzinfo=UTC))
        assert habitue.put_articles([read]).added == 1
        assert habitue.article("a1") == read
        assert list(habitue.articles()) == [read]
        habitue.delete_article("a1")


def test_somebody_is_erased_and_the_receipt_read(street: Street) -> None:
    with street.client() as habitue:
        habitue.write_consent("user:fatma", "email", "granted", text="Yes.")
        street.desk.turn()
        assert [word.text for word in habitue.consent_history("user:fatma")] == ["Yes."]
        receipt = habitue.erase_customer("user:fatma")
        assert habitue.erasure(receipt.number).finished_at is None
        street.desk.turn()
        with pytest.raises(NotFound):
            habitue.customer("user:fatma")


def test_problems_are_exceptions_that_say_where(street: Street) -> None:
    with street.client() as habitue:
        with pytest.raises(NotFound) as nobody:
            habitue.customer("user:nobody")
        assert nobody.value.type.endswith("/api/docs#problem-not-found")
        with pytest.raises(Invalid) as wrong:
            habitue.write_events([NewEvent(name="Good", user_id="ana"), NewEvent(name="Nobody's")])
        assert [fault.pointer for fault in wrong.value.faults] == ["#/events/1"]


def test_it_comes_back_when_it_is_asked_to_and_no_sooner(street: Street) -> None:
    later = httpx.Response(429, headers={"Retry-After": "7"}, json={"type": "x#problem-too-many-requests"})
    away = httpx.Response(503, headers={"Retry-After": "2"}, text="a proxy's page")
    slept: list[float] = []
    weather = Weather(later, away, httpx.ConnectError("refused"))
    with street.client(transport=weather, sleep=slept.append) as habitue:
        assert habitue.own_key().name == "crm"
    assert slept[:2] == [7.0, 2.0]
    assert len(slept) == 3


def test_it_gives_up_when_waiting_would_take_too_long(street: Street) -> None:
    later = httpx.Response(429, headers={"Retry-After": "3600"}, json={"detail": "an hour"})
    with (
        street.client(transport=Weather(later), sleep=lambda _seconds: None) as habitue,
        pytest.raises(TooManyRequests, match="an hour"),
    ):
        habitue.own_key()
    nobody = Weather(*[httpx.ConnectError("refused")] * 3)
    with (
        street.client(transport=nobody, sleep=lambda _seconds: None, retries=Retries(times=2)) as habitue,
        pytest.raises(NoAnswer, match="refused"),
    ):
        habitue.own_key()


def test_an_answer_that_got_lost_is_given_again_and_nothing_is_done_twice(street: Street) -> None:
    weather = Weather(lost=2)
    with street.client(transport=weather, sleep=lambda _seconds: None) as habitue:
        taken = habitue.track("Lost Once", user_id="cleo")
        assert [event.id for event in habitue.events(name="Lost Once")] == taken.events
    assert len({request.headers["idempotency-key"] for request in weather.requests if request.method == "POST"}) == 1


def test_the_asynchronous_client_does_the_same(street: Street) -> None:
    async def visit() -> list[str]:
        async with AsyncClient(street.address, street.key) as habitue:
            await asyncio.gather(*(habitue.track("Together", user_id=f"u{n}", id=f"together-{n}") for n in range(20)))
            return [event.id async for event in habitue.events(name="Together", limit=6)]

    assert sorted(asyncio.run(visit())) == sorted(f"together-{n}" for n in range(20))


def test_both_clients_have_the_same_methods() -> None:
    def names(client: type) -> set[str]:
        return {name for name in vars(client) if not name.startswith("_")}

    assert names(Client) == names(AsyncClient)


def test_the_examples_run(street: Street, tmp_path: Path) -> None:
    people = tmp_path / "customers.csv"
    people.write_text("id,email,first_name\ndora,dora@shop.example,Dora\nemil,emil@shop.example,Emil\n")
    assert run(street, "import_customers.py", str(people)) == "2 customers\n"
    street.desk.turn()
    assert run(street, "why.py", "email:dora@shop.example").startswith("Dora is in no segment")
    place = str(tmp_path / "place.txt")
    assert "Identified dora" in run(street, "follow_events.py", place)
    assert run(street, "follow_events.py", place) == ""


def run(street: Street, example: str, argument: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / example), argument],
        env={"HABITUE_ADDRESS": street.address, "HABITUE_API_KEY": street.key, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_readme_shows_code_that_runs(street: Street) -> None:
    (code,) = (ROOT / "README.md").read_text(encoding="utf-8").split("```python\n")[1:]
    shown = code.partition("```")[0].replace("http://127.0.0.1:8080", street.address).replace("hab_…", street.key)
    exec(compile(shown, "README.md", "exec"), {})
