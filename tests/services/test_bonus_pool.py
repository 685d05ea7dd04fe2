"""The pool's verbs: amount, suggestion, versions and fingerprints; nothing unknown is taken for zero."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from approval.models.bonus_pool import PoolSplit
from approval.models.people import PayStandard
from approval.rules.policy import chosen, read_shipped
from approval.rules.refusal import Refused
from approval.services import appraisal, bonus_pool, pay, people, pool_split
from approval.services.audit import verify
from approval.services.pool_split import Wish
from approval.services.rulebook import freeze
from approval.services.suggestion import weights
from tests.app_fixtures import World
from tests.stages import cycle_of, pool_of, shares_of
from workflows.engine import NotAllowed


def test_the_payable_sum_is_rounded_once_half_up(ended: World) -> None:
    bonus_pool.enter_amount(ended.act("finance"), pool_of(ended), 1_000_001, Decimal("0.5"), "会议纪要")
    assert pool_of(ended).payable_fen == 500_001


def test_only_the_head_and_finance_enter_the_amount_and_only_with_a_basis(ended: World) -> None:
    with pytest.raises(NotAllowed, match="部门负责人"):
        bonus_pool.enter_amount(ended.act("other_head"), pool_of(ended), 100, Decimal(1), "依据")
    with pytest.raises(Refused, match="依据"):
        bonus_pool.enter_amount(ended.act("head"), pool_of(ended), 100, Decimal(1), " ")
    with pytest.raises(Refused, match="超出范围"):
        bonus_pool.enter_amount(ended.act("head"), pool_of(ended), 10**12, Decimal(10), "依据")


def test_a_missing_base_pay_is_named_and_never_a_zero(ended: World) -> None:
    head, pool = ended.act("head"), pool_of(ended)
    ended.session.delete(
        ended.session.scalars(select(PayStandard).where(PayStandard.employee_id == ended.employee("copy").id)).one()
    )
    ended.session.flush()
    with pytest.raises(Refused, match="林晓雨 E1023"):
        pool_split.propose_split(head, pool, "coefficient_base")


def test_a_month_without_a_score_keeps_the_draft_by_score_from_being_made(closed: World) -> None:
    appraisal.return_to_supervisor(closed.act("head"), closed.month("cs"), "请复核")
    pool = bonus_pool.open_pool(closed.act("head"), cycle_of(closed))
    bonus_pool.enter_amount(closed.act("head"), pool, 100_000, Decimal(1), "依据")
    with pytest.raises(Refused, match="还没有得分的人：马骏 E1043"):
        pool_split.propose_split(closed.act("head"), pool, "score")
    pool_split.propose_split(closed.act("head"), pool, "equal")
    assert sum(shares_of(closed).values()) == 100_000


def test_a_leaver_has_no_share_and_his_part_stays_in_the_pool(ended: World) -> None:
    people.leave(ended.act("hr"), ended.employee("ops"), cycle_of(ended).last_on.replace(day=15), "个人原因")
    ended.session.flush()
    assert "E1031" not in weights(ended.act("head"), pool_of(ended), "score")
    pool_split.propose_split(ended.act("head"), pool_of(ended), "score")
    assert sum(shares_of(ended).values()) == 1_710_000
    assert "ops" not in shares_of(ended)


def test_a_policy_may_leave_the_head_out_of_the_pool(ended: World) -> None:
    assert "D0012" in weights(ended.act("head"), pool_of(ended), "score")
    policy = chosen(read_shipped("d01-ec-department"), {"head_shares": "no"})
    ended.month("lead").frozen_policy_id = freeze(ended.act("hr"), policy).id
    ended.session.commit()
    assert "D0012" not in weights(ended.act("head"), pool_of(ended), "score")
    pool_split.propose_split(ended.act("head"), pool_of(ended), "score")
    assert sum(shares_of(ended).values()) == 1_710_000


def test_a_share_is_explained_by_coefficient_times_base(ended: World) -> None:
    found = weights(ended.act("head"), pool_of(ended), "coefficient_base")
    assert found["D0012"] == Decimal("9600.000000")
    assert found["E1043"] == Decimal("500.000000")


def test_a_returned_version_stays_and_the_next_one_starts_from_it(submitted: World) -> None:
    pool, gm, head = pool_of(submitted), submitted.act("gm"), submitted.act("head")
    old = pool.split
    assert old is not None
    bonus_pool.send_back_split(gm, pool, old.fingerprint, "请再核对")
    before = {one.employee_id: one.share_fen for one in pool_split.shares_of(head, old.id)}
    pool_split.change_shares(head, pool, {submitted.employee("cs").id: Wish(1)})
    assert pool.split_id != old.id
    assert {one.employee_id: one.share_fen for one in pool_split.shares_of(head, old.id)} == before
    assert [one.number for one in submitted.session.scalars(select(PoolSplit).order_by(PoolSplit.id))] == [1, 2]


def test_a_changed_basis_makes_another_version_even_with_the_same_shares(submitted: World) -> None:
    pool, head = pool_of(submitted), submitted.act("head")
    assert pool.split is not None
    seen = pool.split.fingerprint
    bonus_pool.withdraw_split(head, pool)
    bonus_pool.enter_amount(head, pool, 1_710_000, Decimal(1), "另一份纪要")
    bonus_pool.submit_split(head, pool)
    with pytest.raises(NotAllowed, match="方案已有改动"):
        bonus_pool.approve_split(submitted.act("gm"), pool, seen)


def test_a_month_voided_after_the_proposal_keeps_it_from_being_approved(submitted: World) -> None:
    appraisal.cancel(submitted.act("hr"), submitted.month("cs"), "重复开单")
    pool = pool_of(submitted)
    assert pool.split is not None
    with pytest.raises(NotAllowed, match="得分或人员已有变化"):
        bonus_pool.approve_split(submitted.act("gm"), pool, pool.split.fingerprint)


def test_nothing_of_a_submitted_split_can_be_changed(submitted: World) -> None:
    pool, head = pool_of(submitted), submitted.act("head")
    for change in (
        lambda: pool_split.change_shares(head, pool, {submitted.employee("cs").id: Wish(1)}),
        lambda: bonus_pool.enter_amount(head, pool, 1, Decimal(1), "依据"),
        lambda: pool_split.propose_split(head, pool, "equal"),
        lambda: pool_split.fill_rest(head, pool, frozenset()),
    ):
        with pytest.raises(NotAllowed, match="方案已经提交"):
            change()


def test_no_pool_is_opened_once_a_month_went_to_payout_without_one(submitted: World) -> None:
    gm, pool = submitted.act("gm"), pool_of(submitted)
    assert pool.split is not None
    bonus_pool.approve_split(gm, pool, pool.split.fingerprint, ticked=["own-1"])
    pay.release(gm, submitted.month("cs"))
    assert bonus_pool.open_pool(submitted.act("head"), cycle_of(submitted)).id == pool.id
    with pytest.raises(NotAllowed, match="可以建立奖金池"):
        bonus_pool.open_pool(submitted.act("head"), cycle_of(submitted, "发货部"))
    submitted.session.commit()
    assert list(verify(submitted.session)) == []
