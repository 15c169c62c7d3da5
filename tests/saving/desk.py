"""A campaign at the provider with our copy of it, for tests of saving."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db import transaction

from accounts.models import Connection, User
from accounts.services.sessions import open_for_person
from accounts.services.writing import advance_writes
from campaigns.models import Campaign, SequenceSave
from campaigns.services.sequence_saving import save_sequence
from campaigns.services.sequence_texts import Texts, current_texts
from campaigns.services.sequences import mirror_steps
from operations.audit import Actor
from providers.drafts import StepDraft
from tests.support.sandbox import Sandbox


class Desk:
    """One campaign at the provider, and our copy of it. `number` chooses among those that run and have two steps."""

    def __init__(self, sandbox: Sandbox, connection: Connection, clock: Callable[[], Any], number: int = 0) -> None:
        self.sandbox, self.connection, self.clock = sandbox, connection, clock
        truth = sandbox.truth(sandbox.agency_key, days=False)["campaigns"]
        running = sorted(one["id"] for one in truth if one["status"] == "ACTIVE" and len(one["steps"]) > 1)
        self.campaign: Campaign = Campaign.objects.get(connection=connection, remote_id=running[number])
        self.read()

    def another(self, number: int) -> "Desk":
        return Desk(self.sandbox, self.connection, self.clock, number)

    def becomes(self, status: str) -> "Desk":
        """The campaign gets this status at the provider, and we know it."""
        self.sandbox.change("status", campaign=self.campaign.remote_id, status=status)
        Campaign.objects.filter(pk=self.campaign.pk).update(status=status.lower())
        self.campaign.refresh_from_db()
        return self

    def read(self) -> None:
        """Take the steps into our copy, as a sync does."""
        with open_for_person(self.connection) as session:
            steps = session.send(session.provider.steps(self.campaign.remote_id))
        with transaction.atomic():
            mirror_steps(self.connection.pk, {self.campaign.remote_id: steps}, self.clock())
        self.campaign.refresh_from_db()

    def write(self, texts: Texts) -> None:
        """Put these texts there through the provider's API, past everything of ours; then take them into our copy."""
        with open_for_person(self.connection) as session:
            session.send(session.provider.save_steps(self.campaign.remote_id, texts))
        self.read()

    @property
    def texts(self) -> Texts:
        return current_texts(self.campaign)

    @property
    def truth(self) -> dict[str, Any]:
        """The campaign as it is at the provider."""
        found = self.sandbox.truth(self.sandbox.agency_key, days=False)["campaigns"]
        return next(one for one in found if one["id"] == self.campaign.remote_id)

    @property
    def body(self) -> str:
        """The first text at the provider."""
        step = self.truth["steps"][0]
        return str(step["variants"][0]["body"] if step["variants"] else step["body"])

    def save(self, texts: Texts, *, base: Texts | None = None, by: User | None = None) -> SequenceSave:
        actor = Actor.on_page(by) if by else Actor()
        return save_sequence(self.campaign, texts, self.texts if base is None else base, actor, self.clock())

    def work(self, save: SequenceSave, *, times: int = 12, minutes: float = 6) -> SequenceSave:
        """What the workers do until the save has ended; time goes on where something waits."""
        for _ in range(times):
            advance_writes(self.connection.pk, self.clock)
            save.refresh_from_db()
            if save.is_ended:
                break
            self.sandbox.advance(minutes=minutes)
        self.campaign.refresh_from_db()
        return save

    def done(self, what: str) -> list[dict[str, Any]]:
        """Calls that changed this of the campaign ("status", "sequences") and were carried out, in order."""
        calls = self.sandbox.log(limit=10_000)["calls"]
        path = f"/campaigns/{self.campaign.remote_id}/{what}"
        return [call for call in calls if call["method"] != "GET" and call["path"] == path and call["carried_out"]]


def with_body(texts: Texts, body: str, *, step: int = 1) -> Texts:
    """With this body in the first variant of a step."""

    def changed(one: StepDraft) -> StepDraft:
        return replace(one, variants=(replace(one.variants[0], body=body), *one.variants[1:]))

    return tuple(changed(one) if one.number == step else one for one in texts)
