"""The running product that a bench looks at from outside: the same that the browser tests start."""

from tests.support.product import Product, product

__all__ = ["Product", "product"]
