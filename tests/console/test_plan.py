"""The draft and its plan: what is edited waits, is looked over, and comes into force once, by whoever may."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient
from tests.console.conftest import sign_in, signed_in, token_of
from tests.console.sample import EMAIL, PASSWORD, Sample, application

from habitue.console import Accounts
from habitue.console.drafts import Draft, DraftInTheWay, Drafts
from habitue.console.jobs import Job, Jobs
from habitue.console.plan.rebase import rebase
from habitue.playbook.editing import put_segment
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook

CONDITION = 'count("Order Completed", within="365d") >= 4'


@pytest.fixture
def ana(small_shop: Sample, tmp_path: Path) -> TestClient:
    return signed_in(small_shop, tmp_path)


def post(client: TestClient, address: str, **form: str) -> Any:
    return client.post(f"/console/{address}", data={"form_token": token_of(client, "/console/segments"), **form})


def save(client: TestClient, text: str = CONDITION, **form: str) -> Any:
    return post(client, "segments/save", **{"text": text, "title": "Four orders", **form})


def plan_of(client: TestClient) -> str:
    return re.findall(r'name="plan" value="(\w+)"', client.get("/console/plan").text)[0]


def impact(client: TestClient) -> str:
    for _ in range(3_000):
        text = client.get("/console/plan/impact").text
        if "Reckoning" not in text:
            return text
        time.sleep(0.01)
    raise AssertionError("the plan was never reckoned")


def test_without_a_draft_the_plan_says_how_to_begin(ana: TestClient) -> None:
    assert "Nothing is planned" in ana.get("/console/plan").text


def test_a_saved_segment_waits_in_the_plan_and_changes_nothing_yet(ana: TestClient, small_shop: Sample) -> None:
    answer = save(ana)
    assert answer.status_code == 303 and answer.headers["location"] == "/console/plan"
    page = ana.get("/console/plan").text
    assert "1 segment added" in page and "ordered at least 4 times" in page.lower()
    assert len(small_shop.store.playbooks()) == 1
    assert "a draft waits" in ana.get("/console/").text


def test_a_plan_says_who_joins_and_leaves_and_how_many_messages_a_week(ana: TestClient) -> None:
    save(ana, name="regulars")
    told = impact(ana)
    assert "7 join" in told and "2 leave" in told and "Messages a week" in told


def test_a_plan_says_that_bands_of_rfm_were_never_measured(ana: TestClient, small_shop: Sample) -> None:
    newest = small_shop.newest()
    assert newest is not None
    head = newest.files["playbook.yaml"] + "\nrfm: {bands: percentile}\n"
    small_shop.apply({**newest.files, "playbook.yaml": head}, "ben@shop.example")
    save(ana)
    assert "habitue rfm measure FOLDER" in impact(ana)


def test_put_in_force_keeps_the_version_with_its_author_and_note(ana: TestClient, small_shop: Sample) -> None:
    save(ana)
    answer = post(ana, "plan/put-in-force", unreckoned="yes", plan=plan_of(ana), note="for the loyal")
    assert answer.headers["location"].startswith("/console/versions")
    newest = small_shop.newest()
    assert newest is not None and newest.segments["four_orders"].condition.text == CONDITION
    assert small_shop.store.playbooks()[0]["author"] == "marketing@shop.example"
    assert small_shop.store.playbooks()[0]["note"] == "for the loyal"
    assert "Nothing is planned" in ana.get("/console/plan").text


def test_a_plan_that_was_not_looked_at_is_not_put_in_force(ana: TestClient, small_shop: Sample) -> None:
    save(ana)
    seen = plan_of(ana)
    save(ana, title="Something else")
    answer = post(ana, "plan/put-in-force", plan=seen)
    assert answer.status_code == 422 and "Look it over again" in answer.text
    assert len(small_shop.store.playbooks()) == 1


def test_a_second_edit_is_added_to_the_draft(ana: TestClient) -> None:
    save(ana)
    assert "A draft waits" in ana.get("/console/segments/new-segment").text
    save(ana, text='segment("four_orders") and cart.value > 10', title="Four orders and a cart")
    assert "2 segments added" in ana.get("/console/plan").text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"text": "cart.valu > 3"}, "Did you mean"),
        ({"title": " "}, "needs a title"),
        ({"title": " BIG  spenders"}, "is the title of another segment"),
        ({"outline": '{"kind":"all","items":[]}'}, "Add what must be true"),
        ({"outline": "{"}, "came in broken"),
    ],
)
def test_what_cannot_be_saved_is_shown_again_with_what_was_entered(
    ana: TestClient, form: dict[str, str], said: str
) -> None:
    answer = save(ana, **{"description": "for <b>us</b>", **form})
    assert answer.status_code == 422 and said in answer.text
    assert "for &lt;b&gt;us&lt;/b&gt;" in answer.text
    assert "Nothing is planned" in ana.get("/console/plan").text


def test_a_segment_in_use_is_not_removed_and_who_uses_it_is_said_with_a_way_there(ana: TestClient) -> None:
    answer = post(ana, "segments/first_time/remove")
    assert answer.status_code == 422 and "it is in use" in answer.text
    notice = answer.text.partition("Not removed")[2].partition("</div>")[0]
    assert '<a href="/console/journeys/second_order">' in notice and ".yaml" not in notice


def test_a_segment_that_nothing_names_is_removed(ana: TestClient) -> None:
    assert post(ana, "segments/unicorns/remove").status_code == 303
    assert "1 segment removed" in ana.get("/console/plan").text


def test_titles_become_names_that_are_free(ana: TestClient) -> None:
    for title in ("Größte Käufer", "Größte Käufer!", "123"):
        save(ana, title=title)
    page = ana.get("/console/segments/grote_kaufer_2/edit").text
    assert "Größte Käufer!" in page and ana.get("/console/segments/segment_123/edit").status_code == 200


class Reckoning(Jobs):
    """Whatever is asked for is under way."""

    def get(self, key: str) -> Job | None:
        return Job()


def test_what_is_still_being_reckoned_is_put_in_force_only_by_who_says_so(small_shop: Sample, tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "console.db")
    accounts.create_user(EMAIL, PASSWORD)
    services = replace(small_shop.services(accounts), jobs=Reckoning())
    client = TestClient(application(small_shop, services), follow_redirects=False)
    sign_in(client)
    save(client)
    plan = plan_of(client)
    asked = post(client, "plan/put-in-force", plan=plan)
    assert asked.status_code == 422 and "being reckoned" in asked.text and 'name="unreckoned"' in asked.text
    assert len(small_shop.store.playbooks()) == 1
    assert post(client, "plan/put-in-force", plan=plan, unreckoned="yes").status_code == 303


def test_what_nobody_had_reckoned_is_put_in_force_only_by_who_says_so(ana: TestClient, small_shop: Sample) -> None:
    save(ana)
    asked = post(ana, "plan/put-in-force", plan=plan_of(ana))
    assert asked.status_code == 422 and "put it in force all the same?" in asked.text
    assert 'name="unreckoned"' in asked.text and len(small_shop.store.playbooks()) == 1
    assert post(ana, "plan/put-in-force", plan=plan_of(ana), unreckoned="yes").status_code == 303


def test_what_was_reckoned_is_put_in_force_without_a_question(ana: TestClient) -> None:
    save(ana)
    plan = plan_of(ana)
    impact(ana)
    assert post(ana, "plan/put-in-force", plan=plan).status_code == 303


def test_a_new_segment_is_being_filled_until_everybody_was_looked_at(ana: TestClient, small_shop: Sample) -> None:
    save(ana, title="Late comers")
    post(ana, "plan/put-in-force", unreckoned="yes", plan=plan_of(ana))
    page = ana.get("/console/segments/late_comers").text
    assert "It is being filled" in page and "Nobody is in it" not in page
    assert "being filled" in ana.get("/console/segments").text
    assert "It is being filled" not in ana.get("/console/segments/first_time").text
    small_shop.turn()
    assert "It is being filled" not in ana.get("/console/segments/late_comers").text
    assert ana.get("/console/segments/late_comers/filling").headers["HX-Refresh"] == "true"


def test_after_a_change_elsewhere_nobody_is_in_an_older_version(
    ana: TestClient, small_shop: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(ana)
    post(ana, "plan/put-in-force", unreckoned="yes", plan=plan_of(ana))
    monkeypatch.setattr(small_shop.store, "place_counts", lambda journey: {(1, "x"): 3})
    assert "all in this version" in ana.get("/console/journeys/second_order").text


def test_who_stands_in_a_version_that_means_something_else_is_said(small_shop: Sample, tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "console.db")
    accounts.create_user(EMAIL, PASSWORD)
    services = small_shop.services(accounts)
    small_shop.store.place_counts = lambda journey: {(0, "x"): 3}  # type: ignore[method-assign]

    def load(version: int) -> Playbook:
        book = services.load_playbook(1)
        return book if version else msgspec.structs.replace(book, messages={})

    client = TestClient(application(small_shop, replace(services, load_playbook=load)), follow_redirects=False)
    sign_in(client)
    assert "3 in an older version" in client.get("/console/journeys/second_order").text


def test_a_discarded_draft_is_gone(ana: TestClient) -> None:
    save(ana)
    post(ana, "plan/discard", plan=plan_of(ana))
    assert "Nothing is planned" in ana.get("/console/plan").text
    assert "put in force or discarded" in ana.get("/console/plan/impact").text


def test_a_draft_that_was_edited_meanwhile_is_not_discarded_unseen(ana: TestClient) -> None:
    save(ana)
    seen = plan_of(ana)
    save(ana, title="Something else")
    answer = post(ana, "plan/discard", plan=seen)
    assert answer.status_code == 422 and "Look it over again" in answer.text
    assert "2 segments added" in answer.text


def test_the_reason_given_is_still_there_when_the_plan_must_be_looked_over_again(ana: TestClient) -> None:
    save(ana)
    answer = post(ana, "plan/put-in-force", plan="another", note='for the "loyal"')
    assert 'value="for the &#34;loyal&#34;"' in answer.text


def seen_of(page: str) -> str:
    return re.findall(r'name="seen" value="(\w*)"', page)[0]


def test_an_edit_of_another_tab_is_not_written_over_unseen(ana: TestClient) -> None:
    seen = seen_of(ana.get("/console/segments/regulars/edit").text)
    assert save(ana, name="regulars", seen=seen, title="Of the first tab").status_code == 303
    answer = save(ana, name="regulars", seen=seen, title="Of the second tab")
    assert answer.status_code == 422
    assert "Of the first tab" in answer.text and 'value="Of the second tab"' in answer.text
    assert "Of the second tab" not in ana.get("/console/plan").text
    assert save(ana, name="regulars", seen=seen_of(answer.text), title="Of the second tab").status_code == 303
    assert "Of the second tab" in ana.get("/console/plan").text


def test_what_was_entered_for_a_segment_that_was_removed_meanwhile_can_be_added_anew(ana: TestClient) -> None:
    seen = seen_of(ana.get("/console/segments/unicorns/edit").text)
    post(ana, "segments/unicorns/remove")
    answer = save(ana, name="unicorns", seen=seen, title="Rare ones")
    assert answer.status_code == 422 and "removed meanwhile" in answer.text and 'value="Rare ones"' in answer.text
    assert 'name="name" value=""' in answer.text and save(ana, title="Rare ones").status_code == 303


def test_a_version_that_came_meanwhile_is_said_and_the_draft_moves_onto_it(ana: TestClient, small_shop: Sample) -> None:
    save(ana)
    newest = small_shop.newest()
    assert newest is not None
    small_shop.apply(put_segment(newest.files, "spenders", "Spenders", "orders.revenue > 900"), "ben@shop.example")
    page = ana.get("/console/plan").text
    assert "Version 2 came into force meanwhile" in page and "ben@shop.example" in page
    assert "disabled" in page and post(ana, "plan/put-in-force", unreckoned="yes", plan=plan_of(ana)).status_code == 422
    post(ana, "plan/move")
    page = ana.get("/console/plan").text
    assert "came into force meanwhile" not in page and "1 segment added" in page
    post(ana, "plan/put-in-force", unreckoned="yes", plan=plan_of(ana))
    moved = small_shop.newest()
    assert moved is not None and {"spenders", "four_orders"} <= set(moved.segments)


def test_what_both_changed_is_named_and_nothing_moves(ana: TestClient, small_shop: Sample) -> None:
    save(ana, name="regulars")
    newest = small_shop.newest()
    assert newest is not None
    small_shop.apply(put_segment(newest.files, "regulars", "Regulars", "orders.count > 9"), "ben@shop.example")
    answer = post(ana, "plan/move")
    assert answer.status_code == 422 and "Both changed the segment &#34;regulars&#34;" in answer.text


def test_moving_takes_from_each_side_what_only_it_changed() -> None:
    head = "playbook: x\nshop: {name: X}\n"
    base = {
        "playbook.yaml": head,
        "segments.yaml": "a: {title: A, condition: 'True'}\nb: {title: B, condition: 'True'}\n",
    }
    draft = {**base, "segments.yaml": base["segments.yaml"].replace("title: A", "title: AA")}
    force = {"playbook.yaml": head.replace("X", "Y"), "segments.yaml": base["segments.yaml"].replace("B,", "BB,")}
    files, clashes = rebase(load(base), load(draft), load(force))
    moved = load(files)
    assert not clashes and moved.shop.name == "Y"
    assert [one.title for one in moved.segments.values()] == ["AA", "BB"]


def test_versions_lead_back_by_way_of_the_plan(ana: TestClient, small_shop: Sample) -> None:
    save(ana)
    post(ana, "plan/put-in-force", unreckoned="yes", plan=plan_of(ana))
    listed = ana.get("/console/versions").text
    assert "Version 2" in listed and "in force" in listed
    assert "1 segment added" in ana.get("/console/versions/2").text
    assert post(ana, "versions/1/restore").headers["location"] == "/console/plan"
    assert "1 segment removed" in ana.get("/console/plan").text
    assert "Put it in force or discard it" in post(ana, "versions/2/restore").text
    assert ana.get("/console/versions/9").status_code == 404
    assert ana.get("/console/versions/x").status_code == 404


def test_a_version_that_cannot_be_read_any_more_still_shows_its_files(small_shop: Sample, tmp_path: Path) -> None:
    ana = signed_in(small_shop, tmp_path)
    broken = {**small_shop.store.playbook(1), "segments.yaml": "old: {title: Old, condition: gone(1)}"}
    small_shop.store.save_playbook("sample", broken, small_shop.clock.now(), "ben@shop.example")
    small_shop.apply()
    assert "cannot be read any more" in ana.get("/console/versions/2").text
    assert "gone(1)" in ana.get("/console/versions/2").text
    assert post(ana, "versions/2/restore").status_code == 422


def test_two_who_edit_at_once_come_one_after_the_other_and_a_failed_edit_keeps_nothing(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "console.db")

    def refuse(files: Any) -> Any:
        raise ValueError

    with pytest.raises(ValueError):
        drafts.edit(refuse, lambda: (1, {}), "ana", 5)
    assert drafts.get() is None
    for author in ("ana", "ben", "ana"):
        drafts.edit(lambda files, author=author: {**files, author: "x"}, lambda: (1, {}), author, 6)
    draft = drafts.get()
    assert draft == Draft(1, {"ana": "x", "ben": "x"}, ("ana", "ben"), 6)
    with pytest.raises(DraftInTheWay):
        drafts.begin(1, {}, "ben", 7)
    drafts.edit(lambda files: {**files, "more": "x"}, lambda: (1, {}), "cleo", 8)
    with pytest.raises(DraftInTheWay):
        drafts.rebase(draft, 2, {})
    drafts.discard(draft.files)
    assert drafts.get() is not None


def test_a_plan_that_is_reckoned_while_its_page_is_drawn_is_whole(
    ana: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DoneWhenAsked(Job):
        """Its answer comes in the very moment in which somebody looks whether it is there."""

        def __init__(self, work: Callable[[Job], Any]) -> None:
            super().__init__()
            self._work = work

        @property
        def is_done(self) -> bool:
            self.answer = self.answer or self._work(self)
            return True

        @is_done.setter
        def is_done(self, value: bool) -> None:
            pass

    monkeypatch.setattr(Jobs, "start", lambda self, key, work: DoneWhenAsked(work))
    save(ana, name="regulars")
    assert "7 join" in ana.get("/console/plan/impact").text
