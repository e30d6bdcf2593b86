"""Emergency access: a manager says why, and reads a conversation that is closed to them otherwise; they never write in it."""

from functools import partial

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from raincheck.actions.access.emergency import end_emergency, open_in_emergency
from raincheck.data.access.shown import read_because, shows_only
from raincheck.data.models import Conversation, EmergencyAccess
from raincheck.domain.access.emergency import LASTS, REASON_LIMIT
from raincheck.notifications.formats import duration
from raincheck.queries.access.emergency import other_managers, running_access
from raincheck.queries.conversations import messages_of
from raincheck.web.access.step_up import asked_again
from raincheck.web.paging import Page, Paginator
from raincheck.web.requests import Ref
from raincheck.web.staff.messages.pages import MESSAGES_ON_A_PAGE, entries_of
from raincheck.web.staff.shell import PageForm, Staff, WordsField, for_managers, send, send_and_tell, show
from raincheck.web.submission import key_of


class EmergencyForm(PageForm):
    """Why a manager needs to read."""

    reason = WordsField(
        required=False,
        label=later("Why you need to read it"),
        help_text=later("Everybody who is told reads this."),
        widget=forms.Textarea(attrs={"maxlength": REASON_LIMIT, "rows": 4}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
@asked_again
def open_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Ask for the reason, saying who is told; then open the conversation for a while."""
    conversation = _closed(staff, ref)
    form, status = EmergencyForm(), 200
    if request.method == "POST":
        form, status = EmergencyForm(request.POST), 422
        if form.is_valid():
            verb = partial(open_in_emergency, ref, practice_id=staff.practice.pk)
            sent = send(request, staff, form, verb, reason=form.cleaned_data["reason"])
            if sent.answer is not None:
                return redirect("emergency-read", ref=ref)
            status = sent.status
    elif _running(staff, conversation):
        return redirect("emergency-read", ref=ref)
    assert staff.actor.who is not None, "a manager acts as their membership"
    context = {
        "conversation": conversation,
        "client": conversation.client,
        "told": [conversation.provider.name, *other_managers(staff.practice, but=staff.actor.who)],
        "lasts": duration(LASTS),
        "form": form,
        "key": key_of(request),
    }
    template = "raincheck/staff/messages/emergency.html"
    return show(request, staff, template, context, current="clients", status=status)


@require_safe
@for_managers
def read_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Show the conversation while the access runs; afterwards lead back to where it is opened."""
    conversation = _closed(staff, ref)
    access = _running(staff, conversation)
    if access is None:
        # The sentence names nobody: without an access this is no look at the client.
        shows_only([])
        messages.info(request, _("This conversation is closed again."))
        return redirect("emergency-open", ref=ref)
    read_because(**access.why())
    assert staff.actor.who is not None, "a manager acts as their membership"
    provider = conversation.provider
    page: Page = Paginator(messages_of(conversation, now=staff.now), MESSAGES_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "access": access,
        "others": other_managers(staff.practice, but=staff.actor.who),
        "client": conversation.client,
        "provider": provider,
        "page": page,
        "entries": entries_of(list(page), conversation.client, provider, called=provider.short_name),
        "zone": staff.zone,
    }
    return show(request, staff, "raincheck/staff/messages/emergency_read.html", context, current="clients")


@require_POST
@for_managers
def end(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Close the conversation before its time is over."""
    conversation = _closed(staff, ref)
    to = reverse("client", args=[conversation.client.ref])
    access = _running(staff, conversation)
    if access is None:
        return redirect(to)
    verb = partial(end_emergency, access.ref, practice_id=staff.practice.pk)
    return send_and_tell(request, staff, verb, told=_("The conversation is closed to you again."), to=to)


def _closed(staff: Staff, ref: Ref) -> Conversation:
    """Return a conversation of the practice that is somebody else's; one's own is read where it always is: 404."""
    rows = Conversation.objects.select_related("client", "provider").filter(practice=staff.practice)
    conversation: Conversation = get_object_or_404(rows, ref=ref)
    if staff.is_own(conversation.provider_id):
        raise Http404
    return conversation


def _running(staff: Staff, conversation: Conversation) -> EmergencyAccess | None:
    assert staff.actor.who is not None, "a manager acts as their membership"
    return running_access(conversation, manager=staff.actor.who, now=staff.now)
