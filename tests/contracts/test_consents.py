"""The consent ledger in every store: words are added once, in order, and never changed."""

from __future__ import annotations

from typing import Any

from habitue.model.consent import ConsentState, ConsentWord
from habitue.run.ports import Commit, Store, View


def word(name: str, customer: str = "ana", **more: Any) -> ConsentWord:
    given: dict[str, Any] = {
        "id": name,
        "customer": customer,
        "channel": "email",
        "state": ConsentState.GRANTED,
        "said_at": 1,
        "recorded_at": 2,
        "event": name,
        "origin": "web",
    }
    return ConsentWord(**(given | more))


def test_words_are_read_as_they_were_said_newest_first(store: Store, view: View) -> None:
    first = word("e1", text="Yes, write to me — ✓", ip="192.0.2.1", agent="Firefox", locale="tr-TR", topic="news")
    second = word("e2", state=ConsentState.WITHDRAWN, said_at=5)
    store.commit(Commit(position=0, now=1, consents=[first, word("b1", "ben")]))
    store.commit(Commit(position=1, now=1, consents=[second]))
    assert [one for _, one in view.consents(["ana"])] == [second, first]
    assert [one.id for _, one in view.consents(["ana", "ben"], limit=2)] == ["e2", "b1"]
    [(number, _), *_] = view.consents(["ana"])
    assert [one.id for _, one in view.consents(["ana"], before=number)] == ["e1"]
    assert view.consents([]) == []


def test_a_word_is_kept_once_and_as_it_first_was(store: Store, view: View) -> None:
    store.commit(Commit(position=0, now=1, consents=[word("e1", text="Yes")]))
    store.commit(Commit(position=1, now=1, consents=[word("e1", text="Something else"), word("e2", text="Yes")]))
    assert [(one.id, one.text) for _, one in view.consents_after(0, 10)] == [("e1", "Yes"), ("e2", "Yes")]


def test_the_whole_ledger_is_read_page_by_page(store: Store, view: View) -> None:
    words = [word(f"e{number}", f"c{number % 3}") for number in range(7)]
    store.commit(Commit(position=0, now=1, consents=words))
    read: list[ConsentWord] = []
    after = 0
    while page := view.consents_after(after, 3):
        read += [one for _, one in page]
        after = page[-1][0]
    assert read == words
