"""A client about whom nobody ever wrote down how they are reached: everything can be done, and a person sees who was not told."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from tests.app.cast import Cast
from tests.app.smtp_server import Mailroom

from raincheck.actions.appointments.booking import Cancellation, cancel_appointment
from raincheck.actions.conversations import write_message
from raincheck.actions.engine.runner import run_command
from raincheck.data.notifications import Notification
from raincheck.data.people import Recipient
from raincheck.data.tasks import Task
from raincheck.domain.appointments.lifecycle import CancelReason
from raincheck.integrations.messages.delivery import deliver_due


def test_p9_their_appointment_can_be_canceled_and_is_seen_as_untold(
    cast: Cast, mailroom: Mailroom, now: datetime
) -> None:
    Recipient.objects.filter(client=cast.riley).delete()
    booked = cast.booked()
    said = Cancellation(CancelReason.CLINICAL)
    verb = partial(cancel_appointment, booked.ref, cancellation=said, by=cast.by_okafor, now=now)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=now)
    deliver_due(now)
    told = Notification.objects.get(kind="cancelled", recipient__client=cast.riley)
    assert (told.state, told.address) == ("failed", "")
    assert Task.objects.filter(kind="not_delivered", notification=told, provider=cast.okafor).count() == 1


def test_a_message_to_them_is_shown_as_failed(cast: Cast, mailroom: Mailroom, now: datetime) -> None:
    Recipient.objects.filter(client=cast.riley).delete()
    verb = partial(write_message, cast.okafor.pk, cast.riley.pk, words="See you.", by=cast.by_okafor, now=now)
    run_command(verb, key=None, body={}, by=cast.by_okafor, now=now)
    deliver_due(now)
    assert list(Notification.objects.filter(kind="message").values_list("state", flat=True)) == ["failed"]
