"""Smartlead's REST API as live servers answer it, with the dialect of its guides as a switch."""
