"""The page of one's own color and photo."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from raincheck.actions.access.appearance import remove_photo
from raincheck.web.staff.people.appearance import show_appearance
from raincheck.web.staff.people.person import colleague
from raincheck.web.staff.shell import Staff, for_staff, send_and_tell


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def own_appearance_page(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show one's own color and photo, and save what is chosen."""
    me = colleague(staff, staff.membership.user.ref)
    return show_appearance(
        request, staff, me, back=reverse("account"), remove=reverse("own-photo-remove"), own=True
    )


@require_POST
@for_staff
def remove_own_photo(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Take one's own photo away."""
    verb = partial(remove_photo, staff.membership.user.ref, practice_id=staff.practice.pk)
    told = _("Removed: you have no photo any more.")
    return send_and_tell(request, staff, verb, told=told, to=reverse("own-appearance"))
