"""Lists of a form are written by a template of ours, sooner than by Django's: the same words."""

from __future__ import annotations

import re

from django import forms
from django.forms.renderers import DjangoTemplates

from raincheck.domain.zones import zone_names


class Lists(forms.Form):
    """One list of each kind that Django knows, with names that no page may take for its own."""

    zone = forms.ChoiceField(choices=[("", "<b>Any</b> & all"), *((name, name) for name in zone_names())])
    grouped = forms.ChoiceField(
        choices=[('One & "more"', [(1, "first"), (2, "second")]), (3, "third")],
        widget=forms.Select(attrs={"class": "narrow", "disabled": True, "hidden": False}),
    )
    unknown = forms.NullBooleanField()
    several = forms.MultipleChoiceField(choices=[("'a'", "A"), ("b", "B")])


def written(form: Lists) -> list[str]:
    return [re.sub(r"\n\s*", "\n", str(field)) for field in form]


def test_a_list_is_written_as_django_writes_it() -> None:
    chosen = {"zone": "America/New_York", "grouped": 2, "unknown": True, "several": ["'a'", "b"]}
    assert written(Lists(initial=chosen)) == written(Lists(initial=chosen, renderer=DjangoTemplates()))
