"""A client whose campaigns and keys are still here cannot be deleted in the Django admin, and the page says what to do."""

from accounts.models import Client, RemoteClient
from tests.fixtures_people import TwoClients


def test_a_client_with_keys_remote_clients_or_campaigns_stays(two_clients: TwoClients) -> None:
    browser = two_clients.browser("admin")
    address = f"/admin/accounts/client/{two_clients.a.pk}/delete/"
    for shown in (browser.get(address).content.decode(), browser.post(address, {"post": "yes"}).content.decode()):
        assert "Alder Analytics can’t be deleted" in shown
        assert "1 connection of their own" in shown
        assert "1 client at a provider" in shown
        assert "2 campaigns" in shown
        assert "Disable" in shown
        assert "Yes, I’m sure" not in shown
    assert Client.objects.filter(pk=two_clients.a.pk).exists()


def test_a_mapped_remote_client_alone_is_enough(two_clients: TwoClients) -> None:
    client = Client.objects.create(name="Quiet", slug="quiet")
    RemoteClient.objects.filter(pk=two_clients.remote_nobody.pk).update(client=client)
    two_clients.browser("admin").post(f"/admin/accounts/client/{client.pk}/delete/", {"post": "yes"})
    two_clients.remote_nobody.refresh_from_db()
    assert two_clients.remote_nobody.client == client


def test_nor_can_several_be_deleted_at_once(two_clients: TwoClients) -> None:
    empty = Client.objects.create(name="Empty", slug="empty")
    form = {"action": "delete_selected", "_selected_action": [two_clients.a.pk, empty.pk], "post": "yes"}
    shown = two_clients.browser("admin").post("/admin/accounts/client/", form).content.decode()
    assert "Alder Analytics can’t be deleted" in shown
    assert Client.objects.filter(pk__in=[two_clients.a.pk, empty.pk]).count() == 2


def test_a_client_with_nothing_can_be_deleted(two_clients: TwoClients) -> None:
    empty = Client.objects.create(name="Empty", slug="empty")
    two_clients.browser("admin").post(f"/admin/accounts/client/{empty.pk}/delete/", {"post": "yes"})
    assert not Client.objects.filter(pk=empty.pk).exists()
