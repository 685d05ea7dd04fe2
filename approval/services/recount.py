"""Every pay number computed again from the frozen policy and the kept figures: what differs is named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.exc import NoResultFound
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
from approval.services.pay_proof import UNREADABLE, proof_of
from approval.services.rulebook import policy_in
from workflows.engine import No

AT_ONCE = 1_000
Kept = Row[PayResult, Payslip | None, str, str]
OUT_OF_THE_ORDINARY = frozenset(
    {"segments", "supplements", "adjustments", "void"}
)  # what the fast evaluator does not know


@dataclass(frozen=True)
class Miscount:
    """A kept result that is not what its policies and figures come to, or not what was paid; `faults` say why.

    `counted_fen` is what the fast evaluator makes of it, None where it cannot be computed any more.
    """

    employee: str
    period: str
    kept_fen: int
    paid_fen: int | None
    counted_fen: int | None
    faults: tuple[No, ...]


def results(session: Session) -> int:
    """How many pay results are kept."""
    return session.scalar(select(func.count()).select_from(PayResult)) or 0


@dataclass(frozen=True)
class Page:
    """So many results proved, the faults among them, and where the next page begins; None after the last."""

    count: int
    faults: tuple[Miscount, ...]
    next: int | None


def recount(session: Session) -> Iterator[Miscount]:
    """Compute every kept result again, twice: by the fast evaluator to the fen, and proved part by part."""
    policies: dict[str, Policy] = {}
    last = 0
    while rows := session.execute(_after(last, AT_ONCE)).all():
        yield from _faults_of(session, rows, policies)
        last = rows[-1][0].id
        session.expunge_all()


def recount_page(session: Session, after: int, most: int) -> Page:
    """The same for the next results after one, at most so many: what somebody can wait for in front of a page."""
    rows = session.execute(_after(after, most)).all()
    left = session.scalar(select(func.count()).select_from(_after(rows[-1][0].id, 1).subquery())) if rows else 0
    return Page(len(rows), tuple(_faults_of(session, rows, {})), rows[-1][0].id if left else None)


def _faults_of(session: Session, rows: Sequence[Kept], policies: dict[str, Policy]) -> Iterator[Miscount]:
    for kept, slip, number, period in rows:
        paid, faults = slip.total_fen if slip is not None else None, proof_of(kept, slip).faults
        counted = _counted(session, kept, policies, period)
        if faults or not counted == kept.total_fen == (kept.total_fen if paid is None else paid):
            yield Miscount(number, period, kept.total_fen, paid, counted, faults)


def _after(last: int, most: int) -> Select[PayResult, Payslip | None, str, str]:
    return (
        select(PayResult, Payslip, Employee.number, Cycle.period)
        .join(Appraisal, Appraisal.id == PayResult.appraisal_id)
        .join(Employee, Employee.id == Appraisal.employee_id)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .outerjoin(Payslip, (Payslip.pay_result_id == PayResult.id) & Payslip.live)
        .where(PayResult.id > last)
        .order_by(PayResult.id)
        .limit(most)
    )


def _counted(session: Session, kept: PayResult, policies: dict[str, Policy], period: str) -> int | None:
    try:
        if kept.policy_fingerprint not in policies:
            query = select(FrozenPolicy).where(FrozenPolicy.fingerprint == kept.policy_fingerprint)
            policies[kept.policy_fingerprint] = policy_in(session.scalars(query).one())
        return _total(kept, policies[kept.policy_fingerprint], period)
    except (*UNREADABLE, NoResultFound):
        return None


def _total(kept: PayResult, policy: Policy, period: str) -> int:
    told: dict[str, Any] = json.loads(kept.inputs)
    if told.keys() & OUT_OF_THE_ORDINARY:
        return recomputed(kept).total_fen
    runs = policy.pays and policy.cycle == kind_of(period)
    params = {code: Decimal(value) for code, value in told["params"].items()}
    inputs = {code: Decimal(value) if isinstance(value, str) else value for code, value in told["inputs"].items()}
    own_line = runs and pays_share(policy)
    return (fast(policy).total(params, inputs) if runs else 0) + (0 if own_line else int(told["share_fen"]))
