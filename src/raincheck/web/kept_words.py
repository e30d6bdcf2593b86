"""Words of forms that nobody sent before their session ended: kept sealed for that person alone, and given back on the page they stood on.

They wait for twelve hours at most, under a key that only this has. Another person who signs in on the same browser never
sees them: what is kept names whose it is, and opens for nobody else.
"""

import json
import zlib
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from django_htmx.middleware import HtmxDetails

from raincheck.actions.engine.runner import run_command
from raincheck.actions.kept_pages import Kept, give_words_back, keep_words
from raincheck.data.encryption import DecryptionFailed, seal, unseal
from raincheck.data.kept_pages import KeptPage
from raincheck.domain.access.sessions import SessionEnd
from raincheck.domain.people import SYSTEM
from raincheck.domain.policy import UNSENT_WORDS_KEPT
from raincheck.domain.refusals import Refusal
from raincheck.notifications.formats import duration
from raincheck.web.chosen_practice import chosen_practice
from raincheck.web.form_filling import Typed, fill_in
from raincheck.web.kept_pages import LARGEST, NAME, address_of, lead_to_kept, page_of, page_to_keep
from raincheck.web.requests import arrival_of, ref_or_none
from raincheck.web.submission import KEY
from raincheck.web.unavailable import SECRET

PURPOSE = b"raincheck: words that were not sent"
WAITING = "raincheck.words_wait"
"""The session's key that says that something is kept for who is signed in: nobody else's page asks for it."""


def typed_in(request: HttpRequest) -> list[Typed]:
    """Return what a form that was sent says, without passwords and codes; nothing when it was a button alone."""
    fields = tuple((name, str(said)) for name, all_said in request.POST.lists() for said in all_said)
    one = worth_keeping(Typed(request.get_full_path(), fields, tuple(request.FILES)))
    return [one] if one.names() or one.files else []


def worth_keeping(typed: Typed) -> Typed:
    """Return a form without what no page ever repeats."""
    said = [(name, value) for name, value in typed.fields if not any(part in name.lower() for part in SECRET)]
    return Typed(typed.action, tuple(pair for pair in said if pair[0] != "csrfmiddlewaretoken"), typed.files)


def keep(
    request: HttpRequest,
    user_id: int,
    typed: list[Typed],
    *,
    page: str,
    ended: SessionEnd | None,
    after: timedelta,
) -> bool:
    """Keep what somebody had typed, for them alone; return whether there was anything, and it was kept.

    `ended` says how their session ended, and after how long; None where they are signed in again already.
    """
    if not typed:
        return False
    contents = {
        "for": user_id,
        "in": str(chosen_practice(request) or ""),
        "at": page,
        "ended": ended,
        "after": int(after.total_seconds()),
        "typed": [[one.action, one.fields, one.files] for one in typed],
    }
    sealed = seal(zlib.compress(json.dumps(contents).encode()), purpose=PURPOSE)
    if len(sealed) > LARGEST:
        return False
    words = Kept(_owner(user_id), _key_of(typed), sealed, lives=UNSENT_WORDS_KEPT)
    now = arrival_of(request).at
    run_command(partial(keep_words, words, now=now), key=None, body={}, by=SYSTEM, now=now)
    return True


def page_typed_on(request: HttpRequest) -> str:
    """Return the address of the page that a form, or a part of it, was sent from."""
    return HtmxDetails(request).current_url_abs_path or page_of(request)


def note_waiting(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Let the session of whoever signs in say whether something is kept for them."""
    rows = KeptPage.objects.filter(owner=_owner(user.pk), kept_until__gt=arrival_of(request).at)
    if rows.exists():
        request.session[WAITING] = True


class GiveWordsBack:
    """Shows a page with what its person had typed there, once, before they were signed out; it is sent by nobody but them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not _may_have_words(request, response):
            return response
        try:
            return _given_back(request, response)
        except (DatabaseError, InterfaceError, Refusal):
            # They go on waiting.
            return response


def _may_have_words(request: HttpRequest, response: HttpResponse) -> bool:
    is_page = (
        request.method == "GET"
        and response.status_code == 200
        and not response.streaming
        and response.get("Content-Type", "").startswith("text/html")
    )
    # A part of a page, or one that a browser only looks at ahead of time, is no place to give anything back.
    asked_by_person = not (request.headers.get("HX-Request") or request.headers.get("Sec-Purpose"))
    if not (is_page and asked_by_person and request.session.accessed) or NAME in request.GET:
        return False
    return bool(request.session.get(WAITING) and request.user.is_authenticated)


def _given_back(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    owner, now, at = _owner(request.user.pk or 0), arrival_of(request).at, address_of(request)
    rows = list(KeptPage.objects.filter(owner=owner, kept_until__gt=now).order_by("-kept_until", "-pk"))
    if not rows:
        del request.session[WAITING]
    for row in rows:
        kept = _opened(row, request.user.pk or 0)
        # In another practice the same address is another page.
        if kept is None or (kept["at"], kept.get("in", "")) != (at, str(chosen_practice(request) or "")):
            continue
        typed = [
            Typed(action, tuple((name, said) for name, said in fields), tuple(files))
            for action, fields, files in kept["typed"]
        ]
        filled = fill_in(response.content.decode(), typed, at=at)
        about = {
            "ended": kept["ended"],
            "after": duration(timedelta(seconds=kept["after"])),
            "left_over": words_among(filled.left_over),
            "wants_files": filled.wants_files,
        }
        note = str(render_to_string("raincheck/parts/given_back.html", about))
        words = filled.html[: filled.main] + note + filled.html[filled.main :]
        page = page_to_keep(request, response, words, shown_at=at, form_key=row.form_key)
        if page is None:
            return response
        verb = partial(give_words_back, row.ref, owner=owner, page=page, now=now)
        given = run_command(verb, key=None, body={}, by=SYSTEM, now=now).get("kept")
        return lead_to_kept(response, at, given) if given else response
    return response


def _opened(row: KeptPage, user_id: int) -> dict[str, Any] | None:
    """Return what is kept in a row; None when its key is gone, or when it is somebody else's under a wrong name."""
    try:
        contents: dict[str, Any] = json.loads(zlib.decompress(unseal(bytes(row.sealed), purpose=PURPOSE)))
    except DecryptionFailed:
        return None
    return contents if contents["for"] == user_id else None


def _owner(user_id: int) -> str:
    return salted_hmac("raincheck.kept_words", str(user_id), algorithm="sha256").hexdigest()


def _key_of(typed: list[Typed]) -> UUID | None:
    """Return the key of what was typed, when it is of one form: once that went through, nothing is left to give back."""
    said = [value for one in typed for name, value in one.fields if name == KEY]
    return ref_or_none(said[0]) if len(typed) == 1 and said else None


def words_among(values: Iterable[str]) -> list[str]:
    """Return what somebody wrote: choices, numbers and names of rows are nothing to give back."""
    said = [value.strip() for value in values]
    return [words for words in said if " " in words or (len(words) >= 12 and not ref_or_none(words))]
