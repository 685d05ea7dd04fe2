"""The law's bounds in the product: minimum wage flagged and decided in writing, deductions off until switched on, capped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from approval.models.appraisal import PayResult
from approval.models.figures import RewardPenalty
from approval.models.guard import MinimumWage, WageFlag
from approval.models.payout import PayoutBatch
from approval.models.people import Company
from approval.rules.refusal import Refused
from approval.services import figures, guard, pay, payout
from approval.services.audit import verify
from tests.app_fixtures import PASSWORD, World
from tests.month.test_6_payout import batch_of, page_of, sign_off
from tests.stages import TEAM
from workflows.engine import NotAllowed

PLACE = "甲市"


def guarded(world: World, yuan: int) -> None:
    """The department works in a place with a minimum wage."""
    hr = world.act("hr")
    guard.add_minimum_wage(hr, PLACE, date(2026, 1, 1), yuan * 100, "甲人社发〔2026〕1号")
    guard.set_place(hr, world.departments()["电商部"], PLACE)
    world.session.commit()


def flags(world: World) -> list[WageFlag]:
    world.fresh()
    return list(world.session.scalars(select(WageFlag).order_by(WageFlag.id)))


def test_a_unit_has_the_place_of_the_department_above_and_the_standard_of_the_day(world: World) -> None:
    guarded(world, 2000)
    guard.add_minimum_wage(world.act("hr"), PLACE, date(2026, 10, 15), 210_000, "甲人社发〔2026〕9号")
    unit = world.departments()["客服部"]
    assert guard.place_of(world.session, unit) == PLACE
    found = [guard.minimum_of(world.session, unit, day) for day in (date(2026, 10, 14), date(2026, 10, 31))]
    assert [one.amount_fen for one in found if one] == [200_000, 210_000]
    assert guard.minimum_of(world.session, world.departments()["发货部"], date(2026, 10, 31)) is None


def test_a_standard_is_never_edited_and_only_hr_keeps_it(world: World) -> None:
    guarded(world, 2000)
    with pytest.raises(Refused, match="新的生效日期"):
        guard.add_minimum_wage(world.act("hr"), PLACE, date(2026, 1, 1), 250_000, "另一份")
    with pytest.raises(NotAllowed, match="只有人事"):
        guard.add_minimum_wage(world.act("finance"), PLACE, date(2026, 2, 1), 250_000, "另一份")
    assert world.session.scalars(select(MinimumWage.amount_fen)).all() == [200_000]


def test_pay_below_the_minimum_stops_the_batch_until_hr_has_written_why(payable: World) -> None:
    guarded(payable, 4000)
    payable.sign_in("finance").post(f"/payouts/prepare/{payable.month('cs').cycle_id}")
    found = flags(payable)
    assert {one.pay_result.total_fen < 400_000 for one in found} == {True}
    totals = {pay.last_result(payable.act("hr"), payable.month(name)).total_fen for name in TEAM}  # type: ignore[union-attr]
    assert len(found) == sum(one < 400_000 for one in totals) > 0
    paid_before = [one.pay_result.total_fen for one in found]
    gm = payable.sign_in("gm")
    assert "低于最低工资" in gm.get(page_of(payable))
    assert "还有待处理的法定提示" in gm.get(page_of(payable))
    seen = batch_of(payable).fingerprint
    gm.post(page_of(payable) + "/sign_off", {"seen": seen, "password": PASSWORD}, status=409)
    assert batch_of(payable).state == "prepared"
    hr = payable.sign_in("hr")
    assert "低于最低工资" in hr.get("/inbox")
    for one in found:
        hr.post(f"/wage-flags/{one.id}/decide", {"decision": "事假 8 天，按出勤折算，本人已签字"})
    assert "事假 8 天" in gm.get(page_of(payable))
    sign_off(payable, payable.sign_in("gm"))
    assert batch_of(payable).state == "signed_off"
    assert [one.pay_result.total_fen for one in flags(payable)] == paid_before, "nothing is topped up"
    assert list(verify(payable.session)) == []


def test_overtime_is_not_held_against_the_minimum(payable: World) -> None:
    act, month = payable.act("finance"), payable.month("cs")
    kept = pay.last_result(act, month)
    assert kept is not None
    guarded(payable, kept.total_fen // 100)
    assert guard.flag_pay(act, [kept]) == [], "the whole of it is above"
    told = pay.stored(kept)
    lines = tuple(replace(line, outside_minimum=line.code == "base") for line in told.lines)
    marked = replace(told, lines=lines)
    again = PayResult(appraisal_id=month.id, round=kept.round, computed_at=kept.computed_at, inputs=kept.inputs)
    again.policy_fingerprint, again.lines, again.total_fen = kept.policy_fingerprint, marked.to_json(), kept.total_fen
    payable.session.add(again)
    payable.session.flush()
    (flag,) = guard.flag_pay(act, [again])
    assert flag.counted_fen == kept.total_fen - marked.outside_minimum_fen < flag.minimum_fen


def test_a_flag_is_decided_once_with_a_reason_and_not_by_others(payable: World) -> None:
    guarded(payable, 4000)
    payout.prepare_payout(payable.act("finance"), payable.month("cs").cycle)
    payable.session.commit()
    flag = flags(payable)[0]
    payable.sign_in("finance").post(f"/wage-flags/{flag.id}/decide", {"decision": "可以"}, status=403)
    with pytest.raises(Refused, match="理由"):
        guard.decide_flag(payable.act("hr"), flag, "  ")
    guard.decide_flag(payable.act("hr"), flag, "按出勤折算")
    with pytest.raises(NotAllowed, match="已经处理"):
        guard.decide_flag(payable.act("hr"), flag, "再写一次")


def test_without_a_standard_the_batch_says_that_nothing_was_checked(prepared: World) -> None:
    assert "还没有设定当地最低工资" in prepared.sign_in("gm").get(page_of(prepared))
    assert flags(prepared) == []


def penalty(world: World, name: str, yuan: int) -> RewardPenalty:
    row = RewardPenalty(
        employee_id=world.employee(name).id, period="2026-10", amount_fen=-yuan * 100, reason="赔偿损坏"
    )
    row.entered_by_id = world.employee("hr").id
    world.session.add(row)
    world.session.flush()
    return row


def test_deductions_are_off_until_hr_switches_them_on_with_a_reason(ended: World) -> None:
    row = penalty(ended, "cs", 50)
    with pytest.raises(NotAllowed, match="没有开启扣款"):
        figures.confirm_reward(ended.act("finance"), row)
    company = ended.session.scalars(select(Company)).one()
    guard.allow_fines(ended.act("hr"), company, True, "员工手册第 12 条，经民主程序")
    figures.confirm_reward(ended.act("finance"), row)
    assert row.confirmed_by_id is not None


def test_a_deduction_beyond_a_fifth_of_the_wage_waits_for_a_later_month(ended: World) -> None:
    company = ended.session.scalars(select(Company)).one()
    guard.allow_fines(ended.act("hr"), company, True, "员工手册第 12 条，经民主程序")
    figures.confirm_reward(ended.act("finance"), penalty(ended, "cs", 1500))
    ended.session.commit()
    before = pay.preview(ended.act("hr"), ended.month("cs"))
    assert before is not None
    with pytest.raises(NotAllowed, match="扣款（超过本月工资"):
        pay.release(ended.act("hr"), ended.month("cs"))
    assert ended.session.scalars(select(PayoutBatch)).all() == []


def test_hr_keeps_the_page_and_what_is_wrong_keeps_what_was_typed(world: World) -> None:
    hr = world.sign_in("hr")
    typed = {
        "what": "wage",
        "place": PLACE,
        "from_on": "2026-01-01",
        "amount": "2,100",
        "source": "甲人社发〔2026〕1号",
    }
    wrong = hr.post("/minimum-wages", {**typed, "from_on": "2026-13-01"}, status=422)
    assert 'value="甲市"' in wrong
    assert "请填写日期" in wrong
    assert "¥2,100.00" in hr.post("/minimum-wages", typed)
    again = hr.post("/minimum-wages", typed, status=422)
    assert "新的生效日期" in again
    unit = world.departments()["发货部"]
    assert PLACE in hr.post("/minimum-wages", {"what": "place", "department": unit.id, "place": PLACE})
    assert "允许扣款" in hr.post("/minimum-wages", {"what": "fines", "allowed": "yes", "reason": "员工手册第 12 条"})
    world.sign_in("auditor").post("/minimum-wages", typed, status=409)
    assert Decimal(world.session.scalars(select(MinimumWage.amount_fen)).one()) == 210_000


def test_a_policy_below_the_minimum_is_told_before_it_is_published(world: World) -> None:
    page = world.sign_in("hr").get("/policies/customer-service/1")
    assert "还没有登记最低工资，无法核对" in page
    guard.add_minimum_wage(world.act("hr"), PLACE, date(2026, 1, 1), 210_000, "甲人社发〔2026〕1号")
    for unit in ("电商部", "客服部"):
        guard.set_place(world.act("hr"), world.departments()[unit], PLACE)
    world.session.commit()
    page = world.sign_in("hr").get("/policies/customer-service/1")
    assert "满勤、0 分、没有其他收入时应发 ¥250.00，低于甲市最低工资 ¥2,100.00" in page
    assert "无法核对" not in page
    figures = "i.scheduled=22&i.actual=22&i.score=90&i.sales=1000&i.neutral_fixed=0&i.negative_fixed=0&i.rewards=0"
    example = world.sign_in("hr").get(f"/policies/customer-service/1?try=1&p.base=500&{figures}")
    assert "低于甲市最低工资 ¥2,100.00；发放前会提示人事处理，不自动补足" in example
    enough = figures.replace("i.sales=1000", "i.sales=90000")
    assert "发放前会提示人事处理" not in world.sign_in("hr").get(
        f"/policies/customer-service/1?try=1&p.base=500&{enough}"
    )
