"""The pages that answered forms, kept until they were corrected, and the words of forms that were not sent, until their person is back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
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
    """A page to keep, or words that were not sent: whose it is, the key of the form, its sealed contents, and how long."""

    owner: str
    form_key: UUID | None
    sealed: bytes
    by_stranger: bool = False
    lives: timedelta = REFUSED_FORMS_KEPT


def keep_page(page: Kept, *, now: datetime) -> Answer:
    """Keep a page and return its ref; no ref when strangers have too many kept already."""
    if page.by_stranger:
        strangers = KeptPage.objects.filter(by_stranger=True, kept_until__gt=now)
        if len(strangers.values_list("pk")[:KEPT_FOR_STRANGERS]) == KEPT_FOR_STRANGERS:
            return {}
    return {"kept": _keep(page, now=now)}


def keep_words(words: Kept, *, now: datetime) -> Answer:
    """Keep what somebody had typed and not sent; a form that was sent twice is kept once."""
    if words.form_key is not None:
        KeptPage.objects.filter(owner=words.owner, form_key=words.form_key).delete()
    return {"kept": _keep(words, now=now)}


def give_words_back(ref: UUID, *, owner: str, page: Kept, now: datetime) -> Answer:
    """Let words go that were kept, for the page that has them filled in; no ref when they went already."""
    gone, _by_table = KeptPage.objects.filter(ref=ref, owner=owner, kept_until__gt=now).delete()
    return {"kept": _keep(page, now=now)} if gone else {}


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


def _keep(page: Kept, *, now: datetime) -> str:
    row = KeptPage(
        owner=page.owner,
        form_key=page.form_key,
        sealed=page.sealed,
        by_stranger=page.by_stranger,
        kept_until=now + (STRANGERS_FORMS_KEPT if page.by_stranger else page.lives),
    )
    row.save(force_insert=True)
    of_owner = KeptPage.objects.filter(owner=page.owner).order_by("-kept_until", "-pk")
    KeptPage.objects.filter(pk__in=list(of_owner.values_list("pk", flat=True)[KEPT_FOR_ONE:])).delete()
    return str(row.ref)
