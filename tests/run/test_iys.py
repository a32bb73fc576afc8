"""İYS: what has to be entered there, in its own words, and what was said there as events of ours."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.decide.world import World

from habitue.decide.profile.consents import word as what_holds
from habitue.errors import HabitueError
from habitue.model.consent import ConsentState, ConsentWord
from habitue.model.instant import DAY, HOUR, SECOND, Instant, from_datetime
from habitue.run import iys

FRIDAY: Instant = from_datetime(datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
DENIED, GRANTED, PENDING, WITHDRAWN = (
    ConsentState.DENIED, ConsentState.GRANTED, ConsentState.PENDING, ConsentState.WITHDRAWN,
)  # fmt: skip


def word(state: ConsentState, at: Instant = FRIDAY, **more: Any) -> ConsentWord:
    given: dict[str, Any] = {
        "id": f"{state}-{at}-{more}", "customer": "ana", "channel": "email", "state": state, "said_at": at,
        "recorded_at": at, "event": "e", "origin": "shop", "address": "ana@ornek.example", "ip": "192.0.2.1",
    }  # fmt: skip
    return ConsentWord(**(given | more))


def rows(*words: ConsentWord, since: Instant = 0, now: Instant = FRIDAY, **more: Any) -> list[tuple[str, str, str]]:
    found = iys.registrations(words, lambda _: iys.PERSON, since, now, **more)
    return [(row.type, row.status, row.consent_date) for row in found.rows]


def test_an_entry_has_the_fields_of_the_register_in_turkish_time() -> None:
    [row] = iys.registrations([word(GRANTED)], lambda _: iys.TRADER, 0, FRIDAY).rows
    assert (row.type, row.source, row.recipient) == ("EPOSTA", "HS_WEB", "ana@ornek.example")
    assert (row.status, row.consent_date, row.recipient_type) == ("ONAY", "2026-11-20 12:30:00", "TACIR")


def test_only_changes_are_entered_and_none_begins_with_a_refusal() -> None:
    said = [
        word(DENIED), word(GRANTED, FRIDAY + HOUR), word(GRANTED, FRIDAY + 2 * HOUR, topic="news"),
        word(WITHDRAWN, FRIDAY + 3 * HOUR, topic="news"), word(WITHDRAWN, FRIDAY + 4 * HOUR),
        word(WITHDRAWN, FRIDAY + 5 * HOUR), word(PENDING, FRIDAY + 6 * HOUR),
    ]  # fmt: skip
    expected = [("EPOSTA", "ONAY", "2026-11-20 13:30:00"), ("EPOSTA", "RET", "2026-11-20 16:30:00")]
    assert rows(*said) == rows(*reversed(said)) == expected


def test_a_no_of_no_address_by_name_is_entered_for_each_of_theirs() -> None:
    said = [
        word(GRANTED), word(GRANTED, FRIDAY + HOUR, address="ana@new.example"),
        word(WITHDRAWN, FRIDAY + 2 * HOUR, address="ana@new.example", is_of_all=True),
    ]  # fmt: skip
    found = iys.registrations(said, lambda _: iys.PERSON, 0, FRIDAY).rows
    assert sorted((row.recipient, row.status) for row in found) == [
        ("ana@new.example", "ONAY"), ("ana@new.example", "RET"),
        ("ana@ornek.example", "ONAY"), ("ana@ornek.example", "RET"),
    ]  # fmt: skip


def test_what_was_exported_before_is_known_and_not_exported_again() -> None:
    said = [word(GRANTED), word(WITHDRAWN, FRIDAY + DAY)]
    assert rows(*said, since=FRIDAY + HOUR) == [("EPOSTA", "RET", "2026-11-21 12:30:00")]


def test_what_the_register_told_us_is_not_told_back() -> None:
    assert rows(word(GRANTED), word(WITHDRAWN, FRIDAY + HOUR, method="register")) == [
        ("EPOSTA", "ONAY", "2026-11-20 12:30:00")
    ]


def test_an_unconfirmed_consent_is_none_where_it_has_to_be_confirmed() -> None:
    assert rows(word(GRANTED), confirmed=frozenset({"email"})) == []
    assert len(rows(word(GRANTED, confirmed_at=FRIDAY), confirmed=frozenset({"email"}))) == 1


def test_two_changes_in_one_second_are_a_second_apart() -> None:
    said = [word(GRANTED), word(WITHDRAWN, FRIDAY + SECOND // 2)]
    assert [date for _, _, date in rows(*said)] == ["2026-11-20 12:30:00", "2026-11-20 12:30:01"]


def test_numbers_are_for_messages_and_calls_and_purposes_are_for_nobody() -> None:
    said = [
        word(GRANTED, channel="sms", address="+905813334455"), word(GRANTED, channel="call", address="+905813334455"),
        word(GRANTED, channel="category", topic="Advertising", address=""), word(GRANTED, channel="onsite", address=""),
    ]  # fmt: skip
    assert sorted(kind for kind, _, _ in rows(*said)) == ["ARAMA", "MESAJ"]


def test_what_is_from_before_the_law_has_its_date() -> None:
    [row] = iys.registrations([word(GRANTED, 5)], lambda _: iys.PERSON, 0, FRIDAY).rows
    assert (row.source, row.consent_date) == ("HS_2015", "2015-05-01 00:00:00")


def test_weekends_do_not_count_among_the_three_days() -> None:
    for days, late in ((5, 0), (6, 1)):  # Friday to Wednesday are three business days.
        assert iys.registrations([word(GRANTED)], lambda _: iys.PERSON, 0, FRIDAY + days * DAY).late == late


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("hs_islak_imza", "HS_ISLAK_IMZA"), ("call centre", "HS_CAGRI_MERKEZI"), ("till 4", "HS_FIZIKSEL_ORTAM"),
        ("iOS app", "HS_MOBIL"), ("sign-up form", "HS_WEB"),
    ],
)  # fmt: skip
def test_the_source_is_the_registers_code(source: str, code: str) -> None:
    assert iys.source_of(word(GRANTED, source=source)) == code
    assert code in iys.SOURCES


def test_a_source_nobody_can_tell_is_electronic_at_least() -> None:
    assert iys.source_of(word(GRANTED, ip="")) == "HS_EORTAM"


CSV = """\ufeffcreationDate,transactionId,recipient,recipientType,type,status,consentDate,source
2026-11-20 23:58:53,t1,Ana@ornek.example,BIREYSEL,EPOSTA,RET,2026-11-20 10:00:00,IYS_WEB
2026-11-20 23:58:54,t2,+905813334455,BIREYSEL,MESAJ,ONAY,2026-11-20 11:00:00,IYS_WEB
2026-11-20 23:58:54,t3,nobody,BIREYSEL,EPOSTA,RET,2026-11-20 11:00:00,IYS_WEB
2026-11-20 23:58:54,t4,ben@ornek.example,BIREYSEL,FAKS,RET,2026-11-20 11:00:00,IYS_WEB
2026-11-20 23:58:54,t5,ben@ornek.example,BIREYSEL,EPOSTA,RET,20.11.2026,IYS_WEB
"""


def test_the_daily_file_is_read_and_bad_lines_are_named() -> None:
    read = iys.read(io.StringIO(CSV), "day.csv")
    assert [(row.channel, row.recipient, row.granted) for row in read.rows] == [
        ("email", "ana@ornek.example", False), ("sms", "+905813334455", True),
    ]  # fmt: skip
    assert [problem.split(":")[0] for problem in read.problems] == ["line 4", "line 5", "line 6"]


@pytest.mark.parametrize("text", ['{"after": "x", "list": [%s]}', "[%s]", " \n[%s]"])
def test_the_apis_answers_are_read(text: str) -> None:
    one = '{"recipient": "ana@ornek.example", "type": "EPOSTA", "status": "RET", "consentDate": "2026-11-20 10:00:00"}'
    [row] = iys.read(io.StringIO(text % one), "changes.json").rows
    assert (row.granted, row.said_at) == (False, FRIDAY - 2 * HOUR - HOUR // 2)


@pytest.mark.parametrize("text", ["", "[1, 2", '{"list": 5}', "name,number\na,1\n"])
def test_another_file_is_refused(text: str) -> None:
    with pytest.raises(HabitueError):
        iys.read(io.StringIO(text), "other")


def test_a_refusal_at_the_register_overrides_the_consent_here_and_a_consent_no_later_refusal() -> None:
    world = World()
    for who in ("ana", "ben"):
        world.log.append([world.event("Identified", who, traits={"email": f"{who}@ornek.example"}, context={})])
        world.happens("Consent Granted" if who == "ana" else "Consent Withdrawn", who, channel="email")
    now = world.clock.now()
    said = [
        iys.Row("email", "ana@ornek.example", False, now - DAY, "IYS_WEB", "t1"),
        iys.Row("email", "ben@ornek.example", True, now - DAY, "IYS_WEB", "t2"),
    ]
    ids = {who: world.customer(who).id for who in ("ana", "ben")}
    made = iys.events(said, now, lambda kind, value: ids[value.partition("@")[0]])
    for _ in range(2):
        world.log.append(made)
        world.turn()
    for who in ("ana", "ben"):
        known = what_holds(world.customer(who), "email", f"{who}@ornek.example")
        assert known is not None and known.is_refused
    [told, first] = [one for _, one in world.store.consents([ids["ana"]])]
    assert (told.method, told.actor, told.source, told.address) == ("register", "İYS", "IYS_WEB", "ana@ornek.example")
    assert first.state == GRANTED


def test_of_several_words_about_one_address_the_last_counts_and_the_refusal_of_one_moment() -> None:
    said = [
        iys.Row("email", "ana@ornek.example", granted, at, "", f"t{number}")
        for number, (granted, at) in enumerate([(False, 5), (True, 9), (False, 9), (True, 7)])
    ]
    [event] = iys.events(said, FRIDAY, lambda kind, value: None)
    assert (event.name, event.occurred_at) == ("Consent Withdrawn", FRIDAY)
    assert event.identifiers == {"email": "ana@ornek.example"}
    assert [one.id for one in iys.events(said, FRIDAY + DAY, lambda kind, value: None)] == [event.id]
