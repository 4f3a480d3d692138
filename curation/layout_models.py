"""A team's canvases, and what people chose for the layout of a picture."""

from django.db import models
from django.db.models import Q

from ava.models import Team, User
from curation.artwork_models import Picture


class TeamCanvas(models.Model):
    """A canvas that a team made, or its own version of one that every team starts with (the same `key`)."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="canvases")
    key = models.SlugField(max_length=40, help_text="Names it in addresses and files: a–z, 0–9 and hyphens.")
    name = models.CharField(max_length=60)
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    safe = models.JSONField(default=dict, help_text='Safe margins: {"left", "top", "right", "bottom"}, 0–0.4.')
    overlays = models.JSONField(
        default=list, help_text='What lies over it: [{"kind", "width_unit", "height_unit", "anchor"}].'
    )
    is_hidden = models.BooleanField(default=False, help_text="The team does not use it.")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["team__name", "id"]
        verbose_name_plural = "team canvases"
        constraints = [
            models.UniqueConstraint(
                fields=["team", "key"], name="canvas_once_in_team",
                violation_error_message="This team has a canvas of that key; choose another.",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name} of {self.team}"


class LayoutStep(models.Model):
    """One thing one person chose for the layout of a picture. Append-only: the newest that stands holds.

    Bound to the picture's row, which belongs to a frame or an artwork, so that it survives every re-analysis. An
    empty `value` resets to what is proposed. Steps of one `action` are taken back together; undo marks them.
    """

    class Subject(models.TextChoices):
        FOCAL_POINT = "focal", "Focal point"
        CROP = "crop", "Crop"
        BADGE = "badge", "Badge"
        SUBTITLE = "subtitle", "Subtitle"
        LOGO = "logo", "Logo"
        TITLE = "title", "Title treatment"

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="layout_steps")
    canvas = models.CharField(max_length=40, blank=True, help_text="Its key; empty for the focal point.")
    subject = models.CharField(max_length=8, choices=Subject)
    value = models.JSONField(
        null=True, blank=True, help_text="[x, y] or [x0, y0, x1, y1] in pixels of the picture; empty: as proposed."
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="layout_steps")
    action = models.UUIDField(help_text="What was done in one go is taken back in one go.")
    stands = models.BooleanField(default=True, help_text="False: undone.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(subject="focal", canvas="") | (~Q(subject="focal") & ~Q(canvas="")),
                name="layout_step_of_a_canvas",
            )
        ]
        indexes = [models.Index(fields=["picture", "canvas", "subject", "-id"], name="layout_steps_of_picture")]

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.canvas} of {self.picture}"
