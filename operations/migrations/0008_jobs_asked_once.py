from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0007_jobs")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="asked_by",
            field=models.CharField(blank=True, max_length=32, null=True, unique=True),
        ),
    ]
