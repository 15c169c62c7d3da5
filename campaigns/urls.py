"""Addresses of this room. /campaigns/<number>/ is served by analytics, which draws the numbers of one campaign."""

from django.urls import path

from campaigns.views import (
    activity,
    bulk,
    client_mailboxes,
    lifecycle,
    listing,
    mailboxes,
    making,
    schedule,
    sequence,
    sequence_frames,
    sequence_parts,
    sequence_test,
    sequence_versions,
    settings,
)

app_name = "campaigns"

urlpatterns = [
    path("clients/<slug:slug>/mailboxes/", client_mailboxes.client_mailboxes, name="client_mailboxes"),
    path("campaigns/", listing.campaign_list, name="list"),
    path("campaigns/bulk/<slug:action>/", bulk.bulk, name="bulk"),
    path("campaigns/new/", making.create, name="create"),
    path("campaigns/made/<int:pk>/", making.making, name="making"),
    path("campaigns/<int:pk>/standing/", lifecycle.standing, name="standing"),
    path("campaigns/<int:pk>/start/", lifecycle.start, name="start"),
    path("campaigns/<int:pk>/pause/", lifecycle.pause, name="pause"),
    path("campaigns/<int:pk>/stop/", lifecycle.stop, name="stop"),
    path("campaigns/<int:pk>/rename/", lifecycle.rename, name="rename"),
    path("campaigns/<int:pk>/duplicate/", making.duplicate, name="duplicate"),
    path("campaigns/<int:pk>/archive/", lifecycle.archive, name="archive"),
    path("campaigns/<int:pk>/delete/", lifecycle.delete, name="delete"),
    path("campaigns/sequence/frame/", sequence_frames.editor_frame, name="sequence_frame"),
    path("campaigns/<int:pk>/sequence/", sequence.sequence, name="sequence"),
    path("campaigns/<int:pk>/sequence/discard/", sequence.discard, name="sequence_discard"),
    path("campaigns/<int:pk>/sequence/draft/", sequence_parts.draft, name="sequence_draft"),
    path("campaigns/<int:pk>/sequence/check/", sequence_parts.check, name="sequence_check"),
    path("campaigns/<int:pk>/sequence/part/", sequence_parts.part, name="sequence_part"),
    path("campaigns/<int:pk>/sequence/save/<int:number>/", sequence_parts.save, name="sequence_save"),
    path("campaigns/<int:pk>/sequence/preview/", sequence_frames.preview, name="sequence_preview"),
    path("campaigns/<int:pk>/sequence/test/", sequence_test.send_test, name="sequence_test"),
    path("campaigns/<int:pk>/sequence/versions/", sequence_versions.versions, name="sequence_versions"),
    path(
        "campaigns/<int:pk>/sequence/versions/<int:number>/restore/",
        sequence_versions.restore_version,
        name="sequence_restore",
    ),
    path("campaigns/<int:pk>/schedule/", schedule.schedule, name="schedule"),
    path("campaigns/<int:pk>/schedule/pace/", schedule.pace, name="pace"),
    path("campaigns/<int:pk>/settings/", settings.settings, name="settings"),
    path("campaigns/<int:pk>/mailboxes/", mailboxes.mailboxes, name="mailboxes"),
    path("campaigns/<int:pk>/mailboxes/attach/", mailboxes.attach_list, name="attach_mailboxes"),
    path("campaigns/<int:pk>/mailboxes/change/", mailboxes.change, name="change_mailboxes"),
    path("campaigns/<int:pk>/activity/", activity.activity, name="activity"),
]
