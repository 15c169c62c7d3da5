"""What stands in many rows of a list and looks the same in each: drawn once by its template, then remembered.

A template that is included costs as much as the rest of a row, and a list has few statuses and few clients.
"""

from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.models import Client
from campaigns.models import Campaign

STATUS_WORDS = {value: str(word) for value, word in Campaign.Status.choices}
NOBODY = "Nobody’s yet"
GONE_MEANS = "The provider no longer lists this campaign"


def status_label(campaign: Campaign) -> SafeString:
    """Shape and word: the status, or that the provider no longer lists the campaign."""
    if campaign.gone_at:
        return _status("unknown", "Gone", GONE_MEANS)
    return _status(campaign.status, STATUS_WORDS.get(campaign.status, campaign.status), "")


def moving_label(word: str) -> SafeString:
    """A change that is on its way: "Pausing…"."""
    return _status("pending", word, "Sent, not yet read back")


def client_label(client: Client | None) -> SafeString:
    """Tile and name."""
    return _nobody() if client is None else _client(client.name, client.initials, client.tile)


@lru_cache(maxsize=64)
def _status(status: str, word: str, meaning: str) -> SafeString:
    return render_to_string("components/status.html", {"status": status, "word": word, "meaning": meaning})


@lru_cache(maxsize=2048)
def _client(name: str, initials: str, tile: int) -> SafeString:
    client = {"name": name, "initials": initials, "tile": tile}
    return render_to_string("components/client.html", {"client": client})


@lru_cache(maxsize=1)
def _nobody() -> SafeString:
    return render_to_string("components/client.html", {"client": None})
