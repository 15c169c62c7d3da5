"""A stand-alone fake of the sending platforms over HTTP, for the demo, the tests and the benches.

It imports nothing of the product and the product imports nothing of it: the two meet on a socket only.
"""
