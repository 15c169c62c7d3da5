"""The look of a client's portal: colours that can be read in both themes, whatever colour the client has."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.models import Branding, Client

USUAL_COLOUR = "#0b5f96"
READABLE = 4.5  # WCAG 2.2 AA for text
STEPS = 100

Rgb = tuple[int, int, int]
WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)
# The surfaces of static/css/quarterdeck.css that text in the brand's colour stands on.
LIGHT_SURFACES: tuple[Rgb, ...] = (WHITE, (0xF5, 0xF6, 0xF7))
DARK_SURFACES: tuple[Rgb, ...] = ((0x16, 0x1B, 0x22), (0x10, 0x14, 0x1A))
DARK_INK: Rgb = (0x0B, 0x0E, 0x12)


def rgb(colour: str) -> Rgb:
    """The parts of "#rrggbb"; ValueError for anything else."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"{colour!r} is no colour.")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def written(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    """`one` with that share (0 to 1) of `other` in it."""
    r, g, b = (round(a + (z - a) * share) for a, z in zip(one, other, strict=True))
    return r, g, b


def luminance(colour: Rgb) -> float:
    parts = [part / 255 for part in colour]
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: Rgb, other: Rgb) -> float:
    """From 1 to 21, as WCAG defines it."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _readable(colour: Rgb, towards: Rgb, surfaces: Callable[[Rgb], tuple[Rgb, ...]]) -> Rgb:
    """The colour, or the nearest one on the way `towards` black or white that can be read on all its surfaces."""
    for step in range(STEPS + 1):
        tried = mixed(colour, towards, step / STEPS)
        if all(contrast(tried, surface) >= READABLE for surface in surfaces(tried)):
            return tried
    return towards


@dataclass(frozen=True)
class Shades:
    """One theme's colours: `brand` for text and buttons, `on_brand` on it, `strong` under the pointer, and paler ones."""

    brand: Rgb
    on_brand: Rgb
    strong: Rgb
    soft: Rgb
    line: Rgb
    fill: Rgb
    asked: Rgb

    @property
    def was_changed(self) -> bool:
        return self.brand != self.asked


def soft_of(colour: Rgb, sheet: Rgb) -> Rgb:
    return mixed(sheet, colour, 0.08)


def light(colour: str) -> Shades:
    asked, sheet = rgb(colour), WHITE
    brand = _readable(asked, BLACK, lambda tried: (*LIGHT_SURFACES, soft_of(tried, sheet)))
    return Shades(
        brand, WHITE, mixed(brand, BLACK, 0.25), soft_of(brand, sheet), mixed(sheet, brand, 0.28), mixed(sheet, brand, 0.24),
        asked,
    )  # fmt: skip


def dark(colour: str) -> Shades:
    asked, sheet = rgb(colour), DARK_SURFACES[1]
    brand = _readable(asked, WHITE, lambda tried: (*DARK_SURFACES, soft_of(tried, sheet)))
    return Shades(
        brand, DARK_INK, mixed(brand, WHITE, 0.25), soft_of(brand, sheet), mixed(sheet, brand, 0.35), mixed(sheet, brand, 0.35),
        asked,
    )  # fmt: skip


TOKENS = {
    "--qd-brand": "brand",
    "--qd-on-brand": "on_brand",
    "--qd-accent": "brand",
    "--qd-accent-2": "strong",
    "--qd-accent-soft": "soft",
    "--qd-accent-line": "line",
    "--qd-data-1": "brand",
    "--qd-data-bar": "brand",
    "--qd-data-fill": "fill",
}


def stylesheet(colour: str) -> str:
    """The tokens of the portal for a client's colour; anything that is no colour is our own one."""
    try:
        rgb(colour)
    except ValueError:
        colour = USUAL_COLOUR
    day, night = light(colour), dark(colour)
    pairs = (
        f"{token}:light-dark({written(getattr(day, name))},{written(getattr(night, name))})"
        for token, name in TOKENS.items()
    )
    return f".qd-portal{{{';'.join(pairs)}}}\n"


@dataclass(frozen=True)
class Portal:
    """What stands at the top of every page of a client's portal."""

    name: str
    initials: str
    stylesheet_url: str
    logo_url: str

    @classmethod
    def of(cls, client: Client) -> "Portal":
        """Without a query for a client that was read with its branding."""
        branding: Any = getattr(client, "branding", None) or Branding()
        return cls(
            branding.name or client.name,
            client.initials,
            f"{reverse('portal:stylesheet', args=[client.slug])}?{branding.colour.strip('#') or 'usual'}",
            f"{reverse('portal:logo', args=[client.slug])}?{branding.logo.name[-16:-4]}" if branding.logo else "",
        )
