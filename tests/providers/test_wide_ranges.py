"""Totals of any number of days, in as many pages as the server makes of them."""

from datetime import date, timedelta

import pytest

from providers.smartlead import analytics
from providers.smartlead.port import Smartlead
from tests.providers.wire import FakeWire, json_reply

END = date(2026, 11, 20)


@pytest.mark.parametrize("days", [366, 400, 1_200, 5_000])
def test_totals_may_be_asked_since_the_beginning(days):
    start = END - timedelta(days=days)
    for call in (Smartlead().totals(start, END), Smartlead().overall(start, END)):
        assert (call.query["start_date"], call.query["end_date"]) == (start.isoformat(), END.isoformat())


@pytest.mark.parametrize(
    ("rows", "offset", "following"), [(100, 0, 100), (200, 0, 200), (100, 100, 200), (99, 0, None), (0, 100, None)]
)
def test_a_page_that_was_capped_without_a_word_does_not_end_the_list(rows, offset, following):
    reply = json_reply({"data": {"campaign_wise_performance": [{"id": number} for number in range(1, rows + 1)]}})
    page = FakeWire(reply).client().send(analytics.totals(END, END, offset=offset))
    assert page.next_offset == following
