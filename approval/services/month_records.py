"""What the records of a month hold: figures, attendance, rewards and collections, each with where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.figures import Collection, Figure, RewardPenalty
from approval.rules.beside import (
    Adjustment,
)
from approval.rules.explanation import REWARDS
from approval.services.act import Act
from approval.services.attendance import RECORDED, attendance_known, attendance_of

Known = Mapping[str, tuple[Any, str]]
EVIDENCE = ", evidence:"  # in a figure's source, before the document that proves it


@dataclass(frozen=True)
class GatheredReward:
    """A confirmed reward or penalty of the month: signed fen, why, the document behind it, where it came from."""

    amount_fen: int
    reason: str
    evidence: str
    source: str


def known_of(act: Act, appraisal: Appraisal, share_fen: int) -> dict[str, tuple[Any, str]]:
    """Every input that the records of the month hold, with where it came from; an imported figure never stands for a record."""
    figures = select(Figure).where(Figure.employee_id == appraisal.employee_id, Figure.period == appraisal.cycle.period)
    known: dict[str, tuple[Any, str]] = {
        figure.code: (figure.value, source_of(figure.import_id, figure.row_number) + _proof(figure))
        for figure in act.session.scalars(figures)
        if figure.code not in RECORDED
    }
    if appraisal.score is not None:
        known["score"] = (appraisal.score, f"{appraisal.stream}#{appraisal.round}")
    known["team_share"] = (Decimal(share_fen).scaleb(-2), f"bonus_pool:{appraisal.cycle_id}")
    known |= _attendance(act, appraisal)
    rewards = _rewards(act, appraisal)
    known |= dict.fromkeys(REWARDS, rewards)
    known["collections"] = _collections(act, appraisal)
    return known


def _proof(figure: Figure) -> str:
    return f"{EVIDENCE}{figure.evidence}" if figure.evidence else ""


def source_of(import_id: int | None, row: int | None) -> str:
    return f"import:{import_id}#{row}" if import_id else "by_hand"


def _attendance(act: Act, appraisal: Appraisal) -> dict[str, tuple[Any, str]]:
    row = attendance_of(act, appraisal)
    return {} if row is None else attendance_known(act, appraisal, source_of(row.import_id, row.row_number), row)


def _rewards(act: Act, appraisal: Appraisal) -> tuple[Decimal, str]:
    """Confirmed rewards and penalties only: an entry that one person made alone does not count yet."""
    return Decimal(sum(one.amount_fen for one in adjustments_of(act, appraisal))).scaleb(-2), "reward_penalty"


def adjustments_of(act: Act, appraisal: Appraisal) -> tuple[Adjustment, ...]:
    """The confirmed rewards and penalties of a month, in the order of their entry."""
    return tuple(Adjustment(one.amount_fen, one.reason) for one in rewards_of(act, appraisal))


def rewards_of(act: Act, appraisal: Appraisal) -> tuple[GatheredReward, ...]:
    """The confirmed rewards and penalties of a month with what is behind each, in the order of their entry."""
    query = select(RewardPenalty).where(
        RewardPenalty.employee_id == appraisal.employee_id,
        RewardPenalty.period == appraisal.cycle.period,
        RewardPenalty.confirmed_by_id.is_not(None),
    )
    return tuple(
        GatheredReward(one.amount_fen, one.reason, one.evidence, source_of(one.import_id, one.row_number))
        for one in act.session.scalars(query.order_by(RewardPenalty.id))
    )


def _collections(act: Act, appraisal: Appraisal) -> tuple[list[dict[str, Any]], str]:
    rows = act.session.scalars(
        select(Collection)
        .where(Collection.employee_id == appraisal.employee_id, Collection.period == appraisal.cycle.period)
        .order_by(Collection.id)
    ).all()
    told = [
        {"amount": Decimal(r.amount_fen).scaleb(-2), "kind": r.kind, "margin": r.margin, "partner": r.customer}
        for r in rows
    ]
    return told, ", ".join(source_of(r.import_id, r.row_number) for r in rows)
