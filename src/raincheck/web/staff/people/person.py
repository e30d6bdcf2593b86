"""One of the practice's people: name, address and roles, who changed them, and the way to end their access."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods

from raincheck.actions.access.people import change_person
from raincheck.data.access.people import changes_of_rights
from raincheck.domain.access.invitations import PERSON_NAME_LIMIT
from raincheck.domain.access.people import Person, PersonChangedMeanwhile
from raincheck.domain.people import EMAIL_LENGTH, Role
from raincheck.domain.regions import regions
from raincheck.queries.access.people import Colleague, booked_ahead_with, changes_of, person_of
from raincheck.web.access.step_up import asked_again_if
from raincheck.web.requests import Ref
from raincheck.web.staff.people.pages import roles_words
from raincheck.web.staff.people.words import RolesField, change_words, role_hints
from raincheck.web.staff.shell import (
    Context,
    PageForm,
    Staff,
    WebAddressField,
    WordsField,
    for_managers,
    initials_of,
    send,
    show,
)
from raincheck.web.submission import key_of


class PersonForm(PageForm):
    """What a manager says of somebody. `seen` as in the practice's settings."""

    name = forms.CharField(
        label=later("Name"), required=False, max_length=PERSON_NAME_LIMIT * 4, widget=forms.TextInput()
    )
    short_name = forms.CharField(
        label=later("Name that clients read"),
        required=False,
        max_length=PERSON_NAME_LIMIT * 4,
        help_text=later("Like “Dr. Okafor”. For providers; left empty it is the whole name."),
    )
    email = forms.CharField(
        label=later("E-mail"),
        required=False,
        max_length=EMAIL_LENGTH * 2,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=later("They sign in with it, and messages of the practice go there."),
    )
    join_url = WebAddressField(
        label=later("Join link"),
        required=False,
        help_text=later("For providers: where their video sessions take place."),
    )
    licensed_in = WordsField(
        label=later("States and countries they may practice in"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=later(
            "For providers, like “New York, New Jersey, Ontario”. Clients who choose a time by video from elsewhere are asked "
            "where they will be; left empty, nobody is asked."
        ),
    )
    roles = RolesField()
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def person(self) -> Person:
        said = self.cleaned_data
        roles = frozenset(Role(role) for role in said["roles"])
        written = tuple(re.split(r"[,;\n]", said["licensed_in"]))
        return Person(said["name"], said["email"], roles, said["short_name"], said["join_url"], written)


def takes_a_role(request: HttpRequest, staff: Staff, ref: Ref) -> bool:
    """Return whether a form leaves out a role that somebody has: what they did with it ends as it does with their access."""
    return not {role.value for role in colleague(staff, ref).roles} <= set(request.POST.getlist("roles"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
@asked_again_if(takes_a_role)
def person_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Show somebody, and save what is changed of them."""
    one = colleague(staff, ref)
    if request.method != "POST":
        return show_person(request, staff, one, PersonForm(initial=_known(staff, one)))
    form = PersonForm(request.POST)
    if not form.is_valid():
        return show_person(request, staff, one, form, status=422)
    seen = form.cleaned_data["seen"] or 0
    sent = send(
        request, staff, form, change_person, ref, practice_id=staff.practice.pk, said=form.person(), seen=seen
    )
    one = colleague(staff, ref)
    if sent.answer is None:
        if PersonChangedMeanwhile.sentence in {str(error) for error in form.non_field_errors()}:
            # Who has read the sentence goes on from what stands now.
            said = request.POST.copy()
            said["seen"] = str(_known(staff, one)["seen"])
            form.data = said
        return show_person(request, staff, one, form, status=sent.status)
    messages.success(request, _("Saved: %(name)s.") % {"name": one.user.name})
    # Who took the role from themselves may not look here any more.
    mine = one.user.pk == staff.membership.user_id
    return redirect("home") if mine and Role.MANAGER not in one.roles else redirect("person", ref=ref)


def colleague(staff: Staff, ref: Ref) -> Colleague:
    """Return somebody of the practice; whoever was never there is not here: 404."""
    one = person_of(staff.practice, ref)
    if one is None:
        raise Http404
    return one


def show_person(
    request: HttpRequest,
    staff: Staff,
    one: Colleague,
    form: PageForm,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render somebody's page with the form as it stands; of who left, with what is still booked."""
    left = one.provider is not None and one.provider.left_at is not None
    ahead = list(booked_ahead_with(one.provider, now=staff.now)) if left and one.provider else []
    context: Context = {
        "one": one,
        "form": form,
        "initials": initials_of(one.user.name),
        "words": roles_words(one, staff.practice),
        "role_hints": role_hints(),
        "ahead": [(row, False) for row in ahead],
        "changes": [
            (change_words(changed.row), changed.by, changed.row.at)
            for changed in changes_of(staff.practice, one.user)
        ],
        "is_me": one.user.pk == staff.membership.user_id,
        "zone": one.provider.zone if one.provider else staff.zone,
        "key": key_of(request),
    }
    return show(
        request, staff, "raincheck/staff/people/person.html", context, current="people", status=status
    )


def _known(staff: Staff, one: Colleague) -> dict[str, Any]:
    provider = one.provider
    return {
        "name": one.user.name,
        "short_name": provider.short_name if provider else "",
        "email": one.user.email,
        "join_url": provider.join_url if provider else "",
        "licensed_in": ", ".join(regions()[code] for code in provider.licensed_in) if provider else "",
        "roles": [role.value for role in one.roles],
        "seen": changes_of_rights(staff.practice.pk, one.user.pk),
    }
