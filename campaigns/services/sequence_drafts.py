"""What a person has typed in the editor and not saved, kept for them alone."""

from datetime import datetime
from typing import Any

from campaigns.models import Campaign, SequenceDraft
from campaigns.services.sequence_texts import Texts, to_json


def keep_draft(user: Any, campaign: Campaign, texts: Texts, base: Texts, now: datetime) -> SequenceDraft:
    """Keep what stands in the editor, in place of what was kept before. `base` is what the person began with."""
    draft, _ = SequenceDraft.objects.update_or_create(
        campaign=campaign, person=user, defaults={"texts": to_json(texts), "base": to_json(base), "kept_at": now}
    )
    return draft


def draft_of(user: Any, campaign: Campaign) -> SequenceDraft | None:
    """The person's own draft of this campaign's sequence."""
    return SequenceDraft.objects.visible_to(user).filter(campaign=campaign).first()


def discard_draft(user: Any, campaign: Campaign) -> None:
    """Forget it, on the person's word."""
    SequenceDraft.objects.filter(campaign=campaign, person=user).delete()


def discard_saved_draft(user: Any, campaign_id: int, texts: Texts) -> None:
    """Forget it where it holds just what was saved: what was typed since stays."""
    if user is not None:
        SequenceDraft.objects.filter(campaign_id=campaign_id, person=user, texts=to_json(texts)).delete()
