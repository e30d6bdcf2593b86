"""Outcomes of a hand-over, as the other side said them."""

from dataclasses import dataclass

from raincheck.domain.notifications import Outcome


@dataclass(frozen=True, slots=True)
class Report:
    """One attempt's outcome and, for the record, the words of the mail server or gateway."""

    outcome: Outcome
    answer: str
