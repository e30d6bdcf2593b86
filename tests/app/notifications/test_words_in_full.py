"""What people read from the ask to the end, in full."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.app.cast import Cast
from tests.app.notice_subjects import HOUR
from tests.app.sent_notifications import latest, said_in

from raincheck.actions.timing.sweep import sweep
from raincheck.data.notifications import Notification
from raincheck.data.reschedule.request import RescheduleRequest


def read_by_riley(since: int) -> tuple[str, str]:
    row = Notification.objects.get(pk__gt=since, recipient__isnull=False)
    words = said_in(row, now=row.made_at).words
    return words.subject, words.text


def test_what_riley_reads_from_the_ask_to_the_move(cast: Cast, now: datetime) -> None:
    appointment = cast.booked()
    start = latest()
    request = cast.asked(appointment, note="I have to be in court.")
    assert read_by_riley(start) == (
        "Please choose a new time for your appointment",
        """Harbor Counseling

Hi Riley,

Dr. Okafor asks you to choose a new time for this appointment:

- Tuesday, November 24 at 8:00 AM (Los Angeles time)

You have 48 hours, until Wednesday, November 18 at 7:00 AM (Los Angeles time).

Choose a new time: {link}

If you don't choose by then, this appointment is canceled. There is no charge.

If none of the times work, you can write to Dr. Okafor from the same page, or cancel instead.

The link is meant for you alone, so please don't pass it on.

--
Harbor Counseling · +1 212 555 0100
Messages are read on working days.""",
    )
    start = latest()
    cast.pick(request)
    subject, text = read_by_riley(start)
    assert subject == "Your appointment has a new time"
    assert (
        text
        == f"""Harbor Counseling

You're all set, Riley.

Your appointment with Dr. Okafor has moved:

- Now: Friday, November 27 at 6:00 AM (Los Angeles time)
  Before: Tuesday, November 24 at 8:00 AM (Los Angeles time)

Join by video: {appointment.join_url}

See your appointment: {{link}}

--
Harbor Counseling · +1 212 555 0100
Messages are read on working days."""
    )


def test_what_both_read_when_nobody_answered(cast: Cast, now: datetime) -> None:
    request = cast.asked(cast.booked())
    RescheduleRequest.objects.filter(pk=request.pk).update(handed_over_at=now)
    sweep(now=now + 47 * HOUR)
    start = latest()
    sweep(now=now + 48 * HOUR + timedelta(minutes=1))
    assert read_by_riley(start) == (
        "Your appointment was canceled, no charge",
        """Harbor Counseling

Hi Riley,

We hadn't heard from you by Wednesday, November 18 at 7:00 AM (Los Angeles time). So this appointment with Dr. Okafor was canceled:

- Tuesday, November 24 at 8:00 AM (Los Angeles time)

There is no charge.

Book a new time: {link}

If you are in danger or need help right now, call or text 988, or call 911. 988 answers by videophone, too.

--
Harbor Counseling · +1 212 555 0100
Messages are read on working days.""",
    )
    row = Notification.objects.get(pk__gt=start, provider=cast.okafor, channel="email")
    words = said_in(row, now=row.made_at).words
    assert (words.subject, words.text) == (
        "An appointment was canceled",
        """Harbor Counseling

Riley B. did not choose a new time by Wednesday, November 18 at 10:00 AM (New York time). So this appointment was canceled:

- Tuesday, November 24 at 11:00 AM (New York time)

Riley B. is told that there is no charge and gets a link to book a new time.

Open Raincheck: {link}

--
Harbor Counseling""",
    )
