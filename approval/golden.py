"""Worked cases run through the product's own rules and policies: `python -m approval.golden DIR`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from approval.rules import bonus_pool, guards, score
from approval.rules.calendar import one_month_after
from approval.rules.money import fen, yuan
from approval.rules.pay import PayResult, evaluate, piece_of, piece_value
from approval.rules.policy import Policy, chosen, load, policy_in_force, read_shipped
from approval.rules.policy_lint import band_lint
from approval.rules.refusal import Refused
from approval.rules.streak import streak

Case = Mapping[str, Any]
Inputs = Mapping[str, Any]
Found = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """How many cases passed, and the failures in words."""

    passed: int
    failures: tuple[str, ...]


def decimals(values: Sequence[Any]) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


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
    given = {**defaults, **inputs}
    figures = {code: Decimal(str(given[code])) for code in params if code in given}
    return evaluate(told, figures, {code: given[code] for code in told.inputs if code in given})


ATTENDANCE = {"late": 0, "early": 0, "leave": 0, "absent_days": "0"}
FULL_MONTH = {"scheduled": "1", "actual": "1"}
TIERS: dict[str, tuple[str, Mapping[str, str]]] = {"tiers": ("tiers", {}), "base_proration": ("proration", {})}
FULL_ATTENDANCE: dict[str, tuple[str, Mapping[str, str]]] = {"full_attendance": ("reading", {}), "absence_one_day": ("absence", {})}
POSITIONS = {"C-1": "d17-c1", "C-2": "d17-c2", "Y-1": "d17-y1"}


def bonus_rate(inputs: Inputs) -> Found:
    told = policy("d17-c1", readings(inputs, tiers=("reading", {})))
    rate, _ = piece_value(told.scales["bonus_rate"]["pieces"], Fraction(str(inputs["score"])))
    return {"rate": exact(rate)}


def exact(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def coefficient(inputs: Inputs) -> Found:
    told = policy("d08-shipping-supervisor", readings(inputs, coefficient_12=("typo12", {})))
    value, _ = piece_value(told.scales["coefficient"]["pieces"], Fraction(str(inputs["score"])))
    return {"coefficient": exact(value)}


def category(inputs: Inputs) -> Found:
    told = policy("d14-quarterly-category", readings(inputs, names=("reading", {})))
    weights = inputs.get("weights") or [one["weight"] for one in told.raw["appraisal"]["indicators"]]
    total = score.weighted(decimals(inputs["scores"]), decimals(weights))
    pieces = told.ratings["category"]["pieces"]
    hit = piece_of(pieces, Fraction(total))
    return {"score": two_places(total), "rank": pieces.index(hit) + 1, "category": hit["label"]}


def two_places(value: Decimal) -> str:
    return f"{value:.2f}"


def rating(inputs: Inputs) -> Found:
    told = policy("d15-planning-linear", readings(inputs, edge_90=("edge90", {}), edge_70=("edge70", {})))
    return {"rating": piece_of(told.ratings["class"]["pieces"], Fraction(str(inputs["score"])))["label"]}


def commission(inputs: Inputs) -> Found:
    given = {**ATTENDANCE, **FULL_MONTH, "score": "0", **inputs}
    result = pay(policy("d17-y1", readings(inputs, margin_gate=("margin_gate", {}))), given, ["base"], base="0")
    lines = tuple(line for line in result.lines if line.code.startswith("commission_"))
    part = replace(result, lines=lines, total_fen=sum(line.amount_fen for line in lines))
    return lines_of(part) | low_margin(inputs)


def low_margin(inputs: Inputs) -> Found:
    """The records that the 10 % gate of the default reading leaves out (R159): listed under every reading."""
    gate = read_shipped("d17-y1").components[-1]["factors"][0]["where"][-1]["ge"]
    rows = inputs["collections"]
    low = [n for n, row in enumerate(rows) if row.get("margin") is not None and Decimal(row["margin"]) < Decimal(gate)]
    return {"low_margin_records": low} if low else {}


def pay_cs(inputs: Inputs) -> Found:
    return lines_of(pay(policy("d08-customer-service"), {**FULL_MONTH, **inputs}, ["base"], rewards="0"))


def pay_d1(inputs: Inputs) -> Found:
    told = policy("d01-ec-department", readings(inputs, performance_factor=("factor", {})))
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
    result = pay(told, {**FULL_MONTH, "score": "0", "special": "0", **inputs}, ["base"])
    line = result.line("full_attendance")
    assert line is not None
    return {"amount": yuan(line.amount_fen)}


def pay_c(inputs: Inputs) -> Found:
    told = policy(POSITIONS[inputs["position"]], readings(inputs, **TIERS, **FULL_ATTENDANCE))
    return lines_of(pay(told, {**ATTENDANCE, **inputs}, ["base", "bonus", "allowance"], special="0"))


def pay_y1(inputs: Inputs) -> Found:
    told = policy("d17-y1", readings(inputs, **TIERS, **FULL_ATTENDANCE, margin_gate=("margin_gate", {})))
    given = {**ATTENDANCE, "collections": [], "partners": 0, **inputs}
    return lines_of(pay(told, given, ["base", "bonus", "allowance"])) | low_margin(given)


def pay_linear(inputs: Inputs) -> Found:
    told = policy("d15-planning-linear", readings(inputs, above_90=("reading", {})))
    return lines_of(pay(told, inputs, ["wage"]))


def pay_mkt(inputs: Inputs) -> Found:
    told = policy("d09-marketing", readings(inputs, coefficients=("reading", {})))
    return lines_of(pay(told, {**FULL_MONTH, **inputs}, ["base"], team_share="0", rewards="0"))


def pay_ship(inputs: Inputs) -> Found:
    names = {"False": "no", "True": "yes"}
    choices = readings(inputs, coefficient_12=("typo12", {}), coefficient_on_profit_share=("apply_coefficient", names))
    return lines_of(pay(policy("d08-shipping-supervisor", choices), inputs, []))


def gradient(inputs: Inputs) -> Found:
    given = {**inputs, **inputs["amounts"]}
    return lines_of(pay(policy("d03-gradient-bonus"), given, list(inputs["amounts"])))


def quarter_bonus(inputs: Inputs) -> Found:
    return lines_of(pay(policy("d13-quarterly-bonus"), inputs, ["bonus"]))


def prorated(inputs: Inputs) -> Found:
    told = policy("d01-ec-department", readings(inputs, proration_rounding=("method", {})))
    given = {"score": "0", "sales": "0", "performance": "0", "allowance": "0", "commission_rate": "0", **inputs}
    line = pay(told, given, ["base", "performance", "allowance", "commission_rate"]).line("base")
    assert line is not None
    return {"amount": yuan(line.amount_fen)}


def combine(inputs: Inputs) -> Found:
    parts = policy("d08-customer-service").parts
    given = {"employee": inputs["self_score"], "supervisor": inputs["sup_score"]}
    return {"score": two_places(score.combine([(part.weight, Decimal(given[part.by])) for part in parts]))}


def final_score(inputs: Inputs) -> Found:
    told = policy("d08-customer-service", readings(inputs, sample_aggregate=("aggregate", {})))
    assert told.sampling is not None
    theirs = score.sampling_score([decimals(week) for week in inputs["weeks"]], told.sampling.aggregate)
    given = {"employee": Fraction(inputs["self_score"]), "supervisor": theirs}
    return {"score": two_places(score.combine([(part.weight, given[part.by]) for part in told.parts]))}


def kpi_total(inputs: Inputs) -> Found:
    return {"score": two_places(score.kpi_total(decimals(inputs["scores"]), decimals(inputs["maxima"])))}


def kpi_count(inputs: Inputs) -> Found:
    item = policy(POSITIONS[inputs["position"]]).kpi[int(inputs["item"]) - 1]
    counts = {key: Decimal(str(value)) for key, value in inputs.items() if key not in ("position", "item")}
    return {"points": score.kpi_points(item.measure, item.suggest, item.max, counts)}


def quarter_score(inputs: Inputs) -> Found:
    found = score.quarter_score([None if one is None else Decimal(str(one)) for one in inputs["months"]])
    return {"score": None if found is None else two_places(found)}


def pool_amount(inputs: Inputs) -> Found:
    sources = [{key: Decimal(value) for key, value in one.items() if key != "note"} for one in inputs["sources"]]
    cap = Decimal(inputs["cap"]) if inputs.get("cap") else None
    pool = bonus_pool.pool_amount(sources, decimals(inputs["completion_parts"]), cap)
    return {"pool": yuan(pool.pool_fen), "rate": pool.rate, "payable": yuan(pool.payable_fen)}


def pool_split(inputs: Inputs) -> Found:
    weights = {number: Decimal(weight) for number, weight in inputs["weights"].items()}
    shares = bonus_pool.split(fen(inputs["payable"]), weights)
    return {"shares": {number: yuan(share) for number, share in shares.items()}}


def eligible(inputs: Inputs) -> Found:
    names = {"on_or_before": "loses", "before": "keeps"}
    told = policy("d01-ec-department", readings(inputs, leaver_edge=("edge", names)))
    rule = next(one for one in told.raw["pools"] if one["code"] == "annual_team")["eligible"][0]
    left_on = date.fromisoformat(inputs["left_on"]) if inputs["left_on"] else None
    cutoff = date.fromisoformat(inputs.get("cutoff") or rule["date"])
    return {"eligible": bonus_pool.eligible(left_on, cutoff, rule["rule"])}


def streak_of(inputs: Inputs) -> Found:
    months = [(period, None if value is None else Decimal(value)) for period, value in inputs["months"]]
    test = (inputs["test"][0], Decimal(inputs["test"][1]))
    how = {key: inputs[key] for key in ("mode", "gap") if key in inputs}
    found = streak(months, test, int(inputs["run"]), **how)
    return {"count": found.count, "fires": found.fires}


def policy_version(inputs: Inputs) -> Found:
    versions = [
        (int(n), date.fromisoformat(first), date.fromisoformat(last) if last else None, state)
        for n, first, last, state in inputs["versions"]
    ]
    return {"version": policy_in_force(versions, date.fromisoformat(inputs["date"]))}


def lint_bands(inputs: Inputs) -> Found:
    found = band_lint(inputs["rows"])
    return {
        "overlaps": [list(pair) for pair in found.overlaps],
        "gaps_from": [two_places(point) for point in found.gaps_from],
        "non_decreasing_first_match": found.non_decreasing_first_match,
    }


def deadline(inputs: Inputs) -> Found:
    return {"deadline": one_month_after(date.fromisoformat(inputs["date"])).isoformat()}


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
    return {"steps": [OPS[step["op"]](step["inputs"]) for step in inputs["steps"]]}


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


def same(found: Any, expected: Any) -> bool:
    """Compare an answer with what a case expects: bare numbers by value, money and everything else as written."""
    if isinstance(expected, Mapping):
        return (
            isinstance(found, Mapping)
            and found.keys() == expected.keys()
            and all(same(found[k], expected[k]) for k in expected)
        )
    if isinstance(expected, list):
        return len(found) == len(expected) and all(same(one, other) for one, other in zip(found, expected, strict=True))
    if isinstance(found, Decimal):
        return found == Decimal(expected)
    return bool(found == expected)


def failure(case: Case) -> str | None:
    """Run one case; None where it passes, else what was expected and what came."""
    expected = case["expected"]
    try:
        if case["op"] not in OPS:
            return f"{case['id']}: no such op: {case['op']}"
        found = OPS[case["op"]](case["inputs"])
    except Refused as refused:
        if expected.get("error") and refused.fault == expected["error"]:
            return None
        return f"{case['id']}: expected {expected}, refused: {refused} ({refused.fault})"
    except Exception as error:
        return f"{case['id']}: expected {expected}, broke: {error!r}"
    return None if same(found, expected) else f"{case['id']}: expected {expected}, got {found}"


def run(directory: Path) -> Outcome:
    """Run every case of every JSON file in a folder."""
    cases = [case for path in sorted(directory.glob("*.json")) for case in json.loads(path.read_text(encoding="utf-8"))]
    failures = tuple(what for case in cases if (what := failure(case)) is not None)
    return Outcome(len(cases) - len(failures), failures)


def calc(policy_text: str, told: Inputs) -> PayResult:
    """Evaluate a policy file on {"params": {}, "inputs": {}, "choices": {}}: what `approval calc` prints."""
    params = {code: Decimal(str(value)) for code, value in told.get("params", {}).items()}
    return evaluate(chosen(load(policy_text), told.get("choices", {})), params, told.get("inputs", {}))


def main(argv: Sequence[str] | None = None) -> int:
    """Print each failure, and last `N passed, M failed`; 1 where something failed or nothing was found."""
    given = list(sys.argv[1:] if argv is None else argv)
    if len(given) != 1 or not Path(given[0]).is_dir():
        print("usage: golden DIR   (a folder of JSON case files)", file=sys.stderr)
        return 2
    outcome = run(Path(given[0]))
    for what in outcome.failures:
        print(what)
    print(f"{outcome.passed} passed, {len(outcome.failures)} failed")
    return 1 if outcome.failures or not outcome.passed else 0


if __name__ == "__main__":
    sys.exit(main())
