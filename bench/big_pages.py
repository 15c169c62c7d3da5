"""What is asked for in the big world. The rows that pages are about are looked up in the database that is joined."""

from typing import Any

import httpx

from bench.pages import Asked


def for_admin(_http: httpx.Client) -> list[Asked]:
    return [*lists(), *campaign_pages(), *client_pages(), *installation_pages()]


def for_manager(_http: httpx.Client) -> list[Asked]:
    """A manager of 20 clients: every query is narrowed to these."""
    from accounts.models import Client

    biggest = Client.objects.get(slug="client-0")
    return [
        Asked("manager: campaigns", "/campaigns/"),
        Asked("manager: campaigns, active, htmx", "/campaigns/?status=active", htmx=True),
        Asked("manager: campaign", f"/campaigns/{running_campaign().pk}/"),
        Asked("manager: clients", "/clients/"),
        Asked("manager: biggest client", f"/clients/{biggest.slug}/"),
        Asked("manager: activity", "/activity/"),
        Asked("manager: changes", "/activity/changes/"),
        Asked("manager: jobs", "/activity/jobs/"),
        Asked("manager: audit", "/activity/audit/"),
    ]


def for_client_login(_http: httpx.Client) -> list[Asked]:
    """Of the client with the most campaigns."""
    return [
        Asked("portal", "/portal/"),
        Asked("portal, 90 days", "/portal/?days=90"),
        Asked("portal, 7 days, htmx", "/portal/?days=7", htmx=True),
    ]


def running_campaign() -> Any:
    """An active one of the biggest client, with sub-sequences."""
    from campaigns.models import Campaign

    found = Campaign.objects.filter(
        client__slug="client-0", status="active", sub_sequences__isnull=False, archived_at=None
    )
    return found.order_by("pk")[0]


def lists() -> list[Asked]:
    return [
        Asked("campaigns", "/campaigns/"),
        Asked("campaigns, last page", "/campaigns/?page=40"),
        Asked("campaigns, by reply rate", "/campaigns/?sort=-reply"),
        Asked("campaigns, by name", "/campaigns/?sort=name"),
        Asked("campaigns, active, htmx", "/campaigns/?status=active", htmx=True),
        Asked("campaigns, searched, htmx", "/campaigns/?q=freight+q3", htmx=True),
        Asked("campaigns, tag, htmx", "/campaigns/?tag=Tag+3&tag=Tag+4", htmx=True),
        Asked(
            "campaigns, three clients, htmx", "/campaigns/?client=client-1&client=client-2&client=client-3", htmx=True
        ),
        Asked("campaigns, archived, htmx", "/campaigns/?show=archived", htmx=True),
        Asked("campaigns, changed?", "/campaigns/?seen=00000000", htmx=True),
        Asked(
            "dry run, all of a client", "/campaigns/bulk/pause/?everything=1&filter=client%3Dclient-2%26status%3Dactive"
        ),
    ]


def campaign_pages() -> list[Asked]:
    campaign = running_campaign()
    here = f"/campaigns/{campaign.pk}/"
    return [
        Asked("campaign, 30 days", here),
        Asked("campaign, 7 days", f"{here}?days=7"),
        Asked("campaign, 90 days", f"{here}?days=90"),
        Asked("campaign, free range", f"{here}?from=2026-01-05&to=2026-10-11"),
        Asked("campaign, bounces, htmx", f"{here}?measure=bounce", htmx=True),
        Asked("figures of a step", f"{here}steps/1/numbers/"),
        Asked("head of a campaign, htmx", f"{here}standing/", htmx=True),
        Asked("sequence", f"{here}sequence/"),
        Asked("versions of a sequence", f"{here}sequence/versions/"),
        Asked("schedule", f"{here}schedule/"),
        Asked("settings", f"{here}settings/"),
        Asked("mailboxes of a campaign", f"{here}mailboxes/"),
        Asked("mailboxes to attach", f"{here}mailboxes/attach/"),
        Asked("activity of a campaign", f"{here}activity/"),
        Asked("question before stopping", f"{here}stop/"),
    ]


def client_pages() -> list[Asked]:
    return [
        Asked("clients", "/clients/"),
        Asked("clients, searched, htmx", "/clients/?q=freight", htmx=True),
        Asked("biggest client", "/clients/client-0/"),
        Asked("biggest client, 90 days", "/clients/client-0/?days=90"),
        Asked("another client", "/clients/client-9/"),
        Asked("mailboxes of a client", "/clients/client-0/mailboxes/"),
        Asked("people of a client", "/clients/client-0/people/"),
        Asked("connections of a client", "/clients/client-9/connections/"),
        Asked("activity of a client", "/clients/client-0/activity/"),
        Asked("branding of a client", "/clients/client-0/branding/"),
        Asked("portal, previewed", "/portal/preview/client-0/"),
    ]


def installation_pages() -> list[Asked]:
    from accounts.models import Connection
    from operations.models import AuditEntry, Job, SyncRun, Write

    key = Connection.objects.filter(client=None).order_by("pk")[0]
    job = Job.objects.order_by("-pk")[0]
    return [
        Asked("connections", "/connections/"),
        Asked("connection", f"/connections/{key.pk}/"),
        Asked("activity", "/activity/"),
        Asked("activity, keys, htmx", "/activity/?part=keys", htmx=True),
        Asked("call log", "/activity/calls/"),
        Asked("call log, errors of a key", f"/activity/calls/?key={key.pk}&status=errors"),
        Asked("call log, 429", "/activity/calls/?status=429"),
        Asked("sync", f"/activity/runs/{SyncRun.objects.order_by('-pk')[0].pk}/"),
        Asked("key health", f"/activity/keys/{key.pk}/"),
        Asked("coverage", "/activity/coverage/"),
        Asked("changes", "/activity/changes/"),
        Asked("changes, failed", "/activity/changes/?state=failed"),
        Asked("change", f"/activity/changes/{Write.objects.order_by('-pk')[0].pk}/"),
        Asked("jobs", "/activity/jobs/"),
        Asked("jobs, with failures", "/activity/jobs/?show=failed"),
        Asked("job", f"/activity/jobs/{job.pk}/"),
        Asked("audit", "/activity/audit/"),
        Asked("audit, of a client", "/activity/audit/?client=client-3"),
        Asked("audit, searched", "/activity/audit/?q=freight"),
        Asked("audit entry", f"/activity/audit/{AuditEntry.objects.order_by('-pk')[0].pk}/"),
        Asked("people", "/people/"),
        Asked("search, htmx", "/search/?q=freight+q3&part=box", htmx=True),
        Asked("search", "/search/?q=freight"),
    ]
