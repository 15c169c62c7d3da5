"""Who may do what: one row per route, one status per kind of person. A route without a row fails the tests.

The kinds are those of `KINDS`. What a route is about belongs to client A unless the row says otherwise; "other" people are those
of client B. Rows use the named answers below, so that a new kind of person is a matter of this page's first lines.
"""

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.core.files.base import ContentFile

from accounts.middleware import OWN_ACCOUNT
from accounts.services.branding import Look, change_branding, logo_from
from campaigns.bulk.dry_run import dry_run
from campaigns.models import Campaign
from operations import audit
from operations.registry import bulk_actions
from tests.fixtures_people import KINDS, LOOKING, MACHINE, TwoClients

METHODS = ("GET", "POST")
LOGIN = 302
WAYS_BACK = {"portal:leave", "account_logout"}
SMALL_PNG = b64decode(  # one transparent pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


class Statuses(NamedTuple):
    """One for each kind of person, but for who looks as somebody else and for machines: theirs follow (see `expected`)."""

    anonymous: int
    deactivated: int
    client_login: int
    other_client_login: int
    analyst: int
    other_analyst: int
    manager: int
    other_manager: int
    without_clients: int
    admin: int


STATUS_OF = [name.replace("_", " ") for name in Statuses._fields]
assert [*STATUS_OF, LOOKING, MACHINE] == [*KINDS]


def everybody(status: int) -> Statuses:
    return Statuses(*[status] * len(Statuses._fields))


def signed_in(status: int, *, nobody: int = LOGIN) -> Statuses:
    """The same for all who are signed in, client logins among them: pages of one's own account."""
    return everybody(status)._replace(anonymous=nobody, deactivated=nobody)


def staff(
    manager: int,
    *,
    analyst: int | None = None,
    other: int | None = None,
    without: int | None = None,
    admin: int | None = None,
    nobody: int = LOGIN,
) -> Statuses:
    """A page of the agency: not there for client logins, whoever they belong to. What is left out is as for the manager of A;
    what is said about `other` holds for the analyst of B, too, and for the manager without clients.
    """
    analyst = manager if analyst is None else analyst
    others = manager if other is None else other
    return Statuses(
        anonymous=nobody,
        deactivated=nobody,
        client_login=404,
        other_client_login=404,
        analyst=analyst,
        other_analyst=analyst if other is None else other,
        manager=manager,
        other_manager=others,
        without_clients=others if without is None else without,
        admin=manager if admin is None else admin,
    )


OPEN = everybody(200)
NOT_THERE = everybody(404)
OPEN_NO_POST = everybody(405)
OWN = signed_in(200)
OWN_DONE = signed_in(302)
OWN_NOT_THERE = signed_in(404)
OWN_NO_POST = signed_in(405)
PAGE = staff(200)
OF_A = staff(200, other=404)
OF_BOTH = staff(200, without=404)
NO_POST = staff(405)
# What whoever may change things does: a form and what it sends, without a page of its own (DEED) or about something of A.
FORM = staff(200, analyst=403)
FORM_OF_A = staff(200, analyst=403, other=404)
DEED = staff(302, analyst=403)
DEED_ON_A = staff(302, analyst=403, other=404)
DEED_ON_A_BY_ANYBODY = staff(302, other=404)
DEED_SHOWN = staff(200, analyst=403)
DEED_SHOWN_ON_A = staff(200, analyst=403, other=404)
ADMIN_PAGE = staff(403, admin=200)
ADMIN_DEED = staff(403, admin=302)
ADMIN_DEED_SHOWN = staff(403, admin=200)
NO_ADMIN_POST = staff(403, admin=405)  # a method that is not there, at an address for admins
ADMIN_PAGE_OF_A = staff(403, other=404, admin=200)
ADMIN_DEED_ON_A = staff(403, other=404, admin=302)
ADMIN_DEED_ON_BOTH = staff(403, without=404, admin=302)
PORTAL_PAGE = staff(404)._replace(client_login=200, other_client_login=200)
PORTAL_NO_POST = staff(405)._replace(client_login=405, other_client_login=405)
PORTAL_PART_OF_A = OF_A._replace(client_login=200)  # what a portal is made of: for its people, and whoever works for A
NOT_VIEWING = signed_in(403)  # the way back, for somebody who looks as nobody else
SITE_PAGE = staff(302, admin=200)
SITE_NO_POST = staff(302, admin=405)
SITE_FORBIDDEN = staff(302, admin=403)
SITE_DEED = staff(302)
SITE_NOT_THERE = staff(302, admin=404)
DOOR = signed_in(302, nobody=200)  # in front of the sign-in; who is signed in already is sent on
NOBODYS = staff(404)  # a thing of client A that is not there
NOBODYS_DEED = staff(404, analyst=403, other=404)


@dataclass(frozen=True)
class Row:
    """`args` and `data` of the POST are made from the fixture. `open_to_all`: a redirect is not one to the sign-in page."""

    get: Statuses
    post: Statuses
    args: Callable[[TwoClients], list[Any]] = lambda world: []
    data: Callable[[TwoClients], Mapping[str, Any]] = lambda world: {}
    open_to_all: bool = False
    get_writes: bool = False


def campaign_a(world: TwoClients) -> list[Any]:
    return [world.campaign_a.pk]


def own_a(world: TwoClients) -> list[Any]:
    return [world.own_a.pk]


def slug_a(world: TwoClients) -> list[Any]:
    return [world.a.slug]


def slug_a_with_logo(world: TwoClients) -> list[Any]:
    """Client A, whose portal has a logo."""
    look = Look("", "", logo_from(ContentFile(SMALL_PNG), len(SMALL_PNG)))
    change_branding(world.a, look, audit.Actor.on_page(world.people["admin"]), datetime.now(UTC))
    return slug_a(world)


def the_analyst(world: TwoClients) -> list[Any]:
    return [world.people["analyst"].pk]


def job_a(world: TwoClients) -> list[Any]:
    return [world.job_a.pk]


def tagging_a(world: TwoClients) -> Mapping[str, Any]:
    """What the page of the dry run sends to start a job about a campaign of A."""
    campaigns = Campaign.objects.filter(pk=world.campaign_a.pk)
    plan = dry_run(bulk_actions["tag"], campaigns, {"tags": ["Q4"]}, world.people["admin"])
    return {"campaign": world.campaign_a.pk, "options": "1", "tags": "Q4", "seen": plan.digest, "go": "all"}


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
    "healthz": Row(OPEN, OPEN_NO_POST, open_to_all=True),
    "readyz": Row(everybody(503), OPEN_NO_POST, open_to_all=True),
    "home": Row(everybody(302), everybody(302)),
    "portal:home": Row(PORTAL_PAGE, PORTAL_NO_POST),
    "portal:stylesheet": Row(PORTAL_PART_OF_A, PORTAL_NO_POST, slug_a),
    "portal:logo": Row(PORTAL_PART_OF_A, PORTAL_NO_POST, slug_a_with_logo),
    "portal:preview": Row(OF_A, NO_POST, slug_a),
    "portal:view_as": Row(NO_POST, DEED_ON_A, data=lambda world: {"user_pk": world.people["client login"].pk}),
    "portal:leave": Row(PORTAL_NO_POST, NOT_VIEWING),
    # campaigns, analytics
    "campaigns:list": Row(PAGE, NO_POST),
    "campaigns:create": Row(FORM, DEED_SHOWN, data=lambda world: {"name": "New", "place": f"{world.own_a.pk}:"}),
    "campaigns:bulk": Row(FORM, DEED_ON_A, lambda world: ["tag"], tagging_a),
    "campaigns:making": Row(OF_A, NO_POST, lambda world: [world.making_a.pk]),
    "campaigns:standing": Row(DEED_ON_A_BY_ANYBODY, NO_POST, campaign_a),
    "campaigns:start": Row(FORM_OF_A, DEED_ON_A, campaign_a),
    "campaigns:pause": Row(NO_POST, DEED_ON_A, campaign_a),
    "campaigns:stop": Row(FORM_OF_A, DEED_SHOWN_ON_A, campaign_a),
    "campaigns:rename": Row(FORM_OF_A, DEED_SHOWN_ON_A, campaign_a),
    "campaigns:duplicate": Row(FORM_OF_A, DEED_SHOWN_ON_A, campaign_a),
    "campaigns:archive": Row(NO_POST, DEED_ON_A, campaign_a, lambda world: {"archive": "yes"}),
    "campaigns:delete": Row(FORM_OF_A, DEED_SHOWN_ON_A, campaign_a),
    "campaigns:mailboxes": Row(OF_A, NO_POST, campaign_a),
    "campaigns:attach_mailboxes": Row(FORM_OF_A, NO_POST, campaign_a),
    "campaigns:change_mailboxes": Row(NO_POST, DEED_SHOWN_ON_A, campaign_a, lambda world: {"do": "detach"}),
    "campaigns:sequence": Row(OF_A, DEED_ON_A, campaign_a, lambda world: {"do": "keep"}),
    "campaigns:sequence_frame": Row(PAGE, NO_POST),
    "campaigns:sequence_preview": Row(OF_A, NO_POST, campaign_a),
    "campaigns:sequence_check": Row(NO_POST, DEED_SHOWN_ON_A, campaign_a),
    "campaigns:sequence_part": Row(NO_POST, DEED_SHOWN_ON_A, campaign_a),
    "campaigns:sequence_draft": Row(NO_POST, DEED_SHOWN_ON_A, campaign_a),
    "campaigns:sequence_discard": Row(NO_POST, DEED_ON_A, campaign_a),
    "campaigns:sequence_save": Row(NOBODYS, NO_POST, lambda world: [world.campaign_a.pk, 1]),
    "campaigns:sequence_test": Row(FORM_OF_A, DEED_SHOWN_ON_A, campaign_a, lambda world: {"lead_id": ""}),
    "campaigns:sequence_versions": Row(OF_A, NO_POST, campaign_a),
    "campaigns:sequence_restore": Row(NO_POST, NOBODYS_DEED, lambda world: [world.campaign_a.pk, 1]),
    "campaigns:schedule": Row(OF_A, DEED_SHOWN_ON_A, campaign_a, lambda world: {"days": "1"}),
    "campaigns:pace": Row(OF_A, NO_POST, campaign_a),
    "campaigns:settings": Row(OF_A, DEED_SHOWN_ON_A, campaign_a, lambda world: {"client_id": "agency"}),
    "campaigns:activity": Row(OF_A, NO_POST, campaign_a),
    "campaigns:client_mailboxes": Row(OF_A, NO_POST, slug_a),
    "analytics:clients": Row(PAGE, NO_POST),
    "analytics:client": Row(OF_A, NO_POST, slug_a),
    "analytics:campaign_overview": Row(OF_A, NO_POST, lambda world: [world.campaign_a.pk]),
    "analytics:step_numbers": Row(OF_A, NO_POST, lambda world: [world.campaign_a.pk, 1]),
    # operations
    "operations:search": Row(PAGE, NO_POST),
    "operations:activity": Row(PAGE, NO_POST),
    "operations:audit": Row(PAGE, NO_POST),
    "operations:audit_export": Row(PAGE, NO_POST, get_writes=True),  # who took it along is in the trail
    "operations:audit_entry": Row(OF_A, NO_POST, lambda world: [world.entry_a.pk]),
    "operations:calls": Row(PAGE, NO_POST),
    "operations:run": Row(OF_A, NO_POST, lambda world: [world.run_a.pk]),
    "operations:key": Row(OF_A, NO_POST, own_a),
    "operations:changes": Row(PAGE, NO_POST),
    "operations:change": Row(OF_A, NO_POST, lambda world: [world.write_a.pk]),
    "operations:jobs": Row(PAGE, NO_POST),
    "operations:job": Row(OF_A, NO_POST, job_a),
    "operations:cancel_job": Row(NO_POST, DEED_ON_A, job_a),
    "operations:go_on_with_job": Row(NO_POST, DEED_ON_A, job_a),
    "operations:retry_job": Row(NO_POST, DEED_ON_A, job_a),
    "operations:undo_job": Row(NO_POST, DEED_ON_A, job_a),
    "operations:stop_changes": Row(ADMIN_PAGE, ADMIN_DEED, data=lambda world: {"stop": "yes"}),
    "operations:coverage": Row(PAGE, NO_POST),
    # accounts
    "accounts:connections": Row(PAGE, NO_POST),
    "accounts:add_connection": Row(
        ADMIN_PAGE,
        ADMIN_DEED,
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
    "accounts:branding": Row(FORM_OF_A, DEED_ON_A, slug_a, lambda world: {"name": "Alder", "colour": "#9a3412"}),
    "accounts:add_client": Row(
        ADMIN_PAGE, ADMIN_DEED, data=lambda world: {"name": "Cedar", "place": "there", "remote": world.remote_nobody.pk}
    ),
    "accounts:edit_client": Row(
        ADMIN_PAGE_OF_A,
        ADMIN_DEED_ON_A,
        slug_a,
        lambda world: {"name": "Alder & Sons", "owner": world.people["manager"].pk},
    ),
    "accounts:place_client": Row(
        ADMIN_PAGE_OF_A, ADMIN_DEED_ON_A, slug_a, lambda world: {"place": "there", "remote": world.remote_nobody.pk}
    ),
    "accounts:client_people": Row(OF_A, NO_POST, slug_a),
    "accounts:client_connections": Row(OF_A, NO_POST, slug_a),
    "accounts:client_activity": Row(OF_A, NO_POST, slug_a),
    "accounts:people": Row(ADMIN_PAGE, NO_ADMIN_POST),
    "accounts:invite": Row(
        ADMIN_PAGE,
        ADMIN_DEED,
        data=lambda world: {
            "email": "new@agency.example",
            "name": "Nils New",
            "role": "analyst",
            "clients": [world.a.pk],
        },
    ),
    "accounts:sign_in_rules": Row(NO_ADMIN_POST, ADMIN_DEED, data=lambda world: {"require": "yes"}),
    "accounts:person": Row(
        ADMIN_PAGE, ADMIN_DEED, the_analyst, lambda world: {"role": "manager", "clients": [world.a.pk]}
    ),
    "accounts:resend": Row(NO_ADMIN_POST, ADMIN_DEED, the_analyst),
    "accounts:withdraw": Row(NO_ADMIN_POST, ADMIN_DEED, the_analyst),
    "accounts:deactivate": Row(NO_ADMIN_POST, ADMIN_DEED, the_analyst),
    "accounts:reactivate": Row(NO_ADMIN_POST, ADMIN_DEED, the_analyst),
    "accounts:forget_second_factor": Row(NO_ADMIN_POST, ADMIN_DEED, the_analyst),
    "accounts:invitation": Row(NOT_THERE, NOT_THERE, lambda world: ["no-such-link"], open_to_all=True),
    "accounts:outbox": Row(staff(403, admin=404), NO_ADMIN_POST._replace(admin=405)),
    "accounts:setup": Row(NOT_THERE, NOT_THERE, lambda world: ["no-such-link"], open_to_all=True),
    # django-allauth
    "account_login": Row(DOOR, DOOR, open_to_all=True),
    "account_logout": Row(OWN, everybody(302), open_to_all=True),
    "account_inactive": Row(OPEN, OPEN_NO_POST, open_to_all=True),
    "account_signup": Row(DOOR, DOOR, open_to_all=True),
    "account_reauthenticate": Row(OWN, OWN),
    "account_email": Row(OWN, everybody(302), get_writes=True),  # allauth notes the address when it is first looked at
    "account_email_verification_sent": Row(OPEN, OPEN_NO_POST, open_to_all=True),
    "account_change_password": Row(OWN, OWN),
    "account_set_password": Row(everybody(302), everybody(302)),
    "account_reset_password": Row(OPEN, OPEN, open_to_all=True),
    "account_confirm_login_code": Row(everybody(302), everybody(302), open_to_all=True),
    "account_confirm_email": Row(OPEN, NOT_THERE, lambda world: ["nothing"], open_to_all=True),
    "account_reset_password_from_key": Row(OPEN, OPEN, lambda world: ["1", "nothing"], open_to_all=True),
    "account_reset_password_from_key_done": Row(OPEN, OPEN_NO_POST, open_to_all=True),
    "account_reset_password_done": Row(OPEN, OPEN_NO_POST, open_to_all=True),
    "usersessions_list": Row(
        OWN, OWN_DONE, get_writes=True
    ),  # allauth forgets sessions that are over when it lists them
    # Where the password is asked for again first, that page is what everybody is sent to.
    "mfa_index": Row(OWN, OWN_NO_POST),
    "mfa_authenticate": Row(everybody(302), everybody(302), open_to_all=True),
    "mfa_reauthenticate": Row(OWN_DONE, OWN_DONE),
    "mfa_activate_totp": Row(OWN_DONE, OWN_DONE),
    "mfa_deactivate_totp": Row(OWN_NOT_THERE, OWN_NOT_THERE),
    "mfa_view_recovery_codes": Row(OWN_NOT_THERE, OWN_NO_POST),
    "mfa_generate_recovery_codes": Row(OWN_DONE, OWN_DONE),
    "mfa_download_recovery_codes": Row(OWN_NOT_THERE, OWN_NOT_THERE),
    "mfa_list_webauthn": Row(OWN, OWN_NO_POST),
    "mfa_add_webauthn": Row(OWN_DONE, OWN_DONE),
    "mfa_reauthenticate_webauthn": Row(OWN_DONE, OWN_DONE),
    "mfa_remove_webauthn": Row(OWN_DONE, OWN_DONE, lambda world: [1]),
    "mfa_edit_webauthn": Row(OWN_DONE, OWN_DONE, lambda world: [1]),
    "mfa_login_webauthn": Row(everybody(302), everybody(302), open_to_all=True),
    # Django's admin
    "admin:index": Row(SITE_PAGE, SITE_PAGE),
    "admin:login": Row(signed_in(403)._replace(admin=302), signed_in(403)._replace(admin=200), open_to_all=True),
    "admin:logout": Row(SITE_NO_POST, SITE_PAGE),
    "admin:password_change": Row(SITE_PAGE, SITE_PAGE),
    "admin:password_change_done": Row(SITE_PAGE, SITE_NO_POST),
    "admin:autocomplete": Row(SITE_FORBIDDEN, SITE_NO_POST),
    "admin:jsi18n": Row(SITE_PAGE, SITE_NO_POST),
    "admin:view_on_site": Row(SITE_NOT_THERE, SITE_NOT_THERE, lambda world: [999, 1]),
    "admin:app_list": Row(SITE_PAGE, SITE_PAGE, lambda world: ["accounts"]),
    "admin:auth_user_password_change": Row(SITE_PAGE, SITE_PAGE, lambda world: [world.people["manager"].pk]),
    "admin/(?P<url>.*)$": Row(SITE_NOT_THERE, SITE_NOT_THERE, lambda world: ["nothing/here"]),
    **_admin_model("accounts", "user", lambda world: world.people["manager"].pk, add=True, delete=True),
    **_admin_model("accounts", "client", lambda world: world.a.pk, add=True, delete=True),
    **_admin_model("accounts", "connection", lambda world: world.own_a.pk, add=False, delete=False),
    **_admin_model(
        "accounts", "remoteclient", lambda world: world.remote_a.pk, add=False, delete=False, empty_post=SITE_DEED
    ),
    **_admin_model(
        "campaigns", "campaign", lambda world: world.campaign_a.pk, add=False, delete=False, empty_post=SITE_DEED
    ),
    **_admin_model(
        "operations", "job", lambda world: world.job_a.pk, add=False, delete=False, empty_post=SITE_FORBIDDEN
    ),
    **_admin_model(
        "operations",
        "jobitem",
        lambda world: world.job_a.items.get().pk,
        add=False,
        delete=False,
        empty_post=SITE_FORBIDDEN,
    ),
}


def expected(route: str, method: str, kind: str) -> int:
    """Whoever looks as a client login of A sees what they see, but for their account; and sends nothing but the way back.
    A machine is nobody.
    """
    row = ROUTES[route]
    answers = row.get if method == "GET" else row.post
    if kind == MACHINE:
        return answers.anonymous
    if kind != LOOKING:
        return answers[STATUS_OF.index(kind)]
    if route in OWN_ACCOUNT:
        return 404
    if method == "POST" and (row.open_to_all or answers.client_login != 404):
        return 302 if route in WAYS_BACK else 403
    return answers.client_login
