"""Where a share of a pool came from: the sum, how it was split, who approved it; never what would show another's pay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select

from approval.db import db
from approval.models.bonus_pool import METHODS, BonusPool, PoolShare
from approval.models.payout import Payslip
from approval.models.people import Employee

FEWEST = 3  # of two, each would read the other's share from the sum (PIPL art. 25)


@dataclass(frozen=True)
class ShareView:
    """A share: the pool and its rate, how many take part, the method, this weight of all, the suggestion and the reason to stray.

    Sums that would tell another's share are None.
    """

    name: str
    pool_fen: int | None
    rate: Decimal | None
    payable_fen: int | None
    basis: str
    people: int
    method: str
    weight: Decimal
    weights: Decimal | None
    suggested_fen: int
    share_fen: int
    reason: str
    approved_by: str
    approved_at: datetime | None


def share_of(slip: Payslip) -> ShareView | None:
    """The approved share of the pool that a payslip's cycle has; None where there is none."""
    pool = db.session.scalars(select(BonusPool).where(BonusPool.cycle_id == slip.appraisal.cycle_id)).first()
    if pool is None or pool.split is None or pool.approved_by_id is None:
        return None
    own = (PoolShare.split_id == pool.split_id, PoolShare.employee_id == slip.employee_id)
    share = db.session.scalars(select(PoolShare).where(*own)).first()
    if share is None:
        return None
    query = select(func.count(), func.sum(PoolShare.weight)).where(PoolShare.split_id == pool.split_id)
    people, weights = db.session.execute(query).one()
    return _view(pool, share, people, weights if people >= FEWEST else None)


def _view(pool: BonusPool, share: PoolShare, people: int, weights: Decimal | None) -> ShareView:
    open_ = weights is not None
    split, approver = pool.split, db.session.get(Employee, pool.approved_by_id)
    assert split is not None
    return ShareView(
        pool.name,
        pool.pool_fen if open_ else None,
        pool.rate,
        pool.payable_fen if open_ else None,
        pool.basis,
        people,
        METHODS[split.method],
        share.weight,
        weights,
        share.suggested_fen,
        share.share_fen,
        share.reason,
        approver.name if approver else "",
        pool.approved_at,
    )
