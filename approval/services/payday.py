"""评定结束: the day on which the last publication of a quarter or year ended, and the payday that follows from it (R103)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from approval.models.appraisal import Appraisal
from approval.models.beside import AppraisalSupplement
from approval.models.cycle import Cycle
from approval.models.people import WorkingDayException
from approval.models.policy import FrozenPolicy
from approval.rules.calendar import MONTH, WorkingDays, due_after, kind_of
from approval.rules.policy import Policy
from approval.services.act import Act
from approval.services.rulebook import policy_in
from approval.services.step import keep_record
from workflows.appraisal import CANCELLED, DEPARTMENT_REVIEW, PUBLICATION, SAMPLING, SELF_ASSESSMENT

PAYOUT, EVALUATION_CLOSED = "payout", "evaluation_closed"
UNDER_WAY = (SELF_ASSESSMENT, SAMPLING, DEPARTMENT_REVIEW, PUBLICATION)


@dataclass(frozen=True)
class Deadline:
    """A policy's deadline for the payout, counted from the end of the evaluation (R103)."""

    policy: Policy
    told: Mapping[str, Any]

    @property
    def offset(self) -> tuple[int, int]:
        """Months and days."""
        return int(self.told.get("offset_months", 0)), int(self.told.get("offset_days", 0))


def working_days(act: Act) -> WorkingDays:
    """The company's working-day calendar, as HR keeps it."""
    rows = act.session.scalars(select(WorkingDayException)).all()
    return WorkingDays({row.day: row.works for row in rows})


def deadlines_of(act: Act, cycle: Cycle) -> list[Deadline]:
    """The deadlines of a quarter's or year's frozen policies; a month has its own payday (rules.md 5.3)."""
    return [] if kind_of(cycle.period) == MONTH else list(_deadlines(act, cycle))


def _deadlines(act: Act, cycle: Cycle) -> Iterator[Deadline]:
    months = select(Appraisal.id).where(Appraisal.cycle_id == cycle.id, Appraisal.state != CANCELLED)
    own = select(Appraisal.frozen_policy_id).where(Appraisal.id.in_(months))
    added = select(AppraisalSupplement.frozen_policy_id).where(AppraisalSupplement.appraisal_id.in_(months))
    frozen = select(FrozenPolicy).where(or_(FrozenPolicy.id.in_(own), FrozenPolicy.id.in_(added)))
    for policy in map(policy_in, act.session.scalars(frozen.order_by(FrozenPolicy.id))):
        for told in policy.deadlines:
            if (told.get("code"), told.get("anchor")) == (PAYOUT, EVALUATION_CLOSED):
                yield Deadline(policy, told)


def due_of(act: Act, found: Deadline, closed_on: date) -> date:
    """The last day for the payout under one deadline (A-42)."""
    return due_after(closed_on, *found.offset, working_days(act))


def close_evaluation(act: Act, cycle: Cycle) -> None:
    """Note that the evaluation of a quarter or year is closed, where its last publication has ended by now.

    Its payday then follows from the earliest deadline of its policies; without one it stays as it was at the opening.
    """
    states = set(act.session.scalars(select(Appraisal.state).where(Appraisal.cycle_id == cycle.id)))
    if kind_of(cycle.period) == MONTH or states & set(UNDER_WAY) or states <= {CANCELLED}:
        return
    found = sorted(((due_of(act, one, act.today), one) for one in deadlines_of(act, cycle)), key=lambda pair: pair[0])
    changes: dict[str, object] = {"evaluation_closed_on": act.today}
    if found:
        changes["payday"] = found[0][0]
    body = {"deadlines": {one.policy.code: [one.told["code"], *one.offset] for _, one in found}}
    keep_record(act, cycle, "cycle:close_evaluation", changes=changes, body=body)
