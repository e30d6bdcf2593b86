"""A device with passkeys, in a few lines: it signs whatever it is told to, so that it can lie as no browser would."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def data(said: str) -> bytes:
    return base64.urlsafe_b64decode(said + "=" * (-len(said) % 4))


@dataclass(slots=True)
class SoftwareKey:
    """One passkey. What it says of the site and of its person can be changed between two answers."""

    origin: str
    rp_id: str = "localhost"
    flags: int = PRESENT | VERIFIED
    counter: int = 1
    user_handle: bytes = b""
    framed: bool = False
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, options: dict[str, Any]) -> str:
        """Return what a browser sends when a passkey was made for these options."""
        self.user_handle = data(options["user"]["id"])
        public = cbor.encode(dict(ES256.from_cryptography_key(self.private.public_key())))
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + public
        statement = {
            "fmt": "none",
            "attStmt": {},
            "authData": self._said(self.flags | HAS_KEY) + attested,
        }
        return self._answer(
            clientDataJSON=text(self._client("webauthn.create", options)),
            attestationObject=text(cbor.encode(statement)),
        )

    def show(self, options: dict[str, Any], *, kind: str = "webauthn.get") -> str:
        """Return what a browser sends when this passkey signs for these options."""
        client, said = self._client(kind, options), self._said(self.flags)
        signature = self.private.sign(said + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=text(client),
            authenticatorData=text(said),
            signature=text(signature),
            **({"userHandle": text(self.user_handle)} if self.user_handle else {}),
        )

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": self.framed,
        }
        return json.dumps(said).encode()

    def _said(self, flags: int) -> bytes:
        site = hashlib.sha256(self.rp_id.encode()).digest()
        return site + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _answer(self, **response: str) -> str:
        name = text(self.credential_id)
        said = {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}}
        return json.dumps(said | {"response": response})
