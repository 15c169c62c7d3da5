from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "operations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from operations import change_words, folding, search_places  # noqa: F401  (they register themselves)
        from operations.jobs import engine  # noqa: F401  (registers what follows a write)
        from operations.sync import comparing  # noqa: F401  (registers the step)

        folding.register()
