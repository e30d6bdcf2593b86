"""What browser tests do all the time: enter as somebody, open a mailed link, let time pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from playwright.sync_api import BrowserContext

from raincheck import clock
from raincheck.data.people import User
from raincheck.domain.access.sign_in import WayIn
from raincheck.integrations.messages.delivery import deliver_due
from raincheck.web.access.way_in import PROOF
from raincheck.web.sessions import SessionStore


@dataclass(frozen=True, slots=True)
class Site:
    """The running web server: its address and its home, where the demo's clock is kept."""

    url: str
    home: Path

    def enter(self, context: BrowserContext, email: str) -> None:
        """Give a browser the session that the demo's one press gives it."""
        user = User.objects.get(email=email)
        session = SessionStore()
        session["_auth_user_id"] = str(user.pk)
        session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session[PROOF] = {"way": WayIn.DEMO, "factor": None}
        session.create()
        context.add_cookies(
            [{"name": "raincheck_session", "value": str(session.session_key), "url": self.url}]
        )

    def set_clock(self, now: datetime) -> None:
        """Let it be `now` for the pages from here on."""
        offset = now - clock.real_now()
        fresh = self.home / "clock.new"
        fresh.write_text(str(offset.total_seconds()), encoding="ascii")
        (self.home / clock.OFFSET_FILE).parent.mkdir(exist_ok=True)
        fresh.replace(self.home / clock.OFFSET_FILE)  # whole, since the pages may be reading it

    def hand_over(self, now: datetime) -> None:
        """Let the worker's deliveries happen, in the tests' own process."""
        deliver_due(now)
