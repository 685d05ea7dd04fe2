"""What running months still lack: weeks without a draw, figures that nobody has brought in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from approval.models.appraisal import Appraisal
from approval.models.beside import AppraisalSupplement
from approval.models.cycle import Cycle
from approval.models.figures import Figure
from approval.models.sampling import Draw
from approval.rules.calendar import MONTH, kind_of, weeks_of_month
from approval.rules.policy import Policy
from approval.services.act import Act
from approval.services.attendance import DAYS, IN_POST, OF_THE_YEAR
from approval.services.kpi_count import OPEN, counts_of
from approval.services.rulebook import policy_in, policy_of, runs_components, scores_by_sampling
from workflows.appraisal import SETTLED

# Inputs that come from elsewhere than the figures: the month's own score, the pool, attendance, rewards, collections.
NO_FIGURES = frozenset(("score", "team_share", "rewards", "special", "collections", *DAYS, *OF_THE_YEAR, *IN_POST))


def months_to_score(act: Act) -> Sequence[Appraisal]:
    """The months of the actor's people whose scores are still open, with their cycles, people and policies."""
    query = select(Appraisal).where(
        Appraisal.supervisor_id == act.actor.employee_id, Appraisal.state.in_(("self_assessment", "sampling"))
    )
    loads = (joinedload(Appraisal.cycle), joinedload(Appraisal.frozen_policy), joinedload(Appraisal.employee))
    return act.session.scalars(query.options(*loads).order_by(Appraisal.id)).all()


def undrawn_weeks(act: Act, open_months: Sequence[Appraisal]) -> Mapping[date, tuple[int, Cycle]]:
    """Weeks that are over and have no draw yet, by their Monday: of how many of the months, and the cycle."""
    months = [one for one in open_months if scores_by_sampling(policy_of(one))]
    known = select(Draw.appraisal_id, Draw.monday).where(Draw.appraisal_id.in_([one.id for one in months]))
    drawn = {(row.appraisal_id, row.monday) for row in act.session.execute(known)} if months else set()
    found: dict[date, tuple[int, Cycle]] = {}
    for one in months:
        if kind_of(one.cycle.period) != MONTH:
            continue
        for week in weeks_of_month(one.cycle.first_on.year, one.cycle.first_on.month):
            if week.sunday < act.today and (one.id, week.monday) not in drawn:
                found[week.monday] = (found.get(week.monday, (0, one.cycle))[0] + 1, one.cycle)
    return found


def missing_figures(act: Act, cycles: Sequence[Cycle]) -> Mapping[int, int]:
    """How many people of each cycle, by its id, lack a figure that their policy needs; one with a default is not needed."""
    there, more = _there(act, {one.period for one in cycles}), _added(act, cycles)
    query = (
        select(Appraisal)
        .where(Appraisal.cycle_id.in_([one.id for one in cycles]), Appraisal.state.not_in(SETTLED))
        .options(joinedload(Appraisal.frozen_policy), joinedload(Appraisal.cycle))
    )
    lacking: Counter[int] = Counter()
    for one in act.session.scalars(query) if cycles else ():
        needed = _needed(one) | more.get(one.id, set())
        lacking[one.cycle_id] += bool(needed - there.get((one.employee_id, one.cycle.period), set()))
    return lacking


def _there(act: Act, periods: Set[str]) -> dict[tuple[int, str], set[str]]:
    """The codes of the figures that are brought in, by person and period."""
    query = select(Figure.employee_id, Figure.period, Figure.code).where(Figure.period.in_(periods))
    found: dict[tuple[int, str], set[str]] = {}
    for row in act.session.execute(query) if periods else ():
        found.setdefault((row.employee_id, row.period), set()).add(row.code)
    return found


def _added(act: Act, cycles: Sequence[Cycle]) -> dict[int, set[str]]:
    """What bonus policies ask of the months of the cycles, by the appraisal's id."""
    query = (
        select(AppraisalSupplement)
        .join(Appraisal, Appraisal.id == AppraisalSupplement.appraisal_id)
        .where(Appraisal.cycle_id.in_([one.id for one in cycles]))
        .options(joinedload(AppraisalSupplement.frozen_policy))
    )
    found: dict[int, set[str]] = {}
    for one in act.session.scalars(query) if cycles else ():
        found.setdefault(one.appraisal_id, set()).update(_asked(policy_in(one.frozen_policy)))
    return found


def _needed(appraisal: Appraisal) -> set[str]:
    """What pay asks for, and while scores are open the counts that KPI items are measured by (R135, R146, R154)."""
    if not runs_components(appraisal):
        return set()
    policy = policy_of(appraisal)
    return _asked(policy) | (counts_of(policy) if appraisal.state in OPEN else set())


def _asked(policy: Policy) -> set[str]:
    return {code for code, wanted in policy.inputs.items() if wanted.default is None and code not in NO_FIGURES}
