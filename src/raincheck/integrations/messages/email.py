"""E-mail by SMTP: one line to the mail server for many messages, and in four words what the server made of each."""

import base64
import binascii
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from raincheck import monotonic
from raincheck.domain.notifications import Outcome
from raincheck.integrations.http.total_timeout import IN_ALL, cut_off_after
from raincheck.integrations.messages.outcomes import Report
from raincheck.queries.deliveries import Parcel

SEVEN_BIT = SMTP.clone(cte_type="7bit")
"""Every server takes mail written so, whatever it says of itself."""
ORDINARY = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
)
"""Addresses of letters, digits and what else needs no quoting (dot-atom, RFC 5322): nearly all there are."""
GO_AHEAD = 354
CLOSING = 421
LONGEST_REPLY = 1 << 16
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


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as it is said to a mail server; `content` has its headers, CRLF line ends and no line of only a dot."""

    sender: str
    recipient: str
    content: bytes


def mail(parcel: Parcel, *, sender_address: str) -> Mail:
    """Return the message: text and HTML, and its calendar entries as what calendars answer to and as files.

    Its Message-ID is made of the notification's ref, so that a repeat can be recognised. Raises ValueError
    for an address that none can write to.
    """
    recipient = _written(parcel.address)
    lines = [
        _header("From", str(Address(parcel.sender, addr_spec=sender_address))),
        f"To: {recipient}\r\n",
        _header("Reply-To", _written(parcel.reply_to)) if parcel.reply_to else "",
        _header("Subject", parcel.subject),
        f"Date: {format_datetime(parcel.made_at)}\r\n",
        f"Message-ID: <{parcel.ref}@{sender_address.rpartition('@')[2]}>\r\n",
        # By these a mail program offers to stop such mails with one press (RFC 2369, RFC 8058).
        f"List-Unsubscribe: <{parcel.stop_address}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        if parcel.stop_address
        else "",
        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n",
        _body(parcel),
    ]
    content = "".join(lines).encode("ascii")
    return Mail(sender_address, recipient, DOT_FIRST.sub(b"..", content))


class MailLine:
    """A line to the mail server, opened for the first message and kept for those that follow.

    `timeout` is seconds for each answer the server owes, `in_all` for a message with all that is said about it. Whoever
    has nothing more to say hangs up.
    """

    def __init__(
        self, server: MailServer, *, introduced_as: str, timeout: float, in_all: float = IN_ALL
    ) -> None:
        self._server, self._introduced_as = server, introduced_as
        self._timeout, self._in_all = timeout, in_all
        self._smtp: smtplib.SMTP | None = None
        self._unread, self._until, self._must_reset = b"", 0.0, False

    def send(self, message: Mail, *, may_go: Callable[[], bool] = lambda: True) -> Report | None:
        """Hand a message over.

        `may_go` is asked when the server waits for the message and nothing of it has left; False ends the line, and None is
        returned. Accepted: the server took it over. Refused: it said no for good (5xx) to this sender, recipient or message.
        Unknown: the line broke after the message had begun, so it may or may not have been taken. Deferred: anything else.
        """
        self._until = monotonic.seconds() + self._in_all
        if (answer := self._on_kept_line(message)) is not None:
            return self._judged_or_sent(*answer, message, may_go=may_go)
        try:
            self._connect()
            answer = self._envelope(message)
        except smtplib.SMTPResponseException as error:
            # Greeting, encryption or password: no word about this message, so it stays worth another try.
            report = Report(Outcome.DEFERRED, _said(error.smtp_code, error.smtp_error))
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            # The last is a name that no resolver takes.
            report = Report(Outcome.DEFERRED, f"{type(error).__name__}: {error}")
        else:
            return self._judged_or_sent(*answer, message, may_go=may_go)
        self.hang_up()
        return report

    def try_out(self) -> Report:
        """Greet the server as for a message, with encryption and password, and hang up."""
        self._until = monotonic.seconds() + self._in_all
        try:
            self._connect()
        except smtplib.SMTPResponseException as error:
            return Report(Outcome.DEFERRED, _said(error.smtp_code, error.smtp_error))
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            return Report(Outcome.DEFERRED, f"{type(error).__name__}: {error}")
        finally:
            self.hang_up()
        return Report(Outcome.ACCEPTED, "")

    def _on_kept_line(self, message: Mail) -> tuple[int, bytes] | None:
        """Begin on a line that was kept; None without one, or when the server has closed it, which is nothing to a message."""
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                answer = self._envelope(message)
                if answer[0] != CLOSING:
                    return answer
            self.hang_up()
        return None

    def hang_up(self) -> None:
        """End the line, if there is one, with a word of courtesy whose answer changes nothing."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                smtp.putcmd("quit")
            smtp.close()

    def _connect(self) -> None:
        smtp = self._new_line()
        with cut_off_after(self._in_all, lambda: smtp.sock) as cut:
            try:
                self._greet(smtp)
            except BaseException:
                smtp.close()
                raise
        if cut.is_set():
            smtp.close()
            raise TimeoutError("the greeting took too long")  # half a line may read like a yes
        assert smtp.sock is not None
        # Small words follow each other here; Nagle's algorithm would hold each until the last is acknowledged.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._smtp, self._unread, self._must_reset = smtp, b"", False

    def _new_line(self) -> smtplib.SMTP:
        if not self._server.tls:
            return smtplib.SMTP(local_hostname=self._introduced_as, timeout=self._timeout)
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(local_hostname=self._introduced_as, timeout=self._timeout, context=context)

    def _greet(self, smtp: smtplib.SMTP) -> None:
        server = self._server
        # Whom certificates are checked against; by itself it knows that only when it connects at once.
        smtp._host = server.host  # type: ignore[attr-defined]  # the stubs leave it out
        code, words = smtp.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        if server.starttls:
            smtp.starttls(context=ssl.create_default_context())
        if server.user:
            smtp.login(server.user, server.password)
        # Encryption makes a server's extensions void (RFC 3207, 4.2); without a login nobody has asked again.
        smtp.ehlo_or_helo_if_needed()

    def _envelope(self, message: Mail) -> tuple[int, bytes]:
        """Say from whom and to whom, and ask to begin; return the first answer that is a no, else the go-ahead.

        A server that offers pipelining (RFC 2920) gets all of it at once, and nothing after DATA before its answer.
        """
        assert self._smtp is not None
        said = [f"MAIL FROM:<{message.sender}>", f"RCPT TO:<{message.recipient}>", "DATA"]
        if self._must_reset:
            # What was refused or begun before on this line must not count for this message.
            said.insert(0, "RSET")
        self._must_reset = True
        at_once = self._smtp.has_extn("pipelining")
        first_no: tuple[int, bytes] | None = None
        for group in [said] if at_once else [[one] for one in said]:
            self._send("".join(f"{one}\r\n" for one in group).encode("ascii"))
            for one in group:
                code, words = self._reply()
                if one == "DATA" and first_no is not None and code == GO_AHEAD:
                    self._break_off()  # it would take whatever is said next for a message
                if first_no is None and not (200 <= code < 300 or code == GO_AHEAD):
                    first_no = code, words
            if first_no is not None:
                return first_no
        return code, words

    def _judged_or_sent(
        self, code: int, words: bytes, message: Mail, *, may_go: Callable[[], bool]
    ) -> Report | None:
        if code != GO_AHEAD:
            return _judged(code, words)
        goes = False
        try:
            goes = may_go()
        finally:
            if not goes:
                self._break_off()
        if not goes:
            return None
        try:
            self._send(message.content + b"\r\n.\r\n")
            code, words = self._reply()
        except (smtplib.SMTPException, OSError) as error:
            self.hang_up()
            return Report(Outcome.UNKNOWN, f"{type(error).__name__}: {error}")
        self._must_reset = False
        return _judged(code, words)

    def _break_off(self) -> None:
        """Close the line without another word: what is broken off was never sent, since a message ends with its last dot."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    def _send(self, said: bytes) -> None:
        self._sock().sendall(said)

    def _reply(self) -> tuple[int, bytes]:
        """Return the code and the words of one answer of one or several lines."""
        words = []
        while True:
            line = self._line()
            words.append(line[4:].strip())
            if not line[:3].isdigit():
                raise smtplib.SMTPServerDisconnected("that is no answer")
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(words)

    def _line(self) -> bytes:
        while b"\n" not in self._unread:
            if len(self._unread) > LONGEST_REPLY:
                raise smtplib.SMTPServerDisconnected("an answer without an end")
            try:
                more = self._sock().recv(4096)
            except OSError as error:
                raise smtplib.SMTPServerDisconnected(f"Connection unexpectedly closed: {error}") from error
            if not more:
                raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
            self._unread += more
        line, _end, self._unread = self._unread.partition(b"\n")
        return line

    def _sock(self) -> socket.socket:
        """Return the line, which waits no longer than the next answer may take, nor than all of them may."""
        left = self._until - monotonic.seconds()
        if self._smtp is None or self._smtp.sock is None or left <= 0:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed: timed out")
        self._smtp.sock.settimeout(min(self._timeout, left))
        return self._smtp.sock


def _judged(code: int, words: bytes | str) -> Report:
    refused_or_later = Outcome.REFUSED if code >= 500 else Outcome.DEFERRED
    return Report(Outcome.ACCEPTED if 200 <= code < 300 else refused_or_later, _said(code, words))


def _said(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"


@lru_cache(maxsize=1_000)  # a practice writes under one name, and there are few subjects
def _header(name: str, value: str) -> str:
    """Return a header line, folded and encoded where its letters need it."""
    folded: str = SEVEN_BIT.header_factory(name, value).fold(policy=SEVEN_BIT)
    return folded


def _written(text: str) -> str:
    """Return the address with its domain in the letters every mail server knows. Raises ValueError."""
    if ORDINARY.fullmatch(text):
        return text
    local, _at, domain = text.rpartition("@")
    try:
        return Address(
            addr_spec=f"{local}@{domain.encode('idna').decode()}".encode("ascii").decode()
        ).addr_spec
    except MessageError as error:
        raise ValueError(str(error)) from error


def _body(parcel: Parcel) -> str:
    """Return text, HTML and calendar entries with the headers of each.

    One entry is an alternative that calendars act on; each is a file besides, since several need a file each.
    """
    entries = [part + END_OF_CALENDAR for part in parcel.calendar.split(END_OF_CALENDAR) if part.strip()]
    ways = [
        _part("text/plain; charset=utf-8", _quoted(parcel.text)),
        _part("text/html; charset=utf-8", _quoted(parcel.html)),
    ]
    if len(entries) == 1:
        [method] = re.findall(r"(?m)^METHOD:(\w+)\r?$", entries[0])
        ways.append(_part(f"text/calendar; charset=utf-8; method={method}", _in_base64(entries[0])))
    alternatives = _multipart("alternative", ways, boundary=f"=_{parcel.ref.hex}_ways")
    if not entries:
        return alternatives
    as_file = 'application/ics\r\nContent-Disposition: attachment; filename="appointment.ics"'
    files = [_part(as_file, _in_base64(entry)) for entry in entries]
    return _multipart("mixed", [alternatives, *files], boundary=f"=_{parcel.ref.hex}_all")


def _multipart(kind: str, parts: Sequence[str], *, boundary: str) -> str:
    inside = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n{inside}--{boundary}--\r\n'


def _part(kind: str, encoded: tuple[str, str]) -> str:
    way, content = encoded
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {way}\r\n\r\n{content}"


def _quoted(text: str) -> tuple[str, str]:
    lines = f"{text.rstrip()}\n".replace("\n", "\r\n").encode()
    return "quoted-printable", binascii.b2a_qp(lines, istext=True).decode("ascii")


def _in_base64(text: str) -> tuple[str, str]:
    return "base64", base64.encodebytes(text.encode()).decode("ascii").replace("\n", "\r\n")
