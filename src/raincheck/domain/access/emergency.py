"""Emergency access: a manager reads a conversation that is closed to them, for a while, with a written reason."""

from datetime import timedelta

from raincheck.domain.conversations import plain_text
from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _

LASTS = timedelta(hours=1)
"""How long a conversation stays open; whoever needs longer says why once more."""
SHORTEST_REASON = 10
"""Letters and digits: less says nothing to who reads it later."""
REASON_LIMIT = 2000
"""Characters."""


class ReasonTooShort(Refusal):
    kind = Kind.BAD_INPUT
    code = "emergency_reason_too_short"
    sentence = _(
        "Please write why you need to read this conversation, in at least {least} letters. It was not opened, and nobody was told."
    )
    field = "reason"


class ReasonTooLong(Refusal):
    kind = Kind.BAD_INPUT
    code = "emergency_reason_too_long"
    sentence = _(
        "Your reason has {count} characters; {limit} fit. The conversation was not opened, and nobody was told; please shorten it."
    )
    field = "reason"


class ConversationGone(Refusal):
    kind = Kind.NOT_FOUND
    code = "conversation_gone"
    sentence = _("We can't find this conversation here, so nothing was opened. Nobody was told.")


def emergency_reason(words: str) -> str:
    """Return a reason as it is kept. Raises ReasonTooShort or ReasonTooLong."""
    text = plain_text(words)
    if sum(sign.isalnum() for sign in text) < SHORTEST_REASON:
        raise ReasonTooShort(least=str(SHORTEST_REASON))
    if len(text) > REASON_LIMIT:
        raise ReasonTooLong(count=str(len(text)), limit=str(REASON_LIMIT))
    return text
