"""Sign-in by digest (RFC 7616), for servers that want it instead of a password in the request: Baïkal's default."""

import hashlib
import re
import secrets
from dataclasses import dataclass

ITEM = re.compile(r'\s*(?:"(?:[^"\\]|\\.)*"|[^",])+')
PARAMETER = re.compile(r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))')
SCHEME = re.compile(r"([A-Za-z][\w-]*)(?:\s+(?=\S)|\s*$)(?!=)")
# The best first. A server that is not named here gets no answer at all rather than a wrong one.
ALGORITHMS = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a server said for a digest to be worked out from."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    in_session: bool = False
    opaque: str | None = None
    protected: bool = True

    def answered(self, username: str, password: str, *, method: str, path: str) -> str:
        """Return the header that answers for one request."""
        once, algorithm = (
            secrets.token_hex(8),
            f"{self.algorithm}-sess" if self.in_session else self.algorithm,
        )
        secret = self._hash(f"{username}:{self.realm}:{password}")
        if self.in_session:
            secret = self._hash(f"{secret}:{self.nonce}:{once}")
        about = self._hash(f"{method}:{path}")
        middle = f"{self.nonce}:00000001:{once}:auth" if self.protected else self.nonce
        said = {
            "username": username,
            "realm": self.realm,
            "nonce": self.nonce,
            "uri": path,
            "response": self._hash(f"{secret}:{middle}:{about}"),
        }
        if self.opaque is not None:
            said["opaque"] = self.opaque
        if self.protected or self.in_session:
            said["cnonce"] = once
        escaped = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in said.items()}
        quoted = ", ".join(f'{name}="{value}"' for name, value in escaped.items())
        unquoted = f"algorithm={algorithm}" + (", qop=auth, nc=00000001" if self.protected else "")
        # Headers are written as Latin-1; this way the bytes of a name are those of UTF-8.
        return f"Digest {quoted}, {unquoted}".encode().decode("latin-1")

    def _hash(self, text: str) -> str:
        return ALGORITHMS[self.algorithm](text.encode(), usedforsecurity=False).hexdigest()


def challenge_in(header: str) -> Challenge | None:
    """Return the best digest that a WWW-Authenticate header offers, None where there is none that we know."""
    known = []
    for said in [said for scheme, said in _offers(header) if scheme == "digest"]:
        algorithm = said.get("algorithm", "MD5").upper()
        in_session = algorithm.endswith("-SESS")
        algorithm = algorithm.removesuffix("-SESS")
        qualities = {one.strip().lower() for one in said.get("qop", "auth").split(",")}
        if algorithm in ALGORITHMS and "auth" in qualities and {"realm", "nonce"} <= said.keys():
            needs = said["realm"], said["nonce"], algorithm
            known.append(Challenge(*needs, in_session, said.get("opaque"), "qop" in said))
    return min(known, key=lambda one: list(ALGORITHMS).index(one.algorithm), default=None)


def schemes_in(header: str) -> set[str]:
    """Return the ways of signing in that a WWW-Authenticate header offers, in small letters."""
    return {scheme for scheme, _said in _offers(header)}


def _offers(header: str) -> list[tuple[str, dict[str, str]]]:
    """Return each scheme of a header with its parameters; several may stand in one, apart by the commas of both."""
    offers: list[tuple[str, dict[str, str]]] = []
    for item in ITEM.findall(header):
        text = item.strip()
        scheme = SCHEME.match(text)
        if scheme is not None:
            offers.append((scheme[1].lower(), {}))
            text = text[scheme.end() :]
        parameter = PARAMETER.match(text)
        if parameter is not None and offers:
            value = parameter[3] if parameter[2] is None else re.sub(r"\\(.)", r"\1", parameter[2])
            offers[-1][1].setdefault(parameter[1].lower(), value)
    return offers
