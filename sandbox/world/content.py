"""The texts, schedules and mailboxes that seeded campaigns come with."""

import uuid
from datetime import datetime, timedelta

from . import halyard
from .days import chance
from .model import Campaign, Client, Mailbox, Schedule, Step, Variant

STEP_DELAYS = (0, 3, 4, 6)
TRACKING_OFF = (("DONT_EMAIL_OPEN",), (), ("DONT_LINK_CLICK",), (), ("DONT_EMAIL_OPEN", "DONT_LINK_CLICK"), ())


def client(plan: halyard.ClientPlan, created_at: datetime) -> Client:
    remote_id = str(uuid.uuid5(uuid.NAMESPACE_DNS, plan.email))
    return Client(plan.id, plan.name, plan.email, remote_id, plan.account, created_at)


def schedule(timezone: str, campaign_id: int) -> Schedule:
    days = [0, 1, 2, 3, 4, 5] if campaign_id % 13 == 0 else [1, 2, 3, 4, 5]
    return Schedule(timezone, days, "08:30" if campaign_id % 2 else "09:00", "17:00")


def steps(campaign_id: int, sender: str, count: int) -> list[Step]:
    """The first step is an A/B test, the second too on even ids; the others keep their text on the step itself."""
    found = []
    for number in range(1, count + 1):
        step = Step(campaign_id * 10 + number, number, STEP_DELAYS[(number - 1) % 4])
        text = (halyard.OPENING if number == 1 else halyard.FOLLOW_UP) % sender
        if number == 1 or (number == 2 and campaign_id % 2 == 0):
            percentage = _percentage(campaign_id, number)
            step.variants = [
                Variant(step.id * 10 + place, label, halyard.SUBJECTS[place] if number == 1 else "", text, percentage)
                for place, label in enumerate("AB")
            ]
            if campaign_id % 7 == 0:
                step.variants.append(Variant(step.id * 10 + 2, "C", "An old idea", text, None, deleted=True))
            if percentage == 50:
                step.distribution = "MANUAL_PERCENTAGE"
        else:
            step.subject, step.body = (halyard.SUBJECTS[2] if number == count else ""), text
        found.append(step)
    return found


def _percentage(campaign_id: int, number: int) -> int | str | None:
    """Null, a number and the text "None" all occur at the provider for an equal split."""
    return (None, 50, "None", 0)[(campaign_id + number) % 4]


def mailboxes(plan: halyard.ClientPlan, first_id: int, created_at: datetime, seed: int) -> list[Mailbox]:
    found = []
    for place in range(plan.mailboxes):
        name = halyard.FIRST_NAMES[place // len(plan.domains) % len(halyard.FIRST_NAMES)]
        domain = plan.domains[place % len(plan.domains)]
        address = f"{name.replace('ë', 'e')}@{domain}"
        box_id = first_id + place
        luck = chance(seed, box_id)
        kind = "OUTLOOK" if plan.id in {306, 307} else "SMTP" if plan.id == 303 else "GMAIL"
        found.append(
            Mailbox(
                id=box_id,
                from_name=name.split(".")[-1].title(),
                from_email=address,
                kind=kind,
                account=plan.account,
                client_id=plan.id,
                created_at=created_at + timedelta(hours=place),
                password=f"sandbox-mailbox-{box_id}-Pässwort",
                per_day=40 if kind == "OUTLOOK" else 30,
                connected=address not in halyard.DISCONNECTED,
                warmup=None if luck < 0.03 else "INACTIVE" if luck < 0.1 else "ACTIVE",
                reputation=int(72 + 28 * min(1.0, luck * 6)),
                signature=None if place % 3 else f"<p>{name.title()}<br>{plan.name}</p>",
            )
        )
    return found


def dress(campaign: Campaign, timezone: str, sender: str, mailbox_ids: list[int]) -> None:
    """Gives a campaign its texts, schedule, tracking and mailboxes; everything follows from its id."""
    number = campaign.id
    empty_draft = campaign.status == "DRAFTED" and number % 2 == 0
    campaign.schedule = None if empty_draft else schedule(timezone, number)
    campaign.steps = [] if empty_draft else steps(number, sender, 3 if number % 3 == 1 else 4)
    campaign.mailbox_ids = [] if empty_draft else [box for box in mailbox_ids if (box + number) % 4]
    campaign.gap_minutes = 8 + number % 9
    campaign.max_new_leads_per_day = 40 + number % 13 * 10
    campaign.follow_up_percentage = (40, 50, 60)[number % 3]
    campaign.unsubscribe_text = "" if number % 3 else "Don't want to hear from us? Tell us."
    campaign.track_settings = list(TRACKING_OFF[number // 3 % len(TRACKING_OFF)])
