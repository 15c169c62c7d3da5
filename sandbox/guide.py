"""The page at `/`: what the sandbox is and how it is steered."""

from .faults import KINDS

_KINDS = "\n".join(f"    {kind:<11} {words}" for kind, words in KINDS.items())

GUIDE = f"""Sandbox: a fake of Smartlead, for demos and tests. State is in memory; nothing real is ever sent.

    base URL    /smartlead/api/v1          every call with ?api_key=...
    keys        sandbox-agency-halyard-main-f3a9   (agency: 7 clients and one that nobody has mapped)
                sandbox-client-cinder-08bc  sandbox-client-kestrel-d41e  sandbox-client-solway-77c2

STEERING: JSON, no key, from this machine only.

GET /_truth[?key=LABEL-OR-KEY][&days=0][&statistics=1[&first=2026-10-22][&last=2026-11-20]]
    The whole world in neutral form, or what one key sees of it. Days without any figure have no row.
    With statistics: figures by step, variant and mailbox, of the whole life or of a range.

GET /_log[?key=LABEL][&after=N][&limit=1000][&path=/analytics][&method=GET][&writes=1][&carried_out=1][&repeated=1]
DELETE /_log
    Every call received, with counters and violations of the rate limit. status 0: no answer was sent.
    repeated: the writes that were carried out more than once. dropped: calls beyond the last 100,000, no longer listed.

GET /_faults      DELETE /_faults      POST /_faults
    [{{"kind": "500", "share": 0.05}}]                                 5 % of all calls
    [{{"kind": "cut_after", "next": 1, "method": "POST"}}]             the next POST is carried out, its answer lost
    [{{"kind": "429", "path": "/campaigns/*", "retry_after": 5}}]      by path below the base, * matches anything
    [{{"kind": "revoked", "key": "cinder"}}]                           one key
    [{{"kind": "down", "seconds": 5}}]                                 the port is closed, connections are refused
    Also: "seconds" (slow, hang), "carried_out": true (a 5xx that took effect), "skip": 2 (two calls pass
    before it strikes). The first rule that strikes wins. Kinds:
{_KINDS}

GET /_clock      POST /_clock
    {{"days": 1}} or {{"hours": 3}} or {{"seconds": 90}} or {{"to": "2026-12-01T09:00:00+00:00"}}      forward only

POST /_change      one change or a list, as somebody would make it in the provider's own interface
    {{"do": "rename", "campaign": 1849203, "name": "New name"}}        {{"do": "delete", "campaign": 1849203}}
    {{"do": "status", "campaign": 1849203, "status": "PAUSED"}}        {{"do": "move", "campaign": 1849203, "client_id": 301}}
    {{"do": "add_campaign", "client_id": 304, "name": "Fresh", "status": "ACTIVE", "leads": 500, "tags": ["Q4"]}}
    {{"do": "add_client", "name": "New client"}}                       {{"do": "rename_client", "client": 304, "name": "F"}}
    {{"do": "delete_client", "client": 304}}                           {{"do": "add_leads", "campaign": 1849203, "count": 100}}
    {{"do": "add_tag", "campaign": 1849203, "name": "VIP"}}            {{"do": "remove_tag", "campaign": 1849203, "name": "Q4"}}
    {{"do": "set", "campaign": 1849203, "fields": {{"totals_lag": 0.05}}}}
    {{"do": "set_day", "campaign": 1849203, "day": "2026-11-03", "figures": {{"bounced": 9}}}}
    {{"do": "edit", "campaign": 1849203, "step": 1, "variant": "A", "subject": "New", "body": "<p>New</p>", "delay_days": 2}}
    {{"do": "set_mailbox", "mailbox": 71160, "fields": {{"connected": false}}}}

GET /_keys      POST /_keys      the last form makes fresh accounts
    {{"revoke": "cinder"}}      {{"restore": "cinder"}}
    {{"add": {{"label": "ferro-only", "account": "halyard", "client_ids": [304]}}}}
    {{"agencies": 20, "campaigns": 30, "clients": 3, "mailboxes": 6, "days": 30, "leads": 5000, "prefix": "bench"}}

GET /_limits      POST /_limits
    {{"windows": [{{"limit": 10, "seconds": 2}}, {{"limit": 50, "seconds": 60, "category": "analytics"}}]}}
    {{"windows": [...], "key": "cinder"}}      {{"headers": true}}      {{"retry_after": false}}      {{"count_refused": true}}
    {{"delay": [0.18, 0.22]}}                  seconds that every answer takes

GET /_dialect      POST /_dialect
    {{"dialect": "guides"}} or {{"dialect": "live"}}, with "key" for one key only

POST /_reset      back to how the process was started
"""
