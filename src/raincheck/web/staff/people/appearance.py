"""The look of somebody of the practice: the page of their color and photo, for managers and for themselves, and the address of the photo."""

from functools import partial

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy as later
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from raincheck.actions.access.appearance import change_appearance, remove_photo
from raincheck.domain.access.appearance import PhotoTooLarge, UnknownColor
from raincheck.domain.refusals import Refusal
from raincheck.integrations.photos.files import portrait_of
from raincheck.queries.access.appearance import photo_of
from raincheck.queries.access.people import Colleague
from raincheck.web.requests import Ref
from raincheck.web.staff.people.person import colleague
from raincheck.web.staff.people.words import COLORS
from raincheck.web.staff.shell import (
    PageForm,
    Staff,
    for_managers,
    for_staff,
    initials_of,
    send,
    send_and_tell,
    show,
)
from raincheck.web.submission import key_of

# Its address has the hash of its content, so that it never becomes another; whoever signs out takes no photo of others along.
KEPT_FOR_A_YEAR = "private, max-age=31536000, immutable"


class AppearanceForm(PageForm):
    """A color, and a photo that replaces the one there is."""

    color = forms.ChoiceField(
        label=later("Color"),
        choices=[(color.value, words) for color, words in COLORS.items()],
        widget=forms.RadioSelect,
        help_text=later("Of their picture, and of their appointments beside those of others."),
        error_messages={"required": UnknownColor.sentence, "invalid_choice": UnknownColor.sentence},
    )
    photo = forms.FileField(
        label=later("Photo"),
        required=False,
        help_text=later(
            "PNG, JPEG or WebP, at most 6 MB. We keep its middle as a small square, and nothing else of the file. Only people of the practice see it."
        ),
        error_messages={"empty": later("There is nothing in this file. Please choose another one.")},
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def appearance_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Show a colleague's color and photo, and save what is chosen."""
    back, remove = (reverse(name, args=[ref]) for name in ("person", "person-photo-remove"))
    return show_appearance(request, staff, colleague(staff, ref), back=back, remove=remove)


@require_POST
@for_managers
def remove_photo_page(request: HttpRequest, staff: Staff, ref: Ref) -> HttpResponse:
    """Take a colleague's photo away."""
    one = colleague(staff, ref)
    told = _("Removed: %(name)s has no photo any more.") % {"name": one.user.name}
    verb = partial(remove_photo, ref, practice_id=staff.practice.pk)
    return send_and_tell(request, staff, verb, told=told, to=reverse("person-appearance", args=[ref]))


@require_safe
@for_staff
def photo(_request: HttpRequest, staff: Staff, ref: Ref, photo_hash: str) -> HttpResponse:
    """Return the photo of somebody of the practice; one that was replaced is here no more: 404."""
    content = photo_of(staff.practice, ref, photo_hash=photo_hash)
    if content is None:
        raise Http404
    return HttpResponse(content, content_type="image/jpeg", headers={"Cache-Control": KEPT_FOR_A_YEAR})


def show_appearance(
    request: HttpRequest, staff: Staff, one: Colleague, *, back: str, remove: str, own: bool = False
) -> HttpResponse:
    """Show somebody's color and photo, and save what is chosen.

    `back` is the page that leads here, `remove` the address that takes the photo away, `own` whether it is one's own account's.
    """
    form, status = AppearanceForm(initial={"color": one.look.color if one.look else None}), 200
    if request.method == "POST":
        form = AppearanceForm(request.POST, request.FILES)
        status = _saved(request, staff, one, form)
        if status == 200:
            messages.success(request, _("Saved: %(name)s.") % {"name": one.user.name})
            return redirect(back)
    context = {
        "one": one,
        "form": form,
        "initials": initials_of(one.user.name),
        "back": back,
        "remove": remove,
        "own": own,
        "key": key_of(request),
    }
    template = "raincheck/staff/people/appearance.html"
    return show(request, staff, template, context, current="account" if own else "people", status=status)


def _saved(request: HttpRequest, staff: Staff, one: Colleague, form: AppearanceForm) -> int:
    """Save a color and a photo; return the status of the page that shows why not, 200 when it is done."""
    # A file larger than is taken at all never reaches the form.
    if (
        "photo" not in request.FILES
        and int(request.META.get("CONTENT_LENGTH") or 0) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    ):
        form.refuse(PhotoTooLarge())
    if not form.is_valid():
        return 422
    chosen = form.cleaned_data["photo"]
    try:
        # Read before anything is written: a stranger's file, in a process of its own.
        made = portrait_of(chosen.read()) if chosen else None
    except Refusal as refusal:
        form.refuse(refusal)
        return 422
    sent = send(
        request,
        staff,
        form,
        change_appearance,
        one.user.ref,
        practice_id=staff.practice.pk,
        color=form.cleaned_data["color"],
        photo=made,
    )
    return sent.status
