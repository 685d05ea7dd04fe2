"""What the demo's months add up to: the tried year with its pool, the quarter with its bonus, an advice with its proofs."""

from __future__ import annotations

from sqlalchemy import select

from approval import demo_company as data
from approval.demo_files import bring_files
from approval.demo_life import Life
from approval.demo_month import open_cycle, pass_review, pay_out, talk, through_review
from approval.models.advice import Advice
from approval.services import advice_evidence, coaching, means
from approval.services.advice_evidence import Proof
from approval.services.coaching import Coaching


def first_year(life: Life) -> None:
    """December as a trial, and the year that it makes: its pool by the policy's own amount, split, approved and paid (R006)."""
    opened = open_cycle(life, "电商部", data.TRIAL)
    day = opened.self_assessment_due
    bring_files(life, opened, day)
    through_review(life, life.months(opened), (day, day, opened.scores_due, opened.review_due))
    pay_out(life, "电商部", opened)
    year = open_cycle(life, "电商部", data.FIRST_YEAR, opened.review_due)
    for month in life.months(year):
        means.take_means(life.act(data.HR, year.scores_due, 10), month)
        pass_review(life, month, year.review_due)
    pay_out(life, "电商部", year)


def third_quarter(life: Life) -> None:
    """The quarter of the two finished months: compiled, reviewed, published and paid within one month (R103)."""
    opened = open_cycle(life, "电商部", data.QUARTER)
    for month in life.months(opened):
        means.take_means(life.act(data.HR, opened.scores_due), month)
        pass_review(life, month, opened.review_due)
        talk(life, month, opened.review_due)
    pay_out(life, "电商部", opened)


def coach(life: Life) -> None:
    """A talk after the first low month, a training after the second; both cited by the advice, which HR has still to decide."""
    person = life.people[data.ADVISED]
    held, said, led = data.TALK_HELD
    spoken = coaching.keep_coaching(life.act(data.HR, held, 16), person, Coaching("talk", held, said, led))
    begins, ends, what, trainer, papers = data.TRAINING
    told = Coaching("training", begins, what, trainer, ends, papers)
    trained = coaching.keep_coaching(life.act(data.HR, begins, 9), person, told)
    advice = life.session.scalars(select(Advice).where(Advice.employee_id == person.id)).one()
    for item, record in (("talk", spoken), ("training", trained)):
        proof = Proof(coaching_id=record.id)
        advice_evidence.keep_evidence(life.act(data.HR, ends, 17), advice, item, proof)
