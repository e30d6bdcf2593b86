"""The page behind "Book a new time": one booking, once, and kind words for every other case."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from tests.app.cast import FRIDAY_AT_NINE, NOW, Cast, new_york, time_off
from tests.app.client_browser import Visitor, choosable, mint, words
from tests.app.sent_notifications import latest, told

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.appointments.rebooking import rebook
from raincheck.actions.engine.runner import run_command
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.domain.appointments.lifecycle import CancelReason, OfferEnded

DAYS = timedelta(days=1)
WHERE = "Los Angeles time · Telehealth with Dr. Okafor, 50 minutes"
KEEP = "Our messages will use it too. Keep Los Angeles time"
BOOKED = (
    f"You're all set, Riley Friday, November 27 at 6:00 AM {WHERE}"
    " Dr. Okafor knows, and a confirmation is on its way to you. Add to my calendar Join by video"
    " Write to Dr. Okafor"
)


@pytest.fixture
def offer(cast: Cast) -> RebookOffer:
    cast.decline(cast.asked(cast.booked()))
    return RebookOffer.objects.get()


def test_the_link_of_the_batch_leads_on_to_booking(cast: Cast, offer: RebookOffer) -> None:
    request = RescheduleRequest.objects.get()
    visitor = Visitor(request.batch)
    page = visitor.get(f"/book/{offer.ref}/")
    assert words(page).startswith(
        "Book a new time Hi Riley, your appointment on Tuesday, November 24 at 8:00 AM was canceled. You can book one"
        f" new time here, until Wednesday, December 16. Telehealth with Dr. Okafor, 50 minutes {KEEP} Nearest good times Times in Los"
        " Angeles · Change Mon, Nov 23 1:00 PM Tue, Nov 24 8:00 AM Tue, Nov 24 9:30 AM Tue, Nov 24 11:00 AM Tue, Nov 24 12:30 PM"
        " All open times November 2026 Nov 23 – 27 Mon 23 15 times"
    )
    assert words(page).endswith("Please choose a time first. Book this time None of these work")


def test_a_link_of_its_own_leads_to_booking_too(cast: Cast) -> None:
    appointment = cast.booked()
    cancellation = Cancellation(CancelReason.UNAVAILABLE, rebook_link=True)
    verb = partial(cancel_appointment, appointment.ref, cancellation=cancellation, by=cast.by_okafor, now=NOW)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=NOW)
    offer = RebookOffer.objects.get()
    _link, token = mint(offer)
    response = Visitor().get(f"/r/{token}/")
    assert (response.status_code, response["Location"]) == (302, f"/book/{offer.ref}/")


def test_booking_makes_one_appointment_and_tells_both(cast: Cast, offer: RebookOffer) -> None:
    visitor, since = Visitor(offer), latest()
    for _time in range(2):
        response = visitor.pick(f"/book/{offer.ref}/", FRIDAY_AT_NINE)
        assert (response.status_code, response["Location"]) == (302, f"/book/{offer.ref}/")
    booked = Appointment.objects.get(status="scheduled")
    assert (booked.starts_at, booked.provider, booked.client, booked.type, booked.place) == (
        FRIDAY_AT_NINE,
        cast.okafor,
        cast.riley,
        cast.follow_up,
        cast.telehealth,
    )
    assert told(since) == ["booked to client by email: waiting", "booked to provider by in_app: handed_over"]
    assert words(visitor.get(f"/book/{offer.ref}/")) == BOOKED
    file = visitor.get(f"/book/{offer.ref}/appointment.ics").content.decode()
    assert f"UID:{booked.ical_uid}\r\n" in file


def test_without_a_script_booking_asks_once_more(offer: RebookOffer) -> None:
    visitor = Visitor(offer)
    response = visitor.post(f"/book/{offer.ref}/", start="2026-11-27T14:00Z", confirmed="")
    assert words(response) == (
        "Is this right? Friday, November 27 at 6:00 AM Los Angeles time · Telehealth with Dr. Okafor, 50 minutes Held for you until 7:05 AM."
        " Book Fri, Nov 27 at 6:00 AM Choose another time"
    )
    assert Appointment.objects.filter(status="scheduled").count() == 0


def test_an_offer_that_was_used_shows_what_was_booked(offer: RebookOffer) -> None:
    visitor = Visitor(offer)
    visitor.pick(f"/book/{offer.ref}/", FRIDAY_AT_NINE)
    response = visitor.pick(
        f"/book/{offer.ref}/", new_york(27, 10), key="11111111-1111-4111-8111-111111111111"
    )
    assert (response.status_code, words(response)) == (
        409,
        "A new time was already booked with this link, so nothing was booked now. It is shown below."
        + f" {BOOKED}",
    )
    request = RescheduleRequest.objects.get()
    lapsed = words(Visitor(request.batch).get(f"/choose/{request.batch.ref}/"))
    assert "See the new time you booked" in lapsed
    assert "Book a new time" not in lapsed


def test_a_time_that_was_just_taken_leaves_the_offer(cast: Cast, offer: RebookOffer) -> None:
    cast.booked(FRIDAY_AT_NINE, client=cast.maya)
    response = Visitor(offer).pick(f"/book/{offer.ref}/", FRIDAY_AT_NINE)
    assert response.status_code == 409
    assert (
        "Fri, Nov 27 at 6:00 AM was just taken. Nothing was booked. These are close to it:"
        " Fri, Nov 27 7:00 AM Fri, Nov 27 7:30 AM Nearest good times"
    ) in words(response)
    assert "Friday, November 27, 6:00 AM" not in choosable(response)


def test_a_time_that_was_blocked_since_leaves_the_offer(cast: Cast, offer: RebookOffer) -> None:
    time_off(cast.okafor, FRIDAY_AT_NINE, FRIDAY_AT_NINE + timedelta(hours=1))
    response = Visitor(offer).pick(f"/book/{offer.ref}/", FRIDAY_AT_NINE)
    offer.refresh_from_db()
    assert (response.status_code, offer.booked_id) == (409, None)
    assert "Friday, November 27, 6:00 AM" not in choosable(response)


def test_nothing_chosen_is_said_kindly(offer: RebookOffer) -> None:
    response = Visitor(offer).post(f"/book/{offer.ref}/")
    assert response.status_code == 422
    assert words(response).startswith("Please choose a time first. Nothing was changed. Book a new time")


def test_an_offer_ends_after_30_days(cast: Cast, offer: RebookOffer) -> None:
    visitor = Visitor(offer)
    visitor.now = NOW + 30 * DAYS
    for response in (
        visitor.get(f"/book/{offer.ref}/"),
        visitor.pick(f"/book/{offer.ref}/", FRIDAY_AT_NINE),
    ):
        assert (response.status_code, words(response)) == (
            410,
            "This link has ended A new time could be booked with it for 30 days. We would still like to find one with you."
            " You can call Harbor Counseling at +1 212 555 0100 . To see your appointments or to write to us, please sign"
            " in. Sign in",
        )


def test_an_offer_books_nothing_in_the_instant_it_ends(cast: Cast, offer: RebookOffer) -> None:
    """Whoever opened the page in time, and sends it too late."""
    ends = offer.expires_at
    verb = partial(rebook, offer.ref, start=new_york(21, 9, month=12), by=cast.by_riley, now=ends)
    with pytest.raises(OfferEnded):
        run_command(verb, key=None, body={}, by=cast.by_riley, now=ends)


def test_who_has_booked_sees_the_booking_until_it_is_over(cast: Cast, offer: RebookOffer) -> None:
    visitor = Visitor(offer)
    late = FRIDAY_AT_NINE + 28 * DAYS
    visitor.pick(f"/book/{offer.ref}/", late)
    visitor.now = NOW + 30 * DAYS
    assert visitor.now < late
    assert words(visitor.get(f"/book/{offer.ref}/")).startswith("You're all set, Riley")
    visitor.now = late + DAYS
    assert visitor.get(f"/book/{offer.ref}/").status_code == 410


def test_an_older_offer_of_a_batch_that_lives_on_says_that_it_has_ended(cast: Cast) -> None:
    first, second = cast.booked(), cast.booked(new_york(25, 11))
    request = cast.asked(first, second)
    cast.decline(request)
    offer = RebookOffer.objects.get()
    visitor = Visitor(request.batch, now=NOW + 31 * DAYS)
    for response in (
        visitor.get(f"/book/{offer.ref}/"),
        visitor.pick(f"/book/{offer.ref}/", FRIDAY_AT_NINE),
    ):
        assert words(response) == (
            "This way to book has ended A new time could be booked here for 30 days. We are glad to find one with you"
            " still. You can call Harbor Counseling at +1 212 555 0100 . Write to Dr. Okafor"
        )


def test_without_any_open_time_booking_offers_to_write(cast: Cast, offer: RebookOffer) -> None:
    cast.okafor.availability = {"weekly": [], "overrides": []}
    cast.okafor.save(update_fields=["availability"])
    assert words(Visitor(offer).get(f"/book/{offer.ref}/")).endswith(
        "Dr. Okafor has no open times right now. Please look again in a few days, or write to say what would suit you."
        " Write to Dr. Okafor"
    )
