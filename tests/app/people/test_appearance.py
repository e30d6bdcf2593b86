"""How people of a practice are shown: a color that nobody else has, a photo of their own, and who may change and see both."""

from __future__ import annotations

import re
from functools import partial
from hashlib import sha256
from io import BytesIO

import pytest
from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from PIL import Image
from tests.app.cast import NOW, Cast
from tests.app.staff_browser import StaffBrowser, errors, key_in, mallory, manager, okafor, scheduler

from raincheck.actions.access.appearance import change_appearance, remove_photo
from raincheck.actions.access.invitations import accept_invitation, invite
from raincheck.actions.engine.runner import run_command
from raincheck.data.access.read_log import ReadLog
from raincheck.data.models import Appearance, Invitation, RightsHistory
from raincheck.data.people import Membership, User
from raincheck.domain.access.appearance import Color, Look, UnknownColor, next_color
from raincheck.domain.access.invitations import PEOPLES_LIVE, sound_invitee
from raincheck.domain.access.people import OwnAccessEnded
from raincheck.domain.people import OPERATOR, SYSTEM, Actor, ActorKind, NotInThisPractice
from raincheck.queries.access.appearance import looks_of_providers

OKAFOR, FISCHER, SASHA = "okafor@harbor.example", "fischer@harbor.example", "sasha@harbor.example"


def a_photo(color: str = "navy", *, file: str = "PNG", size: tuple[int, int] = (640, 480)) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, color).save(written, file)
    return written.getvalue()


def address(email: str, page: str = "person-appearance") -> str:
    return reverse(page, args=[User.objects.get(email=email).ref])


def saved(
    browser: StaffBrowser, page: str, *, color: str = "teal", photo: bytes | None = None
) -> HttpResponse:
    chosen = {} if photo is None else {"photo": SimpleUploadedFile("me.png", photo)}
    return browser.post(page, color=color, **chosen)


def shown(email: str) -> tuple[str, bool]:
    """Return somebody's color, and whether they have a photo."""
    row = Appearance.objects.get(user__email=email)
    return row.color, row.photo is not None


def history(email: str) -> list[tuple[str, dict[str, list[str]], str]]:
    rows = RightsHistory.objects.filter(user__email=email).order_by("pk")
    return [(row.event, row.details, row.actor_kind) for row in rows]


def photo_address(email: str) -> str:
    row = Appearance.objects.get(user__email=email)
    return reverse("person-photo", args=[row.user.ref, row.photo_hash])


@pytest.mark.parametrize(
    ("taken", "given"),
    [
        ([], Color.BLUE),
        (["blue"], Color.RUST),
        (["rust"], Color.BLUE),
        (["blue", "teal"], Color.RUST),
        (list(Color), Color.BLUE),
        ([*Color, "blue", "teal"], Color.RUST),
    ],
)
def test_the_next_color_is_the_first_that_the_fewest_have(taken: list[str], given: Color) -> None:
    assert next_color(taken) is given


def test_whoever_joins_gets_the_next_free_color(cast: Cast) -> None:
    Appearance.objects.create(practice=cast.practice, user=User.objects.get(email=OKAFOR), color="blue")
    who = sound_invitee(name="Ada", email="ada@new.example", roles=["scheduler", "provider"])
    asked = partial(invite, cast.practice.pk, who=who, digest=b"1", lives=PEOPLES_LIVE, by=OPERATOR, now=NOW)
    run_command(asked, key=None, body={}, by=OPERATOR, now=NOW)
    link, password = Invitation.objects.get().ref, make_password("let me in please")
    came = partial(accept_invitation, link, password=password, now=NOW)
    run_command(came, key=None, body={}, by=SYSTEM, now=NOW)
    assert shown("ada@new.example") == ("rust", False)


def test_a_manager_gives_a_color_and_a_photo_and_both_are_on_record(cast: Cast) -> None:
    sasha = manager(cast)
    answer = saved(sasha, address(OKAFOR), color="violet", photo=a_photo())
    assert (answer.status_code, answer["Location"]) == (302, address(OKAFOR, "person"))
    assert shown(OKAFOR) == ("violet", True)
    assert history(OKAFOR) == [("details_changed", {"words": ["color", "photo"]}, "manager")]
    assert "Details: color changed, photo changed" in sasha.get(address(OKAFOR, "person")).content.decode()
    user = User.objects.get(email=OKAFOR).pk
    logged = ReadLog.objects.filter(what="event:rights_changed").values_list("practice", "detail")
    assert list(logged) == [(cast.practice.pk, {"event": "details_changed", "user": user})]


def test_the_same_color_without_a_photo_changes_nothing(cast: Cast) -> None:
    sasha = manager(cast)
    saved(sasha, address(OKAFOR), color="violet", photo=a_photo())
    assert saved(sasha, address(OKAFOR), color="violet").status_code == 302
    assert saved(sasha, address(OKAFOR), color="violet", photo=a_photo()).status_code == 302
    assert shown(OKAFOR) == ("violet", True)
    assert len(history(OKAFOR)) == 1


def test_colors_and_photos_stand_in_the_rail_and_in_the_list_of_people(cast: Cast) -> None:
    sasha = manager(cast)
    saved(sasha, address(OKAFOR), color="rose", photo=a_photo())
    saved(sasha, address(SASHA), color="olive")
    picture = f'<img class="avatar  who-rose" src="{photo_address(OKAFOR)}" alt="" width="34" height="34">'
    html = sasha.get("/people/").content.decode()
    rail, main = html.split("<main")
    assert '<span class="avatar  who-olive" aria-hidden="true">SL</span>' in rail
    assert picture in main
    assert '<span class="avatar  who-olive" aria-hidden="true">SL</span>' in main
    assert picture in okafor().get("/home/").content.decode().split("<main")[0]


def test_calendars_of_several_know_each_providers_color(cast: Cast) -> None:
    sasha = manager(cast)
    saved(sasha, address(FISCHER), color="plum", photo=a_photo())
    row = Appearance.objects.get(user__email=FISCHER)
    assert looks_of_providers(cast.practice) == {
        cast.fischer.pk: Look(row.user.ref, Color.PLUM, row.photo_hash)
    }
    team = sasha.get("/appointments/", view="calendar", provider="team").content.decode()
    heads = re.findall(r'<header class="(team-head[^"]*)"><h3[^>]*><a[^>]*>([^<]*)', team)
    assert heads == [("team-head", "Dr. Okafor"), ("team-head who-plum", "Dr. Fischer")]


def test_everybody_changes_their_own_on_their_account(cast: Cast) -> None:
    for browser, email in (
        (okafor(), OKAFOR),
        (scheduler(cast), "pia@harbor.example"),
        (manager(cast), SASHA),
    ):
        assert "/account/appearance/" in browser.get("/account/").content.decode()
        answer = saved(browser, "/account/appearance/", color="slate", photo=a_photo())
        assert (answer.status_code, answer["Location"]) == (302, "/account/")
        assert shown(email) == ("slate", True)
        assert browser.post("/account/photo/remove/").status_code == 302
        assert shown(email) == ("slate", False)
    assert [kind for *_rest, kind in history(OKAFOR)] == ["provider", "provider"]


def test_only_managers_change_others(cast: Cast) -> None:
    saved(manager(cast), address(FISCHER), color="rose", photo=a_photo())
    for browser in (okafor(), scheduler(cast), mallory()):
        assert browser.get(address(FISCHER)).status_code == 404
        assert saved(browser, address(FISCHER)).status_code == 404
        assert browser.post(address(FISCHER, "person-photo-remove")).status_code == 404
    assert shown(FISCHER) == ("rose", True)


def test_the_verbs_know_by_themselves_who_may(cast: Cast) -> None:
    pia = scheduler(cast)
    saved(pia, "/account/appearance/", color="slate")
    membership = Membership.objects.get(user__email="pia@harbor.example")
    fischer = User.objects.get(email=FISCHER).ref
    strangers = [
        (cast.by_okafor, NotInThisPractice),
        (Actor(ActorKind.SCHEDULER, membership.pk), NotInThisPractice),
        # A scheduler who says to be a manager, and a provider's number that is no membership's.
        (Actor(ActorKind.MANAGER, membership.pk), OwnAccessEnded),
        (Actor(ActorKind.SCHEDULER, cast.okafor.pk), NotInThisPractice),
        # A client whose number is that of a membership.
        (Actor(ActorKind.CLIENT, Membership.objects.get(user__email=FISCHER).pk), NotInThisPractice),
    ]
    for by, refusal in strangers:
        about = {"practice_id": cast.practice.pk, "by": by, "now": NOW}
        with pytest.raises(refusal):
            run_command(
                lambda about=about: change_appearance(fischer, color="teal", photo=None, **about),  # type: ignore[misc]
                key=None, body={}, by=by, now=NOW,
            )  # fmt: skip
        with pytest.raises(refusal):
            run_command(lambda about=about: remove_photo(fischer, **about), key=None, body={}, by=by, now=NOW)  # type: ignore[misc]
    assert not Appearance.objects.filter(user__email=FISCHER).exists()


def test_whoever_has_left_changes_nothing_and_a_manager_takes_their_photo_away(cast: Cast) -> None:
    sasha, jo = manager(cast), okafor()
    saved(jo, "/account/appearance/", photo=a_photo())
    Membership.objects.filter(user__email=OKAFOR).update(ended_at=NOW)
    about = {"practice_id": cast.practice.pk, "by": cast.by_okafor, "now": NOW}
    with pytest.raises(NotInThisPractice):
        run_command(
            lambda: change_appearance(User.objects.get(email=OKAFOR).ref, color="rose", photo=None, **about),  # type: ignore[arg-type]
            key=None, body={}, by=cast.by_okafor, now=NOW,
        )  # fmt: skip
    assert "Remove the photo" in sasha.get(address(OKAFOR)).content.decode()
    sasha.post(address(OKAFOR, "person-photo-remove"))
    assert shown(OKAFOR) == ("teal", False)


def test_a_photo_is_served_to_its_practice_alone_and_kept_by_browsers(cast: Cast) -> None:
    jo = okafor()
    saved(jo, "/account/appearance/", photo=a_photo())
    answer = jo.get(photo_address(OKAFOR))
    content = bytes(Appearance.objects.get(user__email=OKAFOR).photo or b"")
    assert answer.content == content
    assert sha256(content).hexdigest() in photo_address(OKAFOR)
    kept = {"Content-Type", "X-Content-Type-Options", "Cache-Control"}
    assert {name: answer[name] for name in kept} == {
        "Content-Type": "image/jpeg",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    assert scheduler(cast).get(photo_address(OKAFOR)).content == content
    assert mallory().get(photo_address(OKAFOR)).status_code == 404
    assert Browser().get(photo_address(OKAFOR))["Location"].startswith("/sign-in/")


def test_a_new_photo_has_a_new_address_and_the_former_one_ends(cast: Cast) -> None:
    jo = okafor()
    saved(jo, "/account/appearance/", photo=a_photo("navy"))
    former = photo_address(OKAFOR)
    saved(jo, "/account/appearance/", photo=a_photo("maroon"))
    assert former != photo_address(OKAFOR)
    assert (jo.get(former).status_code, jo.get(photo_address(OKAFOR)).status_code) == (404, 200)
    address_without_one = reverse("person-photo", args=[User.objects.get(email=FISCHER).ref, "none"])
    assert jo.get(address_without_one).status_code == 404


def test_a_photo_in_one_practice_is_none_in_another(cast: Cast) -> None:
    jo = okafor()
    saved(jo, "/account/appearance/", photo=a_photo())
    there = photo_address(OKAFOR)
    user = User.objects.get(email=OKAFOR)
    Membership.objects.create(practice=cast.elsewhere, user=user, role="manager")
    Appearance.objects.create(practice=cast.elsewhere, user=user, color="blue")
    assert mallory().get(there).status_code == 404
    rows = Appearance.objects.filter(user=user).order_by("practice")
    assert [(row.practice_id, row.photo is not None) for row in rows] == [
        (cast.practice.pk, True),
        (cast.elsewhere.pk, False),
    ]


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (
            b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
            "This is not a photo that we can read. Nothing was changed; please choose a PNG, JPEG or WebP file.",
        ),
        (
            a_photo()[:200],
            "This photo is damaged or cut off. Nothing was changed; please save it once more, or choose another one.",
        ),
        (
            a_photo(size=(5001, 5000)),
            "This photo has more pixels than we can read. Nothing was changed; please choose one of at most 25 megapixels.",
        ),
        (b"", "There is nothing in this file. Please choose another one."),
        (
            a_photo() + bytes(6 * 1024 * 1024),
            "This file is too large. Nothing was changed; please choose a photo of at most 6 MB.",
        ),
    ],
    ids=["svg", "cut off", "pixels", "empty", "large"],
)
def test_a_photo_that_is_none_is_refused_at_its_field_and_changes_nothing(
    cast: Cast, file: bytes, sentence: str
) -> None:
    jo = okafor()
    saved(jo, "/account/appearance/", color="teal", photo=a_photo())
    before = Appearance.objects.values().get()
    answer = saved(jo, "/account/appearance/", color="rose", photo=file)
    assert (answer.status_code, errors(answer)) == (422, [sentence])
    # What was chosen besides stays chosen.
    assert re.search(r'value="rose"[^>]*checked', answer.content.decode())
    assert Appearance.objects.values().get() == before


def test_an_unknown_color_is_refused_at_its_field(cast: Cast) -> None:
    jo = okafor()
    for color in ("", "mauve", "#ff0000", "BLUE"):
        answer = saved(jo, "/account/appearance/", color=color)
        assert (answer.status_code, errors(answer)) == (422, [UnknownColor.sentence])
    assert not Appearance.objects.exists()


def test_a_form_that_is_sent_twice_changes_once(cast: Cast) -> None:
    jo = okafor()
    key = key_in(jo.get("/account/appearance/"))
    for _time in range(2):
        file = SimpleUploadedFile("me.png", a_photo())
        assert jo.post("/account/appearance/", key=key, color="plum", photo=file).status_code == 302
    assert history(OKAFOR) == [("details_changed", {"words": ["color", "photo"]}, "provider")]
