"""Scores on 0..100: KPI totals, weekly samples, the weighted month's score; rounded half-up once, to two places, to
whole points or to the six that are kept, as the policy reads (A-34)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from approval.rules.money import half_up
from approval.rules.number import number
from approval.rules.refusal import Refused

MAX = 100


def rounded(score: Fraction | Decimal, places: int = 2) -> Decimal:
    """Round a score half-up to two places, or to as many as the policy says (A-34)."""
    return Decimal(half_up(Fraction(score) * 10**places)).scaleb(-places)


def in_range(score: Decimal) -> Decimal:
    """Refuse a score outside 0..100 (A-50)."""
    if not score.is_finite() or not 0 <= score <= MAX:
        raise Refused("分数须在 0 到 100 之间", fault="score outside 0..100")
    return score


def as_seen(inputs: Mapping[str, Any], places: int) -> Mapping[str, Any]:
    """Typed figures of a month with the score as an employee sees it: rounded half-up once, it decides the tiers (A-34).

    Kept months have theirs rounded already. What is no score stays as it is, for whoever reads it to refuse.
    """
    try:
        told = number(inputs.get("score"))
    except Refused:
        return inputs
    return {**inputs, "score": rounded(told, places)} if 0 <= told <= MAX else inputs


def mean(scores: Sequence[Decimal]) -> Fraction:
    """The exact mean of scores; none at all is refused."""
    if not scores:
        raise Refused("没有分数，算不出平均", fault="no scores")
    return sum((Fraction(in_range(score)) for score in scores), Fraction(0)) / len(scores)


def week_mean(scores: Sequence[Decimal]) -> Fraction:
    """The exact mean of one week's samples."""
    return mean(scores)


def sampling_score(weeks: Sequence[Sequence[Decimal]], aggregate: str = "mean_of_weeks") -> Fraction:
    """The supervisor's part from weekly samples (R073), exact: mean of weekly means, or of all samples (A-07)."""
    filled = [week for week in weeks if week]
    if not filled:
        raise Refused("没有抽查样本，主管评分算不出来", fault="no samples: the supervisor part cannot be computed")
    if aggregate == "mean_of_samples":
        return mean([score for week in filled for score in week])
    if aggregate != "mean_of_weeks":
        raise Refused("没有这种汇总方法：%(name)s", fault="unknown aggregate", name=aggregate)
    means = [week_mean(week) for week in filled]
    return sum(means, Fraction(0)) / len(means)


def combine(parts: Sequence[tuple[Decimal, Fraction | Decimal | None]], places: int = 2) -> Decimal:
    """Weigh the parts (R073, R074) and round once; a missing part is refused, no weight is moved."""
    if any(weight < 0 for weight, _ in parts):
        raise Refused("权重不能为负数", fault="negative weight")
    if sum((Fraction(weight) for weight, _ in parts), Fraction(0)) != 1:
        raise Refused("各部分权重之和必须等于 1", fault="weights do not sum to 1")
    total = Fraction(0)
    for weight, score in parts:
        if score is None:
            raise Refused("缺少一部分评分；缺分不当作 0 分", fault="missing part")
        if not 0 <= score <= MAX:
            raise Refused("分数须在 0 到 100 之间", fault="score outside 0..100")
        total += Fraction(weight) * Fraction(score)
    return rounded(total, places)


def kpi_total(points: Sequence[Decimal], maxima: Sequence[Decimal | int]) -> Decimal:
    """The sum of KPI points, each within 0..max."""
    if len(points) != len(maxima):
        raise Refused("指标数目与评分数目不一致", fault="number of items differs")
    for given, most in zip(points, maxima, strict=True):
        if not given.is_finite() or not 0 <= given <= most:
            raise Refused("指标得分须在 0 到满分之间", fault="item score outside 0..max")
    return rounded(sum((Fraction(one) for one in points), Fraction(0)))


def kpi_points(
    measure: Mapping[str, Any] | None,
    suggest: Sequence[Mapping[str, Any]] | None,
    most: Decimal,
    counts: Mapping[str, Decimal],
    *,
    whole: bool = False,
) -> Decimal | None:
    """The points that counted work gives or suggests for a KPI item; None where its counts are not known.

    `measure` is a formula, its points count (R135, R146, R154); `suggest` sums `each` up to a number, or with `whole`
    gives the full points once every count is reached and none before (A-29).
    """
    if any(count < 0 for count in counts.values()):
        raise Refused("计数不能为负数", fault="negative count")
    if measure is not None:
        count = counts.get(str(measure["count"]))
        return None if count is None else points_of_count(measure, most, count)
    if not suggest or any(str(one["count"]) not in counts for one in suggest):
        return None
    if whole:
        reached = all(counts[str(one["count"])] >= Decimal(str(one["upto"])) for one in suggest)
        return most if reached else Decimal(0)
    total = sum(
        (min(Decimal(str(one["upto"])), counts[str(one["count"])]) * Decimal(str(one["each"])) for one in suggest),
        Decimal(0),
    )
    return min(most, total)


def points_of_count(measure: Mapping[str, Any], most: Decimal, count: Decimal) -> Decimal:
    """The points that a count is worth, within 0..`most`: each so many up to a cap (R135, R146), or the full points
    less so many for each one short (R154, A-30)."""
    if count < 0:
        raise Refused("计数不能为负数", fault="negative count")
    if "each" in measure:
        points = min(Decimal(str(measure.get("cap", most))), count * Decimal(str(measure["each"])))
    else:
        short = max(Decimal(0), Decimal(str(measure["below"])) - count)
        points = max(Decimal(str(measure.get("floor", "0"))), most - short * Decimal(str(measure["minus"])))
    return min(most, max(Decimal(0), points))


def weighted(scores: Sequence[Decimal], weights: Sequence[Decimal]) -> Decimal:
    """Weigh indicator scores (R114), rounded once."""
    if len(scores) != len(weights):
        raise Refused("指标数目与评分数目不一致", fault="number of items differs")
    return combine(list(zip(weights, scores, strict=True)))


def quarter_score(months: Sequence[Decimal | None], places: int = 2) -> Decimal | None:
    """The quarter's score: the mean of its approved months (A-23), rounded once; None where no month has a score.

    A month without a score is left out, never counted as zero.
    """
    given = [one for one in months if one is not None]
    return rounded(mean(given), places) if given else None
