"""Rebook offers: one new booking after a cancellation, 30 days long."""

from __future__ import annotations

from raincheck.domain.refusals import Kind, Refusal
from raincheck.domain.sentences import _


class OfferEnded(Refusal):
    kind = Kind.NOT_FOUND
    code = "offer_ended"
    sentence = _("This way to book has ended. Nothing was booked; please call the practice for a new time.")


class OfferUsed(Refusal):
    kind = Kind.CONFLICT
    code = "offer_used"
    sentence = _(
        "A new time was already booked with this link, so nothing was booked now. It is shown below."
    )
