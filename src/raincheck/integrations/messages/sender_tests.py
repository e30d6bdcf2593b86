"""Test messages: one mail or text to whoever sets a practice up, and what the server or gateway said to it."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings

from raincheck.domain.notifications import Channel, Outcome
from raincheck.integrations.messages import email, sms
from raincheck.integrations.messages.outcomes import Report
from raincheck.notifications.html_email import letter
from raincheck.queries.deliveries import Parcel

TIMEOUT, IN_ALL = 8.0, 20.0
"""Seconds: somebody looks at the page meanwhile."""


def send_test(
    channel: Channel, *, to: str, sender: str, reply_to: str, subject: str, text: str, now: datetime
) -> Report:
    """Hand one message over, as all messages of the practice go, and return what was said to it."""
    parcel = Parcel(
        ref=uuid4(),
        channel=channel,
        address=to,
        sender=sender,
        reply_to=reply_to,
        subject=subject,
        text=text,
        html=letter(subject, text),
        calendar="",
        link="",
        made_at=now,
    )
    if channel is Channel.SMS:
        return sms.send(parcel, gateway=settings.SMS_URL, timeout=TIMEOUT, in_all=IN_ALL)
    server = email.mail_server(settings.EMAIL_URL)
    host = settings.EMAIL_FROM.rpartition("@")[2]
    line = email.MailLine(server, introduced_as=host, timeout=TIMEOUT, in_all=IN_ALL)
    try:
        report = line.send(email.mail(parcel, sender_address=settings.EMAIL_FROM))
    except ValueError as error:  # an address that none can write to
        return Report(Outcome.REFUSED, str(error))
    line.hang_up()
    assert report is not None, "nothing keeps it from going"
    return report
