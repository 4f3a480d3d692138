from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("curation", "0006_pick_list_steps")]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="action",
            field=models.UUIDField(
                blank=True, help_text="What was decided in one go is taken back in one go.", null=True
            ),
        ),
    ]
