"""Signing in: allauth does it; nobody signs up by themselves."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.views import LoginView
from django.conf import settings
from django.http import HttpRequest

from raincheck.demo.accounts import accounts


class AccountAdapter(DefaultAccountAdapter):
    """Closes sign-up: practices make accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth names it
        return False


class SignIn(LoginView):
    """The sign-in page; in the demo it also lets anybody in without a password."""

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**named)
        return context | ({"accounts": accounts()} if settings.RAINCHECK_DEMO else {})


sign_in = SignIn.as_view()
