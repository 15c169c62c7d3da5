"""The sequence editor: what its pages read, check, compare and say. Saving is in `campaigns.services`."""
