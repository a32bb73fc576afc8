"""Customers: traits, identifiers, and consent with its source and its time."""

from __future__ import annotations

from pathlib import Path

from habitue.model.instant import DAY, to_iso

from .conftest import NOW, Importing, Sink, file, reasons

MAPPING = """
columns:
  no: user_id
  mail: email
  mobile: phone
  first: traits.firstName
  city: traits.address.city
  born: traits.birthday as date
  points: traits.points as number
  changed: time
country: GB
consents:
  - {channel: email, topic: news, answer: news, at: news_at, source: sign-up form, text: Yes please}
  - {channel: sms, answer: texts}
"""
HEAD = "no,mail,mobile,first,city,born,points,changed,news,news_at,texts\n"


def test_a_row_becomes_who_she_is_and_what_she_consented_to(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    row = "12.0,Ana@Example.com,020 7946 0000,Ana,London,1980-04-03,120,2026-05-01,yes,2025-03-04,no\n"
    bring(file(tmp_path, "a.csv", HEAD + row), "customers", MAPPING)
    identified, news, texts = sink.events
    assert (identified.name, identified.type, identified.user_id) == ("Identified", "identify", "12")
    assert identified.traits == {
        "email": "Ana@Example.com",
        "phone": "020 7946 0000",
        "firstName": "Ana",
        "address": {"city": "London"},
        "birthday": "1980-04-03",
        "points": 120,
    }
    assert identified.identifiers == {"email": "ana@example.com", "phone": "+442079460000"} == news.identifiers
    assert (news.name, to_iso(news.occurred_at)[:10]) == ("Consent Granted", "2025-03-04")
    assert news.properties == {"channel": "email", "topic": "news", "source": "sign-up form", "text": "Yes please"}
    assert (texts.name, texts.properties["channel"]) == ("Consent Withdrawn", "sms")


def test_a_yes_without_a_source_is_no_proof_and_a_no_always_counts(
    tmp_path: Path, bring: Importing, sink: Sink
) -> None:
    rows = "1,,,Ana,,,,2026-05-01,,,yes\n2,,,Ben,,,,2026-05-01,,,no\n"
    counts = bring(file(tmp_path, "a.csv", HEAD + rows), "customers", MAPPING)
    assert [event.name for event in sink.events] == ["Identified", "Identified", "Consent Withdrawn"]
    assert counts.skipped == {"a consent without a source is no proof": 1}


def test_a_country_written_out_does_not_hide_the_one_that_numbers_are_read_for(
    tmp_path: Path, bring: Importing, sink: Sink
) -> None:
    path = file(tmp_path, "a.csv", "mobile,land\n020 7946 0000,United Kingdom\n0532 123 45 67,TR\n")
    bring(path, "customers", "columns: {mobile: phone, land: traits.address.country}\ncountry: GB")
    assert [one.identifiers["phone"] for one in sink.events] == ["+442079460000", "+905321234567"]


def test_a_word_that_is_neither_yes_nor_no_is_not_guessed(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    path = file(tmp_path, "a.csv", HEAD + "1,,,Ana,,,,2026-05-01,perhaps,,\n")
    bring(path, "customers", MAPPING)
    assert reasons(path) == [(2, "unknown_answer")]
    assert sink.events == []


def test_customers_without_a_time_are_old_enough_to_start_nothing(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    path = file(tmp_path, "a.csv", HEAD + "1,,,Ana,,,,,yes,,\n")
    bring(path, "customers", MAPPING, history_after=3 * DAY)
    assert {NOW - event.occurred_at > 3 * DAY for event in sink.events} == {True}
    assert bring(path, "customers", MAPPING).added == 0


def test_a_mailing_tools_export_is_understood_without_a_mapping(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    rows = (
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address City,Phone,Password Hash,Tags\n"
        "7,Ana,A,ana@example.com,yes,London,+442079460000,x,vip\n"
        "8,Ben,B,ben@example.com,no,Leeds,,x,\n"
    )
    counts = bring(file(tmp_path, "a.csv", rows), "customers")
    ana, ben, withdrawn = sink.events
    assert ana.traits == {"firstName": "Ana", "lastName": "A", "tags": "vip", "address": {"city": "London"}} | {
        "email": "ana@example.com",
        "phone": "+442079460000",
    }
    assert (ben.user_id, withdrawn.user_id, withdrawn.name) == ("8", "8", "Consent Withdrawn")
    assert counts.skipped == {"a consent without a source is no proof": 1}
