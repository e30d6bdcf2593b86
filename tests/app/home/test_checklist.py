"""The list on Home until a practice can ask its clients, and test messages with the server's answer in words."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.http import HttpResponse
from tests.app.cast import Cast, a_key, client_in
from tests.app.smtp_server import Gateway, Mailroom
from tests.app.staff_browser import StaffBrowser, errors, manager, okafor

from raincheck.data.people import Practice
from raincheck.domain.practice import SenderNotSet

MAIL, TEXT, AWAY = "/home/setup/mail/", "/home/setup/text/", "/home/setup/put-away/"
DETAILS = {
    "seen": "0",
    "name": "Harbor Counseling",
    "sender_name": "Harbor",
    "reply_to": "front@harbor.example",
    "phone": "+1 212 555 0100",
    "urgent_help": "",
    "zone": "America/New_York",
}


@pytest.fixture
def fresh(cast: Cast) -> Cast:
    """Harbor Counseling as `raincheck setup` leaves it: nobody has said in whose name its messages go out."""
    blank = {"sender_name": "", "reply_to": "", "phone": "", "being_set_up": True}
    Practice.objects.filter(pk=cast.practice.pk).update(**blank)
    cast.practice.refresh_from_db()
    for row in (cast.okafor, cast.fischer, cast.riley, cast.maya):
        row.practice = cast.practice
    return cast


def lines(page: HttpResponse) -> dict[str, tuple[str, str]]:
    """Return the list: each line's state and words by its title."""
    found = re.findall(
        r'<li class="(\w+)" id="setup-\w+">.*?<h3>(.*?)</h3><p>(.*?)</p>', page.content.decode(), re.DOTALL
    )
    return {unescape(title): (state, unescape(words)) for state, title, words in found}


def said(page: HttpResponse) -> list[str]:
    return [
        unescape(one) for one in re.findall(r'<p class="said(?: amber)?">(.*?)</p>', page.content.decode())
    ]


def test_a_new_practice_finds_on_home_what_is_still_to_be_done(fresh: Cast) -> None:
    page = manager(fresh).get("/home/")
    assert "Set up Harbor Counseling" in page.content.decode()
    assert lines(page) == {
        "Name, phone, urgent-help line": (
            "next",
            "What clients read of you, whom they call, and what to do in an emergency.",
        ),
        "Sender": (
            "later",
            "Nobody has said yet in whose name messages go out. No client is asked until then.",
        ),
        "Places and types": ("done", "Telehealth · Follow-up 50 minutes, Intake 80 minutes"),
        "People": ("done", "3 people"),
        "Hours": ("done", "Everybody with a calendar has hours."),
        "Clients": ("done", "2 clients"),
        "Try an ask on yourself": (
            "later",
            "You play the client: the mail, the page, the move. It is marked as a rehearsal and left out of every figure. "
            "It takes a sender, and somebody with hours.",
        ),
    }
    assert "4 of 7 done." in page.content.decode()


def test_saving_the_details_says_all_that_an_ask_needs(fresh: Cast, mailroom: Mailroom) -> None:
    boss = manager(fresh)
    assert "Until these are saved once" in boss.get("/practice/details/").content.decode()
    boss.post("/practice/details/", **DETAILS)
    page = boss.get("/home/")
    assert lines(page)["Name, phone, urgent-help line"] == (
        "done",
        "Harbor Counseling · +1 212 555 0100 · If you are in danger or need help right now, call or text 988, or call 911. "
        "988 answers by videophone, too.",
    )
    assert lines(page)["Sender"] == ("half", "Mail comes from “Harbor”, appointments@harbor.example.")
    boss.post(MAIL)
    assert lines(boss.get("/home/"))["Sender"][0] == "done"


def test_nobody_is_asked_before_somebody_said_in_whose_name(fresh: Cast) -> None:
    row = fresh.booked()
    with pytest.raises(SenderNotSet):
        fresh.asked(row)
    page = manager(fresh).get(f"/appointments/{row.ref}/ask/").content.decode()
    assert (
        "Not possible yet: the practice has not said in whose name messages go out, and whom to call." in page
    )
    assert 'href="/practice/details/"' in page
    assert "Not possible yet" in okafor().get(f"/appointments/{row.ref}/ask/").content.decode()
    sent = okafor().post(f"/appointments/{row.ref}/ask/", appointments=str(row.ref), reason="travel")
    assert sent.status_code == 409
    manager(fresh).post("/practice/details/", **DETAILS)
    fresh.asked(row)


def test_only_managers_of_a_practice_that_is_being_set_up_see_the_list(fresh: Cast) -> None:
    assert lines(okafor().get("/home/")) == {}
    assert lines(StaffBrowser("vance@elsewhere.example").get("/home/")) == {}
    Practice.objects.update(being_set_up=False)
    assert lines(manager(fresh).get("/home/")) == {}


def test_the_list_can_be_put_away_once_asks_can_go_out(fresh: Cast) -> None:
    boss = manager(fresh)
    assert "Put this list away" not in boss.get("/home/").content.decode()
    boss.post("/practice/details/", **DETAILS)
    assert "Put this list away" in boss.get("/home/").content.decode()
    boss.post(AWAY)
    assert lines(boss.get("/home/")) == {}


def test_who_has_no_hours_yet_is_named_with_the_way_there(fresh: Cast) -> None:
    fresh.okafor.availability = {}
    fresh.okafor.save(update_fields=["availability"])
    page = manager(fresh).get("/home/")
    assert lines(page)["Hours"] == (
        "half",
        "Dr. Jo Okafor has none yet, so clients are offered no time with them.",
    )
    assert (
        f'href="/availability/?provider={fresh.okafor.ref}">Set Dr. Okafor&#x27;s hours<'
        in page.content.decode()
    )


def test_a_provider_without_hours_is_led_to_them_from_home(fresh: Cast) -> None:
    sentence = "You have no working hours yet, so clients are offered no time with you."
    assert sentence not in okafor().get("/home/").content.decode()
    fresh.okafor.availability = {}
    fresh.okafor.save(update_fields=["availability"])
    page = okafor().get("/home/").content.decode()
    assert f'{sentence}</p><p><a class="btn small" href="/availability/">Set your hours</a>' in page


def test_a_list_that_is_done_says_who_puts_it_away(named: Cast, mailroom: Mailroom) -> None:
    boss = manager(named)
    boss.post(MAIL)
    assert (
        "6 of 7 done. Stop any time: it stays here for every manager." in boss.get("/home/").content.decode()
    )
    boss.post("/home/setup/rehearsal/")
    boss.post("/home/setup/rehearsal/clear/")
    page = boss.get("/home/").content.decode()
    assert "All 7 done. The list stays until a manager puts it away." in page


def test_the_list_costs_the_same_however_large_the_practice(fresh: Cast) -> None:
    boss = manager(fresh)
    boss.get("/home/")
    before = boss.queries("/home/")
    for number in range(5):
        client_in(fresh.practice, f"Client{number}", "Crowd")
    assert boss.queries("/home/") == before


@pytest.fixture
def named(fresh: Cast) -> Cast:
    """The same once its details are said."""
    manager(fresh).post("/practice/details/", **DETAILS)
    return fresh


def test_a_test_mail_comes_as_clients_get_theirs_and_the_server_is_quoted(
    named: Cast, mailroom: Mailroom
) -> None:
    boss = manager(named)
    response = boss.post(MAIL)
    assert (response.status_code, response["Location"]) == (302, "/home/#setup-sender")
    [got] = mailroom.got
    assert (got["To"], got["From"], got["Reply-To"], got["Subject"]) == (
        "sasha@harbor.example",
        "Harbor <appointments@harbor.example>",
        "front@harbor.example",
        "A test of your messages",
    )
    assert said(boss.get("/home/")) == [
        "E-mail to sasha@harbor.example: accepted, Mon, Nov 16 · 10:00 AM. The server said “250 OK queued as 7”. "
        "Look whether it arrived, and not as spam."
    ]


@pytest.mark.parametrize(
    ("rcpt", "sentence"),
    [
        (
            "550 5.7.1 Relaying denied",
            "E-mail to sasha@harbor.example: refused, Mon, Nov 16 · 10:00 AM. The server said “550 5.7.1 Relaying denied”. "
            "It does not send for us, or not to this address: whoever runs Raincheck looks at EMAIL_FROM, and at the user "
            "and password in EMAIL_URL.",
        ),
        (
            "451 4.7.1 Greylisted",
            "E-mail to sasha@harbor.example: not taken, Mon, Nov 16 · 10:00 AM. We heard “451 4.7.1 Greylisted”. "
            "The server is away, or does not let us in: whoever runs Raincheck looks at EMAIL_URL. Then try again.",
        ),
    ],
)
def test_a_no_of_the_server_is_quoted_with_what_it_means(
    named: Cast, mailroom: Mailroom, rcpt: str, sentence: str
) -> None:
    mailroom.rcpt = rcpt
    boss = manager(named)
    boss.post(MAIL)
    page = boss.get("/home/")
    assert (said(page), lines(page)["Sender"][0]) == ([sentence], "half")


def test_a_form_that_is_sent_twice_sends_one_mail(named: Cast, mailroom: Mailroom) -> None:
    boss, key = manager(named), str(a_key())
    assert [boss.post(MAIL, key=key).status_code for _time in range(2)] == [302, 302]
    assert len(mailroom.got) == 1


def test_a_test_text_goes_to_the_number_that_was_typed(named: Cast, gateway: Gateway) -> None:
    boss = manager(named)
    boss.post(TEXT, phone="(646) 555-0144")
    [got] = gateway.got
    assert (got["to"], got["text"]) == ("+16465550144", "Harbor: this is a test. There is nothing to do.")
    [sentence] = said(boss.get("/home/"))
    assert sentence.startswith("Text to +16465550144: accepted, Mon, Nov 16 · 10:00 AM. The gateway said “")


def test_a_number_that_is_none_is_refused_at_its_field_and_kept(named: Cast, gateway: Gateway) -> None:
    page = manager(named).post(TEXT, phone="ring me")
    assert (page.status_code, gateway.got) == (422, [])
    assert errors(page)[0].startswith("“ring me” does not look like a phone number.")
    assert 'value="ring me"' in page.content.decode()


def test_without_a_mail_server_the_line_says_who_names_one(named: Cast, settings: object) -> None:
    settings.EMAIL_URL = ""  # type: ignore[attr-defined]
    page = manager(named).get("/home/")
    state, words = lines(page)["Sender"]
    assert (state, "Send me a test e-mail" in page.content.decode()) == ("half", False)
    assert words.endswith("Whoever runs Raincheck names one in EMAIL_URL.")


def test_another_practices_test_is_not_shown_here(named: Cast, mailroom: Mailroom) -> None:
    manager(named).post(MAIL)
    assert Practice.objects.get(pk=named.elsewhere.pk).sender_tests == {}
