"""The pages about records of the same person: the list of those that look alike, two side by side, and the way back."""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.http import HttpResponse
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, client_in, new_york
from tests.app.client_browser import words
from tests.app.people.merged import BY_SASHA, HOUR, edit
from tests.app.staff_browser import mallory, manager, okafor

from raincheck.actions.engine.runner import run_command
from raincheck.data.clients.merges import ClientMerge, DifferentPeople
from raincheck.data.people import Client, Recipient

BORN = date(1990, 5, 1)


def again(cast: Cast, first: str = "Rylee", **said: object) -> Client:
    other = client_in(cast.practice, first, "Brooks")
    Client.objects.filter(pk=other.pk).update(**said)
    other.refresh_from_db()
    return other


def alike(cast: Cast) -> Client:
    """Return another record that has Riley's e-mail, in other letters."""
    other = again(cast)
    Recipient.objects.filter(client=other).update(email="Riley@clients.example")
    return other


def pairs(response: HttpResponse) -> list[str]:
    html = response.content.decode().partition("</h1>")[2]
    rows = re.findall(r'<div class="what"><b>(.*?)</div></div>', html, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in rows]


def form_in(response: HttpResponse) -> dict[str, str]:
    """Return what the form of the comparison would send as it stands."""
    html = response.content.decode()
    hidden = dict(
        re.findall(r'<input type="hidden" name="(key|with|seen-kept|seen-gone)" value="([^"]*)"', html)
    )
    chosen = re.findall(r'<input type="radio" name="([a-z_]+)" value="(kept|gone)"[^>]*? checked', html)
    return hidden | dict(chosen)


def test_the_list_names_who_shares_what(cast: Cast) -> None:
    alike(cast)
    again(cast, "Maja", date_of_birth=BORN, last_name="Chén")
    Client.objects.filter(pk=cast.maya.pk).update(first_name="MAJA", date_of_birth=BORN)
    assert pairs(manager(cast).get("/clients/duplicates/")) == [
        "Riley Brooks · Rylee Brooks Same e-mail",
        "MAJA Chen · Maja Chén Same name and date of birth",
    ]


def test_different_people_are_asked_about_once(cast: Cast) -> None:
    other, me = alike(cast), manager(cast)
    answer = me.post("/clients/duplicates/", one=str(cast.riley.ref), other=str(other.ref))
    assert answer["Location"] == "/clients/duplicates/"
    page = me.get("/clients/duplicates/")
    assert pairs(page) == []
    assert "Kept apart. You won't be asked about these two again." in words(page)
    assert DifferentPeople.objects.count() == 1
    # One of another practice is not here, nor is half a pair.
    for second in (str(cast.eve.ref), str(cast.riley.ref), "none"):
        me.post("/clients/duplicates/", one=str(cast.riley.ref), other=second)
    assert DifferentPeople.objects.count() == 1


def test_two_records_are_compared_and_what_is_better_is_chosen_already(cast: Cast) -> None:
    other = again(cast, date_of_birth=BORN, do_not_auto_cancel=True, pronouns="she/her")
    cast.booked(client=other)
    page = manager(cast).get(f"/clients/{cast.riley.ref}/merge/?with={other.ref}")
    said = form_in(page)
    assert {name: value for name, value in said.items() if name not in ("key", "with")} == {
        "seen-kept": "0",
        "seen-gone": "0",
        "name": "kept",
        "pronouns": "kept",
        "date_of_birth": "gone",
        "email": "kept",
        "zone": "kept",
        "do_not_auto_cancel": "gone",
    }
    assert "May 1, 1990" in words(page)
    assert "0 ahead · 0 in the past 1 ahead, the next on Tue, Nov 24 · 11:00 AM · 0 in the past" in words(
        page
    )


def test_merged_and_undone_by_a_press_each(cast: Cast) -> None:
    other, me = again(cast, date_of_birth=BORN), manager(cast)
    row = cast.booked(client=other)
    address = f"/clients/{cast.riley.ref}/merge/?with={other.ref}"
    said = form_in(me.get(address))
    answer = me.post(f"/clients/{cast.riley.ref}/merge/", **said)
    assert answer["Location"] == f"/clients/{cast.riley.ref}/"
    page = words(me.get(f"/clients/{cast.riley.ref}/"))
    assert "Merged. Nothing was sent. For a day you can undo it here." in page
    assert (
        "Merged into this record Rylee Brooks merged Mon, Nov 16 · 10:00 AM · can be undone until Tue, Nov 17 · 10:00 AM"
        in page
    )
    assert "Tue, Nov 24 · 11:00 AM" in page
    # The record that went leads to the other one, and stands in no list.
    assert me.get(f"/clients/{other.ref}/")["Location"] == f"/clients/{cast.riley.ref}/"
    assert "Rylee" not in words(me.get("/clients/"))
    ref = ClientMerge.objects.get().ref
    assert me.post(f"/clients/merges/{ref}/undo/")["Location"] == f"/clients/{cast.riley.ref}/"
    assert "Undone. Rylee Brooks has a record of their own again." in words(
        me.get(f"/clients/{cast.riley.ref}/")
    )
    assert "Rylee Brooks" in words(me.get("/clients/"))
    row.refresh_from_db()
    assert row.client_id == other.pk


def test_what_cannot_be_undone_says_why(cast: Cast) -> None:
    other = again(cast)
    cast.booked(client=other)
    me = manager(cast)
    me.post(
        f"/clients/{cast.riley.ref}/merge/",
        **form_in(me.get(f"/clients/{cast.riley.ref}/merge/?with={other.ref}")),
    )
    cast.booked(new_york(27, 13), now=NOW + HOUR)
    late = manager(cast, now=NOW + 2 * HOUR)
    late.post(f"/clients/merges/{ClientMerge.objects.get().ref}/undo/")
    assert "Something was done with an appointment since the merge: Fri, Nov 27 · 1:00 PM." in words(
        late.get(f"/clients/{cast.riley.ref}/")
    )
    assert "Undo the merge" not in words(
        manager(cast, now=NOW + timedelta(days=1)).get(f"/clients/{cast.riley.ref}/")
    )


def test_a_refusal_keeps_what_was_chosen(cast: Cast) -> None:
    other = again(cast, date_of_birth=BORN)
    cast.booked()
    cast.booked(TUESDAY_AT_ELEVEN, client=other, provider=cast.fischer)
    me = manager(cast)
    said = form_in(me.get(f"/clients/{cast.riley.ref}/merge/?with={other.ref}")) | {
        "name": "gone",
        "email": "gone",
    }
    refused = me.post(f"/clients/{cast.riley.ref}/merge/", **said)
    assert refused.status_code == 409
    assert (
        "These two records have appointments at the same time: Tue, Nov 24 · 11:00 AM, Dr. Okafor and Tue, Nov 24 · 11:00 AM, Dr. Fischer."
        " Nothing was changed. One person can't be in two places at once, so please move or cancel one of them first."
        in words(refused)
    )
    again_said = form_in(refused)
    assert {name: again_said[name] for name in ("name", "email", "key")} == {
        "name": "gone",
        "email": "gone",
        "key": said["key"],
    }
    assert ClientMerge.objects.count() == 0


def test_a_comparison_that_is_outdated_is_shown_anew(cast: Cast) -> None:
    other, me = again(cast), manager(cast)
    said = form_in(me.get(f"/clients/{cast.riley.ref}/merge/?with={other.ref}"))
    run_command(edit(other, email="new@clients.example"), key=None, body={}, by=BY_SASHA, now=NOW)
    refused = me.post(f"/clients/{cast.riley.ref}/merge/", **said)
    assert refused.status_code == 409
    assert "new@clients.example" in words(refused)
    assert form_in(refused)["seen-gone"] == "1"


def test_the_other_record_is_found_by_words_and_by_likeness(cast: Cast) -> None:
    other, me = alike(cast), manager(cast)
    page = words(me.get(f"/clients/{cast.riley.ref}/merge/"))
    assert "Likely the same person Rylee Brooks Compare Rylee Brooks" in page
    found = words(me.get(f"/clients/{cast.maya.ref}/merge/", q="rylee"))
    assert "Found Rylee Brooks Compare Rylee Brooks" in found
    assert me.get(f"/clients/{cast.riley.ref}/merge/", **{"with": str(cast.eve.ref)}).status_code == 404
    assert other.pk


def test_only_managers_merge(cast: Cast) -> None:
    other = alike(cast)
    cast.booked()
    for somebody in (okafor(), mallory()):
        assert [
            somebody.get("/clients/duplicates/").status_code,
            somebody.get(f"/clients/{cast.riley.ref}/merge/").status_code,
            somebody.post(f"/clients/{cast.riley.ref}/merge/", **{"with": str(other.ref)}).status_code,
        ] == [404, 404, 404]
    assert "Merge with another record" not in words(okafor().get(f"/clients/{cast.riley.ref}/"))


def test_lists_take_as_many_questions_for_many_as_for_few(cast: Cast) -> None:
    alike(cast)
    me = manager(cast)
    few = me.queries("/clients/duplicates/")
    for number in range(12):
        again(cast, f"R{number}", date_of_birth=BORN, first_name="Same")
    assert me.queries("/clients/duplicates/") == few


def test_the_same_merge_sent_twice_is_answered_the_same_way(cast: Cast) -> None:
    other, me = again(cast), manager(cast)
    address = f"/clients/{cast.riley.ref}/merge/"
    said = form_in(me.get(f"{address}?with={other.ref}"))
    answers = [me.post(address, **said) for _time in range(2)]
    assert [(one.status_code, one["Location"]) for one in answers] == [
        (302, f"/clients/{cast.riley.ref}/")
    ] * 2
    # Under another key it is a new wish, about a record that is there no more.
    assert me.post(address, **said | {"key": ""}).status_code == 404
