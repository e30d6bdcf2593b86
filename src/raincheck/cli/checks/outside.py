"""The world around as `raincheck check` sees it: the mail server, the gateway for texts, the proxy, and the address people use."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError

from raincheck import clock
from raincheck.cli.finding import Finding, fail, ok, reason, warn
from raincheck.domain.notifications import Channel, Outcome
from raincheck.integrations.messages import email, sms
from raincheck.integrations.messages.delivery import warnings
from raincheck.queries.deliveries import Parcel
from raincheck.queries.health import unnamed_proxy_seen

TIMEOUT = 10.0
CERTIFICATE_ENDS_SOON = timedelta(days=14)
WORDS = "This message was sent by `raincheck check`, to see whether messages arrive. There is nothing to do."


def mail(to: str) -> Iterator[Finding]:
    """Whether the mail server lets us in; with an address, whether it takes a message for it."""
    if not settings.EMAIL_URL:
        if settings.RAINCHECK_DEMO:
            yield ok("mail", "The demo keeps its mail in its mailbox.")
        else:
            yield warn("mail", "EMAIL_URL is not set, so no e-mail leaves; every message becomes a task.")
        return
    server = email.mail_server(settings.EMAIL_URL)
    host = settings.EMAIL_FROM.rpartition("@")[2]
    said = email.MailLine(server, introduced_as=host, timeout=TIMEOUT)
    place = f"{server.host}:{server.port}"
    if to:
        report = said.send(email.mail(_parcel(Channel.EMAIL, to), sender_address=settings.EMAIL_FROM))
        said.hang_up()
        assert report is not None, "nothing keeps it from going"
    else:
        report = said.try_out()
    if report.outcome is not Outcome.ACCEPTED:
        yield fail("mail", f"The mail server {place} says: {report.answer.rstrip('.')}.")
    elif to:
        yield ok(
            "mail",
            f"The mail server {place} took a message for {to}. Look whether it arrives, and not as spam.",
        )
    else:
        yield ok("mail", f"The mail server {place} lets us in. Add --mail-to ADDRESS to send a message.")


def texts(to: str) -> Iterator[Finding]:
    """Whether somebody needs texts and a gateway is there; with a number, whether it takes one."""
    if not settings.SMS_URL:
        needed = []
        with suppress(DatabaseError):  # without records nobody has agreed to texts
            needed = [sentence for sentence in warnings() if sentence.startswith("SMS_URL")]
        yield (
            warn("texts", needed[0]) if needed else ok("texts", "SMS_URL is not set, and nobody needs texts.")
        )
        return
    parts = urlsplit(settings.SMS_URL)
    place = parts.hostname or ""
    if not to:
        try:
            socket.create_connection(
                (place, parts.port or (443 if parts.scheme == "https" else 80)), timeout=TIMEOUT
            ).close()
        except OSError as error:
            yield fail("texts", f"The gateway {place} does not answer: {reason(error)}.")
            return
        yield ok("texts", f"The gateway {place} answers. Add --text-to NUMBER to send a text.")
        return
    report = sms.send(_parcel(Channel.SMS, to), gateway=settings.SMS_URL, timeout=TIMEOUT)
    if report.outcome is Outcome.ACCEPTED:
        yield ok("texts", f"The gateway {place} took a text for {to}. Look whether it arrives.")
    else:
        yield fail("texts", f"The gateway {place} says: {report.answer.rstrip('.')}.")


def proxy() -> Iterator[Finding]:
    """Whether the headers that a proxy sends are understood: visitors are told apart by them."""
    number = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if unnamed_proxy_seen(real_now=clock.real_now()):
        yield fail(
            "proxy",
            "A proxy forwards visitors, but TRUSTED_PROXIES is 0. Set it to the number of your proxies, so that the tries of "
            "one visitor do not count against others.",
        )
    elif settings.HTTPS and not number:
        yield warn(
            "proxy",
            "BASE_URL is https, so a proxy stands in front, but TRUSTED_PROXIES is 0. Set it to the number of your proxies.",
        )
    else:
        yield ok("proxy", f"TRUSTED_PROXIES is {number}, and no other proxy was seen.")


def address() -> Iterator[Finding]:
    """Whether BASE_URL leads to these pages, for people whose messages have links to it."""
    parts = urlsplit(settings.BASE_URL)
    host, port = parts.hostname or "", parts.port or (443 if settings.HTTPS else 80)
    try:
        status, ends_at = _asked(host, port)
    except ssl.SSLCertVerificationError as error:
        yield fail("address", f"The certificate of {settings.BASE_URL} is not good: {error.verify_message}.")
        return
    except OSError as error:
        yield warn(
            "address",
            f"Nothing answers at {settings.BASE_URL} from here: {reason(error)}. Links in messages lead there: see that "
            "`raincheck serve` runs and the address is reachable.",
        )
        return
    if status != 200:
        yield fail(
            "address",
            f"{settings.BASE_URL}/health/live answers {status or 'something else'}, not 200: another program is there, or a "
            "proxy does not pass requests on.",
        )
    elif ends_at is not None and ends_at - clock.real_now() < CERTIFICATE_ENDS_SOON:
        yield warn(
            "address", f"The certificate of {settings.BASE_URL} ends on {ends_at:%B %-d}. Have it renewed."
        )
    else:
        yield ok("address", f"{settings.BASE_URL} leads to these pages.")


def _asked(host: str, port: int) -> tuple[int, datetime | None]:
    """Return the status of /health/live there, 0 for no HTTP, and when the certificate ends. Raises OSError."""
    named = urlsplit(settings.BASE_URL).netloc
    question = f"GET /health/live HTTP/1.1\r\nHost: {named}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((host, port), timeout=TIMEOUT) as line:
        ends_at = None
        if settings.HTTPS:
            line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
            ends = (line.getpeercert() or {}).get("notAfter")
            ends_at = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC) if ends else None
        with line:
            line.sendall(question.encode())
            words = line.makefile("rb").readline(100).split()
    is_http = len(words) > 1 and words[0].startswith(b"HTTP/") and words[1].isdigit()
    return int(words[1]) if is_http else 0, ends_at


def _parcel(channel: Channel, to: str) -> Parcel:
    return Parcel(
        ref=uuid4(),
        channel=channel,
        address=to,
        sender="Raincheck",
        reply_to="",
        subject="A message to try the mail out",
        text=WORDS,
        html=f"<p>{WORDS}</p>",
        calendar="",
        link="",
        made_at=clock.real_now(),
    )
