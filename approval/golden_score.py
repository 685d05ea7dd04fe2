"""What the worked cases ask of scores: their parts, KPI points, rates, coefficients and classes."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from approval.golden_given import (
    decimals,
    known,
    listed,
    one_of,
    score_of,
    whole,
)
from approval.golden_policies import (
    POSITIONS,
    Found,
    Inputs,
    exact,
    policy,
    position,
    readings,
    two_places,
)
from approval.rules import score
from approval.rules.pay import piece_of, piece_value
from approval.rules.policy import Policy
from approval.rules.refusal import Refused


def score_seen(told: Policy, value: Any) -> Fraction:
    """A final score as a policy keeps it: the rounded one decides the tiers (A-34)."""
    return Fraction(score.rounded(score_of(value), told.score_places))


def bonus_rate(inputs: Inputs) -> Found:
    told = policy("d17-c1", readings(inputs, tiers=("reading", {})))
    rate, _ = piece_value(told.scales["bonus_rate"]["pieces"], score_seen(told, inputs["score"]))
    return {"rate": exact(rate)}


def coefficient(inputs: Inputs) -> Found:
    told = policy("d08-shipping-supervisor", readings(inputs, coefficient_12=("typo12", {})))
    value, _ = piece_value(told.scales["coefficient"]["pieces"], score_seen(told, inputs["score"]))
    return {"coefficient": exact(value)}


def category(inputs: Inputs) -> Found:
    told = policy("d14-quarterly-category", readings(inputs, names=("reading", {})))
    weights = (
        inputs["weights"] if "weights" in inputs else [one["weight"] for one in told.raw["appraisal"]["indicators"]]
    )
    total = score.weighted(decimals(inputs["scores"], "scores"), decimals(weights, "weights"))
    pieces = told.ratings["category"]["pieces"]
    hit = piece_of(pieces, Fraction(total))
    return {"score": two_places(total), "rank": pieces.index(hit) + 1, "category": hit["label"]}


def rating(inputs: Inputs) -> Found:
    told = policy("d15-planning-linear", readings(inputs, edge_90=("edge90", {}), edge_70=("edge70", {})))
    return {"rating": piece_of(told.ratings["class"]["pieces"], score_seen(told, inputs["score"]))["label"]}


def combine(inputs: Inputs) -> Found:
    parts = policy("d08-customer-service").parts
    scores = {"employee": known(inputs.get("self_score")), "supervisor": known(inputs.get("sup_score"))}
    return {"score": two_places(score.combine([(part.weight, scores[part.by]) for part in parts]))}


def final_score(inputs: Inputs) -> Found:
    told = policy("d08-customer-service", readings(inputs, sample_aggregate=("aggregate", {})))
    assert told.sampling is not None
    weeks = [decimals(week, "weeks") for week in listed(inputs["weeks"], "weeks")]
    theirs = score.sampling_score(weeks, told.sampling.aggregate)
    scores: dict[str, Decimal | Fraction | None] = {"employee": known(inputs.get("self_score")), "supervisor": theirs}
    return {"score": two_places(score.combine([(part.weight, scores[part.by]) for part in told.parts]))}


def kpi_total(inputs: Inputs) -> Found:
    points, maxima = decimals(inputs["scores"], "scores"), decimals(inputs["maxima"], "maxima")
    return {"score": two_places(score.kpi_total(points, maxima))}


def kpi_count(inputs: Inputs) -> Found:
    items = policy(position(inputs, tuple(POSITIONS))).kpi
    item = items[int(one_of(str(whole(inputs["item"])), [str(n + 1) for n in range(len(items))], "item")) - 1]
    counts = {key: Decimal(whole(value)) for key, value in inputs.items() if key not in ("position", "item")}
    points = score.kpi_points(item.measure, item.suggest, item.max, counts)
    if points is None:
        raise Refused("这项指标没有可计的次数，或次数没有填写", fault="missing count")
    return {"points": points}


def quarter_score(inputs: Inputs) -> Found:
    found = score.quarter_score([known(one) for one in listed(inputs["months"], "months")])
    return {"score": None if found is None else two_places(found)}
