"""Live checks of email texts: what is found, what is not, and a parser that loses nothing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.sequence_editor.copy_checks import Place, check_text
from campaigns.sequence_editor.copy_checks.html_text import seen
from campaigns.sequence_editor.copy_checks.spintax import parse, spin, write
from campaigns.sequence_editor.copy_checks.variables import STANDARD

BRACED = st.text(alphabet=st.sampled_from("{}|%ab _\n"), max_size=40)
FOLLOW_UP = Place(first_step=False)


def found(subject: str = "Hello", body: str = "<p>Hi there</p>", place: Place = FOLLOW_UP) -> list[str]:
    return [f"{one.level}: {one.title} {one.code}".strip() for one in check_text(subject, body, place).findings]


def fixes(body: str) -> list[tuple[str, str]]:
    return [(one.fix.find, one.fix.replace) for one in check_text("Hello", body, FOLLOW_UP).findings if one.fix]


@given(BRACED)
@example("{{{a}}|b}")
@example("{a|{b|{{c}}}")
def test_parsing_loses_nothing(text: str) -> None:
    assert write(parse(text).parts) == text


@given(
    st.recursive(
        st.sampled_from(["a", "b c", "{{first_name}}"]),
        lambda inner: st.lists(inner, min_size=2, max_size=3).map(lambda options: "{" + "|".join(options) + "}"),
        max_leaves=6,
    ),
    st.integers(0, 5),
)
def test_sound_spintax_is_found_sound_and_every_version_is_free_of_it(text: str, version: int) -> None:
    parsed = parse(text)
    assert parsed.is_sound
    assert "|" not in spin(parsed.parts, version)
    assert not any("Spintax" in one for one in found(body=f"<p>{text}</p>"))


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_text_is_too_odd_to_be_checked(subject: str, body: str) -> None:
    report = check_text(subject, f"<p>{body}", Place(first_step=True))
    assert report.words >= 0


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("First_Name", "first_name"),
        ("firstName", "first_name"),
        ("first name", "first_name"),
        ("frist_name", "first_name"),
        ("Company-Name", "company_name"),
        ("emial", ""),
    ],
)
def test_a_misspelt_standard_variable_is_an_error_with_its_repair(written: str, meant: str) -> None:
    body = f"<p>Hi {{{{{written}}}}}</p>"
    assert fixes(body) == ([(f"{{{{{written}}}}}", f"{{{{{meant}}}}}")] if meant else [])
    assert any(one.startswith("error: Unknown variable") for one in found(body=body)) == bool(meant)


@pytest.mark.parametrize("name", [*STANDARD, "warehouse_city", "company_size", "sender_first_name"])
def test_standard_names_are_quiet_and_names_of_its_own_are_a_warning(name: str) -> None:
    said = found(body=f"<p>Hi {{{{{name}}}}}</p>")
    assert said == ([] if name in STANDARD else [f"warning: Not a standard variable: {name}"])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<p>{Hi|Hello</p>", "error: Spintax isn’t closed {Hi|"),
        ("<p>Hi} you</p>", "error: Spintax isn’t opened"),
        ("<p>Hi {first_name}</p>", "error: One brace instead of two {first_name}"),
        ("<p>Hi {{first_name}</p>", "error: Variable isn’t closed {{first_name}"),
        ("<p>{Hi</p><p>|Hello}</p>", "warning: Spintax runs over paragraphs"),
        ("<p> <br></p>", "error: No body"),
        ("<style>p{color:red}</style>", "error: No body"),
        ('<p><a href="">Look</a></p>', "warning: A link leads nowhere"),
        ('<p><a href="http://x.example">Look</a></p>', "warning: A link without https http://x.example"),
        ('<p><a href="https://10.0.0.1/a">Look</a></p>', "warning: A link to a bare number 10.0.0.1"),
        ('<p><a href="https://bit.ly/a">Look</a></p>', "warning: A shortened link bit.ly"),
        ("<p>" + "word " * 126 + "</p>", "warning: 126 words, aim for under 125"),
        ("<p>It is FREE</p>", "warning: “FREE” can trip spam filters"),
    ],
)
def test_what_is_wrong_is_said_once(body: str, said: str) -> None:
    assert found(body=body) == [said]


def test_a_sound_email_has_nothing_to_fix() -> None:
    body = (
        '<p>{Hi|Hello} {{first_name}},</p><p>A <a href="https://x.example/{{company_name}}">case</a> for you; '
        "freely made. {% if a %}x{% endif %}</p>"
    )
    assert found(body=body) == []
    assert found(body=f"{body}<!-- {{ --><style>p{{color:red}}</style>") == []


def test_the_first_email_needs_a_subject_and_a_way_out() -> None:
    assert found("", place=Place(first_step=True)) == ["error: No subject", "warning: No way to unsubscribe"]
    assert found("Hi", place=Place(first_step=True, unsubscribe_elsewhere=True)) == []
    assert found("Hi", "<p>Not interested? Tell me.</p>", Place(first_step=True)) == []


@given(st.lists(st.sampled_from(["one", "two three", "four"]), max_size=4))
def test_paragraphs_are_read_in_order_whatever_block_they_are_in(texts: list[str]) -> None:
    blocks = ("p", "div", "li", "td")
    html = "".join(f"<{blocks[place % 4]}>{text}</{blocks[place % 4]}>" for place, text in enumerate(texts))
    assert list(seen(html).paragraphs) == texts
