"""Signing in: the message that carries a code."""

from __future__ import annotations

from datetime import datetime, timedelta

from raincheck.actions.engine.runner import Answer
from raincheck.data.models import Membership, Notification, User
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.notifications.outbox import queue
from raincheck.notifications.render import sign_in_code_words


def send_code(user: User, *, code: str, lives: timedelta, now: datetime) -> Answer:
    """Send a code to a user's address, in the name of their practice; it is not tried longer than the code lives.

    Its words are erased once it was handed over. A user who belongs to no practice gets nothing.
    """
    membership = Membership.objects.filter(user=user).select_related("practice").order_by("pk").first()
    if membership is None:
        return {}
    words = sign_in_code_words(code, practice=membership.practice, channel=Channel.EMAIL, lives=lives)
    row = Notification(
        practice=membership.practice,
        user=user,
        channel=Channel.EMAIL,
        moment=NotificationType.SIGN_IN_CODE,
        made_at=now,
        due_at=now,
        give_up_at=now + lives,
        subject=words.subject,
        text=words.text,
        html=words.html,
    )
    row.save(force_insert=True)
    queue([row], now=now)
    return {"notification": str(row.ref)}
