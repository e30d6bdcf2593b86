"""Refusals: every way the product says no, each a class with one kind, one whole sentence and a stable code."""

from enum import StrEnum


class Kind(StrEnum):
    """What sort of no it is; the web turns it into a status, the API into a problem type."""

    BAD_INPUT = "bad_input"
    CONFLICT = "conflict"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"


class Refusal(Exception):
    """Something the product will not do. Nothing has changed when one is raised.

    `sentence` is written for the person who asked; it says what happened, what is still true and what to do.
    It may name `{placeholders}` that the raiser fills by keyword; `field` names the form field it belongs to.
    """

    kind: Kind
    code: str
    sentence: str
    field: str | None = None

    def __init__(self, *, field: str | None = None, **values: str) -> None:
        self.values = values
        if field is not None:
            self.field = field
        super().__init__(self.code)
