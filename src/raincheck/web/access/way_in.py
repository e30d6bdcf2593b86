"""The way somebody came in and the second factor they proved: what a session stands on, kept in the session itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from allauth.account.internal.flows.login import get_authentication_records
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from raincheck import clock
from raincheck.domain.access.sign_in import Lack, Proof, SecondFactor, WayIn, still_holds
from raincheck.web.context import in_demo

PROOF = "raincheck.proof"
"""The session's key."""
PROVED_AT = "raincheck.proved_at"
"""The session's key with when its person last proved who they are, by real time."""
WAYS = {
    "password": WayIn.PASSWORD,
    "password_reset": WayIn.PASSWORD,
    "code": WayIn.CODE,
    "passkey": WayIn.PASSKEY,
}
"""What allauth notes of a session that signs in."""


def remember_proof(request: HttpRequest, proof: Proof) -> None:
    """Let the session say what was proved."""
    request.session[PROOF] = {"way": proof.way, "factor": proof.factor}
    if proof.way in (WayIn.PASSWORD, WayIn.PASSKEY):
        request.session[PROVED_AT] = clock.real_now().isoformat()


def note_proof(request: HttpRequest) -> None:
    """Let the session say that its person has just proved again who they are."""
    request.session[PROVED_AT] = clock.real_now().isoformat()


def has_proved_lately(request: HttpRequest, *, anew: bool = False) -> bool:
    """Return whether who is signed in proved who they are a moment ago; read `anew`, as another request has left it."""
    session = request.session
    if anew:
        session = type(session)(session.session_key)
    said = session.get(PROVED_AT)
    return said is not None and still_holds(datetime.fromisoformat(said), now=clock.real_now())


def proof_of(request: HttpRequest) -> Proof:
    """Return what was proved in this session. One that says nothing is as good as one by a code."""
    said = request.session.get(PROOF, {})
    factor = said.get("factor")
    return Proof(WayIn(said.get("way", WayIn.CODE)), SecondFactor(factor) if factor else None)


def lack_of(request: HttpRequest) -> Lack | None:
    """Return what keeps this session out of the practice's pages."""
    return proof_of(request).lacks(demo=in_demo(request))


def proof_in_records(request: HttpRequest, user: AbstractBaseUser) -> Proof:
    """Return what somebody proved who signs in now."""
    return newest_proof(get_authentication_records(request, user))


def newest_proof(records: Sequence[Mapping[str, str]]) -> Proof:
    """Return what the newest of a session's steps prove. Tries that were begun and left may lie before them."""
    factor = None
    for record in reversed(records):
        method = record["method"]
        if method == "mfa":
            factor = factor or SecondFactor(record["type"])
        elif method in WAYS:
            way = WAYS[method]
            if way == WayIn.PASSKEY:
                return Proof(way, SecondFactor.PASSKEY)
            return Proof(way, None if way == WayIn.CODE else factor)
    return Proof(WayIn.CODE)
