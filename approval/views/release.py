"""After the split: every month that has its figures gets its pay computed and goes on to payout; the others are named."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash
from flask_babel import gettext as _
from sqlalchemy import select

from approval.i18n import said, sentences
from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.people import holders
from approval.rules.refusal import Refused
from approval.services import appraisal, pay
from approval.views.door import act
from workflows.appraisal import CONCLUDED
from workflows.engine import NotAllowed


def release_pool(pool: BonusPool) -> None:
    """Release the months of a pool's cycle."""
    _release(pay.months_to_release(act(), pool))


def release_cycle(cycle: Cycle) -> None:
    """Release the months of a cycle without a pool."""
    query = select(Appraisal).where(Appraisal.cycle_id == cycle.id, Appraisal.state == "split_approval")
    _release(sorted(act().session.scalars(query), key=lambda one: one.employee.number))


def _release(months: Sequence[Appraisal]) -> None:
    """Each month by itself: one whose figures are missing keeps nobody else from his pay; what pays nothing is concluded."""
    gone = [month for month in months if _release_one(month)]
    concluded = sum(month.state == CONCLUDED for month in gone)
    if len(gone) > concluded:
        flash(_("已算出 %(n)s 人的工资，等待财务制单发放。", n=len(gone) - concluded), "ok")
    if concluded:
        flash(_("其中 %(n)s 人这一期没有要发放的金额，已结案。", n=concluded), "ok")


def _release_one(month: Appraisal) -> bool:
    try:
        with act().session.begin_nested():
            if appraisal.pays_nothing(act(), month):
                appraisal.conclude(act(), month)
            else:
                pay.release(act(), month)
    except (NotAllowed, Refused) as error:
        why = sentences(error) if isinstance(error, NotAllowed) else [said(error)]
        name = f"{month.employee.name} {month.employee.number}"
        flash(_("%(name)s 暂不进入发放：%(why)s。补齐后再按“进入发放”。", name=name, why="；".join(why)), "warn")
        _ask_for(month)
        return False
    return True


def _ask_for(month: Appraisal) -> None:
    missing = pay.gather(act(), month).missing
    finance = act().session.scalars(holders("finance", act().today)).first()
    if missing:
        pay.tell_missing(act(), month, missing, finance.id if finance else None)
