"""Nothing imported stands for a record, nothing is paid twice or lost: figures, rewards, the share of the pool, standards."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from approval.models.figures import Figure, RewardPenalty
from approval.models.people import Company
from approval.rules.pay import PayResult
from approval.rules.policy import chosen, load, shipped_text
from approval.rules.policy_asked import lines_on, pays_share
from approval.rules.policy_lint import lints
from approval.services import figures, guard, pay, people
from approval.services.audit import verify
from tests.app_fixtures import PERIOD, World
from tests.services.test_guard import penalty
from tests.services.test_sheets import bring_in, told
from workflows.engine import NotAllowed


def preview(world: World, name: str) -> PayResult:
    found = pay.preview(world.act("hr"), world.month(name))
    assert found is not None
    return found


def figure(world: World, name: str, code: str, value: str) -> None:
    world.session.add(Figure(employee_id=world.employee(name).id, period=PERIOD, code=code, value=Decimal(value)))
    world.session.flush()


@pytest.mark.parametrize(
    ("code", "value"), [("score", "100"), ("actual", "31"), ("team_share", "88888.88"), ("rewards", "9999")]
)
def test_a_figure_never_stands_for_a_score_the_attendance_a_share_or_a_reward(
    ended: World, code: str, value: str
) -> None:
    before = preview(ended, "cs")
    figure(ended, "cs", code, value)
    assert preview(ended, "cs") == before


@pytest.mark.parametrize("row", ["E1031 2026-10 score 100", "E1031 2026-10 scheduled 99", "E1031 2026-10 xyz 1"])
@pytest.mark.parametrize("sheet", ["factors", "counts"])
def test_a_code_that_no_policy_asks_for_or_that_a_record_says_is_refused_in_the_file(
    world: World, sheet: str, row: str
) -> None:
    who = "finance" if sheet == "factors" else "data"
    (problem,) = told(world, who, sheet, row)
    assert "没有方案用到这个编码" in problem
    assert world.session.scalars(select(Figure)).all() == []


def reward(world: World, name: str, yuan: int) -> RewardPenalty:
    row = penalty(world, name, -yuan)
    figures.confirm_reward(world.act("finance"), row)
    return row


def test_a_confirmed_reward_is_voided_by_somebody_else_than_who_entered_it(ended: World) -> None:
    row = penalty(ended, "ops", -500)
    figures.confirm_reward(ended.act("finance"), row)
    with pytest.raises(NotAllowed, match="录入人以外的同事"):
        figures.drop_reward(ended.act("hr"), row, "录错了")
    assert preview(ended, "ops").line("adjustment") is not None
    figures.drop_reward(ended.act("gm"), row, "录错了")
    assert preview(ended, "ops").line("adjustment") is None
    assert list(verify(ended.session)) == []


def test_a_reward_is_not_voided_once_it_was_paid(payable: World) -> None:
    row = penalty(payable, "cs", -500)
    row.confirmed_by_id, row.confirmed_at = payable.employee("finance").id, payable.act("gm").at
    payable.session.flush()
    with pytest.raises(NotAllowed, match="下一个月的奖惩"):
        figures.drop_reward(payable.act("gm"), row, "录错了")
    assert figures.rewards_not_paid(payable.act("gm")) == []


def test_a_reward_beside_a_deduction_does_not_lift_the_cap(ended: World) -> None:
    guard.allow_fines(ended.act("hr"), ended.session.scalars(select(Company)).one(), True, "员工手册第 12 条")
    reward(ended, "cs", 3000)
    figures.confirm_reward(ended.act("finance"), penalty(ended, "cs", 2500))
    with pytest.raises(NotAllowed, match="超过本月工资的 20%"):
        pay.release(ended.act("gm"), ended.month("cs"))


def test_a_standard_set_within_the_month_counts_from_the_next_and_the_first_one_from_its_day(ended: World) -> None:
    hr, copy = ended.act("hr"), ended.employee("copy")
    before = preview(ended, "copy")
    people.set_pay_standard(hr, copy, "base", Decimal(6000), date(2026, 10, 31))
    assert preview(ended, "copy") == before
    people.set_pay_standard(hr, copy, "bonus", Decimal(800), date(2026, 10, 20))
    line = preview(ended, "copy").line("performance_bonus")
    assert line is not None
    assert line.terms[0].value == "800"


def test_a_share_that_a_policy_only_declares_gets_a_line_of_its_own() -> None:
    text = shipped_text("d09-marketing")
    assert lines_on(chosen(load(text), {}), "team_share") == ("team_share",)
    start = text.index('[[components]]\ncode = "team_share"')
    without = chosen(load(text[:start] + text[text.index("[[components]]", start + 5) :]), {})
    assert "team_share" in without.inputs
    assert not pays_share(without)


SECOND = """
[[components]]
code = "%s"
zh = "又一项"
factors = [{ input = "%s" }]
"""


@pytest.mark.parametrize(("code", "line"), [("d08-customer-service", "rewards"), ("d09-marketing", "team_share")])
def test_one_sum_in_two_lines_blocks_the_policy(code: str, line: str) -> None:
    found = lints(chosen(load(shipped_text(code) + SECOND % ("again", line)), {}))
    assert [one.severity for one in found if one.code == "paid_twice"] == ["block"]
    assert not any(one.code == "paid_twice" for one in lints(chosen(load(shipped_text(code)), {})))


def test_the_office_may_bring_in_what_a_policy_counts(world: World) -> None:
    bring_in(world, "data", "counts", "E1043 2026-10 partners 3 -")
    assert [(one.code, one.value) for one in world.session.scalars(select(Figure))] == [("partners", Decimal(3))]


def test_reviews_that_are_paid_for_come_with_their_cases_or_not_at_all(world: World) -> None:
    lacking = told(world, "data", "counts", "E1043 2026-10 neutral_fixed 3 -")
    assert lacking == ["第 2 行“凭证号”：中评修改个数必须附凭证：请在“凭证号”一栏写明"]
    assert told(world, "data", "counts", "E1043 2026-10 neutral_fixed 0 -") == []
    assert told(world, "data", "sales", "E1043 2026-10 100 1 2 -") == [
        "第 2 行“凭证号”：中评修改个数、差评修改个数必须附凭证：请在“凭证号”一栏写明"
    ]
    bring_in(world, "data", "counts", "E1043 2026-10 neutral_fixed 3 TS-10-3")
    kept = world.session.scalars(select(Figure)).one()
    assert (kept.value, kept.evidence) == (Decimal(3), "TS-10-3")


def test_a_figure_without_the_evidence_that_its_policy_asks_for_waits(ended: World) -> None:
    figures = select(Figure).where(Figure.employee_id == ended.employee("cs").id, Figure.code == "neutral_fixed")
    kept = ended.session.scalars(figures).one()
    told = pay.gather(ended.act("hr"), ended.month("cs"))
    assert told.sources["neutral_fixed"] == f"by_hand, evidence:{kept.evidence}"
    kept.evidence = ""
    ended.session.commit()
    assert pay.gather(ended.act("hr"), ended.month("cs")).missing == ("中评修改个数的凭证",)
    assert pay.preview(ended.act("hr"), ended.month("cs")) is None
    kept.value = Decimal(0)
    ended.session.commit()
    assert pay.gather(ended.act("hr"), ended.month("cs")).missing == ()
