"""Clients: the agency's sub-accounts, and the API keys of their own (smartlead-api 3.5)."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from providers.calls import Answer, Call, get
from providers.records import RemoteClient
from providers.smartlead.parsing import Id, Shape, Text, Time, as_object, as_texts, each, list_in, maybe


def permissions(value: Any) -> tuple[str, ...]:
    return as_texts(value) or ()


class PermissionShape(Shape):
    permission: Annotated[tuple[str, ...], BeforeValidator(permissions)] = ()


class ClientShape(Shape):
    id: Id = maybe("id", "clientId")
    name: Text = ""
    email: Text = ""
    created_at: Time = None
    # The misspelling is Smartlead's.
    permitted: Annotated[PermissionShape | None, BeforeValidator(as_object)] = maybe(
        "client_permision", "client_permission"
    )

    def record(self) -> RemoteClient:
        return RemoteClient(
            self.id, self.name, self.email, self.created_at, self.permitted.permission if self.permitted else ()
        )


def clients() -> Call[tuple[RemoteClient, ...]]:
    """Every client of the agency (3.5). A client's own key may get Forbidden, or see itself alone."""

    def parse(answer: Answer) -> tuple[RemoteClient, ...]:
        return each(list_in(answer, "clients"), ClientShape, ClientShape.record)

    return get("/client/", parse)
