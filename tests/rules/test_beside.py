"""What stands beside a month's own lines: bonus plans, the share, adjustments, a void bonus, what is only watched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.rules.beside import (
    OWN,
    TEAM_BONUS,
    Adjustment,
    Basis,
    Beside,
    basis_of,
    completed,
    counted_before,
    pool_basis,
    share_line,
    takes_rewards,
    watched_inputs,
    with_supplements,
)
from approval.rules.explanation import PayResult, Words
from approval.rules.pay import evaluate
from approval.rules.policy import Policy, read_shipped
from approval.rules.ratings import Ratings
from approval.rules.refusal import Refused
from approval.rules.replay import KeptFigures, KeptMonth, replay
from tests.rules.test_replay import COPY, MARKETING, SERVICE, month, under

GRADIENT, DEPARTMENT, QUARTERLY = "d03-gradient-bonus", "d01-ec-department", "d13-quarterly-bonus"
STANDARDS = {
    code: Decimal(100) for code in ("sales_bonus", "satisfaction_bonus", "team_bonus", "new_customer", "teamwork_bonus")
}
GROWTH = {"sales_growth": "0.1", "satisfaction": "95", "team_growth": "0.2", "new_customers": "2", "teamwork": "85"}


def service(**inputs: Any) -> PayResult:
    told = {"scheduled": "20", "actual": "20", "score": "70", "sales": "50000", "neutral_fixed": "0"}
    known = dict.fromkeys(read_shipped(SERVICE).inputs, "0") | told | {"negative_fixed": "0", "rewards": "0"}
    return evaluate(read_shipped(SERVICE), {}, known | inputs)


def plan() -> PayResult:
    return evaluate(read_shipped(GRADIENT), STANDARDS, GROWTH)


def test_sales_that_fell_earn_no_bonus_and_a_coefficient_below_nought_is_refused() -> None:
    fell = evaluate(read_shipped(GRADIENT), STANDARDS, {**GROWTH, "sales_growth": "-0.3", "team_growth": "-1"})
    assert (dict(amounts(fell))["sales_bonus"], dict(amounts(fell))["team_bonus"]) == (0, 0)
    with pytest.raises(Refused, match="任务完成系数”不能为负数"):
        month(MARKETING, "85", task_coefficient="-1", team_share="0", rewards="0")


def amounts(result: PayResult) -> list[tuple[str, int]]:
    return [(line.code, line.amount_fen) for line in result.lines]


def test_the_lines_of_a_bonus_plan_follow_those_of_the_month_and_count_in_the_sum() -> None:
    both = with_supplements(service(), [plan()])
    assert amounts(both) == amounts(service()) + amounts(plan())
    assert both.total_fen == service().total_fen + plan().total_fen == 1500_00 + 600_00


def test_a_code_that_is_there_already_is_told_apart_by_the_place_of_its_plan() -> None:
    three = with_supplements(plan(), [plan(), plan()])
    codes = [line.code for line in three.lines]
    own = [line.code for line in plan().lines]
    assert codes == own + [f"{code}@+1" for code in own] + [f"{code}@+2" for code in own]
    assert three.total_fen == 3 * plan().total_fen


def test_a_note_that_both_tell_is_told_once() -> None:
    base = {"base": Decimal(3000)}
    figures = dict.fromkeys(read_shipped("d17-y1").inputs, "0") | {"scheduled": "20", "actual": "20"}
    told = figures | {"collections": [{"amount": "100", "kind": "normal", "margin": "0.05"}]}
    low = evaluate(read_shipped("d17-y1"), base, told)
    assert len(low.notes) > 0
    assert with_supplements(low, [low]).notes == tuple(dict.fromkeys(low.notes))
    assert with_supplements(service(), [low]).notes == low.notes


def test_the_share_is_a_line_with_the_rule_of_its_pool_unless_a_line_has_it_already() -> None:
    basis = pool_basis(read_shipped(DEPARTMENT), "year")
    shared = completed(service(), [read_shipped(SERVICE)], Beside(123_45, basis))
    line = shared.lines[-1]
    assert (line.code, line.amount_fen, line.formula) == ("pool_share", 123_45, "123.45")
    assert (line.rules, line.quote) == (basis.rules, basis.quote)
    assert "R009" in line.rules
    (term,) = line.terms
    assert (term.kind, term.code, term.value, term.shown) == ("pool", "pool_share", "123.45", "123.45")
    assert shared.total_fen == service().total_fen + 123_45
    assert completed(service(), [read_shipped(SERVICE), read_shipped(MARKETING)], Beside(123_45)) == service()
    assert completed(service(), [read_shipped(SERVICE)], Beside()) == service()


def test_a_pool_that_names_no_rule_is_the_companys_own() -> None:
    assert pool_basis(read_shipped(SERVICE), "year") == OWN == Basis(("company",), "")
    assert pool_basis(read_shipped(DEPARTMENT), "month") == OWN
    assert basis_of({"rules": ["R1"], "quote": "原文"}) == Basis(("R1",), "原文")
    assert basis_of({"rules": ["R1"]}) == Basis(("R1",), "")
    assert basis_of({"rules": [], "quote": "原文"}) == OWN
    assert share_line(5) == share_line(5, TEAM_BONUS)


def test_an_adjustment_is_a_line_with_its_reason_and_its_own_basis() -> None:
    beside = Beside(adjustments=(Adjustment(-50_00, "错单"),), adjustment_basis=Basis(("R106",), "调整的权利"))
    adjusted = completed(service(), [read_shipped(SERVICE)], beside)
    line = adjusted.lines[-1]
    assert (line.code, line.amount_fen, line.formula) == ("adjustment", -50_00, "-50.00")
    assert (line.zh, line.en, line.rules, line.quote) == ("调整", "Adjustment", ("R106",), "调整的权利")
    (term,) = line.terms
    assert (term.kind, term.value, term.shown, term.detail) == ("adjustment", "-50.00", "-50.00", Words("错单", "错单"))
    assert adjusted.total_fen == service().total_fen - 50_00


def test_several_adjustments_are_told_apart_and_one_without_a_reason_says_where_it_came_from() -> None:
    beside = Beside(adjustments=(Adjustment(1, ""), Adjustment(2, "好评")))
    one, other = completed(service(), [], beside).lines[-2:]
    assert [(line.code, line.amount_fen) for line in (one, other)] == [("adjustment@1", 1), ("adjustment@2", 2)]
    assert one.terms[0].detail.zh == "按原方案奖惩项确认的合计"
    assert other.terms[0].detail.zh == "好评"


@pytest.mark.parametrize(("profit", "flagged"), [("20000", False), ("19999.99", True), ("0", True), ("-1", True)])
def test_a_commission_over_five_percent_of_the_profit_is_flagged_and_never_cut(profit: str, flagged: bool) -> None:
    told = completed(service(), [read_shipped(SERVICE)], Beside(watched={"product_profit": profit}))
    assert amounts(told) == amounts(service())
    assert bool(told.notes) is flagged


def test_the_flag_tells_the_sum_the_bound_and_that_nothing_is_cut() -> None:
    (note,) = completed(service(), [read_shipped(SERVICE)], Beside(watched={"product_profit": "15000.50"})).notes
    assert note.zh == "提成超过商品利润的 5%：1000.00 > 750.02；只提示，不扣减"
    assert note.en == "Commission above 5% of product profit: 1000.00 > 750.02; flagged only, nothing is cut"
    assert (note.input, note.row) == ("commission_over_5pct_profit", 0)


def test_a_flag_without_words_names_the_line_and_the_rate() -> None:
    told = read_shipped(SERVICE)
    bare = Policy({**told.raw, "warnings": [{"code": "w", "of": "commission", "gt": told.raw["warnings"][0]["gt"]}]})
    split = replace(
        service(),
        lines=tuple(
            replace(one, code=f"{one.code}@1", zh=f"{one.zh}（一）", en=f"{one.en} (a)") for one in service().lines
        ),
    )
    (note,) = completed(split, [bare], Beside(watched={"product_profit": "1"})).notes
    assert note.zh.startswith("销售提成2%超过 5% 的界限：1000.00 > 0.05")
    assert note.en.startswith("Sales commission 2% is over the bound of 5%: 1000.00 > 0.05")


def test_a_flag_without_an_english_sentence_has_the_chinese_one_in_both() -> None:
    told = read_shipped(SERVICE).raw
    watch = {"code": "w", "of": "commission", "zh": "提成偏高", "gt": told["warnings"][0]["gt"]}
    (note,) = completed(
        service(), [Policy({**told, "warnings": [watch]})], Beside(watched={"product_profit": "1"})
    ).notes
    assert note.en == "提成偏高: 1000.00 > 0.05; flagged only, nothing is cut"


def test_a_warning_without_a_bound_is_no_flag() -> None:
    told = read_shipped(SERVICE)
    open_end = Policy({**told.raw, "warnings": [{"code": "w", "of": "commission"}, {"code": "v", "zh": "看一看"}]})
    assert completed(service(), [open_end], Beside(watched={"product_profit": "1"})).notes == ()


def test_the_parts_of_a_commission_in_two_posts_are_held_against_the_bound_together() -> None:
    both = with_supplements(service(), [service()])
    watched = Beside(watched={"product_profit": "30000"})
    assert completed(service(), [read_shipped(SERVICE)], watched).notes == ()
    (note,) = completed(both, [read_shipped(SERVICE), read_shipped(SERVICE)], watched).notes
    assert "2000.00 > 1500" in note.zh


def test_what_is_not_brought_is_not_flagged() -> None:
    assert completed(service(), [read_shipped(SERVICE)], Beside()).notes == ()
    assert completed(plan(), [read_shipped(SERVICE)], Beside(watched={"product_profit": "0"})).notes == ()
    assert watched_inputs([read_shipped(SERVICE), read_shipped(COPY)]) == {"product_profit"}
    assert watched_inputs([read_shipped(COPY)]) == frozenset()


def test_a_sum_that_a_policy_before_pays_counts_there_alone() -> None:
    copy, serving, marketing, gradient = (read_shipped(code) for code in (COPY, SERVICE, MARKETING, GRADIENT))
    assert takes_rewards([gradient, copy])
    assert takes_rewards([serving])
    assert not takes_rewards([gradient])
    assert not takes_rewards([])
    assert counted_before([], marketing) == {}
    assert counted_before([copy], marketing) == {"rewards": 0}, "special and rewards are one sum"
    assert counted_before([serving], copy) == {"special": 0}
    assert counted_before([marketing], marketing) == {"rewards": 0, "team_share": 0}
    assert counted_before([gradient], marketing) == {}
    assert counted_before([marketing], gradient) == {}


BASES = st.builds(Basis, st.lists(st.text(max_size=4), max_size=2).map(tuple), st.text(max_size=6))
ADJUSTMENTS = st.lists(st.builds(Adjustment, st.integers(-(10**6), 10**6), st.text(max_size=6)), max_size=3).map(tuple)


@given(
    st.builds(
        Beside,
        st.integers(1, 10**9),
        BASES,
        ADJUSTMENTS.filter(bool),
        BASES,
        st.text(max_size=5),
        st.dictionaries(st.sampled_from(["product_profit", "x"]), st.sampled_from(["1", "2.5"])),
    )
)
def test_what_stood_beside_comes_back_as_it_was_kept(beside: Beside) -> None:
    told = json.loads(json.dumps({"share_fen": beside.share_fen, **beside.told()}))
    assert Beside.kept(told) == beside


def test_what_is_not_there_is_not_kept_and_old_results_have_the_team_bonus() -> None:
    assert Beside().told() == {}
    assert Beside(adjustment_basis=Basis(("x",))).told() == {}
    assert Beside.kept({"share_fen": 5}) == Beside(5)
    assert Beside.kept({"share_fen": 5}).share_basis.rules == ("R009",)
    assert Beside.kept({"share_fen": 0, "adjustments": [{"amount_fen": 1, "reason": "a"}]}).adjustment_basis == OWN


@given(st.integers(0, 10**6), ADJUSTMENTS, st.sampled_from(["", "刷单"]), st.integers(0, 3))
def test_whatever_stands_beside_the_lines_add_up_to_the_total_with_one_code_each(
    share: int, adjustments: tuple[Adjustment, ...], void: str, plans: int
) -> None:
    result = with_supplements(service(), [plan()] * plans)
    told = completed(result, [read_shipped(SERVICE)], Beside(share, adjustments=adjustments, void=void, void_all=True))
    assert told.total_fen == sum(line.amount_fen for line in told.lines)
    assert len({line.code for line in told.lines}) == len(told.lines)
    lines = 0 if void else 1500_00 + plans * 600_00
    assert told.total_fen == lines + share + sum(one.amount_fen for one in adjustments)


def with_plan(told: KeptMonth, figures: Mapping[str, str] = GROWTH) -> KeptMonth:
    """The month with the bonus plan beside it, as it was paid."""
    kept = KeptFigures(read_shipped(GRADIENT), STANDARDS, figures, {})
    result = with_supplements(told.result, [evaluate(kept.policy, STANDARDS, figures)])
    return replace(told, supplements=(kept,), result=result)


def test_a_month_with_a_bonus_plan_beside_is_its_own_replay_under_either_policy() -> None:
    told = with_plan(month(SERVICE, "85", sales="10000"))
    assert [one.policy.code for one in told.posts] == ["customer-service", "gradient-bonus"]
    assert replay(told, told.policy).result == told.result
    assert replay(told, read_shipped(GRADIENT)).result == told.result
    assert told.policy_of("gradient-bonus") is told.supplements[0].policy


def test_only_the_plan_changes_where_a_version_of_the_plan_is_tried() -> None:
    told = with_plan(month(SERVICE, "85", sales="10000"))
    dearer = under(GRADIENT, ('{ lt = "0.20", value = "1"', '{ lt = "0.20", value = "3"'))
    again = replay(told, dearer).result
    assert again.total_fen - told.result.total_fen == 200_00
    assert amounts(again)[: len(told.result.lines) - 5] == amounts(told.result)[: len(told.result.lines) - 5]
    serving = under(SERVICE, ('const = "0.02"', 'const = "0.03"'))
    assert replay(told, serving).result.total_fen - told.result.total_fen == 100_00
    assert amounts(replay(told, serving).result)[-5:] == amounts(told.result)[-5:]


def test_a_sum_that_the_posts_own_policy_pays_is_not_moved_to_the_plan_beside_it() -> None:
    asks = '[inputs]\nrewards = { type = "money", zh = "奖惩", signed = true }'
    half = 'factors = [{ input = "rewards" }, { const = "0.5" }]'
    taking = under(
        GRADIENT,
        ("[inputs]", asks),
        ('factors = [{ param = "teamwork_bonus" }, { scale = "teamwork" }]', half),
    )
    own = month(SERVICE, "85", sales="10000", rewards="80")
    told = {**GROWTH, "rewards": "80", **counted_before([own.policy], taking)}
    beside = KeptFigures(taking, STANDARDS, told, {})
    stored = with_supplements(own.result, [evaluate(taking, STANDARDS, told)])
    kept = replace(own, supplements=(beside,), result=stored)
    assert dict(amounts(stored))["rewards"] == 80_00
    assert replay(kept, kept.policy).result == stored
    without = under(SERVICE, ('factors = [{ input = "rewards" }]', 'factors = [{ const = "1" }]'))
    assert amounts(replay(kept, without).result)[-1] == ("teamwork_bonus", 40_00), "the plan has what no post pays"


def test_a_plan_beside_two_posts_follows_the_lines_of_both() -> None:
    service_month, copy = month(SERVICE, "85", sales="10000").figures, month(COPY, "85").figures
    parts = (
        replace(service_month, name=Words("前", "first"), scheduled=Decimal(5), of=Decimal(20)),
        replace(copy, name=Words("后", "second"), scheduled=Decimal(15), of=Decimal(20)),
    )
    alone = replace(month(COPY, "85"), segments=parts)
    stored = replay(alone, alone.policy).result
    told = with_plan(replace(alone, result=stored))
    assert replay(told, told.policy).result == told.result
    assert told.result.total_fen == stored.total_fen + 600_00


def test_a_plan_of_another_cycle_than_the_one_beside_cannot_be_tried() -> None:
    told = with_plan(month(SERVICE, "85"))
    with pytest.raises(Refused, match="结算周期"):
        replay(told, under(GRADIENT, ('cycle = "month"', 'cycle = "quarter"')))


def test_a_figure_that_the_plan_needs_and_the_month_lacks_is_named() -> None:
    told = with_plan(month(SERVICE, "85"))
    more = under(GRADIENT, ("[inputs]", '[inputs]\nreturns = { type = "count", zh = "退货" }'))
    with pytest.raises(Refused, match="缺少这些数据：退货"):
        replay(told, more)


def test_adjustments_stay_adjustments_until_a_line_takes_them() -> None:
    plain = KeptMonth(
        "2026-10",
        KeptFigures(read_shipped(GRADIENT), STANDARDS, GROWTH, {}),
        0,
        Decimal(80),
        Ratings({}, None, []),
        plan(),
        beside=Beside(adjustments=(Adjustment(-20_00, "错单"), Adjustment(5_50, "补"))),
    )
    kept = replay(plain, read_shipped(GRADIENT)).result
    assert amounts(kept)[-2:] == [("adjustment@1", -20_00), ("adjustment@2", 5_50)]
    takes = under(
        GRADIENT,
        ("[inputs]", '[inputs]\nrewards = { type = "money", zh = "奖惩", signed = true }'),
        ('factors = [{ param = "teamwork_bonus" }, { scale = "teamwork" }]', 'factors = [{ input = "rewards" }]'),
    )
    taken = replay(plain, takes).result
    assert amounts(taken)[-1] == ("teamwork_bonus", -14_50)
    assert not [line for line in taken.lines if line.code.startswith("adjustment")]


def test_a_void_bonus_stays_void_when_it_is_computed_again() -> None:
    told = replace(with_plan(month(SERVICE, "85")), beside=Beside(void="刷单", void_all=True))
    assert replay(told, told.policy).result.total_fen == 0


def test_what_was_watched_is_flagged_again_and_the_share_keeps_its_basis() -> None:
    basis = Basis(("R9",), "原文")
    told = replace(
        month(SERVICE, "85", share_fen=1_00, sales="10000"),
        beside=Beside(share_basis=basis, watched={"product_profit": "100"}),
    )
    again = replay(told, told.policy).result
    assert (again.lines[-1].rules, again.lines[-1].quote) == (("R9",), "原文")
    assert [note.input for note in again.notes] == ["commission_over_5pct_profit"]
