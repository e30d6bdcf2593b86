"""The one Django app: its label is `raincheck`, its tables live in `data`."""

from django.apps import AppConfig


class RaincheckConfig(AppConfig):
    name = "raincheck.data"
    label = "raincheck"
    verbose_name = "Raincheck"
