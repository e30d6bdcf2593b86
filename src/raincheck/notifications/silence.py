"""The sentences about silence: what an unanswered request comes to, in the same words on pages, in mails and in texts."""

from dataclasses import dataclass

from django.utils.translation import gettext as _, ngettext

from raincheck.domain.reschedule.silence import Silence


@dataclass(frozen=True, slots=True)
class Silent:
    """What silence brings one open request, as its client reads it.

    `until` names the deadline, `wrote` is whether the client has sent any word since they were asked,
    `others_stand` whether they have other appointments.
    """

    brings: Silence
    wrote: bool
    until: str
    who: str
    practice: str
    phone: str
    others_stand: bool = False

    def sentence(self, *, count: int = 1) -> str:
        """Return what happens without an answer; for `count` requests that share it."""
        if self.brings is Silence.WAITS:
            return self._unsettled()
        if self.brings is Silence.ASKS_A_PERSON:
            return (
                _("If no time is found by %(until)s, %(practice)s will get in touch with you.")
                if self.wrote
                else _("If you don't choose by then, %(practice)s will get in touch with you.")
            ) % {"until": self.until, "practice": self.practice}
        if self.wrote:
            return ngettext(
                "If no time is found by %(until)s, this appointment is canceled, no charge.",
                "If no times are found by %(until)s, these appointments are canceled, no charge.",
                count,
            ) % {"until": self.until}
        canceled = ngettext(
            "If you don't choose by then, this appointment is canceled. There is no charge.",
            "Each of these appointments is canceled if you don't choose a new time for it by then. There is no charge.",
            count,
        )
        return f"{canceled} {_('Your other appointments stand.')}" if self.others_stand else canceled

    def _unsettled(self) -> str:
        said = {"who": self.who, "practice": self.practice, "phone": self.phone}
        if not self.phone:
            return (
                _(
                    "This appointment isn't settled. %(who)s may not be able to come. %(practice)s will contact you."
                )
                % said
            )
        return (
            _(
                "This appointment isn't settled. %(who)s may not be able to come. %(practice)s will contact you: %(phone)s."
            )
            % said
        )
