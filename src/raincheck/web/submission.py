"""Carries out verbs for pages: with the form's key, the stamp of arrival and the person who asks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.domain.idempotency import is_forgotten, key_made_at
from raincheck.domain.people import Actor
from raincheck.domain.policy import ANSWER_COMMIT_LIMIT
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _
from raincheck.web.requests import arrival_of

STATUSES = {
    Kind.BAD_INPUT: 422,
    Kind.CONFLICT: 409,
    Kind.NOT_FOUND: 404,
    Kind.FORBIDDEN: 403,
    Kind.UNAVAILABLE: 503,
}
KEY = "key"
"""The hidden field with the form's key, made with the page."""
STANDS = "raincheck.stands"
"""Set in a request's META once its form was carried out: whatever fails afterwards, this is done."""
NOT_PART_OF_THE_BODY = {KEY, "csrfmiddlewaretoken"}


class KeyMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "key_missing"
    sentence = _(
        "This form was incomplete, so nothing was changed. Please open the page again and send it once more."
    )


def carry_out(request: HttpRequest, verb: Callable[..., Answer], *, by: Actor) -> Answer:
    """Run `verb(by=…, now=…)` once for the form's key, as of the request's arrival. Raises the verb's refusals or KeyMissing.

    Give the verb its own arguments with functools.partial.
    """
    arrival = arrival_of(request)
    answer = run_command(
        lambda: verb(by=by, now=arrival.at),
        key=_key(request),
        body=_body(request),
        by=by,
        now=arrival.at,
        still_fresh=lambda: arrival.elapsed() <= ANSWER_COMMIT_LIMIT,
    )
    request.META[STANDS] = True
    return answer


def fresh_key(now: datetime) -> str:
    """Return a key for a form that is being shown."""
    return str(key_made_at(now))


def key_of(request: HttpRequest) -> str:
    """Return the key of a form that is shown again, so that sending it twice acts once; a fresh one for a new form.

    One that has grown too old is replaced: its form was refused, and whoever sends it again has looked at it.
    """
    now = arrival_of(request).at
    try:
        key = _key(request)
    except KeyMissing:
        return fresh_key(now)
    return fresh_key(now) if is_forgotten(key, now=now) else str(key)


def sentence_of(refusal: Refusal) -> str:
    """Return a refusal in the reader's language, with its values filled in."""
    return gettext(refusal.sentence).format_map(_Blanks(refusal.values))


def status_of(refusal: Refusal) -> int:
    return STATUSES[refusal.kind]


class _Blanks(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return ""


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get(KEY, ""))
    except ValueError:
        raise KeyMissing from None


def _body(request: HttpRequest) -> dict[str, object]:
    said: dict[str, object] = {
        name: request.POST.getlist(name) for name in request.POST if name not in NOT_PART_OF_THE_BODY
    }
    return said | {"path": request.path, "files": _files(request)}


def _files(request: HttpRequest) -> dict[str, list[str]]:
    """Return what tells the sent files from others: another file under the same key is another body."""
    digests: dict[str, list[str]] = {}
    for name in request.FILES:
        for file in request.FILES.getlist(name):
            file.seek(0)
            digests.setdefault(name, []).append(hashlib.sha256(file.read()).hexdigest())
            file.seek(0)
    return digests
