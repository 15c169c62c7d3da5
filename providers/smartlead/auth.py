"""The key of Smartlead: a query parameter of every request, added here and nowhere else (smartlead-api 1.2)."""

from collections.abc import Generator

import httpx

from providers.secret import SecretText


class KeyInQuery(httpx.Auth):
    """Adds `api_key` to a request as it leaves, so that no URL that we build or keep carries it."""

    def __init__(self, key: SecretText) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        # A new request: the one that was passed in stands in the local variables of frames that an error page may show.
        yield httpx.Request(
            request.method,
            request.url.copy_merge_params({"api_key": self._key.reveal()}),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
