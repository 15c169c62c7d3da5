from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Installation"

    def ready(self) -> None:
        from config import celery, checks  # noqa: F401  registers the checks, and makes ours the Celery app of this process
