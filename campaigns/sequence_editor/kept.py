"""What is kept beside the sequence of a campaign, in one query."""

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery

from campaigns.models import Campaign, SequenceDraft, SequenceSave, SequenceVersion
from campaigns.services.sequence_texts import Texts, from_json


@dataclass(frozen=True)
class Kept:
    """The person's own draft, the number of the save that is under way, and the texts of the newest version."""

    draft: SequenceDraft | None
    moving: int | None
    remembered: Texts


def kept_beside(campaign: Campaign, user: Any) -> Kept:
    of_campaign = {"campaign": OuterRef("pk")}
    draft = SequenceDraft.objects.visible_to(user).filter(**of_campaign)
    found = Campaign.objects.values(
        moving=Subquery(SequenceSave.objects.unfinished().filter(**of_campaign).values("pk")[:1]),
        remembered=Subquery(SequenceVersion.objects.filter(**of_campaign).newest().values("texts")[:1]),
        draft_texts=Subquery(draft.values("texts")[:1]),
        draft_base=Subquery(draft.values("base")[:1]),
        kept_at=Subquery(draft.values("kept_at")[:1]),
    ).get(pk=campaign.pk)
    own = None
    if found["kept_at"]:
        own = SequenceDraft(
            campaign=campaign,
            person=user,
            texts=found["draft_texts"],
            base=found["draft_base"],
            kept_at=found["kept_at"],
        )
    return Kept(own, found["moving"], from_json(found["remembered"] or ()))
