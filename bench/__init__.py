"""Measurements of what the product promises about speed and limits. Everything stays on loopback and ends by itself."""
