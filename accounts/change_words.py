"""How changes of connections, people and clients are told in the audit trail."""

from collections.abc import Callable

from accounts.services.remote_clients import CREATE, CREATE_KEY
from operations.registry import change_words, subject_pages
from operations.telling import ChangeWords, Values

KEYS, PEOPLE, DJANGO_ADMIN = "Connections and keys", "People and clients", "Django admin"
SIGN_INS = "Sign-ins and own accounts"
MODELS = ("user", "client", "connection", "remote client", "person")
NAMES: dict[str, str | None] = {
    "may_write": "Changes allowed",
    "base_url": "Address",
    "with_key": "With a key of its own",
    "key_name": None,
    "beside": "Also",
}
DEEDS = {"add": "Added", "change": "Changed", "delete": "Deleted"}


def _says(text: str) -> Callable[[Values, Values], str]:
    return lambda before, after: text


def _add(kind: str, icon: str, said: dict[str, str]) -> None:
    for action, text in said.items():
        change_words.add(action, ChangeWords(kind, icon, _says(text), names=NAMES))


_add(
    KEYS,
    "key",
    {
        "add connection": "Connection added",
        "replace key": "Key replaced",
        "rotate key": "Key sealed anew",
        "enable connection": "Connection enabled",
        "disable connection": "Connection disabled",
        "allow writes": "Changes allowed",
        "forbid writes": "Connection made read-only",
        "change plan": "Plan changed",
        "forget": "Learned limit forgotten",
    },
)
_add(
    PEOPLE,
    "users",
    {
        "add client": "Client added",
        "change client": "Client changed",
        "make first admin": "First admin made",
        "map remote client": "Remote client mapped",
        "invite person": "Person invited",
        "invite person again": "Invitation sent again",
        "withdraw invitation": "Invitation withdrawn",
        "accept invitation": "Invitation accepted",
        "change access": "Role and clients changed",
        "deactivate person": "Person deactivated",
        "reactivate person": "Person let in again",
        "forget second factor": "Second factor removed",
        "change sign-in rules": "Sign-in rules changed",
        "change branding": "Look of the portal changed",
        "view as client": "Portal opened as this person",
        "stop viewing as client": "Portal left again",
    },
)
for _action, _done, _attempt in (
    (CREATE, "Client made at the provider", "Make the client at the provider"),
    (CREATE_KEY, "Key of the client made", "Make a key of the client"),
):
    change_words.add(_action, ChangeWords(PEOPLE, "users", _says(_done), _says(_attempt), names=NAMES))
_add(
    SIGN_INS,
    "lock",
    {
        "sign in": "Signed in",
        "sign out": "Signed out",
        "refuse sign-in": "Sign-in refused: wrong password",
        "change own password": "Password changed",
        "reset own password": "Password set by a mailed link",
        "change own email": "Address changed",
        "add second factor": "Second factor set up",
        "remove second factor": "Second factor taken away",
        "renew recovery codes": "New recovery codes made",
        "end own sessions": "Signed out elsewhere",
    },
)
_add(
    DJANGO_ADMIN,
    "settings",
    {f"{deed} {model} in admin": f"{text} a {model}" for deed, text in DEEDS.items() for model in MODELS},
)
subject_pages.add("accounts.Connection", "accounts:connection")
