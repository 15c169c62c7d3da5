from typing import Any
from urllib.parse import urlsplit

from django.db import migrations, models


def take_fingerprints(apps: Any, schema_editor: Any) -> None:
    """Of the keys that are here already, so that none of them can be added a second time.

    One that can't be opened goes without, and so does the second of two alike; `rotate_keys` tries again.
    """
    from accounts.secrets import BadKeyRing, SecretUnreadable, key_ring

    Connection = apps.get_model("accounts", "Connection")
    rows = Connection.objects.exclude(sealed_key="").order_by("pk")
    if not rows.exists():
        return
    try:
        ring = key_ring()
    except BadKeyRing:
        return
    taken: set[str] = set()
    for row in rows:
        try:
            key = ring.open(row.sealed_key, f"accounts.Connection:{row.pk}")
        except SecretUnreadable:
            continue
        fingerprint = ring.fingerprint(key, (row.provider, urlsplit(row.base_url).hostname or ""))
        if fingerprint not in taken:
            taken.add(fingerprint)
            Connection.objects.filter(pk=row.pk).update(key_fingerprint=fingerprint)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_mailboxes")]

    operations = [
        migrations.AddField(
            "connection", "key_fingerprint", models.CharField(blank=True, editable=False, max_length=64)
        ),
        migrations.RunPython(take_fingerprints, migrations.RunPython.noop),
        migrations.AddConstraint(
            "connection",
            models.UniqueConstraint(
                condition=models.Q(("key_fingerprint", ""), _negated=True),
                fields=["key_fingerprint"],
                name="connection_key_once",
            ),
        ),
    ]
