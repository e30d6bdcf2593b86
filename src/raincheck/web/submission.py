"""Forms that were sent: each is read once and runs its verb once, as of its arrival and for the person who sent it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext

from raincheck.actions.engine.runner import Answer, run_command
from raincheck.data.idempotency import IdempotencyKey
from raincheck.domain.idempotency import is_forgotten, key_made_at
from raincheck.domain.people import Actor
from raincheck.domain.policy import ANSWER_COMMIT_LIMIT
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _
from raincheck.web.requests import Arrival, arrival_of, ref_or_none

STATUSES = {
    Kind.BAD_INPUT: 422,
    Kind.CONFLICT: 409,
    Kind.NOT_FOUND: 404,
    Kind.FORBIDDEN: 403,
    Kind.TOO_MANY: 429,
    Kind.UNAVAILABLE: 503,
}
KEY = "key"
"""The hidden field with the form's key, made with the page."""
STANDS = "raincheck.stands"
"""Set in a request's META once its form was carried out: whatever fails afterwards, this is done."""
# The CSRF token is masked anew at each showing: with it the same form would be another body.
NOT_PART_OF_THE_BODY = {KEY, "csrfmiddlewaretoken"}


class KeyMissing(Refusal):
    kind = Kind.BAD_INPUT
    code = "key_missing"
    sentence = _(
        "This form was incomplete, so nothing was changed. Please open the page again and send it once more."
    )


@dataclass(frozen=True, slots=True)
class Submission:
    """A form as it was sent: when it came in, the key it was made with, what it says, and who sent it."""

    request: HttpRequest
    arrival: Arrival
    key: UUID
    body: Mapping[str, object]
    actor: Actor

    @classmethod
    def of(cls, request: HttpRequest, *, by: Actor) -> Submission:
        """Read a POST once. Raises KeyMissing."""
        said: dict[str, object] = {
            name: request.POST.getlist(name) for name in request.POST if name not in NOT_PART_OF_THE_BODY
        }
        # Another file under the same key is another body.
        digests: dict[str, list[str]] = {}
        for name in request.FILES:
            for file in request.FILES.getlist(name):
                file.seek(0)
                digests.setdefault(name, []).append(hashlib.sha256(file.read()).hexdigest())
                file.seek(0)
        said |= {"path": request.path, "files": digests}
        return cls(request, arrival_of(request), _key(request), said, by)

    def run(self, verb: Callable[..., Answer]) -> Answer:
        """Run `verb(by=…, now=…)` once for the form's key, as of its arrival. Raises the verb's refusals.

        Give the verb its own arguments with functools.partial.
        """
        answer = run_command(
            lambda: verb(by=self.actor, now=self.arrival.at),
            key=self.key,
            body=self.body,
            by=self.actor,
            now=self.arrival.at,
            # Less than the grace after a deadline: no answer in time loses to the sweep.
            still_fresh=lambda: self.arrival.elapsed() <= ANSWER_COMMIT_LIMIT,
        )
        self.request.META[STANDS] = True
        return answer


def has_acted(request: HttpRequest, *by: Actor) -> bool:
    """Return whether this very form has acted already: sent again it gets its first answer, and is asked nothing more.

    To be asked after whatever would refuse it was looked at: what was committed meanwhile is seen then.
    """
    try:
        return IdempotencyKey.objects.filter(
            actor__in=[actor.key for actor in by], key=_key(request)
        ).exists()
    except KeyMissing:
        return False


def first_answer(*, by: Actor, now: datetime) -> Answer:
    """Stand for the verb of a form that has acted: it gets its first answer by its key, and nothing is run."""
    raise AssertionError(f"{by} is answered by the key, at {now}")


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
    key = ref_or_none(request.POST.get(KEY))
    if key is None:
        raise KeyMissing
    return key
