"""A client who is not written down yet, in the form of a new appointment: looked for by name first, then added with it."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as later

from raincheck.domain.clients.record import NAME_LIMIT, ClientDetails
from raincheck.domain.people import EMAIL_LENGTH, Contact
from raincheck.web.staff.shell import PageForm, asks_about

FIND = "find"
"""The button that looks for a client by name."""
ADDING = ("new_first_name", "new_last_name", "new_email", "new_phone")
"""The fields by whose words somebody new is meant."""


def _words(label: Any, *, limit: int = NAME_LIMIT, kind: str = "text") -> forms.CharField:
    # Longer words come in, so that the verb's own sentence says what is too long.
    widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": limit, "type": kind})
    return forms.CharField(label=label, required=False, max_length=limit * 4, widget=widget)


class NewClientFields(PageForm):
    """The few fields that a new client needs; everything else can be written on their page later."""

    refused_at: ClassVar[dict[str, str]] = {
        "first_name": "new_first_name",
        "last_name": "new_last_name",
        "email": "new_email",
        "phone": "new_phone",
    }

    # None of these is ever part of an address: names would stand in logs and histories.
    new_who = forms.CharField(label=later("Find or add somebody"), required=False, max_length=NAME_LIMIT)
    new_first_name = _words(later("First name"))
    new_last_name = _words(later("Last name"))
    new_email = _words(later("E-mail"), limit=EMAIL_LENGTH, kind="email")
    new_phone = _words(later("Phone"), limit=60, kind="tel")
    new_texts = forms.BooleanField(required=False, label=later("Agreed to get text messages at this number"))
    written = forms.CharField(required=False)

    asks_about = ""
    # Whom they looked for in vain, or how many were found.
    nobody_called = ""
    found = 0

    @property
    def is_adding(self) -> bool:
        """Whether somebody new is meant: something of theirs is written, or stands there to be looked at."""
        said = self.data if self.is_bound else self.initial
        return any(str(said.get(name, "")).strip() for name in ADDING)

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if self.is_adding:
            self.asks_about = asks_about(said.get("new_email", ""), written=said.get("written", ""))
        return said

    def new_client(self, *, usual_provider: int) -> ClientDetails:
        said = self.cleaned_data
        return ClientDetails(
            first_name=said["new_first_name"],
            last_name=said["new_last_name"],
            contact=Contact(said["new_email"], said["new_phone"], said["new_texts"]),
            usual_provider=usual_provider,
        )


def fields_of(who: str) -> dict[str, str]:
    """Return what somebody looked for as the fields of a new client: an address, a number, or a name whose last word is the last name."""
    if "@" in who:
        return {"new_email": who}
    if not any(letter.isalpha() for letter in who):
        return {"new_phone": who}
    first, _blank, last = who.rpartition(" ")
    return {"new_first_name": first, "new_last_name": last} if first else {"new_first_name": last}
