"""Messages: a provider's conversations, and one of them with its cards and the place to write."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_POST

from raincheck.actions.conversations import mark_read, write_message
from raincheck.data.clients.of_provider import clients_of
from raincheck.data.models import Client, Conversation, Message, Provider
from raincheck.domain.conversations import MESSAGE_LIMIT, Card
from raincheck.domain.zones import wall, zone_named
from raincheck.notifications.formats import reason_sentence
from raincheck.queries.access.emergency import accesses_to
from raincheck.queries.conversations import FROM_CLIENT, conversations_of, messages_of
from raincheck.queries.people import names_by_membership, own_recipient
from raincheck.web.paging import Page, Paginator
from raincheck.web.requests import Ref, ref_in
from raincheck.web.staff.shell import (
    CARDS,
    Names,
    PageForm,
    Staff,
    WordsField,
    card_words,
    chosen_provider,
    for_providers,
    for_staff,
    send,
    show,
)
from raincheck.web.submission import fresh_key, key_of

ON_A_PAGE = 30
MESSAGES_ON_A_PAGE = 50


class MessageForm(PageForm):
    """A provider's message."""

    words = WordsField(
        required=False,
        label=later("Your message"),
        widget=forms.Textarea(attrs={"maxlength": MESSAGE_LIMIT, "rows": 3}),
    )


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation as the list shows it: its latest word, and whose it is."""

    conversation: Conversation
    unread: int
    latest: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One message or card. `day` is set on the first of a day; `look` is a card's class, `words` what it says of itself."""

    message: Message
    day: bool
    mine: bool
    by: str
    words: str
    look: str
    client_reads: str


@for_providers
def messages_page(request: HttpRequest, staff: Staff, provider: Provider) -> HttpResponse:
    """List a provider's conversations, unread ones first."""
    page = Paginator(conversations_of(provider.pk, now=staff.now), ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    threads = []
    for row in page:
        # The rows carry what `conversations_of` has added to them: the list needs no query per line.
        names, card = Names(row.client.known_as, _("You"), {}), getattr(row, "last_card", None)
        author, body = getattr(row, "last_author_kind", None) or "", getattr(row, "last_body", None) or ""
        if card in CARDS:
            latest = card_words(Message(card=card, author_kind=author), names)[0]
        else:
            latest = f"{names.of(author, None) if author else ''}: {body}" if body else ""
        threads.append(Thread(row, getattr(row, "unread", 0), latest))
    context = {"page": page, "threads": threads, "zone": staff.zone}
    return show(request, staff, "raincheck/staff/messages/messages.html", context, current="messages")


@for_staff
def conversation_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Show a conversation; a POST writes into it."""
    conversation = _open_to(staff, ref)
    provider = conversation.provider
    return _conversation(request, staff.acting_for(provider), provider, conversation.client, conversation)


@for_staff
def client_conversation_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Lead to the conversation with a client; where there is none yet, show an empty one that the first message opens.

    `provider=` in the address names one who left, for a manager.
    """
    provider = chosen_provider(request, staff)
    if not staff.may_open_conversations_of(provider):
        raise Http404
    own = clients_of(practice_id=staff.practice.pk, provider_id=provider.pk)
    client = get_object_or_404(own, ref=ref)
    conversation = Conversation.objects.filter(provider=provider, client=client).first()
    if conversation is not None and request.method != "POST":
        return redirect("conversation", ref=conversation.ref)
    return _conversation(request, staff.acting_for(provider), provider, client, conversation)


@require_POST
@for_staff
def conversation_read(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Mark a conversation as read, up to the newest message that stood on the page."""
    conversation = _open_to(staff, ref)
    newest = get_object_or_404(Message, conversation=conversation, ref=ref_in(request.POST.get("seen")))
    acting = staff.acting_for(conversation.provider)
    sent = send(request, acting, PageForm(request.POST), mark_read, conversation, up_to=newest.at)
    # The page's script marks in the background; without it a button does, and leads back.
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204 if sent.answer is not None else sent.status)
    return redirect("conversation", ref=conversation.ref)


def _open_to(staff: Staff, ref: Ref) -> Conversation:
    """Return a conversation that this person may open. Any other looks as if it did not exist (404)."""
    rows = Conversation.objects.select_related("client", "provider").filter(practice=staff.practice)
    conversation = get_object_or_404(rows, ref=ref)
    if not staff.may_open_conversations_of(conversation.provider):
        raise Http404
    return conversation


def _conversation(
    request: HttpRequest, staff: Staff, provider: Provider, client: Client, conversation: Conversation | None
) -> HttpResponse:
    form, status = MessageForm(), 200
    if request.method == "POST":
        form, status = MessageForm(request.POST), 422
        if form.is_valid():
            words = form.cleaned_data["words"]
            sent = send(request, staff, form, write_message, provider.pk, client.pk, words=words)
            if sent.answer is not None:
                told = _("Sent. %(name)s is told that there is a message.")
                messages.success(request, told % {"name": client.known_as})
                return redirect("conversation", ref=sent.answer["conversation"])
            status = sent.status
    found = messages_of(conversation, now=staff.now) if conversation else Message.objects.none()
    page: Page = Paginator(found, MESSAGES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "client": client,
        "conversation": conversation,
        "page": page,
        "entries": entries_of(list(page), client, provider, called=_("You")),
        "opened": accesses_to(conversation) if conversation else [],
        "unread_up_to": _unread_up_to(conversation, page) if conversation else None,
        # Marking as read happens beside writing, so it must not use up the form's key.
        "read_key": fresh_key(staff.now),
        "recipient": own_recipient(client),
        "form": form,
        "key": key_of(request),
        "zone": staff.zone,
        "client_zone": client.zone_in(staff.practice),
    }
    return show(
        request,
        staff,
        "raincheck/staff/messages/conversation.html",
        context,
        current="messages",
        status=status,
    )


def _unread_up_to(conversation: Conversation, page: Page) -> Message | None:
    """Return the newest message when the client did something since the provider last looked; on the first page only."""
    # Older pages are read later than the newest, and must not mark what stands on page one.
    if page.number != 1:
        return None
    read_at = conversation.provider_read_at
    fresh = [row for row in page if row.author_kind in FROM_CLIENT and (read_at is None or row.at > read_at)]
    return fresh[0] if fresh else None


def entries_of(shown: list[Message], client: Client, provider: Provider, *, called: str) -> list[Entry]:
    """Return a page of messages as they are read, oldest first; `shown` comes newest first.

    `called` is what the provider is called in it.
    """
    members = names_by_membership((row.author_kind, row.author) for row in shown)
    names = Names(client.known_as, called, members)
    entries, day = [], None
    for message in reversed(shown):
        today = wall(message.at, zone=zone_named(provider.zone)).date()
        words, look = card_words(message, names) if message.card else ("", "")
        client_reads = ""
        # Beside the provider's own reason stands the sentence that the client sees instead.
        if message.card == Card.ASKED and message.batch is not None:
            client_reads = reason_sentence(provider.short_name)
        entries.append(
            Entry(
                message=message,
                day=today != day,
                mine=message.author_kind not in FROM_CLIENT,
                by=names.of(message.author_kind, message.author),
                words=words,
                look=look,
                client_reads=client_reads,
            )
        )
        day = today
    return entries
