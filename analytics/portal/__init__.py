"""What a client sees of their own campaigns: no other client, no key, no name of a provider."""
