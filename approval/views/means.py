"""The months behind a quarter's or a year's score, as a reader may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from approval.models.appraisal import Appraisal
from approval.services.act import Act
from approval.services.facts import months_behind
from approval.services.rulebook import is_from_months
from approval.services.sight import sees


@dataclass(frozen=True)
class MonthLine:
    """One month that a score is the mean of; `score` None where it is hidden or not there."""

    month: Appraisal
    score: Decimal | None
    counts: bool


def months_of(act: Act, appraisal: Appraisal) -> Sequence[MonthLine]:
    """The months of the period in order, reviewed or still open; none for a month itself."""
    if not is_from_months(appraisal):
        return ()
    reviewed = [MonthLine(one, _score(act, one), one.score is not None) for one in months_behind(act, appraisal)]
    still_open = [MonthLine(one, None, False) for one in months_behind(act, appraisal, reviewed=False)]
    return sorted([*reviewed, *still_open], key=lambda line: line.month.cycle.period)


def _score(act: Act, month: Appraisal) -> Decimal | None:
    return month.score if sees(act, month, "supervisor_score") else None
