"""Web Authentication: what a browser is asked for, and whether what it answers is sound (by fido2).

allauth has forms for this too. They keep a challenge until one answer to it was right, never look at the count of
signatures, and keep what they keep in the open; so only allauth's table is used, and its way of signing in.
"""

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    CredentialRequestOptions,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from raincheck.data.access.passkeys import Passkey
from raincheck.data.people import User
from raincheck.domain.access.passkeys import NoPasskeysHere, PasskeyNotMade, PasskeyRefused, relying_party

PRODUCT = "Raincheck"
VERIFIED = UserVerificationRequirement.REQUIRED
LARGEST = 60_000
"""Characters of an answer: a key with its longest signature needs a tenth."""
# Whatever can be wrong with an answer that anybody may write.
UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    NotImplementedError,
    RecursionError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a device has to sign, and when it was made by real time."""

    value: bytes
    made_at: datetime


@dataclass(frozen=True, slots=True)
class MadePasskey:
    """A passkey that a browser has just made."""

    credential_id: bytes
    public_key: bytes
    counter: int


@dataclass(frozen=True, slots=True)
class ShownPasskey:
    """An answer to a challenge, readable but not yet looked at: whose passkey it says it is, and what it signed."""

    credential_id: bytes
    user_handle: bytes | None
    answer: AuthenticationResponse


def origin() -> str:
    """Return the origin that browsers name for pages of this site: without the port that its scheme has anyway."""
    parts = urlsplit(settings.BASE_URL)
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{(parts.hostname or '').lower()}{port}"


def creation_options(user: User, challenge: Challenge, *, known: Iterable[Passkey]) -> dict[str, Any]:
    """Return what a browser needs to make a passkey: one that it can offer without being told an address."""
    options, _state = _server().register_begin(
        # The device tells the id at each sign-in, in place of an address: a random one, which says nothing.
        PublicKeyCredentialUserEntity(
            id=user.ref.bytes, name=user.email, display_name=user.name or user.email
        ),
        # A device that has one already says so, and makes no second one.
        credentials=[
            PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=one.credential_id)
            for one in known
        ],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=VERIFIED,
        challenge=challenge.value,
    )
    return dict(options.public_key)


def request_options(challenge: Challenge) -> dict[str, Any]:
    """Return what a browser needs to ask for a passkey of this site, whosever it is."""
    return dict(_begun(challenge)[0].public_key)


def passkey_made(said: str, challenge: Challenge) -> MadePasskey:
    """Return the passkey that a browser made for this challenge, at this site, by a verified person. Raises PasskeyNotMade."""
    try:
        answer = RegistrationResponse.from_dict(_read(said))
        made = _server().register_complete(_begun(challenge)[1], answer)
        key = made.credential_data
        if key is None or key.credential_id != answer.raw_id or _is_framed(answer):
            raise PasskeyNotMade
        if key.public_key[3] not in CoseKey.supported_algorithms():
            raise PasskeyNotMade
    except UNREADABLE as broken:
        raise PasskeyNotMade from broken
    return MadePasskey(key.credential_id, cbor.encode(dict(key.public_key)), made.counter)


def passkey_shown(said: str) -> ShownPasskey:
    """Return which passkey an answer says it is of. Raises PasskeyRefused."""
    try:
        answer = AuthenticationResponse.from_dict(_read(said))
    except UNREADABLE as broken:
        raise PasskeyRefused from broken
    return ShownPasskey(answer.raw_id, answer.response.user_handle, answer)


def signed(shown: ShownPasskey, challenge: Challenge, *, passkey: Passkey) -> int:
    """Return the count of signatures, once a passkey's key has signed this challenge at this site for a verified person.

    Raises PasskeyRefused.
    """
    try:
        public_key = CoseKey.parse(cast("Mapping[int, Any]", cbor.decode(passkey.public_key)))
        known = AttestedCredentialData.create(bytes(16), passkey.credential_id, public_key)
        _server().authenticate_complete(_begun(challenge)[1], [known], shown.answer)
    except UNREADABLE as broken:
        raise PasskeyRefused from broken
    if _is_framed(shown.answer):
        raise PasskeyRefused
    return shown.answer.response.authenticator_data.counter


def _server() -> Fido2Server:
    # Of what was configured, never of what a visitor's browser calls this machine.
    name = relying_party(settings.BASE_URL)
    assert not isinstance(name, NoPasskeysHere), "nobody is offered what no browser does here"
    here = origin()
    # Only this very site: by itself fido2 takes every subdomain as well.
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=name, name=PRODUCT), verify_origin=lambda said: said == here
    )


def _begun(challenge: Challenge) -> tuple[CredentialRequestOptions, Any]:
    """Return what a browser is asked, and what fido2 wants to see again with the answer, since it keeps nothing itself."""
    return _server().authenticate_begin(user_verification=VERIFIED, challenge=challenge.value)


def _is_framed(answer: AuthenticationResponse | RegistrationResponse) -> bool:
    """Return whether another site showed ours inside its own page, which our pages allow none."""
    return answer.response.client_data.cross_origin is not False


def _read(said: str) -> Mapping[str, Any]:
    if len(said) > LARGEST:
        raise ValueError
    found = json.loads(said)
    if not isinstance(found, dict):
        raise TypeError
    return found
