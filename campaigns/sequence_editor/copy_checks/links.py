"""Links: what filters and readers distrust."""

import re
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from campaigns.sequence_editor.copy_checks.findings import Finding, warning
from campaigns.sequence_editor.copy_checks.html_text import Link

MOST = 2
SHORTENERS = frozenset(
    [
        "bit.ly",
        "buff.ly",
        "cutt.ly",
        "goo.gl",
        "is.gd",
        "lnkd.in",
        "ow.ly",
        "rb.gy",
        "rebrand.ly",
        "shorturl.at",
        "t.co",
        "t.ly",
        "tiny.cc",
        "tinyurl.com",
    ]
)
WITHOUT_PAGE = frozenset({"mailto", "tel", "sms"})
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


def check_links(links: Sequence[Link]) -> list[Finding]:
    found = []
    for link in dict.fromkeys(links):
        if problem := _problem(link):
            found.append(problem)
    pages = [link for link in links if _scheme(link.href) not in WITHOUT_PAGE]
    if len(pages) > MOST:
        found.append(warning(f"{len(pages)} links", "More than two in a cold email look like a newsletter to filters."))
    return found


def _scheme(href: str) -> str:
    found = _SCHEME.match(href)
    return found[1].lower() if found else ""


def _problem(link: Link) -> Finding | None:
    href, shown = link.href, link.text or link.href
    if not href or href == "#":
        return warning("A link leads nowhere", f"“{shown or 'An empty link'}” has no address.")
    if href.startswith("{{"):
        return None  # an address from the lead's own data
    scheme = _scheme(href)
    if scheme in WITHOUT_PAGE:
        return None
    if scheme != "https":
        return warning(
            "A link without https", "Mail programs warn of it. Write the address with https://.", code=href[:80]
        )
    try:
        host = (urlsplit(href).hostname or "").lower()
    except ValueError:
        host = ""
    if not host:
        return warning("A link leads nowhere", "Its address has no host.", code=href[:80])
    if _is_ip(host):
        return warning("A link to a bare number", "Filters take addresses without a name for fraud.", code=host)
    if host.removeprefix("www.") in SHORTENERS:
        return warning(
            "A shortened link",
            "Filters block them because they hide where they lead. Use the whole address.",
            code=host,
        )
    return None


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
