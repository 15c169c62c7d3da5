from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from campaigns import bulk, change_words, checks, search, sync_steps, tabs, write_kinds  # noqa: F401  (they register themselves)
