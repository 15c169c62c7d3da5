"""Smartlead. One file per topic, each a set of functions that build calls; `Smartlead` is the neutral port over them.

Sections named in docstrings are those of the API reference that the product is built from.
"""

from providers.smartlead.port import Smartlead

__all__ = ["Smartlead"]
