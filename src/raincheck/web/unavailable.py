"""The answer when the database can't do its work: what happened, what is still true, what to do; and a form to send again.

It needs neither database nor session. What is true depends on how far the request came: a form that was carried out
stands whatever fails afterwards, and of one whose commit broke nobody knows.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.http import escape_leading_slashes
from django.utils.translation import gettext_lazy as _

from raincheck.actions.engine.runner import NotSure, StillRunning
from raincheck.data.postgresql.faults import DatabaseFault, fault_of
from raincheck.web.submission import KEY, STANDS

RETRY_AFTER = "30"
SECRET = ("password", "code", "credential")
"""Parts of the names of fields that no page ever repeats."""

HAPPENED = {
    DatabaseFault.GONE: _("Raincheck can't reach its records right now."),
    DatabaseFault.FULL: _("The disk that holds the records is full, so nothing can be saved right now."),
    DatabaseFault.READ_ONLY: _("The records can be read right now, but not changed."),
    DatabaseFault.BUSY: _("Raincheck has more to do right now than it can keep up with."),
}
TO_DO = {
    DatabaseFault.GONE: _("Please try again in a minute. Your appointments and messages are safe."),
    DatabaseFault.FULL: _(
        "Please tell the practice: whoever runs Raincheck there has to make room on the disk. "
        "After that it goes on by itself. Your appointments and messages are safe."
    ),
    DatabaseFault.READ_ONLY: _(
        "Please try again in a few minutes, and tell the practice if it stays so. Your appointments and messages are safe."
    ),
    DatabaseFault.BUSY: _("Please try again in a minute. Your appointments and messages are safe."),
}

LOOKED = _("Nothing has changed, and nothing you did is lost.")
NOT_SENT = _("Nothing has changed. What you typed is not lost: send it again below, or go back to it.")
NOT_SENT_GO_BACK = _("Nothing has changed. What you typed is not lost: go back one page and send it again.")
NOT_FINISHED = _("The last step was not finished. Please go back one page and try again.")
NOT_SURE = _(
    "The line broke at the very moment of saving, so we are not sure whether what you sent was saved. "
    "Please send it again: it will not happen twice."
)
STILL_RUNNING = _(
    "What you sent is still being saved, so we are not sure yet whether it was. "
    "Please send it again in a minute: it will not happen twice."
)
SAVED = _("What you sent was saved. Only the page that follows can't be shown yet.")

SEND_AGAIN = _("Send it again")
GO_ON = _("Go on")
TRY_AGAIN = _("Try again")


def is_unavailable(error: BaseException | None) -> bool:
    return isinstance(error, NotSure) or fault_of(error) is not None


def unavailable(
    request: HttpRequest, error: BaseException | None = None, *, fault: DatabaseFault | None = None
) -> HttpResponse:
    """Answer 503 in the form that was asked for: a page, a fragment's sentences, a problem document, a calendar's words."""
    busy = DatabaseFault.BUSY if isinstance(error, StillRunning) else None
    fault = fault or busy or fault_of(error) or DatabaseFault.GONE
    true_still, button = _told(request, error)
    sentences = [str(HAPPENED[fault]), true_still, str(TO_DO[fault])]
    words, accept = " ".join(sentences), request.headers.get("Accept", "")
    if request.headers.get("HX-Request") or request.path.startswith("/feeds/"):
        response = HttpResponse(f"{words}\n", status=503, content_type="text/plain; charset=utf-8")
    elif request.path.endswith(".json") or ("json" in accept and "html" not in accept):
        problem = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": words}
        response = JsonResponse(problem, status=503, content_type="application/problem+json")
    else:
        # Where the button leads and what it carries; None when the browser's way back is the only one.
        form: dict[str, object] | None = None
        if request.method != "POST":
            # A path may begin with two slashes, which an address would read as another host.
            action = escape_leading_slashes(request.path)
            form = {"method": "get", "action": action, "fields": _fields(request.GET)}
        elif _can_be_sent_again(request):
            form = {"method": "post", "action": request.get_full_path(), "fields": _fields(request.POST)}
        context = {"sentences": sentences, "button": button, "form": form}
        response = HttpResponse(render_to_string("503.html", context, request), status=503)
    response["Retry-After"] = RETRY_AFTER
    return response


def _told(request: HttpRequest, error: BaseException | None) -> tuple[str, str]:
    """Return what is true after the failure, and the words on the button that sends the form again or opens the page again."""
    if request.method != "POST":
        return str(LOOKED), str(TRY_AGAIN)
    if isinstance(error, StillRunning):
        return str(STILL_RUNNING), str(SEND_AGAIN)
    if isinstance(error, NotSure):
        return str(NOT_SURE), str(SEND_AGAIN)
    if request.META.get(STANDS):
        return str(SAVED), str(GO_ON)
    if not request.POST.get(KEY):
        return str(NOT_FINISHED), ""
    return str(NOT_SENT if _can_be_sent_again(request) else NOT_SENT_GO_BACK), str(SEND_AGAIN)


def _can_be_sent_again(request: HttpRequest) -> bool:
    """Whether a page may offer the form again: it has a key, came from a page of ours, and holds no file and no secret."""
    # Django marks what passed its CSRF check; a form of somebody else's page must not come back as ours.
    ours = getattr(request, "csrf_processing_done", False)
    secret = any(part in name for name in request.POST for part in SECRET)
    # A page can fill in any field but a file.
    return bool(ours and request.POST.get(KEY) and not request.FILES and not secret)


def _fields(sent: QueryDict) -> list[tuple[str, str]]:
    return [
        (name, str(value))
        for name, values in sent.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
