"""Show what the rooms have hung into the registries."""

from typing import Any

from django.core.management.base import BaseCommand

from operations.registry import all_registries


class Command(BaseCommand):
    help = "Print what every room has registered, in the order in which it runs."

    def handle(self, *args: Any, **options: Any) -> None:
        for registry in all_registries():
            self.stdout.write(f"{registry.label}")
            entries = list(registry)
            for number, (name, thing) in enumerate(entries, start=1):
                where = thing if isinstance(thing, type) or callable(thing) else type(thing)
                self.stdout.write(f"  {number}. {name:<16} {where.__module__}.{where.__qualname__}")
            if not entries:
                self.stdout.write("  (nothing)")
