"""Whose calendar is shown: a provider's own, or the one a manager chose."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from raincheck.data.people import Provider
from raincheck.web.staff.shell.access import Staff
from raincheck.web.staff.shell.refs import ref_in


def chosen_provider(request: HttpRequest, staff: Staff) -> Provider:
    """Return the provider named by `provider=` in the address, else the first. A foreign one is not there: 404."""
    if staff.provider is not None:
        _refuse_another(request, staff.provider)
        return staff.provider
    rows = staff.providers().select_related("practice")
    if "provider" in request.GET:
        return get_object_or_404(rows, ref=ref_in(request.GET["provider"]))
    first = rows.first()
    if first is None:
        raise Http404
    return first


def _refuse_another(request: HttpRequest, provider: Provider) -> None:
    if "provider" in request.GET and ref_in(request.GET["provider"]) != provider.ref:
        raise Http404


def of_provider(address: str, staff: Staff, provider: Provider, **query: str) -> str:
    """Return an address of this provider's; only a manager's must say whose."""
    values = query if staff.provider is not None else {**query, "provider": str(provider.ref)}
    if not values:
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"
