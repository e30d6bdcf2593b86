"""Word of `serve` to the service manager that started it: systemd's protocol of one datagram for each word."""

import os
import socket
from contextlib import suppress


class ServiceManager:
    """Hears from us when systemd started us with `Type=notify`; otherwise nobody does."""

    def __init__(self) -> None:
        # Taken out, so that no child can speak for us.
        self._address = os.environ.pop("NOTIFY_SOCKET", "")

    def tell(self, *words: str) -> None:
        """Say words such as READY=1 and STATUS=…, in one message. A manager that does not listen is no reason to stop."""
        if self._address:
            # A name that begins with @ is one of the kernel's own, which begin with a zero.
            address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.sendto("\n".join(words).encode(), address)
