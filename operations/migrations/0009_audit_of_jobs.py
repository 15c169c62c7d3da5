import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0008_jobs_asked_once")]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="job",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="operations.job"
            ),
        ),
    ]
