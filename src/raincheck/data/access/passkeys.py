"""Passkeys as rows: allauth's table of second factors holds them, sealed like the keys of authenticator apps.

{"ref": …, "digest": hash of the credential's id, "sealed": whose it is, its name, id and public key,
 "counter": signatures that it said it made, "challenged_at": when the newest challenge that it answered was made}
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator

from raincheck.data.encryption import SECOND_FACTORS, DecryptionFailed, seal, unseal


@dataclass(frozen=True, slots=True)
class Passkey:
    """What is kept of one passkey of the person with the number `user`."""

    user: int
    name: str
    credential_id: bytes
    public_key: bytes
    counter: int
    challenged_at: datetime | None = None
    ref: UUID = field(default_factory=uuid4)


def digest_of(credential_id: bytes) -> str:
    """Return what shows that two credentials are the same, and tells neither's id."""
    return hashlib.sha256(credential_id).hexdigest()


def passkeys_of(user_id: int) -> list[tuple[Authenticator, Passkey]]:
    """Return somebody's passkeys with their rows, the oldest first."""
    rows = Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.WEBAUTHN)
    return [(row, opened(row)) for row in rows.order_by("created_at", "pk")]


def opened(row: Authenticator) -> Passkey:
    """Return the passkey that a row holds. Raises DecryptionFailed when it was sealed for another person."""
    said = json.loads(unseal(row.data["sealed"].encode("ascii"), purpose=SECOND_FACTORS))
    # Whoever can write to the table must not be able to give somebody a passkey of their own.
    if said["user"] != row.user_id:
        raise DecryptionFailed
    challenged = row.data["challenged_at"]
    return Passkey(
        said["user"],
        said["name"],
        base64.b64decode(said["credential_id"]),
        base64.b64decode(said["public_key"]),
        row.data["counter"],
        datetime.fromisoformat(challenged) if challenged else None,
        UUID(row.data["ref"]),
    )


def closed(one: Passkey) -> dict[str, object]:
    """Return what the row of a passkey holds."""
    said = {
        "user": one.user,
        "name": one.name,
        "credential_id": base64.b64encode(one.credential_id).decode("ascii"),
        "public_key": base64.b64encode(one.public_key).decode("ascii"),
    }
    return {
        "ref": str(one.ref),
        "digest": digest_of(one.credential_id),
        "sealed": seal(json.dumps(said).encode(), purpose=SECOND_FACTORS).decode("ascii"),
        "counter": one.counter,
        "challenged_at": one.challenged_at.isoformat() if one.challenged_at else None,
    }
