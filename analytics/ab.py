"""Which of several texts is better, and when that may be said.

The sample is fixed before anybody looks: so many emails of each text as make a rate that doubles (or grows by half, for
the commoner replies) visible in four of five cases, at 5 % error. Before that many have been sent there is no verdict, only
progress: who looks every day and stops at the first p below 0.05 would see differences where there are none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from math import ceil, erfc, sqrt
from statistics import NormalDist

ERROR = 0.05  # how often equal texts may be called different
POWER = 0.8  # how often the wished-for difference must be found
FEWEST = 5  # expected successes and failures below which the normal approximation says nothing


@dataclass(frozen=True)
class Trial:
    """So many emails of one text, and how many of them had the wished-for reply."""

    label: str
    sent: int
    wins: int

    @property
    def rate(self) -> float:
        """From 0 to 1; replies to earlier emails do not lift it over 1."""
        return min(self.wins, self.sent) / self.sent if self.sent else 0.0


def sample_size(usual: float, wished: float, *, error: float = ERROR, power: float = POWER) -> int:
    """Emails of each text that it takes to tell a rate of `wished` from one of `usual` (both between 0 and 1)."""
    if not (0 < usual < 1 and 0 < wished < 1) or usual == wished:
        raise ValueError("Two different rates between 0 and 1.")
    sure, found = NormalDist().inv_cdf(1 - error / 2), NormalDist().inv_cdf(power)
    middle = (usual + wished) / 2
    spread = sure * sqrt(2 * middle * (1 - middle)) + found * sqrt(usual * (1 - usual) + wished * (1 - wished))
    return ceil(spread**2 / (wished - usual) ** 2)


def p_value(one: Trial, other: Trial) -> float:
    """The two-sided p of the two-proportion z-test: how often equal texts differ at least as much. 1 if nothing can be said."""
    sent = one.sent + other.sent
    wins = min(one.wins, one.sent) + min(other.wins, other.sent)
    least = min(one.sent, other.sent)
    if not least or least * wins / sent < FEWEST or least * (sent - wins) / sent < FEWEST:
        return 1.0
    pooled = wins / sent
    error = sqrt(pooled * (1 - pooled) * (1 / one.sent + 1 / other.sent))
    return erfc(abs(one.rate - other.rate) / error / sqrt(2))


class Finding(Enum):
    BETTER = "better"
    EQUAL = "equal"  # the sample is there, and shows nothing
    EARLY = "early"


@dataclass(frozen=True)
class Verdict:
    """`best` and `against` are the leader and the nearest to it, where there is one; `missing` emails of the text that
    lacks most before anything may be said; `progress` is that text's, from 0 to 1.
    """

    finding: Finding
    size: int
    missing: int = 0
    progress: float = 1.0
    best: Trial | None = None
    against: Trial | None = None
    p: float | None = None


def judge(trials: Sequence[Trial], size: int) -> Verdict | None:
    """What may be said of these texts with a sample of `size` each; None of fewer than two. With more than two texts the p
    of each pair counts so often as there are pairs, because the more one compares, the sooner something differs by chance.
    """
    if len(trials) < 2:
        return None
    fewest = min(trial.sent for trial in trials)
    if fewest < size:
        return Verdict(Finding.EARLY, size, size - fewest, fewest / size)
    best, *others = sorted(trials, key=lambda trial: trial.rate, reverse=True)
    pairs = len(list(combinations(trials, 2)))
    p, against = max(((min(1.0, pairs * p_value(best, other)), other) for other in others), key=lambda found: found[0])
    finding = Finding.BETTER if p < ERROR else Finding.EQUAL
    return Verdict(finding, size, best=best, against=against, p=p)
