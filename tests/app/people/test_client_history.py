"""The history of a client's record: every change, who made it, and no word that could not be erased."""

from __future__ import annotations

import pytest
from tests.app.cast import NOW, Cast
from tests.app.client_browser import Visitor, page_of
from tests.app.engine.test_promises import refused, sql
from tests.app.form_fields import filled
from tests.app.staff_browser import manager, okafor

from raincheck.data.clients.history import ClientHistory
from raincheck.data.people import Client, Membership, Recipient


def history(client: Client) -> list[tuple[str, str, int | None, dict[str, object]]]:
    rows = ClientHistory.objects.filter(client=client).order_by("pk")
    return list(rows.values_list("event", "actor_kind", "actor", "details"))


def test_each_change_is_one_row_that_keeps_codes_and_never_words(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    boss, record = manager(cast), f"/clients/{cast.riley.ref}/edit/"
    for spelled in ("(310) 555-0142", "310 555 0142"):
        filled(boss, record, email="riley@new.example", phone=spelled, texts="on")
    for _again in range(2):
        filled(okafor(), record, do_not_auto_cancel="on")
    Visitor(request.batch).post(f"{page_of(request)}zone/", zone="Europe/London")
    sasha = Membership.objects.get(role="manager").pk
    assert history(cast.riley) == [
        (
            "changed",
            "manager",
            sasha,
            {
                "texts": [False, True],
                "agreed_on": ["", "2026-11-16"],
                "words": ["email", "phone"],
            },
        ),
        ("changed", "provider", cast.okafor.pk, {"do_not_auto_cancel": [False, True]}),
        ("changed", "client_by_link", cast.riley.pk, {"zone": ["America/Los_Angeles", "Europe/London"]}),
    ]


def test_consent_to_texts_says_who_took_it_and_when(cast: Cast) -> None:
    cast.booked()
    record = f"/clients/{cast.riley.ref}/edit/"

    def taken() -> tuple[object, ...]:
        row = Recipient.objects.get(client=cast.riley)
        return row.phone, row.sms_agreed_at, row.sms_agreed_by_kind, row.sms_agreed_by

    filled(okafor(), record, email="riley@clients.example", phone="310 555 0142", texts="on")
    by_okafor = "+13105550142", NOW, "provider", cast.okafor.pk
    assert taken() == by_okafor
    filled(manager(cast), record, email="riley@new.example", phone="310 555 0142", texts="on")
    assert taken() == by_okafor
    filled(manager(cast), record, email="riley@new.example", phone="310 555 0143", texts="on")
    assert taken() == ("+13105550143", NOW, "manager", Membership.objects.get(role="manager").pk)
    filled(okafor(), record, email="riley@new.example", phone="310 555 0143", texts=None)
    assert taken() == ("+13105550143", None, None, None)


@pytest.mark.parametrize("crime", ["UPDATE raincheck_clienthistory SET at = at", "DELETE FROM raincheck_clienthistory"])  # fmt: skip
def test_p15_the_history_of_a_client_is_append_only(cast: Cast, crime: str) -> None:
    cast.booked()
    filled(okafor(), f"/clients/{cast.riley.ref}/edit/", do_not_auto_cancel="on")
    with refused("the_history_is_append_only"):
        sql(crime)
