"""What a month comes to: exact, explained, refused by name; the same for one row and for many."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from approval.rules.money import LIMIT_FEN, half_up
from approval.rules.pay import PayLine, PayResult, Words, compiled, evaluate, scale_value
from approval.rules.policy import Input, Policy, canonical, chosen, load, read_shipped, shipped_codes, thaw
from approval.rules.policy_format import check
from approval.rules.policy_lint import lints
from approval.rules.refusal import Refused

PAYING = [code for code in shipped_codes() if read_shipped(code).pays]
DIVISORS = ("scheduled", "scheduled_year", "days_of_month")
ATTENDED: dict[str, Any] = {"scheduled": "22", "actual": "21", "late": 0, "early": 0, "leave": 0, "absent_days": "0"}
C1_MONTH = {**ATTENDED, "special": "0", "score": "85"}


def policy(code: str, **choices: str) -> Policy:
    return chosen(read_shipped(code), choices)


def c1(**month: Any) -> PayResult:
    return evaluate(policy("d17-c1"), {"base": Decimal(3000)}, {**C1_MONTH, **month})


def line(result: PayResult, code: str) -> PayLine:
    found = result.line(code)
    assert found is not None
    return found


def written(text: str) -> Policy:
    """A small policy around the components of a test."""
    head = 'policy = { code = "x", name = { zh = "例" }, effective_from = "2026-01-01", cycle = "month" }\n'
    return load(head + 'scope = { departments = ["*"], positions = ["*"] }\n' + text)


def test_each_line_shows_its_numbers() -> None:
    result = c1(score="66")
    assert [one.formula for one in result.lines] == [
        "3000.00 × 21/22 = 2863.64",
        "3000.00 × 0.1 = 300.00",
        "300.00 × 0.4 = 120.00",
        "300.00 = 300.00",
        "0.00 = 0.00",
    ]
    assert result.total_fen == 3583_64


def test_a_scale_says_which_band_the_score_fell_into() -> None:
    told = {
        score: line(c1(score=score), "performance_bonus").terms[1].detail for score in ("59.99", "60", "79.99", "80")
    }
    assert told["59.99"] == Words("绩效分数 59.99，档位 < 60", "Score 59.99, band < 60")
    assert told["60"].zh == "绩效分数 60，档位 ≥ 60 < 70"
    assert told["79.99"].zh == "绩效分数 79.99，档位 ≥ 70 < 80"
    assert told["80"].zh == "绩效分数 80，档位 ≥ 80"


def test_a_lost_bonus_says_why() -> None:
    lost = line(c1(late=1, early=1, leave=1), "full_attendance")
    assert (lost.amount_fen, lost.formula) == (0, "0.00")
    (why,) = lost.terms
    assert why.kind == "unless"
    assert why.detail == Words("迟到＋早退＋请假 = 3 ≥ 3", "Late + Left early + Leave = 3 ≥ 3")


def test_more_days_than_scheduled_are_capped_and_shown() -> None:
    (_, ratio) = line(c1(actual="23"), "base").terms
    assert (ratio.value, ratio.detail.zh) == ("1", "23/22，按 1 封顶")


def test_the_day_rate_may_be_rounded_first_but_a_full_month_stays_full() -> None:
    told = policy("d01-ec-department", proration_rounding="daily_rate_first")
    figures = {code: Decimal(value) for code, value in (("base", 3000), ("performance", 0), ("allowance", 0))}
    month = {"scheduled": "22", "score": "80", "sales": "0"}
    paid = {
        days: line(evaluate(told, {**figures, "commission_rate": Decimal(0)}, {**month, "actual": days}), "base")
        for days in ("21", "22", "23")
    }
    assert {days: one.amount_fen for days, one in paid.items()} == {"21": 2863_56, "22": 3000_00, "23": 3000_00}
    assert paid["21"].terms[1].detail.zh == "日工资先取整到分：136.36"


def test_records_below_the_margin_are_left_out_or_flagged_by_name() -> None:
    month = {
        **ATTENDED,
        "score": "85",
        "partners": 4,
        "collections": [
            {"amount": "1000", "kind": "normal", "margin": "0.2"},
            {"amount": "500", "kind": "normal", "margin": "0.05"},
            {"amount": "100", "kind": "normal", "margin": None},
            {"amount": "800", "kind": "high", "margin": "0.10"},
        ],
    }
    base = {"base": Decimal(3000)}
    out, warned = (evaluate(policy("d17-y1", margin_gate=gate), base, month) for gate in ("exclude", "warn"))
    assert line(out, "commission_normal").amount_fen == 16_50
    assert line(out, "commission_normal").terms[0].detail == Words("计入第 1、3 条", "rows 1, 3")
    assert line(out, "commission_high").amount_fen == 16_00
    assert line(warned, "commission_normal").amount_fen == 24_00
    assert [(note.input, note.row) for note in (*out.notes, *warned.notes)] == [("collections", 1)] * 2
    assert out.notes[0].zh == "回款明细第 2 条：利润率 0.05 不满足 ≥ 0.10，不计提成"
    assert warned.notes[0].en.endswith("counts, please check")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"score": None}, "missing input score"),
        ({"score": "100.01"}, "score outside 0..100"),
        ({"score": "-0.01"}, "score outside 0..100"),
        ({"score": "NaN"}, "not a number"),
        ({"score": "8_5"}, "not a number"),
        ({"score": True}, "not a number"),
        ({"score": Decimal("1E-30")}, "not a number"),
        ({"special": "1e-3000000"}, "not a number"),
        ({"special": "10000000000.01"}, "amount out of range"),
        ({"scheduled": "0"}, "scheduled days must be above 0"),
        ({"actual": "-1"}, "actual days below 0"),
        ({"late": -1}, "late below 0"),
        ({"late": "1.5"}, "late is not a whole number"),
        ({"absent_days": None, "late": 5}, "missing input absent_days"),
        ({"scor": "85"}, "unknown figure scor"),
    ],
)
def test_what_is_missing_or_impossible_is_refused_by_name_never_read_as_zero(
    change: dict[str, Any], fault: str
) -> None:
    with pytest.raises(Refused) as refused:
        c1(**change)
    assert refused.value.fault == fault


def test_a_float_is_refused_before_it_can_be_wrong() -> None:
    with pytest.raises(Refused) as refused:
        c1(score=float("85.5"))
    assert refused.value.fault == "not a number"


@pytest.mark.parametrize("rows", [None, "", "abc", 7, [1], [{"kind": "normal"}], [{"kind": "normal", "amount": "x"}]])
def test_records_that_are_no_records_are_refused(rows: Any) -> None:
    month = {**ATTENDED, "score": "85", "partners": 4, "collections": rows}
    with pytest.raises(Refused):
        evaluate(policy("d17-y1"), {"base": Decimal(3000)}, month)


def test_a_missing_figure_of_the_company_is_refused_by_its_name() -> None:
    with pytest.raises(Refused, match="缺少“基本工资”，请人事设定"):
        evaluate(policy("d17-c1"), {}, C1_MONTH)


def test_a_default_stands_only_where_the_policy_gives_one() -> None:
    month = {"scheduled": "22", "actual": "22", "score": "85", "team_share": "0", "rewards": "-50"}
    assert evaluate(policy("d09-marketing"), {}, month).total_fen == 2160_00 - 50_00
    with pytest.raises(Refused, match="奖惩"):
        evaluate(policy("d09-marketing"), {}, {key: value for key, value in month.items() if key != "rewards"})


def test_a_value_outside_every_band_is_refused() -> None:
    gap = written(
        'inputs = { score = { type = "score" } }\n'
        'scales = { s = { input = "score", pieces = [{ ge = "60", value = "1" }] } }\n'
        'components = [{ code = "a", zh = "甲", factors = [{ const = "10" }, { scale = "s" }] }]\n'
    )
    with pytest.raises(Refused) as refused:
        evaluate(gap, {}, {"score": "59.99"})
    assert refused.value.fault == "no band matches"


@pytest.mark.parametrize(("sales", "amount"), [("999.99", 0), ("1000", 100_00), ("5000", 100_00), ("5000.01", 0)])
def test_a_line_may_be_paid_only_when_every_condition_holds(sales: str, amount: int) -> None:
    told = written(
        'inputs = { sales = { type = "money", zh = "销售额", en = "Sales" } }\n'
        'components = [{ code = "a", zh = "甲", factors = [{ const = "100" }], '
        'when = { all = [{ sum = ["sales"], ge = "1000" }, { sum = ["sales"], le = "5000" }] } }]\n'
    )
    result = evaluate(told, {}, {"sales": sales})
    assert result.total_fen == amount
    assert result.lines[0].terms[0].kind == ("const" if amount else "when")


@pytest.mark.parametrize(("cents", "fen"), [("0.005", 1), ("-0.005", -1), ("0.0049", 0), ("0.015", 2), ("-0.0149", -1)])
def test_a_line_is_rounded_once_halves_away_from_zero(cents: str, fen: int) -> None:
    told = written(f'components = [{{ code = "a", zh = "甲", factors = [{{ const = "{cents}" }}] }}]\n')
    assert evaluate(told, {}, {}).total_fen == fen


def test_an_amount_beyond_ten_billion_yuan_is_refused() -> None:
    told = written('components = [{ code = "a", zh = "甲", factors = [{ const = "100000" }, { const = "100001" }] }]\n')
    with pytest.raises(Refused, match="超出范围"):
        evaluate(told, {}, {})


def test_the_first_scale_on_the_score_tells_the_coefficient() -> None:
    assert scale_value(policy("d08-customer-service"), Decimal("80")) == Decimal("1.2")
    assert scale_value(policy("d04-chief-designer-m1"), Decimal("64.99")) == Decimal("0.5")
    assert scale_value(read_shipped("d10-planning-house-rules"), Decimal("80")) == 1


def test_a_policy_is_compiled_once_and_rows_know_nothing_of_each_other() -> None:
    told = policy("d17-c1")
    assert compiled(told) is compiled(told)
    together = [compiled(told).evaluate({"base": Decimal(base)}, C1_MONTH).total_fen for base in (3000, 4000, 3000)]
    assert together == [3763_64, 4818_18, 3763_64]


scores = st.integers(0, 10_000).map(lambda n: str(Decimal(n).scaleb(-2)))
amounts = st.integers(0, 10**9).map(lambda n: Decimal(n).scaleb(-2))
records = st.fixed_dictionaries(
    {
        "amount": st.integers(-(10**8), 10**8).map(lambda n: str(Decimal(n).scaleb(-2))),
        "kind": st.sampled_from(["normal", "high"]),
        "margin": st.none() | st.integers(0, 1000).map(lambda n: str(Decimal(n).scaleb(-3))),
        "partner": st.sampled_from(["甲", "乙", "丙", "丁", "戊", "己", "庚"]),
    }
)
KINDS: Mapping[str, st.SearchStrategy[Any]] = {
    "score": scores,
    "money": amounts.map(str),
    "count": st.integers(0, 40),
    "days": st.integers(0, 310).map(lambda n: str(Decimal(n).scaleb(-1))),
    "factor": st.integers(0, 2000).map(lambda n: str(Decimal(n).scaleb(-3))),
    "fraction": st.integers(-1000, 2000).map(lambda n: str(Decimal(n).scaleb(-3))),
    "rows": st.lists(records, max_size=5),
}


def figure(told: Input) -> st.SearchStrategy[Any]:
    return st.integers(1, 31).map(str) if told.code in DIVISORS else KINDS[told.type]


Month = tuple[Policy, dict[str, Decimal], dict[str, Any]]


@st.composite
def months(draw: st.DrawFn, *, any_reading: bool = True) -> Month:
    """Any shipped policy, under any readings or the default ones, with any month that it could meet."""
    read = read_shipped(draw(st.sampled_from(PAYING)))
    options = read.options if any_reading else ()
    told = chosen(read, {option.code: draw(st.sampled_from(option.choices)) for option in options})
    params = {code: draw(amounts) for code, param in told.params.items() if param.value is None}
    for code, param in told.params.items():
        if param.type == "fraction" and code in params:
            params[code] = params[code] / 10**7
    return told, params, {code: draw(figure(one)) for code, one in told.inputs.items()}


def walk(told: Any) -> list[Any]:
    if is_dataclass(told):
        return [leaf for one in fields(told) for leaf in walk(getattr(told, one.name))]
    if isinstance(told, tuple):
        return [leaf for one in told for leaf in walk(one)]
    return [told]


@given(months())
def test_lines_sum_to_the_total_and_no_number_is_anything_but_whole_fen_or_text(
    month: Month,
) -> None:
    result = evaluate(*month)
    assert sum(one.amount_fen for one in result.lines) == result.total_fen
    assert {type(leaf) for leaf in walk(result)} <= {int, str, bool}


@given(months())
def test_a_line_is_the_product_of_its_terms_rounded_once(
    month: Month,
) -> None:
    told, _, _ = month
    by_day = "daily_rate_first" in {option.default for option in told.options}
    for one in evaluate(*month).lines:
        if by_day and one.code == "base":
            continue
        product = Fraction(1)
        for term in one.terms:
            product *= Fraction(term.value)
        assert one.amount_fen == half_up(product * 100)


@given(months())
def test_a_frozen_policy_pays_what_it_paid_before_and_its_result_is_kept_byte_for_byte(
    month: Month,
) -> None:
    told, params, inputs = month
    first = evaluate(told, params, inputs)
    kept = first.to_json()
    assert PayResult.from_json(kept) == first
    stored = json.loads(json.dumps(inputs))
    again = evaluate(thaw(canonical(told)), {code: Decimal(str(value)) for code, value in params.items()}, stored)
    assert again.to_json() == kept


@given(months(any_reading=False), scores)
def test_more_score_never_pays_less_under_the_default_readings(month: Month, other: str) -> None:
    told, params, inputs = month
    assume("score" in inputs)
    ordered = sorted((inputs["score"], other), key=Decimal)
    paid = [evaluate(told, params, {**inputs, "score": score}).total_fen for score in ordered]
    assert paid == sorted(paid)


@given(months(), st.integers(1, 310))
def test_more_days_worked_never_pay_less(month: Month, tenths: int) -> None:
    told, params, inputs = month
    assume("actual" in inputs)
    fewer, more = sorted((Decimal(inputs["actual"]), Decimal(tenths).scaleb(-1)))
    paid = [evaluate(told, params, {**inputs, "actual": str(days)}).total_fen for days in (fewer, more)]
    assert paid == sorted(paid)


JUNK: list[Any] = [None, "", "x", "-1", "1e9999999", -1, 0, 10**30, True, [], {}, [[]], ["x"], {"x": "y"}, "界"]


def places(told: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = told.keys() if isinstance(told, dict) else range(len(told)) if isinstance(told, list) else ()
    return [spot for key in keys for spot in [(*path, key), *places(told[key], (*path, key))]]


@given(months(), st.data())
def test_a_spoilt_policy_is_refused_or_pays_but_never_breaks(month: Month, data: st.DataObject) -> None:
    told, params, inputs = month
    raw = copy.deepcopy(dict(told.raw))
    spot = data.draw(st.sampled_from(places(raw)))
    where: Any = raw
    for key in spot[:-1]:
        where = where[key]
    if data.draw(st.booleans()):
        del where[spot[-1]]
    else:
        where[spot[-1]] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
    with suppress(Refused):
        check(raw, "x.toml")
        spoilt = chosen(Policy(raw), {})
        lints(spoilt)
        result = evaluate(spoilt, params, {code: value for code, value in inputs.items() if code in spoilt.inputs})
        assert all(abs(one.amount_fen) <= LIMIT_FEN for one in result.lines)


@given(months(), st.data())
def test_a_spoilt_month_is_refused_or_paid_but_never_breaks(month: Month, data: st.DataObject) -> None:
    told, params, inputs = month
    spot = data.draw(st.sampled_from(sorted(inputs)))
    junk = data.draw(st.sampled_from([*JUNK, float("nan"), float("1.5"), Decimal("Infinity"), "１２"]))
    with suppress(Refused):
        assert evaluate(told, params, {**inputs, spot: junk}).lines
