"""`make fuzz`: rubbish for every dialect and every address of ingest, for as long as one likes.

The dialects are those of `tests/ingest/readers.py`, the addresses those that ingest serves: whoever adds one has it
fuzzed. Bodies are recorded ones with some of their values replaced, and bytes that are none. What it finds belongs into
`tests/ingest/test_hostile_dialects.py` as a case with a name.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import traceback
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import hypothesis
import structlog
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.routing import Route
from tests.ingest.readers import READERS
from tests.ingest.shop import KEY, Shop
from tests.ingest.test_hostile_dialects import SOUND, anything, assert_sound
from tests.ingest.webhooks import open_for_webhooks

from habitue.ingest.body import parsed

RECORDED = Path(__file__).parents[1] / "ingest" / "recorded"
EXAMPLES = 100
ID_CHARACTERS_MAX = 255
IDENTIFIER_CHARACTERS_MAX = 600
ANSWERS = {200, 204, 400, 401, 429, 503}
"""All that clients may ever see; anything else would make some of them send again for ever."""


def seeds() -> list[Any]:
    """Bodies that real clients sent, and those the tests know."""
    lines = (line for path in RECORDED.glob("*.jsonl") for line in path.read_text("utf-8").splitlines())
    bodies = (json.loads(line)["body"] for line in lines)
    found = [parsed(body.encode()) for body in bodies if body and body.startswith(("{", "["))]
    items = [item for body in found if isinstance(body, dict) for item in body.get("batch", [])]
    return [*SOUND, *found, *items]


@st.composite
def bent(draw: st.DrawFn, bodies: list[Any]) -> Any:
    """A sound body in which up to eight values are replaced, removed, or put in the place of others."""
    body = deepcopy(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(0, 8))):
        place = body
        while place:
            key = draw(st.sampled_from(list(place) if isinstance(place, dict) else list(range(len(place)))))
            if isinstance(place[key], (dict, list)) and place[key] and draw(st.booleans()):
                place = place[key]
                continue
            if draw(st.integers(0, 5)):
                place[key] = draw(
                    anything | st.text(min_size=250, max_size=300) | st.sampled_from(bodies).map(deepcopy)
                )
            else:
                del place[key]
            break
    return body


def check_reader(name: str, body: Any) -> None:
    """Whatever comes of the body is sound, bounded, and not a fault of ours."""
    received = READERS[name](parsed(_encoded(body)))
    for event in received.events:
        assert_sound(event)
        assert len(event.name) <= ID_CHARACTERS_MAX
        for one in (event.user_id, event.anonymous_id, event.previous_id):
            assert one is None or 0 < len(one) <= ID_CHARACTERS_MAX
        assert all(len(value) <= IDENTIFIER_CHARACTERS_MAX for value in event.identifiers.values())
    assert [letter.detail for letter in received.dead if letter.reason == "failed"] == []
    if name == "segment":
        assert len(received.events) + len(received.dead) == 1


def check_address(shop: Shop, path: str, body: bytes, headers: dict[str, str]) -> None:
    """The answer is one that clients understand, and a refusal has a code."""
    answer = shop.http.post(path, content=body, headers=headers, params={"writeKey": KEY, "api_secret": KEY})
    assert answer.status_code in ANSWERS, (answer.status_code, answer.text)
    if answer.status_code == 400:
        assert answer.json()


def targets(shop: Shop, bodies: list[Any]) -> dict[str, Callable[[], None]]:
    """Name → a round of hypothesis with examples of its own."""
    rules = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    found: dict[str, Callable[[], None]] = {}
    for name in READERS:
        found[f"reader {name}"] = rules(given(body=bent(bodies) | anything)(_reading(name)))
    app: Any = shop.http.app
    for route in app.routes:
        if isinstance(route, Route) and not route.path.endswith("/"):
            path = route.path.replace("{key}", KEY).replace("{name}", "x")
            call = st.sampled_from(["track", "batch", "identify", "alias", "m", "x"])
            content = bent(bodies).map(_encoded) | st.binary(max_size=300) | st.just(b"data=")
            headers = st.sampled_from([{}, {"Authorization": f"Bearer {KEY}"}, {"X-Write-Key": f"{KEY}:secret"}])
            found[f"address {route.path}"] = rules(
                given(call=call, body=content, headers=headers)(_sending(shop, path))
            )
    return found


def _reading(name: str) -> Callable[[Any], None]:
    def round_of(body: Any) -> None:
        check_reader(name, body)

    return round_of


def _sending(shop: Shop, path: str) -> Callable[[str, bytes, dict[str, str]], None]:
    def round_of(call: str, body: bytes, headers: dict[str, str]) -> None:
        check_address(shop, path.replace("{call}", call), body, headers)

    return round_of


def _encoded(body: Any) -> bytes:
    return json.dumps(body).encode("utf-8", "surrogatepass")


def _told(trouble: BaseException) -> list[str]:
    """The trouble and, among hypothesis's notes to it, the smallest example that makes it."""
    if isinstance(trouble, BaseExceptionGroup):
        return [line for one in trouble.exceptions for line in _told(one)]
    return traceback.format_exception_only(trouble)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float, help="how long to go on")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="what all chance follows from")
    given_words = parser.parse_args()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(50)
    )  # Refusals are expected by the million.
    print(f"seed {given_words.seed}, {given_words.seconds:.0f} seconds", flush=True)
    chance, ends, rounds = random.Random(given_words.seed), time.monotonic() + given_words.seconds, 0
    found: dict[str, str] = {}
    with open_for_webhooks() as shop:
        every = targets(shop, seeds())
        while time.monotonic() < ends:
            name = chance.choice(list(every))
            if name in found:
                continue
            try:
                hypothesis.seed(chance.randrange(2**63))(every[name])()
            except Exception as trouble:  # noqa: BLE001 - it is told, and the others are looked for
                found[name] = "".join([*traceback.format_tb(trouble.__traceback__)[-2:], *_told(trouble)])
                print(f"\n{name}:\n{found[name]}", flush=True)
                if len(found) == len(every):
                    break
            rounds += 1
    print(f"{rounds * EXAMPLES} bodies, {len(every)} readers and addresses: {len(found)} of them failed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
