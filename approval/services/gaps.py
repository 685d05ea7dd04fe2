"""What running months still lack: weeks without a draw, figures that nobody has brought in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from approval.rules.calendar import MONTH, kind_of, period_bounds, weeks_of_month
from approval.rules.policy import Policy
from approval.services.attendance import DAYS, IN_POST, OF_THE_YEAR
from approval.services.desk_rows import Row
from approval.services.kpi_count import OPEN, counts_of
from approval.services.rulebook import scores_by_sampling
from approval.services.waiting import Waiting

# Inputs that come from elsewhere than the figures: the month's own score, the pool, attendance, rewards, collections.
NO_FIGURES = frozenset(("score", "team_share", "rewards", "special", "collections", *DAYS, *OF_THE_YEAR, *IN_POST))


def undrawn_weeks(waits: Waiting) -> Mapping[date, tuple[int, Row]]:
    """Weeks that are over and have no draw yet, by their Monday: of how many of the actor's people, and the last month."""
    drawn = {(one.id, one.day) for one in waits.of("week")}
    found: dict[date, tuple[int, Row]] = {}
    for one in waits.of("month to score"):
        if kind_of(one.period) != MONTH or not scores_by_sampling(waits.policy(one)):
            continue
        first, _last = period_bounds(one.period)
        for week in weeks_of_month(first.year, first.month):
            if week.sunday < waits.act.today and (one.id, week.monday) not in drawn:
                found[week.monday] = (found.get(week.monday, (0, one))[0] + 1, one)
    return found


def missing_figures(waits: Waiting) -> list[Row]:
    """The open months that lack a figure that their policies need; one with a default is not needed."""
    there, more = dict[int, set[str]](), dict[int, set[str]]()
    for one in waits.of("figure"):
        there.setdefault(one.id, set()).add(one.code)
    for one in waits.of("beside an open month"):
        more.setdefault(one.id, set()).update(_asked(waits.policy(one)))
    return [
        one
        for one in waits.of("open month")
        if (_needed(one, waits.policy(one)) | more.get(one.id, set())) - there.get(one.id, set())
    ]


def _needed(month: Row, policy: Policy) -> set[str]:
    """What pay asks for, and while scores are open the counts that KPI items are measured by (R135, R146, R154)."""
    if policy.cycle != kind_of(month.period):  # a monthly policy whose pool a year runs under pays none then
        return set()
    return _asked(policy) | (counts_of(policy) if month.state in OPEN else set())


def _asked(policy: Policy) -> set[str]:
    return {code for code, wanted in policy.inputs.items() if wanted.default is None and code not in NO_FIGURES}
