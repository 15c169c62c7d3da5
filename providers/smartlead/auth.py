"""The key of Smartlead: a query parameter of every request, added here and nowhere else (smartlead-api 1.2)."""

from collections.abc import Generator

import httpx

from providers.secret import SecretText


class KeyInQuery(httpx.Auth):
    """Adds `api_key` to a request as it leaves, so that no URL that we build or keep carries it."""

    def __init__(self, key: SecretText) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.url = request.url.copy_merge_params({"api_key": self._key.reveal()})
        yield request
