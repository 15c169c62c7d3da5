"""The people of a campaign, made up from its number and their place in it whenever somebody asks."""

from functools import cache
from typing import NamedTuple

from .model import Campaign
from .world import World

LEADS_PER_CAMPAIGN = 1_000_000
MAP_OFFSET = 1_000_000_000_000_000
"""Memberships have other ids than people, as at the provider."""

FIRST = (
    "Ann", "Jürgen", "Chloë", "Mateusz", "Siobhán", "Omar", "Priya", "Søren", "Beatriz", "Yuki", "Noor", "Dimitri",
    "Grace", "Łukasz", "Amélie", "Tom", "Ingrid", "Kwame", "Mei", "Rosa",
)  # fmt: skip
LAST = (
    "Lee", "Müller", "O'Connor", "Nowak", "García", "Haddad", "Sharma", "Sørensen", "Almeida", "Tanaka", "de Vries",
    "Petrov", "Okafor", "Wiśniewski", "Durand", "Baker", "Lindgren", "Mensah", "Chen", "Rossi", "Novák", "Smith",
    "van der Berg",
)  # fmt: skip
COMPANY = (
    "Northwind", "Brückner & Sohn", "Axon Labs", "Delphi Freight", "Quayside", "Hollis, Grant & Co", "Verdant",
    "Stahlwerk Süd", "Pinecrest", "Orbital", "Marlowe", "Tessera", "Lumen",
)  # fmt: skip
PLACES = ("Berlin", "London", "Rotterdam", "Austin, TX", "København", "Lyon", "Kraków")
INDUSTRIES = ("logistics", "software", "retail", "manufacturing", "health care")
ROLES = ("Head of Operations", "CEO", "VP Sales", "Plant manager", "Buyer")
PLAIN = str.maketrans("üëáøÜéłńśŁŚí", "ueaoUelnsLSi")


class Person(NamedTuple):
    id: int
    first_name: str
    last_name: str
    email: str
    phone: str | None
    company: str
    website: str
    location: str
    linkedin: str
    custom_fields: dict[str, str]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def root_of(world: World, campaign: Campaign) -> Campaign:
    """Sub-sequences write to people of their parent."""
    parent = world.campaigns.get(campaign.parent_campaign_id or 0)
    return campaign if parent is None else parent


def lead_id(world: World, campaign: Campaign, place: int) -> int:
    """Ids go far beyond 31 bits."""
    return root_of(world, campaign).id * LEADS_PER_CAMPAIGN + place + 1


def place_of(world: World, campaign: Campaign, number: int) -> int | None:
    """The place of a person in a campaign; None if the campaign does not have that person."""
    place = number - 1 - root_of(world, campaign).id * LEADS_PER_CAMPAIGN
    return place if 0 <= place < campaign.leads else None


@cache
def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower().translate(PLAIN) if letter.isalnum())


def person(world: World, campaign: Campaign, place: int) -> Person:
    root = root_of(world, campaign).id
    mixed = place * 7 + root
    first, last = FIRST[mixed % len(FIRST)], LAST[mixed * 3 % len(LAST)]
    company = COMPANY[mixed * 5 % len(COMPANY)]
    domain = f"{_plain(company)}-{root}.example"
    local = f"{_plain(first)}.{_plain(last)}"
    where = PLACES[mixed % len(PLACES)]
    fields = {"industry": INDUSTRIES[mixed % len(INDUSTRIES)], "role": ROLES[mixed * 2 % len(ROLES)]}
    return Person(
        id=root * LEADS_PER_CAMPAIGN + place + 1,
        first_name=first,
        last_name=last,
        email=f"{local}.{place + 1}@{domain}",
        phone=f"+49 30 555{place % 10_000:04d}" if place % 4 else None,
        company=company,
        website=f"https://www.{domain}",
        location=f"Dock {place % 9 + 1}\n{where}" if place % 23 == 0 else where,
        linkedin=f"https://linkedin.example/in/{local}-{place + 1}",
        custom_fields={} if place % 11 == 0 else fields,
    )
