"""Hands e-mail to a mail server by SMTP, and says in four words what the server made of it."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

from raincheck.domain.notifications import Outcome
from raincheck.integrations.http.total_timeout import IN_ALL, cut_off_after
from raincheck.integrations.messages.outcomes import Report
from raincheck.queries.deliveries import Parcel

SEVEN_BIT = SMTP.clone(cte_type="7bit")
"""Every server takes mail written so, whatever it says of itself."""
GO_AHEAD = 354
DOT_FIRST = re.compile(rb"^\.", re.MULTILINE)
"""A line of only a dot ends a message, so every dot that begins a line is doubled (RFC 5321, 4.5.2)."""
END_OF_CALENDAR = "END:VCALENDAR\r\n"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes. With `starttls` nothing is said, and no password given, before the line is encrypted."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool = False


def mail_server(url: str) -> MailServer:
    """Return what EMAIL_URL says: smtp://user:password@host:port?starttls=1 or smtps://…; ports 25, 587 and 465 by default."""
    parts = urlsplit(url)
    tls = parts.scheme == "smtps"
    starttls = parse_qs(parts.query).get("starttls") == ["1"]
    return MailServer(
        host=parts.hostname or "",
        port=parts.port or (465 if tls else 587 if starttls else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
        starttls=starttls,
    )


def mail(parcel: Parcel, *, sender_address: str) -> EmailMessage:
    """Return the message: text and HTML, and its calendar entries as what calendars answer to and as files.

    Its Message-ID is made of the notification's ref, so that a repeat can be recognised. Raises ValueError
    for an address that none can write to.
    """
    message = EmailMessage(policy=SEVEN_BIT)
    message["From"] = Address(parcel.sender, addr_spec=sender_address)
    message["To"] = _address(parcel.address)
    if parcel.reply_to:
        message["Reply-To"] = _address(parcel.reply_to)
    message["Subject"] = parcel.subject
    message["Date"] = format_datetime(parcel.made_at)
    message["Message-ID"] = f"<{parcel.ref}@{sender_address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(parcel.text, cte="quoted-printable")
    message.add_alternative(parcel.html, subtype="html", cte="quoted-printable")
    _add_calendar(message, parcel.calendar)
    return message


def send(
    message: EmailMessage,
    *,
    server: MailServer,
    introduced_as: str,
    timeout: float,
    in_all: float = IN_ALL,
    may_go: Callable[[], bool] = lambda: True,
) -> Report | None:
    """Hand the message to the server. `timeout` is seconds for each answer it owes, `in_all` for the whole dialogue.

    `may_go` is asked when the server waits for the message and nothing of it has left; False ends the conversation, and
    None is returned. Accepted: the server took it over. Refused: it said no for good (5xx) to this sender, recipient or message. Unknown:
    the line broke after the message had begun, so it may or may not have been taken. Deferred: anything else.
    """
    try:
        smtp = _line(server, introduced_as=introduced_as, timeout=timeout)
        with cut_off_after(in_all, lambda: smtp.sock) as cut, _connected(smtp, server):
            report = _dialogue(smtp, message, may_go=may_go)
        # Half a line may read like a yes.
        return Report(Outcome.UNKNOWN, report.answer) if report and cut.is_set() else report
    except smtplib.SMTPResponseException as error:
        # Greeting, encryption or password: no word about this message, so it stays worth another try.
        return Report(Outcome.DEFERRED, _said(error.smtp_code, error.smtp_error))
    except (
        smtplib.SMTPException,
        OSError,
        UnicodeError,
    ) as error:  # the last is a name that no resolver takes
        return Report(Outcome.DEFERRED, f"{type(error).__name__}: {error}")


def _add_calendar(message: EmailMessage, calendar: str) -> None:
    """One entry is an alternative that calendars act on; each is a file besides, since several need a file each."""
    entries = [part + END_OF_CALENDAR for part in calendar.split(END_OF_CALENDAR) if part.strip()]
    if len(entries) == 1:
        message.add_alternative(entries[0], subtype="calendar", params={"method": _method(entries[0])})
    for entry in entries:
        message.add_attachment(
            entry.encode(), maintype="application", subtype="ics", filename="appointment.ics"
        )


def _method(entry: str) -> str:
    return next(line.removeprefix("METHOD:") for line in entry.splitlines() if line.startswith("METHOD:"))


def _line(server: MailServer, *, introduced_as: str, timeout: float) -> smtplib.SMTP:
    if not server.tls:
        return smtplib.SMTP(local_hostname=introduced_as, timeout=timeout)
    context = ssl.create_default_context()
    return smtplib.SMTP_SSL(local_hostname=introduced_as, timeout=timeout, context=context)


@contextmanager
def _connected(smtp: smtplib.SMTP, server: MailServer) -> Iterator[None]:
    with closing(smtp):
        # Whom certificates are checked against; by itself it knows that only when it connects at once.
        smtp._host = server.host  # type: ignore[attr-defined]  # the stubs leave it out
        code, words = smtp.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        if server.starttls:
            smtp.starttls(context=ssl.create_default_context())
        if server.user:
            smtp.login(server.user, server.password)
        yield


def _dialogue(smtp: smtplib.SMTP, message: EmailMessage, *, may_go: Callable[[], bool]) -> Report | None:
    smtp.ehlo_or_helo_if_needed()
    for say, address in ((smtp.mail, message["From"]), (smtp.rcpt, message["To"])):
        code, words = say(address.addresses[0].addr_spec)
        if not 200 <= code < 300:
            return _judged(code, words)
    code, words = smtp.docmd("DATA")
    if code != GO_AHEAD:
        return _judged(code, words)
    # What is broken off here was never sent: a message ends with its last dot.
    return _hand_over(smtp, message) if may_go() else None


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage) -> Report:
    try:
        smtp.send(DOT_FIRST.sub(b"..", message.as_bytes()) + b"\r\n.\r\n")
        code, words = smtp.getreply()
    except (smtplib.SMTPServerDisconnected, OSError) as error:
        return Report(Outcome.UNKNOWN, f"{type(error).__name__}: {error}")
    with suppress(smtplib.SMTPException, OSError):
        smtp.putcmd("quit")  # said out of courtesy; its answer changes nothing
    return _judged(code, words)


def _judged(code: int, words: bytes | str) -> Report:
    refused_or_later = Outcome.REFUSED if code >= 500 else Outcome.DEFERRED
    return Report(Outcome.ACCEPTED if 200 <= code < 300 else refused_or_later, _said(code, words))


def _said(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"


def _address(text: str) -> Address:
    """Return the address with its domain in the letters every mail server knows. Raises ValueError."""
    local, _at, domain = text.rpartition("@")
    try:
        return Address(addr_spec=f"{local}@{domain.encode('idna').decode()}".encode("ascii").decode())
    except MessageError as error:
        raise ValueError(str(error)) from error
