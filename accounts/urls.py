"""Addresses of this room."""

from django.urls import path

from accounts.views import connections, setup

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
    # /setup/
    path("setup/<str:token>/", setup.first_admin, name="setup"),
]
