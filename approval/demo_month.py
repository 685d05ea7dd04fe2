"""One month of the demo lived through: records, scores, review, publication, pool, pay; and the quarter's talk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from approval import demo_company as data
from approval.demo_life import Life, chance
from approval.gateways.bank_file import payment_file_sha256
from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.sampling import Sample
from approval.rules.calendar import period_bounds
from approval.services import (
    advice,
    appraisal,
    bonus_pool,
    cycle,
    feedback,
    guard,
    pay,
    payout,
    pool_split,
    publication,
    sampling,
    self_assessment,
)
from approval.services.facts import reviewer_of, weeks_of
from approval.services.rulebook import policy_of, scores_by_sampling


def open_cycle(life: Life, name: str, period: str, day: date | None = None) -> Cycle:
    act = life.act(data.HR, day or period_bounds(period)[0])
    return cycle.open_cycle(act, life.department(name), period).cycle


def draw_all(life: Life, month: Appraisal, until: date) -> None:
    """Draw every week that is over by a day, each on the Monday after it."""
    if not scores_by_sampling(policy_of(month)):
        return
    scorer = life.number(month.supervisor_id)
    for one in weeks_of(life.act(scorer, until), month):
        monday = one.week.monday + timedelta(days=7)
        if monday <= until:
            act = life.act(scorer, monday)
            sampling.draw_sample(
                act, month, one.week, sampling.record_seed(act, month, one.week, _seed(month, one.week.label))
            )


def _seed(month: Appraisal, label: str) -> Callable[[], str]:
    return lambda: hashlib.sha256(f"{month.cycle.period}|{month.employee_id}|{label}".encode()).hexdigest()[:32]


def score(life: Life, month: Appraisal, day: date, leave_open: int = 0) -> None:
    """Score all samples but the last few, or every KPI item, around the person's ability."""
    scorer = life.act(life.number(month.supervisor_id), day, 14)
    person = life.person(month)
    if not scores_by_sampling(policy_of(month)):
        self_assessment.score_items(scorer, month, _items(month, person, "supervisor"))
        return
    query = select(Sample).where(Sample.appraisal_id == month.id).order_by(Sample.draw_id, Sample.position)
    samples = life.session.scalars(query).all()
    for sample in samples[: len(samples) - leave_open]:
        score = Decimal(min(100, max(30, person.ability + chance(-7, 7, person.number, sample.work_item.code))))
        sampling.score_sample(scorer, month, sample, score, "没有核对收货地址" if score < 65 else "")


def _items(month: Appraisal, person: data.Person, rater: str) -> tuple[self_assessment.ItemScore, ...]:
    lift = 4 if rater == "self" else 0
    scores = []
    for item in policy_of(month).kpi:
        share = min(100, person.ability + lift + chance(-6, 6, person.number, month.cycle.period, rater, item.code))
        points = (item.max * share / 50).quantize(Decimal(1)) / 2
        scores.append(
            self_assessment.ItemScore(item.code, min(points, item.max), "按计划完成" if rater == "self" else "")
        )
    return tuple(scores)


def assess(life: Life, month: Appraisal, day: date, *, submit: bool = True) -> None:
    person = life.person(month)
    act = life.act(person.number, day, 11)
    own = Decimal(min(100, person.ability + chance(1, 8, person.number, month.cycle.period)))
    score = None if policy_of(month).kpi else own
    draft = self_assessment.Draft(
        _items(month, person, "self"), score, "本月按计划完成主要工作，下月重点跟进大促活动。"
    )
    self_assessment.save_self_assessment(act, month, draft)
    if submit:
        appraisal.submit(act, month)


def close(life: Life, month: Appraisal, day: date) -> None:
    appraisal.close_scores(life.act(life.number(month.supervisor_id), day, 16), month)


def pass_review(life: Life, month: Appraisal, day: date) -> None:
    number = life.number(reviewer_of(life.act(data.HR, day), month))
    appraisal.pass_review(life.act(number, day, 17), month)
    advice.flag_month(life.act(number, day, 17), month)
    advice.propose_advice(life.act(number, day, 17), month)


def through_review(life: Life, months: Sequence[Appraisal], days: tuple[date, date, date, date]) -> None:
    """Months from a drawn sample to a passed review; `days`: draws until, self-assessment, scores, review."""
    drawn, assessed, scored, passed = days
    for month in months:
        draw_all(life, month, drawn)
        assess(life, month, assessed)
        score(life, month, scored)
        close(life, month, scored)
        pass_review(life, month, passed)


def talk(life: Life, month: Appraisal, day: date) -> None:
    """One talk about a quarter's result; one person has still to have his, another has something to say."""
    number = month.employee.number
    if number == data.WITHOUT_TALK:
        return
    talk = feedback.Talk(day, data.DISCUSSED, data.AGREED)
    kept = feedback.keep_feedback(life.act(life.number(month.supervisor_id), day, 19), month, talk)
    answer = life.act(number, day + timedelta(days=1), 9)
    if number == data.COMMENTING:
        feedback.answer_feedback(answer, kept, data.COMMENT, confirm=False)
    else:
        feedback.answer_feedback(answer, kept, confirm=True)


def post_results(life: Life, opened: Cycle, day: date) -> None:
    """HR keeps where the results were posted, on the channels that the policies name."""
    hr = life.act(data.HR, day, 18)
    told = [
        publication.Posting(one.name, day, "" if place is None else place, place is None)
        for one, place in zip(publication.channels_in(hr, opened), data.CHANNELS, strict=False)
    ]
    if told:
        publication.keep_postings(hr, opened, told)


def pay_out(life: Life, name: str, opened: Cycle) -> None:
    post_results(life, opened, opened.review_due)
    act = life.act(data.HR, opened.approval_due, 8)
    for month in life.months(opened):
        if month.state == "publication":
            appraisal.end_publication(act, month)
    pool = split_pool(life, name, opened, opened.approval_due)
    approved = life.act("G0001", opened.approval_due, 12)
    if pool is not None and pool.split is not None:
        bonus_pool.approve_split(approved, pool, pool.split.fingerprint)
    for month in life.months(opened):
        pay.release(approved, month)
    day = min(opened.payday, data.LAST_PAID)  # a quarter's payday may lie after the demo's day; paid earlier is allowed
    batch = payout.prepare_payout(life.act("F0001", day, 9), opened)
    hr = life.act(data.HR, day, 9)
    for flag in guard.flags_on(hr, payout.payslips_of(hr, batch)):
        guard.decide_flag(hr, flag, data.BELOW_MINIMUM)
    payout.sign_off(life.act("G0001", day, 10), batch, batch.fingerprint)
    finance = life.act("F0001", day, 11)
    payout.export_payout(finance, batch, payment_file_sha256(batch, opened.period, payout.export_rows(finance, batch)))
    payout.mark_paid(life.act("F0001", day, 15), batch, {})
    if pool is not None:
        bonus_pool.pay_pool(finance, pool)
    for slip in payout.payslips_of(finance, batch):
        payout.acknowledge_payslip(life.act(slip.employee.number, day, 18), slip)


def split_pool(life: Life, name: str, opened: Cycle, day: date) -> BonusPool | None:
    if name not in data.POOLS or opened.period not in (*data.COMPLETION, data.FIRST_YEAR):
        return None
    head = next(number for number, office, where in data.OFFICES if office == "department_head" and where == name)
    act = life.act(head, day, 10)
    pool = bonus_pool.open_pool(act, opened)
    if opened.period == data.FIRST_YEAR:
        bonus_pool.enter_completion(act, pool, data.ANNUAL_COMPLETION, "年度经营报表，各部分完成率经财务核对")
    else:
        basis = f"{opened.period} 完成情况见销售月报"
        bonus_pool.enter_amount(act, pool, data.POOLS[name], data.COMPLETION[opened.period], basis)
    pool_split.propose_split(act, pool, "score")
    bonus_pool.submit_split(life.act(head, day, 11), pool)
    return pool
