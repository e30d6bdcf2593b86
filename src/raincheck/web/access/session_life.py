"""The life of a session: written down when it begins, seen while its person is there, ended when they are away too long."""

from datetime import datetime
from functools import partial

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import gettext as _

from raincheck import clock
from raincheck.actions.access.sessions import begin_session, note_seen, time_out_session
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.domain.access.sessions import SEEN_EVERY, device_words, is_over
from raincheck.domain.access.sign_in import Proof, WayIn
from raincheck.domain.people import SYSTEM
from raincheck.queries.clocks import database_is_ahead
from raincheck.web.access.networks import coarse
from raincheck.web.access.way_in import proof_of, remember_proof
from raincheck.web.requests import arrival_of
from raincheck.web.sessions import SessionStore, kept_key

NO_SIGN = {"calendar-feed", "open-times"}
"""What pages ask for by themselves: no sign of a person."""


def real_arrival(request: HttpRequest) -> datetime:
    """Return when `request` came in, by real time: the demo's clock signs nobody out."""
    return arrival_of(request).at - clock.demo_offset()


def key_of_session(request: HttpRequest) -> str:
    """Return the hash under which this session is kept."""
    return kept_key(request.session.session_key or "")


def begin(request: HttpRequest, user: AbstractBaseUser, proof: Proof) -> None:
    """Let the session that somebody has just signed in with say what it stands on, and be on their list."""
    remember_proof(request, proof)
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


def end_if_over(request: HttpRequest) -> None:
    """Sign out whoever was away too long; else note that they are there."""
    store, proof, now = request.session, proof_of(request), real_arrival(request)
    if proof.way in (WayIn.CODE, WayIn.DEMO) or not request.user.is_authenticated:
        return
    assert isinstance(store, SessionStore)
    life = store.life
    if life is not None and is_over(proof.way, made_at=life[0], seen_at=life[1], now=now):
        # A clock that has gone wrong would sign everybody out who comes to this server: the database's is asked too.
        now += database_is_ahead(clock.real_now)
    # One that nobody wrote down is of a time before lists were kept, or was ended meanwhile.
    if life is None or is_over(proof.way, made_at=life[0], seen_at=life[1], now=now):
        _run(request, partial(time_out_session, key_of_session(request), now=now))
        logout(request)
        words = _(
            "You were away for a while, so you were signed out. Please sign in again to go on where you were."
        )
        messages.info(request, words)
    elif now - life[1] >= SEEN_EVERY and _is_sign(request):
        _run(request, partial(note_seen, key_of_session(request), now=now))


def _is_sign(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is None or match.url_name not in NO_SIGN


def _run(request: HttpRequest, verb: partial[Answer]) -> None:
    run_command(verb, key=None, body={}, by=SYSTEM, now=arrival_of(request).at)
