"""The sequence page: nothing typed is lost, nothing untouched changes, and nobody is overwritten."""

import re
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from campaigns.models import Campaign, SequenceDraft, SequenceSave, SequenceVersion, Step, Variant
from campaigns.sequence_editor.conflicts import decide, merge
from campaigns.sequence_editor.edited import as_before, edited, read_sequence, texts_of
from campaigns.services.sequence_texts import Texts, current_texts, to_json
from operations.models import Write
from providers.drafts import StepDraft, VariantDraft
from tests.support.agency import Agency, browser_of, now
from tests.support.query_counts import recorded_queries

ODD = (
    '<!--[if mso]><p>x</p><![endif]-->\r\n<table style="color:red">\n'
    "<tr><td>&nbsp;&amp; {{first_name}}<o:p></o:p></td></tr></table>"
)


@pytest.fixture
def campaign(agency: Agency, db: None) -> Campaign:
    agency.shared.may_write = True
    agency.shared.save()
    campaign = agency.campaign("Freight", client=agency.north, status="paused", steps_synced_at=now())
    first = Step.objects.create(campaign=campaign, remote_id=11, number=1, delay_minutes=0)
    Variant.objects.create(step=first, remote_id=111, position=1, label="A", subject="One", body="<p>First A</p>")
    Variant.objects.create(step=first, remote_id=112, position=2, label="B", subject="Two", body=ODD)
    second = Step.objects.create(campaign=campaign, remote_id=12, number=2, delay_minutes=3 * 1440)
    Variant.objects.create(step=second, position=1, label="A", subject="", body="<p>Second</p>")
    return campaign


def page(user: User, campaign: Campaign, query: str = "") -> str:
    answer = browser_of(user).get(f"/campaigns/{campaign.pk}/sequence/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def fields(html: str) -> dict[str, Any]:
    """What a browser would send for the form as it stands: line ends of text fields as CRLF."""
    from html.parser import HTMLParser

    class Form(HTMLParser):
        found: dict[str, list[str]]
        area: str | None

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            here = dict(attrs)
            name = here.get("name") or ""
            if tag == "input" and name and here.get("type") != "submit":
                self.found.setdefault(name, []).append(here.get("value") or "")
            elif tag == "textarea":
                self.area, self.found[name] = name, [""]
            elif tag == "select":
                self.select = name
            elif tag == "option" and "selected" in here:
                self.found[self.select] = [here.get("value") or ""]

        def handle_data(self, data: str) -> None:
            if self.area:
                self.found[self.area][0] += data

        def handle_endtag(self, tag: str) -> None:
            if tag == "textarea" and self.area:
                text = self.found[self.area][0].replace("\r\n", "\n").replace("\r", "\n")
                self.found[self.area][0] = text.removeprefix("\n").replace("\n", "\r\n")
                self.area = None

    form = Form()
    form.found, form.area = {}, None
    form.feed(html)
    return form.found


def post(user: User, campaign: Campaign, typed: dict[str, Any]) -> Any:
    return browser_of(user).post(f"/campaigns/{campaign.pk}/sequence/", typed)


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


BODIES = st.text(alphabet=st.sampled_from("ab<>&;\"' \r\n\té\xa0\u200b{}|-!"), max_size=60)


@given(BODIES, st.booleans())
def test_an_untouched_text_comes_back_byte_for_byte_whatever_a_text_field_makes_of_it(body: str, wide: bool) -> None:
    lines = body.replace("\r\n", "\n").replace("\r", "\n")
    assert as_before(lines.replace("\n", "\r\n") if wide else lines, ["other", body]) == body


def test_a_page_that_is_saved_untouched_asks_for_exactly_what_is_there(agency, campaign) -> None:
    before = current_texts(campaign)
    typed = fields(page(agency.nora, campaign))
    data = QueryDict(mutable=True)
    for name, values in typed.items():
        data.setlist(name, values)
    assert to_json(texts_of(read_sequence(data, before), before)) == to_json(before)
    post(agency.nora, campaign, {**typed, "do": "keep"})
    assert not SequenceDraft.objects.exists()


def test_every_button_is_a_plain_request_that_keeps_what_was_typed(agency, campaign) -> None:
    for do in ("add-step", "up:s2", "add-variant:s2v1x", "add-variant:s1"):
        typed = fields(page(agency.nora, campaign))
        typed["s1v1-subject"] = [typed["s1v1-subject"][0] + "!"]
        answer = post(agency.nora, campaign, {**typed, "do": do})
        assert answer.status_code == 302
    kept = SequenceDraft.objects.get()
    texts = [[one["subject"] for one in step["variants"]] for step in kept.texts]
    # "up" has made the second step the first; what was typed later was typed there.
    assert texts == [["!!", "!!"], ["One!!", "Two"], [""]]
    assert [step["delay_days"] for step in kept.texts] == [0, 3, 3]
    assert kept.texts[1]["variants"][1]["body"] == ODD
    shown = plain(page(agency.nora, campaign))
    assert "This is your draft, not yet saved." in shown
    assert "This is your draft" not in plain(page(agency.ada, campaign))
    browser_of(agency.nora).post(f"/campaigns/{campaign.pk}/sequence/discard/")
    assert not SequenceDraft.objects.exists()


def test_a_draft_is_sent_without_what_nobody_touched_and_holds_it_all_the_same(agency, campaign) -> None:
    typed = fields(page(agency.nora, campaign))
    untouched = ("s1v1-body", "s1v2-subject", "s1v2-body", "s2v1-subject", "s2v1-body")
    sent = {name: values for name, values in typed.items() if name not in untouched}
    sent |= {"s1v1-subject": "Typed", "step": ["s2", "s1"]}
    answer = browser_of(agency.nora).post(f"/campaigns/{campaign.pk}/sequence/draft/", sent)
    assert answer.json() == {"kept": True}
    kept = SequenceDraft.objects.get().texts
    assert [[one["body"] for one in step["variants"]] for step in kept] == [
        ["<p>Second</p>"],
        ["<p>First A</p>", ODD],
    ]
    assert [one["subject"] for one in kept[1]["variants"]] == ["Typed", "Two"]
    shown = page(agency.nora, campaign)
    asked = re.findall(r'data-numbers="(\w+)"[^>]*hx-get="[^"]+/steps/(\d)/numbers/"', shown)
    assert asked == [("s1", "2"), ("s2", "1")], "figures are those of the step, wherever the draft puts it"


def test_errors_stop_saving_and_say_where_they_are(agency, campaign) -> None:
    typed = fields(page(agency.nora, campaign))
    typed |= {
        "s1v1-subject": " ",
        "s2v1-body": "<p>{Hi|Hello {{First_Name}}</p>",
        "s2-delay": "0",
        "s1-split": "percentage",
        "s1v1-share": "60",
        "s1v2-share": "60",
        "do": "save",
    }
    shown = plain(post(agency.nora, campaign, typed).content.decode())
    assert "Not saved: 5 things to fix first. Your text is kept as a draft." in shown
    for said in (
        "Step 1, variant A: No subject",
        "Step 2: Unknown variable First_Name",
        "Step 2: Spintax isn’t closed {Hi|",
        "The wait is a whole number of days, 1 to 365",
        "The shares add up to 120%, not to 100%",
    ):
        assert said in shown
    assert not Write.objects.exists()
    assert SequenceDraft.objects.get().texts[1]["variants"][0]["body"] == "<p>{Hi|Hello {{First_Name}}</p>"


def test_saving_asks_for_the_change_and_shows_its_stages(agency, campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(status="active")
    shown = page(agency.nora, campaign)
    assert "This campaign is active." in shown, "it says why it sends nothing"
    assert "Save and resume" in shown
    answer = post(agency.nora, campaign, {**fields(shown), "s1v1-subject": "Better", "do": "save"})
    save = SequenceSave.objects.get()
    assert answer["Location"].endswith(f"save={save.pk}")
    assert save.texts[0]["variants"][0]["subject"] == "Better"
    assert save.texts[0]["variants"][1]["body"] == ODD
    under_way = page(agency.nora, campaign, f"?save={save.pk}")
    assert f'hx-get="/campaigns/{campaign.pk}/sequence/save/{save.pk}/"' in under_way
    assert "data-editable" not in under_way
    SequenceSave.objects.update(ended_at=now(), stage="ended", outcome="paused", message="Not sending, because.")
    told = browser_of(agency.nora).get(f"/campaigns/{campaign.pk}/sequence/save/{save.pk}/")
    assert told["HX-Redirect"].endswith(f"?save={save.pk}")
    assert "Not sending, because." in page(agency.nora, campaign, f"?save={save.pk}")


@pytest.mark.parametrize(("choice", "kept"), [("theirs", "<p>Theirs</p>"), ("mine", "<p>Mine</p>")])
def test_what_two_people_changed_is_decided_before_anything_is_saved(agency, campaign, choice: str, kept: str) -> None:
    typed = {**fields(page(agency.nora, campaign)), "s1v1-body": "<p>Mine</p>"}
    Variant.objects.filter(remote_id=111).update(body="<p>Theirs</p>")
    Variant.objects.filter(step__remote_id=12).update(body="<p>New there</p>")
    shown = post(agency.nora, campaign, {**typed, "do": "save"}).content.decode()
    assert not SequenceSave.objects.exists()
    assert "Step 1, variant A changed in Smartlead" in plain(shown)
    assert "<del>Theirs</del>" in shown
    assert "<ins>Mine</ins>" in shown
    post(agency.nora, campaign, {**fields(shown), "do": f"{choice}:11.111"})
    decided = page(agency.nora, campaign)
    assert "changed in Smartlead by" not in decided
    post(agency.nora, campaign, {**fields(decided), "s2-delay": "4", "do": "save"})
    save = SequenceSave.objects.get()
    assert save.texts[0]["variants"][0]["body"] == kept
    assert save.texts[1]["variants"][0]["body"] == "<p>New there</p>", "what only the provider changed is taken over"
    assert save.base == to_json(current_texts(campaign))


TEXTS = st.sampled_from(["one", "two", "three"])
SEQUENCES = st.lists(
    st.tuples(st.integers(1, 4), TEXTS, TEXTS), min_size=1, max_size=4, unique_by=lambda one: one[0]
).map(
    lambda rows: tuple(
        StepDraft(
            number,
            0 if number == 1 else 3,
            (VariantDraft("", one, "A", step * 10), VariantDraft("", two, "B", step * 10 + 1)),
            step,
        )
        for number, (step, one, two) in enumerate(rows, start=1)
    )
)


def bodies(texts: Texts) -> dict[int | None, str]:
    return {one.id: one.body for step in texts for one in step.variants}


@given(SEQUENCES, SEQUENCES, SEQUENCES)
def test_no_change_of_anybody_disappears_without_a_conflict(mine: Texts, base: Texts, theirs: Texts) -> None:
    merged = merge(mine, base, theirs)
    old, new, own, result = (bodies(one) for one in (base, theirs, mine, merged.texts))
    for key, text in own.items():
        if key in old and text != old[key]:
            assert result.get(key) == text, "what I changed is still there"
    if not merged.conflicts:
        for key, text in new.items():
            if key in old and text != old[key] and key in own:
                assert result.get(key) == text or own[key] != old[key] == text or own[key] == text
        assert merged.base == theirs


@given(SEQUENCES, SEQUENCES, SEQUENCES, st.booleans())
def test_deciding_every_conflict_ends(mine: Texts, base: Texts, theirs: Texts, take_theirs: bool) -> None:
    for _ in range(20):
        merged = merge(mine, base, theirs)
        if not merged.conflicts:
            break
        mine, base = decide(merged.texts, merged.base, theirs, merged.conflicts[0].key, take_theirs=take_theirs)
    assert not merge(mine, base, theirs).conflicts


def test_who_may_not_change_sees_everything_and_no_button(agency, campaign) -> None:
    agency.shared.may_write = False
    agency.shared.save()
    shown = page(agency.nora, campaign)
    assert "is read-only. An admin can allow changes" in shown
    assert 'value="save"' not in shown
    assert "First A" in shown
    typed = {**fields(page(agency.nora, campaign)), "s1v1-subject": "Typed anyway", "do": "save"}
    refused = plain(post(agency.nora, campaign, typed).content.decode())
    assert "is read-only" in refused
    assert SequenceDraft.objects.get().texts[0]["variants"][0]["subject"] == "Typed anyway"
    assert not Write.objects.exists()


def test_the_checks_answer_about_the_shown_text_and_the_preview_shows_it(agency, campaign) -> None:
    typed = {
        **fields(page(agency.nora, campaign)),
        "shown": "s1v1",
        "s1v1-subject": "Hi {{first_name}}",
        "s1v1-body": '<p>{A|B} {{city}} <script>x</script>{{first_name}}<img alt="src=x" src="https://x.example/a"></p>',
        "sample-first_name": "<b>Eva</b>",
    }
    browser = browser_of(agency.nora)
    answer = browser.post(f"/campaigns/{campaign.pk}/sequence/check/", typed).content.decode()
    assert "Not a standard variable: city" in plain(answer)
    address = re.search(r'data-src="([^"]+)"', answer)
    assert address
    shown = browser.get(address[1] + "&version=1")
    assert (
        shown["Content-Security-Policy"].startswith("default-src 'none'")
        or "sandbox" in shown["Content-Security-Policy"]
    )
    assert "sandbox" in shown["Content-Security-Policy"]
    assert "script-src" not in shown["Content-Security-Policy"]
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert '<p>B <span class="blank">(blank)</span>' in shown.content.decode()
    assert "&lt;b&gt;Eva" in shown.content.decode()
    assert '<img alt="src=x" data-src="https://x.example/a">' in shown.content.decode(), "nobody is told who looks"
    assert "B (blank) &lt;b&gt;Eva&lt;/b&gt;" in browser.get(address[1] + "&version=1&plain=1").content.decode()
    assert "Eva" not in browser_of(agency.ada).get(address[1]).content.decode(), "what one person typed is their own"
    assert not SequenceDraft.objects.exists()


def test_the_editor_frame_alone_allows_style_attributes(agency, campaign) -> None:
    frame = browser_of(agency.nora).get("/campaigns/sequence/frame/")
    assert "style-src-attr 'unsafe-inline'" in frame["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in frame["Content-Security-Policy"]
    around = browser_of(agency.nora).get(f"/campaigns/{campaign.pk}/sequence/")["Content-Security-Policy"]
    assert "unsafe-inline" not in around


def test_a_version_can_be_compared_and_restored_as_a_draft(agency, campaign) -> None:
    texts = current_texts(campaign)
    old = [{**step, "variants": [{**one, "subject": "Old"} for one in step["variants"]]} for step in to_json(texts)]
    for number, kept in ((1, old), (2, to_json(texts))):
        SequenceVersion.objects.create(
            campaign=campaign, number=number, texts=kept, origin="saved", made_at=now(), made_by_label="Nora North"
        )
    shown = browser_of(agency.nora).get(f"/campaigns/{campaign.pk}/sequence/versions/").content.decode()
    assert "<del>Old</del>" in shown
    assert "<ins>One</ins>" in shown
    assert "In use" in shown
    answer = browser_of(agency.nora).post(f"/campaigns/{campaign.pk}/sequence/versions/1/restore/")
    assert answer["Location"].endswith("?restores=1")
    draft = fields(page(agency.nora, campaign, "?restores=1"))
    assert draft["s1v1-subject"] == ["Old"]
    post(agency.nora, campaign, {**draft, "do": "save"})
    assert SequenceSave.objects.get().restores == 1


def test_a_test_email_is_asked_about_before_it_is_sent(agency, campaign) -> None:
    address = f"/campaigns/{campaign.pk}/sequence/test/"
    assert "Leads are not read here yet" in browser_of(agency.nora).get(f"{address}?show=s2v1").content.decode()
    browser_of(agency.nora).post(address, {"step": "2", "lead_id": "x", "address": "me@agency.example"})
    assert not Write.objects.exists()
    browser_of(agency.nora).post(address, {"step": "2", "lead_id": "77", "address": "me@agency.example"})
    assert Write.objects.get().payload == {
        "remote_id": campaign.remote_id,
        "lead_id": 77,
        "step_number": 2,
        "mailbox_id": None,
        "address": "me@agency.example",
    }


def test_a_test_email_that_is_asked_for_twice_is_sent_once(agency, campaign) -> None:
    address = f"/campaigns/{campaign.pk}/sequence/test/"
    wanted = {"step": "2", "lead_id": "77", "address": "a@x.example"}
    first, again = (browser_of(agency.nora).post(address, wanted)["Location"] for _ in range(2))
    assert first == again
    browser_of(agency.nora).post(address, wanted | {"address": "b@x.example"})
    assert Write.objects.count() == 2
    Write.objects.update(state=Write.State.DONE, settled_at=timezone.now())
    assert browser_of(agency.nora).post(address, wanted)["Location"] != first


def test_the_pages_ask_the_database_a_few_things(agency, campaign) -> None:
    browser = browser_of(agency.nora)
    for name, path in (("sequence page", ""), ("sequence versions", "versions/"), ("sequence preview", "preview/")):
        with recorded_queries(name):
            browser.get(f"/campaigns/{campaign.pk}/sequence/{path}")
    typed = fields(page(agency.nora, campaign))
    with recorded_queries("sequence checks"):
        browser.post(f"/campaigns/{campaign.pk}/sequence/check/", typed)
    assert edited(current_texts(campaign)).steps
