"""The life of a session: written down when it begins, seen while its person is there, ended when they are away too long.

Who was signed out by the time alone finds what they had typed again: the browser remembers, under seal, whose session it was.
"""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import gettext as _

from raincheck import clock
from raincheck.actions.access.sessions import begin_session, note_seen, time_out_session
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.domain.access.sessions import LASTS, SEEN_EVERY, SessionEnd, device_words, how_over
from raincheck.domain.access.sign_in import Proof, WayIn
from raincheck.domain.people import SYSTEM
from raincheck.domain.policy import UNSENT_WORDS_KEPT, Policy
from raincheck.notifications.formats import duration
from raincheck.queries.clocks import database_is_ahead
from raincheck.web.access.networks import coarse
from raincheck.web.access.way_in import proof_of, remember_proof
from raincheck.web.form_filling import Typed
from raincheck.web.kept_words import keep, note_waiting, page_typed_on, typed_in
from raincheck.web.outdated_forms import remember_former_pages
from raincheck.web.requests import arrival_of
from raincheck.web.sessions import SessionStore, kept_key

NO_SIGN = {"calendar-feed", "open-times"}
"""What pages ask for by themselves: no sign of a person."""
LEFT = "raincheck.left"
"""The key, in a session of nobody, of whose session ended in this browser before."""


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody whose session ended by time: what of it, after how many seconds, when, in real time, and whether words are kept."""

    user: int
    ended: SessionEnd
    after: int
    at: float
    kept: bool = False


def real_arrival(request: HttpRequest) -> datetime:
    """Return when `request` came in, by real time: the demo's clock signs nobody out."""
    return arrival_of(request).at - clock.demo_offset()


def stamped_late(request: HttpRequest) -> timedelta:
    """Return how much later than its stamp `request` surely came in by the database's clock; negative for a stamp from the future."""
    arrival = arrival_of(request)
    # Not what the machine's clock shows by now: it may have come right since the stamp.
    return database_is_ahead(lambda: arrival.real + arrival.elapsed())


def key_of_session(request: HttpRequest) -> str:
    """Return the hash under which this session is kept."""
    return kept_key(request.session.session_key or "")


def begin(request: HttpRequest, user: AbstractBaseUser, proof: Proof) -> None:
    """Let the session that somebody has just signed in with say what it stands on, and be on their list."""
    remember_proof(request, proof)
    left = whoever_left(request)
    if left is not None and left.user == user.pk:
        remember_former_pages(request)
    request.session.pop(LEFT, None)
    note_waiting(request, user)
    if not request.session.session_key:
        request.session.create()
    verb = partial(
        begin_session,
        user.pk,
        key=key_of_session(request),
        way=proof.way,
        device=device_words(request.headers.get("User-Agent", "")),
        network=coarse(request),
        now=real_arrival(request),
    )
    _run(request, verb)


def end_if_over(request: HttpRequest, *, keeps: bool = True) -> None:
    """Sign out whoever was away too long, and keep what they have just sent; else note that they are there."""
    store, proof, now = request.session, proof_of(request), real_arrival(request)
    match = request.resolver_match
    if not request.user.is_authenticated:
        if keeps and request.method == "POST":
            keep_for_whoever_left(request, typed_in(request), page=page_typed_on(request))
        return
    if proof.way in (WayIn.CODE, WayIn.DEMO):
        return
    assert isinstance(store, SessionStore)
    life = store.life
    if life is not None and how_over(proof.way, **life._asdict(), now=now) is not None:
        # A clock that has gone wrong would sign everybody out who comes to this server: the database's is asked too.
        now += stamped_late(request)
    # One that nobody wrote down is of a time before lists were kept, or was ended meanwhile.
    if life is None:
        logout(request)
        messages.info(request, _("You are not signed in here any more. Please sign in again."))
    elif (ended := how_over(proof.way, **life._asdict(), now=now)) is not None:
        after = life.idle if ended == SessionEnd.IDLE else LASTS
        left = Left(request.user.pk or 0, ended, int(after.total_seconds()), now.timestamp())
        over = partial(time_out_session, how=ended, at=arrival_of(request).at)
        _run(request, partial(over, key_of_session(request), now=now))
        logout(request)
        request.session[LEFT] = asdict(left)
        if keeps and request.method == "POST":
            keep_for_whoever_left(request, typed_in(request), page=page_typed_on(request))
    elif now - life.seen_at >= SEEN_EVERY and (match is None or match.url_name not in NO_SIGN):
        _run(request, partial(note_seen, key_of_session(request), now=now))


def end_with_access(request: HttpRequest) -> None:
    """Sign out somebody whose access to a practice has ended."""
    over = partial(time_out_session, how=SessionEnd.ACCESS, at=arrival_of(request).at)
    _run(request, partial(over, key_of_session(request), now=real_arrival(request)))
    logout(request)


def time_left(request: HttpRequest) -> timedelta | None:
    """Return how long this session still lasts without its person; None where time ends none."""
    store, way, now = request.session, proof_of(request).way, real_arrival(request)
    if way in (WayIn.CODE, WayIn.DEMO) or not isinstance(store, SessionStore) or store.life is None:
        return None
    life = store.life
    if how_over(way, **life._asdict(), now=now) is not None:
        now += stamped_late(request)
    return min(life.idle - (now - life.seen_at), LASTS - (now - life.made_at))


def idle_time(request: HttpRequest) -> timedelta:
    """Return after how long without its person this session ends."""
    life = getattr(request.session, "life", None)
    return life.idle if life is not None else Policy().idle


def whoever_left(request: HttpRequest) -> Left | None:
    """Return whose session ended in this browser by time, and nobody has signed in since."""
    said = request.session.get(LEFT)
    if said is None:
        return None
    left = Left(**said | {"ended": SessionEnd(said["ended"])})
    since = real_arrival(request) - datetime.fromtimestamp(left.at, tz=UTC)
    return left if since < UNSENT_WORDS_KEPT else None


def keep_for_whoever_left(request: HttpRequest, typed: list[Typed], *, page: str) -> None:
    """Keep what was typed for the person whose session has ended here by time; nothing when nobody's has."""
    left = whoever_left(request)
    if left is None:
        return
    after = timedelta(seconds=left.after)
    if keep(request, left.user, typed, page=page, ended=left.ended, after=after):
        request.session[LEFT] = asdict(replace(left, kept=True))


def farewell(request: HttpRequest) -> str:
    """Return what somebody reads on the sign-in page after time ended their session; nothing for others."""
    left = whoever_left(request)
    if left is None:
        return ""
    if left.ended == SessionEnd.IDLE and left.kept:
        words = _(
            "You were signed out after %(after)s without you. What you typed is kept: sign in again, and it is back where it was."
        )
    elif left.ended == SessionEnd.IDLE:
        words = _(
            "You were signed out after %(after)s without you. Please sign in again to go on where you were."
        )
    elif left.kept:
        words = _(
            "You were signed out, as everybody is after %(after)s. What you typed is kept: sign in again, and it is back where it was."
        )
    else:
        words = _(
            "You were signed out, as everybody is after %(after)s. Please sign in again to go on where you were."
        )
    return words % {"after": duration(timedelta(seconds=left.after))}


def _run(request: HttpRequest, verb: partial[Answer]) -> None:
    run_command(verb, key=None, body={}, by=SYSTEM, now=arrival_of(request).at)
