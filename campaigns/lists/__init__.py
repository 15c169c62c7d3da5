"""The list of campaigns: what is chosen, which rows that gives, and how they are drawn."""
