"""Messages: a provider's conversations, and one of them with its cards and the place to write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from django import forms
from django.core.paginator import Page

from raincheck.actions.access_log import Opened
from raincheck.actions.messages import mark_read, write_message
from raincheck.data.models import Client, Conversation, Message, Provider, RescheduleBatch
from raincheck.domain.conversations import MESSAGE_LIMIT, Card
from raincheck.domain.people import ActorKind
from raincheck.domain.reschedule import Reason
from raincheck.domain.zones import wall, zone_named
from raincheck.queries.conversations import FROM_CLIENT, conversations_of, messages_of
from raincheck.queries.people import clients_of, names_of_managers, own_recipient
from raincheck.web.reasons import reason_for_client
from raincheck.web.staff.shell import (
    Http404,
    HttpRequest,
    HttpResponse,
    PageForm,
    Paginator,
    Staff,
    WordsField,
    _,
    arrival_of,
    for_staff,
    fresh_key,
    get_object_or_404,
    key_of,
    later,
    log_opened,
    messages,
    redirect,
    ref_in,
    require_POST,
    send,
    show,
)
from raincheck.web.staff.shell.words import CARDS, Names, card_words

ON_A_PAGE = 30
MESSAGES_ON_A_PAGE = 50


class MessageForm(PageForm):
    """What a provider writes."""

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


@for_staff
def listing(request: HttpRequest, staff: Staff) -> HttpResponse:
    """List a provider's conversations, unread ones first. Managers have none."""
    provider = _provider(staff)
    page = Paginator(conversations_of(provider.pk), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "threads": [_thread(row) for row in page], "zone": staff.zone}
    return show(request, staff, "raincheck/staff/messages/messages.html", context, current="messages")


@for_staff
def one(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Show a conversation; a POST writes into it."""
    rows = Conversation.objects.select_related("client").filter(provider=_provider(staff))
    conversation = get_object_or_404(rows, ref=ref)
    return _conversation(request, staff, conversation.client, conversation)


@for_staff
def with_client(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Lead to the conversation with a client; where there is none yet, show an empty one that the first message opens."""
    provider = _provider(staff)
    own = clients_of(practice_id=staff.practice.pk, provider_id=provider.pk)
    client = get_object_or_404(own, ref=ref)
    conversation = Conversation.objects.filter(provider=provider, client=client).first()
    if conversation is not None and request.method != "POST":
        return redirect("conversation", ref=conversation.ref)
    return _conversation(request, staff, client, conversation)


@require_POST
@for_staff
def seen(request: HttpRequest, staff: Staff, ref: UUID) -> HttpResponse:
    """Mark a conversation as read, up to the newest message that stood on the page."""
    conversation = get_object_or_404(Conversation, provider=_provider(staff), ref=ref)
    newest = get_object_or_404(Message, conversation=conversation, ref=ref_in(request.POST.get("seen")))
    form = PageForm(request.POST)
    sent = send(request, staff, form, partial(mark_read, conversation, up_to=newest.at))
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204 if sent.answer is not None else sent.status)
    return redirect("conversation", ref=conversation.ref)


def _provider(staff: Staff) -> Provider:
    """Return whose conversations these are: a provider's own. Managers see none (404)."""
    if staff.provider is None:
        raise Http404
    return staff.provider


def _conversation(
    request: HttpRequest, staff: Staff, client: Client, conversation: Conversation | None
) -> HttpResponse:
    if request.method != "POST":
        log_opened(request, staff, client, what=Opened.CONVERSATION)
        return _page(request, staff, client, conversation, MessageForm())
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _page(request, staff, client, conversation, form, status=422)
    verb = partial(write_message, _provider(staff).pk, client.pk, words=form.cleaned_data["words"])
    sent = send(request, staff, form, verb)
    if sent.answer is None:
        return _page(request, staff, client, conversation, form, status=sent.status)
    messages.success(
        request, _("Sent. %(name)s is told that there is a message.") % {"name": client.first_name}
    )
    return redirect("conversation", ref=sent.answer["conversation"])


def _page(
    request: HttpRequest,
    staff: Staff,
    client: Client,
    conversation: Conversation | None,
    form: MessageForm,
    *,
    status: int = 200,
) -> HttpResponse:
    found = messages_of(conversation) if conversation else Message.objects.none()
    page: Page[Message] = Paginator(found, MESSAGES_ON_A_PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    context = {
        "client": client,
        "conversation": conversation,
        "page": page,
        "entries": list(_entries(reversed(shown), names=_names(client, shown), zone=staff.zone, staff=staff)),
        "unread_up_to": _unread_up_to(conversation, page),
        "read_key": fresh_key(arrival_of(request).at),
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


def _names(client: Client, shown: Iterable[Message]) -> Names:
    managers = {row.author or 0 for row in shown if row.author_kind == ActorKind.MANAGER}
    return Names(client.first_name, _("You"), names_of_managers(managers))


def _unread_up_to(conversation: Conversation | None, page: Page[Message]) -> Message | None:
    """Return the newest message when the client did something since the provider last looked; on the first page only."""
    if conversation is None or page.number != 1 or not page.object_list:
        return None
    read_at = conversation.provider_read_at
    fresh = [row for row in page if row.author_kind in FROM_CLIENT and (read_at is None or row.at > read_at)]
    return fresh[0] if fresh else None


def _entries(shown: Iterable[Message], *, names: Names, zone: str, staff: Staff) -> Iterator[Entry]:
    day: date | None = None
    for message in shown:
        today = wall(message.at, zone=zone_named(zone)).date()
        words, look = card_words(message, names) if message.card else ("", "")
        yield Entry(
            message=message,
            day=today != day,
            mine=message.author_kind not in FROM_CLIENT,
            by=names.of(message.author_kind, message.author),
            words=words,
            look=look,
            client_reads=_client_reads(message.batch, staff) if message.card == Card.ASKED else "",
        )
        day = today


def _client_reads(batch: RescheduleBatch | None, staff: Staff) -> str:
    if batch is None:
        return ""
    return reason_for_client(Reason(batch.reason), provider=_provider(staff).short_name)


def _thread(row: Conversation) -> Thread:
    """Return a conversation with its latest word. The rows carry what `conversations_of` has added to them."""
    latest = Message(
        body=getattr(row, "last_body", None) or "",
        card=getattr(row, "last_card", None),
        author_kind=getattr(row, "last_author_kind", None) or "",
    )
    return Thread(row, getattr(row, "unread", 0), _latest(latest, row.client))


def _latest(message: Message, client: Client) -> str:
    names = Names(client.first_name, _("You"), {})
    if message.card in CARDS:
        return card_words(message, names)[0]
    who = names.of(message.author_kind, None) if message.author_kind else ""
    return f"{who}: {message.body}" if message.body else ""
