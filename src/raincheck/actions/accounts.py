"""Signing in: the message that carries a code."""

from datetime import datetime, timedelta

from raincheck.actions.engine.runner import Answer
from raincheck.data.encryption import CODES, seal
from raincheck.data.models import Membership, Notification, User
from raincheck.domain.notifications import Channel, NotificationType
from raincheck.notifications.outbox import queue


def send_code(user: User, *, code: str, lives: timedelta, now: datetime) -> Answer:
    """Send a code to a user's address, in the name of their practice; it is not tried longer than the code lives.

    It is erased once it was handed over. A user who belongs to no practice gets nothing.
    """
    membership = Membership.objects.filter(user=user).select_related("practice").order_by("pk").first()
    if membership is None:
        return {}
    row = Notification(
        practice=membership.practice,
        user=user,
        channel=Channel.EMAIL,
        kind=NotificationType.SIGN_IN_CODE,
        made_at=now,
        due_at=now,
        give_up_at=now + lives,
        # Sealed: until it is handed over it lies in the database, and in a backup made just then.
        facts={
            "code": seal(code.encode(), purpose=CODES).decode("ascii"),
            "minutes": lives // timedelta(minutes=1),
        },
    )
    row.save(force_insert=True)
    queue([row], now=now)
    return {"notification": str(row.ref)}
