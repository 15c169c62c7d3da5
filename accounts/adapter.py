"""How django-allauth behaves in this product."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """People are created by an agency admin; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
