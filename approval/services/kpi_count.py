"""What the month's imported counts say of KPI items: points by formula where an item is measured (R135, R146, R154), a
suggestion elsewhere (A-29). While scores are open the figures of today count; a closed round keeps its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from approval.models.appraisal import Appraisal, KpiCount
from approval.models.figures import Figure
from approval.rules import score as scoring
from approval.rules.policy import NAMES, KpiItem, Policy
from approval.services.act import Act
from approval.services.rulebook import policy_of
from workflows.appraisal import SAMPLING, SELF_ASSESSMENT

OPEN = (SELF_ASSESSMENT, SAMPLING)


@dataclass(frozen=True)
class Quantity:
    """One count by its Chinese and English name, and where it came from: the import and its row, or who entered it."""

    code: str
    zh: str
    en: str
    value: Decimal
    import_id: int | None = None
    row_number: int | None = None
    entered_by_id: int | None = None


@dataclass(frozen=True)
class Counted:
    """What the counts say about a KPI item: the quantities and the points; `governs` where these are the item's points."""

    item: KpiItem
    quantities: tuple[Quantity, ...]
    points: Decimal

    @property
    def governs(self) -> bool:
        return self.item.measure is not None


def counted_items(act: Act, appraisal: Appraisal, round_: int | None = None) -> dict[str, Counted]:
    """The KPI items of a round (the present one by default) whose counts are known, by item; unknown ones are left out."""
    policy = policy_of(appraisal)
    if not any(_codes(item) for item in policy.kpi):
        return {}
    known = _quantities(act, appraisal, policy, round_)
    counts = {code: one.value for code, one in known.items()}
    found: dict[str, Counted] = {}
    for item in policy.kpi:
        points = scoring.kpi_points(item.measure, item.suggest, item.max, counts, whole=item.all_or_nothing)
        if points is not None:
            found[item.code] = Counted(item, tuple(known[code] for code in _codes(item)), scoring.rounded(points))
    return found


def governed(act: Act, appraisal: Appraisal, round_: int | None = None) -> dict[str, Decimal]:
    """The points that a formula gives in a round, by item: they stand for every rater, whatever was claimed."""
    return {code: one.points for code, one in counted_items(act, appraisal, round_).items() if one.governs}


def uncounted(act: Act, appraisal: Appraisal) -> tuple[str, ...]:
    """The counts of measured items that nobody has brought yet, by name: without them there is no score, never a zero."""
    policy, there = policy_of(appraisal), counted_items(act, appraisal)
    missing = [item for item in policy.kpi if item.measure is not None and item.code not in there]
    return tuple(_names(policy, code)[0] for item in missing for code in _codes(item))


def keep_counts(act: Act, appraisal: Appraisal) -> None:
    """Keep the counts of the present round as they stand: what is imported later does not move the score (insert only)."""
    for one in _quantities(act, appraisal, policy_of(appraisal), None).values():
        kept = KpiCount(appraisal_id=appraisal.id, round=appraisal.round, code=one.code, quantity=one.value)
        kept.import_id, kept.row_number, kept.entered_by_id = one.import_id, one.row_number, one.entered_by_id
        kept.counted_at = act.at
        act.session.add(kept)
    act.session.flush()


def counted_told(
    act: Act, appraisal: Appraisal, claimed: Mapping[str, Mapping[str, Decimal | None]]
) -> dict[str, dict[str, Any]]:
    """What counts decide, for the chain: each governed item's counts and points, and what each rater had claimed for it."""
    return {
        code: {
            "counts": {quantity.code: quantity.value for quantity in one.quantities},
            "points": one.points,
            **{rater: points[code] for rater, points in claimed.items() if points.get(code) is not None},
        }
        for code, one in counted_items(act, appraisal).items()
        if one.governs
    }


def counts_of(policy: Policy) -> frozenset[str]:
    """The counts without which a measured item has no points (R135, R146, R154)."""
    return frozenset(str(item.measure["count"]) for item in policy.kpi if item.measure is not None)


def _quantities(act: Act, appraisal: Appraisal, policy: Policy, round_: int | None) -> dict[str, Quantity]:
    """The counts that KPI items ask for: today's figures while the round is open, else those kept at its closing."""
    asked = {code for item in policy.kpi for code in _codes(item)}
    if appraisal.state in OPEN and (round_ or appraisal.round) == appraisal.round:
        return {row.code: _quantity(policy, row, row.value) for row in _figures(act, appraisal) if row.code in asked}
    kept = select(KpiCount).where(KpiCount.appraisal_id == appraisal.id, KpiCount.round == (round_ or appraisal.round))
    return {row.code: _quantity(policy, row, row.quantity) for row in act.session.scalars(kept) if row.code in asked}


def _figures(act: Act, appraisal: Appraisal) -> Sequence[Figure]:
    query = select(Figure).where(Figure.employee_id == appraisal.employee_id, Figure.period == appraisal.cycle.period)
    return act.session.scalars(query).all()


def _quantity(policy: Policy, row: Figure | KpiCount, value: Decimal) -> Quantity:
    names = _names(policy, row.code)
    return Quantity(row.code, *names, value, row.import_id, row.row_number, row.entered_by_id)


def _names(policy: Policy, code: str) -> tuple[str, str]:
    named = policy.inputs.get(code)
    return (named.zh, named.en) if named else NAMES.get(code, (code, code))


def _codes(item: KpiItem) -> list[str]:
    rules: list[Mapping[str, object]] = [item.measure] if item.measure is not None else list(item.suggest)
    return [str(rule["count"]) for rule in rules]
