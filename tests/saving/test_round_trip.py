"""What nobody touched comes back to the provider as it was, byte for byte, whatever mail programs have put into it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import SequenceSave
from providers.drafts import Split, StepDraft, VariantDraft

pytestmark = pytest.mark.django_db(transaction=True)

ODD = [
    "<!-- a note -->",
    "<!--[if mso]><table width='100%'><tr><td><![endif]-->",
    "<!--[if !mso]><!-- --><div>not Outlook</div><!--<![endif]-->",
    "<o:p>&nbsp;</o:p>",
    '<table border="0" cellpadding=0 style="border-collapse:collapse;mso-table-lspace:0pt"><tr><td>x</td></tr></table>',
    "<p style='font-family:\"Calibri\",sans-serif;color:#1F497D'>Hi {{first_name}},</p>",
    "&amp;&nbsp;&lt;b&gt;&#8217;&euro;&hellip;",
    '<p dir="rtl">שלום {{first_name}}، مرحبا</p>\u200f\u202b',
    "<BR>line<br/>line<br />\r\nline\r\n\r\n",
    "{Hi|Hello|{Good morning|Hey}} {{first_name | fallback: 'there'}}",
    '<a href="https://example.com/?a=1&b=2&amp;c=%20">link</a>',
    "<style>p{margin:0}</style>",
    "\t  two  spaces   ",
    "<p>unclosed <b>tags <i>crossed</b></i>",
    "\U0001f680\u0301e\u0301 ﬁ \u00a0\ufeff",
    "<img src=cid:x alt='' width=1 height=1>",
    '\\n \\u0041 \\" %s {0} {% raw %}',
]
ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
BODIES = st.lists(st.sampled_from(ODD) | st.text(ANY, max_size=30), min_size=1, max_size=6).map("".join)
SUBJECTS = st.sampled_from(["", "Re: {{company_name}} – 50% & more", "  spaced ", "日本語 \U0001f44b"]) | st.text(
    ANY, max_size=40
)


@st.composite
def steps(draw, number):
    texts = draw(st.lists(st.tuples(SUBJECTS, BODIES), min_size=1, max_size=3))
    delay = draw(st.integers(0 if number == 1 else 1, 365))
    if len(texts) == 1:
        return StepDraft(number, delay, (VariantDraft(*texts[0]),))
    by_share = draw(st.booleans())
    shares = {2: (35, 65), 3: (20, 0, 80)}[len(texts)]
    variants = tuple(
        VariantDraft(subject, body, label, share=share if by_share else None)
        for (subject, body), label, share in zip(texts, "ABC", shares, strict=False)
    )
    return StepDraft(number, delay, variants, split=Split.PERCENTAGE if by_share else Split.EQUAL)


SEQUENCES = st.integers(1, 3).flatmap(lambda count: st.tuples(*(steps(number) for number in range(1, count + 1))))
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.mark.parametrize("dialect", ["live", "guides"], indirect=True)
def test_read_and_saved_unchanged_it_is_the_same_at_the_provider(desk):
    desk.becomes("PAUSED")

    @settings(max_examples=20, suppress_health_check=CHECKS)
    @given(SEQUENCES)
    def saves_the_same(texts):
        desk.write(texts)
        before = desk.truth["steps"]
        save = desk.work(desk.save(desk.texts))
        assert save.outcome == SequenceSave.Outcome.SAVED, save.message
        assert desk.truth["steps"] == before

    saves_the_same()
    assert len(desk.done("sequences")) >= 20, "each was written once by the provider's API and once by a save"
