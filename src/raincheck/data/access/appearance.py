"""Colors and photos of the people of a practice."""

from django.db import models

from raincheck.data.people import User
from raincheck.data.tenancy import PracticeRow, inside_its_practice, one_of
from raincheck.domain.access.appearance import Color


class Appearance(PracticeRow):
    """Somebody's color and photo in one practice. The photo is a square JPEG of our own making, without any metadata."""

    # A plain key, as a membership's: a user is no practice's row.
    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    color = models.TextField()
    photo = models.BinaryField(null=True, blank=True)
    photo_hash = models.TextField(
        blank=True, default="", help_text="SHA-256 of the photo, part of its address"
    )

    class Meta:
        constraints = [
            inside_its_practice("an_appearance_belongs_to_one_practice"),
            models.UniqueConstraint(
                fields=["practice", "user"], name="somebody_has_one_appearance_in_a_practice"
            ),
            one_of("color", Color, name="an_appearance_has_a_known_color"),
        ]
        # And `a_photo_has_the_hash_of_its_content`, for which Django has no words.

    def __str__(self) -> str:
        return f"{self.color} {self.pk}"
