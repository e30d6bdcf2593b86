"""The chains over the read log, one for each practice: seals in order, the end of each, what was cut off, and the rows that wait for their seal."""

from django.db import models
from django.db.models import F

from raincheck.domain.clients.retention import RETENTION


class UnsealedRow(models.Model):
    """A row of the read log that has no seal yet. A trigger writes it with the row itself, so that none can be passed over."""

    row = models.BigIntegerField(primary_key=True)
    chain = models.BigIntegerField(help_text="the practice's number; 0: no practice")

    class Meta:
        indexes = [models.Index(fields=["chain", "row"], name="unsealed_rows_of_a_chain")]

    def __str__(self) -> str:
        return str(self.row)


class SealedRow(models.Model):
    """A row's place in its chain. It takes rows and gives none away, as the log does."""

    row = models.BigIntegerField(primary_key=True)
    chain = models.BigIntegerField()
    place = models.BigIntegerField()
    seal = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "place"], name="a_chain_has_one_row_in_each_place")
        ]

    def __str__(self) -> str:
        return f"{self.chain} {self.place}"


class LogChain(models.Model):
    """The end of a chain, which whoever seals holds while at it."""

    chain = models.BigIntegerField(primary_key=True)
    rows = models.BigIntegerField(default=0)
    seal = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.chain} {self.rows}"


class LogCut(models.Model):
    """The beginning of a chain that was cut off, up to `place`. It takes rows and gives none away, as the log does.

    A row of the log can go only if a cut covers its place, and it is older than `before`.
    """

    chain = models.BigIntegerField()
    place = models.BigIntegerField()
    seal = models.BinaryField(max_length=32, help_text="of that place: the rest is reckoned from it")
    before = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "place"], name="a_chain_is_cut_once_at_a_place"),
            models.CheckConstraint(
                condition=models.Q(at__gte=F("before") + RETENTION), name="what_is_cut_is_seven_years_old"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chain} {self.place}"
