"""Rows of the read log about coming in: invitations, wrong codes, sessions that ended, refused pages, and merged records."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from html import unescape
from typing import Any

from django.test import Client as Browser
from tests.app.access.test_accounts import ask_for_code, sign_in, text_of
from tests.app.access.test_kept_words import away, stamp
from tests.app.access.test_second_factor import OKAFOR, Phone
from tests.app.access.test_session_lists import IPHONE, at_work, no_tries_yet, phone
from tests.app.cast import NOW, Cast, client_in
from tests.app.read_log_rows import HERE
from tests.app.staff_browser import manager, okafor

from raincheck.actions.access.invitations import accept_invitation
from raincheck.actions.access.sessions import end_sessions_of
from raincheck.actions.engine.runner import run_command
from raincheck.data.access.invitations import Invitation
from raincheck.data.access.read_log import ReadLog
from raincheck.data.access.sessions import UserSession
from raincheck.data.people import Client, Membership, User
from raincheck.domain.access.sessions import SessionEnd
from raincheck.domain.limits import REFUSALS
from raincheck.domain.people import SYSTEM, Actor, ActorKind, Role
from raincheck.queries.access.read_log import entries

__all__ = ["no_tries_yet", "phone"]

ADA = {"name": "Ada Obi", "email": "ada@harbor.example", "roles": ["scheduler"]}
MINUTE = timedelta(minutes=1)


def rows(*events: str) -> list[tuple[Any, ...]]:
    found = ReadLog.objects.filter(what__in=[f"event:{event}" for event in events]).order_by("pk")
    said = found.values_list("what", "actor_kind", "actor", "practice", "detail")
    return [(what.removeprefix("event:"), *rest) for what, *rest in said]


def test_what_becomes_of_an_invitation_is_a_row_each_time(cast: Cast) -> None:
    me = manager(cast)
    sasha, here = Membership.objects.get(practice=cast.practice, role=Role.MANAGER).pk, cast.practice.pk
    me.post("/people/", **ADA)
    first = Invitation.objects.get()
    me.post(f"/people/invitations/{first.ref}/resend/")
    second = Invitation.objects.latest("pk")
    me.post(f"/people/invitations/{second.ref}/revoke/")
    me.post("/people/", **ADA)
    third = Invitation.objects.latest("pk")
    verb = partial(accept_invitation, third.ref, password="encoded", now=NOW)  # noqa: S106  # as if hashed
    run_command(verb, key=None, body={}, by=SYSTEM, now=NOW)
    ada = User.objects.get(email="ada@harbor.example").pk
    named = [{"roles": ["scheduler"], "invitation": one.pk} for one in (first, second, third)]
    by = ("manager", sasha, here)
    assert rows("invited", "invited_again", "invitation_revoked", "invitation_used") == [
        ("invited", *by, named[0]),
        ("invited_again", *by, named[1]),
        ("invitation_revoked", *by, named[1]),
        ("invited", *by, named[2]),
        ("invitation_used", "system", None, here, named[2] | {"user": ada}),
    ]


def test_people_shows_who_took_an_invitation_back_for_a_month(cast: Cast) -> None:
    me = manager(cast)
    me.post("/people/", **ADA)
    me.post(f"/people/invitations/{Invitation.objects.get().ref}/resend/")
    # A newer one ended the first: nobody took that back.
    assert "Invitations taken back" not in text_of(me.get("/people/"))
    me.post(f"/people/invitations/{Invitation.objects.latest('pk').ref}/revoke/")
    name = Membership.objects.get(practice=cast.practice, role=Role.MANAGER).user.name
    page = text_of(me.get("/people/"))
    assert page.count("ada@harbor.example · ") == 1
    assert f" · {name}</div>" in page
    later = manager(cast, NOW + timedelta(days=30))
    assert "Invitations taken back" not in text_of(later.get("/people/"))


def test_a_wrong_code_from_a_mail_is_a_row_that_names_the_account(cast: Cast) -> None:
    riley = User.objects.get(email="riley@clients.example").pk
    for ask, enter in (
        ("/sign-in/code/", "/sign-in/code/enter/"),
        ("/sign-in/new-password/", "/sign-in/new-password/code/"),
    ):
        me = Browser()
        me.post(ask, {"email": "riley@clients.example"}, follow=True)
        me.post(enter, {"code": "00000000"})
    wrong = ("code_failed", "system", None, cast.practice.pk, {"user": riley})
    assert rows("code_failed") == [wrong, wrong]


def test_a_wrong_code_of_nobody_is_a_row_of_no_practice(cast: Cast) -> None:
    me = Browser()
    ask_for_code(me, "stranger@nowhere.example")
    me.post("/sign-in/code/enter/", {"code": "00000000"})
    assert rows("code_failed") == [("code_failed", "system", None, None, {})]


def test_each_way_a_session_ends_is_a_row(phone: Phone, cast: Cast) -> None:
    laptop, mobile = at_work(phone), at_work(phone, IPHONE)
    user = User.objects.get(email=OKAFOR).pk
    laptop.post("/account/sessions/end/", {"key": "01a22b62-a02a-7941-a766-304333b94df3"})
    assert mobile.get("/home/").status_code == 302
    late = away(of=laptop)
    laptop.get("/home/", **late)
    third = at_work(phone)
    began = UserSession.objects.latest("pk").made_at
    UserSession.objects.filter(ended_at=None).update(last_seen_at=began + timedelta(hours=12, minutes=-1))
    third.get("/home/", **stamp(began + timedelta(hours=12)))
    at_work(phone)
    now = UserSession.objects.latest("pk").made_at
    end = partial(end_sessions_of, user, SessionEnd.PASSWORD, now=now)
    run_command(end, key=None, body={}, by=SYSTEM, now=now)
    nobody = ("session_ended", "system", None, cast.practice.pk)
    said = [
        (*row[:4], row[4]["how"], row[4]["sessions"], row[4]["user"] == user) for row in rows("session_ended")
    ]
    assert said == [
        ("session_ended", "provider", cast.okafor.pk, cast.practice.pk, "oneself", 1, True),
        (*nobody, "idle", 1, True),
        (*nobody, "age", 1, True),
        (*nobody, "password", 1, True),
    ]


def test_who_ended_a_session_is_told_in_their_own_practice_only(phone: Phone, cast: Cast) -> None:
    user = User.objects.get(email=OKAFOR)
    Membership(practice=cast.elsewhere, user=user, role=Role.SCHEDULER).save(force_insert=True)
    at_work(phone)
    by = Actor(ActorKind.MANAGER, 5, practice=cast.practice.pk)
    end = partial(end_sessions_of, user.pk, SessionEnd.SECOND_FACTOR, by=by, now=NOW)
    run_command(end, key=None, body={}, by=by, now=NOW)
    assert {row[1:4] for row in rows("session_ended")} == {
        ("manager", 5, cast.practice.pk),
        ("system", None, cast.elsewhere.pk),
    }


def test_whose_access_has_ended_is_signed_out_with_a_row(phone: Phone, cast: Cast) -> None:
    browser = at_work(phone)
    Membership.objects.filter(user__email=OKAFOR).update(ended_at=NOW)
    assert browser.get("/home/").status_code == 403
    assert [row[4]["how"] for row in rows("session_ended")] == ["access"]


def test_a_page_that_is_not_theirs_is_a_row(cast: Cast) -> None:
    me = okafor()
    eve = Client.objects.exclude(practice=cast.practice).first()
    assert eve is not None
    assert [me.get(at).status_code for at in (f"/clients/{eve.ref}/", "/practice/read-log/")] == [404, 404]
    by = ("page_refused", "provider", cast.okafor.pk, cast.practice.pk)
    assert rows("page_refused") == [(*by, {"page": "client"}), (*by, {"page": "read-log"})]
    said = re.findall(r"Page refused: ([^<]*)", unescape(text_of(manager(cast).get("/practice/read-log/"))))
    assert said == ["Read log", "Client's record"]


def test_a_client_who_asks_for_a_page_of_the_practice_is_a_row(cast: Cast) -> None:
    riley = Browser()
    sign_in(riley, "riley@clients.example")
    assert riley.get("/clients/").status_code == 404
    assert rows("page_refused") == [
        ("page_refused", "client", cast.riley.pk, cast.practice.pk, {"page": "clients"})
    ]


def test_strangers_and_addresses_of_nothing_leave_no_row(cast: Cast) -> None:
    assert Browser().get("/practice/read-log/").status_code == 302
    assert okafor().get("/no/such/page/").status_code == 404
    assert rows("page_refused") == []


def test_nobody_floods_the_log_with_refused_pages(cast: Cast) -> None:
    me = okafor()
    answers = {me.get("/practice/read-log/").status_code for _try in range(3 * REFUSALS.free)}
    assert (answers, len(rows("page_refused"))) == ({404}, REFUSALS.free)
    assert {row.network for row in ReadLog.objects.filter(what="event:page_refused")} == {HERE}


def test_who_looked_at_a_client_holds_the_rows_of_merged_records_too(cast: Cast) -> None:
    me = manager(cast)
    kept = client_in(cast.practice, "Robin", "Brooks")
    gone = cast.riley
    me.get(f"/clients/{gone.ref}/")
    Client.objects.filter(pk=gone.pk).update(merged_into=kept)

    def looked(client: Client) -> list[str]:
        found = entries(cast.practice, person=None, clients=[client.pk], since=None, until=None)
        return list(found.values_list("what", flat=True))

    assert (looked(kept), looked(gone)) == (["client"], ["client"])
