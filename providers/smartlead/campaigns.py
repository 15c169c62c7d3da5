"""Campaigns as they are read (smartlead-api 3.1.1, 3.1.2, 3.1.12)."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator

from providers.calls import Answer, Call, get
from providers.records import KeyReport, RemoteCampaign, RemoteName, RemoteSchedule, RemoteSettings, RemoteTag
from providers.smartlead import vocabulary
from providers.smartlead.parsing import (
    Flag,
    Id,
    Int,
    Shape,
    Text,
    Texts,
    Time,
    as_int,
    as_object,
    as_rows,
    each,
    flag,
    list_in,
    maybe,
    needed,
    object_in,
    only,
    read,
)


class TagShape(Shape):
    id: Id = needed("tag_id", "id")
    name: Text = maybe("tag_name", "name", default="")
    color: Text = maybe("tag_color", "color", default="")

    def record(self) -> RemoteTag:
        return RemoteTag(self.id, self.name, self.color)


def tag_rows(value: Any) -> list[Any]:
    """The tags that carry an id; one without can't be filtered by, and is no reason to lose its campaign."""
    return [row for row in as_rows(value) if as_int(row.get("tag_id", row.get("id"))) is not None]


Tags = Annotated[tuple[TagShape, ...], BeforeValidator(tag_rows)]


def weekdays(value: Any) -> tuple[int, ...]:
    return (
        vocabulary.iso_weekdays(day for item in value if (day := as_int(item)) is not None)
        if isinstance(value, list)
        else ()
    )


class ScheduleShape(Shape):
    time_zone: Text = maybe("tz", "timezone", default="")
    days: Annotated[tuple[int, ...], BeforeValidator(weekdays)] = maybe("days", "days_of_the_week", default=())
    start: Text = maybe("startHour", "start_hour", default="")
    end: Text = maybe("endHour", "end_hour", default="")


class CampaignShape(Shape):
    id: Id
    name: Text = ""
    status: Text = ""
    client_id: Int = None
    parent_id: Int = maybe("parent_campaign_id")
    created_at: Time = None
    updated_at: Time = None
    tags: Tags = ()
    # An object, null, or in the oldest samples a JavaScript object as text, which is passed over (1.9).
    schedule: Annotated[ScheduleShape | None, BeforeValidator(as_object)] = maybe("scheduler_cron_value")
    starts_at: Time = maybe("schedule_start_time")
    tracking: Texts = maybe("track_settings")
    stop_rule: Text = maybe("stop_lead_settings", default="")
    plain_text: Flag = maybe("send_as_plain_text")
    follow_up_percentage: Int = None
    unsubscribe_text: Text = ""
    esp_matching: Flag = maybe("enable_ai_esp_matching")
    daily_new_leads: Int = maybe("max_leads_per_day", "max_new_leads_per_day")
    min_gap_minutes: Int = maybe("min_time_btwn_emails", "min_time_btw_emails")

    def record(self) -> RemoteCampaign:
        schedule = self.schedule
        return RemoteCampaign(
            id=self.id,
            name=self.name,
            status=vocabulary.status_of(self.status),
            raw_status=self.status,
            client_id=self.client_id,
            parent_id=self.parent_id,
            created_at=self.created_at,
            updated_at=self.updated_at,
            tags=tuple(tag.record() for tag in self.tags),
            schedule=RemoteSchedule(schedule.time_zone, schedule.days, schedule.start, schedule.end, self.starts_at)
            if schedule
            else None,
            settings=RemoteSettings(
                track_opens=vocabulary.tracks(self.tracking, vocabulary.OPENS_OFF),
                track_clicks=vocabulary.tracks(self.tracking, vocabulary.CLICKS_OFF),
                track_replies=vocabulary.tracks(self.tracking, vocabulary.REPLIES_OFF),
                stop_rule=vocabulary.stop_rule_of(self.stop_rule),
                raw_stop_rule=self.stop_rule,
                plain_text=self.plain_text,
                follow_up_percentage=self.follow_up_percentage,
                unsubscribe_text=self.unsubscribe_text,
                esp_matching=self.esp_matching,
                daily_new_leads=self.daily_new_leads,
                min_gap_minutes=self.min_gap_minutes,
            ),
        )


class NameShape(Shape):
    id: Id = needed("id", "campaign_id", "client_id")
    name: Text = maybe("name", "campaign_name", "client_name", default="")
    status: Text = ""

    def record(self) -> RemoteName:
        return RemoteName(self.id, self.name, self.status)


def read_campaigns(answer: Answer) -> tuple[RemoteCampaign, ...]:
    return each(list_in(answer, "campaigns"), CampaignShape, CampaignShape.record)


def campaigns(*, client_id: int | None = None, include_tags: bool = True) -> Call[tuple[RemoteCampaign, ...]]:
    """Every campaign that the key sees, sub-sequences among them, newest first, in one answer without pages (3.1.1)."""
    query = only(
        client_id=None if client_id is None else str(client_id), include_tags=flag(True) if include_tags else None
    )
    return get("/campaigns/", read_campaigns, query=query)


def campaign(campaign_id: int, *, include_tags: bool = True) -> Call[RemoteCampaign]:
    """One campaign; NotFound where the key sees none of this id, which this API also says with an empty 200 (3.1.2,
    1.7).
    """

    def parse(answer: Answer) -> RemoteCampaign:
        return read(CampaignShape, object_in(answer, "campaign")).record()

    return get(f"/campaigns/{campaign_id:d}", parse, query=only(include_tags=flag(True) if include_tags else None))


def campaigns_of_lead(lead_id: int) -> Call[tuple[RemoteName, ...]]:
    """The campaigns that a person is in, each with its own status (3.1.12)."""

    def parse(answer: Answer) -> tuple[RemoteName, ...]:
        return each(list_in(answer, "campaigns"), NameShape, NameShape.record)

    return get(f"/leads/{lead_id:d}/campaigns", parse)


def check_key() -> Call[KeyReport]:
    """What the key can see. The campaign list proves it: a client's own key may read it, and it tells the clients
    (3.1.1, 1.14).
    """

    def report(found: Sequence[RemoteCampaign]) -> KeyReport:
        clients = frozenset(one.client_id for one in found if one.client_id is not None)
        return KeyReport(
            campaigns=len(found),
            client_ids=clients,
            without_client=sum(one.client_id is None for one in found),
            sub_sequences=sum(one.parent_id is not None for one in found),
        )

    return campaigns(include_tags=False).then(report)
