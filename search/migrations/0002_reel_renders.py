import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="reelstep",
            name="may_return",
            field=models.BooleanField(
                default=True, help_text="Taken back, it can be done again: its person has done nothing else since."
            ),
        ),
        migrations.CreateModel(
            name="ReelRender",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "spans",
                    models.JSONField(help_text="Films and half-open frames in their order: [video, in, out]."),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("working", "Being made"),
                            ("done", "Ready"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("done_count", models.PositiveIntegerField(default=0, help_text="Frames written.")),
                ("total_count", models.PositiveIntegerField(default=0)),
                (
                    "remarks",
                    models.JSONField(default=list, help_text="Sentences on what was fitted or left out."),
                ),
                ("file", models.FileField(blank=True, max_length=300, upload_to="")),
                ("error", models.CharField(blank=True, max_length=300)),
                (
                    "claimed_until",
                    models.DateTimeField(blank=True, help_text="A worker answers for it until then.", null=True),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="renders", to="search.reel"
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
    ]
