from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0009_audit_of_jobs")]

    operations = [
        migrations.AddIndex(
            model_name="apicall", index=models.Index(fields=["status", "-at"], name="api_call_by_status")
        ),
        migrations.AddIndex(model_name="write", index=models.Index(fields=["-settled_at"], name="write_by_end")),
        migrations.AddIndex(
            model_name="write", index=models.Index(fields=["state", "-settled_at"], name="write_by_state")
        ),
    ]
