"""The look of a client's portal: whatever colour and file somebody gives, it can be read, and nothing but a picture is kept."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from accounts.branding import (
    BLACK,
    DARK_SURFACES,
    LIGHT_SURFACES,
    READABLE,
    WHITE,
    Rgb,
    contrast,
    dark,
    light,
    rgb,
    stylesheet,
    written,
)
from accounts.models import Branding
from operations.models import AuditEntry
from tests.fixtures_people import TwoClients

COLOURS = st.tuples(*[st.integers(0, 255)] * 3).map(written)
PAGE = "/clients/alder/branding/"


@given(COLOURS)
def test_text_and_buttons_in_any_colour_can_be_read_in_both_themes(colour: str) -> None:
    for shades, surfaces in ((light(colour), LIGHT_SURFACES), (dark(colour), DARK_SURFACES)):
        for surface in (*surfaces, shades.soft):
            assert contrast(shades.brand, surface) >= READABLE, f"{colour} on {written(surface)}"
        assert contrast(shades.on_brand, shades.brand) >= READABLE
        assert contrast(shades.on_brand, shades.strong) >= READABLE


@given(COLOURS)
def test_a_colour_that_can_be_read_is_left_as_it_is(colour: str) -> None:
    asked = rgb(colour)
    if all(contrast(asked, surface) >= READABLE + 1.5 for surface in LIGHT_SURFACES):
        assert light(colour).brand == asked


@given(st.text(max_size=40))
def test_the_stylesheet_holds_colours_and_nothing_that_somebody_wrote(colour: str) -> None:
    assert set(stylesheet(colour)) <= set(
        "0123456789abcdef.qd-portal{}#:;,()light-dark-on-brand-accent-2-soft-line-data-1-bar-fill\n"
    )


def test_contrast_is_that_of_wcag() -> None:
    assert round(contrast(BLACK, WHITE), 2) == 21
    assert round(contrast(rgb("#767676"), WHITE), 2) == 4.54  # the grey that just passes, as W3C names it
    grey: Rgb = rgb("#777777")
    assert contrast(grey, WHITE) < READABLE


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 40), **options: Any) -> bytes:
    made = io.BytesIO()
    mode = "RGB" if kind == "JPEG" else "RGBA"
    Image.new(mode, size, "#9a3412").save(made, kind, **options)
    return made.getvalue()


def upload(content: bytes, name: str = "logo.png", kind: str = "image/png") -> dict[str, Any]:
    return {"name": "", "colour": "", "logo": SimpleUploadedFile(name, content, kind)}


def enormous_png() -> bytes:
    """A few bytes that say they are 60,000 by 60,000 points."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_and_keeps_nothing_but_its_points(two_clients: TwoClients, media: Path, kind: str) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "<script>alert(1)</script>")
    content = picture(kind, (900, 300), **({"pnginfo": notes} if kind == "PNG" else {}))
    manager = two_clients.browser("manager")
    assert manager.post(PAGE, upload(content + b"<script>alert(2)</script>", "../../evil.html")).status_code == 302
    (stored,) = [path for path in media.rglob("*") if path.is_file()]
    assert stored.suffix == ".png"
    assert stored.parent == media / "logos"
    assert b"script" not in stored.read_bytes()
    served = manager.get("/portal/brand/alder/logo")
    assert served["Content-Type"] == "image/png"
    assert served["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert served["X-Content-Type-Options"] == "nosniff"
    with Image.open(io.BytesIO(b"".join(served.streaming_content))) as shown:  # type: ignore[attr-defined]
        assert max(shown.size) == 320


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (upload(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "l.svg", "image/svg+xml"), "no PNG"),
        (upload(b"<html><script>alert(1)</script></html>"), "no PNG"),
        (upload(picture("GIF")), "no PNG"),
        (upload(picture()[:60]), "no PNG"),
        (upload(b"\0" * (1024 * 1024 + 1)), "larger than 1 MB"),
        (upload(enormous_png()), "larger than 4,000 pixels"),
        (upload(b""), "empty"),
    ],
    ids=["svg with a script", "a page", "gif", "cut off", "too heavy", "bomb", "empty"],
)  # fmt: skip
def test_what_is_no_small_picture_is_refused_and_nothing_is_kept(
    two_clients: TwoClients, media: Path, file: dict[str, Any], told: str
) -> None:
    answer = two_clients.browser("manager").post(PAGE, file | {"name": "Typed meanwhile"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert told in page
    assert "Typed meanwhile" in page
    assert not Branding.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.parametrize("colour", ["red", "#12345", "#zzzzzz", "};body{display:none", "rgb(1,2,3)", "url(//evil)"])
def test_what_is_no_colour_is_refused(two_clients: TwoClients, colour: str) -> None:
    page = two_clients.browser("manager").post(PAGE, {"colour": colour}).content.decode()
    assert "That is no colour." in page or "at most 7 characters" in page
    assert not Branding.objects.exists()


def test_white_is_darkened_and_the_page_says_so(two_clients: TwoClients) -> None:
    manager = two_clients.browser("manager")
    manager.post(PAGE, {"colour": "ffffff"})
    assert Branding.objects.get().colour == "#ffffff"
    assert "On white text in #ffffff would be hard to read" in manager.get(PAGE).content.decode()
    day = manager.get("/portal/brand/alder/style.css").content.decode().split("--qd-brand:light-dark(")[1][:7]
    assert contrast(rgb(day), WHITE) >= READABLE


def test_a_new_logo_replaces_the_old_file_and_can_be_taken_away(
    two_clients: TwoClients, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    manager, login = two_clients.browser("manager"), two_clients.browser("client login")
    for size in ((20, 20), (30, 30)):
        with django_capture_on_commit_callbacks(execute=True):
            manager.post(PAGE, upload(picture(size=size)))
    assert len([path for path in media.rglob("*") if path.is_file()]) == 1
    assert "/portal/brand/alder/logo" in login.get("/portal/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        manager.post(PAGE, {"without_logo": "on"})
    assert not [path for path in media.rglob("*") if path.is_file()]
    assert "/portal/brand/alder/logo" not in login.get("/portal/").content.decode()
    told = AuditEntry.objects.filter(action="change branding", client=two_clients.a).order_by("pk")
    assert [entry.after["logo"] for entry in told] == ["new", "new", "none"]


def test_saving_the_same_look_changes_nothing(two_clients: TwoClients) -> None:
    manager = two_clients.browser("manager")
    for _ in range(2):
        manager.post(PAGE, {"name": " Alder   & Co ", "colour": "#9A3412"})
    assert AuditEntry.objects.filter(action="change branding").count() == 1
    assert Branding.objects.get().name == "Alder & Co"


def test_the_portal_has_the_name_and_colour_of_its_client_and_no_name_of_ours(
    two_clients: TwoClients, settings: Any
) -> None:
    settings.QUARTERDECK_WORKSPACE_NAME = "Halyard"
    two_clients.browser("manager").post(PAGE, {"name": "Alder & Co", "colour": "#9a3412"})
    login = two_clients.browser("client login")
    page = login.get("/portal/").content.decode()
    assert "<title>Campaigns · Alder &amp; Co</title>" in page
    assert "/portal/brand/alder/style.css?9a3412" in page
    assert "#9a3412" in login.get("/portal/brand/alder/style.css").content.decode()
    for address in ("/portal/", "/accounts/password/change/", "/accounts/sessions/", "/campaigns/", "/nothing/"):
        assert "Quarterdeck" not in login.get(address).content.decode(), address
