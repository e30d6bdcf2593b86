"""The zone of a client's times: shown, changed by the client alone, and refused when there is none of that name."""

from __future__ import annotations

import pytest
from tests.app.cast import Cast
from tests.app.client_browser import Visitor, words

from raincheck.data.people import Client, Recipient


def test_the_chosen_zone_is_kept_and_used_in_messages_too(cast: Cast) -> None:
    request = cast.asked(cast.booked())
    Recipient.objects.filter(client=cast.riley).update(zone="America/Denver")
    visitor, page = Visitor(request.batch), f"/choose/{request.batch.ref}/"
    assert "Times in Denver" in words(visitor.get(page))
    assert '<option value="America/Denver" selected>Denver</option>' in (
        visitor.get(f"{page}zone/").content.decode()
    )
    response = visitor.post(f"{page}zone/", zone="Europe/London")
    assert (response.status_code, response["Location"]) == (302, page)
    shown = words(visitor.get(page))
    assert shown.startswith("Times are now shown in London time. Hi Riley, please choose a new time")
    assert "Tuesday, November 24 at 4:00 PM" in shown
    riley = Client.objects.get(pk=cast.riley.pk)
    recipient = Recipient.objects.get(client=riley)
    assert (riley.zone, riley.confirmed_zone, recipient.zone) == ("Europe/London",) * 3


def test_a_zone_chosen_by_somebody_without_a_profile_stays_out_of_the_profile(cast: Cast) -> None:
    request = cast.asked(cast.booked(client=cast.maya))
    page = f"/choose/{request.batch.ref}/"
    Visitor(request.batch).post(f"{page}zone/", zone="Europe/London")
    maya = Client.objects.get(pk=cast.maya.pk)
    assert (maya.zone, maya.confirmed_zone) == ("", "Europe/London")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "Factory"])
def test_an_unknown_zone_is_refused_in_a_sentence(cast: Cast, zone: str) -> None:
    request = cast.asked(cast.booked())
    response = Visitor(request.batch).post(f"/choose/{request.batch.ref}/zone/", zone=zone)
    assert response.status_code == 422
    assert words(response).startswith(
        f"“{zone}” is not a time zone we know. Nothing was changed; please choose one like America/New_York."
    )
    assert Client.objects.get(pk=cast.riley.pk).zone == "America/Los_Angeles"
