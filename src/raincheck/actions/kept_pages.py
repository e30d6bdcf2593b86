"""The pages that answered forms: kept until they were corrected, forgotten once the form went through."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from raincheck.actions.engine.runner import Answer
from raincheck.actions.timing.quarantine import Done
from raincheck.data.kept_pages import KeptPage
from raincheck.domain.policy import REFUSED_FORMS_KEPT, STRANGERS_FORMS_KEPT

KEPT_FOR_ONE = 10
"""So many refused forms of one browser are kept; of more the oldest go."""
KEPT_FOR_STRANGERS = 500
"""So many of all together who are neither signed in nor came by a link: nobody can fill the disk from outside."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A page to keep: whose it is, the key of the form that it answered, and its sealed contents."""

    owner: str
    form_key: UUID | None
    sealed: bytes
    by_stranger: bool


def keep_page(page: Kept, *, now: datetime) -> Answer:
    """Keep a page and return its ref; no ref when strangers have too many kept already."""
    if page.by_stranger:
        strangers = KeptPage.objects.filter(by_stranger=True, kept_until__gt=now)
        if len(strangers.values_list("pk")[:KEPT_FOR_STRANGERS]) == KEPT_FOR_STRANGERS:
            return {}
    row = KeptPage(
        owner=page.owner,
        form_key=page.form_key,
        sealed=page.sealed,
        by_stranger=page.by_stranger,
        kept_until=now + (STRANGERS_FORMS_KEPT if page.by_stranger else REFUSED_FORMS_KEPT),
    )
    row.save(force_insert=True)
    of_browser = KeptPage.objects.filter(owner=page.owner).order_by("-kept_until", "-pk")
    KeptPage.objects.filter(pk__in=list(of_browser.values_list("pk", flat=True)[KEPT_FOR_ONE:])).delete()
    return {"kept": str(row.ref)}


def forget_pages(*, owner: str, form_key: UUID) -> Answer:
    """Forget what a form was answered before it went through: nobody has to correct it any more."""
    KeptPage.objects.filter(owner=owner, form_key=form_key).delete()
    return {}


def forget_old_pages(*, now: datetime, limit: int) -> Done:
    """Delete what nobody came to see or correct in time."""
    over = KeptPage.objects.select_for_update(skip_locked=True, no_key=True).filter(kept_until__lte=now)
    ids = list(over.order_by("kept_until").values_list("pk", flat=True)[:limit])
    KeptPage.objects.filter(pk__in=ids).delete()
    return Done({"refused form forgotten": len(ids)} if ids else {})
