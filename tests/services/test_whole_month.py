"""One person's October through the services alone, from draw to payslip: what every page stands on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.figures import Attendance, Figure
from approval.models.payout import Payslip
from approval.models.sampling import Sample, WorkItem
from approval.services import advice, appraisal, bonus_pool, ledger, pay, payout, pool_split, sampling
from approval.services.audit import verify
from approval.services.facts import weeks_of
from approval.services.rulebook import policy_of, scores_by_sampling
from approval.services.self_assessment import Draft, ItemScore, save_self_assessment, score_items
from tests.app_fixtures import PERIOD, World
from tests.stages import OFF, bring_counts, post_results


def bring_records(world: World, name: str, kind: str) -> None:
    for day in (1, 6, 7, 8, 13, 14, 15, 20, 21, 22, 27, 28, 29):
        item = WorkItem(employee_id=world.employee(name).id, kind=kind, code=f"{name}-{day}", title="退换货咨询")
        item.happened_on = date(2026, 10, day)
        world.session.add(item)


def draw_and_score(world: World, name: str, scorer: str, score: str) -> None:
    month, act = world.month(name), world.act(scorer)
    for week in weeks_of(act, month):
        draw = sampling.record_seed(act, month, week.week)
        sampling.draw_sample(act, month, week.week, draw)
    for sample in world.session.scalars(select(Sample).where(Sample.appraisal_id == month.id)):
        sampling.score_sample(act, month, sample, Decimal(score), "")


def all_months(world: World) -> list[Appraisal]:
    return [month for month in world.session.scalars(select(Appraisal)) if month.cycle.department.name == "电商部"]


def name_of(world: World, month: Appraisal) -> str:
    return next(short for short, number in world.numbers.items() if number == month.employee.number)


def scorer_of(world: World, month: Appraisal) -> str:
    return next(short for short in world.numbers if world.employee(short).id == month.supervisor_id)


def bring_figures(world: World, month: Appraisal) -> None:
    employee = month.employee_id
    row = Attendance(employee_id=employee, period=PERIOD, scheduled=Decimal(18), actual=Decimal(18))
    row.late, row.early, row.leave, row.absent_days = 0, 0, 0, Decimal(0)
    world.session.add(row)
    for code, value in (("sales", "43210.99"), ("neutral_fixed", "4"), ("negative_fixed", "2"), ("partners", "4")):
        proof = "TS-2026-10-3" if code.endswith("_fixed") else ""
        world.session.add(Figure(employee_id=employee, period=PERIOD, code=code, value=Decimal(value), evidence=proof))


def score_everybody(world: World) -> None:
    for month in all_months(world):
        own, scorer = world.act(name_of(world, month)), world.act(scorer_of(world, month))
        policy = policy_of(month)
        bring_counts(world, name_of(world, month))
        items = tuple(ItemScore(item.code, item.max - OFF.get(item.code, 1)) for item in policy.kpi)
        save_self_assessment(own, month, Draft(items, Decimal(90), "总结"))
        appraisal.submit(own, month)
        if scores_by_sampling(policy):
            bring_records(world, name_of(world, month), policy.sampling.population if policy.sampling else "customers")
            draw_and_score(world, name_of(world, month), scorer_of(world, month), "82")
        else:
            score_items(scorer, month, items)
        appraisal.close_scores(scorer, month)
        reviewer = world.act("gm" if name_of(world, month) == "head" else "head")
        appraisal.pass_review(reviewer, month)
        bring_figures(world, month)
    cycles = {month.cycle_id: month.cycle for month in all_months(world)}
    post_results(world, *cycles.values())


def test_october_goes_from_the_first_draw_to_a_receipt(world: World) -> None:
    score_everybody(world)
    world.clock.go_to(date(2026, 11, 9))
    hr, head, gm, finance = (world.act(name) for name in ("hr", "head", "gm", "finance"))
    for month in all_months(world):
        appraisal.end_publication(hr, month)
        advice.propose_advice(hr, month)
    pool = bonus_pool.open_pool(head, all_months(world)[0].cycle)
    bonus_pool.enter_amount(head, pool, 1_800_000, Decimal("0.95"), "十月完成率 95%")
    pool_split.propose_split(head, pool, "score")
    bonus_pool.submit_split(head, pool)
    assert pool.split is not None
    bonus_pool.approve_split(gm, pool, pool.split.fingerprint)
    for month in pay.months_to_release(gm, pool):
        kept = pay.release(gm, month)
        assert pay.recomputed(kept) == pay.stored(kept)
    batch = payout.prepare_payout(finance, pool.cycle)
    payout.sign_off(gm, batch, batch.fingerprint)
    payout.export_payout(finance, batch, "0" * 64)
    payout.mark_paid(finance, batch, {})
    bonus_pool.pay_pool(finance, pool)
    assert {month.state for month in all_months(world)} == {"paid"}
    assert pool.state == "paid"
    slips = world.session.scalars(select(Payslip)).all()
    assert sum(slip.total_fen for slip in slips) == batch.total_fen
    assert sum(ledger.balances(finance, batch).values()) == 0
    slip = next(one for one in slips if one.employee.number == "E1043")
    payout.acknowledge_payslip(world.act("cs"), slip)
    world.session.commit()
    assert slip.receipt_at is not None
    assert list(verify(world.session)) == []


def test_the_pool_share_is_a_line_of_the_payslip_and_nothing_of_the_pool_is_lost(world: World) -> None:
    score_everybody(world)
    world.clock.go_to(date(2026, 11, 9))
    hr, head, gm = (world.act(name) for name in ("hr", "head", "gm"))
    for month in all_months(world):
        appraisal.end_publication(hr, month)
    pool = bonus_pool.open_pool(head, all_months(world)[0].cycle)
    bonus_pool.enter_amount(head, pool, 1_000_001, Decimal(1), "董事会纪要")
    pool_split.propose_split(head, pool, "coefficient_base")
    bonus_pool.submit_split(head, pool)
    assert pool.split is not None
    bonus_pool.approve_split(gm, pool, pool.split.fingerprint)
    total = 0
    for month in pay.months_to_release(gm, pool):
        result = pay.stored(pay.release(gm, month))
        line = result.line("pool_share") or result.line("team_share")
        assert line is not None
        total += line.amount_fen
    assert total == 1_000_001
    assert world.session.scalars(select(BonusPool)).one().payable_fen == 1_000_001
    assert replace(result, notes=()).total_fen == sum(line.amount_fen for line in result.lines)
