"""A bonus that is void for a violation (R107): its own lines are zero, what was decided apart from it stays."""

from __future__ import annotations

from decimal import Decimal

from approval.rules.beside import Adjustment, Beside, completed, with_supplements
from approval.rules.explanation import PayResult
from approval.rules.pay import evaluate
from approval.rules.policy import Policy, load, read_shipped, shipped_text
from tests.rules.test_beside import GRADIENT, GROWTH, STANDARDS

VOID = Beside(7_00, adjustments=(Adjustment(3_00, "补"),), void="刷单")
MORE = """
[inputs.rewards]
type = "money"
zh = "奖惩"
signed = true
[inputs.team_share]
type = "money"
zh = "团队份额"
[[components]]
code = "rewards"
zh = "奖惩"
rules = ["company"]
factors = [{ input = "rewards" }]
[[components]]
code = "team_share"
zh = "团队份额"
rules = ["company"]
factors = [{ input = "team_share" }]
"""


def quarterly(more: str = "", voids: bool = True) -> Policy:
    text = shipped_text("d13-quarterly-bonus") + more
    return load(text if voids else text.replace("violation_voids_bonus = true", "violation_voids_bonus = false"))


def paid(policy: Policy, **inputs: str) -> PayResult:
    return evaluate(policy, {"quarter_bonus": Decimal(3000)}, {"score": "80", **inputs})


def amounts(result: PayResult) -> dict[str, int]:
    return {line.code: line.amount_fen for line in result.lines}


def test_the_lines_of_the_bonus_are_zero_with_the_reason_and_what_the_policy_says_of_violations() -> None:
    policy = quarterly()
    void = completed(paid(policy), [policy], VOID)
    assert [line.amount_fen for line in void.lines] == [0, 7_00, 3_00]
    assert void.total_fen == 10_00
    assert void.lines[0].rules == ("R105", "R106", "R107")
    assert [(term.kind, term.value, term.detail.zh) for term in void.lines[0].terms] == [("void", "0", "刷单")]


def test_rewards_penalties_and_the_share_that_a_line_pays_are_not_of_the_bonus() -> None:
    policy = quarterly(MORE)
    for reward in ("200", "-200"):
        before = paid(policy, rewards=reward, team_share="55")
        after = completed(before, [policy], Beside(55_00, void="刷单"))
        bonus = next(iter(amounts(before)))
        assert amounts(after) == amounts(before) | {bonus: 0}
        assert after.lines[1:] == before.lines[1:]


def test_the_lines_of_a_plan_beside_it_stay_where_that_plan_voids_nothing() -> None:
    policy, plan = quarterly(), read_shipped(GRADIENT)
    both = with_supplements(paid(policy), [evaluate(plan, STANDARDS, GROWTH)])
    void = completed(both, [policy, plan], Beside(void="刷单"))
    assert void.total_fen == both.total_fen - paid(policy).total_fen == 600_00
    other = completed(both, [quarterly(voids=False), plan], Beside(void="刷单"))
    assert other.total_fen == both.total_fen


def test_the_same_code_in_two_plans_is_void_only_in_the_one_that_says_so() -> None:
    strict, mild = quarterly(), quarterly(voids=False)
    both = with_supplements(paid(mild), [paid(strict)])
    void = completed(both, [mild, strict], Beside(void="刷单"))
    assert list(amounts(void).values()) == [2400_00, 0]


def test_a_result_kept_while_a_void_took_every_line_comes_to_the_same_again() -> None:
    policy = quarterly(MORE)
    before = paid(policy, rewards="200", team_share="55")
    kept = Beside.kept({"share_fen": 0, "void": "刷单", "adjustment_basis": {"rules": ["R107"], "quote": ""}})
    assert completed(before, [policy], kept).total_fen == 0
    assert "void_scope" not in kept.told()


def test_what_is_void_is_kept_with_its_scope_and_read_again() -> None:
    told = Beside(void="刷单").told() | {"share_fen": 0}
    assert told["void_scope"] == "bonus"
    assert Beside.kept(told) == Beside(void="刷单")
    assert "void_scope" not in Beside().told()
