"""Steps and variants: what is shown of each, and what is said where the provider does not tell."""

import re
from datetime import timedelta
from typing import Any

import pytest

from analytics.models import StepNumbers
from analytics.steps_table import SAMPLES, Figures, steps_table
from campaigns.models import Campaign, Step, Variant
from tests.analytics.test_campaign_page import TODAY, page, text
from tests.support.agency import Agency, browser_of, now
from tests.support.query_counts import recorded_queries

KEYS = ("sent", "replied", "positive", "bounced")


def figures(step: int, variant: int | None, *counters: int) -> dict[str, Any]:
    return {"step": step, "variant": variant} | dict(zip(KEYS, counters, strict=True))


def tell(campaign: Campaign, *rows: dict[str, Any], days: int = 60) -> None:
    StepNumbers.objects.update_or_create(
        campaign=campaign,
        defaults={"start": TODAY - timedelta(days=days + 1), "end": TODAY, "rows": list(rows), "synced_at": now()},
    )


@pytest.fixture
def campaign(agency: Agency) -> Campaign:
    """Three steps: two texts, two texts, one text."""
    campaign = agency.campaign("Freight", client=agency.north, numbers={"sent": 9000}, steps_synced_at=now())
    for number, subjects in enumerate((("Empty legs", "Return trips"), ("", ""), ("Close the file?",)), start=1):
        step = Step.objects.create(
            campaign=campaign, remote_id=number * 10, number=number, delay_minutes=(number - 1) * 3 * Step.MINUTES_A_DAY
        )
        for place, subject in enumerate(subjects):
            Variant.objects.create(
                step=step,
                remote_id=number * 10 + place + 1,
                position=place,
                label="AB"[place],
                subject=subject,
                body="x",
            )
    return campaign


def rows_of(response: Any) -> list[str]:
    table = re.search(r'id="steps".*?</table>', response.content.decode(), re.S)
    assert table is not None
    return [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in re.findall(r"<tr.*?</tr>", table[0], re.S)
    ]


BY_VARIANT = (
    figures(10, 11, 2403, 62, 21, 61),
    figures(10, 12, 2397, 84, 46, 58),
    figures(20, 21, 1806, 26, 11, 5),
    figures(20, 22, 1804, 17, 6, 4),
    figures(30, 31, 720, 11, 4, 2),
)
BY_STEP = (figures(10, None, 4800, 146, 67, 119), figures(20, None, 3610, 43, 17, 9), figures(30, None, 580, 11, 4, 2))


def test_each_variant_has_its_figures_per_email_and_the_better_one_is_named(agency: Agency, campaign: Campaign) -> None:
    tell(campaign, *BY_VARIANT)
    _, one, other, _, second, last, total = rows_of(page(agency.nora, campaign))
    assert one == "Step 1 Day 0 A Empty legs 2,403 62 2.6% 21 0.9% 61 B is better 1.9% against 0.9%, p = 0.002"
    assert other == "B Return trips 2,397 84 3.5% 46 1.9% 58"
    assert second == "B Re: (same thread) 1,804 17 0.9% 6 0.3% 4"
    assert last == "Step 3 +6 days A Close the file? 720 11 1.5% 4 0.6% 2 One variant"
    assert total == "All steps 9,130 200 2.2% 88 1.0% 130 Rates here are per email sent"


def test_before_the_fixed_sample_is_reached_there_is_progress_and_no_verdict(
    agency: Agency, campaign: Campaign
) -> None:
    tell(campaign, *BY_VARIANT)
    row = rows_of(page(agency.nora, campaign))[3]
    missing = SAMPLES["positive"] - 1804
    assert f"No difference yet needs {missing:,} more each; 2,319 are enough to see positive replies double" in row


def test_all_replies_are_judged_by_a_sample_of_their_own(agency: Agency, campaign: Campaign) -> None:
    tell(campaign, *BY_VARIANT)
    response = page(agency.nora, campaign, "?by=all&days=7&measure=bounce")
    assert rows_of(response)[1].endswith("No difference 3.5% against 2.6%, p = 0.06")
    again = page(agency.nora, campaign, "?by=all", **{"HX-Request": "true", "HX-Target": "steps"})
    assert again.content.decode().strip().startswith('<section class="qd-panel mt-3" id="steps"')
    assert 'id="numbers"' not in again.content.decode()


def test_figures_per_step_stand_once_and_say_why_variants_cannot_be_compared(
    agency: Agency, campaign: Campaign
) -> None:
    tell(campaign, *BY_STEP)
    response = page(agency.nora, campaign)
    _, one, other, _, _, last, total = rows_of(response)
    assert one == "Step 1 Day 0 A Empty legs 4,800 146 3.0% 67 1.4% 119 Not told by variant"
    assert other == "B Return trips"
    assert last == "Step 3 +6 days A Close the file? 580 11 1.9% 4 0.7% 2 One variant"
    assert total.startswith("All steps 8,990 200")
    assert "Smartlead tells these figures per step and not per variant" in text(response)
    assert "no longer in the sequence" not in text(response)


def test_emails_of_steps_that_were_replaced_are_told(agency: Agency, campaign: Campaign) -> None:
    tell(campaign, BY_STEP[0])
    assert "4,200 more emails were sent by steps that are no longer in the sequence" in text(
        page(agency.nora, campaign)
    )


def test_figures_of_a_part_of_the_time_say_since_when(agency: Agency, campaign: Campaign) -> None:
    tell(campaign, *BY_STEP, days=28)
    said = text(page(agency.nora, campaign))
    assert "Steps and variants Since" in said
    assert "no longer in the sequence" not in said


@pytest.mark.parametrize(
    ("sent", "learned", "said"),
    [
        (9000, {}, "Figures of steps arrive with the next sync."),
        (0, {}, "Nothing sent yet: figures appear with the first emails."),
        (9000, {"sync": {"no_step_numbers": True}}, "Smartlead does not tell what each step did, at this server."),
    ],
)
def test_what_is_not_told_says_why(agency: Agency, campaign: Campaign, sent: int, learned: Any, said: str) -> None:
    agency.shared.learned = learned
    agency.shared.save()
    campaign.numbers.sent = sent
    campaign.numbers.save()
    response = page(agency.nora, campaign)
    assert said in text(response)
    assert "Empty legs" in text(response)


def test_a_campaign_without_steps_says_whether_they_were_read(agency: Agency, campaign: Campaign) -> None:
    campaign.steps.all().delete()
    assert "No steps yet" in text(page(agency.nora, campaign))
    Campaign.objects.update(steps_synced_at=None)
    assert "Steps have not been read yet" in text(page(agency.nora, campaign))


def test_the_panel_of_a_step_shows_that_step_alone(agency: Agency, campaign: Campaign) -> None:
    tell(campaign, *BY_VARIANT)
    browser = browser_of(agency.nora)
    with recorded_queries("figures of a step"):
        said = text(browser.get(f"/campaigns/{campaign.pk}/steps/1/numbers/"))
    assert "How step 1 does so far" in said
    assert "A 2,403 2.6% 0.9%" in said
    assert "B is better" in said
    assert "1,806" not in said
    assert "has no step 9 in this campaign yet" in text(browser.get(f"/campaigns/{campaign.pk}/steps/9/numbers/"))


def test_whatever_the_provider_leaves_out_is_a_dash_and_not_a_zero(campaign: Campaign) -> None:
    tell(campaign, {"step": 30, "variant": None, "sent": 10, "replied": None})
    table = steps_table(campaign, "positive")
    assert table.lines[0].figures == Figures()
    assert (table.lines[2].figures.replied, table.lines[2].figures.reply_rate.percent) == (None, None)
    assert (table.total.sent, table.total.positive) == (10, None)
