"""What ties single leads and people of the team to campaigns (sections 3.1.12-3.1.16)."""

from ..answers import Answer, in_json, refuse
from ..world import people
from ..world.model import Campaign
from . import validation
from .call import Call
from .validation import check

SUBSEQUENCE = {
    "parent_campaign_id": validation.integer(required=True),
    "subsequence_name": validation.text(),
    "condition_events": validation.array(),
}
TEST_EMAIL = {
    "leadId": validation.integer(required=True),
    "sequenceNumber": validation.integer(1, required=True),
    "selectedEmailAccountId": validation.integer(),
    "customEmailAddress": validation.text(),
}
TEAM_MEMBER = {"teamMemberId": validation.integer(required=True, null=True)}
LEAD_MAILBOX = {
    "email_account_id": validation.integer(required=True),
    "email_campaign_id": validation.integer(required=True),
    "email_lead_id": validation.integer(required=True),
    "override_lead_email_account": validation.flag(),
}


def campaigns_of_lead(call: Call) -> Answer:
    """A bare array; a lead that the key does not see is in no campaign."""
    root = call.numbers[0] // people.LEADS_PER_CAMPAIGN
    account = call.account.campaigns
    nearby = [number for number, one in account.items() if number == root or one.parent_campaign_id == root]
    found = [
        {"id": one.id, "status": one.status, "name": one.name}
        for one in call.world.visible(call.key, nearby)
        if people.place_of(call.world, one, call.numbers[0]) is not None
    ]
    return in_json(found)


def create_subsequence(call: Call) -> Answer:
    body = check(call.body(), SUBSEQUENCE)
    parent = _campaign(call, body["parent_campaign_id"])
    world, now = call.world, call.world.now()
    name = body.get("subsequence_name") or f"{parent.name} - subsequence"
    made = Campaign(world.new_id(), name, parent.account, parent.client_id, "DRAFTED", now, now, parent.id)
    made.settings["condition_events"] = body.get("condition_events", [])
    world.add_campaign(made)
    # Two sources, two answers.
    if made.id % 2:
        return in_json({"success": True, "subsequence_id": made.id})
    return in_json({"ok": True, "id": made.id, "name": made.name, "parent_campaign_id": parent.id})


def _campaign(call: Call, number: int) -> Campaign:
    call.numbers = [number]
    return call.known_campaign()


def _place(call: Call, campaign: Campaign, number: int) -> int:
    place = people.place_of(call.world, campaign, number)
    if place is None:
        # A domain error as a server error.
        raise refuse({"message": "Invalid lead id"}, 500)
    return place


def _check_mailbox(call: Call, number: int) -> None:
    box = call.account.mailboxes.get(number)
    if box is None or not call.key.sees(box.client_id):
        raise refuse({"error": f"Email account id - {number} not allowed. Permission Error."}, 400)


def send_test_email(call: Call) -> Answer:
    """Counts the email and sends nothing."""
    body = check(call.body(), TEST_EMAIL)
    campaign = call.known_campaign()
    _place(call, campaign, body["leadId"])
    if all(step.number != body["sequenceNumber"] for step in campaign.steps):
        raise refuse({"error": f"Sequence not found - Invalid sequenceNumber {body['sequenceNumber']}"}, 400)
    if "selectedEmailAccountId" in body:
        _check_mailbox(call, body["selectedEmailAccountId"])
    elif not campaign.mailbox_ids:
        raise refuse({"error": "No email account is attached to the campaign."}, 400)
    campaign.test_emails += 1
    return in_json({"success": True, "message": "Test email sent successfully"})


def set_team_member(call: Call) -> Answer:
    member = check(call.body(), TEAM_MEMBER)["teamMemberId"]
    campaign = call.known_campaign()
    if member is not None and member not in call.account.team:
        raise refuse({"error": "Team member not found - Invalid teamMemberId."}, 404)
    campaign.team_member_id = member
    return in_json({"success": True})


def set_lead_mailbox(call: Call) -> Answer:
    body = check(call.body(), LEAD_MAILBOX)
    campaign = _campaign(call, body["email_campaign_id"])
    lead, number = body["email_lead_id"], body["email_account_id"]
    _place(call, campaign, lead)
    _check_mailbox(call, number)
    if campaign.lead_mailboxes.get(lead, number) != number and not body.get("override_lead_email_account", False):
        raise refuse({"error": "Lead already has an email account assigned."}, 400)
    campaign.lead_mailboxes[lead] = number
    return in_json({"success": True})
