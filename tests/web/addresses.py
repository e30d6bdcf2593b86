"""The addresses of all pages, for tests that look at every one of them."""

from __future__ import annotations

from tests.app.cast import Cast, new_york

from raincheck.data.appointments.appointment import Appointment
from raincheck.data.conversations import Conversation
from raincheck.data.people import User
from raincheck.data.reschedule.request import RescheduleRequest


def provider_pages(cast: Cast, asked: Appointment) -> list[str]:
    """Return the pages of Dr. Okafor, who has asked about one appointment and booked another one."""
    other, request = cast.booked(new_york(1, 11, month=12)), RescheduleRequest.objects.get()
    return [
        "/home/",
        "/appointments/?view=list",
        f"/appointments/?view=calendar&date=2026-11-24&appointment={asked.ref}",
        f"/appointments/{asked.ref}/",
        f"/appointments/{other.ref}/ask/",
        f"/appointments/{other.ref}/change/",
        f"/appointments/{other.ref}/cancel/",
        f"/appointments/{other.ref}/needed-by/",
        "/appointments/new/",
        "/appointments/block/",
        "/requests/",
        f"/requests/{request.ref}/",
        f"/requests/{request.ref}/withdraw/",
        f"/requests/{request.ref}/extend/",
        f"/requests/{request.ref}/suggest/",
        f"/requests/{request.ref}/pick/",
        "/clients/",
        f"/clients/{cast.riley.ref}/",
        "/clients/new/",
        f"/clients/{cast.riley.ref}/edit/",
        "/messages/",
        f"/messages/{Conversation.objects.get().ref}/",
        "/availability/",
        "/availability/calendars/",
        "/practice/",
    ]


def manager_pages(cast: Cast) -> list[str]:
    """Return the pages of the practice's settings and people."""
    pages = (
        "",
        f"types/{cast.follow_up.ref}/",
        f"places/{cast.telehealth.ref}/",
        "places/new/",
        "rules/",
        "details/",
    )
    person = User.objects.get(memberships__provider=cast.fischer).ref
    people = ("/people/", f"/people/{person}/", f"/people/{person}/end/")
    return [*(f"/practice/{page}" for page in pages), "/practice/read-log/", *people, "/import/"]


def asked_pages(here: str, request: RescheduleRequest) -> list[str]:
    """Return the pages around the one at `here`, where a client is asked."""
    return [here, f"{here}write/", f"{here}zone/", f"{here}not-you/", f"{here}{request.ref}/cancel/"]


SIGNED_OUT = ["/sign-in/", "/sign-in/code/"]
