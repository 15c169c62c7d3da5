"""How fast a schedule sends: its hours in every time zone, the pace they allow, and how both are drawn."""
