"""What every kind of job over campaigns shares: who may change them, what is refused, and when nothing is left to do."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from campaigns.models import Campaign, CampaignQuerySet
from campaigns.refusals import told_in_full, waiting_words
from operations import audit
from operations.jobs.handlers import JobHandler, Outcome
from operations.models import Job, JobItem, Write
from operations.writes.asking import ask_for_write
from providers.limiting import Priority

State = Mapping[str, Any]
SUBJECT = Campaign._meta.label


class CampaignJob(JobHandler):
    """A kind of change of campaigns. `calls` are the categories of the calls that one campaign takes; none: our own data."""

    calls: ClassVar[tuple[str, ...]] = ()
    prefetches: ClassVar[tuple[str, ...]] = ()

    def read(self, campaigns: CampaignQuerySet) -> CampaignQuerySet:
        """With everything that `current` and `refusal` look at, in as many queries however many they are."""
        return campaigns.select_related("client", "connection").prefetch_related(*self.prefetches)

    def subjects(self, items: Sequence[JobItem], user: Any) -> Mapping[int, Campaign]:
        visible = Campaign.objects.all() if user is None else Campaign.objects.visible_to(user)
        wanted = {int(item.subject_id): item.pk for item in items}
        return {wanted[one.pk]: one for one in self.read(visible.filter(pk__in=wanted))}

    @abstractmethod
    def now_is(self, campaign: Campaign) -> Mapping[str, Any]:
        """How the campaign is in our copy, in the fields that this kind changes."""

    def current(self, campaign: Campaign, names: Iterable[str]) -> dict[str, Any]:
        """The same of these fields alone: a job changes what it names, and leaves alone what others change beside it."""
        found = self.now_is(campaign)
        return {name: found.get(name) for name in names}

    def refusal(self, campaign: Campaign, wanted: State) -> str:
        """Why this can't be done with this campaign as it is; empty: it can."""
        return ""

    def same(self, wanted: State) -> str:
        """What to say where a campaign is like that already."""
        return "Nothing to change"

    @abstractmethod
    def apply(self, item: JobItem, campaign: Campaign, actor: audit.Actor, now: datetime) -> Outcome:
        """Bring about `item.wanted`."""

    def why_not(self, campaign: Campaign, wanted: State) -> str:
        """`refusal`, and what keeps from changing anything of this campaign at its provider."""
        if self.calls:
            if campaign.gone_at:
                return "Gone at the provider"
            if not campaign.connection.is_enabled:
                return f"{campaign.connection.name} is disabled"
            if not campaign.connection.may_write:
                return f"{campaign.connection.name} is read-only"
        return self.refusal(campaign, wanted)

    def begin(self, item: JobItem, subject: Campaign, actor: audit.Actor, now: datetime) -> Outcome:
        current = self.current(subject, item.wanted)
        if current == item.wanted:
            return Outcome.nothing_to_do(f"{self.same(item.wanted)}.")
        if item.expects is not None and current != item.expects:
            return Outcome.failed("It was changed since, so it was left as it is.")
        if reason := self.why_not(subject, item.wanted):
            return Outcome.failed(f"{reason}.")
        item.before = current
        return self.apply(item, subject, actor, now)

    def ask(
        self,
        kind: str,
        item: JobItem,
        campaign: Campaign,
        payload: State,
        before: State,
        actor: audit.Actor,
        now: datetime,
    ) -> Outcome:
        """A change at the provider, behind what people wait for."""
        write: Write = ask_for_write(
            kind,
            campaign,
            connection_id=campaign.connection_id,
            client_id=campaign.client_id,
            payload={"remote_id": campaign.remote_id, **payload},
            before=before,
            actor=actor,
            now=now,
            priority=Priority.JOBS,
        )
        return Outcome.sent(write)

    def explain(self, write: Write) -> str:
        if not write.is_settled:
            return waiting_words(write)
        # What was found changed meanwhile is named in the message itself.
        return write.message if write.state == Write.State.CONFLICT else told_in_full(write.message, write.kind)

    def title(self, job: Job, count: int) -> str:
        # The actions are registered by the same modules as the kinds.
        phrase = str(job.parameters.get("phrase", self.label))
        things = f"{count:,} campaign{'' if count == 1 else 's'}"
        title = phrase.replace("{}", things) if "{}" in phrase else f"{phrase} {things}"
        if job.purpose == Job.Purpose.DO:
            return title
        return f"{job.get_purpose_display()}: {title[0].lower()}{title[1:]}"
