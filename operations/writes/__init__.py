"""Changes at a provider: asked for as rows, carried out through the lane, and verified by reading back."""
