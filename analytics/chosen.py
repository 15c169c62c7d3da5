"""What the reader of a campaign's overview has chosen, as the address has it: days, measure of the chart, replies compared."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

from analytics.spans import DEFAULT_DAYS, DaySpan

MEASURES = ("sent", "reply", "positive", "bounce")
COMPARED = ("positive", "all")


@dataclass(frozen=True)
class Chosen:
    """`measure` is one of MEASURES, `by` one of COMPARED: the replies by which texts are compared."""

    span: DaySpan
    measure: str = MEASURES[0]
    by: str = COMPARED[0]

    @classmethod
    def from_query(cls, query: QueryDict, span: DaySpan) -> Self:
        """A name that does not exist counts as the usual one."""
        measure = query.get("measure", "")
        return cls(span, measure if measure in MEASURES else MEASURES[0], compared_by(query))

    @property
    def span_fields(self) -> dict[str, str]:
        """The days, in as few words as say it."""
        if self.span.preset:
            return {} if self.span.preset == DEFAULT_DAYS else {"days": str(self.span.preset)}
        return {"from": self.span.start.isoformat(), "to": self.span.end.isoformat()}

    @property
    def measure_fields(self) -> dict[str, str]:
        return {} if self.measure == MEASURES[0] else {"measure": self.measure}

    @property
    def by_fields(self) -> dict[str, str]:
        return {} if self.by == COMPARED[0] else {"by": self.by}

    def address(self, **other: str) -> str:
        """The query of this choice with other days (`days`), another measure or other replies."""
        span = {"days": other["days"]} if "days" in other else self.span_fields
        return "?" + urlencode(span | self.measure_fields | self.by_fields | other)


def compared_by(query: QueryDict) -> str:
    """By which replies texts are compared, one of COMPARED."""
    by = query.get("by", "")
    return by if by in COMPARED else COMPARED[0]
