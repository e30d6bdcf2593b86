"""The chains over the read log, one for each practice: seals in order, the end of each, and the rows that wait for their seal."""

from django.db import models


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
