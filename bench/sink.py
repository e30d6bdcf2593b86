"""A mail server and a gateway for texts that take everything and keep nothing, in a process of their own.

Run as `python -m bench.sink`; prints the two ports as JSON and goes on until it is ended.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

END_OF_MAIL = b"\r\n.\r\n"
LONGEST_MAIL = 1 << 20


async def mail(reader: StreamReader, writer: StreamWriter) -> None:
    """Say yes to everything a mail program asks."""
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        writer.write(b"220 sink.example\r\n")
        while line := await reader.readline():
            if line.upper().startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                await reader.readuntil(END_OF_MAIL)
            writer.write(b"250 ok\r\n")
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


async def main() -> None:
    servers = [
        await asyncio.start_server(answer, "127.0.0.1", 0, limit=LONGEST_MAIL) for answer in (mail, texts)
    ]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    print(json.dumps(ports), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
