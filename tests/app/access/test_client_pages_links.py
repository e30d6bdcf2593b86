"""A client's link: what it opens, for whom, for how long, and that it never acts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from tests.app.cast import NOW, Cast, new_york
from tests.app.client_browser import Visitor, mint, words
from tests.app.sent_notifications import told

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.idempotency import IdempotencyKey
from raincheck.data.notifications import Link
from raincheck.data.people import Client, Recipient, User
from raincheck.data.reschedule.rebooking import RebookOffer
from raincheck.data.reschedule.request import RescheduleBatch, RescheduleRequest
from raincheck.data.tasks import Task

DAYS = timedelta(days=1)
UNKNOWN = (
    "We can't open this page The link may be incomplete, or this browser has not opened it before. Nothing has"
    " changed. Please open the link in your e-mail or text message once more, or sign in. Sign in"
)
REVOKED = (
    "This link no longer works Nothing has changed. If you have a newer message from us, please use the link in"
    " that one, or sign in. You can also call +1 212 555 0100. Sign in"
)
ENDED = (
    "This link has ended What it was about is settled. You can call Harbor Counseling at +1 212 555 0100 ."
    " To see your appointments or to write to us, please sign in. Sign in"
)


@pytest.fixture
def request_open(cast: Cast) -> RescheduleRequest:
    return cast.asked(cast.booked())


def state(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, words(response)


def signed_in(client: Client) -> Visitor:
    visitor = Visitor()
    user = User.objects.get(memberships__client=client)
    visitor.browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return visitor


def everything() -> dict[str, object]:
    tables = [Appointment, RescheduleRequest, RescheduleBatch, Link, Task, IdempotencyKey, Client, Recipient]
    rows = {table.__name__: list(table.objects.order_by("pk").values()) for table in tables}
    return rows | {"told": told()}


def test_a_link_goes_on_to_a_clean_address_and_changes_nothing(
    cast: Cast, request_open: RescheduleRequest
) -> None:
    _link, token = mint(request_open.batch)
    before = everything()
    visitor = Visitor()
    for _scanner in range(2):
        response = visitor.get(f"/r/{token}/")
        assert (response.status_code, response["Location"]) == (302, f"/choose/{request_open.batch.ref}/")
    assert visitor.get(response["Location"]).status_code == 200
    assert everything() == before


def test_the_cookie_is_signed_and_holds_no_token(request_open: RescheduleRequest) -> None:
    _link, token = mint(request_open.batch)
    cookie = Visitor().get(f"/r/{token}/").cookies["raincheck_links"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", "")
    assert token not in cookie.value
    forger = Visitor()
    forger.browser.cookies["raincheck_links"] = cookie.value[:-1] + ("A" if cookie.value[-1] != "A" else "B")
    assert state(forger.get(f"/choose/{request_open.batch.ref}/")) == (404, UNKNOWN)


def test_one_browser_remembers_several_links(cast: Cast) -> None:
    one = cast.asked(cast.booked())
    other = cast.asked(cast.booked(new_york(25, 11)), repeat_confirmed=True)
    visitor = Visitor(one.batch, other.batch)
    assert visitor.get(f"/choose/{one.batch.ref}/").status_code == 200
    assert visitor.get(f"/choose/{other.batch.ref}/").status_code == 200


def test_a_link_opens_its_own_batch_only(cast: Cast, request_open: RescheduleRequest) -> None:
    theirs = cast.asked(cast.booked(new_york(25, 11), client=cast.maya))
    visitor = Visitor(theirs.batch)
    mine, foreign = f"/choose/{theirs.batch.ref}/", f"/choose/{request_open.batch.ref}/"
    before = everything()
    assert state(visitor.get(foreign)) == (404, UNKNOWN)
    for address in (f"{foreign}write/", f"{foreign}zone/", f"{foreign}{request_open.ref}/"):
        assert state(visitor.get(address)) == (404, UNKNOWN)
        assert state(visitor.post(address)) == (404, UNKNOWN)
    for address in (f"{mine}{request_open.ref}/", f"{mine}{request_open.ref}/cancel/"):
        assert state(visitor.get(address)) == (404, UNKNOWN)
        assert state(visitor.post(address)) == (404, UNKNOWN)
    assert everything() == before


def test_a_link_does_not_open_another_batch_of_the_same_client(
    cast: Cast, request_open: RescheduleRequest
) -> None:
    other = cast.asked(cast.booked(new_york(25, 11)), repeat_confirmed=True)
    cast.decline(other)
    visitor = Visitor(request_open.batch)
    assert state(visitor.get(f"/choose/{other.batch.ref}/")) == (404, UNKNOWN)
    assert state(visitor.get(f"/book/{RebookOffer.objects.get().ref}/")) == (404, UNKNOWN)


def test_an_unknown_link_is_met_kindly(database: None) -> None:
    assert state(Visitor().get("/r/no-such-token/")) == (404, UNKNOWN)


def test_a_signed_in_client_needs_no_link_and_sees_their_own_only(
    cast: Cast, request_open: RescheduleRequest
) -> None:
    address = f"/choose/{request_open.batch.ref}/"
    assert signed_in(cast.riley).get(address).status_code == 200
    assert state(signed_in(cast.eve).get(address)) == (404, UNKNOWN)
    assert state(signed_in(cast.maya).get(address)) == (404, UNKNOWN)


def test_a_link_shows_the_ending_for_30_days_and_then_only_the_way_to_the_practice(
    cast: Cast, request_open: RescheduleRequest
) -> None:
    _link, token = mint(request_open.batch)
    cast.withdraw(request_open)
    visitor = Visitor(request_open.batch, now=NOW + 30 * DAYS - timedelta(seconds=1))
    address = f"/choose/{request_open.batch.ref}/"
    assert "Your original time stands" in words(visitor.get(address))
    visitor.now = NOW + 30 * DAYS
    assert state(visitor.get(address)) == (410, ENDED)
    assert state(visitor.get(f"/r/{token}/")) == (410, ENDED)
    assert state(visitor.post(f"{address}write/", words="Hello")) == (410, ENDED)


def test_a_link_lives_as_long_as_one_request_of_its_batch_is_open(cast: Cast) -> None:
    settled, still_open = cast.booked(), cast.booked(new_york(25, 11))
    request = cast.asked(settled, still_open)
    cast.withdraw(request)
    later = Visitor(request.batch, now=NOW + 31 * DAYS)
    assert later.get(f"/choose/{request.batch.ref}/").status_code == 200


def test_a_changed_address_ends_the_links_sent_there(cast: Cast, request_open: RescheduleRequest) -> None:
    visitor = Visitor(request_open.batch)
    Recipient.objects.filter(client=cast.riley).update(email="riley@elsewhere.example")
    assert state(visitor.get(f"/choose/{request_open.batch.ref}/")) == (410, REVOKED)


def test_not_you_asks_once_more_then_ends_the_links_and_tells_the_provider(
    cast: Cast, request_open: RescheduleRequest
) -> None:
    other_link, other_token = mint(request_open.batch)
    visitor = Visitor(request_open.batch)
    address = f"/choose/{request_open.batch.ref}/"
    asking = visitor.get(f"{address}not-you/")
    assert words(asking) == (
        "Is this link not for you? If it reached you by mistake, tell us here. All links that we sent you by e-mail and by"
        " text then stop working, and the practice is told. The appointment stays as it is. If you end them by"
        " mistake, call +1 212 555 0100 and we will send you a new one. It is for me, go back It is not for me"
    )
    assert re.findall(r'class="btn (\w+)"[^>]*>([^<]*)<', asking.content.decode()) == [
        ("primary", "It is for me, go back"),
        ("danger", "It is not for me"),
    ]
    assert Task.objects.count() == 0
    response = visitor.post(f"{address}not-you/")
    assert state(response) == (
        200,
        "Thank you for telling us All links that we sent you have stopped working, and the practice will look into it."
        " You can close this page. Was it yours after all? Call +1 212 555 0100 and we will send you a new link.",
    )
    assert "Riley" not in response.content.decode()
    assert "Harbor" not in response.content.decode()
    assert Link.objects.filter(revoked_at=None).count() == 0
    assert [(task.kind, task.provider, task.request) for task in Task.objects.all()] == [
        ("link_not_theirs", cast.okafor, request_open)
    ]
    assert state(visitor.get(address)) == (404, UNKNOWN)
    assert state(Visitor().get(f"/r/{other_token}/")) == (410, REVOKED)
    assert other_link.revoked_at is None


def test_not_you_on_the_way_to_book_tells_the_provider_too(cast: Cast) -> None:
    appointment = cast.booked()
    cast.decline(cast.asked(appointment))
    offer = RebookOffer.objects.get()
    visitor = Visitor(offer)
    assert visitor.post(f"/book/{offer.ref}/not-you/").status_code == 200
    assert [(task.kind, task.provider, task.appointment) for task in Task.objects.all()] == [
        ("link_not_theirs", cast.okafor, appointment)
    ]


def test_a_signed_in_client_has_nothing_to_give_up(cast: Cast, request_open: RescheduleRequest) -> None:
    visitor = signed_in(cast.riley)
    assert "Not you?" not in visitor.get(f"/choose/{request_open.batch.ref}/").content.decode()
    assert visitor.post(f"/choose/{request_open.batch.ref}/not-you/").status_code == 404


def test_the_first_post_from_the_page_counts_as_opened(cast: Cast, request_open: RescheduleRequest) -> None:
    visitor, batch = Visitor(request_open.batch), request_open.batch
    assert visitor.get(f"/choose/{batch.ref}/").status_code == 200
    batch.refresh_from_db()
    assert batch.opened_at is None
    assert visitor.post(f"/choose/{batch.ref}/opened/").status_code == 204
    batch.refresh_from_db()
    assert batch.opened_at == NOW
    visitor.now = NOW + DAYS
    assert visitor.post(f"/choose/{batch.ref}/opened/").status_code == 204
    batch.refresh_from_db()
    assert batch.opened_at == NOW


def test_a_refused_answer_counts_as_opened_too(cast: Cast, request_open: RescheduleRequest) -> None:
    visitor = Visitor(request_open.batch)
    visitor.pick(f"/choose/{request_open.batch.ref}/{request_open.ref}/", new_york(28, 9))
    assert RescheduleBatch.objects.get().opened_at == NOW


def test_an_answer_without_the_forms_own_token_is_refused(request_open: RescheduleRequest) -> None:
    visitor = Visitor(request_open.batch)
    visitor.browser.handler.enforce_csrf_checks = True
    address = f"/choose/{request_open.batch.ref}/{request_open.ref}/cancel/"
    assert visitor.post(address).status_code == 403
    request_open.refresh_from_db()
    assert request_open.state == "open"
