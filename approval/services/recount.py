"""Every pay number computed again from the frozen policy and the kept figures: what differs is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from approval.models.appraisal import Appraisal, PayResult
from approval.models.cycle import Cycle
from approval.models.payout import Payslip
from approval.models.people import Employee
from approval.models.policy import FrozenPolicy
from approval.rules.amounts import fast
from approval.rules.calendar import kind_of
from approval.rules.policy import Policy
from approval.rules.policy_asked import pays_share
from approval.services.pay import recomputed
from approval.services.rulebook import policy_in

AT_ONCE = 1_000


@dataclass(frozen=True)
class Miscount:
    """A kept result whose sum, or whose payslip's, is not what its policy and figures come to."""

    employee: str
    period: str
    kept_fen: int
    paid_fen: int | None
    counted_fen: int


def results(session: Session) -> int:
    """How many pay results are kept."""
    return session.scalar(select(func.count()).select_from(PayResult)) or 0


def recount(session: Session) -> Iterator[Miscount]:
    """Compute every kept result again, a thousand at a time; those that differ, by fen."""
    policies: dict[str, Policy] = {}
    last = 0
    while rows := session.execute(_after(last)).all():
        for kept, fingerprint, number, period, paid in rows:
            if fingerprint not in policies:
                query = select(FrozenPolicy).where(FrozenPolicy.fingerprint == fingerprint)
                policies[fingerprint] = policy_in(session.scalars(query).one())
            counted = _total(kept, policies[fingerprint], period)
            if not counted == kept.total_fen == (kept.total_fen if paid is None else paid):
                yield Miscount(number, period, kept.total_fen, paid, counted)
        last = rows[-1][0].id
        session.expunge_all()


def _after(last: int) -> Select[PayResult, str, str, str, int | None]:
    return (
        select(PayResult, PayResult.policy_fingerprint, Employee.number, Cycle.period, Payslip.total_fen)
        .join(Appraisal, Appraisal.id == PayResult.appraisal_id)
        .join(Employee, Employee.id == Appraisal.employee_id)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .outerjoin(Payslip, (Payslip.pay_result_id == PayResult.id) & Payslip.live)
        .where(PayResult.id > last)
        .order_by(PayResult.id)
        .limit(AT_ONCE)
    )


def _total(kept: PayResult, policy: Policy, period: str) -> int:
    told: dict[str, Any] = json.loads(kept.inputs)
    if told.keys() & {"segments", "supplements", "adjustments", "void"}:
        return recomputed(kept).total_fen
    runs = policy.pays and policy.cycle == kind_of(period)
    params = {code: Decimal(value) for code, value in told["params"].items()}
    inputs = {code: Decimal(value) if isinstance(value, str) else value for code, value in told["inputs"].items()}
    own_line = runs and pays_share(policy)
    return (fast(policy).total(params, inputs) if runs else 0) + (0 if own_line else int(told["share_fen"]))
