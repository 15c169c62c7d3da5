"""Which addresses a key may be sent to."""

from urllib.parse import urlsplit

from django.conf import settings


class AddressNotAllowed(ValueError):
    """The base URL is not on the installation's list. `str()` is fit for a form."""


def default_base_url(provider: str) -> str:
    """The address offered for a new connection: the sandbox's in the demo, else the provider's own."""
    if settings.QUARTERDECK_DEMO and settings.QUARTERDECK_SANDBOX_URL:
        return f"{settings.QUARTERDECK_SANDBOX_URL}/{provider}/api/v1"
    return {"smartlead": "https://server.smartlead.ai/api/v1"}[provider]


def checked_base_url(text: str) -> str:
    """`text` as it is stored, without a slash at the end; raises AddressNotAllowed.

    Compared by scheme, host and port, not as text, so that `https://allowed.example@evil.example` does not pass.
    """
    url = text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressNotAllowed("This is not a web address.") from None
    # urlsplit drops line breaks, takes an empty user name or query for none, and leaves %2e%2e as it is: none of these has
    # a place in the address of an API.
    strange = any(sign in "@?#\\%" or sign.isspace() or not sign.isprintable() for sign in url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or strange:
        raise AddressNotAllowed(
            "Give an address such as https://server.smartlead.ai/api/v1, without a key or a user name."
        )
    origin = (parts.scheme, parts.hostname, port)
    for allowed in settings.QUARTERDECK_ALLOWED_BASE_URLS:
        permitted = urlsplit(allowed)
        same_path = parts.path == permitted.path or parts.path.startswith(permitted.path.rstrip("/") + "/")
        if origin == (permitted.scheme, permitted.hostname, permitted.port) and same_path and ".." not in parts.path:
            return url
    raise AddressNotAllowed(
        f"Keys may not be sent to {parts.hostname}. An operator can allow it with QUARTERDECK_ALLOWED_BASE_URLS."
    )
