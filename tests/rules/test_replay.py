"""A kept month computed again: figures, inputs, score and tiers under another policy, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.rules.beside import Beside, completed
from approval.rules.explanation import PayResult, Words
from approval.rules.pay import evaluate
from approval.rules.policy import Policy, chosen, load, shipped_text
from approval.rules.ratings import Ratings
from approval.rules.refusal import Refused
from approval.rules.replay import (
    KeptFigures,
    KeptMonth,
    params_under,
    replay,
    score_under,
    tier_moves,
    tiers_of,
)


def with_share(result: PayResult, policies: list[Policy], share_fen: int) -> PayResult:
    return completed(result, policies, Beside(share_fen))


COPY, SERVICE, LINEAR, MARKETING = "d17-c1", "d08-customer-service", "d15-planning-linear", "d09-marketing"
INPUTS: Mapping[str, Any] = {
    "scheduled": "20",
    "actual": "20",
    "late": "0",
    "early": "0",
    "leave": "0",
    "absent_days": "0",
    "special": "0",
}
GIVEN = Ratings({}, Decimal(90), [[Decimal(60)], [Decimal(90), Decimal(90), Decimal(90)]])


def under(code: str, *changes: tuple[str, str], **choices: str) -> Policy:
    source = shipped_text(code)
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new, 1)
    return chosen(load(source), choices)


def month(code: str = COPY, score: str = "85", share_fen: int = 0, **inputs: object) -> KeptMonth:
    """A month of the shipped policy: base pay of 3,000 of his own, everything else as the policy prints it."""
    policy = under(code)
    params = {one: param.value or Decimal(3000) for one, param in policy.params.items()}
    told = {**INPUTS, **inputs, "score": score}
    known = {name: told.get(name, "0") for name in policy.inputs}
    result = with_share(evaluate(policy, params, known), [policy], share_fen)
    return KeptMonth("2026-10", KeptFigures(policy, params, known, {}), share_fen, Decimal(score), GIVEN, result)


def having(told: KeptMonth, **figures: Any) -> KeptMonth:
    """The month with other kept figures."""
    return replace(told, figures=replace(told.figures, **figures))


def total(told: KeptMonth, policy: Policy) -> int:
    return replay(told, policy).result.total_fen


def test_the_same_policy_gives_what_was_stored() -> None:
    told = month(share_fen=12_345)
    again = replay(told, told.policy)
    assert again.result == told.result
    assert again.result.total_fen == 300_000 + 30_000 + 30_000 + 30_000 + 12_345
    assert again.score == Decimal(85)


@given(
    st.integers(0, 10_000).map(lambda n: str(Decimal(n) / 100)),
    st.integers(0, 20),
    st.integers(0, 4),
    st.integers(0, 10**6),
)
def test_any_month_is_its_own_replay(score: str, actual: int, late: int, share: int) -> None:
    told = month(score=score, actual=actual, late=late, share_fen=share)
    assert replay(told, told.policy).result == told.result
    assert replay(told, under(COPY, ("version = 1", "version = 2"))).result == told.result
    assert tier_moves(told, told.policy, told.score) == ()


def test_a_changed_figure_of_the_policy_is_used_and_a_figure_of_the_person_is_kept() -> None:
    more = under(COPY, ('bonus = { value = "300"', 'bonus = { value = "400"'))
    assert params_under(month().figures, more) == {"base": 3000, "bonus": 400, "allowance": 300}
    his = having(month(), standards={"bonus": Decimal(300)})
    assert params_under(his.figures, more)["bonus"] == 300
    paid = having(month(), params={**month().figures.params, "bonus": Decimal(250)})
    assert params_under(paid.figures, more)["bonus"] == 250, "not what the frozen policy printed: it was his own"
    assert params_under(having(month(), standards={"base": Decimal(9)}).figures, more)["base"] == 3000, (
        "what was paid stands"
    )


def test_a_new_figure_of_the_person_comes_from_his_standards_or_is_missing_by_name() -> None:
    with_car = under(COPY, ("[inputs]", 'car = { per = ["employee"], zh = "车补", en = "Car" }\n[inputs]'))
    with pytest.raises(Refused, match="缺少这些数据：车补"):
        replay(month(), with_car)
    assert total(having(month(), standards={"car": Decimal(70)}), with_car) == 390_000


def test_inputs_that_the_other_policy_asks_for_are_named_and_a_reward_that_it_has_no_line_for_is_an_adjustment() -> (
    None
):
    asks = ("[inputs]", '[inputs]\nnight = { type = "count", zh = "夜班" }\nshift = { type = "count", zh = "倒班" }')
    with pytest.raises(Refused, match="缺少这些数据：夜班、倒班"):
        replay(month(), under(COPY, asks))
    default = ("[inputs]", '[inputs]\nnight = { type = "count", zh = "夜班", default = "0" }')
    assert total(month(), under(COPY, default)) == 390_000
    no_special = (
        ('special = { type = "money", source = "hr", zh = "特殊奖励", en = "Special reward", evidence = true }\n', ""),
        ('factors = [{ input = "special" }]', 'factors = [{ const = "1" }]'),
    )
    forgot = replay(month(special="500"), under(COPY, *no_special)).result
    assert forgot.total_fen == 440_100
    assert (forgot.lines[-1].code, forgot.lines[-1].amount_fen) == ("adjustment", 50_000)


def test_a_share_is_a_line_of_its_own_unless_the_policy_has_one() -> None:
    told = month(COPY, share_fen=100_000)
    assert told.result.lines[-1].code == "pool_share"
    takes = under(
        COPY,
        ("[inputs]", '[inputs]\nteam_share = { type = "money", zh = "团队奖" }'),
        ('factors = [{ input = "special" }]', 'factors = [{ input = "team_share" }]'),
    )
    again = replay(told, takes).result
    assert [line.amount_fen for line in again.lines] == [300_000, 30_000, 30_000, 30_000, 100_000]
    assert with_share(again, [takes], 5) == again
    assert with_share(again, [told.policy], 0) == again


def test_a_policy_of_another_cycle_cannot_replay_and_one_that_pays_nothing_then_changes_nothing() -> None:
    quarterly = under(COPY, ('cycle = "month"', 'cycle = "quarter"'))
    with pytest.raises(Refused, match="结算周期"):
        replay(month(), quarterly)
    year = replace(month(), period="2026")
    assert replay(year, quarterly).result == year.result
    assert replay(year, under(COPY)).score == year.score


def test_the_weights_of_the_other_policy_weigh_the_ratings_that_were_given() -> None:
    half = under(COPY, ('weight = "0.25"', 'weight = "0.5"'), ('weight = "0.75"', 'weight = "0.5"'))
    points = {"self": {item.code: item.max for item in half.kpi}}
    told = replace(month(), ratings=replace(GIVEN, points=points))
    assert score_under(told, half) == Decimal("87.50"), "100 / 2 + mean of weeks 75 / 2"
    assert replay(told, half).result.line("performance_bonus") is not None
    assert score_under(replace(told, period="2026-Q4"), half) == told.score, "a mean of months stays"
    assert score_under(replace(told, score=None), half) is None


def test_samples_are_combined_as_the_other_reading_says() -> None:
    told = month(SERVICE, "80")
    assert score_under(told, under(SERVICE, sample_aggregate="mean_of_samples")) == Decimal("84.38"), "90/4 + 82.5·3/4"
    assert score_under(told, under(SERVICE, base_proration="none")) == Decimal(80), "nothing of the scoring differs"
    without = replace(told, ratings=replace(GIVEN, self_score=None))
    with pytest.raises(Refused, match="缺少这些数据：自评"):
        score_under(without, under(SERVICE, sample_aggregate="mean_of_samples"))
    with pytest.raises(Refused, match="没有抽查样本"):
        score_under(replace(told, ratings=replace(GIVEN, weeks=[])), under(SERVICE, ("target = 5", "target = 6")))


def test_an_indicator_that_nobody_scored_is_named() -> None:
    more = under(
        COPY,
        ("kpi = [", 'kpi = [\n  { code = "kind", max = 5, zh = "待人" }, { code = "calm", max = 5, zh = "沉稳" },'),
    )
    points = {"self": {item.code: item.max for item in under(COPY).kpi}}
    told = replace(month(), ratings=replace(GIVEN, points=points))
    with pytest.raises(Refused, match="缺少这些指标的评分：待人、沉稳"):
        score_under(told, more)
    by_kpi = under(COPY, (', from = "sampling"', ', from = "kpi"'))
    with pytest.raises(Refused, match="缺少这些指标的评分：根据策划部"):
        score_under(told, by_kpi)
    both = replace(told, ratings=replace(GIVEN, points={**points, "supervisor": points["self"]}))
    assert score_under(both, by_kpi) == Decimal(100)
    with pytest.raises(Refused, match="满分"):
        score_under(told, under(COPY, ("max = 40", "max = 30")))
    without_items = under(SERVICE, (', from = "sampling"', ', from = "kpi"'))
    with pytest.raises(Refused, match="缺少这些指标的评分：主管评分"):
        score_under(month(SERVICE, "80"), without_items)


def test_who_stands_elsewhere_is_told_with_both_bands() -> None:
    (move,) = tier_moves(month(), under(COPY, tiers="ladder90"), Decimal(85))
    assert (move.name.zh, move.name.en) == ("绩效奖比例", "Bonus rate")
    assert (move.before.zh, move.after.zh) == ("≥ 80 → 1", "≥ 80 < 90 → 0.8")
    assert tier_moves(month(score="95"), under(COPY, tiers="ladder90"), Decimal(95)) == (), "other edges, same rate"
    assert tier_moves(month(), under(SERVICE), Decimal(85)) == (), "a scale that only one of them has is no move"


def test_in_a_month_of_two_posts_only_the_segment_of_the_policy_changes() -> None:
    service, copy = month(SERVICE, "85", sales="10000").figures, month(COPY, "85").figures
    parts = (
        replace(service, name=Words("前半月", "first half"), scheduled=Decimal(5), of=Decimal(20)),
        replace(copy, name=Words("后半月", "second half"), scheduled=Decimal(15), of=Decimal(20)),
    )
    told = replace(month(COPY, "85", share_fen=70), segments=parts)
    stored = replay(told, told.policy).result
    assert [line.code for line in stored.lines][-1] == "pool_share"
    assert stored.total_fen == replay(told, parts[0].policy).result.total_fen, "both as they were"
    more = replay(told, under(COPY, ('bonus = { value = "300"', 'bonus = { value = "400"'))).result
    assert more.total_fen - stored.total_fen == 7_500, "100 more, three quarters of the month"
    dearer = replay(told, under(SERVICE, ('const = "0.02"', 'const = "0.03"'))).result
    assert dearer.total_fen - stored.total_fen == 10_000, "a hundredth of 10,000 in sales, not shared by days"
    assert replay(told, under(SERVICE, sample_aggregate="mean_of_samples")).score == told.score, "scored by the other"
    moves = tier_moves(told, under(SERVICE, ('{ lt = "95", value = "1.2"', '{ lt = "84", value = "1.2"')), told.score)
    assert [move.after.zh for move in moves] == ["≥ 84 → 1.5"]


def test_the_share_counts_once_in_a_month_of_two_posts_that_both_ask_for_it() -> None:
    takes = under(
        COPY,
        ("[inputs]", '[inputs]\nteam_share = { type = "money", zh = "团队奖" }'),
        ('factors = [{ input = "special" }]', 'factors = [{ input = "team_share" }]'),
    )
    half = replace(month(COPY).figures, scheduled=Decimal(10), of=Decimal(20))
    told = replace(month(COPY, share_fen=50_000), segments=(half, half))
    shares = [line.amount_fen for line in replay(told, takes).result.lines if line.code.startswith("special_reward")]
    assert shares == [0, 50_000]


def test_classes_and_sloping_scales_are_tiers_too() -> None:
    found = tiers_of(under(LINEAR), Decimal(90))
    assert (found["ratings.class"].told.zh, found["ratings.class"].told.en) == ("普通员工", "Ordinary")
    above = tiers_of(under(LINEAR, edge_90="excellent"), Decimal(90))
    assert above["ratings.class"].value == "excellent"
    sloping = {tier.told.zh for code, tier in found.items() if code.startswith("scales.")}
    assert sloping == {"≥ 70 ≤ 90 → 0"}
    assert tiers_of(under(LINEAR), Decimal("95.5"))["scales.adjust"].told.zh == "> 90"
    assert tiers_of(under(LINEAR), None) == {}


def test_a_score_in_a_gap_stands_nowhere() -> None:
    gap = under(COPY)
    pieces = [{"lt": "60", "value": "0"}, {"ge": "70", "value": "1"}]
    rating = {"input": "score", "pieces": [{"ge": "90", "label": "A"}]}
    amount = {"input": "special", "pieces": [{"ge": "0", "label": "any"}]}
    raw = {
        **gap.raw,
        "scales": {"bonus_rate": {"input": "score", "pieces": pieces}, "one": {"input": "score", "pieces": pieces[:1]}},
        "ratings": {"top": rating, "paid": amount},
    }
    assert tiers_of(Policy(raw), Decimal(65)) == {}
    assert {tier.told.zh for tier in tiers_of(Policy(raw), Decimal(95)).values()} == {"A", "≥ 70 → 1"}
    assert [tier.name.zh for tier in tiers_of(Policy(raw), Decimal(95)).values()] == ["top", "bonus_rate"]


def counted(pages: str | None, claimed: int = 10, told: KeptMonth | None = None) -> KeptMonth:
    """The copy planner's month with full points claimed everywhere, and so many pages kept with its score."""
    points = {item.code: item.max for item in under(COPY).kpi} | {"pages": Decimal(claimed)}
    counts = {} if pages is None else {"pages": Decimal(pages)}
    return replace(told or month(), ratings=Ratings({"self": points}, None, [[Decimal(80)]], counts))


def test_a_kept_count_gives_the_points_under_the_other_formula_too() -> None:
    half = under(
        COPY,
        (
            'measure = { count = "pages", each = "1", cap = "10" }',
            'measure = { count = "pages", each = "0.5", cap = "10" }',
        ),
    )
    again = under(COPY, ("max = 40", "max = 40.0"))
    assert score_under(counted("8"), half) == Decimal("0.25") * 94 + 60
    assert score_under(counted("8"), again) == Decimal("0.25") * 98 + 60, "what closing the scores came to"


def test_a_month_closed_before_counts_were_kept_stands_by_what_was_claimed() -> None:
    assert score_under(counted(None, 9), under(COPY, ("max = 40", "max = 40.0"))) == Decimal("0.25") * 99 + 60


def test_an_item_that_was_not_measured_then_needs_a_count_that_nobody_kept() -> None:
    measured = 'zh = "对该月工作作出总结并做出下一个月工作计划", measure = { count = "plans", each = "10" }'
    with pytest.raises(Refused, match="缺少这些指标的评分"):
        score_under(counted("8"), under(COPY, ('zh = "对该月工作作出总结并做出下一个月工作计划"', measured)))


def test_a_score_that_is_not_rounded_decides_the_tier_with_all_of_its_places() -> None:
    told = having(month(SERVICE, "65"))
    told = replace(told, ratings=Ratings({}, Decimal(100), [[Decimal("53.33")]]))
    exact = under(SERVICE, score_places="none")
    assert score_under(told, exact) == Decimal("64.9975")
    assert [move.after.zh for move in tier_moves(told, exact, score_under(told, exact))] == ["< 65 → 0.5"]


def test_rewards_count_once_in_a_month_of_two_posts_that_both_take_them() -> None:
    half = replace(month(COPY, special="500").figures, scheduled=Decimal(10), of=Decimal(20))
    none = replace(month(COPY).figures, scheduled=Decimal(10), of=Decimal(20))
    told = replace(month(COPY), segments=(none, half))
    rewards = [line.amount_fen for line in replay(told, told.policy).result.lines if line.code.startswith("special")]
    assert rewards == [0, 50_000]


def test_the_table_of_the_post_gives_a_figure_and_the_own_grade_goes_before_every_grade() -> None:
    policy = under("d01-ec-department")
    rows = [("base", "", Decimal(4000)), ("base", "P2", Decimal(5000)), ("allowance", "", Decimal(7))]
    for table in (rows, rows[::-1]):
        kept = KeptFigures(under(SERVICE), {}, {}, {}, table=table)
        assert params_under(kept, policy) == {"base": 5000, "allowance": 7}
        his = KeptFigures(under(SERVICE), {}, {}, {"base": Decimal(1)}, table=table)
        assert params_under(his, policy)["base"] == 1
    assert params_under(KeptFigures(under(SERVICE), {}, {}, {}), policy) == {}


def test_a_month_without_a_score_is_paid_by_what_was_kept() -> None:
    told = replace(month(), score=None)
    assert replay(told, told.policy).result == told.result


def test_a_policy_that_pays_in_another_cycle_changes_nothing_even_with_other_figures() -> None:
    year = replace(month(), period="2026")
    assert replay(year, under(COPY, ('bonus = { value = "300"', 'bonus = { value = "400"'))).result == year.result


def test_a_class_that_does_not_name_its_input_is_by_the_score() -> None:
    told = under(COPY)
    rating = {"pieces": [{"ge": "90", "label": "A"}, {"label": "B"}]}
    found = tiers_of(Policy({**told.raw, "ratings": {"class": rating}}), Decimal(95))
    assert (found["ratings.class"].value, found["ratings.class"].told.zh) == ("A", "A")
