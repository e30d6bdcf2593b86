"""A mail server and a gateway for texts that take everything and keep nothing, in a process of their own.

Run as `python -m bench.sink [CERTIFICATE KEY]`; prints the ports as JSON and goes on until it is ended. With a certificate
there is a second mail server, far away: it speaks TLS, asks for a password, and answers whatever comes after 100 ms.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from functools import partial

END_OF_MAIL = b"\r\n.\r\n"
ROUND_TRIP = 0.1
GREETING = b"250-sink.example\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n"
ANSWERS = {b"EHLO": GREETING, b"AUTH": b"235 ok\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


async def mail(reader: StreamReader, writer: StreamWriter, *, after: float = 0.0) -> None:
    """Say yes to everything a mail program asks, each time `after` so many seconds."""
    with suppress(ConnectionError, ssl.SSLError):
        writer.write(b"220 sink.example\r\n")
        unread, end = b"", b"\r\n"
        while piece := await reader.read(1 << 16):
            await asyncio.sleep(after)
            unread += piece
            while (at := unread.find(end)) >= 0:
                said, unread = unread[:at], unread[at + len(end) :]
                answer = b"250 ok\r\n" if end == END_OF_MAIL else ANSWERS.get(said[:4].upper(), b"250 ok\r\n")
                end = END_OF_MAIL if answer.startswith(b"354") else b"\r\n"
                writer.write(answer)
    writer.close()


async def texts(reader: StreamReader, writer: StreamWriter) -> None:
    """Answer one text with 200."""
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        await reader.readexactly(int(lengths[0].partition(b":")[2]))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
    writer.close()


async def main(*certificate: str) -> None:
    servers = [await asyncio.start_server(answer, "127.0.0.1", 0) for answer in (mail, texts)]
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        far_away = partial(mail, after=ROUND_TRIP)
        servers.append(await asyncio.start_server(far_away, "127.0.0.1", 0, ssl=context))
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    print(json.dumps(ports), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
