"""Chapter 5: the head splits the pool to the fen, the general manager approves exactly what he saw, and pay is computed."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm.attributes import set_committed_value

from approval.models.audit import AuditEntry
from approval.models.figures import Attendance, Figure
from approval.rules.money import yuan
from approval.services import bonus_pool, pay, pool_split
from approval.services.step import Conflict
from tests.app_fixtures import Browser, World
from tests.stages import TEAM, bring_figures, pool_of, shares_of

PAYABLE = 1_710_000


def page_of(world: World) -> str:
    return f"/bonus-pools/{pool_of(world).id}"


def decision_of(world: World) -> str:
    return f"/approvals/{pool_of(world).id}"


def typed(world: World, reasons: str = "", **changed: int) -> dict[str, str]:
    """The head's form as the browser would send it, with some shares typed anew, in fen."""
    form = {"seen": str(pool_of(world).version)}
    for name, fen in {**shares_of(world), **changed}.items():
        key = world.employee(name).id
        form |= {f"share_{key}": yuan(fen), f"reason_{key}": reasons if name in changed else ""}
    return form


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def approve(world: World, gm: Browser, status: int = 303, **more: object) -> str:
    """The general manager reads the page, ticks what is red, and approves."""
    page = gm.get(decision_of(world))
    ticks = re.findall(r'name="ticked" value="([^"]+)"', page)
    return gm.post(page_of(world) + "/approve", {"seen": seen_on(page), "ticked": ticks, **more}, status=status)


def test_a_draft_by_score_sums_to_the_pool_and_follows_the_scores(ended: World) -> None:
    head = ended.sign_in("head")
    head.post(page_of(ended) + "/propose", {"method": "score"})
    shares = shares_of(ended)
    assert sum(shares.values()) == PAYABLE
    assert set(shares) == set(TEAM)
    assert shares["cs2"] > shares["cs"]


@pytest.mark.parametrize("method", ["score", "coefficient_base", "equal", "by_hand"])
def test_every_method_gives_out_the_whole_pool(ended: World, method: str) -> None:
    ended.sign_in("head").post(page_of(ended) + "/propose", {"method": method})
    assert sum(shares_of(ended).values()) == PAYABLE


def test_a_split_that_misses_one_fen_is_refused_and_stays_as_a_draft(ended: World) -> None:
    head = ended.sign_in("head")
    head.post(page_of(ended) + "/propose", {"method": "equal"})
    form = typed(ended, cs=shares_of(ended)["cs"] - 1)
    page = head.post(page_of(ended) + "/submit", form, status=409)
    assert "还剩 0.01 元没有分配" in page
    assert sum(shares_of(ended).values()) == PAYABLE - 1
    page = head.post(page_of(ended) + "/submit", typed(ended, cs=shares_of(ended)["cs"] + 2), status=409)
    assert "超出奖金池 0.01 元" in page
    assert pool_of(ended).state == "splitting"


def test_what_was_typed_wrong_stays_in_its_box_and_nothing_is_written(ended: World) -> None:
    head = ended.sign_in("head")
    head.post(page_of(ended) + "/propose", {"method": "equal"})
    before = shares_of(ended)
    form = typed(ended, cs=1) | {f"share_{ended.employee('cs2').id}": "一千元"}
    page = head.post(page_of(ended) + "/shares", form, status=422)
    assert 'value="一千元"' in page
    assert 'value="0.01"' in page
    assert "不是金额" in page
    assert shares_of(ended) == before


def test_a_share_that_strays_needs_its_reason(ended: World) -> None:
    head = ended.sign_in("head")
    head.post(page_of(ended) + "/propose", {"method": "equal"})
    form = typed(ended, cs=185_000, cs2=385_000)
    page = head.post(page_of(ended) + "/submit", form, status=409)
    assert "偏离建议 10% 以上须写明理由" in page
    form = typed(ended, "承担双十一预案", cs=185_000, cs2=385_000)
    head.post(page_of(ended) + "/submit", form)
    assert pool_of(ended).state == "submitted"


def test_the_rest_goes_to_the_others_by_their_weights_to_the_fen(ended: World) -> None:
    head = ended.sign_in("head")
    head.post(page_of(ended) + "/propose", {"method": "score"})
    head.post(page_of(ended) + "/fill", typed(ended, cs2=400_001))
    shares = shares_of(ended)
    assert shares["cs2"] == 400_001
    assert sum(shares.values()) == PAYABLE
    assert shares["lead"] > shares["cs"]


def test_more_than_the_pool_fixed_by_hand_cannot_be_filled(ended: World) -> None:
    head = ended.sign_in("head")
    head.post(page_of(ended) + "/propose", {"method": "score"})
    page = head.post(page_of(ended) + "/fill", typed(ended, cs2=PAYABLE + 1), status=422)
    assert "手工填写的份额已经超过奖金池" in page
    assert f'value="{yuan(PAYABLE + 1)}"' in page


def test_finance_changes_the_amount_and_the_heads_own_figures_stay(ended: World) -> None:
    head = ended.sign_in("head")
    head.post(page_of(ended) + "/propose", {"method": "score"})
    head.post(page_of(ended) + "/shares", typed(ended, "带教新人", cs2=400_000))
    ended.sign_in("finance").post(page_of(ended) + "/amount", {"amount": "20,000", "rate": "９５", "basis": "更正"})
    assert pool_of(ended).payable_fen == 1_900_000
    assert shares_of(ended)["cs2"] == 400_000
    assert "超出" in head.get(page_of(ended))


def test_the_amount_needs_its_basis_and_keeps_what_was_typed(ended: World) -> None:
    page = ended.sign_in("head").post(
        page_of(ended) + "/amount", {"amount": "123456.78", "rate": "95", "basis": ""}, status=422
    )
    assert "请填写这一项" in page
    assert 'value="123456.78"' in page
    assert pool_of(ended).payable_fen == PAYABLE


def test_an_upheld_correction_makes_the_suggestion_outdated(ended: World) -> None:
    head = ended.sign_in("head")
    head.post(page_of(ended) + "/propose", {"method": "score"})
    ended.sign_in("hr").post(f"/appraisals/{ended.month('cs').id}/cancel", {"reason": "重复开单"})
    page = head.post(page_of(ended) + "/submit", typed(ended), status=409)
    assert "得分或人员已有变化" in page
    head.post(page_of(ended) + "/propose", {"keep": "1"})
    assert "cs" not in shares_of(ended)
    head.post(page_of(ended) + "/submit", typed(ended))
    assert sum(shares_of(ended).values()) == PAYABLE


def test_two_windows_the_second_save_is_told_and_sees_both_figures(ended: World) -> None:
    one, other = ended.sign_in("head"), ended.sign_in("head")
    one.post(page_of(ended) + "/propose", {"method": "equal"})
    late = typed(ended, cs=111_100)
    one.post(page_of(ended) + "/shares", typed(ended, cs=222_200))
    page = other.post(page_of(ended) + "/shares", late, status=409)
    assert "别人刚刚改过" in page
    assert 'value="1111.00"' in page
    assert "现在的：¥2,222.00" in page
    assert shares_of(ended)["cs"] == 222_200


def test_the_general_manager_approves_in_three_clicks_without_a_character(submitted: World) -> None:
    gm = submitted.sign_in("gm")
    page = approve(submitted, gm)
    assert "已批准 ¥17,100.00 的分配方案" in page
    assert "已算出 6 人的工资" in page
    assert pool_of(submitted).state == "approved"
    assert {submitted.month(name).state for name in TEAM} == {"payout"}


def test_each_pay_holds_its_share_and_the_shares_are_the_pool(submitted: World) -> None:
    approve(submitted, submitted.sign_in("gm"))
    total = 0
    for name in TEAM:
        kept = pay.last_result(submitted.act("gm"), submitted.month(name))
        assert kept is not None
        line = pay.stored(kept).line("pool_share") or pay.stored(kept).line("team_share")
        assert line is not None
        total += line.amount_fen
        assert pay.recomputed(kept) == pay.stored(kept)
    assert total == PAYABLE


def test_the_page_shows_the_amount_in_capitals_and_the_fingerprint(submitted: World) -> None:
    page = submitted.sign_in("gm").get(decision_of(submitted))
    assert "壹万柒仟壹佰元整" in page
    split = pool_of(submitted).split
    assert split is not None
    assert split.fingerprint[:4] in page


def test_an_approval_of_a_version_that_has_changed_is_refused_and_told_what_changed(submitted: World) -> None:
    gm, head = submitted.sign_in("gm"), submitted.sign_in("head")
    seen = seen_on(gm.get(decision_of(submitted)))
    head.post(page_of(submitted) + "/withdraw")
    shares = shares_of(submitted)
    form = typed(submitted, "", cs=shares["cs"] + 100, cs2=shares["cs2"] - 100)
    head.post(page_of(submitted) + "/submit", form)
    page = gm.post(page_of(submitted) + "/approve", {"seen": seen}, status=409)
    assert "方案已有改动" in page
    assert "您看过之后，方案改动如下" in page
    assert f"{shares['cs'] // 100:,}" in page
    assert pool_of(submitted).state == "submitted"
    approve(submitted, gm)
    assert pool_of(submitted).state == "approved"


def test_a_red_exception_must_be_ticked(ended: World) -> None:
    head = ended.sign_in("head")
    head.post(page_of(ended) + "/propose", {"method": "score"})
    shares = shares_of(ended)
    form = typed(ended, "双十一统筹", head=shares["head"] + 50_000, ops=shares["ops"] - 50_000)
    head.post(page_of(ended) + "/submit", form)
    gm = ended.sign_in("gm")
    page = gm.get(decision_of(ended))
    assert "提交人给自己分了" in page
    refused = gm.post(page_of(ended) + "/approve", {"seen": seen_on(page), "opinion": "可以"}, status=409)
    assert "红色事项没有勾选" in refused
    assert "可以" in refused
    assert pool_of(ended).state == "submitted"
    approve(ended, gm)
    assert pool_of(ended).state == "approved"


def test_the_proposer_cannot_approve_even_as_general_manager(submitted: World) -> None:
    submitted.sign_in("head").post(page_of(submitted) + "/approve", status=403)
    pool = pool_of(submitted)
    assert pool.split is not None
    proposer = submitted.act("head")
    both = type(proposer)(
        proposer.session,
        type(proposer.actor)(proposer.person, frozenset({"general_manager"}), proposer.actor.headed),
        proposer.at,
    )
    with pytest.raises(Exception, match="提交人不能批准自己的分配方案"):
        bonus_pool.approve_split(both, pool, pool.split.fingerprint)


def test_a_return_needs_its_reason_and_the_next_version_starts_from_it(submitted: World) -> None:
    gm, head = submitted.sign_in("gm"), submitted.sign_in("head")
    seen = seen_on(gm.get(decision_of(submitted)))
    gm.post(page_of(submitted) + "/send_back", {"seen": seen, "reason": ""}, status=422)
    gm.post(page_of(submitted) + "/send_back", {"seen": seen, "reason": "请写明马骏的份额"})
    before = shares_of(submitted)
    assert "请写明马骏的份额" in head.get(page_of(submitted))
    head.post(page_of(submitted) + "/submit", typed(submitted, cs=before["cs"] + 1, cs2=before["cs2"] - 1))
    split = pool_of(submitted).split
    assert split is not None
    assert split.number == 2
    gm.post(page_of(submitted) + "/approve", {"seen": seen}, status=409)


def test_the_same_approval_twice_pays_once(submitted: World) -> None:
    gm = submitted.sign_in("gm")
    seen = seen_on(gm.get(decision_of(submitted)))
    body = {"seen": seen, "once": "a key of this page", "csrf_token": gm.token()}
    body["ticked"] = re.findall(r'name="ticked" value="([^"]+)"', gm.get(decision_of(submitted)))  # type: ignore[assignment]
    answers = [gm.client.post(page_of(submitted) + "/approve", data=body).status_code for _ in range(2)]
    assert answers == [303, 303]
    chain = [one.action for one in _chain(submitted)]
    assert chain.count("bonus_pool:approve") == 1
    assert chain.count("appraisal:release") == len(TEAM)


def _chain(world: World) -> list[AuditEntry]:
    world.fresh()
    return list(world.session.scalars(select(AuditEntry)))


def test_a_month_without_its_figures_waits_and_holds_nobody_else(ended: World) -> None:
    ended.session.execute(delete(Attendance).where(Attendance.employee_id == ended.employee("cs").id))
    ended.session.commit()
    head = ended.sign_in("head")
    head.post(page_of(ended) + "/propose", {"method": "score"})
    head.post(page_of(ended) + "/submit", typed(ended))
    page = approve(ended, ended.sign_in("gm"))
    assert "暂不进入发放" in page
    assert "已算出 5 人的工资" in page
    assert ended.month("cs").state == "split_approval"
    assert "还没有进入发放的 1 人" in ended.sign_in("finance").get(page_of(ended))
    bring_figures_again(ended)
    ended.sign_in("hr").post(page_of(ended) + "/release")
    assert ended.month("cs").state == "payout"


def bring_figures_again(world: World) -> None:
    world.session.execute(delete(Figure).where(Figure.employee_id == world.employee("cs").id))
    bring_figures(world, "cs")
    world.session.commit()


def test_heads_see_shares_but_no_pay_and_others_see_nothing(submitted: World) -> None:
    head = submitted.sign_in("head")
    page = head.get(page_of(submitted))
    assert re.search(r"(?<!\d)8,?000", page) is None
    head.get(decision_of(submitted), status=403)
    submitted.sign_in("other_head").get(page_of(submitted), status=404)
    submitted.sign_in("cs").get(page_of(submitted), status=403)


def test_of_two_decisions_at_once_one_wins_and_the_other_is_told(submitted: World) -> None:
    one, other = submitted.act("gm"), submitted.act("gm")
    pool = pool_of(submitted)
    assert pool.split is not None
    stale = pool.version
    bonus_pool.approve_split(one, pool, pool.split.fingerprint, 0)
    submitted.session.commit()
    set_committed_value(pool, "version", stale)
    set_committed_value(pool, "state", "submitted")
    with pytest.raises(Conflict):
        bonus_pool.send_back_split(other, pool, pool.split.fingerprint, "再想想")
    submitted.session.rollback()
    assert pool_of(submitted).state == "approved"


def test_a_department_without_a_pool_goes_on_without_one(ended: World) -> None:
    head = ended.sign_in("other_head")
    assert "没有奖金池" in head.get("/bonus-pools")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    amount=st.integers(0, 10**9),
    rate=st.integers(0, 15_000),
    method=st.sampled_from(["score", "coefficient_base", "equal", "by_hand"]),
    by_hand=st.dictionaries(st.sampled_from(TEAM[:4]), st.integers(0, 10**6), max_size=3),
)
def test_whatever_is_submitted_sums_to_the_pool(
    ended: World, amount: int, rate: int, method: str, by_hand: dict[str, int]
) -> None:
    pool, head = pool_of(ended), ended.act("head")
    bonus_pool.enter_amount(head, pool, amount, Decimal(rate).scaleb(-4), "会议纪要")
    pool_split.propose_split(head, pool, method)
    fixed = {
        ended.employee(name).id: fen
        for name, fen in by_hand.items()
        if sum(by_hand.values()) <= (pool.payable_fen or 0)
    }
    pool_split.change_shares(head, pool, {key: pool_split.Wish(fen) for key, fen in fixed.items()})
    pool_split.fill_rest(head, pool, frozenset(fixed))
    shares = pool_split.shares_of(head, pool.split_id)
    wishes = {one.employee_id: pool_split.Wish(one.share_fen, "理由") for one in shares}
    pool_split.change_shares(head, pool, wishes)
    bonus_pool.submit_split(head, pool)
    assert sum(one.share_fen for one in pool_split.shares_of(head, pool.split_id)) == pool.payable_fen
    ended.session.rollback()
