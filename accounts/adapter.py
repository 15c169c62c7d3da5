"""How django-allauth behaves in this product."""

from smtplib import SMTPException
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from accounts.secrets import key_ring

log = structlog.get_logger(__name__)

# The library does not say whose secret it asks to seal, so that it can't be bound to its row as a provider's key is.
SECOND_FACTORS = "allauth.mfa"


class AccountAdapter(DefaultAccountAdapter):
    """People are created by an agency admin; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """To the address that they sign in with. What it tells of is done: a mail server that is down undoes nothing."""
        try:
            super().send_notification_mail(template_prefix, user, context, email or user.email)
        except (SMTPException, OSError):
            log.warning("a notice was not mailed", template=template_prefix, exc_info=True)


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes are sealed as provider keys are."""

    def encrypt(self, text: str) -> str:
        return key_ring().seal(text, SECOND_FACTORS)

    def decrypt(self, encrypted_text: str) -> str:
        return key_ring().open(encrypted_text, SECOND_FACTORS)
