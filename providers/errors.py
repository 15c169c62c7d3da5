"""What can go wrong at a provider, named by what the caller can do about it.

ProviderError ├── AuthRejected         the key is wrong, revoked or without API access: stop, ask the agency for a new
one ├── Forbidden            the key works, but not for this: another client's object, or a plan without the feature
├── NotFound             the object is gone at the provider (404, or 200 with nothing in it) ├── RequestRefused
it says our input or the object's state is wrong: show its message; nothing was changed ├── RateLimited          too
many calls: come back after `retry_after` seconds; nothing was changed ├── LaneBusy             our own lane has no
free slot within the caller's patience; nothing was sent ├── ProviderUnavailable  it cannot be reached or fails by
itself (connection refused, 5xx): try again later; nothing was changed ├── BlockedByEdge        a firewall in front of
the provider refused us (HTML 403, Cloudflare 1010): an admin must look ├── UnknownOutcome       a write was sent and
the answer was lost: read back before doing anything else └── UnexpectedResponse   the answer has no documented form
(HTML, truncated JSON): report, keep the old data
"""


class ProviderError(Exception):
    """Base of the family. `str()` is plain text fit for a person; it never contains a key or a full URL."""

    def __init__(self, message: str = "", *, status: int | None = None, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code


class AuthRejected(ProviderError):
    """The key is wrong, revoked, or its plan has no API access."""


class Forbidden(ProviderError):
    """The key is good but may not see or change this object."""


class NotFound(ProviderError):
    """No such object at the provider."""


class RequestRefused(ProviderError):
    """The provider refused the request; `message` is its reason, `field` the offending field where it tells."""

    def __init__(self, message: str = "", *, status: int | None = None, code: str = "", field: str = "") -> None:
        super().__init__(message, status=status, code=code)
        self.field = field


NO_ROUTE = "no_route"
"""Code of a RequestRefused that says: this server has no such call at all, whatever is asked of it."""


class RateLimited(ProviderError):
    """The provider's limit was hit; `retry_after` is in seconds, None where it does not say."""

    def __init__(
        self, message: str = "", *, status: int | None = 429, code: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message, status=status, code=code)
        self.retry_after = retry_after


class LaneBusy(ProviderError):
    """The next slot of the lane is `wait` seconds away, further than the caller's patience. Nothing was sent."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"The next free slot is {wait:.1f} s away.")
        self.wait = wait

    def __reduce__(self) -> tuple[type["LaneBusy"], tuple[float]]:
        # An exception is pickled by its args, and these hold the sentence, not the number.
        return (LaneBusy, (self.wait,))


class ProviderUnavailable(ProviderError):
    """Not reachable, timing out on a read, or failing by itself."""


class BlockedByEdge(ProviderError):
    """A firewall in front of the provider refused the request."""


class UnknownOutcome(ProviderError):
    """A write left, and its answer never came."""


class UnexpectedResponse(ProviderError):
    """The answer is not of the documented form."""
