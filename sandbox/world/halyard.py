"""The demo agency "Halyard Outbound" by name and number. Figures are those of a usual November."""

from typing import NamedTuple

AGENCY_KEY = "sandbox-agency-halyard-main-f3a9"
CINDER_KEY = "sandbox-client-cinder-08bc"
KESTREL_KEY = "sandbox-client-kestrel-d41e"
SOLWAY_KEY = "sandbox-client-solway-77c2"

UNMAPPED_CLIENT = "Nørgaard & Søn"
LAGGING_CAMPAIGN = 1849244
"""The one whose totals leave out some replies that its days show."""
TEXT_TRACKING_CAMPAIGN = 1848850
"""The one whose `track_settings` is a string."""


class ClientPlan(NamedTuple):
    id: int
    name: str
    account: str
    mailboxes: int
    timezone: str
    domain_names: str

    @property
    def email(self) -> str:
        return f"office@{self.name.split()[0].lower().replace('ø', 'o')}.example"

    @property
    def domains(self) -> list[str]:
        return self.domain_names.split()


CLIENTS = (
    ClientPlan(301, "Arbor Analytics", "halyard", 18, "UTC", "tryarbor.io arbor-data.co"),
    ClientPlan(302, "Brightwater HR", "halyard", 14, "Europe/London", "brightwaterhr.co gobrightwater.com"),
    ClientPlan(303, "Cinder Security", "cinder", 20, "America/New_York", "cinder-sec.com trycinder.co"),
    ClientPlan(304, "Ferro Logistics", "halyard", 18, "Europe/Berlin", "getferro.co ferro-fracht.de ferro-freight.com"),
    ClientPlan(305, "Juno Talent", "halyard", 17, "Europe/Berlin", "junotalent.io hirejuno.co"),
    ClientPlan(306, "Kestrel Payments", "kestrel", 12, "Europe/London", "kestrelpay.co kestrel-pay.com"),
    ClientPlan(307, "Larkfield Health", "halyard", 16, "America/Chicago", "larkfield-health.com larkfieldcare.com"),
    ClientPlan(308, "Mossgate Robotics", "halyard", 16, "Europe/Berlin", "mossgate.io mossgate-robotics.com"),
    ClientPlan(309, "Solway Energy", "solway", 14, "Europe/London", "solway.energy solway-uk.co"),
    ClientPlan(310, "Tidemark Legal", "halyard", 18, "Europe/London", "tidemark.legal tidemark-law.com"),
    ClientPlan(340, UNMAPPED_CLIENT, "halyard", 2, "Europe/Copenhagen", "norgaard-soen.dk"),
)  # fmt: skip


class Plan(NamedTuple):
    id: int
    name: str
    client_id: int | None
    status: str
    leads: int
    contacted: int
    tags: str
    sent: int
    """in the last 30 days"""
    reply_percent: float
    """people who replied of people contacted"""
    positive: int
    bounce_percent: float
    parent: int | None = None


CAMPAIGNS = (
    Plan(1848726, "Heads of product · Series B · Q4", 301, "ACTIVE", 3727, 2116, "Q4,ICP-1", 3123, 5.3, 33, 1.4),
    Plan(1848734, "Growth leads · PLG SaaS", 301, "ACTIVE", 3379, 1857, "ICP-2", 2283, 4.8, 20, 1.6),
    Plan(1848743, "RevOps · 200–1,000 staff", 301, "ACTIVE", 2887, 1898, "ICP-1", 2173, 5.1, 18, 1.3),
    Plan(1848753, "Churned trials · win-back", 301, "PAUSED", 642, 367, "Win-back", 580, 6.0, 7, 1.0),
    Plan(1848772, "Data leaders · Nordics", 301, "DRAFTED", 0, 0, "Nordics", 0, 0, 0, 0),
    Plan(1848782, "HR directors · UK mid-market", 302, "ACTIVE", 3699, 2532, "Q4,UK", 2912, 3.7, 21, 0.8),
    Plan(1848792, "People ops · Ireland", 302, "ACTIVE", 1452, 727, "IE", 1385, 3.4, 6, 0.9),
    Plan(1848795, "Payroll leads · 50–200 staff", 302, "PAUSED", 983, 557, "UK", 803, 4.4, 5, 0.7),
    Plan(1848807, "Webinar follow-up · October", 302, "COMPLETED", 581, 581, "Event", 691, 3.9, 6, 1.2),
    Plan(1848812, "CISOs · Series C+ · US", 303, "ACTIVE", 4032, 2399, "Q4,ICP-1", 3073, 5.3, 24, 1.7),
    Plan(1848815, "Security managers · Fintech", 303, "ACTIVE", 2508, 1461, "ICP-2", 2215, 5.5, 16, 1.7),
    Plan(1848834, "SOC 2 readiness · Seed–A", 303, "ACTIVE", 1926, 1225, "Q4", 1821, 1.2, 3, 1.4),
    Plan(1848850, "Black Hat attendees", 303, "COMPLETED", 431, 431, "Event", 558, 4.9, 5, 1.4),
    Plan(1849203, "Freight directors · DACH · Q4", 304, "ACTIVE", 6400, 4000, "Q4,DACH", 3184, 5.6, 34, 1.1),
    Plan(1849218, "Warehouse managers · Benelux", 304, "ACTIVE", 1806, 1079, "Benelux", 2124, 5.6, 13, 0.8),
    Plan(1849235, "Supply chain VPs · Nordics", 304, "ACTIVE", 2117, 1324, "Nordics", 1647, 6.2, 14, 1.6),
    Plan(1849238, "3PL founders · UK", 304, "PAUSED", 1076, 466, "UK", 840, 4.9, 7, 0.8),
    Plan(1849244, "CTOs hiring now · Berlin", 305, "ACTIVE", 2080, 1308, "Hiring,DACH", 2017, 6.0, 17, 1.4),
    Plan(1849258, "Talent leads · Series A", 305, "ACTIVE", 2614, 1846, "Hiring", 1923, 4.1, 12, 1.5),
    Plan(1849262, "Engineering VPs · London", 305, "ACTIVE", 2225, 1464, "UK", 1751, 5.1, 14, 1.4),
    Plan(1849280, "Contract roles · Agencies", 305, "PAUSED", 456, 284, "UK", 492, 4.4, 4, 1.2),
    Plan(1849299, "Fintech CFOs · UK", 306, "ACTIVE", 1315, 1231, "Q4,UK", 2387, 4.7, 16, 0.8),
    Plan(1849305, "Marketplace founders · EU", 306, "ACTIVE", 1841, 1047, "EU", 1907, 5.4, 14, 1.3),
    Plan(1849312, "Payments managers · Retail", 306, "PAUSED", 1018, 498, "Retail", 682, 5.1, 5, 1.5),
    Plan(1849326, "Subscription boxes · win-back", 306, "COMPLETED", 351, 351, "Win-back", 496, 3.4, 3, 1.4),
    Plan(1849344, "Practice managers · Midwest", 307, "ACTIVE", 3730, 2252, "Q4,US", 2767, 3.6, 12, 4.1),
    Plan(1849359, "Clinic owners · Texas", 307, "ACTIVE", 3320, 1745, "US", 2150, 5.5, 20, 1.4),
    Plan(1849365, "Dental groups · 5+ sites", 307, "ACTIVE", 2258, 1121, "US,ICP-2", 1613, 4.4, 9, 1.1),
    Plan(1849372, "Billing leads · California", 307, "DRAFTED", 0, 0, "US", 0, 0, 0, 0),
    Plan(1849390, "Plant managers · Automotive", 308, "ACTIVE", 3113, 1613, "Q4", 2388, 5.4, 19, 0.8),
    Plan(1849404, "Automation engineers · DACH", 308, "ACTIVE", 2113, 1199, "DACH", 1564, 3.8, 8, 0.7),
    Plan(1849416, "Ops directors · Food & bev", 308, "ACTIVE", 1943, 1193, "ICP-2", 1441, 3.3, 8, 0.7),
    Plan(1849426, "Trade show · SPS Nuremberg", 308, "DRAFTED", 0, 0, "Event,DACH", 0, 0, 0, 0),
    Plan(1849430, "Integrator partners", 308, "STOPPED", 401, 401, "Partner", 513, 3.3, 3, 0.6),
    Plan(1849438, "Facilities heads · UK estates", 309, "ACTIVE", 2295, 1539, "UK", 1569, 3.7, 10, 1.2),
    Plan(1849454, "Sustainability leads · FTSE 350", 309, "ACTIVE", 1526, 879, "Q4,UK", 1404, 4.7, 15, 1.3),
    Plan(1849456, "Council procurement", 309, "COMPLETED", 378, 378, "UK", 605, 4.2, 4, 1.0),
    Plan(1849468, "GCs · Scale-ups", 310, "ACTIVE", 2636, 1430, "Q4,ICP-1", 1929, 6.0, 21, 0.9),
    Plan(1849480, "Employment law · HR heads", 310, "ACTIVE", 1777, 944, "UK", 1682, 3.8, 10, 1.0),
    Plan(1849482, "Property developers · South East", 310, "COMPLETED", 462, 462, "UK", 685, 5.3, 6, 1.8),
    Plan(1849498, "Founders · pre-Series A", 310, "DRAFTED", 0, 0, "ICP-2", 0, 0, 0, 0),
    # Sub-sequences, shown under their parent and never counted twice.
    Plan(1849211, "Freight directors · opened, no reply", 304, "ACTIVE", 320, 180, "", 310, 4.0, 3, 0.5, 1849203),
    Plan(1849361, "Clinic owners · Texas · nurture", 307, "PAUSED", 140, 90, "", 120, 5.0, 1, 0.4, 1849359),
    # What nobody at the agency has mapped: a remote client and the agency's own campaign, with awkward names.
    Plan(1849520, "Überblick für Geschäftsführer · Køge 🚀", 340, "ACTIVE", 900, 400, "DACH", 610, 4.4, 4, 1.2),
    Plan(1849527, "حملة العملاء · الرياض", 340, "PAUSED", 300, 160, "", 240, 3.8, 1, 1.6),
    Plan(1848701, "O'Brien & Søn · pilot", 340, "ARCHIVED", 210, 210, "", 90, 3.0, 1, 1.0),
    Plan(1849533, "Halyard's own <b>new business</b>", None, "ACTIVE", 700, 350, "Partner", 520, 5.0, 5, 1.1),
)  # fmt: skip

TAG_COLORS = {
    "Q4": "#2196F3", "DACH": "#FCB1D0", "ICP-1": "#8BC34A", "ICP-2": "#CDDC39", "Win-back": "#FF9800",
    "Nordics": "#00BCD4", "UK": "#3F51B5", "IE": "#4CAF50", "Event": "#9C27B0", "Benelux": "#FF5722",
    "Hiring": "#795548", "EU": "#607D8B", "Retail": "#E91E63", "US": "#F44336", "Partner": "#009688",
}  # fmt: skip

FIRST_NAMES = (
    "jonas", "lena", "m.koch", "sven", "anna", "dana", "reception", "care", "tom", "ines", "zoë", "paul", "mira",
    "hugo", "carla", "nils", "olga", "ben", "ruth", "emil",
)  # fmt: skip
DISCONNECTED = {"jonas@getferro.co", "lena@getferro.co", "m.koch@getferro.co"}

SUBJECTS = (
    "Empty legs on the Brenner run",
    "{{first_name}}, a question about {{company_name}}",
    "Close the file?",
)
OPENING = (
    "<p>{Hi|Hello|Hey} {{first_name}},</p><p>Most {{industry}} teams we see lose a day a week to this. "
    "Worth a look for {{company_name}}?</p><p>Best,<br>%s</p>"
)
FOLLOW_UP = "<p>{{first_name}}, did this reach you? Happy to send figures for {{company_name}}.</p><p>%s</p>"
