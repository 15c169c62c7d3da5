"""A client of the sandbox with its provider, as a connection has them."""

from collections.abc import Iterator
from contextlib import contextmanager

from providers.calls import Exchange
from providers.client import Client
from providers.drafts import StepDraft, VariantDraft
from providers.secret import SecretText
from providers.smartlead import Smartlead
from tests.support.sandbox import Sandbox


class Desk:
    """A client with its provider, as a connection has them."""

    def __init__(self, sandbox: Sandbox, key: str, read_timeout: float) -> None:
        self.exchanges: list[Exchange] = []
        self.smartlead = Smartlead()
        self.client = Client(
            self.smartlead,
            SecretText(key),
            base_url=sandbox.base_url,
            on_exchange=self.exchanges.append,
            sleep=lambda seconds: None,
            read_timeout=read_timeout,
        )
        self.send = self.client.send


@contextmanager
def opened(sandbox: Sandbox, key: str, read_timeout: float = 5.0) -> Iterator[Desk]:
    desk = Desk(sandbox, key, read_timeout)
    with desk.client:
        yield desk


STEPS = [
    StepDraft(
        1,
        0,
        (
            VariantDraft("Hi {{first_name}}", "<p>A · ü</p>", "A", share=70),
            VariantDraft("Ho", "<p>B</p>", "B", share=30),
        ),
    ),
    StepDraft(2, 3, (VariantDraft("", "<p>Again</p>"),)),
]


def make_draft(desk: Desk, name: str = "Fresh") -> int:
    return desk.send(desk.smartlead.create_campaign(name, client_id=304)).id
