"""Test messages from Home: one e-mail or text to whoever asks for it, as clients would get it, and what became of it."""

from functools import partial

from django.http import HttpRequest
from django.utils.translation import gettext as _

from raincheck.actions.access.first_start import begin_sender_test, end_sender_test
from raincheck.actions.engine.runner import Answer, run_command
from raincheck.domain.notifications import Channel
from raincheck.integrations.messages.sender_tests import send_test
from raincheck.web.staff.shell import PageForm, Sent, Staff, send


def try_sender(request: HttpRequest, staff: Staff, form: PageForm, channel: Channel, *, to: str) -> Sent:
    """Send one test message and keep what was said to it; a form that is sent twice sends one."""
    practice, begun = staff.practice, []

    def begin(**named: object) -> Answer:
        begun.append(named)
        return begin_sender_test(practice.pk, channel=channel, to=to, now=staff.now)

    sent = send(request, staff, form, begin)
    if not begun or sent.answer is None:
        return sent
    # Between two transactions, never inside one: a server may take long, and say nothing.
    report = send_test(
        channel,
        to=to,
        sender=practice.sender,
        reply_to=practice.reply_to,
        subject=_("A test of your messages"),
        text=_mail(staff)
        if channel is Channel.EMAIL
        else _("%(sender)s: this is a test. There is nothing to do.") % {"sender": practice.sender},
        now=staff.now,
    )
    said = {"to": to, "outcome": report.outcome, "answer": report.answer, "now": staff.now}
    ending = partial(end_sender_test, practice.pk, channel=channel, **said)  # type: ignore[arg-type]
    run_command(ending, key=None, body={}, by=staff.actor, now=staff.now)
    return sent


def _mail(staff: Staff) -> str:
    words = _(
        "This is how your e-mail reaches clients: it comes from “%(sender)s”, and what they answer goes to %(reply_to)s.\n\n"
        "If you found it among spam, others will too: whoever runs Raincheck can make its mail server known (SPF and "
        "DKIM).\n\nThere is nothing else to do."
    )
    about = {"sender": staff.practice.sender, "reply_to": staff.practice.reply_to}
    return f"{staff.practice.name}\n\n{words % about}"
