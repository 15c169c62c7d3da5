"""Who may do what: one row per route, one status per kind of person. A route without a row fails the tests.

The order of the statuses is that of `KINDS`: nobody signed in, somebody deactivated, the manager of client A, the manager of
client B, a manager without clients, an agency admin. What a route is about belongs to client A unless the row says otherwise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fixtures_people import KINDS, TwoClients

Statuses = tuple[int, int, int, int, int, int]

LOGIN = 302
PAGE: Statuses = (LOGIN, LOGIN, 200, 200, 200, 200)
OPEN: Statuses = (200, 200, 200, 200, 200, 200)
OF_A: Statuses = (LOGIN, LOGIN, 200, 404, 404, 200)
OF_BOTH: Statuses = (LOGIN, LOGIN, 200, 200, 404, 200)
NO_POST: Statuses = (LOGIN, LOGIN, 405, 405, 405, 405)
ADMIN_PAGE: Statuses = (LOGIN, LOGIN, 403, 403, 403, 200)
ADMIN_PAGE_OF_A: Statuses = (LOGIN, LOGIN, 403, 404, 404, 200)
ADMIN_DEED_ON_A: Statuses = (LOGIN, LOGIN, 403, 404, 404, 302)
ADMIN_DEED_ON_BOTH: Statuses = (LOGIN, LOGIN, 403, 403, 404, 302)
SITE_PAGE: Statuses = (LOGIN, LOGIN, 302, 302, 302, 200)
SITE_NO_POST: Statuses = (LOGIN, LOGIN, 302, 302, 302, 405)
SITE_FORBIDDEN: Statuses = (LOGIN, LOGIN, 302, 302, 302, 403)
SITE_DEED: Statuses = (LOGIN, LOGIN, 302, 302, 302, 302)


@dataclass(frozen=True)
class Row:
    """`args` and `data` of the POST are made from the fixture. `open_to_all`: a redirect is not one to the sign-in page."""

    get: Statuses
    post: Statuses
    args: Callable[[TwoClients], list[Any]] = lambda world: []
    data: Callable[[TwoClients], Mapping[str, Any]] = lambda world: {}
    open_to_all: bool = False
    get_writes: bool = False


def own_a(world: TwoClients) -> list[Any]:
    return [world.own_a.pk]


def _admin_model(
    app: str, model: str, pk: Callable[[TwoClients], int], *, add: bool, delete: bool, empty_post: Statuses = SITE_PAGE
) -> dict[str, Row]:
    """The rows of one model in the Django admin: agency admins only, everybody else is sent to the sign-in page."""

    def args(world: TwoClients) -> list[Any]:
        return [pk(world)]

    name = f"admin:{app}_{model}"
    return {
        f"{name}_changelist": Row(SITE_PAGE, SITE_PAGE),
        f"{name}_add": Row(SITE_PAGE, SITE_PAGE) if add else Row(SITE_FORBIDDEN, SITE_FORBIDDEN),
        f"{name}_history": Row(SITE_PAGE, SITE_PAGE, args),
        f"{name}_delete": Row(SITE_PAGE, SITE_PAGE, args) if delete else Row(SITE_FORBIDDEN, SITE_FORBIDDEN, args),
        f"{name}_change": Row(SITE_PAGE, empty_post, args),
        f"admin/{app}/{model}/<path:object_id>/": Row(SITE_DEED, SITE_DEED, args),
    }


ROUTES: dict[str, Row] = {
    "healthz": Row(OPEN, (405,) * 6, open_to_all=True),
    "readyz": Row((503,) * 6, (405,) * 6, open_to_all=True),
    "home": Row((302,) * 6, (302,) * 6),
    # campaigns, analytics
    "campaigns:list": Row(PAGE, NO_POST),
    "analytics:campaign_overview": Row(OF_A, NO_POST, lambda world: [world.campaign_a.pk]),
    # operations
    "operations:activity": Row(PAGE, NO_POST),
    "operations:calls": Row(PAGE, NO_POST),
    "operations:run": Row(OF_A, NO_POST, lambda world: [world.run_a.pk]),
    "operations:key": Row(OF_A, NO_POST, own_a),
    "operations:changes": Row(PAGE, NO_POST),
    "operations:change": Row(OF_A, NO_POST, lambda world: [world.write_a.pk]),
    "operations:stop_changes": Row(ADMIN_PAGE, (LOGIN, LOGIN, 403, 403, 403, 302), data=lambda world: {"stop": "yes"}),
    "operations:coverage": Row(PAGE, NO_POST),
    # accounts
    "accounts:connections": Row(PAGE, NO_POST),
    "accounts:add_connection": Row(
        ADMIN_PAGE,
        (LOGIN, LOGIN, 403, 403, 403, 302),
        data=lambda world: {
            "name": "New",
            "provider": "smartlead",
            "base_url": world.own_a.base_url,
            "key": "a-new-key-12345",
        },
    ),
    "accounts:connection": Row(OF_A, NO_POST, own_a),
    "accounts:check_connection": Row(NO_POST, ADMIN_DEED_ON_A, own_a),
    "accounts:sync_connection": Row(NO_POST, ADMIN_DEED_ON_A, own_a),
    "accounts:replace_key": Row(ADMIN_PAGE_OF_A, ADMIN_DEED_ON_A, own_a, lambda world: {"key": "another-key-12345"}),
    "accounts:writes": Row(ADMIN_PAGE_OF_A, ADMIN_DEED_ON_A, own_a, lambda world: {"allow": "yes"}),
    "accounts:enabled": Row(ADMIN_PAGE_OF_A, ADMIN_DEED_ON_A, own_a, lambda world: {"enable": "no"}),
    "accounts:plan": Row(NO_POST, ADMIN_DEED_ON_A, own_a, lambda world: {"plan": "smartlead-pro"}),
    "accounts:forget": Row(NO_POST, ADMIN_DEED_ON_A, own_a, lambda world: {"fact": "lane.windows"}),
    "accounts:map_client": Row(
        NO_POST,
        ADMIN_DEED_ON_BOTH,
        lambda world: [world.shared.pk, world.remote_nobody.pk],
        lambda world: {"client": world.a.pk},
    ),
    "accounts:setup": Row((404,) * 6, (404,) * 6, lambda world: ["no-such-link"], open_to_all=True),
    # django-allauth
    "account_login": Row((200, 200, 302, 302, 302, 302), (200, 200, 302, 302, 302, 302), open_to_all=True),
    "account_logout": Row((302, 302, 200, 200, 200, 200), (302, 302, 302, 302, 302, 302), open_to_all=True),
    "account_inactive": Row(OPEN, (405,) * 6, open_to_all=True),
    "account_signup": Row((200, 200, 302, 302, 302, 302), (200, 200, 302, 302, 302, 302), open_to_all=True),
    "account_reauthenticate": Row(PAGE, PAGE),
    "account_email": Row(PAGE, (302,) * 6, get_writes=True),  # allauth notes the address when it is first looked at
    "account_email_verification_sent": Row(OPEN, (405,) * 6, open_to_all=True),
    "account_change_password": Row(PAGE, PAGE),
    "account_set_password": Row((302,) * 6, (302,) * 6),
    "account_reset_password": Row(OPEN, OPEN, open_to_all=True),
    "account_confirm_login_code": Row((302,) * 6, (302,) * 6, open_to_all=True),
    "account_confirm_email": Row(OPEN, (404,) * 6, lambda world: ["nothing"], open_to_all=True),
    "account_reset_password_from_key": Row(OPEN, OPEN, lambda world: ["1", "nothing"], open_to_all=True),
    "account_reset_password_from_key_done": Row(OPEN, (405,) * 6, open_to_all=True),
    "account_reset_password_done": Row(OPEN, (405,) * 6, open_to_all=True),
    # Django's admin
    "admin:index": Row(SITE_PAGE, SITE_PAGE),
    "admin:login": Row((302, 302, 403, 403, 403, 302), (302, 302, 403, 403, 403, 200), open_to_all=True),
    "admin:logout": Row((302, 302, 302, 302, 302, 405), (302, 302, 302, 302, 302, 200)),
    "admin:password_change": Row(SITE_PAGE, SITE_PAGE),
    "admin:password_change_done": Row(SITE_PAGE, SITE_NO_POST),
    "admin:autocomplete": Row(SITE_FORBIDDEN, SITE_NO_POST),
    "admin:jsi18n": Row(SITE_PAGE, SITE_NO_POST),
    "admin:view_on_site": Row((302, 302, 302, 302, 302, 404), (302, 302, 302, 302, 302, 404), lambda world: [999, 1]),
    "admin:app_list": Row(SITE_PAGE, SITE_PAGE, lambda world: ["accounts"]),
    "admin:auth_user_password_change": Row(SITE_PAGE, SITE_PAGE, lambda world: [world.people["manager"].pk]),
    "admin/(?P<url>.*)$": Row(
        (302, 302, 302, 302, 302, 404), (302, 302, 302, 302, 302, 404), lambda world: ["nothing/here"]
    ),
    **_admin_model("accounts", "user", lambda world: world.people["manager"].pk, add=True, delete=True),
    **_admin_model("accounts", "client", lambda world: world.a.pk, add=True, delete=True),
    **_admin_model("accounts", "connection", lambda world: world.own_a.pk, add=False, delete=False),
    **_admin_model(
        "accounts", "remoteclient", lambda world: world.remote_a.pk, add=False, delete=False, empty_post=SITE_DEED
    ),
}


def expected(row: Row, method: str, kind: str) -> int:
    return (row.get if method == "GET" else row.post)[KINDS.index(kind)]
