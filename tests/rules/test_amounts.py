"""The fast way to a month's fen is the explaining way: the same lines, the same refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approval.rules.amounts import MOST_KEPT, amounts, amounts_of_rows, fast
from approval.rules.arithmetic import Arithmetic, Column, Unusual
from approval.rules.pay import evaluate
from approval.rules.policy import Policy, chosen, load, read, read_shipped, shipped_codes
from approval.rules.refusal import Refused
from tests.rules.test_differential import months, standards

MONTH: dict[str, Any] = {
    "scheduled": Decimal(22),
    "actual": Decimal(21),
    "late": 0,
    "early": Decimal(0),
    "leave": Decimal(0),
    "absent_days": Decimal("0E+9"),
    "special": Decimal("-0"),
    "score": Decimal("65"),
}
BASE = {"base": Decimal(3000)}
PAYING = [code for code in shipped_codes() if read_shipped(code).pays]


def told(pay: Callable[[], dict[str, int]]) -> dict[str, int] | str:
    """The fen of every line, or the words of the refusal."""
    try:
        return pay()
    except Refused as refused:
        return str(refused)


def explained(policy: Policy, params: Mapping[str, Decimal], month: Mapping[str, Any]) -> dict[str, int]:
    return {line.code: line.amount_fen for line in evaluate(policy, params, month).lines}


def agree(policy: Policy, params: Mapping[str, Decimal], month: Mapping[str, Any]) -> bool:
    expected = told(lambda: explained(policy, params, month))
    total = sum(expected.values()) if isinstance(expected, dict) else expected
    return (told(lambda: amounts(policy, params, month)), told(lambda: {"": fast(policy).total(params, month)})) == (
        expected,
        {"": total} if isinstance(expected, dict) else expected,
    )


def readings(policy: Policy) -> list[dict[str, str]]:
    return [{one.code: choice} for one in policy.options for choice in one.choices] or [{}]


@pytest.mark.parametrize("code", PAYING)
def test_both_ways_pay_the_same_under_every_reading(code: str) -> None:
    shipped = read_shipped(code)
    policies = [chosen(shipped, choices) for choices in readings(shipped)]

    @settings(max_examples=150, deadline=None)
    @given(st.sampled_from(policies).flatmap(lambda one: st.tuples(st.just(one), standards(one), months(one))))
    def both(given_month: tuple[Policy, dict[str, Decimal], dict[str, Any]]) -> None:
        assert agree(*given_month)

    both()


ODD: list[Any] = [
    None,
    True,
    1.5,
    "2",
    "two",
    -1,
    Decimal("-0.01"),
    Decimal("0.5"),
    Decimal("NaN"),
    Decimal("Infinity"),
    Decimal("100.01"),
    Decimal("1e11"),
    Decimal("1e-21"),
    Decimal("1e400000"),
    [],
]


@pytest.mark.parametrize("odd", ODD, ids=str)
@pytest.mark.parametrize("code", [*MONTH, "base"])
def test_an_odd_figure_is_paid_or_refused_as_the_explaining_way_does(code: str, odd: Any) -> None:
    policy = read_shipped("d17-c1")
    params = {**BASE, code: odd} if code == "base" else BASE
    month = MONTH if code == "base" else {**MONTH, code: odd}
    assert agree(policy, params, month)


@pytest.mark.parametrize(("params", "month"), [(BASE, {**MONTH, "scor": 1}), ({**BASE, "bas": Decimal(1)}, MONTH)])
def test_a_figure_that_the_policy_does_not_know_is_refused(params: dict[str, Decimal], month: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="方案不认识"):
        amounts(read_shipped("d17-c1"), params, month)


def test_a_sum_beyond_every_wage_is_refused() -> None:
    policy = chosen(read_shipped("d08-customer-service"), {})
    month = {**dict.fromkeys(policy.inputs, Decimal(1)), "sales": Decimal(10**10), "neutral_fixed": Decimal(10**10)}
    with pytest.raises(Refused, match="超出范围"):
        amounts(policy, {"base": Decimal(10**10)}, month)


def test_what_was_learned_is_forgotten_before_it_fills_the_memory() -> None:
    policy = read_shipped("d15-planning-linear")
    ready = fast(policy)
    for fen in range(MOST_KEPT + 10):
        ready.total({"wage": Decimal(fen).scaleb(-2)}, {"score": Decimal(80)})
    assert all(len(one.known) <= MOST_KEPT for one in ready.figures)
    assert ready.total({"wage": Decimal("5000.01")}, {"score": Decimal(80)}) == 500_001


@settings(max_examples=50, deadline=None)
@given(st.decimals("-2000", "2000", places=2), st.decimals("0", "2", places=3))
def test_a_negative_amount_is_rounded_away_from_zero_as_well(rewards: Decimal, task: Decimal) -> None:
    policy = read_shipped("d09-marketing")
    month = {**dict.fromkeys(policy.inputs, Decimal(1)), "rewards": rewards, "task_coefficient": task}
    assert agree(policy, {}, month)


def test_a_figure_that_was_seen_is_remembered() -> None:
    ready = fast(read_shipped("d15-planning-linear"))
    for score in ("80", "80", "81"):
        ready.total({"wage": Decimal(5000)}, {"score": Decimal(score)})
    scores = next(one.known for one in ready.figures if one.code == "score")
    assert {Decimal(80), Decimal(81)} <= scores.keys()


COLUMNS = [Column(code == "base", code, 2) for code in ("base", *MONTH)]


def row(**figures: str) -> list[int]:
    told = {"base": "3000", "scheduled": "22", "actual": "21.5", "late": "0", "early": "0", "leave": "0"}
    told |= {"absent_days": "0.5", "special": "100.01", "score": "79.99"} | figures
    return [7, *(int(Decimal(told[one.code]) * 100) for one in COLUMNS)]


def test_rows_as_a_table_keeps_them_come_to_their_fen_behind_their_key() -> None:
    lines = amounts_of_rows(read_shipped("d17-c1"), COLUMNS)
    assert lines is not None
    assert lines(row()) == (7, 2931_82, 300_00, 180_00, 300_00, 100_01)
    assert lines(row(actual="23", score="80", absent_days="1")) == (7, 3000_00, 0, 300_00, 300_00, 100_01)


@pytest.mark.parametrize(
    "figures", [{"late": "0.5"}, {"score": "100.01"}, {"actual": "-1"}, {"scheduled": "0"}, {"base": "99999999999"}]
)
def test_a_row_out_of_the_ordinary_is_left_to_the_explaining_way(figures: dict[str, str]) -> None:
    lines = amounts_of_rows(read_shipped("d17-c1"), COLUMNS)
    assert lines is not None
    with pytest.raises(Unusual):
        lines(row(**figures))


def test_a_column_that_is_not_there_takes_its_default_or_leaves_the_policy_to_the_explaining_way() -> None:
    policy = read_shipped("d17-c1")
    assert amounts_of_rows(policy, [one for one in COLUMNS if one.code != "late"]) is None
    assert amounts_of_rows(policy, [one for one in COLUMNS if one.code != "base"]) is None
    assert amounts_of_rows(read_shipped("d17-y1"), COLUMNS) is None, "its commission is read record by record"
    raw: Any = deepcopy(dict(policy.raw))
    raw["params"]["base"] = {"value": "3000"}
    raw["inputs"]["special"]["default"] = "100.01"
    lines = amounts_of_rows(read(raw, "c1.toml"), [one for one in COLUMNS if one.code not in ("base", "special")])
    assert lines is not None
    kept = [number for number, one in zip(row()[1:], COLUMNS, strict=True) if one.code not in ("base", "special")]
    assert lines([7, *kept]) == (7, 2931_82, 300_00, 180_00, 300_00, 100_01)


def test_only_what_the_lines_ask_for_is_read() -> None:
    asked = Arithmetic.asked(read_shipped("d17-c1"))
    inputs = {"scheduled", "actual", "late", "early", "leave", "absent_days", "days_out_of_post", "special", "score"}
    assert asked == {(True, "base"), (True, "bonus"), (True, "allowance"), *((False, code) for code in inputs)}
    assert {(False, "partners"), (False, "score")} <= Arithmetic.asked(read_shipped("d17-y1"))


@pytest.mark.parametrize("code", [one for one in PAYING if one != "d17-y1"])
def test_every_scheme_without_records_is_computed_the_fast_way(code: str) -> None:
    policy = read_shipped(code)
    columns = [Column(is_param, one, 6) for is_param, one in sorted(Arithmetic.asked(policy))]
    assert amounts_of_rows(policy, columns) is not None
    assert [(one.is_param, one.code) for one in fast(policy).figures] != []


@pytest.mark.parametrize("places", [(0, 2), (2, 0), (1, 6), (0, 0)])
@pytest.mark.parametrize("cap", ["1", "1.5", "0.8"])
def test_columns_of_different_places_and_other_caps_come_to_the_same_fen(places: tuple[int, int], cap: str) -> None:
    raw: Any = deepcopy(dict(read_shipped("d17-c1").raw))
    raw["components"][0]["factors"][1]["max"] = cap
    policy = read(raw, "c1.toml")
    kept = {"scheduled": places[0], "actual": places[1], "late": 0}
    columns = [Column(one.is_param, one.code, kept.get(one.code, 2)) for one in COLUMNS]
    lines = amounts_of_rows(policy, columns)
    assert lines is not None
    for actual in ("18", "22", "30", "40"):
        month: dict[str, Any] = {**{code: Decimal(value) for code, value in MONTH.items()}, "actual": Decimal(actual)}
        given_row = [int((BASE | month)[one.code] * 10**one.places) for one in columns]
        assert list(lines([7, *given_row])[1:]) == list(explained(policy, BASE, month).values())


SUMS = """
policy = { code = "x", name = { zh = "例" }, effective_from = "2026-01-01", cycle = "month" }
scope = { departments = ["*"], positions = ["*"] }
[inputs]
one = { type = "factor", zh = "一" }
other = { type = "factor", zh = "二" }
[[components]]
code = "line"
zh = "一项"
factors = [{ const = "100" }]
unless = { sum = ["one", "other"], ge = "2.5" }
"""


@pytest.mark.parametrize("figures", [("2", "1"), ("1", "1"), ("1.5", "1"), ("1.4", "1")])
def test_a_sum_is_held_against_a_broken_bound_as_a_whole(figures: tuple[str, str]) -> None:
    assert agree(load(SUMS), {}, dict(zip(("one", "other"), map(Decimal, figures), strict=True)))


def test_what_only_a_condition_of_paying_asks_for_is_read_too() -> None:
    policy = load(SUMS.replace("unless", "when"))
    assert Arithmetic.asked(policy) == {(False, "one"), (False, "other")}
    assert [amounts(policy, {}, {"one": Decimal(one), "other": Decimal(1)}) for one in (1, 2)] == [
        {"line": 0},
        {"line": 10_000},
    ]


def test_a_commission_by_a_table_of_the_whole_is_computed_the_fast_way() -> None:
    text = SUMS.replace('{ const = "100" }', '{ input = "one" }, { table = "rate", column = "normal" }')
    policy = load(text + '[tables.rate]\nkey = "other"\nrows = [{ lt = "1", normal = "0.5" }, { normal = "0.7" }]\n')
    columns = [Column(is_param, one, 6) for is_param, one in sorted(Arithmetic.asked(policy))]
    assert amounts_of_rows(policy, columns) is not None
    assert amounts(policy, {}, {"one": Decimal(1), "other": Decimal(1)}) == {"line": 70}


@pytest.mark.parametrize("kind", ["factor", "fraction"])
@pytest.mark.parametrize("signed", [False, True])
def test_a_weight_below_zero_is_refused_both_ways_unless_the_policy_says_that_it_may_be(
    kind: str, signed: bool
) -> None:
    mark = ", signed = true" if signed else ""
    policy = load(f"""
        [policy]
        code = "weights"
        name = {{ zh = "按每月系数" }}
        effective_from = "2026-01-01"
        cycle = "month"
        [scope]
        departments = ["*"]
        positions = ["*"]
        [inputs]
        weight = {{ type = "{kind}", source = "hr"{mark} }}
        [[components]]
        code = "pay"
        rules = ["company"]
        factors = [{{ const = "1000" }}, {{ input = "weight" }}]
    """)
    assert agree(policy, {}, {"weight": Decimal("-0.5")})
    if signed:
        assert amounts(policy, {}, {"weight": Decimal("-0.5")}) == {"pay": -500_00}
    else:
        with pytest.raises(Refused, match="不能为负数"):
            amounts(policy, {}, {"weight": Decimal("-0.5")})
