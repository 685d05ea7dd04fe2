"""The demo company brought to life: finished months, a quarter and an open October, lived through the services of any month."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from approval import demo_company as data
from approval.demo_files import bring_files
from approval.demo_founding import (
    draft_next_version,
    found,
    keep_minimum_wage,
    publish_policies,
    read_policies,
    set_targets,
)
from approval.demo_life import ZONE, Life
from approval.demo_month import (
    assess,
    close,
    draw_all,
    open_cycle,
    pass_review,
    pay_out,
    post_results,
    score,
    split_pool,
    through_review,
)
from approval.demo_quarter import appraise_again, coach, first_year, third_quarter
from approval.models.cycle import Cycle
from approval.models.outbox import OutboxMessage
from approval.services import appraisal, bonus_pool, objection, pay
from approval.services.act import Act, Actor


def tell(session: Session, started_at: datetime) -> None:
    """Write the whole demo into an empty database, whose clock then begins at `data.TODAY`. The caller commits."""
    life = Life(session, {})
    founder = Act(session, Actor(None, frozenset({"hr", "admin"})), datetime.combine(data.FOUNDED, time(8), ZONE))
    found(life, founder, started_at)
    publish_policies(life)
    keep_minimum_wage(life)
    read_policies(life)
    set_targets(life)
    first_year(life)
    for period in data.FINISHED:
        _finished_month(life, period)
    third_quarter(life)
    coach(life)
    _october(life)
    appraise_again(life)
    draft_next_version(life)
    session.flush()
    # What is long done needs no reading any more.
    old = datetime.combine(date(2026, 10, 25), time(), ZONE)
    for letter in session.scalars(select(OutboxMessage).where(OutboxMessage.created_at < old)):
        letter.read_at = letter.sent_at = letter.created_at


def _finished_month(life: Life, period: str) -> None:
    for name in ("电商部", "发货部", "财务行政部"):
        opened = open_cycle(life, name, period)
        bring_files(life, opened, opened.self_assessment_due)
        due = (opened.self_assessment_due, opened.self_assessment_due, opened.scores_due, opened.review_due)
        through_review(life, life.months(opened), due)
        pay_out(life, name, opened)


def _october(life: Life) -> None:
    """Three departments at three places of the month, so that everybody finds something to do."""
    shipping = open_cycle(life, "发货部", data.OPEN)
    early = (date(2026, 10, 30),) * 4
    bring_files(life, shipping, early[0])
    through_review(life, life.months(shipping), early)
    post_results(life, shipping, early[0])
    for month in life.months(shipping):
        appraisal.end_publication(life.act(data.HR, data.TODAY, 8), month)
    split_pool(life, "发货部", shipping, data.TODAY)
    office = open_cycle(life, "财务行政部", data.OPEN)
    bring_files(life, office, early[0], without="D0008")
    through_review(life, [one for one in life.months(office) if one.employee.number != "D0008"], early)
    for month in life.months(office):
        if month.state == "split_approval":
            pay.release(life.act(data.HR, date(2026, 11, 4)), month)
    _electronic(life, open_cycle(life, "电商部", data.OPEN))


# Who of the e-commerce department stands where on the demo's day; all others wait for the head's review.
NOT_BEGUN = ("E1045", "E1052")
DRAFTED = ("E1023",)
PARTLY_SCORED = {"E1043": 4, "E1044": 5, "E1041": 3}
READY_TO_CLOSE = ("E1042", "E1024", "E1031")
PUBLISHED = ("E1025", "E1051")


def _electronic(life: Life, opened: Cycle) -> None:
    bonus_pool.open_pool(life.act("D0012", date(2026, 11, 2)), opened)
    bring_files(life, opened, date(2026, 11, 2), without="E1032")
    for month in life.months(opened):
        number = month.employee.number
        draw_all(life, month, date(2026, 11, 2))
        if number not in NOT_BEGUN:
            assess(life, month, date(2026, 11, 3), submit=number not in DRAFTED)
        if number == "D0012" or number in (*NOT_BEGUN, *DRAFTED):
            continue
        score(life, month, date(2026, 11, 4), PARTLY_SCORED.get(number, 0))
        if number in PARTLY_SCORED or number in READY_TO_CLOSE:
            continue
        close(life, month, date(2026, 11, 4))
        if number in PUBLISHED:
            pass_review(life, month, date(2026, 11, 4))
        if number == "E1051":
            objection.raise_objection(
                life.act(number, data.TODAY, 8), month, "第三周的活动页由同事代班，请核对运营效率一项。"
            )
