from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from hijack.signals import hijack_ended, hijack_started

        from accounts import sign_in_trail
        from accounts.viewing import note_begin, note_end

        sign_in_trail.connect()
        hijack_started.connect(note_begin, dispatch_uid="accounts.viewing")
        hijack_ended.connect(note_end, dispatch_uid="accounts.viewing")
        from accounts import change_words, checks, search, sync_steps, watched, write_kinds  # noqa: F401  (they register themselves)
