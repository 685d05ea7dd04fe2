"""What each op of the worked cases asks of the product: its own rules and shipped policies, never a table of answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
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
    score_of,
    text,
    whole,
)
from approval.rules import bonus_pool, guards, score
from approval.rules.calendar import one_month_after
from approval.rules.money import yuan
from approval.rules.number import number
from approval.rules.pay import PayResult, evaluate, piece_of, piece_value
from approval.rules.policy import Policy, chosen, policy_in_force, read_shipped
from approval.rules.policy_lint import band_lint
from approval.rules.refusal import Refused
from approval.rules.row import in_bounds
from approval.rules.streak import TESTS, streak

Inputs = Mapping[str, Any]


Found = dict[str, Any]
Names = dict[str, tuple[str, Mapping[str, str]]]


def readings(inputs: Inputs, **options: tuple[str, Mapping[str, str]]) -> dict[str, str]:
    """The option choices that a case names: option=(input, {value in the case: choice of the policy})."""
    return {
        option: names.get(str(inputs[key]), str(inputs[key]))
        for option, (key, names) in options.items()
        if key in inputs
    }


def policy(code: str, choices: Mapping[str, str] | None = None) -> Policy:
    return chosen(read_shipped(code), choices or {})


def lines_of(result: PayResult) -> Found:
    return {"lines": {line.code: yuan(line.amount_fen) for line in result.lines}, "total": yuan(result.total_fen)}


def pay(told: Policy, inputs: Inputs, params: Sequence[str], **defaults: Any) -> PayResult:
    """Evaluate a policy on a case: `params` name the inputs that are figures of the policy."""
    month = {**defaults, **inputs}
    figures = {code: number(month[code]) for code in params if code in month}
    given_inputs = {code: month[code] for code in told.inputs if code in month}
    result = evaluate(told, figures, score.as_seen(given_inputs, told.score_places))
    for (
        code,
        value,
    ) in given_inputs.items():  # a reading may not ask for it; what is given must be possible all the same
        if told.inputs[code].type != "rows":
            in_bounds(told.inputs[code].type, code, told.inputs[code].zh, value)
    return result


ATTENDANCE = {"late": 0, "early": 0, "leave": 0, "absent_days": "0"}
FULL_MONTH = {"scheduled": "1", "actual": "1"}
TIERS: Names = {"tiers": ("tiers", {}), "base_proration": ("proration", {})}
FULL_ATTENDANCE: Names = {
    "full_attendance": ("reading", {}),
    "absence_one_day": ("absence", {}),
}
POSITIONS = {"C-1": "d17-c1", "C-2": "d17-c2", "Y-1": "d17-y1"}
PLANNING = ("C-1", "C-2")


def position(inputs: Inputs, among: Sequence[str] = PLANNING) -> str:
    """The policy of a case's position."""
    return POSITIONS[one_of(inputs["position"], among, "position")]


def score_seen(told: Policy, value: Any) -> Fraction:
    """A final score as a policy keeps it: the rounded one decides the tiers (A-34)."""
    return Fraction(score.rounded(score_of(value), told.score_places))


def bonus_rate(inputs: Inputs) -> Found:
    told = policy("d17-c1", readings(inputs, tiers=("reading", {})))
    rate, _ = piece_value(told.scales["bonus_rate"]["pieces"], score_seen(told, inputs["score"]))
    return {"rate": exact(rate)}


def exact(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


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


def two_places(value: Decimal) -> str:
    return f"{value:.2f}"


def rating(inputs: Inputs) -> Found:
    told = policy("d15-planning-linear", readings(inputs, edge_90=("edge90", {}), edge_70=("edge70", {})))
    return {"rating": piece_of(told.ratings["class"]["pieces"], score_seen(told, inputs["score"]))["label"]}


def commission(inputs: Inputs) -> Found:
    month = {**ATTENDANCE, **FULL_MONTH, "score": "0", **inputs, "collections": records(inputs)}
    result = pay(policy("d17-y1", readings(inputs, margin_gate=("margin_gate", {}))), month, ["base"], base="0")
    lines = tuple(line for line in result.lines if line.code.startswith("commission_"))
    part = replace(result, lines=lines, total_fen=sum(line.amount_fen for line in lines))
    return lines_of(part) | low_margin(result)


KINDS = ("normal", "high")


def records(inputs: Inputs) -> list[Mapping[str, Any]]:
    """What was collected; a record of no known kind would earn nothing in silence, so it is refused."""
    found = [group(one, "collections") for one in listed(inputs["collections"], "collections")]
    for one in found:
        one_of(given(one)["kind"], KINDS, "kind")
    return found


def low_margin(result: PayResult) -> Found:
    """The records below the 10 % gate (A-17): left out or only flagged, the result names them."""
    low = sorted(note.row for note in result.notes if note.input == "collections")
    return {"low_margin_records": low} if low else {}


def pay_cs(inputs: Inputs) -> Found:
    told = policy("d08-customer-service", readings(inputs, base_proration=("proration", {})))
    return lines_of(pay(told, {**FULL_MONTH, **inputs}, ["base"], rewards="0"))


def pay_d1(inputs: Inputs) -> Found:
    told = policy(
        "d01-ec-department", readings(inputs, performance_factor=("factor", {}), proration_rounding=("method", {}))
    )
    figures = ["base", "performance", "allowance", "commission_rate"]
    if "attendance_ratio" not in inputs:
        return lines_of(pay(told, inputs, figures))
    # the year's ratio stands in for the month's on the performance line alone.
    month, year = pay(told, inputs, figures), {**inputs, "scheduled": "1", "actual": inputs["attendance_ratio"]}
    yearly = pay(told, year, figures)
    lines = tuple(y if y.code == "performance" else m for m, y in zip(month.lines, yearly.lines, strict=True))
    return lines_of(replace(month, lines=lines, total_fen=sum(line.amount_fen for line in lines)))


def full_attendance(inputs: Inputs) -> Found:
    told = policy("d17-c1", readings(inputs, **FULL_ATTENDANCE))
    result = pay(told, {**FULL_MONTH, **ATTENDANCE, "score": "0", "special": "0", **inputs}, ["base"])
    line = result.line("full_attendance")
    assert line is not None
    return {"amount": yuan(line.amount_fen)}


def pay_c(inputs: Inputs) -> Found:
    told = policy(position(inputs), readings(inputs, **TIERS, **FULL_ATTENDANCE))
    return lines_of(pay(told, {**ATTENDANCE, **inputs}, ["base", "bonus", "allowance"], special="0"))


def pay_y1(inputs: Inputs) -> Found:
    told = policy("d17-y1", readings(inputs, **TIERS, **FULL_ATTENDANCE, margin_gate=("margin_gate", {})))
    month = {**ATTENDANCE, "partners": 0, **inputs}
    month["collections"] = records(inputs) if "collections" in inputs else []
    result = pay(told, month, ["base", "bonus", "allowance"])
    return lines_of(result) | low_margin(result)


def pay_linear(inputs: Inputs) -> Found:
    told = policy("d15-planning-linear", readings(inputs, above_90=("reading", {})))
    return lines_of(pay(told, inputs, ["wage"]))


def pay_mkt(inputs: Inputs) -> Found:
    told = policy("d09-marketing", readings(inputs, coefficients=("reading", {}), base_proration=("proration", {})))
    return lines_of(pay(told, {**FULL_MONTH, **inputs}, ["base"], team_share="0", rewards="0"))


def pay_ship(inputs: Inputs) -> Found:
    names = {"False": "no", "True": "yes"}
    choices = readings(inputs, coefficient_12=("typo12", {}), coefficient_on_profit_share=("apply_coefficient", names))
    return lines_of(pay(policy("d08-shipping-supervisor", choices), inputs, []))


def gradient(inputs: Inputs) -> Found:
    amounts = group(inputs["amounts"], "amounts")
    return lines_of(pay(policy("d03-gradient-bonus"), {**inputs, **amounts}, list(amounts)))


def quarter_bonus(inputs: Inputs) -> Found:
    quarter = {("quarter_bonus" if name == "bonus" else name): value for name, value in inputs.items()}
    return lines_of(pay(policy("d13-quarterly-bonus"), quarter, ["quarter_bonus"]))


def prorated(inputs: Inputs) -> Found:
    told = policy("d01-ec-department", readings(inputs, proration_rounding=("method", {})))
    month = {"score": "0", "sales": "0", "performance": "0", "allowance": "0", "commission_rate": "0", **inputs}
    line = pay(told, month, ["base", "performance", "allowance", "commission_rate"]).line("base")
    assert line is not None
    return {"amount": yuan(line.amount_fen)}


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
