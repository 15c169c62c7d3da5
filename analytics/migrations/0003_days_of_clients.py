from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("analytics", "0002_step_numbers"), ("campaigns", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="dailystats", name="daily_stats_of_client"),
        migrations.AddIndex(
            model_name="dailystats",
            index=models.Index(
                fields=["client", "day", "campaign", "sent", "replied", "positive", "bounced", "opened"],
                name="daily_stats_of_client_whole",
            ),
        ),
    ]
