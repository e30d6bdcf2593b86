"""People of a practice: who may do what is changed by managers, on record, and somebody always manages."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from tests.app.cast import NOW, TUESDAY_AT_ELEVEN, Cast, new_york
from tests.app.staff_browser import StaffBrowser, errors, key_in, links, manager, okafor, scheduler

from raincheck.data.access.people import changes_of_rights
from raincheck.data.access.read_log import ReadLog
from raincheck.data.appointments.appointment import Appointment
from raincheck.data.models import RightsHistory
from raincheck.data.notifications import Notification
from raincheck.data.people import Membership, Provider, User
from raincheck.data.reschedule.request import RescheduleRequest
from raincheck.data.tasks import Task
from raincheck.domain.access.people import (
    AddressInUse,
    AddressIsTheirOwn,
    LastManagerStays,
    NoRoleChosen,
    OwnAccessEnded,
    PersonChangedMeanwhile,
)
from raincheck.domain.practice import NameMissing

OKAFOR, SASHA = "okafor@harbor.example", "sasha@harbor.example"


def address(email: str, page: str = "person") -> str:
    return reverse(page, args=[User.objects.get(email=email).ref])


def roles_of(email: str) -> list[str]:
    rows = Membership.objects.filter(user__email=email, ended_at__isnull=True).exclude(role="client")
    return sorted(rows.values_list("role", flat=True))


def saved(browser: StaffBrowser, email: str, /, **said: object) -> list[str]:
    """Save somebody's page with what is said, and return the sentences of the refused form."""
    user = User.objects.get(email=email)
    practice = Membership.objects.filter(user=user).exclude(role="client").first()
    assert practice is not None
    form = {
        "name": user.name,
        "email": email,
        "roles": roles_of(email),
        "seen": str(changes_of_rights(practice.practice_id, user.pk)),
    }
    response = browser.post(address(email), **(form | said))
    if response.status_code == 302:
        return []
    html = response.content.decode()
    above = re.findall(r'<div class="error-summary".*?</div>', html, re.DOTALL)
    return errors(response) or [" ".join(re.sub(r"<[^>]*>", " ", above[0]).split())]


def history(email: str) -> list[tuple[str, dict[str, list[str]], str, int | None]]:
    rows = RightsHistory.objects.filter(user__email=email).order_by("pk")
    return [(row.event, row.details, row.actor_kind, row.actor) for row in rows]


def test_the_list_names_everybody_with_roles_and_state(cast: Cast) -> None:
    sasha = manager(cast)
    scheduler(cast)
    Provider.objects.filter(pk=cast.fischer.pk).update(availability={}, zone="America/Chicago")
    User.objects.filter(email="pia@harbor.example").update(last_login=NOW)
    html = sasha.get("/people/").content.decode().split("<tbody>")[1].split("</tbody>")[0]
    rows = [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in html.split("</tr>")[:-1]]
    assert rows == [
        "JO Dr. Jo Okafor okafor@harbor.example Provider Active never signed in Edit",
        "LF Dr. Lena Fischer fischer@harbor.example Provider · Chicago No hours yet never signed in Set hours Edit",
        "PV Pia Vance pia@harbor.example Scheduler Active today Edit",
        "SL Sasha Lindqvist you sasha@harbor.example Manager Active the last manager stays Edit",
    ]


def test_a_manager_changes_name_address_and_roles_and_each_change_is_on_record(cast: Cast) -> None:
    sasha = manager(cast)
    by = ("manager", Membership.objects.get(user__email=SASHA).pk)
    said = {
        "name": "Dr. Joan Okafor",
        "short_name": "Dr. O.",
        "email": "Joan@Harbor.example",
        "join_url": "https://meet.example/joan",
        "roles": ["provider", "scheduler"],
    }
    assert saved(sasha, OKAFOR, **said) == []
    provider = Provider.objects.get(pk=cast.okafor.pk)
    assert (provider.name, provider.short_name, provider.email, provider.join_url) == (
        "Dr. Joan Okafor",
        "Dr. O.",
        "joan@harbor.example",
        "https://meet.example/joan",
    )
    assert roles_of("joan@harbor.example") == ["provider", "scheduler"]
    words = {"words": ["name", "email", "short_name", "join_url"]}
    assert history("joan@harbor.example") == [
        ("details_changed", words, *by),
        ("roles_changed", {"given": ["scheduler"]}, *by),
    ]
    user = User.objects.get(email="joan@harbor.example").pk
    logged = ReadLog.objects.filter(what="event:rights_changed").order_by("pk")
    assert list(logged.values_list("actor_kind", "actor", "practice", "detail")) == [
        (*by, cast.practice.pk, {"event": event, "user": user})
        for event in ("details_changed", "roles_changed")
    ]
    page = sasha.get(address("joan@harbor.example")).content.decode()
    assert "Roles: Scheduler added" in page
    assert "Sasha Lindqvist · " in page


def test_a_manager_who_becomes_a_provider_gets_a_calendar_without_hours(cast: Cast) -> None:
    sasha = manager(cast)
    assert saved(sasha, SASHA, roles=["manager", "provider"], short_name="Sasha") == []
    provider = Membership.objects.get(user__email=SASHA, role="provider").provider
    assert provider is not None
    assert (provider.name, provider.short_name, provider.zone, provider.availability) == (
        "Sasha Lindqvist",
        "Sasha",
        cast.practice.zone,
        {},
    )
    assert "Set hours" in links(sasha.get("/people/"))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"name": " "}, NameMissing.sentence),
        ({"roles": []}, NoRoleChosen.sentence),
        ({"email": "fischer@harbor.example"}, AddressInUse.sentence),
        ({"email": "nowhere"}, "“nowhere” does not look like an e-mail address."),
        ({"seen": "7"}, PersonChangedMeanwhile.sentence),
    ],
)
def test_what_can_t_be_saved_is_said_at_its_field_and_nothing_is_lost(
    cast: Cast, said: dict[str, object], sentence: str
) -> None:
    sasha = manager(cast)
    refused = saved(sasha, OKAFOR, join_url="https://meet.example/typed", **said)
    assert len(refused) == 1
    assert sentence in refused[0]
    assert history(OKAFOR) == []
    assert User.objects.get(memberships__provider=cast.okafor).email == OKAFOR


def test_an_address_with_which_somebody_signs_in_elsewhere_stays_theirs(cast: Cast) -> None:
    user = User.objects.get(email=OKAFOR)
    Membership.objects.create(practice=cast.elsewhere, user=user, role="manager")
    assert saved(manager(cast), OKAFOR, email="taken@over.example") == [AddressIsTheirOwn.sentence]


def test_the_last_manager_stays(cast: Cast) -> None:
    sasha = manager(cast)
    assert saved(sasha, SASHA, roles=["scheduler"]) == [LastManagerStays.sentence]
    response = sasha.post(address(SASHA, "person-end"))
    assert (response.status_code, LastManagerStays.sentence in response.content.decode()) == (409, True)
    assert roles_of(SASHA) == ["manager"]
    # Whatever a page or a shell tries, the tables refuse.
    own = Membership.objects.get(user__email=SASHA)
    for crime in (lambda: Membership.objects.filter(pk=own.pk).update(ended_at=NOW), own.delete):
        with pytest.raises(IntegrityError, match="a practice keeps a manager"), transaction.atomic():
            crime()


def test_a_manager_whose_right_ended_meanwhile_changes_nobody(cast: Cast) -> None:
    sasha = manager(cast)
    page = sasha.get(address(OKAFOR, "person-end"))
    user = User.objects.create_user("noor@harbor.example", name="Noor Lead")
    Membership.objects.create(practice=cast.practice, user=user, role="manager")
    Membership.objects.filter(user__email=SASHA).update(ended_at=NOW)
    sent = sasha.post(address(OKAFOR, "person-end"), key=key_in(page))
    assert (sent.status_code, "Your access has ended" in sent.content.decode()) == (403, True)
    assert roles_of(OKAFOR) == ["provider"]
    assert OwnAccessEnded.sentence


class TestAnEnd:
    """What the end of a provider's access brings."""

    def test_the_session_dies_and_an_open_form_is_given_back(self, cast: Cast) -> None:
        appointment, browser = cast.booked(), okafor()
        manager(cast).post(address(OKAFOR, "person-end"))
        said = {
            "reason": "travel",
            "note": "I have to be in court that day.",
            "appointments": str(appointment.ref),
        }
        sent = browser.post(f"/appointments/{appointment.ref}/ask/", **said)
        html = sent.content.decode()
        assert sent.status_code == 403
        assert "What you just sent was not done, and nothing was changed." in html
        assert re.findall(r"<textarea[^>]*>(.*?)</textarea>", html) == ["I have to be in court that day."]
        assert not RescheduleRequest.objects.exists()
        assert browser.get("/home/")["Location"].startswith("/sign-in/")

    def test_who_signs_in_again_reads_that_their_access_ended(self, cast: Cast) -> None:
        manager(cast).post(address(OKAFOR, "person-end"))
        again = okafor()
        assert again.get("/")["Location"] == "/home/"
        assert "Your access has ended" in again.get("/home/").content.decode()

    def test_each_appointment_is_kept_or_canceled_as_chosen(self, cast: Cast) -> None:
        kept, dropped = cast.booked(), cast.booked(new_york(25, 11), client=cast.maya)
        theirs = cast.booked(new_york(26, 11), provider=cast.fischer)
        sasha = manager(cast)
        said = {f"row-{dropped.ref}": "cancel", f"row-{kept.ref}": "keep", f"row-{theirs.ref}": "cancel"}
        assert sasha.post(address(OKAFOR, "person-end"), **said).status_code == 302
        rows = {row.pk: row for row in Appointment.objects.all()}
        assert [rows[one.pk].status for one in (kept, dropped, theirs)] == [
            "scheduled",
            "cancelled",
            "scheduled",
        ]
        assert (rows[dropped.pk].cancelled_by, rows[dropped.pk].cancelled_why) == (
            "manager",
            "provider_unavailable",
        )
        page = sasha.get(address(OKAFOR)).content.decode()
        assert ("Riley Brooks" in page, "Maya Chen" in page) == (True, False)
        sasha.post(address(OKAFOR, "person-appointments"), **{f"row-{kept.ref}": "cancel"})
        assert Appointment.objects.get(pk=kept.pk).status == "cancelled"

    def test_open_requests_wait_for_a_person_at_once(self, cast: Cast) -> None:
        asked = cast.asked(cast.booked())
        sasha = manager(cast)
        sasha.post(address(OKAFOR, "person-end"))
        asked.refresh_from_db()
        assert (asked.state, asked.needs_provider, asked.needs_provider_at) == ("open", "provider_left", NOW)
        task = Task.objects.get(request=asked, kind="needs_provider")
        assert task.for_managers_at == NOW
        words = "the provider does not work here any more"
        assert words in sasha.get("/home/").content.decode()
        assert words in sasha.get(f"/requests/{asked.ref}/").content.decode()

    def test_nobody_finds_a_time_or_books_one(self, cast: Cast) -> None:
        sasha, whose = manager(cast), {"provider": str(cast.okafor.ref)}
        week = {"from": "2026-11-22", "to": "2026-11-29", "type": str(cast.follow_up.ref)}
        before = sasha.get("/appointments/open-times.json", **whose, **week)
        sasha.post(address(OKAFOR, "person-end"))
        after = sasha.get("/appointments/open-times.json", **whose, **week)
        assert (bool(before.json()["starts"]), after.json()["starts"]) == (True, [])
        said = {
            "client": str(cast.riley.ref),
            "type": str(cast.follow_up.ref),
            "place": str(cast.telehealth.ref),
            "day": "2026-11-24",
            "time": "11:00",
            "outside": "on",
        }
        sent = sasha.post(f"/appointments/new/?provider={cast.okafor.ref}", **said)
        assert sent.status_code in (409, 422)
        assert not Appointment.objects.exists()

    def test_their_calendar_address_ends_and_mails_go_to_the_managers(self, cast: Cast) -> None:
        appointment = cast.booked()
        asked = cast.asked(appointment)
        sasha = manager(cast)
        sasha.post(address(OKAFOR, "person-end"))
        cast.decline(asked)
        sent = Notification.objects.filter(kind="declined", channel="email", recipient__isnull=True)
        assert [(row.provider, row.user.email) for row in sent if row.user] == [(None, SASHA)]
        assert sent.count() == 1

    def test_access_given_back_is_as_it_was(self, cast: Cast) -> None:
        sasha = manager(cast)
        sasha.post(address(OKAFOR, "person-end"))
        assert (roles_of(OKAFOR), Provider.objects.get(pk=cast.okafor.pk).left_at) == ([], NOW)
        sasha.post(address(OKAFOR, "person-give-back"))
        assert (roles_of(OKAFOR), Provider.objects.get(pk=cast.okafor.pk).left_at) == (["provider"], None)
        assert [event for event, *_rest in history(OKAFOR)] == ["ended", "given_back"]
        assert okafor().get("/home/").status_code == 200
        assert cast.booked(TUESDAY_AT_ELEVEN).status == "scheduled"
