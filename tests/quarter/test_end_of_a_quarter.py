"""How a quarter ends: with its class alone, with its bonus by the day that the policy sets, or with a bonus that is void."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from approval.demo_company import filled
from approval.models.appraisal import Appraisal
from approval.models.audit import AuditEntry
from approval.models.beside import BonusVoid
from approval.models.cycle import Cycle
from approval.models.figures import RewardPenalty
from approval.models.outbox import OutboxMessage
from approval.models.payout import PayoutBatch, Payslip
from approval.models.people import WorkingDayException
from approval.models.policy import FrozenPolicy, PolicyVersion
from approval.rules.calendar import WorkingDays, due_after
from approval.rules.policy import chosen, load, read_shipped, shipped_text
from approval.rules.policy_figures import figures as boxes
from approval.rules.policy_lint import lints
from approval.rules.policy_text import PolicyText
from approval.services import appraisal, audit, bonus_pool, bonus_void, figures, pay, payout, policy
from approval.services.act import Act, Actor
from approval.services.desks import tasks_of
from approval.services.rulebook import policy_of
from approval.services.self_assessment import Draft, ItemScore, save_self_assessment, score_items
from tests.app_fixtures import ZONE, World, publish_shipped
from tests.quarter.test_quarter_and_year import JANUARY, compile_all, of, open_period, publish_quarterly
from tests.stages import TEAM, post_results
from workflows.engine import NotAllowed

QUARTER = "2026-Q4"
AFTER = date(2027, 1, 11)


def early(world: World) -> Act:
    return Act(world.session, Actor(None, frozenset({"hr", "admin"})), datetime(2026, 1, 1, 9, tzinfo=ZONE))


def cycle_of(world: World) -> Cycle:
    world.fresh()
    return world.session.scalars(select(Cycle).where(Cycle.period == QUARTER)).one()


def pass_all(world: World) -> None:
    for name in TEAM:
        appraisal.pass_review(world.act("gm" if name == "head" else "head"), of(world, name, QUARTER))
        world.session.commit()
    post_results(world, cycle_of(world))
    world.session.commit()


def letters_to(world: World, name: str) -> list[str]:
    world.fresh()
    rows = world.session.scalars(select(OutboxMessage).where(OutboxMessage.employee_id == world.employee(name).id))
    return [one.subject % json.loads(one.params) for one in rows]


@pytest.fixture
def classes(published: World) -> World:
    """4 January 2027: the fourth quarter runs under the four classes alone (D14), compiled and passed."""
    publish_shipped(early(published), ("d14-quarterly-category",))
    published.clock.go_to(JANUARY)
    open_period(published, QUARTER)
    compile_all(published, QUARTER)
    pass_all(published)
    return published


@pytest.fixture
def bonus(published: World) -> World:
    """4 January 2027: the fourth quarter with its bonus (D13), compiled and passed."""
    publish_quarterly(published)
    published.clock.go_to(JANUARY)
    open_period(published, QUARTER)
    compile_all(published, QUARTER)
    pass_all(published)
    return published


def test_the_four_classes_are_published_for_days_of_their_own(classes: World) -> None:
    assert policy_of(of(classes, "cs", QUARTER)).objection_days == 3
    assert {of(classes, name, QUARTER).state for name in TEAM} == {"publication"}
    page = classes.sign_in("cs2").get(f"/publications/{cycle_of(classes).id}")
    assert "员工" in page
    early_end = appraisal.ending_offer(classes.act("hr"), of(classes, "cs", QUARTER))
    assert early_end is not None
    assert not early_end.allowed


def test_a_policy_without_days_ends_its_publication_at_once_with_nothing_to_post(published: World) -> None:
    text = filled(shipped_text("d14-quarterly-category")).replace("objection_days = 3", "objection_days = 0")
    version = policy.draft_policy(early(published), text, policy.default_readings(text), date(2026, 1, 1))
    version.state, version.published_at = "published", early(published).at
    published.session.commit()
    published.clock.go_to(JANUARY)
    open_period(published, QUARTER)
    compile_all(published, QUARTER)
    appraisal.pass_review(published.act("head"), of(published, "cs", QUARTER))
    published.session.commit()
    assert of(published, "cs", QUARTER).state == "concluded"


def test_a_quarter_that_gives_only_a_class_ends_without_a_batch(classes: World) -> None:
    classes.clock.go_to(AFTER)
    page = classes.sign_in("head").post(f"/publications/{cycle_of(classes).id}/end")
    assert "没有要发放的金额，已结案" in page
    states = {name: of(classes, name, QUARTER).state for name in TEAM}
    assert {states[name] for name in TEAM if name != "head"} == {"concluded"}
    classes.sign_in("hr").post(f"/publications/{cycle_of(classes).id}/end")
    assert of(classes, "head", QUARTER).state == "concluded"
    assert payout.payable_months(classes.act("finance"), cycle_of(classes)) == []
    assert classes.session.scalars(select(PayoutBatch)).all() == []
    assert any("已结案" in one for one in letters_to(classes, "cs"))
    page = classes.sign_in("cs").get(f"/appraisals/{of(classes, 'cs', QUARTER).id}")
    assert "已结案" in page
    assert "总经理批准" not in page
    assert not any(QUARTER in str(task.params) for task in tasks_of(classes.act("finance")))
    assert list(audit.verify(classes.session)) == []


def test_an_ended_class_moves_no_more(classes: World) -> None:
    classes.clock.go_to(AFTER)
    appraisal.end_publication(classes.act("hr"), of(classes, "cs", QUARTER))
    classes.session.commit()
    gm = classes.act("gm")
    with pytest.raises(NotAllowed):
        appraisal.cancel(gm, of(classes, "cs", QUARTER), "录错了")
    with pytest.raises(NotAllowed):
        pay.release(gm, of(classes, "cs", QUARTER))
    with pytest.raises(NotAllowed):
        bonus_pool.open_pool(classes.act("head"), cycle_of(classes))


def test_a_class_with_a_pool_or_a_reward_has_something_to_pay(classes: World) -> None:
    cs2 = classes.employee("cs2").id
    row = RewardPenalty(employee_id=cs2, period=QUARTER, amount_fen=50_000, reason="专项奖", evidence="OA-1")
    row.entered_by_id = classes.employee("hr").id
    classes.session.add(row)
    classes.session.commit()
    classes.clock.go_to(AFTER)
    for name in ("cs", "cs2"):
        appraisal.end_publication(classes.act("hr"), of(classes, name, QUARTER))
        classes.session.commit()
    assert of(classes, "cs", QUARTER).state == "concluded"
    assert of(classes, "cs2", QUARTER).state == "split_approval"
    with pytest.raises(NotAllowed, match="有要发放的金额"):
        appraisal.conclude(classes.act("hr"), of(classes, "cs2", QUARTER))
    figures.confirm_reward(classes.act("finance"), row)
    assert pay.release(classes.act("hr"), of(classes, "cs2", QUARTER)).total_fen == 50_000


def test_a_reward_taken_back_leaves_nothing_to_pay(classes: World) -> None:
    row = RewardPenalty(employee_id=classes.employee("cs2").id, period=QUARTER, amount_fen=50_000, reason="专项奖")
    row.evidence, row.entered_by_id = "OA-1", classes.employee("hr").id
    classes.session.add(row)
    classes.session.commit()
    classes.clock.go_to(AFTER)
    appraisal.end_publication(classes.act("hr"), of(classes, "cs2", QUARTER))
    figures.drop_reward(classes.act("finance"), row, "录错了人")
    classes.session.commit()
    page = classes.sign_in("hr").post(f"/bonus-pools/without/{cycle_of(classes).id}")
    assert "已结案" in page
    assert of(classes, "cs2", QUARTER).state == "concluded"


@pytest.mark.parametrize(
    ("closed", "months", "days", "due"),
    [
        (date(2024, 3, 31), 1, 0, date(2024, 4, 30)),
        (date(2023, 1, 31), 1, 0, date(2023, 2, 28)),
        (date(2027, 1, 11), 1, 0, date(2027, 2, 11)),
        (date(2026, 9, 13), 1, 0, date(2026, 10, 13)),
        (date(2026, 12, 5), 2, 10, date(2027, 2, 15)),
        (date(2026, 8, 29), 0, 1, date(2026, 8, 29)),
        (date(2026, 8, 3), 1, 3, date(2026, 9, 4)),
    ],
)
def test_a_deadline_is_the_corresponding_day_and_early_where_it_is_not_worked(
    closed: date, months: int, days: int, due: date
) -> None:
    assert due_after(closed, months, days, WorkingDays({})) == due


def test_the_payday_follows_from_the_day_the_evaluation_really_closed(bonus: World) -> None:
    before = cycle_of(bonus)
    page = bonus.sign_in("hr").get(f"/cycles/{before.id}")
    assert "预计最迟发放日" in page
    assert before.evaluation_closed_on is None
    bonus.fresh()
    bonus.session.add(WorkingDayException(day=date(2027, 2, 11), works=False))
    bonus.session.commit()
    bonus.clock.go_to(AFTER)
    for name in TEAM[:-1]:
        appraisal.end_publication(bonus.act("hr"), of(bonus, name, QUARTER))
        bonus.session.commit()
    assert cycle_of(bonus).evaluation_closed_on is None
    appraisal.end_publication(bonus.act("hr"), of(bonus, TEAM[-1], QUARTER))
    bonus.session.commit()
    closed = cycle_of(bonus)
    assert (closed.evaluation_closed_on, closed.payday) == (AFTER, date(2027, 2, 10))
    told = select(AuditEntry).where(AuditEntry.stream == closed.stream, AuditEntry.action == "cycle:close_evaluation")
    assert json.loads(bonus.session.scalars(told).one().record)["body"]["deadlines"] == {
        "quarterly-bonus": ["payout", 1, 0]
    }
    page = bonus.sign_in("hr").get(f"/cycles/{closed.id}")
    assert "电子商务部绩效奖金方案" in page
    assert "遇休息日提前" in page


def test_an_overdue_payout_is_told_and_nothing_pays_by_itself(bonus: World) -> None:
    end_all(bonus)
    bonus.sign_in("head").post(f"/bonus-pools/without/{cycle_of(bonus).id}")
    payout.prepare_payout(bonus.act("finance"), cycle_of(bonus))
    bonus.session.commit()
    bonus.clock.go_to(date(2027, 2, 20))
    page = bonus.sign_in("hr").get(f"/cycles/{cycle_of(bonus).id}")
    assert "已过最迟发放日 9 天" in page
    batch = bonus.session.scalars(select(PayoutBatch)).one()
    number = batch.id
    assert "已过最迟发放日 9 天" in bonus.sign_in("finance").get(f"/payouts/{number}")
    bonus.fresh()
    assert bonus.session.get_one(PayoutBatch, number).state == "prepared"
    assert {of(bonus, name, QUARTER).state for name in TEAM} == {"payout"}


def end_all(world: World) -> None:
    world.clock.go_to(AFTER)
    for name in TEAM:
        appraisal.end_publication(world.act("hr"), of(world, name, QUARTER))
        world.session.commit()


def test_after_the_publication_the_inbox_says_what_is_next(bonus: World) -> None:
    end_all(bonus)
    texts = [task.text % task.params for task in tasks_of(bonus.act("head"))]
    assert any("公示已结束：请建立奖金池，或不设奖金池直接进入发放" in one for one in texts)


def test_a_bonus_won_by_manipulation_is_void_once_two_people_say_so(bonus: World) -> None:
    month = of(bonus, "cs", QUARTER)
    path, told = f"/appraisals/{month.id}/bonus-void", {"reason": "刷单 37 笔", "evidence": "稽核 2027-03"}
    assert "请填写这一项" in bonus.sign_in("head").post(path, {**told, "evidence": ""}, status=422)
    assert "刷单 37 笔" in bonus.sign_in("head").post(path, told)
    assert any("拟因违规取消：刷单 37 笔" in one for one in letters_to(bonus, "cs"))
    assert any("确认或撤销：马骏" in task.text % task.params for task in tasks_of(bonus.act("gm")))
    void = bonus.session.scalars(select(BonusVoid)).one().id
    bonus.session.commit()
    bonus.sign_in("head").post(f"/bonus-voids/{void}/confirm", status=403)
    bonus.sign_in("cs").get(path)
    assert "计为 0" in bonus.sign_in("gm").post(f"/bonus-voids/{void}/confirm")
    end_all(bonus)
    kept = pay.release(bonus.act("hr"), of(bonus, "cs", QUARTER))
    assert kept.total_fen == 0
    (line,) = pay.stored(kept).lines
    assert (line.amount_fen, line.terms[0].detail.zh, line.rules) == (0, "刷单 37 笔", ("R105", "R106", "R107"))
    assert "违规行为" in line.quote
    assert pay.recomputed(kept) == pay.stored(kept)
    other = pay.release(bonus.act("hr"), of(bonus, "cs2", QUARTER))
    assert other.total_fen > 0
    bonus.session.commit()
    assert any("已因违规取消：刷单 37 笔" in one for one in letters_to(bonus, "cs"))
    assert "奖金已因违规取消" in bonus.sign_in("cs").get(f"/appraisals/{month.id}")
    assert list(audit.verify(bonus.session)) == []
    payout.prepare_payout(bonus.act("finance"), cycle_of(bonus))
    bonus.session.commit()
    slip = bonus.session.scalars(select(Payslip).where(Payslip.employee_id == bonus.employee("cs").id)).one().id
    bonus.session.commit()
    page = bonus.sign_in("hr").get(f"/my/payslips/{slip}")
    assert "奖金已因违规取消" in page
    assert "刷单 37 笔" in page


def test_nobody_voids_his_own_bonus_or_confirms_his_own_entry(bonus: World) -> None:
    with pytest.raises(NotAllowed, match="取消自己奖金"):
        bonus_void.enter_void(bonus.act("head"), of(bonus, "head", QUARTER), "x", "y")
    with pytest.raises(NotAllowed, match="只有人事、总经理或部门负责人"):
        bonus_void.enter_void(bonus.act("lead"), of(bonus, "cs", QUARTER), "x", "y")
    void = bonus_void.enter_void(bonus.act("hr"), of(bonus, "cs", QUARTER), "刷单", "稽核 1")
    bonus.session.commit()
    with pytest.raises(NotAllowed, match="请由另一位同事确认"):
        bonus_void.confirm_void(bonus.act("hr"), void)
    with pytest.raises(NotAllowed, match="不能办理取消自己奖金"):
        bonus_void.drop_void(bonus.act("cs"), void, "没有的事")


def test_until_it_is_decided_the_bonus_is_not_computed_and_others_are(bonus: World) -> None:
    bonus_void.enter_void(bonus.act("hr"), of(bonus, "cs", QUARTER), "刷单", "稽核 1")
    end_all(bonus)
    with pytest.raises(NotAllowed, match="是否取消奖金的决定"):
        pay.release(bonus.act("hr"), of(bonus, "cs", QUARTER))
    assert pay.release(bonus.act("hr"), of(bonus, "cs2", QUARTER)).total_fen > 0


def test_an_entry_taken_back_leaves_the_bonus_as_it_was_and_may_be_entered_anew(bonus: World) -> None:
    void = bonus_void.enter_void(bonus.act("head"), of(bonus, "cs", QUARTER), "刷单", "稽核 1")
    with pytest.raises(NotAllowed, match="已经有一项取消记录"):
        bonus_void.enter_void(bonus.act("hr"), of(bonus, "cs", QUARTER), "刷单", "稽核 1")
    with pytest.raises(NotAllowed, match="请写明理由"):
        bonus_void.drop_void(bonus.act("gm"), void, " ")
    bonus_void.drop_void(bonus.act("gm"), void, "核实后不属实")
    bonus.session.commit()
    assert any("不再取消：核实后不属实" in one for one in letters_to(bonus, "cs"))
    again = bonus_void.enter_void(bonus.act("head"), of(bonus, "cs", QUARTER), "另一件事", "稽核 2")
    bonus_void.drop_void(bonus.act("gm"), again, "证据不足")
    end_all(bonus)
    assert pay.release(bonus.act("hr"), of(bonus, "cs", QUARTER)).total_fen > 0


def test_base_pay_is_never_void_nor_a_bonus_that_is_computed_or_whose_policy_says_nothing(bonus: World) -> None:
    with pytest.raises(NotAllowed, match="月度工资不能取消"):
        bonus_void.enter_void(bonus.act("hr"), of(bonus, "cs", "2026-10"), "x", "y")
    end_all(bonus)
    pay.release(bonus.act("hr"), of(bonus, "cs", QUARTER))
    with pytest.raises(NotAllowed, match="奖金已经计算"):
        bonus_void.enter_void(bonus.act("hr"), of(bonus, "cs", QUARTER), "x", "y")
    change_adjustments(bonus, of(bonus, "cs2", QUARTER), violation_voids_bonus=False)
    with pytest.raises(NotAllowed, match="没有规定违规取消奖金"):
        bonus_void.enter_void(bonus.act("hr"), of(bonus, "cs2", QUARTER), "x", "y")


def test_who_may_not_see_the_void_finds_no_page(bonus: World) -> None:
    number = of(bonus, "cs", QUARTER).id
    bonus.session.commit()
    for name in ("cs2", "lead", "finance", "shipper"):
        bonus.sign_in(name).get(f"/appraisals/{number}/bonus-void", status=404)
    assert "没有取消您这一期奖金的记录" in bonus.sign_in("cs").get(f"/appraisals/{number}/bonus-void")


def change_adjustments(world: World, month: Appraisal, **changes: bool) -> None:
    """Freeze a copy of a month's policy whose adjustments say something else."""
    raw = dict(policy_of(month).raw)
    raw["adjustments"] = {**raw.get("adjustments", {}), **changes}
    body = json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    frozen = FrozenPolicy(fingerprint=f"{hash(body) & 0xFFFFFFFF:064x}", body=body)
    world.session.add(frozen)
    world.session.flush()
    month.frozen_policy_id = frozen.id
    world.session.commit()


def test_a_policy_that_allows_no_adjustment_takes_no_reward(bonus: World) -> None:
    change_adjustments(bonus, of(bonus, "cs", QUARTER), allowed=False)
    row = RewardPenalty(employee_id=bonus.employee("cs").id, period=QUARTER, amount_fen=100, reason="奖", evidence="1")
    row.entered_by_id = bonus.employee("hr").id
    bonus.session.add(row)
    bonus.session.commit()
    with pytest.raises(NotAllowed, match="不允许调整"):
        figures.confirm_reward(bonus.act("finance"), row)
    row.confirmed_by_id, row.confirmed_at = bonus.employee("finance").id, bonus.act("finance").at
    bonus.session.commit()
    end_all(bonus)
    with pytest.raises(NotAllowed, match="方案不允许调整"):
        pay.release(bonus.act("hr"), of(bonus, "cs", QUARTER))


@pytest.mark.parametrize("code", ["d13-quarterly-bonus", "d14-quarterly-category"])
def test_the_weight_of_an_indicator_is_its_full_points_in_the_quarters_own_appraisal(code: str) -> None:
    own = chosen(read_shipped(code), {"quarter_score": "own"})
    assert {one.code: one.max for one in own.kpi} == {
        one["code"]: Decimal(one["weight"]) * 100 for one in own.raw["appraisal"]["indicators"]
    }
    assert sum(one.max for one in own.kpi) == 100
    assert "kpi" not in own.raw
    assert chosen(read_shipped(code), {}).kpi == ()


def test_a_changed_weight_moves_the_points_and_a_second_saying_blocks() -> None:
    text = shipped_text("d14-quarterly-category")
    moved = text.replace('"sales_target", weight = "0.2"', '"sales_target", weight = "0.4"')
    moved = moved.replace('"teamwork", weight = "0.2"', '"teamwork", weight = "0.0"')
    own = chosen(load(moved), {"quarter_score": "own"})
    assert [one.max for one in own.kpi] == [40, 20, 20, 20, 0]
    twice = chosen(load(moved + '\n[[kpi]]\ncode = "sales_target"\nmax = 100\nzh = "销售"\n'), {"quarter_score": "own"})
    assert "said_twice" in {one.code for one in lints(twice) if one.severity == "block"}


def test_a_quarter_of_classes_with_an_appraisal_of_its_own_is_scored_by_its_weights(published: World) -> None:
    publish_shipped(early(published), ("d14-quarterly-category",), {"quarter_score": "own"})
    published.clock.go_to(JANUARY)
    open_period(published, QUARTER)
    month, cs, lead = of(published, "cs", QUARTER), published.act("cs"), published.act("lead")
    items = policy_of(month).kpi
    save_self_assessment(cs, month, Draft(tuple(ItemScore(o.code, Decimal(20)) for o in items), None, ""))
    appraisal.submit(cs, month)
    score_items(lead, month, tuple(ItemScore(one.code, Decimal(18)) for one in items))
    appraisal.close_scores(lead, month)
    assert month.score == Decimal("92.50")
    appraisal.pass_review(published.act("head"), month)
    post_results(published, month.cycle)
    published.clock.go_to(AFTER)
    appraisal.end_publication(published.act("hr"), month)
    assert month.state == "concluded"


def test_the_cap_may_be_any_figure_which_the_company_fills_in() -> None:
    text = shipped_text("d01-ec-department")
    other = chosen(load(text), {"pool_cap": "other"})
    blocks = [one.path for one in lints(other) if one.severity == "block"]
    assert blocks == ["pools.annual_team.completion"]
    assert [one.path for one in lints(chosen(load(text), {})) if one.severity == "block"] == []
    filled = text.replace('cap = "1.2", to_fill = true', 'cap = "1.35"')
    done = chosen(load(filled), {"pool_cap": "other"})
    assert [one for one in lints(done) if one.severity == "block"] == []
    (annual,) = [one for one in done.pools if one["period"] == "year"]
    assert annual["completion"]["cap"] == "1.35"


def test_the_cap_and_the_weights_are_changed_in_the_boxes(published: World) -> None:
    told = shipped_text("d01-ec-department")
    raw, choices = load(told).raw, {"pool_cap": "other"}
    (cap,) = [one for one in boxes(raw, choices).rest if one.what == "完成率最多"]
    assert [names.zh for path, names in boxes(raw, choices).to_fill] == ["年度目标实际完成率的上限"]
    text = PolicyText(told)
    text.put(cap.path, "1.5")
    text.fill(cap.path[:-1])
    mine = chosen(load(text.text), text.own)
    assert text.own == {"pool_cap": "company"}
    assert [one for one in lints(mine) if one.severity == "block"] == []
    assert [one["completion"]["cap"] for one in mine.pools if one["period"] == "year"] == ["1.5"]
    raw = load(shipped_text("d14-quarterly-category")).raw
    weighed = boxes(raw, {"quarter_score": "own"}).indicators
    assert [(one.zh.text, one.most.what, one.most.text) for one in weighed] == [
        (name, "权重", "0.2") for name in ("销售目标完成情况", "客户满意度", "运营效率", "营销推广效果", "团队合作")
    ]
    assert boxes(raw, {"quarter_score": "own"}).items == ()


@pytest.mark.parametrize(("code", "most"), [("d13-quarterly-bonus", "25"), ("d14-quarterly-category", "20")])
def test_the_document_of_a_quarters_own_appraisal_shows_the_points_of_each_indicator(
    world: World, code: str, most: str
) -> None:
    hr = world.sign_in("hr")
    hr.post("/policies/new", {"shipped": code, "effective_from": "2026-12-01"})
    assert hr.last is not None
    path = hr.last.request.path
    version = world.session.scalars(select(PolicyVersion).order_by(PolicyVersion.id.desc())).first()
    assert version is not None
    version.choices = json.dumps({"quarter_score": "own"})
    world.session.commit()
    page = hr.get(path)
    assert f'data-l="满分">{most}<' in page
    assert "权重" in hr.get(f"{path}/figures")
