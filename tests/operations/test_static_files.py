"""What the browser is given: vendored parts as they were packed, icons that exist, and markup that the strict policy allows."""

import re
from pathlib import Path

import pytest

from tests.support.vendored import problems

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
ICON = re.compile(r'{% icon "([a-z0-9-]+)"|icon="([a-z0-9-]+)"')


def test_vendored_files_are_those_of_the_list() -> None:
    assert problems() == []


def test_no_vendored_file_names_a_source_map() -> None:
    for path in (ROOT / "static" / "vendor").rglob("*.min.*"):
        assert "sourceMappingURL" not in path.read_text(), path


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="i-([a-z0-9-]+)"', (ROOT / "static" / "icons.svg").read_text()))
    named = {a or b for path in TEMPLATES for a, b in ICON.findall(path.read_text())}
    assert named
    assert named <= sprite, named - sprite


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_has_nothing_inline(path: Path) -> None:
    markup = path.read_text()
    assert not re.search(r"\sstyle=", markup), "style attribute"
    assert not re.search(r"<style", markup), "style element"
    assert not re.search(r"\son[a-z]+=", markup), "event handler"
    assert not re.search(r"hx-on|hx-vals=.js:|javascript:", markup), "evaluated attribute"
    for script in re.findall(r"<script[^>]*>", markup):
        assert "src=" in script, script


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_writes_no_markup_and_evaluates_nothing(path: Path) -> None:
    code = path.read_text()
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "setAttribute('style'",
    ):
        assert word not in code, word


def test_components_name_the_context_they_need() -> None:
    for path in TEMPLATES:
        if path.parent.name == "components":
            assert "Context:" in path.read_text().split("#}")[0] + path.read_text().split("#}")[1], path
