"""Addresses of this room."""

from django.urls import path

from accounts.views import branding, client_making, clients, connections, invitation, outbox, people, setup

app_name = "accounts"

urlpatterns = [
    # /connections/
    path("connections/", connections.connection_list, name="connections"),
    path("connections/add/", connections.add, name="add_connection"),
    path("connections/<int:pk>/", connections.detail, name="connection"),
    path("connections/<int:pk>/check/", connections.check, name="check_connection"),
    path("connections/<int:pk>/sync/", connections.sync_now, name="sync_connection"),
    path("connections/<int:pk>/key/", connections.replace, name="replace_key"),
    path("connections/<int:pk>/writes/", connections.writes, name="writes"),
    path("connections/<int:pk>/enabled/", connections.enabled, name="enabled"),
    path("connections/<int:pk>/plan/", connections.plan, name="plan"),
    path("connections/<int:pk>/forget/", connections.forget, name="forget"),
    path("connections/<int:pk>/clients/<int:remote_pk>/", connections.map_client, name="map_client"),
    # /clients/
    path("clients/add/", client_making.add_client, name="add_client"),
    path("clients/<slug:slug>/edit/", client_making.edit_client, name="edit_client"),
    path("clients/<slug:slug>/place/", client_making.place_client, name="place_client"),
    path("clients/<slug:slug>/branding/", branding.branding, name="branding"),
    path("clients/<slug:slug>/people/", clients.client_people, name="client_people"),
    path("clients/<slug:slug>/connections/", clients.client_connections, name="client_connections"),
    path("clients/<slug:slug>/activity/", clients.client_activity, name="client_activity"),
    # /people/
    path("people/", people.people_list, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/rules/", people.sign_in_rules, name="sign_in_rules"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/invitation/", people.resend, name="resend"),
    path("people/<int:pk>/withdraw/", people.withdraw, name="withdraw"),
    path("people/<int:pk>/deactivate/", people.deactivate, name="deactivate"),
    path("people/<int:pk>/reactivate/", people.reactivate, name="reactivate"),
    path("people/<int:pk>/forget-second-factor/", people.forget_second_factor, name="forget_second_factor"),
    path("invitation/<str:token>/", invitation.accept_invitation, name="invitation"),
    path("outbox/", outbox.outbox, name="outbox"),
    # /setup/
    path("setup/<str:token>/", setup.first_admin, name="setup"),
]
