"""Phone numbers of clients are kept as E.164; what can't be read stays as somebody typed it."""

from importlib.resources import files
from typing import Any

import phonenumbers
from django.db import migrations


def countries() -> dict[str, str]:
    """Return the country of each zone, and of its former names."""
    rows = (line.split("\t") for line in _lines("zone.tab") if not line.startswith("#"))
    found = {name: country for country, _where, name, *_comment in rows}
    links = (line.split() for line in _lines("tzdata.zi") if line.startswith("L "))
    return {alias: found[target] for _mark, target, alias in links if target in found} | found


def _lines(name: str) -> list[str]:
    return files("tzdata").joinpath("zoneinfo", name).read_text("utf-8").splitlines()


def read(written: str, region: str | None) -> str | None:
    """Return a number as E.164, None for one that can't be read or would lose its extension."""
    try:
        parsed = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    if (
        parsed.extension
        or any(sign.isalpha() for sign in written)
        or not phonenumbers.is_valid_number(parsed)
    ):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def rewrite(apps: Any, schema_editor: Any) -> None:
    Practice, Client = apps.get_model("raincheck", "Practice"), apps.get_model("raincheck", "Client")
    Recipient, Link = apps.get_model("raincheck", "Recipient"), apps.get_model("raincheck", "Link")
    alias, country_of = schema_editor.connection.alias, countries()
    for practice in Practice.objects.using(alias).only("zone", "phone"):
        region = country_of.get(practice.zone)
        if region is None:
            try:
                region = phonenumbers.region_code_for_number(phonenumbers.parse(practice.phone))
            except phonenumbers.NumberParseException:
                region = None
        for model in (Client, Recipient):
            rows = model.objects.using(alias).filter(practice=practice).exclude(phone="").only("phone")
            changed = []
            for row in rows.iterator():
                number = read(row.phone, region)
                if number is not None and number != row.phone:
                    row.phone = number
                    changed.append(row)
            model.objects.using(alias).bulk_update(changed, ["phone"], batch_size=1000)
        # A link that went out by text opens as long as its number is the recipient's own.
        links = Link.objects.using(alias).filter(practice=practice, channel="sms").exclude(address="")
        for written in links.order_by().values_list("address", flat=True).distinct():
            number = read(written, region)
            if number is not None and number != written:
                links.filter(address=written).update(address=number)


class Migration(migrations.Migration):
    dependencies = [("raincheck", "0036_found_by_all_their_names")]

    operations = [migrations.RunPython(rewrite, migrations.RunPython.noop)]
