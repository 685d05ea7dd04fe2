"""What each op of the worked cases asks of the product: its own rules and shipped policies, never a table of answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from approval.golden_given import (
    day,
    day_or_open,
    decimals,
    fen,
    given,
    group,
    known,
    listed,
    one_of,
    text,
    whole,
)
from approval.golden_pay import (
    commission,
    full_attendance,
    gradient,
    pay_c,
    pay_cs,
    pay_d1,
    pay_linear,
    pay_mkt,
    pay_ship,
    pay_y1,
    prorated,
    quarter_bonus,
)
from approval.golden_policies import Found, Inputs, policy, readings, two_places
from approval.golden_score import (
    bonus_rate,
    category,
    coefficient,
    combine,
    final_score,
    kpi_count,
    kpi_total,
    quarter_score,
    rating,
)
from approval.rules import bonus_pool, guards
from approval.rules.calendar import one_month_after
from approval.rules.money import yuan
from approval.rules.number import number
from approval.rules.policy import policy_in_force
from approval.rules.policy_lint import band_lint
from approval.rules.refusal import Refused
from approval.rules.streak import TESTS, streak


def pool_amount(inputs: Inputs) -> Found:
    told = [group(one, "sources") for one in listed(inputs["sources"], "sources")]
    sources = [{key: number(value) for key, value in one.items() if key != "note"} for one in told]
    cap = None if inputs.get("cap") in (None, "") else number(inputs["cap"])
    pool = bonus_pool.pool_amount(sources, decimals(inputs["completion_parts"], "completion_parts"), cap)
    return {"pool": yuan(pool.pool_fen), "rate": pool.rate, "payable": yuan(pool.payable_fen)}


def pool_split(inputs: Inputs) -> Found:
    weights = {employee: number(weight) for employee, weight in group(inputs["weights"], "weights").items()}
    shares = bonus_pool.split(fen(inputs["payable"]), weights)
    return {"shares": {employee: yuan(share) for employee, share in shares.items()}}


def eligible(inputs: Inputs) -> Found:
    names = {"on_or_before": "loses", "before": "keeps"}
    told = policy("d01-ec-department", readings(inputs, leaver_edge=("edge", names)))
    rule = next(one for one in told.raw["pools"] if one["code"] == "annual_team")["eligible"][0]
    left_on, cutoff = day_or_open(inputs.get("left_on")), day_or_open(inputs.get("cutoff"))
    return {"eligible": bonus_pool.eligible(left_on, cutoff or day(rule["date"]), rule["rule"])}


HOW = {"mode": ("consecutive", "cumulative"), "gap": ("break", "skip")}


def streak_of(inputs: Inputs) -> Found:
    months = [listed(one, "months", 2) for one in listed(inputs["months"], "months")]
    name, bound = listed(inputs["test"], "test", 2)
    how: dict[str, Any] = {key: one_of(inputs[key], names, key) for key, names in HOW.items() if key in inputs}
    how |= {"window": whole(inputs["window"])} if "window" in inputs else {}
    scores = [(text(period, "month"), known(value)) for period, value in months]
    found = streak(scores, (one_of(name, TESTS, "test"), number(bound)), whole(inputs["run"]), **how)
    return {"count": found.count, "fires": found.fires}


def policy_version(inputs: Inputs) -> Found:
    told = [listed(one, "versions", 4) for one in listed(inputs["versions"], "versions")]
    versions = [(whole(n), day(first), day_or_open(last), state) for n, first, last, state in told]
    return {"version": policy_in_force(versions, day(inputs["date"]))}


def lint_bands(inputs: Inputs) -> Found:
    found = band_lint([listed(row, "rows", 3) for row in listed(inputs["rows"], "rows")])
    return {
        "overlaps": [list(pair) for pair in found.overlaps],
        "gaps_from": [two_places(point) for point in found.gaps_from],
        "non_decreasing_first_match": found.non_decreasing_first_match,
    }


def deadline(inputs: Inputs) -> Found:
    return {"deadline": one_month_after(day(inputs["date"])).isoformat()}


def loss_deduction(inputs: Inputs) -> Found:
    found = guards.loss_deduction(fen(inputs["wage"]), fen(inputs["loss"]), fen(inputs["minimum"]))
    return {"deduct_now": yuan(found.now_fen), "carry": yuan(found.carry_fen)}


def minimum_wage(inputs: Inputs) -> Found:
    found = guards.minimum_wage(fen(inputs["total"]), fen(inputs.get("excluded", "0")), fen(inputs["minimum"]))
    return {"counted": yuan(found.counted_fen), "below": found.below, "gap": yuan(found.gap_fen)}


def commission_cap(inputs: Inputs) -> Found:
    found = guards.commission_cap(fen(inputs["commission"]), fen(inputs["product_profit"]))
    return {"cap": yuan(found.cap_fen), "over": found.over}


def chain(inputs: Inputs) -> Found:
    """Steps one after the other; one that is refused tells its fault in its place."""
    return {"steps": [_step(step) for step in listed(inputs["steps"], "steps")]}


def _step(told: object) -> Found:
    try:
        step = given(group(told, "step"))
        return OPS[one_of(step["op"], OPS, "op")](given(step["inputs"]))
    except Refused as refused:
        return {"error": refused.fault}


OPS: dict[str, Callable[[Inputs], Found]] = {
    "bonus_rate": bonus_rate,
    "category_d14": category,
    "chain": chain,
    "coefficient": coefficient,
    "combine": combine,
    "commission_cap": commission_cap,
    "eligible": eligible,
    "final_score": final_score,
    "full_attendance": full_attendance,
    "gradient_d3": gradient,
    "kpi_count": kpi_count,
    "kpi_total": kpi_total,
    "lint_bands": lint_bands,
    "loss_deduction": loss_deduction,
    "minimum_wage": minimum_wage,
    "one_month_after": deadline,
    "pay_c": pay_c,
    "pay_cs": pay_cs,
    "pay_d1": pay_d1,
    "pay_linear": pay_linear,
    "pay_mkt": pay_mkt,
    "pay_ship": pay_ship,
    "pay_y1": pay_y1,
    "policy_version": policy_version,
    "pool_amount": pool_amount,
    "pool_split": pool_split,
    "prorated": prorated,
    "quarter_bonus": quarter_bonus,
    "quarter_score": quarter_score,
    "rating_d15": rating,
    "streak": streak_of,
    "y1_commission": commission,
}
