"""Mail that the product writes itself. What allauth writes is in templates/account/email and templates/mfa/email."""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.models import Invitation
from operations.wording import exact


class MailNotSent(Exception):
    """The mail server did not take it. `str()` is fit for a page."""


def send_invitation(invitation: Invitation, link: str) -> None:
    """Raises MailNotSent."""
    context = {
        "invitation": invitation,
        "person": invitation.user,
        "link": link,
        "workspace": settings.QUARTERDECK_WORKSPACE_NAME,
        "until": exact(invitation.expires_at),
    }
    subject = " ".join(render_to_string("accounts/email/invitation_subject.txt", context).split())
    body = render_to_string("accounts/email/invitation_message.txt", context)
    try:
        send_mail(subject, body, None, [invitation.user.email])
    except (SMTPException, OSError) as error:
        raise MailNotSent(f"The mail to {invitation.user.email} could not be sent ({error}).") from None
