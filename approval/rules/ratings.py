"""What was given in a month, weighed again under another policy: points, counts, the self-appraisal, weekly samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from approval.rules.policy import KpiItem, Part, Policy
from approval.rules.refusal import Refused
from approval.rules.score import combine, kpi_total, points_of_count, sampling_score


@dataclass(frozen=True)
class Ratings:
    """What was given in a month: KPI points by rater and item, the self-appraisal, the sampled scores of each week.

    `counts` are the counts of work that were kept when the scores were closed, by their code.
    """

    points: Mapping[str, Mapping[str, Decimal]]
    self_score: Decimal | None
    weeks: Sequence[Sequence[Decimal]]
    counts: Mapping[str, Decimal] = field(default_factory=dict)


def score_of(given: Ratings, own: Policy, policy: Policy) -> Decimal:
    """The score that a policy gives to what was given under `own`; Refused names the ratings that are missing."""
    return combine([(part.weight, _part(given, own, policy, part)) for part in policy.parts], policy.score_places)


def _part(given: Ratings, own: Policy, policy: Policy, part: Part) -> Decimal | Fraction:
    if part.by == "supervisor":
        if part.source != "sampling":
            return _points(given, own, policy, "supervisor")
        plan = policy.sampling
        return sampling_score(given.weeks, plan.aggregate if plan else "mean_of_weeks")
    if policy.kpi:
        return _points(given, own, policy, "self")
    if given.self_score is None:
        raise Refused("缺少这些数据：%(missing)s", fault="missing self score", missing="自评")
    return given.self_score


def _points(given: Ratings, own: Policy, policy: Policy, rater: str) -> Decimal:
    told = given.points.get(rater, {})
    points = {item.code: _point(item, told.get(item.code), given.counts, own) for item in policy.kpi}
    missing = [item.zh for item in policy.kpi if points[item.code] is None]
    if missing or not policy.kpi:
        raise Refused(
            "缺少这些指标的评分：%(missing)s", fault="missing points", missing="、".join(missing) or "主管评分"
        )
    known = [one for one in points.values() if one is not None]
    return kpi_total(known, [item.max for item in policy.kpi])


def _point(item: KpiItem, claimed: Decimal | None, counts: Mapping[str, Decimal], own: Policy) -> Decimal | None:
    """The points of one item: what its count gives where it is measured, else what was given.

    A month whose scores were closed before counts were kept stands by what was given for the items measured then.
    """
    if item.measure is None:
        return claimed
    count = counts.get(str(item.measure["count"]))
    if count is not None:
        return points_of_count(item.measure, item.max, count)
    return claimed if any(one.code == item.code and one.measure is not None for one in own.kpi) else None
