"""Handing mail to a real server that accepts, defers, refuses, hangs or drops the line."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from tests.app.smtp_server import HERE, Mailroom, dripping, mail_server as running

from raincheck.domain.notifications import Channel, Outcome
from raincheck.integrations.messages.email import MailLine, MailServer, mail, mail_server
from raincheck.integrations.messages.outcomes import Report
from raincheck.queries.deliveries import Parcel

SENDER = "appointments@harbor.example"
PROMPT = Parcel(
    ref=UUID("7d9b0f0e-6f3e-4f0e-9a55-0d3b6a3f6a10"),
    channel=Channel.EMAIL,
    address="riley@clients.example",
    sender="Harbor",
    reply_to="front@harbor.example",
    subject="Please choose a new time for your appointment",
    text="Hi Riley,\n\nplease choose – “soon”.\n",
    html="<p>Hi Riley</p>",
    calendar="",
    link="",
    made_at=datetime(2026, 11, 16, 15, tzinfo=UTC),
)
ENTRY = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def mailroom() -> Iterator[Mailroom]:
    with running() as room:
        yield room


def sent(url: str, parcel: Parcel = PROMPT, *, timeout: float = 5.0) -> Report:
    with line_to(url, timeout=timeout) as line:
        report = line.send(mail(parcel, sender_address=SENDER))
    assert report is not None
    return report


@contextmanager
def line_to(url: str, *, timeout: float = 5.0) -> Iterator[MailLine]:
    with closing_line(MailLine(mail_server(url), introduced_as="harbor.example", timeout=timeout)) as line:
        yield line


@contextmanager
def closing_line(line: MailLine) -> Iterator[MailLine]:
    try:
        yield line
    finally:
        line.hang_up()


def test_a_server_that_takes_the_mail_over_has_accepted_it(mailroom: Mailroom) -> None:
    assert sent(mailroom.url) == Report(Outcome.ACCEPTED, "250 OK queued as 7")
    assert mailroom.envelopes == [(SENDER, ["riley@clients.example"])]
    (message,) = mailroom.got
    assert {name: message[name] for name in ("From", "To", "Reply-To", "Subject", "Message-ID", "Date")} == {
        "From": f"Harbor <{SENDER}>",
        "To": "riley@clients.example",
        "Reply-To": "front@harbor.example",
        "Subject": "Please choose a new time for your appointment",
        "Message-ID": "<7d9b0f0e-6f3e-4f0e-9a55-0d3b6a3f6a10@harbor.example>",
        "Date": "Mon, 16 Nov 2026 15:00:00 +0000",
    }
    assert message["Auto-Submitted"] == "auto-generated"
    assert parts(message) == [
        ("text/plain", "Hi Riley,\r\n\r\nplease choose – “soon”.\r\n"),
        ("text/html", "<p>Hi Riley</p>\r\n"),
    ]


def test_a_repeat_carries_the_same_message_id(mailroom: Mailroom) -> None:
    sent(mailroom.url)
    sent(mailroom.url)
    first, second = mailroom.got
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize(
    ("does", "report"),
    [
        ({"rcpt": "451 4.7.1 greylisted"}, Report(Outcome.DEFERRED, "451 4.7.1 greylisted")),
        ({"rcpt": "550 5.1.1 no such user"}, Report(Outcome.REFUSED, "550 5.1.1 no such user")),
        ({"data": "452 4.3.1 full"}, Report(Outcome.DEFERRED, "452 4.3.1 full")),
        ({"data": "554 5.7.1 not wanted"}, Report(Outcome.REFUSED, "554 5.7.1 not wanted")),
    ],
)
def test_a_server_can_put_off_or_refuse(does: dict[str, str], report: Report) -> None:
    with running(**does) as room:
        assert sent(room.url) == report
        assert room.got == []


@pytest.mark.parametrize(
    ("command", "outcome"),
    [("MAIL", Outcome.DEFERRED), ("RCPT", Outcome.DEFERRED), ("DATA", Outcome.UNKNOWN)],
)
@pytest.mark.parametrize("way", ["hangs", "drops"])
def test_a_line_that_breaks_after_the_message_leaves_it_unknown(
    way: str, command: str, outcome: Outcome
) -> None:
    with running(**{way: command}) as room:
        assert sent(room.url, timeout=0.3).outcome is outcome


def test_a_server_that_is_away_is_tried_later() -> None:
    with closing(socket.socket()) as nobody_listens:
        nobody_listens.bind((HERE, 0))
        assert sent(f"smtp://{HERE}:{nobody_listens.getsockname()[1]}") == Report(
            Outcome.DEFERRED, "ConnectionRefusedError: [Errno 111] Connection refused"
        )


def test_a_server_that_never_greets_is_tried_later() -> None:
    with closing(socket.create_server((HERE, 0))) as mute:
        report = sent(f"smtp://{HERE}:{mute.getsockname()[1]}", timeout=0.3)
    assert report == Report(
        Outcome.DEFERRED, "SMTPServerDisconnected: Connection unexpectedly closed: timed out"
    )


def test_a_server_that_drips_is_left_after_so_many_seconds_in_all() -> None:
    """Each byte comes in time, and the greeting never ends."""
    with dripping() as port:
        line = MailLine(MailServer(HERE, port), introduced_as="harbor.example", timeout=5, in_all=0.3)
        report = line.send(mail(PROMPT, sender_address=SENDER))
    assert report is not None
    assert report.outcome is Outcome.DEFERRED


def test_a_line_is_kept_for_many_messages_and_reset_after_a_no(mailroom: Mailroom) -> None:
    message = mail(PROMPT, sender_address=SENDER)
    with line_to(mailroom.url) as line:
        outcomes = []
        for answer in ("250 OK", "550 5.1.1 no such user", "250 OK"):
            mailroom.rcpt = answer
            report = line.send(message)
            assert report is not None
            outcomes.append(report.outcome)
    assert outcomes == [Outcome.ACCEPTED, Outcome.REFUSED, Outcome.ACCEPTED]
    assert (len(mailroom.got), mailroom.greeted) == (2, 1)


def test_a_kept_line_that_the_server_has_closed_is_opened_again(mailroom: Mailroom) -> None:
    message = mail(PROMPT, sender_address=SENDER)
    with line_to(mailroom.url) as line:
        line.send(message)
        mailroom.drops = "MAIL"
        report = line.send(message)
        assert report is not None
        assert report.outcome is Outcome.DEFERRED, "dropped again, now on a line of its own"
        mailroom.drops = ""
        assert line.send(message) == Report(Outcome.ACCEPTED, "250 OK queued as 7")
    assert (len(mailroom.got), mailroom.greeted) == (2, 3)


def test_what_may_not_go_costs_the_line_and_nothing_of_it_has_left(mailroom: Mailroom) -> None:
    message = mail(PROMPT, sender_address=SENDER)
    with line_to(mailroom.url) as line:
        assert line.send(message, may_go=lambda: False) is None
        assert line.send(message) == Report(Outcome.ACCEPTED, "250 OK queued as 7")
    assert (len(mailroom.got), mailroom.greeted) == (1, 2)


def test_an_envelope_goes_in_one_piece_and_the_words_wait_for_the_go_ahead() -> None:
    with pipelining(rcpt=b"250 ok") as server, line_to(server.url) as line:
        asked: list[int] = []

        def may_go() -> bool:
            asked.append(len(server.heard))
            return True

        reports = [line.send(mail(PROMPT, sender_address=SENDER), may_go=may_go) for _twice in range(2)]
    assert reports == [Report(Outcome.ACCEPTED, "250 ok")] * 2
    envelope = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<riley@clients.example>\r\nDATA\r\n".encode()
    assert [said for said in server.heard if said.startswith(b"MAIL")] == [envelope] * 2
    assert [server.heard[count - 1] for count in asked] == [envelope] * 2


def test_a_go_ahead_in_spite_of_a_refused_recipient_costs_the_line() -> None:
    """RFC 2920 lets a server say so; whatever was said next would be taken for a message."""
    with pipelining(rcpt=b"550 no such user") as server, line_to(server.url) as line:
        reports = [line.send(mail(PROMPT, sender_address=SENDER)) for _twice in range(2)]
    assert reports == [Report(Outcome.REFUSED, "550 no such user")] * 2
    assert server.greeted == 2


def test_lines_that_begin_with_a_dot_arrive_as_they_are(mailroom: Mailroom) -> None:
    words = "Hi Riley,\n.\n.. and on it goes\n"
    assert sent(mailroom.url, replace(PROMPT, text=words)).outcome is Outcome.ACCEPTED
    [message] = mailroom.got
    assert parts(message)[0] == ("text/plain", words.replace("\n", "\r\n"))


@dataclass
class Pipelining:
    url: str = ""
    greeted: int = 0
    heard: list[bytes] = field(default_factory=list)


@contextmanager
def pipelining(*, rcpt: bytes) -> Iterator[Pipelining]:
    """Run a server that offers pipelining, answers each command of a piece, and gives the go-ahead whatever it said before."""
    server = Pipelining()

    def converse(line: socket.socket) -> None:
        line.sendall(b"220 mail.example\r\n")
        in_data = b""
        while said := line.recv(1 << 16):
            if in_data:
                in_data += said
                if in_data.endswith(b"\r\n.\r\n"):
                    in_data = b""
                    line.sendall(b"250 ok\r\n")
                continue
            server.heard.append(said)
            for command in said.splitlines():
                verb = command[:4].upper()
                if verb == b"EHLO":
                    line.sendall(b"250-mail.example\r\n250 PIPELINING\r\n")
                elif verb == b"DATA":
                    in_data = b"\n"
                    line.sendall(b"354 go on\r\n")
                else:
                    line.sendall((rcpt if verb == b"RCPT" else b"250 ok") + b"\r\n")

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                line, _address = listener.accept()
                server.greeted += 1
                with line:
                    converse(line)

    listener = socket.create_server((HERE, 0))
    server.url = f"smtp://{HERE}:{listener.getsockname()[1]}"
    thread = threading.Thread(target=accept, args=(listener,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_nothing_is_said_when_encryption_is_asked_for_and_not_offered(mailroom: Mailroom) -> None:
    assert sent(f"{mailroom.url}?starttls=1") == Report(
        Outcome.DEFERRED, "SMTPNotSupportedError: STARTTLS extension not supported by server."
    )
    assert mailroom.commands == []


def test_encryption_needs_a_certificate_that_can_be_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, context = a_certificate(tmp_path)
    with running(certificate=context) as room:
        distrusted = sent(f"{room.url}?starttls=1")
        assert (distrusted.outcome, room.commands) == (Outcome.DEFERRED, [])
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert sent(f"{room.url}?starttls=1") == Report(Outcome.ACCEPTED, "250 OK queued as 7")
        assert room.encrypted == [True]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_the_password_of_the_address_is_given_to_the_server() -> None:
    with running(asks_for_password=True) as room:
        with_password = room.url.replace("//", "//front%40harbor:open%20sesame@")
        assert sent(with_password) == Report(Outcome.ACCEPTED, "250 OK queued as 7")
        assert room.logins == [("front@harbor", "open sesame")]
        assert sent(room.url.replace("//", "//front:wrong@")).outcome is Outcome.DEFERRED


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 25)),
        ("smtp://mail.example?starttls=1", MailServer("mail.example", 587, starttls=True)),
        ("smtps://a:b@mail.example", MailServer("mail.example", 465, "a", "b", tls=True)),
        ("smtp://[::1]:2525", MailServer("::1", 2525)),
    ],
)
def test_an_address_says_which_server(url: str, server: MailServer) -> None:
    assert mail_server(url) == server


def test_one_calendar_entry_is_acted_on_and_a_file_besides(mailroom: Mailroom) -> None:
    sent(mailroom.url, replace(PROMPT, calendar=ENTRY))
    (message,) = mailroom.got
    assert message.get_content_type() == "multipart/mixed"
    assert parts(message)[2:] == [
        ("text/calendar", ENTRY),
        ("application/ics", ENTRY.encode()),
    ]
    calendar = list(message.walk())[4]
    assert (calendar.get_content_type(), calendar.get_param("method")) == ("text/calendar", "REQUEST")


def test_several_calendar_entries_are_a_file_each(mailroom: Mailroom) -> None:
    other = ENTRY.replace("UID:a", "UID:b")
    sent(mailroom.url, replace(PROMPT, calendar=ENTRY + other))
    (message,) = mailroom.got
    assert parts(message)[2:] == [("application/ics", ENTRY.encode()), ("application/ics", other.encode())]


def test_a_domain_in_another_alphabet_is_written_as_servers_know_it(mailroom: Mailroom) -> None:
    sent(mailroom.url, replace(PROMPT, address="riley@bücher.example"))
    assert mailroom.envelopes == [(SENDER, ["riley@xn--bcher-kva.example"])]


@pytest.mark.parametrize(
    "address", ["riley", "riley@clients.example\r\nBcc: eve@elsewhere.example", "rïley@clients.example"]
)
def test_an_address_that_none_can_write_to_is_no_mail(address: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # any of its kinds will do
        mail(replace(PROMPT, address=address), sender_address=SENDER)


def parts(message: object) -> list[tuple[str, object]]:
    return [
        (part.get_content_type(), part.get_content())
        for part in message.walk()  # type: ignore[attr-defined]
        if not part.is_multipart()
    ]


def a_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for this machine that nobody trusts yet."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    wanted = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=mail -addext subjectAltName=IP:{HERE}"
    subprocess.run(
        ["openssl", *wanted.split(), "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return certificate, context
