"""Who acts: the kinds of people and parts of the system that a history row can name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    CLIENT_BY_LINK = "client_by_link"
    CLIENT = "client"
    PROVIDER = "provider"
    MANAGER = "manager"
    SYSTEM = "system"
    OPERATOR = "operator"


class Role(StrEnum):
    """What a membership makes of a user in one practice."""

    PROVIDER = "provider"
    MANAGER = "manager"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts. `who` is the row's id within the kind (a provider's, a client's, a manager's membership).

    `for_client` is set when a provider or manager answers in a client's place, as by phone.
    """

    kind: ActorKind
    who: int | None = None
    for_client: int | None = None
    request_id: str = ""

    @property
    def is_client(self) -> bool:
        return self.kind in (ActorKind.CLIENT, ActorKind.CLIENT_BY_LINK)

    @property
    def is_staff(self) -> bool:
        return self.kind in (ActorKind.PROVIDER, ActorKind.MANAGER)

    @property
    def key(self) -> str:
        """A stable text for the key row: the same key from two people is two different acts."""
        return f"{self.kind}:{self.who if self.who is not None else '-'}"


SYSTEM = Actor(ActorKind.SYSTEM)
OPERATOR = Actor(ActorKind.OPERATOR)
