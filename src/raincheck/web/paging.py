"""Pages of a list: one row more than a page holds says whether another follows, so that nothing is counted."""

from __future__ import annotations

from typing import Any

from django.core import paginator
from django.db.models import QuerySet


class Page(paginator.Page[Any]):
    """One page of a list whose length nobody knows."""

    def __init__(self, rows: list[Any], number: int, pages: Paginator) -> None:
        super().__init__(rows[: pages.per_page], number, pages)
        self.is_last = len(rows) <= pages.per_page

    def has_next(self) -> bool:
        return not self.is_last

    def next_page_number(self) -> int:
        return self.number + 1

    def previous_page_number(self) -> int:
        return self.number - 1


class Paginator(paginator.Paginator):  # type: ignore[type-arg]  # generic for type checkers only
    """Django's own counts all rows of a list for each of its pages."""

    object_list: QuerySet[Any]

    def get_page(self, number: float | str | None) -> Page:
        """Return the page that an address names: the first for what is no number, the last for one behind the end."""
        named = str(number or "")
        # To isdigit a ² is a digit as well, which int refuses.
        wanted = max(int(named), 1) if named.isascii() and named.isdigit() and len(named) < 7 else 1
        rows = list(self.object_list[(wanted - 1) * self.per_page : wanted * self.per_page + 1])
        if not rows and wanted > 1:
            # Somebody kept an address while the list grew shorter: only then is it worth counting.
            return self.get_page(self.num_pages)
        return Page(rows, wanted, self)
