"""The pages of this room that one can go to by name."""

from operations.registry import search_places
from operations.searching import Place

search_places.add("clients", Place("Clients", "analytics:clients", "building", "customers health numbers"), order=200)
