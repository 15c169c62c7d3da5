"""Changing how a client's portal looks."""

import io
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image, UnidentifiedImageError

from accounts.models import Branding, Client
from operations import audit

FORMATS = ("PNG", "JPEG", "WEBP")  # pictures of points: an SVG may hold scripts and addresses of others
LARGEST_FILE = 1024 * 1024
LARGEST_SIDE = 4000
KEPT_SIDE = 320
TOO_WIDE = f"The picture is larger than {LARGEST_SIDE:,} pixels. Make it smaller."


class NotALogo(ValueError):
    """The file can't be used; `str()` is fit for a form."""


@dataclass(frozen=True)
class Look:
    name: str
    colour: str
    logo: bytes | None = None  # None: as it is
    without_logo: bool = False


def logo_from(file: IO[bytes], size: int) -> bytes:
    """The picture drawn anew as a small PNG, so that nothing but its points is kept. Raises NotALogo."""
    if size > LARGEST_FILE:
        raise NotALogo("The file is larger than 1 MB. Make it smaller: 320 pixels are shown at most.")
    try:
        with Image.open(io.BytesIO(file.read(LARGEST_FILE + 1)), formats=FORMATS) as picture:
            # Asked before anything is unpacked: a small file can say that it is enormous.
            if max(picture.size) > LARGEST_SIDE or min(picture.size) < 1:
                raise NotALogo(TOO_WIDE)
            kept = picture.convert("RGBA")
    except NotALogo:
        raise
    except Image.DecompressionBombError:
        raise NotALogo(TOO_WIDE) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise NotALogo("This is no PNG, JPEG or WebP picture.") from None
    kept.thumbnail((KEPT_SIDE, KEPT_SIDE))
    made = io.BytesIO()
    kept.save(made, "PNG")
    return made.getvalue()


def change_branding(client: Client, look: Look, actor: audit.Actor, now: datetime) -> bool:
    """Give the client's portal this look; False if it has it already. A logo that is no longer used is deleted."""
    with transaction.atomic():
        branding = Branding.objects.select_for_update().filter(client=client).first() or Branding(client=client)
        before, old = _in_words(branding), branding.logo.name
        branding.name, branding.colour = look.name, look.colour
        if look.logo is not None:
            branding.logo.save("logo.png", ContentFile(look.logo), save=False)
        elif look.without_logo:
            branding.logo = ""
        after = _in_words(branding)
        if before == after and branding.logo.name == old:
            return False
        branding.changed_at, branding.changed_by = now, actor.user
        branding.save()
        if look.logo is not None:
            after["logo"] = "new"
        audit.record(actor, "change branding", client, client_id=client.pk, before=before, after=after)
        storage = branding.logo.storage
        if old and branding.logo.name != old:
            transaction.on_commit(lambda: storage.delete(old))
    return True


def _in_words(branding: Branding) -> dict[str, Any]:
    return {"name": branding.name, "colour": branding.colour, "logo": "yes" if branding.logo else "none"}
