"""What changed between two texts of a sequence is told by step and variant, and by the word."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from campaigns.services.sequence_diff import Piece, changed_parts, word_pieces
from campaigns.services.sequence_texts import from_json, prepared, to_json
from providers.drafts import Split, StepDraft, VariantDraft

A = VariantDraft("Quick question", "<p>Hi {{first_name}},</p><p>We help Alder grow.</p>", "A", 11)
B = VariantDraft("Other", "<p>Quite another text about something else</p>", "B", 12)
FIRST = StepDraft(1, 0, (A, B), 1)
SECOND = StepDraft(2, 3, (VariantDraft("", "<p>Following up on my last email</p>"),), 2)
OLD = (FIRST, SECOND)


def test_only_what_was_changed_is_told():
    new = (
        replace(FIRST, variants=(replace(A, body=A.body.replace("Alder", "Birch")), B)),
        replace(SECOND, delay_days=5),
    )
    before, after = changed_parts(OLD, new)
    assert (before.pop("texts").keys(), after.pop("texts")) == (
        {"Step 1, variant A, body"},
        {"Step 1, variant A, body": A.body.replace("Alder", "Birch")},
    )
    assert (before, after) == ({"Step 2, delay": 3 * 1440}, {"Step 2, delay": 5 * 1440})


def test_steps_that_were_added_removed_and_moved_are_named_so():
    new = (
        StepDraft(1, 0, (VariantDraft("New", "<p>Something nobody wrote before</p>"),)),
        replace(FIRST, number=2),
    )
    before, after = changed_parts(OLD, new)
    texts = before.pop("texts"), after.pop("texts")
    assert before == {"Step 1": "not there", "Step 2": "there", "Step 2, position": 1}
    assert after == {"Step 1": "there", "Step 2": "not there", "Step 2, position": 2}
    assert [name for name in texts[1] if texts[1][name]] == ["Step 1, text, subject", "Step 1, text, body"]
    assert [name for name in texts[0] if texts[0][name]] == ["Step 2, text, body"]


def test_a_step_that_lost_its_number_is_known_by_what_it_says():
    assert changed_parts((SECOND,), (replace(SECOND, id=None, delay_days=4),))[1] == {"Step 2, delay": 4 * 1440}


def test_line_ends_are_alike_in_any_form():
    one, other = ((replace(SECOND, variants=(VariantDraft("", text),)),) for text in ("a\r\nb\r", "a\nb\n"))
    assert changed_parts(one, other) == ({}, {})


def test_words_that_stay_went_and_came_are_told_apart():
    assert word_pieces("We help Alder grow.", "We help Birch grow.") == (
        Piece("equal", "We help "),
        Piece("del", "Alder"),
        Piece("ins", "Birch"),
        Piece("equal", " grow."),
    )


def test_the_audit_trail_keeps_whole_texts_of_what_was_changed_and_nothing_else():
    split = replace(
        FIRST, split=Split.PERCENTAGE, variants=(replace(A, share=30, subject="Hello"), replace(B, share=70))
    )
    before, after = changed_parts(OLD, (split, SECOND))
    assert before == {
        "Step 1, split": "equal",
        "Step 1, variant A, share": None,
        "Step 1, variant B, share": None,
        "texts": {"Step 1, variant A, subject": "Quick question"},
    }
    assert after["texts"] == {"Step 1, variant A, subject": "Hello"}


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_are_both_texts(old, new):
    pieces = word_pieces(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "ins") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "del") == new


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
VARIANT = st.builds(
    VariantDraft, TEXT, TEXT, st.sampled_from("ABC"), st.none() | st.integers(1, 3), st.none() | st.integers(0, 100)
)
STEP = st.builds(
    StepDraft,
    st.integers(1, 5),
    st.integers(0, 9),
    st.lists(VARIANT, min_size=1, max_size=3).map(tuple),
    st.none() | st.integers(1, 3),
    st.none() | st.sampled_from(Split),
)
TEXTS = st.lists(STEP, max_size=4).map(tuple)


@given(TEXTS, TEXTS)
def test_what_is_written_is_numbered_and_names_only_what_exists_and_once(texts, base):
    made = prepared(texts, base)
    assert [step.number for step in made] == list(range(1, len(texts) + 1))
    ids = [step.id for step in made if step.id is not None]
    assert len(ids) == len(set(ids))
    assert set(ids) <= {step.id for step in base}
    for step in made:
        own = [one.id for one in step.variants if one.id is not None]
        known = [one.id for it in base if it.id == step.id for one in it.variants]
        assert len(own) == len(set(own))
        assert set(own) <= set(known)
    assert from_json(to_json(made)) == made
