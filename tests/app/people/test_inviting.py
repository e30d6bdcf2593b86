"""Inviting somebody from the page of people: a mail with a link, once more, and taken back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from tests.app.cast import NOW, Cast
from tests.app.staff_browser import StaffBrowser, errors, manager

from raincheck import clock
from raincheck.data.models import Invitation, RightsHistory
from raincheck.data.notifications import DeliveryAttempt, Notification
from raincheck.data.people import Membership, User
from raincheck.domain.access.invitations import EmailMissing, NoRole, WorksHere, digest_of
from raincheck.domain.practice import NameMissing
from raincheck.integrations.messages.delivery import deliver_due
from raincheck.queries.deliveries import parcels
from raincheck.web.requests import Arrival

DAY = timedelta(days=1)
NADIA = {"name": "Nadia Osei", "email": "Nadia@Harbor.example", "roles": ["scheduler"]}


def invited(cast: Cast, **said: object) -> StaffBrowser:
    sasha = manager(cast)
    assert sasha.post("/people/", **(NADIA | said)).status_code == 302
    return sasha


def mailed() -> list[str]:
    """Return the links that mails of invitations carry now, in order."""
    rows = Notification.objects.filter(kind="invitation").order_by("pk")
    found = []
    for row in rows:
        attempt = DeliveryAttempt(
            practice=row.practice,
            notification=row,
            at=NOW,
            address=str(row.user and row.user.email),
            text="{link}",
        )
        attempt.save()
        [parcel] = parcels([attempt.pk], links={})
        found.append(parcel.text)
        attempt.delete()
    return found


def arrival() -> dict[str, Any]:
    return {"raincheck.arrival": Arrival(NOW, clock.monotonic())}


def opened(link: str) -> HttpResponse:
    return Browser().get(reverse("invitation", args=[token_in(link)]), **arrival())


def token_in(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def lines(sasha: StaffBrowser) -> list[str]:
    html = sasha.get("/people/").content.decode().split("<tbody>")[1].split("</tbody>")[0]
    rows = [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in html.split("</tr>")[:-1]]
    return [row for row in rows if "nadia@" in row]


def test_whoever_is_invited_gets_a_link_that_lets_them_in(cast: Cast) -> None:
    sasha = invited(cast)
    assert lines(sasha) == [
        "NO Nadia Osei nadia@harbor.example Scheduler Invited · 7 days left Resend Revoke"
    ]
    row = Invitation.objects.get()
    [link] = mailed()
    assert bytes(row.hash) == digest_of(token_in(link))
    assert (row.roles, row.ends_at) == (["scheduler"], NOW + 7 * DAY)
    page = opened(link)
    assert page.status_code == 200
    assert "Harbor Counseling" in page.content.decode()


def test_the_words_that_are_kept_hold_no_link_and_the_link_is_gone_once_it_was_sent(
    cast: Cast, settings: object
) -> None:
    settings.RAINCHECK_DEMO = True  # type: ignore[attr-defined]
    invited(cast)
    token = token_in(mailed()[0])
    deliver_due(NOW)
    row = Notification.objects.get(kind="invitation")
    attempt = DeliveryAttempt.objects.get(notification=row)
    assert (row.state, row.facts) == ("handed_over", {})
    assert "Open your invitation: {link}" in attempt.text
    assert token not in attempt.text + attempt.html + attempt.subject


def test_sent_again_the_former_link_has_ended(cast: Cast) -> None:
    sasha = invited(cast)
    sasha.post(reverse("invitation-resend", args=[Invitation.objects.get().ref]))
    first, second = mailed()
    assert [opened(link).status_code for link in (first, second)] == [
        410,
        200,
    ]
    assert len(lines(sasha)) == 1


def test_taken_back_the_link_opens_nothing_and_the_line_is_gone(cast: Cast) -> None:
    sasha = invited(cast)
    sasha.post(reverse("invitation-revoke", args=[Invitation.objects.get().ref]))
    [link] = mailed()
    assert opened(link).status_code == 410
    assert lines(sasha) == []


def test_after_its_time_the_line_says_so_and_it_can_be_sent_again(cast: Cast) -> None:
    invited(cast)
    later = manager(cast, now=NOW + 7 * DAY)
    assert lines(later) == ["NO Nadia Osei nadia@harbor.example Scheduler Invitation ended Resend Revoke"]


def test_a_mail_that_could_not_be_sent_is_told(cast: Cast) -> None:
    sasha = invited(cast)
    Notification.objects.filter(kind="invitation").update(state="failed", ended_at=NOW, facts={})
    assert lines(sasha) == [
        "NO Nadia Osei nadia@harbor.example Scheduler Invited · 7 days left the e-mail could not be delivered Resend Revoke"
    ]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"email": "okafor@harbor.example"}, WorksHere.sentence.format(email="okafor@harbor.example")),
        ({"roles": []}, NoRole.sentence),
        ({"name": ""}, "Please write a name. Nothing was changed yet."),
    ],
)
def test_what_can_t_be_is_said_at_its_field_and_nobody_is_invited(
    cast: Cast, said: dict[str, object], sentence: str
) -> None:
    response = manager(cast).post("/people/", **(NADIA | said))
    assert errors(response) == [sentence]
    assert 'value="Nadia Osei"' in response.content.decode() or said.get("name") == ""
    assert (Invitation.objects.count(), Notification.objects.filter(kind="invitation").count()) == (0, 0)


def test_an_empty_invitation_says_at_once_all_that_is_missing(cast: Cast) -> None:
    refused = manager(cast).post("/people/", name=" ", email="", roles=[])
    assert (refused.status_code, errors(refused)) == (
        422,
        [NameMissing.sentence, EmailMissing.sentence, NoRole.sentence],
    )


def test_who_was_let_go_can_be_invited_again_and_has_their_calendar(cast: Cast) -> None:
    user = User.objects.get(email="okafor@harbor.example")
    sasha = manager(cast)
    sasha.post(reverse("person-end", args=[user.ref]))
    assert sasha.post("/people/", **(NADIA | {"email": user.email, "roles": ["provider"]})).status_code == 302
    [link] = mailed()
    browser = Browser()
    address = reverse("invitation", args=[token_in(link)])
    key = re.search(r'name="key" value="([^"]+)"', browser.get(address, **arrival()).content.decode())
    assert key
    browser.post(address, {"key": key.group(1), "password": "let me in please"}, **arrival())
    member = Membership.objects.get(user=user, role="provider")
    assert member.ended_at is None
    assert member.provider is not None
    assert member.provider.left_at is None
    assert list(RightsHistory.objects.order_by("pk").values_list("event", flat=True)) == ["ended", "joined"]
