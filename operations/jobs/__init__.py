"""Long work that a person starts: jobs of many items, carried out by workers, resumed after anything that may happen to these."""
