"""What the demo's months add up to: the tried year with its pool, the quarter with its bonus, an advice with its proofs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from approval import demo_company as data
from approval.demo_files import bring_files
from approval.demo_life import ZONE, Life
from approval.demo_month import open_cycle, pass_review, pay_out, talk, through_review
from approval.models.advice import Advice
from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.services import advice_evidence, coaching, means
from approval.services.advice import decide_advice
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
    """For everybody advised a talk and a training after the first low month, both cited by the advice."""
    for one in data.COACHED:
        person = life.people[one.number]
        held, said, led = one.talk
        spoken = coaching.keep_coaching(life.act(data.HR, held, 16), person, Coaching("talk", held, said, led))
        begins, ends, what, trainer, papers = one.training
        told = Coaching("training", begins, what, trainer, ends, papers)
        trained = coaching.keep_coaching(life.act(data.HR, begins, 9), person, told)
        advice = _advice_on(life, one.number)[0]
        day = max(ends, advice.proposed_at.astimezone(ZONE).date())
        for item, record in (("talk", spoken), ("training", trained)):
            advice_evidence.keep_evidence(life.act(data.HR, day, 17), advice, item, Proof(coaching_id=record.id))


def appraise_again(life: Life) -> None:
    """The month after a training, still low, and the word to the union: HR may now take that advice as well as drop it.

    What the same month proposed anew is one matter with it, and dropped.
    """
    number, period = data.APPRAISED_AGAIN
    advice, again = _advice_on(life, number)
    query = select(Appraisal).join(Cycle, Cycle.id == Appraisal.cycle_id)
    month = life.session.scalars(query.where(Appraisal.employee_id == advice.employee_id, Cycle.period == period)).one()
    day, told = data.UNION_TOLD
    hr = life.act(data.HR, day, 16)
    advice_evidence.keep_evidence(hr, advice, "second", Proof(appraisal_id=month.id))
    advice_evidence.keep_evidence(hr, advice, "union", Proof(told, day))
    decide_advice(hr, again, "drop", data.ONE_MATTER)


def _advice_on(life: Life, number: str) -> Sequence[Advice]:
    """What was proposed about somebody, in order."""
    query = select(Advice).where(Advice.employee_id == life.people[number].id).order_by(Advice.id)
    return life.session.scalars(query).all()
