from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.calls import Answer
from providers.errors import NotFound, UnexpectedResponse
from providers.smartlead.judge import complaint_in
from providers.smartlead.parsing import (
    as_flag,
    as_float,
    as_int,
    as_text,
    as_time,
    day_in,
    id_in,
    list_in,
    object_in,
    rows_in,
)
from tests.providers.shapes import anything, counts, dressed, sent_moments
from tests.providers.wire import json_reply


def answer(payload, status=200):
    return Answer(status, json_reply(payload).text)


@given(counts.flatmap(lambda number: st.tuples(st.just(number), dressed(number))))
def test_a_count_reads_the_same_in_any_clothes(pair):
    number, sent = pair
    assert as_int(sent) == number


@pytest.mark.parametrize(
    "value", [None, "", " ", "None", "null", "NaN", "abc", [], {}, float("nan"), float("inf"), "1e999", "9" * 5000]
)
def test_what_is_no_number_is_not_told(value):
    assert as_int(value) is None
    assert as_float(value) is None


@pytest.mark.parametrize(
    ("value", "number"),
    [("34%", 34.0), ("0.00%", 0.0), ("100%", 100.0), (95, 95.0), (" 12.5 % ", 12.5), ("4,375", 4375.0)],
)
def test_a_percentage_is_a_number(value, number):
    assert as_float(value) == number


@given(anything)
def test_no_value_breaks_a_lenient_reader(value):
    assert as_int(value) is None or isinstance(as_int(value), int)
    assert as_float(value) is None or isinstance(as_float(value), float)
    assert as_flag(value) in (None, True, False)
    assert isinstance(as_text(value), str)
    moment = as_time(value)
    assert moment is None or moment.tzinfo is UTC


@given(sent_moments())
def test_both_forms_of_a_timestamp_are_the_same_moment(pair):
    moment, sent = pair
    assert as_time(sent) == moment


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2022-11-08T07:06:35.990Z", datetime(2022, 11, 8, 7, 6, 35, 990000, UTC)),
        ("2022-05-26T03:47:31.448094+00:00", datetime(2022, 5, 26, 3, 47, 31, 448094, UTC)),
        ("2022-05-26T05:47:31+02:00", datetime(2022, 5, 26, 3, 47, 31, 0, UTC)),
        ("2023-10-16 10:33:02.000Z", datetime(2023, 10, 16, 10, 33, 2, 0, UTC)),
        ("2023-10-16", datetime(2023, 10, 16, tzinfo=UTC)),
        (1667891195, datetime(2022, 11, 8, 7, 6, 35, 0, UTC)),
        (1667891195990, datetime(2022, 11, 8, 7, 6, 35, 990000, UTC)),
        (True, None),
        (1e300, None),
        ("9999-12-31T23:59:59-12:00", None),
    ],
)
def test_a_timestamp_is_a_moment_in_utc(value, moment):
    assert as_time(value) == moment


@st.composite
def days_of_a_range(draw):
    start = draw(st.dates(date(2015, 1, 1), date(2035, 1, 1)))
    end = start + timedelta(days=draw(st.integers(0, 29)))
    day = start + timedelta(days=draw(st.integers(0, (end - start).days)))
    form = draw(st.sampled_from(["%d %b", "%d %B", "%b %d", "%Y-%m-%d", "%Y-%m-%dT00:00:00.000Z", "%d %b %Y"]))
    text = day.strftime(form)
    return day, draw(st.sampled_from([text, text.lstrip("0"), text.upper(), f" {text} "])), start, end


@given(days_of_a_range())
def test_a_day_without_a_year_lies_in_the_range_that_was_asked_for(case):
    day, sent, start, end = case
    assert day_in(sent, start, end) == day


def test_a_range_over_new_year_gives_each_day_its_own_year():
    start, end = date(2025, 12, 20), date(2026, 1, 10)
    assert day_in("31 Dec", start, end) == date(2025, 12, 31)
    assert day_in("1 Jan", start, end) == date(2026, 1, 1)
    assert day_in("11 Jan", start, end) == date(2026, 1, 11), "a day late by the clock of another time zone"
    assert day_in("19 Dec", start, end) == date(2025, 12, 19)
    assert day_in("29 Feb", date(2028, 2, 20), date(2028, 3, 5)) == date(2028, 2, 29)


@pytest.mark.parametrize("value", [None, "", "yesterday", "32 Apr", "20 Foo", "2024-13-40", 5, {}])
def test_a_row_without_a_readable_day_is_no_row(value):
    with pytest.raises(UnexpectedResponse):
        day_in(value, date(2026, 4, 1), date(2026, 4, 30))


ROWS = [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize(
    "payload",
    [
        ROWS,
        {"campaigns": ROWS},
        {"data": ROWS},
        {"success": True, "data": ROWS},
        {"ok": True, "data": ROWS},
        {"ok": True, "data": {"campaigns": ROWS}},
    ],
)
def test_a_list_is_found_in_every_envelope(payload):
    assert list_in(answer(payload), "campaigns") == ROWS


@pytest.mark.parametrize(
    "text",
    ["", "{}", "null", '{"data": null}', '{"message": "hi"}', "success", "<html></html>", '[{"id": 1}', "[1, 2]", "7"],
)
def test_an_answer_without_a_list_is_not_an_empty_list(text):
    with pytest.raises(UnexpectedResponse):
        list_in(Answer(200, text), "campaigns")


@pytest.mark.parametrize(
    "payload",
    [
        {"id": 7},
        {"data": {"id": 7}},
        {"success": True, "data": {"id": 7}},
        {"campaign": {"id": 7}},
        {"ok": True, "data": [{"id": 7}]},
    ],
)
def test_an_object_is_found_in_every_envelope(payload):
    assert object_in(answer(payload), "campaign") == {"id": 7}


@pytest.mark.parametrize("text", ["", "{}", "null", "[]", '{"data": {}}', '{"data": null}', '{"id": null}', "  \n"])
def test_nothing_where_an_object_was_asked_for_means_not_found(text):
    with pytest.raises(NotFound):
        object_in(Answer(200, text))


@pytest.mark.parametrize(
    "payload", [{"id": 3}, {"id": "3"}, {"campaign_id": 3}, {"campaign": {"id": 3}}, {"ok": True, "data": {"id": 3}}]
)
def test_the_id_of_what_was_made_is_found_wherever_it_is(payload):
    assert id_in(answer(payload), "campaign_id", "campaign.id") == 3


def test_rows_of_statistics_may_be_null_but_not_missing():
    assert rows_in(answer({"data": {"day_wise_stats": None}}), "day_wise_stats") == []
    assert rows_in(answer({"ok": True, "data": {"day_wise_stats": ROWS}}), "day_wise_stats") == ROWS
    assert rows_in(answer({"day_wise_stats": ROWS}), "day_wise_stats") == ROWS
    wrong: list[Any] = [{}, {"data": {}}, {"data": None}, [], {"data": {"day_wise_stats": {"a": 1}}}]
    for payload in wrong:
        with pytest.raises(UnexpectedResponse):
            rows_in(answer(payload), "day_wise_stats")


@pytest.mark.parametrize(
    ("payload", "message", "code", "field"),
    [
        (
            {
                "statusCode": 400,
                "error": "Bad Request",
                "message": '"max_new_leads_per_day" is required',
                "validation": {"body": {"keys": ["max_new_leads_per_day"]}},
            },
            '"max_new_leads_per_day" is required',
            "",
            "max_new_leads_per_day",
        ),
        (
            {"statusCode": 400, "error": "Bad Request", "message": '"name" is not allowed'},
            '"name" is not allowed',
            "",
            "name",
        ),
        ({"error": "Campaign not found - Invalid campaign_id."}, "Campaign not found - Invalid campaign_id.", "", ""),
        ({"message": "Invalid API Key"}, "Invalid API Key", "", ""),
        (
            {"ok": False, "message": "No such account", "errorCode": "ACCOUNT_NOT_FOUND", "emailAccountId": 123},
            "No such account",
            "ACCOUNT_NOT_FOUND",
            "",
        ),
        (
            {"success": False, "error": {"code": "CAMPAIGN_ACTIVE", "message": "Pause it first"}},
            "Pause it first",
            "CAMPAIGN_ACTIVE",
            "",
        ),
        ({"error": {"code": "VALIDATION_ERROR", "message": "Bad", "details": {}}}, "Bad", "VALIDATION_ERROR", ""),
        (
            {"error": "Too many", "field": "filters.campaignId", "provided_count": 10, "max_allowed": 5},
            "Too many",
            "",
            "filters.campaignId",
        ),
        ({"err": "plain"}, "plain", "", ""),
        ({"message": ["a", "b"]}, "a; b", "", ""),
    ],
)
def test_every_error_shape_gives_its_words(payload, message, code, field):
    said = complaint_in(answer(payload, 400))
    assert (said.message, said.code, said.field) == (message, code, field)


def test_markup_is_no_message():
    assert (
        complaint_in(Answer(502, "<html><head><title>502 Bad <b>Gateway</b></title></head>long</html>")).message
        == "502 Bad Gateway"
    )
    assert complaint_in(Answer(500, "plain\n words ")).message == "plain words"
    assert complaint_in(Answer(400, '{"message": "<script>alert(1)</script>No"}')).message == "alert(1) No"
    assert complaint_in(Answer(400, r'{"message": "No\ud83d and\u0000no"}')).message == "No\ufffd and no"
    assert len(complaint_in(Answer(400, "x" * 5000)).message) == 300


@given(anything)
def test_no_error_body_breaks_the_extractor(payload):
    said = complaint_in(answer({"error": payload, "message": payload, "validation": payload, "field": payload}, 400))
    assert len(said.message) <= 300


@pytest.mark.parametrize("text", ["[" * 100_000, "{" * 100_000, "\ufeff", "nul", "9" * 10_000])
def test_hostile_bodies_are_only_no_json(text):
    assert Answer(200, text).json is None
