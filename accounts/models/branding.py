"""How a client's portal looks: a name, a colour and a logo of their own."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.crypto import get_random_string

from accounts.models.people import Client


def place_of_logo(branding: Any, filename: str) -> str:
    """A name of our own: nothing of what the uploaded file was called reaches the disk."""
    return f"logos/{branding.client_id}-{get_random_string(12)}.png"


class Branding(models.Model):
    """What a client without a row, or with an empty part, gets instead: their name as we know it, our colour, their initials."""

    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="branding")
    name = models.CharField(max_length=120, blank=True)
    colour = models.CharField(max_length=7, blank=True)
    logo = models.FileField(upload_to=place_of_logo, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["client_id"]

    def __str__(self) -> str:
        return f"Branding of {self.client_id}"
