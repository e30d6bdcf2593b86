"""Forms that bring a calendar in: a file, an address, an account, and the calendars of an account."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as later

from raincheck.domain.calendars.busy import NAME_LENGTH
from raincheck.domain.calendars.faults import READING_FAULTS, CalendarWantsPassword
from raincheck.domain.refusals import Refusal
from raincheck.web.staff.shell import PageForm

REPLACED = later("A calendar with the same name is replaced.")
# Addresses and names of calendars are secrets of a kind: no browser should offer them to the next person.
NOT_REMEMBERED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class ConnectForm(PageForm):
    """One of several forms of the same page, with ids of its own."""

    # Three forms stand on one page, and each label must find its own field.
    ids: ClassVar[str]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, auto_id=self.ids, **options)


class NamedForm(PageForm):
    """A calendar's name, cut to one plain line by the verb's own rule."""

    name = forms.Field(
        required=False,
        label=later("Name of the calendar"),
        help_text=REPLACED,
        widget=forms.TextInput(attrs={"maxlength": NAME_LENGTH}),
    )


class TitlesForm(PageForm):
    """The choice to keep titles, which is the provider's own."""

    keeps_titles = forms.BooleanField(
        required=False,
        label=later("Keep titles (only you see them)"),
        help_text=later("Otherwise only when you are busy is kept, never what an event is about."),
    )

    def __init__(self, *args: Any, is_own: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        # Titles of a provider's private life are nothing that a manager could ask for.
        if not is_own:
            del self.fields["keeps_titles"]

    @property
    def wants_titles(self) -> bool:
        return "keeps_titles" in self.fields and bool(self.data.get(self.add_prefix("keeps_titles")))


class FileForm(ConnectForm, NamedForm, TitlesForm):
    """A calendar's name and its file."""

    ids = "file-%s"
    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        label=later("Calendar file (.ics)"),
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
    )
    field_order = ("name", "file", "keeps_titles")

    def refuse(self, refusal: Refusal) -> None:
        _point(refusal, "file")
        super().refuse(refusal)


class LinkForm(ConnectForm, NamedForm, TitlesForm):
    """A calendar's name and the address under which it can be read."""

    ids = "link-%s"
    address = forms.Field(
        required=False,
        label=later("Address of the calendar"),
        help_text=later("It starts with https:// and often ends with .ics. It is kept sealed."),
        widget=forms.TextInput(attrs={"inputmode": "url", **NOT_REMEMBERED}),
    )
    field_order = ("name", "address", "keeps_titles")

    def refuse(self, refusal: Refusal) -> None:
        _point(refusal, "address")
        super().refuse(refusal)


class AccountForm(ConnectForm):
    """An account's server and the sign-in there. A password that was typed is never shown again."""

    ids = "account-%s"
    refused_at: ClassVar[dict[str, str]] = {"address": "server"}
    server = forms.Field(
        required=False,
        label=later("Server address"),
        help_text=later("Such as caldav.icloud.com or caldav.fastmail.com."),
        widget=forms.TextInput(attrs={"inputmode": "url", **NOT_REMEMBERED}),
    )
    username = forms.Field(
        required=False, label=later("User name"), widget=forms.TextInput(attrs=NOT_REMEMBERED)
    )
    password = forms.Field(
        required=False,
        label=later("App password"),
        help_text=later("One made for Raincheck alone, in the settings of your account. It is kept sealed."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def refuse(self, refusal: Refusal) -> None:
        # Servers don't say which of the two was wrong; the password is what changes.
        if isinstance(refusal, CalendarWantsPassword):
            refusal.field = "password"
        super().refuse(refusal)


class ChosenForm(TitlesForm):
    """The calendars of an account that are read, by their place in the list."""

    # Places and not addresses: what is fetched comes from the account alone, never from what a browser sends.
    calendars = forms.MultipleChoiceField(
        required=False,
        label=later("Which calendars keep you busy?"),
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("calendars", "keeps_titles")

    def __init__(self, *args: Any, names: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["calendars"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(number), name) for number, name in enumerate(names)]

    def chosen(self) -> list[int]:
        """Return the places of the calendars that were ticked, and of no others."""
        self.full_clean()
        return [int(place) for place in self.cleaned_data.get("calendars", ())]


def _point(refusal: Refusal, field: str) -> None:
    """Let what was wrong with a reading stand where it came from."""
    if isinstance(refusal, READING_FAULTS):
        refusal.field = field
